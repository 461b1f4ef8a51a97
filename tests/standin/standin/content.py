# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was pushed: repositories, artifacts, tags, and the storage that they take of a project's quota."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from . import clock
from .errors import bad_request, denied
from .store import Doc, Transaction, first

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")
_TYPES = {
    "application/vnd.oci.image.config.v1+json": "IMAGE",
    "application/vnd.docker.container.image.v1+json": "IMAGE",
    "application/vnd.cncf.helm.config.v1+json": "CHART",
}
_INDEXES = ("application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json")


@dataclass(frozen=True)
class Manifest:
    """A manifest as it came over the wire. `blobs` are the sizes of all that it needs by digest, itself included."""

    digest: str
    media_type: str
    config_type: str
    artifact_type: str
    subject: str
    blobs: dict[str, int]
    children: tuple[str, ...]

    @classmethod
    def parse(cls, raw: bytes, content_type: str) -> Manifest:
        """Raises ApiError 400 for what is no manifest."""
        try:
            body = json.loads(raw)
            media_type = body.get("mediaType") or content_type
            config = body.get("config") or {}
            parts = [config, *(body.get("layers") or [])] if config else body.get("layers") or []
            blobs = {part["digest"]: int(part["size"]) for part in parts}
            children = tuple(child["digest"] for child in body.get("manifests") or [])
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise bad_request(f"manifest invalid: {error}") from error
        digest = "sha256:" + hashlib.sha256(raw).hexdigest()
        config_type = media_type if media_type in _INDEXES else config.get("mediaType", media_type)
        artifact_type = body.get("artifactType") or config_type
        subject = (body.get("subject") or {}).get("digest", "")
        return cls(digest, media_type, config_type, artifact_type, subject, {**blobs, digest: len(raw)}, children)


def split(repository: str) -> tuple[str, str]:
    """`project/name` apart; the name is empty when there is none."""
    project, _, name = repository.partition("/")
    return project, name


def find_artifact(tx: Transaction, repository: Doc, reference: str) -> Doc | None:
    """An artifact by tag or digest."""
    if ":" in reference:
        return first(tx, "artifact", repository_id=repository["id"], digest=reference)
    tag = first(tx, "tag", repository_id=repository["id"], name=reference)
    return tx.get("artifact", tag["artifact_id"]) if tag else None


def record_manifest(tx: Transaction, project: Doc, repository_name: str, reference: str, manifest: Manifest) -> Doc:
    """Note a pushed manifest; a tag moves to it from wherever it was."""
    now = clock.now()
    repository = first(tx, "repository", name=repository_name)
    if repository is None:
        row = {"name": repository_name, "project_id": project["id"], "description": "", "pull_count": 0}
        repository = tx.insert("repository", {**row, "creation_time": now, "update_time": now})
    artifact = first(tx, "artifact", repository_id=repository["id"], digest=manifest.digest)
    if artifact is None:
        artifact = tx.insert("artifact", _artifact(project, repository, manifest, now))
    if ":" not in reference:
        _set_tag(tx, repository, artifact, reference, now)
    for digest, size in manifest.blobs.items():
        record_blob(tx, project, digest, size, is_manifest=digest == manifest.digest)
    return artifact


def copy_artifact(tx: Transaction, artifact: Doc, project: Doc, repository_name: str, references: list[str]) -> Doc:
    """Note an artifact, its parts and its accessories in another repository under these tags, or untagged by its digest."""
    siblings = tx.find("artifact", repository_id=artifact["repository_id"])
    for part in [row for row in siblings if row["digest"] in artifact["children"]]:
        copy_artifact(tx, part, project, repository_name, [part["digest"]])
    for reference in references:
        copied = record_manifest(tx, project, repository_name, reference, manifest_of(artifact))
    for accessory in [row for row in siblings if row["subject"] == artifact["digest"]]:
        copy_artifact(tx, accessory, project, repository_name, [accessory["digest"]])
    return copied


def manifest_of(artifact: Doc) -> Manifest:
    """The manifest that an artifact was made of."""
    keys = ("digest", "media_type", "artifact_type", "subject")
    texts = {key: artifact[key] for key in keys} | {"media_type": artifact["manifest_media_type"], "config_type": artifact["media_type"]}
    return Manifest(**texts, blobs=artifact["blobs"], children=tuple(artifact["children"]))


def _artifact(project: Doc, repository: Doc, manifest: Manifest, now: str) -> Doc:
    return {
        "project_id": project["id"],
        "repository_id": repository["id"],
        "digest": manifest.digest,
        "size": sum(manifest.blobs.values()),
        "manifest_media_type": manifest.media_type,
        "media_type": manifest.config_type,
        "artifact_type": manifest.artifact_type,
        "type": "IMAGE" if manifest.media_type in _INDEXES else _TYPES.get(manifest.config_type, "UNKNOWN"),
        "subject": manifest.subject,
        "children": list(manifest.children),
        "blobs": manifest.blobs,
        "push_time": now,
    }


def _set_tag(tx: Transaction, repository: Doc, artifact: Doc, name: str, now: str) -> None:
    tag = first(tx, "tag", repository_id=repository["id"], name=name)
    if tag is None:
        tx.insert("tag", {"repository_id": repository["id"], "artifact_id": artifact["id"], "name": name, "push_time": now})
    elif tag["artifact_id"] != artifact["id"]:
        tx.update("tag", tag["id"], artifact_id=artifact["id"], push_time=now)


def record_blob(tx: Transaction, project: Doc, digest: str, size: int, *, is_manifest: bool = False) -> None:
    """Count a blob for the project, once."""
    if first(tx, "project_blob", project_id=project["id"], digest=digest):
        return
    tx.insert("project_blob", {"project_id": project["id"], "digest": digest, "size": size})
    if first(tx, "blob", digest=digest) is None:
        tx.insert("blob", {"digest": digest, "size": size, "is_manifest": is_manifest, "update_time": clock.now()})
    _refresh_quota(tx, project["id"])


def check_quota(tx: Transaction, project: Doc, blobs: dict[str, int]) -> None:
    """Raise ApiError 403 DENIED when the blobs that the project does not hold yet do not fit into its quota."""
    quota = first(tx, "quota", reference="project", reference_id=project["id"])
    if quota is None or quota["hard"] < 0:
        return
    added = sum(size for digest, size in blobs.items() if not first(tx, "project_blob", project_id=project["id"], digest=digest))
    if added and quota["used"] + added > quota["hard"]:
        raise denied(
            f"adding {human(added)} of storage resource, which when updated to current usage of {human(quota['used'])} "
            f"will exceed the configured upper limit of {human(quota['hard'])}."
        )


def human(size: int) -> str:
    """A size as Harbor prints it, one decimal in the largest fitting unit."""
    value, unit = float(size), 0
    while value >= 1024 and unit < len(_UNITS) - 1:
        value, unit = value / 1024, unit + 1
    return f"{value:.1f} {_UNITS[unit]}" if unit else f"{size} B"


def with_accessories(tx: Transaction, artifact: Doc) -> list[Doc]:
    """An artifact and everything that goes with it."""
    attached = tx.find("artifact", repository_id=artifact["repository_id"], subject=artifact["digest"])
    return [artifact, *(row for accessory in attached for row in with_accessories(tx, accessory))]


def delete_artifact(tx: Transaction, artifact: Doc) -> None:
    """Remove an artifact with its tags and accessories, and give back what only they used."""
    for accessory in tx.find("artifact", repository_id=artifact["repository_id"], subject=artifact["digest"]):
        delete_artifact(tx, accessory)
    for tag in tx.find("tag", artifact_id=artifact["id"]):
        tx.delete("tag", tag["id"])
    tx.delete("artifact", artifact["id"])
    _release(tx, artifact["project_id"])


def delete_repository(tx: Transaction, repository: Doc) -> None:
    """Remove a repository with all that is in it."""
    for kind in ("tag", "artifact"):
        for row in tx.find(kind, repository_id=repository["id"]):
            tx.delete(kind, row["id"])
    tx.delete("repository", repository["id"])
    _release(tx, repository["project_id"])


def _release(tx: Transaction, project_id: int) -> None:
    needed: set[str] = set()
    for artifact in tx.find("artifact", project_id=project_id):
        needed |= set(artifact["blobs"])
    for blob in tx.find("project_blob", project_id=project_id):
        if blob["digest"] not in needed:
            tx.delete("project_blob", blob["id"])
    _refresh_quota(tx, project_id)


def _refresh_quota(tx: Transaction, project_id: int) -> None:
    quota = first(tx, "quota", reference="project", reference_id=project_id)
    if quota is not None:
        used = sum(blob["size"] for blob in tx.find("project_blob", project_id=project_id))
        tx.update("quota", quota["id"], used=used)


def show_tag(tag: Doc) -> dict[str, Any]:
    shown = {key: tag[key] for key in ("id", "name", "artifact_id", "repository_id", "push_time")}
    return shown | {"immutable": False, "pull_time": clock.NEVER}
