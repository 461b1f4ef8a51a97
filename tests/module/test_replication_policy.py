# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Replication policies: refusals before any write, both directions, and what other tools left behind."""

from __future__ import annotations

import typing as t

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .conftest import Modules
from .samples import DR_SITE, REGISTRY

BEFORE = {"registries": [REGISTRY, DR_SITE]}
PUSH = {"name": "releases", "dest_registry": "dr-site"}
NIGHTLY = {**PUSH, "trigger": "scheduled", "cron": "0 0 2 * * *"}


def filters(*entries: dict[str, t.Any]) -> dict[str, t.Any]:
    return {**PUSH, "filters": list(entries)}


BAD: dict[str, tuple[dict[str, t.Any], tuple[str, ...]]] = {
    "both registries": ({**PUSH, "src_registry": "hub"}, ("src_registry", "dest_registry", "mutually exclusive")),
    "no registry": (
        {"name": "releases"},
        ("replication_policy releases: src_registry and dest_registry: exactly one of them must be given to create",),
    ),
    "unknown registry": (
        {"name": "releases", "src_registry": "ghost"},
        ("replication_policy releases: src_registry: 'ghost' is neither in Harbor nor declared in registries",),
    ),
    "blank name": ({**PUSH, "name": " "}, ("name: ' ' is not allowed; allowed: must not be empty",)),
    "long name": ({**PUSH, "name": "x" * 257}, ("at most 256 characters, not 257",)),
    "events and one run at a time": (
        {**PUSH, "trigger": "event_based", "single_active_replication": True},
        ("replication_policy releases: single_active_replication: not together with the trigger event_based",),
    ),
    "pull by events": (
        {"name": "releases", "src_registry": "hub", "trigger": "event_based"},
        ("replication_policy releases: trigger: event_based is for policies that push (dest_registry)",),
    ),
    "schedule without cron": (
        {**PUSH, "trigger": "scheduled"},
        ("replication_policy releases: cron: must be given with the trigger scheduled",),
    ),
    "cron without schedule": (
        {**PUSH, "cron": "0 0 2 * * *"},
        ("replication_policy releases: cron: only for the trigger scheduled", "'0 0 2 * * *'"),
    ),
    "cron of five fields": ({**NIGHTLY, "cron": "0 2 * * *"}, ("cron: '0 2 * * *' is not allowed; allowed: six fields",)),
    "cron with seconds": ({**NIGHTLY, "cron": "5 0 2 * * *"}, ("cron: '5 0 2 * * *' is not allowed", "the first is 0")),
    "cron of every minute": ({**NIGHTLY, "cron": "0 * 2 * * *"}, ("cron: '0 * 2 * * *' would run every minute",)),
    "trigger": ({**PUSH, "trigger": "hourly"}, ("trigger", "manual, scheduled, event_based", "hourly")),
    "filter type": (filters({"type": "color", "value": "x"}), ("type", "name, tag, label, resource", "color")),
    "decorated name": (
        filters({"type": "name", "value": "x", "decoration": "matches"}),
        ("filters: ", "only filters of type tag and label have a decoration, not name"),
    ),
    "decoration": (filters({"type": "tag", "value": "x", "decoration": "likes"}), ("decoration", "matches, excludes", "likes")),
    "resource": (filters({"type": "resource", "value": "chart"}), ("filters: ", "'chart'", "image or artifact")),
    "label by value": (filters({"type": "label", "value": "a"}), ("filters: ", "a filter of type label has labels", "no value")),
    "no label": (filters({"type": "label", "labels": []}), ("a filter of type label has labels, which must not be empty",)),
    "label twice": (filters({"type": "label", "labels": ["a", "a"]}), ("filters: ", "a is there several times")),
    "labels of a tag": (filters({"type": "tag", "value": "x", "labels": ["a"]}), ("a filter of type tag has value", "no labels")),
    "empty value": (filters({"type": "name", "value": ""}), ("a filter of type name has value, which must not be empty",)),
    "list without braces": (filters({"type": "tag", "value": "v1,v2"}), ("filters: ", "'v1,v2'", "alternatives in braces")),
    "open brace": (filters({"type": "name", "value": "{a,b"}), ("filters: ", "braces that are closed")),
    "filter twice": (filters({"type": "tag", "value": "a"}, {"type": "tag", "value": "a", "decoration": "matches"}), ("each filter once",)),
    "namespace": ({**PUSH, "dest_namespace": "Bad NS"}, ("dest_namespace: 'Bad NS' is not allowed; allowed: lower-case letters",)),
    "replace count": (
        {**PUSH, "dest_namespace_replace_count": 200},
        ("dest_namespace_replace_count: 200 is not allowed; allowed: -1 or 0 to 127",),
    ),
    "speed": ({**PUSH, "speed": -5}, ("speed: -5 is not allowed; allowed: 0 to 2147483647",)),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input(run: Modules, case: str) -> None:
    policy, words = BAD[case]
    run.state(BEFORE)
    run.harbor.log.clear()
    for check in (True, False):
        message = run.refused("state", desired={"replication_policies": [policy]}, check=check)
        assert [word for word in words if word not in message] == [], message
    assert run.writes() == []


def test_an_older_harbor(run: Modules) -> None:
    run.state(BEFORE)
    run.harbor.harbor.settings.version = "v2.13.5"
    try:
        message = run.refused("replication_policy", **PUSH, single_active_replication=True)
        assert "single_active_replication: needs Harbor 2.14.0, this is 2.13.5" in message
        assert run.ok("replication_policy", **PUSH)["changed"] and not run.ok("replication_policy", **PUSH)["changed"]
    finally:
        run.harbor.harbor.settings.version = "v2.15.2"


def test_a_new_policy_is_enabled_and_overwrites(run: Modules) -> None:
    """Harbor's own defaults are the opposite, silently."""
    run.state(BEFORE)
    run.ok("replication_policy", **PUSH)
    [policy] = run.ok("replication_policy_info")["replication_policies"]
    assert policy["enabled"] and policy["override"] and policy["trigger"] == "manual" and not policy["deletion"]


def test_turning_a_policy_round(run: Modules) -> None:
    run.state(BEFORE)
    run.ok("replication_policy", **PUSH)
    result = run.ok("replication_policy", name="releases", src_registry="hub", diff=True)
    assert result["changes"][0]["fields"] == ["src_registry"] and "src_registry: hub" in result["diff"][0]["after"]
    [policy] = run.ok("replication_policy_info")["replication_policies"]
    assert policy["src_registry"] == "hub" and "dest_registry" not in policy
    assert not run.ok("replication_policy", name="releases", src_registry="hub")["changed"]


def test_a_schedule_comes_and_goes(run: Modules) -> None:
    run.state(BEFORE)
    run.ok("replication_policy", **NIGHTLY)
    assert not run.ok("replication_policy", **{**NIGHTLY, "cron": " 0  0 2 * * *"})["changed"]
    assert run.ok("replication_policy", name="releases", trigger="manual")["changed"]
    [policy] = run.ok("replication_policy_info")["replication_policies"]
    assert policy["trigger"] == "manual" and "cron" not in policy
    assert "cron: must be given" in run.refused("replication_policy", name="releases", trigger="scheduled")


def test_a_registry_in_use_is_not_deleted(run: Modules) -> None:
    """Check mode says so too, and it is no matter which of the two ends it is."""
    run.state({**BEFORE, "replication_policies": [PUSH, {"name": "pull", "src_registry": "hub"}]})
    for check in (True, False):
        for registry, policy in (("dr-site", "releases"), ("hub", "pull")):
            message = run.refused("registry", name=registry, state="absent", check=check)
            assert f"registry {registry}: state: replication policy {policy} uses this registry" in message
    moved = {
        "registries": [{"name": "dr-site", "state": "absent"}],
        "replication_policies": [{"name": "releases", "dest_registry": "hub"}],
    }
    predicted = run.state(moved, check=True)
    assert predicted == run.state(moved) and predicted["summary"] == {"create": 0, "update": 1, "delete": 1, "unchanged": 0}
    both = {
        "registries": [{"name": "hub", "state": "absent"}],
        "replication_policies": [{"name": name, "state": "absent"} for name in ("releases", "pull")],
    }
    assert run.state(both)["summary"]["delete"] == 3


def stored(run: Modules, **changes: t.Any) -> dict[str, t.Any]:
    """Change the only policy behind our back, and return it as it is stored."""
    with run.harbor.harbor.store.transaction(write=True) as tx:
        [row] = tx.find("replication_policy")
        return dict(tx.update("replication_policy", row["id"], **changes))


def test_what_others_wrote_stays(run: Modules) -> None:
    """Filters without a value, a pull by events and a policy without a trigger: Harbor takes them, so they are no difference."""
    run.state(BEFORE)
    run.ok("replication_policy", name="pull", src_registry="hub")
    odd = [{"type": "name", "value": ""}, {"type": "tag", "value": "v*"}, {"type": "tag", "value": "", "decoration": "matches"}]
    stored(run, filters=odd, trigger=None)
    wanted = {"name": "pull", "filters": [{"type": "tag", "value": "v*"}], "trigger": "manual"}
    assert not run.ok("replication_policy", **wanted)["changed"]
    stored(run, trigger={"type": "event_based"})
    path = run.directory / "harbor.yml"
    run.ok("export", path=str(path), kinds=["replication_policies"])
    assert "trigger: event_based" in path.read_text()
    assert not run.ok("replication_policy", name="pull", trigger="event_based")["changed"]
    run.ok("replication_policy", name="pull", description="new")
    assert stored(run)["filters"] == odd and stored(run)["trigger"] == {"type": "event_based"}


def test_a_name_of_any_kind(run: Modules) -> None:
    """Harbor takes every name, also those that its search cannot look for."""
    run.state(BEFORE)
    for name in ("2024", "a/b c", "ü, %2B+", " padded "):
        assert run.ok("replication_policy", name=name, dest_registry="dr-site")["changed"]
        assert not run.ok("replication_policy", name=name, dest_registry="dr-site")["changed"]
    assert len(run.ok("replication_policy_info")["replication_policies"]) == 4


def test_more_than_one_page(run: Modules) -> None:
    desired = {**BEFORE, "replication_policies": [{"name": f"policy-{number}", "dest_registry": "dr-site"} for number in range(120)]}
    run.state(desired)
    run.harbor.log.clear()
    assert not run.state(desired)["changed"]
    assert [path for method, path, _status in run.harbor.log if "policies" in path] == ["/api/v2.0/replication/policies"] * 2


PATTERNS = st.from_regex(r"(\{[a-z]{1,3},[a-z]{1,3}\}|[a-z*?]{1,4})(/\*\*)?", fullmatch=True)
FILTERS = st.one_of(
    st.fixed_dictionaries({"type": st.just("name"), "value": PATTERNS}),
    st.fixed_dictionaries({"type": st.just("resource"), "value": st.sampled_from(["image", "artifact"])}),
    st.fixed_dictionaries({"type": st.just("tag"), "value": PATTERNS}, optional={"decoration": st.sampled_from(["matches", "excludes"])}),
    st.fixed_dictionaries(
        {"type": st.just("label"), "labels": st.lists(st.sampled_from(["a", "b c", "ü"]), min_size=1, unique=True)},
        optional={"decoration": st.sampled_from(["matches", "excludes"])},
    ),
)
POLICIES = st.fixed_dictionaries(
    {},
    optional={
        "filters": st.lists(
            FILTERS, max_size=4, unique_by=lambda one: (one["type"], one.get("value"), tuple(sorted(one.get("labels", ()))))
        ),
        "dest_namespace": st.sampled_from(["", "mirror", "a/b-c"]),
        "dest_namespace_replace_count": st.integers(-1, 127),
        "speed": st.integers(0, 2**31 - 1),
        **{name: st.booleans() for name in ("enabled", "override", "deletion", "copy_by_chunk", "single_active_replication")},
    },
)
WHEN = st.sampled_from([{}, {"trigger": "manual"}, {"trigger": "scheduled", "cron": "0 */5 2 * * *"}])


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(policies=st.dictionaries(st.text("ab ,/ü", min_size=1, max_size=4).filter(str.strip), st.tuples(POLICIES, WHEN), max_size=3))
def test_export_then_state_law(run: Modules, policies: dict[str, tuple[dict[str, t.Any], dict[str, t.Any]]]) -> None:
    """Whatever is made, making it again and planning its export change nothing."""
    run.harbor.reset()
    desired = {
        **BEFORE,
        "replication_policies": [{"name": name, "dest_registry": "dr-site", **values, **when} for name, (values, when) in policies.items()],
    }
    run.state(desired)
    assert not run.state(desired)["changed"]
    live = run.ok("replication_policy_info")["replication_policies"]
    again = [{key: value for key, value in policy.items() if key != "id"} for policy in live]
    assert not run.state({"replication_policies": again}, prune=["replication_policies"])["changed"]
