"""What a bidder has in a lot, in words that cannot be mistaken; its own only.

Not submitted is not submitted, whatever was sent: nothing but a receipt makes a bid.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from govcore.db import Tx
from govcore.errors import NotFound
from govcore.identity.policy import Actor
from govcore.module import Band
from govcore.platform import Platform
from trading.bidding import queries
from trading.bidding.policy import Kind
from trading.bidding.schemas import PendingPartShown, PendingShown, Standing, UploadShown
from trading.clarification import queries as clarifications
from trading.tender import queries as tenders
from trading.tender.policy import TenderState, bidding_open
from trading.tender.queries import LotContext


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingPart:
    """A part of an upload that no bid refers to yet; `missing` counts pieces, `missing_bytes` what they hold."""

    id: str
    label: str
    size: int
    missing: int
    missing_bytes: int
    complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """Files that were sent, in whole or in part, and are no bid: the last message, if any, counts on."""

    upload_id: str
    started_at: datetime
    parts: tuple[PendingPart, ...]

    @property
    def missing_bytes(self) -> int:
        return sum(part.missing_bytes for part in self.parts)

    @property
    def incomplete(self) -> int:
        """How many parts have not arrived completely."""
        return sum(not part.complete for part in self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class MyPart:
    """What the bidder's own organisation has in a lot; nobody else's is ever in it.

    `other_certificate` warns every member that the last message was signed by another certificate than the one
    before it.
    """

    lot_id: str
    open: bool
    state: str
    pending: Pending | None = None
    seq: int = 0
    manifest_sha256: str = ""
    cert_sha256: str = ""
    received_at: datetime | None = None
    other_certificate: bool = False
    clarified: int | None = None
    """The newest clarification that touches bids and came after the last message, by its number."""

    @property
    def begun(self) -> bool:
        """Files were sent after the last message, and bids are still taken."""
        return self.open and self.pending is not None


def my_part(tx: Tx, lot: LotContext, platform: Platform, *, actor: Actor, at: datetime) -> MyPart:
    """`none`, `submitted` or `withdrawn` by the last message received, and what was sent since."""
    is_open = bidding_open(lot.state, lot.deadline_at, at)
    try:
        last = queries.my_last(
            tx, lot.lot_id, round_=lot.round, actor=actor, vault=platform.keys, wrapper=platform.wrapper
        )
    except NotFound:
        pending = _pending(tx, lot, platform, actor, after=None)
        return MyPart(lot_id=lot.lot_id, open=is_open, state="none", pending=pending)
    return MyPart(
        lot_id=lot.lot_id,
        open=is_open,
        state="submitted" if last.kind == Kind.BID else "withdrawn",
        pending=_pending(tx, lot, platform, actor, after=last.received_at),
        seq=last.seq,
        manifest_sha256=last.manifest_sha256,
        cert_sha256=last.cert_sha256,
        received_at=last.received_at,
        other_certificate=last.other_certificate,
        clarified=clarifications.touched_after(tx, lot.tender_id, since=last.received_at),
    )


def my_parts(
    tx: Tx, lot_ids: Sequence[str], platform: Platform, *, actor: Actor, at: datetime
) -> dict[str, MyPart]:
    """What a bidder has in each of these lots; nothing for a reader who cannot bid or before the notice."""
    if not actor.may("bid.read"):
        return {}
    lots = [tenders.lot_context(tx, lot_id) for lot_id in lot_ids]
    return {
        lot.lot_id: my_part(tx, lot, platform, actor=actor, at=at)
        for lot in lots
        if lot.tender_state == TenderState.PUBLISHED
    }


def _pending(
    tx: Tx, lot: LotContext, platform: Platform, actor: Actor, *, after: datetime | None
) -> Pending | None:
    """The newest upload since the last message that no bid refers to."""
    own = queries.own_uploads(tx, lot.lot_id, actor=actor, vault=platform.keys)
    uploads = [one for one in queries.unfinished(tx, own) if after is None or one.created_at > after]
    if not uploads:
        return None
    shown = queries.show_upload(tx, uploads[-1])
    return Pending(upload_id=shown.id, started_at=shown.started_at, parts=tuple(_parts(shown, lot)))


def _parts(shown: UploadShown, lot: LotContext) -> Iterator[PendingPart]:
    """Every part that the tender asks for; of one that was never announced nobody knows the size."""
    announced = {part.id: part for part in shown.parts}
    for rule in lot.content.parts:
        part = announced.get(rule.id)
        if part is None:
            yield PendingPart(
                id=rule.id, label=rule.label, size=0, missing=0, missing_bytes=0, complete=False
            )
            continue
        yield PendingPart(
            id=rule.id,
            label=rule.label,
            size=part.size,
            missing=part.piece_count - len(part.pieces),
            missing_bytes=part.size - sum(piece.size for piece in part.pieces),
            complete=part.complete,
        )


def shown(mine: MyPart, lot: LotContext) -> Standing:
    """The same for the API."""
    return Standing(
        state=_STATES[mine.state],
        open=mine.open,
        deadline_at=lot.deadline_at,
        seq=mine.seq,
        manifest_sha256=mine.manifest_sha256,
        cert_sha256=mine.cert_sha256,
        received_at=mine.received_at,
        other_certificate=mine.other_certificate,
        pending=None if mine.pending is None else _shown(mine.pending),
    )


def _shown(pending: Pending) -> PendingShown:
    return PendingShown(
        upload_id=pending.upload_id,
        started_at=pending.started_at,
        missing_bytes=pending.missing_bytes,
        parts=[
            PendingPartShown(
                id=part.id,
                label=part.label,
                size=part.size,
                missing_pieces=part.missing,
                missing_bytes=part.missing_bytes,
                complete=part.complete,
            )
            for part in pending.parts
        ],
    )


_STATES: dict[str, Literal["NOT_SUBMITTED", "SUBMITTED", "WITHDRAWN"]] = {
    "none": "NOT_SUBMITTED",
    "submitted": "SUBMITTED",
    "withdrawn": "WITHDRAWN",
}


def unsubmitted_bands(tx: Tx, platform: Platform, actor: Actor, at: datetime) -> Iterator[Band]:
    """One loud band for each open lot to which the actor's organisation has sent files without submitting them."""
    if not actor.may("bid.read"):
        return
    for lot_id in queries.lots_begun(tx, actor=actor, vault=platform.keys, at=at):
        lot = tenders.lot_context(tx, lot_id)
        mine = my_part(tx, lot, platform, actor=actor, at=at)
        if mine.begun:
            yield _band(lot, mine)


def _band(lot: LotContext, mine: MyPart) -> Band:
    assert mine.pending is not None
    text = (
        "{lot}: {parts} parts have not arrived completely, {megabytes} MB are missing."
        if mine.pending.incomplete
        else "{lot}: all files have arrived, but the bid was not submitted."
    )
    after = (
        "Your bid no. {seq} received before still counts."
        if mine.state == "submitted"
        else "Without a receipt nothing was submitted."
    )
    data: dict[str, object] = {
        "lot": f"{lot.title} · {lot.lot_name}",
        "parts": mine.pending.incomplete,
        "megabytes": megabytes(mine.pending.missing_bytes),
        "seq": mine.seq,
    }
    return Band(
        word="NOT SUBMITTED",
        texts=(text, after),
        data=data,
        href=f"/lots/{lot.lot_id}/bid",
        until=lot.deadline_at,
    )


def megabytes(size: int) -> str:
    """In MB with one decimal, rounded up: what is missing is never shown as nothing."""
    tenths = -(-size * 10 // (1 << 20))
    return f"{tenths // 10:,}.{tenths % 10}"
