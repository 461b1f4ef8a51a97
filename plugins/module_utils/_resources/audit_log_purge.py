# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The schedule by which Harbor forgets old audit events. Private to this collection."""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.harbor.plugins.module_utils import _codec as codec
from ansible_collections.dockmaster.harbor.plugins.module_utils._resource import (
    Change,
    Desired,
    Field,
    Live,
    Raw,
    Resource,
    Wave,
    World,
)
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources import _configurations as settings
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources import _events as events
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources import _periodic as periodic

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ansible_collections.dockmaster.harbor.plugins.module_utils._http import Api

PATH = "/system/purgeaudit/schedule"
NEEDED = ("audit_retention_hour", "include_event_types")
LONGEST = 240000


def listing(api: Api, world: World, project: str) -> Iterator[Raw]:
    """Yield the one schedule."""
    yield periodic.read(api, PATH)


def update(api: Api, world: World, change: Change) -> None:
    """PUT replaces everything, and wants all parameters even to end the schedule."""
    stored = change.live.raw["parameters"] if change.live else {}
    ours = {
        "audit_retention_hour": change.after.get("audit_retention_hour") or LONGEST,
        "include_event_types": settings.to_commas(change.after.get("include_event_types") or {"other"}),
        "dry_run": False,
    }
    api.put(PATH, {"schedule": periodic.plan(change.after["schedule"]), "parameters": {**stored, **ours}})


def check(world: World, desired: Desired, live: Live | None) -> Iterable[str]:
    """Yield what Harbor would refuse or drop without a word."""
    after = settings.merged(desired, live)
    for name in NEEDED if after.get("schedule") else ():
        if not after.get(name):
            yield f"{name}: must be given with a schedule"
    known = events.PURGED | ((live.values["include_event_types"] if live else None) or frozenset())
    yield from settings.rule(desired, live, "include_event_types", lambda found: found <= known, ", ".join(sorted(events.PURGED)))


def _hours(value: t.Any) -> int | None:
    """Read the hours; the job takes anything but a number for 0 and then deletes nothing at all."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def _events(value: t.Any) -> frozenset[str]:
    return frozenset(value) if isinstance(value, list) else settings.from_commas(value)


AUDIT_LOG_PURGE = Resource(
    name="audit_log_purge",
    plural="audit_log_purge",
    title="Schedule of the purge of audit events",
    wave=Wave.SCHEDULES,
    paths=(PATH,),
    permission="purge-audit",
    singleton=True,
    id_field="",
    list=listing,
    update=update,
    check=check,
    facts=periodic.facts,
    fields=(
        periodic.field("When old audit events are deleted."),
        Field(
            name="audit_retention_hour",
            doc=f"How old events become before they are deleted, in hours, up to {LONGEST}.",
            type="int",
            api="parameters.audit_retention_hour",
            schema="Schedule.parameters",
            clean=codec.number(1, LONGEST),
            decode=_hours,
            applies=periodic.is_scheduled,
            applies_to="a schedule",
        ),
        Field(
            name="include_event_types",
            doc=f"Kinds of events that are deleted, in any order: {', '.join(f'V({name})' for name in sorted(events.PURGED))}.",
            type="list",
            elements="str",
            api="parameters.include_event_types",
            schema="Schedule.parameters",
            clean=settings.from_words,
            decode=_events,
            show=sorted,
            applies=periodic.is_scheduled,
            applies_to="a schedule",
        ),
    ),
)
