# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the Terraform provider of Harbor goes wrong, these modules do not: one test for each of its known defects."""

from __future__ import annotations

import typing as t

import pytest
import yaml
from ansible_collections.dockmaster.harbor.plugins.module_utils import _http
from standin import jobs
from standin.errors import ApiError
from standin.resources import quotas
from standin.resources.members import ROLE_NAMES
from urllib3.connectionpool import HTTPConnectionPool

from .conftest import Modules
from .samples import CANARIES, PAYMENTS

# Harbor's name of a role, and ours.
ROLES = {
    "projectAdmin": "admin",
    "maintainer": "maintainer",
    "developer": "developer",
    "guest": "guest",
    "limitedGuest": "limited_guest",
}
HOOK: dict[str, t.Any] = {"project": "payments", "name": "build", "event_types": ["PUSH_ARTIFACT"], "address": "https://ci.example.com"}


def set_quota(run: Modules, project: str, size: int) -> None:
    """Change a quota as Harbor's pages do."""
    with run.harbor.harbor.store.transaction(write=True) as tx:
        [row] = tx.find("project", name=project)
        [quota] = tx.find("quota", reference_id=row["id"])
        tx.update("quota", quota["id"], hard=size)


def test_01_a_quota_that_somebody_changed_is_seen(run: Modules) -> None:
    run.ok("project", name="payments", storage_limit="20GiB")
    set_quota(run, "payments", 2**30)
    [change] = run.ok("project", name="payments", storage_limit="20GiB", check=True)["changes"]
    assert change["fields"] == ["storage_limit"]
    assert run.ok("quota", project="payments", storage_limit="20GiB")["changed"]
    assert not run.ok("project", name="payments", storage_limit="20GiB")["changed"]


@pytest.mark.parametrize("module", ["project", "quota"])
def test_02_a_quota_that_cannot_be_set_fails_the_task(run: Modules, monkeypatch: pytest.MonkeyPatch, module: str) -> None:
    def refuse(_value: int) -> None:
        raise ApiError(403, "FORBIDDEN", "forbidden")

    run.state(PAYMENTS)
    monkeypatch.setattr(quotas, "check_limit", refuse)
    result = run(module, **{"project": {"name": "payments"}, "quota": {"project": "payments"}}[module], storage_limit="20GiB")
    assert result["failed"] and not result["changed"]
    [error] = result["errors"]
    assert error.startswith(f"update {module} payments: PUT /api/v2.0/quotas/") and "answered 403 FORBIDDEN" in error


def test_03_only_quotas_that_are_declared_are_read(run: Modules) -> None:
    """One row each, which is faster than the list; and neither the configuration nor other projects' quotas."""
    run.state({"projects": [{"name": f"team-{number}"} for number in range(120)]})
    run.harbor.log.clear()
    changed = {f"team-{number}": f"{number + 1}GiB" for number in (7, 77, 119)}
    run.state({"projects": [{"name": name, "storage_limit": limit} for name, limit in changed.items()]})
    calls = [(method, path) for method, path, _status in run.harbor.log if "quota" in path or "configurations" in path]
    assert calls.count(("GET", "/api/v2.0/quotas")) == len(changed)
    assert [method for method, _path in calls] == ["GET"] * 3 + ["PUT"] * 3


def test_04_a_run_keeps_its_connections(run: Modules, monkeypatch: pytest.MonkeyPatch) -> None:
    """At most one for each worker, whatever there is to do."""
    opened: list[str] = []
    original = HTTPConnectionPool._new_conn

    def count(pool: HTTPConnectionPool) -> t.Any:
        opened.append(pool.host)
        return original(pool)

    monkeypatch.setattr(HTTPConnectionPool, "_new_conn", count)
    desired = {"projects": [{"name": f"team-{number}", "storage_limit": "1GiB"} for number in range(40)], "scan_all": {"schedule": "daily"}}
    run.state(desired, harbor_workers=4)
    assert 0 < len(opened) <= 4
    opened.clear()
    assert not run.ok("configuration", token_expiration=30)["changed"] and len(opened) == 1


def test_05_passing_trouble_is_outlived(run: Modules) -> None:
    """A gateway that is busy, a broken connection, a restart: reads and repeatable writes are tried again."""
    for kind in ("502", "503", "504", "reset_before", "reset_after_write"):
        for method in ("GET", "PUT"):
            run.harbor.faults.add(kind, method=method, path_prefix="/api/v2.0/configurations")
        value = len(kind) + len(run.harbor.log)
        assert run.ok("configuration", session_timeout=value)["changed"]
        assert not run.ok("configuration", session_timeout=value)["changed"]


def test_06_lists_are_read_in_large_pages(run: Modules) -> None:
    """The page size of Harbor would be 10."""
    desired = {"labels": [{"name": f"label-{number}"} for number in range(205)]}
    run.state(desired)
    run.harbor.log.clear()
    assert not run.state(desired)["changed"]
    assert [path for _method, path, _status in run.harbor.log if path.endswith("/labels")] == ["/api/v2.0/labels"] * 3


def test_07_robots_need_no_administrator(run: Modules) -> None:
    """Neither to read the prefix of their names from the configuration, which only administrators may."""
    access = ["robot:list", "robot:read", "project:read", "repository:pull"]
    robots = [{"project": "payments", "name": name, "secret": CANARIES[0], "permissions": [{"access": access}]} for name in ("ci", "cd")]
    run.state({**PAYMENTS, "robots": robots})
    run.connection = {"harbor_username": "robot$payments+ci", "harbor_password": CANARIES[0]}
    run.harbor.log.clear()
    assert not run.state({"robots": robots})["changed"]
    assert {one["name"] for one in run.ok("robot_info", project="payments")["robots"]} == {"ci", "cd"}
    assert [path for _method, path, _status in run.harbor.log if "configurations" in path] == []


@pytest.mark.parametrize("prefix", ["robot$", "a+b$", "+", "payments+"])
def test_08_names_of_robots_are_read_by_what_they_may_not_hold(run: Modules, prefix: str) -> None:
    """Whatever the prefix, and whatever project the permissions name."""
    with run.harbor.harbor.store.transaction(write=True) as tx:
        tx.update("config", 1, values={"robot_name_prefix": prefix})
    elsewhere = [{"namespace": "other", "access": ["repository:pull"]}]
    robots = [
        {"project": "payments", "name": "ci", "secret": CANARIES[0], "permissions": [{"access": ["repository:pull"]}]},
        {"name": "ci", "secret": CANARIES[0], "permissions": elsewhere},
        {"name": "payments-ci", "secret": CANARIES[0], "permissions": elsewhere},
    ]
    desired = {"projects": [{"name": "payments"}, {"name": "other"}], "robots": robots}
    run.state(desired)
    assert not run.state(desired, prune=["robots"])["changed"]


@pytest.mark.parametrize(
    ("module", "values", "path"),
    [
        ("garbage_collection", {"schedule": "daily"}, "system/gc/schedule"),
        ("audit_log_purge", {"schedule": "daily", "audit_retention_hour": 24, "include_event_types": ["other"]}, "system/purgeaudit"),
        ("scan_all", {"schedule": "daily"}, "system/scanAll"),
        ("configuration", {"session_timeout": 45}, "configurations"),
    ],
)
def test_09_a_failed_write_fails_the_task(run: Modules, module: str, values: dict[str, t.Any], path: str) -> None:
    run.harbor.faults.add("502", method="PUT", path_prefix=f"/api/v2.0/{path}", times=_http.ATTEMPTS)
    result = run(module, **values)
    assert result["failed"] and not result["changed"] and f"update {module}: PUT /api/v2.0/{path}" in result["errors"][0]
    assert run.ok(module, **values)["changed"]


def test_09_a_failed_change_of_a_role_fails_the_task(run: Modules) -> None:
    alice = {"username": "alice", "email": "alice@example.com", "realname": "Alice", "password": CANARIES[1]}
    member = {"project": "payments", "user": "alice"}
    run.state({**PAYMENTS, "users": [alice], "project_members": [{**member, "role": "guest"}]})
    run.harbor.faults.add("502", method="PUT", path_prefix="/api/v2.0/projects/payments/members", times=_http.ATTEMPTS)
    result = run("project_member", **member, role="admin")
    assert result["failed"] and not result["changed"] and "update project_member payments/user:alice: PUT" in result["errors"][0]
    assert run.ok("project_member", **member, role="admin")["changed"]


def test_10_a_default_scanner_that_cannot_be_set_fails_the_task(run: Modules) -> None:
    scanner = {"name": "deep-scan", "url": "https://scanner.example.com"}
    run.ok("scanner", **scanner)
    run.harbor.faults.add("502", method="PATCH", path_prefix="/api/v2.0/scanners", times=_http.ATTEMPTS)
    result = run("scanner", **scanner, default=True)
    assert result["failed"] and not result["changed"] and "update scanner deep-scan: PATCH /api/v2.0/scanners/" in result["errors"][0]
    assert run.ok("scanner", **scanner, default=True)["changed"]


def test_11_the_header_of_a_webhook_is_shown_nowhere(run: Modules) -> None:
    run.state(PAYMENTS)
    for token in (CANARIES[0], CANARIES[1]):
        for check in (True, False):
            run.ok("webhook_policy", **HOOK, auth_header=f"Bearer {token}", diff=True, check=check)
    run.refused("webhook_policy", **{**HOOK, "address": "ci"}, auth_header=f"Bearer {CANARIES[2]}", diff=True)
    run.refused("webhook_policy", **{**HOOK, "project": "missing"}, auth_header=f"Bearer {CANARIES[2]}", diff=True)
    run.harbor.faults.add("502", method="PUT", path_prefix="/api/v2.0/projects/payments/webhook", times=9)
    run.refused("webhook_policy", **HOOK, auth_header=f"Bearer {CANARIES[3]}", diff=True)
    run.ok("webhook_policy_info")
    run.ok("export", path=str(run.directory / "harbor.yml"))
    printed = "".join(run.outputs) + (run.directory / "harbor.yml").read_text()
    assert [canary for canary in CANARIES if canary in printed] == []


def test_12_a_secret_that_somebody_changed_is_seen(run: Modules) -> None:
    """By logging in with the declared one: Harbor gives none back."""
    robot = {"project": "payments", "name": "ci", "permissions": [{"access": ["repository:pull"]}]}
    run.state({**PAYMENTS, "robots": [{**robot, "secret": CANARIES[0]}]})
    run.ok("robot", **robot, secret=CANARIES[1], update_secret="always")
    [change] = run.ok("robot", **robot, secret=CANARIES[0], update_secret="on_drift")["changes"]
    assert change["fields"] == ["secret"]
    assert not run.ok("robot", **robot, secret=CANARIES[0], update_secret="on_drift")["changed"]


def test_13_what_is_there_already_is_taken_over(run: Modules) -> None:
    """No import, no state file: what somebody else has set is found, compared, and exported."""
    with run.harbor.harbor.store.transaction(write=True) as tx:
        for vendor, parameters in (
            ("GARBAGE_COLLECTION", {"delete_untagged": True, "workers": 2}),
            ("PURGE_AUDIT_LOG", {"audit_retention_hour": 24, "include_event_types": "other"}),
        ):
            jobs.schedule(tx, vendor, -1, "0 0 0 * * *", type="Daily", parameters=parameters)
        jobs.schedule(tx, "SCAN_ALL", 0, "0 0 0 * * *", type="Daily")
    kinds = ["garbage_collection", "audit_log_purge", "scan_all", "scanners"]
    path = run.directory / "harbor.yml"
    run.ok("export", path=str(path), kinds=kinds)
    desired = yaml.safe_load(path.read_text())
    assert {kind: desired[kind]["schedule"] for kind in kinds[:3]} == dict.fromkeys(kinds[:3], "daily")
    assert [scanner["name"] for scanner in desired["scanners"]] == ["Trivy"]
    assert not run.state(desired)["changed"]


def test_14_certificates_are_checked_unless_told_otherwise(run: Modules) -> None:
    from ansible_collections.dockmaster.harbor.plugins.module_utils import _arguments

    assert _arguments.connection()["harbor_validate_certs"]["default"] is True
    assert run.ok("ldap_authentication_info")["ldap_authentication"]["ldap_verify_cert"] is True
    assert run.ok("oidc_authentication_info")["oidc_authentication"]["oidc_verify_cert"] is True
    run.ok("scanner", name="deep-scan", url="https://scanner.example.com")
    assert run.ok("scanner_info", name="deep-scan")["scanners"][0]["skip_cert_verify"] is False
    run.state(PAYMENTS)
    run.ok("webhook_policy", **HOOK)
    [found] = run.ok("webhook_policy_info")["webhook_policies"]
    assert found["skip_cert_verify"] is False


def test_15_every_role_of_harbor_has_a_name(run: Modules) -> None:
    alice = {"username": "alice", "email": "alice@example.com", "realname": "Alice", "password": CANARIES[1]}
    run.state({**PAYMENTS, "users": [alice]})
    for role, name in ROLE_NAMES.items():
        run.ok("project_member", project="payments", user="alice", role=ROLES[name])
        with run.harbor.harbor.store.transaction(write=False) as tx:
            assert role in [member["role_id"] for member in tx.find("member")]
        assert not run.ok("project_member", project="payments", user="alice", role=ROLES[name])["changed"]


def test_16_a_label_without_a_colour_has_none(run: Modules) -> None:
    run.ok("label", name="approved")
    [label] = run.ok("label_info")["labels"]
    assert label["color"] == ""
    assert "at most 16 characters" in run.refused("label", name="approved", color="a" * 17)
