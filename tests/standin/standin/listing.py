# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists: paging, Link headers, `q` and `sort` as Harbor reads them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from .errors import bad_request, internal
from .store import Doc


@dataclass(frozen=True)
class Page:
    """The window that the caller asked for. A size below 1 means everything, a number below 1 the first page."""

    number: int = 1
    size: int = 10

    def cut(self, rows: list[Any]) -> list[Any]:
        if self.size <= 0:
            return rows
        start = max(self.number - 1, 0) * self.size
        return rows[start : start + self.size]

    def links(self, path: str, query: Mapping[str, str], total: int) -> str:
        """The Link header. Harbor prints the query unescaped, and bogus links for numbers below 1: both are kept."""
        if total == 0 or self.size == 0:
            return ""
        links = []
        if self.number > 1 and (self.number - 1) * self.size <= total:
            links.append(self._link(path, query, self.number - 1, "prev"))
        if self.number * self.size < total:
            links.append(self._link(path, query, self.number + 1, "next"))
        return " , ".join(links)

    def _link(self, path: str, query: Mapping[str, str], number: int, rel: str) -> str:
        parts = {**query, "page": number, "page_size": self.size}
        return f'<{path}?{"&".join(f"{key}={parts[key]}" for key in sorted(parts))}>; rel="{rel}"'


@dataclass(frozen=True)
class Columns:
    """What `q` and `sort` know of a resource: column name to type, and the default order."""

    types: dict[str, type]
    order: str = ""

    def field(self, key: str) -> str | None:
        """The column of a key, which may be given as column or as Go field name (project_id, ProjectID)."""
        flat = key.replace("_", "").lower()
        return next((name for name in self.types if name == key or (key[:1].isupper() and name.replace("_", "") == flat)), None)


Match = Callable[[Any], bool]


def parse_q(text: str) -> dict[str, str]:
    """`a=b,c=d` as a dict. The value is unescaped here a second time: that is what Harbor does."""
    if not text:
        return {}
    pairs = {}
    for part in unquote_plus(text).split(","):
        key, sign, value = part.partition("=")
        if not sign or not key or not value:
            raise bad_request('the query string must contain "=" and the key/value cannot be empty')
        pairs[key.strip()] = value.strip()
    return pairs


def select(rows: list[Doc], columns: Columns, pairs: Mapping[str, str]) -> list[Doc]:
    """The rows that match all known keys; unknown keys match everything, as in Harbor."""
    for key, value in pairs.items():
        field = columns.field(key)
        if field is not None:
            match = _matcher(value, columns.types[field])
            rows = [row for row in rows if match(row.get(field))]
    return rows


def _matcher(text: str, kind: type) -> Match:
    if text.startswith("~"):
        needle = text[1:].lower()
        return lambda value: needle in str(value or "").lower()
    if text.startswith("{") and text.endswith("}"):
        choices = {_typed(item, kind) for item in text[1:-1].split()}
        return lambda value: value in choices
    if text.startswith("[") and text.endswith("]") and "~" in text:
        low, high = text[1:-1].split("~", 1)
        return lambda value: (not low or value >= _typed(low, kind)) and (not high or value <= _typed(high, kind))
    exact = _exact(text.removeprefix("\\"), kind)
    return lambda value: value == exact


def _exact(text: str, kind: type) -> Any:
    if kind is bool:
        return text.lower() in ("true", "1", "t")
    if kind is not int:
        return text
    # PostgreSQL refuses a text that is no number for a number column, and Harbor hides that as 500.
    if not re.fullmatch(r"-?\d+", text):
        raise internal()
    return int(text)


def _typed(text: str, kind: type) -> Any:
    """Inside lists and ranges Harbor guesses the type, and PostgreSQL refuses numbers for text columns."""
    number = re.fullmatch(r"-?\d+", text)
    if bool(number) != (kind is int):
        raise internal()
    return int(text) if number else text.strip("\"'")


def ordered(rows: list[Doc], columns: Columns, sort: str) -> list[Doc]:
    """Rows in the order that `sort` asks for; unknown keys are dropped, without any the default order holds."""
    wanted = [part for part in sort.split(",") if columns.field(part.lstrip("-"))]
    for part in reversed(wanted or [part for part in columns.order.split(",") if part]):
        field = columns.field(part.lstrip("-")) or ""
        rows = sorted(rows, key=lambda row: _sortable(row.get(field)), reverse=part.startswith("-"))
    return rows


def _sortable(value: Any) -> Any:
    return value if value is not None else ""
