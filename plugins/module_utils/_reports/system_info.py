# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Version, health and storage of a Harbor. Private to this collection."""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.harbor.plugins.module_utils._errors import ApiError
from ansible_collections.dockmaster.harbor.plugins.module_utils._report import Report

if t.TYPE_CHECKING:
    from ansible_collections.dockmaster.harbor.plugins.module_utils._http import Api
    from ansible_collections.dockmaster.harbor.plugins.module_utils._resource import Raw, Values, World

GENERAL = ("auth_mode", "primary_auth_mode", "self_registration", "project_creation_restriction", "read_only", "external_url")


def read(api: Api, world: World, values: Values) -> Values:
    """Read what any caller may, and the storage where the caller may."""
    info = api.get("/systeminfo") or {}
    health = api.get("/health") or {}
    components = {raw["name"]: component(raw) for raw in health.get("components") or []}
    return {
        "version": world.extra["version"],
        "version_numbers": list(world.version),
        **{name: info.get(name) for name in GENERAL},
        "healthy": health.get("status") == "healthy",
        "components": components,
        "unhealthy": sorted(name for name, one in components.items() if one["status"] != "healthy"),
        "storage": {"provider": info.get("registry_storage_provider_name", ""), "volumes": volumes(api)},
        "statistics": api.get("/statistics") or {},
    }


def component(raw: Raw) -> Values:
    """Return the state of one component, with the reason where Harbor tells one."""
    return {"status": raw.get("status", ""), "error": raw.get("error", "")}


def volumes(api: Api) -> list[Values] | None:
    """Return size and free space of local storage in bytes; None for callers who may not know."""
    try:
        found = api.get("/systeminfo/volumes") or {}
    except ApiError as error:
        if error.status not in (401, 403):
            raise
        return None
    # A registry without a local disk has a volume that nothing is known of.
    return [{name: int(raw.get(name) or 0) for name in ("total", "free")} for raw in found.get("storage") or [] if raw]


SYSTEM_INFO = Report(
    name="system_info",
    paths=("/systeminfo", "/systeminfo/volumes", "/health", "/statistics"),
    read=read,
    fields=(),
)
