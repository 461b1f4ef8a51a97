# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bearer tokens for the registry API: signed with RS256 by the very key that was rendered for core."""

from __future__ import annotations

import hashlib
import secrets
from base64 import b32encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from .security import TokenCaller

ISSUER = "harbor-token-issuer"
SERVICE = "harbor-registry"
Access = list[dict[str, Any]]


@dataclass
class TokenService:
    """Makes and checks tokens. `load` is called for each use, as core opens its key file each time."""

    load: Callable[[], rsa.RSAPrivateKey]
    leeway: int = field(default=60)

    @classmethod
    def generate(cls) -> TokenService:
        """A service with a key of its own, made on first use."""
        keys: list[rsa.RSAPrivateKey] = []

        def load() -> rsa.RSAPrivateKey:
            if not keys:
                keys.append(rsa.generate_private_key(public_exponent=65537, key_size=2048))
            return keys[0]

        return cls(load)

    def make(self, subject: str, access: Access, minutes: int) -> dict[str, Any]:
        """The body of GET /service/token."""
        key = self.load()
        issued = datetime.now(UTC)
        now = int(issued.timestamp())
        claims: dict[str, Any] = {"iss": ISSUER, "aud": SERVICE, "exp": now + minutes * 60, "nbf": now, "iat": now}
        claims |= {"jti": secrets.token_urlsafe(12), "access": access}
        if subject:
            claims["sub"] = subject
        token = jwt.encode(claims, key, algorithm="RS256", headers={"kid": key_id(key)})
        stamp = issued.strftime("%Y-%m-%dT%H:%M:%SZ")
        return {"token": token, "access_token": "", "expires_in": minutes * 60, "issued_at": stamp}

    def caller(self, token: str) -> TokenCaller | None:
        """Who a token speaks for, or None when it is not ours or out of date."""
        try:
            claims = jwt.decode(token, self.load().public_key(), algorithms=["RS256"], audience=SERVICE, issuer=ISSUER, leeway=self.leeway)
        except jwt.InvalidTokenError:
            return None
        access = {item["name"]: frozenset(item["actions"]) for item in claims.get("access") or [] if item["type"] == "repository"}
        return TokenCaller(claims.get("sub", ""), access)


def key_id(key: rsa.RSAPrivateKey) -> str:
    """The fingerprint that libtrust prints: twelve groups of four letters of the hashed public key."""
    der = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    text = b32encode(hashlib.sha256(der).digest()[:30]).decode().rstrip("=")
    return ":".join(text[start : start + 4] for start in range(0, 48, 4))
