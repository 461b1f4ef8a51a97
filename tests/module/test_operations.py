# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Imports from LDAP and the queues of the job service: planned from what is there, then done."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator

import pytest
from ansible_collections.dockmaster.harbor.plugins.module_utils import _http
from standin.world import LdapUser

from .conftest import Modules

IMPORT = "/api/v2.0/ldap/users/import"
QUEUES = "/api/v2.0/jobservice/queues"
Doc = dict[str, t.Any]


# -- ldap_import


@pytest.fixture
def ldap(run: Modules) -> Iterator[Modules]:
    """A Harbor that asks a directory with three people."""
    people = {name: LdapUser("Canary5Ldap", f"{name}@example.com", name.title()) for name in ("alice", "bob", "carol")}
    directory(run).update(people)
    mode(run, "ldap_auth")
    yield run
    for name in people:
        del directory(run)[name]


def directory(run: Modules) -> dict[str, LdapUser]:
    return t.cast("dict[str, LdapUser]", t.cast("t.Any", run.harbor.harbor.world).ldap_users)


def mode(run: Modules, value: str) -> None:
    with run.harbor.harbor.store.transaction(write=True) as tx:
        tx.update("config", 1, values={"auth_mode": value})


def users(run: Modules) -> set[str]:
    with run.harbor.harbor.store.transaction(write=False) as tx:
        return {row["username"] for row in tx.find("user")} - {"admin", "anonymous"}


def test_only_those_are_imported_that_are_not_there(ldap: Modules) -> None:
    ldap.ok("ldap_import", uids=["alice"])
    predicted = ldap.ok("ldap_import", check=True, diff=True, uids=["bob", "alice", "carol"])
    assert users(ldap) == {"alice"} and predicted["changed"]
    done = ldap.ok("ldap_import", diff=True, uids=["bob", "alice", "carol"])
    assert done == predicted
    assert done["changes"] == [{"name": "bob", "action": "import"}, {"name": "carol", "action": "import"}]
    assert done["diff"][0] == {"before_header": "bob", "after_header": "bob", "before": "", "after": "username: bob\n"}
    assert users(ldap) == {"alice", "bob", "carol"} and len(ldap.writes()) == 2
    again = ldap.ok("ldap_import", uids=["bob", "alice", "carol"])
    assert not again["changed"] and again["changes"] == [] and "diff" not in again
    assert len(ldap.writes()) == 2


@pytest.mark.parametrize("check", [True, False])
def test_one_who_is_unknown_is_named_before_anybody_is_imported(ldap: Modules, check: bool) -> None:
    """Harbor would import nobody and say so after the fact."""
    result = ldap("ldap_import", check=check, uids=["bob", "zoe", "yves"])
    assert result["problems"] == ["uids: the directory knows no 'yves'", "uids: the directory knows no 'zoe'"]
    assert users(ldap) == set() and ldap.writes() == []


def test_nobody_is_imported_in_another_mode(run: Modules) -> None:
    assert "users can only be imported while auth_mode is ldap_auth, it is db_auth" in run.refused("ldap_import", uids=["alice"])
    assert run.writes() == []


def test_reasons_of_the_directory_are_told(ldap: Modules, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody may leave the directory between the look and the import."""
    act = _http.Api.act

    def late(api: _http.Api, *rest: t.Any) -> None:
        carol = directory(ldap).pop("carol")
        try:
            act(api, *rest)
        finally:
            directory(ldap)["carol"] = carol

    monkeypatch.setattr(_http.Api, "act", late)
    result = ldap("ldap_import", uids=["bob", "carol"])
    assert result["msg"] == f"POST {IMPORT} answered 404: carol: unknown_user" and not result["changed"]
    assert users(ldap) == set()


@pytest.mark.parametrize(("kind", "after"), [("reset_after_write", False), ("502", True), ("504", True)])
def test_an_import_without_an_answer_is_looked_for(ldap: Modules, kind: str, after: bool) -> None:
    ldap.harbor.faults.add(kind, method="POST", path_prefix=IMPORT, after_write=after)
    assert ldap.ok("ldap_import", uids=["bob", "carol"])["changed"]
    assert users(ldap) == {"bob", "carol"} and len(ldap.writes()) == 1


@pytest.mark.parametrize("kind", ["502", "503", "504", "reset_before"])
def test_an_import_that_did_not_happen_is_reported(ldap: Modules, kind: str) -> None:
    ldap.harbor.faults.add(kind, method="POST", path_prefix=IMPORT)
    result = ldap("ldap_import", uids=["bob"])
    assert not result["changed"] and result["changes"] == [] and "nothing shows that it did" in result["msg"]
    assert ldap.ok("ldap_import", uids=["bob"])["changed"] and users(ldap) == {"bob"}


@pytest.mark.parametrize(("uids", "message"), [([], None), (["bob", "bob"], "each entry once"), ([" "], "no blank entries")])
def test_uids(ldap: Modules, uids: list[str], message: str | None) -> None:
    if message:
        assert message in ldap.refused("ldap_import", uids=uids)
    else:
        assert not ldap.ok("ldap_import", uids=uids)["changed"]
    assert ldap.writes() == []


# -- job_queue


def paused(run: Modules) -> set[str]:
    with run.harbor.harbor.store.transaction(write=False) as tx:
        return {row["job_type"] for row in tx.find("job_queue", paused=True)}


def test_queues_are_paused_and_resumed_once(run: Modules) -> None:
    options: Doc = {"job_types": ["replication", "IMAGE_SCAN"], "state": "paused"}
    predicted = run.ok("job_queue", check=True, diff=True, **options)
    assert predicted["changed"] and run.writes() == []
    done = run.ok("job_queue", diff=True, **options)
    assert done == predicted and paused(run) == {"REPLICATION", "IMAGE_SCAN"}
    assert done["changes"] == [{"name": "IMAGE_SCAN", "action": "pause"}, {"name": "REPLICATION", "action": "pause"}]
    assert done["diff"][0] == {"before_header": "IMAGE_SCAN", "after_header": "IMAGE_SCAN", "before": "resumed\n", "after": "paused\n"}
    assert not run.ok("job_queue", **options)["changed"] and len(run.writes()) == 2
    resumed = run.ok("job_queue", job_types=["REPLICATION"], state="resumed")
    assert resumed["changes"] == [{"name": "REPLICATION", "action": "resume"}] and paused(run) == {"IMAGE_SCAN"}


def test_all_queues_but_only_those_that_differ(run: Modules) -> None:
    run.ok("job_queue", job_types=["RETENTION"], state="paused")
    count = len(run.writes())
    done = run.ok("job_queue", job_types=["all"], state="paused")
    assert {"name": "SCHEDULER", "action": "pause"} in done["changes"] and "RETENTION" not in [one["name"] for one in done["changes"]]
    assert len(run.writes()) == count + len(done["changes"])
    assert not run.ok("job_queue", job_types=["all"], state="paused")["changed"]
    run.ok("job_queue", job_types=["ALL"], state="resumed")
    assert paused(run) == set()


def test_what_waits_is_stopped(run: Modules, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run.harbor.harbor.settings, "job_seconds", 3600)
    assert not run.ok("job_queue", job_types=["GARBAGE_COLLECTION"], stop_pending=True)["changed"]
    run.ok("garbage_collection_execution", wait=False)
    options: Doc = {"job_types": ["GARBAGE_COLLECTION"], "stop_pending": True, "state": "paused"}
    predicted = run.ok("job_queue", check=True, diff=True, **options)
    done = run.ok("job_queue", diff=True, **options)
    assert done == predicted
    assert done["changes"] == [{"name": "GARBAGE_COLLECTION", "action": "stop"}, {"name": "GARBAGE_COLLECTION", "action": "pause"}]
    assert done["diff"][0]["before"] == "pending: 1\n" and done["diff"][0]["after"] == "pending: 0\n"
    with run.harbor.harbor.store.transaction(write=False) as tx:
        assert {row["status"] for row in tx.find("task")} == {"Stopped"}
    assert not run.ok("job_queue", **options)["changed"]


def test_a_paused_queue_keeps_its_jobs_until_it_is_resumed(run: Modules) -> None:
    run.ok("job_queue", job_types=["GARBAGE_COLLECTION"], state="paused")
    assert "still runs after timeout" in run("garbage_collection_execution", timeout=0)["msg"]
    run.ok("job_queue", job_types=["GARBAGE_COLLECTION"], state="resumed")
    result = run.ok("garbage_collection_execution")
    assert result["joined"] and result["execution"]["status"] == "success"


@pytest.mark.parametrize("check", [True, False])
def test_a_queue_that_nobody_has_is_refused(run: Modules, check: bool) -> None:
    """Harbor would take it."""
    message = run.refused("job_queue", check=check, job_types=["REPLICATIONS"], state="paused")
    assert message.startswith("job_types: REPLICATIONS is not allowed; allowed: all, AUDIT_LOGS_GDPR_COMPLIANT, ")
    assert run.writes() == []


def test_something_must_be_asked_for(run: Modules) -> None:
    assert "one of the following is required: state, stop_pending" in run.refused("job_queue", job_types=["REPLICATION"])


def test_a_failure_tells_what_was_done(run: Modules) -> None:
    run.harbor.faults.add("502", method="PUT", path_prefix=f"{QUEUES}/REPLICATION", times=_http.ATTEMPTS)
    options: Doc = {"job_types": ["IMAGE_SCAN", "REPLICATION", "RETENTION"], "state": "paused"}
    result = run("job_queue", **options)
    assert result["failed"] and result["changed"] and result["changes"] == [{"name": "IMAGE_SCAN", "action": "pause"}]
    assert f"PUT {QUEUES}/REPLICATION answered 502" in result["msg"] and result["msg"].endswith("(1 of 3 done)")
    assert [one["name"] for one in run.ok("job_queue", **options)["changes"]] == ["REPLICATION", "RETENTION"]


@pytest.mark.parametrize("kind", ["502", "503", "504", "reset_before", "reset_after_write"])
def test_requests_that_mean_the_same_twice_are_sent_again(run: Modules, kind: str) -> None:
    run.harbor.faults.add(kind, method="PUT", path_prefix=QUEUES, times=2)
    assert run.ok("job_queue", job_types=["REPLICATION"], state="paused")["changed"]
    assert paused(run) == {"REPLICATION"}
