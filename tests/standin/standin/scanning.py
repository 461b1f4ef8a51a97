# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scanners and their work: who scans what, and the reports."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from . import clock, jobs
from .store import Doc, Transaction, first

if TYPE_CHECKING:
    from .harbor import Harbor

METADATA_KEY = "projectScanner"
SCAN_ALL = "SCAN_ALL"


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


def scan_all(harbor: Harbor, tx: Transaction, trigger: str) -> Doc:
    """Scan everything that can be scanned. Only the last such run is remembered."""
    for old in tx.find("execution", vendor_type=SCAN_ALL):
        for task in tx.find("task", execution_id=old["id"]):
            tx.delete("task", task["id"])
        tx.delete("execution", old["id"])
    execution = jobs.start(tx, SCAN_ALL, 0, trigger, {})
    return jobs.finish(tx, execution, "Success")
