# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Harbor does at once: an operation plans its steps from what is there, then carries them out.

Private to this collection. Knows no particular operation and no AnsibleModule; the rows are in _actions.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.dockmaster.harbor.plugins.module_utils._action import ActionError
from ansible_collections.dockmaster.harbor.plugins.module_utils._errors import Error

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ansible_collections.dockmaster.harbor.plugins.module_utils._http import Api
    from ansible_collections.dockmaster.harbor.plugins.module_utils._resource import Field, Values, World


@dataclass(frozen=True, kw_only=True)
class Step:
    """One change in the user's words: what happens to whom, and how that looks before and after."""

    name: str
    action: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True, kw_only=True)
class Operation:
    """A row of the table in _actions.

    plan(api, world, values) returns the steps that are left to do, an empty list on a second run; it raises PlanError. apply yields
    each step once it is done.
    """

    name: str
    fields: tuple[Field, ...]
    paths: tuple[str, ...]
    plan: Callable[[Api, World, Values], Sequence[Step]]
    apply: Callable[[Api, World, Sequence[Step]], Iterator[Step]]
    one_of: tuple[tuple[str, ...], ...] = ()


def operate(api: Api, world: World, operation: Operation, values: Values) -> Values:
    """Plan and carry out. Returns the module's result. Raises ActionError with what was done when a step failed."""
    steps = operation.plan(api, world, values)
    if api.read_only:
        return _result(steps)
    done: list[Step] = []
    try:
        for step in operation.apply(api, world, steps):
            done.append(step)
    except Error as error:
        text = f"{error} ({len(done)} of {len(steps)} done)" if done else str(error)
        raise ActionError(text, _result(done)) from None
    return _result(done)


def _result(steps: Sequence[Step]) -> Values:
    changes = [{"name": step.name, "action": step.action} for step in steps]
    return {"changed": bool(steps), "changes": changes, "diff": [_diff(step) for step in steps]}


def _diff(step: Step) -> dict[str, str]:
    return {
        "before_header": step.name,
        "after_header": step.name,
        "before": f"{step.before}\n" if step.before else "",
        "after": f"{step.after}\n" if step.after else "",
    }
