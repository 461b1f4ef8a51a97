# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Policies that preheat images of a project, and their runs. The project is always a name here."""

from __future__ import annotations

import json
from typing import Any

from .. import clock, cron, jobs
from ..errors import Duplicate, bad_request, conflict, internal, not_found, precondition
from ..listing import Columns
from ..models import PREHEAT_POLICY, PREHEAT_STOP
from ..preheat import VENDOR, launch
from ..store import Doc, Transaction, first
from ..web import Answer, Call, created, find_project_by_name, route
from . import preheat_instances

COLUMNS = Columns({"id": int, "name": str, "description": str, "provider_id": int, "enabled": bool, "creation_time": str})
_BASE = "/projects/{project}/preheat/policies"
_ONE = _BASE + "/{name}"
_EXECUTION = _ONE + "/executions/{execution}"
_RESOURCE = "preheat-policy"


@route("GET", "/projects/{project}/preheat/providers")
def list_providers(call: Call) -> list[dict[str, Any]]:
    find_project_by_name(call, _RESOURCE, "list")
    return [_show_provider(instance) for instance in call.tx.find("preheat_instance")]


@route("GET", _BASE, listing=True)
def list_policies(call: Call) -> Answer:
    project = find_project_by_name(call, _RESOURCE, "list")
    rows = call.tx.find("preheat_policy", project_id=project["id"])
    return call.list_page(call.select(rows, COLUMNS), lambda row: show(call, row))


@route("POST", _BASE, PREHEAT_POLICY)
def create_policy(call: Call) -> Answer:
    project = find_project_by_name(call, _RESOURCE, "create")
    row = _row(call.body)
    preheat_instances.find(call.tx, row["provider_id"])
    trigger = _checked(row)
    now = clock.now()
    if _cron(trigger):
        # Only here, after it made the schedule, Harbor writes the trigger in its own form.
        row["trigger"] = json.dumps({"type": trigger["type"], "trigger_setting": {"cron": _cron(trigger)}}, separators=(",", ":"))
    try:
        policy = call.tx.insert("preheat_policy", {**row, "project_id": project["id"], "creation_time": now, "update_time": now})
    except Duplicate as error:
        raise conflict(f"policy {row['name']} already exists") from error
    _reschedule(call.tx, policy["id"], trigger)
    return created(f"{call.path}/{row['name']}")


@route("GET", _ONE)
def read_policy(call: Call) -> dict[str, Any]:
    return show(call, _find(call, "read"))


@route("PUT", _ONE, PREHEAT_POLICY)
def update_policy(call: Call) -> None:
    """The id in the body tells which policy; the name in the path is not looked at."""
    project = find_project_by_name(call, _RESOURCE, "update")
    row = _row(call.body)
    ident = call.body.get("id", 0)
    policy = call.tx.get("preheat_policy", ident)
    if ident and policy is None:
        raise not_found(f"policy {ident} not found")
    if policy is not None and policy["project_id"] != project["id"]:
        raise not_found(f"resource not found: project id {project['id']} does not match")
    preheat_instances.find(call.tx, row["provider_id"])
    if policy is None:
        raise not_found(f"policy {ident} not found")
    trigger = _checked(row)
    # The time of the creation is lost.
    call.tx.update("preheat_policy", ident, **row, creation_time=clock.NEVER, update_time=clock.now())
    if _cron(trigger) != _cron(json.loads(policy["trigger"])):
        _reschedule(call.tx, ident, trigger)


@route("DELETE", _ONE)
def delete_policy(call: Call) -> None:
    policy = _find(call, "delete")
    for execution in call.tx.find("execution", vendor_type=VENDOR, vendor_id=policy["id"], active=True):
        raise precondition(f"execution {execution['id']} under the policy {policy['name']} is running, stop it and retry")
    remove(call.tx, policy)


@route("POST", _ONE, PREHEAT_POLICY)
def run_policy(call: Call) -> Answer:
    policy = _find(call, "read")
    if not policy["enabled"]:
        raise internal()
    preheat_instances.check_health(call, preheat_instances.find(call.tx, policy["provider_id"]))
    execution = launch(call.harbor, call.tx, policy)
    return created(f"/projects/{call.params['project']}/preheat/policies/{policy['name']}/executions/{execution['id']}")


@route("GET", _ONE + "/executions", listing=True)
def list_executions(call: Call) -> Answer:
    policy = _find(call, "list")
    rows = call.tx.find("execution", vendor_type=VENDOR, vendor_id=policy["id"])
    return call.list_page(rows[::-1], lambda row: jobs.show_execution(call.tx, row))


@route("GET", _EXECUTION)
def read_execution(call: Call) -> dict[str, Any]:
    return jobs.show_execution(call.tx, _find_execution(call, "read"))


@route("PATCH", _EXECUTION, PREHEAT_STOP)
def stop_execution(call: Call) -> None:
    execution = _find_execution(call, "update")
    if call.body.get("status") != "Stopped":
        raise internal()
    jobs.stop(call.tx, execution)


@route("GET", _EXECUTION + "/tasks", listing=True)
def list_tasks(call: Call) -> Answer:
    execution = _find_execution(call, "list")
    return call.list_page(call.tx.find("task", execution_id=execution["id"])[::-1], jobs.show_task)


@route("GET", _EXECUTION + "/tasks/{task}/logs")
def read_log(call: Call) -> Answer:
    execution, ident = _find_execution(call, "read"), call.number("task")
    task = call.tx.get("task", ident)
    if task is None:
        raise not_found(f"task {ident} not found")
    if task["execution_id"] != execution["id"]:
        project = first(call.tx, "project", name=call.params["project"]) or {"id": 0}
        raise not_found(f"resource not found: project id {project['id']}, task id {ident} not found")
    return Answer(200, task["log"], media_type="text/plain")


def remove(tx: Transaction, policy: Doc) -> None:
    jobs.remove(tx, VENDOR, policy["id"])
    tx.delete("preheat_policy", policy["id"])


def _find(call: Call, action: str) -> Doc:
    project = find_project_by_name(call, _RESOURCE, action)
    policy = first(call.tx, "preheat_policy", project_id=project["id"], name=call.params["name"])
    if policy is None:
        raise not_found(f"policy {call.params['name']} not found")
    return policy


def _find_execution(call: Call, action: str) -> Doc:
    policy, ident = _find(call, action), call.number("execution")
    execution = call.tx.get("execution", ident)
    if execution is None:
        raise not_found(f"execution {ident} not found")
    if (execution["vendor_type"], execution["vendor_id"]) != (VENDOR, policy["id"]):
        raise not_found(f"resource not found: project id {policy['project_id']}, execution id {ident} not found")
    return execution


def _row(body: Doc) -> Doc:
    """The row that a body makes. Raises ApiError 500 for a bad name."""
    if not preheat_instances.NAME.fullmatch(body.get("name", "")):
        raise internal()
    texts = {key: body.get(key, "") for key in ("name", "description", "filters", "trigger", "extra_attrs")}
    return {**texts, "provider_id": body.get("provider_id", 0), "enabled": body.get("enabled", False)}


def _checked(row: Doc) -> Doc:
    """The trigger, when all texts can be read. Raises ApiError 500 for what is no JSON and 400 for a bad cron string."""
    filters, trigger = _decoded(row["filters"]), _decoded(row["trigger"])
    extra = _decoded(row["extra_attrs"]) if row["extra_attrs"] else {}
    if not isinstance(filters, list) or not isinstance(trigger, dict) or not isinstance(extra, dict):
        raise internal()
    text = _cron(trigger)
    if text and cron.problem(text):
        raise bad_request(f"invalid cron string for scheduled preheat: {text}, error: {cron.problem(text)}")
    return trigger


def _decoded(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise internal() from error


def _cron(trigger: Doc) -> str:
    if trigger.get("type") != "scheduled":
        return ""
    return str((trigger.get("trigger_setting") or {}).get("cron", ""))


def _reschedule(tx: Transaction, ident: int, trigger: Doc) -> None:
    jobs.unschedule(tx, VENDOR, ident)
    if _cron(trigger):
        jobs.schedule(tx, VENDOR, ident, _cron(trigger))


def show(call: Call, policy: Doc) -> dict[str, Any]:
    keys = ("id", "name", "project_id", "provider_id", "enabled", "filters", "trigger", "creation_time", "update_time")
    shown = {key: policy[key] for key in keys} | {"provider_name": preheat_instances.find(call.tx, policy["provider_id"])["name"]}
    return shown | {key: policy[key] for key in ("description", "extra_attrs") if policy[key]}


def _show_provider(instance: Doc) -> dict[str, Any]:
    text = f"{instance['vendor']} {instance['name']}-{instance['endpoint']}"
    shown = {"id": instance["id"], "provider": text}
    return shown | {key: True for key in ("enabled", "default") if instance[key]}
