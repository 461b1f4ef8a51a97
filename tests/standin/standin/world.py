# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The world around Harbor: remote registries and the LDAP directory. Tests inject what exists in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlsplit


class World(Protocol):
    """What the stand-in may ask about things outside."""

    def registry_is_healthy(self, url: str, key: str, secret: str, insecure: bool) -> bool:
        """Whether a registry answers at `url` and takes the credentials (both empty: none given)."""
        ...

    def ldap_group(self, dn: str) -> str | None:
        """The name of the LDAP group with this DN."""
        ...

    def ldap_user(self, name: str) -> LdapUser | None: ...

    def audit_endpoint_answers(self, address: str) -> bool: ...


@dataclass(frozen=True)
class Endpoint:
    """A remote registry: the credentials that it takes, and whether it takes callers without any."""

    users: dict[str, str] = field(default_factory=dict)
    anonymous: bool = True

    def accepts(self, key: str, secret: str) -> bool:
        if not key:
            return self.anonymous
        return not self.users or self.users.get(key) == secret


@dataclass(frozen=True)
class LdapUser:
    """A person in the directory; `groups` are lower-case DNs."""

    password: str
    email: str = ""
    realname: str = ""
    groups: tuple[str, ...] = ()


@dataclass
class PretendWorld:
    """A world made of tables. Unless `closed`, every registry URL is healthy, except in the domain that never resolves (.invalid)."""

    registries: dict[str, Endpoint] = field(default_factory=dict)
    ldap_groups: dict[str, str] = field(default_factory=dict)
    ldap_users: dict[str, LdapUser] = field(default_factory=dict)
    audit_endpoints: set[str] = field(default_factory=set)
    closed: bool = False

    def registry_is_healthy(self, url: str, key: str, secret: str, insecure: bool) -> bool:
        known = self.registries.get(url)
        if known is not None:
            return known.accepts(key, secret)
        return not self.closed and not (urlsplit(url).hostname or "").endswith(".invalid")

    def ldap_group(self, dn: str) -> str | None:
        return self.ldap_groups.get(dn.strip().lower())

    def ldap_user(self, name: str) -> LdapUser | None:
        return self.ldap_users.get(name)

    def audit_endpoint_answers(self, address: str) -> bool:
        return address in self.audit_endpoints
