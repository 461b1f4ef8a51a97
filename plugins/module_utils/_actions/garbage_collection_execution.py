# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Garbage collections. Private to this collection."""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.harbor.plugins.module_utils import _codec as codec
from ansible_collections.dockmaster.harbor.plugins.module_utils._action import Action, Target
from ansible_collections.dockmaster.harbor.plugins.module_utils._actions import _system_jobs as jobs
from ansible_collections.dockmaster.harbor.plugins.module_utils._resource import Field

if t.TYPE_CHECKING:
    from ansible_collections.dockmaster.harbor.plugins.module_utils._resource import Values

PATH = "/system/gc"
OPTIONS = ("dry_run", "delete_untagged", "delete_tag")
RESULTS = ("freed_space", "purged_blobs", "purged_manifests")


def sort(kept: Values) -> tuple[Values, Values]:
    """Tell options from results. The number of workers makes no other collection."""
    return {name: bool(kept.get(name)) for name in OPTIONS}, {name: kept[name] for name in RESULTS if name in kept}


def request(found: Target, values: Values) -> tuple[str, Values]:
    """Collect now. Harbor takes wrong types silently for false or zero, so they are never sent."""
    return f"{PATH}/schedule", {"schedule": {"type": "Manual"}, "parameters": values}


def asked(values: Values) -> Values:
    """A collection that deletes more or less is another one."""
    return {name: values.get(name, False) for name in OPTIONS}


GARBAGE_COLLECTION_EXECUTION = Action(
    name="garbage_collection_execution",
    title="garbage collection",
    paths=("/system/gc", "/system/gc/schedule", "/system/gc/{gc_id}", "/system/gc/{gc_id}/log"),
    target=jobs.target,
    list=jobs.listing(PATH, sort),
    read=jobs.reading(PATH, sort),
    request=request,
    stop=jobs.stopping(PATH),
    details=jobs.detailing(PATH),
    asked=asked,
    fields=(
        Field(
            name="dry_run",
            doc="Whether to delete nothing and only write into the log what would be deleted.",
            type="bool",
            default=False,
        ),
        Field(
            name="delete_untagged",
            doc="Whether artifacts without a tag are deleted first. Otherwise only blobs that nothing refers to are.",
            type="bool",
            default=False,
        ),
        Field(
            name="delete_tag",
            doc="Whether the tags in the storage of the registry are deleted too.",
            type="bool",
            since=(2, 15, 0),
        ),
        Field(
            name="workers",
            doc="Number of workers that delete at the same time, 1 to 10.",
            type="int",
            default=1,
            clean=codec.number(1, 10),
        ),
    ),
)
