# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whom Harbor tells about what happens in a project. Private to this collection."""

from __future__ import annotations

import typing as t
from urllib.parse import urlsplit

from ansible_collections.dockmaster.harbor.plugins.module_utils import _codec as codec
from ansible_collections.dockmaster.harbor.plugins.module_utils._http import segment
from ansible_collections.dockmaster.harbor.plugins.module_utils._resource import (
    PROJECT,
    Change,
    Desired,
    Field,
    Live,
    Raw,
    Reference,
    Resource,
    Values,
    Wave,
    World,
    show_set,
)

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ansible_collections.dockmaster.harbor.plugins.module_utils._http import Api

EVENTS = (
    "DELETE_ARTIFACT",
    "PULL_ARTIFACT",
    "PUSH_ARTIFACT",
    "QUOTA_EXCEED",
    "QUOTA_WARNING",
    "REPLICATION",
    "SCANNING_COMPLETED",
    "SCANNING_FAILED",
    "SCANNING_STOPPED",
    "TAG_RETENTION",
)
HTTP = "http"
# Options that describe the target, by Harbor's names for them; auth_header is kept apart.
TARGET = ("type", "address", "skip_cert_verify", "payload_format")
POLICY = ("name", "description", "enabled", "event_types")


def path(project: str, policy: int | str | None = None) -> str:
    """Return the address of a project's policies, or of one."""
    base = f"/projects/{segment(project)}/webhook/policies"
    return base if policy is None else f"{base}/{segment(policy)}"


def listing(api: Api, world: World, project: str) -> Iterator[Raw]:
    """Yield the policies of a project. Without sort the pages may overlap."""
    return api.pages(path(project), sort="id")


def create(api: Api, world: World, change: Change) -> None:
    """Create. Harbor takes a policy that says nothing about it for a disabled one."""

    def find() -> int | None:
        return next((raw["id"] for raw in listing(api, world, change.project) if raw["name"] == change.key[1]), None)

    api.create(path(change.project), {**WEBHOOK_POLICY.encode(change.after, POLICY), "targets": [_target(change, {})]}, find)


def update(api: Api, world: World, change: Change) -> None:
    """PUT replaces everything, so what is not declared goes along as it is: also the time of creation, which would be lost."""
    raw = {name: value for name, value in change.live.raw.items() if name != PROJECT} if change.live else {}
    changed = WEBHOOK_POLICY.encode(change.after, [name for name in POLICY if name in change.fields])
    api.put(path(change.project, change.id), {**raw, **changed, "targets": [_target(change, raw["targets"][0])]})


def _target(change: Change, raw: Raw) -> Raw:
    given = {name: change.after[name] for name in TARGET if name in change.fields or (not raw and change.after.get(name) is not None)}
    target = {**raw, **given, **change.secrets}
    if target["type"] != HTTP:  # Harbor refuses a format there, and none is an http target's default
        target.pop("payload_format", None)
    return target


def delete(api: Api, world: World, change: Change) -> None:
    """Delete the policy and what is known of its deliveries."""
    api.delete(path(change.project, change.id))


def references(world: World, values: Values) -> Iterable[Reference]:
    """A policy needs its project."""
    yield Reference(field="project", kind="projects", key=(values["project"],))


def check(world: World, desired: Desired, live: Live | None) -> Iterable[str]:
    """Yield that a policy with other targets beside the first is none of ours: a change would drop them."""
    targets = live.raw.get("targets") or () if live else ()
    if desired.absent or live is None or len(targets) == 1:
        return
    secret = WEBHOOK_POLICY.field("auth_header").read(world, live.raw)
    if (
        any(value != live.values.get(name) for name, value in desired.values.items())
        or desired.secrets.get("auth_header", secret) != secret
    ):
        yield (
            f"address: Harbor holds {len(targets)} targets in this policy, which this collection does not change; allowed: one target."
            " Make a policy for each, and declare this one absent"
        )


def unexported(world: World, live: Live) -> bool:
    """Harbor creates policies without a name, which nobody can declare."""
    return not live.key[1].strip()


def _of_target(name: str, absent: t.Any) -> Callable[[World, Raw], t.Any]:
    """Return a reader; of several targets none is the one, so that whatever is declared differs."""

    def read(world: World, raw: Raw) -> t.Any:
        targets = raw.get("targets") or []
        return targets[0].get(name, absent) if len(targets) == 1 else None

    return read


def _events(value: t.Any) -> frozenset[str]:
    events = codec.unique(value)
    if not events or not events <= set(EVENTS):
        raise ValueError(f"one or more of {', '.join(EVENTS)}")
    return events


def _address(value: t.Any) -> str:
    words = str(value)
    parts = urlsplit(words)
    if parts.scheme not in ("http", "https") or not parts.hostname or any(character.isspace() for character in words):
        raise ValueError("an http or https address such as https://ci.example.com/harbor")
    if "@" in parts.netloc:
        raise ValueError("an address without user name and password, which would be shown to everybody; use auth_header")
    return words


WEBHOOK_POLICY = Resource(
    name="webhook_policy",
    plural="webhook_policies",
    title="Webhooks of projects",
    wave=Wave.CONTENTS,
    paths=("/projects/{project_name_or_id}/webhook/policies", "/projects/{project_name_or_id}/webhook/policies/{webhook_policy_id}"),
    permission="notification-policy",
    scoped=True,
    list=listing,
    create=create,
    update=update,
    delete=delete,
    references=references,
    check=check,
    unexported=unexported,
    fields=(
        Field(name="project", doc="Name of the project.", key=True, required=True, api=PROJECT),
        Field(
            name="name",
            doc="Name of the webhook in the project, at most 256 characters.",
            key=True,
            required=True,
            api="name",
            schema="WebhookPolicy.name",
            clean=codec.limit(256),
        ),
        Field(name="description", doc="What the webhook is for.", api="description", schema="WebhookPolicy.description", absent=""),
        Field(
            name="enabled",
            doc="Whether anything is sent. A new webhook is enabled unless this says otherwise.",
            type="bool",
            api="enabled",
            schema="WebhookPolicy.enabled",
            absent=False,
            initial=True,
        ),
        Field(
            name="event_types",
            doc=(
                "What is told, in any order. Needed to create. Replaces the list.",
                f"Known are {', '.join(f'V({event})' for event in EVENTS)}.",
            ),
            type="list",
            elements="str",
            on_create=True,
            api="event_types",
            schema="WebhookPolicy.event_types",
            absent=frozenset(),
            clean=_events,
            decode=frozenset,
            encode=sorted,
            show=show_set,
        ),
        Field(
            name="type",
            doc="How it is told: V(http) sends JSON, V(slack) writes to a channel. A new webhook without it is V(http).",
            choices=(HTTP, "slack"),
            initial=HTTP,
            schema="WebhookTargetObject.type",
            derive=_of_target("type", HTTP),
        ),
        Field(
            name="address",
            doc="Address to send to. Needed to create. Whoever may read the webhooks of the project sees it.",
            on_create=True,
            schema="WebhookTargetObject.address",
            clean=_address,
            derive=_of_target("address", ""),
        ),
        Field(
            name="auth_header",
            doc=(
                "Value of the Authorization header, such as C(Bearer) and a token. An empty text removes it.",
                "Harbor gives it back, so a difference is seen at every run; it is never shown.",
            ),
            secret=True,
            readable=True,
            clean=codec.filled_in,
            schema="WebhookTargetObject.auth_header",
            derive=_of_target("auth_header", ""),
        ),
        Field(
            name="skip_cert_verify",
            doc="Whether the certificate of O(address) is not checked. A new webhook without it checks.",
            type="bool",
            schema="WebhookTargetObject.skip_cert_verify",
            derive=_of_target("skip_cert_verify", False),
        ),
        Field(
            name="payload_format",
            doc="Form of the JSON. A new webhook without it gets V(Default).",
            choices=("Default", "CloudEvents"),
            schema="WebhookTargetObject.payload_format",
            derive=_of_target("payload_format", None),
            applies=lambda values: values.get("type") in (None, HTTP),
            applies_to="the type http",
        ),
    ),
)
