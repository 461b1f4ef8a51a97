# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Garbage collection: its schedule, its runs."""

from __future__ import annotations

from typing import Any

from .. import collection
from ..errors import bad_request
from ..models import SCHEDULE
from ..periodic import Periodic, body_of
from ..store import Doc
from ..web import Answer, Call, route

_GC = Periodic(collection.VENDOR, "/system/gc", "garbage-collection", "gc", "garbage collection")
_MAX_WORKERS = 10
_SCHEDULE = "/system/gc/schedule"
_ONE = "/system/gc/{id}"


@route("GET", _SCHEDULE)
def read_schedule(call: Call) -> Any:
    return _GC.read(call)


@route("POST", _SCHEDULE, SCHEDULE)
def create_schedule(call: Call) -> Answer:
    call.require_system("garbage-collection", "create")
    return _GC.created(_kick(call))


@route("PUT", _SCHEDULE, SCHEDULE)
def update_schedule(call: Call) -> None:
    call.require_system("garbage-collection", "update")
    _kick(call)


@route("GET", "/system/gc", listing=True)
def list_runs(call: Call) -> Answer:
    return _GC.history(call)


@route("GET", _ONE)
def read_run(call: Call) -> dict[str, Any]:
    return _GC.read_run(call)


@route("PUT", _ONE)
def stop_run(call: Call) -> None:
    _GC.stop_run(call)


@route("GET", _ONE + "/log")
def read_log(call: Call) -> Answer:
    return _GC.read_log(call)


def _kick(call: Call) -> int:
    given = body_of(call)
    workers = given.get("workers")
    if not isinstance(workers, int) or isinstance(workers, bool):
        workers = 0
    elif not 0 < workers <= _MAX_WORKERS:
        raise bad_request(
            f"Error: Invalid number of workers:{workers}. Workers must be greater than 0 and less than or equal to {_MAX_WORKERS}."
        )
    # Whatever has the wrong type counts as not given.
    flags: Doc = {key: given.get(key) is True for key in ("delete_untagged", "delete_tag")}
    parameters = {**flags, "workers": workers}
    return _GC.kick(call, parameters, dry_run=given.get("dry_run") is True, time_window=collection.TIME_WINDOW)
