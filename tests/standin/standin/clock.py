# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times as Harbor prints them."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime

NEVER = "0001-01-01T00:00:00.000Z"


def now() -> str:
    """The present, RFC 3339 in UTC with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def precise() -> str:
    """The present as the task manager prints it: microseconds, without the zeros at their end."""
    return shortened(datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"))


def shortened(stamp: str) -> str:
    """A time without zeros at the end of its fraction, as Go prints it."""
    return re.sub(r"\.?0*Z$", "Z", stamp) if "." in stamp else stamp


def in_milliseconds(stamp: str | None) -> str:
    """Any time of this module as `now` prints it, the zero time for None."""
    if stamp is None:
        return NEVER
    return datetime.fromisoformat(stamp.replace("Z", "+00:00")).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def in_seconds(stamp: str | None) -> str:
    """The same in whole seconds."""
    return in_milliseconds(stamp)[:19] + "Z"


def epoch() -> int:
    """The present in whole seconds since 1970."""
    return int(time.time())


def seconds(stamp: str) -> int:
    """Whole seconds since 1970 of a time printed by `now`."""
    return int(datetime.fromisoformat(stamp.replace("Z", "+00:00")).timestamp())
