# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run of a preheat policy does: one task for each tag that its filters let through."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from . import jobs
from .selectors import matches
from .store import Doc, Transaction

if TYPE_CHECKING:
    from .harbor import Harbor

VENDOR = "P2P_PREHEAT"


def launch(harbor: Harbor, tx: Transaction, policy: Doc) -> Doc:
    """Start a run; where no image fits it has ended at once."""
    trigger = json.loads(policy["trigger"])
    kind = trigger.get("type", "")
    setting = (trigger.get("trigger_setting") or {}).get("cron", "") if kind == "scheduled" else "-"
    found = _candidates(tx, policy)
    # Unlike all others, these executions are called after the policy's trigger, also when somebody starts them by hand.
    attributes = {"totalCount": len(found), "trigger": kind, "triggerSetting": setting}
    execution = jobs.start(tx, VENDOR, policy["id"], kind, attributes)
    for name, digest, image_kind in found:
        jobs.add_task(harbor, tx, execution, {"artifact": name, "digest": digest, "kind": image_kind})
    return execution if found else jobs.finish(tx, execution, "Success", "no artifacts to preheat")


@jobs.runner(VENDOR)
def run(harbor: Harbor, tx: Transaction, task: Doc) -> str:
    """Hand one image to the provider."""
    given = task["extra_attrs"]
    tx.update("task", task["id"], log=f"preheat image {given['artifact']}@{given['digest']}: done\n")
    return "Success"


def _candidates(tx: Transaction, policy: Doc) -> list[tuple[str, str, str]]:
    """`repository:tag`, digest and kind of all images that the filters let through."""
    filters = json.loads(policy["filters"])
    found = []
    for repository in tx.find("repository", project_id=policy["project_id"]):
        for artifact in tx.find("artifact", repository_id=repository["id"]):
            if artifact["type"] != "IMAGE":
                continue
            for tag in tx.find("tag", artifact_id=artifact["id"]):
                if all(_passes(tx, item, repository, artifact, tag) for item in filters):
                    found.append((f"{repository['name']}:{tag['name']}", artifact["digest"], "image"))
    return found


def _passes(tx: Transaction, item: Doc, repository: Doc, artifact: Doc, tag: Doc) -> bool:
    kind, value = item.get("type"), item.get("value")
    if kind == "repository":
        return matches(str(value), repository["name"].partition("/")[2])
    if kind == "tag":
        return matches(str(value), tag["name"])
    return True
