# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The job service as core shows it: worker pools, queues that can be paused, schedules."""

from __future__ import annotations

import time
from typing import Any

from .. import clock, jobs
from ..errors import bad_request, not_found, unauthorized
from ..models import QUEUE_ACTION
from ..store import Doc, Transaction, first
from ..web import Answer, Call, route

JOB_TYPES = (
    "AUDIT_LOGS_GDPR_COMPLIANT",
    "EXECUTION_SWEEP",
    "GARBAGE_COLLECTION",
    "IMAGE_SCAN",
    "P2P_PREHEAT",
    "PURGE_AUDIT_LOG",
    "REPLICATION",
    "RETENTION",
    "SCAN_DATA_EXPORT",
    "SCHEDULER",
    "SLACK",
    "SYSTEM_ARTIFACT_CLEANUP",
    "WEBHOOK",
)
_ALL = "all"
_RESOURCE = "jobservice-monitor"
_JOB = "/jobservice/jobs/{id}"


@route("GET", "/jobservice/pools")
def list_pools(call: Call) -> list[dict[str, Any]]:
    call.require_system(_RESOURCE, "list")
    pool = call.harbor.workers
    times = {"start_at": pool.started, "heartbeat_at": clock.in_seconds(clock.now())}
    shown = {key: clock.in_milliseconds(stamp) for key, stamp in times.items()}
    return [{"worker_pool_id": pool.ident, "pid": pool.pid, "concurrency": len(pool.workers), **shown}]


@route("GET", "/jobservice/pools/{pool}/workers")
def list_workers(call: Call) -> list[dict[str, str]]:
    call.require_system(_RESOURCE, "list")
    pool = call.harbor.workers
    if call.params["pool"] not in (_ALL, pool.ident):
        return []
    running = [task for task in call.tx.find("task", active=True) if task["status"] == "Running"]
    shown = [{"id": worker, "pool_id": pool.ident} for worker in pool.workers]
    for worker, task in zip(shown, running, strict=False):
        start = clock.in_milliseconds(task["start_time"])
        worker |= {"job_name": task["vendor_type"], "job_id": task["job_id"], "start_at": start, "checkin_at": start}
    return shown


@route("PUT", _JOB)
def stop_job(call: Call) -> None:
    """Stop one running job or all; one that is unknown has probably ended, which is no error."""
    call.require_system(_RESOURCE, "stop")
    for task in call.tx.find("task", active=True):
        if call.params["id"] in (_ALL, task["job_id"]):
            jobs.finish_task(call.tx, task, "Stopped")


@route("GET", _JOB + "/log")
def read_log(call: Call) -> Answer:
    call.require_system(_RESOURCE, "list")
    task = first(call.tx, "task", job_id=call.params["id"])
    if task is None:
        raise not_found(f"task with job ID {call.params['id']} not found")
    return Answer(200, task["log"], media_type="text/plain")


@route("GET", "/jobservice/queues")
def list_queues(call: Call) -> list[dict[str, Any]]:
    call.require_system(_RESOURCE, "list")
    return [_show_queue(call.tx, job_type) for job_type in JOB_TYPES]


@route("PUT", "/jobservice/queues/{job_type}", QUEUE_ACTION)
def act_on_queue(call: Call) -> None:
    """Pause, resume or empty a queue, or all. Types that do not exist are taken, too."""
    call.require_system(_RESOURCE, "stop")
    name = call.params["job_type"].upper()
    for job_type in JOB_TYPES if name == _ALL.upper() else (name,):
        if call.body["action"] == "stop":
            _stop_pending(call.tx, job_type)
        else:
            _set_paused(call.tx, job_type, paused=call.body["action"] == "pause")
            jobs.resume(call.harbor, call.tx, job_type)


@route("GET", "/schedules", listing=True)
def list_schedules(call: Call) -> Answer:
    call.require_system(_RESOURCE, "list")
    return call.list_page(call.tx.find("schedule"), _show_schedule)


@route("GET", "/schedules/{job_type}/paused")
def schedules_paused(call: Call) -> dict[str, bool]:
    if not call.caller.is_authenticated:
        raise unauthorized()
    if call.params["job_type"].lower() != _ALL:
        raise bad_request("job_type can only be 'all'")
    return {"paused": jobs.is_paused(call.tx, "SCHEDULER")}


def _pending(tx: Transaction, job_type: str) -> list[Doc]:
    return [task for task in tx.find("task", vendor_type=job_type, active=True) if task["status"] == "Pending"]


def _stop_pending(tx: Transaction, job_type: str) -> None:
    for task in _pending(tx, job_type):
        jobs.finish_task(tx, task, "Stopped")


def _set_paused(tx: Transaction, job_type: str, *, paused: bool) -> None:
    known = first(tx, "job_queue", job_type=job_type)
    if known is None:
        tx.insert("job_queue", {"job_type": job_type, "paused": paused})
    else:
        tx.update("job_queue", known["id"], paused=paused)


def _show_queue(tx: Transaction, job_type: str) -> dict[str, Any]:
    waiting = _pending(tx, job_type)
    shown = {"job_type": job_type, "paused": jobs.is_paused(tx, job_type)}
    if not waiting:
        return shown
    oldest = min(clock.seconds(task["creation_time"]) for task in waiting)
    latency = int(time.time()) - oldest
    return shown | {"count": len(waiting)} | ({"latency": latency} if latency else {})


def _show_schedule(row: Doc) -> dict[str, Any]:
    shown = {key: row[key] for key in ("id", "vendor_type", "cron")} | {"update_time": row["update_time"]}
    return shown | ({"vendor_id": row["vendor_id"]} if row["vendor_id"] else {})
