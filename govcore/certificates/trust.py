"""What a certificate of an outside authority must be; no address that stands in a certificate is ever asked."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID
from cryptography.x509.verification import ExtensionPolicy, PolicyBuilder, Store, VerificationError

from govcore import sm2
from govcore.certificates import national, refusals
from govcore.dsse import fits
from govcore.identifiers import UsccCheckWrong, check_uscc

MAX_CHAIN = 4
_USCC = re.compile(r"(?<![0-9A-Z])[0-9A-HJ-NPQRTUWXY]{18}(?![0-9A-Z])")


class CodeField(StrEnum):
    """Where an authority writes the credit code of the organisation."""

    ORGANISATION_IDENTIFIER = "organizationIdentifier"
    SERIAL_NUMBER = "serialNumber"
    UNIT = "organizationalUnitName"
    COMMON_NAME = "commonName"


_FIELDS = {
    CodeField.ORGANISATION_IDENTIFIER: NameOID.ORGANIZATION_IDENTIFIER,
    CodeField.SERIAL_NUMBER: NameOID.SERIAL_NUMBER,
    CodeField.UNIT: NameOID.ORGANIZATIONAL_UNIT_NAME,
    CodeField.COMMON_NAME: NameOID.COMMON_NAME,
}


@dataclass(frozen=True, slots=True)
class Anchor:
    """An authority of the trust list, as far as it is trusted for one purpose at one time."""

    sha256: str
    certificate: x509.Certificate
    code_field: CodeField
    revoked: x509.CertificateRevocationList | None


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a good certificate names, and by which authority's word."""

    anchor: Anchor
    uscc: str
    name: str


def read_chain(pem: bytes) -> list[x509.Certificate]:
    """The certificate and what stands between it and its authority; `Unreadable` for anything else."""
    try:
        chain = x509.load_pem_x509_certificates(pem)
        for one in chain:
            sm2.key_of(one) or one.public_key()
            list(one.extensions)
    except (ValueError, UnsupportedAlgorithm, x509.DuplicateExtension) as error:
        raise refusals.Unreadable from error
    if len(chain) > MAX_CHAIN:
        raise refusals.ChainUnknown
    return chain


def check_possession(leaf: x509.Certificate, signature: bytes, message: bytes) -> None:
    """`SignatureWrong` unless the certificate's P-256, SM2 or RSA key signed the message with SHA-256 or SM3."""
    key = sm2.key_of(leaf) or leaf.public_key()
    if isinstance(key, sm2.Sm2PublicKey | ec.EllipticCurvePublicKey):
        if fits(key, signature, message):
            return
    elif isinstance(key, rsa.RSAPublicKey) and key.key_size >= 2048:
        with suppress(InvalidSignature):
            key.verify(signature, message, padding.PKCS1v15(), hashes.SHA256())
            return
    raise refusals.SignatureWrong


def check_leaf(leaf: x509.Certificate, *, at: datetime) -> None:
    """In force, and a certificate for signing, not an authority's."""
    extensions = leaf.extensions
    with suppress(x509.ExtensionNotFound):
        if extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
            raise refusals.LeafIsAuthority
    with suppress(x509.ExtensionNotFound):
        usage = extensions.get_extension_for_class(x509.KeyUsage).value
        if usage.key_cert_sign or usage.crl_sign:
            raise refusals.LeafIsAuthority
        if not (usage.digital_signature or usage.content_commitment):
            raise refusals.NotForSigning
    if at < leaf.not_valid_before_utc:
        raise refusals.Early
    if leaf.not_valid_after_utc <= at:
        raise refusals.Ended


def judge(chain: Sequence[x509.Certificate], anchors: Collection[Anchor], *, at: datetime) -> Subject:
    """Whom the first certificate names, when a valid chain leads to an anchor and no list at hand revokes it.

    Raises the `CertificateRefused` that says what is wrong.
    """
    leaf = chain[0]
    check_leaf(leaf, at=at)
    anchor, path = _path(chain, anchors, at=at)
    for one in path:
        if any(_is_revoked(one, known, at=at) for known in anchors):
            raise refusals.Revoked
    code = credit_code(leaf, anchor.code_field)
    name = organisation_of(leaf)
    if code is None or not name:
        raise refusals.NameDiffers
    return Subject(anchor, code, name)


def _path(
    chain: Sequence[x509.Certificate], anchors: Collection[Anchor], *, at: datetime
) -> tuple[Anchor, list[x509.Certificate]]:
    if not anchors:
        raise refusals.ChainUnknown
    known = {one.certificate: one for one in anchors}
    if national.is_national(chain[0]):
        signed_by = national.path(chain, known, at=at)
        return known[signed_by[-1]], signed_by[:-1]
    # The default policy for leaves asks for a host name; `check_leaf` has asked for what matters here.
    builder = PolicyBuilder().store(Store(list(known))).time(at).max_chain_depth(MAX_CHAIN)
    builder = builder.extension_policies(
        ca_policy=ExtensionPolicy.webpki_defaults_ca(), ee_policy=ExtensionPolicy.permit_all()
    )
    try:
        found = builder.build_client_verifier().verify(chain[0], list(chain[1:])).chain
    except VerificationError:
        raise refusals.ChainUnknown from None
    return known[found[-1]], found[:-1]


def _is_revoked(certificate: x509.Certificate, anchor: Anchor, *, at: datetime) -> bool:
    if anchor.revoked is None or anchor.certificate.subject != certificate.issuer:
        return False
    entry = anchor.revoked.get_revoked_certificate_by_serial_number(certificate.serial_number)
    return entry is not None and entry.revocation_date_utc <= at


def credit_code(certificate: x509.Certificate, field: CodeField) -> str | None:
    """The one valid credit code in a field of the subject, whatever prefix the authority puts before it."""
    values = certificate.subject.get_attributes_for_oid(_FIELDS[field])
    found = {code for value in values for code in _USCC.findall(str(value.value).upper().replace(":", " "))}
    valid = {code for code in found if _checks(code)}
    return valid.pop() if len(valid) == 1 else None


def _checks(code: str) -> bool:
    try:
        check_uscc(code)
    except UsccCheckWrong:
        return False
    return True


def organisation_of(certificate: x509.Certificate) -> str:
    """The organisation in the subject, else its common name."""
    for oid in (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME):
        if values := certificate.subject.get_attributes_for_oid(oid):
            return str(values[0].value)
    return ""


def same_name(one: str, other: str) -> bool:
    """Whether two spellings are the same name: width of letters and brackets, and spaces, do not count."""

    def plain(name: str) -> str:
        return "".join(unicodedata.normalize("NFKC", name).split())

    return plain(one) == plain(other)


def is_authority(certificate: x509.Certificate) -> bool:
    """Whether this may stand on the trust list."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca and (
            usage.key_cert_sign
        )
    except x509.ExtensionNotFound:
        return False
