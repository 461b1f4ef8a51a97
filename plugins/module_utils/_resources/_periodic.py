# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the jobs that Harbor runs by a schedule of its own have in common. Private to this collection."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.dockmaster.harbor.plugins.module_utils._resource import Field, Live, Raw, Values, World
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources import _schedules as schedules

if t.TYPE_CHECKING:
    from ansible_collections.dockmaster.harbor.plugins.module_utils._http import Api

# The year that Harbor writes where it knows no time.
NO_YEAR = "0001-"
TYPES = {"hourly": "Hourly", "daily": "Daily", "weekly": "Weekly", "none": "None"}


def read(api: Api, path: str) -> Raw:
    """Return the schedule with its parameters as data. Without one Harbor answers with nothing at all."""
    raw: Raw = api.get(path) or {}
    return {**raw, "parameters": _parameters(raw.get("job_parameters"))}


def _parameters(text: t.Any) -> Values:
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def plan(cron: str) -> Raw:
    """Return the schedule as Harbor takes it. Each PUT makes a new schedule, so it is sent only when something differs."""
    kind = TYPES.get(schedules.show(cron), "Custom")
    return {"type": kind, **({"cron": cron} if cron else {})}


def field(doc: str) -> Field:
    """Return the field of the schedule. Only the cron string counts: Harbor takes Daily with any."""
    return Field(
        name="schedule",
        doc=(doc, "V(none), V(hourly), V(daily), V(weekly), or six cron fields of which the first is 0, such as V(0 30 2 * * 6), in UTC."),
        api="schedule.cron",
        schema="ScheduleObj.cron",
        absent="",
        clean=schedules.clean,
        show=lambda cron: schedules.show(cron) or "none",
    )


def is_scheduled(values: Values) -> bool:
    """Say whether the job runs by itself: without a schedule Harbor keeps no parameters."""
    return bool(values.get("schedule"))


def facts(world: World, live: Live) -> Values:
    """Tell when the job runs next."""
    moment = str((live.raw.get("schedule") or {}).get("next_scheduled_time") or NO_YEAR)
    return {} if moment.startswith(NO_YEAR) else {"next_scheduled_time": moment}
