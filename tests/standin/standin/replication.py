# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a replication does: one task a repository, which copies what the filters let through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import clock, content, events, jobs
from .errors import ApiError
from .joblog import Log
from .selectors import matches
from .store import Doc, Transaction, first

if TYPE_CHECKING:
    from .harbor import Harbor

VENDOR = "REPLICATION"
# Who pushes what is pulled from elsewhere.
_OPERATOR = "harbor-jobservice"


@events.listener
def follow(harbor: Harbor, tx: Transaction, event: str, operator: str, artifact: Doc) -> None:
    """Start what is to be replicated when something is pushed. Pulling policies may ask for that, but never hear of it."""
    if event != events.PUSH:
        return
    for policy in tx.find("replication_policy", enabled=True, src_registry=0):
        if (policy["trigger"] or {}).get("type") == "event_based" and _local(tx, policy, artifact):
            launch(harbor, tx, policy, jobs.EVENT, operator, artifact)


def launch(harbor: Harbor, tx: Transaction, policy: Doc, trigger: str, operator: str, only: Doc | None = None) -> Doc:
    """Start a replication by a policy, of everything or `only` of one artifact; where nothing fits its filters it has ended at once."""
    running = [row for row in tx.find("execution", vendor_type=VENDOR, vendor_id=policy["id"]) if row["active"]]
    execution = jobs.start(tx, VENDOR, policy["id"], trigger, {"operator": operator})
    if policy["single_active_replication"] and running:
        return jobs.finish(tx, execution, "Error", "Execution skipped: active replication still in progress.")
    resources = _remote(harbor, tx, policy) if policy["src_registry"] else _local(tx, policy, only)
    try:
        targets = [_target(name, policy) for name in resources]
    except ValueError as error:
        return jobs.finish(tx, execution, "Error", str(error))
    for (name, items), target in zip(resources.items(), targets, strict=True):
        references = [reference for item in items for reference in item["references"]]
        count = f"[{len(references)} item(s) in total]"
        names = {"source_resource": f"{name} {count}", "destination_resource": f"{target} {count}", "references": ",".join(references)}
        kind = "image" if policy["src_registry"] else "artifact"
        given = {"operation": "copy", "resource_type": kind, **names, "source": name, "target": target, "items": items}
        jobs.add_task(harbor, tx, execution, given)
    return execution if resources else jobs.finish(tx, execution, "Success", "no resources need to be replicated")


# What is to be copied: repository name to items. An item is {digest, references, id}; id is the artifact's here, 0 elsewhere.
Resources = dict[str, list[dict[str, Any]]]


def _local(tx: Transaction, policy: Doc, only: Doc | None) -> Resources:
    found: Resources = {}
    for repository in tx.find("repository")[::-1]:
        artifacts = tx.find("artifact", repository_id=repository["id"])[::-1]
        if not _name_fits(policy, repository["name"]):
            continue
        parts = {digest for row in artifacts for digest in row["children"]}
        roots = [row for row in artifacts if not row["subject"] and (row["digest"] not in parts or tx.find("tag", artifact_id=row["id"]))]
        roots = roots if only is None else [row for row in artifacts if row["id"] == only["id"]]
        items = [item for row in roots for item in _items(tx, policy, row)]
        if items:
            found[repository["name"]] = items
    return found


def _items(tx: Transaction, policy: Doc, artifact: Doc) -> list[dict[str, Any]]:
    """An artifact with the tags that the filters leave, then its accessories."""
    if any(item["type"] == "resource" and item["value"] == "image" for item in policy["filters"]) and artifact["type"] != "IMAGE":
        return []
    own = [tag["name"] for tag in tx.find("tag", artifact_id=artifact["id"])[::-1]]
    labels = _labels(tx, artifact)
    if not all(_labels_fit(item, labels) for item in policy["filters"]):
        return []
    tags = _fitting_tags(policy, own or [""])
    if not tags:
        return []
    items = []
    for row in content.with_accessories(tx, artifact):
        names = tags if row["id"] == artifact["id"] else [tag["name"] for tag in tx.find("tag", artifact_id=row["id"])]
        references = [name for name in names if name] or [row["digest"]]
        items.append({"digest": row["digest"], "references": references, "id": row["id"]})
    return items


def _labels(tx: Transaction, artifact: Doc) -> set[str]:
    idents = artifact.get("labels") or []
    return {label["name"] for ident in idents if (label := tx.get("label", ident)) is not None}


def _labels_fit(item: Doc, labels: set[str]) -> bool:
    if item["type"] != "label" or not item["value"]:
        return True
    return (set(item["value"]) <= labels) != (item.get("decoration") == "excludes")


def _name_fits(policy: Doc, name: str) -> bool:
    return all(matches(item["value"], name) for item in policy["filters"] if item["type"] == "name")


def _fitting_tags(policy: Doc, tags: list[str]) -> list[str]:
    for item in policy["filters"]:
        if item["type"] == "tag" and item["value"]:
            excludes = item.get("decoration") == "excludes"
            tags = [tag for tag in tags if matches(item["value"], tag) != excludes]
    return tags


def _remote(harbor: Harbor, tx: Transaction, policy: Doc) -> Resources:
    registry = tx.get("registry", policy["src_registry"]) or {}
    found: Resources = {}
    for name, tags in harbor.world.images(registry["url"]).items():
        fitting = _fitting_tags(policy, list(tags)) if _name_fits(policy, name) else []
        if fitting:
            found[name] = [{"digest": content.Manifest.parse(tags[tag], "").digest, "references": [tag], "id": 0} for tag in fitting]
    return found


def _target(name: str, policy: Doc) -> str:
    """The repository name on the other side. Raises ValueError when it has fewer parts than are to be replaced."""
    namespace, count = policy["dest_namespace"], policy["dest_namespace_replace_count"]
    if not namespace:
        return name
    *parents, last = name.split("/")
    if count > len(parents):
        raise ValueError(
            f'the source repository "{name}" contains only {len(parents)} path components [{" ".join(parents)}] excepting the last one, '
            f"but the destination namespace flattening level is {count}"
        )
    return "/".join([namespace, *(parents[count:] if count >= 0 else []), last])


@jobs.runner(VENDOR)
def run(harbor: Harbor, tx: Transaction, task: Doc) -> str:
    """Copy what is wanted of one repository."""
    given = task["extra_attrs"]
    execution = tx.get("execution", task["execution_id"]) or {}
    policy = tx.get("replication_policy", execution["vendor_id"]) or {}
    journey = _Journey(harbor, tx, policy, given)
    status = "Success" if journey.go() else "Error"
    tx.update("task", task["id"], log=journey.log.text())
    return status


class _Journey:
    """The copying of one repository, with the log that Harbor writes of it."""

    def __init__(self, harbor: Harbor, tx: Transaction, policy: Doc, given: Doc) -> None:
        self.harbor, self.tx, self.policy, self.given = harbor, tx, policy, given
        self.log = Log("/harbor/src/controller/replication/transfer/image/transfer.go")
        self._here = {"type": "harbor", "url": harbor.settings.core_url, "insecure": True}
        self._known: set[str] = set()

    def go(self) -> bool:
        """Whether everything arrived."""
        sides = [self._registry("src_registry"), self._registry("dest_registry")]
        for line, side, registry in zip((140, 150), ("source", "destination"), sides, strict=True):
            insecure = str(registry["insecure"]).lower()
            text = f"[type: {registry['type']}, URL: {registry['url']}, insecure: {insecure}]"
            self.log.info(line, f"client for {side} registry {text} created")
        source, target = self.given["source"], self.given["target"]
        names = ",".join(reference for item in self.given["items"] for reference in item["references"])
        self.log.info(183, f"copying {source}:[{names}](source registry) to {target}:[{names}](destination registry)...")
        arrived = [self._copy(item, reference) for item in self.given["items"] for reference in item["references"]]
        return all(arrived)

    def _copy(self, item: Doc, reference: str) -> bool:
        sign = "@" if ":" in reference else ":"
        source, target = (f"{self.given[side]}{sign}{reference}" for side in ("source", "target"))
        route = f"{source}(source registry) to {target}(destination registry)"
        self.log.info(211, f"copying {route}...")
        self.log.info(465, f"pulling the manifest of artifact {source} ...")
        self.log.info(471, f"the manifest of artifact {source} pulled")
        problem = self._bring(item, reference)
        if problem:
            self.log.error(500, f"failed to push manifest of artifact {target}: {problem}")
            return False
        self.log.info(494, f"pushing the manifest of artifact {target} ...")
        self.log.info(506, f"the manifest of artifact {target} pushed")
        self.log.info(254, f"copy {route} completed")
        return True

    def _bring(self, item: Doc, reference: str) -> str:
        """Copy one artifact under one reference; empty when it went well."""
        if self.policy["src_registry"]:
            return self._pull(reference)
        artifact = self.tx.get("artifact", item["id"])
        if artifact is None:
            return f"artifact {item['digest']} not found"
        self._log_blobs(artifact)
        registry = self._registry("dest_registry")
        if registry["url"] in (self.harbor.settings.external_url, self.harbor.settings.core_url):
            return self._keep(content.manifest_of(artifact), reference)
        return self.harbor.world.push(
            registry["url"], registry["access_key"], registry["access_secret"], self._name(reference), item["digest"]
        )

    def _pull(self, reference: str) -> str:
        url = self._registry("src_registry")["url"]
        raw = self.harbor.world.images(url).get(self.given["source"], {}).get(reference)
        if raw is None:
            return f"{self._name(reference)} not found"
        return self._keep(content.Manifest.parse(raw, ""), reference)

    def _keep(self, manifest: content.Manifest, reference: str) -> str:
        """Note an artifact that arrived here. What is there already stays unless the policy may override."""
        name = self.given["target"]
        project = self._project(name.partition("/")[0])
        repository = first(self.tx, "repository", name=name)
        existing = content.find_artifact(self.tx, repository, reference) if repository else None
        if existing is not None and (existing["digest"] == manifest.digest or not self.policy["override"]):
            return ""
        try:
            content.check_quota(self.tx, project, manifest.blobs)
        except ApiError as error:
            return error.message
        artifact = content.record_manifest(self.tx, project, name, reference, manifest)
        events.artifact(self.harbor, self.tx, events.PUSH, _OPERATOR, artifact, reference)
        return ""

    def _project(self, name: str) -> Doc:
        """The project that things arrive in; Harbor makes it when there is none."""
        from .harbor import insert_project

        found = first(self.tx, "project", name=name)
        limit = self.harbor.config(self.tx)["storage_per_project"]
        return found or insert_project(self.tx, name, {"public": "false"}, owner_id=1, registry_id=0, storage_limit=limit)

    def _registry(self, side: str) -> Doc:
        found = self.tx.get("registry", self.policy[side]) if self.policy[side] else None
        return found or self._here

    def _name(self, reference: str) -> str:
        return f"{self.given['target']}{'@' if ':' in reference else ':'}{reference}"

    def _log_blobs(self, artifact: Doc) -> None:
        for digest in artifact["blobs"]:
            if digest == artifact["digest"]:
                continue
            self.log.info(290, f"copying the blob {digest}(the 1th running)...")
            if digest in self._known:
                self.log.info(340, f"the blob {digest} already exists on the destination registry, skip")
            self.log.info(292, f"copy the blob {digest} completed")
            self._known.add(digest)


@jobs.watcher(VENDOR)
def tell(harbor: Harbor, tx: Transaction, task: Doc) -> None:
    """Say that the state of a task has changed."""
    execution = tx.get("execution", task["execution_id"]) or {}
    policy = tx.get("replication_policy", execution["vendor_id"])
    given = task["extra_attrs"]
    source, target = (given[side].partition("/") for side in ("source_resource", "destination_resource"))
    if policy is None:
        return
    is_pull = bool(policy["src_registry"])
    project = first(tx, "project", name=(target if is_pull else source)[0])
    remote = tx.get("registry", policy["src_registry"] or policy["dest_registry"])
    if project is None or remote is None:
        return
    # Each side is shown with the namespace of the other.
    far = {"registry_name": remote["name"], "registry_type": remote["type"], "endpoint": remote["url"], "namespace": source[0]}
    near = {"registry_type": "harbor", "endpoint": harbor.settings.external_url, "namespace": target[0]}
    artifact = {"type": given["resource_type"], "status": task["status"], "name_tag": (target if is_pull else source)[2]}
    artifact["references"] = given["references"].split(",")
    result = {"Success": "successful_artifact", "Error": "failed_artifact"}.get(task["status"])
    report = {
        "harbor_hostname": events.hostname(harbor),
        "job_status": task["status"],
        "description": policy["description"],
        "artifact_type": given["resource_type"],
        "authentication_type": remote["credential_type"],
        "override_mode": policy["override"],
        "trigger_type": execution["trigger"],
        "policy_creator": policy["creator"],
        "execution_timestamp": clock.seconds(execution["start_time"]),
        "src_resource": far if is_pull else near,
        "dest_resource": near if is_pull else far,
        **({result: [artifact]} if result else {}),
        "execution_id": execution["id"],
        "task_id": task["id"],
    }
    data = {"replication": {key: value for key, value in report.items() if value}}
    events.fire(harbor, tx, project, events.REPLICATION, execution["extra_attrs"]["operator"], data)
