# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The registry API: who may, is decided here; the rest is passed through to a real registry and noted when it went well.

Blobs stream in both directions. Manifests are read, because tags live in Harbor's database: the registry gets them by digest.
"""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar
from urllib.parse import urlsplit

import httpx
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from . import content, deployment, events, scanning
from .errors import ApiError, denied, internal, not_found, precondition
from .harbor import Harbor
from .resources.immutable_rules import is_immutable
from .resources.repositories import refuse_immutable
from .security import Caller, TokenCaller
from .store import Doc, Transaction, first
from .tokens import SERVICE

T = TypeVar("T")
log = logging.getLogger("standin")
_NAME = r"(?P<name>[a-z0-9]+(?:[._/-]+[a-z0-9]+)*)"
_MANIFEST = re.compile(rf"/v2/{_NAME}/manifests/(?P<reference>[^/]+)")
_UPLOAD = re.compile(rf"/v2/{_NAME}/blobs/uploads/(?P<session>[^/]*)")
_BLOB = re.compile(rf"/v2/{_NAME}/blobs/(?P<digest>[^/]+)")
_TAGS = re.compile(rf"/v2/{_NAME}/tags/list")
_REFERRERS = re.compile(rf"/v2/{_NAME}/referrers/(?P<digest>[^/]+)")
_NEEDED = {"GET": ("pull",), "HEAD": ("pull",), "DELETE": ("delete",)}
# Headers that belong to one connection, and the credentials, which are ours towards the registry.
_NOT_PASSED = {"connection", "keep-alive", "transfer-encoding", "te", "upgrade", "authorization", "cookie", "expect"}
_NOT_PASSED_BACK = _NOT_PASSED | {"www-authenticate", "date", "server"}
# From here on Harbor warns.
_FULL_PERCENT = 85
_API_VERSION = {"Docker-Distribution-Api-Version": "registry/2.0"}


class Uploads(Protocol):
    """How many bytes each running blob upload has brought so far."""

    def add(self, session: str, size: int) -> int:
        """Count more bytes and return the sum."""
        ...

    def end(self, session: str) -> None: ...


class MemoryUploads:
    """Uploads of one process."""

    def __init__(self) -> None:
        self._sizes: dict[str, int] = {}

    def add(self, session: str, size: int) -> int:
        self._sizes[session] = self._sizes.get(session, 0) + size
        return self._sizes[session]

    def end(self, session: str) -> None:
        self._sizes.pop(session, None)


class RedisUploads:
    """Uploads of all cores: a push may change nodes between two requests."""

    LIFETIME = 86400

    def __init__(self, client: Any) -> None:
        self._client = client

    def add(self, session: str, size: int) -> int:
        key = f"upload:{session}:size"
        total = int(self._client.incrby(key, size))
        self._client.expire(key, self.LIFETIME)
        return total

    def end(self, session: str) -> None:
        self._client.delete(f"upload:{session}:size")


@dataclass
class Exchange:
    """One request to the registry API on its way."""

    harbor: Harbor
    caller: Caller
    request: Request
    path: str
    name: str = ""
    received: int = field(default=0)

    @property
    def method(self) -> str:
        return self.request.method


class RegistryProxy:
    """Serves `/v2/`."""

    def __init__(self, url: str, username: str, password: str, uploads: Uploads, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self.uploads = uploads
        timeout = httpx.Timeout(1800.0, connect=10.0)
        options: Any = {"auth": (username, password), "timeout": timeout, "trust_env": False, "transport": transport}
        self._client = httpx.AsyncClient(base_url=url, **options)

    async def __call__(self, harbor: Harbor, caller: Caller, request: Request) -> Response:
        exchange = Exchange(harbor, caller, request, request.scope["path"])
        if exchange.path == "/v2/":
            return self._base(exchange)
        if exchange.path == "/v2/_catalog":
            return await self._catalog(exchange)
        for pattern, handler in (
            (_MANIFEST, self._manifest),
            (_UPLOAD, self._upload),
            (_BLOB, self._blob),
            (_TAGS, self._tags),
            (_REFERRERS, self._referrers),
        ):
            match = pattern.fullmatch(exchange.path)
            if match:
                exchange.name = match["name"]
                refusal = await self._refuse(exchange)
                return refusal or await handler(exchange, match)
        raise not_found(f"path {exchange.path} was not found")

    def _base(self, exchange: Exchange) -> Response:
        if not exchange.caller.is_authenticated:
            return challenge(exchange, "", "unauthorized: unauthorized")
        return JSONResponse({}, headers={**_API_VERSION, "Content-Type": "application/json; charset=utf-8"})

    async def _catalog(self, exchange: Exchange) -> Response:
        if not exchange.caller.is_sysadmin:
            return challenge(exchange, "registry:catalog:*", "unauthorized to list catalog: unauthorized to list catalog")
        names = await self._read(exchange, lambda tx: sorted(row["name"] for row in tx.find("repository")))
        return JSONResponse({"repositories": names}, headers={"Content-Type": "application/json; charset=utf-8"})

    async def _refuse(self, exchange: Exchange) -> Response | None:
        """The 401 that tells a client which token to fetch, None when the caller may."""
        wanted = [(exchange.name, action) for action in _NEEDED.get(exchange.method, ("push", "pull"))]
        if "/blobs/uploads/" in exchange.path and exchange.method in ("GET", "DELETE"):
            # Looking after one's own upload is part of pushing.
            wanted = [(exchange.name, "push")]
        source = exchange.request.query_params.get("from")
        if source and exchange.method == "POST":
            wanted.append((source, "pull"))

        def missing(tx: Transaction) -> tuple[str, str] | None:
            return next((pair for pair in wanted if not may(tx, exchange.caller, *pair)), None)

        lacking = await self._read(exchange, missing)
        if lacking is None:
            return None
        scopes: dict[str, list[str]] = {}
        for name, action in wanted:
            scopes.setdefault(name, []).append(action)
        scope = " ".join(f"repository:{name}:{','.join(actions)}" for name, actions in scopes.items())
        reason = f"unauthorized to access repository: {lacking[0]}, action: {lacking[1]}"
        return challenge(exchange, scope, f"{reason}: {reason}")

    # Manifests

    async def _manifest(self, exchange: Exchange, match: re.Match[str]) -> Response:
        if exchange.method == "PUT":
            return await self._put_manifest(exchange, match["reference"])
        if exchange.method == "DELETE":
            return await self._delete_manifest(exchange, match["reference"])
        digest = await self._read(exchange, lambda tx: _pullable(tx, exchange, match["reference"])["digest"])
        response = await self._forward(exchange, path=f"/v2/{exchange.name}/manifests/{digest}")
        if exchange.method == "GET" and response.status_code == 200:
            await self._write(exchange, lambda tx: _note_pull(tx, exchange, match["reference"]))
        return response

    async def _put_manifest(self, exchange: Exchange, reference: str) -> Response:
        raw = await exchange.request.body()
        manifest = content.Manifest.parse(raw, exchange.request.headers.get("content-type", ""))

        def check(tx: Transaction) -> None:
            project = _project(tx, exchange.name)
            if project["registry_id"]:
                raise denied(f"can not push artifact to a proxy project: {project['name']}")
            _check_immutable(tx, project, exchange.name, reference)

        await self._read(exchange, check)
        pushed = {"digest": manifest.digest, **({} if ":" in reference else {"tag": reference})}
        await self._check_quota(exchange, manifest.blobs, pushed)
        path = f"/v2/{exchange.name}/manifests/{manifest.digest if ':' not in reference else reference}"
        response = await self._forward(exchange, path=path, body=raw)
        if response.status_code == 201:
            config = await self._config(exchange, manifest)
            await self._write(exchange, lambda tx: _note_push(tx, exchange, reference, manifest, config))
            if manifest.subject:
                response.headers["OCI-Subject"] = manifest.subject
        return response

    async def _delete_manifest(self, exchange: Exchange, reference: str) -> Response:
        await self._write(exchange, lambda tx: _delete(tx, exchange, reference))
        return Response(status_code=202)

    async def _config(self, exchange: Exchange, manifest: content.Manifest) -> Doc | None:
        """What the config of an image says, which Harbor shows with the artifact; None for what is no image."""
        if not manifest.is_image:
            return None
        answer = await self._client.get(f"/v2/{exchange.name}/blobs/{manifest.config_digest}")
        try:
            config = answer.json() if answer.is_success else {}
        except ValueError:
            return {}
        return config if isinstance(config, dict) else {}

    async def _check_quota(self, exchange: Exchange, blobs: dict[str, int], pushed: dict[str, str]) -> None:
        """Raise ApiError 403 when there is no room, and tell those who asked to be told."""
        try:
            await self._read(exchange, lambda tx: content.check_quota(tx, _project(tx, exchange.name), blobs))
        except ApiError as error:
            message = error.message
            await self._write(exchange, lambda tx: _tell_full(tx, exchange, message, pushed))
            raise

    # Blobs

    async def _blob(self, exchange: Exchange, match: re.Match[str]) -> Response:
        if exchange.method not in ("GET", "HEAD"):
            raise ApiError(405, "METHOD_NOT_ALLOWED", f"method {exchange.method} is not allowed, but [GET,HEAD] are")
        return await self._forward(exchange)

    async def _upload(self, exchange: Exchange, match: re.Match[str]) -> Response:
        session = match["session"]
        if exchange.method == "PUT":
            return await self._finish_upload(exchange, session)
        await self._read(exchange, lambda tx: _project(tx, exchange.name))
        response = await self._forward(exchange, stream=exchange.method == "PATCH")
        mounted = exchange.request.query_params.get("mount", "")
        if exchange.method == "POST" and response.status_code == 201 and mounted:
            await self._write(exchange, lambda tx: _note_mount(tx, exchange, mounted))
        if exchange.method == "PATCH" and response.status_code == 202:
            await run_in_threadpool(self.uploads.add, session, exchange.received)
        return response

    async def _finish_upload(self, exchange: Exchange, session: str) -> Response:
        """The last request of an upload: the size of the blob is known now, so the quota speaks here already."""
        digest = exchange.request.query_params.get("digest", "")
        announced = int(exchange.request.headers.get("content-length") or 0)
        size = announced + await run_in_threadpool(self.uploads.add, session, 0)
        await self._check_quota(exchange, {digest: size}, {})
        response = await self._forward(exchange, stream=True)
        if response.status_code == 201:
            await run_in_threadpool(self.uploads.end, session)
            total = size + max(exchange.received - announced, 0)
            await self._write(exchange, lambda tx: _note_blob(tx, exchange, digest, total))
        return response

    # Answers from the database

    async def _tags(self, exchange: Exchange, match: re.Match[str]) -> Response:
        def tags(tx: Transaction) -> list[str]:
            repository = _repository(tx, exchange.name)
            return sorted(tag["name"] for tag in tx.find("tag", repository_id=repository["id"]))

        body = {"name": exchange.name, "tags": await self._read(exchange, tags)}
        return JSONResponse(body, headers={"Content-Type": "application/json; charset=utf-8"})

    async def _referrers(self, exchange: Exchange, match: re.Match[str]) -> Response:
        def referrers(tx: Transaction) -> list[Doc]:
            repository = _repository(tx, exchange.name)
            return tx.find("artifact", repository_id=repository["id"], subject=match["digest"])

        manifests = [_descriptor(artifact) for artifact in await self._read(exchange, referrers)]
        counted = {"X-Total-Count": str(len(manifests))}
        index = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": manifests}
        return JSONResponse(index, headers={**counted, "Content-Type": str(index["mediaType"])})

    # The registry behind

    async def _forward(self, exchange: Exchange, *, path: str = "", body: bytes = b"", stream: bool = False) -> Response:
        """Send the request on and its answer back, both without keeping them in memory."""
        headers = [(name, value) for name, value in exchange.request.headers.items() if name not in _NOT_PASSED]
        headers = [*headers, ("accept-encoding", "identity")] if "accept-encoding" not in exchange.request.headers else headers
        query = exchange.request.url.query
        url = httpx.URL(path or exchange.path, query=query.encode() if query else None)
        data: Any = _counted(exchange) if stream else body or None
        outgoing = self._client.build_request(exchange.method, url, headers=headers, content=data)
        try:
            incoming = await self._client.send(outgoing, stream=True)
        except httpx.HTTPError as error:
            log.error("registry: %r", error)
            raise ApiError(502, "UNKNOWN", "internal server error") from error
        if incoming.status_code == 401:
            await incoming.aclose()
            log.error("the registry does not take the credentials REGISTRY_CREDENTIAL_USERNAME and REGISTRY_CREDENTIAL_PASSWORD")
            raise internal()
        response = StreamingResponse(incoming.aiter_raw(), incoming.status_code, background=BackgroundTask(incoming.aclose))
        for name, value in incoming.headers.multi_items():
            if name.lower() not in _NOT_PASSED_BACK:
                response.headers.append(name, value)
        return response

    async def _read(self, exchange: Exchange, function: Callable[[Transaction], T]) -> T:
        return await _in_transaction(exchange.harbor, function, write=False)

    async def _write(self, exchange: Exchange, function: Callable[[Transaction], T]) -> T:
        return await _in_transaction(exchange.harbor, function, write=True)


async def _in_transaction(harbor: Harbor, function: Callable[[Transaction], T], write: bool) -> T:
    def run() -> T:
        with harbor.store.transaction(write=write) as tx:
            return function(tx)

    return await run_in_threadpool(run) if harbor.store.blocking else run()


async def _counted(exchange: Exchange) -> AsyncIterator[bytes]:
    async for chunk in exchange.request.stream():
        exchange.received += len(chunk)
        yield chunk


def may(tx: Transaction, caller: Caller, name: str, action: str) -> bool:
    """Whether a token says so, or, for callers without one, their permissions."""
    if isinstance(caller, TokenCaller):
        return action in caller.access.get(name, frozenset())
    project = first(tx, "project", name=content.split(name)[0])
    caller.tx = tx
    return project is not None and caller.can(project, "repository", action)


def challenge(exchange: Exchange, scope: str, message: str) -> Response:
    """401 with the address of the token service: as the client sees us, or inside for those who came from inside."""
    settings = exchange.harbor.settings
    host = exchange.request.headers.get("host", "")
    inside = urlsplit(settings.core_url)
    base = settings.core_url if host == inside.netloc else f"{urlsplit(settings.external_url).scheme}://{host}"
    value = f'Bearer realm="{base}/service/token",service="{SERVICE}"' + (f',scope="{scope}"' if scope else "")
    error = ApiError(401, "UNAUTHORIZED", message)
    return JSONResponse(error.body(), 401, {**_API_VERSION, "Www-Authenticate": value, "Content-Type": "application/json; charset=utf-8"})


def _project(tx: Transaction, name: str) -> Doc:
    project = first(tx, "project", name=content.split(name)[0])
    if project is None:
        raise not_found(f"project {content.split(name)[0]} not found")
    return project


def _repository(tx: Transaction, name: str) -> Doc:
    repository = first(tx, "repository", name=name)
    if repository is None:
        raise not_found(f"repository {name} not found")
    return repository


def _artifact(tx: Transaction, name: str, reference: str) -> Doc:
    artifact = content.find_artifact(tx, _repository(tx, name), reference)
    if artifact is None:
        raise not_found(f"artifact {name}{'@' if ':' in reference else ':'}{reference} not found")
    return artifact


def _pullable(tx: Transaction, exchange: Exchange, reference: str) -> Doc:
    """An artifact that the policies of its project let out."""
    artifact = _artifact(tx, exchange.name, reference)
    agent = exchange.request.headers.get("user-agent", "")
    deployment.check(exchange.harbor, tx, exchange.caller, agent, exchange.name, artifact)
    return artifact


def _note_pull(tx: Transaction, exchange: Exchange, reference: str) -> None:
    artifact = _artifact(tx, exchange.name, reference)
    content.note_pull(tx, artifact, reference)
    events.artifact(exchange.harbor, tx, events.PULL, exchange.caller.name, artifact, reference)


def _note_push(tx: Transaction, exchange: Exchange, reference: str, manifest: content.Manifest, config: Doc | None) -> None:
    project = _project(tx, exchange.name)
    artifact = content.record_manifest(tx, project, exchange.name, reference, manifest, config)
    events.artifact(exchange.harbor, tx, events.PUSH, exchange.caller.name, artifact, reference)
    _warn(tx, exchange, project)
    for key, kind in (("auto_scan", scanning.VULNERABILITY), ("auto_sbom_generation", scanning.SBOM)):
        if project["metadata"].get(key) == "true":
            # What cannot be scanned, or is being scanned, is left alone.
            with suppress(ApiError):
                scanning.scan(exchange.harbor, tx, project, artifact, kind, exchange.caller.name)


def _delete(tx: Transaction, exchange: Exchange, reference: str) -> None:
    artifact = _artifact(tx, exchange.name, reference)
    refuse_immutable(tx, artifact)
    for row in content.with_accessories(tx, artifact):
        events.artifact(exchange.harbor, tx, events.DELETE, exchange.caller.name, row)
    content.delete_artifact(tx, artifact)


def _note_blob(tx: Transaction, exchange: Exchange, digest: str, size: int) -> None:
    project = _project(tx, exchange.name)
    content.record_blob(tx, project, digest, size)
    _warn(tx, exchange, project)


def _note_mount(tx: Transaction, exchange: Exchange, digest: str) -> None:
    known = first(tx, "blob", digest=digest)
    if known:
        content.record_blob(tx, _project(tx, exchange.name), digest, known["size"])


def _check_immutable(tx: Transaction, project: Doc, name: str, reference: str) -> None:
    """Raise ApiError 412 for a push to a tag that exists and is protected, also when it would change nothing."""
    repository = first(tx, "repository", name=name)
    tag = first(tx, "tag", repository_id=repository["id"], name=reference) if repository else None
    if tag and is_immutable(tx, project, name, reference):
        short = name.partition("/")[2]
        raise precondition(f"Failed to process request due to '{short}:{reference}' configured as immutable.")


def _tell_full(tx: Transaction, exchange: Exchange, details: str, pushed: dict[str, str]) -> None:
    project = _project(tx, exchange.name)
    if not pushed:
        _warn(tx, exchange, project)
    events.quota(exchange.harbor, tx, project, events.QUOTA_EXCEED, exchange.caller.name, exchange.name, details, **pushed)


def _warn(tx: Transaction, exchange: Exchange, project: Doc) -> None:
    """Tell that little room is left."""
    quota = first(tx, "quota", reference="project", reference_id=project["id"])
    if quota is None or quota["hard"] < 0 or quota["used"] * 100 < quota["hard"] * _FULL_PERCENT:
        return
    used, hard = content.human(quota["used"]), content.human(quota["hard"])
    details = f"quota usage reach {_FULL_PERCENT}%: resource storage used {used} of {hard}"
    events.quota(exchange.harbor, tx, project, events.QUOTA_WARNING, exchange.caller.name, exchange.name, details)


def _descriptor(artifact: Doc) -> dict[str, Any]:
    return {
        "mediaType": artifact["manifest_media_type"],
        "digest": artifact["digest"],
        "size": artifact["blobs"][artifact["digest"]],
        "artifactType": artifact["artifact_type"],
    }
