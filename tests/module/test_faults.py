# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a network and a dying server do, and what becomes of the run. Each kind of object in turn is in test_convergence.py."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.dockmaster.harbor.plugins.module_utils import _http

from .conftest import Modules
from .samples import COMPANY, REGISTRY, SAMPLES

LABEL: dict[str, t.Any] = {"labels": [{"name": "approved"}]}


def posts(run: Modules, path: str) -> list[tuple[str, str, int]]:
    return [entry for entry in run.harbor.log if entry[0] == "POST" and entry[1] == path]


@pytest.mark.parametrize("kind", ["502", "503", "504", "reset_before"])
def test_reads_are_tried_again(run: Modules, kind: str) -> None:
    run.harbor.faults.add(kind, method="GET", path_prefix="/api/v2.0/labels", times=3)
    assert run.state(LABEL)["changed"]


@pytest.mark.parametrize("kind", ["502", "503", "504", "reset_before", "reset_after_write"])
def test_updates_and_deletes_are_tried_again(run: Modules, kind: str) -> None:
    """They mean the same when sent twice."""
    run.state(LABEL)
    run.harbor.faults.add(kind, method="PUT", path_prefix="/api/v2.0/labels", times=2)
    assert run.state({"labels": [{"name": "approved", "color": "#00AA00"}]})["changed"]
    run.harbor.faults.add(kind, method="DELETE", path_prefix="/api/v2.0/labels", times=2)
    assert run.state({"labels": [{"name": "approved", "state": "absent"}]})["changed"]
    assert run.ok("label_info")["labels"] == []


@pytest.mark.parametrize("kind", ["502", "504", "reset_before"])
def test_a_create_that_did_not_happen_is_reported(run: Modules, kind: str) -> None:
    """It is not sent again; the next run does it."""
    run.harbor.faults.add(kind, method="POST", path_prefix="/api/v2.0/labels")
    result = run("state", desired=LABEL)
    assert result["failed"] and not result["changed"]
    assert "create label approved: " in result["errors"][0] and "the object is not there" in result["errors"][0]
    assert len(posts(run, "/api/v2.0/labels")) == 1
    assert run.state(LABEL)["changed"]


def test_all_failures_of_a_wave_are_reported_and_the_next_one_waits(run: Modules) -> None:
    run.harbor.faults.add("502", method="POST", path_prefix="/api/v2.0/users", times=1)
    run.harbor.faults.add("504", method="POST", path_prefix="/api/v2.0/registries", times=1)
    desired = {
        **{kind: COMPANY[kind] for kind in ("user_groups", "users")},
        "registries": [REGISTRY],
        **LABEL,
        "projects": [{"name": "payments"}],
    }
    result = run("state", desired=desired, diff=True)
    assert len(result["errors"]) == 2 and "create registry hub" in result["errors"][0] and "create user alice" in result["errors"][1]
    assert result["changed"] and [change["name"] for change in result["changes"]] == ["developers"]
    assert len(result["diff"]) == 1
    assert result["msg"].startswith(f"2 change(s) failed, 1 done, {sum(map(len, desired.values())) - 3} not started:")
    assert posts(run, "/api/v2.0/projects") == []
    run.state(desired)
    assert not run.state(desired)["changed"]


def test_a_robot_whose_secret_cannot_be_set_is_not_left_behind(run: Modules) -> None:
    """Otherwise the next run would find it and believe that all is well."""
    run.state({"projects": [{"name": "payments"}]})
    sample = next(sample for sample in SAMPLES if sample.module == "robot")
    run.harbor.faults.add("502", method="PATCH", path_prefix="/api/v2.0/robots", times=_http.ATTEMPTS)
    message = run.refused("robot", **sample.key, **sample.values)
    assert "PATCH /api/v2.0/robots" in message and "the robot was deleted again" in message
    assert run.ok("robot_info", project="payments")["robots"] == []
    assert run.ok("robot", **sample.key, **sample.values)["changed"]


def test_refused_connections_are_tried_again(run: Modules, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that restarts between two requests is waited for."""
    import time

    from ansible_collections.dockmaster.harbor.plugins.module_utils import _engine

    connect = _engine.connect

    def away(api: t.Any) -> t.Any:
        world = connect(api)
        run.harbor.faults.add("refuse", delay=0.1)
        return world

    monkeypatch.setattr(_http, "_sleep", lambda seconds: time.sleep(min(seconds, 0.1)))
    monkeypatch.setattr(_engine, "connect", away)
    assert run.state(LABEL)["changed"]


def test_a_slow_answer_is_no_failure_and_too_slow_an_answer_is(run: Modules) -> None:
    run.harbor.faults.add("slow", method="GET", path_prefix="/api/v2.0/labels", delay=0.05)
    assert run.state(LABEL)["changed"]
    run.harbor.faults.add("slow", method="GET", path_prefix="/api/v2.0/labels", delay=2.0)
    # As long as a login may take on a busy machine.
    assert "GET /api/v2.0/labels: no answer within harbor_timeout (1 s)" in run.refused("state", desired=LABEL, harbor_timeout=1)


def test_a_create_that_times_out_is_looked_for(run: Modules, monkeypatch: pytest.MonkeyPatch) -> None:
    from ansible_collections.dockmaster.harbor.plugins.module_utils._errors import TransportError
    from ansible_collections.dockmaster.harbor.plugins.module_utils._transport import Transport

    exchange = Transport.exchange

    def late(self: Transport, method: str, path: str, **rest: t.Any) -> t.Any:
        reply = exchange(self, method, path, **rest)
        if (method, path) == ("POST", "/api/v2.0/labels"):
            raise TransportError("no answer in time", kind="timeout", sent=True)
        return reply

    monkeypatch.setattr(Transport, "exchange", late)
    assert run.state(LABEL)["changed"]
    assert len(run.ok("label_info")["labels"]) == 1


def test_a_server_that_went_away_is_reported_once(run: Modules, monkeypatch: pytest.MonkeyPatch) -> None:
    from ansible_collections.dockmaster.harbor.plugins.module_utils import _engine

    write, stopped = _engine._write, []

    def away(*arguments: t.Any) -> None:
        if not stopped:
            stopped.append(run.harbor.stop())
        write(*arguments)

    monkeypatch.setattr(_engine, "_write", away)
    try:
        result = run("state", desired={"labels": [{"name": f"label-{number}"} for number in range(30)]}, harbor_workers=2)
    finally:
        run.harbor.start()
    assert result["failed"] and 1 <= len(result["errors"]) <= 2
    assert "cannot be reached" in result["msg"] or "the connection broke" in result["msg"]


@pytest.mark.parametrize("workers", [1, 8])
def test_workers_make_the_same(run: Modules, workers: int) -> None:
    desired = {
        "projects": [{"name": f"team-{number}", "storage_limit": "2GiB"} for number in range(20)],
        "labels": [{"name": f"label-{number}", "project": f"team-{number % 20}"} for number in range(40)],
    }
    run.state(desired, harbor_workers=workers)
    assert not run.state(desired, harbor_workers=workers)["changed"]
    assert len(run.ok("label_info")["labels"]) == 40


def test_check_mode_has_a_belt(run: Modules) -> None:
    """Even a bug in a resource cannot write in check mode."""
    from ansible_collections.dockmaster.harbor.plugins.module_utils._errors import ReadOnlyError
    from ansible_collections.dockmaster.harbor.plugins.module_utils._transport import Connection

    api = _http.Api(Connection(url=run.harbor.url, username="admin", password=run.harbor.password), read_only=True)
    api.login()
    for write in (
        lambda: api.put("/x", {}),
        lambda: api.patch("/x", {}),
        lambda: api.delete("/x"),
        lambda: api.create("/x", {}, lambda: 1),
    ):
        with pytest.raises(ReadOnlyError):
            write()
    assert run.writes() == []


@pytest.mark.parametrize("kind", ["502", "503", "reset_before"])
@pytest.mark.parametrize(("method", "path"), [("POST", "/c/login"), ("GET", "/api/v2.0/systeminfo")])
def test_the_login_is_tried_again(run: Modules, kind: str, method: str, path: str) -> None:
    run.harbor.faults.add(kind, method=method, path_prefix=path, times=2)
    assert run.state(LABEL)["changed"]


def test_a_robot_that_cannot_be_deleted_again_is_told(run: Modules) -> None:
    """The next run finishes it, for it is marked."""
    sample = next(sample for sample in SAMPLES if sample.module == "robot")
    run.state(sample.before)
    for method in ("PATCH", "DELETE"):
        run.harbor.faults.add("502", method=method, path_prefix="/api/v2.0/robots", times=_http.ATTEMPTS)
    message = run.refused("robot", **sample.key, **sample.values)
    assert "PATCH /api/v2.0/robots" in message and "the robot is there with a secret that nobody knows: run again" in message
    assert run.ok("robot", **sample.key, **sample.values)["changed"]
