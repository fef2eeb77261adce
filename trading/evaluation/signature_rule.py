"""What a member says is signed with a certificate of its own; without one, where the rules let it, proved afresh."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from govcore.certificates.queries import has_certificate
from govcore.db import Tx
from govcore.errors import Problem
from govcore.identity.policy import Actor
from trading.tender.certificates import check_own
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
    check_own(tx, envelope, payload_type=payload_type, payload=payload, actor=actor, at=at)
