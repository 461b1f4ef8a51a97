# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The settings of LDAP authentication. Private to this collection."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.dockmaster.harbor.plugins.module_utils import _codec as codec
from ansible_collections.dockmaster.harbor.plugins.module_utils._errors import ApiError, Error
from ansible_collections.dockmaster.harbor.plugins.module_utils._resource import (
    Change,
    Desired,
    Field,
    Live,
    Raw,
    Resource,
    Values,
    Wave,
    World,
)
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources import _configurations as settings

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ansible_collections.dockmaster.harbor.plugins.module_utils._http import Api

KIND = "ldap_authentication"
PASSWORD = "ldap_search_password"
SCOPES = {"base": 0, "onelevel": 1, "subtree": 2}
SCOPE_NAMES = {number: name for name, number in SCOPES.items()}
# What Harbor's ping takes, by its own name for each key.
PINGED = {
    "ldap_url": "ldap_url",
    "ldap_search_dn": "ldap_search_dn",
    "ldap_base_dn": "ldap_base_dn",
    "ldap_filter": "ldap_filter",
    "ldap_uid": "ldap_uid",
    "ldap_scope": "ldap_scope",
    "ldap_timeout": "ldap_connection_timeout",
    "ldap_verify_cert": "ldap_verify_cert",
}
# Where before_plan() leaves what it found for check().
PROBLEMS = "ldap_problems"


def update(api: Api, world: World, change: Change) -> None:
    """Save, then look up: Harbor searches the directory with what is saved."""
    settings.update(api, world, change)
    missing = "; ".join(_missing(api, change.local))
    if missing:
        raise Error(f"the settings are saved, but {missing}")


def before_plan(api: Api, world: World) -> None:
    """Let Harbor reach the directory with the new settings; where nothing changes, look up what shall be found."""
    desired, live = world.declared[KIND][()], world.live[KIND][()]
    if PINGED.keys() & settings.differing(desired, live).keys() or _sends_password(world, desired, live):
        world.extra[PROBLEMS] = list(_ping_problems(api, world, desired, live))
    elif not settings.differing(desired, live):
        world.extra[PROBLEMS] = list(_missing(api, desired.local))


def _sends_password(world: World, desired: Desired, live: Live) -> bool:
    follows = "ldap_search_dn" in settings.differing(desired, live)
    return bool(desired.secrets) and (follows or world.update_secret == "always")


def _ping_problems(api: Api, world: World, desired: Desired, live: Live) -> Iterator[str]:
    values = settings.merged(desired, live)
    if not values["ldap_url"]:
        return
    declared = _sends_password(world, desired, live) or world.update_secret == "on_drift"
    password = desired.secrets.get(PASSWORD) if declared else None
    if not password and live.raw["auth_mode"]["value"] != "ldap_auth":
        world.warnings.append(
            f"{KIND}: the connection was not tried before it is saved: Harbor uses the stored {PASSWORD} only in auth_mode ldap_auth; "
            "declare it and set update_secret to always"
        )
    elif world.read_only:
        world.warnings.append(f"{KIND}: the connection was not tried before it is saved: Harbor refuses to in read-only mode")
    else:
        refusal = ping(api, values, password)
        if refusal:
            yield f"ldap_url: Harbor cannot use {values['ldap_url']} with these settings: {refusal}"


def ping(api: Api, values: Values, password: str | None) -> str:
    """Let Harbor bind to the directory, with its stored password where none is given. Returns why it cannot."""
    conf: Raw = {theirs: KEYS[ours].encode(values[ours]) for ours, theirs in PINGED.items()}
    return api.ask("/ldap/ping", conf | ({PASSWORD: password} if password else {}))


def drifted(api: Api, world: World, desired: Desired, live: Live) -> bool:
    """Say whether the stored password fails while the declared one works. Harbor tries the stored one only in its LDAP mode."""
    if live.raw["auth_mode"]["value"] != "ldap_auth" or not live.values["ldap_url"] or not ping(api, live.values, None):
        return False
    refusal = ping(api, settings.merged(desired, live), desired.secrets[PASSWORD])
    if refusal:
        world.warnings.append(f"{KIND}: neither the stored nor the declared {PASSWORD} works: {refusal}")
    return not refusal


def _missing(api: Api, wanted: Values) -> Iterator[str]:
    user, group = wanted.get("verify_user"), wanted.get("verify_group_dn")
    if user and not _found(api, "/ldap/users/search", username=user):
        yield f"verify_user: {user!r} is not found in the directory"
    if group and not _found(api, "/ldap/groups/search", groupdn=group):
        yield f"verify_group_dn: {group!r} is not found in the directory"


def _found(api: Api, path: str, **query: str) -> bool:
    try:
        return bool(api.get(path, **query))
    except ApiError as error:
        if error.status == 500:  # what the directory refused, such as a DN with a slip of the pen
            return False
        raise


def check(world: World, desired: Desired, live: Live | None) -> Iterable[str]:
    """Yield what Harbor would refuse, or accept and never log in with."""
    yield from settings.fixed(desired, live)
    yield from settings.rule(
        desired, live, "ldap_url", lambda url: bool(re.fullmatch(r"ldaps?://[^\s/]+", url)), "ldap:// or ldaps:// with a host, and a port"
    )
    for name in ("ldap_base_dn", "ldap_uid"):
        yield from settings.rule(desired, live, name, bool, "anything but empty text")
    after = settings.merged(desired, live)
    for name in ("ldap_group_attribute_name", "ldap_group_membership_attribute"):
        if after["ldap_group_search_filter"] and not after[name] and settings.differing(desired, live):
            yield f"{name}: must not be empty while ldap_group_search_filter is set"
    yield from world.extra.get(PROBLEMS, ())


def unexported(world: World, live: Live) -> bool:
    """Defaults of a mode that is not in use would overwrite nothing, but say nothing either."""
    return not live.values["ldap_url"]


def _scope(name: str, doc: str) -> Field:
    codes: dict[str, t.Any] = {"decode": SCOPE_NAMES.get, "encode": SCOPES.__getitem__}
    return settings.setting(name, doc, choices=tuple(SCOPES), absent="subtree", **codes)


def _text(name: str, doc: str | tuple[str, ...]) -> Field:
    return settings.setting(name, doc, clean=codec.text)


def _lower(value: t.Any) -> str:
    return codec.text(value).lower()


FIELDS = (
    _text("ldap_url", "Address of the directory, such as V(ldaps://ldap.example.com:636)."),
    settings.flag("ldap_verify_cert", "Whether the certificate of the directory is checked.", absent=True),
    settings.number("ldap_timeout", "How long Harbor waits for the directory, in seconds.", absent=5, highest=2**31 - 1),
    _text("ldap_search_dn", "Account that Harbor searches the directory with."),
    settings.setting(
        PASSWORD,
        (
            "Password of O(ldap_search_dn). Harbor never gives it back.",
            "It is sent whenever O(ldap_search_dn) changes, and otherwise as O(update_secret) says.",
        ),
        secret=True,
        follows="ldap_search_dn",
        clean=codec.filled_in,
    ),
    _text("ldap_base_dn", "Where in the directory users are."),
    _text("ldap_uid", "Attribute that holds the login name, such as V(uid) or V(sAMAccountName)."),
    _text("ldap_filter", "Filter that users must match, such as V((objectClass=person\\))."),
    _scope("ldap_scope", "How deep below O(ldap_base_dn) users are looked for."),
    _text("ldap_group_base_dn", "Where in the directory groups are."),
    _text("ldap_group_search_filter", "Filter that groups must match, such as V((objectClass=groupOfNames\\)). Empty for no groups."),
    _text("ldap_group_attribute_name", "Attribute that holds the name of a group, such as V(cn)."),
    _scope("ldap_group_search_scope", "How deep below O(ldap_group_base_dn) groups are looked for."),
    _text("ldap_group_membership_attribute", "Attribute of a user that lists the groups, such as V(memberof)."),
    settings.setting(
        "ldap_group_admin_dn",
        "Group whose members are administrators. Harbor keeps it in lower case.",
        clean=_lower,
        decode=_lower,
    ),
    settings.flag("ldap_group_attach_parallel", "Whether the groups of a user are looked up in parallel at a login."),
)
KEYS = {one.name: one for one in FIELDS}

LDAP_AUTHENTICATION = Resource(
    name=KIND,
    plural=KIND,
    title="Settings of LDAP authentication",
    wave=Wave.SETTINGS,
    paths=(settings.PATH, "/ldap/ping", "/ldap/users/search", "/ldap/groups/search"),
    permission="configuration",
    singleton=True,
    lane=settings.LANE,
    read_only_safe=True,
    id_field="",
    list=settings.listing,
    update=update,
    before_plan=before_plan,
    check=check,
    drifted=drifted,
    unexported=unexported,
    fields=(
        *FIELDS,
        Field(
            name="verify_user",
            doc="Login name that Harbor must find in the directory with these settings. The run fails when it does not.",
            local=True,
            clean=codec.text,
        ),
        Field(
            name="verify_group_dn",
            doc="DN of a group that Harbor must find in the directory with these settings. The run fails when it does not.",
            local=True,
            clean=codec.text,
        ),
    ),
)
