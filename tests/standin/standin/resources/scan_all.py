# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scanning everything: its schedule, its runs, how far the last one is."""

from __future__ import annotations

from typing import Any

from .. import clock, cron, jobs, scanning
from ..errors import BareError, bad_request, conflict, precondition
from ..models import SCHEDULE
from ..store import Doc, first
from ..web import Answer, Call, route

_VENDOR = scanning.SCAN_ALL
_SCHEDULE = "/system/scanAll/schedule"
_FINAL = ("Success", "Error", "Stopped")
_STATES = ("Pending", "Running", *_FINAL)


@route("GET", _SCHEDULE)
def read_schedule(call: Call) -> Any:
    _require(call, "read")
    row = _find(call)
    if row is None:
        return Answer(200, "")
    # Unlike the others, this schedule never tells when it runs next.
    plan = {"type": row["type"], "cron": row["cron"], "next_scheduled_time": clock.NEVER}
    return {key: row[key] for key in ("id", "creation_time", "update_time")} | {"status": "Running", "schedule": plan}


@route("POST", _SCHEDULE, SCHEDULE)
def create_schedule(call: Call) -> Answer:
    _require(call, "create")
    plan = _plan(call)
    kind = plan.get("type", "")
    if kind == "Manual":
        if any(row["active"] for row in call.tx.find("execution", vendor_type=_VENDOR)):
            raise conflict("a previous scan all job aren't finished yet, its status is Running")
        scanning.scan_all(call.harbor, call.tx, jobs.MANUAL)
    elif kind != "None":
        if _find(call):
            raise precondition("fail to set schedule for scan all as always had one, please delete it firstly then to re-schedule")
        _schedule(call, plan)
    return Answer(201)


@route("PUT", _SCHEDULE, SCHEDULE)
def update_schedule(call: Call) -> None:
    _require(call, "update")
    plan = _plan(call)
    kind = plan.get("type", "")
    if kind == "Manual":
        raise bad_request(f"fail to update scan all schedule as wrong schedule type: {kind}")
    known = _find(call)
    if kind == "None":
        jobs.unschedule(call.tx, _VENDOR, 0)
    elif known is None or (known["type"], known["cron"]) != (kind, plan.get("cron", "")):
        _schedule(call, plan)


@route("POST", "/system/scanAll/stop")
def stop(call: Call) -> Answer:
    _require(call, "stop")
    runs = call.tx.find("execution", vendor_type=_VENDOR)
    if not runs:
        raise bad_request("no scan all job is found currently")
    jobs.stop(call.tx, runs[-1])
    return Answer(202)


@route("GET", "/scans/all/metrics")
def metrics(call: Call) -> dict[str, Any]:
    # Whatever started it.
    return _metrics(call)


@route("GET", "/scans/schedule/metrics")
def schedule_metrics(call: Call) -> dict[str, Any]:
    return _metrics(call, trigger=jobs.SCHEDULE)


def _require(call: Call, action: str) -> None:
    call.require_system("scan-all", action)
    if scanning.default_scanner(call.tx) is None:
        raise precondition("no scanner is configured, it's not possible to scan")


def _plan(call: Call) -> Doc:
    plan: Doc | None = call.body.get("schedule")
    if plan is None:
        raise BareError(500)
    return plan


def _find(call: Call) -> Doc | None:
    return first(call.tx, "schedule", vendor_type=_VENDOR, vendor_id=0)


def _schedule(call: Call, plan: Doc) -> None:
    text = plan.get("cron", "")
    problem = cron.problem(text)
    if problem:
        raise bad_request(f"invalid cron string for scheduled scan all: {text}, error: {problem}")
    jobs.unschedule(call.tx, _VENDOR, 0)
    jobs.schedule(call.tx, _VENDOR, 0, text, type=plan.get("type", ""))


def _metrics(call: Call, **filters: str) -> dict[str, Any]:
    _require(call, "read")
    runs = call.tx.find("execution", vendor_type=_VENDOR, **filters)
    if not runs:
        return {"total": 0, "completed": 0, "ongoing": False}
    states = [task["status"] for task in call.tx.find("task", execution_id=runs[-1]["id"])]
    counts = {state: states.count(state) for state in _STATES}
    completed = sum(counts[state] for state in _FINAL)
    result = {"total": len(states), "completed": completed, "metrics": counts, "trigger": runs[-1]["trigger"].capitalize()}
    return result | {"ongoing": runs[-1]["active"] or completed != len(states)}
