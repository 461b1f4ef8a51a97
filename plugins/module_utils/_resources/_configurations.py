# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the resources that live in Harbor's one configuration share: one read for all, partial writes. Private to this collection."""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.harbor.plugins.module_utils import _codec as codec
from ansible_collections.dockmaster.harbor.plugins.module_utils._resource import Change, Desired, Field, Live, Raw, Values, World

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ansible_collections.dockmaster.harbor.plugins.module_utils._http import Api

PATH = "/configurations"
LANE = "configurations"
LARGEST = 9999999999


def read(api: Api, world: World) -> Raw:
    """Return all keys as {key: {value, editable}}, read once per run."""
    return t.cast("Raw", world.once(PATH, lambda: api.get(PATH) or {}))


def listing(api: Api, world: World, project: str) -> Iterator[Raw]:
    """Yield the configuration: each resource takes its own keys from it."""
    yield read(api, world)


def update(api: Api, world: World, change: Change) -> None:
    """PUT merges: only what differs is sent."""
    api.put(PATH, body(change))


def body(change: Change) -> Raw:
    """Return the changed keys as Harbor takes them."""
    fields = (change.resource.field(name) for name in change.fields)
    return {one.name: one.encode({**change.after, **change.secrets}[one.name]) for one in fields}


def setting(name: str, doc: str | tuple[str, ...], **more: t.Any) -> Field:
    """Return the field of one key; a field is called like its key."""
    return Field(name=name, doc=doc, api=f"{name}.value", schema=f"Configurations.{name}", **{"absent": "", **more})


def flag(name: str, doc: str | tuple[str, ...], *, absent: bool = False, **more: t.Any) -> Field:
    """Return the field of a key that is true or false."""
    return setting(name, doc, type="bool", absent=absent, **more)


def number(name: str, doc: str | tuple[str, ...], *, absent: int, highest: int = LARGEST) -> Field:
    """Return the field of a key that holds a number from 1 on."""
    return setting(name, doc, type="int", absent=absent, clean=codec.number(1, highest))


def words(name: str, doc: str | tuple[str, ...], **more: t.Any) -> Field:
    """Return the field of a key that holds words separated by commas; their order means nothing."""
    split: dict[str, t.Any] = {"decode": from_commas, "encode": to_commas, "show": sorted}
    return setting(name, doc, type="list", elements="str", absent=frozenset(), clean=from_words, **split, **more)


def from_words(values: Iterable[t.Any]) -> frozenset[str]:
    """Clean the user's list. A word with a comma in it would be read as two."""
    found = frozenset(str(value).strip() for value in values) - {""}
    if any("," in word for word in found):
        raise ValueError("words without a comma")
    return found


def from_commas(text: t.Any) -> frozenset[str]:
    """Read words separated by commas."""
    return frozenset(word.strip() for word in str(text).split(",")) - {""}


def to_commas(values: Iterable[str]) -> str:
    """Write words separated by commas."""
    return ",".join(sorted(values))


def differing(desired: Desired, live: Live | None) -> Values:
    """Return the declared values that are not in force."""
    return {name: value for name, value in desired.values.items() if live is None or value != live.values.get(name)}


def merged(desired: Desired, live: Live | None) -> Values:
    """Return the values that will be in force."""
    return {**(live.values if live else {}), **desired.values}


def fixed(desired: Desired, live: Live | None) -> Iterator[str]:
    """Yield what differs but cannot be changed: Harbor marks every key where its environment holds the configuration."""
    if live and is_fixed(live):
        for name, value in differing(desired, live).items():
            yield f"{name}: cannot become {_shown(value)!r}: Harbor's core takes its configuration from its variable CONFIG_OVERWRITE_JSON"


def is_fixed(live: Live) -> bool:
    """Say whether the environment of Harbor's core holds the configuration. auth_mode alone is also fixed by users who exist."""
    items = [item for name, item in live.raw.items() if isinstance(item, dict) and name not in ("auth_mode", "scan_all_policy")]
    return bool(items) and not any(item.get("editable", True) for item in items)


def rule(desired: Desired, live: Live | None, name: str, holds: Callable[[t.Any], bool], allowed: str) -> Iterator[str]:
    """Yield a problem where a new value breaks a rule. What is in force already is let be: an export must be accepted."""
    changed = differing(desired, live)
    if name in changed and not holds(changed[name]):
        yield f"{name}: {_shown(changed[name])!r} is not allowed; allowed: {allowed}"


def _shown(value: t.Any) -> t.Any:
    return sorted(value) if isinstance(value, frozenset) else value


def is_web_address(value: str) -> bool:
    """Say whether a value is an http or https address, or empty."""
    scheme, _separator, rest = value.partition("://")
    return not value or (scheme in ("http", "https") and bool(rest) and not any(c.isspace() for c in rest))
