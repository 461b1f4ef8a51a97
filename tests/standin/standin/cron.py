# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cron strings of six fields (seconds first), as Harbor's parser takes them, with its words for what it refuses."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()  # noqa: SIM905
_DAYS = "sun mon tue wed thu fri sat".split()  # noqa: SIM905
_NAMES = [{}, {}, {}, {}, {name: index + 1 for index, name in enumerate(_MONTHS)}, {name: index for index, name in enumerate(_DAYS)}]
_BOUNDS = [(0, 59), (0, 59), (0, 23), (1, 31), (1, 12), (0, 6)]
_SECONDS, _MINUTE, _HOUR, _DAY, _MONTH, _WEEKDAY = range(6)
# The longest way to a date that exists: from one 29 February over a century's missing one to the next.
_HORIZON = timedelta(days=366 * 8)


class BadCron(ValueError):
    """No cron string; the text is Harbor's."""


def problem(text: str) -> str:
    """Why Harbor refuses to schedule by this text, empty when it does not."""
    if not text:
        return "empty cron string is invalid"
    try:
        parse(text)
    except BadCron as error:
        return str(error)
    return "" if text.split(" ")[0] == "0" else "the 1st field (indicating Seconds of time) of the cron setting must be 0"


def parse(text: str) -> list[set[int]]:
    """The values that each field allows. Raises BadCron."""
    fields = text.split()
    if len(fields) != len(_BOUNDS):
        raise BadCron(f"expected exactly 6 fields, found {len(fields)}: [{' '.join(fields)}]")
    return [set().union(*(_values(part, index) for part in field.split(","))) for index, field in enumerate(fields)]


def _values(part: str, index: int) -> set[int]:
    span, _, step = part.partition("/")
    low, high = _BOUNDS[index]
    first, dash, last = span.partition("-")
    if first in ("*", "?") and not dash:
        start, end = low, high
    else:
        start = _number(first, index)
        end = _number(last, index) if dash else high if step else start
    if start < low:
        raise BadCron(f"beginning of range ({start}) below minimum ({low}): {part}")
    if end > high:
        raise BadCron(f"end of range ({end}) above maximum ({high}): {part}")
    if start > end:
        raise BadCron(f"beginning of range ({start}) beyond end of range ({end}): {part}")
    width = _number(step, _SECONDS) if step else 1
    if not width:
        raise BadCron(f"step of range should be a positive number: {part}")
    return set(range(start, end + 1, width))


def _number(text: str, index: int) -> int:
    named = _NAMES[index].get(text.lower())
    if named is not None:
        return named
    if not re.fullmatch(r"\d+", text):
        raise BadCron(f'failed to parse int from {text}: strconv.Atoi: parsing "{text}": invalid syntax')
    return int(text)


def next_time(text: str, after: datetime | None = None) -> str:
    """The next run as Harbor prints it; the zero time when there is none."""
    fields = parse(text)
    stars = [field[0] in "*?" for field in text.split()]
    moment = (after or datetime.now(UTC)).replace(second=0, microsecond=0) + timedelta(minutes=1)
    limit = moment + _HORIZON
    while moment < limit:
        if not _is_day(moment, fields, stars):
            moment = moment.replace(hour=0, minute=0) + timedelta(days=1)
        elif moment.hour not in fields[_HOUR]:
            moment = moment.replace(minute=0) + timedelta(hours=1)
        elif moment.minute not in fields[_MINUTE]:
            moment += timedelta(minutes=1)
        else:
            return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return "0001-01-01T00:00:00.000Z"


def _is_day(moment: datetime, fields: list[set[int]], stars: list[bool]) -> bool:
    """Day of month and day of week: both must fit when one of them is a star, else either."""
    if moment.month not in fields[_MONTH]:
        return False
    day, weekday = moment.day in fields[_DAY], moment.isoweekday() % 7 in fields[_WEEKDAY]
    return (day and weekday) if stars[_DAY] or stars[_WEEKDAY] else (day or weekday)
