# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which images a project lets out: signed ones, scanned ones, ones without grave findings. Only pulls of manifests are judged."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from . import scanning
from .errors import ApiError
from .security import Caller, TokenCaller
from .store import Doc, Transaction, first

if TYPE_CHECKING:
    from .harbor import Harbor

_TRUE = ("1", "t", "T", "TRUE", "true", "True")
_SIGNATURES = {"enable_content_trust": ("signature.notation", "notation"), "enable_content_trust_cosign": ("signature.cosign", "cosign")}
_SIGNERS = ("cosign", "notation")
_ASK = "To continue with pull, please contact your project administrator"


def check(harbor: Harbor, tx: Transaction, caller: Caller, user_agent: str, name: str, artifact: Doc) -> None:
    """Raise ApiError 412 unless the project's policies let an artifact be pulled."""
    project = tx.get("project", artifact["project_id"])
    # Those who sign must read what they sign, and a signature itself needs none.
    signs = any(word in user_agent.lower() for word in _SIGNERS) and "push" in _actions(caller, name)
    if project is None or artifact["subject"] or signs:
        return
    metadata = project["metadata"]
    for key, (kind, word) in _SIGNATURES.items():
        if metadata.get(key) in _TRUE and kind not in _accessories(tx, artifact):
            raise _violation(f"The image is not signed by {word}.")
    if metadata.get("prevent_vul") in _TRUE:
        _check_findings(harbor, tx, project, artifact)


def _check_findings(harbor: Harbor, tx: Transaction, project: Doc, artifact: Doc) -> None:
    scanner = scanning.project_scanner(tx, project)
    # The parts of an index are judged one by one when they are pulled.
    if artifact["children"] or scanner is None:
        return
    severity = project["metadata"].get("severity", "").title()
    severity = severity if severity in scanning.SEVERITIES else "None"
    policy = f'cannot be pulled due to configured policy in \'Prevent images with vulnerability severity of "{severity}" or higher'
    policy += f" from running.' {_ASK}"
    report = scanning.find_report(tx, artifact, scanner, scanning.VULNERABILITY)
    if report is None:
        if scanning.can_scan(harbor, tx, artifact, scanner):
            raise _violation(f"current image without vulnerability scanning {policy} for help.")
        return
    state = scanning.status(tx, report)
    if state != "Success":
        raise _violation(f'current image with "{state}" status of vulnerability scanning {policy} for help.')
    allowed = _allowed(tx, project)
    left = [finding for finding in report["result"]["vulnerabilities"] if finding["id"] not in allowed]
    rank = scanning.SEVERITIES.index
    if left and rank(scanning.highest(report, allowed)) >= rank(severity):
        count = "1 vulnerability" if len(left) == 1 else f"{len(left)} vulnerabilities"
        raise _violation(f"current image with {count} {policy} to exempt matched vulnerabilities through configuring the CVE allowlist.")


def _allowed(tx: Transaction, project: Doc) -> frozenset[str]:
    """The CVEs that count for nothing: those of the system's list, or of the project's when it has its own. An old list is empty."""
    allowlist: Doc | None = project["allowlist"]
    if project["metadata"].get("reuse_sys_cve_allowlist", "true") in _TRUE:
        allowlist = tx.get("allowlist_system", 1)
    if allowlist is None or (allowlist["expires_at"] is not None and allowlist["expires_at"] < time.time()):
        return frozenset()
    return frozenset(item["cve_id"] for item in allowlist["items"])


def _accessories(tx: Transaction, artifact: Doc) -> set[str]:
    attached = tx.find("artifact", repository_id=artifact["repository_id"], subject=artifact["digest"])
    found = (first(tx, "accessory", artifact_id=row["id"]) for row in attached)
    return {accessory["type"] for accessory in found if accessory}


def _actions(caller: Caller, name: str) -> frozenset[str]:
    return caller.access.get(name, frozenset()) if isinstance(caller, TokenCaller) else frozenset()


def _violation(message: str) -> ApiError:
    return ApiError(412, "PROJECTPOLICYVIOLATION", message)
