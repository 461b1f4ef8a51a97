# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The in-memory server: what tests may do to it beyond what a real Harbor does by itself."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests
from standin.server import Server

from .cluster import make_certificate

NAMES = "/api/v2.0/projects?q=name%3Dalpha"


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        yield running


def create(server: Server) -> requests.Response:
    body = {"project_name": "alpha"}
    return requests.post(f"{server.url}/api/v2.0/projects", json=body, auth=(server.username, server.password), timeout=10)


def exists(server: Server) -> bool:
    return bool(requests.get(server.url + NAMES, auth=(server.username, server.password), timeout=10).json())


def test_a_failed_gateway_did_nothing(server: Server) -> None:
    for kind in ("502", "503", "504"):
        server.faults.add(kind, method="POST", path_prefix="/api/v2.0/projects")
        answer = create(server)
        assert (answer.status_code, answer.headers["Content-Type"]) == (int(kind), "text/html")
    assert not exists(server)
    assert create(server).status_code == 201


def test_a_late_gateway_error_hides_a_write(server: Server) -> None:
    server.faults.add("504", method="POST", after_write=True)
    assert create(server).status_code == 504
    assert exists(server)


@pytest.mark.parametrize(("kind", "written"), [("reset_before", False), ("reset_after_write", True)])
def test_resets(server: Server, kind: str, written: bool) -> None:
    server.faults.add(kind, method="POST", path_prefix="/api/v2.0/projects")
    # A client that reads when the reset has already been taken note of sees a connection that ended without an answer.
    with pytest.raises(requests.ConnectionError, match="reset by peer|closed connection without response"):
        create(server)
    assert server.log == [("POST", "/api/v2.0/projects", 0)]
    assert exists(server) is written


def test_faults_are_used_up_and_wait_for_their_request(server: Server) -> None:
    server.faults.add("503", method="POST", times=2)
    assert not exists(server)
    assert [create(server).status_code for _ in range(3)] == [503, 503, 201]


def test_unknown_faults_are_refused(server: Server) -> None:
    with pytest.raises(ValueError, match="unknown fault 'earthquake'"):
        server.faults.add("earthquake")


def test_refused_connections_come_back_with_all_state(server: Server) -> None:
    assert create(server).status_code == 201
    server.faults.add("refuse", delay=0.2)
    with pytest.raises(requests.ConnectionError, match="refused"):
        exists(server)
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            assert exists(server)
            return
        except requests.ConnectionError:
            time.sleep(0.05)
    raise AssertionError("the server did not come back")


def test_slow_and_latency(server: Server) -> None:
    server.faults.add("slow", delay=0.2)
    start = time.monotonic()
    exists(server)
    assert time.monotonic() - start >= 0.2
    server.latency = 0.1
    start = time.monotonic()
    exists(server)
    assert time.monotonic() - start >= 0.1


def test_reset_is_a_fresh_harbor_at_the_same_address(server: Server) -> None:
    url = server.url
    create(server)
    server.reset()
    assert (server.url, server.log) == (url, [])
    assert not exists(server)
    assert create(server).headers["Location"] == "/api/v2.0/projects/2"


def test_failed_writes_are_rolled_back(server: Server) -> None:
    scope = {"kind": "project", "namespace": "nosuch", "access": [{"resource": "repository", "action": "pull"}]}
    body = {"name": "ci", "level": "system", "duration": 1, "permissions": [scope]}
    url, auth = f"{server.url}/api/v2.0/robots", (server.username, server.password)
    assert requests.post(url, json=body, auth=auth, timeout=10).status_code == 404
    assert requests.get(url, auth=auth, timeout=10).json() == []


def test_tls(tmp_path: Path) -> None:
    make_certificate(tmp_path)
    certificate = str(tmp_path / "tls.crt")
    with Server(tls=(certificate, str(tmp_path / "tls.key"))) as server:
        assert requests.get(f"{server.url}/api/v2.0/ping", verify=certificate, timeout=10).text == "Pong"
        with pytest.raises(requests.exceptions.SSLError):
            requests.get(f"{server.url}/api/v2.0/ping", timeout=10)


def put_metadata(server: Server, auth: tuple[str, str], **metadata: str) -> int:
    body = {"metadata": metadata}
    return requests.put(f"{server.url}/api/v2.0/projects/library", json=body, auth=auth, timeout=10).status_code


def make_robot(server: Server) -> tuple[str, str]:
    scope = {"kind": "project", "namespace": "*", "access": [{"resource": "project", "action": "update"}]}
    body = {"name": "writer", "level": "system", "duration": -1, "permissions": [scope]}
    robot = requests.post(f"{server.url}/api/v2.0/robots", json=body, auth=(server.username, server.password), timeout=10).json()
    return robot["name"], robot["secret"]


def test_a_profile_costs_what_a_real_server_costs() -> None:
    with Server(profile="harbor-2.15") as server:
        auth = (server.username, server.password)
        start = time.monotonic()
        with ThreadPoolExecutor(4) as pool:
            assert set(pool.map(lambda _: put_metadata(server, auth), range(4))) == {200}
        # Two at a time on two processors, 118 ms each.
        assert 0.23 <= time.monotonic() - start < 1
        start = time.monotonic()
        assert requests.get(f"{server.url}/api/v2.0/projects", timeout=10).status_code == 200
        assert time.monotonic() - start < 0.1


def test_a_profile_lets_writes_collide() -> None:
    with Server(profile="harbor-2.15") as server, ThreadPoolExecutor(8) as pool:
        # A robot: its writes are not kept apart by the time that hashing takes.
        robot, together = make_robot(server), threading.Barrier(8)

        def write(metadata: dict[str, str]) -> int:
            together.wait()
            return put_metadata(server, robot, **metadata)

        def statuses(**metadata: str) -> set[int]:
            return set(pool.map(write, [metadata] * 8))

        assert statuses(auto_scan="true", severity="low") == {200, 500}
        # Only a key that is new can collide, and a busy machine may keep even eight writes at once apart.
        assert {200, 409} in [statuses(**{key: "true"}) for key in ("prevent_vul", "enable_content_trust", "reuse_sys_cve_allowlist")]
        assert statuses(prevent_vul="false") == {200}


def test_an_unknown_profile_is_refused() -> None:
    with pytest.raises(KeyError):
        Server(profile="harbor-1")
