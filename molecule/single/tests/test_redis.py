# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role redis: a durable master, watched by a Sentinel, both behind TLS and passwords."""

from __future__ import annotations

from typing import Any

import pytest

TLS = "/etc/dockmaster/redis"
PORTS = {"server": 6379, "sentinel": 26379}


@pytest.fixture(scope="module")
def address(url: str) -> str:
    return url.removeprefix("https://")


@pytest.fixture(scope="module", params=sorted(PORTS))
def part(request: pytest.FixtureRequest) -> str:
    return request.param


def ask(host: Any, part: str, address: str, command: str) -> str:
    """The answer to a command, by the client that the role installs."""
    return host.check_output(f"{TLS}/cli {part} {address} {command}")


def bare(address: str, port: int) -> str:
    """A client that trusts the CA and knows no password."""
    return f"timeout 5 redis-cli -e --tls --cacert {TLS}/ca.crt -h {address} -p {port}"


@pytest.mark.parametrize("name", ["redis-server", "redis-sentinel"])
def test_service_runs_and_comes_back_after_a_boot(host: Any, name: str) -> None:
    assert host.service(name).is_running
    assert host.service(name).is_enabled


def test_it_is_the_master_that_the_sentinel_names(host: Any, address: str) -> None:
    assert "role:master" in ask(host, "server", address, "INFO replication")
    assert ask(host, "sentinel", address, "SENTINEL GET-MASTER-ADDR-BY-NAME harbor").split() == [address, "6379"]
    assert ask(host, "sentinel", address, "SENTINEL CKQUORUM harbor").startswith("OK ")


@pytest.mark.parametrize(
    ("name", "value"),
    [("appendonly", "yes"), ("maxmemory-policy", "noeviction"), ("min-replicas-to-write", "0"), ("port", "0"), ("tls-replication", "yes")],
)
def test_setting(host: Any, address: str, name: str, value: str) -> None:
    assert ask(host, "server", address, f"CONFIG GET {name}").split() == [name, value]


def test_it_keeps_what_is_written(host: Any, address: str) -> None:
    assert ask(host, "server", address, "SET test:key written EX 60") == "OK"
    assert ask(host, "server", address, "GET test:key") == "written"


def test_no_password_no_answer(host: Any, address: str, part: str) -> None:
    answer = host.run(f"{bare(address, PORTS[part])} PING")
    assert answer.rc != 0
    assert "NOAUTH" in answer.stdout + answer.stderr


def test_wrong_password_no_answer(host: Any, address: str, part: str) -> None:
    answer = host.run(f"REDISCLI_AUTH=wrong {bare(address, PORTS[part])} PING")
    assert answer.rc != 0
    assert "WRONGPASS" in answer.stdout + answer.stderr


def test_plain_text_is_refused(host: Any, address: str, part: str) -> None:
    assert host.run(f"timeout 5 redis-cli -e -h {address} -p {PORTS[part]} PING").rc != 0


def test_handshake_verifies(host: Any, address: str, part: str) -> None:
    command = f"openssl s_client -connect {address}:{PORTS[part]} -verify_ip {address} -verify_return_error -CAfile {TLS}/ca.crt </dev/null"
    assert "Verify return code: 0 (ok)" in host.run_expect([0], command).stdout


def test_it_listens_on_its_address_only(host: Any, address: str, part: str) -> None:
    assert host.check_output(f"ss -Hltn sport = :{PORTS[part]}").split()[3::5] == [f"{address}:{PORTS[part]}"]


def test_files_are_closed_to_others(host: Any) -> None:
    modes = {
        name: (host.file(f"{TLS}/{name}").user, host.file(f"{TLS}/{name}").mode) for name in ("redis.key", "redis.conf", "server.password")
    }
    assert modes == {"redis.key": ("root", 0o640), "redis.conf": ("root", 0o640), "server.password": ("root", 0o600)}
    assert host.file("/var/lib/redis/dockmaster").mode == 0o750


def test_no_process_shows_the_password(host: Any) -> None:
    password = host.file(f"{TLS}/server.password").content_string.strip()
    assert password
    assert password not in host.check_output("ps -eo args")
