"""Bundles of evaluations: made from what was computed, kept as a file, read by everybody in the public form only."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from govcore.audit.queries import public_leaves
from govcore.db import Tx
from govcore.errors import NotFound
from govcore.identity.policy import Actor, Role
from trading.documents.queries import files_of, in_force
from trading.evaluation import bundles
from trading.evaluation.bundles import About, Bundle, Form, LogEntry, Released
from trading.evaluation.computing import Ready
from trading.evaluation.facts import followed_at
from trading.evaluation.models import EvaluationRound
from trading.evaluation.policy import View, signed_key
from trading.evaluation.queries import view_of
from trading.notices.models import Notice
from trading.notices.policy import NoticeKind
from trading.tender.models import Lot
from trading.tender.queries import LotContext, lot_context

PUBLISHING = (NoticeKind.CANDIDATES, NoticeKind.RESULT)
"""The notices by which totals and ranks become public."""

LOGGED = ("tender.closed", "opening.read_out")
"""The public events of a lot that fix which bids there are, and what was read out of them."""

DATA = "data"
"""The kind of the file of a version that programs read; it holds the tender file of each lot."""


@dataclass(frozen=True, slots=True)
class StoredBundle:
    """A bundle as it lies in the store."""

    number: int
    form: Form
    key: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedBundle:
    """A full form that an auditor may take, and since when its result is public."""

    lot: LotContext
    stored: StoredBundle
    at: datetime | None


MOST_AUDITED = 200


def bundle_key(lot_id: str, number: int, form: Form) -> str:
    """Where a bundle lies in the store."""
    return f"evaluation/{lot_id}/{number}/bundle-{form.value}.json"


def bundle_of(tx: Tx, found: Ready) -> Bundle:
    """The full form: the same facts always give the same bytes."""
    context = found.context
    return bundles.full(
        found.documents,
        about=About(
            tender=context.tender_code,
            lot=context.lot_code,
            lot_id=context.lot_id,
            evaluation=found.round.number,
        ),
        released=_released(tx, context),
        log=[
            LogEntry(event=name, leaf=leaf.hex()) for name, leaf in public_leaves(tx, context.lot_id, LOGGED)
        ],
    )


def _released(tx: Tx, context: LotContext) -> Released | None:
    try:
        version = in_force(tx, context.tender_id)
    except NotFound:
        return None
    data = next(file.sha256 for file in files_of(version) if file.kind == DATA)
    return Released(version=version.number, manifest_sha256=version.manifest_sha256 or "", data_sha256=data)


def full(tx: Tx, lot_id: str, *, actor: Actor) -> StoredBundle:
    """The full form of the newest complete evaluation, for those who may see the sheets; `NotFound` for all others."""
    found = kept(tx, lot_id)
    if view_of(lot_context(tx, lot_id), actor) is not View.SHEETS or not found:
        raise NotFound
    return found[-1]


def signed(tx: Tx, lot_id: str, *, actor: Actor) -> StoredBundle:
    """The bundle with its signatures, for the lot's regulator; `NotFound` for all others, the tenderer too.

    Whoever has the signatures of several evaluations can tell which seats were one person's.
    """
    found = kept_signed(tx, lot_id)
    if not found or not may_take_signed(lot_context(tx, lot_id), actor):
        raise NotFound
    return found[-1]


def may_take_signed(context: LotContext, actor: Actor) -> bool:
    return Role.REGULATOR in actor.roles and actor.org_id == context.regulator.id


def kept_signed(tx: Tx, lot_id: str) -> list[StoredBundle]:
    """The signed form of every evaluation of a lot whose signing has ended, for the archive."""
    query = select(EvaluationRound.number, EvaluationRound.signed_bundle_sha256)
    done = query.where(EvaluationRound.lot_id == lot_id, EvaluationRound.signed_bundle_sha256.is_not(None))
    return [
        StoredBundle(number, Form.SIGNED, signed_key(lot_id, number, sha256 or "", "json"), sha256 or "")
        for number, sha256 in tx.execute(done.order_by(EvaluationRound.number))
    ]


def for_audit(tx: Tx, lot_id: str, *, actor: Actor) -> StoredBundle:
    """The full form of the newest evaluation whose result is public, for an auditor; `NotFound` for all others.

    An auditor belongs to the centre, which sees no sheets: before the result is public it learns nothing of it.
    """
    newest = published(tx, lot_id)
    if Role.AUDITOR not in actor.roles or newest is None:
        raise NotFound
    return next(one for one in kept(tx, lot_id) if one.number == newest.number)


def audited(tx: Tx, *, actor: Actor) -> list[AuditedBundle]:
    """For an auditor the full form of each lot's newest evaluation whose result is public, the newest first."""
    if Role.AUDITOR not in actor.roles:
        return []
    query = select(EvaluationRound).where(EvaluationRound.published_sha256.is_not(None))
    rows = tx.scalars(query.order_by(EvaluationRound.published_at.desc()).limit(MOST_AUDITED))
    found: dict[str, AuditedBundle] = {}
    for row in rows:
        if row.lot_id not in found:
            stored = for_audit(tx, row.lot_id, actor=actor)
            found[row.lot_id] = AuditedBundle(
                lot=lot_context(tx, row.lot_id), stored=stored, at=row.published_at
            )
    return list(found.values())


def kept(tx: Tx, lot_id: str) -> list[StoredBundle]:
    """The full form of every complete evaluation of a lot, in their order, for the archive."""
    query = select(EvaluationRound.number, EvaluationRound.bundle_sha256)
    done = query.where(EvaluationRound.lot_id == lot_id, EvaluationRound.bundle_sha256.is_not(None))
    return [
        StoredBundle(number, Form.FULL, bundle_key(lot_id, number, Form.FULL), sha256 or "")
        for number, sha256 in tx.execute(done.order_by(EvaluationRound.number))
    ]


def published_of(tx: Tx, lot_ids: Collection[str]) -> dict[str, StoredBundle]:
    """The public forms of several lots' newest evaluations; lots without one are left out."""
    found = {lot_id: published(tx, lot_id) for lot_id in lot_ids}
    return {lot_id: one for lot_id, one in found.items() if one is not None}


def published(tx: Tx, lot_id: str) -> StoredBundle | None:
    """The public form of the newest evaluation that was published, for everybody; nothing before."""
    query = select(EvaluationRound.number, EvaluationRound.published_sha256)
    done = query.where(EvaluationRound.lot_id == lot_id, EvaluationRound.published_sha256.is_not(None))
    row = tx.execute(done.order_by(EvaluationRound.number.desc()).limit(1)).one_or_none()
    if row is None:
        return None
    number, sha256 = row
    return StoredBundle(number, Form.PUBLIC, bundle_key(lot_id, number, Form.PUBLIC), sha256 or "")


def publisher(tx: Tx, sha256: str) -> str | None:
    """The tender whose lot's public form has this hash, if any has."""
    query = select(Lot.tender_id).join(EvaluationRound, EvaluationRound.lot_id == Lot.id)
    return tx.scalar(query.where(EvaluationRound.published_sha256 == sha256).limit(1))


def due_to_publish(tx: Tx) -> list[tuple[str, int]]:
    """Lots and numbers of the evaluations whose result a notice has published, and whose public form is not yet.

    What was offered in a consultation was read out to nobody, and so has no public form (214号 art. 19).
    """
    waiting = EvaluationRound.bundle_sha256.is_not(None), EvaluationRound.published_at.is_(None)
    query = select(EvaluationRound).where(*waiting)
    rows = tx.scalars(query.order_by(EvaluationRound.lot_id, EvaluationRound.number)).all()
    return [
        (row.lot_id, row.number)
        for row in rows
        if is_noticed(tx, row) and lot_context(tx, row.lot_id).content.reads_out
    ]


def is_noticed(tx: Tx, row: EvaluationRound) -> bool:
    """Whether a notice has published the result of this round, before the lot was evaluated again if it was."""
    tender_id = select(Lot.tender_id).where(Lot.id == row.lot_id).scalar_subquery()
    notices = select(Notice.lot_ids).where(
        Notice.tender_id == tender_id, Notice.kind.in_(PUBLISHING), Notice.published_at >= row.completed_at
    )
    followed = followed_at(tx, row)
    if followed is not None:
        notices = notices.where(Notice.published_at < followed)
    return any(row.lot_id in lot_ids for lot_ids in tx.scalars(notices))
