# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role postgresql with three members: what was acknowledged survives the leader, and the leader comes back by itself."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cluster import LAB, POSTGRESQL, eventually, on


def members() -> dict[str, dict[str, Any]]:
    """Name of each member to what Patroni says of it, asked wherever an answer comes from."""
    for name in POSTGRESQL:
        answer = on(name).run("patronictl --config-file /etc/dockmaster/postgresql/patroni.yml list --format json")
        if answer.rc == 0:
            return {member["Member"]: member for member in json.loads(answer.stdout)}
    raise AssertionError("no member answers")


def leader() -> str:
    """The one leader; AssertionError when there is none or more than one."""
    found = [name for name, member in members().items() if member["Role"] == "Leader" and member["State"] == "running"]
    assert len(found) == 1, found
    return found[0]


def whole() -> bool:
    """A leader, and every other member streams and counts for commits."""
    seen = members()
    roles = sorted(member["Role"] for member in seen.values())
    return roles == ["Leader", "Quorum Standby", "Quorum Standby"] and all(
        member["State"] in ("running", "streaming") for member in seen.values()
    )


def sql(name: str, text: str) -> str:
    """One value, asked as the superuser over the local socket."""
    return str(on(name).check_output(f"psql -U postgres -d postgres -Atc {json.dumps(text)}"))


def test_one_leads_and_the_others_stream() -> None:
    assert sorted(members()) == sorted(POSTGRESQL)
    eventually(whole)


def test_a_commit_waits_for_any_one_replica() -> None:
    assert sql(leader(), "show synchronous_standby_names").startswith("ANY 1 (")
    assert sql(leader(), "show synchronous_commit") == "on"


def test_each_replica_has_a_slot_and_comes_over_tls() -> None:
    eventually(whole)
    name = leader()
    replicas = "|".join(sorted(set(POSTGRESQL) - {name}))
    slots = "select string_agg(slot_name, '|' order by slot_name) from pg_replication_slots where active and slot_type = 'physical'"
    assert sql(name, slots) == replicas
    encrypted = (
        "select string_agg(application_name, '|' order by application_name) from pg_stat_replication join pg_stat_ssl using (pid) where ssl"
    )
    assert sql(name, encrypted) == replicas
    # And looks at the leader's certificate.
    assert [replica for replica in replicas.split("|") if "sslmode=verify-ca" not in sql(replica, "show primary_conninfo")] == []


@pytest.mark.parametrize("name", POSTGRESQL)
def test_settings_fit_the_host_and_the_clients(name: str) -> None:
    assert sql(name, "show shared_buffers") == "256MB"
    assert sql(name, "show max_connections") == "200"
    assert sql(name, "show data_checksums") == "on"


def test_a_killed_leader_loses_nothing_and_comes_back() -> None:
    eventually(whole)
    killed = leader()
    timeline = members()[killed]["TL"]
    sql(killed, "create table if not exists dockmaster_test (word text)")
    sql(killed, "insert into dockmaster_test values ('acknowledged')")
    on(killed).check_output("systemctl mask --runtime patroni && systemctl kill --signal=KILL patroni")
    try:
        follower = eventually(lambda: next(name for name in [leader()] if name != killed), 60)
        assert sql(follower, "select distinct word from dockmaster_test") == "acknowledged"
        sql(follower, "drop table dockmaster_test")
    finally:
        on(killed).check_output("systemctl unmask --runtime patroni; systemctl reset-failed patroni; systemctl start patroni")
    eventually(whole, 120)
    assert members()[killed]["Role"] == "Quorum Standby"
    assert members()[killed]["TL"] > timeline


def test_a_leader_that_was_cut_off_is_rewound() -> None:
    """What it wrote alone, and nobody was told to be safe, is gone; the rest of its data need not be copied anew."""
    eventually(whole)
    former = leader()
    others = [name for name in POSTGRESQL if name != former]
    since = int(on(former).check_output("date +%s"))
    ask = ("psql", "-U", "postgres", "-d", "postgres", "-Atc")
    LAB.cut(former)
    try:
        LAB.run(former, *ask, "set synchronous_commit = local; create table written_alone (word text)")
        assert eventually(lambda: "f" in [LAB.run(name, *ask, "select pg_is_in_recovery()").strip() for name in others])
    finally:
        LAB.join(former)
    # First this: for some seconds the cluster store still says of it what it was.
    assert eventually(lambda: "running pg_rewind" in on(former).check_output(f"journalctl --unit patroni --no-pager --since=@{since}"), 60)
    eventually(whole, 120)
    assert sql(former, "select to_regclass('written_alone') is null") == "t"


def test_a_copy_that_was_cut_off_is_made_anew() -> None:
    """As a power loss leaves it: with a label, and without the file that is copied last. Other data is never removed."""
    eventually(whole)
    host = on(next(name for name in POSTGRESQL if name != leader()))
    data = "/var/lib/postgresql/17/main"
    since = int(host.check_output("date +%s"))
    host.check_output(f"systemctl stop patroni && rm {data}/global/pg_control && systemctl start patroni")
    try:
        assert eventually(lambda: "system ID is invalid" in host.check_output(f"journalctl --unit patroni --no-pager --since=@{since}"), 30)
        assert host.file(f"{data}/PG_VERSION").exists
    finally:
        host.check_output(f"systemctl stop patroni && runuser -u postgres touch {data}/backup_label && systemctl start patroni")
    eventually(whole, 120)
    assert "removing a copy that was cut off" in host.check_output(f"journalctl --unit patroni --no-pager --since=@{since}")
