# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Local users. Private to this collection."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.dockmaster.harbor.plugins.module_utils import _codec as codec
from ansible_collections.dockmaster.harbor.plugins.module_utils._errors import ApiError
from ansible_collections.dockmaster.harbor.plugins.module_utils._http import q, q_takes, segment
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

ADMIN = 1
# Up to this many addresses are looked up one by one.
FEW = 16
PROFILE = ("email", "realname", "comment")
FORBIDDEN = re.compile(r'[,"~#%$]')
EMAIL = re.compile(r'[^@\s<>()\[\]\\,;:"]+@[^@\s<>()\[\]\\,;:"]+\.[A-Za-z0-9-]{2,}')


def listing(api: Api, world: World, project: str) -> Iterator[Raw]:
    """Yield all users; the built-in administrator is in no list of Harbor's."""
    admin = api.get(f"/users/{ADMIN}")
    if admin:
        yield admin
    yield from (raw for raw in api.pages("/users") if raw.get("user_id") != ADMIN)


def look(api: Api, world: World, key: Key) -> Raw | None:
    """Find one user by exact name."""
    name = key[0]
    if name == world.caller.name and not world.caller.robot:
        return t.cast("Raw | None", api.get("/users/current"))
    found = list(api.pages("/users", q=q(username=name)) if q_takes(name) else api.pages("/users"))
    if not found and (admin := api.get(f"/users/{ADMIN}")):
        found = [admin]
    return _named(found, name)


def search(api: Api, world: World, key: Key) -> Raw | None:
    """Find one user by a search that is open to every caller."""
    return _named(api.pages("/users/search", username=key[0]), key[0])


def _named(found: Iterable[Raw], name: str) -> Raw | None:
    return next((raw for raw in found if raw.get("username") == name), None)


def create(api: Api, world: World, change: Change) -> None:
    """Create with the password, then make a system administrator where declared."""
    body = USER.encode(change.after, [name for name in change.declared if name in ("username", *PROFILE)])
    body["password"] = change.secrets["password"]

    def find() -> int | None:
        raw = look(api, world, change.key)
        return raw["user_id"] if raw else None

    made = api.create("/users", body, find)
    world.made["users", change.key] = made
    if change.after.get("sysadmin"):
        api.put(f"/users/{segment(made)}/sysadmin", {"sysadmin_flag": True})


def update(api: Api, world: World, change: Change) -> None:
    """Profile, administrator flag and password have endpoints of their own. The profile is replaced as a whole."""
    path = f"/users/{segment(change.id)}"
    if set(change.fields) & set(PROFILE):
        api.put(path, USER.encode(change.after, PROFILE))
    if "sysadmin" in change.fields:
        api.put(f"{path}/sysadmin", {"sysadmin_flag": change.after["sysadmin"]})
    if "password" in change.fields:
        _set_password(api, path, change.secrets["password"], own=change.id == world.caller.id)


def _set_password(api: Api, path: str, password: str, *, own: bool) -> None:
    body = {"new_password": password}
    if own:
        body["old_password"] = api.own_password
    try:
        api.put(f"{path}/password", body)
    except ApiError as error:
        if error.status != 400 or "identical" not in error.reason:
            raise
    if own:
        api.password_changed(password)


def delete(api: Api, world: World, change: Change) -> None:
    """Delete; memberships of the user go with it."""
    api.delete(f"/users/{segment(change.id)}")


def check(world: World, desired: Desired, live: Live | None) -> Iterable[str]:
    """Yield what Harbor would answer with 400, 403 or 500."""
    if desired.absent:
        if live and live.id in (ADMIN, world.caller.id):
            yield "state: neither the built-in administrator nor the account in use can be deleted"
        return
    if live and live.id == world.caller.id and live.values["sysadmin"] and desired.values.get("sysadmin") is False:
        yield "sysadmin: the account in use cannot give up its own rights, the rest of the run would be refused"
    local = world.auth_mode == "db_auth" or (live is not None and live.id == ADMIN)
    changed = [name for name in PROFILE if live and desired.values.get(name, live.values[name]) != live.values[name]]
    if not local and live is None:
        yield f"state: users come from the identity provider, Harbor's authentication mode is {world.auth_mode}"
    elif not local and changed:
        yield f"{changed[0]}: profiles come from the identity provider, Harbor's authentication mode is {world.auth_mode}"
    if changed and not desired.values.get("email", live.values["email"] if live else ""):
        yield "email: must be set, Harbor does not change the profile of a user without one"
    yield from _check_profile(desired, live)
    yield from _check_email_owner(world, desired)


def _check_profile(desired: Desired, live: Live | None) -> Iterable[str]:
    """Yield what Harbor refuses from a user of its own; identity providers bring in names such as 'Doe, Jane'."""
    for name, problem in (("username", _characters), ("realname", _characters), ("email", _email)):
        value = desired.values.get(name)
        if value is not None and (live is None or value != live.values[name]) and (text := problem(value)):
            yield f"{name}: {value!r} is not allowed; allowed: {text}"


def before_plan(api: Api, world: World) -> None:
    """Find out who has the addresses that are to be given to users: Harbor answers 500 when a user gets that of another."""
    declared = world.declared.get("users", {}).values()
    live = {one.key: one.values["email"] for one in world.live.get("users", {}).values()}
    new = sorted({one.values["email"] for one in declared if "email" in one.values and one.values["email"] != live.get(one.key)})
    try:
        lists = [api.pages("/users")] if len(new) > FEW else [api.pages("/users", email=email) for email in new]
        found = [raw for pages in lists for raw in pages]
    except ApiError as error:
        if error.status != 403:
            raise
        found = []
    world.extra["emails"] = {(str(raw["username"]),): raw.get("email", "") for raw in found}


def _check_email_owner(world: World, desired: Desired) -> Iterable[str]:
    email = desired.values.get("email")
    if not email:
        return
    others = dict(world.extra.get("emails", {}))
    others |= {key: live.values["email"] for key, live in world.live.get("users", {}).items()}
    others |= {key: other.values["email"] for key, other in world.declared.get("users", {}).items() if "email" in other.values}
    for key, value in sorted(others.items()):
        if key != desired.key and value == email:
            yield f"email: {email!r} is the address of user {key[0]} too; an address belongs to one user"


def kept(world: World, live: Live) -> str:
    """The built-in administrator and the account in use are never pruned."""
    if live.id == ADMIN:
        return "built-in administrator"
    return "account in use" if live.id == world.caller.id else ""


def unexported(world: World, live: Live) -> bool:
    """The built-in administrator comes with Harbor."""
    return live.id == ADMIN


def drifted(api: Api, world: World, desired: Desired, live: Live) -> bool:
    """Say whether the declared password no longer logs in."""
    password = desired.secrets["password"]
    if live.id == world.caller.id:
        return not api.is_own_password(password)
    return not api.accepts(live.key[0], password)


def _characters(value: str) -> str:
    return 'none of the characters , " ~ # % $' if FORBIDDEN.search(value) else ""


def _email(value: str) -> str:
    return "" if EMAIL.fullmatch(value) else "an e-mail address such as name@example.com"


USER = Resource(
    name="user",
    plural="users",
    title="Local users",
    wave=Wave.FOUNDATIONS,
    paths=(
        "/users",
        "/users/{user_id}",
        "/users/{user_id}/sysadmin",
        "/users/{user_id}/password",
        "/users/current",
        "/users/search",
    ),
    id_field="user_id",
    list=listing,
    look=look,
    search=search,
    create=create,
    update=update,
    delete=delete,
    check=check,
    kept=kept,
    unexported=unexported,
    drifted=drifted,
    before_plan=before_plan,
    fields=(
        Field(
            name="username",
            doc='Login name, case-sensitive. None of the characters , " ~ # % $.',
            key=True,
            required=True,
            api="username",
            schema="UserResp.username",
            clean=codec.limit(255),
        ),
        Field(
            name="email",
            doc="E-mail address, unique. Needed to create.",
            on_create=True,
            api="email",
            schema="UserResp.email",
            absent="",
            clean=codec.limit(255),
        ),
        Field(
            name="realname",
            doc='Full name. Needed to create. None of the characters , " ~ # % $.',
            on_create=True,
            api="realname",
            schema="UserResp.realname",
            absent="",
            clean=codec.limit(255),
        ),
        Field(
            name="comment",
            doc="Remark, at most 30 characters.",
            api="comment",
            schema="UserResp.comment",
            absent="",
            clean=codec.limit(30, blank=True),
        ),
        Field(
            name="sysadmin",
            doc="Whether the user is a system administrator.",
            type="bool",
            api="sysadmin_flag",
            schema="UserResp.sysadmin_flag",
            absent=False,
        ),
        Field(
            name="password",
            doc=(
                "Password: 8 to 128 characters with an upper-case letter, a lower-case letter and a digit. Needed to create.",
                "Harbor never gives it back; O(update_secret) says when it is sent to a user that exists.",
            ),
            secret=True,
            on_create=True,
            api="password",
            schema="UserCreationReq.password",
            clean=codec.secret,
        ),
    ),
)
