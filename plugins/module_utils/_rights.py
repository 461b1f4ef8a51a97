# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the caller may not do, said before the first write instead of half-way. Names no resource.

Private to this collection. An administrator may do everything. Of others Harbor tells what they may do in one project
(GET /users/current/permissions); for the system as a whole it tells nobody, so there its own refusal has to do.
"""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.harbor.plugins.module_utils._errors import ApiError

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ansible_collections.dockmaster.harbor.plugins.module_utils._http import Api
    from ansible_collections.dockmaster.harbor.plugins.module_utils._plan import Options
    from ansible_collections.dockmaster.harbor.plugins.module_utils._resource import Change, Key, Resource, World

PROJECTS = "projects"
# What GET /users/current/permissions calls the project itself.
ITSELF = {"project": "."}


def home(world: World) -> str:
    """Return prefix and project of the caller when it is a robot of a project ("robot$payments"), "" otherwise.

    Names of robots hold no +, so it can only be the one between project and robot.
    """
    return world.caller.name.rpartition("+")[0] if world.caller.robot else ""


def outside(table: Sequence[Resource], world: World, options: Options) -> Iterator[str]:
    """Yield what a robot of a project cannot even read: everything that is not in its project."""
    own = home(world)
    if not own:
        return
    reason = f"{world.caller.name} is a robot of a project and manages only what is in that project"
    for resource in table:
        for key in world.declared.get(resource.plural, {}):
            if not _at_home(resource, key, own):
                yield f"{resource.title_of(key)}: {reason}"
        if resource.plural in options.prune and not resource.scoped:
            yield f"prune: {resource.plural}: {reason}"


def _at_home(resource: Resource, key: Key, own: str) -> bool:
    project = resource.project_of(key) or (key[0] if resource.plural == PROJECTS else "")
    return bool(project) and own.endswith(project)


def denied(api: Api, world: World, changes: Iterable[Change], parallel: t.Callable[..., list[t.Any]]) -> list[str]:
    """Return which changes in existing projects the caller has no permission for."""
    if world.caller.admin:
        return []
    inside = [(change, project) for change in changes if change.resource.permission and (project := _project(world, change))]
    projects = sorted({project for _change, project in inside})
    granted = dict(zip(projects, parallel(api.workers, lambda project: _granted(api, world, project), projects), strict=True))
    result = []
    for change, project in inside:
        needed = (ITSELF.get(change.resource.permission, change.resource.permission), change.action)
        if needed not in granted[project]:
            permission = f"{change.resource.permission}:{change.action}"
            result.append(f"{change.title}: {world.caller.name} may not {change.action} it; needed in project {project}: {permission}")
    return result


def _project(world: World, change: Change) -> str:
    name = change.project or (change.key[0] if change.resource.plural == PROJECTS else "")
    return name if world.find(PROJECTS, name) else ""


def _granted(api: Api, world: World, project: str) -> set[tuple[str, str]]:
    try:
        answer = api.get("/users/current/permissions", scope=f"/project/{world.id_of(PROJECTS, project)}", relative="true")
    except ApiError as error:
        if error.status not in (401, 403):
            raise
        return set()
    return {(entry["resource"], entry["action"]) for entry in answer or ()}
