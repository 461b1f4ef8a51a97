# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter bcrypt_hash: both ways to a hash, verified by an independent implementation."""

from __future__ import annotations

import bcrypt
import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.dockmaster.harbor.plugins.filter import bcrypt_hash as plugin


@pytest.fixture(params=["_by_library", "_by_libcrypt"])
def one_way(request, monkeypatch):
    """Only one of the two ways is open."""
    other = {"_by_library": "_by_libcrypt", "_by_libcrypt": "_by_library"}[request.param]
    monkeypatch.setattr(plugin, other, lambda password, setting: "")


@pytest.mark.parametrize("password", ["a", "Grüße" * 6, "x" * 72])
@pytest.mark.usefixtures("one_way")
def test_the_hash_belongs_to_the_password(password):
    hashed = plugin.bcrypt_hash(password, cost=4)
    assert hashed.startswith("$2b$04$")
    assert bcrypt.checkpw(password.encode(), hashed.encode())
    assert not bcrypt.checkpw(b"another", hashed.encode())


def test_each_call_takes_a_new_salt():
    assert plugin.bcrypt_hash("same", cost=4) != plugin.bcrypt_hash("same", cost=4)


@pytest.mark.parametrize("prefix", ["$2a", "$2b", "$2y"])
@pytest.mark.usefixtures("one_way")
def test_a_password_is_compared_with_a_hash(prefix):
    hashed = prefix + bcrypt.hashpw(b"right", bcrypt.gensalt(4)).decode()[3:]
    assert plugin.bcrypt_hash("right", like=hashed) == hashed
    assert plugin.bcrypt_hash("wrong", like=hashed) not in {hashed, ""}


def test_what_is_no_hash_is_not_shown():
    with pytest.raises(AnsibleFilterError, match="like has 6 characters") as caught:
        plugin.bcrypt_hash("right", like="secret")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("password", "cost", "message"),
    [
        ("", 5, "0 bytes"),
        ("x" * 73, 5, "73 bytes"),
        ("x\0y", 5, "zero"),
        ("x", 3, "cost is 3"),
        ("x", 16, "cost is 16"),
    ],
)
def test_what_bcrypt_cannot_do_is_refused(password, cost, message):
    with pytest.raises(AnsibleFilterError, match=message) as caught:
        plugin.bcrypt_hash(password, cost)
    assert "xxx" not in str(caught.value)


def test_without_any_implementation_the_reason_is_named(monkeypatch):
    monkeypatch.setattr(plugin, "_by_library", lambda password, setting: "")
    monkeypatch.setattr(plugin, "_by_libcrypt", lambda password, setting: "*0")
    with pytest.raises(AnsibleFilterError, match="libcrypt"):
        plugin.bcrypt_hash("x")
