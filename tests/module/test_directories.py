# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Users and groups of LDAP and OIDC."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator

import pytest
import yaml
from standin.server import Server
from standin.world import LdapUser, PretendWorld

from .conftest import Modules

DN = "cn=platform,ou=groups,dc=example,dc=com"


@pytest.fixture
def ldap(run: Modules) -> Iterator[Modules]:
    """Modules against a Harbor that asks a directory."""
    world = PretendWorld(ldap_groups={DN: "platform"}, ldap_users={"carol": LdapUser(password="Passw0rd123", email="carol@example.com")})
    with Server(auth_mode="ldap_auth", world=world) as harbor:
        run.harbor = harbor
        yield run


@pytest.fixture
def oidc(run: Modules) -> Iterator[Modules]:
    """Modules against a Harbor that trusts an OIDC provider."""
    with Server(auth_mode="oidc_auth") as harbor:
        run.harbor = harbor
        yield run


def test_ldap_group_and_a_user_who_never_logged_in(ldap: Modules) -> None:
    """Harbor keeps DNs in lower case and adds a user of the directory by itself."""
    desired: dict[str, t.Any] = {
        "user_groups": [{"name": "platform", "type": "ldap", "ldap_group_dn": DN.upper()}],
        "projects": [{"name": "payments"}],
        "project_members": [
            {"project": "payments", "group": "platform", "role": "developer"},
            {"project": "payments", "user": "carol", "role": "guest"},
        ],
    }
    assert ldap.state(desired, check=True) == ldap.state(desired)
    assert not ldap.state(desired)["changed"]
    path = ldap.directory / "harbor.yml"
    ldap.ok("export", path=str(path))
    assert f"ldap_group_dn: {DN}" in path.read_text()


def test_ldap_refusals(ldap: Modules) -> None:
    assert "type: 'oidc' is not visible while" in ldap.refused("user_group", name="x", type="oidc")
    assert "ldap_group_dn: must be set for a group of type ldap" in ldap.refused("user_group", name="x", type="ldap")
    message = ldap.refused("user", username="new", email="new@example.com", realname="New", password="Passw0rd123")
    assert "users come from the identity provider" in message
    assert ldap.writes() == []


def test_an_ldap_user_may_become_administrator(ldap: Modules) -> None:
    ldap.state({"projects": [{"name": "payments"}], "project_members": [{"project": "payments", "user": "carol", "role": "guest"}]})
    assert ldap.ok("user", username="carol", sysadmin=True)["changed"]
    assert not ldap.ok("user", username="carol", sysadmin=True)["changed"]
    assert "profiles come from the identity provider" in ldap.refused("user", username="carol", realname="Carol")


def test_oidc_group(oidc: Modules) -> None:
    desired: dict[str, t.Any] = {
        "user_groups": [{"name": "developers", "type": "oidc"}],
        "projects": [{"name": "payments"}],
        "project_members": [{"project": "payments", "group": "developers", "role": "developer"}],
    }
    oidc.state(desired)
    assert not oidc.state(desired)["changed"]
    # Harbor would make a group of any name: a slip of the pen is told instead.
    assert "group: 'develpers' is neither" in oidc.refused("project_member", project="payments", group="develpers", role="guest")
    # A user exists only after the first login.
    assert "user: 'dora' is neither" in oidc.refused("project_member", project="payments", user="dora", role="guest")


def test_profiles_of_a_directory_are_taken_back(ldap: Modules) -> None:
    """Harbor's rules for its own users do not hold for those of a directory: an export still changes nothing."""
    ldap.state({"projects": [{"name": "payments"}], "project_members": [{"project": "payments", "user": "carol", "role": "guest"}]})
    with ldap.harbor.harbor.store.transaction(write=True) as tx:
        [carol] = tx.find("user", username="carol")
        tx.update("user", carol["id"], realname="Doe, Carol", email="carol@corp")
    path = ldap.directory / "harbor.yml"
    ldap.ok("export", path=str(path))
    content = yaml.safe_load(path.read_text())
    assert "Doe, Carol" in [user["realname"] for user in content["users"]]
    assert not ldap.state(content)["changed"]
