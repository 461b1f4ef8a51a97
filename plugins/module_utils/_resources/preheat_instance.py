# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Instances of peer-to-peer networks that images are preheated in. Private to this collection."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.dockmaster.harbor.plugins.module_utils import _codec as codec
from ansible_collections.dockmaster.harbor.plugins.module_utils._errors import ApiError
from ansible_collections.dockmaster.harbor.plugins.module_utils._http import segment
from ansible_collections.dockmaster.harbor.plugins.module_utils._resource import (
    Change,
    Desired,
    Field,
    Live,
    Raw,
    Resource,
    Wave,
    World,
)

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ansible_collections.dockmaster.harbor.plugins.module_utils._http import Api

PATH = "/p2p/preheat/instances"
NAME = re.compile(r"[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*")
NAME_RULE = "letters and digits, separated by single '.', '_' or '-'"
# What each way of authentication needs, beside the fields of all instances.
CREDENTIALS = {"none": (), "basic": ("username", "password"), "oauth": ("token",)}
POLICIES = "preheat_policies"


def name(value: t.Any) -> str:
    """Check Harbor's rule for names of instances and policies; it answers 500 to others."""
    words = str(value)
    if not NAME.fullmatch(words):
        raise ValueError(NAME_RULE)
    return codec.limit(255)(words)


def listing(api: Api, world: World, project: str) -> Iterator[Raw]:
    """Yield all instances. There are few, and addresses are compared with all of them."""
    return api.pages(PATH, sort="id")


def create(api: Api, world: World, change: Change) -> None:
    """Create, then make it the default: in the first call Harbor would leave another default beside it."""
    body = _body(change, {})
    default = body.pop("default", False)

    def find() -> int | None:
        return next((raw["id"] for raw in listing(api, world, "") if raw["name"] == change.key[0]), None)

    made = api.create(PATH, body, find)
    if change.key[0].isdigit():  # the address of the new object ends in its name, which looks like an id
        made = find() or made
    world.made["preheat_instances", change.key] = made
    if default:
        api.put(f"{PATH}/{segment(change.key[0])}", {**body, "id": made, "default": True})


def update(api: Api, world: World, change: Change) -> None:
    """PUT replaces everything and wants the id; what is not declared goes along as it is, credentials excepted: they stay."""
    raw = change.live.raw if change.live else {}
    body = _body(change, raw)
    if "default" not in change.fields and _another_default(world, change):
        body["default"] = False  # this one was it when we looked
    api.put(f"{PATH}/{segment(change.key[0])}", body)


def delete(api: Api, world: World, change: Change) -> None:
    """Delete; Harbor refuses while a policy uses the instance."""
    api.delete(f"{PATH}/{segment(change.key[0])}")


def _body(change: Change, raw: Raw) -> Raw:
    after = change.after
    body = {**raw, **PREHEAT_INSTANCE.encode(after, change.fields if raw else after)}
    if not raw or {"auth_mode", "password", "token"} & set(change.fields):
        given = {**change.local, **change.secrets}
        body["auth_info"] = {name: given[name] for name in CREDENTIALS.get(after["auth_mode"], ()) if name in given}
    return body


def _another_default(world: World, change: Change) -> bool:
    declared = world.declared.get("preheat_instances", {})
    return any(one.values.get("default") and key != change.key and not one.absent for key, one in declared.items())


def before_plan(api: Api, world: World) -> None:
    """Look who uses the instances that shall go or be switched off. Only the projects know, so all of them are asked."""
    doomed = {
        key[0] for key, desired in world.declared["preheat_instances"].items() if _ends(desired, world.find("preheat_instances", *key))
    }
    found: dict[str, str] = {}
    world.extra["preheat_users"] = found
    if not doomed:
        return
    try:
        for project in api.pages("/projects", with_detail="false"):
            for raw in api.pages(f"/projects/{segment(project['name'])}/preheat/policies"):
                if raw.get("provider_name") in doomed and _goes_on_using(world, project["name"], raw):
                    found.setdefault(raw["provider_name"], f"preheat policy {project['name']}/{raw['name']}")
    except ApiError as error:
        if error.status != 403:
            raise  # else Harbor itself refuses what the caller may not see


def _ends(desired: Desired, live: Live | None) -> bool:
    return live is not None and (desired.absent or (live.values["enabled"] and desired.values.get("enabled") is False))


def _goes_on_using(world: World, project: str, raw: Raw) -> bool:
    declared = world.declared.get(POLICIES, {}).get((project, raw["name"]))
    moved = declared is not None and declared.values.get("provider", raw["provider_name"]) != raw["provider_name"]
    return not moved and world.stays(POLICIES, project, raw["name"]) and world.stays("projects", project)


def check(world: World, desired: Desired, live: Live | None) -> Iterable[str]:
    """Yield what Harbor answers with 500, or takes without ever being able to use it."""
    user = world.extra.get("preheat_users", {}).get(desired.key[0])
    if user:
        yield f"{'state' if desired.absent else 'enabled'}: {user} uses this instance; Harbor lets it neither be deleted nor switched off"
    if desired.absent:
        return
    yield from _check_credentials(desired, live)
    if "endpoint" in desired.values and (live is None or desired.values["endpoint"] != live.values["endpoint"]):
        for other in _others_at(world, desired):
            yield f"endpoint: {desired.values['endpoint']!r} is the address of preheat instance {other} too; allowed: one of its own"
    if desired.values.get("default"):
        rivals = sorted(key[0] for key, one in world.declared["preheat_instances"].items() if one.values.get("default") and not one.absent)
        if len(rivals) > 1:
            yield f"default: {', '.join(rivals)} are all declared to be it; allowed: one"


def _check_credentials(desired: Desired, live: Live | None) -> Iterable[str]:
    mode: str = {"auth_mode": "none", **(live.values if live else {}), **desired.values}["auth_mode"]
    given = {**desired.local, **desired.secrets}
    needed = CREDENTIALS.get(mode, ())
    fresh = live is None or mode != live.values["auth_mode"] or set(desired.secrets) & set(needed)
    for one in sorted({"username", "password", "token"} & set(given) - set(needed)):
        yield f"{one}: not with auth_mode {mode}, which needs {' and '.join(needed) or 'no credentials'}"
    for one in needed:
        if fresh and not given.get(one):
            yield f"{one}: must be given with auth_mode {mode}: Harbor keeps {' and '.join(needed)} together"


def _others_at(world: World, desired: Desired) -> Iterable[str]:
    for key in sorted({**world.live.get("preheat_instances", {}), **world.declared["preheat_instances"]}):
        declared = world.declared["preheat_instances"].get(key)
        live = world.find("preheat_instances", *key)
        address = (declared.values if declared else {}).get("endpoint", live.values["endpoint"] if live else None)
        if key != desired.key and address == desired.values["endpoint"] and world.stays("preheat_instances", *key):
            yield key[0]


def _address(value: t.Any) -> str:
    try:
        return codec.address(value)
    except ValueError:
        return codec.text(value)


PREHEAT_INSTANCE = Resource(
    name="preheat_instance",
    plural="preheat_instances",
    title="Instances of peer-to-peer networks for preheating",
    wave=Wave.FOUNDATIONS,
    paths=(PATH, f"{PATH}/{{preheat_instance_name}}", "/projects", "/projects/{project_name}/preheat/policies"),
    permission="preheat-instance",
    lane="preheat_instances",
    list=listing,
    create=create,
    update=update,
    delete=delete,
    before_plan=before_plan,
    check=check,
    fields=(
        Field(
            name="name",
            doc="Name of the instance: letters and digits, separated by single C(.), C(_) or C(-).",
            key=True,
            required=True,
            api="name",
            schema="Instance.name",
            clean=name,
        ),
        Field(
            name="vendor",
            doc="Software of the network. Needed to create; cannot be changed later.",
            choices=("dragonfly", "kraken"),
            on_create=True,
            create_only=True,
            api="vendor",
            schema="Instance.vendor",
        ),
        Field(
            name="endpoint",
            doc="Address of the network's manager. Needed to create; no two instances have the same.",
            on_create=True,
            api="endpoint",
            schema="Instance.endpoint",
            absent="",
            clean=codec.address,
            decode=_address,
        ),
        Field(
            name="description",
            doc="What the instance is for.",
            api="description",
            schema="Instance.description",
            absent="",
        ),
        Field(
            name="auth_mode",
            doc=(
                "How Harbor logs in: V(basic) needs O(username) and O(password), V(oauth) needs O(token).",
                "A new instance without it is V(none).",
            ),
            choices=tuple(CREDENTIALS),
            api="auth_mode",
            schema="Instance.auth_mode",
            absent="none",
            initial="none",
            decode=lambda value: str(value).lower(),
            encode=lambda value: value.upper(),
        ),
        Field(
            name="username",
            doc="User name that belongs to O(password). Harbor tells neither of them, so it is sent together with the password only.",
            schema="Instance.auth_info",
            local=True,
        ),
        Field(
            name="password",
            doc=(
                "Password for O(auth_mode=basic). Harbor never gives it back, and cannot tell whether the one that it has works.",
                "So O(update_secret=on_drift) does not send it; V(always) does.",
            ),
            secret=True,
            follows="auth_mode",
            schema="Instance.auth_info",
            clean=codec.filled_in,
        ),
        Field(
            name="token",
            doc="Token for O(auth_mode=oauth). Sent when O(password) would be.",
            secret=True,
            follows="auth_mode",
            schema="Instance.auth_info",
            clean=codec.filled_in,
        ),
        Field(
            name="enabled",
            doc="Whether the instance may be used. A new one without it is enabled. One that a policy uses cannot be switched off.",
            type="bool",
            api="enabled",
            schema="Instance.enabled",
            absent=False,
            initial=True,
        ),
        Field(
            name="default",
            doc="Whether the instance is the one that new policies are offered first. Takes that from any other one.",
            type="bool",
            api="default",
            schema="Instance.default",
            absent=False,
        ),
        Field(
            name="insecure",
            doc="Whether Harbor skips the check of the instance's certificate.",
            type="bool",
            api="insecure",
            schema="Instance.insecure",
            absent=False,
        ),
    ),
)
