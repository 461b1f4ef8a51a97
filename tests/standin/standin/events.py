# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens in projects, told to those who asked for it by a webhook policy.

An event becomes an execution with one task for each target that wants it. `Courier` delivers it after the transaction.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from . import audit, clock, jobs
from .courier import Delivery
from .rbac import is_public
from .store import Doc, Transaction

if TYPE_CHECKING:
    from .harbor import Harbor

PUSH, PULL, DELETE = "PUSH_ARTIFACT", "PULL_ARTIFACT", "DELETE_ARTIFACT"
QUOTA_EXCEED, QUOTA_WARNING = "QUOTA_EXCEED", "QUOTA_WARNING"
REPLICATION, RETENTION = "REPLICATION", "TAG_RETENTION"
_AUDITED = {PUSH: ("create_artifact", "push"), PULL: ("pull_artifact", "pull"), DELETE: ("delete_artifact", "delete")}
# The vendor type of executions tells the kind of target.
VENDORS = {"http": "WEBHOOK", "slack": "SLACK"}
_CLOUD_TYPES = {
    PUSH: "artifact.pushed",
    PULL: "artifact.pulled",
    DELETE: "artifact.deleted",
    QUOTA_EXCEED: "quota.exceeded",
    QUOTA_WARNING: "quota.warned",
    REPLICATION: "replication.status.changed",
    RETENTION: "tag_retention.finished",
    "SCANNING_FAILED": "scan.failed",
    "SCANNING_COMPLETED": "scan.completed",
    "SCANNING_STOPPED": "scan.stopped",
}


# Told of what happens to artifacts: event, operator, artifact.
Listener = Callable[["Harbor", Transaction, str, str, Doc], None]
_LISTENERS: list[Listener] = []


def listener(function: Listener) -> Listener:
    """Register what acts on pushes and deletions by itself."""
    _LISTENERS.append(function)
    return function


def fire(harbor: Harbor, tx: Transaction, project: Doc, event: str, operator: str, data: dict[str, Any]) -> None:
    """Tell everybody who wants to hear of an event in a project."""
    if not harbor.config(tx)["notification_enable"]:
        return
    payload = {"type": event, "occur_at": clock.epoch(), "operator": operator, "event_data": data}
    for policy in tx.find("webhook_policy", project_id=project["id"], enabled=True):
        # A policy that names the event twice is told once.
        for target in policy["targets"] if event in policy["event_types"] else []:
            _send(harbor, tx, policy, target, payload)


def artifact(
    harbor: Harbor, tx: Transaction, event: str, operator: str, row: Doc, reference: str = "", *, repository_goes: bool = False
) -> None:
    """A push, pull or deletion. `reference` is what the client named; without it the newest tag, or else the digest."""
    project = tx.get("project", row["project_id"])
    repository = tx.get("repository", row["repository_id"])
    if project is None or repository is None:
        return
    operation, verb = _AUDITED[event]
    name = f"{repository['name']}@{row['digest']}"
    audit.record(harbor, tx, operator, operation, name, f"{verb} artifact: {name}", project["id"])
    tags = tx.find("tag", artifact_id=row["id"])
    reference = reference or (tags[-1]["name"] if tags else row["digest"])
    # Of a repository that is deleted as a whole, nobody knows any more since when it was there.
    shown = _repository(project, repository["name"], 0 if repository_goes else clock.seconds(repository["creation_time"]))
    fire(harbor, tx, project, event, operator, {"resources": [resource(harbor, row, repository["name"], reference)], "repository": shown})
    for function in _LISTENERS:
        function(harbor, tx, event, operator, row)


def quota(harbor: Harbor, tx: Transaction, project: Doc, event: str, operator: str, repository: str, details: str, **pushed: str) -> None:
    """Little room left, or a push refused for that. `pushed` is the `digest` and, when there is one, the `tag` of a refused manifest."""
    data: dict[str, Any] = {"resources": [pushed]} if pushed else {}
    data |= {"repository": _repository(project, repository), "custom_attributes": {"Details": details}}
    fire(harbor, tx, project, event, operator, data)


def resource(harbor: Harbor, row: Doc, repository: str, reference: str) -> dict[str, Any]:
    """How an event names an artifact."""
    sign = "@" if ":" in reference else ":"
    host = urlsplit(harbor.settings.external_url).netloc
    return {"digest": row["digest"], "tag": reference, "resource_url": f"{host}/{repository}{sign}{reference}"}


def scanned(harbor: Harbor, tx: Transaction, event: str, operator: str, row: Doc, kind: str, overview: dict[str, Any]) -> None:
    """The end of a scan. `kind` is vulnerability or sbom, `overview` the summaries by media type."""
    project, repository = tx.get("project", row["project_id"]), tx.get("repository", row["repository_id"])
    if project is None or repository is None:
        return
    tags = tx.find("tag", artifact_id=row["id"])
    named = resource(harbor, row, repository["name"], tags[-1]["name"] if tags else row["digest"])
    named |= {"sbom_overview" if kind == "sbom" else "scan_overview": overview} if overview else {}
    data = {"resources": [named], "repository": _repository(project, repository["name"]), "scan": {"scan_type": kind}}
    fire(harbor, tx, project, event, operator, data)


def _repository(project: Doc, name: str, created: int = 0) -> dict[str, Any]:
    kind = "public" if is_public(project) else "private"
    names = {"name": name.partition("/")[2], "namespace": project["name"], "repo_full_name": name, "repo_type": kind}
    return {"date_created": created, **names} if created else names


def hostname(harbor: Harbor) -> str:
    """Harbor's own name in events."""
    return urlsplit(harbor.settings.external_url).hostname or ""


def _send(harbor: Harbor, tx: Transaction, policy: Doc, target: Doc, payload: dict[str, Any]) -> None:
    headers = {"Content-Type": "application/json"}
    body = _compact(payload)
    if target["type"] == "slack":
        body = _slack(payload)
    elif target.get("payload_format") == "CloudEvents":
        headers["Content-Type"] = "application/cloudevents+json"
        body = _compact(_cloud_event(policy, payload))
    if target.get("auth_header") and target["type"] == "http":
        headers["Authorization"] = target["auth_header"]
    vendor = VENDORS[target["type"]]
    execution = jobs.start(tx, vendor, policy["id"], jobs.EVENT, {"event_type": payload["type"], "payload": body})
    task = jobs.add_task(harbor, tx, execution, {})
    # Not for `jobs.settle`: the courier ends it, outside of any transaction, and also when the policy is gone by then.
    tx.update("task", task["id"], due=None)
    delivery = Delivery(task["id"], target["address"], headers, body, target.get("skip_cert_verify", False))
    tx.afterwards(lambda: harbor.courier.take(delivery))


def _compact(value: Any) -> str:
    """JSON as Go prints it: no blanks, and nothing that HTML could take for its own."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _cloud_event(policy: Doc, payload: dict[str, Any]) -> dict[str, Any]:
    moment = datetime.fromtimestamp(payload["occur_at"], UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "specversion": "1.0",
        "id": str(uuid.uuid4()),
        "source": f"/projects/{policy['project_id']}/webhook/policies/{policy['id']}",
        "type": f"harbor.{_CLOUD_TYPES[payload['type']]}",
        "datacontenttype": "application/json",
        "time": moment,
        "data": payload["event_data"],
        "operator": payload["operator"],
        "requestid": str(uuid.uuid4()),
    }


def _slack(payload: dict[str, Any]) -> str:
    data = json.dumps(payload["event_data"], indent="\t", ensure_ascii=False)
    moment = f"<!date^{payload['occur_at']}^{{date}} at {{time}}|February 18th, 2014 at 6:39 AM PST>"
    lines = ["*Harbor webhook events*", f"*event_type:* {payload['type']}", f"*occur_at:* {moment}"]
    lines += [f"*operator:* {payload['operator']}", "*event_data:*", f"```{data}```"]
    return json.dumps({"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": line}} for line in lines]}, ensure_ascii=False)
