# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Storage quotas of projects."""

from __future__ import annotations

from typing import Any

from .. import clock
from ..errors import bad_request, not_found
from ..models import QUOTA
from ..store import Doc
from ..web import Answer, Call, route

MAX_LIMIT = 1 << 50


def check_limit(value: int) -> None:
    """Raise ApiError 400 unless a value may be a limit: -1 for unlimited, or 1 to 1 PiB."""
    if value == 0 or value < -1:
        raise bad_request(f"invalid non-positive value for quota limit, value={value}")
    if value > MAX_LIMIT:
        raise bad_request(f"exceeded 1024TB, which is {MAX_LIMIT} Bytes, value={value}")


@route("GET", "/quotas", listing=True)
def list_quotas(call: Call) -> Answer:
    call.require_system("quota", "list")
    wanted: dict[str, Any] = {"reference": call.query.get("reference", "project")}
    ident = call.query.get("reference_id", "")
    if ident:
        wanted["reference_id"] = int(ident) if ident.isdigit() else ident
    rows = call.tx.find("quota", **wanted)
    rows.sort(key=lambda row: -row["id"])
    for part in reversed([part for part in call.query.get("sort", "").split(",") if part]):
        rows.sort(key=lambda row: _sort_value(row, part), reverse=part.startswith("-"))
    return call.list_page(rows, lambda row: show(call, row, row["update_time"]))


@route("GET", "/quotas/{id}")
def read_quota(call: Call) -> dict[str, Any]:
    call.require_system("quota", "read")
    # The single read leaves the time of the last change out.
    return show(call, _find(call), clock.NEVER)


@route("PUT", "/quotas/{id}", QUOTA)
def update_quota(call: Call) -> None:
    call.require_system("quota", "update")
    quota = _find(call)
    hard = call.body.get("hard")
    if not hard:
        raise bad_request("hard required in body")
    for resource in hard:
        if resource != "storage":
            raise bad_request(f"resource {resource} not support")
    check_limit(hard["storage"])
    # The time of the last change stays as it is.
    call.tx.update("quota", quota["id"], hard=hard["storage"])


def _find(call: Call) -> Doc:
    quota = call.tx.get("quota", call.number("id"))
    if quota is None:
        raise not_found(f"quota {call.params['id']} not found")
    return quota


def _sort_value(row: Doc, part: str) -> Any:
    key = part.lstrip("-")
    if key == "hard.storage":
        # Unlimited is more than any number.
        return MAX_LIMIT * 2 if row["hard"] < 0 else row["hard"]
    return {"used.storage": row["used"], "creation_time": row["creation_time"], "update_time": row["update_time"]}.get(key, 0)


def show(call: Call, quota: Doc, update_time: str) -> dict[str, Any]:
    project = call.tx.get("project", quota["reference_id"]) or {"id": quota["reference_id"], "name": ""}
    return {
        "id": quota["id"],
        "ref": {"id": project["id"], "name": project["name"], "owner_name": ""},
        "hard": {"storage": quota["hard"]},
        "used": {"storage": quota["used"]},
        "creation_time": quota["creation_time"],
        "update_time": update_time,
    }
