# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scanners and their work: who scans what, the reports, and what is shown of them.

A vulnerability report belongs to a digest and a scanner, whoever holds that digest; an SBOM to one artifact. The state of a report is that
of the task that makes it, and `Error` once that task is gone.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from typing import TYPE_CHECKING, Any

from . import clock, content, events, jobs
from .errors import bad_request, conflict, precondition
from .joblog import Log
from .store import Doc, Transaction, first

if TYPE_CHECKING:
    from .harbor import Harbor

METADATA_KEY = "projectScanner"
SCAN, SCAN_ALL = content.SCAN_VENDOR, "SCAN_ALL"
VULNERABILITY, SBOM = "vulnerability", "sbom"
REPORT_TYPE = "application/vnd.security.vulnerability.report; version=1.1"
SEVERITIES = ("None", "Unknown", "Negligible", "Low", "Medium", "High", "Critical")
_SOURCE = "/harbor/src/pkg/scan/job.go"
_EVENTS = {"Success": "SCANNING_COMPLETED", "Error": "SCANNING_FAILED", "Stopped": "SCANNING_STOPPED"}
_SBOM_DOCUMENT = {"spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "packages": []}


# The config of an image of nothing, as the library that pushes SBOMs writes it.
_SBOM_CONFIG = b'{"architecture":"","created":"0001-01-01T00:00:00Z","os":"","rootfs":{"type":"layers","diff_ids":[]},"config":{}}'


# Scanners


def new_scanner(**fields: Any) -> Doc:
    """A registration with a uuid of its own; `fields` overrides what a plain one has."""
    now = clock.now()
    plain = {"description": "", "auth": "", "access_credential": "", "skip_certVerify": False, "use_internal_addr": False}
    state = {"disabled": False, "is_default": False, "immutable": False, "create_time": now, "update_time": now}
    return {"uuid": str(uuid.uuid1()), **plain, **state, **fields}


def install_trivy(tx: Transaction, url: str) -> None:
    """The scanner that Harbor brings along: made at the first start, the default unless another one is."""
    if url and first(tx, "scanner", name="Trivy") is None:
        fields = {"name": "Trivy", "url": url, "description": "The Trivy scanner adapter", "use_internal_addr": True, "immutable": True}
        tx.insert("scanner", new_scanner(**fields, is_default=default_scanner(tx) is None))


def default_scanner(tx: Transaction) -> Doc | None:
    return first(tx, "scanner", is_default=True)


def project_scanner(tx: Transaction, project: Doc) -> Doc | None:
    """The scanner of a project. A choice that does not exist any more is dropped here, where Harbor notices it."""
    chosen = project["metadata"].get(METADATA_KEY)
    scanner = first(tx, "scanner", uuid=chosen) if chosen else None
    if chosen and scanner is None:
        rest = {key: value for key, value in project["metadata"].items() if key != METADATA_KEY}
        tx.update("project", project["id"], metadata=rest)
    return scanner or default_scanner(tx)


# What can be scanned


def parts(tx: Transaction, artifact: Doc) -> list[Doc]:
    """The artifact itself, or the parts of an index."""
    siblings = tx.find("artifact", repository_id=artifact["repository_id"]) if artifact["children"] else []
    return [row for row in siblings if row["digest"] in artifact["children"]] if artifact["children"] else [artifact]


def can_scan(harbor: Harbor, tx: Transaction, artifact: Doc, scanner: Doc | None) -> bool:
    """Whether it is an image, or an index of some, and the scanner answers and takes it."""
    metadata = harbor.world.scanner_metadata(scanner["url"]) if scanner and not scanner["disabled"] else None
    if metadata is None or artifact["type"] != "IMAGE" or artifact["subject"]:
        return False
    taken = {kind for capability in metadata["capabilities"] for kind in capability["consumes_mime_types"]}
    return any(part["manifest_media_type"] in taken for part in parts(tx, artifact))


# Scans


def scan(harbor: Harbor, tx: Transaction, project: Doc, artifact: Doc, kind: str, operator: str) -> None:
    """Start a scan. Raises ApiError 400, 409, 412."""
    scanner = project_scanner(tx, project)
    if scanner is None:
        raise precondition(f"no available scanner for project: {project['name']}")
    if scanner["disabled"]:
        raise precondition(f"scanner {scanner['name']} is deactivated")
    if not can_scan(harbor, tx, artifact, scanner):
        media_type = artifact["manifest_media_type"]
        raise bad_request(f"the configured scanner {scanner['name']} does not support scanning artifact with mime type {media_type}")
    wanted = parts(tx, artifact)
    for part in wanted:
        report = find_report(tx, part, scanner, kind)
        if report and status(tx, report) in ("Pending", "Running"):
            raise conflict(f"a previous scan process is {status(tx, report)}")
    execution = jobs.start(tx, SCAN, artifact["id"], jobs.MANUAL, {"artifact_id": artifact["id"], "kind": kind, "operator": operator})
    for part in wanted:
        _add_task(harbor, tx, execution, part, scanner, kind, operator)


def scan_all(harbor: Harbor, tx: Transaction, trigger: str) -> Doc:
    """Scan everything that can be scanned. Only the last such run is remembered."""
    jobs.remove_executions(tx, SCAN_ALL, 0)
    execution = jobs.start(tx, SCAN_ALL, 0, trigger, {})
    for artifact in tx.find("artifact"):
        project = tx.get("project", artifact["project_id"])
        scanner = project_scanner(tx, project) if project else None
        if scanner and not artifact["children"] and can_scan(harbor, tx, artifact, scanner):
            _add_task(harbor, tx, execution, artifact, scanner, VULNERABILITY, "")
    has_tasks = tx.find("task", execution_id=execution["id"])
    return execution if has_tasks else jobs.finish(tx, execution, "Success")


def stop(harbor: Harbor, tx: Transaction, artifact: Doc, kind: str) -> None:
    """Stop what still scans an artifact. Raises ApiError 400 when nothing ever did."""
    runs = [row for row in tx.find("execution", vendor_type=SCAN, vendor_id=artifact["id"]) if row["extra_attrs"]["kind"] == kind]
    if not runs:
        raise bad_request(f"no scan job for artifact digest={artifact['digest']}")
    running = tx.find("task", execution_id=runs[-1]["id"], active=True)
    jobs.stop(tx, runs[-1])
    for task in running:
        _tell(harbor, tx, tx.get("task", task["id"]) or task)


def _add_task(harbor: Harbor, tx: Transaction, execution: Doc, artifact: Doc, scanner: Doc, kind: str, operator: str) -> None:
    old = find_report(tx, artifact, scanner, kind)
    if old:
        tx.delete("report", old["id"])
    ident = str(uuid.uuid4())
    given = {"artifact_id": artifact["id"], "report_uuid": ident, "scanner_uuid": scanner["uuid"], "kind": kind, "operator": operator}
    repository = tx.get("repository", artifact["repository_id"]) or {"name": ""}
    seconds = harbor.world.scan(repository["name"], artifact["digest"]).seconds
    task = jobs.add_task(harbor, tx, execution, given, seconds=seconds)
    owner = {"artifact_id": artifact["id"]} if kind == SBOM else {"digest": artifact["digest"], "artifact_id": 0}
    tx.insert("report", {"uuid": ident, "scanner_uuid": scanner["uuid"], "scan_type": kind, "task_id": task["id"], "result": {}, **owner})


@jobs.runner(SCAN)
@jobs.runner(SCAN_ALL)
def run(harbor: Harbor, tx: Transaction, task: Doc) -> str:
    """Look at one artifact."""
    given = task["extra_attrs"]
    artifact, scanner = tx.get("artifact", given["artifact_id"]), first(tx, "scanner", uuid=given["scanner_uuid"])
    report = first(tx, "report", uuid=given["report_uuid"])
    metadata = harbor.world.scanner_metadata(scanner["url"]) if scanner else None
    if artifact is None or scanner is None or report is None:
        return "Error"
    repository = tx.get("repository", artifact["repository_id"]) or {"name": ""}
    found = harbor.world.scan(repository["name"], artifact["digest"])
    log = _log(harbor, tx, artifact, scanner, metadata, given["kind"])
    if metadata is None or found.fails:
        log.error(269, "scan job: fetch report: scanner API error")
        tx.update("task", task["id"], log=log.text())
        return "Error"
    log.info(229, f"Get report for mime type: {_mime(given['kind'])}")
    tx.update("task", task["id"], log=log.text())
    result: Doc = {"scanner": metadata["scanner"], "generated_at": clock.in_seconds(clock.precise())}
    if given["kind"] == SBOM:
        result["sbom_digest"] = _attach_sbom(harbor, tx, artifact, scanner, found.sbom)
    else:
        result["vulnerabilities"] = [_finding(finding, artifact["digest"]) for finding in found.vulnerabilities]
    tx.update("report", report["id"], result=result)
    return "Success"


@jobs.watcher(SCAN)
@jobs.watcher(SCAN_ALL)
def _tell(harbor: Harbor, tx: Transaction, task: Doc) -> None:
    """Tell the receivers of webhooks how a scan ended."""
    event = _EVENTS.get(task["status"])
    given = task["extra_attrs"]
    artifact, report = tx.get("artifact", given["artifact_id"]), first(tx, "report", uuid=given["report_uuid"])
    if event is None or artifact is None or report is None:
        return
    overview = _event_sbom(tx, artifact, report) if given["kind"] == SBOM else {REPORT_TYPE: _event_report(tx, report)}
    events.scanned(harbor, tx, event, given["operator"], artifact, given["kind"], overview)


def _event_report(tx: Transaction, report: Doc) -> dict[str, Any]:
    """A summary as events carry it: in the order of Harbor's own structure, with what is empty."""
    shown = show_report(tx, report)
    plain = {"report_id": "", "scan_status": "", "severity": "", "duration": 0, "summary": None, "start_time": "", "end_time": ""}
    return {**plain, **shown, "complete_percent": shown.get("complete_percent", 0), **_whole_seconds(shown)}


def _event_sbom(tx: Transaction, artifact: Doc, report: Doc) -> dict[str, Any]:
    shown = show_sbom(tx, report)
    repository = tx.get("repository", artifact["repository_id"]) or {"name": ""}
    return dict(sorted({**shown, "sbom_repository": repository["name"], **_whole_seconds(shown)}.items()))


def _whole_seconds(shown: dict[str, Any]) -> dict[str, str]:
    return {key: clock.in_seconds(shown[key]) for key in ("start_time", "end_time")}


def _mime(kind: str) -> str:
    return REPORT_TYPE if kind == VULNERABILITY else "application/vnd.security.sbom.report+json; version=1.0"


def _finding(finding: Any, digest: str) -> Doc:
    """A finding as a report prints it: nothing is left out."""
    score = {"score_v3": None, "score_v2": None, "vector_v3": "", "vector_v2": ""}
    plain = {"version": "", "fix_version": "", "status": "", "description": "", "links": [""], "cwe_ids": [""], "vendor_attributes": None}
    return {**plain, **finding, "artifact_digests": [digest], "preferred_cvss": {**score, **finding.get("preferred_cvss", {})}}


def _log(harbor: Harbor, tx: Transaction, artifact: Doc, scanner: Doc, metadata: Doc | None, kind: str) -> Log:
    repository = tx.get("repository", artifact["repository_id"]) or {"name": ""}
    tags = tx.find("tag", artifact_id=artifact["id"])
    about = (metadata or {"scanner": {"name": "", "vendor": "", "version": ""}})["scanner"]
    shown = {key: scanner[key] for key in ("uuid", "name", "description", "url", "disabled", "is_default")}
    shown |= {"health": "healthy", "auth": scanner["auth"], "access_credential": "[HIDDEN]"}
    shown |= {key: scanner[key] for key in ("skip_certVerify", "use_internal_addr")}
    shown |= {"adapter": about["name"], "vendor": about["vendor"], "version": about["version"]}
    shown |= {key: scanner[key] for key in ("create_time", "update_time")}
    where = {"namespace_id": artifact["project_id"], "repository": repository["name"], "tag": tags[0]["name"] if tags else ""}
    where |= {"digest": artifact["digest"], "mime_type": artifact["manifest_media_type"], "size": artifact["size"]}
    wanted = {"type": kind, "produces_mime_types": [_mime(kind)], "parameters": None}
    registry = {"url": harbor.settings.core_url, "authorization": "[HIDDEN]", "insecure": False}
    log = Log(_SOURCE)
    log.info(396, json.dumps(shown, indent=2))
    log.info(396, json.dumps({"registry": registry, "artifact": where, "enabled_capabilities": [wanted]}, indent=2))
    log.info(172, f"Report mime types: [{_mime(kind)}]")
    return log


def _attach_sbom(harbor: Harbor, tx: Transaction, artifact: Doc, scanner: Doc, document: str) -> str:
    """Push the SBOM as an accessory in place of an older one; its digest."""
    for row in tx.find("artifact", repository_id=artifact["repository_id"], subject=artifact["digest"]):
        if row["artifact_type"] == content.SBOM_TYPE:
            content.delete_artifact(tx, row)
    repository, project = tx.get("repository", artifact["repository_id"]), tx.get("project", artifact["project_id"])
    assert repository is not None and project is not None
    blobs = {_digest(raw): raw for raw in (_SBOM_CONFIG, (document or json.dumps(_SBOM_DOCUMENT)).encode())}
    config, layer = ({"mediaType": content.SBOM_TYPE, "size": len(raw), "digest": digest} for digest, raw in blobs.items())
    # Harbor states the size of the whole image here.
    subject = {"mediaType": artifact["manifest_media_type"], "size": artifact["size"], "digest": artifact["digest"]}
    now = clock.in_seconds(clock.precise())
    notes = {"created": now, "created-by": "Harbor", "org.opencontainers.artifact.created": now}
    notes["org.opencontainers.artifact.description"] = "SPDX JSON SBOM"
    body = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "config": config, "layers": [layer]}
    raw = json.dumps({**body, "subject": subject, "annotations": notes}, separators=(",", ":")).encode()
    manifest = content.Manifest.parse(raw, "")
    harbor.registry.keep(repository["name"], manifest.digest, manifest.media_type, raw, blobs)
    pushed = content.record_manifest(tx, project, repository["name"], manifest.digest, manifest)
    # Harbor makes a robot for each scan.
    robot = f"{project['name']}+{harbor.settings.scanner_robot_prefix}-{scanner['name']}-{uuid.uuid1()}"
    events.artifact(harbor, tx, events.PUSH, f"{harbor.config(tx)['robot_name_prefix']}{robot}", pushed)
    return manifest.digest


def _digest(raw: bytes) -> str:
    return "sha256:" + hashlib.sha256(raw).hexdigest()


# Reports


def find_report(tx: Transaction, artifact: Doc, scanner: Doc, kind: str) -> Doc | None:
    owner = {"artifact_id": artifact["id"]} if kind == SBOM else {"digest": artifact["digest"]}
    return first(tx, "report", scanner_uuid=scanner["uuid"], scan_type=kind, **owner)


def status(tx: Transaction, report: Doc) -> str:
    task = tx.get("task", report["task_id"])
    return str(task["status"]) if task else "Error"


def highest(report: Doc, but: frozenset[str] = frozenset()) -> str:
    """The worst severity of what was found, leaving some CVEs aside."""
    found = [finding["severity"] for finding in report["result"].get("vulnerabilities", []) if finding["id"] not in but]
    return max(found, key=_rank, default="None")


def _rank(severity: str) -> int:
    return SEVERITIES.index(severity) if severity in SEVERITIES else 1


def overview(tx: Transaction, artifact: Doc, scanner: Doc) -> dict[str, Any] | None:
    """The summary of the vulnerability reports of an artifact or of the parts of an index; None when one has no report."""
    reports = [find_report(tx, part, scanner, VULNERABILITY) for part in parts(tx, artifact)]
    known = [report for report in reports if report is not None]
    if not known or len(known) < len(reports):
        return None
    return show_report(tx, known[0]) if len(known) == 1 else _merged([show_report(tx, report) for report in known])


def show_report(tx: Transaction, report: Doc) -> dict[str, Any]:
    state, task = status(tx, report), tx.get("task", report["task_id"]) or {"start_time": None, "end_time": None}
    shown: dict[str, Any] = {"report_id": report["uuid"], "scan_status": state}
    shown |= {key: clock.in_milliseconds(task[key]) for key in ("start_time", "end_time")}
    if task["end_time"]:
        shown["duration"] = _duration(task)
    if state != "Success":
        return shown
    found = report["result"]["vulnerabilities"]
    counts: dict[str, int] = {}
    for finding in found:
        counts[finding["severity"]] = counts.get(finding["severity"], 0) + 1
    summary = {"total": len(found), "fixable": sum(bool(finding["fix_version"]) for finding in found), "summary": counts}
    return shown | {"complete_percent": 100, "scanner": report["result"]["scanner"], "severity": highest(report), "summary": summary}


def show_sbom(tx: Transaction, report: Doc) -> dict[str, Any]:
    state, task = status(tx, report), tx.get("task", report["task_id"]) or {"start_time": None, "end_time": None}
    if state == "Success":
        times = {key: clock.in_milliseconds(task[key]) for key in ("start_time", "end_time")}
        made = {key: report["result"][key] for key in ("sbom_digest", "scanner")}
        return {"scan_status": state, "duration": _duration(task), **times, **made}
    # Until it is done, times are not told.
    return {"report_id": report["uuid"], "scan_status": state, "start_time": clock.NEVER, "end_time": clock.NEVER}


def _duration(task: Doc) -> int:
    return clock.seconds(task["end_time"]) - clock.seconds(task["start_time"])


def _merged(shown: list[dict[str, Any]]) -> dict[str, Any]:
    """The summary of an index. One good part hides the failures of others."""
    states = [item["scan_status"] for item in shown]
    order = ("Running", "Pending", "Stopped", "Success", "Error")
    state = next(state for state in order if state in states)
    merged = {"report_id": "|".join(item["report_id"] for item in shown), "scan_status": state}
    merged |= {"start_time": min(item["start_time"] for item in shown), "end_time": max(item["end_time"] for item in shown)}
    if state != "Success":
        return merged
    good = [item for item in shown if item["scan_status"] == "Success"]
    counts: dict[str, int] = {}
    for item in good:
        for severity, count in item["summary"]["summary"].items():
            counts[severity] = counts.get(severity, 0) + count
    total = {key: sum(item["summary"][key] for item in good) for key in ("total", "fixable")}
    worst = max((item["severity"] for item in good), key=_rank)
    duration = max(item.get("duration", 0) for item in shown)
    return merged | {
        "complete_percent": 100 * len(good) // len(shown),
        "duration": duration,
        "scanner": good[0]["scanner"],
        "severity": worst,
        "summary": {**total, "summary": counts},
    }


def full_report(tx: Transaction, artifact: Doc, scanner: Doc) -> dict[str, Any] | None:
    """The whole report of an artifact, those of an index joined."""
    known = [report for part in parts(tx, artifact) if (report := find_report(tx, part, scanner, VULNERABILITY)) and report["result"]]
    if not known:
        return None
    found = [finding for report in known for finding in report["result"]["vulnerabilities"]]
    newest = max(report["result"]["generated_at"] for report in known)
    worst = max((highest(report) for report in known), key=_rank)
    return {"generated_at": newest, "scanner": known[0]["result"]["scanner"], "severity": worst, "vulnerabilities": found}
