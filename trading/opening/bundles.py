"""What a custodian gets to check a closing by itself before it releases anything."""

from __future__ import annotations

from sqlalchemy import select

from bidding_docs import capsules
from govcore.audit import queries as audit
from govcore.audit.entries import entry_leaf
from govcore.audit.note import parse_head
from govcore.audit.proof import note_of
from govcore.certificates import queries as certificates
from govcore.db import Tx
from govcore.errors import NotFound, Problem
from govcore.identity.policy import Actor, require
from govcore.platform import Platform
from trading.bidding import queries as bidding
from trading.bidding.uploads import capsule_key
from trading.opening import queries
from trading.opening.models import Opening, OpeningBid
from trading.opening.schemas import BidGiven, Bundle, CapsuleGiven
from trading.tender import queries as tenders
from trading.tender.keys import envelope_of
from trading.tender.models import Custodian


class ClosingNotWitnessed(Problem):
    """A required witness has not cosigned the log that holds the closing."""

    code = "E_WITNESS"
    status = 409
    text = "The witness has not cosigned the closing yet; nothing is released before it has."


def bundle(tx: Tx, platform: Platform, lot_id: str, *, since: int, actor: Actor) -> Bundle:
    """The closing with its proofs and every bid, with this custodian's capsules; `NotFound` for anybody else."""
    require(actor, "share.release")
    seat = tx.scalar(select(Custodian).where(Custodian.lot_id == lot_id, Custodian.org_id == actor.org_id))
    opening = tx.get(Opening, lot_id)
    if seat is None or opening is None:
        raise NotFound
    if not queries.closing_witnessed(tx, opening):
        raise ClosingNotWitnessed
    proof = audit.inclusion_proof(tx, entry_leaf(opening.closed_payload, None))
    size = parse_head(note_of(proof).text).size
    stage = opening.stage_payload
    return Bundle(
        custodian=seat.index,
        opens=opening.opens,
        closed_event=opening.closed_payload.decode(),
        proof=proof,
        closing_path=audit.consistency_proof(tx, old=opening.cp_size, new=size),
        since_path=audit.consistency_proof(tx, old=since, new=size),
        stage_event=stage.decode() if stage else None,
        stage_proof=audit.inclusion_proof(tx, entry_leaf(stage, None)) if stage else None,
        key_manifest=envelope_of(tenders.key_manifest(tx, lot_id)).decode(),
        bids=[_given(tx, platform, bid, seat.index) for bid in queries.bids_of(tx, lot_id)],
    )


def _given(tx: Tx, platform: Platform, bid: OpeningBid, index: int) -> BidGiven:
    manifest = bidding.bid_manifest(bid.envelope)
    upload_id = bidding.upload_of(tx, bid.bid_id)
    holder = certificates.certificate_holder(tx, manifest.cert_sha256)
    if holder is None:
        raise NotFound
    own = capsules.custodian(index)
    given = [
        CapsuleGiven(part.id, platform.store.get(capsule_key(upload_id, one.sha256)))
        for part in manifest.parts
        for one in part.capsules
        if one.holder == own
    ]
    return BidGiven(bid.envelope.decode(), holder.der, bidding.leaf_of(tx, bid.bid_id), given)
