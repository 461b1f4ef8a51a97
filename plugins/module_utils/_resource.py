# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The vocabulary: what a resource, its fields, an object and a change are.

Private to this collection. Data and small lookups only; knows no particular resource, does no I/O of its own.

Values travel in three forms: the user's (20GiB), the canonical one in which desired and live are compared (bytes, frozensets
for lists without order) and Harbor's (what the API sends and takes). Field.clean, show, decode and encode convert.
"""

from __future__ import annotations

import enum
import threading
import typing as t
from dataclasses import dataclass, field

from ansible_collections.dockmaster.harbor.plugins.module_utils import _codec as codec

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from ansible_collections.dockmaster.harbor.plugins.module_utils._http import Api
    from ansible_collections.dockmaster.harbor.plugins.module_utils._session import Caller

Values = dict[str, t.Any]
Raw = dict[str, t.Any]
# What tells an object from the others of its kind, such as (project, name); "" stands for "in no project".
Key = tuple[str, ...]
Version = tuple[int, int, int]

# Where the engine writes the name of the project that a scoped object was read from.
PROJECT = "_project"


class Wave(enum.IntEnum):
    """When objects are read and written: each wave may refer to those before it. Deletes run backwards."""

    SETTINGS = 0
    FOUNDATIONS = 1
    PROJECTS = 2
    CONTENTS = 3
    SCHEDULES = 4


class Turn(enum.IntEnum):
    """When in a run a value is written: before everything else, in its resource's wave, or after everything, deletes included."""

    FIRST = 0
    IN_WAVE = 1
    LAST = 2


def in_wave(value: t.Any) -> Turn:
    """Stand in for a field whose values take their turn with all others."""
    return Turn.IN_WAVE


@dataclass(frozen=True, kw_only=True)
class Field:
    """One option of a resource and its counterpart in Harbor's API.

    api is the dotted place in Harbor's answer ("" where it is none), schema the OpenAPI definition and property that prove it.
    derive replaces api and decode where a value needs more than one place of the answer. absent is what no value in the answer
    means. initial is what a new object gets where the user says nothing. follows names the field whose change makes a secret go
    along, readable marks a secret that Harbor gives back, so that it can be compared. refers_to names the kind whose names Harbor
    keeps as ids in this field. since is the first Harbor version that knows the field; applies says for which objects Harbor keeps
    it. A local field tells this collection how to write and is no part of the object. turn says of a new value of an object that is
    there when in the run it is written.
    """

    name: str
    doc: str | tuple[str, ...]
    type: str = "str"
    elements: str | None = None
    options: tuple[Field, ...] = ()
    choices: tuple[str, ...] = ()
    default: t.Any = None
    key: bool = False
    required: bool = False
    on_create: bool = False
    create_only: bool = False
    secret: bool = False
    readable: bool = False
    local: bool = False
    api: str = ""
    schema: str = ""
    since: Version | None = None
    absent: t.Any = None
    initial: t.Any = None
    follows: str = ""
    refers_to: str = ""
    clean: Callable[[t.Any], t.Any] = codec.same
    decode: Callable[[t.Any], t.Any] = codec.same
    encode: Callable[[t.Any], t.Any] = codec.same
    show: Callable[[t.Any], t.Any] = codec.same
    derive: Callable[[World, Raw], t.Any] | None = None
    applies: Callable[[Values], bool] | None = None
    applies_to: str = ""
    turn: Callable[[t.Any], Turn] = in_wave

    def read(self, world: World, raw: Raw) -> t.Any:
        """Return the canonical live value."""
        if self.derive:
            return self.derive(world, raw)
        value: t.Any = raw
        for part in self.api.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        return self.absent if value is None else self.decode(value)

    def known_to(self, version: Version) -> bool:
        """Say whether this Harbor version has the field."""
        return self.since is None or version >= self.since


@dataclass(frozen=True, kw_only=True)
class Reference:
    """An object's need for another one: kind and key of the other, and the field that names it."""

    field: str
    kind: str
    key: Key
    implicit: bool = False  # Harbor finds or makes the other object by itself, e.g. a user of the LDAP directory


@dataclass(frozen=True, kw_only=True)
class Live:
    """An object as it is in Harbor. id is None while an earlier wave has yet to make it."""

    key: Key
    values: Values
    id: int | str | None
    raw: Raw = field(repr=False, default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Desired:
    """An object as the user declared it: only the declared fields, canonical. Secrets and local fields are kept apart."""

    key: Key
    values: Values
    secrets: Values = field(repr=False, default_factory=dict)
    local: Values = field(default_factory=dict)
    absent: bool = False


@dataclass(frozen=True, kw_only=True)
class Change:
    """One planned write. before and after are canonical; fields are the names that differ, secrets included.

    An object whose fields are written at different turns has a change for each turn.
    """

    resource: Resource
    action: str
    key: Key
    fields: tuple[str, ...] = ()
    declared: tuple[str, ...] = ()
    before: Values = field(default_factory=dict)
    after: Values = field(default_factory=dict)
    secrets: Values = field(repr=False, default_factory=dict)
    local: Values = field(default_factory=dict)
    live: Live | None = field(repr=False, default=None)
    turn: Turn = Turn.IN_WAVE

    @property
    def name(self) -> str:
        """Name of the object in messages and results."""
        return self.resource.label(self.key)

    @property
    def title(self) -> str:
        """Kind and name of the object in messages."""
        return self.resource.title_of(self.key)

    @property
    def project(self) -> str:
        """Project whose objects must not be written in parallel with this one; "" for none."""
        return self.resource.project_of(self.key)

    @property
    def id(self) -> int | str:
        """Harbor's id of the live object; a missing one is a bug."""
        if self.live is None or self.live.id is None:
            raise LookupError(f"{self.title} has no id")
        return self.live.id


@dataclass(kw_only=True)
class World:
    """All that was read from one Harbor, and what is declared for it."""

    version: Version
    auth_mode: str
    caller: Caller
    read_only: bool = False
    live: dict[str, dict[Key, Live]] = field(default_factory=dict)
    declared: dict[str, dict[Key, Desired]] = field(default_factory=dict)
    made: dict[tuple[str, Key], int | str] = field(default_factory=dict)
    pruned: frozenset[str] = frozenset()
    update_secret: str = "on_create"
    unreadable: set[str] = field(default_factory=set)
    drifted: set[tuple[str, Key]] = field(default_factory=set)
    extra: dict[str, t.Any] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    reports: list[Values] = field(default_factory=list)
    lock: threading.RLock = field(repr=False, default_factory=threading.RLock)

    def once(self, name: str, work: Callable[[], t.Any]) -> t.Any:
        """Return what work() returned when it was first asked for; threads that ask meanwhile wait for it."""
        with self.lock:
            if name not in self.extra:
                self.extra[name] = work()
            return self.extra[name]

    def find(self, kind: str, *key: str) -> Live | None:
        """Return a live object."""
        return self.live.get(kind, {}).get(key)

    def wants(self, kind: str, *key: str) -> bool:
        """Say whether an object is declared to be there."""
        desired = self.declared.get(kind, {}).get(key)
        return desired is not None and not desired.absent

    def stays(self, kind: str, *key: str) -> bool:
        """Say whether a live object will be there after this run."""
        desired = self.declared.get(kind, {}).get(key)
        return kind not in self.pruned if desired is None else not desired.absent

    def id_of(self, kind: str, *key: str) -> int | str:
        """Return the id of an object that is live or was made by this run. Raises LookupError."""
        live = self.find(kind, *key)
        found = self.made.get((kind, key), live.id if live else None)
        if found is None:
            raise LookupError(f"{kind} {'/'.join(key)} is not there")
        return found


def no_problems(world: World, desired: Desired, live: Live | None) -> Iterable[str]:
    """Stand in for the checks of a resource that has none."""
    return ()


def nothing_unexported(world: World, live: Live) -> bool:
    """Stand in for a resource whose objects are all the user's own."""
    return False


def no_references(world: World, values: Values) -> Iterable[Reference]:
    """Stand in for a resource that refers to nothing."""
    return ()


def not_kept(world: World, live: Live) -> str:
    """Stand in for a resource whose objects may all be pruned and exported."""
    return ""


def none_early(key: Key) -> bool:
    """Stand in for a resource whose objects are all written in its wave."""
    return False


def finished(live: Live) -> bool:
    """Stand in for a resource whose objects are made by one request."""
    return False


def no_facts(world: World, live: Live) -> Values:
    """Stand in for a resource of which there is no more to tell than its fields."""
    return {}


def all_selected(world: World, live: Live, options: Values) -> bool:
    """Stand in for a resource whose info module has no options beside the keys."""
    return True


def as_declared(values: Values) -> Values:
    """Stand in for a resource whose options need no completion."""
    return values


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One kind of Harbor object: a table row. Functions are the odd ends that fields cannot say.

    list(api, world, project) yields all raw objects (of one project for a scoped resource, "" for those in none).
    look(api, world, key) finds one by its key.
    search does so for callers who may not read the kind: little more than the id, enough for an object that is referred to.
    check yields "field: what is wrong".
    kept says why an object is never pruned ("" for others), unexported which objects Harbor makes by itself.
    newborn yields the objects that come with a new project.
    drifted probes whether the declared secrets of a live object still work, unfinished tells that a killed run never sent them.
    facts are what an info module tells beside the fields; selected says which objects its info_options choose.
    early says which objects are written before everything else.

    A singleton is there exactly once, such as the configuration: its key is (), it is never made or deleted. Where create is None
    the objects come into being by themselves (origin says how), where delete is None they stay; where update
    is None all fields are decided at creation. What is not prunable is only deleted
    by name. Objects of one lane are never written in parallel, as those of one project are not. Those of a resource that is
    read_only_safe can be written while Harbor is in read-only mode. paths are those of Harbor's
    OpenAPI that the functions use; permission is the resource in Harbor's catalogue of permissions that writes need.
    """

    name: str
    plural: str
    title: str
    fields: tuple[Field, ...]
    wave: Wave
    paths: tuple[str, ...]
    list: Callable[[Api, World, str], Iterable[Raw]]
    create: Callable[[Api, World, Change], None] | None = None
    update: Callable[[Api, World, Change], None] | None = None
    delete: Callable[[Api, World, Change], None] | None = None
    origin: str = ""
    permission: str = ""
    singleton: bool = False
    lane: str = ""
    read_only_safe: bool = False
    prunable: bool = True
    look: Callable[[Api, World, Key], Raw | None] | None = None
    search: Callable[[Api, World, Key], Raw | None] | None = None
    detail: Callable[[Api, World, Raw, frozenset[str]], None] | None = None
    id_field: str = "id"
    scoped: bool = False
    unscoped_too: bool = False
    exclusive: tuple[tuple[str, ...], ...] = ()
    one_of: tuple[tuple[str, ...], ...] = ()
    key_of: Callable[[Values], Key] | None = None
    label_of: Callable[[Key], str] | None = None
    prepare: Callable[[Values], Values] = as_declared
    references: Callable[[World, Values], Iterable[Reference]] = no_references
    check: Callable[[World, Desired, Live | None], Iterable[str]] = no_problems
    kept: Callable[[World, Live], str] = not_kept
    unexported: Callable[[World, Live], bool] = nothing_unexported
    drifted: Callable[[Api, World, Desired, Live], bool] | None = None
    unfinished: Callable[[Live], bool] = finished
    before_plan: Callable[[Api, World], None] | None = None
    newborn: Callable[[World, str], Iterable[Values]] | None = None
    facts: Callable[[World, Live], Values] = no_facts
    early: Callable[[Key], bool] = none_early
    info_options: tuple[Field, ...] = ()
    selected: Callable[[World, Live, Values], bool] = all_selected

    def key(self, values: Mapping[str, t.Any]) -> Key:
        """Return the key of an object from its fields in canonical form."""
        if self.key_of:
            return self.key_of(dict(values))
        return tuple(str(values.get(f.name) or "") for f in self.fields if f.key)

    def label(self, key: Key) -> str:
        """Return the name of an object in the user's words."""
        if self.singleton:
            return self.name
        return self.label_of(key) if self.label_of else "/".join(part for part in key if part)

    def title_of(self, key: Key) -> str:
        """Return kind and name of an object."""
        return self.name if self.singleton else f"{self.name} {self.label(key) or '(without a name)'}"

    def project_of(self, key: Key) -> str:
        """Return the project that an object lives in or is; "" for none."""
        return key[0] if self.scoped else ""

    def field(self, name: str) -> Field:
        """Return one field by its name."""
        return next(f for f in self.fields if f.name == name)

    def compared(self, version: Version) -> Iterator[Field]:
        """Yield the fields that can be read back from this Harbor version."""
        return (f for f in self.fields if not f.secret and not f.local and f.known_to(version))

    def key_in(self, world: World, raw: Raw) -> Key:
        """Return the key of an object from Harbor's answer alone, before its details are read."""
        return self.key({f.name: f.read(world, raw) for f in self.fields if f.key})

    def decode(self, world: World, raw: Raw) -> Live:
        """Turn Harbor's answer into a live object."""
        values = {f.name: f.read(world, raw) for f in self.compared(world.version)}
        return Live(key=self.key(values), values=values, id=raw.get(self.id_field), raw=raw)

    def encode(self, values: Mapping[str, t.Any], names: Iterable[str]) -> Raw:
        """Build a request body with those of the given fields that have a value, nested by the dots of Field.api."""
        body: Raw = {}
        for one in (self.field(name) for name in names if values.get(name) is not None):
            *parents, last = one.api.split(".")
            place = body
            for parent in parents:
                place = place.setdefault(parent, {})
            place[last] = one.encode(values[one.name])
        return body

    def show(self, values: Mapping[str, t.Any], names: Iterable[str] | None = None) -> Values:
        """Turn canonical values into the user's form, in the order of the table, without unset ones."""
        chosen = None if names is None else set(names)
        shown = {}
        for one in self.fields:
            value = values.get(one.name)
            if value is None or (chosen is not None and one.name not in chosen) or (one.key and value == ""):
                continue
            shown[one.name] = one.show(value)
        return shown


def show_set(values: frozenset[str]) -> list[str]:
    """Show a list without order."""
    return sorted(values)
