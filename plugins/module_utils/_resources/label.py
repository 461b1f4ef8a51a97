# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Labels, global ones and those of one project. Private to this collection."""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.harbor.plugins.module_utils import _codec as codec
from ansible_collections.dockmaster.harbor.plugins.module_utils._http import segment
from ansible_collections.dockmaster.harbor.plugins.module_utils._resource import (
    PROJECT,
    Change,
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

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ansible_collections.dockmaster.harbor.plugins.module_utils._http import Api


def listing(api: Api, world: World, project: str) -> Iterator[Raw]:
    """Yield the labels of a project, or the global ones. Without sort the pages may overlap."""
    scope = {"scope": "p", "project_id": world.id_of("projects", project)} if project else {"scope": "g"}
    return api.pages("/labels", sort="id", **scope)


def look(api: Api, world: World, key: Key) -> Raw | None:
    """Find one label by project and name."""
    project, name = key
    return next((raw for raw in listing(api, world, project) if raw.get("name") == name), None)


def create(api: Api, world: World, change: Change) -> None:
    """Create. Harbor takes any project id here, so it is the plan that knows the project exists."""
    body = LABEL.encode(change.after, ("name", "description", "color"))
    body["scope"] = "p" if change.project else "g"
    if change.project:
        body["project_id"] = world.id_of("projects", change.project)

    def find() -> int | None:
        raw = look(api, world, change.key)
        return raw["id"] if raw else None

    api.create("/labels", body, find)


def update(api: Api, world: World, change: Change) -> None:
    """PUT replaces everything, so what is not declared goes along as it is."""
    api.put(f"/labels/{segment(change.id)}", LABEL.encode(change.after, ("name", "description", "color")))


def delete(api: Api, world: World, change: Change) -> None:
    """Delete; Harbor takes the label off all artifacts."""
    api.delete(f"/labels/{segment(change.id)}")


def references(world: World, values: Values) -> Iterable[Reference]:
    """A label of a project needs the project."""
    if values.get("project"):
        yield Reference(field="project", kind="projects", key=(values["project"],))


def unexported(world: World, live: Live) -> bool:
    """Harbor creates labels without a name, which nobody can declare."""
    return not live.key[1].strip()


LABEL = Resource(
    name="label",
    plural="labels",
    title="Labels for artifacts",
    wave=Wave.CONTENTS,
    permission="label",
    paths=("/labels", "/labels/{label_id}"),
    scoped=True,
    unscoped_too=True,
    list=listing,
    look=look,
    create=create,
    update=update,
    delete=delete,
    references=references,
    unexported=unexported,
    fields=(
        Field(
            name="project",
            doc="Name of the project that the label belongs to. Without it the label is a global one.",
            key=True,
            api=PROJECT,
        ),
        Field(
            name="name",
            doc="Name of the label, at most 128 characters.",
            key=True,
            required=True,
            api="name",
            schema="Label.name",
            clean=codec.limit(128),
        ),
        Field(
            name="description",
            doc="What the label says about an artifact.",
            api="description",
            schema="Label.description",
            absent="",
        ),
        Field(
            name="color",
            doc="Colour of the label, such as V(#0065AB), at most 16 characters.",
            api="color",
            schema="Label.color",
            absent="",
            clean=codec.limit(16, blank=True),
        ),
    ),
)
