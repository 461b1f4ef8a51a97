# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The queues of the job service. Private to this collection."""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.harbor.plugins.module_utils import _codec as codec
from ansible_collections.dockmaster.harbor.plugins.module_utils._errors import PlanError
from ansible_collections.dockmaster.harbor.plugins.module_utils._http import segment
from ansible_collections.dockmaster.harbor.plugins.module_utils._operation import Operation, Step
from ansible_collections.dockmaster.harbor.plugins.module_utils._resource import Field

if t.TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ansible_collections.dockmaster.harbor.plugins.module_utils._http import Api
    from ansible_collections.dockmaster.harbor.plugins.module_utils._resource import Values, World

ALL = "ALL"
STATES = {True: "paused", False: "resumed"}


def plan(api: Api, world: World, values: Values) -> list[Step]:
    """Compare the queues with what is asked. Harbor would take any name of a queue, also one that nobody has."""
    queues = {raw["job_type"]: raw for raw in api.get("/jobservice/queues") or []}
    wanted = sorted(name.upper() for name in values["job_types"])
    unknown = [name for name in wanted if name not in (ALL, *queues)]
    if unknown:
        raise PlanError([f"job_types: {', '.join(unknown)} is not allowed; allowed: all, {', '.join(sorted(queues))}"])
    names = sorted(queues) if ALL in wanted else wanted
    steps = [_stopped(name, int(queues[name].get("count") or 0)) for name in names if values.get("stop_pending")]
    steps += [_switched(name, bool(queues[name].get("paused")), values.get("state")) for name in names]
    return [step for step in steps if step]


def _stopped(name: str, count: int) -> Step | None:
    return Step(name=name, action="stop", before=f"pending: {count}", after="pending: 0") if count else None


def _switched(name: str, paused: bool, state: str | None) -> Step | None:
    if state is None or STATES[paused] == state:
        return None
    return Step(name=name, action="pause" if state == STATES[True] else "resume", before=STATES[paused], after=state)


def apply(api: Api, world: World, steps: Sequence[Step]) -> Iterator[Step]:
    """Send one request a queue, never for all at once: what is right already is left alone."""
    for step in steps:
        api.put(f"/jobservice/queues/{segment(step.name)}", {"action": step.action})
        yield step


JOB_QUEUE = Operation(
    name="job_queue",
    paths=("/jobservice/queues", "/jobservice/queues/{job_type}"),
    plan=plan,
    apply=apply,
    one_of=(("state", "stop_pending"),),
    fields=(
        Field(
            name="job_types",
            doc=(
                "Queues, by the type of their jobs such as V(REPLICATION), V(GARBAGE_COLLECTION) or V(IMAGE_SCAN); V(all) for every queue.",
                "V(SCHEDULER) is the queue of all schedules: while it is paused nothing starts by itself.",
            ),
            type="list",
            elements="str",
            required=True,
            clean=codec.unique,
        ),
        Field(
            name="state",
            doc=(
                "Whether the queues hand out jobs. While a queue is V(paused), new jobs wait in it; those that run already go on.",
                "Left as it is when not given.",
            ),
            choices=("paused", "resumed"),
        ),
        Field(
            name="stop_pending",
            doc="Whether all jobs that wait in the queues are stopped. They do not come back. Done before O(state) is changed.",
            type="bool",
        ),
    ),
)
