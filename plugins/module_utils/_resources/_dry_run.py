# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a retention policy would delete, found out by Harbor itself. Private to this collection."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.dockmaster.harbor.plugins.module_utils._action import (
    RUNNING,
    SUCCESS,
    Execution,
    Progress,
    Watch,
    understand,
    wait,
)
from ansible_collections.dockmaster.harbor.plugins.module_utils._errors import Error

if t.TYPE_CHECKING:
    from ansible_collections.dockmaster.harbor.plugins.module_utils._http import Api
    from ansible_collections.dockmaster.harbor.plugins.module_utils._resource import Raw, Values

LONGEST_PAUSE = 10.0


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How many artifacts there are and how many would stay, by repository."""

    repositories: dict[str, tuple[int, int]]

    @property
    def total(self) -> int:
        """All artifacts of the repositories that the rules are about."""
        return sum(total for total, _retained in self.repositories.values())

    @property
    def deleted(self) -> int:
        """Those that would go."""
        return self.total - sum(retained for _total, retained in self.repositories.values())

    @property
    def percent(self) -> float:
        """The share that would go, 0 to 100."""
        return 100 * self.deleted / self.total if self.total else 0.0

    def show(self) -> Values:
        """Return the figures for the result of the module."""
        rows = [{"repository": name, "total": total, "retained": retained} for name, (total, retained) in sorted(self.repositories.items())]
        sums = {"total": self.total, "retained": self.total - self.deleted, "deleted": self.deleted}
        return {**sums, "deleted_percent": round(self.percent, 1), "repositories": rows}


def dry_run(api: Api, policy: int, timeout: float) -> Outcome:
    """Let Harbor carry out a policy without deleting anything. Raises Error when it fails or takes longer than timeout seconds."""
    path = f"/retentions/{policy}/executions"
    known = max(_executions(api, path), default=0)

    def look() -> int | None:
        return next((number for number, raw in _executions(api, path).items() if number > known and raw.get("dry_run")), None)

    number = int(api.create(path, {"dry_run": True}, look))
    ended = wait(api.pause, lambda: _read(api, path, number), Watch(wait=True, timeout=timeout, interval=LONGEST_PAUSE))
    if ended.status == RUNNING:
        raise Error(f"the dry run did not end within dry_run_timeout, {timeout:g} seconds")
    tasks = ended.facts["tasks"]
    failed = sorted(f"{task['repository']} ({task['status']})" for task in tasks if understand(task["status"]) != SUCCESS)
    if failed:
        raise Error(f"the dry run failed in {', '.join(failed)}; the logs are those of execution {number} of the policy")
    if ended.status != SUCCESS:
        raise Error(f"the dry run ended with {ended.status}, see execution {number} of the policy")
    return Outcome(repositories={task["repository"]: (task.get("total", 0), task.get("retained", 0)) for task in tasks})


def _executions(api: Api, path: str) -> dict[int, Raw]:
    return {raw["id"]: raw for raw in api.pages(path)}


def _read(api: Api, path: str, number: int) -> Execution:
    """Look at the tasks. Without any repository there is no task, and only the execution tells the end."""
    tasks = sorted(api.pages(f"{path}/{number}/tasks"), key=lambda task: int(task["id"]))
    status = RUNNING if tasks else understand(_executions(api, path)[number]["status"])
    return Execution(id=number, status=status, progress=Progress.of([task["status"] for task in tasks]), facts={"tasks": tasks})
