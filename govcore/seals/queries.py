"""What may be read of seals and their uses, by whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, case, func, or_, select
from sqlalchemy.orm import aliased

from govcore.db import Tx
from govcore.errors import NotFound
from govcore.identity.models import Organisation, User
from govcore.identity.policy import Actor
from govcore.seals.models import (
    Seal,
    SealAuthority,
    SealCertificate,
    SealChange,
    SealKeeper,
    SealUse,
    StandingOrder,
)
from govcore.seals.policy import SealState, Stamp, UseState


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeShown:
    move: str
    state: str
    on: date
    reason: str
    witness: str
    recorded_by: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class KeeperShown:
    id: str
    user_id: str
    name: str
    named_by: str
    named_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SealShown:
    """A seal of the register with its history; `certificate_until` is None for one that exists only on paper."""

    id: str
    code: str
    kind: str
    organ: str
    words: str
    org_id: str | None
    state: str
    picture_sha256: str
    certificate_until: datetime | None
    certificate_sha256: str | None
    changes: tuple[ChangeShown, ...]

    @property
    def name(self) -> str:
        return f"{self.organ}{self.words}"

    @property
    def since(self) -> date:
        """The day of the last change."""
        return self.changes[-1].on


@dataclass(frozen=True, slots=True, kw_only=True)
class UseShown:
    id: str
    number: str
    seal_id: str
    seal: str
    purpose: str
    subject: str
    title: str
    state: str
    document_sha256: str
    sealed_sha256: str | None
    recorded_at: datetime
    sealed_at: datetime | None
    stamp: str | None
    stamp_fault: str | None
    void_reason: str | None
    requested_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SealingKey:
    """What is needed to seal: the certificate, its issuer's, the wrapped key, and what the picture shows."""

    sha256: str
    certificate: bytes
    issuer: bytes
    organ: str
    words: str
    wrapped: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the register says of a sealed paper to whoever holds it or its code."""

    number: str
    organ: str
    words: str
    title: str
    sealed_at: datetime
    sealed_sha256: str
    sealed_size: int
    state_then: str
    state_now: str
    revoked_at: datetime | None
    stamp: str


_PRESENT_FIRST = case({SealState.IN_USE: 0, SealState.SUSPENDED: 1}, value=Seal.state, else_=2)


def seals(tx: Tx, *, actor: Actor, state: str = "", org_id: str = "") -> list[SealShown]:
    """The seals that the actor may see: those in use first, then by organ and code."""
    query = select(Seal).where(*_seen(actor)).order_by(_PRESENT_FIRST, Seal.organ, Seal.code)
    if state:
        query = query.where(Seal.state == state)
    if org_id:
        query = query.where(Seal.org_id == org_id)
    return _with_histories(tx, list(tx.scalars(query)))


def state_counts(tx: Tx, *, actor: Actor) -> dict[str, int]:
    """How many seals are in each state."""
    query = select(Seal.state, func.count()).where(*_seen(actor)).group_by(Seal.state)
    return {row[0]: row[1] for row in tx.execute(query)}


def seal(tx: Tx, seal_id: str, *, actor: Actor) -> SealShown:
    return _with_histories(tx, [seal_row(tx, seal_id, actor=actor)])[0]


def seal_row(tx: Tx, seal_id: str, *, actor: Actor) -> Seal:
    """A seal that the actor may see; for others it does not exist."""
    found = tx.scalar(select(Seal).where(Seal.id == seal_id, *_seen(actor)))
    if found is None:
        raise NotFound
    return found


def seal_of_picture(tx: Tx, seal_id: str) -> Seal:
    """A seal's words for its picture, which is no secret: it is on every paper."""
    found = tx.get(Seal, seal_id)
    if found is None:
        raise NotFound
    return found


def keepers(tx: Tx, seal_id: str, *, actor: Actor) -> list[KeeperShown]:
    """Who may and might use a seal, the present ones first."""
    seal_row(tx, seal_id, actor=actor)
    namer = aliased(User)
    query = (
        select(SealKeeper, User.name, namer.name)
        .join(User, User.id == SealKeeper.user_id)
        .join(namer, namer.id == SealKeeper.named_by)
        .where(SealKeeper.seal_id == seal_id)
        .order_by(SealKeeper.ended_at.is_not(None), SealKeeper.named_at)
    )
    return [
        KeeperShown(
            id=row.id,
            user_id=row.user_id,
            name=name,
            named_by=by,
            named_at=row.named_at,
            ended_at=row.ended_at,
        )
        for row, name, by in tx.execute(query)
    ]


def is_keeper(tx: Tx, seal_id: str, user_id: str) -> bool:
    query = select(SealKeeper.id).where(
        SealKeeper.seal_id == seal_id, SealKeeper.user_id == user_id, SealKeeper.ended_at.is_(None)
    )
    return tx.scalar(query) is not None


def colleagues(tx: Tx, seal_id: str, *, actor: Actor) -> list[tuple[str, str]]:
    """Ids and names of who could become a keeper: the organisation's other people."""
    org_id = seal_row(tx, seal_id, actor=actor).org_id
    present = select(SealKeeper.user_id).where(SealKeeper.seal_id == seal_id, SealKeeper.ended_at.is_(None))
    query = select(User.id, User.name).where(
        User.org_id == org_id, User.active, User.id != actor.user_id, User.id.not_in(present)
    )
    return [(id_, name) for id_, name in tx.execute(query.order_by(User.name))]


def bodies(tx: Tx) -> list[tuple[str, str]]:
    """Ids and names of the organisations whose seal one can be."""
    query = select(Organisation.id, Organisation.name).order_by(Organisation.name)
    return [(id_, name) for id_, name in tx.execute(query)]


def orders(tx: Tx, seal_id: str, *, actor: Actor) -> list[str]:
    """The kinds of paper that bear this seal by standing order."""
    seal_row(tx, seal_id, actor=actor)
    query = select(StandingOrder.purpose).where(StandingOrder.seal_id == seal_id)
    return list(tx.scalars(query.order_by(StandingOrder.purpose)))


def uses(tx: Tx, seal_id: str, *, actor: Actor, limit: int = 200) -> list[UseShown]:
    """The uses of a seal, newest first."""
    seal_row(tx, seal_id, actor=actor)
    query = _uses().where(SealUse.seal_id == seal_id).order_by(SealUse.recorded_at.desc()).limit(limit)
    return [_use(*row) for row in tx.execute(query)]


def use(tx: Tx, use_id: str, *, actor: Actor) -> UseShown:
    """A use of a seal that the actor may see."""
    row = tx.execute(_uses().where(SealUse.id == use_id, *_seen(actor))).one_or_none()
    if row is None:
        raise NotFound
    return _use(*row)


def sealing_key(tx: Tx, use: SealUse) -> SealingKey:
    """The key that a recorded use may be carried out with, still wrapped."""
    row = tx.execute(
        select(SealCertificate, Seal)
        .join(Seal, Seal.id == SealCertificate.seal_id)
        .where(SealCertificate.sha256 == use.certificate_sha256)
    ).one()
    certificate, seal = row
    assert certificate.wrapped is not None  # the use was recorded with it in this transaction
    return SealingKey(
        sha256=certificate.sha256,
        certificate=certificate.der,
        issuer=authority_der(tx),
        organ=seal.organ,
        words=seal.words,
        wrapped=certificate.wrapped,
    )


def authority_der(tx: Tx) -> bytes:
    """The seal CA's certificate (public); `NotFound` before the first seal was certified."""
    found: bytes | None = tx.scalar(select(SealAuthority.der))
    if found is None:
        raise NotFound
    return found


def authority(tx: Tx) -> SealAuthority:
    """The seal CA with its wrapped key."""
    found: SealAuthority | None = tx.scalar(select(SealAuthority))
    if found is None:
        raise NotFound
    return found


def revoked(tx: Tx) -> list[tuple[bytes, datetime]]:
    """The certificates (DER) that no longer hold, each with since when."""
    query = select(SealCertificate.der, SealCertificate.revoked_at).where(
        SealCertificate.revoked_at.is_not(None)
    )
    return [(der, at) for der, at in tx.execute(query.order_by(SealCertificate.revoked_at)) if at]


def by_code(tx: Tx, code_sha256: str) -> Verdict | None:
    """The sealed paper that bears this code."""
    return _verdict(tx, SealUse.code_sha256 == code_sha256)


def by_digests(tx: Tx, digests: Sequence[str]) -> Verdict | None:
    """The sealed paper with one of these SHA-256."""
    return _verdict(tx, SealUse.sealed_sha256.in_(digests))


def _verdict(tx: Tx, which: ColumnElement[bool]) -> Verdict | None:
    query = (
        select(SealUse, Seal, SealCertificate.revoked_at)
        .join(Seal, Seal.id == SealUse.seal_id)
        .join(SealCertificate, SealCertificate.sha256 == SealUse.certificate_sha256)
        .where(which, SealUse.state == UseState.SEALED)
        .order_by(SealUse.sealed_at.desc())
    )
    row = tx.execute(query.limit(1)).one_or_none()
    if row is None:
        return None
    use, seal, revoked_at = row
    assert use.sealed_at is not None  # the use is finished
    assert use.sealed_sha256 is not None
    assert use.sealed_size is not None
    then = tx.scalar(
        select(SealChange.state)
        .where(SealChange.seal_id == seal.id, SealChange.recorded_at <= use.sealed_at)
        .order_by(SealChange.id.desc())
        .limit(1)
    )
    return Verdict(
        number=use.number,
        organ=seal.organ,
        words=seal.words,
        title=use.title,
        sealed_at=use.sealed_at,
        sealed_sha256=use.sealed_sha256,
        sealed_size=use.sealed_size,
        state_then=then or SealState.IN_USE,
        state_now=seal.state,
        revoked_at=revoked_at,
        stamp=use.stamp or Stamp.NONE,
    )


def _seen(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    """Whoever manages or audits the register sees all of it, others their organisation's seals and those they keep."""
    if actor.may("seals.read_all"):
        return ()
    kept = select(SealKeeper.seal_id).where(
        SealKeeper.user_id == actor.user_id, SealKeeper.ended_at.is_(None)
    )
    return (or_(Seal.org_id == actor.org_id, Seal.id.in_(kept)),)


def _with_histories(tx: Tx, rows: list[Seal]) -> list[SealShown]:
    ids = [row.id for row in rows]
    histories: dict[str, list[ChangeShown]] = {}
    query = (
        select(SealChange, User.name)
        .join(User, User.id == SealChange.recorded_by)
        .where(SealChange.seal_id.in_(ids))
        .order_by(SealChange.id)
    )
    for change, name in tx.execute(query):
        histories.setdefault(change.seal_id, []).append(
            ChangeShown(
                move=change.move,
                state=change.state,
                on=change.on,
                reason=change.reason,
                witness=change.witness,
                recorded_by=name,
                recorded_at=change.recorded_at,
            )
        )
    current = {
        row.seal_id: row
        for row in tx.scalars(
            select(SealCertificate).where(
                SealCertificate.seal_id.in_(ids), SealCertificate.wrapped.is_not(None)
            )
        )
    }
    return [_seal(row, histories[row.id], current.get(row.id)) for row in rows]


def _seal(row: Seal, changes: list[ChangeShown], certificate: SealCertificate | None) -> SealShown:
    return SealShown(
        id=row.id,
        code=row.code,
        kind=row.kind,
        organ=row.organ,
        words=row.words,
        org_id=row.org_id,
        state=row.state,
        picture_sha256=row.picture_sha256,
        certificate_until=certificate.not_after if certificate else None,
        certificate_sha256=certificate.sha256 if certificate else None,
        changes=tuple(changes),
    )


def _uses() -> Select[SealUse, Seal, str | None]:
    return (
        select(SealUse, Seal, User.name)
        .join(Seal, Seal.id == SealUse.seal_id)
        .join(User, User.id == SealUse.requested_by, isouter=True)
    )


def _use(row: SealUse, seal: Seal, requested_by: str | None) -> UseShown:
    return UseShown(
        id=row.id,
        number=row.number,
        seal_id=row.seal_id,
        seal=f"{seal.organ}{seal.words}",
        purpose=row.purpose,
        subject=row.subject,
        title=row.title,
        state=row.state,
        document_sha256=row.document_sha256,
        sealed_sha256=row.sealed_sha256,
        recorded_at=row.recorded_at,
        sealed_at=row.sealed_at,
        stamp=row.stamp,
        stamp_fault=row.stamp_fault,
        void_reason=row.void_reason,
        requested_by=requested_by or "",
    )
