# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Replication policies: what goes to or comes from another registry, and when."""

from __future__ import annotations

import re
from typing import Any

from .. import clock, cron, jobs
from ..errors import Duplicate, bad_request, conflict, internal, not_found
from ..listing import Columns
from ..models import REPLICATION_POLICY
from ..replication import VENDOR
from ..store import Doc
from ..web import Answer, Call, created, route
from . import registries

COLUMNS = Columns(
    {"id": int, "name": str, "description": str, "enabled": bool, "creation_time": str, "update_time": str}, order="-creation_time"
)
_BASE = "/replication/policies"
_NAMESPACE = re.compile(r"[a-z0-9]+(?:(?:\.|__|_|-+)?[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|__|_|-+)?[a-z0-9]+)*)*")
_MAX_NAME = 256


@route("GET", _BASE, listing=True)
def list_policies(call: Call) -> Answer:
    call.require_system("replication-policy", "list")
    # Several may be made in one millisecond; the id tells which was first.
    rows = call.tx.find("replication_policy")[::-1]
    return call.list_page(call.select(rows, COLUMNS, name=call.query.get("name")), lambda row: show(call, row))


@route("POST", _BASE, REPLICATION_POLICY)
def create_policy(call: Call) -> Answer:
    call.require_system("replication-policy", "create")
    row = _checked(call)
    now = clock.now()
    try:
        policy = call.tx.insert("replication_policy", {**row, "creator": call.caller.name, "creation_time": now, "update_time": now})
    except Duplicate as error:
        raise conflict(f"replication policy {row['name']} already exists") from error
    _schedule(call, policy)
    return created(f"/api/v2.0/replication/policies/{policy['id']}")


@route("GET", _BASE + "/{id}")
def read_policy(call: Call) -> dict[str, Any]:
    call.require_system("replication-policy", "read")
    return show(call, find(call, call.number("id")))


@route("PUT", _BASE + "/{id}", REPLICATION_POLICY)
def update_policy(call: Call) -> None:
    call.require_system("replication-policy", "update")
    row = _checked(call)
    ident = find(call, call.number("id"))["id"]
    try:
        policy = call.tx.update("replication_policy", ident, **row, update_time=clock.now())
    except Duplicate as error:
        raise conflict(f"replication policy {row['name']} already exists") from error
    jobs.unschedule(call.tx, VENDOR, ident)
    _schedule(call, policy)


@route("DELETE", _BASE + "/{id}")
def delete_policy(call: Call) -> None:
    call.require_system("replication-policy", "delete")
    policy = find(call, call.number("id"))
    jobs.remove(call.tx, VENDOR, policy["id"])
    call.tx.delete("replication_policy", policy["id"])


def find(call: Call, ident: int) -> Doc:
    policy = call.tx.get("replication_policy", ident)
    if policy is None:
        raise not_found(f"replication policy {ident} not found")
    return policy


def _checked(call: Call) -> Doc:
    """The row that a body makes: what it leaves out is empty, also in an update. Raises ApiError 400, 404, 500."""
    body = call.body
    trigger = body.get("trigger")
    if body.get("single_active_replication") and trigger and trigger.get("type") == "event_based":
        raise internal()
    row = {
        "name": body.get("name", ""),
        "description": body.get("description", ""),
        "src_registry": body.get("src_registry", {}).get("id", 0),
        "dest_registry": body.get("dest_registry", {}).get("id", 0),
        "dest_namespace": body.get("dest_namespace", ""),
        "dest_namespace_replace_count": body.get("dest_namespace_replace_count", -1),
        "filters": body.get("filters", []),
        "trigger": trigger,
        "speed": max(body.get("speed", 0), 0),
        **{key: body.get(key, False) for key in ("deletion", "override", "enabled", "copy_by_chunk", "single_active_replication")},
    }
    _check(row)
    for side in ("src_registry", "dest_registry"):
        if row[side] and call.tx.get("registry", row[side]) is None:
            raise not_found(f"registry {row[side]} not found")
    if len(row["name"]) > _MAX_NAME:
        raise internal()
    return row


def _check(row: Doc) -> None:
    if not row["name"]:
        raise bad_request("empty name")
    if bool(row["src_registry"]) == bool(row["dest_registry"]):
        raise bad_request("either src_registry or dest_registry should be empty and the other one shouldn't be empty")
    for item in row["filters"]:
        _check_filter(item.get("type", ""), item.get("value"), item.get("decoration", ""))
    if row["dest_namespace"] and not _NAMESPACE.fullmatch(row["dest_namespace"]):
        raise bad_request(f"invalid destination namespace: {row['dest_namespace']}")
    if row["trigger"] is not None:
        _check_trigger(row["trigger"])


def _check_filter(kind: str, value: Any, decoration: str) -> None:
    if kind not in ("resource", "name", "tag", "label"):
        raise bad_request("invalid filter type")
    if kind == "label":
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise bad_request("the type of label filter value isn't string slice")
    elif not isinstance(value, str):
        raise bad_request("the type of filter value isn't string")
    if kind == "resource" and value not in ("image", "artifact"):
        raise bad_request(f"invalid resource filter: {value}")
    if kind in ("resource", "name") and decoration:
        raise bad_request("only tag and label filter support decoration")
    if decoration not in ("", "matches", "excludes"):
        raise bad_request(f"invalid filter decoration, :{decoration}")


def _check_trigger(trigger: Doc) -> None:
    kind = trigger.get("type", "")
    if kind not in ("manual", "scheduled", "event_based"):
        raise bad_request("invalid trigger type")
    if kind != "scheduled":
        return
    text = trigger.get("trigger_settings", {}).get("cron", "")
    if not text:
        raise bad_request("the cron string cannot be empty when the trigger type is scheduled")
    try:
        cron.parse(text)
    except cron.BadCron as error:
        raise bad_request(f"invalid cron string for scheduled trigger: {text}") from error
    fields = text.split(" ")
    if fields[0] != "0":
        raise bad_request(cron.problem(text))
    if fields[1] == "*":
        raise bad_request("* is not allowed for the Minutes field of the cron setting of replication policy")


def _schedule(call: Call, policy: Doc) -> None:
    trigger = policy["trigger"] or {}
    if policy["enabled"] and trigger.get("type") == "scheduled":
        jobs.schedule(call.tx, VENDOR, policy["id"], trigger["trigger_settings"]["cron"])


def show(call: Call, policy: Doc) -> dict[str, Any]:
    """A policy with both registries in full; what is empty or false is left out, but for what Harbor always prints."""
    always = ("id", "name", "creation_time", "update_time", "dest_namespace_replace_count", "speed")
    flags = ("copy_by_chunk", "single_active_replication")
    result = {key: policy[key] for key in (*always, *flags)}
    result |= {key: policy[key] for key in ("description", "dest_namespace", "deletion", "override", "enabled") if policy[key]}
    if policy["deletion"]:
        result["replicate_deletion"] = True
    result["filters"] = [{key: value for key, value in item.items() if key != "decoration" or value} for item in policy["filters"]] or None
    if policy["trigger"] is not None:
        result["trigger"] = _show_trigger(policy["trigger"])
    return result | {side: _show_registry(call, policy[side]) for side in ("src_registry", "dest_registry")}


def _show_trigger(trigger: Doc) -> dict[str, Any]:
    settings = trigger.get("trigger_settings")
    if settings is None:
        return {"type": trigger["type"]}
    return {"type": trigger["type"], "trigger_settings": {key: value for key, value in settings.items() if value}}


def _show_registry(call: Call, ident: int) -> dict[str, Any]:
    registry = call.tx.get("registry", ident) if ident else None
    return registries.show(registry) if registry else registries.show_local(call.harbor.settings.core_url)
