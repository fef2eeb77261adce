"""A custodian's seats: what each of them waits for, the next opening first."""

from __future__ import annotations

from datetime import datetime

from bidding_docs.manifests import OPENING
from govcore.db import Tx
from govcore.identity.policy import Actor
from trading.opening import release
from trading.opening.models import Opening, ShareRelease
from trading.opening.pausing import windows_of
from trading.opening.policy import OpeningState, SeatStep, step_at_opening, step_before_publication
from trading.opening.schemas import SeatShown
from trading.tender import queries as tenders
from trading.tender.models import Custodian, KeyManifest, Lot
from trading.tender.policy import ENDED, Step, TenderState
from trading.tender.queries import LotContext
from trading.tender.suspensions import stopped_by


def seats(tx: Tx, *, actor: Actor, at: datetime) -> list[SeatShown]:
    """The seats of the actor's organisation from the approval of the tender on; nobody else's."""
    found = []
    for seat in tenders.my_seats(tx, actor=actor):
        lot = tenders.lot_context(tx, seat.lot_id)
        if lot.tender_state not in (TenderState.DRAFT, TenderState.ABANDONED):
            found.append(_shown(tx, seat, lot, at=at))
    return sorted(found, key=lambda one: (one.opening_at is None, one.opening_at or at, one.lot_code))


def _shown(tx: Tx, seat: Custodian, lot: LotContext, *, at: datetime) -> SeatShown:
    opening = tx.get(Opening, lot.lot_id)
    opens = opening.opens if opening else OPENING
    until = windows_of(tx, opening) if opening else None
    given = tx.get(ShareRelease, (lot.lot_id, seat.index, opens)) if opening else None
    keys = tenders.custodian_keys(tx, tx.get_one(Lot, lot.lot_id), seat.index)
    return SeatShown(
        lot_id=lot.lot_id,
        lot_code=lot.lot_code,
        lot_name=lot.lot_name,
        tender_id=lot.tender_id,
        title=lot.title,
        round=lot.round,
        custodian=seat.index,
        step=_step(tx, seat, lot, opening, released=given is not None, at=at),
        suite=lot.content.suite,
        opens=opens,
        stages=lot.content.stages(),
        kept=any(key.blob is not None for key in keys),
        deadline_at=lot.deadline_at,
        opening_at=lot.opening_at,
        seal_check_until=until.seal_check_until if until else None,
        release_until=until.release_until if until else None,
        released_at=given.received_at if given else None,
    )


def _step(
    tx: Tx, seat: Custodian, lot: LotContext, opening: Opening | None, *, released: bool, at: datetime
) -> SeatStep:
    if lot.tender_state == TenderState.APPROVED:
        return _step_before_publication(tx, seat, lot)
    if lot.state in ENDED:
        return SeatStep.ENDED
    if opening is None:
        closed = lot.deadline_at is not None and lot.deadline_at <= at
        return SeatStep.CLOSING if closed else SeatStep.DEADLINE
    return step_at_opening(
        OpeningState(opening.state),
        released=released,
        seal_check_until=release.opens_at(tx, opening, lot),
        suspended=stopped_by(tx, lot.lot_id, Step.OPENING, at) is not None,
        objections=release.standing_objections(tx, lot.lot_id),
        now=at,
    )


def _step_before_publication(tx: Tx, seat: Custodian, lot: LotContext) -> SeatStep:
    keys = tenders.custodian_keys(tx, tx.get_one(Lot, lot.lot_id), seat.index)
    manifest = tx.get(KeyManifest, (lot.lot_id, lot.round))
    return step_before_publication(
        given=seat.recipients is not None,
        rehearsal=manifest is not None and all(key.capsule is not None for key in keys),
        answered=all(key.answered_at is not None for key in keys),
        signed=manifest is not None and seat.cert_sha256 in manifest.signatures,
    )
