# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Passwords and robot secrets: PBKDF2 as Harbor, with as many iterations as the test can afford."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import string

RULE = "8-128, inclusively, characters long with at least 1 uppercase letter, 1 lowercase letter and 1 number"
_ALPHABET = string.ascii_letters + string.digits


def digest(password: str, iterations: int) -> str:
    """A salted hash `iterations:salt:hash`."""
    salt = secrets.token_hex(16)
    return f"{iterations}:{salt}:{_pbkdf2(password, salt, iterations)}"


def matches(password: str, stored: str) -> bool:
    iterations, salt, expected = stored.split(":")
    return hmac.compare_digest(_pbkdf2(password, salt, int(iterations)), expected)


def is_strong(password: str) -> bool:
    return 8 <= len(password) <= 128 and all(re.search(pattern, password) for pattern in ("[A-Z]", "[a-z]", "[0-9]"))


def generate() -> str:
    """A robot secret: 32 letters and digits that satisfy the rule."""
    while True:
        secret = "".join(secrets.choice(_ALPHABET) for _ in range(32))
        if is_strong(secret):
            return secret


def _pbkdf2(password: str, salt: str, iterations: int) -> str:
    return hashlib.pbkdf2_hmac("sha256", password.encode(), salt.encode(), iterations).hex()
