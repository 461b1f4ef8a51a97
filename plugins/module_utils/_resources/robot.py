# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Robot accounts of the system and of projects. Private to this collection."""

from __future__ import annotations

import difflib
import re
import typing as t

from ansible_collections.dockmaster.harbor.plugins.module_utils import _codec as codec
from ansible_collections.dockmaster.harbor.plugins.module_utils._errors import ApiError, Error
from ansible_collections.dockmaster.harbor.plugins.module_utils._http import q, segment
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
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources import _configurations as configurations
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources import _permissions as permissions

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ansible_collections.dockmaster.harbor.plugins.module_utils._http import Api

NEVER = -1
LONGEST = 2**31 - 2
# Description of a robot between its creation and its secret.
UNFINISHED = "dockmaster.harbor: being created, the secret is not set yet"
DAY = 24 * 3600
DEFAULT_PREFIX = "robot$"
# Where listing() writes the prefix of the names of system robots.
PREFIX = "_prefix"
# Harbor makes a robot for each scan job, named after the scanner and a UUID; they come and go by themselves.
SCANNER_ROBOT = re.compile(r".*-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def listing(api: Api, world: World, project: str) -> Iterator[Raw]:
    """Yield the robots of a project, or those of the system. Harbor's keys are case-sensitive here."""
    if project:
        return api.pages("/robots", q=q(Level="project", ProjectID=world.id_of("projects", project)))
    return _system(api, world)


def _system(api: Api, world: World) -> Iterator[Raw]:
    for raw in api.pages("/robots"):
        if raw.get("level") == "system":
            yield {**raw, PREFIX: prefix(api, world, raw["name"])}


def prefix(api: Api, world: World, full_name: str) -> str:
    """Return what Harbor shows before the stored names; only administrators may read the setting."""
    if "robot_prefix" not in world.extra:
        try:
            settings = configurations.read(api, world)
        except ApiError as error:
            if error.status != 403:
                raise
            settings = {"robot_name_prefix": {"value": DEFAULT_PREFIX}}
        world.extra["robot_prefix"] = settings.get("robot_name_prefix", {}).get("value", DEFAULT_PREFIX)
    found: str = world.extra["robot_prefix"]
    if not full_name.startswith(found):
        raise Error(f"robot {full_name}: its name does not begin with {found!r}, and only an administrator may read the robot name prefix")
    return found


def look(api: Api, world: World, key: Key) -> Raw | None:
    """Find one robot by project and name."""
    project, name = key
    return next((raw for raw in listing(api, world, project) if short_name(world, raw) == name), None)


def short_name(world: World, raw: Raw) -> str:
    """Return the name without prefix and project."""
    full: str = raw["name"]
    return full.removeprefix(raw[PREFIX]) if PREFIX in raw else full.rsplit("+", 1)[-1]


def create(api: Api, world: World, change: Change) -> None:
    """Create, set the declared secret, then description and disabled state, of which Harbor takes neither in the first call.

    Harbor's own secret is dropped. A robot whose secret could not be set is of no use and would hide the failure from the next
    run, so it is deleted again; where that is not possible, because the run was killed, its description tells the next run.
    """
    body = {
        "name": change.key[1],
        "description": UNFINISHED,
        "level": "project" if change.project else "system",
        "duration": change.after["duration"],
        "permissions": permissions.encode(change.after["permissions"]),
    }

    def find() -> int | None:
        raw = look(api, world, change.key)
        return raw["id"] if raw else None

    number, answer = api.create_and_read("/robots", body, find)
    path = f"/robots/{segment(number)}"
    try:
        api.patch(path, {"secret": change.secrets["secret"]})
    except Error as error:
        try:
            api.delete(path)
        except Error:
            raise Error(f"{error}; the robot is there with a secret that nobody knows: run again") from None
        raise Error(f"{error}; the robot was deleted again") from None
    name = answer["name"] if answer else api.get(path)["name"]
    api.put(path, _full({"id": number, "name": name, "level": body["level"]}, change.after))


def update(api: Api, world: World, change: Change) -> None:
    """PUT replaces everything and wants the displayed name; the secret has a call of its own, before the mark of a killed run goes."""
    path = f"/robots/{segment(change.id)}"
    if "secret" in change.fields:
        api.patch(path, {"secret": change.secrets["secret"]})
    if change.live and (set(change.fields) - {"secret"} or unfinished(change.live)):
        body = _full(change.live.raw, change.after)
        if "permissions" not in change.fields:  # as they are: the values know nothing of refusals (effect deny)
            body["permissions"] = change.live.raw["permissions"]
        api.put(path, body)


def unfinished(live: Live) -> bool:
    """Say whether a run was killed before the robot got its secret."""
    return bool(live.raw.get("description") == UNFINISHED)


def _full(raw: Raw, values: Values) -> Raw:
    return {
        "id": raw["id"],
        "name": raw["name"],
        "level": raw["level"],
        "description": values.get("description", ""),
        "disable": bool(values.get("disable")),
        "duration": values["duration"],
        "permissions": permissions.encode(values["permissions"]),
    }


def delete(api: Api, world: World, change: Change) -> None:
    """Delete."""
    api.delete(f"/robots/{segment(change.id)}")


def prepare(values: Values) -> Values:
    """Complete the permissions: a robot of a project has them in that project, system permissions are those of /."""
    entries = values.get("permissions")
    if not entries:
        return values
    project = values.get("project")
    filled = []
    for entry in entries:
        usual = "/" if entry.get("kind") == "system" else project
        filled.append({**entry, "kind": entry.get("kind") or "project", "namespace": entry.get("namespace") or usual})
    return {**values, "permissions": filled}


def references(world: World, values: Values) -> Iterable[Reference]:
    """A robot needs its project and those that it has permissions in."""
    if values.get("project"):
        yield Reference(field="project", kind="projects", key=(values["project"],))
    names = {p.namespace for p in values.get("permissions") or () if p.kind == "project" and p.namespace != "*"}
    for name in sorted(names - {values.get("project")}):
        yield Reference(field="permissions", kind="projects", key=(name,))


def before_plan(api: Api, world: World) -> None:
    """Read the permissions that this Harbor knows; only administrators may."""
    try:
        world.extra["permissions"] = permissions.catalogue(api.get("/permissions"))
    except ApiError as error:
        if error.status != 403:
            raise
        world.extra["permissions"] = permissions.catalogue(None)


def check(world: World, desired: Desired, live: Live | None) -> Iterable[str]:
    """Yield what Harbor would refuse, permission by permission."""
    if desired.absent:
        if live and _is_caller(world, live):
            yield "state: the account in use cannot delete itself"
        return
    if world.caller.robot and (live is None or _differs(desired, live)):
        yield "secret: Harbor lets no robot account set secrets of robots or change them; use the credentials of a user"
    wanted = desired.values.get("permissions")
    if wanted is not None and not wanted:
        yield "permissions: must hold at least one permission"
    if live and not _differs(desired, live):
        return
    if live and wanted is None and not live.raw.get("permissions"):
        yield "permissions: the robot has none left (its projects are gone), Harbor changes it only together with new ones"
    for entry in sorted(live.values["permissions"] if live and wanted is None else wanted or ()):
        yield from _check_permission(world, desired.key[0], entry)


def _differs(desired: Desired, live: Live) -> bool:
    return any(value != live.values[name] for name, value in desired.values.items())


def _check_permission(world: World, project: str, entry: permissions.Permission) -> Iterable[str]:
    if project and (entry.kind, entry.namespace) != ("project", project):
        yield f"permissions: {entry.kind} {entry.namespace}: a robot of project {project} has permissions in that project only"
        return
    if entry.kind == "system" and entry.namespace != "/":
        yield f"permissions: namespace {entry.namespace!r} of kind system; allowed: /"
    known = world.extra.get("permissions", permissions.catalogue(None))[entry.kind]
    if entry.access not in known:
        actions = sorted(name for name in known if name.split(":")[0] == entry.access.split(":", maxsplit=1)[0])
        near = actions or difflib.get_close_matches(entry.access, known, n=3) or sorted(known)
        yield f"permissions: this Harbor knows no {entry.kind} permission {entry.access!r}; allowed: {', '.join(near)}"


def kept(world: World, live: Live) -> str:
    """The robot in use, and those that Harbor makes for scans, are never pruned."""
    if SCANNER_ROBOT.fullmatch(live.key[1]):
        return "made by Harbor for a scan"
    return "account in use" if _is_caller(world, live) else ""


def _is_caller(world: World, live: Live) -> bool:
    return world.caller.robot and live.raw.get("name") == world.caller.name


def lives_in(world: World, project: str) -> bool:
    """Say whether the account in use is a robot of this project. Where the prefix is not the usual one, in doubt it is."""
    owner, plus, _name = world.caller.name.rpartition("+")
    if not world.caller.robot or not plus:
        return False
    return owner.removeprefix(DEFAULT_PREFIX) == project if owner.startswith(DEFAULT_PREFIX) else owner.endswith(project)


def unexported(world: World, live: Live) -> bool:
    """Robots for scans are Harbor's own."""
    return bool(SCANNER_ROBOT.fullmatch(live.key[1]))


def expires_at(live: Live) -> int:
    """Return when a robot expires, in Unix seconds, or -1 for never."""
    return codec.from_moment(live.raw.get("expires_at", NEVER))


def facts(world: World, live: Live) -> Values:
    """Tell the name to log in with, and how long that will work."""
    end = expires_at(live)
    left = None if end == NEVER else int((end - world.extra["now"]) // DAY)
    expired = end != NEVER and end <= world.extra["now"]
    return {"full_name": live.raw["name"], "expires_at": codec.show_moment(end), "days_left": left, "expired": expired}


def selected(world: World, live: Live, options: Values) -> bool:
    """Choose the robots that expire soon or have expired."""
    days = options.get("expires_within_days")
    end = expires_at(live)
    return days is None or (end != NEVER and end - world.extra["now"] <= days * DAY)


def drifted(api: Api, world: World, desired: Desired, live: Live) -> bool:
    """Say whether the declared secret no longer logs in. A disabled or expired robot cannot be asked."""
    if live.values["disable"] or 0 < live.raw.get("expires_at", NEVER) < world.extra["now"]:
        return False
    return not api.accepts(live.raw["name"], desired.secrets["secret"])


ROBOT = Resource(
    name="robot",
    plural="robots",
    title="Robot accounts",
    wave=Wave.CONTENTS,
    permission="robot",
    paths=("/robots", "/robots/{robot_id}", "/permissions"),
    scoped=True,
    unscoped_too=True,
    list=listing,
    look=look,
    create=create,
    update=update,
    delete=delete,
    prepare=prepare,
    references=references,
    before_plan=before_plan,
    check=check,
    kept=kept,
    unexported=unexported,
    drifted=drifted,
    unfinished=unfinished,
    facts=facts,
    selected=selected,
    info_options=(
        Field(
            name="expires_within_days",
            doc="Return only robots that expire within this many days or have expired already; V(0) for the latter only.",
            type="int",
            clean=codec.number(0, LONGEST),
        ),
    ),
    fields=(
        Field(
            name="project",
            doc="Name of the project that the robot belongs to. Without it the robot is one of the system, which may reach many projects.",
            key=True,
            api=PROJECT,
        ),
        Field(
            name="name",
            doc="Name without prefix and project: lower-case letters and digits, separated by single C(.), C(_) or C(-).",
            key=True,
            required=True,
            schema="Robot.name",
            clean=codec.name,
            derive=short_name,
        ),
        Field(
            name="description",
            doc="What the robot is for.",
            api="description",
            schema="Robot.description",
            absent="",
            decode=lambda text: "" if text == UNFINISHED else text,
        ),
        Field(
            name="disable",
            doc="Whether the robot is barred from logging in.",
            type="bool",
            api="disable",
            schema="Robot.disable",
            absent=False,
        ),
        Field(
            name="duration",
            doc=(
                "Days from the creation until the robot expires, or V(-1) for never, which is what a new robot gets without it.",
                "Harbor counts from the creation also when the duration of an old robot is changed.",
            ),
            type="int",
            api="duration",
            schema="Robot.duration",
            absent=NEVER,
            initial=NEVER,
            clean=codec.number(1, LONGEST, also=NEVER),
        ),
        Field(
            name="permissions",
            doc="What the robot may do, in any order. Needed to create. Replaces all permissions.",
            type="list",
            elements="dict",
            on_create=True,
            schema="Robot.permissions",
            clean=permissions.clean,
            show=permissions.show,
            derive=lambda world, raw: permissions.decode(raw.get("permissions")),
            options=(
                Field(
                    name="kind",
                    doc="Whether the permissions are about a project or about the whole system.",
                    choices=("project", "system"),
                    default="project",
                    schema="RobotPermission.kind",
                ),
                Field(
                    name="namespace",
                    doc="Name of the project, or V(*) for all projects. Not needed for a robot of a project and for V(system).",
                    schema="RobotPermission.namespace",
                ),
                Field(
                    name="access",
                    doc="Permissions as C(resource:action), such as V(repository:pull).",
                    type="list",
                    elements="str",
                    required=True,
                    schema="RobotPermission.access",
                ),
            ),
        ),
        Field(
            name="secret",
            doc=(
                "Password of the robot: 8 to 128 characters with an upper-case letter, a lower-case letter and a digit. Needed to create.",
                "Harbor never gives it back; O(update_secret) says when it is sent to a robot that exists.",
            ),
            secret=True,
            on_create=True,
            api="secret",
            schema="RobotSec.secret",
            clean=codec.secret,
        ),
    ),
)
