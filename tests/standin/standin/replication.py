# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a replication does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import jobs
from .store import Doc, Transaction

if TYPE_CHECKING:
    from .harbor import Harbor

VENDOR = "REPLICATION"


def launch(harbor: Harbor, tx: Transaction, policy: Doc, trigger: str, operator: str) -> Doc:
    """Start a replication by a policy; where nothing fits its filters it has ended at once."""
    running = [row for row in tx.find("execution", vendor_type=VENDOR, vendor_id=policy["id"]) if row["active"]]
    execution = jobs.start(tx, VENDOR, policy["id"], trigger, {"operator": operator})
    if policy["single_active_replication"] and running:
        return jobs.finish(tx, execution, "Error", "Execution skipped: active replication still in progress.")
    return jobs.finish(tx, execution, "Success", "no resources need to be replicated")
