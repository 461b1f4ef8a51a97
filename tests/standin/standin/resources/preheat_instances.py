# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Instances of peer-to-peer networks that images can be preheated in."""

from __future__ import annotations

import re
from typing import Any

from .. import clock
from ..errors import BareError, Duplicate, conflict, internal, not_found, precondition
from ..listing import Columns
from ..models import PREHEAT_INSTANCE
from ..store import Doc, Transaction, first
from ..web import Answer, Call, created, route

COLUMNS = Columns({"id": int, "name": str, "description": str, "vendor": str, "endpoint": str, "enabled": bool, "auth_mode": str})
NAME = re.compile(r"[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*")
_BASE = "/p2p/preheat/instances"
_RESOURCE = "preheat-instance"
_DRAGONFLY = "https://raw.githubusercontent.com/dragonflyoss/Dragonfly2/master/docs/images/logo/dragonfly-linear.png"
_PROVIDERS = [
    {
        "id": "dragonfly",
        "name": "Dragonfly",
        "icon": _DRAGONFLY,
        "source": "https://github.com/dragonflyoss/Dragonfly2",
        "version": "2.1.59",
        "maintainers": ["chlins.zhang@gmail.com", "gaius.qi@gmail.com"],
    },
    {
        "id": "kraken",
        "name": "Kraken",
        "icon": "https://github.com/uber/kraken/blob/master/assets/kraken-logo-color.svg",
        "source": "https://github.com/uber/kraken",
        "version": "0.1.3",
        "maintainers": ["mmpei/peimingming@corp.netease.com"],
    },
]


@route("GET", "/p2p/preheat/providers")
def list_providers(call: Call) -> list[dict[str, Any]]:
    call.require_system(_RESOURCE, "list")
    return _PROVIDERS


@route("GET", _BASE, listing=True)
def list_instances(call: Call) -> Answer:
    call.require_system(_RESOURCE, "list")
    return call.list_page(call.select(call.tx.find("preheat_instance"), COLUMNS), show)


@route("POST", _BASE, PREHEAT_INSTANCE)
def create_instance(call: Call) -> Answer:
    call.require_system(_RESOURCE, "create")
    row = {**_row(call.body), "setup_timestamp": clock.epoch()}
    # Harbor looks for the address first, and has no code for what it finds; the database then looks for the name.
    if call.tx.find("preheat_instance", endpoint=row["endpoint"]):
        raise internal()
    try:
        call.tx.insert("preheat_instance", row)
    except Duplicate as error:
        raise conflict(f"instance {row['name']} already exists") from error
    return created(f"{call.path}/{row['name']}")


@route("POST", _BASE + "/ping", PREHEAT_INSTANCE)
def ping_instance(call: Call) -> None:
    call.require_system(_RESOURCE, "read")
    if call.body.get("id", 0) > 0:
        found = call.tx.get("preheat_instance", call.body["id"])
        if found is None:
            raise BareError(404)
    elif not call.body.get("endpoint"):
        raise BareError(400)
    else:
        found = _row(call.body)
    check_health(call, found)


@route("GET", _BASE + "/{name}")
def read_instance(call: Call) -> dict[str, Any]:
    call.require_system(_RESOURCE, "read")
    return show(_find(call))


@route("PUT", _BASE + "/{name}", PREHEAT_INSTANCE)
def update_instance(call: Call) -> None:
    """The path only has to name an instance; the one that the body's id names is changed."""
    call.require_system(_RESOURCE, "update")
    named = _find(call)
    body = {**call.body}
    if not body.get("auth_info") and (body.get("auth_mode") or named["auth_mode"]) != "NONE":
        body["auth_info"] = named["auth_info"]
    row = _row(body)
    instance = find(call.tx, body.get("id", 0))
    if not row["enabled"] and call.tx.find("preheat_policy", provider_id=instance["id"]):
        raise precondition(f"Provider [{instance['name']}] cannot be disabled as some preheat policies are using it")
    if row["vendor"] != instance["vendor"]:
        raise internal()
    if row["default"]:
        for other in call.tx.find("preheat_instance", default=True):
            call.tx.update("preheat_instance", other["id"], default=False)
    call.tx.update("preheat_instance", instance["id"], **row)


@route("DELETE", _BASE + "/{name}")
def delete_instance(call: Call) -> None:
    call.require_system(_RESOURCE, "delete")
    instance = _find(call)
    if call.tx.find("preheat_policy", provider_id=instance["id"]):
        raise precondition(f"Provider [{instance['name']}] cannot be deleted as some preheat policies are using it")
    call.tx.delete("preheat_instance", instance["id"])


def find(tx: Transaction, ident: int) -> Doc:
    """An instance by id. Raises ApiError 404."""
    instance = tx.get("preheat_instance", ident)
    if instance is None:
        raise not_found(f"instance {ident} not found")
    return instance


def check_health(call: Call, instance: Doc) -> None:
    """Raise ApiError 500 unless Harbor has a driver for the vendor and somebody answers."""
    known = any(provider["id"] == instance["vendor"] for provider in _PROVIDERS)
    if not known or not call.harbor.world.preheat_provider_is_healthy(instance["endpoint"]):
        raise internal()


def _find(call: Call) -> Doc:
    instance = first(call.tx, "preheat_instance", name=call.params["name"])
    if instance is None:
        raise not_found(f"instance {call.params['name']} not found")
    return instance


def _row(body: Doc) -> Doc:
    """The row that a body makes; neither vendor nor mode of authentication is checked. Raises ApiError 500 for a bad name."""
    if not NAME.fullmatch(body.get("name", "")):
        raise internal()
    texts = {key: body.get(key, "") for key in ("name", "description", "vendor", "endpoint", "auth_mode")}
    flags = {key: body.get(key, False) for key in ("enabled", "default", "insecure")}
    return {**texts, **flags, "auth_info": body.get("auth_info", {}), "setup_timestamp": body.get("setup_timestamp", 0)}


def show(instance: Doc) -> dict[str, Any]:
    """An instance without its credentials; its state is always unknown."""
    shown = {key: instance[key] for key in ("id", "name", "enabled", "default", "insecure")} | {"status": "Unknown"}
    optional = ("description", "vendor", "endpoint", "auth_mode", "setup_timestamp")
    return shown | {key: instance[key] for key in optional if instance[key]}
