# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Policies that preheat the images of a project in a peer-to-peer network. Private to this collection."""

from __future__ import annotations

import json
import re
import typing as t

from ansible_collections.dockmaster.harbor.plugins.module_utils import _codec as codec
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
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources import _triggers as triggers
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.preheat_instance import name

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ansible_collections.dockmaster.harbor.plugins.module_utils._http import Api

# Harbor adds signature and vulnerability by itself, from the settings of the project, and drops those that somebody wrote.
FILTERS = ("repository", "tag", "label")


class Filter(t.NamedTuple):
    """Which images are preheated. values has one entry, but for labels."""

    type: str
    values: tuple[str, ...]


# -- filters


def clean_filters(entries: Iterable[Values]) -> frozenset[Filter]:
    """Turn the user's list into a set. Raises ValueError."""
    found = [_clean_filter(entry) for entry in entries]
    twice = sorted(kind for kind in FILTERS if sum(one.type == kind for one in found) > 1)
    if twice:
        raise ValueError(f"one filter of each type, but {', '.join(twice)} is there several times")
    return frozenset(found)


def _clean_filter(entry: Values) -> Filter:
    kind = entry["type"]
    needed, other = ("labels", "value") if kind == "label" else ("value", "labels")
    if not entry.get(needed) or entry.get(other):
        raise ValueError(f"a filter of type {kind} has {needed}, which must not be empty, and no {other}")
    if kind != "label":
        return Filter(kind, (codec.pattern(entry["value"]),))
    labels = codec.unique(entry["labels"])
    if any("," in label for label in labels):
        raise ValueError("labels without commas: Harbor keeps them as one text that it splits there")
    return Filter(kind, tuple(sorted(labels)))


def decode_filters(text: t.Any) -> frozenset[Filter]:
    """Read the JSON text that Harbor keeps. A filter without a value filters nothing."""
    found = set()
    for entry in _parsed(text, []):
        kind, value = entry.get("type"), str(entry.get("value") or "")
        values = tuple(sorted(filter(None, map(str.strip, value.split(","))))) if kind == "label" else (value,) if value else ()
        if kind in FILTERS and values:
            found.add(Filter(kind, values))
    return frozenset(found)


def encode_filters(filters: Iterable[Filter]) -> str:
    """Write the JSON text for Harbor."""
    return json.dumps([{"type": one.type, "value": ",".join(one.values)} for one in _ordered(filters)])


def show_filters(filters: Iterable[Filter]) -> list[Values]:
    """Turn the set into the user's form, sorted."""
    return [
        {"type": one.type, "labels": list(one.values)} if one.type == "label" else {"type": one.type, "value": one.values[0]}
        for one in _ordered(filters)
    ]


def _ordered(filters: Iterable[Filter]) -> list[Filter]:
    return sorted(filters, key=lambda one: FILTERS.index(one.type))


def _parsed(text: t.Any, otherwise: t.Any) -> t.Any:
    try:
        found = json.loads(text or "null")
    except ValueError:
        return otherwise
    return found if isinstance(found, type(otherwise)) else otherwise


# -- calls


def _path(project: str) -> str:
    return f"/projects/{segment(project)}/preheat/policies"


def listing(api: Api, world: World, project: str) -> Iterator[Raw]:
    """Yield the policies of a project."""
    return api.pages(_path(project), sort="id")


def look(api: Api, world: World, key: Key) -> Raw | None:
    """Find one policy by project and name."""
    raw: Raw | None = api.get(f"{_path(key[0])}/{segment(key[1])}")
    return raw


def create(api: Api, world: World, change: Change) -> None:
    """Create."""

    def find() -> int | None:
        raw = look(api, world, change.key)
        return raw["id"] if raw else None

    api.create(_path(change.project), _body(api, world, change, {}), find)


def update(api: Api, world: World, change: Change) -> None:
    """PUT replaces everything and goes by the id in the body, so what is not declared goes along as it is."""
    raw = {name: value for name, value in (change.live.raw if change.live else {}).items() if name != PROJECT}
    api.put(f"{_path(change.project)}/{segment(change.key[1])}", _body(api, world, change, raw))


def delete(api: Api, world: World, change: Change) -> None:
    """Delete, together with the history of its runs; Harbor refuses while one is under way."""
    api.delete(f"{_path(change.project)}/{segment(change.key[1])}")


def _body(api: Api, world: World, change: Change, raw: Raw) -> Raw:
    after = change.after
    names = change.fields if raw else after
    body = {**raw, **PREHEAT_POLICY.encode(after, [name for name in names if PREHEAT_POLICY.field(name).api not in ("", PROJECT)])}
    if "filters" in names:
        body["filters"] = encode_filters(after["filters"])
    if {"trigger", "cron"} & set(names):
        settings = {"trigger_setting": {"cron": after["cron"]}} if triggers.is_scheduled(after) else {}
        body["trigger"] = json.dumps({"type": after["trigger"], **settings})
    if "provider" in names:
        body["provider_id"] = _provider_id(api, world, change)
    return body


def _provider_id(api: Api, world: World, change: Change) -> int | str:
    """Return the id of the instance; whoever administers only the project finds it in the project's own list."""
    wanted = change.after["provider"]
    if "preheat_instances" not in world.unreadable:
        return world.id_of("preheat_instances", wanted)
    for row in api.get(f"/projects/{segment(change.project)}/preheat/providers") or ():
        if re.match(rf"\S+ {re.escape(wanted)}-https?://", row.get("provider", "")):
            return int(row["id"])
    raise LookupError(f"provider: project {change.project} is offered no preheat instance {wanted!r}")


def _trigger(raw: Raw) -> tuple[str, str]:
    trigger = _parsed(raw.get("trigger"), {})
    return trigger.get("type") or triggers.MANUAL, (trigger.get("trigger_setting") or {}).get("cron", "")


# -- checks


def references(world: World, values: Values) -> Iterable[Reference]:
    """A policy needs its project and the instance that preheats."""
    yield Reference(field="project", kind="projects", key=(values["project"],))
    if values.get("provider"):
        yield Reference(field="provider", kind="preheat_instances", key=(values["provider"],))


def check(world: World, desired: Desired, live: Live | None) -> Iterable[str]:
    """Yield what Harbor refuses or never does."""
    if not desired.absent:
        yield from triggers.problems(desired, live)


FILTER_OPTIONS = (
    Field(
        name="type",
        doc="What is compared: the repository's name without its project, the tag, or the artifact's labels.",
        choices=FILTERS,
        required=True,
        schema="PreheatPolicy.filters",
    ),
    Field(
        name="value",
        doc="Pattern for V(repository) and V(tag), with C(*), C(**) across slashes, C(?) and alternatives in braces.",
        schema="PreheatPolicy.filters",
    ),
    Field(
        name="labels",
        doc="Names of labels for V(label), in any order.",
        type="list",
        elements="str",
        schema="PreheatPolicy.filters",
    ),
)

PREHEAT_POLICY = Resource(
    name="preheat_policy",
    plural="preheat_policies",
    title="Preheat policies of projects",
    wave=Wave.SCHEDULES,
    paths=(
        "/projects/{project_name}/preheat/policies",
        "/projects/{project_name}/preheat/policies/{preheat_policy_name}",
        "/projects/{project_name}/preheat/providers",
    ),
    permission="preheat-policy",
    scoped=True,
    list=listing,
    look=look,
    create=create,
    update=update,
    delete=delete,
    references=references,
    check=check,
    fields=(
        Field(
            name="project",
            doc="Name of the project whose images are preheated.",
            key=True,
            required=True,
            api=PROJECT,
        ),
        Field(
            name="name",
            doc="Name of the policy: letters and digits, separated by single C(.), C(_) or C(-).",
            key=True,
            required=True,
            api="name",
            schema="PreheatPolicy.name",
            clean=name,
        ),
        Field(
            name="description",
            doc="What the policy is for.",
            api="description",
            schema="PreheatPolicy.description",
            absent="",
        ),
        Field(
            name="provider",
            doc="Name of the preheat instance that gets the images. Needed to create.",
            on_create=True,
            schema="PreheatPolicy.provider_name",
            derive=lambda world, raw: raw.get("provider_name"),
        ),
        Field(
            name="filters",
            doc="Which images are preheated, in any order: one must pass them all. Needed to create. Replaces the list.",
            type="list",
            elements="dict",
            on_create=True,
            schema="PreheatPolicy.filters",
            absent=frozenset(),
            clean=clean_filters,
            show=show_filters,
            derive=lambda world, raw: decode_filters(raw.get("filters")),
            options=FILTER_OPTIONS,
        ),
        *triggers.fields(
            ("When the policy runs. V(event_based) preheats an image when it is pushed, labelled or scanned.",),
            "PreheatPolicy.trigger",
            _trigger,
        ),
        Field(
            name="enabled",
            doc="Whether the policy runs at all. A new policy without it is enabled.",
            type="bool",
            api="enabled",
            schema="PreheatPolicy.enabled",
            absent=False,
            initial=True,
        ),
        Field(
            name="extra_attrs",
            doc="What the network's software is told beside that, such as C(scope) and C(cluster_ids) for Dragonfly. Replaces all of it.",
            type="dict",
            api="extra_attrs",
            schema="PreheatPolicy.extra_attrs",
            absent="{}",
            clean=lambda value: json.dumps(value, sort_keys=True),
            decode=lambda text: json.dumps(_parsed(text, {}), sort_keys=True),
            show=json.loads,
        ),
    ),
)
