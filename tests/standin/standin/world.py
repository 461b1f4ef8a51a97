# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The world around Harbor: remote registries and the LDAP directory. Tests inject what exists in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx


class World(Protocol):
    """What the stand-in may ask about things outside."""

    def registry_is_healthy(self, url: str, key: str, secret: str, insecure: bool) -> bool:
        """Whether a registry answers at `url` and takes the credentials (both empty: none given)."""
        ...

    @property
    def ldap_groups(self) -> Mapping[str, str]:
        """Names of LDAP groups by lower-case DN."""
        ...

    @property
    def ldap_users(self) -> Mapping[str, LdapUser]:
        """People by user id."""
        ...

    def ldap_bind(self, url: str, dn: str, password: str) -> str:
        """Empty when a directory at `url` takes the password, else why not, in Harbor's words."""
        ...

    def audit_endpoint_answers(self, address: str) -> bool: ...

    def oidc_provider_answers(self, url: str) -> bool: ...

    def images(self, url: str) -> Mapping[str, Mapping[str, bytes]]:
        """The manifests that a registry holds, by repository and tag."""
        ...

    def push(self, url: str, key: str, secret: str, name: str, digest: str) -> str:
        """Copy an image to a registry as `repository:tag`; empty when it arrived, else why not."""
        ...

    def deliver(self, address: str, headers: Mapping[str, str], body: bytes, *, insecure: bool) -> str:
        """POST a webhook; empty when the receiver took it, else why not."""
        ...

    def preheat_provider_is_healthy(self, endpoint: str) -> bool:
        """Whether a peer-to-peer network takes requests at an address."""
        ...

    def scanner_metadata(self, url: str) -> dict[str, Any] | None:
        """What the scanner adapter at `url` says of itself, None when nobody answers there."""
        ...

    def scan(self, repository: str, digest: str) -> Scan:
        """What a scanner finds in an artifact."""
        ...


@dataclass(frozen=True)
class Endpoint:
    """A remote registry: the credentials that it takes, and whether it takes callers without any."""

    users: dict[str, str] = field(default_factory=dict)
    anonymous: bool = True
    # Manifests by repository and tag: what can be pulled from here.
    images: dict[str, dict[str, bytes]] = field(default_factory=dict)
    # Digests by `repository:tag`: what was pushed.
    pushed: dict[str, str] = field(default_factory=dict)

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


_IMAGES = ["application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json"]
_REPORTS = {
    "vulnerability": "application/vnd.security.vulnerability.report; version=1.1",
    "sbom": "application/vnd.security.sbom.report+json; version=1.0",
}


@dataclass(frozen=True)
class Scan:
    """What a scanner finds, how long it looks, whether it fails.

    `vulnerabilities` are findings as in a report: at least id, package and severity. `sbom` is the text of an SPDX document.
    """

    vulnerabilities: tuple[Mapping[str, Any], ...] = ()
    sbom: str = ""
    seconds: float = 0.0
    fails: bool = False


@dataclass(frozen=True)
class ScannerAdapter:
    """A scanner that answers, and what it can make: vulnerability reports, SBOMs."""

    name: str = "Trivy"
    vendor: str = "Aqua Security"
    version: str = "v0.68.2"
    kinds: tuple[str, ...] = ("vulnerability", "sbom")

    def metadata(self) -> dict[str, Any]:
        """Its answer to GET /api/v1/metadata."""
        capabilities = [
            {"type": kind, "consumes_mime_types": list(_IMAGES), "produces_mime_types": [_REPORTS[kind]]} for kind in self.kinds
        ]
        properties = {
            "harbor.scanner-adapter/scanner-type": "os-package-vulnerability",
            "harbor.scanner-adapter/vulnerability-database-updated-at": "2026-11-20T00:00:00Z",
            "org.label-schema.version": self.version,
        }
        scanner = {"name": self.name, "vendor": self.vendor, "version": self.version}
        return {"scanner": scanner, "capabilities": capabilities, "properties": properties}


@dataclass
class PretendWorld:
    """A world made of tables.

    Unless `closed`, every registry is healthy and every scanner answers, except in the domain that never resolves (.invalid).
    """

    registries: dict[str, Endpoint] = field(default_factory=dict)
    ldap_groups: dict[str, str] = field(default_factory=dict)
    ldap_users: dict[str, LdapUser] = field(default_factory=dict)
    ldap_servers: dict[str, dict[str, str]] = field(default_factory=dict)
    audit_endpoints: set[str] = field(default_factory=set)
    oidc_providers: set[str] = field(default_factory=set)
    preheat_endpoints: set[str] = field(default_factory=set)
    # Where receivers of webhooks really listen, by the host and port of their address.
    receivers: dict[str, str] = field(default_factory=dict)
    scanners: dict[str, ScannerAdapter] = field(default_factory=dict)
    # By repository name or digest; what is not here is without findings.
    scans: dict[str, Scan] = field(default_factory=dict)
    closed: bool = False

    def registry_is_healthy(self, url: str, key: str, secret: str, insecure: bool) -> bool:
        known = self.registries.get(url)
        if known is not None:
            return known.accepts(key, secret)
        return self._answers(url)

    def images(self, url: str) -> Mapping[str, Mapping[str, bytes]]:
        known = self.registries.get(url)
        return known.images if known else {}

    def push(self, url: str, key: str, secret: str, name: str, digest: str) -> str:
        if not self.registry_is_healthy(url, key, secret, insecure=True):
            return f"{url} does not answer, or not to these credentials"
        self.registries.setdefault(url, Endpoint()).pushed[name] = digest
        return ""

    def ldap_bind(self, url: str, dn: str, password: str) -> str:
        accounts = self.ldap_servers.get(url)
        if accounts is None:
            return "ldap server network timeout"
        return "" if accounts.get(dn) == password else "invalid credential"

    def audit_endpoint_answers(self, address: str) -> bool:
        return address in self.audit_endpoints

    def oidc_provider_answers(self, url: str) -> bool:
        return url in self.oidc_providers

    def deliver(self, address: str, headers: Mapping[str, str], body: bytes, *, insecure: bool) -> str:
        """Really sent to receivers on this machine only; whoever else answers is taken to have got it."""
        parts = urlsplit(address)
        place = self.receivers.get(parts.netloc, parts.netloc)
        if not parts.scheme or not parts.netloc or place.partition(":")[0] in ("127.0.0.1", "localhost"):
            return post(parts._replace(netloc=place).geturl(), {**headers, "Host": parts.netloc}, body, insecure=insecure)
        return "" if self._answers(address) else f"error to send request: {address}: no such host"

    def preheat_provider_is_healthy(self, endpoint: str) -> bool:
        return endpoint in self.preheat_endpoints or self._answers(endpoint)

    def scanner_metadata(self, url: str) -> dict[str, Any] | None:
        known = (adapter for base, adapter in self.scanners.items() if f"{url}/".startswith(f"{base}/"))
        adapter = next(known, ScannerAdapter() if self._answers(url) else None)
        return adapter.metadata() if adapter else None

    def scan(self, repository: str, digest: str) -> Scan:
        return self.scans.get(digest) or self.scans.get(repository) or Scan()

    def _answers(self, url: str) -> bool:
        """Whether something answers at an address that no table knows."""
        return not self.closed and not (urlsplit(url).hostname or "").endswith(".invalid")


def post(url: str, headers: Mapping[str, str], body: bytes, *, insecure: bool) -> str:
    """POST as Harbor's job service does; empty for 2xx, else what went wrong."""
    if "://" not in url:
        # The policy took it, but here it is no URL.
        return f"error to generate request: parse {url!r}: first path segment in URL cannot contain colon"
    sent = {"User-Agent": "Go-http-client/1.1", "Accept-Encoding": "gzip", **headers}
    try:
        # Certificates take long to load, and plain HTTP needs none.
        with httpx.Client(verify=not insecure and url.startswith("https:"), timeout=10, trust_env=False) as client:
            request = client.build_request("POST", url, headers=sent, content=body)
            del request.headers["Accept"], request.headers["Connection"]
            answer = client.send(request)
    except httpx.HTTPError as error:
        return f"error to send request: {error}"
    return "" if answer.is_success else f"abnormal response code: {answer.status_code}, body: {answer.text}"
