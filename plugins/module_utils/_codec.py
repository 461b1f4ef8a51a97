# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Conversions between what the user writes and what Harbor stores. Pure; a ValueError says what is allowed.

Private to this collection.
"""

from __future__ import annotations

import re
import typing as t
from datetime import UTC, datetime

NAME = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*")
NAME_RULE = "lower-case letters and digits, separated by single '.', '_' or '-'"

UNITS = {"": 1, "B": 1, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30, "TIB": 2**40}
UNLIMITED = -1
LARGEST_STORAGE = 2**50
STORAGE_RULE = "unlimited, bytes, or a whole number of KiB, MiB, GiB or TiB up to 1024TiB, such as 20GiB"

NEVER = "never"
LAST_MOMENT = 253402300799  # 9999-12-31T23:59:59Z


def same(value: t.Any) -> t.Any:
    """Return the value as it is."""
    return value


def text(value: t.Any) -> str:
    """Strip surrounding white space."""
    return str(value).strip()


def name(value: t.Any) -> str:
    """Check Harbor's rule for names of projects and robots (255 characters at most)."""
    result = str(value)
    if not NAME.fullmatch(result):
        raise ValueError(NAME_RULE)
    return limit(255)(result)


def limit(length: int, *, blank: bool = False) -> t.Callable[[t.Any], str]:
    """Return a check for text of at most length characters; Harbor answers 500 to longer ones."""

    def check(value: t.Any) -> str:
        result = str(value)
        if len(result) > length:
            raise ValueError(f"at most {length} characters, not {len(result)}")
        if not result.strip() and not blank:
            raise ValueError("must not be empty")
        return result

    return check


def number(lowest: int, highest: int, *, also: int | None = None) -> t.Callable[[t.Any], int]:
    """Return a check for a whole number in a range, or one special value."""

    def check(value: t.Any) -> int:
        result = int(value)
        if result != also and not lowest <= result <= highest:
            special = "" if also is None else f"{also} or "
            raise ValueError(f"{special}{lowest} to {highest}")
        return result

    return check


def from_bool_text(value: t.Any) -> bool:
    """Read a boolean that Harbor keeps as text; it stores any text and takes what is not true for false."""
    return str(value).lower() in ("true", "1", "t")


def to_bool_text(value: bool) -> str:
    """Write the text that Harbor understands."""
    return "true" if value else "false"


def from_int_text(value: t.Any) -> int:
    """Read a limit that Harbor keeps as text; it stores any text, and what is no number above zero means no limit."""
    try:
        result = int(value)
    except ValueError:
        return UNLIMITED
    return result if result > 0 else UNLIMITED


def storage(value: t.Any) -> int:
    """Turn "20GiB", "5368709120" or "unlimited" into bytes; -1 is unlimited."""
    words = str(value).strip()
    if words.lower() in ("unlimited", "-1"):
        return UNLIMITED
    match = re.fullmatch(r"(\d+)\s*([A-Za-z]*)", words)
    if not match or match[2].upper() not in UNITS:
        raise ValueError(STORAGE_RULE)
    result = int(match[1]) * UNITS[match[2].upper()]
    if not 0 < result <= LARGEST_STORAGE:
        raise ValueError(STORAGE_RULE)
    return result


def show_storage(value: int) -> str:
    """Turn bytes into the largest unit that divides them."""
    if value == UNLIMITED:
        return "unlimited"
    for unit, factor in (("TiB", 2**40), ("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)):
        if value % factor == 0:
            return f"{value // factor}{unit}"
    return str(value)


def moment(value: t.Any) -> int:
    """Turn an ISO 8601 date or time into Unix seconds; "never" is -1. Without a zone it is UTC."""
    words = str(value).strip()
    if words.lower() == NEVER:
        return UNLIMITED
    try:
        parsed = datetime.fromisoformat(words)
    except ValueError:
        raise ValueError("never, or an ISO 8601 date or time such as 2027-01-31 or 2027-01-31T12:00:00Z") from None
    if parsed.tzinfo is None:
        parsed = parsed.replace(tzinfo=UTC)
    return int(parsed.timestamp())


def from_moment(value: int) -> int:
    """Read Unix seconds; what lies beyond the calendar, such as milliseconds stored as seconds, never comes."""
    return value if value <= LAST_MOMENT else UNLIMITED


def show_moment(value: int) -> str:
    """Turn Unix seconds into ISO 8601 in UTC."""
    if value == UNLIMITED:
        return NEVER
    return datetime.fromtimestamp(value, tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def unique(values: t.Iterable[t.Any]) -> frozenset[str]:
    """Check that no entry is blank or there twice: Harbor answers both with 500."""
    entries = [str(value).strip() for value in values]
    if "" in entries:
        raise ValueError("no blank entries")
    twice = sorted({entry for entry in entries if entries.count(entry) > 1})
    if twice:
        raise ValueError(f"each entry once, but {', '.join(twice)} is there several times")
    return frozenset(entries)


def cve_ids(items: t.Any) -> frozenset[str]:
    """Read the items of an allowlist, of a project or of the system."""
    return frozenset(item["cve_id"] for item in items or ())


def address(value: t.Any) -> str:
    """Normalise a registry's address the way Harbor stores it: scheme, no trailing slash, no query."""
    result = str(value).strip()
    if "://" not in result:
        result = "http://" + result
    scheme, _separator, rest = result.partition("://")
    rest = re.split(r"[?#]", rest, maxsplit=1)[0].rstrip("/")
    if "@" in rest.split("/", 1)[0]:
        raise ValueError("an address without user name and password, which would be shown to everybody")
    if scheme.lower() not in ("http", "https") or not rest or any(c.isspace() for c in rest):
        raise ValueError("an http or https address such as https://registry.example.com")
    return f"{scheme.lower()}://{rest}"


CRON_BOUNDS = ((0, 59), (0, 59), (0, 23), (1, 31), (1, 12), (0, 6))
CRON_NAMES: tuple[tuple[str, ...], ...] = (
    *((),) * 4,
    ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"),
    ("sun", "mon", "tue", "wed", "thu", "fri", "sat"),
)
CRON_RULE = "six fields (seconds minutes hours day month weekday) of which the first is 0, such as '0 0 2 * * *'"


def cron(value: t.Any) -> str:
    """Check a schedule by the rules of Harbor's parser: six fields, the first of them 0."""
    fields = str(value).split()
    if len(fields) != len(CRON_BOUNDS) or fields[0] != "0" or not all(map(_cron_field, fields, CRON_BOUNDS, CRON_NAMES)):
        raise ValueError(CRON_RULE)
    return " ".join(fields)


def _cron_field(words: str, bounds: tuple[int, int], names: tuple[str, ...]) -> bool:
    return all(_cron_range(part, bounds, names) for part in words.split(","))


def _cron_range(words: str, bounds: tuple[int, int], names: tuple[str, ...]) -> bool:
    match = re.fullmatch(r"(?:[*?]|([0-9]+|[A-Za-z]{3})(?:-([0-9]+|[A-Za-z]{3}))?)(?:/([0-9]+))?", words)
    if not match:
        return False
    lowest, highest = bounds
    numbers = [int(end) if end.isdigit() else _position(end.lower(), names, lowest) for end in match.groups()[:2] if end]
    inside = all(lowest <= number <= highest for number in numbers) and numbers == sorted(numbers)
    return inside and int(match[3] or 1) > 0


def _position(word: str, names: tuple[str, ...], lowest: int) -> int:
    return names.index(word) + lowest if word in names else -1


def pattern(value: t.Any) -> str:
    """Check a pattern for names or tags. Harbor takes any text, and one that is no pattern silently matches nothing, or too much."""
    words = str(value)
    depth = 0
    for sign in words:
        depth += {"{": 1, "}": -1}.get(sign, 0)
        if depth not in (0, 1) or (sign == "," and not depth) or sign.isspace():
            raise ValueError("a pattern with *, **, ? and alternatives in braces, such as {main,release-*}, without blanks")
    if depth or not words:
        raise ValueError("a pattern with *, **, ? and alternatives in braces that are closed, such as {main,release-*}; not empty")
    return words


def filled_in(value: t.Any) -> str:
    """Check that a secret is not a template that nobody filled in, such as one in a file that a lookup read."""
    words = str(value)
    if re.fullmatch(r"\s*\{\{.*\}\}\s*", words, re.DOTALL):
        raise ValueError("the secret itself, not a template; files with templates are read with ansible.builtin.template or include_vars")
    return words


def secret(value: t.Any) -> str:
    """Check Harbor's rule for passwords and robot secrets. The error never holds the value."""
    words = filled_in(value)
    good = 8 <= len(words) <= 128 and all(re.search(kind, words) for kind in ("[A-Z]", "[a-z]", "[0-9]"))
    if not good:
        raise ValueError("8 to 128 characters with at least one upper-case letter, one lower-case letter and one digit")
    return words
