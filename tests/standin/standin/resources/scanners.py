# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scanners: the registered adapters, the default one, and the one of a project."""

from __future__ import annotations

from typing import Any

from .. import clock
from ..errors import ApiError, Duplicate, bad_request, forbidden, internal, not_found
from ..listing import Columns
from ..models import PROJECT_SCANNER, SCANNER, SCANNER_DEFAULT, SCANNER_PING
from ..scanning import METADATA_KEY, default_scanner, new_scanner, project_scanner
from ..store import Doc, first
from ..web import Answer, Call, created, find_project, route

COLUMNS = Columns({"uuid": str, "name": str, "url": str, "description": str, "auth": str, "disabled": bool, "is_default": bool})
_AUTHS = ("", "Basic", "Bearer", "X-ScannerAdapter-API-Key")
_RESERVED = "Trivy"
_ONE = "/scanners/{uuid}"
_OF_PROJECT = "/projects/{project}/scanner"


@route("GET", "/scanners", listing=True)
def list_scanners(call: Call) -> Answer:
    call.require_system("scanner", "list")
    return _list(call)


@route("POST", "/scanners", SCANNER)
def create_scanner(call: Call) -> Answer:
    call.require_system("scanner", "create")
    row = _checked(call.body)
    if call.harbor.world.scanner_metadata(row["url"]) is None:
        raise internal()
    is_first = not call.tx.find("scanner")
    try:
        scanner = call.tx.insert("scanner", new_scanner(**row, is_default=is_first))
    except Duplicate as error:
        raise ApiError(409, "UNKNOWN", "dao: create registration: registration name or url already exists") from error
    return created(f"/api/v2.0/scanners/{scanner['uuid']}")


@route("POST", "/scanners/ping", SCANNER_PING)
def ping_scanner(call: Call) -> None:
    call.require_system("scanner", "read")
    if call.harbor.world.scanner_metadata(_checked(call.body)["url"]) is None:
        raise internal()


@route("GET", _ONE)
def read_scanner(call: Call) -> dict[str, Any]:
    call.require_system("scanner", "read")
    return show(call, _find(call))


@route("GET", _ONE + "/metadata")
def read_metadata(call: Call) -> dict[str, Any]:
    call.require_system("scanner", "read")
    metadata = call.harbor.world.scanner_metadata(_find(call)["url"])
    if metadata is None:
        raise internal()
    return metadata


@route("PUT", _ONE, SCANNER)
def update_scanner(call: Call) -> None:
    call.require_system("scanner", "update")
    scanner = _find(call)
    _refuse_immutable(scanner, "update")
    # The stored credential stays where the body has none, as long as the kind of authentication does.
    stored = scanner["access_credential"] if call.body.get("auth") == scanner["auth"] else ""
    row = _checked({**call.body, "access_credential": call.body.get("access_credential") or stored})
    if row["disabled"] and scanner["is_default"]:
        raise internal()
    # A taken name or address becomes the 500 that Harbor answers here.
    call.tx.update("scanner", scanner["id"], **row, update_time=clock.now())


@route("DELETE", _ONE)
def delete_scanner(call: Call) -> dict[str, Any]:
    call.require_system("scanner", "delete")
    scanner = _find(call)
    _refuse_immutable(scanner, "delete")
    call.tx.delete("scanner", scanner["id"])
    # The one resource whose deletion answers with what was deleted.
    return _show_plain(scanner) | {"capabilities": None}


@route("PATCH", _ONE, SCANNER_DEFAULT)
def set_default(call: Call) -> None:
    call.require_system("scanner", "update")
    if not call.body.get("is_default"):
        return
    scanner = first(call.tx, "scanner", uuid=call.params["uuid"])
    if scanner is None or scanner["disabled"]:
        raise not_found(f"registration {call.params['uuid']} not found")
    before = default_scanner(call.tx)
    if before:
        call.tx.update("scanner", before["id"], is_default=False)
    call.tx.update("scanner", scanner["id"], is_default=True)


@route("GET", _OF_PROJECT)
def read_project_scanner(call: Call) -> Any:
    scanner = project_scanner(call.tx, find_project(call, "scanner", "read"))
    if scanner is None:
        return Answer()
    metadata = call.harbor.world.scanner_metadata(scanner["url"])
    if metadata is None:
        return show(call, scanner) | {"health": "unhealthy"}
    names = {"adapter": "name", "vendor": "vendor", "version": "version"}
    return show(call, scanner) | {"health": "healthy"} | {key: metadata["scanner"][name] for key, name in names.items()}


@route("PUT", _OF_PROJECT, PROJECT_SCANNER)
def set_project_scanner(call: Call) -> None:
    project = find_project(call, "scanner", "create")
    # Whether there is such a scanner is looked at when somebody reads it.
    call.tx.update("project", project["id"], metadata={**project["metadata"], METADATA_KEY: call.body["uuid"]})


@route("GET", _OF_PROJECT + "/candidates", listing=True)
def list_candidates(call: Call) -> Answer:
    find_project(call, "scanner", "create")
    return _list(call)


def _list(call: Call) -> Answer:
    fuzzy = {key: call.query.get(key) for key in ("name", "url", "description")}
    rows = call.select(call.tx.find("scanner"), COLUMNS, **fuzzy)
    for key in ("name", "url"):
        wanted = call.query.get(f"ex_{key}")
        rows = [row for row in rows if wanted in (None, "", row[key])]
    # Whatever `sort` says: the default one, then the newest.
    rows.sort(key=lambda row: (row["is_default"], row["id"]), reverse=True)
    return call.list_page(rows, lambda row: show(call, row))


def _find(call: Call) -> Doc:
    scanner = first(call.tx, "scanner", uuid=call.params["uuid"])
    if scanner is None:
        raise not_found(f"scanner {call.params['uuid']} not found")
    return scanner


def _refuse_immutable(scanner: Doc, action: str) -> None:
    if scanner["immutable"]:
        raise forbidden(f"registration {scanner['name']} is not allowed to {action} as it is immutable: scanner API: {action}")


def _checked(body: Doc) -> Doc:
    """The fields of a registration, absent ones empty. Raises ApiError 400."""
    name, auth, credential = body["name"], body.get("auth", ""), body.get("access_credential", "")
    if name == _RESERVED:
        raise bad_request(f'name "{name}" is reserved, please try a different name')
    if auth not in _AUTHS:
        raise bad_request(f"auth type {auth} is not supported")
    if auth and not credential:
        raise bad_request(f"access_credential is required for auth type {auth}")
    texts = {"name": name, "url": body["url"].rstrip("/"), "description": body.get("description", ""), "auth": auth}
    flags = {key: body.get(key, False) for key in ("skip_certVerify", "use_internal_addr", "disabled")}
    return {**texts, **flags, "access_credential": credential}


def show(call: Call, scanner: Doc) -> dict[str, Any]:
    """A registration with what its adapter can do, which Harbor asks it for each time."""
    metadata = call.harbor.world.scanner_metadata(scanner["url"])
    kinds = [capability.get("type") for capability in metadata["capabilities"]] if metadata else []
    able = {f"support_{kind}": kind in kinds for kind in ("vulnerability", "sbom")}
    return _show_plain(scanner) | {"capabilities": able if metadata else None}


def _show_plain(scanner: Doc) -> dict[str, Any]:
    hidden = ("id", "immutable")
    # The credential is never given back.
    return {key: value for key, value in scanner.items() if key not in hidden} | {"access_credential": ""}
