# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a retention run does: one task a repository, which keeps what any of its rules keeps and deletes the rest."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from . import clock, content, events, jobs, selectors
from .joblog import Log
from .store import Doc, Transaction, first

if TYPE_CHECKING:
    from .harbor import Harbor

VENDOR = "RETENTION"
_DAY = 86400
# Who deletes: the job service, whoever started the run.
_OPERATOR = "harbor-jobservice"


def launch(harbor: Harbor, tx: Transaction, row: Doc, trigger: str, operator: str, *, dry_run: bool) -> Doc:
    """Start a run of a policy; where no repository is concerned it has ended at once."""
    execution = jobs.start(tx, VENDOR, row["id"], trigger, {"dry_run": dry_run, "operator": operator})
    rules = _rules_by_repository(tx, row["policy"])
    for name, found in rules.items():
        given = {"repository": name.partition("/")[2], "dry_run": dry_run, "full_name": name, "rules": found}
        jobs.add_task(harbor, tx, execution, given)
    return execution if rules else jobs.finish(tx, execution, "Success", "no resources for retention")


def _rules_by_repository(tx: Transaction, policy: Doc) -> dict[str, list[Doc]]:
    found: dict[str, list[Doc]] = {}
    for rule in policy["rules"]:
        if rule.get("disabled"):
            continue
        for repository in tx.find("repository", project_id=policy["scope"]["ref"]):
            scopes = rule.get("scope_selectors", {}).get("repository", [])
            if all(selectors.selects(selector, repository["name"].partition("/")[2]) for selector in scopes):
                found.setdefault(repository["name"], []).append(rule)
    return found


@jobs.runner(VENDOR)
def run(harbor: Harbor, tx: Transaction, task: Doc) -> str:
    """Judge the artifacts of one repository."""
    given = task["extra_attrs"]
    log = Log("/harbor/src/pkg/retention/job.go")
    dry_run = str(given["dry_run"]).lower()
    log.info(86, f"Run retention process.\n Repository: {given['full_name']} \n Rule Algorithm: or \n Dry Run: {dry_run}")
    candidates = _candidates(tx, given["full_name"])
    log.info(101, f"Load {len(candidates)} candidates from repository {given['full_name']}")
    kept: set[int] = set()
    for rule in given["rules"]:
        evaluate = _TEMPLATES.get(rule.get("template", ""))
        if evaluate is None:
            log.error(290, f"retention job: rule {rule.get('template', '')} is not registered")
            tx.update("task", task["id"], log=log.text())
            return "Error"
        chosen = [candidate for candidate in candidates if _selected(rule, candidate)]
        kept |= {candidate.artifact["id"] for candidate in evaluate(chosen, _number(rule))}
    for candidate in candidates:
        candidate.judge(kept)
    doomed = [candidate for candidate in candidates if candidate.verdict == "DEL"]
    log.info(212, "\n" + _table([candidate.row() for candidate in candidates]))
    result = {"total": len(candidates), "retained": len(candidates) - len(doomed)}
    task = tx.update("task", task["id"], extra_attrs={**given, **result}, log=log.text())
    if doomed and not given["dry_run"]:
        _delete(harbor, tx, task, doomed)
    return "Success"


def _delete(harbor: Harbor, tx: Transaction, task: Doc, doomed: list[_Candidate]) -> None:
    names = []
    for candidate in doomed:
        for row in content.with_accessories(tx, candidate.artifact):
            events.artifact(harbor, tx, events.DELETE, _OPERATOR, row)
        names.append(candidate.name(task["extra_attrs"]["repository"]))
        content.delete_artifact(tx, candidate.artifact)
    _tell(harbor, tx, task, names)


def _tell(harbor: Harbor, tx: Transaction, task: Doc, names: list[str]) -> None:
    """Say what a run deleted in one repository."""
    execution = tx.get("execution", task["execution_id"]) or {}
    policy = tx.get("retention", execution["vendor_id"]) or {}
    project = tx.get("project", policy["project_id"])
    if project is None:
        return
    given = task["extra_attrs"]
    report = {
        "total": given["total"],
        "retained": given["retained"],
        "harbor_hostname": events.hostname(harbor),
        "project_name": project["name"],
        "retention_policy_id": policy["id"],
        "retention_rule": [_told_rule(rule) for rule in policy["policy"]["rules"]],
        "result": "SUCCESS",
        "deleted_artifact": [{"type": "image", "status": "SUCCESS", "name_tag": name, "references": None} for name in names],
    }
    events.fire(harbor, tx, project, events.RETENTION, execution["extra_attrs"]["operator"], {"retention": report})


def _told_rule(rule: Doc) -> dict[str, Any]:
    told = {key: rule[key] for key in ("template", "params") if rule.get(key)}
    selectors_of = {scope: [_told_selector(item) for item in items] for scope, items in rule.get("scope_selectors", {}).items()}
    told["tag_selectors"] = [_told_selector(item) for item in rule.get("tag_selectors") or []]
    return told | {"scope_selectors": selectors_of}


def _told_selector(selector: Doc) -> dict[str, str]:
    return {key: selector.get(key, "") for key in ("kind", "decoration", "pattern", "extras")}


def _table(rows: list[list[str]]) -> str:
    """Rows as the job's log shows them."""
    head = ["Digest", "Tag", "Kind", "Labels", "PushedTime", "PulledTime", "CreatedTime", "Retention"]
    widths = [max(len(row[index]) for row in [head, *rows]) for index in range(len(head))]
    centred = [" " * ((width - len(text)) // 2) + text for text, width in zip(head, widths, strict=True)]
    lines = ["| " + " | ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)) + " |" for row in [centred, *rows]]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def _candidates(tx: Transaction, repository_name: str) -> list[_Candidate]:
    """What stands for itself in a repository: no accessories, and no untagged parts of an index."""
    repository = first(tx, "repository", name=repository_name)
    artifacts = tx.find("artifact", repository_id=repository["id"]) if repository else []
    parts = {digest for artifact in artifacts for digest in artifact["children"]}
    candidates = [_Candidate(tx, artifact) for artifact in artifacts if not artifact["subject"]]
    return [candidate for candidate in candidates if candidate.tags or candidate.artifact["digest"] not in parts]


class _Candidate:
    """An artifact with what rules look at; times in seconds since 1970, 0 for never."""

    def __init__(self, tx: Transaction, artifact: Doc) -> None:
        self._tx = tx
        self.artifact = artifact
        self.verdict = ""
        tags = tx.find("tag", artifact_id=artifact["id"])[::-1]
        self.tags = [tag["name"] for tag in tags]
        self.pushed = max(_seconds(row, "push_time") for row in (artifact, *tags))
        self.pulled = max(_seconds(row, "pull_time") for row in (artifact, *tags))

    def judge(self, kept: set[int]) -> None:
        """Harbor does not delete what holds an immutable tag, and counts it as retained."""
        retained = self.artifact["id"] in kept
        self.verdict = "RETAIN" if retained else "IMMUTABLE" if self._is_immutable() else "DEL"

    def name(self, repository: str) -> str:
        return f"{repository}:{self.tags[0]}" if self.tags else f"{repository}@{self.artifact['digest']}"

    def row(self) -> list[str]:
        """What the log says of it."""
        created = clock.seconds(self.artifact["push_time"])
        times = [_local(self.pushed), _local(self.pulled), _local(created)]
        return [self.artifact["digest"], ",".join(self.tags), "image", "", *times, self.verdict]

    def _is_immutable(self) -> bool:
        from .resources.immutable_rules import is_immutable

        project = self._tx.get("project", self.artifact["project_id"])
        repository = self._tx.get("repository", self.artifact["repository_id"])
        if project is None or repository is None:
            return False
        return any(is_immutable(self._tx, project, repository["name"], tag) for tag in self.tags)


def _seconds(row: Doc, key: str) -> int:
    stamp = row.get(key) or clock.NEVER
    return 0 if stamp == clock.NEVER else clock.seconds(stamp)


def _local(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y/%m/%d %H:%M:%S") if seconds else ""


def _selected(rule: Doc, candidate: _Candidate) -> bool:
    return all(_takes(selector, candidate.tags) for selector in rule.get("tag_selectors") or [])


def _takes(selector: Doc, tags: list[str]) -> bool:
    if tags:
        return any(selectors.selects(selector, tag) for tag in tags)
    excludes = selector.get("decoration") == "excludes"
    untagged = _untagged(selector.get("extras", ""), default=not excludes)
    return untagged != excludes


def _untagged(extras: str, *, default: bool) -> bool:
    try:
        return bool(json.loads(extras)["untagged"])
    except (ValueError, KeyError, TypeError):
        return default


def _number(rule: Doc) -> int | None:
    """The parameter of a rule; None when it is no whole number, then the template's default counts."""
    value = rule.get("params", {}).get(rule["template"])
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0 else None


Evaluator = Callable[[list[_Candidate], int | None], list[_Candidate]]


def _latest(key: str) -> Evaluator:
    def evaluate(candidates: list[_Candidate], number: int | None) -> list[_Candidate]:
        count = 10 if number is None else number
        # Where pushes share a second, the later one is the newer one: its id is higher.
        return sorted(candidates, key=lambda candidate: (int(getattr(candidate, key)), candidate.artifact["id"]), reverse=True)[:count]

    return evaluate


def _within_days(key: str) -> Evaluator:
    def evaluate(candidates: list[_Candidate], number: int | None) -> list[_Candidate]:
        earliest = time.time() - (30 if number is None else number) * _DAY
        return [candidate for candidate in candidates if getattr(candidate, key) >= int(earliest)]

    return evaluate


def _always(candidates: list[_Candidate], number: int | None) -> list[_Candidate]:
    return candidates


_TEMPLATES: dict[str, Evaluator] = {
    "latestPushedK": _latest("pushed"),
    "latestPulledN": _latest("pulled"),
    "nDaysSinceLastPush": _within_days("pushed"),
    "nDaysSinceLastPull": _within_days("pulled"),
    "always": _always,
}
