# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Repositories, artifacts and tags, as far as looking at them and cleaning up goes."""

from __future__ import annotations

import html
from typing import Any

from .. import clock, content
from ..errors import ApiError, not_found
from ..listing import Columns
from ..models import REPOSITORY
from ..store import Doc, first
from ..web import Answer, Call, find_project_by_name, route, unescape
from .projects import is_visible

COLUMNS = Columns(
    {"repository_id": int, "name": str, "project_id": int, "description": str, "creation_time": str},
    order="-repository_id",
)
ARTIFACTS = Columns({"id": int, "digest": str, "type": str, "media_type": str, "artifact_type": str, "push_time": str}, order="-id")
_ARTIFACT_KEYS = "id type media_type manifest_media_type artifact_type digest size project_id repository_id push_time".split()  # noqa: SIM905
_ONE = "/projects/{project}/repositories/{repository}"


@route("GET", "/repositories", listing=True)
def list_all(call: Call) -> Answer:
    visible = {project["id"] for project in call.tx.find("project") if is_visible(call.caller, project)}
    return _list(call, [row for row in call.tx.find("repository") if row["project_id"] in visible])


@route("GET", "/projects/{project}/repositories", listing=True)
def list_repositories(call: Call) -> Answer:
    project = find_project_by_name(call, "repository", "list")
    return _list(call, call.tx.find("repository", project_id=project["id"]))


@route("GET", _ONE)
def read_repository(call: Call) -> dict[str, Any]:
    return show(call, _find(call, "repository", "read"))


@route("PUT", _ONE, REPOSITORY)
def update_repository(call: Call) -> None:
    repository = _find(call, "repository", "update")
    text = html.escape(call.body.get("description", "")).replace("&quot;", "&#34;").replace("&#x27;", "&#39;")
    call.tx.update("repository", repository["id"], description=text, update_time=clock.now())


@route("DELETE", _ONE)
def delete_repository(call: Call) -> None:
    content.delete_repository(call.tx, _find(call, "repository", "delete"))


@route("GET", _ONE + "/artifacts", listing=True)
def list_artifacts(call: Call) -> Answer:
    repository = _find(call, "artifact", "list")
    return _list_artifacts(call, call.tx.find("artifact", repository_id=repository["id"]))


@route("GET", "/projects/{project}/artifacts", listing=True)
def list_project_artifacts(call: Call) -> Answer:
    project = find_project_by_name(call, "artifact", "list")
    return _list_artifacts(call, call.tx.find("artifact", project_id=project["id"]))


@route("GET", _ONE + "/artifacts/{reference}")
def read_artifact(call: Call) -> dict[str, Any]:
    return show_artifact(call, _find_artifact(call, "artifact", "read"))


@route("DELETE", _ONE + "/artifacts/{reference}")
def delete_artifact(call: Call) -> None:
    artifact = _find_artifact(call, "artifact", "delete")
    if any(artifact["digest"] in other["children"] for other in call.tx.find("artifact", repository_id=artifact["repository_id"])):
        raise ApiError(412, "VIOLATE_FOREIGN_KEY_CONSTRAINT", "the deleting artifact is referenced by others")
    content.delete_artifact(call.tx, artifact)


@route("GET", _ONE + "/artifacts/{reference}/tags", listing=True)
def list_tags(call: Call) -> Answer:
    artifact = _find_artifact(call, "tag", "list")
    tags = sorted(call.tx.find("tag", artifact_id=artifact["id"]), key=lambda tag: -tag["id"])
    return call.list_page(tags, content.show_tag)


@route("DELETE", _ONE + "/artifacts/{reference}/tags/{tag}")
def delete_tag(call: Call) -> None:
    artifact = _find_artifact(call, "tag", "delete")
    tag = first(call.tx, "tag", repository_id=artifact["repository_id"], name=call.params["tag"])
    if tag is None or tag["artifact_id"] != artifact["id"]:
        raise not_found(f"tag {call.params['tag']} attached to artifact {artifact['id']} not found")
    call.tx.delete("tag", tag["id"])


def _list(call: Call, rows: list[Doc]) -> Answer:
    rows = call.select([{**row, "repository_id": row["id"]} for row in rows], COLUMNS)
    return call.list_page(rows, lambda row: show(call, row))


def _list_artifacts(call: Call, rows: list[Doc]) -> Answer:
    """Accessories never appear in lists, nor untagged parts of an index."""
    parts = {digest for row in rows for digest in row["children"]}
    tagged = {tag["artifact_id"] for tag in call.tx.find("tag")}
    rows = [row for row in rows if not row["subject"] and (row["id"] in tagged or row["digest"] not in parts)]
    return call.list_page(call.select(rows, ARTIFACTS), lambda row: show_artifact(call, row))


def _find(call: Call, resource: str, action: str) -> Doc:
    project = find_project_by_name(call, resource, action)
    name = f"{project['name']}/{unescape(call.params['repository'])}"
    repository = first(call.tx, "repository", name=name)
    if repository is None:
        raise not_found(f"repository {name} not found")
    return repository


def _find_artifact(call: Call, resource: str, action: str) -> Doc:
    repository = _find(call, resource, action)
    reference = call.params["reference"]
    artifact = content.find_artifact(call.tx, repository, reference)
    if artifact is None:
        raise not_found(f"artifact {repository['name']}{'@' if ':' in reference else ':'}{reference} not found")
    return artifact


def show(call: Call, repository: Doc) -> dict[str, Any]:
    keys = ("id", "name", "project_id", "pull_count", "creation_time", "update_time")
    result = {key: repository[key] for key in keys}
    artifacts = call.tx.find("artifact", repository_id=repository["id"])
    result["artifact_count"] = sum(not artifact["subject"] for artifact in artifacts)
    return result | ({"description": repository["description"]} if repository["description"] else {})


def show_artifact(call: Call, artifact: Doc) -> dict[str, Any]:
    repository = call.tx.get("repository", artifact["repository_id"]) or {"name": ""}
    tags = sorted(call.tx.find("tag", artifact_id=artifact["id"]), key=lambda tag: -tag["id"])
    result = {key: artifact[key] for key in _ARTIFACT_KEYS} | {"repository_name": repository["name"], "pull_time": clock.NEVER}
    references = [{"parent_id": artifact["id"], "child_digest": digest} for digest in artifact["children"]]
    result |= {"accessories": None, "labels": None, "references": references or None}
    return result | {"tags": [content.show_tag(tag) for tag in tags] or None}
