# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A registry in memory, for the stand-in without containers: what docker/distribution does for core, as far as core asks it.

It knows nobody: core stands before it. Blobs are shared by all repositories, manifests are kept by digest.
"""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from .content import FOREIGN_LAYER

_NAME = r"/v2/(?P<name>.+)"
_MANIFEST = re.compile(rf"{_NAME}/manifests/(?P<digest>[^/]+)")
_UPLOAD = re.compile(rf"{_NAME}/blobs/uploads/(?P<session>[^/]*)")
_BLOB = re.compile(rf"{_NAME}/blobs/(?P<digest>[^/]+)")
_DIGEST = "Docker-Content-Digest"
# A registry denies that it has a manifest whose type is not named.
_MEDIA_TYPES = ", ".join(
    f"application/vnd.{kind}+json"
    for kind in (
        "oci.image.manifest.v1",
        "oci.image.index.v1",
        "docker.distribution.manifest.v2",
        "docker.distribution.manifest.list.v2",
    )
)


class Registry(Protocol):
    """What core does itself with the registry behind it, besides passing requests through."""

    def keep(self, name: str, digest: str, media_type: str, manifest: bytes, blobs: Mapping[str, bytes]) -> None:
        """Store a manifest and its blobs."""
        ...

    def blob(self, name: str, digest: str) -> bytes:
        """A blob; empty when there is none."""
        ...

    def copy(self, source: str, target: str, digest: str, blobs: Iterable[str]) -> None:
        """Let a manifest and the blobs that it needs be found in another repository."""
        ...


class MemoryRegistry:
    """An ASGI application. `base` tells the address that clients see, which Location headers begin with."""

    def __init__(self, base: Callable[[], str]) -> None:
        self._base = base
        self.blobs: dict[str, bytes] = {}
        self.manifests: dict[str, tuple[str, bytes]] = {}
        self._uploads: dict[str, bytes] = {}

    def clear(self) -> None:
        self.blobs.clear()
        self.manifests.clear()
        self._uploads.clear()

    def keep(self, name: str, digest: str, media_type: str, manifest: bytes, blobs: Mapping[str, bytes]) -> None:
        self.blobs.update(blobs)
        self.manifests[digest] = (media_type, manifest)

    def blob(self, name: str, digest: str) -> bytes:
        return self.blobs.get(digest, b"")

    def copy(self, source: str, target: str, digest: str, blobs: Iterable[str]) -> None:
        """Nothing to do: here all repositories share everything."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        response = await self._answer(request)
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        path = request.scope["path"]
        for pattern, handler in ((_MANIFEST, self._manifest), (_UPLOAD, self._upload), (_BLOB, self._blob)):
            match = pattern.fullmatch(path)
            if match:
                return await handler(request, match)
        return _error(404, "NAME_UNKNOWN", f"path {path} not known")

    async def _manifest(self, request: Request, match: re.Match[str]) -> Response:
        digest = match["digest"]
        if request.method == "PUT":
            return await self._put_manifest(request, match["name"], digest)
        found = self.manifests.get(digest)
        if found is None:
            return _error(404, "MANIFEST_UNKNOWN", "manifest unknown")
        media_type, raw = found
        headers = {_DIGEST: digest, "ETag": f'"{digest}"', "Content-Type": media_type, "Content-Length": str(len(raw))}
        return Response(raw if request.method == "GET" else b"", headers=headers)

    async def _put_manifest(self, request: Request, name: str, reference: str) -> Response:
        raw = await request.body()
        digest = _digest(raw)
        if reference.startswith("sha256:") and reference != digest:
            return _error(400, "DIGEST_INVALID", "provided digest did not match uploaded content")
        body = json.loads(raw)
        parts = [body.get("config") or {}, *(body.get("layers") or [])]
        stored = [part for part in parts if part and part.get("mediaType") != FOREIGN_LAYER]
        missing = [part["digest"] for part in stored if part["digest"] not in self.blobs]
        missing += [child["digest"] for child in body.get("manifests") or [] if child["digest"] not in self.manifests]
        if missing:
            return _error(404, "MANIFEST_BLOB_UNKNOWN", f"blob unknown to registry: {missing[0]}")
        self.manifests[digest] = (request.headers.get("content-type") or body.get("mediaType", ""), raw)
        return Response(status_code=201, headers={"Location": f"{self._base()}/v2/{name}/manifests/{digest}", _DIGEST: digest})

    async def _blob(self, request: Request, match: re.Match[str]) -> Response:
        digest = match["digest"]
        blob = self.blobs.get(digest)
        if blob is None:
            return _error(404, "BLOB_UNKNOWN", "blob unknown to registry")
        headers = {_DIGEST: digest, "ETag": f'"{digest}"', "Content-Type": "application/octet-stream", "Content-Length": str(len(blob))}
        return Response(blob if request.method == "GET" else b"", headers=headers)

    async def _upload(self, request: Request, match: re.Match[str]) -> Response:
        name, session = match["name"], match["session"]
        if request.method == "POST":
            mounted = request.query_params.get("mount", "")
            if mounted in self.blobs:
                return self._stored(name, mounted)
            session = str(uuid.uuid4())
            self._uploads[session] = b""
        if session not in self._uploads:
            return _error(404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry")
        self._uploads[session] += await request.body()
        digest = request.query_params.get("digest")
        if digest and request.method in ("PUT", "POST"):
            return self._finish(name, session, digest)
        return self._running(name, session)

    def _finish(self, name: str, session: str, digest: str) -> Response:
        blob = self._uploads.pop(session)
        if _digest(blob) != digest:
            return _error(400, "DIGEST_INVALID", "provided digest did not match uploaded content")
        self.blobs[digest] = blob
        return self._stored(name, digest)

    def _stored(self, name: str, digest: str) -> Response:
        return Response(status_code=201, headers={"Location": f"{self._base()}/v2/{name}/blobs/{digest}", _DIGEST: digest})

    def _running(self, name: str, session: str) -> Response:
        location = f"{self._base()}/v2/{name}/blobs/uploads/{session}?_state={uuid.uuid4().hex}"
        end = max(len(self._uploads[session]) - 1, 0)
        return Response(status_code=202, headers={"Location": location, "Range": f"0-{end}", "Docker-Upload-UUID": session})


class RemoteRegistry:
    """The registry of the containers."""

    def __init__(self, url: str, username: str, password: str) -> None:
        self._client = httpx.Client(base_url=url, auth=(username, password), timeout=60, trust_env=False)

    def keep(self, name: str, digest: str, media_type: str, manifest: bytes, blobs: Mapping[str, bytes]) -> None:
        for blob_digest, blob in blobs.items():
            begun = self._client.post(f"/v2/{name}/blobs/uploads/").raise_for_status()
            location = begun.headers["Location"]
            sign = "&" if "?" in location else "?"
            self._client.put(f"{location}{sign}digest={blob_digest}", content=blob).raise_for_status()
        headers = {"Content-Type": media_type}
        self._client.put(f"/v2/{name}/manifests/{digest}", content=manifest, headers=headers).raise_for_status()

    def blob(self, name: str, digest: str) -> bytes:
        answer = self._client.get(f"/v2/{name}/blobs/{digest}")
        return answer.content if answer.is_success else b""

    def copy(self, source: str, target: str, digest: str, blobs: Iterable[str]) -> None:
        for blob in blobs:
            self._client.post(f"/v2/{target}/blobs/uploads/", params={"mount": blob, "from": source}).raise_for_status()
        found = self._client.get(f"/v2/{source}/manifests/{digest}", headers={"Accept": _MEDIA_TYPES}).raise_for_status()
        headers = {"Content-Type": found.headers["Content-Type"]}
        self._client.put(f"/v2/{target}/manifests/{digest}", content=found.content, headers=headers).raise_for_status()


def _digest(raw: bytes) -> str:
    return "sha256:" + hashlib.sha256(raw).hexdigest()


def _error(status: int, code: str, message: str) -> Response:
    return JSONResponse({"errors": [{"code": code, "message": message}]}, status)
