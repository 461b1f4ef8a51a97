# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Imports of users from LDAP. Private to this collection."""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.harbor.plugins.module_utils import _codec as codec
from ansible_collections.dockmaster.harbor.plugins.module_utils._errors import ApiError, PlanError
from ansible_collections.dockmaster.harbor.plugins.module_utils._operation import Operation, Step
from ansible_collections.dockmaster.harbor.plugins.module_utils._resource import Field
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources import user

if t.TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ansible_collections.dockmaster.harbor.plugins.module_utils._http import Api
    from ansible_collections.dockmaster.harbor.plugins.module_utils._resource import Values, World


def plan(api: Api, world: World, values: Values) -> list[Step]:
    """Find who is missing in Harbor, and refuse whom the directory does not know: with one wrong uid Harbor imports nobody."""
    if world.auth_mode != "ldap_auth":
        raise PlanError([f"uids: users can only be imported while auth_mode is ldap_auth, it is {world.auth_mode}"])
    steps: list[Step] = []
    problems: list[str] = []
    for uid in sorted(values["uids"]):
        if is_there(api, world, uid):
            continue
        name = in_directory(api, uid)
        if name is None:
            problems.append(f"uids: the directory knows no {uid!r}")
        elif name == uid or not is_there(api, world, name):  # the directory may spell it differently
            steps.append(Step(name=uid, action="import", after=f"username: {name}"))
    if problems:
        raise PlanError(problems)
    return steps


def is_there(api: Api, world: World, name: str) -> bool:
    """Say whether Harbor has a user. Who may import users may not always list them, but anybody may search."""
    try:
        return user.look(api, world, (name,)) is not None
    except ApiError as error:
        if error.status != 403:
            raise
        return user.search(api, world, (name,)) is not None


def in_directory(api: Api, uid: str) -> str | None:
    """Return the name that the directory knows a uid by, compared without case as directories do."""
    found = (str(raw.get("username", "")) for raw in api.get("/ldap/users/search", username=uid) or [])
    return next((name for name in found if name.lower() == uid.lower()), None)


def apply(api: Api, world: World, steps: Sequence[Step]) -> Iterator[Step]:
    """Import all at once."""
    if steps:
        names = [step.name for step in steps]
        api.act("/ldap/users/import", {"ldap_uid_list": names}, lambda: all(is_there(api, world, name) for name in names))
    yield from steps


LDAP_IMPORT = Operation(
    name="ldap_import",
    paths=("/ldap/users/import", "/ldap/users/search", "/users", "/users/search"),
    plan=plan,
    apply=apply,
    fields=(
        Field(
            name="uids",
            doc="Users, by the attribute of the directory that Harbor is configured to take for the login name.",
            type="list",
            elements="str",
            required=True,
            clean=codec.unique,
        ),
    ),
)
