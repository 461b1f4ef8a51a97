# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exports of what the scanners found in a project, as CSV files that vanish when they are fetched."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from .. import clock, jobs, scanning
from ..errors import BareError, bad_request, forbidden, not_found, unauthorized
from ..models import CVE_EXPORT
from ..security import UserCaller
from ..selectors import matches
from ..store import Doc, Transaction
from ..web import Answer, Call, project_or_404, route

if TYPE_CHECKING:
    from ..harbor import Harbor

VENDOR = "SCAN_DATA_EXPORT"
_CSV = "text/csv"
_NOTHING = "No vulnerabilities found or matched"
_HEAD = ("Repository", "Artifact Digest", "CVE", "Package", "Current Version", "Fixed in version", "Severity", "CWE Ids", "Additional Data")


@route("POST", "/export/cve", CVE_EXPORT)
def start(call: Call) -> dict[str, int]:
    body = call.body
    if call.headers.get("x-scan-data-type") != scanning.REPORT_TYPE:
        raise bad_request(f"bad request: Unsupported MIME type : {call.headers.get('x-scan-data-type', '')}")
    projects = body.get("projects", [])
    if len(projects) != 1:
        raise bad_request("bad request: only support export single project")
    for key in ("repositories", "tags", "cveIds"):
        if " " in body.get(key, ""):
            raise bad_request("bad request: invalid criteria value, please remove additional spaces for input")
    project_or_404(call, projects[0], "export-cve", "create")
    if not isinstance(call.caller, UserCaller):
        raise not_found(f"user {call.caller.name} not found")
    given = {"user_id": call.caller.user["id"], "user_name": call.caller.name, "project_id": projects[0], "file": ""}
    given |= {key: body.get(key, "") for key in ("repositories", "tags", "cveIds")} | {"labels": body.get("labels", [])}
    execution = jobs.start(call.tx, VENDOR, call.caller.user["id"], jobs.MANUAL, given)
    jobs.add_task(call.harbor, call.tx, execution, {})
    return {"id": execution["id"]}


@route("GET", "/export/cve/execution/{id}")
def read_execution(call: Call) -> dict[str, Any]:
    return _show(_find(call))


@route("GET", "/export/cve/executions")
def list_executions(call: Call) -> dict[str, Any]:
    if not call.caller.is_authenticated:
        raise unauthorized()
    rows = [row for row in call.tx.find("execution", vendor_type=VENDOR) if row["extra_attrs"]["user_name"] == call.caller.name]
    return {"items": [_show(row) for row in rows[::-1]]}


@route("GET", "/export/cve/download/{id}")
def download(call: Call) -> Answer:
    execution = _find(call)
    text = execution["extra_attrs"]["file"]
    if not text:
        raise BareError(404, "", _CSV)
    for task in call.tx.find("task", execution_id=execution["id"]):
        call.tx.delete("task", task["id"])
    call.tx.delete("execution", execution["id"])
    name = f"scandata_export_{execution['id']}.csv"
    return Answer(200, text, {"Content-Disposition": f'attachment; filename="{name}"'}, _CSV)


@jobs.runner(VENDOR)
def run(harbor: Harbor, tx: Transaction, task: Doc) -> str:
    """Write the file, when anything was found."""
    execution = tx.get("execution", task["execution_id"]) or {}
    given = execution["extra_attrs"]
    rows = [row for artifact in tx.find("artifact", project_id=given["project_id"]) for row in _rows(tx, artifact, given)]
    if rows:
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerows([_HEAD, *rows])
        tx.update("execution", execution["id"], extra_attrs={**given, "file": text.getvalue()})
    return "Success"


def _rows(tx: Transaction, artifact: Doc, given: Doc) -> list[list[str]]:
    project, repository = tx.get("project", artifact["project_id"]), tx.get("repository", artifact["repository_id"])
    scanner = scanning.project_scanner(tx, project) if project else None
    report = scanning.find_report(tx, artifact, scanner, scanning.VULNERABILITY) if scanner else None
    if repository is None or report is None or not set(given["labels"]) <= set(artifact["labels"]):
        return []
    tags = [tag["name"] for tag in tx.find("tag", artifact_id=artifact["id"])]
    short = repository["name"].partition("/")[2]
    if not _fits(given["repositories"], short) or (given["tags"] and not any(_fits(given["tags"], tag) for tag in tags)):
        return []
    findings = [finding for finding in report["result"].get("vulnerabilities", []) if _fits(given["cveIds"], finding["id"])]
    return [_row(repository["name"], artifact["digest"], finding) for finding in findings]


def _row(repository: str, digest: str, finding: Doc) -> list[str]:
    texts = [finding[key] for key in ("id", "package", "version", "fix_version", "severity")]
    return [repository, digest, *texts, "|".join(finding["cwe_ids"]), ""]


def _fits(patterns: str, name: str) -> bool:
    """Whether one of some patterns, set apart by commas, matches; no pattern at all matches everything."""
    return not patterns or any(matches(pattern, name) for pattern in patterns.split(","))


def _find(call: Call) -> Doc:
    """An export of the caller's own. Raises ApiError 401, 403, 404."""
    if not call.caller.is_authenticated:
        raise unauthorized()
    ident = call.number("id")
    execution = call.tx.get("execution", ident)
    if execution is None or execution["vendor_type"] != VENDOR:
        raise not_found(f"execution {ident} not found")
    call.require(call.tx.get("project", execution["extra_attrs"]["project_id"]), "export-cve", "read")
    if execution["extra_attrs"]["user_name"] != call.caller.name:
        raise forbidden("")
    return execution


def _show(execution: Doc) -> dict[str, Any]:
    given = execution["extra_attrs"]
    shown = {key: execution[key] for key in ("id", "status", "trigger")} | {key: given[key] for key in ("user_id", "user_name")}
    shown |= {key: clock.in_milliseconds(execution[key]) for key in ("start_time", "end_time")}
    return shown | {"file_present": bool(given["file"]), "status_text": "" if given["file"] else _NOTHING}
