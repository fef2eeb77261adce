"""Releases: custodians hand in their signed shares, each held against its commitment."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import func, select

from bidding_docs import capsules, dsse
from bidding_docs import manifests as m
from bidding_docs.codes import BadSchema, CapsuleUnreadable, ManifestSignature, SealObjection, TooEarly
from bidding_docs.encoding import b64decode, format_time
from govcore import clock
from govcore.db import Tx
from govcore.errors import MoveNotAllowed, NotFound
from govcore.identity.policy import Actor, require
from govcore.keys import KeyWrapper
from trading.opening import bidder_shares, queries
from trading.opening.clocks import check_own_clock
from trading.opening.hall import announce
from trading.opening.models import Opening, ShareRelease
from trading.opening.models import SealObjection as Objection
from trading.opening.pausing import windows_of
from trading.opening.policy import OpeningState, release_opens_at
from trading.opening.stages import covered_parts
from trading.tender import custodian_keys
from trading.tender import queries as tenders
from trading.tender.certificates import holder_of, key_of
from trading.tender.models import Custodian
from trading.tender.policy import Step
from trading.tender.queries import LotContext
from trading.tender.suspensions import keep_running

TAKES_SHARES = (OpeningState.SEALED, OpeningState.RELEASED)


def accept(tx: Tx, wrapper: KeyWrapper, lot_id: str, raw: bytes, *, actor: Actor) -> None:
    """Take a custodian's signed release of the present stage; every share must be the one its bidder committed to.

    Until the read-out a release may come late: it resumes a suspended opening, or saves a bid whose shares disagree.
    """
    require(actor, "share.release")
    check_own_clock(tx)
    seat = _seat(tx, lot_id, actor)
    opening = tx.get(Opening, lot_id)
    at = clock.now(tx)
    lot = tenders.published_lot(tx, lot_id)
    if opening is None:
        raise TooEarly(opening_at=_time(lot.opening_at))
    keep_running(tx, lot_id, Step.OPENING, at)
    if at < (earliest := opens_at(tx, opening, lot)):
        raise TooEarly(opening_at=_time(earliest))
    release, digest = _parse(tx, raw, seat, at=at)
    given = tx.get(ShareRelease, (lot_id, seat.index, release.opens))
    if given is not None and given.sha256 == digest:
        return  # the answer was lost and it is sent again
    if given is not None or opening.state not in TAKES_SHARES:
        raise MoveNotAllowed(move="share.release", state="released" if given else opening.state)
    if standing_objections(tx, lot_id):
        raise SealObjection
    manifest = tenders.key_manifest(tx, lot_id)
    m.check_bound(release, msgspec.json.decode(manifest.payload, type=m.KeyManifest), manifest.sha256)
    _check_scope(release, seat, opening)
    _check_shares(tx, release, opening)
    context = f"{lot_id}/{opening.round}/{seat.index}"
    tx.add(
        ShareRelease(
            lot_id=lot_id,
            custodian=seat.index,
            opens=release.opens,
            sha256=digest,
            wrapped=wrapper.wrap("share", context, raw),
            received_at=at,
        )
    )
    data = {"lot": lot.lot_code, "custodian": seat.index, "opens": release.opens, "release_sha256": digest}
    announce(tx, "share.released", lot_id=lot_id, at=at, data=data)
    if not any(item.refused == CapsuleUnreadable.code for item in release.releases):
        # A custodian who says that a capsule does not open keeps its key until that is judged.
        custodian_keys.destroy(tx, lot_id, lot.lot_code, opens=release.opens, at=at, custodian=seat.index)


def opens_at(tx: Tx, opening: Opening, lot: LotContext) -> datetime:
    """When custodians and gate may release the present stage."""
    until = windows_of(tx, opening)
    return release_opens_at(
        seal_check_until=until.seal_check_until,
        bidder_until=until.bidder_until,
        bidder_shares_missing=bidder_shares.missing(tx, opening),
        opening_at=lot.opening_at or opening.closed_at,
    )


def _time(moment: datetime | None) -> str:
    return format_time(moment) if moment else "-"


def _seat(tx: Tx, lot_id: str, actor: Actor) -> Custodian:
    query = select(Custodian).where(Custodian.lot_id == lot_id, Custodian.org_id == actor.org_id)
    seat = tx.scalar(query)
    if seat is None:
        raise NotFound
    return seat


def _parse(tx: Tx, raw: bytes, seat: Custodian, *, at: datetime) -> tuple[m.ShareRelease, str]:
    """The release, when the seat's certificate signed it, or another one of its organisation that keeps nothing back.

    Who lost that machine still has the keys under the passphrase, and every share is held against its commitment;
    reasons for keeping a share back prove nothing by themselves.
    """
    holders = {keyid: holder_of(tx, keyid, at=at) for keyid in dsse.keyids_of(raw)}
    if any(holder.org_id != seat.org_id for holder in holders.values()):
        raise ManifestSignature(detail="it is not the custodian's")
    keys = {keyid: key_of(holder.der) for keyid, holder in holders.items()}
    signed = dsse.open_document(raw, m.ShareRelease, keys)
    if signed.keyids != (seat.cert_sha256,) and not signed.document.holds_only_shares():
        raise ManifestSignature(detail="to keep a share back takes the certificate of the key manifest")
    return signed.document, signed.sha256


def _check_scope(release: m.ShareRelease, seat: Custodian, opening: Opening) -> None:
    if release.custodian != seat.index or release.opens != opening.opens:
        raise BadSchema(detail="the release is for another seat or stage")
    if release.tender_closed_sha256 != m.digest(opening.closed_payload):
        raise BadSchema(detail="the release is for another closing")


def _check_shares(tx: Tx, release: m.ShareRelease, opening: Opening) -> None:
    """Exactly the stage's parts are answered, and each share fits the commitment in the bidder's manifest."""
    answered = {(item.manifest_sha256, item.part): item for item in release.releases}
    holder = f"custodian:{release.custodian}"
    for bid, manifest, part in covered_parts(tx, opening):
        item = answered.pop((bid.manifest_sha256, part.id), None)
        if item is None:
            raise BadSchema(detail="the release leaves out a bid")
        if isinstance(item.share, str):
            context = capsules.context_of(manifest, part)
            capsules.check_share(context, holder, b64decode(item.share), part.commits()[holder])
    if answered:
        raise BadSchema(detail="the release names what does not open at this stage")


def share_releases(
    tx: Tx, wrapper: KeyWrapper, lot_id: str, round_: int, *, opens: str
) -> list[m.ShareRelease]:
    """The custodians' releases of one stage of a lot, unwrapped."""
    found = released_envelopes(tx, wrapper, lot_id, round_, opens=opens)
    return [m.parse(dsse.Envelope.decode(raw).payload, m.ShareRelease) for raw in found]


def released_envelopes(tx: Tx, wrapper: KeyWrapper, lot_id: str, round_: int, *, opens: str) -> list[bytes]:
    """The same as they were signed."""
    rows = queries.releases_of(tx, lot_id, opens)
    return [wrapper.unwrap("share", f"{lot_id}/{round_}/{row.custodian}", row.wrapped) for row in rows]


def standing_objections(tx: Tx, lot_id: str) -> int:
    query = select(func.count()).select_from(Objection)
    return tx.scalar(query.where(Objection.lot_id == lot_id, Objection.answered_at.is_(None))) or 0
