# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A registry client over HTTP as docker's: token by challenge, blobs in chunks, its retries; every request is recorded.

It needs the standard library alone, so that it also runs on a machine that has nothing else. One `Client` belongs to one thread.
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import os
import re
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
CONFIG = "application/vnd.docker.container.image.v1+json"
LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"
CHUNK = 256 * 1024
# docker asks three kinds of questions again: what it reads, and blobs in either direction; each next time it waits as long again.
ATTEMPTS = 5
WAIT = 5.0
# What Go's dialler sets (net.KeepAliveConfig), and so docker: seconds of silence, seconds between questions, and how many of them.
KEEPALIVE = {socket.TCP_KEEPIDLE: 15, socket.TCP_KEEPINTVL: 15, socket.TCP_KEEPCNT: 9}


class Failed(Exception):
    """A request was refused, or got no answer; the text says which and why."""


@dataclass(frozen=True)
class Image:
    """An image of one layer with content of its own."""

    config: bytes
    layer: bytes
    manifest: bytes

    @property
    def digest(self) -> str:
        return digest_of(self.manifest)


@dataclass(frozen=True)
class Answer:
    """Status, headers in lower case, and the body."""

    status: int
    headers: dict[str, str]
    body: bytes


def digest_of(content: bytes) -> str:
    """The digest by which a registry knows some content."""
    return "sha256:" + hashlib.sha256(content).hexdigest()


def build(size: int) -> Image:
    """Make an image with a layer of `size` bytes that no other image has."""
    pattern = os.urandom(min(size, 65536))
    layer = (pattern * (size // len(pattern) + 1))[:size] if size else b""
    config = json.dumps(
        {
            "architecture": "amd64",
            "os": "linux",
            "config": {"Cmd": ["/bin/true"]},
            "rootfs": {"type": "layers", "diff_ids": [digest_of(layer)]},
            "history": [{"created": "2026-01-01T00:00:00Z", "created_by": "COPY / /"}],
        }
    ).encode()
    manifest = json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": {"mediaType": CONFIG, "size": len(config), "digest": digest_of(config)},
            "layers": [{"mediaType": LAYER, "size": len(layer), "digest": digest_of(layer)}],
        }
    ).encode()
    return Image(config, layer, manifest)


class Client:
    """Pushes and pulls. `record` gets {start, end, method, path, status or error} of every request; times are seconds since 1970."""

    def __init__(
        self,
        url: str,
        username: str,
        password: str,
        *,
        ca: str = "",
        attempts: int = 1,
        wait: float = WAIT,
        timeout: float = 15.0,
        record: Callable[[dict[str, Any]], None] = lambda entry: None,
    ) -> None:
        self.base = urlsplit(url)
        self.attempts, self.wait, self.timeout, self.record = attempts, wait, timeout, record
        self._basic = "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()
        self._context = ssl.create_default_context(cafile=ca or None)
        self._connections: dict[str, http.client.HTTPConnection] = {}
        self._token = ""

    def push(self, repository: str, tag: str, image: Image) -> None:
        """Push an image; it is acknowledged when this returns. Raises Failed."""
        self._again(self._authorize, f"repository:{repository}:pull,push")
        for blob in (image.layer, image.config):
            self._again(self._upload, repository, blob)
        self._ask("PUT", f"/v2/{repository}/manifests/{tag}", image.manifest, {"Content-Type": MANIFEST}, good=(201,))

    def pull(self, repository: str, digest: str) -> int:
        """Pull an image by its digest, compare every digest, and return the bytes. Raises Failed."""
        self._again(self._authorize, f"repository:{repository}:pull")
        manifest = self._again(self._read, repository, f"manifests/{digest}", digest)
        described = json.loads(manifest)
        blobs = [described["config"], *described["layers"]]
        return len(manifest) + sum(len(self._again(self._read, repository, f"blobs/{one['digest']}", one["digest"])) for one in blobs)

    def close(self) -> None:
        """End all connections."""
        while self._connections:
            self._connections.popitem()[1].close()

    def _again(self, work: Callable[..., bytes], *arguments: Any) -> bytes:
        """Attempt something as often as allowed, as docker does: it waits 5 s, then 10 s, 15 s, 20 s."""
        for attempt in range(1, self.attempts + 1):
            try:
                return work(*arguments)
            except Failed:
                if attempt == self.attempts:
                    raise
                time.sleep(self.wait * attempt)
        raise AssertionError("at least one attempt")

    def _authorize(self, scope: str) -> bytes:
        """Ask as docker does at the beginning of each push and pull: the registry's challenge says where tokens are to be had."""
        self._token = ""
        told = self._exchange("GET", "/v2/", None, {})
        if told.status == 200:
            return b""
        challenge = dict(re.findall(r'(\w+)="([^"]*)"', told.headers.get("www-authenticate", "")))
        if told.status != 401 or "realm" not in challenge:
            raise Failed(f"GET /v2/: {told.status} {_text(told)}")
        query = urlencode({"service": challenge.get("service", ""), "scope": scope, "account": "docker"})
        answer = self._exchange("GET", f"{challenge['realm']}?{query}", None, {"Authorization": self._basic})
        if answer.status != 200:
            raise Failed(f"GET {_shown(challenge['realm'])}: {answer.status} {_text(answer)}")
        self._token = str(json.loads(answer.body)["token"])
        return b""

    def _upload(self, repository: str, blob: bytes) -> bytes:
        digest = digest_of(blob)
        if self._ask("HEAD", f"/v2/{repository}/blobs/{digest}", good=(200, 404)).status == 200:
            return b""
        begun = self._ask("POST", f"/v2/{repository}/blobs/uploads/", b"", good=(202,))
        sent = self._ask("PATCH", begun.headers["location"], blob, {"Content-Type": "application/octet-stream"}, good=(202,))
        where = sent.headers["location"]
        self._ask("PUT", f"{where}{'&' if '?' in where else '?'}{urlencode({'digest': digest})}", b"", good=(201,))
        return b""

    def _read(self, repository: str, what: str, digest: str) -> bytes:
        answer = self._ask("GET", f"/v2/{repository}/{what}", headers={"Accept": MANIFEST}, good=(200,))
        if digest_of(answer.body) != digest:
            raise Failed(f"GET {what} of {repository}: the content is {digest_of(answer.body)}")
        return answer.body

    def _ask(
        self, method: str, url: str, body: bytes | None = None, headers: dict[str, str] | None = None, *, good: tuple[int, ...]
    ) -> Answer:
        """Send one request with the token, and follow a redirection to the storage."""
        answer = self._exchange(method, url, body, {**(headers or {}), **self._bearer()})
        if answer.status in (302, 307) and method == "GET":
            answer = self._exchange(method, answer.headers["location"], None, {})
        if answer.status not in good:
            raise Failed(f"{method} {_shown(url)}: {answer.status} {_text(answer)}")
        return answer

    def _bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"} if self._token else {}

    def _exchange(self, method: str, url: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        """One request on a kept connection. One that the server had closed meanwhile is opened anew, as every HTTP library does."""
        split = urlsplit(url)
        server = f"{split.scheme or self.base.scheme}://{split.netloc or self.base.netloc}"
        path = split.path + (f"?{split.query}" if split.query else "")
        kept = server in self._connections
        begun = time.time()
        entry: dict[str, Any] = {"start": begun, "method": method, "path": _shown(url), "bytes": len(body or b"")}
        try:
            try:
                answer = self._send(server, method, path, body, headers)
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                if not kept or body or time.time() - begun > 1:
                    raise
                self._drop(server)
                answer = self._send(server, method, path, body, headers)
        except (OSError, http.client.HTTPException) as error:
            self._drop(server)
            self.record({**entry, "end": time.time(), "error": f"{type(error).__name__}: {error}"})
            raise Failed(f"{method} {_shown(url)}: {type(error).__name__}: {error}") from error
        self.record({**entry, "end": time.time(), "status": answer.status})
        return answer

    def _send(self, server: str, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        connection = self._connections.get(server) or self._connect(server)
        chunked = method == "PATCH" and body is not None
        sent = {**headers, **({"Transfer-Encoding": "chunked"} if chunked else {})}
        connection.request(method, path, _pieces(body) if chunked and body is not None else body, sent, encode_chunked=chunked)
        response = connection.getresponse()
        content = response.read()
        if response.will_close:
            self._drop(server)
        return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, content)

    def _connect(self, server: str) -> http.client.HTTPConnection:
        split = urlsplit(server)
        host = split.hostname or ""
        if split.scheme == "https":
            connection: http.client.HTTPConnection = http.client.HTTPSConnection(
                host, split.port, timeout=self.timeout, context=self._context
            )
        else:
            connection = http.client.HTTPConnection(host, split.port, timeout=self.timeout)
        self._connections[server] = connection
        connection.connect()
        connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option, value in KEEPALIVE.items():
            connection.sock.setsockopt(socket.IPPROTO_TCP, option, value)
        return connection

    def _drop(self, server: str) -> None:
        connection = self._connections.pop(server, None)
        if connection is not None:
            connection.close()


def _pieces(body: bytes) -> Iterator[bytes]:
    """What chunked sending takes; an empty body has no piece."""
    for begin in range(0, len(body), CHUNK):
        yield body[begin : begin + CHUNK]


def _text(answer: Answer) -> str:
    """The beginning of what a server said."""
    return answer.body[:200].decode(errors="replace")


def _shown(url: str) -> str:
    """The path alone: queries carry the state of uploads and signatures."""
    return urlsplit(url).path
