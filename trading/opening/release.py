"""Releases: custodians hand in their shares, the gate adds its own when every condition holds."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

import msgspec
from cryptography import x509
from sqlalchemy import func, select

from bidding_docs import capsules, dsse
from bidding_docs import manifests as m
from bidding_docs import opening as bs1
from bidding_docs.codes import BadCertificate, BadSchema, SealObjection, TooEarly
from bidding_docs.encoding import b64decode, format_time
from govcore import clock
from govcore.audit.service import record
from govcore.db import Tx
from govcore.errors import MoveNotAllowed, NotFound
from govcore.identity import queries as identity
from govcore.identity.policy import Actor, require
from govcore.keys import KeyWrapper
from govcore.platform import Platform
from trading.bidding import queries as bidding
from trading.bidding.uploads import capsule_key
from trading.opening import queries
from trading.opening.models import GateRelease, Opening, OpeningBid, ShareRelease
from trading.opening.models import SealObjection as Objection
from trading.opening.policy import OpeningState, gate_may_release
from trading.tender import queries as tenders
from trading.tender.certificates import holder_of, key_of
from trading.tender.keys import STAGE, envelope_of, gate_context
from trading.tender.models import Custodian, GateKey
from trading.tender.queries import LotContext


def accept(tx: Tx, wrapper: KeyWrapper, lot_id: str, raw: bytes, *, actor: Actor) -> None:
    """Take a custodian's signed release of one stage; every share must be the one its bidder committed to."""
    require(actor, "share.release")
    seat = _seat(tx, lot_id, actor)
    opening = tx.get(Opening, lot_id)
    at = clock.now(tx)
    lot = tenders.published_lot(tx, lot_id)
    if opening is None or at < opening.seal_check_until or (lot.opening_at and at < lot.opening_at):
        raise TooEarly(opening_at=_time(opening.seal_check_until if opening else lot.opening_at))
    release, digest = _parse(tx, raw, seat, at=at)
    given = tx.get(ShareRelease, (lot_id, seat.index, STAGE))
    if given is not None and given.sha256 == digest:
        return  # the answer was lost and it is sent again
    if given is not None or opening.state != OpeningState.SEALED:
        raise MoveNotAllowed(move="share.release", state="released" if given else opening.state)
    if standing_objections(tx, lot_id):
        raise SealObjection
    manifest = tenders.key_manifest(tx, lot_id)
    m.check_bound(release, msgspec.json.decode(manifest.payload, type=m.KeyManifest), manifest.sha256)
    _check_scope(release, seat, opening)
    _check_shares(tx, release, lot_id)
    context = f"{lot_id}/{opening.round}/{seat.index}"
    tx.add(
        ShareRelease(
            lot_id=lot_id,
            custodian=seat.index,
            opens=STAGE,
            sha256=digest,
            wrapped=wrapper.wrap("share", context, raw),
            received_at=at,
        )
    )
    data = {"lot": lot.lot_code, "custodian": seat.index, "opens": STAGE, "release_sha256": digest}
    record(tx, "share.released", subject=lot_id, actor="system", at=at, data=data)


def _time(moment: datetime | None) -> str:
    return format_time(moment) if moment else "-"


def _seat(tx: Tx, lot_id: str, actor: Actor) -> Custodian:
    query = select(Custodian).where(Custodian.lot_id == lot_id, Custodian.org_id == actor.org_id)
    seat = tx.scalar(query)
    if seat is None:
        raise NotFound
    return seat


def _parse(tx: Tx, raw: bytes, seat: Custodian, *, at: datetime) -> tuple[m.ShareRelease, str]:
    """The release, when the seat's own certificate signed it."""
    if seat.cert_sha256 is None:
        raise BadCertificate(detail="the custodian gave no certificate")
    key = key_of(holder_of(tx, seat.cert_sha256, at=at).der)
    signed = dsse.open_document(raw, m.ShareRelease, {seat.cert_sha256: key})
    return signed.document, signed.sha256


def _check_scope(release: m.ShareRelease, seat: Custodian, opening: Opening) -> None:
    if release.custodian != seat.index or release.opens != STAGE:
        raise BadSchema(detail="the release is for another seat or stage")
    if release.tender_closed_sha256 != m.digest(opening.closed_payload):
        raise BadSchema(detail="the release is for another closing")


def _check_shares(tx: Tx, release: m.ShareRelease, lot_id: str) -> None:
    """Every part of every bid is answered, and each share fits the commitment in the bidder's manifest."""
    answered = {(item.manifest_sha256, item.part): item for item in release.releases}
    holder = f"custodian:{release.custodian}"
    for bid in queries.bids_of(tx, lot_id):
        manifest = bidding.bid_manifest(bid.envelope)
        for part in manifest.parts:
            item = answered.get((bid.manifest_sha256, part.id))
            if item is None:
                raise BadSchema(detail="the release leaves out a bid")
            if isinstance(item.share, str):
                context = capsules.context_of(manifest, part)
                capsules.check_share(context, holder, b64decode(item.share), part.commits()[holder])


def standing_objections(tx: Tx, lot_id: str) -> int:
    query = select(func.count()).select_from(Objection)
    return tx.scalar(query.where(Objection.lot_id == lot_id, Objection.answered_at.is_(None))) or 0


def open_gate(tx: Tx, platform: Platform, lot_id: str) -> bool:
    """Release the gate's shares when all its conditions hold now; false when they do not, or it is done."""
    opening = tx.scalar(select(Opening).where(Opening.lot_id == lot_id).with_for_update())
    if opening is None or opening.state != OpeningState.SEALED or opening.store_verified_at is None:
        return False
    lot = tenders.lot_context(tx, lot_id)
    at = clock.now(tx)
    releases = share_releases(tx, platform.wrapper, lot_id, opening.round)
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
    raw = _gate_release(tx, platform, lot, opening)
    digest = m.digest(dsse.Envelope.decode(raw).payload)
    wrapped = platform.wrapper.wrap("gate-release", f"{lot_id}/{opening.round}/{STAGE}", raw)
    tx.add(GateRelease(lot_id=lot_id, opens=STAGE, sha256=digest, wrapped=wrapped, released_at=at))
    opening.state = OpeningState.RELEASED
    data = {"lot": lot.lot_code, "opens": STAGE, "release_sha256": digest}
    record(tx, "gate.released", subject=lot_id, actor="system", at=at, data=data)
    return True


def share_releases(tx: Tx, wrapper: KeyWrapper, lot_id: str, round_: int) -> list[m.ShareRelease]:
    """The custodians' releases of a lot, unwrapped."""
    rows = tx.scalars(
        select(ShareRelease)
        .where(ShareRelease.lot_id == lot_id, ShareRelease.opens == STAGE)
        .order_by(ShareRelease.custodian)
    )
    found = [wrapper.unwrap("share", f"{lot_id}/{round_}/{row.custodian}", row.wrapped) for row in rows]
    return [m.parse(dsse.Envelope.decode(raw).payload, m.ShareRelease) for raw in found]


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


def _gate_release(tx: Tx, platform: Platform, lot: LotContext, opening: Opening) -> bytes:
    """The gate looks at the same things as a custodian, with its own capsules."""
    key = tx.get_one(GateKey, (lot.lot_id, STAGE))
    if key.wrapped is None:
        raise MoveNotAllowed(move="gate.release", state="destroyed")
    scope = gate_context(lot.lot_id, lot.round, STAGE)
    secret = platform.wrapper.unwrap("gate", scope, key.wrapped)
    bids = [_closed_bid(tx, platform, bid) for bid in queries.bids_of(tx, lot.lot_id)]
    body = bs1.open_gate_capsules(_closing(tx, lot, opening), bids, opens=STAGE, identity=secret)
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
