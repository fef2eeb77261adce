"""When too few custodians release: bidders hand in their own keys, and no trust in them is needed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func, select

from bidding_docs import recovery, suites
from bidding_docs.codes import BadSchema, NoQuorum, TooEarly
from bidding_docs.encoding import format_time
from govcore import clock
from govcore.audit.service import record
from govcore.db import Tx
from govcore.errors import Detail, NotFound
from govcore.identity.policy import Actor, Role, require
from govcore.platform import Platform
from trading.bidding import queries as bidding
from trading.opening.bidder_shares import own_bid
from trading.opening.hall import announce
from trading.opening.models import Opening, PartKey, ShareRelease
from trading.opening.moves import move_opening
from trading.opening.pausing import windows_of
from trading.opening.policy import RULES, OpeningMove, OpeningState, suspended
from trading.opening.release import opens_at, standing_objections
from trading.opening.stages import covered_bids, covered_parts, parts_at
from trading.tender import queries as tenders
from trading.tender.policy import Step
from trading.tender.suspensions import is_stopped, keep_running


def recover(tx: Tx, platform: Platform, lot_id: str, identities: Mapping[str, str], *, actor: Actor) -> None:
    """Take the keys of one's own bid for the present stage; handing them in again changes nothing.

    Raises E_TOO_EARLY while custodians still have time, E_BIDDER_KEY_MISMATCH for a key that is not the part's.
    """
    require(actor, "opening.recover")
    opening = _waiting(tx, lot_id)
    at = clock.now(tx)
    keep_running(tx, lot_id, Step.OPENING, at)
    until = windows_of(tx, opening).release_until
    if opening.state != OpeningState.SEALED or at < until:
        raise TooEarly(opening_at=format_time(until))
    bid = own_bid(tx, opening, actor)
    manifest = bidding.bid_manifest(bid.envelope)
    parts = parts_at(manifest, tenders.key_manifest_body(tx, lot_id), opening.opens)
    if set(identities) != {part.id for part in parts}:
        raise BadSchema(detail="a key is needed for every part that opens now, and no other")
    keys = {part.id: _checked(identities[part.id], part.recipient, part.id) for part in parts}
    if tx.get(PartKey, (bid.bid_id, parts[0].id)) is not None:
        return
    tx.add_all(
        PartKey(
            bid_id=bid.bid_id,
            part=part,
            wrapped=platform.wrapper.wrap("part-key", f"{bid.bid_id}/{part}", key),
        )
        for part, key in keys.items()
    )
    data = {"lot_id": lot_id, "opens": opening.opens, "manifest_sha256": bid.manifest_sha256}
    announce(tx, "opening.recovery", lot_id=lot_id, subject=bid.bid_id, at=at, data=data)


def _waiting(tx: Tx, lot_id: str) -> Opening:
    opening = tx.scalar(select(Opening).where(Opening.lot_id == lot_id).with_for_update())
    if opening is None:
        raise NotFound
    return opening


def _checked(text: str, recipient: str, part: str) -> bytes:
    try:
        identity = suites.of_recipient(recipient).parse_identity(text)
    except ValueError:
        raise BadSchema(detail=Detail("the key of {part} is no identity", part=part)) from None
    recovery.check_identity(identity, recipient=recipient, part=part)
    return identity


def note_suspension(tx: Tx, lot_id: str) -> bool:
    """Say once, in the log, that too few custodians released in their window; true when it was said now."""
    opening = _waiting(tx, lot_id)
    lot, at = tenders.lot_context(tx, lot_id), clock.now(tx)
    have, need = _releases(tx, opening), lot.rule_set.custodians.k
    short = suspended(releases=have, k=need, release_until=windows_of(tx, opening).release_until, now=at)
    if opening.state != OpeningState.SEALED or opening.suspended_at is not None or not short:
        return False
    opening.suspended_at = at
    data = {"lot": lot.lot_code, "opens": opening.opens, "code": NoQuorum.code, "have": have, "need": need}
    announce(tx, "opening.suspended", lot_id=lot_id, at=at, data=data)
    return True


def _releases(tx: Tx, opening: Opening) -> int:
    query = select(func.count()).select_from(ShareRelease)
    query = query.where(ShareRelease.lot_id == opening.lot_id, ShareRelease.opens == opening.opens)
    return tx.scalar(query) or 0


def go_on_with_recovered_keys(tx: Tx, lot_id: str) -> bool:
    """Go on without custodians once every bid's keys are here; false while one is missing."""
    opening = _waiting(tx, lot_id)
    at = clock.now(tx)
    have, need = recovered(tx, opening)
    if have < need or not _may_go_on(tx, opening, at=at):
        return False
    _go_on(tx, opening, have=have, need=need, at=at)
    return True


def conclusion(tx: Tx, lot_id: str, _content: object, actor: Actor) -> dict[str, str | int]:
    """What going on with the keys that are here would mean; raise `TooEarly` while it is not possible.

    The centre proposes it; a colleague, or somebody of the department that supervises the tender, is the second.
    """
    lot = tenders.published_lot(tx, lot_id)
    if Role.CENTRE not in actor.roles and lot.regulator.id != actor.org_id:
        raise NotFound
    opening = tx.scalar(select(Opening).where(Opening.lot_id == lot_id))
    if opening is None:
        raise NotFound
    if not _may_go_on(tx, opening, at=clock.now(tx)):
        raise TooEarly(opening_at=format_time(windows_of(tx, opening).release_until))
    have, need = recovered(tx, opening)
    return {
        "lot": lot.lot_code,
        "title": f"{lot.title} · {lot.lot_name}",
        "bids": need,
        "keys": have,
        "sealed": need - have,
    }


def conclude(
    tx: Tx, _platform: Platform, lot_id: str, _content: object, *, proposer: Actor, second: Actor
) -> None:
    """Go on with the keys that are here: bids without keys stay sealed by the custodians' fault (E_QUORUM)."""
    require(proposer, "opening.conclude")
    opening = _waiting(tx, lot_id)
    at = clock.now(tx)
    if not _may_go_on(tx, opening, at=at):
        raise TooEarly(opening_at=format_time(windows_of(tx, opening).release_until))
    have, need = recovered(tx, opening)
    _go_on(tx, opening, have=have, need=need, at=at)
    data = {"have": have, "need": need, "second": second.user_id}
    record(tx, "opening.concluded", subject=lot_id, actor=proposer.user_id, at=at, data=data)


def _may_go_on(tx: Tx, opening: Opening, *, at: datetime) -> bool:
    """The custodians had their time in vain, and nothing else keeps the seals shut."""
    lot = tenders.lot_context(tx, opening.lot_id)
    return (
        opening.state == OpeningState.SEALED
        and opening.store_verified_at is not None
        and at >= max(windows_of(tx, opening).release_until, opens_at(tx, opening, lot))
        and not is_stopped(tx, opening.lot_id, Step.OPENING, at)
        and standing_objections(tx, opening.lot_id) == 0
    )


def _go_on(tx: Tx, opening: Opening, *, have: int, need: int, at: datetime) -> None:
    move_opening(tx, opening, OpeningMove.RECOVER, at=at)
    data = {"lot_id": opening.lot_id, "opens": opening.opens, "recovered": have, "bids": need}
    announce(tx, RULES[OpeningMove.RECOVER].event, lot_id=opening.lot_id, at=at, data=data)


def recovered(tx: Tx, opening: Opening) -> tuple[int, int]:
    """How many bids of the present stage have all their keys, and how many there are."""
    bids = covered_bids(tx, opening)
    wanted = {(bid.bid_id, part.id) for bid, _, part in covered_parts(tx, opening)}
    query = select(PartKey.bid_id, PartKey.part).where(PartKey.bid_id.in_([bid.bid_id for bid in bids]))
    lacking = {bid_id for bid_id, _ in wanted - {(row[0], row[1]) for row in tx.execute(query)}}
    return len(bids) - len(lacking), len(bids)
