# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Repositories: what a push has made."""

from __future__ import annotations

import html
from typing import Any

from .. import audit, clock, content, events
from ..errors import not_found, precondition
from ..listing import Columns
from ..models import REPOSITORY
from ..store import Doc, Transaction, first
from ..web import Answer, Call, find_project_by_name, route, unescape
from .immutable_rules import is_immutable
from .projects import is_visible

COLUMNS = Columns(
    {"repository_id": int, "name": str, "project_id": int, "description": str, "creation_time": str},
    order="-repository_id",
)
ONE = "/projects/{project}/repositories/{repository}"


@route("GET", "/repositories", listing=True)
def list_all(call: Call) -> Answer:
    visible = {project["id"] for project in call.tx.find("project") if is_visible(call.caller, project)}
    return _list(call, [row for row in call.tx.find("repository") if row["project_id"] in visible])


@route("GET", "/projects/{project}/repositories", listing=True)
def list_repositories(call: Call) -> Answer:
    project = find_project_by_name(call, "repository", "list")
    return _list(call, call.tx.find("repository", project_id=project["id"]))


@route("GET", ONE)
def read_repository(call: Call) -> dict[str, Any]:
    return show(call, find_repository(call, "repository", "read"))


@route("PUT", ONE, REPOSITORY)
def update_repository(call: Call) -> None:
    repository = find_repository(call, "repository", "update")
    text = html.escape(call.body.get("description", "")).replace("&quot;", "&#34;").replace("&#x27;", "&#39;")
    call.tx.update("repository", repository["id"], description=text, update_time=clock.now())


@route("DELETE", ONE)
def delete_repository(call: Call) -> None:
    repository = find_repository(call, "repository", "delete")
    artifacts = call.tx.find("artifact", repository_id=repository["id"])
    for artifact in artifacts:
        refuse_immutable(call.tx, artifact)
    parts = {digest for artifact in artifacts for digest in artifact["children"]}
    for artifact in [row for row in artifacts if row["digest"] not in parts]:
        events.artifact(call.harbor, call.tx, events.DELETE, call.caller.name, artifact, repository_goes=True)
    content.delete_repository(call.tx, repository)
    name = repository["name"]
    audit.record(call.harbor, call.tx, call.caller.name, "delete_repository", name, f"delete repository: {name}", repository["project_id"])


def refuse_immutable(tx: Transaction, artifact: Doc) -> None:
    """Raise ApiError 412 when a rule protects a tag of an artifact."""
    project, repository = tx.get("project", artifact["project_id"]), tx.get("repository", artifact["repository_id"])
    for tag in tx.find("tag", artifact_id=artifact["id"]) if project and repository else []:
        if is_immutable(tx, project or {}, (repository or {})["name"], tag["name"]):
            raise precondition(f"the tag {tag['name']} configured as immutable, cannot be deleted")


def find_repository(call: Call, resource: str, action: str) -> Doc:
    """The repository of the path, when the caller may do this in its project. Raises ApiError 401, 403, 404."""
    project = find_project_by_name(call, resource, action)
    name = f"{project['name']}/{unescape(call.params['repository'])}"
    repository = first(call.tx, "repository", name=name)
    if repository is None:
        raise not_found(f"repository {name} not found")
    return repository


def _list(call: Call, rows: list[Doc]) -> Answer:
    rows = call.select([{**row, "repository_id": row["id"]} for row in rows], COLUMNS)
    return call.list_page(rows, lambda row: show(call, row))


def show(call: Call, repository: Doc) -> dict[str, Any]:
    keys = ("id", "name", "project_id", "pull_count", "creation_time", "update_time")
    result = {key: repository[key] for key in keys}
    artifacts = call.tx.find("artifact", repository_id=repository["id"])
    parts = {digest for artifact in artifacts for digest in artifact["children"]}
    result["artifact_count"] = sum(content.stands_for_itself(call.tx, artifact, parts) for artifact in artifacts)
    return result | ({"description": repository["description"]} if repository["description"] else {})
