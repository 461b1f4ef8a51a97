# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter certificate_fits: each thing that may differ is seen."""

from __future__ import annotations

import datetime
import hashlib
import ipaddress

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.dockmaster.harbor.plugins.filter.certificate_fits import certificate_fits
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

NAMES = ["DNS:registry.internal", "IP:192.0.2.10", "IP:2001:db8::1"]
Key = ec.EllipticCurvePrivateKey


def named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, name)])


def certificate(key: Key, issuer: str, signed_by: Key, name: str = "registry.internal", days: int = 90) -> str:
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder(named(issuer), named(name), key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=days))
    addresses = [x509.IPAddress(ipaddress.ip_address(text)) for text in ("2001:db8::1", "192.0.2.10")]
    builder = builder.add_extension(x509.SubjectAlternativeName([*addresses, x509.DNSName("registry.internal")]), critical=False)
    return builder.sign(signed_by, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def fingerprint(key: Key) -> str:
    der = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return ":".join(f"{byte:02x}" for byte in hashlib.sha256(der).digest())


AUTHORITY, HOST, OTHER = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))
CA = certificate(AUTHORITY, "CA", AUTHORITY, name="CA")
LIVE = certificate(HOST, "CA", AUTHORITY)
WANTED = {"common_name": "registry.internal", "subject_alt_names": NAMES, "public_key": fingerprint(HOST), "authority": CA, "days": 30}


def test_the_right_one_fits() -> None:
    assert certificate_fits(LIVE, **WANTED)


def test_addresses_have_many_spellings() -> None:
    assert certificate_fits(LIVE, **{**WANTED, "subject_alt_names": ["IP:192.0.2.10", "IP:2001:DB8:0::1", "DNS:registry.internal"]})
    with pytest.raises(AnsibleFilterError, match="IP:registry, which is no address"):
        certificate_fits(LIVE, **{**WANTED, "subject_alt_names": ["IP:registry"]})


@pytest.mark.parametrize(
    "other",
    [
        {"common_name": "registry"},
        {"subject_alt_names": NAMES[:-1]},
        {"subject_alt_names": [*NAMES, "DNS:another"]},
        {"public_key": fingerprint(OTHER)},
        {"authority": certificate(OTHER, "CA", OTHER, name="CA")},
        {"authority": certificate(AUTHORITY, "CA2", AUTHORITY, name="CA2")},
        {"days": 91},
    ],
    ids=["common name", "a name less", "a name more", "another key", "another key of the authority", "another authority", "ends soon"],
)
def test_whatever_differs_is_seen(other: dict) -> None:
    assert not certificate_fits(LIVE, **{**WANTED, **other})


@pytest.mark.parametrize("text", ["", "nonsense", LIVE[: len(LIVE) // 2]], ids=["none", "nonsense", "half of it"])
def test_what_is_no_certificate_does_not_fit(text: str) -> None:
    assert not certificate_fits(text, **WANTED)


def test_an_authority_must_be_a_certificate() -> None:
    with pytest.raises(AnsibleFilterError, match="authority is no certificate"):
        certificate_fits(LIVE, **{**WANTED, "authority": "nonsense"})
