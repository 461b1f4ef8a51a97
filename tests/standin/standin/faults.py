# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults for tests: what a network and a dying server do to a client."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .errors import ApiError
from .web import error_response

KINDS = ("refuse", "401", "409", "500", "502", "503", "504", "reset_before", "reset_after_write", "slow")
# What Harbor itself says: a session that it cannot look up, a lost race, a deadlock of its database.
_REFUSALS = {
    "401": ApiError(401, "UNAUTHORIZED", "unauthorized"),
    "409": ApiError(409, "CONFLICT", "the object was changed by somebody else"),
    "500": ApiError(500, "UNKNOWN", "internal server error"),
}
_REASONS = {"502": "Bad Gateway", "503": "Service Temporarily Unavailable", "504": "Gateway Time-out"}


@dataclass
class Fault:
    """One fault, for the next `times` requests of a method ("" for all) below a path."""

    kind: str
    method: str
    path_prefix: str
    times: int
    delay: float
    after_write: bool

    def fits(self, method: str, path: str) -> bool:
        return self.times > 0 and self.method in ("", method) and path.startswith(self.path_prefix)


class Faults:
    """The queue of a server. The first fault that fits a request is used up by it."""

    def __init__(self, refuse: Callable[[float], None]) -> None:
        self._queue: list[Fault] = []
        self._lock = threading.Lock()
        self._refuse = refuse

    def add(
        self, kind: str, method: str = "", path_prefix: str = "/", times: int = 1, delay: float = 0.0, after_write: bool = False
    ) -> None:
        """Add a fault.

        `refuse`: nobody listens for `delay` seconds (0.5 if not given), from now on and whatever the request.
        `401`, `409`, `500`: Harbor's own refusal; the request is not carried out.
        `502`, `503`, `504`: what a proxy in front answers; the request is not carried out, with `after_write` it is.
        `reset_before`: the connection breaks before the request is carried out; `reset_after_write`: after that.
        `slow`: the request is carried out `delay` seconds late.
        """
        if kind not in KINDS:
            raise ValueError(f"unknown fault {kind!r}, known are {', '.join(KINDS)}")
        if kind == "refuse":
            self._refuse(delay or 0.5)
            return
        with self._lock:
            self._queue.append(Fault(kind, method, path_prefix, times, delay, after_write))

    def clear(self) -> None:
        with self._lock:
            self._queue.clear()

    def take(self, method: str, path: str) -> Fault | None:
        with self._lock:
            for fault in self._queue:
                if fault.fits(method, path):
                    fault.times -= 1
                    return fault
        return None


class FaultyApp:
    """Wraps an application: log, latency, faults. `abort` breaks the connection of a client address."""

    def __init__(self, app: ASGIApp, faults: Faults, abort: Callable[[tuple[str, int]], None]) -> None:
        self.app = app
        self.faults = faults
        self.abort = abort
        self.latency = 0.0
        self.log: list[tuple[str, str, int]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        method, path = scope["method"], scope["path"]
        await asyncio.sleep(self.latency)
        fault = self.faults.take(method, path)
        if fault is None:
            await self._pass_on(scope, receive, send)
            return
        await asyncio.sleep(fault.delay)
        if fault.kind == "slow":
            await self._pass_on(scope, receive, send)
        elif fault.kind in _REFUSALS:
            self.log.append((method, path, int(fault.kind)))
            await error_response(_REFUSALS[fault.kind])(scope, receive, send)
        elif fault.kind in _REASONS:
            await self._gateway_error(fault, scope, receive, send)
        else:
            if fault.kind == "reset_after_write":
                await self.app(scope, receive, _swallow)
            self.log.append((method, path, 0))
            self.abort(tuple(scope["client"]))
            # Only when the loss was noticed does the server above not miss an answer.
            while (await receive())["type"] != "http.disconnect":
                pass

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        entry = (scope["method"], scope["path"])

        async def watch(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.log.append((*entry, message["status"]))
            await send(message)

        await self.app(scope, receive, watch)

    async def _gateway_error(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        if fault.after_write:
            await self.app(scope, receive, _swallow)
        status, title = int(fault.kind), f"{fault.kind} {_REASONS[fault.kind]}"
        body = f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n</body>\r\n</html>\r\n"
        headers = [(b"content-type", b"text/html"), (b"content-length", str(len(body)).encode())]
        self.log.append((scope["method"], scope["path"], status))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body.encode()})


async def _swallow(message: Message) -> None:
    """An answer that nobody receives."""


def reset_connection(transport: asyncio.Transport) -> None:
    """Close with RST, not FIN, so that the client sees `connection reset by peer`."""
    raw = transport.get_extra_info("socket")
    if raw is not None:
        with suppress(OSError):
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    transport.abort()
