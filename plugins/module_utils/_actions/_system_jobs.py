# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What jobs of the whole system have in common: one endpoint starts them, the history follows them. Private to this collection."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.dockmaster.harbor.plugins.module_utils._action import (
    RUNNING,
    SUCCESS,
    Details,
    Execution,
    Target,
    read_log,
    understand,
)
from ansible_collections.dockmaster.harbor.plugins.module_utils._errors import Error
from ansible_collections.dockmaster.harbor.plugins.module_utils._http import PAGE_SIZE, segment

if t.TYPE_CHECKING:
    from collections.abc import Callable

    from ansible_collections.dockmaster.harbor.plugins.module_utils._http import Api
    from ansible_collections.dockmaster.harbor.plugins.module_utils._resource import Raw, Values, World

# Which of the parameters that Harbor keeps as text are the options, and which are results.
Sort = t.Callable[[dict[str, t.Any]], tuple[dict[str, t.Any], dict[str, t.Any]]]


def target(api: Api, world: World, values: Values) -> Target:
    """There is only one of them."""
    return Target()


def listing(path: str, sort: Sort) -> Callable[[Api, Target], list[Execution]]:
    """Return what reads the newest entries of the history."""
    return lambda api, found: [decode(raw, sort) for raw in api.get(path, page=1, page_size=PAGE_SIZE) or []]


def reading(path: str, sort: Sort) -> Callable[[Api, Target, Execution], Execution]:
    """Return what reads one entry of the history again."""

    def read(api: Api, found: Target, execution: Execution) -> Execution:
        raw = api.get(f"{path}/{segment(execution.id)}")
        if raw is None:
            raise Error(f"execution {execution.id} is gone")
        return decode(raw, sort)

    return read


def decode(raw: Raw, sort: Sort) -> Execution:
    """Understand one entry of the history. The status may be late, and there are no tasks to look at instead."""
    parameters, facts = sort(json.loads(raw.get("job_parameters") or "{}"))
    status = understand(raw["job_status"])
    return Execution(
        id=raw["id"],
        status=status,
        trigger="manual" if raw.get("job_kind") == "MANUAL" else "scheduled",
        start_time=raw.get("creation_time", ""),
        end_time="" if status == RUNNING else raw.get("update_time", ""),
        parameters=parameters,
        facts=facts,
    )


def stopping(path: str) -> Callable[[Api, Target, Execution], None]:
    """Return what stops one execution."""
    return lambda api, found, execution: api.put(f"{path}/{segment(execution.id)}", None)


def detailing(path: str) -> Callable[[Api, Target, Execution], Details]:
    """Return what reads the log of a failure, and of a dry run: it says what would be deleted."""

    def details(api: Api, found: Target, execution: Execution) -> Details:
        wanted = execution.status != SUCCESS or execution.parameters.get("dry_run")
        return Details(log=read_log(api, f"{path}/{segment(execution.id)}/log") if wanted else "")

    return details
