# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was pushed: repositories, artifacts, tags, and the storage that they take of a project's quota."""

from __future__ import annotations

import hashlib
import json
import re
import time
from dataclasses import dataclass, field
from typing import Any

from . import clock, jobs
from .errors import bad_request, denied
from .store import Doc, Transaction, first

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")
_IMAGE_CONFIGS = ("application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json")
_TYPES = {
    "application/vnd.oci.image.config.v1+json": "IMAGE",
    "application/vnd.docker.container.image.v1+json": "IMAGE",
    "application/vnd.cncf.helm.config.v1+json": "CHART",
}
SCAN_VENDOR = "IMAGE_SCAN"
_EMPTY_TYPE = "UNKNOWN"
# The name of an artifact type inside of the media type of its config.
_TYPE_NAME = re.compile(r"application/vnd\.[^.]*\.(.*)\.config\.[^.]*\+json")
COSIGN_LAYER = "application/vnd.dev.cosign.simplesigning.v1+json"
# Lies elsewhere, and counts for no quota.
FOREIGN_LAYER = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"
SBOM_TYPE = "application/vnd.goharbor.harbor.sbom.v1"
_SIGNATURE_TAG = re.compile(r"sha256-([0-9a-f]{64})\.sig")
# Accessory types by the artifact type of what has a subject.
_ACCESSORIES = {
    "application/vnd.cncf.notary.signature": "signature.notation",
    "application/vnd.dev.cosign.artifact.sig.v1+json": "signature.cosign",
    "application/vnd.dev.sigstore.bundle.v0.3+json": "signature.cosign",
    SBOM_TYPE: "sbom.harbor",
}
_INDEXES = ("application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json")


@dataclass(frozen=True)
class Manifest:
    """A manifest as it came over the wire.

    `blobs` are the sizes of all that it needs by digest, itself included; `layers` the media types of the layers; `platforms` belongs to
    `children`, the manifests of an index.
    """

    digest: str
    media_type: str
    config_type: str
    artifact_type: str
    subject: str
    blobs: dict[str, int]
    children: tuple[str, ...]
    layers: tuple[str, ...] = ()
    config_digest: str = ""
    platforms: tuple[Doc | None, ...] = ()
    annotations: dict[str, str] = field(default_factory=dict)
    # Of all parts, each as often as it is named, and of the manifest itself.
    size: int = 0

    @classmethod
    def parse(cls, raw: bytes, content_type: str) -> Manifest:
        """Raises ApiError 400 for what is no manifest."""
        try:
            body = json.loads(raw)
            media_type = body.get("mediaType") or content_type
            config = body.get("config") or {}
            parts = [config, *(body.get("layers") or [])] if config else body.get("layers") or []
            blobs = {part["digest"]: int(part["size"]) for part in parts if part.get("mediaType") != FOREIGN_LAYER}
            children = tuple(child["digest"] for child in body.get("manifests") or [])
            more = cls._more(body, config) | {"size": len(raw) + sum(int(part["size"]) for part in parts)}
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise bad_request(f"manifest invalid: {error}") from error
        digest = "sha256:" + hashlib.sha256(raw).hexdigest()
        config_type = media_type if media_type in _INDEXES else config.get("mediaType", media_type)
        artifact_type = body.get("artifactType") or config_type
        subject = (body.get("subject") or {}).get("digest", "")
        return cls(digest, media_type, config_type, artifact_type, subject, {**blobs, digest: len(raw)}, children, **more)

    @staticmethod
    def _more(body: Doc, config: Doc) -> dict[str, Any]:
        return {
            "layers": tuple(part.get("mediaType", "") for part in body.get("layers") or []),
            "config_digest": config.get("digest", ""),
            "platforms": tuple(child.get("platform") for child in body.get("manifests") or []),
            "annotations": body.get("annotations") or {},
        }

    @property
    def is_image(self) -> bool:
        return self.config_type in _IMAGE_CONFIGS


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


def record_manifest(
    tx: Transaction, project: Doc, repository_name: str, reference: str, manifest: Manifest, config: Doc | None = None
) -> Doc:
    """Note a pushed manifest; a tag moves to it from wherever it was. `config` is what its config blob says, where anybody read it."""
    now = clock.now()
    repository = first(tx, "repository", name=repository_name)
    if repository is None:
        row = {"name": repository_name, "project_id": project["id"], "description": "", "pull_count": 0}
        repository = tx.insert("repository", {**row, "creation_time": now, "update_time": now})
    artifact = first(tx, "artifact", repository_id=repository["id"], digest=manifest.digest)
    if artifact is None:
        artifact = _insert_artifact(tx, repository, reference, manifest, config)
    if ":" not in reference:
        move_tag(tx, artifact, reference)
    for digest, size in manifest.blobs.items():
        record_blob(tx, project, digest, size, is_manifest=digest == manifest.digest)
    tx.update("repository", repository["id"], update_time=now)
    return artifact


def copy_artifact(tx: Transaction, artifact: Doc, project: Doc, repository_name: str, references: list[str]) -> Doc:
    """Note an artifact, its parts and its accessories in another repository under these tags, or untagged by its digest."""
    siblings = tx.find("artifact", repository_id=artifact["repository_id"])
    for part in [row for row in siblings if row["digest"] in artifact["children"]]:
        copy_artifact(tx, part, project, repository_name, [part["digest"]])
    for accessory in [row for row in siblings if row["subject"] == artifact["digest"]]:
        tags = [tag["name"] for tag in tx.find("tag", artifact_id=accessory["id"])]
        copy_artifact(tx, accessory, project, repository_name, tags or [accessory["digest"]])
    for reference in references:
        copied = record_manifest(tx, project, repository_name, reference, manifest_of(artifact), artifact["config"])
    return copied


def manifest_of(artifact: Doc) -> Manifest:
    """The manifest that an artifact was made of."""
    same: Doc = {key: artifact[key] for key in ("digest", "artifact_type", "blobs", "config_digest", "annotations")}
    same |= {key: tuple(artifact[key]) for key in ("children", "layers", "platforms")}
    same |= {"subject": artifact["stated_subject"], "config_type": artifact["media_type"], "size": artifact["own_size"]}
    return Manifest(**same, media_type=artifact["manifest_media_type"])


def _insert_artifact(tx: Transaction, repository: Doc, reference: str, manifest: Manifest, config: Doc | None) -> Doc:
    subject = manifest.subject or _signed_by_tag(reference, manifest)
    parts = [first(tx, "artifact", repository_id=repository["id"], digest=digest) for digest in manifest.children]
    now = clock.now()
    row = {
        "project_id": repository["project_id"],
        "repository_id": repository["id"],
        "digest": manifest.digest,
        "size": manifest.size + sum(part["size"] for part in parts if part),
        "own_size": manifest.size,
        "manifest_media_type": manifest.media_type,
        "media_type": manifest.config_type,
        "artifact_type": manifest.artifact_type,
        "type": _type(manifest),
        "subject": subject,
        # Signatures of cosign's older kind state none.
        "stated_subject": manifest.subject,
        "children": list(manifest.children),
        "platforms": list(manifest.platforms),
        "layers": list(manifest.layers),
        "config_digest": manifest.config_digest,
        "annotations": manifest.annotations,
        "config": config,
        "labels": [],
        "blobs": manifest.blobs,
        "push_time": now,
        "pull_time": clock.NEVER,
    }
    artifact = tx.insert("artifact", row)
    if subject:
        kind = "signature.cosign" if not manifest.subject else _ACCESSORIES.get(manifest.artifact_type, "subject.accessory")
        tx.insert("accessory", {"artifact_id": artifact["id"], "type": kind, "creation_time": now})
    return artifact


def _signed_by_tag(reference: str, manifest: Manifest) -> str:
    """The digest that a signature of cosign's older kind belongs to: it is part of the tag."""
    match = _SIGNATURE_TAG.fullmatch(reference)
    return f"sha256:{match[1]}" if match and COSIGN_LAYER in manifest.layers else ""


def _type(manifest: Manifest) -> str:
    if manifest.media_type in _INDEXES:
        return "IMAGE"
    named = _TYPE_NAME.fullmatch(manifest.config_type)
    return _TYPES.get(manifest.config_type) or (named[1].upper() if named else _EMPTY_TYPE)


def stands_for_itself(tx: Transaction, artifact: Doc, parts: set[str]) -> bool:
    """Whether an artifact counts: no accessory, and no untagged part of an index. `parts` are the digests that indexes refer to."""
    return not artifact["subject"] and (artifact["digest"] not in parts or bool(tx.find("tag", artifact_id=artifact["id"])))


def move_tag(tx: Transaction, artifact: Doc, name: str) -> None:
    """Let a tag name this artifact, wherever it was before."""
    tag = first(tx, "tag", repository_id=artifact["repository_id"], name=name)
    if tag is None:
        add_tag(tx, artifact, name)
    elif tag["artifact_id"] != artifact["id"]:
        tx.update("tag", tag["id"], artifact_id=artifact["id"], push_time=clock.now())


def add_tag(tx: Transaction, artifact: Doc, name: str) -> Doc:
    """A new tag. Raises Duplicate when the repository has it."""
    row = {"repository_id": artifact["repository_id"], "artifact_id": artifact["id"], "name": name}
    return tx.insert("tag", {**row, "push_time": clock.now(), "pull_time": clock.NEVER})


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
    """Remove an artifact with its tags and accessories and the parts that nothing else needs, and give back what only they used."""
    _remove(tx, artifact)
    _release(tx, artifact["project_id"])


def delete_repository(tx: Transaction, repository: Doc) -> None:
    """Remove a repository with all that is in it."""
    for artifact in tx.find("artifact", repository_id=repository["id"]):
        if tx.get("artifact", artifact["id"]):
            _remove(tx, artifact)
    tx.delete("repository", repository["id"])
    _release(tx, repository["project_id"])


def _remove(tx: Transaction, artifact: Doc) -> None:
    siblings = {"repository_id": artifact["repository_id"]}
    for accessory in tx.find("artifact", subject=artifact["digest"], **siblings):
        _remove(tx, accessory)
    for kind in ("tag", "accessory"):
        for row in tx.find(kind, artifact_id=artifact["id"]):
            tx.delete(kind, row["id"])
    tx.delete("artifact", artifact["id"])
    _forget_scans(tx, artifact)
    repository = tx.get("repository", artifact["repository_id"]) or {"name": ""}
    kept = {key: artifact[key] for key in ("media_type", "manifest_media_type", "digest")}
    tx.insert("trash", {**kept, "repository_name": repository["name"], "creation_time": clock.now()})
    needed = {digest for row in tx.find("artifact", **siblings) for digest in row["children"]}
    for digest in set(artifact["children"]) - needed:
        part = first(tx, "artifact", digest=digest, **siblings)
        if part and not tx.find("tag", artifact_id=part["id"]):
            _remove(tx, part)


def _forget_scans(tx: Transaction, artifact: Doc) -> None:
    """The scans of an artifact go with it. A report stays as long as anybody holds the digest, and has no task any more."""
    jobs.remove_executions(tx, SCAN_VENDOR, artifact["id"])
    doomed = tx.find("report", artifact_id=artifact["id"])
    if not tx.find("artifact", digest=artifact["digest"]):
        doomed += tx.find("report", digest=artifact["digest"])
    for report in doomed:
        tx.delete("report", report["id"])


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


def note_pull(tx: Transaction, artifact: Doc, reference: str) -> None:
    """Remember a pull; Harbor writes pulls down some time later, see `flush_pulls`."""
    tag = first(tx, "tag", artifact_id=artifact["id"], name=reference)
    tx.insert("pull", {"artifact_id": artifact["id"], "tag_id": tag["id"] if tag else 0, "time": clock.now(), "at": time.time()})


def flush_pulls(tx: Transaction, older_than: float) -> None:
    """Write down the pulls before a moment, in seconds since 1970."""
    for pull in tx.find("pull"):
        if pull["at"] > older_than:
            continue
        tx.delete("pull", pull["id"])
        artifact = tx.get("artifact", pull["artifact_id"])
        if artifact is None:
            continue
        tx.update("artifact", artifact["id"], pull_time=pull["time"])
        if tx.get("tag", pull["tag_id"]):
            tx.update("tag", pull["tag_id"], pull_time=pull["time"])
        repository = tx.get("repository", artifact["repository_id"])
        if repository:
            tx.update("repository", repository["id"], pull_count=repository["pull_count"] + 1)
