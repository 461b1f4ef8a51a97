# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""registryctl: reads the registry's configuration, whose storage it would clean, and says that it is there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from .environment import Refused, need, read_yaml, serve, tls_files


def main(environment: Mapping[str, str]) -> None:
    """Check, then serve the health probe."""
    need(environment, "JOBSERVICE_SECRET")
    config = read_yaml(Path("/etc/registryctl/config.yml"))
    registry_path = Path(str(config.get("registry_config") or "/etc/registry/config.yml"))
    storage = read_yaml(registry_path).get("storage")
    if not isinstance(storage, dict) or not set(storage) - {"cache", "delete", "maintenance", "redirect"}:
        raise Refused(f"{registry_path} names no storage driver")
    app = Starlette(routes=[Route("/api/health", health)])
    serve(app, int(config.get("port") or 8080), tls_files(environment))


def health(request: Request) -> JSONResponse:
    return JSONResponse("healthy")
