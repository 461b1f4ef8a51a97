# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who we are towards Harbor: a local user gets one UI session, a robot stays with Basic.

Harbor 2.15.2 hashes a local user's password on every Basic request (110 ms of server CPU), a session costs 4 ms.
Private to this collection. Knows no resource and no AnsibleModule.
"""

from __future__ import annotations

import base64
import json
import threading
import typing as t
from dataclasses import dataclass
from urllib.parse import urlencode

from ansible_collections.dockmaster.harbor.plugins.module_utils._errors import ApiError, CredentialsError, Error, TransportError

if t.TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ansible_collections.dockmaster.harbor.plugins.module_utils._transport import Reply, Transport

API = "/api/v2.0"
TOKEN_HEADER = "x-harbor-csrf-token"
READ_METHODS = ("GET", "HEAD")
# What a proxy says while nobody behind it answers.
BUSY = (429, 502, 503, 504)
# Pauses between the attempts of one step of a login.
PAUSES = (0.2, 1.0, 3.0)

# Harbor locks a name for 1.5 s after a failed login of anybody (src/core/auth/authenticator.go): even the right password fails.
LOCKOUT = 1.6


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Whose credentials we hold. id is 0 for a robot, admin is true for a system administrator."""

    name: str
    id: int = 0
    robot: bool = False
    admin: bool = False


class Auth(t.Protocol):
    """What Api needs from an authentication method."""

    def headers(self, method: str) -> dict[str, str]:
        """Return the headers that authenticate a request."""

    def renew(self, used: Mapping[str, str], reply: Reply) -> bool:
        """Return True when the reply says that the login has ended and a new one was made: send the request again."""


class Basic:
    """Credentials with every request: right for robots, whose secrets are cheap to check."""

    def __init__(self, username: str, password: str) -> None:
        token = base64.b64encode(f"{username}:{password}".encode()).decode()
        self._headers = {"Authorization": f"Basic {token}"}

    def headers(self, method: str) -> dict[str, str]:
        """Return the Authorization header."""
        return dict(self._headers)

    def renew(self, used: Mapping[str, str], reply: Reply) -> bool:
        """Nothing to renew: the credentials went along."""
        return False


@dataclass(frozen=True)
class Login:
    """What a session consists of. Replaced as a whole, so that no thread ever sees half of one."""

    cookies: Mapping[str, str]
    token: str

    def headers(self) -> dict[str, str]:
        """Return the Cookie header."""
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in sorted(self.cookies.items()))}

    def after(self, reply: Reply) -> Login:
        """Return the login with what a reply adds to it."""
        return Login({**self.cookies, **reply.cookies}, reply.headers.get(TOKEN_HEADER, self.token))


class UiSession:
    """A session of Harbor's user interface, opened again when it expires. Shared by threads."""

    def __init__(self, transport: Transport, username: str, password: str, sleep: Callable[[float], None]) -> None:
        self._transport = transport
        self._sleep = sleep
        self._form = urlencode({"principal": username, "password": password}).encode()
        self._lock = threading.Lock()
        self._login = self._open()

    def headers(self, method: str) -> dict[str, str]:
        """Return the cookies and, for writes, the CSRF token. The Referer is what newer CSRF checks want to see."""
        login = self._login
        if method in READ_METHODS:
            return login.headers()
        return {**login.headers(), "X-Harbor-CSRF-Token": login.token, "Referer": self._transport.url + "/"}

    def renew(self, used: Mapping[str, str], reply: Reply) -> bool:
        """Log in again when Harbor did not know the session. A reply to a lost session is one to an anonymous caller.

        Harbor sets a new sid exactly when the one that it got is unknown, whatever the status: an expired session
        would otherwise read as an almost empty registry.
        """
        if reply.status != 401 and "sid" not in reply.cookies:
            return False
        with self._lock:
            if used["Cookie"] == self._login.headers()["Cookie"]:
                self._login = self._open()
        return True

    def _open(self) -> Login:
        """Log in. The token comes only with a request that carries a sid, and the login replaces the sid."""
        login = Login({}, "")
        for _step in ("get a sid", "get a token"):
            reply = self._send(login, "GET", f"{API}/systeminfo")
            if reply.status != 200:
                raise ApiError("GET", f"{API}/systeminfo", reply.status, hint="the credentials are right, but no session could be opened")
            login = login.after(reply)
        answer = self._send(login, "POST", "/c/login", self._form)
        if answer.status != 200:
            raise ApiError("POST", "/c/login", answer.status, hint="the credentials are right, but no session could be opened")
        login = login.after(answer)
        check = self._send(login, "GET", f"{API}/users/current")
        if check.status != 200:
            raise ApiError("GET", f"{API}/users/current", check.status, hint="the login was accepted, but its session is not")
        return login.after(check)

    def _send(self, login: Login, method: str, path: str, form: bytes | None = None) -> Reply:
        headers = {"Accept": "*/*" if form else "application/json", **login.headers()}
        if form:
            headers |= {
                "Content-Type": "application/x-www-form-urlencoded",
                "X-Harbor-CSRF-Token": login.token,
                "Referer": self._transport.url + "/",
            }
        for pause in PAUSES:
            try:
                reply = self._transport.exchange(method, path, headers=headers, body=form)
            except TransportError as error:
                if error.kind in ("tls", "timeout"):
                    raise
            else:
                if reply.status not in BUSY:
                    return reply
            self._sleep(pause)
        return self._transport.exchange(method, path, headers=headers, body=form)


def identify(send: Callable[[Auth], Reply], username: str, password: str, sleep: Callable[[float], None]) -> Caller:
    """Find out who the credentials belong to, once per run.

    Harbor treats wrong credentials as an anonymous caller and answers lists with what everybody may see, so this is
    asked before anything else. Raises CredentialsError.
    """
    auth = Basic(username, password)
    reply = send(auth)
    if reply.status == 401:
        sleep(LOCKOUT)
        reply = send(auth)
    if reply.status == 412:  # "get current user not available for security context: robot"
        return Caller(name=username, robot=True)
    if reply.status == 200 and isinstance(user := reply.data(), dict) and "user_id" in user:
        admin = bool(user.get("sysadmin_flag") or user.get("admin_role_in_auth"))
        return Caller(name=str(user.get("username", username)), id=int(user["user_id"]), admin=admin)
    if reply.status == 401:
        raise CredentialsError(
            f"harbor_username/harbor_password refused for {username!r}: Harbor answered 401 twice. "
            "Failed logins of anybody lock a name for 1.5 seconds; a robot may also be disabled or expired."
        )
    raise Error(f"GET {API}/users/current answered {reply.status}: harbor_url does not lead to a Harbor API")


def json_body(body: t.Any) -> bytes:
    """Encode a request body."""
    return json.dumps(body).encode()
