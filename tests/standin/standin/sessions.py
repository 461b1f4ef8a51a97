# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Session cookies and the CSRF token that a request with such a cookie needs."""

from __future__ import annotations

import base64
import json
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any, Protocol

COOKIE = "sid"
CSRF_COOKIE = "_gorilla_csrf"
CSRF_HEADER = "X-Harbor-Csrf-Token"
SAFE_METHODS = ("GET", "HEAD", "OPTIONS", "TRACE")
_CSRF_AGE = 43200
_TOKEN_BYTES = 32


class Sessions(Protocol):
    """Session id to user id; an anonymous session has None."""

    def start(self, user_id: int | None = None) -> str:
        """A new session."""
        ...

    def exists(self, sid: str) -> bool: ...

    def user_id(self, sid: str) -> int | None: ...

    def end(self, sid: str) -> None: ...


class MemorySessions:
    """Sessions of one process."""

    def __init__(self) -> None:
        self._users: dict[str, int | None] = {}
        self._lock = threading.Lock()

    def start(self, user_id: int | None = None) -> str:
        sid = secrets.token_hex(16)
        with self._lock:
            self._users[sid] = user_id
        return sid

    def exists(self, sid: str) -> bool:
        return sid in self._users

    def user_id(self, sid: str) -> int | None:
        return self._users.get(sid)

    def end(self, sid: str) -> None:
        with self._lock:
            self._users.pop(sid, None)

    def expire_all(self) -> None:
        """Log everybody out, as after a flushed Redis."""
        with self._lock:
            self._users.clear()


class RedisSessions:
    """Sessions of all cores, in the core database of Redis. An unreachable Redis means logged out, not an error."""

    LIFETIME = 3600

    def __init__(self, client: Any) -> None:
        self._client = client

    def start(self, user_id: int | None = None) -> str:
        sid = secrets.token_hex(16)
        self._safely(lambda: self._client.set(sid, json.dumps(user_id), ex=self.LIFETIME))
        return sid

    def exists(self, sid: str) -> bool:
        return bool(self._safely(lambda: self._client.exists(sid)))

    def user_id(self, sid: str) -> int | None:
        value = self._safely(lambda: self._client.get(sid))
        user_id = json.loads(value) if value else None
        return user_id if isinstance(user_id, int) else None

    def end(self, sid: str) -> None:
        self._safely(lambda: self._client.delete(sid))

    @staticmethod
    def _safely(call: Any) -> Any:
        import redis

        try:
            return call()
        except redis.RedisError:
            return None


@dataclass(frozen=True)
class CsrfCheck:
    """The outcome for one request: headers that the answer gets, and why an unsafe request is refused (empty: it is not)."""

    headers: list[tuple[str, str]]
    refusal: str


def check_csrf(method: str, cookies: Mapping[str, str], header: str | None) -> CsrfCheck:
    """Compare the masked token of the header with the one in the cookie; make a new one where the cookie has none."""
    headers = []
    real = _decode_cookie(cookies.get(CSRF_COOKIE, ""))
    if real is None:
        real = secrets.token_bytes(_TOKEN_BYTES)
        headers.append(("Set-Cookie", _set_cookie(real)))
    headers.append((CSRF_HEADER, _mask(real)))
    if method in SAFE_METHODS:
        return CsrfCheck(headers, "")
    if not header:
        return CsrfCheck(headers, "CSRF token not found in request")
    return CsrfCheck(headers, "" if _unmask(header) == real else "CSRF token invalid")


def _set_cookie(real: bytes) -> str:
    value = base64.urlsafe_b64encode(real).decode()
    expires = formatdate(time.time() + _CSRF_AGE, usegmt=True)
    return f"{CSRF_COOKIE}={value}; Path=/; Expires={expires}; Max-Age={_CSRF_AGE}; HttpOnly; SameSite=Strict"


def _decode_cookie(value: str) -> bytes | None:
    try:
        real = base64.urlsafe_b64decode(value)
    except ValueError:
        return None
    return real if len(real) == _TOKEN_BYTES else None


def _mask(real: bytes) -> str:
    """A fresh one-time pad before the token, so that no two answers show the same text."""
    pad = secrets.token_bytes(_TOKEN_BYTES)
    return base64.b64encode(pad + bytes(a ^ b for a, b in zip(pad, real, strict=True))).decode()


def _unmask(token: str) -> bytes | None:
    try:
        raw = base64.b64decode(token)
    except ValueError:
        return None
    if len(raw) != 2 * _TOKEN_BYTES:
        return None
    return bytes(a ^ b for a, b in zip(raw[:_TOKEN_BYTES], raw[_TOKEN_BYTES:], strict=True))
