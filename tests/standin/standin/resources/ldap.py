# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Helpers around the LDAP directory."""

from __future__ import annotations

import json
from typing import Any

from ..errors import BareError, internal, not_found
from ..models import LDAP_CONFIGURATION, LDAP_IMPORT
from ..security import onboard_ldap_user
from ..web import JSON, Call, route


@route("POST", "/ldap/ping", LDAP_CONFIGURATION)
def ping_ldap(call: Call) -> dict[str, Any]:
    call.require_system("configuration", "read")
    if call.body is None:
        raise BareError(500)
    # The stored password is of use only in the mode that it is for.
    stored = call.config().get("ldap_search_password", "") if call.config()["auth_mode"] == "ldap_auth" else ""
    password = call.body.get("ldap_search_password") or stored
    address, account = call.body.get("ldap_url", ""), call.body.get("ldap_search_dn", "")
    problem = call.harbor.world.ldap_bind(address, account, password) if password else "empty password"
    return {"message": f"error: {problem}"} if problem else {"success": True}


@route("GET", "/ldap/users/search")
def search_ldap_users(call: Call) -> list[dict[str, str]]:
    call.require_system("ldap-user", "list")
    wanted = call.query.get("username", "")
    people = sorted(call.harbor.world.ldap_users.items())
    return [{"username": name, "realname": who.realname, "email": who.email} for name, who in people if wanted in ("", name)]


@route("POST", "/ldap/users/import", LDAP_IMPORT)
def import_ldap_users(call: Call) -> None:
    call.require_system("ldap-user", "create")
    names = call.body.get("ldap_uid_list", [])
    unknown = [name for name in names if onboard_ldap_user(call.harbor, call.tx, name) is None]
    if unknown:
        # The whole import is rolled back with the answer.
        raise BareError(404, json.dumps([{"uid": name, "error": "unknown_user"} for name in unknown]), JSON)


@route("GET", "/ldap/groups/search")
def search_ldap_groups(call: Call) -> list[dict[str, str]]:
    call.require_system("ldap-user", "list")
    name, dn = call.query.get("groupname", ""), call.query.get("groupdn", "")
    if dn and "=" not in dn:
        raise internal()
    groups = call.harbor.world.ldap_groups.items()
    found = [{"group_name": known, "ldap_group_dn": key} for key, known in groups if key == dn.lower() or (name and known == name)]
    if not found:
        raise not_found(f"resource not found: group name:{name}, group DN:{dn}")
    return found
