# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Webhook policies of projects, and what was delivered by them."""

from __future__ import annotations

from typing import Any

from .. import clock, jobs
from ..errors import Duplicate, bad_request, conflict, not_found
from ..events import VENDORS
from ..listing import Columns
from ..models import WEBHOOK_POLICY
from ..store import Doc, Transaction
from ..web import Answer, Call, created, find_project, route

COLUMNS = Columns({"id": int, "name": str, "project_id": int, "enabled": bool, "creation_time": str})
EVENTS = (
    "PUSH_ARTIFACT",
    "PULL_ARTIFACT",
    "DELETE_ARTIFACT",
    "QUOTA_EXCEED",
    "QUOTA_WARNING",
    "SCANNING_FAILED",
    "SCANNING_STOPPED",
    "SCANNING_COMPLETED",
    "REPLICATION",
    "TAG_RETENTION",
)
_FORMATS = ("Default", "CloudEvents")
_BASE = "/projects/{project}/webhook"
_ONE = _BASE + "/policies/{id}"
_TASKS = _ONE + "/executions/{execution}/tasks"
_RESOURCE = "notification-policy"


@route("GET", _BASE + "/events")
def events(call: Call) -> dict[str, Any]:
    find_project(call, _RESOURCE, "read")
    formats = [{"notify_type": "http", "formats": list(_FORMATS)}]
    return {"event_type": list(EVENTS), "notify_type": list(VENDORS), "payload_formats": formats}


@route("GET", _BASE + "/policies", listing=True)
def list_policies(call: Call) -> Answer:
    project = find_project(call, _RESOURCE, "list")
    return call.list_page(call.select(_newest_first(call.tx, project), COLUMNS), show)


@route("POST", _BASE + "/policies", WEBHOOK_POLICY)
def create_policy(call: Call) -> Answer:
    project = find_project(call, _RESOURCE, "create")
    now = clock.now()
    row = {**_checked(call.body), "project_id": project["id"], "creation_time": now, "update_time": now}
    try:
        policy = call.tx.insert("webhook_policy", row)
    except Duplicate as error:
        raise conflict(f"notification policy named {row['name']} already exists") from error
    return created(f"{call.path}/{policy['id']}")


@route("GET", _ONE)
def read_policy(call: Call) -> dict[str, Any]:
    return show(_find(call, "read"))


@route("PUT", _ONE, WEBHOOK_POLICY)
def update_policy(call: Call) -> None:
    policy = _find(call, "update")
    # The time of the creation is taken from the body, and is lost when that has none; the time of the update stays.
    changes = {**_checked(call.body), "creation_time": call.body.get("creation_time", clock.NEVER)}
    try:
        call.tx.update("webhook_policy", policy["id"], **changes)
    except Duplicate as error:
        raise conflict(f"notification policy named {changes['name']} already exists") from error


@route("DELETE", _ONE)
def delete_policy(call: Call) -> None:
    remove(call.tx, _find(call, "delete"))


@route("GET", _ONE + "/executions", listing=True)
def list_executions(call: Call) -> Answer:
    rows = _executions(call.tx, _find(call, "read"))
    return call.list_page(rows, lambda row: jobs.show_execution(call.tx, row))


@route("GET", _TASKS, listing=True)
def list_tasks(call: Call) -> Answer:
    execution = _find_execution(call)
    return call.list_page(call.tx.find("task", execution_id=execution["id"])[::-1], jobs.show_task)


@route("GET", _TASKS + "/{task}/log")
def read_log(call: Call) -> Answer:
    execution, ident = _find_execution(call), call.number("task")
    task = call.tx.get("task", ident)
    if task is None:
        raise not_found(f"task {ident} not found")
    if task["execution_id"] != execution["id"]:
        raise not_found(f"resource not found: task {ident} not found in execution {execution['id']}")
    return Answer(200, task["log"], media_type="text/plain")


@route("GET", _BASE + "/jobs", listing=True)
def list_jobs(call: Call) -> Answer:
    project = find_project(call, _RESOURCE, "list")
    ident = int(call.query.get("policy_id", "0"))
    policy = call.tx.get("webhook_policy", ident)
    if policy is None:
        raise not_found(f"notificationPolicy {ident} not found")
    if policy["project_id"] != project["id"]:
        raise not_found(f"resource not found: project id {project['id']} does not match")
    rows = _executions(call.tx, policy)
    wanted = call.query.getlist("status")
    return call.list_page([row for row in rows if not wanted or row["status"] in wanted], _show_job)


@route("GET", _BASE + "/lasttrigger")
def last_trigger(call: Call) -> list[dict[str, Any]]:
    """One row for each policy and event type, policies newest first."""
    project = find_project(call, _RESOURCE, "read")
    policies = _newest_first(call.tx, project)
    return [_show_trigger(call.tx, policy, event) for policy in policies for event in policy["event_types"]]


def remove(tx: Transaction, policy: Doc) -> None:
    for vendor in VENDORS.values():
        jobs.remove(tx, vendor, policy["id"])
    tx.delete("webhook_policy", policy["id"])


def _newest_first(tx: Transaction, project: Doc) -> list[Doc]:
    """A policy that lost its time of creation counts as the newest: PostgreSQL sorts what is absent so."""
    rows = tx.find("webhook_policy", project_id=project["id"])
    return sorted(rows, key=lambda row: (row["creation_time"] == clock.NEVER, row["creation_time"], row["id"]), reverse=True)


def _checked(body: Doc) -> Doc:
    """The row that a body makes. Raises ApiError 400."""
    name, types = body.get("name", ""), body.get("event_types", [])
    if not types:
        raise bad_request("empty event type")
    for event in types:
        if event not in EVENTS:
            raise bad_request(f"unsupported event type {event}")
    if not body.get("targets"):
        raise bad_request(f"empty notification target with policy {name}")
    row = {"name": name, "description": body.get("description", ""), "enabled": body.get("enabled", False), "event_types": types}
    return {**row, "targets": [_checked_target(target, name) for target in body["targets"]]}


def _checked_target(target: Doc, policy: str) -> Doc:
    kind, payload_format = target.get("type", ""), target.get("payload_format", "")
    _check_address(target.get("address", ""))
    if kind not in VENDORS:
        raise bad_request(f"unsupported target type {kind} with policy {policy}")
    if payload_format and kind == "slack":
        raise bad_request("set payload format is not allowed for slack")
    if payload_format and payload_format not in _FORMATS:
        raise bad_request(f"unsupported payload format type: {payload_format}")
    # Stored as it came, also without a scheme.
    kept = {key: value for key, value in target.items() if value}
    return {**kept, "payload_format": payload_format or "Default"} if kind == "http" else kept


def _check_address(address: str) -> None:
    if not address.strip(" /"):
        raise bad_request("empty URL")
    scheme = address.partition("://")[0].lower() if "://" in address else "http"
    if scheme not in ("http", "https"):
        raise bad_request(f"invalid scheme: {scheme}")


def _find(call: Call, action: str) -> Doc:
    project, ident = find_project(call, _RESOURCE, action), call.number("id")
    policy = call.tx.get("webhook_policy", ident)
    if policy is None:
        raise not_found(f"notificationPolicy {ident} not found")
    if policy["project_id"] != project["id"]:
        raise not_found(f"resource not found: project id:{project['id']}, webhook policy id: {ident} not found")
    return policy


def _find_execution(call: Call) -> Doc:
    policy, ident = _find(call, "read"), call.number("execution")
    execution = call.tx.get("execution", ident)
    if execution is None:
        raise not_found(f"execution {ident} not found")
    if execution["vendor_id"] != policy["id"] or execution["vendor_type"] not in VENDORS.values():
        raise not_found(f"resource not found: execution {ident} not found in policy {policy['id']}")
    return execution


def _executions(tx: Transaction, policy: Doc) -> list[Doc]:
    rows = [row for vendor in VENDORS.values() for row in tx.find("execution", vendor_type=vendor, vendor_id=policy["id"])]
    return sorted(rows, key=lambda row: -int(row["id"]))


def show(policy: Doc) -> dict[str, Any]:
    keys = ("id", "project_id", "enabled", "event_types", "targets", "creation_time", "update_time")
    return {key: policy[key] for key in keys} | {key: policy[key] for key in ("name", "description") if policy[key]}


def _show_job(execution: Doc) -> dict[str, Any]:
    kind = next(kind for kind, vendor in VENDORS.items() if vendor == execution["vendor_type"])
    given = execution["extra_attrs"]
    shown = {"id": execution["id"], "policy_id": execution["vendor_id"], "status": execution["status"], "notify_type": kind}
    shown |= {"event_type": given["event_type"], "job_detail": given["payload"]}
    times = {"creation_time": execution["start_time"], "update_time": execution["end_time"] or execution["start_time"]}
    return shown | {key: clock.in_milliseconds(stamp) for key, stamp in times.items()}


def _show_trigger(tx: Transaction, policy: Doc, event: str) -> dict[str, Any]:
    times = [row["start_time"] for row in _executions(tx, policy) if row["extra_attrs"]["event_type"] == event]
    shown = {"event_type": event, "enabled": policy["enabled"], "creation_time": policy["creation_time"]}
    shown["last_trigger_time"] = clock.in_milliseconds(times[0] if times else None)
    return shown | ({"policy_name": policy["name"]} if policy["name"] else {})
