"""Reads of openings: the hall that everybody sees alike, the custodian's bundle, what other slices build on."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, or_, select

from bidding_docs import manifests as m
from bidding_docs import suites
from bidding_docs.codes import CapsuleUnreadable
from bidding_docs.manifests import OPENING
from govcore import clock
from govcore.audit import queries as audit
from govcore.audit.entries import entry_leaf
from govcore.db import Tx
from govcore.errors import NotFound
from govcore.identity.models import Organisation
from trading.bidding import queries as bidding
from trading.opening import consortia
from trading.opening.hall_bids import HallBid, hall_bids, read_out_parts, read_out_stages
from trading.opening.models import (
    BasePrice,
    GateRelease,
    GivenUp,
    Judgement,
    Opening,
    OpeningBid,
    PartKey,
    PastStage,
    Prolongation,
    SealObjection,
    ShareRelease,
)
from trading.opening.pausing import resume_by, windows_of
from trading.opening.policy import BidState, OpeningState
from trading.opening.schemas import ConsortiumShown
from trading.tender import queries as tenders
from trading.tender.models import Custodian, GateKey, Lot, Tender
from trading.tender.policy import ENDED, Step
from trading.tender.queries import LotContext
from trading.tender.suspensions import HeldFor, holds_of


@dataclass(frozen=True, slots=True)
class StageDone:
    """An earlier stage of the same opening."""

    opens: str
    read_out_at: datetime
    record_sha256: str


@dataclass(frozen=True, slots=True)
class HallRelease:
    role: str
    index: int
    received_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hall:
    """The opening of a lot as everybody sees it; `state` is `bidding` until the set is committed."""

    lot: LotContext
    state: str
    opens: str
    closed_at: datetime | None
    seal_check_until: datetime | None
    bidder_until: datetime | None
    release_until: datetime | None
    held: list[HeldFor]
    resume_by: datetime | None
    suspended_at: datetime | None
    store_verified_at: datetime | None
    damaged: list[str]
    gate_released_at: datetime | None
    read_out_at: datetime | None
    cp_size: int | None
    bids_root: str | None
    eligible_count: int | None
    bids: list[HallBid]
    releases: list[HallRelease]
    objections: int
    paused_by: str | None
    record_sha256: str | None
    past: list[StageDone]
    prolonged: list[Prolongation]
    base_price_at: datetime | None
    base_price_fen: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedBid:
    """A bid after the read-out; in two envelopes it has no price before the second read-out, or never."""

    bid_id: str
    number: int
    org_id: str
    bidder_name: str
    uscc: str
    price_fen: int | None
    summary: dict[str, Any]
    state: str
    code: str | None
    received_at: datetime
    manifest_sha256: str
    consortium: ConsortiumShown | None = None


def suspended(tx: Tx, lot_ids: Collection[str]) -> list[str]:
    """Those of the lots whose opening stands still because too few custodians released in their time: public."""
    query = select(Opening.lot_id).where(
        Opening.lot_id.in_(lot_ids), Opening.state == OpeningState.SEALED, Opening.suspended_at.is_not(None)
    )
    return list(tx.scalars(query.order_by(Opening.suspended_at, Opening.lot_id)))


def _holding(tx: Tx, lot_id: str) -> list[HeldFor]:
    """What stops the opening now; the end of some is known before it comes."""
    now = clock.now(tx)
    held = [one for one in holds_of(tx, lot_id) if Step.OPENING in one.rule.stops]
    return [one for one in held if one.ended_at is None or one.ended_at > now]


def hall(tx: Tx, lot_id: str) -> Hall:
    """The opening of a published lot; before the closing it holds no bids and no count."""
    lot = tenders.published_lot(tx, lot_id)
    opening = tx.get(Opening, lot_id)
    opens = opening.opens if opening else OPENING
    seats = tx.scalars(select(Custodian).where(Custodian.lot_id == lot_id).order_by(Custodian.index))
    released = {
        row.custodian: row.received_at
        for row in tx.scalars(
            select(ShareRelease).where(ShareRelease.lot_id == lot_id, ShareRelease.opens == opens)
        )
    }
    gate, base = tx.get(GateRelease, (lot_id, opens)), tx.get(BasePrice, lot_id)
    until = windows_of(tx, opening) if opening else None
    standing = select(SealObjection).where(
        SealObjection.lot_id == lot_id, SealObjection.answered_at.is_(None)
    )
    return Hall(
        lot=lot,
        state=_shown_state(lot, opening),
        opens=opens,
        closed_at=opening.closed_at if opening else None,
        seal_check_until=until.seal_check_until if until else None,
        bidder_until=until.bidder_until if until else None,
        release_until=until.release_until if until else None,
        resume_by=resume_by(holds_of(tx, lot_id), lot.rule_set),
        held=_holding(tx, lot_id),
        suspended_at=opening.suspended_at if opening else None,
        store_verified_at=opening.store_verified_at if opening else None,
        damaged=(opening.damaged if opening else None) or [],
        gate_released_at=gate.released_at if gate else None,
        read_out_at=opening.read_out_at if opening else None,
        cp_size=opening.cp_size if opening else None,
        bids_root=opening.bids_root if opening else None,
        eligible_count=opening.eligible_count if opening else None,
        bids=hall_bids(tx, opening) if opening else [],
        releases=[HallRelease(seat.role, seat.index, released.get(seat.index)) for seat in seats],
        objections=len(list(tx.scalars(standing))),
        paused_by=opening.paused_by if opening else None,
        record_sha256=opening.record_sha256 if opening else None,
        past=_past_stages(tx, lot_id),
        prolonged=list(
            tx.scalars(
                select(Prolongation)
                .where(Prolongation.lot_id == lot_id, Prolongation.opens == opens)
                .order_by(Prolongation.at)
            )
        ),
        base_price_at=base.read_out_at if base else None,
        base_price_fen=base.fen if base else None,
    )


def _shown_state(lot: LotContext, opening: Opening | None) -> str:
    """A lot that was given up before its read-out is `ended`, whatever its opening waited for."""
    if lot.state in ENDED and (opening is None or opening.read_out_at is None):
        return "ended"
    return opening.state if opening else "bidding"


def _past_stages(tx: Tx, lot_id: str) -> list[StageDone]:
    rows = tx.scalars(select(PastStage).where(PastStage.lot_id == lot_id).order_by(PastStage.read_out_at))
    return [StageDone(row.opens, row.read_out_at, row.record_sha256) for row in rows]


def opened_bids(tx: Tx, lot_id: str) -> list[OpenedBid]:
    """The bids of a lot after the read-out, in the order of their numbers; those that failed to open are left out."""
    opening = tx.get(Opening, lot_id)
    if opening is None or not read_out_stages(opening):
        return []
    rows = tx.execute(
        select(OpeningBid, Organisation)
        .join(Organisation, Organisation.id == OpeningBid.org_id)
        .where(OpeningBid.lot_id == lot_id, OpeningBid.state == BidState.OPENED)
        .order_by(OpeningBid.number)
    )
    return [
        OpenedBid(
            bid_id=bid.bid_id,
            number=bid.number,
            org_id=bid.org_id,
            bidder_name=consortia.name_of(bid, organisation.name),
            uscc=organisation.uscc,
            price_fen=(bid.summary or {}).get("price_fen"),
            summary=dict(bid.summary or {}),
            state=bid.state,
            code=bid.code,
            received_at=bid.received_at,
            manifest_sha256=bid.manifest_sha256,
            consortium=consortia.shown(bid),
        )
        for bid, organisation in rows
    ]


def payers_of(tx: Tx, bid_id: str) -> list[tenders.OrgRef]:
    """Who may secure a bid: its bidder, and the members of its consortium."""
    return consortia.payers(tx, tx.get_one(OpeningBid, bid_id))


def party_orgs(tx: Tx, tender_id: str) -> set[str]:
    """The organisations that bid in any closed lot of a tender, alone or, once it was read out, in a consortium."""
    query = select(OpeningBid.org_id, OpeningBid.consortium).join(Lot, Lot.id == OpeningBid.lot_id)
    rows = tx.execute(query.where(Lot.tender_id == tender_id)).all()
    codes = {member["id"] for _, found in rows if found for member in found["members"]}
    members = select(Organisation.id).where(Organisation.uscc.in_(codes))
    return {*(org_id for org_id, _ in rows), *(tx.scalars(members) if codes else ())}


def all_read_out(tx: Tx, lot_id: str) -> bool:
    """True when every stage of a lot's opening was read out: in two envelopes also the prices."""
    opening = tx.get(Opening, lot_id)
    stages = set(tenders.lot_context(tx, lot_id).content.stages())
    return opening is not None and stages <= read_out_stages(opening)


def noted_outage(tx: Tx, lot_id: str) -> tuple[datetime, datetime] | None:
    """From when until when supervision noted the platform to be out at the present stage."""
    opening = tx.get(Opening, lot_id)
    if opening is None or opening.outage_from is None or opening.outage_until is None:
        return None
    return opening.outage_from, opening.outage_until


def present_stage(tx: Tx, lot_id: str) -> str:
    """The stage that a lot's opening is in; before the closing the first one."""
    opening = tx.get(Opening, lot_id)
    return opening.opens if opening else OPENING


def to_settle(tx: Tx) -> list[str]:
    """Lots that were given up and whose deposits were not sent back yet."""
    settled = select(GivenUp.lot_id)
    query = select(Lot.id).where(Lot.state.in_(ENDED), Lot.id.not_in(settled))
    return list(tx.scalars(query.order_by(Lot.ended_at, Lot.id)))


def in_state(tx: Tx, state: OpeningState) -> list[str]:
    """Ids of the lots whose opening is in a state: what a sweep looks at."""
    return list(tx.scalars(select(Opening.lot_id).where(Opening.state == state).order_by(Opening.closed_at)))


def to_verify(tx: Tx) -> list[str]:
    """Lots whose stored bids are to be hashed again."""
    query = select(Opening.lot_id).where(
        Opening.state == OpeningState.SEALED, Opening.store_verified_at.is_(None)
    )
    return list(tx.scalars(query))


def with_sealed_advices(tx: Tx) -> list[str]:
    """Closed lots whose advices are to be read; those that were given up are settled apart (`to_settle`).

    Where consortia may bid, who may pay for whom is known at the read-out only.
    """
    query = select(Opening, Tender.content["consortium"].as_boolean()).join(Lot, Lot.id == Opening.lot_id)
    query = query.join(Tender, Tender.id == Lot.tender_id)
    rows = tx.execute(query.where(Opening.advices_opened_at.is_(None), Lot.state.not_in(ENDED)))
    return [
        opening.lot_id
        for opening, consortium in rows
        if not consortium or opening.read_out_at is not None or opening.state == OpeningState.FAILED
    ]


_UNCHECKED = (OpeningBid.state == BidState.OPENED, OpeningBid.payload_checked_at.is_(None))


def with_unchecked_parts(tx: Tx) -> list[str]:
    """Lots that were read out and have large parts still to be decrypted and checked."""
    read_out = Opening.state.in_((OpeningState.READ_OUT, OpeningState.RECORDED))
    query = select(Opening.lot_id).join(OpeningBid, OpeningBid.lot_id == Opening.lot_id)
    return list(tx.scalars(query.where(read_out, *_UNCHECKED).distinct()))


def unchecked_bids(tx: Tx, lot_id: str) -> list[str]:
    """The opened bids of a lot whose large parts are still to be checked, in the order of their numbers."""
    query = select(OpeningBid.bid_id).where(OpeningBid.lot_id == lot_id, *_UNCHECKED)
    return list(tx.scalars(query.order_by(OpeningBid.number)))


def judged_unreadable(tx: Tx, lot_id: str) -> set[str]:
    """The bids with a capsule that supervision could not open either."""
    query = select(Judgement.bid_id).join(OpeningBid, OpeningBid.bid_id == Judgement.bid_id)
    bad = OpeningBid.lot_id == lot_id, Judgement.code == CapsuleUnreadable.code
    return set(tx.scalars(query.where(*bad)))


def bids_of(tx: Tx, lot_id: str) -> list[OpeningBid]:
    return list(tx.scalars(select(OpeningBid).where(OpeningBid.lot_id == lot_id).order_by(OpeningBid.number)))


def releases_of(tx: Tx, lot_id: str, opens: str) -> list[ShareRelease]:
    """The custodians' releases of one stage, in the order of their seats."""
    query = select(ShareRelease).where(ShareRelease.lot_id == lot_id, ShareRelease.opens == opens)
    return list(tx.scalars(query.order_by(ShareRelease.custodian)))


def gate_keys_left(tx: Tx, lot_id: str) -> list[str]:
    """The stages whose key the gate has not destroyed yet."""
    query = select(GateKey.opens).where(GateKey.lot_id == lot_id, GateKey.destroyed_at.is_(None))
    return list(tx.scalars(query.where(GateKey.opens != m.ADVICE).order_by(GateKey.opens)))


def with_gate_keys(tx: Tx) -> list[str]:
    """Lots whose opening is over or failed, or that were given up, and of which the gate still holds a key."""
    over = (OpeningState.FAILED, OpeningState.READ_OUT, OpeningState.RECORDED)
    query = select(Lot.id).outerjoin(Opening, Opening.lot_id == Lot.id)
    held = exists().where(GateKey.lot_id == Lot.id, GateKey.destroyed_at.is_(None), GateKey.opens != m.ADVICE)
    done = or_(Opening.state.in_(over), Lot.state.in_(ENDED))
    return list(tx.scalars(query.where(held, done).order_by(Lot.deadline_at, Lot.id)))


def record_key(tx: Tx, lot_id: str) -> str:
    """Where the record's PDF is stored; `NotFound` before it is made."""
    opening = tx.get(Opening, lot_id)
    if opening is None or opening.record_key is None:
        raise NotFound
    return opening.record_key


@dataclass(frozen=True, slots=True)
class StoredPart:
    """Where the ciphertext of one part lies."""

    upload_id: str
    sha256: str
    pieces: int
    extension: str


def public_part(tx: Tx, lot_id: str, number: int, part: str) -> StoredPart:
    """A part whose key was published at the read-out; `NotFound` for every other."""
    row = tx.execute(
        select(OpeningBid, PartKey)
        .join(PartKey, PartKey.bid_id == OpeningBid.bid_id)
        .where(
            OpeningBid.lot_id == lot_id,
            OpeningBid.number == number,
            OpeningBid.state.in_((BidState.OPENED, BidState.VOID)),
            PartKey.part == part,
            PartKey.published.is_not(None),
        )
    ).one_or_none()
    if row is None or part not in read_out_parts(tx, tx.get_one(Opening, lot_id)):
        raise NotFound
    bid = row[0]
    upload_id = bidding.upload_of(tx, bid.bid_id)
    manifest = bidding.bid_manifest(bid.envelope)
    sha256 = next(one.sha256 for one in manifest.parts if one.id == part)
    extension = suites.get(manifest.suite).extension
    return StoredPart(upload_id, sha256, bidding.pieces_of(tx, upload_id)[sha256], extension)


def manifest_of(tx: Tx, lot_id: str, number: int) -> bytes:
    """A committed bid's manifest in its envelope, public from the closing on; `NotFound` before."""
    if not tenders.published_lot(tx, lot_id).content.reads_out:
        raise NotFound  # it names the bidder
    query = select(OpeningBid.envelope).where(OpeningBid.lot_id == lot_id, OpeningBid.number == number)
    envelope: bytes | None = tx.scalar(query)
    if envelope is None:
        raise NotFound
    return envelope


def closing_witnessed(tx: Tx, opening: Opening) -> bool:
    """Whether every witness that the lot's key manifest requires has cosigned a log that holds the closing."""
    manifest = m.parse(tenders.key_manifest(tx, opening.lot_id).payload, m.KeyManifest)
    required = [witness.vkey for witness in manifest.witnesses if witness.required]
    return audit.leaf_cosigned_by(tx, entry_leaf(opening.closed_payload, None), required)
