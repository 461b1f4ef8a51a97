# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The CVE allowlist of the system."""

from __future__ import annotations

from typing import Any

from .. import clock
from ..errors import unauthorized
from ..models import ALLOWLIST
from ..web import Call, route
from .projects import new_allowlist

_ID = 1


@route("GET", "/system/CVEAllowlist")
def read_allowlist(call: Call) -> dict[str, Any]:
    if not call.caller.is_authenticated:
        raise unauthorized()
    stored = call.tx.get("allowlist_system", _ID)
    if stored is None:
        return {"items": [], "creation_time": clock.NEVER, "update_time": clock.NEVER}
    result = {key: stored[key] for key in ("items", "creation_time", "update_time")} | {"id": stored["shown_id"]}
    return result | ({} if stored["expires_at"] is None else {"expires_at": stored["expires_at"]})


@route("PUT", "/system/CVEAllowlist", ALLOWLIST)
def update_allowlist(call: Call) -> None:
    call.require_system("configuration", "update")
    now = clock.now()
    changes = new_allowlist(call.tx, call.body) | {"creation_time": now, "update_time": now}
    if call.tx.get("allowlist_system", _ID):
        call.tx.update("allowlist_system", _ID, **changes)
    else:
        # It shares its id sequence with the lists of projects; `new_allowlist` just used one up.
        row = {**changes, "shown_id": call.tx.next_id("allowlist") - 1}
        call.tx.insert("allowlist_system", row)
