"""What a member says is signed with a certificate of its own; without one, where the rules let it, proved afresh."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from govcore import dsse
from govcore.certificates.queries import has_certificate
from govcore.db import Tx
from govcore.errors import Problem
from govcore.identity.policy import Actor
from trading.tender.certificates import holder_of, key_of
from trading.tender.queries import LotContext

RULE = "evaluation.signature"
"""The parameter that says whether a fresh proof is enough where a member holds no certificate."""


class Kind(StrEnum):
    """How a member bound itself to what it said."""

    CERTIFICATE = "certificate"
    PROOF = "proof"

    @property
    def zh(self) -> str:
        """As papers call it."""
        return "数字证书签名" if self is Kind.CERTIFICATE else "重新验证身份"


KIND_WORDS = {Kind.CERTIFICATE: "signed by certificate", Kind.PROOF: "by a fresh proof of identity"}
"""Keys of the catalogue."""


def kind_of(envelope: bytes | None) -> Kind:
    return Kind.PROOF if envelope is None else Kind.CERTIFICATE


class Unsigned(Problem):
    code = "E_MEMBER_SIGNATURE"
    status = 422
    text = "Sign with your certificate, in your browser or on the command line: a proof of identity is not enough."


class NotYourSignature(Problem):
    code = "E_MEMBER_SIGNER"
    status = 422
    text = "This is not signed with a certificate of yours."


class OtherContent(Problem):
    code = "E_MEMBER_CONTENT"
    status = 422
    text = "What you signed is not what is asked of you. Load the page again and look at it once more."


def must_sign(tx: Tx, context: LotContext, *, actor: Actor, at: datetime) -> bool:
    """Whether the member signs by certificate: it holds one, or the rules admit nothing else."""
    return context.rule_set.choice(RULE) == "CERTIFICATE" or has_certificate(tx, actor=actor, at=at)


def check_signed(
    tx: Tx,
    context: LotContext,
    envelope: bytes | None,
    *,
    payload_type: str,
    payload: bytes,
    actor: Actor,
    at: datetime,
) -> None:
    """The envelope holds exactly these bytes, signed by certificates of the actor that are in force now.

    Without an envelope the caller has asked for a fresh proof, which is enough where `must_sign` does not hold.
    """
    if envelope is None:
        if must_sign(tx, context, actor=actor, at=at):
            raise Unsigned
        return
    signed = dsse.Envelope.decode(envelope)
    holders = {one.keyid: holder_of(tx, one.keyid, at=at) for one in signed.signatures}
    if {holder.user_id for holder in holders.values()} != {actor.user_id}:
        raise NotYourSignature
    keys = {keyid: key_of(one.der) for keyid, one in holders.items()}
    if dsse.verify(signed, payload_type, keys) != payload:
        raise OtherContent
