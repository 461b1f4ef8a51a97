# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Labels, global and of projects."""

from __future__ import annotations

from typing import Any

from .. import clock
from ..errors import ApiError, Duplicate, bad_request, conflict, internal, not_found
from ..listing import Columns
from ..models import LABEL
from ..store import Doc
from ..web import Answer, Call, created, project_or_404, route

COLUMNS = Columns({"id": int, "name": str, "scope": str, "project_id": int, "creation_time": str, "update_time": str})
_MAX_NAME, _MAX_COLOR = 128, 16


@route("GET", "/labels", listing=True)
def list_labels(call: Call) -> Answer:
    scope = call.query.get("scope", "")
    if scope not in ("g", "p"):
        raise bad_request(f"invalid scope: {scope}")
    project_id = 0
    if scope == "p":
        project_id = int(call.query.get("project_id") or 0)
        if not project_id:
            raise bad_request("must with project ID when to query project labels")
        project_or_404(call, project_id, "label", "list")
    rows = call.tx.find("label", scope=scope, project_id=project_id)
    return call.list_page(call.select(rows, COLUMNS, name=call.query.get("name")), show)


@route("POST", "/labels", LABEL)
def create_label(call: Call) -> Answer:
    scope = call.body.get("scope", "")
    if scope not in ("g", "p"):
        raise bad_request("unsupported label scope")
    # Nothing checks that the project of a project label exists.
    row = {"name": "", "description": "", "color": "", **call.body, "project_id": call.body.get("project_id", 0) if scope == "p" else 0}
    _require(call, row, "create")
    if len(row["name"]) > _MAX_NAME or len(row["color"]) > _MAX_COLOR:
        raise internal()
    now = clock.now()
    try:
        label = call.tx.insert("label", {**row, "creation_time": now, "update_time": now})
    except Duplicate as error:
        raise conflict(f"label {row['name']} already exists") from error
    return created(f"/api/v2.0/labels/{label['id']}")


@route("GET", "/labels/{id}")
def read_label(call: Call) -> dict[str, Any]:
    label = _find(call)
    _require(call, label, "read")
    return show(label)


@route("PUT", "/labels/{id}", LABEL)
def update_label(call: Call) -> None:
    label = _find(call)
    _require(call, label, "update")
    changes = {key: call.body.get(key, "") for key in ("name", "description", "color")}
    if not changes["name"]:
        raise bad_request("cannot be empty")
    if len(changes["name"]) > _MAX_NAME:
        raise bad_request("max length is 128")
    if len(changes["color"]) > _MAX_COLOR:
        raise internal()
    try:
        call.tx.update("label", label["id"], **changes, update_time=clock.now())
    except Duplicate as error:
        raise conflict(f"label {changes['name']} already exists") from error


@route("DELETE", "/labels/{id}")
def delete_label(call: Call) -> None:
    label = _find(call)
    _require(call, label, "delete")
    call.tx.delete("label", label["id"])
    for artifact in call.tx.find("artifact"):
        if label["id"] in artifact["labels"]:
            call.tx.update("artifact", artifact["id"], labels=[ident for ident in artifact["labels"] if ident != label["id"]])


def _find(call: Call) -> Doc:
    label = call.tx.get("label", call.number("id"))
    if label is None:
        raise not_found(f"label {call.params['id']} not found")
    return label


def _require(call: Call, label: Doc, action: str) -> None:
    if label["scope"] == "g":
        # Anybody who is logged in reads global labels.
        if action != "read" or not call.caller.is_authenticated:
            call.require_system("label", action)
    elif not call.caller.is_authenticated:
        raise ApiError(401, "UNAUTHORIZED", "unauthorized")
    else:
        call.require(call.tx.get("project", label["project_id"]), "label", action)


def show(label: Doc) -> dict[str, Any]:
    result = {key: label[key] for key in ("id", "scope", "creation_time", "update_time")}
    return result | {key: label[key] for key in ("name", "description", "color", "project_id") if label[key]}
