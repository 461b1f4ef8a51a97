# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Roles of users and groups in projects. Private to this collection."""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.harbor.plugins.module_utils._errors import ApiError
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

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ansible_collections.dockmaster.harbor.plugins.module_utils._http import Api

ROLES = {"admin": 1, "maintainer": 4, "developer": 2, "guest": 3, "limited_guest": 5}
ROLE_NAMES = {number: name for name, number in ROLES.items()}
ADMIN = 1
# In these modes Harbor looks an unknown user up in the directory and adds it.
DIRECTORY_MODES = ("ldap_auth", "http_auth")


def path(project: str, member: int | str | None = None) -> str:
    """Return the address of a project's members, or of one."""
    base = f"/projects/{segment(project)}/members"
    return base if member is None else f"{base}/{segment(member)}"


def listing(api: Api, world: World, project: str) -> Iterator[Raw]:
    """Yield the members of a project. Rows with a role that Harbor does not know are not in it."""
    return api.pages(path(project))


def find(api: Api, world: World, key: Key) -> Live | None:
    """Find one member as it is now."""
    for raw in listing(api, world, key[0]):
        live = PROJECT_MEMBER.decode(world, {**raw, PROJECT: key[0]})
        if live.key == key:
            return live
    return None


def create(api: Api, world: World, change: Change) -> None:
    """Add the member, by id where it is known. A member that came into being meanwhile gets its role."""
    body = {"role_id": ROLES[change.after["role"]], **_entity(world, change.key)}

    def look() -> int | str | None:
        live = find(api, world, change.key)
        return live.id if live else None

    try:
        api.create(path(change.project), body, look)
    except ApiError as error:
        if error.status != 409 or look() is None:
            raise
        _set_role(api, world, change)


def _entity(world: World, key: Key) -> Raw:
    _project, kind, name = key
    collection = "users" if kind == "user" else "user_groups"
    try:
        number = world.id_of(collection, name)
    except LookupError:
        return {"member_user": {"username": name}} if kind == "user" else {"member_group": {"group_name": name}}
    return {"member_user": {"user_id": number}} if kind == "user" else {"member_group": {"id": number}}


def update(api: Api, world: World, change: Change) -> None:
    """Set the role."""
    _set_role(api, world, change)


def _set_role(api: Api, world: World, change: Change) -> None:
    # Harbor answers 200 to an unknown member, so the id is looked up when it was not read: the owner of a new project.
    live = change.live if change.live and change.live.id else find(api, world, change.key)
    if live is None:
        raise LookupError(f"{change.name} is no member")
    if live.values["role"] != change.after["role"]:
        api.put(path(change.project, live.id), {"role_id": ROLES[change.after["role"]]})


def delete(api: Api, world: World, change: Change) -> None:
    """Remove the member; the owner of a project that this run made has to be looked up."""
    live = change.live if change.live and change.live.id else find(api, world, change.key)
    if live:
        api.delete(path(change.project, live.id))


def references(world: World, values: Values) -> Iterable[Reference]:
    """A member needs its project and the user or group."""
    yield Reference(field="project", kind="projects", key=(values["project"],))
    if values.get("user"):
        implicit = world.auth_mode in DIRECTORY_MODES
        yield Reference(field="user", kind="users", key=(values["user"],), implicit=implicit)
    if values.get("group"):
        yield Reference(field="group", kind="user_groups", key=(values["group"],))


def check(world: World, desired: Desired, live: Live | None) -> Iterable[str]:
    """Yield a group that cannot be added without its id."""
    if not desired.absent and live is None and desired.key[1] == "group" and "user_groups" in world.unreadable:
        yield "group: the caller may neither list nor search user groups"


def kept(world: World, live: Live) -> str:
    """The project's owner and the account in use keep their membership."""
    project, kind, name = live.key
    owner = world.find("projects", project)
    if kind == "user" and owner and owner.raw.get("owner_name") == name:
        return "owner of the project"
    return "account in use" if kind == "user" and name == world.caller.name and not world.caller.robot else ""


def unexported(world: World, live: Live) -> bool:
    """The built-in administrator's membership of its own projects comes with the project, wherever it is made."""
    return bool(kept(world, live)) and live.raw.get("entity_id") == ADMIN and live.values["role"] == "admin"


def newborn(world: World, project: str) -> Iterable[Values]:
    """Yield the member that Harbor adds to a new project: whoever makes it, or the first administrator for a robot."""
    name = "admin" if world.caller.robot else world.caller.name
    yield {"project": project, "user": name, "group": "", "role": "admin"}


def key_of(values: Values) -> Key:
    """Return (project, user or group, name): a user and a group may have the same name."""
    kind = "user" if values.get("user") else "group"
    return (str(values.get("project") or ""), kind, str(values.get(kind) or ""))


def label_of(key: Key) -> str:
    """Return a name such as payments/user:alice."""
    return f"{key[0]}/{key[1]}:{key[2]}"


def _name_of(kind: str) -> t.Callable[[World, Raw], str]:
    return lambda world, raw: raw["entity_name"] if raw.get("entity_type") == kind else ""


PROJECT_MEMBER = Resource(
    name="project_member",
    plural="project_members",
    title="Members of projects",
    wave=Wave.CONTENTS,
    permission="member",
    paths=("/projects/{project_name_or_id}/members", "/projects/{project_name_or_id}/members/{mid}"),
    scoped=True,
    list=listing,
    create=create,
    update=update,
    delete=delete,
    references=references,
    check=check,
    kept=kept,
    unexported=unexported,
    newborn=newborn,
    key_of=key_of,
    label_of=label_of,
    exclusive=(("user", "group"),),
    one_of=(("user", "group"),),
    fields=(
        Field(name="project", doc="Name of the project.", key=True, required=True, api=PROJECT),
        Field(
            name="user",
            doc="Login name of the user, case-sensitive. Exactly one of O(user) and O(group) must be given.",
            key=True,
            schema="ProjectMemberEntity.entity_name",
            derive=_name_of("u"),
        ),
        Field(
            name="group",
            doc="Name of the user group of LDAP, OIDC or HTTP authentication.",
            key=True,
            schema="ProjectMemberEntity.entity_type",
            derive=_name_of("g"),
        ),
        Field(
            name="role",
            doc="Role in the project. Needed to create.",
            choices=tuple(ROLES),
            on_create=True,
            api="role_id",
            schema="ProjectMemberEntity.role_id",
            decode=ROLE_NAMES.get,
            encode=ROLES.__getitem__,
        ),
    ),
)
