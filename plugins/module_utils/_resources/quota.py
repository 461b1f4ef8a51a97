# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How much storage projects may take: each one, and those that are made later. Private to this collection."""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.harbor.plugins.module_utils import _codec as codec
from ansible_collections.dockmaster.harbor.plugins.module_utils._http import segment
from ansible_collections.dockmaster.harbor.plugins.module_utils._resource import (
    PROJECT,
    Change,
    Desired,
    Field,
    Key,
    Live,
    Raw,
    Reference,
    Resource,
    Values,
    Wave,
    World,
)
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources import _configurations as settings
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources import project as projects

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ansible_collections.dockmaster.harbor.plugins.module_utils._http import Api

# The setting that new projects get, and the key of the object that stands for it.
SETTING = "storage_per_project"
DEFAULT: Key = ("",)


def listing(api: Api, world: World, project: str) -> Iterator[Raw]:
    """Yield the quota of a project, or the setting for new ones."""
    if not project:
        yield settings.read(api, world)
        return
    live = world.find("projects", project)
    raw = dict(live.raw) if live else {}
    if projects.QUOTA not in raw:
        projects.add_quota(api, raw)
    if projects.QUOTA in raw:
        row = raw[projects.QUOTA]
        yield {projects.QUOTA: row, "id": row.get("id")}


def update(api: Api, world: World, change: Change) -> None:
    """Set the limit. The quota of a project that this run made has to be looked up."""
    limit = change.after["storage_limit"]
    if change.key == DEFAULT:
        api.put(settings.PATH, {SETTING: limit})
        return
    number = change.live.id if change.live else None
    if number is None:
        rows = api.get("/quotas", reference="project", reference_id=world.id_of("projects", change.project))
        if not rows:
            raise LookupError(f"Harbor keeps no quota for project {change.project}")
        number = rows[0]["id"]
    api.put(f"/quotas/{segment(number)}", {"hard": {"storage": limit}})


def references(world: World, values: Values) -> Iterable[Reference]:
    """A quota needs its project."""
    if values.get("project"):
        yield Reference(field="project", kind="projects", key=(values["project"],))


def check(world: World, desired: Desired, live: Live | None) -> Iterable[str]:
    """Yield a limit that contradicts the project's own option, or that the project cannot have."""
    limit = desired.values.get("storage_limit")
    if limit is None:
        return
    if desired.key == DEFAULT:
        yield from settings.fixed(desired, live)
        return
    owner = world.declared.get("projects", {}).get(desired.key)
    other = owner.values.get("storage_limit") if owner else None
    if other not in (None, limit):
        here, there = (codec.show_storage(value) for value in (limit, other))
        yield f"storage_limit: {here}, but project {desired.key[0]} is declared with {there}; allowed: one of them, or the same in both"
    if live and projects.QUOTA in live.raw:
        yield from projects.check_limit(limit, live)


def newborn(world: World, project: str) -> Iterable[Values]:
    """Yield the quota of a new project: what it is declared with, else what new projects get, if that was read."""
    limit = world.declared["projects"][(project,)].values.get("storage_limit")
    default = world.declared["quotas"].get(DEFAULT)
    live = world.find("quotas", *DEFAULT)
    for values in (default.values if default else {}, live.values if live else {}):
        limit = values.get("storage_limit") if limit is None else limit
    yield {"project": project, "storage_limit": limit}


def unexported(world: World, live: Live) -> bool:
    """Where projects are exported too, they tell it: a limit that is there twice has to be changed twice."""
    owner = world.find("projects", *live.key)
    return owner is not None and owner.values.get("storage_limit") is not None


def facts(world: World, live: Live) -> Values:
    """Tell what a project uses, in bytes."""
    row = live.raw.get(projects.QUOTA)
    return {"used": row.get("used", {}).get("storage", 0)} if row else {}


def is_default(key: Key) -> bool:
    """Say whether it is the setting for new projects, which must be there before they are made."""
    return key == DEFAULT


def label_of(key: Key) -> str:
    """Return the name of the project."""
    return key[0] or "(default)"


def _limit(world: World, raw: Raw) -> int | None:
    row = raw.get(projects.QUOTA)
    value = row["hard"]["storage"] if row else (raw.get(SETTING) or {}).get("value")
    return None if value is None else int(value)


QUOTA = Resource(
    name="quota",
    plural="quotas",
    title="Limits of the storage that projects may take",
    wave=Wave.CONTENTS,
    paths=("/configurations", "/projects/{project_name_or_id}/summary", "/quotas", "/quotas/{id}"),
    origin="making a project while quota_per_project_enable is true",
    lane=settings.LANE,
    scoped=True,
    unscoped_too=True,
    list=listing,
    update=update,
    references=references,
    check=check,
    newborn=newborn,
    unexported=unexported,
    facts=facts,
    early=is_default,
    label_of=label_of,
    fields=(
        Field(
            name="project",
            doc="Name of the project. Without it the limit is the one that new projects get; those that are there keep theirs.",
            key=True,
            api=PROJECT,
        ),
        Field(
            name="storage_limit",
            doc=(
                "V(unlimited), bytes, or a number with a unit such as V(20GiB), up to 1024TiB.",
                "The limit of a project is refused when it is below what the project uses already, and when the project is declared with"
                " another one in the same run.",
            ),
            schema="QuotaUpdateReq.hard",
            clean=codec.storage,
            show=codec.show_storage,
            derive=_limit,
        ),
    ),
)
