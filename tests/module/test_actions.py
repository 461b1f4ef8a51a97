# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Executions: started once, followed to their end, joined, stopped; whatever the network does."""

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest
from ansible_collections.dockmaster.harbor.plugins.module_utils import _http
from ansible_collections.dockmaster.harbor.plugins.module_utils._action import (
    ERROR,
    RUNNING,
    STOPPED,
    SUCCESS,
    Execution,
    Progress,
    Watch,
    understand,
    wait,
)
from ansible_collections.dockmaster.harbor.plugins.module_utils._actions import ACTIONS
from ansible_collections.dockmaster.harbor.plugins.module_utils._errors import Error
from standin import jobs
from standin.content import Manifest, record_manifest
from standin.scanning import new_scanner, scan_all
from standin.world import Scan

from .conftest import Modules
from .samples import CANARIES, DR_SITE, PAYMENTS

Doc = dict[str, t.Any]


class Case(t.NamedTuple):
    """One kind of execution: options of the module, Harbor's name of the job, where it is started, and the name in messages."""

    module: str
    options: Doc
    vendor: str
    path: str
    label: str


TYPES = ["create_artifact", "other"]
OCI = "application/vnd.oci.image"
CASES = (
    Case(
        "replication_execution",
        {"policy": "mirror"},
        "REPLICATION",
        "/api/v2.0/replication/executions",
        "replication execution {id} of policy mirror",
    ),
    Case(
        "retention_execution",
        {"project": "payments"},
        "RETENTION",
        "/api/v2.0/retentions/1/executions",
        "retention execution {id} of project payments",
    ),
    Case("garbage_collection_execution", {}, "GARBAGE_COLLECTION", "/api/v2.0/system/gc/schedule", "garbage collection {id}"),
    Case(
        "audit_log_purge_execution",
        {"audit_retention_hour": 168, "include_event_types": TYPES},
        "PURGE_AUDIT_LOG",
        "/api/v2.0/system/purgeaudit/schedule",
        "audit log purge {id}",
    ),
)
# The one that has no number.
SCAN = Case("scan_all_execution", {}, "SCAN_ALL", "/api/v2.0/system/scanAll/schedule", "scan of all artifacts")
DRY = tuple(case for case in CASES if case.module != "replication_execution")
cases = pytest.mark.parametrize("case", CASES, ids=lambda case: case.module)
all_cases = pytest.mark.parametrize("case", (*CASES, SCAN), ids=lambda case: case.module)
dry_cases = pytest.mark.parametrize("case", DRY, ids=lambda case: case.module)


@pytest.fixture
def ready(run: Modules) -> Modules:
    """A Harbor with something to replicate, to retain and to scan."""
    run.state(
        {
            **PAYMENTS,
            "registries": [DR_SITE],
            "replication_policies": [{"name": "mirror", "dest_registry": DR_SITE["name"], "enabled": True}],
            "retention_policies": [{"project": "payments", "rules": [{"retain": "most_recently_pushed", "count": 2}]}],
        }
    )
    with run.harbor.harbor.store.transaction(write=True) as tx:
        tx.insert("scanner", new_scanner(name="Scanner", url="https://scanner.example.com", is_default=True))
        [project] = tx.find("project", name="payments")
        for name in ("api", "web"):
            for number in range(4):
                manifest = Manifest(f"sha256:{name}{number}", f"{OCI}.manifest.v1+json", f"{OCI}.config.v1+json", "", "", {}, ())
                record_manifest(tx, project, f"payments/{name}", f"v{number}", manifest)
        for row in tx.find("execution"):  # what the checks of the policies left behind
            if row["vendor_type"] in ("RETENTION", "REPLICATION"):
                jobs.remove(tx, row["vendor_type"], row["vendor_id"])
    run.harbor.log.clear()
    return run


def executions(run: Modules, case: Case) -> list[Doc]:
    with run.harbor.harbor.store.transaction(write=False) as tx:
        return list(tx.find("execution", vendor_type=case.vendor))


def posts(run: Modules, case: Case) -> int:
    return sum(entry[:2] == ("POST", case.path) for entry in run.harbor.log)


def lasting(run: Modules, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let jobs run for as long as the test does."""
    monkeypatch.setattr(run.harbor.harbor.settings, "job_seconds", 3600)


def ending(monkeypatch: pytest.MonkeyPatch, case: Case, status: str, log: str) -> None:
    """Let the tasks of a kind end in a certain way."""

    def runner(harbor: t.Any, tx: t.Any, task: Doc) -> str:
        tx.update("task", task["id"], log=log)
        return status

    monkeypatch.setitem(jobs._RUNNERS, case.vendor, runner)


def test_every_action_is_tested() -> None:
    assert {case.module for case in (*CASES, SCAN)} == {action.name for action in ACTIONS}


@all_cases
def test_success(ready: Modules, case: Case) -> None:
    """Check mode starts nothing and says what would be; then one execution runs to its end."""
    planned = ready.ok(case.module, check=True, **case.options)
    assert planned["changed"] and not planned["joined"]
    assert planned["execution"]["id"] is None and planned["execution"]["status"] == "planned"
    assert ready.writes() == [] and executions(ready, case) == []
    done = ready.ok(case.module, **case.options)
    assert done["changed"] and not done["joined"] and done["execution"]["status"] == SUCCESS
    assert len(executions(ready, case)) == 1 and posts(ready, case) == 1 and len(ready.writes()) == 1
    assert ready.ok(case.module, **case.options)["changed"], "each run starts a new one"


def test_replication_tells_how_far_it_came(ready: Modules) -> None:
    result = ready.ok("replication_execution", policy="mirror")
    assert result["progress"] == {"total": 2, "succeeded": 2, "failed": 0, "stopped": 0, "running": 0, "percent": 100}
    assert result["execution"]["trigger"] == "manual" and result["tasks"] == [] and result["log"] == ""
    assert result["execution"]["start_time"].startswith("20")


def test_a_replication_without_anything_to_do_says_so(ready: Modules) -> None:
    ready.ok("replication_policy", name="mirror", filters=[{"type": "name", "value": "nothing/**"}])
    result = ready.ok("replication_execution", policy="mirror")
    assert result["execution"]["message"] == "no resources need to be replicated" and result["progress"]["total"] == 0


def test_retention_counts_what_it_deletes(ready: Modules) -> None:
    """The dry run deletes nothing and is no change; what it announces happens then."""
    rehearsal = ready.ok("retention_execution", project="payments", dry_run=True)
    assert not rehearsal["changed"] and rehearsal["execution"]["dry_run"]
    assert {name: rehearsal["execution"][name] for name in ("artifacts", "retained", "deleted")} == {
        "artifacts": 8,
        "retained": 4,
        "deleted": 4,
    }
    assert rehearsal["tasks"] == [
        {"repository": name, "status": SUCCESS, "artifacts": 4, "retained": 2, "deleted": 2} for name in ("api", "web")
    ]
    assert "api:\n" in rehearsal["log"] and "sha256:api0" in rehearsal["log"] and "web:\n" in rehearsal["log"]
    with ready.harbor.harbor.store.transaction(write=False) as tx:
        assert len(tx.find("artifact")) == 8
    done = ready.ok("retention_execution", project="payments")
    assert done["changed"] and done["execution"]["deleted"] == 4 and done["log"] == ""
    with ready.harbor.harbor.store.transaction(write=False) as tx:
        assert len(tx.find("artifact")) == 4


def test_garbage_collection_tells_what_it_freed(ready: Modules) -> None:
    result = ready.ok("garbage_collection_execution", workers=3)
    assert {"freed_space", "purged_blobs", "purged_manifests"} <= set(result["execution"]) and result["log"] == ""
    [row] = executions(ready, CASES[2])
    assert (row["extra_attrs"]["workers"], row["extra_attrs"]["delete_untagged"], row["extra_attrs"]["dry_run"]) == (3, False, False)


@dry_cases
def test_a_dry_run_is_no_change_and_shows_the_log(ready: Modules, case: Case) -> None:
    assert not ready.ok(case.module, check=True, dry_run=True, **case.options)["changed"]
    result = ready.ok(case.module, dry_run=True, **case.options)
    assert not result["changed"] and result["execution"]["dry_run"] and result["log"]
    assert executions(ready, case)[0]["extra_attrs"]["dry_run"] is True


@cases
def test_failure_shows_the_end_of_the_log(ready: Modules, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    ending(monkeypatch, case, "Error", "\n".join(["early line", *(f"line {number}" for number in range(60)), "[ERROR] disk full"]))
    result = ready(case.module, **case.options)
    number = executions(ready, case)[0]["id"]
    assert result["failed"] and result["changed"]
    assert result["msg"].startswith(f"{case.label.format(id=number)} failed")
    assert result["execution"] == {**result["execution"], "id": number, "status": ERROR}
    assert "[ERROR] disk full" in result["log"] and "early line" not in result["log"]


def test_a_failed_replication_names_the_tasks(ready: Modules, monkeypatch: pytest.MonkeyPatch) -> None:
    ending(monkeypatch, CASES[0], "Error", "no space")
    result = ready("replication_execution", policy="mirror")
    assert result["msg"].endswith("failed: 2 of 2 tasks")
    assert result["tasks"][0] == {
        "source": "payments/api [4 item(s) in total]",
        "destination": "payments/api [4 item(s) in total]",
        "operation": "copy",
        "status": ERROR,
    }
    assert result["log"].count("no space") == 2


def test_a_log_that_cannot_be_read_does_not_hide_the_failure(ready: Modules, monkeypatch: pytest.MonkeyPatch) -> None:
    ending(monkeypatch, CASES[2], "Error", "x")
    ready.harbor.faults.add("502", method="GET", path_prefix="/api/v2.0/system/gc/1/log", times=_http.ATTEMPTS)
    ready.harbor.faults.add("502", method="GET", path_prefix="/api/v2.0/system/gc/2/log", times=_http.ATTEMPTS)
    monkeypatch.setattr(_http.Api, "text", _broken)
    result = ready("garbage_collection_execution")
    assert "failed" in result["msg"] and result["log"].startswith("the log cannot be read: GET ")


def _broken(api: _http.Api, path: str) -> str:
    from ansible_collections.dockmaster.harbor.plugins.module_utils._errors import ApiError

    raise ApiError("GET", path, 502)


@all_cases
def test_one_that_takes_too_long_says_what_to_do_and_is_joined(ready: Modules, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    lasting(ready, monkeypatch)
    result = ready(case.module, timeout=0, **case.options)
    rows = executions(ready, case)
    assert result["failed"] and result["changed"] and result["execution"]["status"] == RUNNING
    assert result["msg"].startswith(f"{case.label.format(id=rows[0]['id'])} still runs after timeout (0 s)")
    for advice in ("run again to join it", "longer timeout", "state=stopped"):
        assert advice in result["msg"]
    for again in (ready(case.module, timeout=0, **case.options), ready(case.module, wait=False, **case.options)):
        assert again["joined"] and not again["changed"] and again["execution"]["id"] == result["execution"]["id"]
    checked = ready.ok(case.module, check=True, **case.options)
    assert checked["joined"] and not checked["changed"]
    assert len(executions(ready, case)) == 1


@all_cases
def test_stop(ready: Modules, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stops all that run, whatever their parameters; a second time there is nothing to do."""
    lasting(ready, monkeypatch)
    idle = ready.ok(case.module, state="stopped", **case.options)
    assert not idle["changed"] and idle["execution"]["status"] == "idle"
    ready.ok(case.module, wait=False, **case.options)
    before = len(ready.writes())
    assert ready.ok(case.module, check=True, state="stopped", **case.options)["changed"] and len(ready.writes()) == before
    stopped = ready.ok(case.module, state="stopped", **case.options)
    assert stopped["changed"] and stopped["execution"]["status"] == STOPPED
    assert [row["status"] for row in executions(ready, case)] == ["Stopped"]
    assert not ready.ok(case.module, state="stopped", **case.options)["changed"]


def test_a_purge_is_stopped_without_saying_what_it_purges(ready: Modules) -> None:
    assert not ready.ok("audit_log_purge_execution", state="stopped")["changed"]
    assert "audit_retention_hour, include_event_types" in ready.refused("audit_log_purge_execution")


@dry_cases
def test_a_dry_run_is_not_taken_for_a_real_one(ready: Modules, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    lasting(ready, monkeypatch)
    ready.ok(case.module, dry_run=True, wait=False, **case.options)
    number = executions(ready, case)[0]["id"]
    message = ready.refused(case.module, **case.options)
    assert message.startswith(f"{case.label.format(id=number)} runs already, with dry_run=true, not false: wait for its end or stop it")
    assert message == ready.refused(case.module, check=True, **case.options)
    assert len(executions(ready, case)) == 1


@cases
def test_one_that_somebody_else_stopped_is_a_failure(ready: Modules, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    ending(monkeypatch, case, "Stopped", "terminated")
    result = ready(case.module, **case.options)
    assert result["failed"] and "was stopped" in result["msg"] and result["execution"]["status"] == STOPPED


@pytest.mark.parametrize("case", CASES[:2], ids=lambda case: case.module)
def test_late_statuses_are_not_waited_for(ready: Modules, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """Harbor's status of an execution follows its tasks seconds later. What it still calls running is not joined either."""
    monkeypatch.setattr(ready.harbor.harbor.settings, "refresh_seconds", 3600)
    first = ready.ok(case.module, **case.options)
    assert first["execution"]["status"] == SUCCESS
    assert [row["status"] for row in executions(ready, case)] == ["Running"]
    second = ready.ok(case.module, **case.options)
    assert second["changed"] and not second["joined"] and second["execution"]["id"] > first["execution"]["id"]
    assert not ready.ok(case.module, state="stopped", **case.options)["changed"]


@pytest.mark.parametrize("case", CASES[:2], ids=lambda case: case.module)
def test_a_late_failure_is_found_in_the_tasks(ready: Modules, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ready.harbor.harbor.settings, "refresh_seconds", 3600)
    ending(monkeypatch, case, "Error", "disk full")
    result = ready(case.module, **case.options)
    assert result["failed"] and result["execution"]["status"] == ERROR and "disk full" in result["log"]


def test_a_robot_with_the_permissions_does_it_too(ready: Modules) -> None:
    """As an administrator's pipeline would: with Basic credentials, and without the rights of an administrator."""
    catalogue = ready.ok("permission_info")["catalogue"]
    permissions = [{"kind": "system", "access": catalogue["system"]}, {"namespace": "*", "access": catalogue["project"]}]
    ready.ok("robot", name="operator", secret=CANARIES[0], permissions=permissions)
    robot = {"harbor_username": "robot$operator", "harbor_password": CANARIES[0]}
    for case in (*CASES, SCAN):
        assert ready.ok(case.module, **case.options, **robot)["execution"]["status"] == SUCCESS
        assert not ready.ok(case.module, state="stopped", **case.options, **robot)["changed"]
    assert ready.ok("job_queue", job_types=["REPLICATION"], state="paused", **robot)["changed"]


def test_one_without_the_permission_is_told(ready: Modules) -> None:
    ready.ok("robot", name="reader", secret=CANARIES[0], permissions=[{"namespace": "*", "access": ["repository:pull"]}])
    robot = {"harbor_username": "robot$reader", "harbor_password": CANARIES[0]}
    before = len(ready.writes())
    for case in (*CASES, SCAN):
        message = ready.refused(case.module, **case.options, **robot)
        assert "answered 403 FORBIDDEN" in message and "may not do this" in message
    assert len(ready.writes()) == before


# -- faults


@all_cases
@pytest.mark.parametrize(("kind", "after"), [("reset_after_write", False), ("502", True), ("504", True)])
def test_a_start_without_an_answer_is_looked_for(ready: Modules, case: Case, kind: str, after: bool) -> None:
    """It runs: it is followed, and nothing is started twice."""
    ready.harbor.faults.add(kind, method="POST", path_prefix=case.path, after_write=after)
    result = ready.ok(case.module, **case.options)
    [row] = executions(ready, case)
    assert result["changed"] and not result["joined"] and result["execution"]["id"] in (row["id"], None) and posts(ready, case) == 1


@all_cases
@pytest.mark.parametrize("kind", ["502", "503", "504", "reset_before"])
def test_a_start_that_did_not_happen_is_reported(ready: Modules, case: Case, kind: str) -> None:
    """It is not sent again: whoever runs the module again decides."""
    ready.harbor.faults.add(kind, method="POST", path_prefix=case.path)
    message = ready.refused(case.module, **case.options)
    assert f"POST {case.path}" in message and "whether it took effect is unknown" in message
    assert executions(ready, case) == [] and posts(ready, case) == 1
    assert ready.ok(case.module, **case.options)["changed"]


def test_an_older_one_is_not_taken_for_the_one_that_got_no_answer(ready: Modules) -> None:
    first = ready.ok("garbage_collection_execution")
    ready.harbor.faults.add("504", method="POST", path_prefix=CASES[2].path)
    assert "the object is not there" in ready.refused("garbage_collection_execution")
    ready.harbor.faults.add("504", method="POST", path_prefix=CASES[2].path, after_write=True)
    second = ready.ok("garbage_collection_execution")
    assert second["execution"]["id"] > first["execution"]["id"] and len(executions(ready, CASES[2])) == 2


@all_cases
@pytest.mark.parametrize("kind", ["502", "503", "504", "reset_before"])
def test_looks_are_tried_again(ready: Modules, case: Case, kind: str) -> None:
    path = "/api/v2.0/scans" if case is SCAN else case.path.removesuffix("/schedule")
    ready.harbor.faults.add(kind, method="GET", path_prefix=path, times=3)
    assert ready.ok(case.module, **case.options)["execution"]["status"] == SUCCESS


@cases
def test_one_that_cannot_be_followed_is_named(ready: Modules, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    create = _http.Api.create

    def started(api: _http.Api, *rest: t.Any) -> t.Any:
        number = create(api, *rest)
        ready.harbor.faults.add("503", method="GET", times=_http.ATTEMPTS)
        return number

    monkeypatch.setattr(_http.Api, "create", started)
    result = ready(case.module, **case.options)
    [row] = executions(ready, case)
    assert result["failed"] and result["changed"] and result["execution"]["id"] == row["id"]
    assert f"{case.label.format(id=row['id'])} was started, but cannot be followed: GET " in result["msg"]
    assert "run again to join it" in result["msg"]


@all_cases
@pytest.mark.parametrize("kind", ["502", "reset_after_write"])
def test_a_stop_is_tried_again(ready: Modules, case: Case, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    lasting(ready, monkeypatch)
    ready.ok(case.module, wait=False, **case.options)
    for method in ("PUT", "PATCH"):
        ready.harbor.faults.add(kind, method=method, times=2)
    ready.harbor.faults.add(kind, method="POST", path_prefix="/api/v2.0/system/scanAll/stop", after_write=True)
    assert ready.ok(case.module, state="stopped", **case.options)["execution"]["status"] == STOPPED


# -- what cannot be started


def test_unknown_targets_and_disabled_policies(ready: Modules) -> None:
    assert ready.refused("replication_execution", policy="ghost") == "policy: there is no replication policy 'ghost'"
    assert ready.refused("retention_execution", project="ghost") == "project: 'ghost' is not there"
    assert ready.refused("retention_execution", project="library") == "project: 'library' has no retention policy"
    ready.ok("replication_policy", name="mirror", enabled=False)
    before = len(ready.writes())
    for check in (True, False):
        assert "'mirror' is disabled, and Harbor runs no disabled policy" in ready.refused(
            "replication_execution", policy="mirror", check=check
        )
    assert not ready.ok("replication_execution", policy="mirror", state="stopped")["changed"]
    assert len(ready.writes()) == before


def test_names_that_need_care(ready: Modules) -> None:
    """With a comma, a slash, white space, or only digits."""
    names = ["a,b", "team/mirror", "12345", "to dr site", "~x"]
    ready.state({"replication_policies": [{"name": name, "dest_registry": DR_SITE["name"], "enabled": True} for name in names]})
    for name in names:
        result = ready.ok("replication_execution", policy=name)
        assert result["changed"] and result["progress"]["total"] == 2


BAD: tuple[tuple[str, Doc, str], ...] = (
    ("garbage_collection_execution", {"workers": 11}, "workers: 11 is not allowed; allowed: 1 to 10"),
    ("garbage_collection_execution", {"timeout": -1}, "timeout: -1 is not allowed; allowed: 0 or more seconds"),
    ("scan_all_execution", {"interval": 0}, "interval: 0 is not allowed; allowed: more than 0 seconds"),
    ("replication_execution", {"policy": " "}, "policy: ' ' is not allowed; allowed: must not be empty"),
    (
        "audit_log_purge_execution",
        {"audit_retention_hour": 0, "include_event_types": TYPES},
        "audit_retention_hour: 0 is not allowed; allowed: 1 to 240000",
    ),
    (
        "audit_log_purge_execution",
        {"audit_retention_hour": 1, "include_event_types": ["other", "push_artifact"]},
        "include_event_types: push_artifact is not allowed; allowed: create_artifact, ",
    ),
)


@pytest.mark.parametrize(("module", "options", "message"), BAD, ids=lambda value: value if isinstance(value, str) else "")
def test_bad_options_name_what_is_allowed(ready: Modules, module: str, options: Doc, message: str) -> None:
    assert message in ready.refused(module, **options)
    assert ready.writes() == []


def test_hours_reach_harbor_as_a_number(ready: Modules) -> None:
    """As text they would be read as zero. From a template they come as text."""
    ready.ok("audit_log_purge_execution", audit_retention_hour="168", include_event_types=TYPES)
    [row] = executions(ready, CASES[3])
    assert row["extra_attrs"]["audit_retention_hour"] == 168 and row["extra_attrs"]["include_event_types"] == "create_artifact,other"


def test_delete_tag_needs_harbor_2_15(ready: Modules, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ready.ok("garbage_collection_execution", delete_tag=True)["execution"]["delete_tag"]
    monkeypatch.setattr(ready.harbor.harbor.settings, "version", "v2.14.4")
    before = len(ready.writes())
    assert "delete_tag: needs Harbor 2.15.0, this is 2.14.4" in ready.refused("garbage_collection_execution", delete_tag=True)
    assert len(ready.writes()) == before
    assert ready.ok("garbage_collection_execution")["changed"]


def test_a_scan_without_a_scanner(run: Modules) -> None:
    with run.harbor.harbor.store.transaction(write=True) as tx:
        for row in tx.find("scanner"):
            tx.delete("scanner", row["id"])
    assert "no scanner is configured" in run.refused("scan_all_execution")


# -- scans of all artifacts, which have neither a number nor tasks that Harbor shows


def test_a_scan_counts_the_artifacts(ready: Modules) -> None:
    result = ready.ok("scan_all_execution")
    assert result["progress"] == {"total": 8, "succeeded": 8, "failed": 0, "stopped": 0, "running": 0, "percent": 100}
    assert result["execution"] == {"id": None, "status": SUCCESS, "trigger": "manual", "message": ""}


def test_a_scan_that_a_schedule_started_is_joined(ready: Modules, monkeypatch: pytest.MonkeyPatch) -> None:
    lasting(ready, monkeypatch)
    with ready.harbor.harbor.store.transaction(write=True) as tx:
        execution = scan_all(ready.harbor.harbor, tx, jobs.SCHEDULE)
        for task in tx.find("task", execution_id=execution["id"])[:3]:
            jobs.finish_task(tx, task, "Success")
    result = ready("scan_all_execution", timeout=0)
    assert result["joined"] and not result["changed"] and result["execution"]["trigger"] == "schedule"
    assert ", 3 of 8 tasks done. It goes on in Harbor" in result["msg"]
    assert result["progress"] == {"total": 8, "succeeded": 3, "failed": 0, "stopped": 0, "running": 5, "percent": 37}
    assert ready.writes() == []


def test_a_scan_that_failed_for_some_artifacts(ready: Modules, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(t.cast("t.Any", ready.harbor.harbor.world).scans, "payments/api", Scan(fails=True))
    result = ready("scan_all_execution")
    assert result["failed"] and result["changed"] and result["msg"] == "scan of all artifacts failed: 4 of 8 tasks"
    assert result["execution"]["status"] == ERROR and result["progress"]["failed"] == 4


# -- the loop


def looks(*executions: Execution) -> t.Callable[[], Execution]:
    """Return what tells one state after the other, the last one for ever."""
    left = list(executions)
    return lambda: left.pop(0) if len(left) > 1 else left[0]


def at(done: int, total: int, status: str = RUNNING) -> Execution:
    return Execution(id=1, status=status, progress=Progress(total=total, succeeded=done))


def test_pauses_grow_up_to_the_interval() -> None:
    pauses: list[float] = []
    found = wait(pauses.append, looks(*[at(0, 3)] * 6, at(3, 3, SUCCESS)), Watch(wait=True, timeout=60, interval=5))
    assert found.status == SUCCESS and pauses == [0.5, 1.0, 2.0, 4.0, 5, 5]


def test_the_end_is_believed_at_the_second_look() -> None:
    """After the first one Harbor may add tasks."""
    pauses: list[float] = []
    read = looks(at(1, 1), at(2, 2), at(2, 3), at(3, 3), at(3, 3))
    found = wait(pauses.append, read, Watch(wait=True, timeout=60, interval=5))
    assert found.status == SUCCESS and len(pauses) == 4


def test_figures_that_come_after_the_end_are_waited_for() -> None:
    ended = at(2, 2)
    read = looks(ended, replace(ended, facts={"deleted": 1}), replace(ended, facts={"deleted": 2}))
    assert wait(lambda seconds: None, read, Watch(wait=True, timeout=60, interval=5)).facts == {"deleted": 2}


@pytest.mark.parametrize(
    ("progress", "status"),
    [
        (Progress(total=3, succeeded=3), SUCCESS),
        (Progress(total=3, succeeded=2, stopped=1), STOPPED),
        (Progress(total=3, succeeded=1, stopped=1, failed=1), ERROR),
    ],
)
def test_tasks_decide_the_end(progress: Progress, status: str) -> None:
    assert Execution(id=1, status=RUNNING, progress=progress).concluded().status == status


def test_an_execution_without_tasks_yet_has_not_ended() -> None:
    assert not Progress(total=0).complete and not at(2, 3).complete and at(3, 3).complete


def test_a_state_that_is_new_is_no_crash() -> None:
    assert understand("InProgress") == understand("Scheduled") == RUNNING
    with pytest.raises(Error, match="Harbor calls the state 'Paused'; known: Pending, "):
        understand("Paused")
