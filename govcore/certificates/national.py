"""Certificates and revocation lists that an outside authority signed with SM2 and SM3 (GM/T 0015): the path by hand.

The library that builds every other path does not know SM2. What this one takes is narrower: every signature SM2, few
extensions, no names constrained.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.x509.oid import ExtensionOID

from govcore import sm2
from govcore.certificates import refusals

SIGNED_WITH_SM2 = "1.2.156.10197.1.501"
_UNDERSTOOD = {
    ExtensionOID.BASIC_CONSTRAINTS,
    ExtensionOID.KEY_USAGE,
    ExtensionOID.EXTENDED_KEY_USAGE,
    ExtensionOID.CERTIFICATE_POLICIES,
    ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
}


def is_national(certificate: x509.Certificate) -> bool:
    """Whether it is signed with SM2."""
    return certificate.signature_algorithm_oid.dotted_string == SIGNED_WITH_SM2


def path(
    chain: Sequence[x509.Certificate], anchors: Mapping[x509.Certificate, object], *, at: datetime
) -> list[x509.Certificate]:
    """The path from the first certificate to one of the anchors, that one last; `ChainUnknown` when there is none."""
    sm2.require()
    found, between = [chain[0]], list(chain[1:])
    _refuse_unknown(chain[0])
    while True:
        below = found[-1]
        # What an anchor may issue holds for it as for an authority between: it is looked for first.
        above = next((one for one in (*anchors, *between) if _issued(below, one)), None)
        if above is None:
            raise refusals.ChainUnknown
        _check_authority(above, between=len(found) - 1, at=at)
        found.append(above)
        if above in anchors:
            return found
        between.remove(above)


def signed_list(crl: x509.CertificateRevocationList, authority: x509.Certificate) -> bool:
    """Whether the authority's SM2 key signed this revocation list; ValueError when it has no such key."""
    sm2.require()
    key = sm2.key_of(authority)
    if key is None:
        raise ValueError("the authority has no SM2 key")
    national = crl.signature_algorithm_oid.dotted_string == SIGNED_WITH_SM2
    return national and _fits(key, crl.signature, crl.tbs_certlist_bytes)


def _issued(one: x509.Certificate, authority: x509.Certificate) -> bool:
    key = sm2.key_of(authority)
    if key is None or one.issuer != authority.subject or not is_national(one):
        return False
    return _fits(key, one.signature, one.tbs_certificate_bytes)


def _fits(key: sm2.Sm2PublicKey, signature: bytes, message: bytes) -> bool:
    try:
        key.verify(signature, message)
    except InvalidSignature:
        return False
    return True


def _check_authority(authority: x509.Certificate, *, between: int, at: datetime) -> None:
    """In force, an authority that may issue certificates, with so many authorities below it in the path."""
    _refuse_unknown(authority)
    try:
        constraints = authority.extensions.get_extension_for_class(x509.BasicConstraints).value
        usage = authority.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        raise refusals.ChainUnknown from None
    short = constraints.path_length is not None and constraints.path_length < between
    if not (constraints.ca and usage.key_cert_sign) or short:
        raise refusals.ChainUnknown
    if not authority.not_valid_before_utc <= at < authority.not_valid_after_utc:
        raise refusals.ChainUnknown


def _refuse_unknown(certificate: x509.Certificate) -> None:
    """What says that it must be understood, and constrained names, are not passed over."""
    for one in certificate.extensions:
        if (one.critical and one.oid not in _UNDERSTOOD) or one.oid == ExtensionOID.NAME_CONSTRAINTS:
            raise refusals.ChainUnknown
