# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role pki sees of keys and certificates before it makes any."""

from __future__ import annotations

import hashlib
import importlib.util
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

FILE = Path(__file__).resolve().parent.parent.parent / "roles/pki/files/observe.py"
SPEC = importlib.util.spec_from_file_location("pki_observe", FILE)
assert SPEC and SPEC.loader
observe = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(observe)

EC, RSA = ec.generate_private_key(ec.SECP256R1()), rsa.generate_private_key(65537, 2048)


def written(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, form: PrivateFormat = PrivateFormat.PKCS8) -> bytes:
    """A key as a file has it."""
    return key.private_bytes(Encoding.PEM, form, NoEncryption())


def test_a_key_is_known_by_curve_and_public_part(tmp_path: Path) -> None:
    (tmp_path / "node.key").write_bytes(written(EC))
    (tmp_path / "node.crt").write_text("certificate")
    der = EC.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    expected = {"certificate": "certificate", "curve": "secp256r1", "public_key": hashlib.sha256(der).hexdigest()}
    assert observe.look(tmp_path, "node") == expected


@pytest.mark.parametrize(
    "content", [None, b"", b"half a ke", written(EC)[:100], written(EC, PrivateFormat.TraditionalOpenSSL), written(RSA)]
)
def test_a_key_that_is_not_as_wanted_has_no_curve(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "node.key").write_bytes(content)
    seen = observe.look(tmp_path, "node")
    assert (seen["curve"], seen["certificate"]) == (None, None)
