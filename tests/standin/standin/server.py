# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Harbor in this process: `with Server() as harbor: ... harbor.url ...`."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any

import httpx
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from . import resources  # noqa: F401  (registers the routes)
from .costs import CostlyApp
from .faults import Faults, FaultyApp, reset_connection
from .harbor import Harbor, Settings
from .profiles import PROFILES
from .registry import MemoryRegistry
from .v2 import MemoryUploads, RegistryProxy
from .web import Application
from .world import PretendWorld

Address = tuple[str, int]


class Server:
    """A context manager that serves one Harbor, state in memory, on 127.0.0.1.

    Attributes: `url`, `username`, `password`; `log`, a list of (method, path, status), status 0 for a broken connection;
    `faults` (see Faults.add); `latency`, seconds before each request; `world`, the registries and LDAP that exist (see
    PretendWorld); `harbor`, for a look inside. `tls` is (certificate file, key file); `port` 0 takes a free one; `profile` is a key of
    PROFILES, the costs of a real server.
    """

    username = "admin"

    def __init__(
        self,
        admin_password: str = "Harbor12345",
        version: str = "v2.15.2",
        auth_mode: str = "db_auth",
        tls: tuple[str, str] | None = None,
        world: PretendWorld | None = None,
        profile: str | None = None,
        port: int = 0,
        **settings: Any,
    ) -> None:
        self.password = admin_password
        self.world = world or PretendWorld()
        self.tls = tls
        self._transports: dict[Address, asyncio.Transport] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._port = port
        self._uvicorn: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self._pause: threading.Thread | None = None
        costs = PROFILES[profile] if profile else None
        delay = {"login_delay": costs.login_delay} if costs else {}
        values = {"version": version, "admin_password": admin_password, "auth_mode": auth_mode, **delay, **settings}
        self._registry = MemoryRegistry(lambda: self.harbor.settings.external_url)
        self.harbor = Harbor(Settings(**values), world=self.world, registry=self._registry)
        self.harbor.seed()
        self.faults = Faults(self._refuse)
        # A name that is never looked up: the requests go straight to the registry in memory.
        transport = httpx.ASGITransport(self._registry)
        app = Application(self.harbor, RegistryProxy("http://registry", "", "", MemoryUploads(), transport))
        self._app = FaultyApp(CostlyApp(app, self.harbor, costs) if costs else app, self.faults, self._abort)

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self._port}"

    @property
    def log(self) -> list[tuple[str, str, int]]:
        return self._app.log

    @property
    def latency(self) -> float:
        return self._app.latency

    @latency.setter
    def latency(self, seconds: float) -> None:
        self._app.latency = seconds

    def reset(self) -> None:
        """A fresh Harbor at the same address: no objects, no sessions, no faults, an empty log."""
        self.harbor.reset()
        self._registry.clear()
        self.faults.clear()
        self.log.clear()
        self.latency = 0.0

    def start(self) -> None:
        """Listen; after a `stop` on the same port again."""
        # With the protocol named, asyncio switches Nagle off; without, each answer on a kept connection takes 40 ms.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self._port))
        self._port = listener.getsockname()[1]
        if not self.harbor.settings.external_url:
            self.harbor.settings.external_url = self.url
        certificate, key = self.tls or (None, None)
        config = uvicorn.Config(
            self._app,
            http=self._protocol(),
            ws="none",
            loop="asyncio",
            lifespan="off",
            access_log=False,
            server_header=False,
            log_level="warning",
            ssl_certfile=certificate,
            ssl_keyfile=key,
            timeout_graceful_shutdown=1,
        )
        self._uvicorn = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._uvicorn.run, kwargs={"sockets": [listener]}, daemon=True)
        self._thread.start()
        _wait_until(lambda: self._uvicorn is not None and self._uvicorn.started)

    def stop(self) -> None:
        """Stop listening and break all connections. The state stays."""
        if self._uvicorn is None or self._thread is None:
            return
        self._uvicorn.should_exit = True
        if self._loop is not None:
            for transport in list(self._transports.values()):
                self._loop.call_soon_threadsafe(reset_connection, transport)
        self._thread.join()
        self._uvicorn = self._thread = None

    def __enter__(self) -> Server:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._pause is not None:
            self._pause.join()
        self.stop()

    def _refuse(self, seconds: float) -> None:
        """Listen no more for a while: connections are refused, open ones break."""
        self.stop()

        def resume() -> None:
            time.sleep(seconds)
            self.start()

        self._pause = threading.Thread(target=resume, daemon=True)
        self._pause.start()

    def _abort(self, client: Address) -> None:
        """Called by the application, inside the loop."""
        transport = self._transports.pop(client, None)
        if transport is not None:
            reset_connection(transport)

    def _protocol(self) -> type[H11Protocol]:
        """uvicorn's protocol, with a note of which connection belongs to which client address."""
        server, transports = self, self._transports

        class Protocol(H11Protocol):
            def connection_made(self, transport: Any) -> None:
                super().connection_made(transport)
                server._loop = asyncio.get_running_loop()
                transports[transport.get_extra_info("peername")] = transport

            def connection_lost(self, exc: Exception | None) -> None:
                transports.pop(self.transport.get_extra_info("peername"), None)
                super().connection_lost(exc)

        return Protocol


def _wait_until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("the stand-in did not start")
        time.sleep(0.005)
