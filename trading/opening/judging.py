"""Supervision decides who answers: for a capsule that a custodian could not open, and for the platform's outages."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from bidding_docs import capsules, suites
from bidding_docs import manifests as m
from bidding_docs.codes import BadSchema, BidderBadShare, CapsuleUnreadable, ContextMismatch, WrongKeyManifest
from govcore import clock
from govcore.audit.service import record
from govcore.db import Tx
from govcore.errors import MoveNotAllowed, NotFound
from govcore.identity.policy import Actor, require
from govcore.platform import Platform
from trading.bidding import queries as bidding
from trading.bidding.uploads import capsule_key
from trading.opening.hall import announce
from trading.opening.models import Judgement, Opening, OpeningBid
from trading.opening.policy import BidState, OpeningState, state_after_failure
from trading.opening.release import share_releases
from trading.tender import queries as tenders

BIDDER, CUSTODIAN = "bidder", "custodian"


def judge_capsule(
    tx: Tx,
    platform: Platform,
    lot_id: str,
    *,
    manifest_sha256: str,
    part: str,
    custodian: int,
    identity: str,
    actor: Actor,
) -> Judgement:
    """Open a capsule again with the custodian's one-time key of the stage; whoever lied answers for it.

    The key must be the one that the key manifest names (E_KEY_MANIFEST), so nobody has to be believed: a capsule
    that it does not open is the bidder's fault, one that it opens to the committed share is the custodian's. The
    key is used here and not kept.
    """
    require(actor, "opening.judge")
    if tenders.lot_context(tx, lot_id).regulator.id != actor.org_id:
        raise NotFound
    opening = tx.scalar(select(Opening).where(Opening.lot_id == lot_id).with_for_update())
    query = select(OpeningBid).where(
        OpeningBid.lot_id == lot_id, OpeningBid.manifest_sha256 == manifest_sha256
    )
    bid = tx.scalar(query)
    if opening is None or bid is None:
        raise NotFound
    _check_claimed(tx, platform, opening, bid, part, custodian)
    holder = capsules.custodian(custodian)
    code = _repeated(tx, platform, opening, bid, part=part, holder=holder, identity=identity)
    at = clock.now(tx)
    judgement = Judgement(
        bid_id=bid.bid_id, part=part, holder=holder, code=code, judged_by=actor.user_id, judged_at=at
    )
    tx.add(judgement)
    fault = BIDDER if code else CUSTODIAN
    data = {"lot_id": lot_id, "manifest_sha256": manifest_sha256, "part": part, "holder": holder}
    data |= {"code": code or CapsuleUnreadable.code, "fault": fault}
    announce(tx, "opening.capsule_judged", lot_id=lot_id, subject=bid.bid_id, at=at, data=data)
    if code and bid.state == BidState.WITHDRAWN:
        bid.code, bid.fault, bid.state = code, BIDDER, state_after_failure(BIDDER)
    return judgement


def _check_claimed(
    tx: Tx, platform: Platform, opening: Opening, bid: OpeningBid, part: str, custodian: int
) -> None:
    """Only a capsule that its custodian called unreadable is opened again, and only once."""
    given = share_releases(tx, platform.wrapper, opening.lot_id, opening.round, opens=opening.opens)
    claimed = [
        item
        for one in given
        for item in one.releases
        if one.custodian == custodian
        and (item.manifest_sha256, item.part) == (bid.manifest_sha256, part)
        and item.refused == CapsuleUnreadable.code
    ]
    if not claimed:
        raise NotFound
    if tx.get(Judgement, (bid.bid_id, part, capsules.custodian(custodian))) is not None:
        raise MoveNotAllowed(move="opening.judge", state="judged")


def _repeated(
    tx: Tx, platform: Platform, opening: Opening, bid: OpeningBid, *, part: str, holder: str, identity: str
) -> str | None:
    """The code when the capsule is bad with the right key; nothing when it opens to the committed share."""
    rules = tenders.key_manifest_body(tx, opening.lot_id)
    suite = suites.get(rules.suite)
    try:
        key = suite.parse_identity(identity)
    except ValueError:
        raise BadSchema(detail="it is no identity") from None
    if suite.recipient_of(key) != m.recipient_of_holder(rules, holder, opening.opens):
        raise WrongKeyManifest(field="recipient")
    manifest = bidding.bid_manifest(bid.envelope)
    described = next(one for one in manifest.parts if one.id == part)
    ref = next(one for one in described.capsules if one.holder == holder)
    sealed = platform.store.get(capsule_key(bidding.upload_of(tx, bid.bid_id), ref.sha256))
    ctx = capsules.context_of(manifest, described)
    try:
        capsules.open_capsule(sealed, key, ctx=ctx, holder=holder, committed=ref.commit)
    except (CapsuleUnreadable, ContextMismatch, BidderBadShare) as problem:
        return problem.code
    return None


def note_outage(tx: Tx, lot_id: str, *, began: datetime, ended: datetime, reason: str, actor: Actor) -> None:
    """Note an outage of the platform: a bidder's share that it kept out is then not the bidder's fault."""
    require(actor, "opening.judge")
    if tenders.lot_context(tx, lot_id).regulator.id != actor.org_id:
        raise NotFound
    opening = tx.scalar(select(Opening).where(Opening.lot_id == lot_id).with_for_update())
    if opening is None or opening.state not in (OpeningState.SEALED, OpeningState.RELEASED):
        raise MoveNotAllowed(move="opening.note_outage", state=opening.state if opening else "bidding")
    if ended <= began:
        raise BadSchema(detail="an outage ends after it began")
    opening.outage_from, opening.outage_until = began, ended
    data = {"lot_id": lot_id, "began": began.isoformat(), "ended": ended.isoformat(), "reason": reason}
    record(tx, "opening.outage_noted", subject=lot_id, actor=actor.user_id, at=clock.now(tx), data=data)
