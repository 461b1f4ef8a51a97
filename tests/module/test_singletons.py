# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is there exactly once, such as the configuration: every module through its whole life, in check mode and for real."""

from __future__ import annotations

import typing as t

import pytest
import yaml
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources import RESOURCES

from .conftest import Modules, Result

SECRETS = ("Canary7Ldap", "Canary8Oidc", "Canary8Uaa")
LDAP = "ldap://ldap.example.com:389"
SEARCH_DN = "cn=harbor,dc=example,dc=com"
OIDC = "https://idp.example.com/realms/company"
SYSLOG = "syslog.example.com:514"


class Once(t.NamedTuple):
    """One singleton's story: what it is first, what changes, and how it goes back to where Harbor began."""

    module: str
    values: dict[str, t.Any]
    change: dict[str, t.Any]
    back: dict[str, t.Any]


ONCES = (
    Once(
        "configuration",
        {
            "token_expiration": 45,
            "project_creation_restriction": "adminonly",
            "audit_log_forward_endpoint": SYSLOG,
            "skip_audit_log_database": True,
            "disabled_audit_log_event_types": ["pull_artifact", "login_user"],
            "banner_message": {"text": "Moving {{ house }}", "closable": True, "from_date": "2027-01-31", "to_date": "2027-02-03"},
            "uaa_client_secret": SECRETS[2],
        },
        {
            "token_expiration": 60,
            "session_timeout": 90,
            "robot_name_prefix": "bot_",
            "banner_message": {"text": "Still moving", "type": "danger", "to_date": "2027-02-04"},
            "disabled_audit_log_event_types": ["login_user"],
            "notification_enable": False,
        },
        {
            "token_expiration": 30,
            "session_timeout": 60,
            "project_creation_restriction": "everyone",
            "skip_audit_log_database": False,
            "audit_log_forward_endpoint": "",
            "disabled_audit_log_event_types": [],
            "banner_message": {},
            "robot_name_prefix": "robot$",
            "notification_enable": True,
        },
    ),
    Once(
        "ldap_authentication",
        {
            "ldap_url": LDAP,
            "ldap_search_dn": SEARCH_DN,
            "ldap_search_password": SECRETS[0],
            "ldap_base_dn": "ou=people,dc=example,dc=com",
            "ldap_uid": "uid",
            "ldap_scope": "onelevel",
            "ldap_group_admin_dn": "CN=Admins,DC=example,DC=com",
        },
        {
            "ldap_timeout": 15,
            "ldap_scope": "base",
            "ldap_verify_cert": False,
            "ldap_search_password": SECRETS[0],
            "ldap_search_dn": SEARCH_DN.replace("harbor", "registry"),
            "ldap_group_attribute_name": "cn",
            "ldap_group_search_filter": "(objectClass=groupOfNames)",
            "ldap_group_search_scope": "onelevel",
        },
        {"ldap_timeout": 5, "ldap_group_search_filter": "", "ldap_group_attribute_name": "", "ldap_group_admin_dn": ""},
    ),
    Once(
        "oidc_authentication",
        {
            "oidc_name": "Company",
            "oidc_endpoint": OIDC,
            "oidc_client_id": "harbor",
            "oidc_client_secret": SECRETS[1],
            "oidc_scope": ["profile", "openid"],
            "oidc_extra_redirect_parms": {"prompt": "login", "hint": "a"},
        },
        {
            "oidc_scope": ["openid", "email"],
            "oidc_verify_cert": False,
            "oidc_extra_redirect_parms": {"prompt": "none"},
            "oidc_logout": True,
            "oidc_group_filter": "^team-.*",
        },
        {"oidc_scope": [], "oidc_extra_redirect_parms": {}, "oidc_logout": False, "oidc_group_filter": "", "oidc_verify_cert": True},
    ),
    Once(
        "http_authentication",
        {
            "http_authproxy_endpoint": "https://auth.example.com/login",
            "http_authproxy_admin_groups": ["b", "a"],
            "http_authproxy_verify_cert": False,
        },
        {"http_authproxy_admin_groups": ["a"], "http_authproxy_skip_search": True},
        {"http_authproxy_admin_groups": [], "http_authproxy_skip_search": False, "http_authproxy_endpoint": ""},
    ),
    Once(
        "cve_allowlist",
        {"cves": ["CVE-2026-2", "CVE-2026-1"], "expires_at": "2030-01-31"},
        {"cves": ["CVE-2026-3"], "expires_at": "2031-01-31T12:00:00Z"},
        {"cves": [], "expires_at": "never"},
    ),
    Once("scan_all", {"schedule": "daily"}, {"schedule": "0 30 2 * * 6"}, {"schedule": "none"}),
    Once(
        "garbage_collection",
        {"schedule": "weekly", "delete_untagged": True, "workers": 3},
        {"schedule": "0 15 3 * * *", "delete_untagged": False, "delete_tag": True, "workers": 1},
        {"schedule": "none"},
    ),
    Once(
        "audit_log_purge",
        {"schedule": "daily", "audit_retention_hour": 168, "include_event_types": ["other", "create_artifact"]},
        {"schedule": "hourly", "audit_retention_hour": 24, "include_event_types": ["other"]},
        {"schedule": "none"},
    ),
)
onces = pytest.mark.parametrize("once", ONCES, ids=lambda once: once.module)


@pytest.fixture(autouse=True)
def world(run: Modules) -> t.Iterator[None]:
    """A directory, an identity provider and a syslog server that Harbor reaches."""
    outside = run.harbor.world
    accounts = {SEARCH_DN: SECRETS[0], SEARCH_DN.replace("harbor", "registry"): SECRETS[0]}
    outside.ldap_servers[LDAP] = accounts
    outside.oidc_providers.add(OIDC)
    outside.audit_endpoints.add(SYSLOG)
    yield
    outside.ldap_servers.clear()
    outside.oidc_providers.clear()
    outside.audit_endpoints.clear()


def both(run: Modules, once: Once, /, **params: t.Any) -> Result:
    """Run in check mode and for real: the same result, and check mode writes nothing."""
    before = len(run.writes())
    predicted = run.ok(once.module, check=True, diff=True, **params)
    assert len(run.writes()) == before, "check mode wrote"
    done = run.ok(once.module, diff=True, **params)
    assert predicted == done
    return done


def info(run: Modules, once: Once) -> dict[str, t.Any]:
    found: dict[str, t.Any] = run.ok(f"{once.module}_info")[once.module]
    return found


def options(once: Once) -> set[str]:
    """Return the options of a resource; what else an info module tells are facts."""
    return {one.name for resource in RESOURCES if resource.name == once.module for one in resource.fields}


def test_every_singleton_is_here() -> None:
    assert {once.module for once in ONCES} == {resource.name for resource in RESOURCES if resource.singleton}


@onces
def test_life(run: Modules, once: Once) -> None:
    """Set, again, change, again, back, again; each in check mode first, with the same prediction."""
    for step in (once.values, once.change, once.back):
        result = both(run, once, **step)
        assert result["changed"] and {change["action"] for change in result["changes"]} == {"update"}
        assert {change["name"] for change in result["changes"]} == {once.module}
        assert result["summary"] == {"create": 0, "update": 1, "delete": 0, "unchanged": 0}
        assert all(entry["before"] and entry["after"] for entry in result["diff"])
        again = both(run, once, **step)
        assert not again["changed"] and again["changes"] == [] and again["diff"] == []
        assert again["summary"] == {"create": 0, "update": 0, "delete": 0, "unchanged": 1}


@onces
def test_changes_name_what_differs(run: Modules, once: Once) -> None:
    run.ok(once.module, **once.values)
    result = run.ok(once.module, **once.change)
    assert sorted(name for change in result["changes"] for name in change["fields"]) == sorted(once.change)


@onces
def test_undeclared_fields_are_left_alone(run: Modules, once: Once) -> None:
    """An update of one field keeps all others, also where Harbor's PUT replaces everything."""
    run.ok(once.module, **once.values)
    before = info(run, once)
    for name in [name for name in once.change if name in before]:
        run.ok(once.module, **{name: once.change[name]})
        after = info(run, once)
        assert {key for key in options(once) if after.get(key) != before.get(key)} <= {name}
        before = after


@onces
def test_nothing_declared_changes_nothing(run: Modules, once: Once) -> None:
    run.ok(once.module, **once.values)
    before = len(run.writes())
    assert not run.ok(once.module)["changed"]
    assert len(run.writes()) == before


@onces
def test_info_is_what_the_module_takes(run: Modules, once: Once) -> None:
    for step in ({}, once.values):
        run.ok(once.module, **step)
        found = info(run, once)
        assert found and not run.ok(once.module, **{name: value for name, value in found.items() if name in options(once)})["changed"]


@onces
def test_diff_shows_the_declared_fields_only(run: Modules, once: Once) -> None:
    run.ok(once.module, **once.values)
    name = next(name for name in once.change if name in info(run, once))
    assert "diff" not in run.ok(once.module, check=True, **{name: once.change[name]})
    [entry] = run.ok(once.module, diff=True, check=True, **{name: once.change[name]})["diff"]
    assert set(yaml.safe_load(entry["before"])) == {name} == set(yaml.safe_load(entry["after"]))


@onces
def test_export_then_state_changes_nothing(run: Modules, once: Once) -> None:
    for step in (once.values, once.change, once.back):
        run.ok(once.module, **step)
        path = run.directory / "harbor.yml"
        result = run.ok("export", path=str(path), kinds=[once.module])
        desired = yaml.load(path.read_text(), Loader=UnsafeTags)
        assert result["counts"] == dict.fromkeys(desired, 1)
        assert not run.state(desired, diff=True)["changed"]


class UnsafeTags(yaml.SafeLoader):
    """Reads what export marks as no template."""


UnsafeTags.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(node))


def test_all_at_once(run: Modules) -> None:
    """One read of the configuration serves all that lives in it, writes to it never overlap, and secrets stay secret."""
    desired = {once.module: once.values for once in ONCES}
    run.harbor.log.clear()
    assert run.state(desired, check=True, diff=True) == run.state(desired, diff=True)
    assert [path for method, path, _status in run.harbor.log if method == "GET"].count("/api/v2.0/configurations") == 2  # one a run
    assert [path for method, path, _status in run.harbor.log if method == "PUT"].count("/api/v2.0/configurations") == 4  # one for each part
    assert not run.state(desired)["changed"]
    text = "".join(run.outputs)
    assert not any(secret in text for secret in SECRETS)


def test_a_readable_secret_is_compared_and_never_shown(run: Modules) -> None:
    assert run.ok("configuration", uaa_client_secret=SECRETS[2], diff=True)["changes"][0]["fields"] == ["uaa_client_secret"]
    assert not run.ok("configuration", uaa_client_secret=SECRETS[2])["changed"]
    assert run.ok("configuration", uaa_client_secret=SECRETS[1])["changed"]
    assert "uaa_client_secret" not in run.ok("configuration_info")["configuration"]
    run.ok("export", path=str(run.directory / "harbor.yml"))
    assert not any(secret in "".join(run.outputs) + (run.directory / "harbor.yml").read_text() for secret in SECRETS)
