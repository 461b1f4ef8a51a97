# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Patterns as immutable rules, retention, replication and preheat use them: `**` crosses slashes, `*` does not."""

from __future__ import annotations

import re
from functools import cache

from .store import Doc


def matches(pattern: str, name: str) -> bool:
    """Whether a doublestar pattern matches the whole name; an empty one matches everything."""
    return not pattern or _compiled(pattern).fullmatch(name) is not None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    # "a/**/b" also matches "a/b", and "a/**" also "a": a double star stands for any number of path parts, none included.
    parts = re.split(r"(\{|\}|,|\[[^\]]*\]|\?|/\*\*/|^\*\*/|/\*\*$|\*+)", pattern)
    return re.compile("".join(_translate(part, pattern) for part in parts if part))


def _translate(part: str, pattern: str) -> str:
    if part == "/**/":
        return "/(?:.*/)?"
    if part == "**/":
        return "(?:.*/)?"
    if part == "/**":
        return "(?:/.*)?"
    if part.startswith("*"):
        # Only as a whole path part is a double star more than a single one.
        return ".*" if part == pattern == "**" else "[^/]*"
    if part.startswith("[") and part.endswith("]"):
        return "[^" + part[2:] if part[1] in "!^" else part
    return {"{": "(?:", "}": ")", ",": "|" if "{" in pattern else ",", "?": "[^/]"}.get(part) or re.escape(part)


def selects(selector: Doc, name: str) -> bool:
    """Whether a selector takes a name. A selector of an unknown kind or decoration takes nothing."""
    if selector.get("kind") != "doublestar":
        return False
    found = matches(selector.get("pattern", ""), name)
    decoration = selector.get("decoration", "")
    if decoration in ("matches", "repoMatches"):
        return found
    return decoration in ("excludes", "repoExcludes") and not found
