# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What core finds out about the world around it: the health of its neighbours, and whether a remote registry answers."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx

from ..harbor import Health
from ..world import LdapUser, Scan, post

_INTERVAL = 10.0
_CHALLENGE = re.compile(r'(\w+)="([^"]*)"')


class PeriodicHealth(Health):
    """The components' state, looked at every ten seconds. Before its first look a component is not healthy."""

    def __init__(self, checks: Mapping[str, Callable[[], object]]) -> None:
        self._checks = checks
        self._errors: dict[str, str] = dict.fromkeys(checks, "unknown status")

    def start(self) -> None:
        for name, check in self._checks.items():
            threading.Thread(target=self._watch, args=(name, check), daemon=True, name=f"health-{name}").start()

    def components(self) -> list[dict[str, str]]:
        found = [{"name": "core", "status": "healthy"}]
        for name, error in self._errors.items():
            found.append({"name": name, "status": "unhealthy", "error": error} if error else {"name": name, "status": "healthy"})
        return sorted(found, key=lambda component: component["name"])

    def _watch(self, name: str, check: Callable[[], object]) -> None:
        while True:
            self._errors[name] = _reason(check)
            time.sleep(_INTERVAL)


def _reason(check: Callable[[], object]) -> str:
    """Empty when the check passes. Whatever it raises is the component's error."""
    try:
        check()
    except Exception as error:
        return str(error) or type(error).__name__
    return ""


def answers(url: str) -> Callable[[], object]:
    """A check that a URL answers 200."""
    return lambda: httpx.get(url, timeout=60, trust_env=False).raise_for_status()


class RealWorld:
    """The network that the container is in. There is no LDAP in it."""

    ldap_groups: Mapping[str, str] = {}
    ldap_users: Mapping[str, LdapUser] = {}

    def ldap_bind(self, url: str, dn: str, password: str) -> str:
        return "ldap server network timeout"

    def audit_endpoint_answers(self, address: str) -> bool:
        return False

    def oidc_provider_answers(self, url: str) -> bool:
        return False

    def images(self, url: str) -> Mapping[str, Mapping[str, bytes]]:
        # Which repositories a registry holds is not asked: no pull finds anything.
        return {}

    def push(self, url: str, key: str, secret: str, name: str, digest: str) -> str:
        return "blobs are not copied between registries here"

    def deliver(self, address: str, headers: Mapping[str, str], body: bytes, *, insecure: bool) -> str:
        return post(address, headers, body, insecure=insecure)

    def preheat_provider_is_healthy(self, endpoint: str) -> bool:
        try:
            return httpx.get(endpoint, timeout=10, trust_env=False).is_success
        except httpx.HTTPError:
            return False

    def scanner_metadata(self, url: str) -> dict[str, Any] | None:
        try:
            answer = httpx.get(f"{url}/api/v1/metadata", timeout=10, trust_env=False)
            metadata: dict[str, Any] = answer.raise_for_status().json()
        except (httpx.HTTPError, ValueError):
            return None
        return metadata

    def scan(self, repository: str, digest: str) -> Scan:
        """The scanner in the containers looks at nothing."""
        return Scan()

    def registry_is_healthy(self, url: str, key: str, secret: str, insecure: bool) -> bool:
        """Whether /v2/ lets the credentials in, directly or through the token service that it names."""
        auth = (key, secret) if key else None
        try:
            with httpx.Client(verify=not insecure, timeout=10, follow_redirects=True) as client:
                answer = client.get(f"{url}/v2/")
                challenge = answer.headers.get("www-authenticate", "")
                if answer.status_code == 401 and challenge.lower().startswith("bearer"):
                    fields = dict(_CHALLENGE.findall(challenge))
                    realm = fields.pop("realm", "")
                    if urlsplit(realm).scheme not in ("http", "https"):
                        return False
                    answer = client.get(realm, params=fields, auth=auth) if auth else answer
                elif answer.status_code == 401 and auth:
                    answer = client.get(f"{url}/v2/", auth=auth)
                return answer.status_code == 200 or (answer.status_code == 401 and not auth and "bearer" in challenge.lower())
        except httpx.HTTPError:
            return False
