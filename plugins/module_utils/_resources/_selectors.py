# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Patterns that choose repositories and tags, as retention and immutable rules hold them. Pure. Private to this collection."""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.harbor.plugins.module_utils import _codec as codec
from ansible_collections.dockmaster.harbor.plugins.module_utils._resource import Raw

KIND = "doublestar"
EVERYTHING = "**"
# The decorations of Harbor: what matches, what does not.
REPOSITORIES = {"matching": "repoMatches", "excluding": "repoExcludes"}
TAGS = {"matching": "matches", "excluding": "excludes"}


class Selector(t.NamedTuple):
    """What is chosen: names that match a pattern, or those that do not. mode is "matching" or "excluding"."""

    mode: str
    pattern: str

    def __str__(self) -> str:
        """Return the pattern, with an exclamation mark for the names that do not match."""
        return self.pattern if self.mode == "matching" else f"!{self.pattern}"


def decode(items: t.Any, decorations: dict[str, str]) -> Selector | None:
    """Read a list of selectors, of which Harbor evaluates the first; None for one that the user could not declare.

    An empty pattern matches everything in Harbor's eyes.
    """
    first = items[0] if isinstance(items, list) and items and isinstance(items[0], dict) else {}
    mode = next((mode for mode, word in decorations.items() if word == first.get("decoration")), "")
    if first.get("kind") != KIND or not mode:
        return None
    try:
        return Selector(mode, codec.pattern(first.get("pattern") or EVERYTHING))
    except ValueError:
        return None


def encode(selector: Selector, decorations: dict[str, str]) -> Raw:
    """Write a selector."""
    return {"kind": KIND, "decoration": decorations[selector.mode], "pattern": selector.pattern}


def chosen(values: t.Mapping[str, t.Any], what: str) -> Selector:
    """Return the selector in the user's options <what>_matching and <what>_excluding; without either it chooses everything."""
    if values.get(f"{what}_excluding"):
        return Selector("excluding", values[f"{what}_excluding"])
    return Selector("matching", values.get(f"{what}_matching") or EVERYTHING)
