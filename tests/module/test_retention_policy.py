# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Retention: rules in words, and no policy that deletes unseen."""

from __future__ import annotations

import datetime
import typing as t

import pytest
from standin.content import Manifest, record_manifest
from standin.server import Server

from .conftest import Modules, Result
from .samples import PAYMENTS, REGISTRY

TEN = {"retain": "most_recently_pushed", "count": 10}
TWO = {"retain": "most_recently_pushed", "count": 2}
ONE = {"retain": "most_recently_pushed", "count": 1}
POLICY = {"project": "payments", "rules": [TWO], "schedule": "daily"}
RETENTIONS = "/api/v2.0/retentions"
OTHER = {"repository": [{"kind": "regex", "decoration": "repoMatches", "pattern": ".*"}]}
LIST = [{"kind": "doublestar", "decoration": "matches", "pattern": "v1,v2"}]
EVERY_RULE = [
    {"retain": "most_recently_pushed", "count": 3, "repo_matching": "{app,web}", "tag_matching": "v*"},
    {"retain": "most_recently_pulled", "count": 4, "repo_excluding": "team/**", "tag_excluding": "{a,b}"},
    {"retain": "pushed_within_days", "days": 5, "untagged": False},
    {"retain": "pulled_within_days", "days": 6, "tag_excluding": "x", "untagged": False},
    {"retain": "everything", "tag_matching": "v1", "disabled": True},
]


def push(harbor: Server, *names: str, count: int = 4, project: str = "payments") -> None:
    """Push images, each a bit younger than the one before."""
    with harbor.harbor.store.transaction(write=True) as tx:
        [row] = tx.find("project", name=project)
        for name in names:
            for number in range(count):
                manifest = Manifest(f"sha256:{name}{number}", "", "", "", "", {}, ())
                artifact = record_manifest(tx, row, f"{project}/{name}", f"v{number}", manifest)
                moment = datetime.datetime(2026, 1, 1 + number, tzinfo=datetime.UTC).isoformat(timespec="milliseconds")
                tx.update("artifact", artifact["id"], push_time=moment.replace("+00:00", "Z"))
                for tag in tx.find("tag", artifact_id=artifact["id"]):
                    tx.update("tag", tag["id"], push_time=moment.replace("+00:00", "Z"))


def stored(run: Modules, project: str = "payments") -> dict[str, t.Any] | None:
    """Return the policy as Harbor has it."""
    with run.harbor.harbor.store.transaction(write=False) as tx:
        [row] = tx.find("project", name=project)
        found = tx.find("retention", project_id=row["id"])
        ident = row["metadata"].get("retention_id")
    assert [str(policy["id"]) for policy in found] == ([ident] if ident else [])
    return found[0]["policy"] if found else None


def cron(run: Modules) -> str:
    policy = stored(run)
    assert policy
    return str(policy["trigger"]["settings"]["cron"])


def again(run: Modules, **policy: t.Any) -> Result:
    """Run twice; return the first result after seeing that the second one changes nothing."""
    first = run.ok("retention_policy", **policy)
    second = run.ok("retention_policy", **policy)
    assert not second["changed"] and "reports" not in second
    return first


@pytest.fixture
def images(run: Modules) -> None:
    """A project with two repositories of four images each."""
    run.state(PAYMENTS)
    push(run.harbor, "app", "team/web")
    run.harbor.log.clear()


# -- rules and schedules


def test_every_kind_of_rule(run: Modules) -> None:
    run.state(PAYMENTS)
    again(run, project="payments", rules=EVERY_RULE, schedule="0 30 2 * * mon-fri")
    assert not run.ok("retention_policy", project="payments", rules=EVERY_RULE[::-1])["changed"]
    [found] = run.ok("retention_policy_info", project="payments")["retention_policies"]
    assert len(found["rules"]) == 5 and found["schedule"] == "0 30 2 * * mon-fri" and found["next_run"].startswith("20")
    everything = {"repo_matching": "**", "tag_matching": "**"}
    assert {"retain": "pushed_within_days", "days": 5, "untagged": False, **everything} in found["rules"]
    policy = stored(run)
    assert policy
    selectors = {rule["template"]: rule["tag_selectors"][0] for rule in policy["rules"]}
    extras = {name: selector["extras"] for name, selector in selectors.items()}
    # With "excludes" Harbor takes untagged artifacts for excluded ones when the flag is set.
    assert extras == {
        "latestPushedK": '{"untagged":true}',
        "latestPulledN": '{"untagged":false}',
        "nDaysSinceLastPush": '{"untagged":false}',
        "nDaysSinceLastPull": '{"untagged":true}',
        "always": '{"untagged":true}',
    }


@pytest.mark.parametrize(("word", "text"), [("hourly", "0 0 * * * *"), ("daily", "0 0 0 * * *"), ("weekly", "0 0 0 * * 0"), ("none", "")])
def test_words_for_schedules(run: Modules, word: str, text: str) -> None:
    run.state(PAYMENTS)
    again(run, project="payments", rules=[TEN], schedule=word)
    assert cron(run) == text
    assert not run.ok("retention_policy", project="payments", schedule=text or "none")["changed"]
    [found] = run.ok("retention_policy_info", project="payments")["retention_policies"]
    assert found["schedule"] == word


def test_a_rule_that_stays_keeps_what_is_not_known_here(run: Modules) -> None:
    run.state(PAYMENTS)
    again(run, **POLICY)
    with run.harbor.harbor.store.transaction(write=True) as tx:
        [row] = tx.find("retention")
        row["policy"]["rules"][0] |= {"id": 7, "priority": 3}
        tx.update("retention", row["id"], policy=row["policy"])
    assert not run.ok("retention_policy", **POLICY)["changed"]
    again(run, **{**POLICY, "rules": [TEN, TWO]})
    policy = stored(run)
    assert policy and [rule.get("priority") for rule in policy["rules"] if rule["params"] == {"latestPushedK": 2}] == [3]


@pytest.mark.parametrize(
    "strange",
    [
        {"params": {"latestPushedK": "5"}},
        {"template": "lastXDays"},
        {"tag_selectors": []},
        {"scope_selectors": OTHER},
        {"tag_selectors": LIST},
    ],
)
def test_a_rule_that_cannot_be_said(run: Modules, strange: dict[str, t.Any]) -> None:
    """It stays until rules are declared; export and the schedule leave it alone."""
    run.state(PAYMENTS)
    again(run, **POLICY)
    with run.harbor.harbor.store.transaction(write=True) as tx:
        [row] = tx.find("retention")
        row["policy"]["rules"][0] |= strange
        tx.update("retention", row["id"], policy=row["policy"])
    [found] = run.ok("retention_policy_info", project="payments")["retention_policies"]
    assert "rules" not in found
    again(run, project="payments", schedule="weekly")
    policy = stored(run)
    assert policy and policy["rules"] == row["policy"]["rules"]
    assert again(run, **POLICY)["changed"]


BAD = {
    "comma without braces": ([{**TEN, "tag_matching": "v1,v2"}], "in rule 1, tag_matching: a pattern with"),
    "open brace": ([TWO, {**TEN, "repo_excluding": "{a,b"}], "in rule 2, repo_excluding: a pattern with"),
    "both patterns": ([{**TEN, "tag_matching": "a", "tag_excluding": "b"}], "in rule 1, one of tag_matching and tag_excluding, not both"),
    "count missing": ([{"retain": "most_recently_pulled"}], "in rule 1, count, which retain: most_recently_pulled needs"),
    "days for a count": ([{**TEN, "days": 3}], "in rule 1, no days with retain: most_recently_pushed, but count"),
    "count for everything": ([{"retain": "everything", "count": 3}], "in rule 1, no count with retain: everything"),
    "count of zero": ([{**TEN, "count": 0}], "in rule 1, count: 1 to 2147483647"),
    "twice": ([TEN, {**TEN, "tag_matching": "**"}], "each rule once; two of them are the same"),
    "too many": ([{**TEN, "count": number} for number in range(1, 17)], "at most 15 rules, not 16"),
    "unknown": ([{"retain": "latest"}], "value of retain must be one of: most_recently_pushed"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_rules_are_refused(run: Modules, name: str) -> None:
    """Harbor stores most of them; some would then delete what was meant to stay."""
    rules, expected = BAD[name]
    run.state(PAYMENTS)
    run.harbor.log.clear()
    message = run.refused("retention_policy", project="payments", rules=rules)
    assert expected in message and run.writes() == []
    if name != "unknown":
        assert "retention_policy payments: rules: [{" in message


@pytest.mark.parametrize("schedule", ["fortnightly", "0 0 * * *", "5 0 0 * * *", "0 60 0 * * *", "@daily"])
def test_bad_schedules_are_refused(run: Modules, schedule: str) -> None:
    message = run.refused("retention_policy", project="payments", rules=[TEN], schedule=schedule)
    assert (
        f"retention_policy payments: schedule: {schedule!r} is not allowed; allowed: none, hourly, daily, weekly, or six fields" in message
    )


def test_a_new_policy_needs_rules(run: Modules) -> None:
    run.state(PAYMENTS)
    assert "rules: must be given to create the retention policy" in run.refused("retention_policy", project="payments", schedule="daily")


# -- the dry run


def test_the_dry_run_comes_before_the_schedule(run: Modules, images: None) -> None:
    result = again(run, **POLICY)
    [report] = result["reports"]
    assert report == {
        "kind": "retention_policy",
        "name": "payments",
        "dry_run": {
            "total": 8,
            "retained": 4,
            "deleted": 4,
            "deleted_percent": 50.0,
            "repositories": [
                {"repository": "app", "total": 4, "retained": 2},
                {"repository": "team/web", "total": 4, "retained": 2},
            ],
        },
    }
    assert [(method, path) for method, path, _status in run.writes()] == [
        ("POST", RETENTIONS),
        ("POST", f"{RETENTIONS}/1/executions"),
        ("PUT", f"{RETENTIONS}/1"),
    ]
    assert cron(run) == "0 0 0 * * *"
    with run.harbor.harbor.store.transaction(write=False) as tx:
        assert len(tx.find("artifact")) == 8


def test_too_much_leaves_no_policy(run: Modules, images: None) -> None:
    desired = {"retention_policies": [{**POLICY, "rules": [ONE]}]}
    result = run("state", desired=desired)
    assert result["failed"] and not result["changed"]
    [error] = result["errors"]
    assert error == (
        "create retention_policy payments: project payments: the rules would delete 6 of 8 artifacts (75.0 %), "
        "allowed by max_deleted_percent: 50 %; the new policy is gone again"
    )
    assert result["reports"][0]["dry_run"]["deleted"] == 6
    assert stored(run) is None
    assert run("state", desired=desired)["failed"]
    assert again(run, **{**POLICY, "rules": [ONE]}, max_deleted_percent=75)["changed"]


def test_too_much_brings_the_previous_policy_back(run: Modules, images: None) -> None:
    again(run, **POLICY)
    before = stored(run)
    assert "the rules would delete 6 of 8 artifacts (75.0 %), allowed by max_deleted_percent: 50 %; the previous policy is in force" in (
        run.refused("retention_policy", project="payments", rules=[ONE], schedule="hourly")
    )
    assert stored(run) == before
    assert not run.ok("retention_policy", **POLICY)["changed"]


def test_a_policy_without_a_schedule_is_looked_at_too(run: Modules, images: None) -> None:
    """Somebody may start it by hand; and a schedule may come later."""
    assert "75.0 %" in run.refused("retention_policy", project="payments", rules=[ONE])
    again(run, project="payments", rules=[ONE], max_deleted_percent=100)
    assert cron(run) == ""
    assert "75.0 %" in run.refused("retention_policy", project="payments", schedule="daily")
    assert cron(run) == ""
    assert again(run, project="payments", schedule="daily", max_deleted_percent=80)["reports"][0]["dry_run"]["deleted"] == 6


def test_what_deletes_no_more_needs_no_dry_run(run: Modules, images: None) -> None:
    again(run, **POLICY)
    for schedule in ("weekly", "none"):
        assert "reports" not in again(run, project="payments", schedule=schedule, max_deleted_percent=0)


def test_check_mode_predicts_the_change_without_a_dry_run(run: Modules, images: None) -> None:
    predicted = run.ok("retention_policy", **POLICY, check=True, diff=True)
    assert run.writes() == [] and "reports" not in predicted
    done = run.ok("retention_policy", **POLICY, diff=True)
    assert {name: value for name, value in done.items() if name != "reports"} == predicted


def test_immutable_tags_stay(run: Modules, images: None) -> None:
    """A rule of the same run counts."""
    desired = {
        "retention_policies": [{**POLICY, "rules": [ONE], "max_deleted_percent": 0}],
        "immutable_tag_rules": [{"project": "payments", "tag_matching": "**"}],
    }
    assert run.state(desired)["reports"][0]["dry_run"] | {"repositories": []} == {
        "total": 8,
        "retained": 8,
        "deleted": 0,
        "deleted_percent": 0.0,
        "repositories": [],
    }


def test_repositories_that_no_rule_is_about(run: Modules, images: None) -> None:
    result = again(run, project="payments", rules=[{**ONE, "repo_matching": "elsewhere"}], schedule="daily", max_deleted_percent=0)
    assert result["reports"][0]["dry_run"]["total"] == 0 and cron(run)


@pytest.mark.parametrize("when", ["dry run", "schedule"])
def test_an_interrupted_run_is_finished_by_the_next(run: Modules, images: None, when: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a killed run leaves is a policy without a schedule; with it nothing is deleted."""
    from ansible_collections.dockmaster.harbor.plugins.module_utils._http import Api

    again(run, **POLICY)
    calls = {"dry run": ("create", 1), "schedule": ("put", 2)}
    name, last = calls[when]
    seen: list[str] = []
    real = getattr(Api, name)

    class Killed(BaseException):
        pass

    def killed(api: Api, *arguments: t.Any) -> t.Any:
        seen.append(name)
        if len(seen) == last:
            raise Killed
        return real(api, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(Api, name, killed)
        with pytest.raises(Killed):
            run("retention_policy", project="payments", rules=[{**TWO, "untagged": False}])
    assert cron(run) == ""
    assert again(run, **{**POLICY, "rules": [{**TWO, "untagged": False}]})["reports"]
    assert cron(run) == "0 0 0 * * *"


def test_a_dry_run_that_fails_enables_nothing(run: Modules, images: None, monkeypatch: pytest.MonkeyPatch) -> None:
    from standin import jobs

    again(run, **POLICY)
    before = stored(run)
    monkeypatch.setitem(jobs._RUNNERS, "RETENTION", lambda harbor, tx, task: "Error")
    message = run.refused("retention_policy", project="payments", rules=[TEN])
    assert "the dry run failed in app (Error), team/web (Error)" in message and "the previous policy is in force again" in message
    assert stored(run) == before


def test_a_dry_run_that_takes_too_long(run: Modules, images: None) -> None:
    run.harbor.harbor.settings.job_seconds = 30.0
    try:
        message = run.refused("retention_policy", **POLICY, dry_run_timeout=1)
    finally:
        run.harbor.harbor.settings.job_seconds = 0.2
    assert "the dry run did not end within dry_run_timeout, 1 seconds; the new policy is gone again" in message
    assert stored(run) is None


def test_undoing_that_fails_says_what_is_left(run: Modules, images: None) -> None:
    run.harbor.faults.add("502", method="DELETE", path_prefix=RETENTIONS, times=9)
    message = run.refused("retention_policy", project="payments", rules=[ONE], schedule="daily")
    assert "75.0 %" in message and "the new rules are saved, but without a schedule: DELETE" in message
    assert cron(run) == ""


@pytest.mark.parametrize("kind", ["reset_after_write", "502"])
def test_a_dry_run_without_an_answer_is_looked_for(run: Modules, images: None, kind: str) -> None:
    again(run, **POLICY)
    run.harbor.faults.add(kind, method="POST", path_prefix=f"{RETENTIONS}/1/executions", after_write=kind == "502")
    assert again(run, project="payments", rules=[TEN])["reports"][0]["dry_run"]["deleted"] == 0
    with run.harbor.harbor.store.transaction(write=False) as tx:
        assert len(tx.find("execution", vendor_type="RETENTION")) == 2


@pytest.mark.parametrize(("percent", "text"), [(-1, "0 to 100"), (101, "0 to 100")])
def test_bad_guards_are_refused(run: Modules, percent: int, text: str) -> None:
    message = run.refused("retention_policy", **POLICY, max_deleted_percent=percent)
    assert f"max_deleted_percent: {percent} is not allowed; allowed: {text}" in message


# -- where policies come from and go to


def test_a_proxy_cache_brings_its_policy(run: Modules) -> None:
    """It is changed, not made a second time; declared as it is, nothing happens."""
    projects = {"registries": [REGISTRY], "projects": [{"name": "cache", "registry": "hub"}]}
    week = {"project": "cache", "rules": [{"retain": "pulled_within_days", "days": 7}], "schedule": "daily"}
    predicted = run.state({**projects, "retention_policies": [week]}, check=True)
    done = run.state({**projects, "retention_policies": [week]})
    assert predicted == done and done["summary"] == {"create": 2, "update": 0, "delete": 0, "unchanged": 1}
    month = {**week, "project": "cache2", "rules": [{"retain": "pulled_within_days", "days": 30}]}
    more = {"projects": [{"name": "cache2", "registry": "hub"}], "retention_policies": [month]}
    assert run.state(more)["summary"] == {"create": 1, "update": 1, "delete": 0, "unchanged": 0}
    assert not run.state(more)["changed"]
    policy = stored(run, "cache2")
    assert policy and [rule["params"] for rule in policy["rules"]] == [{"nDaysSinceLastPull": 30}]


def test_the_policy_of_a_proxy_cache_may_be_unwanted(run: Modules) -> None:
    desired = {
        "registries": [REGISTRY],
        "projects": [{"name": "cache", "registry": "hub"}],
        "retention_policies": [{"project": "cache", "state": "absent"}],
    }
    assert run.state(desired)["summary"] == {"create": 2, "update": 0, "delete": 1, "unchanged": 0}
    assert not run.state(desired)["changed"] and stored(run, "cache") is None


def test_the_id_of_a_policy_that_is_gone(run: Modules) -> None:
    """Up to 2.13 Harbor leaves it on the project, and then takes the next policy for a second one."""
    run.state(PAYMENTS)
    with run.harbor.harbor.store.transaction(write=True) as tx:
        [row] = tx.find("project", name="payments")
        tx.update("project", row["id"], metadata={**row["metadata"], "retention_id": "99"})
    assert run.ok("retention_policy_info", project="payments")["retention_policies"] == []
    assert not run.ok("retention_policy", project="payments", state="absent")["changed"]
    assert again(run, **POLICY)["summary"]["create"] == 1


def test_an_older_harbor_is_cleaned_up_after(run: Modules) -> None:
    run.state(PAYMENTS)
    again(run, **POLICY)
    run.harbor.harbor.settings.version = "v2.13.5"
    try:
        run.ok("retention_policy", project="payments", state="absent")
    finally:
        run.harbor.harbor.settings.version = "v2.15.2"
    assert run.writes()[-1][:2] == ("DELETE", "/api/v2.0/projects/payments/metadatas/retention_id")


def test_harbor_in_trouble_is_not_taken_for_a_policy_that_is_gone(run: Modules, monkeypatch: pytest.MonkeyPatch) -> None:
    from standin.errors import internal
    from standin.resources import retentions

    run.state(PAYMENTS)
    again(run, **POLICY)

    def trouble(*_arguments: t.Any) -> t.Any:
        raise internal()

    monkeypatch.setattr(retentions, "show", trouble)
    before = len(run.writes())
    assert "answered 500" in run.refused("retention_policy", **POLICY)
    assert len(run.writes()) == before


def test_retention_is_never_pruned(run: Modules) -> None:
    run.state(PAYMENTS)
    again(run, **POLICY)
    message = run.refused("state", desired={**PAYMENTS, "retention_policies": []}, prune=["retention_policies"])
    assert "value of prune must be one or more of" in message
