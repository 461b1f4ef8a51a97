# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Schedules, and executions with their tasks: what Harbor's task manager keeps of all that runs beside the requests.

No worker runs here. A task is Pending, then Running, and is carried out by the first request after its time (`settle`): so states
change with the clock as in a real Harbor, and what a job does is done in a transaction like everything else.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from . import clock, cron
from .store import Doc, Transaction, first

if TYPE_CHECKING:
    from .harbor import Harbor

MANUAL, SCHEDULE, EVENT = "MANUAL", "SCHEDULE", "EVENT"
# What carries out a task: returns its final status; what it learns it writes into the task's document.
Runner = Callable[["Harbor", Transaction, Doc], str]
_RUNNERS: dict[str, Runner] = {}


def runner(vendor: str) -> Callable[[Runner], Runner]:
    """Register what carries out the tasks of a vendor type."""

    def register(function: Runner) -> Runner:
        _RUNNERS[vendor] = function
        return function

    return register


# Told of each new state of a task, from Running on.
Watcher = Callable[["Harbor", Transaction, Doc], None]
_WATCHERS: dict[str, Watcher] = {}


def watcher(vendor: str) -> Callable[[Watcher], Watcher]:
    """Register what is told of the tasks of a vendor type."""

    def register(function: Watcher) -> Watcher:
        _WATCHERS[vendor] = function
        return function

    return register


# Schedules


def schedule(tx: Transaction, vendor: str, vendor_id: int, text: str, **extra: Any) -> Doc:
    """Run something by a cron string. Harbor keeps an execution of its scheduler for each schedule."""
    tx.next_id("execution")
    now = clock.now()
    return tx.insert(
        "schedule", {"vendor_type": vendor, "vendor_id": vendor_id, "cron": text, "creation_time": now, "update_time": now, **extra}
    )


def unschedule(tx: Transaction, vendor: str, vendor_id: int) -> None:
    for row in tx.find("schedule", vendor_type=vendor, vendor_id=vendor_id):
        tx.delete("schedule", row["id"])


def next_run(tx: Transaction, vendor: str, vendor_id: int) -> str | None:
    """When the schedule of something runs next, None without a schedule."""
    found = first(tx, "schedule", vendor_type=vendor, vendor_id=vendor_id)
    return cron.next_time(found["cron"]) if found else None


# Executions


def start(tx: Transaction, vendor: str, vendor_id: int, trigger: str, attributes: Doc) -> Doc:
    """A new execution without tasks yet. `attributes` are its extra_attrs."""
    row = {"vendor_type": vendor, "vendor_id": vendor_id, "trigger": trigger, "extra_attrs": attributes}
    state = {"status": "Running", "status_message": "", "active": True, "start_time": clock.precise(), "end_time": None}
    return tx.insert("execution", {**row, **state})


def add_task(harbor: Harbor, tx: Transaction, execution: Doc, attributes: Doc, *, seconds: float = 0.0) -> Doc:
    """A task of a running execution, carried out when its time has come: as all jobs, or after `seconds` when that is more."""
    row = {"execution_id": execution["id"], "vendor_type": execution["vendor_type"], "extra_attrs": attributes, "log": ""}
    row["job_id"] = secrets.token_hex(12)
    times = {"creation_time": clock.precise(), "start_time": None, "update_time": clock.precise(), "end_time": None}
    usual = harbor.settings.job_seconds
    plan = {"begin": harbor.now() + usual / 2, "due": harbor.now() + max(usual, seconds)}
    return tx.insert("task", {**row, **times, **plan, "status": "Pending", "status_message": "", "active": True})


def finish(tx: Transaction, execution: Doc, status: str, message: str = "") -> Doc:
    """End an execution, for instance one that found nothing to do."""
    return tx.update("execution", execution["id"], status=status, status_message=message, active=False, end_time=clock.precise())


def finish_task(tx: Transaction, task: Doc, status: str, message: str = "") -> Doc:
    # The job service reports whole seconds.
    now = clock.in_seconds(clock.precise())
    times = {"start_time": task["start_time"] or now, "update_time": now, "end_time": now}
    return tx.update("task", task["id"], status=status, status_message=message, active=False, **times)


def stop(tx: Transaction, execution: Doc) -> Doc:
    """Stop what of an execution still runs; a finished one stays as it is."""
    for task in tx.find("task", execution_id=execution["id"], active=True):
        finish_task(tx, task, "Stopped")
    return finish(tx, execution, "Stopped") if execution["active"] else execution


def remove(tx: Transaction, vendor: str, vendor_id: int) -> None:
    """Forget everything that ran for something that is deleted."""
    unschedule(tx, vendor, vendor_id)
    remove_executions(tx, vendor, vendor_id)


def remove_executions(tx: Transaction, vendor: str, vendor_id: int) -> None:
    """Forget what ran, not what is to run."""
    for execution in tx.find("execution", vendor_type=vendor, vendor_id=vendor_id):
        for task in tx.find("task", execution_id=execution["id"]):
            tx.delete("task", task["id"])
        tx.delete("execution", execution["id"])


def are_running(tx: Transaction) -> bool:
    """Whether `settle` could have something to do."""
    return bool(tx.find("execution", active=True))


def settle(harbor: Harbor, tx: Transaction) -> None:
    """Bring all executions to where they are by now."""
    now = harbor.now()
    for task in tx.find("task", active=True):
        _advance(harbor, tx, task, now)
    for execution in tx.find("execution", active=True):
        tasks = tx.find("task", execution_id=execution["id"])
        if tasks and not any(task["active"] for task in tasks):
            _conclude(harbor, tx, execution, tasks, now)


def _conclude(harbor: Harbor, tx: Transaction, execution: Doc, tasks: list[Doc], now: float) -> None:
    """An execution learns of its tasks' end some time later."""
    end = max(task["end_time"] for task in tasks)
    if now >= clock.seconds(end) + harbor.settings.refresh_seconds:
        status = _worst([task["status"] for task in tasks])
        tx.update("execution", execution["id"], status=status, active=False, end_time=end)


def is_paused(tx: Transaction, job_type: str) -> bool:
    """Whether somebody paused the queue of a job type; its tasks then wait."""
    return first(tx, "job_queue", job_type=job_type, paused=True) is not None


def resume(harbor: Harbor, tx: Transaction, job_type: str) -> None:
    """What waited in a paused queue begins now, and takes as long as ever."""
    for task in tx.find("task", vendor_type=job_type, active=True):
        if task["status"] == "Pending" and task["due"] is not None:
            begin = harbor.now() + harbor.settings.job_seconds / 2
            tx.update("task", task["id"], begin=begin, due=begin + task["due"] - task["begin"])


def _advance(harbor: Harbor, tx: Transaction, task: Doc, now: float) -> None:
    if task["due"] is None or is_paused(tx, task["vendor_type"]):
        return
    if task["status"] == "Pending" and now >= task["begin"]:
        task = tx.update("task", task["id"], status="Running", start_time=clock.in_seconds(clock.precise()), update_time=clock.precise())
        _watch(harbor, tx, task)
    if now >= task["due"]:
        status = _RUNNERS[task["vendor_type"]](harbor, tx, task)
        _watch(harbor, tx, finish_task(tx, tx.get("task", task["id"]) or task, status))


def _watch(harbor: Harbor, tx: Transaction, task: Doc) -> None:
    told = _WATCHERS.get(task["vendor_type"])
    if told is not None:
        told(harbor, tx, task)


def _worst(states: list[str]) -> str:
    """Harbor's order: an error makes the execution an error, else a stop makes it stopped."""
    return next((state for state in ("Error", "Stopped") if state in states), "Success")


def show_execution(tx: Transaction, execution: Doc) -> dict[str, Any]:
    """An execution in the form that webhooks and preheating share."""
    keys = ("id", "vendor_type", "vendor_id", "status", "trigger")
    shown = {key: execution[key] for key in keys} | {"metrics": metrics(tx, execution)}
    shown |= {key: clock.in_seconds(execution[key]) for key in ("start_time", "end_time")}
    optional = {"extra_attrs": execution["extra_attrs"], "status_message": execution["status_message"]}
    return shown | {key: value for key, value in optional.items() if value}


def show_task(task: Doc) -> dict[str, Any]:
    """A task in the same form."""
    shown = {key: task[key] for key in ("id", "execution_id", "status")} | {"run_count": 1}
    shown |= {key: clock.in_seconds(task[key]) for key in ("creation_time", "start_time", "update_time", "end_time")}
    optional = {"extra_attrs": task["extra_attrs"], "status_message": task["status_message"]}
    return shown | {key: value for key, value in optional.items() if value}


def metrics(tx: Transaction, execution: Doc) -> dict[str, int]:
    """How many tasks are in which state."""
    counts: dict[str, int] = {}
    for task in tx.find("task", execution_id=execution["id"]):
        key = f"{task['status'].lower()}_task_count"
        counts[key] = counts.get(key, 0) + 1
    total = sum(counts.values())
    return {**counts, "task_count": total} if total else {}
