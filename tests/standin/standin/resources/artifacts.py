# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Artifacts, their tags, labels and accessories, and the way from one repository to another."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from .. import clock, content, events, scanning
from ..errors import ApiError, Duplicate, bad_request, conflict, denied, not_found, precondition
from ..listing import Columns, parse_q
from ..models import ARTIFACT_LABEL, TAG
from ..store import Doc, Transaction, first
from ..web import Answer, Call, created, find_project_by_name, get_project, route, unescape
from . import labels
from .immutable_rules import is_immutable
from .repositories import ONE, find_repository, refuse_immutable

COLUMNS = Columns(
    {"id": int, "digest": str, "type": str, "media_type": str, "artifact_type": str, "push_time": str, "pull_time": str}, order="-id"
)
TAGS = Columns({"id": int, "name": str, "push_time": str, "pull_time": str}, order="-id")
_ARTIFACT = ONE + "/artifacts/{reference}"
_TAG_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
_KEYS = ("id", "type", "media_type", "manifest_media_type", "digest", "size", "project_id", "repository_id", "push_time", "pull_time")
_IMAGE_ICON = "sha256:0048162a053eef4d4ce3fe7518615bef084403614f8bca43b40ae2e762e11e06"
_PLAIN_ICON = "sha256:da834479c923584f4cbcdecc0dac61f32bef1d51e8aae598cf16bd154efab49f"
_ACCESSORY_ICONS = {
    "signature.cosign": "sha256:20401d5b3a0f6dbc607c8d732eb08471af4ae6b19811a4efce8c6a724aed2882",
    "sbom.harbor": "sha256:c19f80c357cd7e90d2a01b9ae3e2eb62ce447a2662bb590a19177d72d550bdae",
}


@route("GET", ONE + "/artifacts", listing=True)
def list_artifacts(call: Call) -> Answer:
    repository = find_repository(call, "artifact", "list")
    return _list(call, call.tx.find("artifact", repository_id=repository["id"]))


@route("GET", "/projects/{project}/artifacts", listing=True)
def list_project_artifacts(call: Call) -> Answer:
    project = find_project_by_name(call, "artifact", "list")
    return _list(call, call.tx.find("artifact", project_id=project["id"]))


@route("GET", _ARTIFACT)
def read_artifact(call: Call) -> dict[str, Any]:
    return show(call, find_artifact(call, "artifact", "read"))


@route("DELETE", _ARTIFACT)
def delete_artifact(call: Call) -> None:
    artifact = find_artifact(call, "artifact", "delete")
    if any(artifact["digest"] in other["children"] for other in call.tx.find("artifact", repository_id=artifact["repository_id"])):
        raise ApiError(412, "VIOLATE_FOREIGN_KEY_CONSTRAINT", "the deleting artifact is referenced by others")
    refuse_immutable(call.tx, artifact)
    for row in content.with_accessories(call.tx, artifact):
        events.artifact(call.harbor, call.tx, events.DELETE, call.caller.name, row)
    content.delete_artifact(call.tx, artifact)


@route("POST", ONE + "/artifacts")
def copy_artifact(call: Call) -> Answer:
    """Copy with all tags and accessories; where the digest is already, only the tags follow."""
    project = find_project_by_name(call, "artifact", "create")
    source, reference = _source(call)
    if project["registry_id"]:
        raise ApiError(405, "METHOD_NOT_ALLOWED", f"the operation isn't supported for a proxy project: {project['name']}")
    if source["subject"]:
        raise denied(f"copying accessory is not allowed: {source['digest']}")
    target = f"{project['name']}/{unescape(call.params['repository'])}"
    tags = [tag["name"] for tag in call.tx.find("tag", artifact_id=source["id"])]
    repository = first(call.tx, "repository", name=target)
    known = first(call.tx, "artifact", repository_id=repository["id"], digest=source["digest"]) if repository else None
    _refuse_moves(call.tx, project, repository, source, tags)
    if known is None:
        everything = [part for row in content.with_accessories(call.tx, source) for part in _with_parts(call.tx, row)]
        content.check_quota(call.tx, project, {digest: size for row in everything for digest, size in row["blobs"].items()})
        _copy_blobs(call, everything, target)
        copied = content.copy_artifact(call.tx, source, project, target, tags or [source["digest"]])
    else:
        copied = known
        for tag in tags:
            content.move_tag(call.tx, known, tag)
    events.artifact(call.harbor, call.tx, events.PUSH, call.caller.name, copied, reference)
    return created(f"/api/v2.0/projects/{project['name']}/repositories/{call.params['repository']}/artifacts/{reference}")


@route("GET", _ARTIFACT + "/accessories", listing=True)
def list_accessories(call: Call) -> Answer:
    return call.list_page(_accessories(call.tx, find_artifact(call, "accessory", "list")), lambda row: row)


@route("GET", _ARTIFACT + "/tags", listing=True)
def list_tags(call: Call) -> Answer:
    artifact = find_artifact(call, "tag", "list")
    rows = call.select(call.tx.find("tag", artifact_id=artifact["id"]), TAGS)
    immutable = _flag(call, "with_immutable_status")
    return call.list_page(rows, lambda tag: _show_tag(call.tx, artifact, tag, immutable))


@route("POST", _ARTIFACT + "/tags", TAG)
def create_tag(call: Call) -> Answer:
    artifact = find_artifact(call, "tag", "create")
    name = call.body["name"]
    project = call.tx.get("project", artifact["project_id"]) or {}
    if project["registry_id"]:
        raise ApiError(405, "METHOD_NOT_ALLOWED", f"the operation isn't supported for a proxy project: {project['name']}")
    if not _TAG_NAME.fullmatch(name):
        raise bad_request(f"bad request: invalid tag name: {name}")
    try:
        content.add_tag(call.tx, artifact, name)
    except Duplicate as error:
        raise conflict(f"tag {name} already exists under the repository {artifact['repository_id']}") from error
    return Answer(201)


@route("DELETE", _ARTIFACT + "/tags/{tag}")
def delete_tag(call: Call) -> None:
    artifact = find_artifact(call, "tag", "delete")
    name = call.params["tag"]
    tag = first(call.tx, "tag", repository_id=artifact["repository_id"], name=name)
    if tag is None or tag["artifact_id"] != artifact["id"]:
        raise not_found(f"tag {name} attached to artifact {artifact['id']} not found")
    if _is_immutable(call.tx, artifact, name):
        raise precondition(f"the tag {name} configured as immutable, cannot be deleted")
    call.tx.delete("tag", tag["id"])


@route("POST", _ARTIFACT + "/labels", ARTIFACT_LABEL)
def add_label(call: Call) -> None:
    artifact = find_artifact(call, "artifact-label", "create")
    ident = call.body.get("id", 0)
    label = call.tx.get("label", ident)
    if label is None or label["project_id"] not in (0, artifact["project_id"]):
        raise not_found(f"label {ident} not found")
    if ident in artifact["labels"]:
        raise conflict(f"label {ident} is already added to the artifact {artifact['id']}")
    call.tx.update("artifact", artifact["id"], labels=[*artifact["labels"], ident])


@route("DELETE", _ARTIFACT + "/labels/{label}")
def remove_label(call: Call) -> None:
    artifact = find_artifact(call, "artifact-label", "delete")
    ident = call.number("label")
    if ident not in artifact["labels"]:
        raise not_found(f"reference with label {ident} and artifact {artifact['id']} not found")
    call.tx.update("artifact", artifact["id"], labels=[label for label in artifact["labels"] if label != ident])


def find_artifact(call: Call, resource: str, action: str) -> Doc:
    """The artifact of the path, when the caller may do this in its project. Raises ApiError 401, 403, 404."""
    repository = find_repository(call, resource, action)
    reference = call.params["reference"]
    artifact = content.find_artifact(call.tx, repository, reference)
    if artifact is None:
        raise not_found(f"artifact {repository['name']}{'@' if ':' in reference else ':'}{reference} not found")
    return artifact


def _source(call: Call) -> tuple[Doc, str]:
    """What is to be copied, and the reference that names it. Raises ApiError 400, 403."""
    text = call.query.get("from", "")
    name, sign, reference = text.partition("@") if "@" in text else text.rpartition(":")
    repository = first(call.tx, "repository", name=name) if sign else None
    if repository:
        call.require(get_project(call.tx, content.split(name)[0]), "artifact", "read")
    artifact = content.find_artifact(call.tx, repository, reference) if repository else None
    if artifact is None:
        raise bad_request(f"artifact {text} not found")
    return artifact, reference


def _refuse_moves(tx: Transaction, project: Doc, repository: Doc | None, source: Doc, tags: list[str]) -> None:
    """Raise ApiError 412 when a tag of the source would move away from another artifact against a rule."""
    for name in tags if repository else []:
        tag = first(tx, "tag", repository_id=(repository or {})["id"], name=name)
        holder = tx.get("artifact", tag["artifact_id"]) if tag else None
        if holder and holder["digest"] != source["digest"] and is_immutable(tx, project, (repository or {})["name"], name):
            raise precondition(f"the tag {name} configured as immutable, cannot be updated")


def _with_parts(tx: Transaction, artifact: Doc) -> list[Doc]:
    # Parts first: a registry takes an index only when it has them.
    return [*(scanning.parts(tx, artifact) if artifact["children"] else []), artifact]


def _copy_blobs(call: Call, artifacts: list[Doc], target: str) -> None:
    for row in artifacts:
        repository = call.tx.get("repository", row["repository_id"]) or {}
        blobs = [digest for digest in row["blobs"] if digest != row["digest"]]
        call.harbor.registry.copy(repository["name"], target, row["digest"], blobs)


def _list(call: Call, rows: list[Doc]) -> Answer:
    """Accessories never appear in lists, and parts of an index only when `base` asks for them."""
    wanted = parse_q(call.query.get("q", ""))
    parts = {digest for row in rows for digest in row["children"]}
    whole = wanted.get("base") == "*"
    rows = [row for row in rows if not row["subject"] and (whole or content.stands_for_itself(call.tx, row, parts))]
    if "tags" in wanted:
        rows = [row for row in rows if _has_tag(call.tx, row, wanted["tags"])]
    if "labels" in wanted:
        idents = {int(text) for text in wanted["labels"].strip("()").split() if text.isdigit()}
        rows = [row for row in rows if idents <= set(row["labels"])]
    return call.list_page(call.select(rows, COLUMNS), lambda row: show(call, row))


def _has_tag(tx: Transaction, artifact: Doc, wanted: str) -> bool:
    names = [tag["name"] for tag in tx.find("tag", artifact_id=artifact["id"])]
    if wanted in ("*", "nil"):
        return bool(names) == (wanted == "*")
    return any(wanted[1:] in name if wanted.startswith("~") else wanted == name for name in names)


def _flag(call: Call, name: str, default: bool = False) -> bool:
    return call.query.get(name, str(default)).lower() in ("true", "1")


def show(call: Call, artifact: Doc) -> dict[str, Any]:
    """An artifact as Harbor prints it, with as much as the query asks for."""
    tx = call.tx
    repository = tx.get("repository", artifact["repository_id"]) or {"name": ""}
    result = {key: artifact[key] for key in _KEYS} | {"repository_name": repository["name"], "icon": icon(artifact)}
    optional = {"annotations": artifact["annotations"], "extra_attrs": _attributes(artifact)}
    if not artifact["children"]:
        optional["artifact_type"] = artifact["artifact_type"]
    tags = tx.find("tag", artifact_id=artifact["id"])[::-1] if _flag(call, "with_tag", default=True) else []
    immutable = _flag(call, "with_immutable_status")
    result["tags"] = [_show_tag(tx, artifact, tag, immutable) for tag in tags] or None
    named = [label for ident in artifact["labels"] if (label := tx.get("label", ident))] if _flag(call, "with_label") else []
    result["labels"] = [labels.show(label) for label in named] or None
    result["accessories"] = (_accessories(tx, artifact) or None) if _flag(call, "with_accessory") else None
    result["references"] = _references(tx, artifact) or None
    return result | {key: value for key, value in {**optional, **_scans(call, artifact, repository["name"])}.items() if value}


def icon(artifact: Doc) -> str:
    return _IMAGE_ICON if artifact["type"] == "IMAGE" else _PLAIN_ICON


def _attributes(artifact: Doc) -> dict[str, Any]:
    """What Harbor takes out of an image's config."""
    if artifact["config"] is None:
        return {}
    plain = {"architecture": "", "author": "", "config": {}, "created": "0001-01-01T00:00:00Z", "os": ""}
    return {key: artifact["config"].get(key, value) for key, value in plain.items()}


def _scans(call: Call, artifact: Doc, name: str) -> dict[str, Any]:
    """Overviews of scans, and where more can be read."""
    project = call.tx.get("project", artifact["project_id"]) or {}
    scanner = scanning.project_scanner(call.tx, project)
    result: dict[str, Any] = {}
    sbom = scanning.find_report(call.tx, artifact, scanner, scanning.SBOM) if scanner and _flag(call, "with_sbom_overview") else None
    if sbom:
        result["sbom_overview"] = scanning.show_sbom(call.tx, sbom)
    accepted = call.headers.get("x-accept-vulnerabilities", scanning.REPORT_TYPE)
    if scanner and _flag(call, "with_scan_overview") and scanning.REPORT_TYPE in accepted:
        overview = scanning.overview(call.tx, artifact, scanner)
        result["scan_overview"] = {scanning.REPORT_TYPE: overview} if overview else {}
    project_name, _, rest = name.partition("/")
    base = f"/api/v2.0/projects/{project_name}/repositories/{quote(quote(rest, safe=''), safe='')}/artifacts"
    hrefs = {}
    if artifact["config"] is not None:
        hrefs["build_history"] = f"{base}/{artifact['digest']}/additions/build_history"
    if scanning.can_scan(call.harbor, call.tx, artifact, scanner):
        # The link is there before there is an SBOM, with nothing where the digest belongs.
        hrefs["sboms"] = f"{base}/{(sbom or {'result': {}})['result'].get('sbom_digest', '')}/additions/sbom"
        hrefs["vulnerabilities"] = f"{base}/{artifact['digest']}/additions/vulnerabilities"
    return result | {"addition_links": {key: {"absolute": False, "href": href} for key, href in hrefs.items()}}


def _references(tx: Transaction, artifact: Doc) -> list[dict[str, Any]]:
    shown = []
    for digest, platform in zip(artifact["children"], artifact["platforms"], strict=True):
        part = first(tx, "artifact", repository_id=artifact["repository_id"], digest=digest)
        item = {"parent_id": artifact["id"], "child_id": part["id"] if part else 0, "child_digest": digest, "urls": None}
        shown.append(item | ({"platform": {"OsFeatures": None, **platform}} if platform else {}))
    return shown


def _accessories(tx: Transaction, artifact: Doc) -> list[dict[str, Any]]:
    repository = tx.get("repository", artifact["repository_id"]) or {"name": ""}
    subject = {"subject_artifact_id": artifact["id"], "subject_artifact_digest": artifact["digest"]}
    shown = []
    for row in tx.find("artifact", repository_id=artifact["repository_id"], subject=artifact["digest"]):
        accessory = first(tx, "accessory", artifact_id=row["id"]) or {}
        kept = {key: accessory[key] for key in ("id", "artifact_id", "type", "creation_time")}
        about = {"size": row["size"], "digest": row["digest"], "icon": _ACCESSORY_ICONS.get(accessory["type"], "")}
        shown.append({**kept, **subject, "subject_artifact_repo": repository["name"], **about})
    return shown


def _is_immutable(tx: Transaction, artifact: Doc, name: str) -> bool:
    project, repository = tx.get("project", artifact["project_id"]), tx.get("repository", artifact["repository_id"])
    return project is not None and repository is not None and is_immutable(tx, project, repository["name"], name)


def _show_tag(tx: Transaction, artifact: Doc, tag: Doc, with_immutable: bool) -> dict[str, Any]:
    shown = {key: tag[key] for key in ("id", "name", "artifact_id", "repository_id", "push_time")}
    immutable = with_immutable and _is_immutable(tx, artifact, tag["name"])
    return shown | {"immutable": immutable, "pull_time": tag.get("pull_time", clock.NEVER)}
