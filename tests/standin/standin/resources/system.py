# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is no object: health, ping, versions, statistics, search, login."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

from .. import audit, clock, rbac
from ..errors import ApiError, forbidden, not_found, unauthorized
from ..security import UserCaller, login
from ..web import Answer, Call, route
from . import projects


@route("GET", "/health")
def health(call: Call) -> dict[str, Any]:
    components = call.harbor.health.components()
    well = all(component["status"] == "healthy" for component in components)
    return {"status": "healthy" if well else "unhealthy", "components": components}


@route("GET", "/ping")
def ping(call: Call) -> Answer:
    return Answer(200, "Pong", media_type="text/plain")


@route("GET", "!/api/version")
def api_version(call: Call) -> Answer:
    return Answer(200, {"version": "v2.0"}, media_type="text/plain; charset=utf-8")


@route("GET", "/systeminfo")
def systeminfo(call: Call) -> dict[str, Any]:
    config, settings = call.config(), call.harbor.settings
    open_keys = ("auth_mode", "banner_message", "primary_auth_mode", "self_registration")
    result: dict[str, Any] = {key: config[key] for key in open_keys}
    result["oidc_provider_name"] = config["oidc_name"] if config["auth_mode"] == "oidc_auth" else ""
    if not call.caller.is_authenticated:
        return result
    return result | {
        "harbor_version": settings.version,
        "external_url": settings.external_url,
        "registry_url": settings.external_url.partition("://")[2],
        "read_only": config["read_only"],
        "project_creation_restriction": config["project_creation_restriction"],
        "notification_enable": config["notification_enable"],
        "has_ca_root": settings.ca_file.is_file(),
        "registry_storage_provider_name": settings.storage_provider,
        "current_time": clock.now(),
    }


@route("GET", "/systeminfo/volumes")
def volumes(call: Call) -> dict[str, Any]:
    call.require_system("system-volumes", "read")
    return {"storage": [{}]}


@route("GET", "/systeminfo/getcert")
def getcert(call: Call) -> Answer:
    path = call.harbor.settings.ca_file
    if not path.is_file():
        raise not_found(f"resource not found: cert not found in path: {path}")
    return Answer(200, path.read_text(), {"Content-Disposition": "attachment; filename=ca.crt"}, "application/octet-stream")


@route("GET", "/statistics")
def statistics(call: Call) -> dict[str, int]:
    if not call.caller.is_authenticated:
        raise unauthorized()
    counts = {f"{kind}_{what}_count": 0 for kind in ("private", "public", "total") for what in ("project", "repo")}
    for project in call.tx.find("project"):
        if not projects.is_visible(call.caller, project):
            continue
        repositories = len(call.tx.find("repository", project_id=project["id"]))
        for kind in ("public" if rbac.is_public(project) else "private", "total"):
            counts[f"{kind}_project_count"] += 1
            counts[f"{kind}_repo_count"] += repositories
    if not call.caller.is_sysadmin:
        counts |= {"total_project_count": 0, "total_repo_count": 0}
    used = sum(blob["size"] for blob in call.tx.find("blob")) if call.caller.is_sysadmin else 0
    return counts | {"total_storage_consumption": used}


@route("GET", "/search")
def search(call: Call) -> dict[str, Any]:
    text = call.query.get("q", "")
    visible = [project for project in call.tx.find("project") if projects.is_visible(call.caller, project)]
    found = [projects.show(call, project, detail=False) for project in visible if text in project["name"]]
    for item, project in zip(found, (project for project in visible if text in project["name"]), strict=True):
        item["metadata"] = projects.shown_metadata(project)
    names = {project["id"]: project for project in visible}
    repositories = [row for row in call.tx.find("repository") if row["project_id"] in names and text in row["name"]]
    return {"project": found, "repository": [_search_repository(call, row, names[row["project_id"]]) for row in repositories]}


def _search_repository(call: Call, row: dict[str, Any], project: dict[str, Any]) -> dict[str, Any]:
    return {
        "project_id": project["id"],
        "project_name": project["name"],
        "project_public": rbac.is_public(project),
        "repository_name": row["name"],
        "pull_count": row["pull_count"],
        "artifact_count": len(call.tx.find("artifact", repository_id=row["id"])),
    }


@route("GET", "/permissions")
def permissions(call: Call) -> dict[str, Any]:
    caller = call.caller
    if not caller.is_authenticated:
        raise unauthorized("")
    if caller.is_sysadmin:
        return {"system": _accesses(rbac.SYSTEM_CATALOGUE), "project": _accesses(rbac.PROJECT_CATALOGUE)}
    if isinstance(caller, UserCaller) and caller.is_project_admin():
        return {"project": _accesses(rbac.PROJECT_CATALOGUE)}
    raise forbidden("forbidden: only admins(system and project) can access permissions")


def _accesses(pairs: list[rbac.Access]) -> list[dict[str, str]]:
    return [{"resource": resource, "action": action} for resource, action in pairs]


@route("POST", "!/c/login")
def login_form(call: Call) -> Answer:
    """The form of the UI. A new session id is given out, so that one known before the login is worth nothing."""
    form = parse_qs(call.raw.decode(errors="replace"))
    user = login(call.harbor, call.tx, form.get("principal", [""])[0], form.get("password", [""])[0])
    if user is None:
        raise ApiError(401, "UNAUTHORIZED", "unauthorized")
    call.session = user["id"]
    audit.record(call.harbor, call.tx, user["username"], "login_user", user["username"], "login")
    return Answer()


@route("GET", "!/c/log_out")
def log_out(call: Call) -> Answer:
    call.session = 0
    call.audit("logout_user", call.caller.name, "logout")
    return Answer()


@route("GET", "/internalconfig")
def internal_config(call: Call) -> dict[str, Any]:
    """What jobservice fetches when it starts."""
    if call.caller.kind != "secret":
        raise unauthorized("only internal service is allowed to call this API")
    values = call.config() | {"storage_provider_name": call.harbor.settings.storage_provider}
    return {key: {"value": value, "editable": False} for key, value in values.items()}
