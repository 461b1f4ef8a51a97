# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The metadata of one project, key by key. Unlike PUT /projects, these endpoints check and normalise values."""

from __future__ import annotations

import json
import re

from ..errors import bad_request, conflict, unprocessable
from ..store import Doc
from ..web import Call, find_project, route
from .projects import severity

_BOOLEANS = (
    "public",
    "enable_content_trust",
    "enable_content_trust_cosign",
    "prevent_vul",
    "auto_scan",
    "auto_sbom_generation",
    "reuse_sys_cve_allowlist",
    "proxy_cache_local_on_not_found",
)
_INTEGERS = ("proxy_speed_kb", "max_upstream_conn")
_TRUE = ("1", "t", "T", "TRUE", "true", "True")
_FALSE = ("0", "f", "F", "FALSE", "false", "False")


@route("GET", "/projects/{project}/metadatas")
def list_metadata(call: Call) -> dict[str, str]:
    metadata: dict[str, str] = find_project(call, "metadata", "list")["metadata"]
    return metadata


@route("POST", "/projects/{project}/metadatas")
def add_metadata(call: Call) -> None:
    project = find_project(call, "metadata", "create")
    body = _body(call)
    if len(body) != 1:
        raise bad_request("only allow one key/value pair")
    key, value = next(iter(body.items()))
    value = normal_value(key, value)
    if key in project["metadata"]:
        raise conflict(f"metadata {key} already exists for project {project['id']}")
    _store(call, project, {**project["metadata"], key: value})


@route("GET", "/projects/{project}/metadatas/{key}")
def read_metadata(call: Call) -> dict[str, str]:
    metadata = find_project(call, "metadata", "read")["metadata"]
    key = call.params["key"]
    return {key: metadata[key]} if key in metadata else {}


@route("PUT", "/projects/{project}/metadatas/{key}")
def update_metadata(call: Call) -> None:
    project = find_project(call, "metadata", "update")
    key = call.params["key"]
    value = normal_value(key, _body(call).get(key, ""))
    if key in project["metadata"]:
        _store(call, project, {**project["metadata"], key: value})


@route("DELETE", "/projects/{project}/metadatas/{key}")
def delete_metadata(call: Call) -> None:
    project = find_project(call, "metadata", "delete")
    _store(call, project, {key: value for key, value in project["metadata"].items() if key != call.params["key"]})


def normal_value(key: str, value: str) -> str:
    """The canonical text of a value. Raises ApiError 400 for unknown keys and values."""
    if key in _BOOLEANS:
        if value not in _TRUE + _FALSE:
            raise bad_request(f"invalid value: {value}")
        return "true" if value in _TRUE else "false"
    if key == "severity":
        if not severity(value):
            raise bad_request(f"invalid value: {value}")
        return severity(value)
    if key in _INTEGERS:
        if not re.fullmatch(r"[+-]?\d+", value):
            raise bad_request(f"invalid value: {value}")
        return str(int(value))
    raise bad_request(f"invalid key: {key}")


def _body(call: Call) -> dict[str, str]:
    try:
        body = json.loads(call.raw or b"{}")
    except json.JSONDecodeError as error:
        raise unprocessable('parsing metadata body from "" failed, because unexpected EOF') from error
    if not isinstance(body, dict) or not all(isinstance(value, str) for value in body.values()):
        raise unprocessable('parsing metadata body from "" failed, because json: cannot unmarshal into Go value of type map[string]string')
    return body


def _store(call: Call, project: Doc, metadata: dict[str, str]) -> None:
    call.tx.update("project", project["id"], metadata=metadata)
