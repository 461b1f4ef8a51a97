# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The security hub: what the default scanner found in all artifacts. What a project's own scanner found is not in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .. import scanning
from ..errors import bad_request
from ..listing import Columns, parse_q, select
from ..store import Doc, Transaction, first
from ..web import Answer, Call, route

COLUMNS = Columns(
    {"cve_id": str, "severity": str, "status": str, "project_id": int, "repository_name": str, "package": str, "digest": str},
)
# Numbers in ranges, and a tag that one of many must equal, are looked at here.
_MORE_KEYS = ("cvss_score_v3", "tag")
_MAX_TUNED = 1000
_DANGEROUS = 5
_TAGS = 10
# Harbor prints these counts also when they are 0.
_ALWAYS = ("Critical", "Medium", "Low")


@route("GET", "/security/summary")
def summary(call: Call) -> dict[str, Any]:
    call.require_system("security-hub", "read")
    counts: dict[str, int] = dict.fromkeys(scanning.SEVERITIES, 0)
    fixable = 0
    scanned = _scanned(call.tx)
    for _, report in scanned:
        for finding in _findings(report):
            counts[finding["severity"]] += 1
            fixable += bool(finding["fix_version"])
    shown: dict[str, Any] = {f"{name.lower()}_cnt": counts[name] for name in counts if counts[name] or name in _ALWAYS}
    shown |= {"fixable_cnt": fixable, "total_vuls": sum(counts.values())}
    shown |= {"scanned_cnt": len(scanned), "total_artifact": len(call.tx.find("artifact"))}
    if _is_true(call, "with_dangerous_cve"):
        shown["dangerous_cves"] = _dangerous_cves(scanned)
    if _is_true(call, "with_dangerous_artifact"):
        shown["dangerous_artifacts"] = _dangerous_artifacts(call.tx, scanned)
    return {key: value for key, value in shown.items() if value != []}


@route("GET", "/security/vul", listing=True)
def list_vulnerabilities(call: Call) -> Answer:
    call.require_system("security-hub", "list")
    wanted = parse_q(call.query.get("q", ""))
    for key in wanted:
        if key not in (*COLUMNS.types, *_MORE_KEYS):
            raise bad_request(f"bad request: keyword: {key} is not allowed")
    rows = select(list(_rows(call.tx)), COLUMNS, wanted)
    if "tag" in wanted:
        rows = [row for row in rows if wanted["tag"] in row["tags"]]
    rows = [row for row in rows if _in_range(row["cvss_v3_score"], wanted.get("cvss_score_v3", ""))]
    total = -1 if _is_true(call, "tune_count") and len(rows) > _MAX_TUNED else len(rows)
    with_tag = _is_true(call, "with_tag")
    return call.list_page(rows, lambda row: _show(row, with_tag=with_tag), total)


def _is_true(call: Call, key: str) -> bool:
    return call.query.get(key, "").lower() == "true"


def _scanned(tx: Transaction) -> list[tuple[Doc, Doc]]:
    """Artifacts with the report that the default scanner made of them, however it ended."""
    scanner = scanning.default_scanner(tx)
    if scanner is None:
        return []
    found = [(artifact, scanning.find_report(tx, artifact, scanner, scanning.VULNERABILITY)) for artifact in tx.find("artifact")]
    return [(artifact, report) for artifact, report in found if report is not None]


def _findings(report: Doc) -> list[Doc]:
    findings: list[Doc] = report["result"].get("vulnerabilities", [])
    return findings


def _score(finding: Doc) -> float | None:
    score: float | None = finding["preferred_cvss"]["score_v3"]
    return score


def _dangerous_cves(scanned: list[tuple[Doc, Doc]]) -> list[dict[str, Any]]:
    """The worst CVEs by score, each once."""
    known = {(finding["id"], finding["package"], finding["version"]): finding for _, report in scanned for finding in _findings(report)}
    scored = [finding for finding in known.values() if _score(finding)]
    scored.sort(key=lambda finding: (-(_score(finding) or 0), -scanning.SEVERITIES.index(finding["severity"])))
    return [
        {
            "cve_id": finding["id"],
            "severity": finding["severity"],
            "cvss_score_v3": _score(finding),
            "package": finding["package"],
            "version": finding["version"],
        }
        for finding in scored[:_DANGEROUS]
    ]


def _dangerous_artifacts(tx: Transaction, scanned: list[tuple[Doc, Doc]]) -> list[dict[str, Any]]:
    """The artifacts with the most and worst findings."""
    names = ("Critical", "High", "Medium", "Low")
    counted = [(artifact, [sum(item["severity"] == name for item in _findings(report)) for name in names]) for artifact, report in scanned]
    counted = sorted([(artifact, counts) for artifact, counts in counted if any(counts)], key=lambda pair: [-count for count in pair[1]])
    return [
        {
            "project_id": artifact["project_id"],
            "repository_name": (tx.get("repository", artifact["repository_id"]) or {"name": ""})["name"],
            "digest": artifact["digest"],
            **{f"{name.lower()}_cnt": count for name, count in zip(names[:3], counts[:3], strict=True)},
        }
        for artifact, counts in counted[:_DANGEROUS]
    ]


def _rows(tx: Transaction) -> Iterator[Doc]:
    """One row for each artifact, CVE and package; artifacts with the same digest share their findings."""
    by_report: dict[int, tuple[Doc, list[Doc]]] = {}
    for artifact, report in _scanned(tx):
        by_report.setdefault(report["id"], (report, []))[1].append(artifact)
    for report, artifacts in by_report.values():
        for finding in _findings(report):
            for artifact in artifacts:
                yield _row(tx, artifact, finding)


def _row(tx: Transaction, artifact: Doc, finding: Doc) -> Doc:
    repository = first(tx, "repository", id=artifact["repository_id"]) or {"name": ""}
    return {
        "cve_id": finding["id"],
        "severity": finding["severity"],
        "status": finding["status"],
        "cvss_v3_score": _score(finding),
        "package": finding["package"],
        "version": finding["version"],
        "fixed_version": finding["fix_version"],
        "desc": finding["description"],
        "links": finding["links"],
        "project_id": artifact["project_id"],
        "repository_name": repository["name"],
        "digest": artifact["digest"],
        "tags": [tag["name"] for tag in tx.find("tag", artifact_id=artifact["id"])],
    }


def _in_range(score: float | None, text: str) -> bool:
    """Whether a score lies in `[low~high]`; anything else is no condition, as in Harbor."""
    low, sign, high = text.strip("[]").partition("~")
    return not sign or (score is not None and float(low or 0) <= score <= float(high or 10))


def _show(row: Doc, *, with_tag: bool) -> dict[str, Any]:
    shown = {key: value for key, value in row.items() if value or key in ("tags", "links")}
    return shown | {"tags": row["tags"][:_TAGS] if with_tag else None}
