# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The audit log, for those who may see it: all of it, or what concerns their projects."""

from __future__ import annotations

from typing import Any

from .. import audit
from ..errors import unauthorized
from ..listing import Columns
from ..security import UserCaller
from ..store import Doc
from ..web import Answer, Call, find_project_by_name, route

COLUMNS = Columns(
    {"id": int, "username": str, "operation": str, "resource_type": str, "resource": str, "op_time": str, "project_id": int},
    order="-id",
)


@route("GET", "/auditlog-exts", listing=True)
def list_entries(call: Call) -> Answer:
    return call.list_page(call.select(_visible(call), COLUMNS), _show)


@route("GET", "/auditlog-exts/events")
def list_events(call: Call) -> list[dict[str, str]]:
    call.require_system("audit-log", "list")
    return [{"event_type": event} for event in audit.EVENTS]


@route("GET", "/audit-logs", listing=True)
def list_old_entries(call: Call) -> Answer:
    """The table of versions before 2.13, which nobody fills any more."""
    _visible(call)
    return call.list_page([], _show)


@route("GET", "/projects/{project}/auditlog-exts", listing=True)
def list_project_entries(call: Call) -> Answer:
    project = find_project_by_name(call, "log", "list")
    return call.list_page(call.select(call.tx.find("audit_log", project_id=project["id"]), COLUMNS), _show)


@route("GET", "/projects/{project}/logs", listing=True)
def list_old_project_entries(call: Call) -> Answer:
    find_project_by_name(call, "log", "list")
    return call.list_page([], _show)


def _visible(call: Call) -> list[Doc]:
    if not call.caller.is_authenticated:
        raise unauthorized(call.caller.name)
    rows = call.tx.find("audit_log")
    if call.caller.can_system("audit-log", "list"):
        return rows
    if not isinstance(call.caller, UserCaller):
        return []
    own = {project["id"] for project in call.tx.find("project") if call.caller.roles(project) and call.caller.can(project, "log", "list")}
    return [row for row in rows if row["project_id"] in own]


def _show(row: Doc) -> dict[str, Any]:
    shown = {key: row[key] for key in ("id", "username", "operation", "operation_description", "operation_result", "op_time")}
    return shown | {key: row[key] for key in ("resource", "resource_type") if row[key]}
