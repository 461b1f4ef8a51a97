# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Users."""

from __future__ import annotations

import re
from typing import Any

from .. import clock, passwords, rbac
from ..errors import ApiError, Duplicate, bad_request, conflict, forbidden, not_found, precondition, unauthorized
from ..listing import Columns
from ..models import CLI_SECRET, PASSWORD, PROFILE, SYSADMIN, USER
from ..security import ADMIN_ID, UserCaller, new_user
from ..store import Doc
from ..web import Answer, Call, created, project_or_404, route

COLUMNS = Columns(
    {"user_id": int, "username": str, "email": str, "realname": str, "comment": str, "creation_time": str, "update_time": str},
    order="username",
)
_ILLEGAL = re.compile(r'[,"~#%$]')
_EMAIL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


@route("GET", "/users", listing=True)
def list_users(call: Call) -> Answer:
    call.require_system("user", "list")
    return call.list_page(call.select(_visible(call), COLUMNS, username=call.query.get("username"), email=call.query.get("email")), show)


@route("GET", "/users/search", listing=True)
def search_users(call: Call) -> Answer:
    if not call.caller.is_authenticated:
        raise unauthorized()
    rows = call.select(_visible(call), COLUMNS, username=call.query.get("username"))
    answer = call.list_page(rows, lambda user: {"user_id": user["id"], "username": user["username"]})
    if call.page.size == 0:
        # This list alone takes the size as a plain LIMIT.
        answer.body = []
    return answer


@route("POST", "/users", USER)
def create_user(call: Call) -> Answer:
    mode = call.config()["auth_mode"]
    if mode != "db_auth":
        raise forbidden(f"creating local user is not allowed under auth mode: {mode}")
    if not call.config()["self_registration"]:
        call.require_system("user", "create")
    body = call.body
    _check_password(body.get("password", ""))
    _check_profile(body)
    username = body.get("username", "")
    if not username:
        raise bad_request("username with illegal length")
    if _ILLEGAL.search(username):
        raise bad_request("username contains illegal characters")
    digest = passwords.digest(body["password"], call.harbor.settings.iterations)
    row = new_user(username, body["email"], body["realname"], comment=body.get("comment", ""), password=digest)
    try:
        user = call.tx.insert("user", row)
    except Duplicate as error:
        raise conflict(f"user {username} or email {body['email']} already exists") from error
    call.audit("create_user", username)
    return created(f"/api/v2.0/users/{user['id']}")


@route("GET", "/users/current")
def current_user(call: Call) -> dict[str, Any]:
    if not call.caller.is_authenticated:
        raise unauthorized()
    if not isinstance(call.caller, UserCaller):
        raise precondition(f"get current user not available for security context: {call.caller.kind}")
    return show(call.caller.user)


@route("GET", "/users/current/permissions")
def current_permissions(call: Call) -> list[dict[str, str]]:
    if not call.caller.is_authenticated:
        raise unauthorized()
    scope = call.query.get("scope", "")
    relative = call.query.get("relative", "").lower() == "true"
    pairs: list[rbac.Access] = []
    if scope.startswith("/project/"):
        project = project_or_404(call, int(scope.split("/")[2]), "project", "read")
        known = dict.fromkeys([*rbac.PUBLIC, *sorted(rbac.ROLES[1])])
        pairs = [pair for pair in known if call.caller.can(project, *pair)]
    elif not scope or scope == "/system":
        pairs = [pair for pair in rbac.SYSTEM_CATALOGUE if call.caller.can_system(*pair)]
    return [{"resource": _resource(scope, resource, relative), "action": action} for resource, action in pairs]


def _resource(scope: str, resource: str, relative: bool) -> str:
    name = "." if resource == "project" and scope.startswith("/project/") else resource
    return name if relative else (scope if name == "." else f"{scope or '/system'}/{name}")


@route("GET", "/users/{user_id}")
def read_user(call: Call) -> dict[str, Any]:
    user = _find(call, "read")
    return show(user)


@route("PUT", "/users/{user_id}", PROFILE)
def update_user(call: Call) -> None:
    ident = call.number("user_id")
    _require(call, ident, "update")
    user = call.tx.get("user", ident)
    if user is None:
        raise not_found(f"user with id {ident} not found")
    if call.config()["auth_mode"] != "db_auth" and ident != ADMIN_ID:
        raise forbidden(f"User with ID {ident} can't be updated")
    _check_profile(call.body)
    profile = {key: call.body.get(key, "") for key in ("email", "realname", "comment")}
    user = call.tx.update("user", ident, **profile, update_time=clock.now())
    call.audit("update_user", user["username"])


@route("DELETE", "/users/{user_id}")
def delete_user(call: Call) -> None:
    call.require_system("user", "delete")
    ident = call.number("user_id")
    own = isinstance(call.caller, UserCaller) and call.caller.user["id"] == ident
    if own or ident == ADMIN_ID:
        raise forbidden(f"User with ID {ident} cannot be deleted")
    user = call.tx.get("user", ident)
    if user is None:
        raise not_found(f"user {ident} not found")
    for member in call.tx.find("member", entity_type="u", entity_id=ident):
        call.tx.delete("member", member["id"])
    call.audit("delete_user", user["username"])
    call.tx.delete("user", ident)


@route("PUT", "/users/{user_id}/sysadmin", SYSADMIN)
def set_sysadmin(call: Call) -> None:
    call.require_system("user", "update")
    ident = call.number("user_id")
    if call.tx.get("user", ident) is None:
        raise not_found(f"user with id {ident} not found")
    user = call.tx.update("user", ident, sysadmin_flag=call.body.get("sysadmin_flag", False), update_time=clock.now())
    name = user["username"]
    call.audit("update_user", name, f"update user with name: {name}, add/remove user as system administrator")


@route("PUT", "/users/{user_id}/password", PASSWORD)
def set_password(call: Call) -> None:
    user = _find(call, "update")
    if call.config()["auth_mode"] != "db_auth" and user["id"] != ADMIN_ID:
        raise forbidden(f"User with ID {user['id']} can't be updated")
    own = isinstance(call.caller, UserCaller) and call.caller.user["id"] == user["id"]
    if own and not passwords.matches(call.body.get("old_password", ""), user["password"]):
        raise forbidden("Current password is incorrect")
    new = call.body.get("new_password", "")
    _check_password(new)
    if passwords.matches(new, user["password"]):
        raise bad_request("New password is identical to old password")
    digest = passwords.digest(new, call.harbor.settings.iterations)
    call.tx.update("user", user["id"], password=digest, update_time=clock.now())
    call.audit("update_user", user["username"], f"update user with name: {user['username']}, change user password")


@route("PUT", "/users/{user_id}/cli_secret", CLI_SECRET)
def set_cli_secret(call: Call) -> None:
    mode = call.config()["auth_mode"]
    if mode != "oidc_auth":
        raise precondition(f"unable to update CLI secret under authmode: {mode}")
    user = _find(call, "update")
    # Nobody logs in through OIDC here, so no user has the row that would hold the secret.
    raise not_found(f"oidc info for user {user['id']} not found")


def _visible(call: Call) -> list[Doc]:
    """The users of lists: never the built-in admin."""
    return [{**user, "user_id": user["id"]} for user in call.tx.find("user") if user["id"] != ADMIN_ID and not user.get("hidden")]


def _require(call: Call, ident: int, action: str) -> None:
    if not (isinstance(call.caller, UserCaller) and call.caller.user["id"] == ident):
        call.require_system("user", action)


def _find(call: Call, action: str) -> Doc:
    ident = call.number("user_id")
    _require(call, ident, action)
    user = call.tx.get("user", ident)
    if user is None:
        raise not_found(f"user {ident} not found")
    return user


def _check_password(password: str) -> None:
    if not passwords.is_strong(password):
        raise bad_request(f"the password or secret must be {passwords.RULE}")


def _check_profile(body: Doc) -> None:
    email, realname = body.get("email", ""), body.get("realname", "")
    problems = (
        (not email, "email can't be empty"),
        (not _EMAIL.fullmatch(email), "email with illegal format"),
        (not 1 <= len(realname) <= 255, "realname with illegal length"),
        (bool(_ILLEGAL.search(realname)), "realname contains illegal characters"),
        (len(body.get("comment", "")) > 30, "comment with illegal length"),
    )
    message = next((text for wrong, text in problems if wrong), None)
    if message:
        raise ApiError(400, "BAD_REQUEST", message)


def show(user: Doc) -> dict[str, Any]:
    keys = ("username", "sysadmin_flag", "creation_time", "update_time")
    result = {"user_id": user["id"], "admin_role_in_auth": False} | {key: user[key] for key in keys}
    return result | {key: user[key] for key in ("email", "realname", "comment") if user[key]}
