# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules that make tags of a project immutable."""

from __future__ import annotations

import json
from typing import Any

from ..errors import Duplicate, bad_request, conflict, not_found
from ..listing import Columns
from ..models import IMMUTABLE_RULE
from ..selectors import selects
from ..store import Doc, Transaction
from ..web import Answer, Call, created, find_project, route

COLUMNS = Columns({"id": int, "project_id": int, "disabled": bool}, order="id")
_BASE = "/projects/{project}/immutabletagrules"


@route("GET", _BASE, listing=True)
def list_rules(call: Call) -> Answer:
    project = find_project(call, "immutable-tag", "list")
    return call.list_page(call.select(call.tx.find("immutable_rule", project_id=project["id"]), COLUMNS), show)


@route("POST", _BASE, IMMUTABLE_RULE)
def create_rule(call: Call) -> Answer:
    project = find_project(call, "immutable-tag", "create")
    content = _content(call.body)
    # A new rule is always in force, whatever the body says.
    row = {"project_id": project["id"], "disabled": False, "content": content, "text": json.dumps({**content, "id": 0})}
    try:
        rule = call.tx.insert("immutable_rule", row)
    except Duplicate as error:
        raise conflict("immutable rule already exists") from error
    return created(f"{call.path}/{rule['id']}")


@route("PUT", _BASE + "/{id}", IMMUTABLE_RULE)
def update_rule(call: Call) -> None:
    project = find_project(call, "immutable-tag", "update")
    if call.body.get("id", 0) != call.number("id"):
        raise bad_request("bad request: the immutable_rule_id doesn't match the id in the payload body of ImmutableRule")
    rule = _find(call, project)
    disabled = call.body.get("disabled", False)
    if disabled != rule["disabled"]:
        # Then the rest of the body counts for nothing.
        call.tx.update("immutable_rule", rule["id"], disabled=disabled)
        return
    content = _content(call.body)
    # From now on the text that must be unique holds the id: an equal rule may be created beside this one.
    call.tx.update("immutable_rule", rule["id"], content=content, text=json.dumps({**content, "id": rule["id"]}))


@route("DELETE", _BASE + "/{id}")
def delete_rule(call: Call) -> None:
    project = find_project(call, "immutable-tag", "delete")
    call.tx.delete("immutable_rule", _find(call, project)["id"])


def is_immutable(tx: Transaction, project: Doc, repository: str, tag: str) -> bool:
    """Whether a rule protects a tag; `repository` is the name with the project's before it."""
    name = repository.partition("/")[2]
    rules = tx.find("immutable_rule", project_id=project["id"], disabled=False)
    return any(_first_selects(_scopes(rule), name) and _first_selects(rule["content"]["tag_selectors"], tag) for rule in rules)


def _scopes(rule: Doc) -> list[Doc] | None:
    scopes: list[Doc] | None = rule["content"]["scope_selectors"].get("repository")
    return scopes


def _first_selects(selectors: list[Doc] | None, name: str) -> bool:
    """Harbor looks at the first selector only; without any a rule protects nothing."""
    return bool(selectors) and selects((selectors or [])[0], name)


def _find(call: Call, project: Doc) -> Doc:
    ident = call.number("id")
    rule = call.tx.get("immutable_rule", ident)
    if rule is None:
        raise not_found(f"immutable rule {ident} not found")
    if rule["project_id"] != project["id"]:
        raise not_found(f"resource not found: project id {project['id']} does not match")
    return rule


def _content(body: Doc) -> Doc:
    """What of a body is kept; `extras` and `params` are not."""
    keys = ("priority", "action", "template")
    return {key: body[key] for key in keys if body.get(key)} | {
        "tag_selectors": _selectors(body["tag_selectors"]) if body.get("tag_selectors") else None,
        "scope_selectors": {name: _selectors(items) for name, items in body.get("scope_selectors", {}).items()},
    }


def _selectors(items: list[Doc]) -> list[Doc]:
    return [{key: value for key, value in item.items() if key != "extras" and value} for item in items]


def show(rule: Doc) -> dict[str, Any]:
    shown = {key: value for key, value in rule["content"].items() if key != "scope_selectors" or value}
    return shown | {"id": rule["id"]} | ({"disabled": True} if rule["disabled"] else {})
