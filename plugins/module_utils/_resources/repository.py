# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Repositories: what a push made, with a description. Private to this collection."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.dockmaster.harbor.plugins.module_utils import _codec as codec
from ansible_collections.dockmaster.harbor.plugins.module_utils._http import segment
from ansible_collections.dockmaster.harbor.plugins.module_utils._resource import (
    PROJECT,
    Change,
    Field,
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

PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
NAME = re.compile(f"{PART}(?:/{PART})*")
# What Harbor makes of five characters before it stores a description.
ENTITIES = {"&lt;": "<", "&gt;": ">", "&#34;": '"', "&#39;": "'", "&amp;": "&"}


def path(project: str, name: str) -> str:
    """Return the address of a repository. Its name is encoded twice: a proxy, such as Harbor's own, decodes once."""
    return f"/projects/{segment(project)}/repositories/{segment(segment(name))}"


def listing(api: Api, world: World, project: str) -> Iterator[Raw]:
    """Yield the repositories of a project. Without sort the pages may overlap."""
    return api.pages(f"/projects/{segment(project)}/repositories", sort="id")


def update(api: Api, world: World, change: Change) -> None:
    """Set the description, as plain text: Harbor escapes it again each time."""
    api.put(path(*change.key), {"description": change.after["description"]})


def delete(api: Api, world: World, change: Change) -> None:
    """Delete the repository with all artifacts; Harbor refuses while one of them has an immutable tag."""
    api.delete(path(*change.key))


def references(world: World, values: Values) -> Iterable[Reference]:
    """A repository needs its project."""
    yield Reference(field="project", kind="projects", key=(values["project"],))


def unexported(world: World, live: Live) -> bool:
    """There is nothing to say of a repository without a description."""
    return not live.values["description"]


def facts(world: World, live: Live) -> Values:
    """Tell how much is in it and how often it was wanted."""
    return {"artifact_count": live.raw.get("artifact_count", 0), "pull_count": live.raw.get("pull_count", 0)}


def _name(world: World, raw: Raw) -> str:
    return str(raw["name"]).removeprefix(f"{raw[PROJECT]}/")


def _clean_name(value: t.Any) -> str:
    words = str(value)
    if not NAME.fullmatch(words):
        raise ValueError("the name without that of the project, in lower case: letters and digits, '.', '_' and '-' between them, '/'")
    return codec.limit(255)(words)


def _plain(value: t.Any) -> str:
    return re.sub("|".join(ENTITIES), lambda match: ENTITIES[match[0]], str(value))


REPOSITORY = Resource(
    name="repository",
    plural="repositories",
    title="Repositories of projects",
    wave=Wave.CONTENTS,
    paths=("/projects/{project_name}/repositories", "/projects/{project_name}/repositories/{repository_name}"),
    permission="repository",
    origin="a push",
    scoped=True,
    prunable=False,
    list=listing,
    update=update,
    delete=delete,
    references=references,
    unexported=unexported,
    facts=facts,
    fields=(
        Field(name="project", doc="Name of the project.", key=True, required=True, api=PROJECT),
        Field(
            name="name",
            doc="Name of the repository without that of the project, such as V(app) or V(team/app).",
            key=True,
            required=True,
            schema="Repository.name",
            clean=_clean_name,
            derive=_name,
        ),
        Field(
            name="description",
            doc="What the repository holds, as Harbor's pages show it. Markdown.",
            api="description",
            schema="Repository.description",
            absent="",
            decode=_plain,
        ),
    ),
)
