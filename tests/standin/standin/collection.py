# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What garbage collection does: untagged artifacts go if wanted, then blobs that no project uses. It leaves a real registry alone."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from . import clock, content, jobs
from .joblog import Log
from .store import Doc, Transaction

if TYPE_CHECKING:
    from .harbor import Harbor

VENDOR = "GARBAGE_COLLECTION"
# Hours for which a blob is safe, so that a running push keeps what it has brought.
TIME_WINDOW = 2
_HOUR = 3600
_SOURCE = "/harbor/src/jobservice/job/impl/gc/garbage_collection.go"


@jobs.runner(VENDOR)
def run(harbor: Harbor, tx: Transaction, task: Doc) -> str:
    execution = tx.get("execution", task["execution_id"]) or {}
    given = execution["extra_attrs"]
    names = ("delete_untagged", "delete_tag", "dry_run", "time_window", "workers")
    shown = ", ".join(f"{name}: {str(given[name]).lower()}" for name in names)
    log = Log(_SOURCE)
    log.info(169, f"Garbage Collection parameters: [{shown}]")
    log.info(179, "start to run gc in job.")
    if given["delete_untagged"]:
        log.info(553, "start to delete untagged artifact (no actually deletion for dry-run mode)")
        _delete_untagged(tx, log, dry_run=given["dry_run"])
        log.info(587, "end to delete untagged artifact (no actually deletion for dry-run mode)")
    trash = tx.find("trash")
    if trash:
        _list_trash(log, trash)
    else:
        log.warning(220, "no removed artifacts.")
    freed = _sweep(tx, log, dry_run=given["dry_run"])
    if not given["dry_run"]:
        for row in trash:
            tx.delete("trash", row["id"])
        log.info(525, "cache clean up completed")
    log.info(207, "success to run gc in job.")
    tx.update("execution", execution["id"], extra_attrs={**given, **freed})
    tx.update("task", task["id"], log=log.text())
    return "Success"


def _delete_untagged(tx: Transaction, log: Log, *, dry_run: bool) -> None:
    tagged = {tag["artifact_id"] for tag in tx.find("tag")}
    artifacts = tx.find("artifact")
    parts = {(row["repository_id"], digest) for row in artifacts for digest in row["children"]}
    for row in artifacts:
        if row["subject"] or row["id"] in tagged or (row["repository_id"], row["digest"]) in parts:
            continue
        repository = tx.get("repository", row["repository_id"]) or {"name": ""}
        log.info(
            570,
            f"delete the untagged artifact: ProjectID:({row['project_id']})-RepositoryName({repository['name']})"
            f"-MediaType:({row['manifest_media_type']})-Digest:({row['digest']})",
        )
        if not dry_run:
            content.delete_artifact(tx, row)


def _list_trash(log: Log, trash: list[Doc]) -> None:
    log.info(602, "artifact trash candidates.")
    for row in trash:
        stamp = row["creation_time"][:19].replace("T", " ")
        log.info(
            604,
            f"ID-{row['id']} MediaType-{row['media_type']} ManifestMediaType-{row['manifest_media_type']} "
            f"RepositoryName-{row['repository_name']} Digest-{row['digest']} CreationTime-{stamp}",
        )


def _sweep(tx: Transaction, log: Log, *, dry_run: bool) -> dict[str, int]:
    """Remove blobs that no project holds and that are older than the window; what that gave back."""
    held = {row["digest"] for row in tx.find("project_blob")}
    oldest = time.time() - TIME_WINDOW * _HOUR
    doomed = [row for row in tx.find("blob") if row["digest"] not in held and clock.seconds(row["update_time"]) < oldest]
    manifests = [row for row in doomed if row["is_manifest"]]
    if not doomed:
        log.info(243, "no need to execute GC as there is no non referenced artifacts.")
    else:
        size = sum(row["size"] for row in doomed)
        log.info(272, f"{len(doomed) - len(manifests)} blobs and {len(manifests)} manifests eligible for deletion")
        log.info(273, f"The GC could free up {size // 1048576} MB space, the size is a rough estimation.")
    if dry_run or not doomed:
        return {"freed_space": 0, "purged_blobs": 0, "purged_manifests": 0}
    for row in doomed:
        tx.delete("blob", row["id"])
    freed = sum(row["size"] for row in doomed)
    return {"freed_space": freed, "purged_blobs": len(doomed) - len(manifests), "purged_manifests": len(manifests)}
