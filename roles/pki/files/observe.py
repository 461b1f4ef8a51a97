# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Print as JSON what the role asks about all keys and certificates of a host, in one call.

Arguments: the directory, and the names. The answer, null for what is not there or is none:
{name: {"certificate": PEM, "curve": name of the key's curve, "public_key": SHA-256 of the public key, hexadecimal}}

Runs on the managed node, with the library that the role installs. No private key leaves it.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

# The form that the role asks for; a key in another one is written anew.
PKCS8 = b"-----BEGIN PRIVATE KEY-----"


def content(path: Path) -> bytes:
    """What is in a file; nothing when there is none."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


def look(directory: Path, name: str) -> dict[str, str | None]:
    """What there is under a name."""
    certificate = content(directory / f"{name}.crt").decode(errors="replace")
    found: dict[str, str | None] = {"certificate": certificate or None, "curve": None, "public_key": None}
    written = content(directory / f"{name}.key")
    try:
        key = load_pem_private_key(written, None)
    except (ValueError, TypeError):
        return found
    if isinstance(key, EllipticCurvePrivateKey) and written.startswith(PKCS8):
        found["curve"] = key.curve.name
    der = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    found["public_key"] = hashlib.sha256(der).hexdigest()
    return found


if __name__ == "__main__":
    json.dump({name: look(Path(sys.argv[1]), name) for name in sys.argv[2:]}, sys.stdout)
