# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Preheat instances and policies: refusals before any write, credentials, who uses what, and what other tools left behind."""

from __future__ import annotations

import json
import typing as t

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .conftest import Modules
from .samples import ALICE, CANARIES, DRAGONFLY

SECRET, NEW = CANARIES[4], "Canary5Rotated"
KRAKEN = {"name": "kraken", "vendor": "kraken", "endpoint": "https://kraken.example.com"}
BASIC = {**KRAKEN, "auth_mode": "basic", "username": "harbor", "password": SECRET}
PAYMENTS = {"name": "payments"}
BEFORE = {"preheat_instances": [DRAGONFLY], "projects": [PAYMENTS]}
POLICY: dict[str, t.Any] = {
    "project": "payments",
    "name": "releases",
    "provider": "dragonfly",
    "filters": [{"type": "tag", "value": "v*"}],
}
NIGHTLY = {**POLICY, "trigger": "scheduled", "cron": "0 * 3 * * *"}


def instance(**changes: t.Any) -> dict[str, t.Any]:
    return {"preheat_instances": [{name: value for name, value in {**KRAKEN, **changes}.items() if value is not None}]}


def policy(**changes: t.Any) -> dict[str, t.Any]:
    return {"preheat_policies": [{name: value for name, value in {**POLICY, **changes}.items() if value is not None}]}


def filters(*entries: dict[str, t.Any]) -> dict[str, t.Any]:
    return policy(filters=list(entries))


BAD: dict[str, tuple[dict[str, t.Any], tuple[str, ...]]] = {
    "instance name": (instance(name="a b"), ("preheat_instance a b: name: 'a b' is not allowed; allowed: letters and digits",)),
    "vendor": (instance(vendor="nope"), ("vendor", "dragonfly, kraken", "nope")),
    "no vendor": (instance(vendor=None), ("preheat_instance kraken: vendor: must be given to create the preheat instance",)),
    "no address": (instance(endpoint=None), ("preheat_instance kraken: endpoint: must be given",)),
    "address": (instance(endpoint="ftp://x"), ("endpoint: 'ftp://x' is not allowed; allowed: an http or https address",)),
    "address of another": (
        instance(endpoint=DRAGONFLY["endpoint"] + "/"),
        ("preheat_instance kraken: endpoint: 'https://dragonfly.example.com:8080' is the address of preheat instance dragonfly too",),
    ),
    "address of another declared one": (
        {"preheat_instances": [KRAKEN, {**KRAKEN, "name": "second"}]},
        ("preheat_instance kraken: endpoint: ", "is the address of preheat instance second too"),
    ),
    "mode": (instance(auth_mode="magic"), ("auth_mode", "none, basic, oauth", "magic")),
    "basic without credentials": (
        instance(auth_mode="basic"),
        ("preheat_instance kraken: username: must be given with auth_mode basic", "preheat_instance kraken: password: must be given"),
    ),
    "oauth without a token": (instance(auth_mode="oauth"), ("token: must be given with auth_mode oauth",)),
    "password without a mode": (
        instance(password=SECRET),
        ("password: not with auth_mode none, which needs no credentials",),
    ),
    "token for basic": (
        {"preheat_instances": [{**BASIC, "token": SECRET}]},
        ("token: not with auth_mode basic, which needs username and password",),
    ),
    "template": (
        {"preheat_instances": [{**BASIC, "password": "{{ vault_kraken }}"}]},
        ("password: the given value is not allowed; allowed: the secret itself, not a template",),
    ),
    "two defaults": (
        {"preheat_instances": [{**KRAKEN, "default": True}, {"name": "dragonfly", "default": True}]},
        ("preheat_instance kraken: default: dragonfly, kraken are all declared to be it; allowed: one",),
    ),
    "policy name": (policy(name="a b"), ("preheat_policy payments/a b: name: 'a b' is not allowed; allowed: letters and digits",)),
    "unknown project": (policy(project="ghost"), ("project: 'ghost' is neither in Harbor nor declared in projects",)),
    "unknown provider": (
        policy(provider="ghost"),
        ("preheat_policy payments/releases: provider: 'ghost' is neither in Harbor nor declared in preheat_instances",),
    ),
    "no provider": (policy(provider=None), ("provider: must be given to create the preheat policy",)),
    "no filters": (policy(filters=None), ("filters: must be given to create the preheat policy",)),
    "filter type": (filters({"type": "name", "value": "x"}), ("type", "repository, tag, label", "name")),
    "empty filter": (filters({"type": "tag", "value": ""}), ("a filter of type tag has value, which must not be empty",)),
    "label by value": (filters({"type": "label", "value": "a,b"}), ("a filter of type label has labels",)),
    "label with a comma": (filters({"type": "label", "labels": ["a,b"]}), ("filters: ", "labels without commas")),
    "filter twice": (
        filters({"type": "tag", "value": "a"}, {"type": "tag", "value": "b"}),
        ("one filter of each type, but tag is there several times",),
    ),
    "list without braces": (filters({"type": "repository", "value": "a,b"}), ("'a,b'", "alternatives in braces")),
    "schedule without cron": (policy(trigger="scheduled"), ("cron: must be given with the trigger scheduled",)),
    "cron with seconds": (policy(trigger="scheduled", cron="5 0 1 * * *"), ("cron: '5 0 1 * * *' is not allowed", "the first is 0")),
    "cron without schedule": (policy(cron="0 0 1 * * *"), ("cron: only for the trigger scheduled",)),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input(run: Modules, case: str) -> None:
    desired, words = BAD[case]
    run.state(BEFORE)
    run.harbor.log.clear()
    for check in (True, False):
        message = run.refused("state", desired=desired, check=check)
        assert [word for word in words if word not in message] == [], message
    assert run.writes() == [] and "Canary" not in "".join(run.outputs)


def stored(run: Modules, table: str, name: str) -> dict[str, t.Any]:
    with run.harbor.harbor.store.transaction(write=False) as tx:
        [row] = tx.find(table, name=name)
        return dict(row)


def test_vendor_cannot_be_changed(run: Modules) -> None:
    run.state(BEFORE)
    assert "vendor: cannot be changed from 'dragonfly' to 'kraken'" in run.refused("preheat_instance", name="dragonfly", vendor="kraken")


def test_credentials(run: Modules) -> None:
    """They are sent when they must be, stay otherwise, and are never shown."""
    run.ok("preheat_instance", **BASIC)
    assert stored(run, "preheat_instance", "kraken")["auth_info"] == {"username": "harbor", "password": SECRET}
    rotated = {**BASIC, "password": NEW}
    assert not run.ok("preheat_instance", **rotated)["changed"]
    assert not run.ok("preheat_instance", **rotated, update_secret="on_drift")["changed"]
    run.ok("preheat_instance", name="kraken", description="new")
    assert stored(run, "preheat_instance", "kraken")["auth_info"] == {"username": "harbor", "password": SECRET}
    result = run.ok("preheat_instance", **rotated, update_secret="always", diff=True)
    assert result["changes"][0]["fields"] == ["password"]
    assert stored(run, "preheat_instance", "kraken")["auth_info"] == {"username": "harbor", "password": NEW}
    run.ok("preheat_instance", name="kraken", auth_mode="oauth", token=NEW)
    assert stored(run, "preheat_instance", "kraken")["auth_info"] == {"token": NEW}
    run.ok("preheat_instance", name="kraken", auth_mode="none")
    assert stored(run, "preheat_instance", "kraken")["auth_info"] == {}
    run.ok("preheat_instance_info")
    assert "Canary" not in "".join(run.outputs)


def test_a_rotated_password_needs_its_user_name(run: Modules) -> None:
    run.ok("preheat_instance", **BASIC)
    message = run.refused("preheat_instance", name="kraken", password=NEW, update_secret="always")
    assert "username: must be given with auth_mode basic: Harbor keeps username and password together" in message


def test_only_one_is_the_default(run: Modules) -> None:
    """A creation alone would leave two, and an update of the old one would take it back."""
    run.state({"preheat_instances": [{**DRAGONFLY, "default": True}]})
    desired = {"preheat_instances": [{"name": "dragonfly", "description": "old"}, {**KRAKEN, "default": True}]}
    predicted = run.state(desired, check=True)
    assert predicted == run.state(desired) and predicted["summary"]["create"] == 1
    found = {one["name"]: one["default"] for one in run.ok("preheat_instance_info")["preheat_instances"]}
    assert found == {"dragonfly": False, "kraken": True}
    assert not run.state(desired)["changed"]
    run.state({"preheat_instances": [{"name": "dragonfly", "default": True}, {"name": "kraken", "description": "new"}]})
    found = {one["name"]: one["default"] for one in run.ok("preheat_instance_info")["preheat_instances"]}
    assert found == {"dragonfly": True, "kraken": False}


@pytest.mark.parametrize("change", [{"state": "absent"}, {"enabled": False}], ids=["delete", "switch off"])
def test_an_instance_in_use(run: Modules, change: dict[str, t.Any]) -> None:
    """Check mode says so too; when its policies go or move in the same run, it is in use no more."""
    run.state({**BEFORE, **policy()})
    run.harbor.log.clear()
    for check in (True, False):
        message = run.refused("preheat_instance", name="dragonfly", **change, check=check)
        assert f"preheat_instance dragonfly: {next(iter(change))}: preheat policy payments/releases uses this instance" in message
    assert run.writes() == []
    moved = {"preheat_instances": [KRAKEN, {"name": "dragonfly", "state": "absent"}], **policy(provider="kraken")}
    assert run.state(moved)["summary"] == {"create": 1, "update": 1, "delete": 1, "unchanged": 0}
    gone = {
        "preheat_instances": [{"name": "kraken", "state": "absent"}],
        "preheat_policies": [{"project": "payments", "name": "releases", "state": "absent"}],
    }
    assert run.state(gone, check=True) == run.state(gone)


def test_pruning_an_instance_in_use_ends_with_harbors_reason(run: Modules) -> None:
    run.state({**BEFORE, **policy()})
    message = run.refused("state", desired={"preheat_instances": []}, prune=["preheat_instances"])
    assert "delete preheat_instance dragonfly" in message and "cannot be deleted as some preheat policies are using it" in message


def test_a_name_of_digits(run: Modules) -> None:
    """The address of a new instance ends in its name, which must not be taken for the id."""
    run.state(BEFORE)
    digits = {**KRAKEN, "name": "77"}
    run.state({"preheat_instances": [digits], **policy(provider="77", name="88")})
    [found] = run.ok("preheat_policy_info")["preheat_policies"]
    assert (found["name"], found["provider"]) == ("88", "77")
    assert not run.state({"preheat_instances": [digits], **policy(provider="77", name="88")})["changed"]


def test_a_schedule_of_every_minute_is_allowed_here(run: Modules) -> None:
    run.state(BEFORE)
    assert run.ok("preheat_policy", **NIGHTLY)["changed"] and not run.ok("preheat_policy", **NIGHTLY)["changed"]
    assert run.ok("preheat_policy", project="payments", name="releases", trigger="event_based")["changed"]
    assert "cron" not in run.ok("preheat_policy_info")["preheat_policies"][0]


def test_what_others_wrote_stays(run: Modules) -> None:
    """Another order, blanks and filters that are Harbor's own are no difference, and an update leaves them alone."""
    run.state({**BEFORE, **policy()})
    odd = json.dumps(
        [
            {"type": "label", "value": "b, a"},
            {"type": "vulnerability", "value": 3},
            {"type": "tag", "value": "v*"},
            {"type": "repository", "value": ""},
        ],
        indent=1,
    )
    with run.harbor.harbor.store.transaction(write=True) as tx:
        [row] = tx.find("preheat_policy")
        tx.update("preheat_policy", row["id"], filters=odd, extra_attrs='{"b":1,\n"a":2}')
    wanted = [{"type": "tag", "value": "v*"}, {"type": "label", "labels": ["a", "b"]}]
    assert not run.ok("preheat_policy", **{**POLICY, "filters": wanted}, extra_attrs={"a": 2, "b": 1})["changed"]
    run.ok("preheat_policy", project="payments", name="releases", description="new")
    assert stored(run, "preheat_policy", "releases")["filters"] == odd


def test_as_an_administrator_of_the_project(run: Modules) -> None:
    """Who may not read the instances is offered them by the project."""
    member = {"project": "payments", "user": "alice", "role": "admin"}
    run.state({**BEFORE, "users": [ALICE], "project_members": [member]})
    run.connection = {"harbor_username": "alice", "harbor_password": ALICE["password"]}
    assert run.ok("preheat_policy", **POLICY)["changed"]
    assert not run.ok("preheat_policy", **POLICY)["changed"]
    assert "is offered no preheat instance 'dragon'" in run.refused("preheat_policy", **{**POLICY, "name": "second", "provider": "dragon"})


LABELS = st.lists(st.sampled_from(["a", "b c", "ü"]), min_size=1, unique=True)
PATTERNS = st.from_regex(r"(\{[a-z]{1,3},[a-z]{1,3}\}|[a-z*?]{1,4})(/\*\*)?", fullmatch=True)
FILTERS = st.tuples(
    st.lists(st.builds(lambda value: {"type": "repository", "value": value}, PATTERNS), max_size=1),
    st.lists(st.builds(lambda value: {"type": "tag", "value": value}, PATTERNS), max_size=1),
    st.lists(st.builds(lambda labels: {"type": "label", "labels": labels}, LABELS), max_size=1),
).map(lambda parts: [entry for part in parts for entry in part])
POLICIES = st.fixed_dictionaries(
    {"filters": FILTERS},
    optional={
        "enabled": st.booleans(),
        "description": st.sampled_from(["", "x"]),
        "extra_attrs": st.dictionaries(st.sampled_from(["scope", "cluster_ids"]), st.sampled_from(["x", 1, [1, "a"]])),
    },
)
WHEN = st.sampled_from([{}, {"trigger": "event_based"}, {"trigger": "scheduled", "cron": "0 */5 2 * * *"}])


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(policies=st.dictionaries(st.from_regex(r"[A-Za-z0-9]{1,3}([._-][a-z])?", fullmatch=True), st.tuples(POLICIES, WHEN), max_size=3))
def test_info_then_state_law(run: Modules, policies: dict[str, tuple[dict[str, t.Any], dict[str, t.Any]]]) -> None:
    """Whatever is made, making it again and declaring what is told of it change nothing."""
    run.harbor.reset()
    entries = [{**POLICY, "name": name, **values, **when} for name, (values, when) in policies.items()]
    run.state({**BEFORE, "preheat_policies": entries})
    assert not run.state({"preheat_policies": entries})["changed"]
    live = run.ok("preheat_policy_info")["preheat_policies"]
    again = [{key: value for key, value in one.items() if key != "id"} for one in live]
    assert not run.state({"preheat_policies": again, "projects": [PAYMENTS]}, prune=["preheat_policies"])["changed"]
