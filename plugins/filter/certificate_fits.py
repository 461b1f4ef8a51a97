# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tell whether a certificate that is there still is the right one, without making a request to compare it with."""

from __future__ import annotations

import datetime
import hashlib
import ipaddress
from collections.abc import Callable, Sequence

from ansible.errors import AnsibleFilterError

try:
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
except ImportError as error:
    MISSING: ImportError | None = error
else:
    MISSING = None

DOCUMENTATION = r"""
name: certificate_fits
short_description: whether a certificate is the one that is wanted
version_added: 1.0.0
author: dockmaster.harbor contributors
description:
  - Whether a certificate has these names, belongs to this key, was signed by this authority, and lasts.
  - Needs the Python library C(cryptography) on the controller, as C(community.crypto) does.
options:
  _input:
    description: The certificate, PEM. What is no certificate does not fit.
    type: str
    required: true
  common_name:
    description: Its common name.
    type: str
    required: true
  subject_alt_names:
    description: "Its alternative names, as in C(DNS:registry.internal) and C(IP:192.0.2.10), in any order."
    type: list
    elements: str
    required: true
  public_key:
    description: "SHA-256 of the public key, hexadecimal with colons, as C(community.crypto.openssl_privatekey) returns it."
    type: str
    required: true
  authority:
    description: The certificate of the authority, PEM.
    type: str
    required: true
  days:
    description: It must be valid for more than so many days from now on.
    type: int
    default: 0
"""

EXAMPLES = r"""
- name: Show whether a new certificate is needed
  ansible.builtin.debug:
    msg: >-
      {{ live | dockmaster.harbor.certificate_fits(common_name='registry.internal', subject_alt_names=['DNS:registry.internal'],
         public_key=key.fingerprint.sha256, authority=pki_ca_certificate, days=30) }}
"""

RETURN = r"""
_value:
  description: Whether all of it holds.
  type: bool
"""


def _normalised(name: str) -> str:
    """A name as certificates have it: addresses have many spellings. Raises AnsibleFilterError."""
    try:
        return f"IP:{ipaddress.ip_address(name.removeprefix('IP:'))}" if name.startswith("IP:") else name
    except ValueError as error:
        raise AnsibleFilterError(f"dockmaster.harbor.certificate_fits: subject_alt_names has {name}, which is no address") from error


def _names(certificate: x509.Certificate) -> set[str]:
    """Alternative names with their kinds in front."""
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return set()
    addresses = {f"IP:{address}" for address in found.get_values_for_type(x509.IPAddress)}
    return addresses | {f"DNS:{name}" for name in found.get_values_for_type(x509.DNSName)}


def _public_key(certificate: x509.Certificate) -> str:
    der = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).hexdigest()


def certificate_fits(pem: str, common_name: str, subject_alt_names: Sequence[str], public_key: str, authority: str, days: int = 0) -> bool:
    """Compare; see DOCUMENTATION. Raises AnsibleFilterError when the authority's certificate is none."""
    if MISSING:
        raise AnsibleFilterError(f"dockmaster.harbor.certificate_fits needs the Python library cryptography on the controller: {MISSING}")
    try:
        issuer = x509.load_pem_x509_certificate(authority.encode())
    except ValueError as error:
        raise AnsibleFilterError(f"dockmaster.harbor.certificate_fits: authority is no certificate: {error}") from error
    try:
        certificate = x509.load_pem_x509_certificate(pem.encode())
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    subject = [str(part.value) for part in certificate.subject.get_attributes_for_oid(x509.oid.NameOID.COMMON_NAME)]
    lasts = certificate.not_valid_after_utc > datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=days)
    named = subject == [common_name] and _names(certificate) == {_normalised(name) for name in subject_alt_names}
    return named and lasts and _public_key(certificate) == public_key.replace(":", "").lower()


class FilterModule:
    """Filters of this file."""

    def filters(self) -> dict[str, Callable[..., bool]]:
        return {"certificate_fits": certificate_fits}
