# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hash a password with bcrypt without a library that Ansible does not bring."""

from __future__ import annotations

import base64
import ctypes
import os
import re

from ansible.errors import AnsibleFilterError

DOCUMENTATION = r"""
name: bcrypt_hash
short_description: bcrypt hash of a password
version_added: 0.1.0
author: dockmaster.harbor contributors
description:
  - Hashes a password for files of the htpasswd kind that know bcrypt only, such as the one of Harbor's registry.
  - C(ansible.builtin.password_hash) needs passlib for that up to ansible-core 2.20. This filter uses the Python library C(bcrypt) where it
    is installed and the system's libcrypt otherwise.
  - A new salt is taken on each call, so keep the result.
options:
  _input:
    description: The password, at most 72 bytes.
    type: str
    required: true
  cost:
    description:
      - Logarithm of the number of rounds, 4 to 15.
      - A registry verifies the hash on every request, and a long random password does not need many rounds.
    type: int
    default: 5
  like:
    description:
      - A bcrypt hash whose salt and rounds are taken instead of new ones. The result is the same hash when it belongs to the password.
    type: str
"""

EXAMPLES = r"""
- name: Show a hash
  ansible.builtin.debug:
    msg: "{{ 'correct horse battery staple' | dockmaster.harbor.bcrypt_hash(cost=10) }}"

- name: Require that a hash belongs to a password
  ansible.builtin.assert:
    that: registry_password | dockmaster.harbor.bcrypt_hash(like=registry_password_hash) == registry_password_hash
"""

RETURN = r"""
_value:
  description: The hash in crypt form, beginning with C($2b$), or as the one in O(like) does.
  type: str
"""

_LIBRARIES = ("libcrypt.so.1", "libcrypt.so.2", "libcrypt.so")
_BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_BCRYPT64 = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_HASH = re.compile(r"^\$2[aby]\$\d{2}\$[./A-Za-z0-9]{53}$")


def _setting(cost: int) -> str:
    """Head of the hash with 16 random bytes of salt, in bcrypt's own base64 (22 characters)."""
    salt = base64.b64encode(os.urandom(16)).decode("ascii").rstrip("=")
    return f"$2b${cost:02d}${salt.translate(str.maketrans(_BASE64, _BCRYPT64))}"


def _by_libcrypt(password: bytes, setting: str) -> str:
    """crypt(3) of the system; "" when there is no libcrypt or it does not know bcrypt."""
    for name in _LIBRARIES:
        try:
            crypt = ctypes.CDLL(name).crypt
        except (OSError, AttributeError):
            continue
        crypt.restype = ctypes.c_char_p
        crypt.argtypes = [ctypes.c_char_p, ctypes.c_char_p]
        return (crypt(password, setting.encode("ascii")) or b"").decode("ascii")
    return ""


def _by_library(password: bytes, setting: str) -> str:
    """The Python library bcrypt; "" when it is not installed."""
    try:
        import bcrypt
    except ImportError:
        return ""
    return bcrypt.hashpw(password, setting.encode("ascii")).decode("ascii")


def bcrypt_hash(password: str, cost: int = 5, like: str | None = None) -> str:
    """bcrypt hash of `password` with a new salt, or that of another hash; AnsibleFilterError where it cannot be made. See DOCUMENTATION."""
    encoded = str(password).encode("utf-8")
    if not 0 < len(encoded) <= 72 or b"\0" in encoded:
        raise AnsibleFilterError(f"bcrypt_hash: the password has {len(encoded)} bytes; 1 to 72 are allowed, none of them zero")
    if not 4 <= cost <= 15:
        raise AnsibleFilterError(f"bcrypt_hash: cost is {cost}; 4 to 15 are allowed")
    if like is not None and not _HASH.match(like):
        raise AnsibleFilterError(f"bcrypt_hash: like has {len(like)} characters and is no bcrypt hash")
    # 2a, 2b and 2y are one algorithm to those who made no mistake in it.
    setting = _setting(cost) if like is None else "$2b" + like[3:29]
    for result in (_by_library(encoded, setting), _by_libcrypt(encoded, setting)):
        if _HASH.match(result):
            return result if like is None else like[:3] + result[3:]
    raise AnsibleFilterError(
        "bcrypt_hash: neither the Python library bcrypt nor a libcrypt that knows bcrypt is installed on the controller"
    )


class FilterModule:
    """Entry point of Ansible."""

    def filters(self) -> dict:
        return {"bcrypt_hash": bcrypt_hash}
