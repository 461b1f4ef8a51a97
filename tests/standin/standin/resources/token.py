# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The token service: what the caller may do with each repository that he asks for."""

from __future__ import annotations

from typing import Any

from .. import content
from ..errors import unauthorized
from ..store import first
from ..web import Answer, Call, route

# In this order they stand in a token.
_ACTIONS = ("push", "delete", "pull")


@route("GET", "!/service/token")
def make_token(call: Call) -> Answer:
    scopes = [scope for text in call.query.getlist("scope") for scope in text.split(" ") if scope]
    if not scopes and not call.caller.is_authenticated:
        raise unauthorized("unauthorized: unauthorized")
    access = [_granted(call, scope) for scope in scopes]
    body: dict[str, Any] = call.harbor.tokens.make(call.caller.name, access, call.config()["token_expiration"])
    return Answer(200, body, media_type="application/json; charset=utf-8")


def _granted(call: Call, scope: str) -> dict[str, Any]:
    """All that the caller may do there, whatever part of it the scope names."""
    kind, _, rest = scope.partition(":")
    name = rest.rpartition(":")[0]
    if kind == "registry":
        return {"type": kind, "name": name, "actions": ["*"] if call.caller.is_sysadmin else []}
    project = first(call.tx, "project", name=content.split(name)[0])
    actions = [action for action in _ACTIONS if project is not None and call.caller.can(project, "repository", action)]
    return {"type": kind, "name": name, "actions": actions}
