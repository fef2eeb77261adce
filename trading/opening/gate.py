"""The time gate: it adds its own share to a stage of an opening when every condition holds."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from cryptography import x509
from sqlalchemy import select, update

from bidding_docs import capsules, dsse
from bidding_docs import manifests as m
from bidding_docs import opening as bs1
from govcore import clock
from govcore.audit.service import record
from govcore.db import Tx
from govcore.errors import MoveNotAllowed
from govcore.identity import queries as identity
from govcore.platform import Platform
from trading.bidding import queries as bidding
from trading.bidding.uploads import capsule_key
from trading.opening import queries
from trading.opening.hall import announce
from trading.opening.models import GateRelease, Opening, OpeningBid
from trading.opening.policy import OpeningState, gate_may_release
from trading.opening.release import share_releases, standing_objections
from trading.tender import queries as tenders
from trading.tender.certificates import holder_of, key_of
from trading.tender.keys import envelope_of, gate_context
from trading.tender.models import GateKey
from trading.tender.queries import LotContext


def open_gate(tx: Tx, platform: Platform, lot_id: str, *, opens: str) -> bool:
    """Release the gate's shares of one stage when all its conditions hold; false when they do not, or it is done."""
    opening = tx.scalar(select(Opening).where(Opening.lot_id == lot_id).with_for_update())
    if opening is None or opening.state != OpeningState.SEALED or opening.store_verified_at is None:
        return False
    if not queries.closing_witnessed(tx, opening):
        return False
    lot = tenders.lot_context(tx, lot_id)
    at = clock.now(tx)
    releases = share_releases(tx, platform.wrapper, lot_id, opening.round, opens=opens)
    policy = lot.rule_set.custodians
    if not gate_may_release(
        valid_releases=len(releases),
        k=policy.k,
        seal_check_until=opening.seal_check_until,
        opening_at=lot.opening_at or opening.closed_at,
        objections=standing_objections(tx, lot_id),
        now=at,
    ):
        return False
    if (
        len(releases) < policy.n
        and at < opening.release_until
        and _short_of(tx, lot_id, releases, k=policy.k)
    ):
        return False
    raw = _gate_release(tx, platform, lot, opening, opens=opens)
    digest = m.digest(dsse.Envelope.decode(raw).payload)
    wrapped = platform.wrapper.wrap("gate-release", f"{lot_id}/{opening.round}/{opens}", raw)
    tx.add(GateRelease(lot_id=lot_id, opens=opens, sha256=digest, wrapped=wrapped, released_at=at))
    opening.state = OpeningState.RELEASED
    data = {"lot": lot.lot_code, "opens": opens, "release_sha256": digest}
    announce(tx, "gate.released", lot_id=lot_id, at=at, data=data)
    return True


def _short_of(tx: Tx, lot_id: str, releases: list[m.ShareRelease], *, k: int) -> bool:
    """True when some part has fewer than k shares: one custodian's refusal alone must not cost a bid its opening."""
    given = Counter(
        (item.manifest_sha256, item.part)
        for one in releases
        for item in one.releases
        if isinstance(item.share, str)
    )
    return any(
        given[bid.manifest_sha256, part.id] < k
        for bid in queries.bids_of(tx, lot_id)
        for part in bidding.bid_manifest(bid.envelope).parts
    )


def _gate_release(tx: Tx, platform: Platform, lot: LotContext, opening: Opening, *, opens: str) -> bytes:
    """The gate looks at the same things as a custodian, with its own capsules."""
    key = tx.get_one(GateKey, (lot.lot_id, opens))
    if key.wrapped is None:
        raise MoveNotAllowed(move="gate.release", state="destroyed")
    scope = gate_context(lot.lot_id, lot.round, opens)
    secret = platform.wrapper.unwrap("gate", scope, key.wrapped)
    bids = [_closed_bid(tx, platform, bid) for bid in queries.bids_of(tx, lot.lot_id)]
    body = bs1.open_gate_capsules(_closing(tx, lot, opening), bids, opens=opens, identity=secret)
    return dsse.sign_document(body, [platform.keys.gate_signer])


def _closing(tx: Tx, lot: LotContext, opening: Opening) -> bs1.Closing:
    manifest = tenders.key_manifest(tx, lot.lot_id)
    holders = {keyid: holder_of(tx, keyid, at=opening.closed_at) for keyid in manifest.signatures}
    keys = {keyid: key_of(holder.der) for keyid, holder in holders.items()}
    return bs1.Closing(
        key_manifest=dsse.open_document(envelope_of(manifest), m.KeyManifest, keys),
        tender_closed_sha256=m.digest(opening.closed_payload),
        bids_root=opening.bids_root,
        authorities=[x509.load_der_x509_certificate(identity.authority_der(tx))],
        closed_at=opening.closed_at,
    )


def _closed_bid(tx: Tx, platform: Platform, bid: OpeningBid) -> bs1.ClosedBid:
    manifest = bidding.bid_manifest(bid.envelope)
    upload_id = bidding.upload_of(tx, bid.bid_id)
    holder = holder_of(tx, manifest.cert_sha256, at=bid.received_at)
    own = {
        part.id: platform.store.get(capsule_key(upload_id, one.sha256))
        for part in manifest.parts
        for one in part.capsules
        if one.holder == capsules.GATE
    }
    return bs1.ClosedBid(bid.envelope, x509.load_der_x509_certificate(holder.der), own)


def destroy_gate_key(tx: Tx, lot_id: str, lot_code: str, *, opens: str, at: datetime) -> None:
    """Forget the gate's identity for one stage of this round."""
    found = tx.execute(
        update(GateKey)
        .where(GateKey.lot_id == lot_id, GateKey.opens == opens, GateKey.wrapped.is_not(None))
        .values(wrapped=None)
        .returning(GateKey.lot_id)
    ).one_or_none()
    if found is not None:
        record(
            tx,
            "keys.destroyed",
            subject=lot_id,
            actor="system",
            at=at,
            data={"lot": lot_code, "holder": "gate"},
        )
