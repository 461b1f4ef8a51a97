# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tag retention, as far as proxy-cache projects bring a policy with them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from ..errors import internal
from ..web import Call, route

_ALL = {"kind": "doublestar", "pattern": "**"}


@route("GET", "/retentions/{id}")
def read_retention(call: Call) -> dict[str, Any]:
    policy = call.tx.get("retention", call.number("id"))
    if policy is None:
        raise internal()
    project = call.tx.get("project", policy["project_id"])
    call.require(project, "tag-retention", "read")
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    next_time = midnight.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    rule = {
        "id": 1,
        "priority": 1,
        "action": "retain",
        "template": "nDaysSinceLastPull",
        "params": {"nDaysSinceLastPull": 7},
        "tag_selectors": [{**_ALL, "decoration": "matches"}],
        "scope_selectors": {"repository": [{**_ALL, "decoration": "repoMatches"}]},
    }
    return {
        "id": policy["id"],
        "algorithm": "or",
        "rules": [rule],
        "scope": {"level": "project", "ref": policy["project_id"]},
        "trigger": {"kind": "Schedule", "settings": {"cron": "0 0 0 * * *", "next_scheduled_time": next_time}},
    }
