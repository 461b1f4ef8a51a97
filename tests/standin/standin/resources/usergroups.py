# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""User groups: LDAP, HTTP and OIDC groups that Harbor knows by name."""

from __future__ import annotations

from typing import Any

from ..errors import BareError, bad_request, conflict, internal, not_found, unauthorized, unprocessable
from ..models import USERGROUP
from ..store import Doc, first
from ..web import JSON, Answer, Call, created, route

LDAP, HTTP = 1, 2
_MAX_NAME = 255


@route("GET", "/usergroups", listing=True)
def list_groups(call: Call) -> Answer:
    call.require_system("user-group", "list")
    rows = [row for row in _of_mode(call) if call.query.get("group_name", "").lower() in row["group_name"].lower()]
    dn = call.query.get("ldap_group_dn")
    if dn and call.config()["auth_mode"] == "ldap_auth":
        rows = [row for row in rows if row["ldap_group_dn"] == dn]
    return call.list_page(rows, lambda row: {"id": row["id"], **show(row)})


@route("GET", "/usergroups/search", listing=True)
def search_groups(call: Call) -> Answer:
    name = call.query.get("groupname", "")
    if not name:
        raise unprocessable("groupname in query is required")
    if not call.caller.is_authenticated:
        raise unauthorized()
    rows = [row for row in _of_mode(call) if name.lower() in row["group_name"].lower()]
    answer = call.list_page(rows, lambda row: {"id": row["id"], "group_name": row["group_name"], "group_type": row["group_type"]})
    if call.page.size == 0:
        answer.body = []
    return answer


@route("POST", "/usergroups", USERGROUP)
def create_group(call: Call) -> Answer:
    call.require_system("user-group", "create")
    body = call.body or {}
    name, kind, dn = body.get("group_name", ""), body.get("group_type", 0), body.get("ldap_group_dn", "")
    if not name:
        raise BareError(400, media_type=JSON)
    if kind == LDAP:
        known = call.harbor.world.ldap_groups.get(dn.strip().lower()) if call.config()["auth_mode"] == "ldap_auth" else None
        if known is None:
            raise bad_request(f"LDAP Group DN is not found: DN:{dn}")
    if first(call.tx, "usergroup", group_name=name, group_type=kind):
        raise conflict(f"duplicate user group, group name:{name}, group type: {kind}, ldap group DN: {dn}")
    if len(name) > _MAX_NAME:
        raise internal()
    # The same name with another type hits the unique key of the database, which Harbor does not expect: 500.
    group = call.tx.insert("usergroup", {"group_name": name, "group_type": kind, "ldap_group_dn": dn.strip().lower()})
    return created(f"/api/v2.0/usergroups/{group['id']}")


@route("GET", "/usergroups/{id}")
def read_group(call: Call) -> dict[str, Any]:
    call.require_system("user-group", "read")
    return show(_find(call))


@route("PUT", "/usergroups/{id}", USERGROUP)
def update_group(call: Call) -> None:
    call.require_system("user-group", "update")
    name = (call.body or {}).get("group_name", "")
    if not name:
        raise BareError(400, media_type=JSON)
    call.tx.update("usergroup", _find(call)["id"], group_name=name)


@route("DELETE", "/usergroups/{id}")
def delete_group(call: Call) -> None:
    call.require_system("user-group", "delete")
    ident = call.number("id")
    for member in call.tx.find("member", entity_type="g", entity_id=ident):
        call.tx.delete("member", member["id"])
    if call.tx.get("usergroup", ident):
        call.tx.delete("usergroup", ident)


def _of_mode(call: Call) -> list[Doc]:
    """The groups that lists show: those of the directory in use."""
    only = {"ldap_auth": LDAP, "http_auth": HTTP}.get(call.config()["auth_mode"])
    return [row for row in call.tx.find("usergroup") if only in (None, row["group_type"])]


def _find(call: Call) -> Doc:
    group = call.tx.get("usergroup", call.number("id"))
    if group is None:
        raise not_found(f"the user group with id {call.params['id']} is not found")
    return group


def show(group: Doc) -> dict[str, Any]:
    """A group without its id, which Harbor shows in lists only."""
    result = {"group_name": group["group_name"]}
    return result | {key: group[key] for key in ("group_type", "ldap_group_dn") if group[key]}
