# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Robot accounts of the system and of projects."""

from __future__ import annotations

from typing import Any

from .. import clock, passwords
from ..errors import Duplicate, bad_request, conflict, denied, forbidden, not_found
from ..listing import Columns, parse_q
from ..models import ROBOT, ROBOT_CREATE, ROBOT_SECRET
from ..rbac import PROJECT_CATALOGUE, SYSTEM_CATALOGUE
from ..security import RobotCaller
from ..store import Doc, first
from ..web import Answer, Call, created, get_project, project_or_404, route
from .projects import NAME

COLUMNS = Columns(
    {"id": int, "name": str, "description": str, "project_id": int, "creation_time": str, "update_time": str, "duration": int},
    order="name",
)
_DAY = 86400


@route("GET", "/robots", listing=True)
def list_robots(call: Call) -> Answer:
    # These two keys count only as written here: any other spelling gets the list of system robots.
    wanted = parse_q(call.query.get("q", ""))
    project_id = 0
    if wanted.get("Level") == "project":
        if "ProjectID" not in wanted:
            raise bad_request("must with project ID when to query project robots")
        project_id = int(wanted["ProjectID"])
        project_or_404(call, project_id, "robot", "list")
    else:
        call.require_system("robot", "list")
    rows = call.select(call.tx.find("robot", project_id=project_id), COLUMNS)
    return call.list_page(rows, lambda row: show(call, row))


@route("POST", "/robots", ROBOT_CREATE)
def create_robot(call: Call) -> Answer:
    body = call.body
    if not NAME.fullmatch(body.get("name", "")):
        raise bad_request("robot name is not in lower case or contains illegal characters")
    _validate(body, body.get("duration", 0))
    project = _project_of(call, body, "create")
    _check_escalation(call, body["permissions"])
    secret, now, duration = passwords.generate(), clock.now(), body["duration"]
    row = {
        "name": f"{project['name']}+{body['name']}" if project else body["name"],
        "project_id": project["id"] if project else 0,
        "description": body.get("description", ""),
        "disable": False,
        "duration": duration,
        "expires_at": -1 if duration == -1 else clock.epoch() + duration * _DAY,
        "secret": passwords.digest(secret, call.harbor.settings.iterations),
        "creator_type": call.caller.kind,
        "creator_ref": _creator(call),
        "permissions": [],
        "creation_time": now,
        "update_time": now,
    }
    try:
        robot = call.tx.insert("robot", row)
    except Duplicate as error:
        raise conflict(f"robot account {row['project_id']}:{row['name']} already exists") from error
    # Scopes are looked up after the row was made: a refused one still used up an id.
    call.tx.update("robot", robot["id"], permissions=_scopes(call, body["permissions"]))
    name = full_name(call, robot)
    call.audit("create_robot", name, f"create robot: {name}", robot["project_id"])
    shown = {"id": robot["id"], "name": full_name(call, robot), "secret": secret, "creation_time": now, "expires_at": row["expires_at"]}
    return created(f"/api/v2.0/robots/{robot['id']}", shown)


@route("GET", "/robots/{id}")
def read_robot(call: Call) -> dict[str, Any]:
    return show(call, _find(call, "read"))


@route("PUT", "/robots/{id}", ROBOT)
def update_robot(call: Call) -> None:
    body = call.body
    robot = _get(call)
    duration = body.get("duration", robot["duration"])
    _validate(body, duration)
    _require(call, robot, "update")
    if body["level"] != _level(robot) or body.get("name", "") != full_name(call, robot):
        raise bad_request("cannot update the level or name of robot")
    if robot["project_id"] and project_or_404(call, body["permissions"][0]["namespace"], "robot", "update")["id"] != robot["project_id"]:
        raise bad_request("cannot update the project id of robot")
    expires_at = robot["expires_at"]
    if duration != robot["duration"]:
        # Counted from the creation, not from today.
        expires_at = -1 if duration == -1 else clock.seconds(robot["creation_time"]) + duration * _DAY
    call.tx.update(
        "robot",
        robot["id"],
        description=body.get("description", ""),
        disable=body.get("disable", False),
        duration=duration,
        expires_at=expires_at,
        permissions=_scopes(call, body["permissions"]),
        update_time=clock.now(),
    )


@route("PATCH", "/robots/{id}", ROBOT_SECRET)
def refresh_secret(call: Call) -> dict[str, str]:
    robot = _find(call, "update")
    secret = call.body.get("secret", "")
    if secret and not passwords.is_strong(secret):
        raise bad_request(f"the secret must be {passwords.RULE}")
    stored = secret or passwords.generate()
    digest = passwords.digest(stored, call.harbor.settings.iterations)
    call.tx.update("robot", robot["id"], secret=digest, update_time=clock.now())
    return {} if secret else {"secret": stored}


@route("DELETE", "/robots/{id}")
def delete_robot(call: Call) -> None:
    robot = _find(call, "delete")
    name = full_name(call, robot)
    call.audit("delete_robot", name, f"delete robot: {name}", robot["project_id"])
    call.tx.delete("robot", robot["id"])


def full_name(call: Call, robot: Doc) -> str:
    """The name that is shown and used for login: the prefix in force before the stored name."""
    return str(call.config()["robot_name_prefix"]) + str(robot["name"])


def show(call: Call, robot: Doc) -> dict[str, Any]:
    keys = ("id", "disable", "duration", "expires_at", "creator_type", "creator_ref", "creation_time", "update_time")
    result = {key: robot[key] for key in keys} | {"name": full_name(call, robot), "level": _level(robot), "editable": True}
    if robot["description"]:
        result["description"] = robot["description"]
    return result | {"permissions": [shown for scope in robot["permissions"] if (shown := _show_scope(call, scope)) is not None]}


def _show_scope(call: Call, scope: Doc) -> dict[str, Any] | None:
    """A scope; None for a project that is gone."""
    namespace = scope["project_id"]
    if isinstance(namespace, int):
        project = call.tx.get("project", namespace)
        if project is None:
            return None
        namespace = project["name"]
    return {"kind": scope["kind"], "namespace": namespace, "access": scope["access"]}


def _level(robot: Doc) -> str:
    return "project" if robot["project_id"] else "system"


def _creator(call: Call) -> int:
    if isinstance(call.caller, RobotCaller):
        return int(call.caller.robot["id"])
    return int(getattr(call.caller, "user", {"id": 0})["id"])


def _get(call: Call) -> Doc:
    robot = call.tx.get("robot", call.number("id"))
    if robot is None:
        raise not_found(f"robot {call.params['id']} not found")
    return robot


def _find(call: Call, action: str) -> Doc:
    robot = _get(call)
    _require(call, robot, action)
    return robot


def _require(call: Call, robot: Doc, action: str) -> None:
    if robot["project_id"]:
        call.require(call.tx.get("project", robot["project_id"]), "robot", action)
    else:
        call.require_system("robot", action)


def _validate(body: Doc, duration: int) -> None:
    """Raise ApiError 400 for what no robot can be, in the order in which Harbor looks."""
    if duration != -1 and not 1 <= duration < 2**31 - 1:
        raise bad_request(f"bad request error duration input: {duration}, duration must be either -1(Never) or a positive integer")
    level, permissions = body.get("level", ""), body.get("permissions", [])
    if level not in ("system", "project"):
        raise bad_request(f"bad request error level input: {level}")
    if not permissions:
        raise bad_request("bad request empty permission")
    if not all(permission.get("access") for permission in permissions):
        raise bad_request("bad request empty access")
    if level == "project" and len(permissions) > 1:
        raise bad_request("bad request permission")
    for permission in permissions:
        _check_catalogue(permission)


def _check_catalogue(permission: Doc) -> None:
    catalogue = {"system": SYSTEM_CATALOGUE, "project": PROJECT_CATALOGUE}.get(permission.get("kind", ""))
    if catalogue is None:
        raise bad_request(f"bad request permission level: {permission.get('kind', '')}")
    for access in permission["access"]:
        pair = (access.get("resource", ""), access.get("action", ""))
        if pair not in catalogue:
            raise bad_request(f"bad request permission: {pair[0]}:{pair[1]}")


def _project_of(call: Call, body: Doc, action: str) -> Doc | None:
    """The project of a project robot, None for a system robot, when the caller may do this there."""
    if body["level"] == "project":
        return project_or_404(call, body["permissions"][0].get("namespace", ""), "robot", action)
    call.require_system("robot", action)
    return None


def _scopes(call: Call, permissions: list[Doc]) -> list[Doc]:
    """Permissions as they are stored: projects by id, one entry a namespace, no access twice."""
    scopes: dict[tuple[str, Any], Doc] = {}
    for permission in permissions:
        kind, namespace = permission["kind"], permission.get("namespace", "")
        key = (kind, _scope_of(call, kind, namespace))
        scope = scopes.setdefault(key, {"kind": kind, "project_id": key[1], "access": []})
        scope["access"] += [access for access in _unique(permission["access"]) if access not in scope["access"]]
    for scope in scopes.values():
        scope["access"].sort(key=lambda access: _policy_id(call, scope, access))
    return list(scopes.values())


def _policy_id(call: Call, scope: Doc, access: Doc) -> int:
    """Robots share rows of one policy table, and accesses are listed in the order of that table."""
    policy = {"scope": f"{scope['kind']} {scope['project_id']}", "access": f"{access['resource']} {access['action']}", "effect": ""}
    policy["effect"] = access.get("effect", "")
    known = first(call.tx, "policy", **policy) or call.tx.insert("policy", policy)
    return int(known["id"])


def _unique(accesses: list[Doc]) -> list[Doc]:
    cleaned = [{key: value for key, value in access.items() if value} for access in accesses]
    return [access for index, access in enumerate(cleaned) if access not in cleaned[:index]]


def _scope_of(call: Call, kind: str, namespace: str) -> str | int:
    if kind == "system":
        if namespace != "/":
            raise bad_request("unknown namespace")
        return "/"
    if namespace == "*":
        return "*"
    project = get_project(call.tx, namespace)
    if project is None:
        raise not_found(f"project {namespace} not found")
    return int(project["id"])


def _check_escalation(call: Call, permissions: list[Doc]) -> None:
    """A robot gives at most what it has itself."""
    if not isinstance(call.caller, RobotCaller):
        return
    if call.caller.robot["project_id"] and any(permission["kind"] == "system" for permission in permissions):
        raise forbidden()
    held = [shown for scope in call.caller.robot["permissions"] if (shown := _show_scope(call, scope)) is not None]
    for permission in permissions:
        scopes = [scope for scope in held if scope["kind"] == permission["kind"]]
        scopes = [scope for scope in scopes if scope["namespace"] in ("*", permission.get("namespace", ""))]
        granted = [access for scope in scopes for access in scope["access"]]
        if not all(access in granted for access in _unique(permission["access"])):
            raise denied(
                "permission scope is invalid. It must be equal to or more restrictive than the creator robot's permissions: "
                + call.caller.name
            )
