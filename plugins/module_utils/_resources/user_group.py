# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Groups of an identity provider. Private to this collection."""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.harbor.plugins.module_utils import _codec as codec
from ansible_collections.dockmaster.harbor.plugins.module_utils._http import segment
from ansible_collections.dockmaster.harbor.plugins.module_utils._resource import (
    Change,
    Desired,
    Field,
    Key,
    Live,
    Raw,
    Resource,
    Wave,
    World,
)

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ansible_collections.dockmaster.harbor.plugins.module_utils._http import Api

TYPES = {"ldap": 1, "http": 2, "oidc": 3}
TYPE_NAMES = {number: name for name, number in TYPES.items()}
# Harbor lists only the groups of the mode's own type in these modes; another type would be made again at every run.
ONLY_TYPE = {"ldap_auth": "ldap", "http_auth": "http"}


def listing(api: Api, world: World, project: str) -> Iterator[Raw]:
    """Yield all groups that this authentication mode shows."""
    return api.pages("/usergroups")


def look(api: Api, world: World, key: Key) -> Raw | None:
    """Find one group by its exact name; the filter of the list is a fuzzy one."""
    return _named(api.pages("/usergroups", group_name=key[0]), key[0])


def search(api: Api, world: World, key: Key) -> Raw | None:
    """Find one group by a search that is open to every caller."""
    return _named(api.pages("/usergroups/search", groupname=key[0]), key[0])


def _named(found: Iterable[Raw], name: str) -> Raw | None:
    return next((raw for raw in found if raw.get("group_name") == name), None)


def create(api: Api, world: World, change: Change) -> None:
    """Create. For an LDAP group Harbor asks the directory whether the DN exists."""
    body = USER_GROUP.encode(change.after, change.declared)

    def find() -> int | None:
        raw = look(api, world, change.key)
        return raw["id"] if raw else None

    world.made["user_groups", change.key] = api.create("/usergroups", body, find)


def delete(api: Api, world: World, change: Change) -> None:
    """Delete; memberships of the group go with it."""
    api.delete(f"/usergroups/{segment(change.id)}")


def check(world: World, desired: Desired, live: Live | None) -> Iterable[str]:
    """Yield what Harbor would answer with 400 or 500, or create invisibly."""
    kind = desired.values.get("type")
    only = ONLY_TYPE.get(world.auth_mode)
    if live is None and kind and only and kind != only:
        yield f"type: {kind!r} is not visible while Harbor's authentication mode is {world.auth_mode}; allowed: {only}"
    if live is None and kind == "ldap" and world.auth_mode != "ldap_auth":
        yield f"type: 'ldap' needs Harbor's authentication mode ldap_auth, it is {world.auth_mode}; allowed: http, oidc"
    if live is None and kind == "ldap" and not desired.values.get("ldap_group_dn"):
        yield "ldap_group_dn: must be set for a group of type ldap"
    if kind and kind != "ldap" and desired.values.get("ldap_group_dn"):
        yield f"ldap_group_dn: only a group of type ldap has one, not one of type {kind}"


USER_GROUP = Resource(
    name="user_group",
    plural="user_groups",
    title="Groups of LDAP, OIDC or HTTP authentication",
    wave=Wave.FOUNDATIONS,
    paths=("/usergroups", "/usergroups/{group_id}", "/usergroups/search"),
    list=listing,
    look=look,
    search=search,
    create=create,
    delete=delete,
    check=check,
    fields=(
        Field(
            name="name",
            doc="Name of the group, as the identity provider says it. Unique across all types.",
            key=True,
            required=True,
            api="group_name",
            schema="UserGroup.group_name",
            clean=codec.limit(255),
        ),
        Field(
            name="type",
            doc="Where the group comes from. Needed to create; cannot be changed later.",
            choices=("ldap", "http", "oidc"),
            on_create=True,
            create_only=True,
            api="group_type",
            schema="UserGroup.group_type",
            decode=TYPE_NAMES.get,
            encode=TYPES.__getitem__,
        ),
        Field(
            name="ldap_group_dn",
            doc="Distinguished name of an LDAP group. Harbor keeps it in lower case; cannot be changed later.",
            create_only=True,
            api="ldap_group_dn",
            schema="UserGroup.ldap_group_dn",
            clean=lambda value: codec.limit(512)(value).strip().lower(),
            decode=lambda value: str(value).strip().lower() or None,
        ),
    ),
)
