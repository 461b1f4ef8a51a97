# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role etcd: one healthy voter that talks to nobody without a certificate."""

from __future__ import annotations

import json
from typing import Any

import pytest

TLS = "/etc/dockmaster/etcd"


@pytest.fixture(scope="module")
def address(url: str) -> str:
    return url.removeprefix("https://")


@pytest.fixture(scope="module")
def etcdctl(address: str) -> str:
    return (
        f"etcdctl --command-timeout 5s --endpoints https://{address}:2379 --cacert {TLS}/ca.crt"
        f" --cert {TLS}/member.crt --key {TLS}/member.key"
    )


def test_service_runs_and_comes_back_after_a_boot(host: Any) -> None:
    assert host.service("etcd").is_running
    assert host.service("etcd").is_enabled


def test_it_leads_a_cluster_of_one(host: Any, etcdctl: str) -> None:
    (status,) = json.loads(host.check_output(f"{etcdctl} endpoint status -w json"))
    assert status["Status"]["leader"] == status["Status"]["header"]["member_id"]
    (member,) = json.loads(host.check_output(f"{etcdctl} member list -w json"))["members"]
    assert member["name"] == host.check_output("hostname")
    assert not member.get("isLearner")


def test_it_keeps_what_is_written(host: Any, etcdctl: str) -> None:
    host.run_expect([0], f"{etcdctl} put /test/key written")
    assert host.check_output(f"{etcdctl} get /test/key --print-value-only") == "written"
    host.run_expect([0], f"{etcdctl} del /test/key")


def test_a_client_without_certificate_is_refused(host: Any, address: str) -> None:
    command = f"etcdctl --command-timeout 3s --endpoints https://{address}:2379 --cacert {TLS}/ca.crt get /"
    assert host.run(command).rc != 0


def test_plain_text_is_refused(host: Any, address: str) -> None:
    assert host.run(f"etcdctl --command-timeout 3s --endpoints http://{address}:2379 get /").rc != 0


@pytest.mark.parametrize("port", [2379, 2380])
def test_handshake_verifies(host: Any, address: str, port: int) -> None:
    command = (
        f"openssl s_client -connect {address}:{port} -verify_ip {address} -verify_return_error -CAfile {TLS}/ca.crt"
        f" -cert {TLS}/member.crt -key {TLS}/member.key </dev/null"
    )
    assert "Verify return code: 0 (ok)" in host.run_expect([0], command).stdout


@pytest.mark.parametrize("port", [2379, 2380])
def test_it_listens_on_its_address_only(host: Any, address: str, port: int) -> None:
    assert host.check_output(f"ss -Hltn sport = :{port}").split()[3::5] == [f"{address}:{port}"]


def test_files_are_closed_to_others(host: Any) -> None:
    key = host.file(f"{TLS}/member.key")
    assert (key.user, key.mode) == ("etcd", 0o600)
    assert host.file("/var/lib/etcd/default").mode == 0o700
    assert host.file(f"{TLS}/etcd.env").mode == 0o640
