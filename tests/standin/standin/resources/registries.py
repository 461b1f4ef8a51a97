# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Registry endpoints, for replication and proxy-cache projects."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from .. import clock
from ..adapters import ADAPTER_INFOS
from ..errors import Duplicate, bad_request, conflict, internal, not_found, precondition
from ..listing import Columns
from ..models import REGISTRY, REGISTRY_PING, REGISTRY_UPDATE
from ..store import Doc
from ..web import Answer, Call, created, route

COLUMNS = Columns({"id": int, "name": str, "url": str, "type": str, "description": str, "creation_time": str, "update_time": str})
TYPES = [
    "harbor",
    "docker-hub",
    "docker-registry",
    "huawei-SWR",
    "google-gcr",
    "aws-ecr",
    "azure-acr",
    "ali-acr",
    "jfrog-artifactory",
    "quay",
    "gitlab",
    "dtr",
    "tencent-tcr",
    "github-ghcr",
    "volcengine-cr",
]
# What the local side and a remote Harbor can do more than a plain registry.
_FILTERS = [{"type": "name", "style": "input", "values": None}, {"type": "tag", "style": "input", "values": None}]


@route("GET", "/registries", listing=True)
def list_registries(call: Call) -> Answer:
    call.require_system("registry", "list")
    return call.list_page(call.select(call.tx.find("registry"), COLUMNS, name=call.query.get("name")), show)


@route("POST", "/registries", REGISTRY)
def create_registry(call: Call) -> Answer:
    call.require_system("registry", "create")
    credential = call.body.get("credential", {})
    now = clock.now()
    row = {
        "name": call.body.get("name", ""),
        "type": call.body.get("type", ""),
        "url": normal_url(call.body.get("url", "")),
        "description": call.body.get("description", ""),
        "insecure": call.body.get("insecure", False),
        "ca_certificate": call.body.get("ca_certificate", ""),
        "credential_type": credential.get("type", ""),
        "access_key": credential.get("access_key", ""),
        "access_secret": credential.get("access_secret", ""),
        "creation_time": now,
        "update_time": now,
    }
    _check(call, row)
    try:
        registry = call.tx.insert("registry", _without_useless_credential(row))
    except Duplicate as error:
        raise conflict(f"registry {row['name']} already exists") from error
    return created(f"/api/v2.0/registries/{registry['id']}")


@route("GET", "/registries/{id}")
def read_registry(call: Call) -> dict[str, Any]:
    call.require_system("registry", "read")
    return show(_find(call))


@route("PUT", "/registries/{id}", REGISTRY_UPDATE)
def update_registry(call: Call) -> None:
    call.require_system("registry", "update")
    registry = _find(call)
    changes = {**call.body}
    if "url" in changes:
        changes["url"] = normal_url(changes["url"])
    merged = {**registry, **changes}
    _check(call, merged)
    changes = {**_without_useless_credential(merged), "update_time": clock.now()}
    try:
        call.tx.update("registry", registry["id"], **changes)
    except Duplicate as error:
        raise conflict(f"registry {merged['name']} already exists") from error


@route("DELETE", "/registries/{id}")
def delete_registry(call: Call) -> None:
    call.require_system("registry", "delete")
    registry = _find(call)
    if any(call.tx.find("replication_policy", **{side: registry["id"]}) for side in ("src_registry", "dest_registry")):
        raise precondition(f"the registry {registry['id']} is referenced by replication policies, cannot delete it")
    if call.tx.find("project", registry_id=registry["id"]):
        raise precondition(f"the registry {registry['id']} is referenced by proxy cache project, cannot delete it")
    call.tx.delete("registry", registry["id"])


@route("POST", "/registries/ping", REGISTRY_PING)
def ping_registry(call: Call) -> None:
    call.require_system("registry", "read")
    base: Doc = {"type": "", "url": "", "access_key": "", "access_secret": "", "insecure": False}
    if call.body.get("id"):
        base = _find(call, call.body["id"])
    merged = {**base, **{key: value for key, value in call.body.items() if key != "id"}}
    if not merged["type"] or not merged["url"]:
        raise bad_request("type or url cannot be empty")
    _check_health(call, {**merged, "url": normal_url(merged["url"])})


@route("GET", "/registries/{id}/info")
def registry_info(call: Call) -> dict[str, Any]:
    call.require_system("registry", "read")
    kind = "harbor" if call.number("id") == 0 else _find(call)["type"]
    if kind == "harbor":
        filters = [*_FILTERS, {"type": "label", "style": "list", "values": None}, _resource_filter("image", "artifact")]
        triggers = ["manual", "scheduled", "event_based"]
        return {"type": kind, "supported_resource_filters": filters, "supported_triggers": triggers, "supported_copy_by_chunk": True}
    return {
        "type": kind,
        "supported_resource_filters": [*_FILTERS, _resource_filter("image")],
        "supported_triggers": ["manual", "scheduled"],
    }


@route("GET", "/replication/adapters")
def adapters(call: Call) -> list[str]:
    call.require_system("replication-adapter", "list")
    return sorted(call.harbor.settings.replication_adapters)


@route("GET", "/replication/adapterinfos")
def adapter_infos(call: Call) -> dict[str, Any]:
    call.require_system("replication-adapter", "list")
    return {name: info for name, info in ADAPTER_INFOS.items() if name in call.harbor.settings.replication_adapters}


def normal_url(url: str) -> str:
    """A URL as Harbor stores it: with a scheme, without query and trailing slash. Raises ApiError 400."""
    if not url.strip():
        raise bad_request("empty string")
    url = url if "://" in url else f"http://{url}"
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https"):
        raise bad_request(f"invalid HTTP scheme: {parts.scheme}")
    return f"{parts.scheme}://{parts.netloc}{parts.path}".rstrip("/")


def _check(call: Call, row: Doc) -> None:
    if not row["name"]:
        raise bad_request("name cannot be empty")
    if len(row["name"]) > 64:
        raise bad_request("the max length of name is 64")
    if row["ca_certificate"] and "-----BEGIN CERTIFICATE-----" not in row["ca_certificate"]:
        raise bad_request("invalid CA certificate: no valid certificates found in PEM data")
    if row["type"] not in TYPES:
        raise internal()
    _check_health(call, row)


def _check_health(call: Call, row: Doc) -> None:
    if not call.harbor.world.registry_is_healthy(row["url"], row["access_key"], row["access_secret"], row["insecure"]):
        raise bad_request("the registry is unhealthy")


def _without_useless_credential(row: Doc) -> Doc:
    """A credential counts only with an access key; without a type it is `basic`."""
    if not row["access_key"]:
        return {**row, "credential_type": "", "access_secret": ""}
    return {**row, "credential_type": row["credential_type"] or "basic"}


def _find(call: Call, ident: int | None = None) -> Doc:
    ident = call.number("id") if ident is None else ident
    registry = call.tx.get("registry", ident)
    if registry is None:
        raise not_found(f"registry {ident} not found")
    return registry


def _resource_filter(*values: str) -> dict[str, Any]:
    return {"type": "resource", "style": "radio", "values": list(values)}


def show(registry: Doc) -> dict[str, Any]:
    """A registry with its credential, whose secret is always masked."""
    credential = {}
    if registry["access_key"]:
        credential = {"type": registry["credential_type"], "access_key": registry["access_key"]}
        if registry["access_secret"]:
            credential["access_secret"] = "*****"
    return show_plain(registry) | {"credential": credential}


def show_local(core_url: str) -> dict[str, Any]:
    """Harbor itself, as the other side of a replication."""
    secret = {"type": "secret", "access_secret": "*****"}
    times = {"creation_time": clock.NEVER, "update_time": clock.NEVER}
    kind = {"id": 0, "name": "Local", "type": "harbor", "url": core_url, "insecure": True, "status": "healthy"}
    return {**kind, **times, "credential": secret}


def show_plain(registry: Doc) -> dict[str, Any]:
    """A registry without its credential, as it is shown inside a project summary."""
    result = {key: registry[key] for key in ("id", "name", "type", "url", "creation_time", "update_time")}
    result |= {key: registry[key] for key in ("description", "insecure", "ca_certificate") if registry[key]}
    return result | {"status": "healthy"}
