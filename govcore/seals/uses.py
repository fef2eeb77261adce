"""Uses of seals (用印登记): recorded before anything is signed, finished in the transaction of the act itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from govcore.audit.service import record
from govcore.db import Tx, new_id
from govcore.errors import Problem
from govcore.identity.policy import Actor, require
from govcore.numbering.service import cancel_number, take_number
from govcore.seals import queries
from govcore.seals.models import Seal, SealCertificate, SealUse, StandingOrder
from govcore.seals.policy import (
    BY_HAND,
    UNFINISHED_FOR,
    USE_SERIES,
    Stamp,
    UseState,
    code_sha256,
)
from govcore.seals.service import NotKeeper, SealElsewhere, require_usable

NEVER_ISSUED = "用印登记后文件未印发"


class NoSealCertificate(Problem):
    code = "E_SEAL_CERTIFICATE"
    text = "The seal {code} has no valid certificate; certify it first."


class NotOrdered(Problem):
    code = "E_SEAL_ORDER"
    text = "No standing order puts this seal on papers of this kind."


class SealedBefore(Problem):
    """Somebody else finished the same use meanwhile; the paper is sealed once."""

    code = "E_SEALED"
    text = "This paper was sealed a moment ago."


@dataclass(frozen=True, slots=True, kw_only=True)
class UseOrder:
    """What is to be sealed, with which seal, and for what; `code` is the check code that the paper bears."""

    seal_id: str
    purpose: str
    subject: str
    title: str
    code: str
    requested_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedPaper:
    """A paper as it lies in the store; without a use it bears no seal."""

    sha256: str
    size: int
    key: str
    use_id: str | None = None
    stamp: Stamp = Stamp.NONE
    fault: str = ""


def record_use(tx: Tx, order: UseOrder, *, document_sha256: str, at: datetime) -> SealUse:
    """Record a use and give it its number, or return the one that the same document has already.

    The seal stays as it is until the transaction ends. Raises `SealUnusable`, `NoSealCertificate`, `NotKeeper` and
    `NotOrdered`.
    """
    seal = _usable(tx, order.seal_id)
    if seal.org_id is None:
        raise SealElsewhere
    _require_ordered(tx, order, seal.org_id)
    certificate = tx.scalar(
        select(SealCertificate.sha256).where(
            SealCertificate.seal_id == seal.id,
            SealCertificate.wrapped.is_not(None),
            SealCertificate.revoked_at.is_(None),
            SealCertificate.not_after > at,
        )
    )
    if certificate is None:
        raise NoSealCertificate(code=seal.code)
    known = select(SealUse).where(
        SealUse.seal_id == seal.id,
        SealUse.document_sha256 == document_sha256,
        SealUse.state != UseState.VOID,
    )
    if (use := tx.scalar(known)) is not None:
        use.certificate_sha256 = certificate  # it may have been renewed since
        tx.flush()
        return use
    use_id = new_id()
    number = take_number(
        tx, org_id=seal.org_id, series=USE_SERIES, document_id=use_id, title=order.title, at=at
    )
    use = SealUse(
        id=use_id,
        seal_id=seal.id,
        certificate_sha256=certificate,
        number=str(number),
        purpose=order.purpose,
        subject=order.subject,
        title=order.title,
        document_sha256=document_sha256,
        code_sha256=code_sha256(order.code),
        state=UseState.RECORDED,
        requested_by=order.requested_by,
        recorded_at=at,
    )
    tx.add(use)
    tx.flush()
    data = {"seal": seal.code, "number": use.number, "purpose": use.purpose, "document": document_sha256}
    record(tx, "seals.use_recorded", subject=use.id, actor=order.requested_by or "system", at=at, data=data)
    return use


def finish_use(tx: Tx, paper: IssuedPaper, *, at: datetime) -> None:
    """Bind the sealed file to its use, in the transaction that issues the paper; nothing for an unsealed one.

    Raises `SealUnusable` when the seal was taken out of use meanwhile, `SealedBefore` when another was faster.
    """
    if paper.use_id is None:
        return
    use = tx.get_one(SealUse, paper.use_id, populate_existing=True)
    seal = _usable(tx, use.seal_id)
    done = tx.scalar(
        update(SealUse)
        .where(SealUse.id == use.id, SealUse.state == UseState.RECORDED)
        .values(
            state=UseState.SEALED,
            sealed_sha256=paper.sha256,
            sealed_size=paper.size,
            sealed_at=at,
            stamp=paper.stamp,
            stamp_fault=paper.fault or None,
        )
        .returning(SealUse.id)
    )
    if done is None:
        raise SealedBefore
    data = {"seal": seal.code, "number": use.number, "sealed": paper.sha256, "stamp": str(paper.stamp)}
    record(tx, "seals.used", subject=use.id, actor=use.requested_by or "system", at=at, data=data)


def void_unfinished(tx: Tx, *, at: datetime) -> int:
    """Void the uses that led to no paper within the hour, with their numbers; how many there were."""
    old = select(SealUse).where(SealUse.state == UseState.RECORDED, SealUse.recorded_at < at - UNFINISHED_FOR)
    voided = 0
    for use in tx.scalars(old):
        done = tx.scalar(
            update(SealUse)
            .where(SealUse.id == use.id, SealUse.state == UseState.RECORDED)
            .values(state=UseState.VOID, void_reason=NEVER_ISSUED)
            .returning(SealUse.id)
        )
        if done is None:
            continue
        cancel_number(tx, document_id=use.id, reason=NEVER_ISSUED, at=at)
        data = {"number": use.number}
        record(tx, "seals.use_voided", subject=use.id, actor="system", at=at, data=data)
        voided += 1
    return voided


def order_by_hand(tx: Tx, seal_id: str, *, subject: str, title: str, code: str, actor: Actor) -> UseOrder:
    """What a keeper orders for a file of its own; raises `NotKeeper`."""
    require(actor, "seals.use")
    seal = queries.seal_row(tx, seal_id, actor=actor)
    if not queries.is_keeper(tx, seal.id, actor.user_id):
        raise NotKeeper
    return UseOrder(
        seal_id=seal.id,
        purpose=BY_HAND,
        subject=subject,
        title=title,
        code=code,
        requested_by=actor.user_id,
    )


def standing_seal(tx: Tx, *, org_id: str, purpose: str) -> str | None:
    """The seal that the organisation's papers of this kind bear, by its keeper's order."""
    return tx.scalar(
        select(StandingOrder.seal_id).where(StandingOrder.org_id == org_id, StandingOrder.purpose == purpose)
    )


def _require_ordered(tx: Tx, order: UseOrder, org_id: str) -> None:
    """A use is ordered by a keeper of the seal, for this paper or for all of its kind."""
    if order.purpose != BY_HAND:
        if standing_seal(tx, org_id=org_id, purpose=order.purpose) != order.seal_id:
            raise NotOrdered
    elif order.requested_by is None or not queries.is_keeper(tx, order.seal_id, order.requested_by):
        raise NotKeeper


def _usable(tx: Tx, seal_id: str) -> Seal:
    """The seal, locked against being taken out of use; raises `SealUnusable`."""
    query = select(Seal).where(Seal.id == seal_id).with_for_update(read=True)
    seal = tx.scalars(query.execution_options(populate_existing=True)).one()
    require_usable(seal)
    return seal
