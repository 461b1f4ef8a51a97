# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What may be permitted to robots, and what the caller may do. Private to this collection."""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.harbor.plugins.module_utils import _codec as codec
from ansible_collections.dockmaster.harbor.plugins.module_utils._errors import ApiError
from ansible_collections.dockmaster.harbor.plugins.module_utils._report import Report, project_id
from ansible_collections.dockmaster.harbor.plugins.module_utils._resource import Field

if t.TYPE_CHECKING:
    from collections.abc import Iterable

    from ansible_collections.dockmaster.harbor.plugins.module_utils._http import Api
    from ansible_collections.dockmaster.harbor.plugins.module_utils._resource import Raw, Values, World


def read(api: Api, world: World, values: Values) -> Values:
    """Read the catalogue of this Harbor, and the caller's own permissions in a project."""
    result: Values = {"catalogue": catalogue(api)}
    if "project" in values:
        scope = f"/project/{project_id(api, values['project'])}"
        result["own"] = words(api.get("/users/current/permissions", scope=scope, relative="true") or [])
    return result


def catalogue(api: Api) -> Values | None:
    """Return what robots may be given, by level; None for callers who are no administrators."""
    try:
        raw = api.get("/permissions") or {}
    except ApiError as error:
        if error.status != 403:
            raise
        return None
    return {level: words(raw.get(level) or []) for level in ("system", "project")}


def words(raws: Iterable[Raw]) -> list[str]:
    """Return permissions as resource:action, the way the access option of a robot takes them."""
    return sorted({f"{'project' if raw['resource'] == '.' else raw['resource']}:{raw['action']}" for raw in raws})


PERMISSION_INFO = Report(
    name="permission_info",
    paths=("/permissions", "/users/current/permissions", "/projects/{project_name_or_id}"),
    read=read,
    fields=(
        Field(
            name="project",
            doc="Return also what the caller may do in this project.",
            clean=codec.limit(255),
        ),
    ),
)
