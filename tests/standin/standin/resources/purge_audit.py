# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The purge of audit logs: its schedule, its runs."""

from __future__ import annotations

from typing import Any

from .. import audit
from ..errors import ApiError, BareError, bad_request
from ..models import SCHEDULE
from ..periodic import Periodic, body_of
from ..web import Answer, Call, route

_PURGE = Periodic(audit.PURGE_VENDOR, "/system/purgeaudit", "purge-audit", "log rotation purge", "purge audit")
_MAX_HOURS = 240000
_SCHEDULE = "/system/purgeaudit/schedule"
_ONE = "/system/purgeaudit/{id}"


@route("GET", _SCHEDULE)
def read_schedule(call: Call) -> Any:
    return _PURGE.read(call)


@route("POST", _SCHEDULE, SCHEDULE)
def create_schedule(call: Call) -> Answer:
    call.require_system("purge-audit", "create")
    return _PURGE.created(_kick(call))


@route("PUT", _SCHEDULE, SCHEDULE)
def update_schedule(call: Call) -> None:
    call.require_system("purge-audit", "update")
    _kick(call)


@route("GET", "/system/purgeaudit", listing=True)
def list_runs(call: Call) -> Answer:
    return _PURGE.history(call)


@route("GET", _ONE)
def read_run(call: Call) -> dict[str, Any]:
    try:
        return _PURGE.read_run(call)
    except ApiError as error:
        # The server uses what it has not found.
        raise BareError(500) if error.status == 404 else error from error


@route("PUT", _ONE)
def stop_run(call: Call) -> None:
    _PURGE.stop_run(call)


@route("GET", _ONE + "/log")
def read_log(call: Call) -> Answer:
    return _PURGE.read_log(call)


def _kick(call: Call) -> int:
    given = body_of(call)
    if not given:
        raise bad_request("bad request: schedule parameter cann't be empty")
    for key in ("audit_retention_hour", "include_event_types"):
        if key not in given:
            raise bad_request(f"bad request: {key} should provide")
    hours = given["audit_retention_hour"]
    if isinstance(hours, int | float) and hours > _MAX_HOURS:
        raise bad_request(f"bad request: audit_retention_hour should be less than {_MAX_HOURS}")
    # Kept as they came, also with a type that the job cannot read.
    keys = ("audit_retention_hour", "include_event_types", "dry_run")
    return _PURGE.kick(call, {key: given[key] for key in keys if key in given})
