"""The trace of one bidder in a lot: every attempt with its time, bytes and result.

What succeeded is told by its own row: uploads, pieces, parts and messages. Only what was refused is written down
besides, wrapped and under the bidder's keyed tag, so that no row before the opening tells who tried.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import msgspec
from sqlalchemy import select

from govcore.audit.service import record
from govcore.db import Tx, new_id
from govcore.errors import NotFound, Problem
from govcore.identity import queries as identity
from govcore.identity.policy import Actor, require
from govcore.keys import KeyWrapper
from govcore.vault import Vault
from trading.bidding.models import Attempt, Bid, Upload, UploadPart, UploadPiece
from trading.bidding.queries import bidder_tag, owner_tag
from trading.bidding.schemas import Trace, TraceLine
from trading.tender import queries as tenders

OK = "OK"
WRAPPED = "bid-attempt"


class Refused(msgspec.Struct, frozen=True):
    """What is kept, wrapped, of an attempt that was refused."""

    act: str
    size: int
    code: str
    about: str


def note_refusal(
    tx: Tx,
    vault: Vault,
    wrapper: KeyWrapper,
    lot_id: str,
    problem: Problem,
    *,
    act: str,
    size: int,
    about: str,
    actor: Actor,
    at: datetime,
) -> None:
    """Keep a refused attempt for the trace of the actor's organisation."""
    attempt_id = new_id()
    refused = msgspec.json.encode(Refused(act, size, problem.code, about))
    tx.add(
        Attempt(
            id=attempt_id,
            lot_id=lot_id,
            owner_tag=owner_tag(vault, lot_id, actor.org_id),
            wrapped=wrapper.wrap(WRAPPED, attempt_id, refused),
            created_at=at,
        )
    )


def lot_of_upload(tx: Tx, upload_id: str, *, actor: Actor, vault: Vault) -> str | None:
    """To which lot an upload of the actor's organisation belongs, given up or not; nothing for another's."""
    upload = tx.get(Upload, upload_id)
    if upload is None or upload.owner_tag != owner_tag(vault, upload.lot_id, actor.org_id):
        return None
    return upload.lot_id


def own_trace(tx: Tx, vault: Vault, wrapper: KeyWrapper, lot_id: str, *, actor: Actor) -> Trace:
    """What the actor's own organisation tried in a lot, in order of time."""
    require(actor, "bid.audit")
    tenders.published_lot(tx, lot_id)
    return _trace(tx, vault, wrapper, lot_id, org_id=actor.org_id or "", uscc=actor.uscc or "")


def trace_for_supervision(
    tx: Tx, vault: Vault, wrapper: KeyWrapper, lot_id: str, uscc: str, *, actor: Actor, at: datetime
) -> Trace:
    """The same of one bidder for the regulator of the tender; before the closing it does not exist."""
    require(actor, "bid.trace")
    lot = tenders.published_lot(tx, lot_id)
    if lot.closed_at is None or lot.regulator.id != actor.org_id:
        raise NotFound
    bidder = identity.organisation_by_uscc(tx, uscc)
    if bidder is None:
        raise NotFound
    record(tx, "bid.trace_read", subject=lot_id, actor=actor.user_id, at=at, data={"uscc": uscc})
    return _trace(tx, vault, wrapper, lot_id, org_id=bidder.id, uscc=uscc)


def _trace(tx: Tx, vault: Vault, wrapper: KeyWrapper, lot_id: str, *, org_id: str, uscc: str) -> Trace:
    owner, bidder = owner_tag(vault, lot_id, org_id), bidder_tag(vault, lot_id, org_id)
    lines = [*_sent(tx, owner), *_messages(tx, lot_id, bidder), *_refusals(tx, wrapper, owner)]
    return Trace(lot_id, uscc, sorted(lines, key=lambda line: line.at))


def _sent(tx: Tx, owner: str) -> Iterator[TraceLine]:
    for upload in tx.scalars(select(Upload).where(Upload.owner_tag == owner)):
        size = sum(int(part["size"]) for part in upload.parts)
        yield TraceLine(upload.created_at, "start", size, OK, upload.id)
        if upload.discarded_at is not None:
            yield TraceLine(upload.discarded_at, "discard", 0, OK, upload.id)
    mine = select(Upload.id).where(Upload.owner_tag == owner)
    for piece in tx.scalars(select(UploadPiece).where(UploadPiece.upload_id.in_(mine))):
        about = f"{piece.part_sha256[:12]}/{piece.n}"
        yield TraceLine(piece.received_at, "piece", piece.size, OK, about)
    for part in tx.scalars(select(UploadPart).where(UploadPart.upload_id.in_(mine))):
        if part.completed_at is not None:
            yield TraceLine(part.completed_at, "complete", part.size, OK, part.sha256[:12])


def _messages(tx: Tx, lot_id: str, bidder: str) -> Iterator[TraceLine]:
    mine = select(Bid).where(Bid.lot_id == lot_id, Bid.bidder_tag == bidder)
    for bid in tx.scalars(mine):
        act = "submit" if bid.upload_id else "withdraw"
        yield TraceLine(bid.received_at, act, 0, OK, f"{bid.seq}")


def _refusals(tx: Tx, wrapper: KeyWrapper, owner: str) -> Iterator[TraceLine]:
    for attempt in tx.scalars(select(Attempt).where(Attempt.owner_tag == owner)):
        raw = wrapper.unwrap(WRAPPED, attempt.id, attempt.wrapped)
        refused = msgspec.json.decode(raw, type=Refused)
        yield TraceLine(attempt.created_at, refused.act, refused.size, refused.code, refused.about)
