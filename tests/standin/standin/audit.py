# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The audit log: who did what, and the job that purges old entries."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from . import clock, jobs
from .joblog import Log
from .store import Doc, Transaction

if TYPE_CHECKING:
    from .harbor import Harbor

PURGE_VENDOR = "PURGE_AUDIT_LOG"
EVENTS = (
    "create_artifact",
    "delete_artifact",
    "pull_artifact",
    "create_project",
    "delete_project",
    "delete_repository",
    "login_user",
    "logout_user",
    "create_user",
    "delete_user",
    "update_user",
    "create_robot",
    "delete_robot",
    "update_configuration",
)
# What the purge calls `other`: all but the artifacts'.
_ARTIFACT_EVENTS = EVENTS[:3]
_SOURCE = "/harbor/src/jobservice/job/impl/purge/purge.go"
_HOUR = 3600


def record(harbor: Harbor, tx: Transaction, user: str, event: str, resource: str, text: str = "", project_id: int = 0) -> None:
    """Note one of EVENTS, unless the configuration says not to. `text` is the description where it is not the usual one."""
    config = harbor.config(tx)
    if config["skip_audit_log_database"] or event in config["disabled_audit_log_event_types"].split(","):
        return
    operation, _, kind = event.partition("_")
    row: Doc = {"username": user, "operation": operation, "resource_type": kind, "resource": resource, "project_id": project_id}
    text = text or f"{operation} {kind} with name: {resource}"
    tx.insert("audit_log", {**row, "operation_description": text, "operation_result": True, "op_time": clock.now()})


@jobs.runner(PURGE_VENDOR)
def purge(harbor: Harbor, tx: Transaction, task: Doc) -> str:
    """Delete entries that are old enough. A retention that is no number counts as none, and then nothing is deleted."""
    given = (tx.get("execution", task["execution_id"]) or {})["extra_attrs"]
    log = Log(_SOURCE)
    log.info(96, "Purge audit job start")
    log.info(97, f"job parameters map[{' '.join(f'{key}:{_go_text(value)}' for key, value in sorted(given.items()))}]")
    hours = int(given["audit_retention_hour"]) if isinstance(given["audit_retention_hour"], int | float) else 0
    events = given["include_event_types"].split(",") if isinstance(given["include_event_types"], str) else []
    dry_run = given.get("dry_run") is True
    if hours:
        _purge(tx, log, hours, events, dry_run=dry_run)
    else:
        log.info(116, f"quit purge job, retentionHour:{hours}")
    tx.update("task", task["id"], log=log.text())
    return "Success"


def _purge(tx: Transaction, log: Log, hours: int, events: list[str], *, dry_run: bool) -> None:
    log.info(
        122,
        f"Purge operation parameter, retention_hour:{hours}, include_event_types:[{' '.join(events)}], dry_run:{str(dry_run).lower()}",
    )
    oldest = time.time() - hours * _HOUR
    old = [row for row in tx.find("audit_log") if _is_included(row, events) and clock.seconds(row["op_time"]) < oldest]
    for row in [] if dry_run else old:
        tx.delete("audit_log", row["id"])
    mark = "[DRYRUN]" if dry_run else ""
    # The first table is that of versions before 2.13.
    log.info(125, f"{mark}Purged 0 rows of audit logs")
    log.info(126, f"{mark}Purged {len(old)} rows of audit log exts")


def _is_included(row: Doc, events: list[str]) -> bool:
    event = f"{row['operation']}_{row['resource_type']}"
    return event in events or ("other" in events and event not in _ARTIFACT_EVENTS)


def _go_text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"[{' '.join(map(str, value))}]" if isinstance(value, list) else str(value)
