"""The time gate's part in an opening: what the platform shows it, and what comes of its answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import select, update

from bidding_docs import capsules, dsse
from bidding_docs import manifests as m
from bidding_docs.codes import CertificateUnknown, LotGivenUp, LotSuspended, NoQuorum, TooEarly
from govcore import clock
from govcore.audit import queries as audit
from govcore.audit.service import record
from govcore.certificates import queries as certificates
from govcore.db import Tx
from govcore.errors import NotFound, Problem
from govcore.platform import Platform
from trading.bidding import queries as bidding
from trading.bidding.uploads import capsule_key
from trading.gate.port import GatePort, gate_of
from trading.gate.schemas import BidderShareGiven, BidGiven, CapsuleGiven, Evidence, Scope
from trading.opening import bidder_shares, queries
from trading.opening.clocks import check_clocks
from trading.opening.hall import announce
from trading.opening.models import GateRelease, Opening, OpeningBid
from trading.opening.moves import move_opening
from trading.opening.policy import OpeningMove, OpeningState, gate_may_release
from trading.opening.release import opens_at, released_envelopes, standing_objections
from trading.tender import queries as tenders
from trading.tender.gates import scope_of
from trading.tender.keys import envelope_of
from trading.tender.models import GateKey
from trading.tender.policy import Step
from trading.tender.suspensions import is_stopped

_log = structlog.get_logger()


def open_gate(platform: Platform, lot_id: str, *, opens: str) -> bool:
    """Ask the gate for its shares of one stage; false while it refuses, and why is logged and told in the hall."""
    with platform.db.read() as tx:
        if not _is_worth_asking(tx, lot_id, opens):
            return False
        kind = tenders.key_manifest_body(tx, lot_id).policy.gate
        scope = _scope(tx, lot_id)
        evidence = evidence_for(tx, platform, lot_id, opens)
    gate = gate_of(platform, kind)
    try:
        check_clocks(platform.db, gate)
        raw = gate.release(scope, opens, evidence)
    except (TooEarly, NoQuorum, LotSuspended, LotGivenUp):
        return False  # the gate reads the log a little later than we write it
    except Problem as problem:
        _pause(platform, lot_id, problem)
        return False
    return _take(platform, gate, lot_id, raw, opens=opens)


def _is_worth_asking(tx: Tx, lot_id: str, opens: str) -> bool:
    """What the platform can see by itself: it spares the gate questions whose answer is known."""
    opening = tx.get(Opening, lot_id)
    if opening is None or opening.state != OpeningState.SEALED or opening.store_verified_at is None:
        return False
    if opening.opens != opens:
        return False
    if not queries.closing_witnessed(tx, opening):
        return False
    lot, now = tenders.lot_context(tx, lot_id), clock.now(tx)
    if is_stopped(tx, lot_id, Step.OPENING, now):
        return False
    releases = queries.releases_of(tx, lot_id, opens)
    newest = audit.published_checkpoint(tx)
    logged = [one for one in releases if newest is not None and one.received_at <= newest.instant]
    return gate_may_release(
        valid_releases=len(logged),
        k=lot.rule_set.custodians.k,
        release_opens_at=opens_at(tx, opening, lot),
        objections=standing_objections(tx, lot_id),
        now=now,
    )


def evidence_for(tx: Tx, platform: Platform, lot_id: str, opens: str) -> Evidence:
    """All signed documents of a stage, with the certificates they were signed with."""
    opening = tx.get_one(Opening, lot_id)
    manifest = envelope_of(tenders.key_manifest(tx, lot_id))
    schedules = tenders.schedules_of(tx, lot_id)
    releases = released_envelopes(tx, platform.wrapper, lot_id, opening.round, opens=opens)
    shares = bidder_shares.given_shares(tx, platform.wrapper, lot_id)
    signers = {keyid for raw in (manifest, *schedules, *releases) for keyid in dsse.keyids_of(raw)}
    result = opening.stage_document
    committee = dsse.keyids_of(result) if result else ()
    return Evidence(
        key_manifest=manifest.decode(),
        certificates=[_certificate(tx, keyid) for keyid in sorted(signers)],
        schedules=[raw.decode() for raw in schedules],
        releases=[raw.decode() for raw in releases],
        bids=[_given(tx, platform, bid, shares) for bid in queries.bids_of(tx, lot_id)],
        technical_result=result.decode() if result else None,
        committee=[_certificate(tx, keyid) for keyid in committee],
    )


def _certificate(tx: Tx, keyid: str) -> bytes:
    holder = certificates.certificate_holder(tx, keyid)
    if holder is None:
        raise CertificateUnknown
    return holder.der


def _given(tx: Tx, platform: Platform, bid: OpeningBid, shares: Mapping[tuple[str, str], bytes]) -> BidGiven:
    """A bid with the gate's capsules, as far as they are still there, and the shares that its bidder gave."""
    manifest = bidding.bid_manifest(bid.envelope)
    upload_id = bidding.upload_of(tx, bid.bid_id)
    own = [
        CapsuleGiven(part.id, _stored(platform, capsule_key(upload_id, one.sha256)))
        for part in manifest.parts
        for one in part.capsules
        if one.holder == capsules.GATE
    ]
    given = [
        BidderShareGiven(part, share)
        for (digest, part), share in shares.items()
        if digest == bid.manifest_sha256
    ]
    return BidGiven(bid.envelope.decode(), _certificate(tx, manifest.cert_sha256), own, given)


def _stored(platform: Platform, key: str) -> bytes:
    try:
        return platform.store.get(key)
    except NotFound:
        return b""


def _scope(tx: Tx, lot_id: str) -> Scope:
    lot = tenders.lot_context(tx, lot_id)
    return scope_of(lot.tender_id, lot_id, lot.round)


def _take(platform: Platform, gate: GatePort, lot_id: str, raw: bytes, *, opens: str) -> bool:
    """Keep the gate's signed release; false when another process was first."""
    keys = {dsse.keyids_of(raw)[0]: Ed25519PublicKey.from_public_bytes(gate.public_bytes)}
    release = dsse.open_document(raw, m.GateRelease, keys)
    with platform.db.transaction() as tx:
        opening = tx.scalar(select(Opening).where(Opening.lot_id == lot_id).with_for_update())
        if opening is None or (opening.state, opening.opens) != (OpeningState.SEALED, opens):
            return False
        manifest = tenders.key_manifest(tx, lot_id)
        m.check_bound(release.document, tenders.key_manifest_body(tx, lot_id), manifest.sha256)
        at = clock.now(tx)
        wrapped = platform.wrapper.wrap("gate-release", f"{lot_id}/{opening.round}/{opens}", raw)
        tx.add(
            GateRelease(lot_id=lot_id, opens=opens, sha256=release.sha256, wrapped=wrapped, released_at=at)
        )
        move_opening(tx, opening, OpeningMove.RELEASE, at=at)
        lot = tenders.lot_context(tx, lot_id)
        _resume(tx, opening, lot.lot_code, at=at)
        data = {"lot": lot.lot_code, "opens": opens, "release_sha256": release.sha256}
        announce(tx, "gate.released", lot_id=lot_id, at=at, data=data)
    return True


def _pause(platform: Platform, lot_id: str, problem: Problem) -> None:
    """The opening stands still through no fault of a bidder's: say so once, in the log and in the hall."""
    with platform.db.transaction() as tx:
        at = clock.now(tx)
        paused = tx.execute(
            update(Opening)
            .where(Opening.lot_id == lot_id, Opening.paused_by.is_distinct_from(problem.code))
            .values(paused_by=problem.code)
            .returning(Opening.lot_id)
        ).one_or_none()
        if paused is not None:
            lot = tenders.lot_context(tx, lot_id)
            data = {"lot": lot.lot_code, "code": problem.code}
            announce(tx, "opening.paused", lot_id=lot_id, at=at, data=data)
            _log.error("opening.paused", lot_id=lot_id, code=problem.code, reason=str(problem))


def _resume(tx: Tx, opening: Opening, lot_code: str, *, at: datetime) -> None:
    if opening.paused_by is not None:
        data = {"lot": lot_code, "code": opening.paused_by}
        opening.paused_by = None
        announce(tx, "opening.resumed", lot_id=opening.lot_id, at=at, data=data)


def destroy_gate_keys(platform: Platform, lot_id: str) -> None:
    """Ask the gate which keys it destroyed, as it does when the log shows that they had their use."""
    with platform.db.read() as tx:
        gate = gate_of(platform, tenders.key_manifest_body(tx, lot_id).policy.gate)
        scope = _scope(tx, lot_id)
        left = queries.gate_keys_left(tx, lot_id)
    for opens in left:
        if destroyed_at := gate.destroyed_at(scope, opens):
            _note_destroyed(platform, lot_id, opens, destroyed_at)


def _note_destroyed(platform: Platform, lot_id: str, opens: str, destroyed_at: datetime) -> None:
    with platform.db.transaction() as tx:
        first = tx.execute(
            update(GateKey)
            .where(GateKey.lot_id == lot_id, GateKey.opens == opens, GateKey.destroyed_at.is_(None))
            .values(destroyed_at=destroyed_at)
            .returning(GateKey.lot_id)
        ).one_or_none()
        if first is not None:
            lot = tenders.lot_context(tx, lot_id)
            data = {"lot": lot.lot_code, "holder": "gate", "opens": opens}
            record(tx, "keys.destroyed", subject=lot_id, actor="system", at=clock.now(tx), data=data)
