# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rotation of a robot account with overlap: a successor with the same permissions, proven by a login before the old one is retired.

Private to this collection. Reads, plans and writes through the engine; knows no AnsibleModule.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.dockmaster.harbor.plugins.module_utils import _engine as engine
from ansible_collections.dockmaster.harbor.plugins.module_utils._engine import Need
from ansible_collections.dockmaster.harbor.plugins.module_utils._errors import ApplyError, Error, PlanError
from ansible_collections.dockmaster.harbor.plugins.module_utils._plan import Options, Plan, declare
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources import RESOURCES
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.robot import ROBOT, expires_at

if t.TYPE_CHECKING:
    from ansible_collections.dockmaster.harbor.plugins.module_utils._http import Api
    from ansible_collections.dockmaster.harbor.plugins.module_utils._resource import Change, Key, Live, Values, World

KEEP, DISABLE, DELETE = "keep", "disable", "delete"


@dataclass(frozen=True, kw_only=True)
class Rotation:
    """What is asked for. project "" is for robots of the system; duration and description None are those of the old robot."""

    project: str
    name: str
    successor: str
    old: str
    secret: str = field(repr=False)
    duration: int | None = None
    description: str | None = None

    @property
    def old_key(self) -> Key:
        """Key of the robot to be replaced."""
        return (self.project, self.name)

    @property
    def new_key(self) -> Key:
        """Key of its successor."""
        return (self.project, self.successor)


@dataclass(kw_only=True)
class Outcome:
    """What was done, or would be. login is the name to log in with; verified is False where check mode could not try it."""

    plan: Plan = field(default_factory=Plan)
    login: str = ""
    verified: bool = False


class RotationError(Error):
    """The rotation stopped half-way. Carries what was done; the old robot is as it was unless that says otherwise."""

    def __init__(self, text: str, outcome: Outcome) -> None:
        super().__init__(text)
        self.outcome = outcome


def rotate(api: Api, wanted: Rotation) -> Outcome:
    """Carry out what is left of a rotation. Raises PlanError before any write, RotationError after one."""
    old, new = _look(api, wanted)
    world, planned = _plan(api, wanted, old, new)
    outcome = Outcome(login=new.raw["name"] if new else _login_of_successor(wanted, old))
    first = _part(planned, wanted.new_key)
    _carry_out(api, world, first, outcome)
    if not (api.read_only and first.changes):  # check mode cannot try a secret that is not there yet
        _prove(api, world, wanted, new, outcome)
    _carry_out(api, world, _part(planned, wanted.old_key), outcome)
    return outcome


def _look(api: Api, wanted: Rotation) -> tuple[Live | None, Live | None]:
    if wanted.name == wanted.successor:
        raise PlanError([f"successor: {wanted.successor!r} is the robot itself; allowed: another name"])
    world = engine.connect(api)
    keys = {wanted.old_key, wanted.new_key}
    needs = {"robots": Need(keys=keys, scopes={wanted.project}, optional=False)}
    if wanted.project:
        needs["projects"] = Need(keys={(wanted.project,)})
    engine.read(api, RESOURCES, world, needs)
    old, new = world.find("robots", *wanted.old_key), world.find("robots", *wanted.new_key)
    if old is None and new is None:
        raise PlanError([f"name: neither {ROBOT.title_of(wanted.old_key)} nor its successor {wanted.successor} is there"])
    if old and new:
        _check_successor(wanted, old, new)
    return old, new


def _check_successor(wanted: Rotation, old: Live, new: Live) -> None:
    """Refuse a robot that is there for something else: its secret would be overwritten."""
    missing = sorted(old.values["permissions"] - new.values["permissions"])
    if missing:
        some = ", ".join(f"{one.access} in {one.namespace}" for one in missing[:3])
        raise PlanError(
            [
                f"successor: {ROBOT.title_of(wanted.new_key)} is there already and may not do what {wanted.name} may ({some}); "
                "allowed: a new name, or a robot with at least these permissions"
            ]
        )


def _plan(api: Api, wanted: Rotation, old: Live | None, new: Live | None) -> tuple[World, Plan]:
    """Plan both steps at once, so that everything that can be refused is refused before the first write."""
    project = {"project": wanted.project} if wanted.project else {}
    successor: Values = {**project, "name": wanted.successor, "secret": wanted.secret}
    if old and not new:
        successor |= ROBOT.show(old.values, ("description", "duration", "permissions"))
    successor |= {name: value for name in ("duration", "description") if (value := getattr(wanted, name)) is not None}
    robots = [successor]
    if old and wanted.old != KEEP:
        retired = {"disable": True} if wanted.old == DISABLE else {"state": "absent"}
        robots.append({**project, "name": wanted.name, **retired})
    options = Options(update_secret="on_drift", max_delete=None)
    return engine.prepare(api, RESOURCES, declare(RESOURCES, {"robots": robots}), options)


def _part(planned: Plan, key: Key) -> Plan:
    return Plan(changes=tuple(change for change in planned.changes if change.key == key))


def _carry_out(api: Api, world: World, part: Plan, outcome: Outcome) -> None:
    try:
        if not api.read_only:
            engine.apply(api, world, part)
    except ApplyError as error:
        raise RotationError(str(error), outcome) from None
    done: tuple[Change, ...] = (*outcome.plan.changes, *part.changes)
    outcome.plan = Plan(changes=done)


def _prove(api: Api, world: World, wanted: Rotation, new: Live | None, outcome: Outcome) -> None:
    if api.accepts(outcome.login, wanted.secret):
        outcome.verified = True
        return
    why = ""
    if new and new.values["disable"]:
        why = ": it is disabled"
    elif new and 0 <= expires_at(new) <= world.extra["now"]:
        why = ": it has expired"
    text = (
        f"{ROBOT.title_of(wanted.new_key)} cannot log in as {outcome.login} with the declared secret{why}; {wanted.name} was left as it is"
    )
    raise RotationError(text, outcome)


def _login_of_successor(wanted: Rotation, old: Live | None) -> str:
    """Derive the name to log in with from that of the old robot: they differ only in their ends."""
    return str(old.raw["name"]).removesuffix(wanted.name) + wanted.successor if old else ""
