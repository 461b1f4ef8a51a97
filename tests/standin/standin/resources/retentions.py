# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tag retention policies of projects, and their runs."""

from __future__ import annotations

import json
from typing import Any

from .. import clock, cron, jobs
from ..errors import ApiError, BareError, bad_request, internal, not_found, unauthorized
from ..models import ACTION, RETENTION, RETENTION_RUN
from ..retention import VENDOR, launch
from ..store import Doc, Transaction
from ..web import Answer, Call, created, route

_MAX_RULES = 15
_ALL = {"kind": "doublestar", "pattern": "**"}
_ONE = "/retentions/{id}"
_EXECUTION = _ONE + "/executions/{execution}"
_CODES = {"Pending": 0, "Scheduled": 1, "Running": 2}


def _template(name: str, text: str, unit: str) -> dict[str, Any]:
    params = [{"type": "int", "unit": unit, "required": True}] if unit else []
    return {"rule_template": name, "display_text": text, "action": "retain", "params": params}


_METADATA = {
    "templates": [
        _template("latestPushedK", "the most recently pushed # artifacts", "COUNT"),
        _template("latestPulledN", "the most recently pulled # artifacts", "COUNT"),
        _template("nDaysSinceLastPush", "pushed within the last # days", "DAYS"),
        _template("nDaysSinceLastPull", "pulled within the last # days", "DAYS"),
        _template("always", "always", ""),
    ],
    "scope_selectors": [{"display_text": "Repositories", "kind": "doublestar", "decorations": ["repoMatches", "repoExcludes"]}],
    "tag_selectors": [{"display_text": "Tags", "kind": "doublestar", "decorations": ["matches", "excludes"]}],
}


@route("GET", "/retentions/metadatas")
def metadata(call: Call) -> dict[str, Any]:
    if not call.caller.is_authenticated:
        raise unauthorized()
    return _METADATA


@route("POST", "/retentions", RETENTION)
def create_retention(call: Call) -> Answer:
    policy = _checked(call, "create")
    scope = policy["scope"]
    if scope["level"] != "project":
        raise bad_request(f"bad request: scope {scope['level']} is not support")
    project = call.tx.get("project", scope["ref"])
    if project is None:
        raise bad_request(f"bad request: invalid Project id {scope['ref']}")
    existing = project["metadata"].get("retention_id")
    if existing is not None:
        raise bad_request(f"bad request: project {project['id']} already has retention policy {existing}")
    row = insert(call.tx, policy)
    call.tx.update("project", project["id"], metadata={**project["metadata"], "retention_id": str(row["id"])})
    return created(f"/api/v2.0/retentions/{row['id']}")


@route("GET", _ONE)
def read_retention(call: Call) -> dict[str, Any]:
    row = call.tx.get("retention", call.number("id"))
    if row is None:
        if not call.caller.is_authenticated:
            raise unauthorized()
        raise internal()
    _require(call, row["policy"], "read")
    return show(call.tx, row)


@route("PUT", _ONE, RETENTION)
def update_retention(call: Call) -> None:
    policy = _checked(call, "update")
    ident = call.number("id")
    _check_owner(call, policy, ident)
    row = call.tx.get("retention", ident)
    if row is None:
        raise internal()
    if _cron(row["policy"]) != _cron(policy):
        jobs.unschedule(call.tx, VENDOR, ident)
        _schedule(call.tx, ident, policy)
    call.tx.update("retention", ident, policy=policy, project_id=policy["scope"]["ref"])


@route("DELETE", _ONE)
def delete_retention(call: Call) -> None:
    row = _find(call, "delete")
    remove(call.tx, row)
    project = call.tx.get("project", row["project_id"])
    if project is not None:
        rest = {key: value for key, value in project["metadata"].items() if key != "retention_id"}
        call.tx.update("project", project["id"], metadata=rest)


@route("POST", _ONE + "/executions", RETENTION_RUN)
def run_retention(call: Call) -> Answer:
    row = _find(call, "update")
    execution = launch(call.harbor, call.tx, row, jobs.MANUAL, call.caller.name, dry_run=call.body.get("dry_run", False))
    return created(f"{call.path}/{execution['id']}")


@route("GET", _ONE + "/executions", listing=True)
def list_executions(call: Call) -> Answer:
    row = _find(call, "list")
    rows = call.tx.find("execution", vendor_type=VENDOR, vendor_id=row["id"])
    return call.list_page(rows[::-1], _show_execution)


@route("PATCH", _EXECUTION, ACTION)
def stop_execution(call: Call) -> None:
    if call.body.get("action", "") != "stop":
        raise bad_request("bad request: action should be 'stop'")
    jobs.stop(call.tx, _find_execution(call, _find(call, "update")))


@route("GET", _EXECUTION + "/tasks", listing=True)
def list_tasks(call: Call) -> Answer:
    execution = _find_execution(call, _find(call, "list"))
    return call.list_page(call.tx.find("task", execution_id=execution["id"])[::-1], _show_task)


@route("GET", _EXECUTION + "/tasks/{task}")
def read_task_log(call: Call) -> Answer:
    row = _find(call, "read")
    execution = _find_execution(call, row)
    task = call.tx.get("task", call.number("task"))
    if task is None or task["execution_id"] != execution["id"]:
        raise not_found(f"project: {row['project_id']}, execution id {execution['id']} not found")
    return Answer(200, task["log"], media_type="text/plain")


def insert(tx: Transaction, policy: Doc) -> Doc:
    """Store a policy with its schedule."""
    row = tx.insert("retention", {"project_id": policy["scope"]["ref"], "policy": policy})
    _schedule(tx, row["id"], policy)
    return row


def remove(tx: Transaction, row: Doc) -> None:
    """Forget a policy, its schedule and its runs."""
    jobs.remove(tx, VENDOR, row["id"])
    tx.delete("retention", row["id"])


def proxy_policy(project_id: int) -> Doc:
    """What a proxy-cache project gets: what nobody pulled for a week goes."""
    rule = {
        "id": 1,
        "priority": 1,
        "action": "retain",
        "template": "nDaysSinceLastPull",
        "params": {"nDaysSinceLastPull": 7},
        "tag_selectors": [{**_ALL, "decoration": "matches"}],
        "scope_selectors": {"repository": [{**_ALL, "decoration": "repoMatches"}]},
    }
    trigger = {"kind": "Schedule", "settings": {"cron": "0 0 0 * * *"}}
    return {"algorithm": "or", "rules": [rule], "scope": {"level": "project", "ref": project_id}, "trigger": trigger}


def _checked(call: Call, action: str) -> Doc:
    """The policy of a body, when its rules and its cron are right and the caller may. Raises ApiError 400, 403, 409, 500."""
    body = call.body
    rules = [_rule(rule) for rule in body.get("rules", [])]
    if len(rules) > _MAX_RULES:
        raise bad_request(f"bad request: only {_MAX_RULES} rules are allowed at most")
    _check_conflicts(rules)
    scope, trigger = body.get("scope"), body.get("trigger")
    if scope is None:
        # The server looks into it without asking whether it is there.
        raise BareError(500)
    policy = {"algorithm": body.get("algorithm", ""), "rules": rules, "scope": {"level": "", "ref": 0, **scope}}
    _require(call, policy, action)
    if trigger is None:
        raise BareError(500)
    settings = {key: value for key, value in (trigger.get("settings") or {}).items() if key != "next_scheduled_time"}
    policy["trigger"] = {"kind": trigger.get("kind", ""), "settings": settings}
    text = _cron(policy)
    if text and cron.problem(text):
        raise bad_request(f"invalid cron string for scheduled tag retention: {text}, error: {cron.problem(text)}")
    return policy


def _check_conflicts(rules: list[Doc]) -> None:
    known: dict[str, int] = {}
    for number, rule in enumerate(rules):
        text = json.dumps({**rule, "id": 0}, sort_keys=True)
        if text in known:
            raise ApiError(409, "CONFLICT", f"resource conflict: rule {number} is conflict with rule {known[text]}")
        known[text] = number


def _rule(rule: Doc) -> Doc:
    """A rule without what is empty, as Harbor prints it."""
    return {key: value for key, value in rule.items() if value or key in ("tag_selectors",)}


def _require(call: Call, policy: Doc, action: str) -> None:
    if not call.caller.is_authenticated:
        raise unauthorized()
    scope = policy["scope"]
    if scope["level"] == "project":
        project = call.tx.get("project", scope["ref"])
        if project is not None or not call.caller.is_sysadmin:
            call.require(project, "tag-retention", action)
    else:
        call.require_system("tag-retention", action)


def _check_owner(call: Call, policy: Doc, ident: int) -> None:
    """Raise ApiError 404 unless the project that the policy speaks of has this policy."""
    project = call.tx.get("project", policy["scope"]["ref"])
    if project is None or project["metadata"].get("retention_id") != str(ident):
        raise not_found(f"resource not found: the retention policy id {ident} does not match")


def _find(call: Call, action: str) -> Doc:
    """The policy of the path for everything but reading and replacing it, where Harbor answers differently when it is missing."""
    ident = call.number("id")
    row = call.tx.get("retention", ident)
    if row is None:
        if not call.caller.is_authenticated:
            raise unauthorized()
        raise bad_request(f"bad request: no such Retention policy with id {ident}")
    _require(call, row["policy"], action)
    return row


def _find_execution(call: Call, row: Doc) -> Doc:
    _check_owner(call, row["policy"], row["id"])
    ident = call.number("execution")
    execution = call.tx.get("execution", ident)
    if execution is None:
        raise not_found(f"execution {ident} not found")
    if (execution["vendor_type"], execution["vendor_id"]) != (VENDOR, row["id"]):
        raise not_found(f"project: {row['project_id']}, execution id {ident} not found")
    return execution


def _cron(policy: Doc) -> str:
    """The cron string of a scheduled policy, empty for one that only runs by hand."""
    trigger = policy["trigger"]
    return str(trigger["settings"].get("cron", "")) if trigger["kind"] == "Schedule" else ""


def _schedule(tx: Transaction, ident: int, policy: Doc) -> None:
    if _cron(policy):
        jobs.schedule(tx, VENDOR, ident, _cron(policy))


def show(tx: Transaction, row: Doc) -> dict[str, Any]:
    policy = row["policy"]
    settings = dict(policy["trigger"]["settings"])
    next_run = jobs.next_run(tx, VENDOR, row["id"])
    if next_run:
        settings["next_scheduled_time"] = next_run
    return {**policy, "id": row["id"], "trigger": {**policy["trigger"], "settings": settings}}


def _show_execution(execution: Doc) -> dict[str, Any]:
    return {
        "id": execution["id"],
        "policy_id": execution["vendor_id"],
        "start_time": execution["start_time"],
        "end_time": execution["end_time"] or clock.in_seconds(None),
        "status": execution["status"],
        "trigger": execution["trigger"],
    } | ({"dry_run": True} if execution["extra_attrs"]["dry_run"] else {})


def _show_task(task: Doc) -> dict[str, Any]:
    shown = {key: task[key] for key in ("id", "execution_id", "job_id", "status")}
    shown |= {key: task[key] or clock.in_seconds(None) for key in ("start_time", "end_time")}
    counts = {"status_code": _CODES.get(task["status"], 3), "total": task["extra_attrs"].get("total", 0)}
    counts["retained"] = task["extra_attrs"].get("retained", 0)
    return shown | {key: value for key, value in counts.items() if value} | {"repository": task["extra_attrs"]["repository"]}
