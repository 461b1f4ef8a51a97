# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the content of many files to one desired state, with the place of each object. Pure: reads no file.

Private to this collection. Layers are merged in order: what a later one says about an object wins, field by field.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.dockmaster.harbor.plugins.module_utils import _arguments as arguments
from ansible_collections.dockmaster.harbor.plugins.module_utils._plan import clean

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ansible_collections.dockmaster.harbor.plugins.module_utils._resource import Field, Key, Resource, Values

# The key of a file under which it says what all objects of a kind get that say nothing themselves.
DEFAULTS = "defaults"
# What a text in YAML may turn out to be, bool before int, of which it is a kind.
KINDS: dict[type, str] = {bool: "boolean", int: "whole number", float: "number", list: "list", dict: "dict"}
SCALARS = ("boolean", "whole number", "number")


@dataclass(frozen=True, kw_only=True)
class Source:
    """The content of one file."""

    name: str
    content: t.Any


@dataclass(kw_only=True)
class Merged:
    """The desired state of all files. places tells by an object's title in which files and at which paths it is declared."""

    desired: dict[str, t.Any] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


@dataclass(kw_only=True)
class _Object:
    values: Values
    places: list[str]
    layer: int


def merge(table: Sequence[Resource], layers: Iterable[Iterable[Source]]) -> Merged:
    """Merge layers of files. Problems name the file and the path in it; with any the desired state is of no use."""
    merger = _Merger(table)
    for number, sources in enumerate(layers):
        for source in sources:
            merger.add(number, source)
    return merger.result()


class _Merger:
    """Collects objects by kind and key."""

    def __init__(self, table: Sequence[Resource]) -> None:
        self._table = {resource.plural: resource for resource in table}
        self._specs = {resource.plural: ArgumentSpecValidator(_partial(resource)) for resource in table}
        self._objects: dict[str, dict[Key, _Object]] = {}
        self._defaults: dict[str, _Object] = {}
        self._problems: list[str] = []

    def add(self, layer: int, source: Source) -> None:
        """Take in one file."""
        if source.content is None:  # nothing but comments
            return
        if not isinstance(source.content, dict):
            self._problems.append(f"{source.name}: must hold kinds of objects such as projects, not a {type(source.content).__name__}")
            return
        for kind, entries in source.content.items():
            if kind == DEFAULTS:
                self._add_defaults(layer, source.name, entries)
            elif kind not in self._table:
                allowed = ", ".join([*self._table, DEFAULTS])
                self._problems.append(f"{source.name}: {kind!r} is not a kind of objects; allowed: {allowed}")
            else:
                self._add_kind(layer, source.name, self._table[kind], entries)

    def _add_kind(self, layer: int, file: str, resource: Resource, entries: t.Any) -> None:
        if entries is None:  # a key with nothing below it says nothing
            return
        shape = dict if resource.singleton else list
        if not isinstance(entries, shape):
            self._problems.append(f"{file}: {resource.plural}: must be a {shape.__name__}, not a {type(entries).__name__}")
            return
        objects = self._objects.setdefault(resource.plural, {})
        for number, entry in enumerate([entries] if resource.singleton else entries):
            place = f"{file}: {resource.plural}" + ("" if resource.singleton else f"[{number}]")
            key, problems = self._check(resource, entry)
            name = key or _rough_key(resource, entry)
            self._problems += [f"{place}{_named(resource, name)}: {text}" for text in problems]
            if key is not None:
                self._put(objects, resource, key, _Object(values=entry, places=[place], layer=layer))

    def _check(self, resource: Resource, entry: t.Any) -> tuple[Key | None, list[str]]:
        if not isinstance(entry, dict):
            return None, [f"must be a dict, not a {type(entry).__name__}"]
        if wrong := list(_unquoted(resource.fields, entry)):
            return None, wrong
        validated = self._specs[resource.plural].validate(entry)
        if validated.error_messages:
            return None, [_readable(text) for text in validated.error_messages]
        one, problems = clean(resource, validated.validated_parameters)
        return one.key, problems

    def _put(self, objects: dict[Key, _Object], resource: Resource, key: Key, new: _Object) -> None:
        old = objects.get(key)
        if old is None:
            objects[key] = new
        elif old.layer == new.layer:
            self._problems.append(f"{new.places[0]}{_named(resource, key)}: is declared in {old.places[-1]} already")
        else:
            objects[key] = _Object(values={**old.values, **new.values}, places=old.places + new.places, layer=new.layer)

    def _add_defaults(self, layer: int, file: str, content: t.Any) -> None:
        if not isinstance(content, dict):
            self._problems.append(f"{file}: {DEFAULTS}: must be a dict of kinds, not a {type(content).__name__}")
            return
        for kind, values in content.items():
            place = f"{file}: {DEFAULTS}.{kind}"
            resource = self._table.get(kind)
            if resource is None or resource.singleton:
                allowed = ", ".join(name for name, one in self._table.items() if not one.singleton)
                self._problems.append(f"{place}: has no defaults; allowed: {allowed}")
                continue
            problems = self._default_problems(resource, values)
            self._problems += [f"{place}: {text}" for text in problems]
            old = self._defaults.get(kind)
            if problems:
                continue
            if old and old.layer == layer:
                self._problems.append(f"{place}: is declared in {old.places[-1]} already")
            else:
                both = {**(old.values if old else {}), **values}
                self._defaults[kind] = _Object(values=both, places=[place], layer=layer)

    def _default_problems(self, resource: Resource, values: t.Any) -> list[str]:
        if not isinstance(values, dict):
            return [f"must be a dict of fields, not a {type(values).__name__}"]
        allowed = [one.name for one in resource.fields if not one.key]
        wrong = [name for name in values if name not in allowed]
        if wrong:
            return [f"{name!r} has no default; allowed: {', '.join(allowed)}" for name in wrong]
        if unquoted := list(_unquoted(resource.fields, values)):
            return unquoted
        spec = {one.name: {**arguments.argument(one), "required": False} for one in resource.fields if not one.key}
        return [_readable(text) for text in ArgumentSpecValidator(spec).validate(values).error_messages]

    def result(self) -> Merged:
        """Return everything that was taken in."""
        merged = Merged(problems=self._problems)
        for kind, objects in self._objects.items():
            resource = self._table[kind]
            entries = [self._complete(kind, one) for one in objects.values()]
            merged.desired[kind] = (entries[0] if entries else {}) if resource.singleton else entries
            merged.places |= {resource.title_of(key): " and ".join(one.places) for key, one in objects.items()}
        return merged

    def _complete(self, kind: str, one: _Object) -> Values:
        defaults = self._defaults.get(kind)
        if defaults is None or one.values.get("state") == "absent":
            return one.values
        return {**defaults.values, **{name: value for name, value in one.values.items() if value is not None}}


def _partial(resource: Resource) -> arguments.Spec:
    """Return the arguments of a kind, of which an overlay may give only a part."""
    keys = {one.name for one in resource.fields if one.key}
    return {name: spec if name in keys else {**spec, "required": False} for name, spec in arguments.fields(resource).items()}


def _unquoted(fields: Iterable[Field], entry: Values, path: str = "") -> Iterator[str]:
    """Yield the texts that YAML takes for something else: a label called yes would become one called True, one called 010 the label 8."""
    for one in fields:
        value = entry.get(one.name)
        whole = value if isinstance(value, list) else [value]
        if one.options:
            for part in whole:
                if isinstance(part, dict):
                    yield from _unquoted(one.options, part, f"{path}{one.name}: ")
            continue
        is_list = one.type == "list" and one.elements == "str"
        for text in whole if is_list else [value] if one.type == "str" else []:
            kind = next((name for types, name in KINDS.items() if isinstance(text, types)), "")
            if kind and (one.key or kind != "whole number"):  # elsewhere a number is one, such as bytes
                shown = "the value" if one.secret else repr(text)
                advice = "write the text in quotes" if kind in SCALARS else "allowed: a text"
                yield f"{path}{one.name}: {shown} is a {kind} in YAML; {advice}"


def _readable(message: str) -> str:
    """Return a message of Ansible's validator in the form of ours."""
    name, found, allowed = message.partition(". Supported parameters include: ")
    return f"{name}: is no field; allowed: {allowed.removesuffix('.')}" if found else message


def _rough_key(resource: Resource, entry: t.Any) -> Key | None:
    """Return the name of an object that has more wrong with it, to tell which it is."""
    if not isinstance(entry, dict):
        return None
    return resource.key({one.name: str(entry.get(one.name) or "") for one in resource.fields if one.key})


def _named(resource: Resource, key: Key | None) -> str:
    return "" if key is None or resource.singleton else f" ({resource.label(key) or 'without a name'})"


def placed(problems: Iterable[str], places: dict[str, str]) -> Iterator[str]:
    """Yield the messages with the place of the object that each begins with (by title, the longest one that fits)."""
    for text in problems:
        titles = [text[:end] for end in range(len(text)) if text[end : end + 2] == ": " and text[:end] in places]
        yield f"{text} ({places[titles[-1]]})" if titles else text
