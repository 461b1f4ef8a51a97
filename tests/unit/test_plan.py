# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Laws of the plan, without any server: a Harbor is a dictionary here."""

from __future__ import annotations

import typing as t

import pytest
import yaml
from ansible_collections.dockmaster.harbor.plugins.module_utils._engine import exported, needs_of, parse_version
from ansible_collections.dockmaster.harbor.plugins.module_utils._errors import ApplyError, Error, PlanError
from ansible_collections.dockmaster.harbor.plugins.module_utils._module import dump
from ansible_collections.dockmaster.harbor.plugins.module_utils._plan import Options, Plan, changes_for_user, declare, diff, plan
from ansible_collections.dockmaster.harbor.plugins.module_utils._resource import Live, World
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources import RESOURCES
from ansible_collections.dockmaster.harbor.plugins.module_utils._session import Caller
from hypothesis import given
from hypothesis import strategies as st

Desired = dict[str, list[dict[str, t.Any]]]
ADMIN = Caller(name="admin", id=1, admin=True)


def world(desired: Desired | None = None, live: dict[str, list[Live]] | None = None) -> World:
    result = World(version=(2, 15, 2), auth_mode="db_auth", caller=ADMIN)
    declared = declare(RESOURCES, desired or {})
    assert declared.problems == []
    result.declared = declared.objects
    for kind, lives in (live or {}).items():
        result.live[kind] = {one.key: one for one in lives}
    return result


def applied(planned: Plan, before: World, desired: Desired) -> World:
    """Do what a plan says to a dictionary."""
    after = world(desired, {kind: list(lives.values()) for kind, lives in before.live.items()})
    for change in planned.changes:
        lives = after.live.setdefault(change.resource.plural, {})
        if change.action == "delete":
            del lives[change.key]
        else:
            absent = {one.name: one.absent for one in change.resource.fields if not one.secret}
            values = {**absent, **change.after} if change.action == "create" else change.after
            if change.resource.plural == "projects":
                values = {**values, "registry": values.get("registry") or "", "storage_limit": values.get("storage_limit") or -1}
            raw = {"_quota": {"id": 1, "used": {"storage": 0}}}
            lives[change.key] = Live(key=change.key, values=values, id=len(lives) + 10, raw=raw)
    return after


NAME = st.sampled_from(["a", "b", "c", "d"])
PROJECT = st.fixed_dictionaries(
    {"name": NAME},
    optional={
        "public": st.booleans(),
        "auto_scan": st.booleans(),
        "severity": st.sampled_from(["none", "high"]),
        "storage_limit": st.sampled_from(["unlimited", "1GiB", "2GiB"]),
        "cve_allowlist": st.lists(st.sampled_from(["CVE-1", "CVE-2", "CVE-3"]), unique=True),
    },
)
LABEL = st.fixed_dictionaries({"name": NAME}, optional={"color": st.sampled_from(["", "#000"]), "description": st.text(max_size=3)})
STATE = st.sampled_from(["present", "absent"])


@st.composite
def desired_states(draw: t.Any, absent: bool = True) -> Desired:
    state = STATE if absent else st.just("present")
    unique: t.Any = {"unique_by": lambda entry: entry["name"], "max_size": 4}
    return {
        "projects": [{**entry, "state": draw(state)} for entry in draw(st.lists(PROJECT, **unique))],
        "labels": [{**entry, "state": draw(state)} for entry in draw(st.lists(LABEL, **unique))],
    }


def settle(desired: Desired, start: World | None = None) -> World:
    before = world(desired, {kind: list(lives.values()) for kind, lives in (start or world()).live.items()})
    planned = plan(RESOURCES, before, Options(max_delete=None))
    assert planned.problems == ()
    return applied(planned, before, desired)


@given(desired_states(), desired_states())
def test_a_plan_that_was_applied_leaves_nothing_to_do(first: Desired, second: Desired) -> None:
    for _turn, desired in enumerate((first, second)):
        after = settle(desired, settle(first))
        again = plan(RESOURCES, after, Options())
        assert again.changes == () and again.problems == ()
        assert again.unchanged == sum(map(len, desired.values()))


@given(desired_states(), desired_states(absent=False))
def test_pruning_is_exactly_the_set_difference(live: Desired, wanted: Desired) -> None:
    before = settle(live)
    after = world(wanted, {kind: list(lives.values()) for kind, lives in before.live.items()})
    planned = plan(RESOURCES, after, Options(prune=frozenset(["projects", "labels"]), max_delete=None))
    for kind in ("projects", "labels"):
        gone = {change.key for change in planned.changes if change.action == "delete" and change.resource.plural == kind}
        assert gone == set(before.live.get(kind, {})) - set(after.declared[kind])


@given(desired_states())
def test_undeclared_fields_never_change(desired: Desired) -> None:
    before = settle(desired)
    bare = {kind: [{"name": entry["name"]} for entry in entries if entry["state"] == "present"] for kind, entries in desired.items()}
    assert settle(bare, before).live == before.live


@given(desired_states())
def test_export_then_plan_changes_nothing(desired: Desired) -> None:
    before = settle(desired)
    content = {
        resource.plural: [exported(resource, live) for live in before.live.get(resource.plural, {}).values()]
        for resource in RESOURCES
        if resource.plural in before.live
    }
    again: Desired = yaml.safe_load(dump(content))
    after = world(again, {kind: list(lives.values()) for kind, lives in before.live.items()})
    assert plan(RESOURCES, after, Options()).changes == ()


@given(desired_states(), st.randoms())
def test_plan_and_diff_do_not_depend_on_the_order_of_the_input(desired: Desired, random: t.Any) -> None:
    shuffled = {kind: random.sample(entries, len(entries)) for kind, entries in desired.items()}
    results = [plan(RESOURCES, world(one), Options()) for one in (desired, shuffled)]
    assert changes_for_user(results[0].changes) == changes_for_user(results[1].changes)
    assert [entry["after_header"] for entry in diff(results[0].changes, dump)] == [
        entry["after_header"] for entry in diff(results[1].changes, dump)
    ]


def test_diff_reads_like_the_users_own_file() -> None:
    before = settle({"projects": [{"name": "payments", "storage_limit": "20GiB", "cve_allowlist": ["CVE-2"], "public": False}]})
    wanted: Desired = {"projects": [{"name": "payments", "storage_limit": "30GiB", "cve_allowlist": ["CVE-2", "CVE-1"], "public": False}]}
    planned = plan(RESOURCES, world(wanted, {"projects": list(before.live["projects"].values())}), Options())
    assert diff(planned.changes, dump) == [
        {
            "before_header": "project payments (live)",
            "after_header": "project payments (declared)",
            "before": "name: payments\npublic: false\nstorage_limit: 20GiB\ncve_allowlist:\n  - CVE-2\n",
            "after": "name: payments\npublic: false\nstorage_limit: 30GiB\ncve_allowlist:\n  - CVE-1\n  - CVE-2\n",
        }
    ]
    assert changes_for_user(planned.changes)[0]["fields"] == ["cve_allowlist", "storage_limit"]


def test_waves_go_forward_and_deletes_backward() -> None:
    desired: Desired = {
        "registries": [{"name": "hub", "type": "harbor", "url": "https://registry.example.com"}],
        "projects": [{"name": "new"}, {"name": "old", "state": "absent"}],
        "labels": [{"name": "one", "project": "new"}, {"name": "two", "project": "old", "state": "absent"}],
    }
    project, label = (next(r for r in RESOURCES if r.plural == kind) for kind in ("projects", "labels"))
    old = Live(key=("old",), values=dict.fromkeys([one.name for one in project.fields]) | {"name": "old"}, id=1)
    two = Live(key=("old", "two"), values=dict.fromkeys([one.name for one in label.fields]) | {"name": "two"}, id=1)
    planned = plan(RESOURCES, world(desired, {"projects": [old], "labels": [two]}), Options())
    waves = [[f"{change.action} {change.name}" for change in wave] for wave in planned.waves()]
    assert [wave for wave in waves if wave] == [["create hub"], ["create new"], ["create new/one"], ["delete old/two"], ["delete old"]]


def test_only_what_is_needed_is_read() -> None:
    assert set(needs_of(RESOURCES, world({"labels": [{"name": "x"}]}), Options())) == {"labels"}
    needs = needs_of(RESOURCES, world({"project_members": [{"project": "p", "user": "u", "role": "guest"}]}), Options())
    assert set(needs) == {"projects", "users", "project_members"}
    assert needs["projects"].keys == {("p",)} and needs["project_members"].scopes == {"p"} and needs["users"].optional
    assert needs["projects"].detailed == set(), "the quota of a parent is not asked for"


@pytest.mark.parametrize(("words", "version"), [("v2.15.2-080b0220", (2, 15, 2)), ("v2.13.0", (2, 13, 0)), ("2.14.4", (2, 14, 4))])
def test_versions(words: str, version: tuple[int, int, int]) -> None:
    assert parse_version(words) == version


@pytest.mark.parametrize("words", ["v2.12.9", "v2.16.0", "v1.10.0", "v3.15.0", "dev", ""])
def test_version_refusals(words: str) -> None:
    with pytest.raises(Error, match="supported: 2.13 to 2.15"):
        parse_version(words)


def test_error_texts() -> None:
    assert str(PlanError(["one"])) == "one (nothing was written)"
    assert str(PlanError(["one", "two"])) == "2 problems, nothing was written:\n- one\n- two"
    assert str(ApplyError(["one"], done=2, left=3)) == "1 change(s) failed, 2 done, 3 not started:\n- one"


@pytest.mark.parametrize("mark", ["\n", "\r", "\r\n", "\x85", "\u2028", "\u2029", "\ufeff", "\t", " ", "é", "{{ x }}\x85"])
def test_written_text_is_read_back(mark: str) -> None:
    """Also the rarer ends of lines, of which YAML makes another one unless they are escaped."""
    for text in (mark, f"a{mark}b", f"a {mark} b{mark}"):
        assert yaml.safe_load(dump({"description": text})) == {"description": text}
