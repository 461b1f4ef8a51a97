# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""trivy-adapter: the scanner's probes and description. It scans nothing."""

from __future__ import annotations

import os
from collections.abc import Mapping

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .environment import Refused, connect_redis, need, serve

_REPORTS = ["application/vnd.security.vulnerability.report; version=1.1"]
_IMAGES = ["application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json"]


def main(environment: Mapping[str, str]) -> None:
    """Check, connect to Redis, serve."""
    (url,) = need(environment, "SCANNER_REDIS_URL")
    connect_redis(url, "SCANNER_REDIS_URL")
    for name, default in (("CACHE", "trivy"), ("REPORTS", "reports")):
        directory = environment.get(f"SCANNER_TRIVY_{name}_DIR") or f"/home/scanner/.cache/{default}"
        if not os.access(directory, os.W_OK):
            raise Refused(f"{directory} is not writable")
    probes = [Route(f"/probe/{name}", well) for name in ("healthy", "ready")]
    port = (environment.get("SCANNER_API_SERVER_ADDR") or ":8080").rpartition(":")[2]
    certificate, key = environment.get("SCANNER_API_SERVER_TLS_CERTIFICATE"), environment.get("SCANNER_API_SERVER_TLS_KEY")
    tls = {"ssl_certfile": certificate, "ssl_keyfile": key} if certificate and key else {}
    serve(Starlette(routes=[*probes, Route("/api/v1/metadata", metadata)]), int(port), tls)


def well(request: Request) -> Response:
    return Response(status_code=200)


def metadata(request: Request) -> JSONResponse:
    return JSONResponse(
        {
            "scanner": {"name": "Trivy", "vendor": "Aqua Security", "version": "stand-in"},
            "capabilities": [{"type": "vulnerability", "consumes_mime_types": _IMAGES, "produces_mime_types": _REPORTS}],
            "properties": {"harbor.scanner-adapter/scanner-type": "os-package-vulnerability"},
        }
    )
