# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What skopeo, cosign and oras pushed between the recorded exchanges of `clients`: their own traffic was not recorded.

Manifests of the same make: media types, configs, subjects, tags, sizes. Signatures are made of chance, so digests are others.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

import requests

STORY = "clients"
AUTH = ("admin", "Harbor12345")
_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_IMAGE_CONFIG = "application/vnd.oci.image.config.v1+json"
_EMPTY = "application/vnd.oci.empty.v1+json"
_LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
_COSIGN_LAYER = "application/vnd.dev.cosign.simplesigning.v1+json"
_ROOTFS = {"type": "layers", "diff_ids": [f"sha256:{'1' * 64}"]}
_CONFIG = {"architecture": "amd64", "os": "linux", "author": "lab", "created": "2026-11-24T00:00:00Z", "rootfs": _ROOTFS}
_NO_CONFIG = {"architecture": "", "author": "", "created": "0001-01-01T00:00:00Z", "os": "", "rootfs": _ROOTFS, "config": {}}


def before(url: str, name: str) -> None:
    """Do what the clients did before an exchange."""
    done = {
        "accessories after cosign sign (tag scheme)": _copy_and_sign,
        "accessories after cosign sign (oci-1-1)": _sign_by_subject,
        "repositories": _attest_and_attach,
    }.get(name)
    if done is not None:
        done(_Client(url))


def _copy_and_sign(client: _Client) -> None:
    client.image("cli/app")
    image = client.image("cli/app2")
    client.push("cli/app", _tag(image, "sig"), _NO_CONFIG, _COSIGN_LAYER, 1029)


def _sign_by_subject(client: _Client) -> None:
    config_type = "application/vnd.dev.cosign.artifact.sig.v1+json"
    client.push("cli/app", "", {}, _COSIGN_LAYER, 1199, config_type=config_type, subject=client.image("cli/app"))


def _attest_and_attach(client: _Client) -> None:
    image = client.image("cli/app")
    client.push("cli/app", _tag(image, "att"), _NO_CONFIG, "application/vnd.dsse.envelope.v1+json", 1349)
    made = {"annotations": {"org.opencontainers.image.created": "2026-11-24T05:38:54Z"}}
    root = client.push("cli/oras", "v1", {}, "text/plain", 554, config_type=_EMPTY, artifact_type="application/vnd.lab.config", **made)
    client.push("cli/oras", "", {}, "text/plain", 712, config_type=_EMPTY, artifact_type="application/vnd.lab.note", subject=root, **made)


def _tag(digest: str, suffix: str) -> str:
    return f"{digest.replace(':', '-')}.{suffix}"


class _Client:
    """Pushes to `/v2/` of a server."""

    def __init__(self, url: str) -> None:
        self._url = url

    def image(self, repository: str) -> str:
        """The signed image; pushing it again changes nothing."""
        return self.push(repository, "v1", {**_CONFIG, "config": {"Labels": {"seed": "cli"}}}, _LAYER, 10987)

    def push(
        self,
        repository: str,
        tag: str,
        config: dict[str, Any],
        layer_type: str,
        size: int,
        *,
        config_type: str = _IMAGE_CONFIG,
        artifact_type: str = "",
        subject: str = "",
        annotations: dict[str, str] | None = None,
    ) -> str:
        """Push an artifact of this size, its manifest included, and return its digest. Without a tag it goes by its digest."""
        config_blob = _json(config)
        missing, layer_size = size, 0
        while missing:
            # Longer sizes take more room themselves: a few rounds find the one that fits.
            layer_size += missing
            layer_blob = b"x" * layer_size
            body: dict[str, Any] = {"schemaVersion": 2, "mediaType": _MANIFEST}
            body |= {"artifactType": artifact_type} if artifact_type else {}
            body |= {"config": _descriptor(config_type, config_blob), "layers": [_descriptor(layer_type, layer_blob)]}
            body |= {"subject": {"mediaType": _MANIFEST, "digest": subject, "size": 402}} if subject else {}
            body |= {"annotations": annotations} if annotations else {}
            raw = _json(body)
            missing = size - len(config_blob) - len(layer_blob) - len(raw)
        for blob in (config_blob, layer_blob):
            self._upload(repository, blob)
        self._put(f"/v2/{repository}/manifests/{tag or _digest(raw)}", raw)
        return _digest(raw)

    def _upload(self, repository: str, blob: bytes) -> None:
        started = requests.post(f"{self._url}/v2/{repository}/blobs/uploads/", auth=AUTH, timeout=30)
        started.raise_for_status()
        path = started.headers["Location"].partition("/v2/")[2]
        sign = "&" if "?" in path else "?"
        answer = requests.put(f"{self._url}/v2/{path}{sign}digest={_digest(blob)}", data=blob, auth=AUTH, timeout=30)
        answer.raise_for_status()

    def _put(self, path: str, raw: bytes) -> None:
        answer = requests.put(self._url + path, data=raw, headers={"Content-Type": _MANIFEST}, auth=AUTH, timeout=30)
        answer.raise_for_status()


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _digest(blob: bytes) -> str:
    return "sha256:" + hashlib.sha256(blob).hexdigest()


def _descriptor(media_type: str, blob: bytes) -> dict[str, Any]:
    return {"mediaType": media_type, "digest": _digest(blob), "size": len(blob)}
