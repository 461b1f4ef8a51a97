# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Replication executions and their tasks, in the words of Harbor's first API: InProgress, Succeed, Failed."""

from __future__ import annotations

from typing import Any

from .. import clock, jobs
from ..errors import not_found, precondition
from ..models import REPLICATION_RUN
from ..replication import VENDOR, launch
from ..store import Doc
from ..web import Answer, Call, created, route
from . import replication_policies

_BASE = "/replication/executions"
_STATUSES = {"Running": "InProgress", "Scheduled": "InProgress", "Success": "Succeed", "Error": "Failed"}
_TRIGGERS = {jobs.MANUAL: "manual", jobs.SCHEDULE: "scheduled", jobs.EVENT: "event_based"}


@route("POST", _BASE, REPLICATION_RUN)
def start(call: Call) -> Answer:
    call.require_system("replication", "create")
    policy = replication_policies.find(call, call.body.get("policy_id", 0))
    if not policy["enabled"]:
        raise precondition(f"the policy {policy['id']} is disabled")
    execution = launch(call.harbor, call.tx, policy, jobs.MANUAL, call.caller.name)
    return created(f"{call.path}/{execution['id']}")


@route("GET", _BASE, listing=True)
def list_executions(call: Call) -> Answer:
    call.require_system("replication", "list")
    rows = call.tx.find("execution", vendor_type=VENDOR)[::-1]
    if call.query.get("policy_id"):
        rows = [row for row in rows if str(row["vendor_id"]) == call.query["policy_id"]]
    if call.query.get("status"):
        rows = [row for row in rows if _status(row) == call.query["status"]]
    if call.query.get("trigger"):
        rows = [row for row in rows if _TRIGGERS[row["trigger"]] == call.query["trigger"]]
    return call.list_page(rows, lambda row: _show(call, row))


@route("GET", _BASE + "/{id}")
def read_execution(call: Call) -> dict[str, Any]:
    call.require_system("replication", "read")
    return _show(call, _find(call))


@route("PUT", _BASE + "/{id}")
def stop(call: Call) -> Answer:
    call.require_system("replication", "create")
    jobs.stop(call.tx, _find(call))
    # The handler answers with nothing, and that is printed.
    return Answer(200, "null\n")


@route("GET", _BASE + "/{id}/tasks", listing=True)
def list_tasks(call: Call) -> Answer:
    call.require_system("replication", "list")
    rows = call.tx.find("task", execution_id=_find(call)["id"])[::-1]
    if call.query.get("status"):
        rows = [row for row in rows if _status(row) == call.query["status"]]
    if call.query.get("resource_type"):
        rows = [row for row in rows if row["extra_attrs"]["resource_type"] == call.query["resource_type"]]
    return call.list_page(rows, _show_task)


@route("GET", _BASE + "/{id}/tasks/{task}/log")
def read_log(call: Call) -> Answer:
    call.require_system("replication", "read")
    execution, ident = _find(call), call.number("task")
    task = call.tx.get("task", ident)
    if task is None or task["vendor_type"] != VENDOR:
        raise not_found(f"replication task {ident} not found")
    if task["execution_id"] != execution["id"]:
        raise not_found(f"execution {execution['id']} contains no task with ID {ident}")
    return Answer(200, task["log"], media_type="text/plain")


def _find(call: Call) -> Doc:
    ident = call.number("id")
    execution = call.tx.get("execution", ident)
    if execution is None or execution["vendor_type"] != VENDOR:
        raise not_found(f"replication execution {ident} not found")
    return execution


def _status(row: Doc) -> str:
    return _STATUSES.get(row["status"]) or str(row["status"])


def _show(call: Call, execution: Doc) -> dict[str, Any]:
    states = [_status(task) for task in call.tx.find("task", execution_id=execution["id"])]
    return {
        "id": execution["id"],
        "policy_id": execution["vendor_id"],
        "status": _status(execution),
        "status_text": execution["status_message"],
        "trigger": _TRIGGERS[execution["trigger"]],
        "start_time": clock.in_milliseconds(execution["start_time"]),
        "end_time": clock.in_milliseconds(execution["end_time"]),
        "total": len(states),
        "succeed": states.count("Succeed"),
        "failed": states.count("Failed"),
        "in_progress": states.count("InProgress") + states.count("Pending"),
        "stopped": states.count("Stopped"),
    }


def _show_task(task: Doc) -> dict[str, Any]:
    given = task["extra_attrs"]
    shown = {key: task[key] for key in ("id", "execution_id", "job_id")}
    shown |= {key: given[key] for key in ("operation", "resource_type")}
    shown |= {"src_resource": given["source_resource"], "dst_resource": given["destination_resource"], "status": _status(task)}
    return shown | {key: clock.in_milliseconds(task[key]) for key in ("start_time", "end_time")}
