# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The CVE allowlist of the whole system. Private to this collection."""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.harbor.plugins.module_utils import _codec as codec
from ansible_collections.dockmaster.harbor.plugins.module_utils._resource import (
    Change,
    Desired,
    Field,
    Live,
    Raw,
    Resource,
    Wave,
    World,
    show_set,
)
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources import _configurations as settings

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ansible_collections.dockmaster.harbor.plugins.module_utils._http import Api

PATH = "/system/CVEAllowlist"


def listing(api: Api, world: World, project: str) -> Iterator[Raw]:
    """Yield the one list."""
    yield api.get(PATH) or {}


def update(api: Api, world: World, change: Change) -> None:
    """PUT replaces everything, so what is not declared goes along as it is."""
    body: Raw = {"items": [{"cve_id": name} for name in sorted(change.after["cves"])]}
    if change.after["expires_at"] != codec.UNLIMITED:  # 0 would mean 1970: "never" is said by leaving the time out
        body["expires_at"] = change.after["expires_at"]
    api.put(PATH, body)


def check(world: World, desired: Desired, live: Live | None) -> Iterable[str]:
    """Yield what Harbor would refuse: everybody may read the list, so only the write would fail."""
    changed = list(settings.differing(desired, live))
    if changed and not world.caller.admin:
        yield f"{changed[0]}: only administrators of Harbor may change it, and no robot account; this is {world.caller.name}"


CVE_ALLOWLIST = Resource(
    name="cve_allowlist",
    plural="cve_allowlist",
    title="CVE allowlist of the system",
    wave=Wave.SETTINGS,
    paths=(PATH,),
    permission="configuration",
    singleton=True,
    id_field="",
    list=listing,
    update=update,
    check=check,
    fields=(
        Field(
            name="cves",
            doc="Identifiers of vulnerabilities that are accepted, in any order. Replaces the list; an empty list empties it.",
            type="list",
            elements="str",
            api="items",
            schema="CVEAllowlist.items",
            absent=frozenset(),
            clean=codec.unique,
            decode=codec.cve_ids,
            show=show_set,
        ),
        Field(
            name="expires_at",
            doc="When the list ends: an ISO 8601 date or time such as V(2027-01-31), in UTC unless it says otherwise, or V(never).",
            api="expires_at",
            schema="CVEAllowlist.expires_at",
            absent=codec.UNLIMITED,
            clean=codec.moment,
            decode=codec.from_moment,
            show=codec.show_moment,
        ),
    ),
)
