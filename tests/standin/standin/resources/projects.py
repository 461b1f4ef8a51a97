# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Projects."""

from __future__ import annotations

import re
from typing import Any

from .. import clock
from ..errors import ApiError, BareError, Duplicate, bad_request, conflict, forbidden, internal, not_found, precondition, unauthorized
from ..harbor import insert_project
from ..listing import Columns
from ..models import PROJECT
from ..rbac import is_public
from ..security import Caller, RobotCaller, UserCaller
from ..store import Doc, Transaction, first
from ..web import Answer, Call, created, find_project, get_project, route
from . import preheat_policies, retentions, webhooks
from .quotas import check_limit

NAME = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*")
COLUMNS = Columns({"project_id": int, "name": str, "owner_id": int, "creation_time": str, "update_time": str}, order="name")
_PROXY_ONLY = ("proxy_speed_kb", "max_upstream_conn")


@route("GET", "/projects", listing=True)
def list_projects(call: Call) -> Answer:
    rows = [row for row in call.tx.find("project") if is_visible(call.caller, row)]
    if "public" in call.query:
        rows = [row for row in rows if is_public(row) == (call.query["public"].lower() in ("true", "1"))]
    if call.query.get("owner"):
        owner = first(call.tx, "user", username=call.query["owner"])
        rows = [row for row in rows if owner and row["owner_id"] == owner["id"]]
    detail = call.query.get("with_detail", "true").lower() != "false"
    return call.list_page(call.select(rows, COLUMNS, name=call.query.get("name")), lambda row: show(call, row, detail))


@route("HEAD", "/projects")
def head_project(call: Call) -> None:
    if not call.caller.is_authenticated:
        raise unauthorized()
    if get_project(call.tx, call.query.get("project_name", "")) is None:
        raise not_found(f"project {call.query.get('project_name')} not found")


@route("POST", "/projects", PROJECT)
def create_project(call: Call) -> Answer:
    owner_id = _check_creator(call)
    metadata = _check_new(call, call.body)
    name = call.body["project_name"]
    config = call.config()
    limit = None
    if config["quota_per_project_enable"]:
        honoured = call.caller.is_sysadmin or call.caller.can_system("project", "create")
        limit = (call.body.get("storage_limit") if honoured else None) or config["storage_per_project"]
    registry_id = call.body.get("registry_id", 0)
    try:
        project = insert_project(call.tx, name, metadata, owner_id=owner_id, registry_id=registry_id, storage_limit=limit)
    except Duplicate as error:
        raise conflict(f"The project named {name} already exists") from error
    if registry_id:
        _add_retention(call.tx, project)
    call.audit("create_project", name, f"create project: {name}", project["id"])
    by_name = call.headers.get("x-resource-name-in-location", "").lower() == "true"
    return created(f"/api/v2.0/projects/{name if by_name else project['id']}")


@route("GET", "/projects/{project}")
def read_project(call: Call) -> dict[str, Any]:
    return show(call, find_project(call, "project", "read"))


@route("PUT", "/projects/{project}", PROJECT)
def update_project(call: Call) -> None:
    project = find_project(call, "project", "update")
    allowlist = call.body.get("cve_allowlist")
    changes: dict[str, Any] = {}
    if allowlist is not None:
        stated = allowlist.get("project_id", 0)
        if stated not in (0, project["id"]):
            raise bad_request(f"project_id in cve_allowlist must be {project['id']} but it's {stated}")
        changes["allowlist"] = {**project["allowlist"], **new_allowlist(call.tx, allowlist)}
    metadata = call.body.get("metadata", {})
    if metadata.get("retention_id", "") not in ("", project["metadata"].get("retention_id", "")):
        raise bad_request(
            "the retention_id in the request's payload when updating a project should be omitted, "
            "alternatively passing the one that has already been associated to this project"
        )
    changes["metadata"] = {**project["metadata"], **_applicable(metadata, is_proxy=bool(project["registry_id"]))}
    call.tx.update("project", project["id"], **changes)


@route("DELETE", "/projects/{project}")
def delete_project(call: Call) -> None:
    project = find_project(call, "project", "delete")
    if call.tx.find("repository", project_id=project["id"]):
        raise precondition(_HAS_REPOSITORIES)
    for kind in ("member", "robot", "project_blob", "immutable_rule"):
        for row in call.tx.find(kind, project_id=project["id"]):
            call.tx.delete(kind, row["id"])
    for policy in call.tx.find("retention", project_id=project["id"]):
        retentions.remove(call.tx, policy)
    for policy in call.tx.find("webhook_policy", project_id=project["id"]):
        webhooks.remove(call.tx, policy)
    for policy in call.tx.find("preheat_policy", project_id=project["id"]):
        preheat_policies.remove(call.tx, policy)
    for quota in call.tx.find("quota", reference="project", reference_id=project["id"]):
        call.tx.delete("quota", quota["id"])
    call.tx.delete("project", project["id"])
    call.audit("delete_project", project["name"], f"delete project: {project['name']}", project["id"])


@route("GET", "/projects/{project}/_deletable")
def project_deletable(call: Call) -> dict[str, Any]:
    project = find_project(call, "project", "delete")
    if call.tx.find("repository", project_id=project["id"]):
        return {"message": "the project contains repositories, can not be deleted"}
    return {"deletable": True}


@route("GET", "/projects/{project}/summary")
def project_summary(call: Call) -> dict[str, Any]:
    project = find_project(call, "project", "read")
    result: dict[str, Any] = {"repo_count": len(call.tx.find("repository", project_id=project["id"]))}
    quota = first(call.tx, "quota", reference="project", reference_id=project["id"])
    # Robots see it without quota:read.
    if quota and (isinstance(call.caller, RobotCaller) or call.caller.can(project, "quota", "read")):
        result["quota"] = {"hard": {"storage": quota["hard"]}, "used": {"storage": quota["used"]}}
    if call.caller.can(project, "member", "list"):
        for role, name in ((1, "project_admin"), (4, "maintainer"), (2, "developer"), (3, "guest"), (5, "limited_guest")):
            count = len(call.tx.find("member", project_id=project["id"], role_id=role))
            if count:
                result[f"{name}_count"] = count
    registry = call.tx.get("registry", project["registry_id"]) if project["registry_id"] else None
    if registry:
        from .registries import show_plain

        result["registry"] = show_plain(registry)
    return result


def is_visible(caller: Caller, project: Doc) -> bool:
    """Whether a project is in the caller's list."""
    if caller.is_sysadmin or is_public(project):
        return True
    if isinstance(caller, RobotCaller):
        return caller.can_system("project", "list") or caller.covers_all() or caller.covers(project)
    return bool(caller.roles(project))


def show(call: Call, project: Doc, detail: bool = True) -> dict[str, Any]:
    """A project as Harbor prints it; without detail, metadata, owner name and allowlist are missing."""
    roles = call.caller.roles(project)
    result: dict[str, Any] = {
        "project_id": project["id"],
        "name": project["name"],
        "owner_id": project["owner_id"],
        "creation_time": project["creation_time"],
        "update_time": project["update_time"],
        "repo_count": len(call.tx.find("repository", project_id=project["id"])),
        "current_user_role_ids": roles or None,
        "cve_allowlist": {"items": None, "creation_time": clock.NEVER, "update_time": clock.NEVER},
    }
    if roles:
        result["current_user_role_id"] = roles[0]
    if project["registry_id"]:
        result["registry_id"] = project["registry_id"]
    if detail:
        owner = call.tx.get("user", project["owner_id"])
        if owner:
            result["owner_name"] = owner["username"]
        result["metadata"] = shown_metadata(project)
        allowlist = project["allowlist"]
        result["cve_allowlist"] |= {"id": allowlist["id"], "project_id": project["id"], "items": allowlist["items"]}
        if allowlist["expires_at"] is not None:
            result["cve_allowlist"]["expires_at"] = allowlist["expires_at"]
    return result


def shown_metadata(project: Doc) -> dict[str, str]:
    """Metadata verbatim, but for the severity, which is read as one of the known words or `unknown`."""
    metadata = {key: value for key, value in project["metadata"].items() if key in PROJECT_METADATA}
    if "severity" in metadata:
        metadata["severity"] = severity(metadata["severity"]) or "unknown"
    return metadata


PROJECT_METADATA = PROJECT.fields["metadata"].fields  # type: ignore[union-attr]


def severity(text: str) -> str:
    """The canonical word of a severity, empty when it is none."""
    word = text.lower()
    word = "none" if word == "negligible" else word
    return word if word in ("none", "low", "medium", "high", "critical", "unknown") else ""


def new_allowlist(tx: Transaction, body: Doc) -> Doc:
    """The stored part of an allowlist body. Raises 500 for doubled and blank ids, as Harbor."""
    items = body.get("items") or []
    idents = [None if item is None else item.get("cve_id", "") for item in items]
    if None in idents:
        # The server panics on it.
        raise BareError(500)
    if len(set(idents)) != len(idents) or any(not str(ident).strip() for ident in idents):
        raise internal()
    # The database answers an upsert with a fresh id, even where the row keeps its old one.
    tx.next_id("allowlist")
    return {"items": [{"cve_id": ident} for ident in idents], "expires_at": body.get("expires_at")}


_HAS_REPOSITORIES = "precondition failed: the project contains repositories, can not be deleted"


def _check_creator(call: Call) -> int:
    """The id of the new project's owner. Raises when the caller may not create projects."""
    caller = call.caller
    if not caller.is_authenticated:
        raise unauthorized()
    if isinstance(caller, RobotCaller):
        if caller.robot["project_id"]:
            raise forbidden("Only system level robot can create project")
        call.require_system("project", "create")
        return 1
    if call.config()["project_creation_restriction"] == "adminonly" and not caller.is_sysadmin:
        raise forbidden("Only system admin can create project")
    return int(caller.user["id"]) if isinstance(caller, UserCaller) else 1


def _check_new(call: Call, body: Doc) -> dict[str, str]:
    """The metadata that a new project gets. Raises for everything that Harbor refuses before it touches the database."""
    name = body.get("project_name", "")
    if not name:
        raise bad_request(f"Project name {name} is illegal in length. (greater than 255 or less than 1)")
    if not NAME.fullmatch(name):
        raise bad_request("project name is not in lower case or contains illegal characters")
    metadata = {**body.get("metadata", {})}
    public = metadata.get("public") or str(body.get("public", False)).lower()
    if public not in ("true", "false"):
        raise bad_request(f"metadata.public should only be 'true' or 'false', but got: '{public}'")
    _check_quota_and_registry(call, body)
    if metadata.get("retention_id"):
        raise bad_request(
            "bad request: the retention_id in the request's payload when creating a project should be omitted, "
            "alternatively passing an empty string"
        )
    is_proxy = "registry_id" in body
    for key in _PROXY_ONLY if is_proxy else ():
        _check_int32(key, metadata.get(key))
    return {**_applicable(metadata, is_proxy), "public": public}


def _check_quota_and_registry(call: Call, body: Doc) -> None:
    try:
        check_limit(body.get("storage_limit") or -1)
    except ApiError as error:
        raise bad_request(f"bad request: {error.message}") from error
    registry_id = body.get("registry_id")
    if registry_id is None:
        return
    if not call.caller.is_sysadmin:
        raise forbidden("Only system admin can create proxy cache project")
    if registry_id <= 0:
        raise bad_request(f"bad request: {registry_id} is invalid value of registry_id, it should be geater than 0")
    registry = call.tx.get("registry", registry_id)
    if registry is None:
        raise internal()
    if registry["type"] not in call.harbor.settings.proxy_cache_types:
        raise bad_request(f"bad request: unsupported registry type {registry['type']}")


def _check_int32(key: str, value: str | None) -> None:
    if value is None:
        return
    error = f"metadata.{key} should by an int32, but got: '{value}', err: strconv.ParseInt: parsing \"{value}\": "
    if not re.fullmatch(r"[+-]?\d+", value):
        raise bad_request(error + "invalid syntax")
    if not -(2**31) <= int(value) < 2**31:
        raise bad_request(error + "value out of range")


def _applicable(metadata: dict[str, str], is_proxy: bool) -> dict[str, str]:
    """Metadata without the keys that make no sense for the kind of project; Harbor drops them in silence."""
    dropped = ("enable_content_trust", "retention_id") if is_proxy else (*_PROXY_ONLY, "retention_id")
    return {key: value for key, value in metadata.items() if key not in dropped}


def _add_retention(tx: Transaction, project: Doc) -> None:
    """A proxy project throws away what nobody pulled for a week."""
    policy = retentions.insert(tx, retentions.proxy_policy(project["id"]))
    tx.update("project", project["id"], metadata={**project["metadata"], "retention_id": str(policy["id"])})
