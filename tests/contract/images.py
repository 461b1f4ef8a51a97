# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was pushed in the story `artifacts`: of images only manifests were recorded, and not of all of them.

Each blob is replaced by one of the same size, a config by what the answers show of it. So digests are others, and are mapped.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import requests

from .mapping import Mapping

STORY = "artifacts"
AUTH = ("admin", "Harbor12345")
_OCI = "application/vnd.oci.image"
_MANIFEST, _CONFIG = f"{_OCI}.manifest.v1+json", f"{_OCI}.config.v1+json"
_LAYER = f"{_OCI}.layer.v1.tar+gzip"
_EMPTY = "application/vnd.oci.empty.v1+json"
_HISTORY = [{"created": "2026-11-24T00:00:00Z", "created_by": "lab"}]
# What the recorded scanner found in one image.
_NO_SCORE = {"score_v3": None, "score_v2": None, "vector_v3": "", "vector_v2": ""}
FINDINGS = (
    {
        "id": "CVE-2026-0001",
        "package": "openssl",
        "version": "3.0.1",
        "fix_version": "3.0.2",
        "severity": "Critical",
        "status": "fixed",
        "description": "lab finding one",
        "links": ["https://example.com/CVE-2026-0001"],
        "preferred_cvss": {**_NO_SCORE, "score_v3": 9.8, "vector_v3": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"},
        "cwe_ids": ["CWE-787"],
    },
    {
        "id": "CVE-2026-0002",
        "package": "zlib",
        "version": "1.2.11",
        "severity": "Medium",
        "status": "affected",
        "description": "lab finding two",
        "links": ["https://example.com/CVE-2026-0002"],
    },
    {
        "id": "CVE-2026-0003",
        "package": "busybox",
        "version": "1.36.0",
        "fix_version": "1.36.1",
        "severity": "Low",
        "description": "lab finding three",
    },
)
SBOM = json.dumps({"spdxVersion": "SPDX-2.3"}).ljust(518)


@dataclass(frozen=True)
class Push:
    """A push that was not recorded: where to, the digest that the answers show later (empty: none does), the size of it all."""

    repository: str
    reference: str
    digest: str
    size: int
    config_type: str = _CONFIG
    artifact_type: str = ""
    layer_type: str = _LAYER


# Before the exchange of this number.
_UNRECORDED = {
    32: (Push("art/team/svc", "v1", "0023c20709b9cdb784bdfb52e87282e1d1dc7ed1ead22381350da13059c7119b", 10987),),
    61: (
        Push(
            "art/generic",
            "g1",
            "8b00c6fa0484ca6c3d7338c6409586fcddd743bdeffcd35440cc53fae295123c",
            416,
            _EMPTY,
            "application/vnd.example.config",
            "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
        ),
    ),
    83: (
        Push("art/slow", "v1", "cecb2e289b2e8885743f7d416bda256c42486fedb0efd2ff25150cdad78ca0ea", 10988),
        Push("art/broken", "v1", "120237fcd3e658852fdadc756d4cb8660c59b64d6919e84f85063437c7a9071b", 10990),
    ),
    90: (
        Push("art/multi", "", "3ad445eb09730e9dd3f7239cb956f31d8df5eb19d0dcac882a96d77d664e04a6", 10989),
        Push("art/multi", "", "b3b3577e52f37bc1838d4cfcf77e8911febdd8ad61629b9bddbb27568450be0d", 10989),
    ),
    100: (Push("art/unscanned", "v1", "456a233c2314c8f011733376d564aeb75b8d1fb240879cd362082502f52ea75a", 10993),),
}


class Images:
    """Pushes for one replay of the story."""

    def __init__(self, url: str, lines: list[str]) -> None:
        self._url = url
        # Of an image's config the answers show these parts, by the digest of the image.
        self._shown = dict(_attributes(json.loads(line)["response"].get("json") for line in lines))

    def before(self, number: int, mapping: Mapping) -> None:
        """Do the pushes that nobody recorded."""
        for push in _UNRECORDED.get(number, ()):
            raw, blobs = self._image(push)
            mapping.learn(push.digest, _hex(raw))
            self._push(push.repository, push.reference or f"sha256:{_hex(raw)}", raw, blobs)

    def manifest(self, exchange: dict[str, Any], mapping: Mapping) -> bytes:
        """The body of a recorded push of a manifest, with blobs that exist; they are pushed when the recording says they were."""
        recorded = base64.b64decode(exchange["request"]["text"].removeprefix("base64:"))
        if "/manifests/" not in exchange["request"]["path"]:
            return recorded
        body, blobs = json.loads(recorded), []
        for part in [body.get("config"), *body.get("layers", [])]:
            if part:
                blob = self._blob(part, _hex(recorded) if part is body["config"] else "")
                mapping.learn(part["digest"].removeprefix("sha256:"), _hex(blob))
                blobs.append(blob)
        raw = mapping.text(recorded.decode()).encode()
        mapping.learn(_hex(recorded), _hex(raw))
        if "blob statuses" in exchange["name"]:
            repository = exchange["request"]["path"].removeprefix("/v2/").partition("/manifests/")[0]
            for blob in blobs:
                self._upload(repository, blob)
        return raw

    def _blob(self, part: dict[str, Any], image: str) -> bytes:
        """A blob for a part of a manifest: JSON for a config, filled up to its size."""
        if not image:
            return (part["digest"] * (part["size"] // 64 + 1))[: part["size"]].encode()
        config = self._config(image)
        return (config if len(config) <= part["size"] else b"{}").ljust(part["size"])

    def _config(self, image: str) -> bytes:
        shown = self._shown.get(image)
        # One that no answer shows still is another one than all others: quotas count each blob once.
        return json.dumps({**shown, "history": _HISTORY} if shown else {"image": image}).encode()

    def _image(self, push: Push) -> tuple[bytes, list[bytes]]:
        if push.config_type == _EMPTY:
            return self._generic(push)
        config = self._config(push.digest).ljust(321)
        size = push.size
        while True:
            layer = push.digest.encode() * (size // 64 + 1)
            blobs = [config, layer[:size]]
            body: dict[str, Any] = {"schemaVersion": 2, "mediaType": _MANIFEST}
            body |= {"artifactType": push.artifact_type} if push.artifact_type else {}
            body |= {"config": _descriptor(push.config_type, config), "layers": [_descriptor(push.layer_type, blobs[1])]}
            raw = json.dumps(body, separators=(",", ":")).encode()
            surplus = len(raw) + sum(map(len, blobs)) - push.size
            if not surplus:
                return raw, blobs
            size -= surplus

    @staticmethod
    def _generic(push: Push) -> tuple[bytes, list[bytes]]:
        """What is no image. Four bytes of it are in no quota of the recording: so its layer is of the kind that quotas leave out."""
        config, layer = b"{}", b"data"
        body = {"schemaVersion": 2, "artifactType": push.artifact_type, "config": _descriptor(push.config_type, config)}
        raw = json.dumps({**body, "layers": [_descriptor(push.layer_type, layer)]}, separators=(",", ":")).encode()
        return raw.ljust(push.size - len(config) - len(layer)), [config]

    def _push(self, repository: str, reference: str, raw: bytes, blobs: list[bytes]) -> None:
        for blob in blobs:
            self._upload(repository, blob)
        url = f"{self._url}/v2/{repository}/manifests/{reference}"
        requests.put(url, data=raw, headers={"Content-Type": _MANIFEST}, auth=AUTH, timeout=30).raise_for_status()

    def _upload(self, repository: str, blob: bytes) -> None:
        begun = requests.post(f"{self._url}/v2/{repository}/blobs/uploads/", auth=AUTH, timeout=30)
        path = begun.headers["Location"].partition("/v2/")[2]
        # Whether it fits into the quota is what some exchanges are about: no answer is wrong here.
        requests.put(f"{self._url}/v2/{path}&digest=sha256:{_hex(blob)}", data=blob, auth=AUTH, timeout=30)


def _hex(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def _descriptor(media_type: str, blob: bytes) -> dict[str, Any]:
    return {"mediaType": media_type, "digest": f"sha256:{_hex(blob)}", "size": len(blob)}


def _attributes(values: Iterator[Any] | list[Any] | Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """The digest and the shown config of each image in answers."""
    for value in values:
        if isinstance(value, list):
            yield from _attributes(value)
        elif isinstance(value, dict) and "extra_attrs" in value and "digest" in value:
            yield value["digest"].removeprefix("sha256:"), value["extra_attrs"]
