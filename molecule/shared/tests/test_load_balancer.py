# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role load_balancer: one holder of the address, the leader and the master behind their ports, and Harbor by its health."""

from __future__ import annotations

import base64
import csv
import io
import secrets
import ssl
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPSConnection
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from cluster import APP, BALANCERS, LAB, MINIO, REDIS, VIRTUAL_ADDRESS, eventually, on
from s3 import registry_client

DIRECTORY = "/etc/dockmaster/load_balancer"
CA = f"{DIRECTORY}/ca.crt"
SOCKET = "/run/haproxy/admin.sock"
INTERNAL_PORTS = (5432, 6379)


@pytest.fixture(params=sorted(BALANCERS))
def host(request: pytest.FixtureRequest) -> Any:
    """Every test runs on each load balancer."""
    return on(str(request.param))


@pytest.fixture
def address(host: Any) -> str:
    """Its address."""
    return BALANCERS[str(host.check_output("hostname"))]


def servers(host: Any, service: str) -> dict[str, str]:
    """State of each server of a service, as HAProxy sees it."""
    rows = csv.DictReader(io.StringIO(host.check_output(f"echo 'show stat' | socat - {SOCKET}")))
    return {row["svname"]: row["status"] for row in rows if row["# pxname"] == service and row["svname"] not in {"FRONTEND", "BACKEND"}}


def holders() -> list[str]:
    """Load balancers that have the virtual address."""
    return [name for name in BALANCERS if on(name).check_output(f"ip -brief address show to {VIRTUAL_ADDRESS}")]


def curl(host: Any, options: str) -> str:
    """The answer of curl, which trusts the site's authority alone."""
    return str(host.check_output(f"curl --silent --show-error --max-time 10 --cacert {CA} {options}"))


@pytest.mark.parametrize("unit", ["haproxy", "keepalived"])
def test_service_runs_and_comes_back_after_a_boot(host: Any, unit: str) -> None:
    assert host.service(unit).is_running
    assert host.service(unit).is_enabled


def test_one_has_the_address() -> None:
    assert len(holders()) == 1


def test_every_node_of_harbor_gets_requests(host: Any) -> None:
    assert servers(host, "harbor") == dict.fromkeys(APP, "UP")
    assert servers(host, "harbor_last_resort") == dict.fromkeys(APP, "UP")


def test_every_server_of_s3_gets_requests(host: Any) -> None:
    assert servers(host, "s3") == dict.fromkeys(MINIO, "UP")


def test_a_server_of_s3_that_comes_back_gets_requests_only_later(host: Any) -> None:
    """It answers long before it has its peers again; were it the only one, it would be used as a last resort."""
    name = next(iter(MINIO))
    on(name).check_output("systemctl stop minio")
    eventually(lambda: all(servers(host, backend)[name] == "DOWN" for backend in ("s3", "s3_last_resort")), 20)
    on(name).check_output("systemctl start minio")
    eventually(lambda: servers(host, "s3_last_resort")[name] == "UP", 20)
    assert servers(host, "s3")[name].startswith("DOWN")
    eventually(lambda: servers(host, "s3") == dict.fromkeys(MINIO, "UP"), 60)


@pytest.mark.parametrize("service", ["postgresql", "redis"])
def test_one_server_leads(host: Any, service: str) -> None:
    assert sorted(servers(host, service).values()) == ["DOWN", "DOWN", "UP"]


def leader(host: Any, service: str) -> str:
    """The one server that gets connections."""
    (name,) = [name for name, state in servers(host, service).items() if state == "UP"]
    return name


def peer(host: Any, address: str, port: int, options: str = "") -> str:
    """Common name of the certificate that a verified handshake through a port shows; it must be good for what Harbor compares it with."""
    own = str(host.check_output("hostname"))
    # A load balancer of its own is none of those that may use these ports.
    core = on(own if own in APP else next(iter(APP)))
    known = core.check_output("sed -n 's/^POSTGRESQL_HOST=//p' /opt/harbor/core.env").strip("'\"")
    trust = f"-verify_ip {known} -verify_return_error -CAfile /etc/dockmaster/pki/ca.crt"
    text = core.run_expect([0], f"openssl s_client -connect {address}:{port} {options} {trust} </dev/null").stdout
    return str(text.split("subject=CN", 1)[1].splitlines()[0].strip(" ="))


def test_the_database_behind_the_port_is_the_leader(host: Any, address: str) -> None:
    """TLS goes through to the server that Patroni calls the primary."""
    name = leader(host, "postgresql")
    assert peer(host, address, 5432, "-starttls postgres") == name
    assert on(name).check_output("psql -U postgres -d postgres -Atc 'select pg_is_in_recovery()'") == "f"


def test_redis_behind_the_port_is_the_master(host: Any, address: str) -> None:
    """TLS goes through to the server that is the master."""
    name = leader(host, "redis")
    assert peer(host, address, 6379) == name
    assert on(name).check_output(f"/etc/dockmaster/redis/cli server {REDIS[name]} ROLE").splitlines()[0] == "master"


def test_a_new_session_leaves_no_complaint_at_redis(host: Any, address: str) -> None:
    """The load balancer looks first whether the master takes connections, and does so as a client would."""
    complaints = "journalctl --unit redis-server --no-pager | grep --count 'Error accepting a client connection' || test $? = 1"
    name = leader(host, "redis")
    before = on(name).check_output(complaints)
    for _ in range(3):
        assert peer(host, address, 6379) == name
    assert on(name).check_output(complaints) == before


# Asks PostgreSQL for TLS and then waits, as a session that has nothing to do: it ends when somebody ends it.
IDLE_SESSION = """
import socket, struct, sys, time
session = socket.create_connection((sys.argv[1], 5432), 5)
session.sendall(struct.pack("!ii", 8, 80877103))
assert session.recv(1) == b"S"
begun = time.monotonic()
session.settimeout(90)
try:
    session.recv(1)
except ConnectionResetError:
    pass
print(time.monotonic() - begun)
"""


def test_sessions_of_a_leader_that_stands_still_are_cut(address: str, host: Any) -> None:
    """Its kernel keeps them open, so nobody else would tell Harbor that nothing more comes."""
    former, core = leader(host, "postgresql"), next(iter(APP))
    with ThreadPoolExecutor(1) as pool:
        session = pool.submit(LAB.run, core, "python3", "-c", IDLE_SESSION, address, timeout=120)
        eventually(lambda: on(former).run("ss -Htn state established sport = :5432").stdout)
        on(former).check_output("systemctl kill --signal=STOP patroni")
        try:
            assert float(session.result()) < 30
        finally:
            on(former).check_output("systemctl kill --signal=CONT patroni")
    eventually(lambda: sorted(servers(host, "postgresql").values()) == ["DOWN", "DOWN", "UP"], 90)
    eventually(lambda: not LAB.status()["problems"], 120)


def test_harbor_learns_who_asks(url: str) -> None:
    """nginx logs the address that the load balancer saw; what a client says of itself is thrown away."""
    word, pretended = secrets.token_hex(8), "203.0.113.7"
    claims = f"--header 'X-Forwarded-For: {pretended}' --header 'Forwarded: for={pretended}'"
    on("client").check_output(f"curl --silent --insecure --fail --output /dev/null {claims} {url}/api/v2.0/ping?{word}")
    logs = [on(name).check_output("docker logs --since 1m nginx 2>&1") for name in APP]
    lines = [line for log in logs for line in log.splitlines() if word in line]
    assert len(lines) == 1
    assert f'"{LAB.addresses["client"]}"' in lines[0] and pretended not in lines[0]


def test_a_node_that_says_200_and_is_ill_gets_nothing(host: Any) -> None:
    """Harbor's health is in the body: with a dead registry the status code stays 200."""
    name = sorted(APP)[-1]
    on(name).check_output("docker stop --time 1 registry")
    try:
        ask = "docker exec harbor-core curl --silent --write-out ' %{http_code}' http://127.0.0.1:8080/api/v2.0/health"
        # Core looks at its parts every ten seconds.
        answer = eventually(lambda: text if '"unhealthy"' in (text := on(name).check_output(ask)) else "", 30)
        assert answer.endswith(" 200")
        eventually(lambda: servers(host, "harbor")[name].startswith("DOWN"), 20)
    finally:
        on(name).check_output("docker start registry")
    eventually(lambda: servers(host, "harbor") == dict.fromkeys(APP, "UP"))


def test_harbor_answers_at_the_address(host: Any, url: str) -> None:
    assert curl(host, f"--output /dev/null --write-out '%{{http_code}}' {url}/api/v2.0/ping") == "200"


def test_plain_http_redirects(host: Any) -> None:
    answer = curl(host, f"--head http://{VIRTUAL_ADDRESS}/c/login")
    assert answer.splitlines()[0].split()[1] == "308"
    assert f"location: https://{VIRTUAL_ADDRESS}/c/login" in answer.lower()


def test_old_protocols_are_refused(host: Any, address: str) -> None:
    for port in (443, 9000, 8404):
        assert host.run(f"curl --silent --cacert {CA} --tls-max 1.1 --ciphers DEFAULT@SECLEVEL=0 https://{address}:{port}/").rc == 35


def test_large_bodies_stream(url: str) -> None:
    """Without a length, and more than any buffer holds: the registry writes to S3 while the client, which rests, has not sent all of it."""
    login = base64.b64encode(f"admin:{LAB.vault['vault_harbor_admin_password']}".encode()).decode()
    headers = {"Authorization": f"Basic {login}", "Content-Type": "application/octet-stream"}
    session = HTTPSConnection(VIRTUAL_ADDRESS, context=ssl.create_default_context(cafile=str(LAB.ca)), timeout=60)
    session.request("POST", "/v2/library/streamed/blobs/uploads/", headers=headers)
    begun = session.getresponse()
    begun.read()
    place = urlsplit(begun.headers["Location"])
    key = f"docker/registry/v2/repositories/library/streamed/_uploads/{place.path.rsplit('/', 1)[1]}/data"
    storage = registry_client(next(iter(MINIO.values())))

    def body() -> Iterator[bytes]:
        for _ in range(4):
            yield bytes(4 << 20)
        # Longer than nginx waits by itself (client_body_timeout).
        time.sleep(65)
        eventually(lambda: key.encode() in storage.call("GET", f"/registry?prefix={quote(key, safe='')}&uploads=")[1], 20)
        yield bytes(4 << 20)

    session.request("PATCH", f"{place.path}?{place.query}", body(), headers)
    answer = session.getresponse()
    assert (answer.status, answer.headers["Range"]) == (202, "0-20971519")
    session.close()


def test_requests_and_servers_are_in_the_journal(host: Any, url: str) -> None:
    mark = secrets.token_hex(8)
    (holder,) = holders()
    curl(host, f"--output /dev/null {url}/{mark}")
    eventually(lambda: mark in on(holder).check_output("journalctl --unit haproxy --no-pager --output cat --lines 2000"), 10)


def test_statistics_are_for_load_balancers_alone(host: Any, address: str) -> None:
    metrics = curl(host, f"https://{address}:8404/metrics")
    assert 'haproxy_server_status{proxy="harbor",server="app1",state="UP"} 1' in metrics
    assert "Statistics Report" in curl(host, f"https://{address}:8404/")
    assert on("client").run(f"curl --silent --insecure --fail https://{address}:8404/metrics").rc == 22


def test_internal_ports_are_for_the_nodes_of_harbor(address: str) -> None:
    """The client is in no allowed network: connections are closed at once, S3 says 403."""
    client = on("client")
    for port in INTERNAL_PORTS:
        dial = f"s = socket.create_connection(('{address}', {port}), 5)"
        script = f"import socket; {dial}; s.sendall(b'PING\r\n'); print(s.recv(1))"
        answer = client.run(f'python3 -c "{script}"')
        assert answer.rc != 0 or answer.stdout.strip() == "b''", port
    command = f"curl --silent --insecure --output /dev/null --write-out '%{{http_code}}' https://{address}:9000/minio/health/live"
    assert client.check_output(command) == "403"


def test_files_hold_their_secrets(host: Any, vault: dict[str, Any]) -> None:
    for name in ("server.key", "haproxy.env"):
        file = host.file(f"{DIRECTORY}/{name}")
        assert (file.user, file.mode) == ("root", 0o600)
    seen = host.check_output(
        f"cat {DIRECTORY}/haproxy.cfg {DIRECTORY}/keepalived.conf; ps -eo args; journalctl --no-pager --output=cat --unit=haproxy"
    )
    assert vault["vault_redis_password"] not in seen


def test_a_reload_keeps_what_was_taken_out(host: Any) -> None:
    """States go over to the new process, so that no reload brings back a node that is being worked on."""
    first = next(iter(MINIO))
    host.check_output(f"echo 'set server s3/{first} state drain' | socat - {SOCKET}")
    host.check_output("systemctl reload haproxy && sleep 2")
    drained = servers(host, "s3")[first]
    host.check_output(f"echo 'set server s3/{first} state ready' | socat - {SOCKET}")
    assert drained.startswith("DRAIN")


def test_a_reload_takes_another_port_of_a_server(host: Any) -> None:
    """Of what goes over to the new process, the port would win over the configuration's."""
    first, address = next(iter(MINIO.items()))
    configured = f"{DIRECTORY}/haproxy.cfg"
    host.check_output(f"cp -a {configured} {configured}.kept && sed -i 's/{address}:9000/{address}:9001/' {configured}")
    try:
        host.check_output("systemctl reload haproxy && sleep 2")
        moved = host.check_output(f"echo 'show servers state s3' | socat - {SOCKET}")
    finally:
        host.check_output(f"mv {configured}.kept {configured} && systemctl reload haproxy && sleep 2")
    back = host.check_output(f"echo 'show servers state s3' | socat - {SOCKET}")
    ports = [{line.split()[3]: line.split()[18] for line in said.splitlines()[2:] if line.strip()} for said in (moved, back)]
    assert ports == [{name: "9001" if name == first else "9000" for name in MINIO}, dict.fromkeys(MINIO, "9000")]
    eventually(lambda: all(state.startswith("UP") for state in servers(host, "s3").values()), 60)


def test_the_address_moves_when_its_holder_stops_and_stays() -> None:
    """Without HAProxy a load balancer gives the address up; it does not take it back."""
    (former,) = holders()
    others = [name for name in BALANCERS if name != former]
    on(former).check_output("systemctl stop haproxy")
    try:
        eventually(lambda: holders() == others, 20)
    finally:
        on(former).check_output("systemctl start haproxy")
    on(former).check_output("sleep 5")
    assert holders() == others
