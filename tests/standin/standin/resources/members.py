# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Members of projects: users and groups with a role."""

from __future__ import annotations

from typing import Any

from ..errors import Duplicate, bad_request, conflict, internal, not_found
from ..models import MEMBER, ROLE
from ..rbac import ROLE_NAMES
from ..security import onboard_ldap_user
from ..store import Doc, first
from ..web import Answer, Call, created, find_project, route

_LDAP, _HTTP, _OIDC = 1, 2, 3


@route("GET", "/projects/{project}/members", listing=True)
def list_members(call: Call) -> Answer:
    project = find_project(call, "member", "list")
    members = call.tx.find("member", project_id=project["id"])
    # The count knows neither the filter nor that members with an unknown role are invisible.
    rows = [row for row in (show(call, member) for member in members) if row is not None]
    wanted = call.query.get("entityname")
    rows = sorted((row for row in rows if wanted in (None, "", row["entity_name"])), key=lambda row: row["entity_name"])
    return call.list_page(rows, lambda row: row, total=len(members))


@route("POST", "/projects/{project}/members", MEMBER)
def create_member(call: Call) -> Answer:
    project = find_project(call, "member", "create")
    if call.body is None:
        raise bad_request("the project member should provide")
    entity_type, entity_id = _entity(call, call.body.get("member_user", {}), call.body.get("member_group", {}))
    role = call.body.get("role_id", 0)
    if role not in ROLE_NAMES:
        raise bad_request("Failed to update project member, role is not in 1,2,3")
    row = {"project_id": project["id"], "entity_type": entity_type, "entity_id": entity_id, "role_id": role}
    try:
        member = call.tx.insert("member", row)
    except Duplicate as error:
        raise conflict("The project member specified already exist") from error
    return created(f"/api/v2.0/projects/{call.params['project']}/members/{member['id']}")


@route("GET", "/projects/{project}/members/{member}")
def read_member(call: Call) -> dict[str, Any]:
    project = find_project(call, "member", "read")
    member = _find(call, project)
    shown = show(call, member) if member else None
    if shown is None:
        raise not_found(f"the project member is not found, project id {project['id']}, member id {call.params['member']}")
    return shown


@route("PUT", "/projects/{project}/members/{member}", ROLE)
def update_member(call: Call) -> None:
    member = _find(call, find_project(call, "member", "update"))
    if member:
        call.tx.update("member", member["id"], role_id=(call.body or {}).get("role_id", 0))


@route("DELETE", "/projects/{project}/members/{member}")
def delete_member(call: Call) -> None:
    member = _find(call, find_project(call, "member", "delete"))
    if member:
        call.tx.delete("member", member["id"])


def _find(call: Call, project: Doc) -> Doc | None:
    member = call.tx.get("member", call.number("member"))
    return member if member and member["project_id"] == project["id"] else None


def _entity(call: Call, user: Doc, group: Doc) -> tuple[str, int]:
    """Whom a body means: user id, group id, user name, group DN, group name, the first that is given."""
    if user.get("user_id"):
        if call.tx.get("user", user["user_id"]) is None:
            raise bad_request(f"Failed to get user {user['user_id']}: user {user['user_id']} not found")
        return "u", user["user_id"]
    if group.get("id"):
        if call.tx.get("usergroup", group["id"]) is None:
            raise bad_request(f"Group {group['id']} not found")
        return "g", group["id"]
    if user.get("username"):
        return "u", _user_by_name(call, user["username"])
    if group.get("ldap_group_dn"):
        return "g", _group_by_dn(call, group["ldap_group_dn"], group.get("group_name", ""))
    if group.get("group_name"):
        return "g", _group_by_name(call, group["group_name"], group.get("group_type", 0))
    raise internal()


def _user_by_name(call: Call, name: str) -> int:
    user = first(call.tx, "user", username=name)
    if user:
        return int(user["id"])
    mode = call.config()["auth_mode"]
    if mode == "ldap_auth":
        user = onboard_ldap_user(call.harbor, call.tx, name)
        if user is None:
            raise not_found(f"no user found: {name}")
        return int(user["id"])
    raise not_found(f"{name} not found: not supported" if mode == "oidc_auth" else f"user {name} is not found")


def _group_by_dn(call: Call, dn: str, name: str) -> int:
    """The group with exactly this DN, else one that is made of what LDAP says. The look-up keeps capitals, the store does not."""
    group = first(call.tx, "usergroup", ldap_group_dn=dn)
    if group is None:
        found = call.harbor.world.ldap_groups.get(dn.strip().lower()) if call.config()["auth_mode"] == "ldap_auth" else None
        if found is None:
            raise internal()
        row = {"group_name": name or found, "group_type": _LDAP, "ldap_group_dn": dn.strip().lower()}
        group = call.tx.insert("usergroup", row)
    return int(group["id"])


def _group_by_name(call: Call, name: str, group_type: int) -> int:
    config = call.config()
    mode = config["auth_mode"]
    if mode == "oidc_auth":
        group_type = group_type or _OIDC
    group = first(call.tx, "usergroup", group_name=name, group_type=group_type)
    if group:
        return int(group["id"])
    creates = mode == "oidc_auth" or (mode == "http_auth" and config["http_authproxy_skip_search"])
    if creates:
        kind = _OIDC if mode == "oidc_auth" else _HTTP
        return int(call.tx.insert("usergroup", {"group_name": name, "group_type": kind, "ldap_group_dn": ""})["id"])
    if mode == "ldap_auth":
        # The name is taken for a DN, which it is not.
        raise internal()
    raise not_found(f"{name} not found: not supported")


def show(call: Call, member: Doc) -> dict[str, Any] | None:
    """A member as Harbor prints it, None when its role or its entity does not exist."""
    is_user = member["entity_type"] == "u"
    entity = call.tx.get("user" if is_user else "usergroup", member["entity_id"])
    if entity is None or member["role_id"] not in ROLE_NAMES:
        return None
    return {
        "id": member["id"],
        "project_id": member["project_id"],
        "entity_id": entity["id"],
        "entity_name": entity["username" if is_user else "group_name"],
        "entity_type": member["entity_type"],
        "role_id": member["role_id"],
        "role_name": ROLE_NAMES[member["role_id"]],
    }
