# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The settings of LDAP, OIDC and HTTP authentication: tried before they are saved, and looked up after."""

from __future__ import annotations

import typing as t

import pytest
from standin.world import LdapUser

from .conftest import Modules
from .test_configuration import put, stored

URL, DN, PASSWORD = "ldaps://ldap.example.com", "cn=harbor,dc=example,dc=com", "Canary7Ldap"
GROUP = "cn=platform,ou=groups,dc=example,dc=com"
LDAP: dict[str, t.Any] = {
    "ldap_url": URL,
    "ldap_search_dn": DN,
    "ldap_search_password": PASSWORD,
    "ldap_base_dn": "dc=example,dc=com",
    "ldap_uid": "uid",
}


@pytest.fixture
def ldap(run: Modules) -> t.Iterator[Modules]:
    """Modules against a Harbor that reaches a directory."""
    world = run.harbor.world
    world.ldap_servers[URL] = {DN: PASSWORD}
    world.ldap_users["carol"] = LdapUser(password="Passw0rd123")
    world.ldap_groups[GROUP] = "platform"
    yield run
    for table in (world.ldap_servers, world.ldap_users, world.ldap_groups):
        table.clear()


def pings(run: Modules, path: str = "/api/v2.0/ldap/ping") -> int:
    return [entry[1] for entry in run.harbor.log].count(path)


# -- LDAP


def test_a_connection_that_fails_is_never_saved(ldap: Modules) -> None:
    message = ldap.refused("ldap_authentication", **{**LDAP, "ldap_search_password": "Canary7Wrong"})
    assert f"ldap_authentication: ldap_url: Harbor cannot use {URL} with these settings: error: invalid credential" in message
    message = ldap.refused("ldap_authentication", **{**LDAP, "ldap_url": "ldap://nowhere.example.com"}, check=True)
    assert "error: ldap server network timeout" in message
    assert ldap.writes() == [] and stored(ldap) == {}
    assert "Canary7" not in "".join(ldap.outputs)


def test_the_connection_is_tried_once_and_only_when_it_changes(ldap: Modules) -> None:
    ldap.ok("ldap_authentication", **LDAP)
    assert pings(ldap) == 1
    assert not ldap.ok("ldap_authentication", **LDAP)["changed"]
    ldap.ok("ldap_authentication", ldap_group_base_dn="ou=groups,dc=example,dc=com")
    assert pings(ldap) == 1


def test_stored_and_declared_settings_are_tried_together(ldap: Modules) -> None:
    """In Harbor's LDAP mode its stored password serves; in others it cannot be tried, which is said."""
    ldap.ok("ldap_authentication", **LDAP)
    assert ldap.ok("ldap_authentication", ldap_filter="(objectClass=person)")["changed"]
    assert pings(ldap) == 1 and "the connection was not tried before it is saved" in ldap.warnings[0]
    put(ldap, auth_mode="ldap_auth")
    assert ldap.ok("ldap_authentication", ldap_filter="(objectClass=user)")["changed"]
    assert "Harbor cannot use ldap://other.example.com" in ldap.refused("ldap_authentication", ldap_url="ldap://other.example.com")
    assert pings(ldap) == 3 and len(ldap.warnings) == 1


def test_password_by_update_secret(ldap: Modules) -> None:
    ldap.ok("ldap_authentication", **LDAP)
    new = {**LDAP, "ldap_search_password": "Canary7New"}
    assert not ldap.ok("ldap_authentication", **new)["changed"]
    assert "invalid credential" in ldap.refused("ldap_authentication", **new, update_secret="always")
    assert not ldap.ok("ldap_authentication", **new, update_secret="on_drift")["changed"]  # nothing to compare with in this mode
    put(ldap, auth_mode="ldap_auth")
    assert not ldap.ok("ldap_authentication", **LDAP, update_secret="on_drift")["changed"]
    ldap.harbor.world.ldap_servers[URL] = {DN: "Canary7New"}
    predicted = ldap.ok("ldap_authentication", **new, update_secret="on_drift", check=True)
    assert ldap.ok("ldap_authentication", **new, update_secret="on_drift") == predicted
    assert predicted["changes"][0]["fields"] == ["ldap_search_password"] and stored(ldap)["ldap_search_password"] == "Canary7New"
    assert not ldap.ok("ldap_authentication", **new, update_secret="on_drift")["changed"]
    assert ldap.ok("ldap_authentication", **new, update_secret="always")["changed"]
    assert not ldap.ok("ldap_authentication", **{**LDAP, "ldap_search_password": "Canary7Bad"}, update_secret="on_drift")["changed"]
    assert "Canary7" not in "".join(ldap.outputs)


def test_neither_password_works(ldap: Modules) -> None:
    ldap.ok("ldap_authentication", **LDAP)
    put(ldap, auth_mode="ldap_auth")
    ldap.harbor.world.ldap_servers[URL] = {DN: "Canary7Other"}
    assert not ldap.ok("ldap_authentication", **LDAP, update_secret="on_drift")["changed"]
    assert "neither the stored nor the declared ldap_search_password works: error: invalid credential" in ldap.warnings[-1]


def test_who_must_be_found(ldap: Modules) -> None:
    """Harbor searches with what it has saved, so a miss fails this run and every later one until it is repaired."""
    found = {"verify_user": "carol", "verify_group_dn": GROUP}
    result = ldap.ok("ldap_authentication", **LDAP, **found)
    assert not {"verify_user", "verify_group_dn"} & set(result["changes"][0]["fields"])
    assert not ldap.ok("ldap_authentication", **LDAP, **found)["changed"]
    assert "verify_user: 'dave' is not found in the directory" in ldap.refused("ldap_authentication", verify_user="dave")
    for dn in ("no dn", GROUP.replace("platform", "others")):
        assert f"verify_group_dn: '{dn}' is not found" in ldap.refused("ldap_authentication", verify_group_dn=dn)
    result = ldap("ldap_authentication", ldap_group_base_dn="ou=groups,dc=example,dc=com", verify_user="dave")
    assert result["failed"] and "the settings are saved, but verify_user: 'dave' is not found" in result["msg"]
    assert ldap.ok("ldap_authentication_info")["ldap_authentication"]["ldap_group_base_dn"] == "ou=groups,dc=example,dc=com"


LDAP_REFUSALS: tuple[tuple[dict[str, t.Any], str], ...] = (
    ({"ldap_url": "ldap.example.com"}, "ldap_url: 'ldap.example.com' is not allowed; allowed: ldap:// or ldaps:// with a host"),
    ({"ldap_uid": ""}, "ldap_uid: '' is not allowed; allowed: anything but empty text"),
    ({"ldap_timeout": 0}, "ldap_timeout: 0 is not allowed; allowed: 1 to "),
    ({"ldap_scope": "all"}, "value of ldap_scope must be one of: base, onelevel, subtree, got: all"),
    ({"ldap_group_search_filter": "(cn=*)"}, "ldap_group_attribute_name: must not be empty while ldap_group_search_filter is set"),
    ({"ldap_search_password": "{{ vault }}"}, "the given value is not allowed; allowed: the secret itself, not a template"),
)


@pytest.mark.parametrize(("values", "message"), LDAP_REFUSALS)
def test_ldap_refusals(run: Modules, values: dict[str, t.Any], message: str) -> None:
    assert message in run.refused("ldap_authentication", **values)
    assert run.writes() == []


def test_what_harbor_accepted_once_is_let_be(run: Modules) -> None:
    """An export of odd values is taken back; a new value must be right."""
    put(run, ldap_url="127.0.0.1", ldap_uid="", ldap_group_search_filter="(cn=*)")
    odd = run.ok("ldap_authentication_info")["ldap_authentication"]
    assert odd["ldap_url"] == "127.0.0.1" and not run.ok("ldap_authentication", **odd)["changed"]


def test_settings_of_modes_without_an_address_are_not_exported(run: Modules) -> None:
    kinds = ["ldap_authentication", "oidc_authentication", "http_authentication"]
    assert run.ok("export", path=str(run.directory / "x.yml"), kinds=kinds)["counts"] == {}


# -- OIDC

OIDC_REFUSALS: tuple[tuple[dict[str, t.Any], str], ...] = (
    ({"oidc_endpoint": "idp"}, "oidc_endpoint: 'idp' is not allowed; allowed: an http or https address"),
    ({"oidc_scope": ["profile"]}, "allowed: words without white space, openid among them"),
    ({"oidc_scope": ["openid profile"]}, "allowed: words without white space, openid among them"),
    ({"oidc_group_filter": "("}, "oidc_group_filter: '(' is not allowed; allowed: a regular expression"),
    ({"oidc_extra_redirect_parms": {"a": 1}}, "oidc_extra_redirect_parms: {'a': 1} is not allowed; allowed: text for each name"),
    (
        {"oidc_endpoint": "https://idp.example.com"},
        "oidc_endpoint: Harbor cannot use the provider at https://idp.example.com: "
        "POST /api/v2.0/system/oidc/ping answered 400 BAD_REQUEST: failed to verify connection",
    ),
)


@pytest.mark.parametrize(("values", "message"), OIDC_REFUSALS)
def test_oidc_refusals(run: Modules, values: dict[str, t.Any], message: str) -> None:
    assert message in run.refused("oidc_authentication", **values)
    assert run.writes() == []


def test_oidc_secret_by_update_secret(run: Modules) -> None:
    first = {"oidc_client_id": "harbor", "oidc_client_secret": "Canary8Oidc"}
    assert run.ok("oidc_authentication", **first)["changes"][0]["fields"] == ["oidc_client_id", "oidc_client_secret"]
    second = {**first, "oidc_client_secret": "Canary8New"}
    for when in ("on_create", "on_drift"):
        assert not run.ok("oidc_authentication", **second, update_secret=when)["changed"]
    assert run.ok("oidc_authentication", **second, update_secret="always")["changed"]
    assert stored(run)["oidc_client_secret"] == "Canary8New" and "Canary8" not in "".join(run.outputs)


def test_redirect_parameters_are_compared_as_data(run: Modules) -> None:
    """Harbor orders the names anew; what is no JSON object is shown as nothing and replaced."""
    put(run, oidc_extra_redirect_parms='{"b": "2",  "a": "1"}')
    assert not run.ok("oidc_authentication", oidc_extra_redirect_parms={"a": "1", "b": "2"})["changed"]
    put(run, oidc_extra_redirect_parms="[]")
    assert run.ok("oidc_authentication", oidc_extra_redirect_parms={})["changed"]


# -- HTTP


def test_http_refusals(run: Modules) -> None:
    assert "allowed: an http or https address" in run.refused("http_authentication", http_authproxy_endpoint="auth")
    assert "allowed: PEM text" in run.refused("http_authentication", http_authproxy_server_certificate="x")
    assert "allowed: words without a comma" in run.refused("http_authentication", http_authproxy_admin_groups=[{"a": "x,y"}])
    assert run.writes() == []


# -- in read-only mode


def test_nothing_is_tried_in_read_only_mode(ldap: Modules) -> None:
    """Harbor refuses to ping then, but takes the settings."""
    put(ldap, read_only=True)
    ldap.harbor.world.oidc_providers.add("https://idp.example.com")
    assert ldap.ok("ldap_authentication", **LDAP)["changed"]
    assert ldap.ok("oidc_authentication", oidc_endpoint="https://idp.example.com")["changed"]
    ldap.harbor.world.oidc_providers.clear()
    assert pings(ldap) == 0 and len(ldap.warnings) == 2 and all("read-only mode" in text for text in ldap.warnings)
