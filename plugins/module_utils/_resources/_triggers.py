# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When policies of replication and preheating run: the two fields that say so and their checks. Pure. Private to this collection."""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.harbor.plugins.module_utils import _codec as codec
from ansible_collections.dockmaster.harbor.plugins.module_utils._resource import Desired, Field, Live, Values, World

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ansible_collections.dockmaster.harbor.plugins.module_utils._resource import Raw

MANUAL = "manual"
SCHEDULED = "scheduled"
EVENT_BASED = "event_based"


def is_scheduled(values: Values) -> bool:
    """Say whether a policy runs by a schedule."""
    return values.get("trigger") == SCHEDULED


def fields(doc: tuple[str, ...], schema: str, read: Callable[[Raw], tuple[str, str]]) -> tuple[Field, Field]:
    """Return the fields trigger and cron. read returns both values from Harbor's answer; schema is the property that holds them."""

    def schedule(world: World, raw: Raw) -> str | None:
        kind, cron = read(raw)
        return codec.text(cron) if kind == SCHEDULED and cron else None

    return (
        Field(
            name="trigger",
            doc=(*doc, f"A new policy without it is V({MANUAL})."),
            choices=(MANUAL, SCHEDULED, EVENT_BASED),
            schema=schema,
            initial=MANUAL,
            derive=lambda world, raw: read(raw)[0],
        ),
        Field(
            name="cron",
            doc=(
                "When it runs, in UTC: seconds (always V(0)), minutes, hours, day, month and weekday, such as V(0 0 2 * * *).",
                f"Must be given with O(trigger={SCHEDULED}).",
            ),
            schema=schema,
            clean=codec.cron,
            derive=schedule,
            applies=is_scheduled,
            applies_to=f"the trigger {SCHEDULED}",
        ),
    )


def problems(desired: Desired, live: Live | None) -> Iterable[str]:
    """Yield what is wrong with a trigger."""
    merged = {**(live.values if live else {}), **desired.values}
    if is_scheduled(merged) and not merged.get("cron"):
        yield f"cron: must be given with the trigger {SCHEDULED}"
