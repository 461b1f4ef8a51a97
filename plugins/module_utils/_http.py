# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Harbor's API as calls that retry, page and explain errors. Knows no resource and no AnsibleModule.

Private to this collection. One Api per module run, shared by threads.
"""

from __future__ import annotations

import random
import re
import time
import typing as t
from urllib.parse import quote, urlsplit

from ansible_collections.dockmaster.harbor.plugins.module_utils._errors import (
    AmbiguousError,
    ApiError,
    Error,
    ReadOnlyError,
    TransportError,
)
from ansible_collections.dockmaster.harbor.plugins.module_utils._session import (
    API,
    BUSY,
    READ_METHODS,
    Auth,
    Basic,
    Caller,
    UiSession,
    identify,
    json_body,
)
from ansible_collections.dockmaster.harbor.plugins.module_utils._transport import Connection, Reply, Transport

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

ATTEMPTS = 6
PAUSE = 0.2
LONGEST_PAUSE = 10.0
# Sessions that one request may use up: one that expired, one that another thread saw expire, and a good one.
LOGINS = 3
PAGE_SIZE = 100
# Pauses before each look for an object whose POST got no answer: the server may still be at work.
LOOKS = (0.0, 0.5, 1.5)
Id: t.TypeAlias = "int | str"
REASON_LENGTH = 200


class Api:
    """Calls to one Harbor as one caller.

    read_only is the belt of check mode: every write raises ReadOnlyError. Paths are relative to /api/v2.0. Every request
    says X-Is-Resource-Name, so a project in a path is always meant by name, all-digit names included.
    """

    def __init__(self, connection: Connection, *, read_only: bool = False) -> None:
        self.read_only = read_only
        self.workers = connection.workers
        self._connection = connection
        self._transport = Transport(connection)
        self._auth: Auth = Basic(connection.username, connection.password)
        self._password = connection.password
        self.caller = Caller(name=connection.username)

    # -- credentials

    def login(self) -> Caller:
        """Check the credentials and open a session for a user. Raises CredentialsError, TransportError, ApiError."""
        connection = self._connection

        def send(auth: Auth) -> Reply:
            self._auth = auth
            reply = self._retry("GET", f"{API}/users/current", {}, None, attempts=3)
            if reply.status in range(300, 400):
                raise self._refusal("GET", f"{API}/users/current", reply)
            return reply

        self.caller = identify(send, connection.username, connection.password, _sleep)
        if not self.caller.robot:
            self._auth = UiSession(self._transport, connection.username, connection.password, _sleep)
        return self.caller

    def confirm(self) -> None:
        """Raise when the credentials stopped working meanwhile: what was read since may be an anonymous caller's view."""
        reply = self._retry("GET", f"{API}/users/current", {}, None)
        if reply.status != (412 if self.caller.robot else 200):
            raise Error(f"the login of {self.caller.name!r} ended while Harbor was read (status {reply.status}); run again")

    def is_own_password(self, password: str) -> bool:
        """Say whether this is the password that we are logged in with."""
        return password == self._password

    def password_changed(self, password: str) -> None:
        """Tell that the caller's own password was changed, so that an expired session can be opened again."""
        self._password = password
        if isinstance(self._auth, UiSession):
            self._auth = UiSession(self._transport, self._connection.username, password, _sleep)

    @property
    def own_password(self) -> str:
        """The password to confirm a change of the caller's own password with."""
        return self._password

    def accepts(self, username: str, password: str) -> bool:
        """Say whether a login works. Changes nothing; a failed one costs 1.5 s and locks that name as long."""
        reply = self._retry("GET", f"{API}/users/current", {}, None, auth=Basic(username, password))
        if reply.status in (200, 401, 412):
            return reply.status != 401
        raise self._refusal("GET", f"{API}/users/current", reply)

    # -- calls

    def get(self, path: str, **params: t.Any) -> t.Any:
        """Return the decoded answer, or None when it is 404 or empty."""
        reply = self._call("GET", path, params, None, missing_ok=True)
        return None if reply.status == 404 else reply.data()  # a 404 comes with a reason that is no object

    def text(self, path: str) -> str:
        """Return an answer that is plain text, such as a log; "" when it is 404."""
        reply = self._call("GET", path, {}, None, missing_ok=True, plain=True)
        return "" if reply.status == 404 else reply.text

    def exists(self, path: str, **params: t.Any) -> bool:
        """HEAD: True on 200, False on 404."""
        return self._call("HEAD", path, params, None, missing_ok=True).status != 404

    def pages(self, path: str, **params: t.Any) -> Iterator[dict[str, t.Any]]:
        """Yield all items of a list, page by page.

        Page addresses are built here: Harbor's Link header is unescaped. Ends at X-Total-Count or at an empty page (the
        total of a member list counts rows that it does not show).
        """
        seen = 0
        page = 1
        while True:
            reply = self._call("GET", path, {**params, "page": page, "page_size": PAGE_SIZE}, None)
            items = reply.data() or []
            if not isinstance(items, list):
                raise Error(f"GET {API}{path} answered no list: harbor_url does not lead to a Harbor API")
            yield from items
            seen += len(items)
            total = reply.headers.get("x-total-count", "")
            if not items or (total.isdigit() and seen >= int(total)) or (not total and len(items) < PAGE_SIZE):
                return
            page += 1

    def create(self, path: str, body: t.Any, look: Callable[[], Id | None]) -> Id:
        """POST an object and return its id.

        An answer that leaves the outcome open is resolved by looking, never by sending again: look() returns the id of the
        object when it is there.
        """
        return self.create_and_read(path, body, look)[0]

    def create_and_read(self, path: str, body: t.Any, look: Callable[[], Id | None]) -> tuple[Id, t.Any]:
        """Do as create() does, and return what Harbor tells of the new object besides: None where it does not or no answer came."""
        try:
            reply = self._call("POST", path, {}, body)
        except AmbiguousError as error:
            found = _looked_for(look)
            if found is not None:
                return found, None
            raise Error(f"{error}, and the object is not there") from None
        location = reply.headers.get("location", "").rstrip("/").rsplit("/", 1)[-1]
        if location.isdigit():
            return int(location), reply.data()
        # Scanners answer with a UUID, preheat instances with a name.
        found = look()
        if found is None:
            raise Error(f"POST {API}{path} answered {reply.status} without the address of the new object, and the object is not there")
        return found, reply.data()

    def act(self, path: str, body: t.Any, took_effect: Callable[[], bool]) -> None:
        """POST what makes no object of its own. An answer that leaves the outcome open is resolved by asking took_effect()."""
        try:
            self._call("POST", path, {}, body)
        except AmbiguousError as error:
            if not _looked_for(lambda: took_effect() or None):
                raise Error(f"{error}, and nothing shows that it did") from None

    def pause(self, seconds: float) -> None:
        """Wait before the next look at something that goes on in Harbor."""
        _sleep(seconds)

    def put(self, path: str, body: t.Any) -> None:
        """PUT a body."""
        self._call("PUT", path, {}, body)

    def patch(self, path: str, body: t.Any) -> None:
        """PATCH a body. Only used where sending it twice does no harm."""
        self._call("PATCH", path, {}, body)

    def delete(self, path: str) -> None:
        """DELETE; an object that is gone already is fine."""
        self._call("DELETE", path, {}, None, missing_ok=True)

    def ask(self, path: str, body: t.Any) -> str:
        """POST a question that changes nothing, also in check mode. Returns why the answer is no, or nothing for a yes.

        The status may be that of another registry, or 500 where Harbor did not understand its answer: all but 200 is a no. So is
        200 with a message instead of success, which is how Harbor tells what a directory said.
        """
        reply = self._retry("POST", API + path, {}, body, attempts=3, harmless=True)
        if reply.status != 200:
            return str(self._refusal("POST", API + path, reply))
        answer = reply.data()
        said = isinstance(answer, dict) and not answer.get("success") and answer.get("message")
        return str(said)[:REASON_LENGTH] if said else ""

    # -- machinery

    def _call(
        self, method: str, path: str, params: Mapping[str, t.Any], body: t.Any, *, missing_ok: bool = False, plain: bool = False
    ) -> Reply:
        if self.read_only and method not in READ_METHODS:
            raise ReadOnlyError(f"{method} {path} was tried in check mode: please report this as a bug")
        full = API + path
        try:
            reply = self._retry(method, full, params, body)
        except TransportError as error:
            if method == "POST" and error.sent:
                raise AmbiguousError(error) from None
            raise
        if reply.status == 404 and missing_ok:
            return reply
        if reply.status < 300:
            # What is no JSON would read as an empty list.
            if method == "GET" and not plain and reply.data() is None and reply.text.strip() not in ("", "null"):
                raise Error(f"GET {full} answered {reply.status} with no JSON: a proxy or a login page is in the way")
            return reply
        refusal = self._refusal(method, full, reply)
        if method == "POST" and reply.status in (502, 503, 504):
            raise AmbiguousError(refusal)
        raise refusal

    def _retry(
        self,
        method: str,
        path: str,
        params: Mapping[str, t.Any],
        body: t.Any,
        *,
        attempts: int = ATTEMPTS,
        auth: Auth | None = None,
        harmless: bool = False,
    ) -> Reply:
        kind = "GET" if harmless else method
        once = {500, 409} if method == "PUT" else set()  # deadlocks and lost races of Harbor's own: sent again a single time
        for attempt in range(1, attempts + 1):
            pause = min(PAUSE * 2 ** (attempt - 1), LONGEST_PAUSE) * random.uniform(0.8, 1.2)
            try:
                reply = self._authenticated(method, path, params, body, auth)
            except TransportError as error:
                if attempt == attempts or not _worth_again(kind, error):
                    raise
            else:
                again = reply.status in once or _busy(kind, reply)
                once.discard(reply.status)
                if attempt == attempts or not again:
                    return reply
                pause = max(pause, _retry_after(reply))
            _sleep(pause)
        raise AssertionError("unreachable")

    def _authenticated(self, method: str, path: str, params: Mapping[str, t.Any], body: t.Any, other: Auth | None) -> Reply:
        payload = None if body is None else json_body(body)
        for _login in range(LOGINS):
            auth = other or self._auth
            headers = self._headers(method, auth, body is not None)
            reply = self._transport.exchange(method, path, headers=headers, params=params, body=payload)
            if not auth.renew(headers, reply) or reply.status == 401 and _login > 0:
                return reply
        raise Error(f"{method} {path}: Harbor ends the session of {self.caller.name!r} again and again")

    def _headers(self, method: str, auth: Auth, body: bool = False) -> dict[str, str]:
        # Logs are plain text, all else is JSON.
        accept = "application/json, text/plain;q=0.9"
        headers = {"Accept": accept, "User-Agent": "dockmaster.harbor", "X-Is-Resource-Name": "true", **auth.headers(method)}
        if body:
            headers["Content-Type"] = "application/json"
        return headers

    def _refusal(self, method: str, path: str, reply: Reply) -> Error:
        code, reason = _reason(reply)
        return ApiError(method, path, reply.status, code=code, reason=reason, hint=self._hint(reply, code, reason))

    def _hint(self, reply: Reply, code: str, reason: str) -> str:
        if reply.status in range(300, 400):
            target = urlsplit(reply.headers.get("location", ""))
            return f"a redirect to {target.scheme}://{target.netloc}: set harbor_url to the address that Harbor really has"
        if reply.status == 401:
            return f"not authenticated as {self.caller.name!r}, or the answer of a remote registry"
        if reply.status == 403 and "read only" in reason:
            return "Harbor is in read-only mode"
        if reply.status == 403 and code != "DENIED":
            return f"{self.caller.name!r} may not do this"
        if reply.status >= 500:
            return f"the reason is in the log of Harbor's core, request {reply.headers.get('x-request-id', 'unknown')}"
        return ""


def _sleep(seconds: float) -> None:
    if seconds > 0:
        time.sleep(seconds)


def _worth_again(method: str, error: TransportError) -> bool:
    if error.kind in ("tls", "timeout"):
        return False
    return not error.sent or method != "POST"


def _busy(method: str, reply: Reply) -> bool:
    if method == "POST":  # 429, or 503 with a time to come back, was refused before anything happened
        return reply.status == 429 or (reply.status == 503 and "retry-after" in reply.headers)
    return reply.status in BUSY


def _looked_for(look: Callable[[], Id | None]) -> Id | None:
    """Look a few times, since the server may still be at work."""
    for pause in LOOKS:
        _sleep(pause)
        found = look()
        if found is not None:
            return found
    return None


def _retry_after(reply: Reply) -> float:
    value = reply.headers.get("retry-after", "")
    return min(float(value), LONGEST_PAUSE) if value.isdigit() else 0.0


def _reason(reply: Reply) -> tuple[str, str]:
    """Return Harbor's code and message. Anything that is not Harbor's error shape is not repeated: it may echo what we sent."""
    data = reply.data()
    if isinstance(data, list):  # what an import of LDAP users says about each of them
        reasons = [f"{one.get('uid')}: {one['error']}" for one in data if isinstance(one, dict) and one.get("error")]
        return "", ", ".join(reasons)[:REASON_LENGTH]
    errors = data.get("errors") if isinstance(data, dict) else None
    if not isinstance(errors, list) or not errors or not isinstance(errors[0], dict):
        return "", ""
    message = re.sub(r"(validation failure list:\s*)+", "", str(errors[0].get("message", ""))).strip()
    return str(errors[0].get("code", "")), message[:REASON_LENGTH]


def segment(value: t.Any) -> str:
    """Encode one path segment."""
    return quote(str(value), safe="")


def q_takes(value: str) -> bool:
    """Say whether q can look for a value exactly: it splits at commas and strips white space."""
    return "," not in value and value == value.strip() != ""


def q(**terms: t.Any) -> str:
    """Build the value of Harbor's q parameter for exact matches.

    Harbor decodes the value a second time, so + and % are encoded once here. Answers must still be compared by the caller:
    Harbor ignores what it does not know. Raises ValueError for what q cannot hold.
    """
    parts = []
    for name, value in terms.items():
        text = str(value).replace("%", "%25").replace("+", "%2B")
        if not q_takes(text):
            raise ValueError(f"q cannot look for {value!r}")
        parts.append(f"{name}=\\{text}" if text[0] in "~[{(" else f"{name}={text}")
    return ",".join(parts)
