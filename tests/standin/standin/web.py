# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From HTTP to handlers and back: the chain that each request passes, in Harbor's order.

query check, slashes, request id, session, CSRF, caller, read-only mode, route, body, handler inside one transaction.
Handlers are plain functions `handler(call)`; they return None, JSON, or an Answer, and raise ApiError.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import unquote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import compile_path
from starlette.types import Receive, Scope, Send

from . import audit, content, jobs, listing
from .errors import ApiError, BareError, Duplicate, bad_request, denied, forbidden, internal, not_found, unprocessable
from .harbor import Harbor
from .models import Model, decode
from .security import Caller, LoginFailed, identify
from .sessions import COOKIE, SAFE_METHODS, check_csrf
from .store import Doc, Transaction

API = "/api/v2.0"
JSON = "application/json"
JSON_ERROR = "application/json; charset=utf-8"
T = TypeVar("T")
log = logging.getLogger("standin")


@dataclass
class Answer:
    """An answer that is more than 200 with JSON. `body` None means none at all."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    media_type: str = JSON


def created(location: str, body: Any = None) -> Answer:
    return Answer(201, body, {"Location": location})


@dataclass
class Call:
    """One request as a handler sees it."""

    harbor: Harbor
    tx: Transaction
    caller: Caller
    method: str
    path: str
    params: dict[str, str]
    query: QueryParams
    headers: Mapping[str, str]
    raw: bytes = b""
    body: Any = None
    page: listing.Page = field(default_factory=listing.Page)
    # What the handler wants of the session: nothing, a user id to log in, or 0 to log out.
    session: int | None = None

    def number(self, name: str) -> int:
        """A path parameter that must be a number. Raises ApiError 422."""
        return _integer(self.params[name], name, "path")

    def config(self) -> Doc:
        return self.harbor.config(self.tx)

    def require_system(self, resource: str, action: str) -> None:
        """Raise unless the caller may do this outside of any project: 401 for nobody, 403 with the caller's name."""
        if not self.caller.can_system(resource, action):
            self.refuse(self.caller.name)

    def require(self, project: Doc | None, resource: str, action: str) -> None:
        """The same for a project. A project that does not exist is open to system admins only (they then see 404)."""
        if not (self.caller.can(project, resource, action) or (project is None and self.caller.is_sysadmin)):
            self.refuse("forbidden")

    def refuse(self, message: str) -> None:
        raise forbidden(message) if self.caller.is_authenticated else ApiError(401, "UNAUTHORIZED", "unauthorized")

    def audit(self, event: str, resource: str, text: str = "", project_id: int = 0) -> None:
        """Note in the audit log what the caller did; see audit.record."""
        audit.record(self.harbor, self.tx, self.caller.name, event, resource, text, project_id)

    def list_page(self, rows: list[Doc], show: Callable[[Doc], Any], total: int | None = None) -> Answer:
        """A page of rows with its headers; `total` where Harbor counts something else than the rows."""
        total = len(rows) if total is None else total
        headers = {"X-Total-Count": str(total)}
        links = self.page.links(self.path, self.query, total)
        if links:
            headers["Link"] = links
        return Answer(200, [show(row) for row in self.page.cut(rows)], headers)

    def select(self, rows: list[Doc], columns: listing.Columns, **fuzzy: str | None) -> list[Doc]:
        """Rows filtered by `q` and by dedicated substring parameters, in the order of `sort`."""
        pairs = listing.parse_q(self.query.get("q", ""))
        pairs |= {name: "~" + value for name, value in fuzzy.items() if value}
        return listing.ordered(listing.select(rows, columns, pairs), columns, self.query.get("sort", ""))


Handler = Callable[[Call], Any]


@dataclass(frozen=True)
class Route:
    """A handler with what is checked before it: a body, page numbers."""

    handler: Handler
    body: Model | None = None
    listing: bool = False
    media_type: str = JSON


_ROUTES: dict[str, dict[str, Route]] = {}
_COMPILED: list[tuple[re.Pattern[str], str]] = []


def route(method: str, path: str, body: Model | None = None, *, listing: bool = False) -> Callable[[Handler], Handler]:
    """Register a handler for a path below the API base; a path with a leading `!` is taken as it is."""

    def register(handler: Handler) -> Handler:
        full = path[1:] if path.startswith("!") else API + path
        if full not in _ROUTES:
            _ROUTES[full] = {}
            _COMPILED.append((compile_path(full)[0], full))
        _ROUTES[full][method] = Route(handler, body, listing)
        return handler

    return register


def find_route(method: str, path: str) -> tuple[Route, dict[str, str]]:
    """The route of a request and its path parameters. Raises ApiError 404 or 405."""
    # Literal paths win over parameters (users/current over users/{user_id}), a trailing slash is ignored.
    candidates = [(pattern.match(path.rstrip("/") or "/"), full) for pattern, full in _COMPILED]
    matches = sorted(((match.groupdict(), full) for match, full in candidates if match), key=lambda item: len(item[0]))
    if not matches:
        raise not_found(f"path {path} was not found")
    for params, full in matches:
        if method in _ROUTES[full]:
            return _ROUTES[full][method], params
    allowed = ",".join(sorted({name for _, full in matches for name in _ROUTES[full]}))
    raise ApiError(405, "METHOD_NOT_ALLOWED", f"method {method} is not allowed, but [{allowed}] are")


def _integer(text: str, name: str, where: str) -> int:
    if not re.fullmatch(r"-?\d+", text):
        raise unprocessable(f'{name} in {where} must be of type int64: "{text}"')
    return int(text)


def _page(query: Mapping[str, str]) -> listing.Page:
    number = _integer(query.get("page") or "1", "page", "query")
    size = _integer(query.get("page_size") or "10", "page_size", "query")
    if size > 100:
        raise unprocessable("page_size in query should be less than or equal to 100")
    return listing.Page(number, size)


Proxy = Callable[[Harbor, Caller, Request], Awaitable[Response]]
# Writes that stay possible in read-only mode: to leave it, to log in and out, and what changes nothing.
_WRITES_WHEN_READ_ONLY = re.compile(r"/api/v2\.0/(configurations|registries/ping)|/c/.*|/service/.*")


class Application:
    """The ASGI application of core. `proxy` serves `/v2/`, where a registry stands behind."""

    def __init__(self, harbor: Harbor, proxy: Proxy | None = None) -> None:
        self.harbor = harbor
        self.proxy = proxy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        extra: list[tuple[str, str]] = []
        try:
            response = await self.answer(request, extra)
        except ApiError as error:
            response = error_response(error)
        except Duplicate:
            # Where the handler did not foresee it, Harbor answers a broken unique key with 500.
            response = error_response(internal())
        except Exception:
            log.exception("%s %s", scope["method"], scope["path"])
            response = error_response(internal())
        for name, value in extra:
            response.headers.append(name, value)
        await response(scope, receive, send)

    async def answer(self, request: Request, extra: list[tuple[str, str]]) -> Response:
        """Run the chain; `extra` collects headers that every answer gets, errors included."""
        if ";" in request.url.query:
            raise bad_request("invalid semicolon separator in query")
        path = re.sub("/{2,}", "/", request.scope["path"])
        extra.append(("X-Request-Id", request.headers.get("X-Request-Id") or str(uuid.uuid4())))
        sid = await self._session(request, extra)
        # The cookie alone demands a token, also when its session is long gone.
        if COOKIE in request.cookies and path.startswith(("/api/", "/v2/", "/service/", "/c/")):
            check = check_csrf(request.method, request.cookies, request.headers.get("X-Harbor-CSRF-Token"))
            extra += check.headers
            if check.refusal:
                raise forbidden(check.refusal)
        caller, read_only = await self._caller(request, sid)
        if read_only and request.method not in SAFE_METHODS and not _WRITES_WHEN_READ_ONLY.fullmatch(path):
            raise denied("The system is in read only mode. Any modification is prohibited.")
        await self._run(self._settle)
        if self.proxy is not None and path.startswith("/v2/"):
            return await self.proxy(self.harbor, caller, request)
        return await self._handle(request, path, caller, sid, extra)

    async def _session(self, request: Request, extra: list[tuple[str, str]]) -> str | None:
        """The session id that the request carries, if it is one of ours; every other request gets a new one."""
        given = request.cookies.get(COOKIE)
        if given is not None and await self._run(lambda: self.harbor.sessions.exists(given)):
            return given
        sid = await self._run(self.harbor.sessions.start)
        extra.append(("Set-Cookie", f"{COOKIE}={sid}; Path=/; HttpOnly"))
        return None

    async def _caller(self, request: Request, sid: str | None) -> tuple[Caller, bool]:
        """Who calls, and whether the system is read-only. A failed login costs its pause here."""

        def look() -> tuple[Caller, bool]:
            with self.harbor.store.transaction(write=False) as tx:
                return identify(self.harbor, tx, request.headers, sid), bool(self.harbor.config(tx)["read_only"])

        try:
            return await self._run(look)
        except LoginFailed as failure:
            await self.punish(failure.name)
            return Caller(), False

    async def punish(self, name: str) -> None:
        """Hold a failed login up, its name locked meanwhile."""
        if self.harbor.settings.login_delay:
            self.harbor.lockout.add(name)
            try:
                await asyncio.sleep(self.harbor.settings.login_delay)
            finally:
                self.harbor.lockout.remove(name)

    async def _handle(self, request: Request, path: str, caller: Caller, sid: str | None, extra: list[tuple[str, str]]) -> Response:
        found, params = find_route(request.method, path)
        raw = await request.body()
        query = request.query_params
        page = _page(query) if found.listing else listing.Page()
        body = _body(request, raw, found.body) if path.startswith("/api/") else None
        calls: list[Call] = []

        def run() -> Any:
            with self.harbor.store.transaction(write=request.method not in SAFE_METHODS) as tx:
                caller.tx = tx
                call = Call(self.harbor, tx, caller, request.method, path, params, query, request.headers, raw, body, page)
                calls.append(call)
                return found.handler(call)

        try:
            result = await self._run(run)
        except LoginFailed as failure:
            await self.punish(failure.name)
            raise ApiError(401, "UNAUTHORIZED", "unauthorized") from failure
        await self._change_session(calls[0].session, sid, extra)
        return _response(result)

    def _settle(self) -> None:
        """Let jobs whose time has come happen first, in a transaction of their own: an answer that fails must not undo them."""
        with self.harbor.store.transaction(write=False) as tx:
            if not jobs.are_running(tx) and not tx.find("pull"):
                return
        with self.harbor.store.transaction(write=True) as tx:
            jobs.settle(self.harbor, tx)
            content.flush_pulls(tx, time.time() - self.harbor.settings.pull_seconds)

    async def _change_session(self, wanted: int | None, sid: str | None, extra: list[tuple[str, str]]) -> None:
        if wanted is None:
            return
        if sid is not None:
            await self._run(lambda: self.harbor.sessions.end(sid))
        if wanted:
            fresh = await self._run(lambda: self.harbor.sessions.start(wanted))
            extra.append(("Set-Cookie", f"{COOKIE}={fresh}; Path=/; HttpOnly"))

    async def _run(self, function: Callable[[], T]) -> T:
        """Call something that touches state: in a thread where that waits for other machines, at once where it is memory."""
        return await run_in_threadpool(function) if self.harbor.store.blocking else function()


def _body(request: Request, raw: bytes, model: Model | None) -> dict[str, Any] | None:
    accept = request.headers.get("accept", "*/*")
    if not re.search(r"\*/\*|application/(\*|json)", accept):
        raise unprocessable("unsupported media type requested, only [application/json] are available")
    if model is None:
        return None
    media_type = request.headers.get("content-type", JSON).split(";")[0].strip()
    if raw and media_type != JSON:
        raise unprocessable(f'unsupported media type "{media_type}", only [application/json] are allowed')
    return decode(raw, model)


def _response(result: Any) -> Response:
    answer = result if isinstance(result, Answer) else Answer(200, result)
    headers = {**answer.headers}
    if answer.body is None:
        return Response(status_code=answer.status, headers=headers)
    content = answer.body if isinstance(answer.body, str) else json.dumps(answer.body)
    response = Response(content, answer.status, headers)
    # Set here and not as `media_type`: Starlette would add a charset to text/*, Harbor does not.
    response.headers["Content-Type"] = answer.media_type
    return response


def error_response(error: ApiError) -> Response:
    if isinstance(error, BareError):
        return Response(error.message, error.status, {"Content-Type": error.media_type} if error.media_type else {})
    return Response(json.dumps(error.body()) + "\n", error.status, {"Content-Type": JSON_ERROR})


def find_project(call: Call, resource: str, action: str) -> Doc:
    """The project that the path names, when the caller may do this there. Raises ApiError 400, 401, 403, 404."""
    text = call.params["project"]
    is_name = call.headers.get("x-is-resource-name", "").lower() == "true" or not re.fullmatch(r"-?\d+", text)
    return project_or_404(call, text if is_name else int(text), resource, action)


def find_project_by_name(call: Call, resource: str, action: str) -> Doc:
    """The same for paths where the project is always a name."""
    return project_or_404(call, call.params["project"], resource, action)


def project_or_404(call: Call, key: str | int, resource: str, action: str) -> Doc:
    if isinstance(key, str) and " " in key:
        raise bad_request(f"invalid project name: '{key}'")
    project = get_project(call.tx, key)
    call.require(project, resource, action)
    if project is None:
        raise not_found(f"project {key} not found")
    return project


def get_project(tx: Transaction, key: str | int) -> Doc | None:
    """A project by name or id."""
    if isinstance(key, int):
        return tx.get("project", key)
    found = tx.find("project", name=key)
    return found[0] if found else None


def unescape(text: str) -> str:
    """Repository names are escaped twice in paths; the server under this one took off the first layer."""
    return unquote(text)
