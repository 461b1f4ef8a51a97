# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role pki: keys stay on the node, certificates verify, the CA key never came here."""

from __future__ import annotations

from typing import Any

import pytest

PKI = "/etc/dockmaster/pki"


@pytest.fixture(scope="module")
def names(host: Any) -> list[str]:
    """Names of the certificates on the node, the CA's left out."""
    found = [path.rsplit("/", 1)[1].removesuffix(".crt") for path in host.check_output(f"ls {PKI}/*.crt").split()]
    names = [name for name in found if name != "ca"]
    assert names
    return names


def test_keys_are_readable_by_root_only(host: Any, names: list[str]) -> None:
    for name in names:
        key = host.file(f"{PKI}/{name}.key")
        assert (key.user, key.group, key.mode) == ("root", "root", 0o600)


def test_certificates_verify_for_servers_and_clients(host: Any, names: list[str]) -> None:
    for name in names:
        for purpose in ("sslserver", "sslclient"):
            host.run_expect([0], f"openssl verify -x509_strict -purpose {purpose} -CAfile {PKI}/ca.crt {PKI}/{name}.crt")


def test_certificates_belong_to_their_keys(host: Any, names: list[str]) -> None:
    for name in names:
        of_certificate = host.check_output(f"openssl x509 -in {PKI}/{name}.crt -noout -pubkey")
        assert of_certificate == host.check_output(f"openssl pkey -in {PKI}/{name}.key -pubout")


def test_certificates_are_not_due_for_renewal(host: Any, names: list[str]) -> None:
    for name in names:
        host.run_expect([0], f"openssl x509 -in {PKI}/{name}.crt -noout -checkend {30 * 86400}")


def test_the_key_of_the_ca_is_not_on_the_node(host: Any) -> None:
    ca = host.check_output(f"openssl x509 -in {PKI}/ca.crt -noout -pubkey")
    keys = host.check_output("grep -rlsE 'BEGIN [A-Z ]*PRIVATE KEY' /etc/dockmaster").split()
    assert keys
    for key in keys:
        assert host.check_output(f"openssl pkey -in {key} -pubout") != ca
