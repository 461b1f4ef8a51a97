# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What garbage collection and the purge of audit logs have in common: one schedule, runs by hand, a history."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from . import clock, cron, jobs
from .errors import BareError, bad_request, not_found
from .listing import Columns
from .store import Doc, first
from .web import Answer, Call, created

_COLUMNS = Columns({"id": int, "status": str, "trigger": str, "start_time": str}, order="-id")
_ID = -1


@dataclass(frozen=True)
class Periodic:
    """One such job: `resource` for permissions, `noun` in messages about a cron string, `title` in others."""

    vendor: str
    path: str
    resource: str
    noun: str
    title: str

    def read(self, call: Call) -> Any:
        """The schedule; without one an empty answer."""
        call.require_system(self.resource, "read")
        row = first(call.tx, "schedule", vendor_type=self.vendor, vendor_id=_ID)
        if row is None:
            return Answer(200, "")
        plan = {"type": row["type"], "cron": row["cron"], "next_scheduled_time": cron.next_time(row["cron"])}
        # Its state is that of the scheduler: it always runs.
        shown = {key: row[key] for key in ("id", "creation_time", "update_time")} | {"job_status": "Running", "schedule": plan}
        return shown | {"job_kind": row["cron"], "job_parameters": json_text(row["parameters"])}

    def kick(self, call: Call, parameters: Doc, *, dry_run: bool | None = None, **attributes: Any) -> int:
        """Schedule, unschedule or run. The id of the execution, 0 where none begins.

        `parameters` are what a schedule keeps; a run by hand has `attributes` and, unless None, `dry_run` on top.
        """
        plan = call.body["schedule"]
        kind, text = plan.get("type", ""), plan.get("cron", "")
        if kind == "Manual":
            extra = {} if dry_run is None else {"dry_run": dry_run}
            execution = jobs.start(call.tx, self.vendor, _ID, jobs.MANUAL, {**parameters, **extra, **attributes})
            jobs.add_task(call.harbor, call.tx, execution, {})
            return int(execution["id"])
        if kind == "None":
            jobs.unschedule(call.tx, self.vendor, _ID)
        elif kind not in ("", "Schedule"):
            problem = cron.problem(text)
            if problem:
                raise bad_request(f"invalid cron string for scheduled {self.noun}: {text}, error: {problem}")
            jobs.unschedule(call.tx, self.vendor, _ID)
            jobs.schedule(call.tx, self.vendor, _ID, text, type=kind, parameters=parameters)
        return 0

    def created(self, ident: int) -> Answer:
        """The answer to POST, also where nothing was created."""
        return created(f"/api/v2.0{self.path}/{ident}")

    def history(self, call: Call) -> Answer:
        call.require_system(self.resource, "list")
        rows = call.tx.find("execution", vendor_type=self.vendor)
        return call.list_page(call.select(rows, _COLUMNS), lambda row: self._show(call, row))

    def read_run(self, call: Call) -> dict[str, Any]:
        return self._show(call, self.find(call, "read"))

    def stop_run(self, call: Call) -> None:
        jobs.stop(call.tx, self.find(call, "stop"))

    def read_log(self, call: Call) -> Answer:
        call.require_system(self.resource, "read")
        tasks = call.tx.find("task", execution_id=call.number("id"), vendor_type=self.vendor)
        if not tasks:
            raise not_found(f"{self.title} {call.params['id']} log is not found")
        return Answer(200, tasks[0]["log"], media_type="text/plain")

    def find(self, call: Call, action: str) -> Doc:
        call.require_system(self.resource, action)
        execution = call.tx.get("execution", call.number("id"))
        if execution is None or execution["vendor_type"] != self.vendor:
            raise not_found(f"{self.title} execution {call.params['id']} not found")
        return execution

    def _show(self, call: Call, execution: Doc) -> dict[str, Any]:
        tasks = call.tx.find("task", execution_id=execution["id"])
        changed = max([execution["start_time"], *(task["update_time"] for task in tasks)])
        return {
            "id": execution["id"],
            "job_name": self.vendor,
            "job_kind": execution["trigger"],
            "job_parameters": json_text(execution["extra_attrs"]),
            "job_status": execution["status"],
            "schedule": {"type": execution["trigger"].capitalize(), "next_scheduled_time": clock.NEVER},
            "creation_time": clock.in_milliseconds(execution["start_time"]),
            "update_time": clock.in_milliseconds(changed),
        }


def json_text(value: Any) -> str:
    """JSON as Go prints a map: sorted, without blanks."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def body_of(call: Call) -> Doc:
    """The parameters of a body. The server looks into the schedule without asking whether it is there."""
    if call.body.get("schedule") is None:
        raise BareError(500)
    parameters: Doc = call.body.get("parameters", {})
    return parameters
