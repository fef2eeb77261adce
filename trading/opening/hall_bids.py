"""The rows of the hall: a lot's committed bids, and which of them and of their parts the present stage is about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from bidding_docs import manifests as m
from bidding_docs import opening as bs1
from bidding_docs.manifests import OPENING
from govcore.db import Tx
from govcore.identity.models import Organisation
from trading.opening import consortia
from trading.opening.models import BidderShare, Opening, OpeningBid, PartKey, PartProgress
from trading.opening.policy import OpeningState
from trading.opening.schemas import ConsortiumShown, FindingShown
from trading.tender import queries as tenders


@dataclass(frozen=True, slots=True)
class PartDone:
    """How far the decryption of a large part got, in bytes, and the code when it does not open."""

    part: str
    done: int
    total: int
    code: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HallBid:
    """One row of the opening; the summary's values are there from the read-out on.

    `in_stage` says that its parts open at the present stage, `share_given` that its bidder gave the share for that.
    """

    bid_id: str
    number: int
    bidder_name: str
    uscc: str
    manifest_sha256: str
    received_at: datetime
    state: str
    code: str | None
    fault: str | None
    payload_code: str | None
    price_fen: int | None
    summary: dict[str, Any] | None
    consortium: ConsortiumShown | None
    findings: list[FindingShown]
    in_stage: bool
    published_key: str | None
    published_keys: dict[str, str]
    share_given: bool
    recovered: bool
    progress: list[PartDone]


def hall_bids(tx: Tx, opening: Opening) -> list[HallBid]:
    """The committed bids in the order of their numbers; of what is not read out nothing is shown but its digest.

    Who applied may bid later, who responded may make a final offer: both are secret until then (招标投标法 art. 22).
    """
    lot_id = opening.lot_id
    hidden = not tenders.lot_context(tx, lot_id).content.reads_out
    rows = tx.execute(
        select(OpeningBid, Organisation)
        .join(Organisation, Organisation.id == OpeningBid.org_id)
        .where(OpeningBid.lot_id == lot_id)
        .order_by(OpeningBid.number)
    )
    here = select(OpeningBid.bid_id).where(OpeningBid.lot_id == lot_id).scalar_subquery()
    read_out = read_out_parts(tx, opening)
    keys: dict[str, dict[str, str]] = {}
    recovered: set[str] = set()
    for key in tx.scalars(select(PartKey).where(PartKey.bid_id.in_(here))):
        if key.published is not None and key.part in read_out:
            keys.setdefault(key.bid_id, {})[key.part] = key.published
        if key.part not in read_out and opening.state == OpeningState.SEALED:
            recovered.add(key.bid_id)
    named = passed(tx, opening)
    given = _shares_given(tx, opening)
    progress: dict[str, list[PartDone]] = {}
    for one in tx.scalars(
        select(PartProgress).where(PartProgress.bid_id.in_(here)).order_by(PartProgress.part)
    ):
        progress.setdefault(one.bid_id, []).append(PartDone(one.part, one.done, one.total, one.code))
    return [
        HallBid(
            bid_id=bid.bid_id,
            number=bid.number,
            bidder_name="" if hidden else consortia.name_of(bid, organisation.name),
            uscc="" if hidden else organisation.uscc,
            manifest_sha256=bid.manifest_sha256,
            received_at=bid.received_at,
            state=bid.state,
            code=bid.code,
            fault=bid.fault,
            payload_code=bid.payload_code,
            price_fen=None if hidden else (bid.summary or {}).get("price_fen"),
            summary=None if hidden else bid.summary,
            consortium=None if hidden else consortia.shown(bid),
            findings=[] if hidden else consortia.findings(bid),
            in_stage=named is None or bid.manifest_sha256 in named,
            published_key=keys.get(bid.bid_id, {}).get("summary") if bid.summary else None,
            published_keys=keys.get(bid.bid_id, {}) if bid.summary else {},
            share_given=bid.bid_id in given,
            recovered=bid.bid_id in recovered,
            progress=progress.get(bid.bid_id, []),
        )
        for bid, organisation in rows
    ]


def _shares_given(tx: Tx, opening: Opening) -> set[str]:
    """The bids whose bidder gave its share for the present stage."""
    parts = tenders.lot_context(tx, opening.lot_id).content.parts
    now = [part.id for part in parts if part.opens == opening.opens]
    query = select(BidderShare.bid_id).join(OpeningBid, OpeningBid.bid_id == BidderShare.bid_id)
    return set(tx.scalars(query.where(OpeningBid.lot_id == opening.lot_id, BidderShare.part.in_(now))))


def passed(tx: Tx, opening: Opening) -> tuple[str, ...] | None:
    """The bids that the present stage covers, as its logged event names them; nothing at the first stage: all."""
    if opening.stage_payload is None:
        return None
    rules = tenders.key_manifest_body(tx, opening.lot_id)
    closed = m.digest(opening.closed_payload)
    return bs1.bids_that_passed(opening.stage_payload, rules, tender_closed_sha256=closed)


def read_out_parts(tx: Tx, opening: Opening) -> frozenset[str]:
    """The parts whose stage was read out: nothing of any other may be shown, whatever is known of it."""
    done = read_out_stages(opening)
    parts = tenders.lot_context(tx, opening.lot_id).content.parts
    return frozenset(part.id for part in parts if part.opens in done)


def read_out_stages(opening: Opening) -> set[str]:
    """The stages of an opening that were read out."""
    done = {OPENING} if opening.opens != OPENING else set()
    if opening.state in (OpeningState.READ_OUT, OpeningState.RECORDED):
        done.add(opening.opens)
    return done
