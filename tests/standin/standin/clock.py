# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times as Harbor prints them."""

from __future__ import annotations

import time
from datetime import UTC, datetime

NEVER = "0001-01-01T00:00:00.000Z"


def now() -> str:
    """The present, RFC 3339 in UTC with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def epoch() -> int:
    """The present in whole seconds since 1970."""
    return int(time.time())


def seconds(stamp: str) -> int:
    """Whole seconds since 1970 of a time printed by `now`."""
    return int(datetime.fromisoformat(stamp.replace("Z", "+00:00")).timestamp())
