"""A request that carries a proof: one transaction for what it is good for, and every refusal logged."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from govcore import clock
from govcore.certificates import proving
from govcore.certificates.proving import Answer, Proved, Purpose
from govcore.certificates.schemas import Proof
from govcore.db import Tx
from govcore.errors import Problem
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.web.origins import origin_of
from govcore.web.rendering import AnyRequest


@contextmanager
def proved(
    platform: Platform, request: AnyRequest, purpose: Purpose, proof: Proof, *, actor: Actor
) -> Iterator[tuple[Tx, Proved]]:
    """A transaction with the certificate whose key answered; a refusal rolls it back and is logged in its own."""
    answer = Answer(
        challenge=proof.challenge, certificate=proof.certificate.encode(), signature=proof.signature
    )
    origin = origin_of(platform.settings, request)
    try:
        with platform.db.transaction() as tx:
            yield tx, proving.prove(platform.keys, purpose, answer, origin=origin, at=clock.now(tx))
    except Problem as problem:
        with platform.db.transaction() as tx:
            proving.log_refusal(tx, purpose, answer, problem, actor=actor, at=clock.now(tx))
        raise
