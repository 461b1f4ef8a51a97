# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bad input gives one clear message that names object, field, value and what is allowed, before any write."""

from __future__ import annotations

import typing as t

import pytest

from .conftest import Modules
from .samples import ALICE, GROUP, PULL, REGISTRY, ROBOT

PROJECT = {"name": "payments"}
MEMBER = {"project": "payments", "user": "admin", "role": "guest"}
GLOBAL = {"name": "ci", "secret": "Canary1Robot"}


def robot(**changes: t.Any) -> dict[str, t.Any]:
    return {"projects": [PROJECT], "robots": [{**ROBOT, **changes}]}


def user(**changes: t.Any) -> dict[str, t.Any]:
    return {"users": [{**ALICE, **changes}]}


def project(**values: t.Any) -> dict[str, t.Any]:
    return {"projects": [{**PROJECT, **values}]}


BAD: dict[str, tuple[dict[str, t.Any], tuple[str, ...]]] = {
    "unknown role": (
        {"project_members": [{**MEMBER, "role": "boss"}]},
        ("role", "admin, maintainer, developer, guest, limited_guest", "boss", "project_members"),
    ),
    "project name": (project(name="Payments"), ("project Payments: name: 'Payments' is not allowed", "lower-case letters and digits")),
    "project name with double dots": (project(name="a..b"), ("project a..b: name",)),
    "empty name": (project(name=""), ("name: ",)),
    "long name": (project(name="a" * 256), ("at most 255 characters, not 256",)),
    "duplicate": ({"projects": [PROJECT, PROJECT]}, ("project payments: declared twice",)),
    "duplicate robot": ({"projects": [PROJECT], "robots": [ROBOT, ROBOT]}, ("robot payments/ci: declared twice",)),
    "two roles for one user": (
        {"projects": [PROJECT], "project_members": [MEMBER, {**MEMBER, "role": "admin"}]},
        ("project_member payments/user:admin: declared twice",),
    ),
    "user and group": ({"project_members": [{**MEMBER, "group": "x"}]}, ("user", "group", "mutually exclusive")),
    "neither user nor group": ({"project_members": [{"project": "payments", "role": "guest"}]}, ("one of the following", "user, group")),
    "missing project": (
        {"project_members": [MEMBER]},
        ("project_member payments/user:admin: project: 'payments' is neither in Harbor nor declared",),
    ),
    "missing user": (
        {"projects": [PROJECT], "project_members": [{**MEMBER, "user": "ghost"}]},
        ("user: 'ghost' is neither in Harbor nor declared in users",),
    ),
    "missing group": (
        {"projects": [PROJECT], "project_members": [{"project": "payments", "group": "ghosts", "role": "guest"}]},
        ("group: 'ghosts' is neither in Harbor nor declared in user_groups",),
    ),
    "missing registry": (project(registry="hub"), ("project payments: registry: 'hub' is neither in Harbor nor declared in registries",)),
    "missing project of a permission": (
        {"robots": [{**GLOBAL, "permissions": PULL}]},
        ("robot ci: permissions: 'payments' is neither in Harbor nor declared in projects",),
    ),
    "unknown permission": (
        robot(permissions=[{"access": ["repository:pul"]}]),
        ("robot payments/ci: permissions: this Harbor knows no project permission 'repository:pul'", "repository:pull, repository:push"),
    ),
    "unknown resource": (
        robot(permissions=[{"access": ["repositori:pull"]}]),
        ("knows no project permission 'repositori:pull'", "repository:pull"),
    ),
    "wildcard": (robot(permissions=[{"access": ["*:*"]}]), ("knows no project permission '*:*'",)),
    "no permission syntax": (robot(permissions=[{"access": ["pull"]}]), ("resource:action such as repository:pull, not 'pull'",)),
    "no permissions": (robot(permissions=[]), ("robot payments/ci: permissions: must hold at least one permission",)),
    "permission elsewhere": (
        robot(permissions=[{"namespace": "library", "access": ["repository:pull"]}]),
        ("a robot of project payments has permissions in that project only",),
    ),
    "system permission of a project robot": (
        robot(permissions=[{"kind": "system", "access": ["project:list"]}]),
        ("a robot of project payments has permissions in that project only",),
    ),
    "system robot without namespace": (
        {"robots": [{**GLOBAL, "permissions": [{"access": ["repository:pull"]}]}]},
        ("namespace", "'*' for all projects"),
    ),
    "system namespace": (
        {"robots": [{**GLOBAL, "permissions": [{"kind": "system", "namespace": "*", "access": ["project:list"]}]}]},
        ("namespace '*' of kind system; allowed: /",),
    ),
    "robot duration": (robot(duration=0), ("duration: 0 is not allowed; allowed: -1 or 1 to 2147483646",)),
    "robot name": (robot(name="CI"), ("name: 'CI' is not allowed",)),
    "robot without secret": (robot(secret=None), ("robot payments/ci: secret: must be given to create the robot",)),
    "weak secret": (robot(secret="weakling"), ("secret: the given value is not allowed; allowed: 8 to 128 characters",)),
    "user without password": (user(password=None), ("user alice: password: must be given to create the user",)),
    "user without email": (user(email=None), ("user alice: email: must be given",)),
    "weak password": (user(password="alllower"), ("password: the given value is not allowed",)),
    "e-mail": (user(email="alice"), ("user alice: email: 'alice' is not allowed",)),
    "e-mail of another": ({"users": [ALICE, {**ALICE, "username": "bob"}]}, ("is the address of user alice too",)),
    "real name": (user(realname="a,b"), ("realname: 'a,b' is not allowed",)),
    "user comment": (user(comment="x" * 31), ("comment: ", "at most 30 characters, not 31")),
    "user name": (user(username="al#ice"), ("username: 'al#ice' is not allowed",)),
    "delete the administrator": (
        {"users": [{"username": "admin", "state": "absent"}]},
        ("user admin: state: neither the built-in administrator",),
    ),
    "storage syntax": (project(storage_limit="20GB"), ("project payments: storage_limit: '20GB' is not allowed", "20GiB")),
    "storage zero": (project(storage_limit="0"), ("storage_limit: '0' is not allowed",)),
    "storage too large": (project(storage_limit="1025TiB"), ("up to 1024TiB",)),
    "CVE twice": (project(cve_allowlist=["CVE-1", "CVE-1"]), ("cve_allowlist: ", "CVE-1 is there several times")),
    "CVE blank": (project(cve_allowlist=["CVE-1", " "]), ("cve_allowlist: ", "no blank entries")),
    "CVE expiry": (project(cve_allowlist_expires_at="tomorrow"), ("cve_allowlist_expires_at: 'tomorrow' is not allowed", "2027-01-31")),
    "severity": (project(severity="High"), ("severity", "none, low, medium, high, critical", "High")),
    "proxy option of a plain project": (project(proxy_speed_kb=5), ("proxy_speed_kb: only for proxy-cache projects",)),
    "content trust of a proxy": (
        {"registries": [REGISTRY], **project(registry="hub", enable_content_trust=True)},
        ("enable_content_trust: only for projects that are no proxy cache",),
    ),
    "label name": ({"labels": [{"name": "x" * 129}]}, ("label ", "at most 128 characters, not 129")),
    "blank label": ({"labels": [{"name": "  "}]}, ("name: '  ' is not allowed; allowed: must not be empty",)),
    "label colour": ({"labels": [{"name": "x", "color": "#" * 17}]}, ("color: ", "at most 16 characters, not 17")),
    "registry type": ({"registries": [{**REGISTRY, "type": "nexus"}]}, ("type", "docker-hub", "nexus")),
    "registry address": ({"registries": [{**REGISTRY, "url": "ftp://x"}]}, ("registry hub: url: 'ftp://x' is not allowed",)),
    "registry address with a password": (
        {"registries": [{**REGISTRY, "url": "https://me:Canary7Url@registry.example.com"}]},
        ("registry hub: url: 'https://***@registry.example.com' is not allowed", "without user name and password"),
    ),
    "template for a registry's secret": (
        {"registries": [{**REGISTRY, "access_secret": "{{ vault_hub }}"}]},
        ("registry hub: access_secret: the given value is not allowed; allowed: the secret itself, not a template",),
    ),
    "registry secret without key": ({"registries": [{**REGISTRY, "access_key": None}]}, ("access_secret: needs an access_key",)),
    "registry CA": ({"registries": [{**REGISTRY, "ca_certificate": "nonsense"}]}, ("ca_certificate: ", "BEGIN CERTIFICATE")),
    "registry without address": ({"registries": [{"name": "hub", "type": "harbor"}]}, ("url: must be given to create the registry",)),
    "LDAP group": (
        {"user_groups": [{"name": "x", "type": "ldap", "ldap_group_dn": "cn=x"}]},
        ("type: 'ldap' needs", "allowed: http, oidc"),
    ),
    "DN of another type": ({"user_groups": [{**GROUP, "ldap_group_dn": "cn=x"}]}, ("only a group of type ldap has one",)),
    "group type missing": ({"user_groups": [{"name": "x"}]}, ("user_group x: type: must be given to create the user group",)),
    "object in a project to be deleted": (
        {"projects": [{**PROJECT, "state": "absent"}], "labels": [{"project": "payments", "name": "x"}]},
        ("label payments/x: project: payments is declared absent in projects",),
    ),
    "member to be deleted": (
        {"projects": [PROJECT], "users": [{"username": "alice", "state": "absent"}], "project_members": [{**MEMBER, "user": "alice"}]},
        ("user: alice is declared absent in users",),
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input(run: Modules, case: str) -> None:
    desired, words = BAD[case]
    for check in (True, False):
        result = run("state", desired=desired, check=check)
        assert result.get("failed"), result
        assert [word for word in words if word not in result["msg"]] == [], result["msg"]
    assert run.writes() == []
    assert "Canary" not in "".join(run.outputs)


def test_all_problems_at_once(run: Modules) -> None:
    desired = {"projects": [{"name": "Bad"}, {"name": "good", "storage_limit": "x"}], "robots": [{**GLOBAL, "permissions": PULL}]}
    result = run("state", desired=desired)
    assert len(result["problems"]) == 3
    assert result["msg"].startswith("3 problems, nothing was written:\n- ")
    assert run.writes() == []


def test_problems_are_told_although_harbor_is_away(run: Modules) -> None:
    run.connection = {"harbor_url": "http://127.0.0.1:9"}
    message = run.refused("state", desired={"projects": [{"name": "Bad"}]})
    assert "project Bad: name" in message and "cannot be reached" in message


FIXED = {
    "registry of a project": (
        {"registries": [REGISTRY], "projects": [{"name": "payments"}]},
        {"projects": [{"name": "payments", "registry": "hub"}]},
        "registry: cannot be changed from none to 'hub'; delete the object",
    ),
    "type of a registry": (
        {"registries": [REGISTRY]},
        {"registries": [{"name": "hub", "type": "harbor"}]},
        "type: cannot be changed from 'docker-hub' to 'harbor'",
    ),
    "type of a group": (
        {"user_groups": [GROUP]},
        {"user_groups": [{"name": "developers", "type": "http"}]},
        "type: cannot be changed from 'oidc' to 'http'",
    ),
    "e-mail of a live user": (
        {"users": [ALICE, {**ALICE, "username": "bob", "email": "bob@example.com"}]},
        {"users": [{"username": "alice"}, {"username": "bob", "email": "alice@example.com"}]},
        "email: 'alice@example.com' is the address of user alice too",
    ),
}


@pytest.mark.parametrize("case", FIXED)
def test_what_cannot_be_changed(run: Modules, case: str) -> None:
    before, desired, words = FIXED[case]
    run.state(before)
    run.harbor.log.clear()
    assert words in run.refused("state", desired=desired)
    assert run.writes() == []


def test_a_field_that_this_harbor_does_not_know(run: Modules) -> None:
    run.harbor.harbor.settings.version = "v2.13.5"
    try:
        message = run.refused("project", name="payments", max_upstream_conn=3, proxy_cache_local_on_not_found=True)
        assert "max_upstream_conn: needs Harbor 2.14.0, this is 2.13.5" in message
        assert "proxy_cache_local_on_not_found: needs Harbor 2.15.1" in message
        assert run.ok("project", name="payments", auto_scan=True)["changed"]
        assert "max_upstream_conn" not in run.ok("project_info", name="payments")["projects"][0]
    finally:
        run.harbor.harbor.settings.version = "v2.15.2"


def test_an_address_of_a_user_who_is_not_declared(run: Modules) -> None:
    """Harbor would answer 500 to the change and 409 to the creation."""
    run.state({"users": [ALICE, {**ALICE, "username": "bob", "email": "bob@example.com"}]})
    run.harbor.log.clear()
    for check in (True, False):
        words = "email: 'alice@example.com' is the address of user alice too"
        assert words in run.refused("user", username="bob", email=ALICE["email"], check=check)
        assert words in run.refused("user", **{**ALICE, "username": "eve"}, check=check)
    many = [{**ALICE, "username": f"new-{number}", "email": f"new-{number}@example.com"} for number in range(20)]
    assert words in run.refused("state", desired={"users": [*many, {**ALICE, "username": "eve"}]})
    assert run.writes() == []


def test_quota_of_a_project_admin(run: Modules) -> None:
    """Who sees the quota in the summary only cannot change it, and nothing else of the project is changed before that is told."""
    run.state({"users": [ALICE]})
    run.connection = {"harbor_username": "alice", "harbor_password": ALICE["password"]}
    run.ok("project", name="mine")
    assert not run.ok("project", name="mine", storage_limit="unlimited")["changed"]
    run.harbor.log.clear()
    assert "storage_limit: only a system administrator changes it" in run.refused(
        "project", name="mine", storage_limit="2GiB", auto_scan=True
    )
    assert run.writes() == []


def test_own_rights_are_not_given_up(run: Modules) -> None:
    run.state({"users": [{**ALICE, "sysadmin": True}]})
    run.connection = {"harbor_username": "alice", "harbor_password": ALICE["password"]}
    run.harbor.log.clear()
    desired = {"users": [{"username": "alice", "sysadmin": False}], "labels": [{"name": "x"}]}
    assert "user alice: sysadmin: the account in use cannot give up its own rights" in run.refused("state", desired=desired)
    assert run.writes() == []


def test_a_registry_in_use_is_not_deleted(run: Modules) -> None:
    """Check mode says so too."""
    run.state({"registries": [REGISTRY], "projects": [{"name": "cache", "registry": "hub"}]})
    for check in (True, False):
        message = run.refused("registry", name="hub", state="absent", check=check)
        assert "registry hub: state: project cache is a proxy cache of this registry" in message


@pytest.mark.parametrize("deletions", [False, True])
def test_negative_max_delete(run: Modules, deletions: bool) -> None:
    message = run.refused("state", desired={"labels": []}, prune=["labels"] if deletions else [], max_delete=-1)
    assert message == "max_delete: -1 is not allowed; allowed: 0 or more (nothing was written)"
