# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Endpoints of other registries, for proxy cache and replication. Private to this collection."""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.harbor.plugins.module_utils import _codec as codec
from ansible_collections.dockmaster.harbor.plugins.module_utils._http import q, q_takes, segment
from ansible_collections.dockmaster.harbor.plugins.module_utils._resource import (
    Change,
    Desired,
    Field,
    Key,
    Live,
    Raw,
    Resource,
    Values,
    Wave,
    World,
)

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ansible_collections.dockmaster.harbor.plugins.module_utils._http import Api

TYPES = (
    "ali-acr",
    "aws-ecr",
    "azure-acr",
    "docker-hub",
    "docker-registry",
    "dtr",
    "github-ghcr",
    "gitlab",
    "google-gcr",
    "harbor",
    "huawei-SWR",
    "jfrog-artifactory",
    "quay",
    "tencent-tcr",
    "volcengine-cr",
)
PING = "/registries/ping"
# What decides whether Harbor reaches a registry, beside the secret.
ASKED = ("type", "url", "insecure", "ca_certificate", "access_key")
# The fields of a replication policy that name a registry.
ENDS = ("src_registry", "dest_registry")


def listing(api: Api, world: World, project: str) -> Iterator[Raw]:
    """Yield all registries. Without sort the pages may overlap."""
    return api.pages("/registries", sort="id")


def look(api: Api, world: World, key: Key) -> Raw | None:
    """Find one registry by its exact name."""
    found = api.pages("/registries", q=q(name=key[0])) if q_takes(key[0]) else listing(api, world, "")
    return next((raw for raw in found if raw.get("name") == key[0]), None)


def create(api: Api, world: World, change: Change) -> None:
    """Create. Harbor contacts the registry and refuses one that does not answer."""
    body = REGISTRY.encode(change.after, [name for name in change.declared if name != "access_key"])
    if change.after.get("access_key"):
        body["credential"] = {"type": "basic", "access_key": change.after["access_key"], **change.secrets}

    def find() -> int | None:
        raw = look(api, world, change.key)
        return raw["id"] if raw else None

    world.made["registries", change.key] = api.create("/registries", body, find)


def update(api: Api, world: World, change: Change) -> None:
    """PUT merges and takes the credential flat. A new key comes with its secret: the old secret belongs to the old key."""
    body = {name: change.after[name] for name in change.fields if name in change.after}
    if {"access_key", "access_secret"} & set(change.fields):
        body |= change.secrets
    api.put(f"/registries/{segment(change.id)}", body)


def delete(api: Api, world: World, change: Change) -> None:
    """Delete; Harbor refuses while a proxy-cache project or a replication policy uses the registry."""
    api.delete(f"/registries/{segment(change.id)}")


def before_plan(api: Api, world: World) -> None:
    """Let Harbor reach the registries that shall be verified, with what this run makes of them."""
    for key, desired in world.declared["registries"].items():
        if desired.local.get("verify") and not desired.absent:
            live = world.find("registries", *key)
            world.extra.setdefault("unreached", {})[key] = api.ask(PING, _question(world, desired, live))


def _question(world: World, desired: Desired, live: Live | None) -> Raw:
    """Build the body of a ping. The declared secret is part of it when this run sends it for certain."""
    body = {name: desired.values[name] for name in ASKED if name in desired.values}
    if live is None:
        return {**body, **desired.secrets}
    new_key = body.get("access_key", live.values["access_key"]) != live.values["access_key"]
    sent = new_key or world.update_secret == "always"
    return {"id": live.id, **body, **(desired.secrets if sent else {})}


def check(world: World, desired: Desired, live: Live | None) -> Iterable[str]:
    """Yield what Harbor would drop silently or refuse."""
    if desired.absent:
        yield from _check_users(world, desired)
        return
    key = desired.values.get("access_key", live.values["access_key"] if live else "")
    if desired.secrets.get("access_secret") and not key:
        yield "access_secret: needs an access_key, Harbor drops a secret without one"
    refusal = world.extra.get("unreached", {}).get(desired.key)
    if refusal and ("registries", desired.key) not in world.drifted:  # a secret that drifted is put right, and that one was tried
        yield f"verify: Harbor does not reach the registry: {refusal}"


def _check_users(world: World, desired: Desired) -> Iterable[str]:
    name = desired.key[0]
    for project in sorted(key[0] for key, live in world.live.get("projects", {}).items() if live.values.get("registry") == name):
        if world.stays("projects", project):
            yield f"state: project {project} is a proxy cache of this registry; delete the project first"
    for key, live in sorted(world.live.get("replication_policies", {}).items()):
        declared = world.declared.get("replication_policies", {}).get(key)
        news = {side: declared.values[side] for side in ENDS if side in declared.values} if declared else {}
        ends = news or {side: live.values.get(side) for side in ENDS}
        if name in ends.values() and world.stays("replication_policies", *key):
            yield f"state: replication policy {key[0]} uses this registry; delete the policy first"


def drifted(api: Api, world: World, desired: Desired, live: Live) -> bool:
    """Say whether the stored secret fails while the declared one works, both with the address and key that are declared.

    Harbor accepts a new secret only when the registry answers to it, so a declared secret that fails is of no use.
    """
    stored = {"id": live.id, **{name: desired.values[name] for name in ASKED if name in desired.values}}
    if not api.ask(PING, stored):
        return False
    refusal = api.ask(PING, {"access_key": live.values["access_key"], **stored, **desired.secrets})
    if refusal:
        world.warnings.append(f"registry {live.key[0]}: neither the stored nor the declared access_secret works: {refusal}")
        return False
    return bool(api.ask(PING, stored))  # still: it was no passing trouble of the registry


def facts(world: World, live: Live) -> Values:
    """Tell what Harbor last saw of the registry; it looks every five minutes."""
    return {"status": live.raw.get("status", "")}


def _pem(value: t.Any) -> str:
    words = str(value).strip()
    if words and "-----BEGIN CERTIFICATE-----" not in words:
        raise ValueError("PEM text with -----BEGIN CERTIFICATE-----")
    return words


REGISTRY = Resource(
    name="registry",
    plural="registries",
    title="Endpoints of other registries",
    wave=Wave.FOUNDATIONS,
    paths=("/registries", "/registries/{id}", PING),
    permission="registry",
    list=listing,
    look=look,
    create=create,
    update=update,
    delete=delete,
    before_plan=before_plan,
    check=check,
    drifted=drifted,
    facts=facts,
    fields=(
        Field(
            name="name",
            doc="Name of the endpoint, at most 64 characters.",
            key=True,
            required=True,
            api="name",
            schema="Registry.name",
            clean=codec.limit(64),
        ),
        Field(
            name="type",
            doc="Kind of the registry. Needed to create; cannot be changed later.",
            choices=TYPES,
            on_create=True,
            create_only=True,
            api="type",
            schema="Registry.type",
        ),
        Field(
            name="url",
            doc="Address of the registry. Needed to create. Harbor contacts it at every change.",
            on_create=True,
            api="url",
            schema="Registry.url",
            absent="",
            clean=codec.address,
        ),
        Field(
            name="description",
            doc="What the endpoint is for.",
            api="description",
            schema="Registry.description",
            absent="",
        ),
        Field(
            name="insecure",
            doc="Whether Harbor skips the check of the registry's certificate.",
            type="bool",
            api="insecure",
            schema="Registry.insecure",
            absent=False,
        ),
        Field(
            name="ca_certificate",
            doc="PEM text of the CA that signed the registry's certificate. An empty text removes it.",
            api="ca_certificate",
            schema="Registry.ca_certificate",
            since=(2, 15, 0),
            absent="",
            clean=_pem,
            decode=codec.text,
        ),
        Field(
            name="access_key",
            doc="User name or key identifier for the registry. An empty text removes the credential.",
            api="credential.access_key",
            schema="RegistryCredential.access_key",
            absent="",
        ),
        Field(
            name="access_secret",
            doc="Password or secret key that belongs to O(access_key). Harbor never gives it back.",
            secret=True,
            follows="access_key",
            clean=codec.filled_in,
            api="credential.access_secret",
            schema="RegistryCredential.access_secret",
        ),
        Field(
            name="verify",
            doc=(
                "Whether Harbor must reach the registry now: it is asked to, also in check mode and when nothing is to be changed.",
                "When it does not, the task fails and changes nothing.",
            ),
            type="bool",
            local=True,
        ),
    ),
)
