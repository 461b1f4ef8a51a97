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

from .mapping import Mapping

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


# The digests of what the clients pushed.
_RECORDED = {
    "image": "c651770933e64782e9cd7c906ad26e983402431cd0e6497d3fbdd5af610a77af",
    "sig": "3d3061779b57f60551acb0cd06bd4f99a1e3274c52af36ce591cc48311d2f5c6",
    "subject": "2c9670fe66e0ef774406ab8f0ffd3d5b1298e9b19e497cd2ea64250f711034dd",
    "att": "df81824fab24b2ff676247e62fccf609fac3d3a58f588492151544df179f51f9",
    "oras": "7157fd86c98526b8c127a792a1fead2ed03dd0b7cf8c43dd5a2f7470d5ffa9fd",
    "attached": "d5c5fbcfbb598c582155e366dda760e43da8cac43a0404c0ff54a63dda4c3b49",
}


def before(url: str, name: str, mapping: Mapping) -> None:
    """Do what the clients did before an exchange, and let `mapping` know the digests."""
    done = {
        "accessories after cosign sign (tag scheme)": _copy_and_sign,
        "accessories after cosign sign (oci-1-1)": _sign_by_subject,
        "repositories": _attest_and_attach,
    }.get(name)
    if done is not None:
        for key, digest in done(_Client(url)).items():
            mapping.learn(_RECORDED[key], digest.removeprefix("sha256:"))


def _copy_and_sign(client: _Client) -> dict[str, str]:
    client.image("cli/app")
    image = client.image("cli/app2")
    return {"image": image, "sig": client.push("cli/app", _tag(image, "sig"), _NO_CONFIG, _COSIGN_LAYER, 1029)}


def _sign_by_subject(client: _Client) -> dict[str, str]:
    config_type = "application/vnd.dev.cosign.artifact.sig.v1+json"
    image = client.image("cli/app")
    return {"subject": client.push("cli/app", "", {}, _COSIGN_LAYER, 1199, config_type=config_type, subject=image)}


def _attest_and_attach(client: _Client) -> dict[str, str]:
    image = client.image("cli/app")
    att = client.push("cli/app", _tag(image, "att"), _NO_CONFIG, "application/vnd.dsse.envelope.v1+json", 1349)
    made: dict[str, Any] = {"annotations": {"org.opencontainers.image.created": "2026-11-24T05:38:54Z"}}
    made |= {"config_type": _EMPTY}
    root = client.push("cli/oras", "v1", {}, "text/plain", 554, artifact_type="application/vnd.lab.config", **made)
    note = client.push("cli/oras", "", {}, "text/plain", 712, artifact_type="application/vnd.lab.note", subject=root, **made)
    return {"att": att, "oras": root, "attached": note}


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
