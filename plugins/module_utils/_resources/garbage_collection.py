# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The schedule by which Harbor frees storage. Private to this collection."""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.harbor.plugins.module_utils import _codec as codec
from ansible_collections.dockmaster.harbor.plugins.module_utils._resource import Change, Field, Raw, Resource, Wave, World
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources import _periodic as periodic

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from ansible_collections.dockmaster.harbor.plugins.module_utils._http import Api

PATH = "/system/gc/schedule"
PARAMETERS = ("delete_untagged", "delete_tag", "workers")


def listing(api: Api, world: World, project: str) -> Iterator[Raw]:
    """Yield the one schedule."""
    yield periodic.read(api, PATH)


def update(api: Api, world: World, change: Change) -> None:
    """PUT replaces everything, so what is not declared goes along as it is. Harbor drops what has the wrong type without a word."""
    stored = change.live.raw["parameters"] if change.live else {}
    parameters = {**stored, **{name: change.after[name] for name in PARAMETERS if name in change.after}, "dry_run": False}
    api.put(PATH, {"schedule": periodic.plan(change.after["schedule"]), "parameters": parameters})


def _workers(value: t.Any) -> int:
    """Read the number of workers; 0 means one."""
    return int(value) or 1


GARBAGE_COLLECTION = Resource(
    name="garbage_collection",
    plural="garbage_collection",
    title="Schedule of the garbage collection",
    wave=Wave.SCHEDULES,
    paths=(PATH,),
    permission="garbage-collection",
    singleton=True,
    id_field="",
    list=listing,
    update=update,
    facts=periodic.facts,
    fields=(
        periodic.field("When storage is freed that no artifact uses any more."),
        Field(
            name="delete_untagged",
            doc="Whether artifacts without a tag are deleted.",
            type="bool",
            api="parameters.delete_untagged",
            schema="Schedule.parameters",
            absent=False,
            applies=periodic.is_scheduled,
            applies_to="a schedule",
        ),
        Field(
            name="delete_tag",
            doc="Whether the tags of deleted artifacts are deleted from the storage too.",
            type="bool",
            api="parameters.delete_tag",
            since=(2, 15, 0),
            absent=False,
            applies=periodic.is_scheduled,
            applies_to="a schedule",
        ),
        Field(
            name="workers",
            doc="How many deletions run at once, 1 to 10.",
            type="int",
            api="parameters.workers",
            schema="Schedule.parameters",
            absent=1,
            clean=codec.number(1, 10),
            decode=_workers,
            applies=periodic.is_scheduled,
            applies_to="a schedule",
        ),
    ),
)
