# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The schedule by which Harbor scans everything. Private to this collection."""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.harbor.plugins.module_utils._errors import ApiError
from ansible_collections.dockmaster.harbor.plugins.module_utils._resource import Change, Desired, Live, Raw, Resource, Wave, World
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources import _periodic as periodic

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ansible_collections.dockmaster.harbor.plugins.module_utils._http import Api

PATH = "/system/scanAll/schedule"
# Where listing() notes that Harbor does not even tell the schedule.
NO_SCANNER = "_no_scanner"


def listing(api: Api, world: World, project: str) -> Iterator[Raw]:
    """Yield the one schedule. Harbor refuses to tell it while it has no default scanner."""
    try:
        yield api.get(PATH) or {}
    except ApiError as error:
        if error.status != 412:
            raise
        yield {NO_SCANNER: True}


def update(api: Api, world: World, change: Change) -> None:
    """PUT replaces the schedule; POST would run at once or refuse to replace."""
    api.put(PATH, {"schedule": periodic.plan(change.after["schedule"])})


def check(world: World, desired: Desired, live: Live | None) -> Iterable[str]:
    """Yield what Harbor would refuse."""
    wanted = any(not one.absent for one in world.declared.get("scanners", {}).values())
    if live and live.raw.get(NO_SCANNER) and desired.values.get("schedule") and not wanted:
        yield "schedule: Harbor has no default scanner; declare one in scanners"


SCAN_ALL = Resource(
    name="scan_all",
    plural="scan_all",
    title="Schedule of the scan of everything",
    wave=Wave.SCHEDULES,
    paths=(PATH,),
    permission="scan-all",
    singleton=True,
    id_field="",
    list=listing,
    update=update,
    check=check,
    facts=periodic.facts,
    fields=(periodic.field("When all artifacts are scanned."),),
)
