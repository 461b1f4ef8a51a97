# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Policies that copy artifacts to or from another registry. Private to this collection."""

from __future__ import annotations

import re
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
    Reference,
    Resource,
    Values,
    Wave,
    World,
)
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources import _triggers as triggers

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ansible_collections.dockmaster.harbor.plugins.module_utils._http import Api

SIDES = ("src_registry", "dest_registry")
FILTERS = ("name", "tag", "label", "resource")
DECORATIONS = ("matches", "excludes")
RESOURCES = ("image", "artifact")
DECORATED = ("tag", "label")
# Parts of Harbor's answer that are no part of what a PUT takes; replicate_deletion is a second name of deletion.
ANSWER_ONLY = ("id", "creation_time", "update_time", "replicate_deletion", *SIDES)
COMPONENT = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
NAMESPACE = re.compile(rf"{COMPONENT}(?:/{COMPONENT})*")
PATH = "/replication/policies"


class Filter(t.NamedTuple):
    """What is copied. values has one entry, but for labels; decoration is empty where the type has none."""

    type: str
    values: tuple[str, ...]
    decoration: str


# -- filters


def clean_filters(entries: Iterable[Values]) -> frozenset[Filter]:
    """Turn the user's list into a set. Raises ValueError."""
    found = [_clean_filter(entry) for entry in entries]
    if len(set(found)) < len(found):
        raise ValueError("each filter once")
    return frozenset(found)


def _clean_filter(entry: Values) -> Filter:
    kind, decoration = entry["type"], entry.get("decoration") or ""
    if decoration and kind not in DECORATED:
        raise ValueError(f"only filters of type tag and label have a decoration, not {kind}")
    needed, other = ("labels", "value") if kind == "label" else ("value", "labels")
    if not entry.get(needed) or entry.get(other):
        raise ValueError(f"a filter of type {kind} has {needed}, which must not be empty, and no {other}")
    if kind in DECORATED:
        decoration = decoration or DECORATIONS[0]
    if kind == "label":
        return Filter(kind, tuple(sorted(codec.unique(entry["labels"]))), decoration)
    if kind == "resource" and entry["value"] not in RESOURCES:
        raise ValueError(f"a filter of type resource has the value {' or '.join(RESOURCES)}")
    return Filter(kind, (str(entry["value"]) if kind == "resource" else codec.pattern(entry["value"]),), decoration)


def decode_filters(entries: t.Any) -> frozenset[Filter]:
    """Turn Harbor's answer into a set. A filter without a value filters nothing."""
    found = set()
    for entry in entries or ():
        value = entry.get("value")
        values = tuple(sorted(value)) if isinstance(value, list) else (str(value),) if value else ()
        decoration = entry.get("decoration") or (DECORATIONS[0] if entry["type"] in DECORATED else "")
        if values:
            found.add(Filter(entry["type"], values, decoration))
    return frozenset(found)


def encode_filters(filters: Iterable[Filter]) -> list[Raw]:
    """Build the body for Harbor."""
    return [
        {"type": one.type, "value": list(one.values) if one.type == "label" else one.values[0], **_decoration(one)}
        for one in _ordered(filters)
    ]


def show_filters(filters: Iterable[Filter]) -> list[Values]:
    """Turn the set into the user's form, sorted."""
    return [
        {"type": one.type, **({"labels": list(one.values)} if one.type == "label" else {"value": one.values[0]}), **_decoration(one)}
        for one in _ordered(filters)
    ]


def _ordered(filters: Iterable[Filter]) -> list[Filter]:
    return sorted(filters, key=lambda one: (FILTERS.index(one.type), one))


def _decoration(one: Filter) -> dict[str, str]:
    return {"decoration": one.decoration} if one.decoration else {}


# -- calls


def listing(api: Api, world: World, project: str) -> Iterator[Raw]:
    """Yield all policies."""
    return api.pages(PATH, sort="id")


def look(api: Api, world: World, key: Key) -> Raw | None:
    """Find one policy by its exact name."""
    found = api.pages(PATH, q=q(name=key[0])) if q_takes(key[0]) else listing(api, world, "")
    return next((raw for raw in found if raw.get("name") == key[0]), None)


def create(api: Api, world: World, change: Change) -> None:
    """Create."""

    def find() -> int | None:
        raw = look(api, world, change.key)
        return raw["id"] if raw else None

    api.create(PATH, _body(world, change, {}), find)


def update(api: Api, world: World, change: Change) -> None:
    """PUT replaces everything, so what is not declared goes along as it is."""
    raw = change.live.raw if change.live else {}
    api.put(f"{PATH}/{segment(change.id)}", _body(world, change, raw))


def delete(api: Api, world: World, change: Change) -> None:
    """Delete, together with the history of its runs."""
    api.delete(f"{PATH}/{segment(change.id)}")


def _body(world: World, change: Change, raw: Raw) -> Raw:
    body = {name: value for name, value in raw.items() if name not in ANSWER_ONLY and value is not None}
    after = change.after
    names = change.fields if raw else after
    body |= REPLICATION_POLICY.encode(after, [name for name in names if REPLICATION_POLICY.field(name).api])
    if "filters" in names:
        body["filters"] = encode_filters(after["filters"])
    if {"trigger", "cron"} & set(names):
        settings = {"trigger_settings": {"cron": after["cron"]}} if triggers.is_scheduled(after) else {}
        body["trigger"] = {"type": after["trigger"], **settings}
    return body | _side(world, change, raw)


def _side(world: World, change: Change, raw: Raw) -> Raw:
    """Return the registry at the far end; the near one is Harbor itself and stays out."""
    for side in SIDES:
        if side in change.declared:
            return {side: {"id": world.id_of("registries", change.after[side])}}
    return {side: {"id": raw[side]["id"]} for side in SIDES if raw[side]["id"]}


def _registry(side: str) -> t.Callable[[World, Raw], str | None]:
    def read(world: World, raw: Raw) -> str | None:
        registry = raw.get(side) or {}
        return registry.get("name") if registry.get("id") else None

    return read


def _trigger(raw: Raw) -> tuple[str, str]:
    trigger = raw.get("trigger") or {}
    return trigger.get("type") or triggers.MANUAL, (trigger.get("trigger_settings") or {}).get("cron", "")


# -- checks


def references(world: World, values: Values) -> Iterable[Reference]:
    """A policy needs the registry at its far end."""
    for side in SIDES:
        if values.get(side):
            yield Reference(field=side, kind="registries", key=(values[side],))


def check(world: World, desired: Desired, live: Live | None) -> Iterable[str]:
    """Yield what Harbor answers with 500 or accepts without ever doing it."""
    if desired.absent:
        return
    if live is None and not any(desired.values.get(side) for side in SIDES):
        yield f"{' and '.join(SIDES)}: exactly one of them must be given to create the replication policy"
    yield from triggers.problems(desired, live)
    before = live.values if live else {}
    cron = desired.values.get("cron", "")
    if cron != before.get("cron") and cron.startswith("0 * "):
        yield f"cron: {cron!r} would run every minute, which Harbor refuses for replication; allowed: a minutes field other than '*'"
    merged = {**before, **desired.values}
    if merged.get("trigger") == triggers.EVENT_BASED:
        yield from _check_event_based(desired, before, merged)


def _check_event_based(desired: Desired, before: Values, merged: Values) -> Iterable[str]:
    if merged.get("single_active_replication"):
        yield f"single_active_replication: not together with the trigger {triggers.EVENT_BASED}"
    pulls = "src_registry" in desired.values or (merged.get("src_registry") and "dest_registry" not in desired.values)
    news = any(desired.values.get(name, before.get(name)) != before.get(name) for name in ("trigger", "src_registry"))
    if pulls and news:  # one that is there may stay: it does no harm
        yield f"trigger: {triggers.EVENT_BASED} is for policies that push (dest_registry): Harbor hears of no events of another registry"


def _namespace(value: t.Any) -> str:
    words = str(value)
    if words and not NAMESPACE.fullmatch(words):
        raise ValueError("lower-case letters and digits, separated by '.', '_', '__', '-' or '/', such as mirror/library")
    return words


def _flag(name: str, doc: str | tuple[str, ...], **more: t.Any) -> Field:
    return Field(name=name, doc=doc, type="bool", api=name, schema=f"ReplicationPolicy.{name}", absent=False, **more)


FILTER_OPTIONS = (
    Field(
        name="type",
        doc="What is compared: the repository's name with its project, the tag, the artifact's labels or its kind.",
        choices=FILTERS,
        required=True,
        schema="ReplicationFilter.type",
    ),
    Field(
        name="value",
        doc=(
            "Pattern for V(name) and V(tag), with C(*), C(**) across slashes, C(?) and alternatives in braces.",
            "For V(resource) it is V(image) or V(artifact).",
        ),
        schema="ReplicationFilter.value",
    ),
    Field(
        name="labels",
        doc="Names of labels for V(label), in any order. An artifact must have them all.",
        type="list",
        elements="str",
        schema="ReplicationFilter.value",
    ),
    Field(
        name="decoration",
        doc="Whether what matches is copied or left out; for V(tag) and V(label). The default is V(matches).",
        choices=DECORATIONS,
        schema="ReplicationFilter.decoration",
    ),
)

REPLICATION_POLICY = Resource(
    name="replication_policy",
    plural="replication_policies",
    title="Replication policies",
    wave=Wave.SCHEDULES,
    paths=(PATH, f"{PATH}/{{id}}"),
    permission="replication-policy",
    list=listing,
    look=look,
    create=create,
    update=update,
    delete=delete,
    exclusive=(SIDES,),
    references=references,
    check=check,
    fields=(
        Field(
            name="name",
            doc="Name of the policy, at most 256 characters.",
            key=True,
            required=True,
            api="name",
            schema="ReplicationPolicy.name",
            clean=codec.limit(256),
        ),
        Field(
            name="description",
            doc="What the policy is for.",
            api="description",
            schema="ReplicationPolicy.description",
            absent="",
        ),
        Field(
            name="src_registry",
            doc=(
                "Name of the registry to pull from. This or O(dest_registry) is needed to create.",
                "Naming the other one later turns the policy round.",
            ),
            refers_to="registries",
            schema="ReplicationPolicy.src_registry",
            clean=codec.limit(64),
            derive=_registry("src_registry"),
        ),
        Field(
            name="dest_registry",
            doc="Name of the registry to push to.",
            refers_to="registries",
            schema="ReplicationPolicy.dest_registry",
            clean=codec.limit(64),
            derive=_registry("dest_registry"),
        ),
        Field(
            name="dest_namespace",
            doc="Project or path that the repositories get at the destination. An empty text keeps theirs.",
            api="dest_namespace",
            schema="ReplicationPolicy.dest_namespace",
            absent="",
            clean=_namespace,
        ),
        Field(
            name="dest_namespace_replace_count",
            doc="How many leading parts of a repository's path O(dest_namespace) replaces; V(-1) for all but the last one.",
            type="int",
            api="dest_namespace_replace_count",
            schema="ReplicationPolicy.dest_namespace_replace_count",
            absent=-1,
            clean=codec.number(0, 127, also=-1),
        ),
        Field(
            name="filters",
            doc="What is copied, in any order: an artifact must pass them all. Replaces the list; an empty list copies everything.",
            type="list",
            elements="dict",
            schema="ReplicationPolicy.filters",
            absent=frozenset(),
            clean=clean_filters,
            show=show_filters,
            derive=lambda world, raw: decode_filters(raw.get("filters")),
            options=FILTER_OPTIONS,
        ),
        *triggers.fields(
            ("When the policy runs. V(event_based) copies what is pushed as it is pushed, and is for policies that push.",),
            "ReplicationPolicy.trigger",
            _trigger,
        ),
        _flag("enabled", "Whether the policy runs at all. A new policy without it is enabled.", initial=True),
        _flag("override", "Whether a different image under the same tag is overwritten. A new policy without it does so.", initial=True),
        _flag("deletion", "Whether what is deleted at the source is deleted at the destination. Matters with O(trigger=event_based)."),
        Field(
            name="speed",
            doc="Bandwidth limit of each copy in KB/s; V(0) for none.",
            type="int",
            api="speed",
            schema="ReplicationPolicy.speed",
            absent=0,
            clean=codec.number(0, 2**31 - 1),
        ),
        _flag("copy_by_chunk", "Whether layers are copied piece by piece, which only other Harbors take."),
        _flag(
            "single_active_replication",
            "Whether a run is skipped while the one before is not over. Not with O(trigger=event_based).",
            since=(2, 14, 0),
        ),
    ),
)
