# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes an application as slow as a profile says. It sleeps, so other requests go on; processors are counted by a time table."""

from __future__ import annotations

import asyncio
import json
import re
import time
from base64 import b64decode
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .errors import ApiError
from .harbor import Harbor
from .profiles import Collision, Cost, Profile
from .store import Doc, Transaction, first
from .web import API, error_response, get_project

T = TypeVar("T")


class Processors:
    """When each processor is free again. Booking ahead keeps the throughput exact, whatever a sleep overshoots."""

    def __init__(self, count: int) -> None:
        self._free = [0.0] * count

    async def use(self, milliseconds: float, spent: float = 0.0) -> None:
        """Wait for a processor and as long as the work takes; `spent` seconds of it are over already."""
        now = time.monotonic()
        lane = min(range(len(self._free)), key=self._free.__getitem__)
        begin = max(self._free[lane], now - min(spent, milliseconds / 1000))
        self._free[lane] = begin + milliseconds / 1000
        await asyncio.sleep(max(self._free[lane] - now, 0))


class CostlyApp:
    """Wraps an application of core: hashing, the call itself, each row, and writes that get in each other's way."""

    def __init__(self, app: ASGIApp, harbor: Harbor, profile: Profile) -> None:
        self.app = app
        self.harbor = harbor
        self.profile = profile
        self._processors = Processors(profile.processors)
        self._collisions = Collisions()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if await self._is_local_login(scope):
            await self._processors.use(self.profile.hash)
        if scope["path"].startswith(API):
            await self._call(scope, await _body(receive), send)
        else:
            await self.app(scope, receive, send)

    async def _call(self, scope: Scope, body: bytes, send: Send) -> None:
        method, path = scope["method"], scope["path"].removeprefix(API).rstrip("/")
        pairs = await self._pairs(method, path, body)
        with self._collisions.enter(pairs) as refusal:
            if refusal is not None:
                await asyncio.sleep(refusal.delay)
                await error_response(ApiError(refusal.status, refusal.code, refusal.message))(scope, _ended, send)
                return
            messages = await self._carry_out(method, path, scope, body)
        for message in messages:
            await send(message)

    async def _carry_out(self, method: str, path: str, scope: Scope, body: bytes) -> list[Message]:
        """The answer, when its time has come. A write happens at the end, when a real one would be committed."""
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        cost = _cost(self.profile.costs, method, f"{path}?{scope['query_string'].decode()}", path)
        if method != "GET":
            await self._processors.use(cost.call + self.profile.hash * cost.hashes)
            await self.app(scope, _again(body), keep)
            return messages
        begin = time.monotonic()
        await self.app(scope, _again(body), keep)
        rows = _rows(messages) if cost.row or cost.wait else 0
        await self._processors.use(cost.call + cost.row * rows, time.monotonic() - begin)
        await asyncio.sleep(cost.wait * rows / 1000)
        return messages

    async def _is_local_login(self, scope: Scope) -> bool:
        """Whether a password of Harbor's own users is checked: those of robots and of LDAP cost nothing worth mention."""
        scheme, _, rest = Headers(scope=scope).get("authorization", "").partition(" ")
        if scope["path"] == "/c/login":
            return True
        if scheme.lower() != "basic":
            return False
        try:
            name = b64decode(rest).decode().partition(":")[0]
        except ValueError:
            return False

        def look(tx: Transaction) -> bool:
            if name.startswith(str(self.harbor.config(tx)["robot_name_prefix"])) or self.harbor.lockout.has(name):
                return False
            user = first(tx, "user", username=name) or first(tx, "user", email=name)
            return bool(user and user["password"])

        return await self._read(look)

    async def _pairs(self, method: str, path: str, body: bytes) -> list[tuple[Collision, str]]:
        """The collisions that this request may be part of, each with what it fights over."""
        profile = self.profile
        pairs = [(collision, path) for collision in profile.others if _fits(collision, method, path)]
        if not _fits(profile.several_keys, method, path):
            return pairs
        metadata = _metadata(body)
        project = await self._read(lambda tx: _project(tx, path.split("/")[2])) if metadata else None
        if project is None:
            return pairs
        if len(metadata) > 1:
            pairs.append((profile.several_keys, str(project["id"])))
        return pairs + [(profile.same_new_key, f"{project['id']}:{key}") for key in metadata if key not in project["metadata"]]

    async def _read(self, function: Callable[[Transaction], T]) -> T:
        def run() -> T:
            with self.harbor.store.transaction(write=False) as tx:
                return function(tx)

        return await run_in_threadpool(run) if self.harbor.store.blocking else run()


class Collisions:
    """Who writes what at the moment, and how often writes have met."""

    def __init__(self) -> None:
        self._running: dict[tuple[int, str], int] = defaultdict(int)
        self._met: dict[tuple[int, str], int] = defaultdict(int)

    @contextmanager
    def enter(self, pairs: list[tuple[Collision, str]]) -> Iterator[Any]:
        """Take part for as long as the block lasts; gives the Refusal of this write, None when it goes well."""
        keys = [(id(collision), key) for collision, key in pairs]
        refusals = [self._next(collision, key) for collision, key in pairs if self._running[(id(collision), key)]]
        for key in keys:
            self._running[key] += 1
        try:
            yield next((refusal for refusal in refusals if refusal is not None), None)
        finally:
            for key in keys:
                self._running[key] -= 1

    def _next(self, collision: Collision, key: str) -> Any:
        number = self._met[(id(collision), key)]
        self._met[(id(collision), key)] += 1
        end = collision.ends[number % len(collision.ends)]
        if end is None or "{key}" not in end.message:
            return end
        return type(end)(end.status, end.code, end.message.format(key=key.partition(":")[2]), end.delay)


def _cost(costs: tuple[Cost, ...], method: str, *paths: str) -> Cost:
    fitting = (cost for cost in costs if re.fullmatch(cost.method, method) and any(re.fullmatch(cost.path, path) for path in paths))
    return next(fitting)


def _fits(collision: Collision, method: str, path: str) -> bool:
    return bool(re.fullmatch(collision.method, method) and re.fullmatch(collision.path, path))


def _metadata(body: bytes) -> Doc:
    try:
        metadata = json.loads(body).get("metadata") or {}
    except (ValueError, AttributeError):
        return {}
    return metadata if isinstance(metadata, dict) else {}


def _project(tx: Transaction, key: str) -> Doc | None:
    return get_project(tx, int(key) if key.isdigit() else key)


def _rows(messages: list[Message]) -> int:
    """Items of a list, one for an object."""
    try:
        body = json.loads(b"".join(message.get("body", b"") for message in messages))
    except ValueError:
        return 0
    return len(body) if isinstance(body, list) else 1


async def _body(receive: Receive) -> bytes:
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return b"".join(parts)
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


def _again(body: bytes) -> Receive:
    """A body that was read already."""

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


async def _ended() -> Message:
    return {"type": "http.disconnect"}
