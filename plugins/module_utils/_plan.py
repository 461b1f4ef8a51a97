# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From what is declared and what is live to the changes between them. Pure: no I/O, no clock, no threads.

Private to this collection. Names no resource.
"""

from __future__ import annotations

import fnmatch
import re
import typing as t
from dataclasses import dataclass, field

from ansible_collections.dockmaster.harbor.plugins.module_utils._resource import (
    Change,
    Desired,
    Key,
    Live,
    Reference,
    Resource,
    Turn,
    Values,
    World,
)

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

LISTED = 20


@dataclass(frozen=True, kw_only=True)
class Options:
    """How to plan. prune holds kinds (plural names), protect patterns such as projects/infra-*; max_delete None means no limit."""

    prune: frozenset[str] = frozenset()
    protect: tuple[str, ...] = ()
    max_delete: int | None = 10
    update_secret: str = "on_create"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Changes in the order in which they are applied, or the problems that forbid them all."""

    changes: tuple[Change, ...] = ()
    problems: tuple[str, ...] = ()
    unchanged: int = 0

    def waves(self) -> Iterator[list[Change]]:
        """Yield what may run in parallel: creates and updates forward, then deletes backward, around them what is first and last."""
        usual = [change for change in self.changes if change.turn is Turn.IN_WAVE]
        numbers = sorted({change.resource.wave for change in usual})
        yield [change for change in self.changes if change.turn is Turn.FIRST]
        for number in numbers:
            yield [change for change in usual if change.action != "delete" and change.resource.wave == number]
        for number in reversed(numbers):
            yield [change for change in usual if change.action == "delete" and change.resource.wave == number]
        yield [change for change in self.changes if change.turn is Turn.LAST]

    def summary(self) -> dict[str, int]:
        """Return the number of changes by action, and of declared objects that need none."""
        touched = {(change.action, change.resource.plural, change.key) for change in self.changes}
        counts = {action: sum(action == done for done, *_object in touched) for action in ("create", "update", "delete")}
        return {**counts, "unchanged": self.unchanged}


@dataclass(kw_only=True)
class Declared:
    """The user's input in canonical form, with the problems found in it."""

    objects: dict[str, dict[Key, Desired]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


# -- input


def declare(table: Sequence[Resource], desired: Mapping[str, t.Any]) -> Declared:
    """Clean the user's input. A kind that is None or missing is left alone; an empty list is kept as one. A singleton is no list."""
    result = Declared()
    for resource in table:
        entries = desired.get(resource.plural)
        if entries is None:
            continue
        objects = result.objects.setdefault(resource.plural, {})
        for entry in [entries] if resource.singleton else entries:
            one, problems = clean(resource, entry)
            if one.key in objects and not problems:
                problems = ["declared twice; each object may be there once"]
            result.problems += [f"{resource.title_of(one.key)}: {text}" for text in problems]
            if all(one.values.get(key.name) for key in resource.fields if key.key and key.required):
                objects.setdefault(one.key, one)  # one without a name cannot even be looked for
    return result


def clean(resource: Resource, entry: Mapping[str, t.Any]) -> tuple[Desired, list[str]]:
    """Return one object in canonical form, and what is wrong with it, as "field: value is not allowed; allowed: ..."."""
    given = {name: value for name, value in entry.items() if value is not None and name != "state"}
    given = resource.prepare(given)
    absent = entry.get("state") == "absent"
    values: Values = {}
    secrets: Values = {}
    local: Values = {}
    problems: list[str] = []
    for one in resource.fields:
        if one.name not in given or (absent and not one.key):
            continue
        target = secrets if one.secret else local if one.local else values
        try:
            target[one.name] = one.clean(given[one.name])
        except ValueError as error:
            shown = "the given value is not allowed" if one.secret else f"{_short(given[one.name])} is not allowed"
            problems.append(f"{one.name}: {shown}; allowed: {error}")
            if one.key:
                values[one.name] = str(given[one.name])
        if one.key and one.required and not values.get(one.name):
            problems.append(f"{one.name}: must not be empty")
    for group in resource.one_of:
        if sum(bool(given.get(name)) for name in group) != 1:
            problems.append(f"{' and '.join(group)}: exactly one of them must be given")
    return Desired(key=resource.key(values), values=values, secrets=secrets, local=local, absent=absent), list(dict.fromkeys(problems))


def _short(value: t.Any) -> str:
    words = re.sub("//[^/@]*@", "//***@", repr(value))  # an address may hold a password
    return words if len(words) <= 60 else words[:57] + "..."


# -- plan


def plan(table: Sequence[Resource], world: World, options: Options) -> Plan:
    """Compare all declared objects with the live ones. Problems of all objects are collected; with any there are no changes."""
    changes: list[Change] = []
    problems: list[str] = []
    unchanged = 0
    for resource in table:
        for key, desired in sorted(world.declared.get(resource.plural, {}).items()):
            live = world.find(resource.plural, *key)
            found = list(_problems(resource, world, desired, live))
            problems += [f"{resource.title_of(key)}: {text}" for text in found]
            due = [] if found else _changes(resource, world, desired, live, options)
            changes += due
            unchanged += not due
        changes += _pruned(resource, world, options)
    problems += _pruned_problems(changes, world)
    problems += _too_many(changes, options)
    if problems:
        return Plan(problems=tuple(problems))
    return Plan(changes=tuple(changes), unchanged=unchanged)


def _problems(resource: Resource, world: World, desired: Desired, live: Live | None) -> Iterator[str]:
    yield from _reference_problems(resource, world, desired)
    yield from resource.check(world, desired, live)
    if desired.absent:
        return
    yield from _version_problems(resource, world, desired)
    if live is None and resource.create is None:
        yield f"is not there, and only {resource.origin} makes one"
    elif live is None:
        for one in resource.fields:
            if one.on_create and one.name not in desired.values and one.name not in desired.secrets:
                yield f"{one.name}: must be given to create the {resource.name.replace('_', ' ')}"
    yield from _value_problems(resource, desired, live)


def _version_problems(resource: Resource, world: World, desired: Desired) -> Iterator[str]:
    for one in resource.fields:
        if one.name in desired.values and one.since and not one.known_to(world.version):
            since, version = (".".join(map(str, numbers)) for numbers in (one.since, world.version))
            yield f"{one.name}: needs Harbor {since}, this is {version}"


def _value_problems(resource: Resource, desired: Desired, live: Live | None) -> Iterator[str]:
    merged = {**(live.values if live else {}), **desired.values}
    for one in resource.fields:
        if one.name not in desired.values:
            continue
        value = desired.values[one.name]
        before = live.values.get(one.name) if live else one.absent
        if value == before:
            continue
        if live and one.create_only:
            shown = [repr(one.show(v)) if v else "none" for v in (before, value)]
            yield f"{one.name}: cannot be changed from {shown[0]} to {shown[1]}; delete the object and make it anew"
        if one.applies and not one.applies(merged):
            yield f"{one.name}: only for {one.applies_to}, Harbor drops {one.show(value)!r} silently"


def _reference_problems(resource: Resource, world: World, desired: Desired) -> Iterator[str]:
    for need in resource.references(world, desired.values):
        declared = world.declared.get(need.kind, {}).get(need.key)
        name = "/".join(need.key)
        if declared is not None and declared.absent and not desired.absent:
            yield f"{need.field}: {name} is declared absent in {need.kind}"
        elif not desired.absent and not _is_there(world, need):
            yield f"{need.field}: {name!r} is neither in Harbor nor declared in {need.kind}"


def _is_there(world: World, need: Reference) -> bool:
    if need.implicit or world.find(need.kind, *need.key) or world.wants(need.kind, *need.key):
        return True
    return need.kind in world.unreadable


def _changes(resource: Resource, world: World, desired: Desired, live: Live | None, options: Options) -> list[Change]:
    if desired.absent:
        return [_delete(resource, live)] if live else []
    if live is None:
        return [_create(resource, desired)]
    fields = [name for name, value in desired.values.items() if value != live.values.get(name)]
    due = _due_secrets(resource, world, desired, live, fields, options)
    early = resource.early(desired.key)
    turns = {name: Turn.FIRST if early else resource.field(name).turn(value) for name, value in desired.values.items()}
    return [
        _update(resource, desired, live, turn, tuple(name for name in turns if turns[name] is turn), due if turn is Turn.IN_WAVE else {})
        for turn in Turn
        if any(turns[name] is turn for name in fields) or (due and turn is Turn.IN_WAVE)
    ]


def _update(resource: Resource, desired: Desired, live: Live, turn: Turn, declared: tuple[str, ...], due: Values) -> Change:
    fields = [name for name in declared if desired.values[name] != live.values.get(name)]
    return Change(
        resource=resource,
        action="update",
        key=desired.key,
        fields=tuple(sorted([*fields, *due])),
        declared=declared,
        before=live.values,
        after={**live.values, **desired.values},
        secrets=due,
        local=desired.local,
        live=live,
        turn=turn,
    )


def _create(resource: Resource, desired: Desired) -> Change:
    initial = {one.name: one.initial for one in resource.fields if one.initial is not None}
    return Change(
        resource=resource,
        action="create",
        key=desired.key,
        fields=tuple(sorted([*desired.values, *desired.secrets])),
        declared=tuple(desired.values),
        after={**initial, **desired.values},
        secrets=desired.secrets,
        local=desired.local,
    )


def _delete(resource: Resource, live: Live) -> Change:
    return Change(resource=resource, action="delete", key=live.key, before=live.values, live=live)


def _due_secrets(resource: Resource, world: World, desired: Desired, live: Live, fields: Sequence[str], options: Options) -> Values:
    due = {}
    for name, value in desired.secrets.items():
        drifted = options.update_secret == "on_drift" and (resource.plural, desired.key) in world.drifted
        one = resource.field(name)
        if one.readable:
            drifted = value != one.read(world, live.raw)
        sent = options.update_secret == "always" and not one.readable
        if drifted or sent or one.follows in fields or resource.unfinished(live):
            due[name] = value
    return due


# -- prune


def pruned_projects(resource: Resource, world: World) -> set[str]:
    """Return the projects in which a scoped kind is pruned: the declared ones and the parents of declared objects."""
    named = {key[0] for key, desired in world.declared.get("projects", {}).items() if not desired.absent}
    named |= {resource.project_of(key) for key in world.declared.get(resource.plural, {})}
    return {name for name in named if name} | ({""} if resource.unscoped_too else set())


def _pruned(resource: Resource, world: World, options: Options) -> list[Change]:
    if resource.plural not in options.prune:
        return []
    declared = world.declared.get(resource.plural, {})
    scopes = pruned_projects(resource, world) if resource.scoped else None
    result = []
    for key, live in sorted(world.live.get(resource.plural, {}).items()):
        inside = scopes is None or resource.project_of(key) in scopes
        if inside and key not in declared and not _stays(resource, world, live, options):
            result.append(_delete(resource, live))
    return result


def _stays(resource: Resource, world: World, live: Live, options: Options) -> bool:
    name = f"{resource.plural}/{resource.label(live.key)}"
    protected = any(fnmatch.fnmatchcase(name, pattern) for pattern in options.protect)
    return protected or live.id is None or bool(resource.kept(world, live))


def _pruned_problems(changes: Iterable[Change], world: World) -> Iterator[str]:
    """Yield why a pruned object cannot go; declared ones were asked already."""
    for change in changes:
        if change.action == "delete" and change.key not in world.declared.get(change.resource.plural, {}):
            gone = Desired(key=change.key, values={}, absent=True)
            for text in change.resource.check(world, gone, change.live):
                yield f"{change.title} (to be pruned): {text}"


def _too_many(changes: Iterable[Change], options: Options) -> Iterator[str]:
    doomed = [change.title for change in changes if change.action == "delete"]
    if options.max_delete is None or len(doomed) <= max(options.max_delete, 0):
        return
    listed = ", ".join(doomed[:LISTED]) + (f" and {len(doomed) - LISTED} more" if len(doomed) > LISTED else "")
    yield f"max_delete: {len(doomed)} objects would be deleted, allowed: {options.max_delete}: {listed}"


# -- what the user sees


def changes_for_user(changes: Iterable[Change]) -> list[dict[str, t.Any]]:
    """Return the changes as plain data, without any value."""
    return [
        {"kind": change.resource.name, "name": change.name, "action": change.action, "fields": list(change.fields)} for change in changes
    ]


def diff(changes: Iterable[Change], dump: t.Callable[[Values], str]) -> list[dict[str, str]]:
    """Return Ansible's diffs: per change the declared fields before and after, in the user's terms. Secrets show as words."""
    result = []
    for change in changes:
        title = change.title
        before, after = _sides(change)
        result.append(
            {
                "before_header": f"{title} (live)",
                "after_header": f"{title} (declared)",
                "before": dump(before) if before else "",
                "after": dump(after) if after else "",
            }
        )
    return result


def _sides(change: Change) -> tuple[Values, Values]:
    names = [one.name for one in change.resource.fields if one.key] + list(change.declared)
    if change.action == "delete":
        return change.resource.show(change.before), {}
    after = {**change.resource.show(change.after, names), **dict.fromkeys(sorted(change.secrets), "(set, not shown)")}
    if change.action == "create":
        return {}, after
    before = {**change.resource.show(change.before, names), **dict.fromkeys(sorted(change.secrets), "(not shown)")}
    return before, after
