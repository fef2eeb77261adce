"""Rehearsals: nobody signs for keys, and nothing is published under keys, that were not shown to open a capsule."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from datetime import datetime

from bidding_docs import rehearsal
from bidding_docs.codes import BadSchema
from bidding_docs.rehearsal import Scope
from govcore.audit.service import record
from govcore.db import Tx
from govcore.errors import NotFound, Problem
from govcore.identity.policy import Actor, require
from trading.tender import queries
from trading.tender.certificates import holder_of, key_of
from trading.tender.custodian_keys import seat_of
from trading.tender.models import Custodian, CustodianKey, Lot
from trading.tender.schemas import RehearsalCapsule, RehearsalShown


class RehearsalMissing(Problem):
    code = "E_REHEARSAL_MISSING"
    text = "Custodian {custodian} has not shown yet that its key for {opens} opens a rehearsal capsule."


class RehearsalFailed(Problem):
    code = "E_REHEARSAL"
    text = "The answer for {opens} is not what the tenderer put into the rehearsal capsule."


def put(tx: Tx, lot: Lot, capsules: list[RehearsalCapsule], *, actor: Actor, at: datetime) -> None:
    """Take the tenderer's capsules, one for every key of every custodian; new ones ask for new answers."""
    require(actor, "keys.rehearse")
    if queries.lot_context(tx, lot.id).tenderer.id != actor.org_id:
        raise NotFound
    queries.key_manifest(tx, lot.id)  # there is none before all custodians gave their keys
    keys = {(scope.custodian, scope.opens): (scope, key) for scope, key in scopes(tx, lot)}
    given = {(one.custodian, one.opens): one for one in capsules}
    if set(given) != set(keys) or len(given) != len(capsules):
        raise BadSchema(detail="there must be one rehearsal capsule for each key of each custodian")
    for place, one in given.items():
        scope, key = keys[place]
        if one.recipient != scope.recipient:
            raise BadSchema(detail="the rehearsal capsule is for another key")
        key.capsule, key.check_sha256 = one.capsule, one.check_sha256
        key.answer = key.answered_at = None
    record(
        tx, "keys.rehearsal_made", subject=lot.id, actor=actor.user_id, at=at, data={"keys": len(capsules)}
    )


def shown(tx: Tx, lot_id: str, *, actor: Actor) -> list[RehearsalShown]:
    """All keys of a lot with the answers so far, for its tenderer; `NotFound` for everybody else."""
    require(actor, "keys.rehearse")
    if queries.lot_context(tx, lot_id).tenderer.id != actor.org_id:
        raise NotFound
    certificates = {seat.index: seat.cert_sha256 or "" for seat in queries.custodians_of(tx, lot_id)}
    return [
        RehearsalShown(
            tender_id=scope.tender_id,
            round=scope.round,
            custodian=scope.custodian,
            cert_sha256=certificates[scope.custodian],
            opens=scope.opens,
            recipient=scope.recipient,
            answer=key.answer.decode() if key.answer else None,
        )
        for scope, key in scopes(tx, tx.get_one(Lot, lot_id))
    ]


def answer(tx: Tx, lot: Lot, raw: bytes, *, actor: Actor, at: datetime) -> None:
    """Take a custodian's signed answers: one for each of its keys, each the right one."""
    seat = seat_of(tx, lot.id, actor=actor)
    if seat.cert_sha256 is None:
        raise NotFound
    certificate = holder_of(tx, seat.cert_sha256, at=at)
    answers = rehearsal.read_answers(raw, seat.cert_sha256, key_of(certificate.der))
    keys = {scope.opens: (scope, key) for scope, key in scopes(tx, lot) if scope.custodian == seat.index}
    if sorted(one.scope.opens for one in answers) != sorted(keys):
        raise BadSchema(detail="there must be one answer for each of your keys")
    for one in answers:
        scope, key = keys[one.scope.opens]
        if one.scope != scope:
            raise BadSchema(detail="the answer is for another key")
        right = key.check_sha256 or ""
        if not hmac.compare_digest(rehearsal.check_of(one.answer), right):
            raise RehearsalFailed(opens=scope.opens)
        key.answer, key.answered_at = raw, at
    data = {"lot": lot.code, "custodian": seat.index}
    record(tx, "keys.rehearsed", subject=lot.id, actor=actor.user_id, at=at, data=data)


def check_answered(tx: Tx, lot: Lot, *, custodian: int | None = None) -> None:
    """`RehearsalMissing` unless every key, or every one of one custodian, was shown to open its capsule."""
    for scope, key in scopes(tx, lot):
        if key.answered_at is None and custodian in (None, scope.custodian):
            raise RehearsalMissing(custodian=scope.custodian, opens=scope.opens)


def scopes(tx: Tx, lot: Lot) -> Iterator[tuple[Scope, CustodianKey]]:
    """Every key that the custodians gave for the lot's present round, and what its rehearsal is bound to."""
    for seat in queries.custodians_of(tx, lot.id):
        for key in queries.custodian_keys(tx, lot, seat.index):
            yield scope_of(lot, seat, key.opens), key


def scope_of(lot: Lot, seat: Custodian, opens: str) -> Scope:
    return Scope(
        tender_id=lot.tender_id,
        lot_id=lot.id,
        round=lot.round,
        custodian=seat.index,
        opens=opens,
        recipient=(seat.recipients or {})[opens],
    )
