# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Scan-all, garbage collection and the purge of audit events: what is refused and why, and what Harbor's oddities become."""

from __future__ import annotations

import typing as t

import pytest
from standin import jobs
from standin.server import Server
from standin.store import first

from .conftest import Modules

PURGE: dict[str, t.Any] = {"schedule": "daily", "audit_retention_hour": 168, "include_event_types": ["other"]}
REFUSALS: tuple[tuple[str, dict[str, t.Any], str], ...] = (
    (
        "garbage_collection",
        {"schedule": "5 0 0 * * *"},
        "garbage_collection: schedule: '5 0 0 * * *' is not allowed; allowed: none, hourly, daily,",
    ),
    ("garbage_collection", {"schedule": "15 3 * * *"}, "six fields"),
    ("garbage_collection", {"schedule": "often"}, "schedule: 'often' is not allowed"),
    ("garbage_collection", {"schedule": "manual"}, "schedule: 'manual' is not allowed"),
    ("garbage_collection", {"schedule": "daily", "workers": 0}, "workers: 0 is not allowed; allowed: 1 to 10"),
    ("garbage_collection", {"schedule": "daily", "workers": 11}, "workers: 11 is not allowed; allowed: 1 to 10"),
    ("garbage_collection", {"delete_untagged": True}, "delete_untagged: only for a schedule, Harbor drops True silently"),
    ("garbage_collection", {"schedule": "none", "workers": 2}, "workers: only for a schedule"),
    ("audit_log_purge", {"schedule": "daily"}, "audit_log_purge: audit_retention_hour: must be given with a schedule"),
    ("audit_log_purge", {**PURGE, "include_event_types": []}, "include_event_types: must be given with a schedule"),
    ("audit_log_purge", {**PURGE, "audit_retention_hour": 240001}, "audit_retention_hour: 240001 is not allowed; allowed: 1 to 240000"),
    ("audit_log_purge", {**PURGE, "audit_retention_hour": 0}, "audit_retention_hour: 0 is not allowed"),
    (
        "audit_log_purge",
        {**PURGE, "include_event_types": ["nosuch"]},
        "include_event_types: ['nosuch'] is not allowed; allowed: create_artifact,",
    ),
)


@pytest.mark.parametrize(("module", "values", "message"), REFUSALS)
def test_refusals(run: Modules, module: str, values: dict[str, t.Any], message: str) -> None:
    assert message in run.refused(module, **values)
    assert run.writes() == []


def schedule(run: Modules, vendor: str, cron: str, **fields: t.Any) -> None:
    """Make a schedule behind everybody's back."""
    with run.harbor.harbor.store.transaction(write=True) as tx:
        jobs.unschedule(tx, vendor, -1)
        jobs.schedule(tx, vendor, -1, cron, **{"type": "Custom", "parameters": {}, **fields})


def live(run: Modules, vendor: str) -> dict[str, t.Any]:
    with run.harbor.harbor.store.transaction(write=False) as tx:
        return dict(first(tx, "schedule", vendor_type=vendor) or {})


def test_a_schedule_is_sent_only_when_it_differs(run: Modules) -> None:
    """Each PUT would make a new schedule; the words are Harbor's cron strings, whatever Harbor calls them."""
    run.ok("garbage_collection", schedule="daily")
    before = live(run, "GARBAGE_COLLECTION")
    assert (before["type"], before["cron"]) == ("Daily", "0 0 0 * * *")
    for same in ("daily", "0 0 0 * * *", " 0  0 0 * * * "):
        assert not run.ok("garbage_collection", schedule=same)["changed"]
    assert live(run, "GARBAGE_COLLECTION") == before
    schedule(run, "GARBAGE_COLLECTION", "0 15 3 * * *", type="Daily")
    assert not run.ok("garbage_collection", schedule="0 15 3 * * *")["changed"]
    assert run.ok("garbage_collection", schedule="0 15 4 * * *")["changed"]
    assert live(run, "GARBAGE_COLLECTION")["type"] == "Custom"


def test_garbage_collection_as_others_left_it(run: Modules) -> None:
    """No workers means one, and parameters that nobody here knows go along."""
    parameters = {"delete_untagged": True, "workers": 0}
    schedule(run, "GARBAGE_COLLECTION", "0 0 0 * * *", parameters=parameters)
    assert not run.ok("garbage_collection", schedule="daily", workers=1, delete_untagged=True, delete_tag=False)["changed"]
    run.ok("garbage_collection", schedule="weekly")
    assert live(run, "GARBAGE_COLLECTION")["parameters"] == {"delete_untagged": True, "delete_tag": False, "workers": 1}


def test_delete_tag_needs_a_new_harbor(run: Modules) -> None:
    with Server(version="v2.14.4") as harbor:
        run.harbor = harbor
        message = run.refused("garbage_collection", schedule="daily", delete_tag=True)
        assert "garbage_collection: delete_tag: needs Harbor 2.15.0, this is 2.14.4" in message
        assert run.ok("garbage_collection", schedule="daily", delete_untagged=True)["changed"]
        assert "delete_tag" not in run.ok("garbage_collection_info")["garbage_collection"]


def test_info_tells_when_it_is_due(run: Modules) -> None:
    assert run.ok("garbage_collection_info")["garbage_collection"] == {
        "schedule": "none",
        "delete_untagged": False,
        "delete_tag": False,
        "workers": 1,
    }
    run.ok("garbage_collection", schedule="hourly")
    assert run.ok("garbage_collection_info")["garbage_collection"]["next_scheduled_time"].endswith("00:00.000Z")


@pytest.mark.parametrize("hours", ["168", 1.5, True, None])
def test_hours_that_purge_nothing_are_repaired(run: Modules, hours: t.Any) -> None:
    """Harbor keeps hours that are no number, shows them as they are, and then deletes nothing."""
    parameters = {"audit_retention_hour": hours, "include_event_types": "other"}
    schedule(run, "PURGE_AUDIT_LOG", "0 0 0 * * *", parameters=parameters)
    assert "audit_retention_hour" not in run.ok("audit_log_purge_info")["audit_log_purge"]
    assert run.ok("audit_log_purge", **PURGE)["changes"][0]["fields"] == ["audit_retention_hour"]
    assert live(run, "PURGE_AUDIT_LOG")["parameters"]["audit_retention_hour"] == 168
    assert not run.ok("audit_log_purge", **PURGE)["changed"]


def test_order_and_shape_of_events_mean_nothing(run: Modules) -> None:
    for text in ("create_artifact,other", "other, create_artifact", ["other", "create_artifact"]):
        schedule(run, "PURGE_AUDIT_LOG", "0 0 0 * * *", parameters={"audit_retention_hour": 1, "include_event_types": text})
        assert not run.ok("audit_log_purge", include_event_types=["other", "create_artifact"])["changed"]


def test_purge_ends_without_its_parameters(run: Modules) -> None:
    run.ok("audit_log_purge", **PURGE)
    assert run.ok("audit_log_purge", schedule="none")["changed"] and live(run, "PURGE_AUDIT_LOG") == {}
    assert run.ok("audit_log_purge_info")["audit_log_purge"] == {"schedule": "none"}
    assert not run.ok("audit_log_purge", schedule="none")["changed"]


def test_scan_all_with_the_scanner_of_the_same_run(run: Modules) -> None:
    """Harbor does not even tell the schedule while it has no scanner."""
    with Server(trivy_url="") as harbor:
        run.harbor = harbor
        assert "scan_all: schedule: Harbor has no default scanner; declare one in scanners" in run.refused("scan_all", schedule="daily")
        assert run.ok("scan_all_info")["scan_all"] == {"schedule": "none"}
        assert not run.ok("scan_all", schedule="none")["changed"]
        desired = {"scanners": [{"name": "trivy", "url": "http://trivy.example.com:8080"}], "scan_all": {"schedule": "daily"}}
        assert run.state(desired, check=True) == run.state(desired)
        assert not run.state(desired)["changed"]
