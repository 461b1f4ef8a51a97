# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Webhooks: one target, a secret that Harbor gives back, and a PUT that forgets what it is not told."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources import webhook_policy
from standin.resources import webhooks

from .conftest import Modules, Result
from .samples import CANARIES, PAYMENTS

TOKEN = f"Bearer {CANARIES[3]}"
HOOK: dict[str, t.Any] = {
    "project": "payments",
    "name": "build",
    "event_types": ["PUSH_ARTIFACT", "PULL_ARTIFACT"],
    "address": "https://ci.example.com",
}


@pytest.fixture(autouse=True)
def payments(run: Modules) -> None:
    run.state(PAYMENTS)


def stored(run: Modules) -> dict[str, t.Any]:
    with run.harbor.harbor.store.transaction(write=False) as tx:
        [row] = tx.find("webhook_policy")
    return row


def change(run: Modules, **values: t.Any) -> None:
    """Change a webhook as other tools do."""
    with run.harbor.harbor.store.transaction(write=True) as tx:
        [row] = tx.find("webhook_policy")
        tx.update("webhook_policy", row["id"], **values)


def again(run: Modules, **hook: t.Any) -> Result:
    """Run twice; return the first result after seeing that the second one changes nothing."""
    first = run.ok("webhook_policy", **hook)
    assert not run.ok("webhook_policy", **hook)["changed"]
    return first


def test_what_goes_without_saying(run: Modules) -> None:
    again(run, **HOOK)
    row = stored(run)
    assert row["enabled"] is True
    assert row["targets"] == [{"type": "http", "address": "https://ci.example.com", "payload_format": "Default"}]


def test_every_event_type(run: Modules) -> None:
    assert set(webhook_policy.EVENTS) == set(webhooks.EVENTS)
    again(run, **{**HOOK, "event_types": list(webhooks.EVENTS)})
    assert not run.ok("webhook_policy", **{**HOOK, "event_types": list(webhooks.EVENTS)[::-1]})["changed"]


def test_events_that_are_there_twice_are_no_change(run: Modules) -> None:
    again(run, **HOOK)
    change(run, event_types=["PULL_ARTIFACT", "PUSH_ARTIFACT", "PUSH_ARTIFACT"])
    assert not run.ok("webhook_policy", **HOOK)["changed"]


def test_the_header_is_compared_and_never_shown(run: Modules) -> None:
    """Changed by hand, it is set again without being asked to."""
    again(run, **HOOK, auth_header=TOKEN)
    change(run, targets=[{**stored(run)["targets"][0], "auth_header": "Bearer of another"}])
    result = run.ok("webhook_policy", **HOOK, auth_header=TOKEN, diff=True)
    assert result["changes"][0]["fields"] == ["auth_header"]
    assert "auth_header: (not shown)" in result["diff"][0]["before"] and "auth_header: (set, not shown)" in result["diff"][0]["after"]
    assert stored(run)["targets"][0]["auth_header"] == TOKEN
    for policy in ("always", "on_drift"):
        assert not run.state({"webhook_policies": [{**HOOK, "auth_header": TOKEN}]}, update_secret=policy)["changed"]
    [found] = run.ok("webhook_policy_info", project="payments")["webhook_policies"]
    assert "auth_header" not in found
    output = "".join(run.outputs)
    assert CANARIES[3] not in output and "Bearer of another" not in output


def test_the_header_stays_when_it_is_not_declared(run: Modules) -> None:
    again(run, **HOOK, auth_header=TOKEN)
    assert again(run, project="payments", name="build", skip_cert_verify=True)["changed"]
    assert stored(run)["targets"][0]["auth_header"] == TOKEN
    assert again(run, **HOOK, auth_header="")["changed"]
    assert not stored(run)["targets"][0].get("auth_header")


def test_a_change_keeps_the_time_of_creation(run: Modules) -> None:
    """Harbor's PUT sets it to the year 1 unless it is sent back."""
    again(run, **HOOK)
    before = stored(run)["creation_time"]
    again(run, **HOOK, description="new")
    assert stored(run)["creation_time"] == before != "0001-01-01T00:00:00.000Z"


def test_slack_and_back(run: Modules) -> None:
    """A format belongs to HTTP only; Harbor refuses it elsewhere."""
    again(run, **HOOK, payload_format="CloudEvents")
    again(run, **HOOK, type="slack")
    assert "payload_format" not in stored(run)["targets"][0]
    again(run, **HOOK, type="http")
    assert stored(run)["targets"][0]["payload_format"] == "Default"
    message = run.refused("webhook_policy", **HOOK, type="slack", payload_format="CloudEvents")
    assert "webhook_policy payments/build: payload_format: only for the type http" in message


def test_several_targets_are_left_alone(run: Modules) -> None:
    again(run, **HOOK)
    targets = [*stored(run)["targets"], {"type": "slack", "address": "https://chat.example.com"}]
    change(run, targets=targets)
    before = len(run.writes())
    for values in (HOOK, {"project": "payments", "name": "build", "description": "new"}, {**HOOK, "auth_header": TOKEN}):
        message = run.refused("webhook_policy", **values)
        assert (
            "webhook_policy payments/build: address: Harbor holds 2 targets in this policy" in message and "allowed: one target" in message
        )
    assert not run.ok("webhook_policy", project="payments", name="build", enabled=True)["changed"]
    [found] = run.ok("webhook_policy_info", project="payments")["webhook_policies"]
    assert not {"address", "type", "skip_cert_verify", "payload_format"} & set(found)
    assert len(run.writes()) == before and stored(run)["targets"] == targets
    assert again(run, project="payments", name="build", state="absent")["summary"]["delete"] == 1


def test_a_webhook_without_a_name(run: Modules) -> None:
    """Harbor makes such ones; they are shown, can be pruned, and are in no export."""
    again(run, **HOOK)
    change(run, name="")
    assert [found["event_types"] for found in run.ok("webhook_policy_info")["webhook_policies"]] == [["PULL_ARTIFACT", "PUSH_ARTIFACT"]]
    assert run.ok("export", path=str(run.directory / "harbor.yml"))["counts"]["webhook_policies"] == 0
    assert run.state({**PAYMENTS, "webhook_policies": []}, prune=["webhook_policies"])["summary"]["delete"] == 1


BAD = {
    "no events": ({"event_types": []}, "event_types: [] is not allowed; allowed: one or more of DELETE_ARTIFACT, PULL_ARTIFACT"),
    "unknown event": ({"event_types": ["PUSH"]}, "event_types: ['PUSH'] is not allowed; allowed: one or more of DELETE_ARTIFACT"),
    "event twice": ({"event_types": ["REPLICATION"] * 2}, "each entry once, but REPLICATION is there several times"),
    "no scheme": ({"address": "ci.example.com"}, "address: 'ci.example.com' is not allowed; allowed: an http or https address"),
    "other scheme": ({"address": "ftp://ci.example.com"}, "allowed: an http or https address"),
    "password": ({"address": f"https://u:{CANARIES[0]}@ci.example.com"}, "an address without user name and password"),
    "empty name": ({"name": ""}, "name: must not be empty"),
    "long name": ({"name": "n" * 257}, "at most 256 characters, not 257"),
    "type": ({"type": "teams"}, "value of type must be one of: http, slack, got: teams"),
    "format": ({"payload_format": "XML"}, "value of payload_format must be one of: Default, CloudEvents, got: XML"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_webhooks_are_refused(run: Modules, name: str) -> None:
    values, expected = BAD[name]
    run.harbor.log.clear()
    assert expected in run.refused("webhook_policy", **{**HOOK, **values})
    assert run.writes() == [] and CANARIES[0] not in "".join(run.outputs)


@pytest.mark.parametrize("missing", ["address", "event_types"])
def test_what_a_new_webhook_needs(run: Modules, missing: str) -> None:
    values = {name: value for name, value in HOOK.items() if name != missing}
    assert f"{missing}: must be given to create the webhook policy" in run.refused("webhook_policy", **values)
