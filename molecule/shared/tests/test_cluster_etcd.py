# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role etcd with three members: one cluster with a quorum, which one member may leave and enter again."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cluster import ETCD, POSTGRESQL, eventually, on
from test_cluster_postgresql import leader as postgresql_leader

TLS = "/etc/dockmaster/etcd"


def etcdctl(name: str, command: str) -> str:
    """The answer of the member on a host."""
    options = f"--endpoints https://{ETCD[name]}:2379 --cacert {TLS}/ca.crt --cert {TLS}/member.crt --key {TLS}/member.key"
    return str(on(name).check_output(f"ETCDCTL_API=3 etcdctl --command-timeout 5s {options} {command}"))


def statuses() -> dict[str, Any]:
    """What each member says of itself."""
    return {name: json.loads(etcdctl(name, "endpoint status --write-out json"))[0]["Status"] for name in ETCD}


@pytest.mark.parametrize("name", ETCD)
def test_every_member_counts_the_same_voters(name: str) -> None:
    members = json.loads(etcdctl(name, "member list --write-out json"))["members"]
    assert sorted(member["name"] for member in members if not member.get("isLearner")) == sorted(ETCD)
    assert all(url.startswith("https://") for member in members for url in member["peerURLs"] + member["clientURLs"])


def test_one_leads_and_all_agree_who() -> None:
    seen = statuses()
    assert len({status["header"]["cluster_id"] for status in seen.values()}) == 1
    assert len({status["leader"] for status in seen.values()}) == 1
    assert sum(status["leader"] == status["header"]["member_id"] for status in seen.values()) == 1


@pytest.mark.parametrize("name", ETCD)
def test_members_let_in_nobody_without_a_certificate(name: str) -> None:
    for port in (2379, 2380):
        assert on(name).run(f"curl --silent --max-time 5 --cacert {TLS}/ca.crt https://{ETCD[name]}:{port}/version").rc != 0


def leading() -> str:
    """The member that leads by its own account."""
    return next(name for name, status in statuses().items() if status["leader"] == status["header"]["member_id"])


@pytest.mark.skipif(not set(ETCD) & set(POSTGRESQL), reason="etcd has hosts of its own in this scenario")
def test_etcd_does_not_lead_where_postgresql_leads() -> None:
    """Not even when it is told to: the host that holds both leads could take the key back from its successor when it wakes up."""
    shared = postgresql_leader()
    assert eventually(lambda: leading() != shared, 20)
    own = statuses()[shared]["header"]["member_id"]
    etcdctl(leading(), f"move-leader {own:x}")
    assert eventually(lambda: leading() != shared, 20)
    assert "gave the lead of etcd" in on(shared).check_output("journalctl --unit dockmaster-postgresql-apart --no-pager --lines 5")


def test_the_cluster_does_without_its_leader() -> None:
    leader = leading()
    other = next(name for name in ETCD if name != leader)
    on(leader).check_output("systemctl stop etcd")
    try:
        assert eventually(lambda: etcdctl(other, "put /dockmaster/test written"), 15) == "OK"
    finally:
        on(leader).check_output("systemctl start etcd")
    assert eventually(lambda: etcdctl(leader, "get --print-value-only /dockmaster/test")) == "written"
    assert etcdctl(leader, "del /dockmaster/test") == "1"
