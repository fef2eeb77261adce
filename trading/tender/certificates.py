"""Certificates of our register, as signatures on tender documents are held against them."""

from __future__ import annotations

from datetime import datetime

from cryptography import x509

from bidding_docs.codes import CertificateEarly, CertificateEnded, CertificateRevoked, CertificateUnknown
from bidding_docs.signing import public_key
from govcore import dsse
from govcore.certificates import queries as certificates
from govcore.certificates.queries import CertificateHolder
from govcore.db import Tx
from govcore.dsse import PublicKey
from govcore.errors import Problem
from govcore.identity.policy import Actor


class NotYourSignature(Problem):
    code = "E_SIGNER"
    status = 422
    text = "This is not signed with a certificate of yours."


class OtherContent(Problem):
    code = "E_SIGNED_CONTENT"
    status = 422
    text = "What you signed is not what is asked of you. Load the page again and look at it once more."


def holder_of(tx: Tx, sha256: str, *, at: datetime) -> CertificateHolder:
    """Who a certificate speaks for at this time; a `BadCertificate` when unknown, early, ended or revoked."""
    return valid_holder(certificates.certificate_holder(tx, sha256), at=at)


def valid_holder(holder: CertificateHolder | None, *, at: datetime) -> CertificateHolder:
    """The same for a look-up that was made already."""
    if holder is None:
        raise CertificateUnknown
    if holder.revoked_at is not None and holder.revoked_at <= at:
        raise CertificateRevoked
    if at < holder.issued_at:
        raise CertificateEarly
    if holder.not_after <= at:
        raise CertificateEnded
    return holder


def key_of(der: bytes) -> PublicKey:
    """The key of a registered certificate."""
    return public_key(x509.load_der_x509_certificate(der))


def check_own(
    tx: Tx, raw: bytes, *, payload_type: str, payload: bytes, actor: Actor, at: datetime
) -> dict[str, CertificateHolder]:
    """The envelope holds exactly these bytes, signed by certificates of the actor's own that are in force now.

    They are returned by their fingerprints. What a person signs for itself no colleague's certificate signs.
    """
    signed = dsse.Envelope.decode(raw)
    holders = {one.keyid: holder_of(tx, one.keyid, at=at) for one in signed.signatures}
    if {holder.user_id for holder in holders.values()} != {actor.user_id}:
        raise NotYourSignature
    keys = {keyid: key_of(one.der) for keyid, one in holders.items()}
    if dsse.verify(signed, payload_type, keys) != payload:
        raise OtherContent
    return holders
