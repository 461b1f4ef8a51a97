# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a retention run does: one task a repository, which keeps what any of its rules keeps and deletes the rest."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from . import clock, content, jobs, selectors
from .store import Doc, Transaction, first

if TYPE_CHECKING:
    from .harbor import Harbor

VENDOR = "RETENTION"
_DAY = 86400


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
    candidates = _candidates(tx, given["full_name"])
    kept: set[int] = set()
    for rule in given["rules"]:
        evaluate = _TEMPLATES.get(rule.get("template", ""))
        if evaluate is None:
            return _fail(tx, task, f"rule {rule.get('template', '')} is not registered")
        chosen = [candidate for candidate in candidates if _selected(rule, candidate)]
        kept |= {candidate.artifact["id"] for candidate in evaluate(chosen, _number(rule))}
    doomed = [candidate for candidate in candidates if candidate.artifact["id"] not in kept]
    # Harbor refuses to delete what holds an immutable tag, and counts it as retained.
    doomed = [candidate for candidate in doomed if not candidate.is_immutable()]
    if not given["dry_run"]:
        for candidate in doomed:
            content.delete_artifact(tx, candidate.artifact)
    result = {"total": len(candidates), "retained": len(candidates) - len(doomed)}
    tx.update("task", task["id"], extra_attrs={**given, **result}, log=_log(given, candidates, doomed))
    return "Success"


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
        tags = tx.find("tag", artifact_id=artifact["id"])
        self.tags = [tag["name"] for tag in tags]
        self.pushed = max(_seconds(row, "push_time") for row in (artifact, *tags))
        self.pulled = max(_seconds(row, "pull_time") for row in (artifact, *tags))

    def is_immutable(self) -> bool:
        from .resources.immutable_rules import is_immutable

        project = self._tx.get("project", self.artifact["project_id"])
        repository = self._tx.get("repository", self.artifact["repository_id"])
        if project is None or repository is None:
            return False
        return any(is_immutable(self._tx, project, repository["name"], tag) for tag in self.tags)


def _seconds(row: Doc, key: str) -> int:
    stamp = row.get(key) or clock.NEVER
    return 0 if stamp == clock.NEVER else clock.seconds(stamp)


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
        return sorted(candidates, key=lambda candidate: -int(getattr(candidate, key)))[:count]

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


def _fail(tx: Transaction, task: Doc, message: str) -> str:
    tx.update("task", task["id"], log=f"retention job: {message}\n")
    return "Error"


def _log(given: dict[str, Any], candidates: list[_Candidate], doomed: list[_Candidate]) -> str:
    gone = {candidate.artifact["id"] for candidate in doomed}
    lines = [f"Run retention process. Repository: {given['full_name']} Dry Run: {str(given['dry_run']).lower()}"]
    for candidate in candidates:
        verdict = "DEL" if candidate.artifact["id"] in gone else "RETAIN"
        lines.append(f"| {candidate.artifact['digest']} | {','.join(candidate.tags)} | {verdict} |")
    return "\n".join([*lines, ""])
