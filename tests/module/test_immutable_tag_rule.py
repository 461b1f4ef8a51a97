# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Immutable rules, which Harbor gives neither a name nor a check."""

from __future__ import annotations

import typing as t

import pytest

from .conftest import Modules, Result
from .samples import PAYMENTS

RULE = {"project": "payments", "tag_matching": "v*"}
STORED = {
    "action": "immutable",
    "template": "immutable_template",
    "tag_selectors": [{"kind": "doublestar", "decoration": "matches", "pattern": "v*"}],
    "scope_selectors": {"repository": [{"kind": "doublestar", "decoration": "repoMatches", "pattern": "**"}]},
}


@pytest.fixture(autouse=True)
def payments(run: Modules) -> None:
    run.state(PAYMENTS)


def rules(run: Modules) -> list[dict[str, t.Any]]:
    with run.harbor.harbor.store.transaction(write=False) as tx:
        return sorted(tx.find("immutable_rule"), key=lambda row: row["id"])


def store(run: Modules, **changes: t.Any) -> None:
    """Have a rule that somebody else made."""
    with run.harbor.harbor.store.transaction(write=True) as tx:
        [project] = tx.find("project", name="payments")
        content = {**STORED, **changes}
        text = f"{len(tx.find('immutable_rule'))}"
        tx.insert("immutable_rule", {"project_id": project["id"], "disabled": False, "content": content, "text": text})


def again(run: Modules, **rule: t.Any) -> Result:
    """Run twice; return the first result after seeing that the second one changes nothing."""
    first = run.ok("immutable_tag_rule", **rule)
    assert not run.ok("immutable_tag_rule", **rule)["changed"]
    return first


def test_a_new_rule_may_be_a_disabled_one(run: Modules) -> None:
    """Harbor's POST ignores it."""
    assert again(run, **RULE, disabled=True)["changed"]
    assert [rule["disabled"] for rule in rules(run)] == [True]


def test_a_switch_keeps_the_selectors(run: Modules) -> None:
    again(run, **RULE)
    for disabled in (True, False):
        assert again(run, **RULE, disabled=disabled)["changed"]
    [rule] = rules(run)
    assert rule["content"] == STORED


def test_what_a_rule_excludes_makes_it_another_one(run: Modules) -> None:
    for rule in (RULE, {"project": "payments", "tag_excluding": "v*"}, {**RULE, "repo_excluding": "**"}, {**RULE, "repo_matching": "a/*"}):
        assert again(run, **rule)["summary"]["create"] == 1
    assert len(rules(run)) == 4
    names = [change["name"] for change in run.state({"projects": [], "immutable_tag_rules": []}, prune=["immutable_tag_rules"])["changes"]]
    assert names == []  # no project was named
    result = run.state({**PAYMENTS, "immutable_tag_rules": [RULE]}, prune=["immutable_tag_rules"])
    assert [change["name"] for change in result["changes"]] == ["payments/!**:v*", "payments/**:!v*", "payments/a/*:v*"]


def test_all_repositories_are_meant_without_a_pattern(run: Modules) -> None:
    again(run, **RULE)
    assert not run.ok("immutable_tag_rule", **RULE, repo_matching="**")["changed"]
    desired = {"immutable_tag_rules": [RULE, {**RULE, "repo_matching": "**"}]}
    assert "immutable_tag_rule payments/**:v*: declared twice" in run.refused("state", desired=desired)


def test_twins_are_one_rule(run: Modules) -> None:
    """Harbor takes an equal rule beside one that was ever updated, or of another priority."""
    store(run)
    store(run, priority=1)
    assert not run.ok("immutable_tag_rule", **RULE, disabled=False)["changed"]
    assert again(run, **RULE, disabled=True)["changed"]
    assert [rule["disabled"] for rule in rules(run)] == [True, True]
    assert rules(run)[1]["content"]["priority"] == 1
    [found] = run.ok("immutable_tag_rule_info", project="payments")["immutable_tag_rules"]
    assert found["disabled"] is True
    assert again(run, **RULE, state="absent")["summary"]["delete"] == 1
    assert rules(run) == []


def test_only_the_first_selector_counts(run: Modules) -> None:
    more = {"kind": "doublestar", "decoration": "matches", "pattern": "w*"}
    store(run, tag_selectors=[*t.cast("list[t.Any]", STORED["tag_selectors"]), more])
    assert not run.ok("immutable_tag_rule", **RULE)["changed"]


def test_a_rule_that_cannot_be_declared_is_no_rule(run: Modules) -> None:
    """It stands in the way of no rule, is in no export, and can be pruned."""
    store(run, tag_selectors=[{"kind": "regex", "decoration": "matches", "pattern": "v*"}])
    store(run, tag_selectors=None)
    store(run, tag_selectors=[{"kind": "doublestar", "decoration": "matches", "pattern": "v1, v2"}])
    assert again(run, **RULE)["summary"]["create"] == 1
    found = run.ok("immutable_tag_rule_info", project="payments")["immutable_tag_rules"]
    assert [rule["tag_matching"] for rule in found] == ["(rule 1)", "(rule 2)", "(rule 3)", "v*"]
    assert run.ok("export", path=str(run.directory / "harbor.yml"))["counts"]["immutable_tag_rules"] == 1
    result = run.state({**PAYMENTS, "immutable_tag_rules": [RULE]}, prune=["immutable_tag_rules"])
    assert result["summary"]["delete"] == 3 and len(rules(run)) == 1


def test_an_interrupted_creation_is_finished(run: Modules) -> None:
    """The rule is there, but still in force."""
    run.harbor.faults.add("502", method="PUT", path_prefix="/api/v2.0/projects/payments/immutabletagrules", times=9)
    assert "create immutable_tag_rule payments/**:v*: PUT" in run.refused("immutable_tag_rule", **RULE, disabled=True)
    run.harbor.faults.clear()
    result = again(run, **RULE, disabled=True)
    assert result["changes"][0]["action"] == "update" and len(rules(run)) == 1


@pytest.mark.parametrize("pattern", ["v1,v2", "{v1,v2", "v1}", "v *", ""])
def test_patterns_that_match_nothing_are_refused(run: Modules, pattern: str) -> None:
    run.harbor.log.clear()
    message = run.refused("immutable_tag_rule", project="payments", tag_matching="v*", repo_matching=pattern)
    assert "immutable_tag_rule payments/" in message and f"repo_matching: {pattern!r} is not allowed; allowed: a pattern with" in message
    assert run.writes() == []


def test_selectors_exclude_each_other(run: Modules) -> None:
    assert "mutually exclusive" in run.refused("immutable_tag_rule", **RULE, tag_excluding="x")
    assert "mutually exclusive" in run.refused("immutable_tag_rule", **RULE, repo_matching="a", repo_excluding="b")
    assert "one of the following is required: tag_matching, tag_excluding" in run.refused("immutable_tag_rule", project="payments")
