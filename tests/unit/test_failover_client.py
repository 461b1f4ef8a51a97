# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fault matrix' own tools: the registry client against the stand-in, its load, and what the figures make of records."""

from __future__ import annotations

import io
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from standin.server import Server

from tests.failover import figures
from tests.failover.load import WORKERS, Load, Log
from tests.failover.registry import Client, Failed, build

PASSWORD = "Harbor12345"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with Server(PASSWORD) as server:
        yield server.url


def until(true: Callable[[], bool]) -> None:
    """Wait until something is so, for a minute at most."""
    deadline = time.monotonic() + 60
    while not true() and time.monotonic() < deadline:
        time.sleep(0.05)


def client(url: str, **options: Any) -> Client:
    return Client(url, "admin", PASSWORD, **options)


@pytest.mark.parametrize("size", [0, 1, 65536, 700_000])
def test_push_then_pull(url: str, size: int) -> None:
    image = build(size)
    requests: list[dict[str, Any]] = []
    client(url, record=requests.append).push("library/app", "v1", image)
    assert [(entry["method"], entry["status"]) for entry in requests][:3] == [("GET", 401), ("GET", 200), ("HEAD", 404)]
    assert all(entry["start"] <= entry["end"] for entry in requests)
    pulled = client(url).pull("library/app", image.digest)
    assert pulled == len(image.manifest) + len(image.config) + size


def test_images_differ() -> None:
    assert build(1024).digest != build(1024).digest


def test_what_was_never_pushed_fails(url: str) -> None:
    with pytest.raises(Failed, match="404"):
        client(url).pull("library/app", build(1).digest)


def test_wrong_content_fails(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    image = build(100)
    mine = client(url)
    mine.push("library/app", "v2", image)
    real = mine._ask

    def broken(*arguments: Any, **options: Any) -> Any:
        answer = real(*arguments, **options)
        return replace(answer, body=answer.body[:-1]) if "blobs" in arguments[1] else answer

    monkeypatch.setattr(mine, "_ask", broken)
    with pytest.raises(Failed, match="the content is"):
        mine.pull("library/app", image.digest)


def test_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr("tests.failover.registry.time.sleep", waits.append)
    requests: list[dict[str, Any]] = []
    patient = client("http://127.0.0.1:9", attempts=5, record=requests.append)
    with pytest.raises(Failed, match="ConnectionRefusedError"):
        patient.pull("library/app", build(1).digest)
    assert waits == [5.0, 10.0, 15.0, 20.0]
    assert [entry["error"].split(":")[0] for entry in requests] == ["ConnectionRefusedError"] * 5


def test_load_writes_all_down(url: str) -> None:
    file = io.StringIO()
    small = tuple(replace(worker, rest=0.01, sizes=(1024, 4096)) for worker in WORKERS)
    job = {"url": url, "username": "admin", "password": PASSWORD, "project": "library"}
    load = Load(job, Log(file), small)
    # Ends as soon as every worker has done something; the time is for a busy machine.
    wanted = [f'"{worker.name}", "repository"' for worker in WORKERS]

    def end() -> None:
        until(lambda: all(one in file.getvalue() for one in wanted))
        load.stop.set()

    ender = threading.Thread(target=end)
    ender.start()
    load.run(60)
    ender.join()
    records = [json.loads(line) for line in file.getvalue().splitlines()]
    assert {entry["worker"] for entry in records} == {worker.name for worker in WORKERS}
    assert all(entry["ok"] for entry in records if entry["what"] != "request")
    known = {entry["digest"] for entry in figures.acknowledged(records)}
    assert {entry["digest"] for entry in records if entry["what"] == "pull"} <= known
    for digest, repository in {(entry["digest"], entry["repository"]) for entry in figures.acknowledged(records)}:
        client(url).pull(repository, digest)


def test_new_clients_come_while_others_wait() -> None:
    """A server that takes connections and never answers: as many clients wait as have come."""
    file = io.StringIO()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        job = {"url": f"http://127.0.0.1:{silent.getsockname()[1]}", "username": "admin", "password": PASSWORD, "project": "library"}
        probe = replace(next(worker for worker in WORKERS if worker.relieved), rest=0.01, timeout=3.0, relieved=0.1)
        load = Load(job, Log(file), (probe,))
        works = threading.Thread(target=load.run)
        works.start()
        silent.settimeout(30)
        waiting = [silent.accept()[0] for _ in range(3)]
        load.stop.set()
        works.join()
        for connection in waiting:
            connection.close()
    ended = [entry for entry in map(json.loads, file.getvalue().splitlines()) if entry["what"] == "push"]
    assert len(ended) >= 3
    assert not any(entry["ok"] for entry in ended)
    assert max(entry["start"] for entry in ended) < min(entry["end"] for entry in ended)


def push(end: float, ok: bool = True, worker: str = "push-probe") -> dict[str, Any]:
    return {"what": "push", "worker": worker, "start": end - 0.5, "end": end, "ok": ok, "digest": f"sha256:{end}"}


def test_gap() -> None:
    done = [push(1), push(2), push(5, ok=False), push(9), push(9.5)]
    assert figures.gap(done, 0, 10) == 7
    assert figures.gap([], 0, 10) == 10
    assert figures.gap(done, 0, 20) == 10.5


def test_what_clients_saw() -> None:
    records = [push(1), push(4, ok=False), push(6, worker="push-small"), push(7, ok=False, worker="push-small"), push(50)]
    request = {"what": "request", "worker": "push-probe", "start": 1, "method": "PUT"}
    records += [{**request, "end": 2, "status": status} for status in (201, 401, 404, 503)] + [
        {**request, "end": 3, "error": "TimeoutError: x"}
    ]
    seen = figures.seen_by_clients(records, 0, 10)
    assert seen["push"] == {"gap": 5, "failing": 2, "slowest": 0.5, "done": 2, "failed": 2, "patient_done": 1, "patient_failed": 1}
    assert seen["pull"]["gap"] == 10
    assert (seen["requests"], seen["requests_failed"], seen["errors"]) == (5, 2, ["PUT 503", "PUT TimeoutError: x"])
    assert seen["request_gap"] == 8
    assert figures.seen_by_clients([{**request, "end": 9, "error": "TimeoutError: x"}], 0, 10)["request_gap"] == 10


def said(member: str, start: float, leads: bool) -> dict[str, Any]:
    return {"kind": "postgresql", "member": member, "start": start, "end": start + 0.1, "leads": leads}


def test_handover_is_no_second_leader() -> None:
    assert (
        figures.second_leaders([said("a", 1, True), said("b", 1, False), said("a", 2, False), said("b", 2, True), said("b", 3, True)]) == []
    )
    # One answer each, at nearly the same time, proves nothing.
    assert figures.second_leaders([said("a", 1, True), said("b", 1.05, True), said("a", 2, False)]) == []


def test_second_leader() -> None:
    found = figures.second_leaders([said("a", 1, True), said("a", 3, True), said("b", 2, True)])
    assert [(entry["members"], entry["time"]) for entry in found] == [(["a", "b"], 2)]
    other = [{**said("b", 2, True), "kind": "redis"}]
    assert figures.second_leaders([said("a", 1, True), said("a", 3, True), *other]) == []


def test_a_master_that_is_cut_off_is_told_apart() -> None:
    moments = [{"kind": kind, "members": ["a", "b"], "time": time} for kind, time in (("redis", 5), ("redis", 15), ("postgresql", 5))]
    assert figures.cut_off_masters(moments, "a", 10) == moments[:1]
    assert figures.cut_off_masters(moments, "c", 10) == []


def test_a_leader_that_just_woke_is_told_apart() -> None:
    moments = [{"kind": kind, "members": ["a", "b"], "time": time} for kind, time in (("postgresql", 9), ("postgresql", 11), ("redis", 11))]
    assert figures.woken_leaders(moments, "a", 10) == moments[1:2]
    assert figures.woken_leaders(moments, "a", 8) == moments[:1]
    assert figures.woken_leaders(moments, "c", 10) == []
