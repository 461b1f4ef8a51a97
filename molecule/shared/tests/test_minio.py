# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role minio: one cluster over all drives, closed to everybody without a key; a registry's user does a registry's work only."""

from __future__ import annotations

import json
import secrets
from typing import Any

import pytest
from cluster import MINIO, on
from s3 import Client, registry_client

DIRECTORY = "/etc/dockmaster/minio"
MC = f"{DIRECTORY}/mc"
CA = "/etc/dockmaster/pki/ca.crt"
DRIVES = ("/srv/minio/1", "/srv/minio/2")


@pytest.fixture(params=sorted(MINIO))
def member(request: pytest.FixtureRequest) -> str:
    """Every test runs on each member."""
    return str(request.param)


@pytest.fixture
def host(member: str) -> Any:
    """The member over SSH."""
    return on(member)


@pytest.fixture
def address(member: str) -> str:
    """Where the member listens."""
    return MINIO[member]


def ask(host: Any, question: str) -> Any:
    """What MinIO's client says as administrator."""
    return json.loads(host.check_output(f"{MC} --json {question} cluster"))


@pytest.fixture
def registry(address: str) -> Client:
    """The user that Harbor's registry is."""
    return registry_client(address)


def test_service_runs_and_comes_back_after_a_boot(host: Any) -> None:
    assert host.service("minio").is_running
    assert host.service("minio").is_enabled


def test_the_cluster_can_write_and_do_without_one_member(host: Any, address: str) -> None:
    """live and ready would say 200 without a quorum too."""
    for question in ("cluster", "cluster/read", "cluster?maintenance=true"):
        host.run_expect([0], f"curl --silent --fail --cacert {CA} 'https://{address}:9000/minio/health/{question}'")


def test_every_drive_is_good(host: Any) -> None:
    info = ask(host, "admin info")["info"]
    drives = {drive["endpoint"]: drive["state"] for server in info["servers"] for drive in server["drives"]}
    assert drives == {f"https://{address}:9000{path}": "ok" for address in MINIO.values() for path in DRIVES}
    assert info["backend"]["standardSCParity"] == min(4, len(drives) // 2)


def test_nothing_waits_for_healing(host: Any) -> None:
    state = ask(host, "admin heal")["HealInfo"]
    assert not state["offline_nodes"] and not state["HealDisks"]


def test_the_stripe_is_spread_over_the_hosts(host: Any) -> None:
    """Neighbours in a stripe are on different hosts."""
    info = ask(host, "admin info")["info"]
    places = {drive["disk_index"]: server["endpoint"] for server in info["servers"] for drive in server["drives"]}
    assert all(places[index] != places[index + 1] for index in range(len(places) - 1))


def test_the_registry_keeps_what_it_writes(registry: Client) -> None:
    body = secrets.token_bytes(40_000)
    path = f"/registry/test/{secrets.token_hex(8)}"
    assert registry.call("PUT", path, body)[0] == 200
    assert registry.call("GET", path) == (200, body)
    assert registry.call("DELETE", path)[0] == 204
    assert registry.call("GET", path)[0] == 404


def test_a_client_that_reads_nothing_for_a_while_gets_everything() -> None:
    """The limits for connections to hosts that are gone are shorter. The object is larger than the buffers on its way."""
    registry = registry_client(next(iter(MINIO.values())))
    body = secrets.token_bytes(32 << 20)
    path = f"/registry/test/{secrets.token_hex(8)}"
    assert registry.call("PUT", path, body)[0] == 200
    assert registry.read_with_a_pause(path, 10) == body
    assert registry.call("DELETE", path)[0] == 204


def test_the_kernel_gives_up_connections_to_hosts_that_are_gone(host: Any) -> None:
    assert host.file("/proc/sys/net/ipv4/tcp_retries2").content_string.strip() == "3"


def test_the_registry_lists_its_bucket(registry: Client) -> None:
    assert registry.call("GET", "/registry?list-type=2&max-keys=1")[0] == 200
    assert registry.call("GET", "/registry?uploads=")[0] == 200
    assert registry.call("GET", "/registry?location=")[0] == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/another"),
        ("DELETE", "/registry"),
        ("GET", "/registry?policy="),
        ("GET", "/registry?versioning="),
        ("GET", "/registry?lifecycle="),
        ("GET", "/minio/admin/v3/info"),
        ("GET", "/minio/admin/v3/list-users"),
    ],
)
def test_the_registry_may_do_nothing_else(registry: Client, method: str, path: str) -> None:
    """Other buckets, settings of its own, administration."""
    assert registry.call(method, path)[0] == 403


def test_a_wrong_key_is_refused(address: str) -> None:
    assert Client(address, "harbor-registry", "wrong-" * 4).call("GET", "/registry?list-type=2")[0] == 403


@pytest.mark.parametrize("path", ["/registry?list-type=2", "/minio/v2/metrics/cluster", "/registry/test/none"])
def test_nobody_gets_in_without_a_key(host: Any, address: str, path: str) -> None:
    command = f"curl --silent --output /dev/null --write-out '%{{http_code}}' --cacert {CA} 'https://{address}:9000{path}'"
    assert host.check_output(command) == "403"


def test_plain_text_is_refused(host: Any, address: str) -> None:
    status = host.run(f"curl --silent --max-time 5 --output /dev/null --write-out '%{{http_code}}' http://{address}:9000/minio/health/live")
    assert status.stdout in {"000", "400"}


def test_handshake_verifies(host: Any, address: str) -> None:
    command = f"openssl s_client -connect {address}:9000 -verify_ip {address} -verify_return_error -CAfile {CA} </dev/null"
    assert "Verify return code: 0 (ok)" in host.run_expect([0], command).stdout


def test_it_listens_on_its_address_only(host: Any, address: str) -> None:
    """MinIO adds the loopback address by itself."""
    listeners = {line.split()[3] for line in host.check_output("ss -Hltnp | grep '\"minio\"'").splitlines()}
    assert listeners == {f"{address}:9000", "127.0.0.1:9000"}


def test_files_are_closed_to_others(host: Any) -> None:
    owners = {name: (host.file(f"{DIRECTORY}/{name}").user, host.file(f"{DIRECTORY}/{name}").mode) for name in ("minio.env", "mc")}
    assert owners == {"minio.env": ("root", 0o600), "mc": ("root", 0o700)}
    key = host.file(f"{DIRECTORY}/certs/private.key")
    assert (key.user, key.mode) == ("minio", 0o600)
    for drive in DRIVES:
        assert (host.file(drive).user, host.file(drive).mode) == ("minio", 0o750)


def test_no_process_and_no_journal_shows_a_secret(host: Any, vault: dict[str, Any]) -> None:
    seen = host.check_output("ps -eo args; journalctl --no-pager --output=cat --unit=minio")
    assert [name for name, value in vault.items() if "minio" in name and value in seen] == []


def test_renewed_certificates_need_no_restart(host: Any, address: str) -> None:
    """MinIO reads a changed certificate by itself: the one that it shows is the one on disk."""
    live = host.check_output(f"openssl s_client -connect {address}:9000 </dev/null 2>/dev/null | openssl x509 -noout -fingerprint")
    assert live == host.check_output(f"openssl x509 -noout -fingerprint -in {DIRECTORY}/certs/public.crt")
