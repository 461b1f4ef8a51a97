# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scans of artifacts, their logs, and what can be read about an artifact beside itself."""

from __future__ import annotations

import json
from typing import Any

from .. import content, scanning
from ..errors import bad_request, not_found
from ..models import SCAN_START, SCAN_STOP
from ..store import Doc, first
from ..web import Answer, Call, route
from .artifacts import find_artifact
from .repositories import ONE

_ARTIFACT = ONE + "/artifacts/{reference}"


@route("POST", _ARTIFACT + "/scan", SCAN_START)
def start_scan(call: Call) -> Answer:
    kind = (call.body or {}).get("scan_type", scanning.VULNERABILITY)
    artifact = find_artifact(call, _resource(kind), "create")
    project = call.tx.get("project", artifact["project_id"]) or {}
    scanning.scan(call.harbor, call.tx, project, artifact, kind, call.caller.name)
    return Answer(202)


@route("POST", _ARTIFACT + "/scan/stop", SCAN_STOP)
def stop_scan(call: Call) -> Answer:
    kind = call.body.get("scan_type", scanning.VULNERABILITY)
    scanning.stop(call.harbor, call.tx, find_artifact(call, _resource(kind), "stop"), kind)
    return Answer(202)


@route("GET", _ARTIFACT + "/scan/{report}/log")
def read_log(call: Call) -> Answer:
    find_artifact(call, "scan", "read")
    report = first(call.tx, "report", uuid=call.params["report"])
    task = call.tx.get("task", report["task_id"]) if report else None
    if task is None:
        raise not_found(f"report with uuid {call.params['report']} does not exist")
    return Answer(200, task["log"], media_type="text/plain")


@route("GET", _ARTIFACT + "/additions/vulnerabilities")
def read_report(call: Call) -> dict[str, Any]:
    artifact = find_artifact(call, "artifact-addition", "read")
    project = call.tx.get("project", artifact["project_id"]) or {}
    scanner = scanning.project_scanner(call.tx, project)
    report = scanning.full_report(call.tx, artifact, scanner) if scanner else None
    accepted = call.headers.get("x-accept-vulnerabilities", scanning.REPORT_TYPE)
    return {scanning.REPORT_TYPE: report} if report and scanning.REPORT_TYPE in accepted else {}


@route("GET", _ARTIFACT + "/additions/{addition}")
def read_addition(call: Call) -> Any:
    artifact = find_artifact(call, "artifact-addition", "read")
    name = call.params["addition"]
    if name == "build_history" and artifact["config"] is not None:
        return Answer(200, artifact["config"].get("history", []), media_type="application/json; charset=utf-8")
    if name == "sbom" and artifact["artifact_type"] == content.SBOM_TYPE:
        return _sbom(call, artifact)
    raise bad_request(f"addition {name.upper()} isn't supported for {artifact['type']}(manifest version 2)")


def _sbom(call: Call, artifact: Doc) -> Any:
    repository = call.tx.get("repository", artifact["repository_id"]) or {"name": ""}
    layer = next(digest for digest in artifact["blobs"] if digest not in (artifact["digest"], artifact["config_digest"]))
    return json.loads(call.harbor.registry.blob(repository["name"], layer))


def _resource(kind: str) -> str:
    return "sbom" if kind == scanning.SBOM else "scan"
