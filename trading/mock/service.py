"""Mock openings are made and ended by the centre; custodians give test keys and release test shares."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update

from bidding_docs import dsse, suites
from bidding_docs import manifests as m
from bidding_docs.codes import BadSchema, CertificateOfAnother, ManifestSignature
from govcore.audit.service import record
from govcore.db import Tx, new_id
from govcore.errors import MoveNotAllowed, NotFound, Problem
from govcore.identity import queries as identity
from govcore.identity.policy import Actor, Role, require
from govcore.notify.service import tell
from trading.mock import envelopes, queries
from trading.mock.models import MockBid, MockOpening, MockSeat
from trading.mock.policy import is_stale
from trading.mock.schemas import NewKey
from trading.tender import queries as tenders
from trading.tender.certificates import holder_of, key_of
from trading.tender.policy import bidding_open


class NothingAhead(Problem):
    code = "E_MOCK_STATE"
    text = "A mock opening is made for a lot that takes bids, before its deadline."


class AlreadyMade(Problem):
    code = "E_MOCK_RUNNING"
    text = "A mock opening of this lot is under way; end it before you begin another one."


def make(tx: Tx, lot_id: str, *, actor: Actor, at: datetime) -> str:
    """Begin a mock opening of a lot with its own custodians, and ask them for test keys; its id."""
    require(actor, "mock.make")
    lot = tenders.published_lot(tx, lot_id)
    if not bidding_open(lot.state, lot.deadline_at, at):
        raise NothingAhead
    if queries.running_of(tx, lot_id) is not None:
        raise AlreadyMade
    mock = MockOpening(id=new_id(), lot_id=lot_id, made_by=actor.user_id, made_at=at)
    tx.add(mock)
    tx.flush()
    seats = tenders.custodians_of(tx, lot_id)
    tx.add_all(MockSeat(mock_id=mock.id, index=one.index, role=one.role, org_id=one.org_id) for one in seats)
    tx.flush()
    record(tx, "mock.made", subject=mock.id, actor=actor.user_id, at=at, data={"lot": lot.lot_code})
    text = "{lot}: a mock opening begins. Make a test key for it; nothing of it touches the tender."
    _tell_custodians(tx, mock.id, "keys", text, {"lot": lot.lot_name}, at=at)
    return mock.id


def give_key(tx: Tx, mock_id: str, given: NewKey, *, actor: Actor, at: datetime) -> None:
    """Take a custodian's test key, once; the last one lets the test bids be sealed."""
    require(actor, "mock.take_part")
    mock, seat = _locked(tx, mock_id, actor)
    if mock.sealed_at is not None or seat.recipient is not None:
        raise MoveNotAllowed(move="mock.give_key", state="given")
    if holder_of(tx, given.cert_sha256, at=at).org_id != actor.org_id:
        raise CertificateOfAnother
    try:
        suites.get("bs1").check_recipient(given.recipient)
    except ValueError as error:
        raise BadSchema(detail=str(error)) from error
    seat.cert_sha256, seat.recipient, seat.blob = given.cert_sha256, given.recipient, given.blob
    data = {"custodian": seat.index}
    record(tx, "mock.key_given", subject=mock_id, actor=actor.user_id, at=at, data=data)


def keep(tx: Tx, mock_id: str, sealed: envelopes.Sealed, *, at: datetime) -> bool:
    """Keep the sealed test bids and ask the custodians to release; false when another process was first."""
    fixed = (
        update(MockOpening)
        .where(MockOpening.id == mock_id, MockOpening.sealed_at.is_(None))
        .values(
            key_manifest=sealed.key_manifest,
            closed_event=sealed.closed_event,
            authority=sealed.authority,
            sealed_at=at,
        )
    )
    if tx.execute(fixed.returning(MockOpening.id)).one_or_none() is None:
        return False
    tx.add_all(
        MockBid(
            mock_id=mock_id,
            number=number,
            envelope=bid.envelope,
            certificate=bid.certificate,
            capsules=bid.capsules,
            ciphertext=bid.ciphertext,
        )
        for number, bid in enumerate(sealed.bids, 1)
    )
    record(tx, "mock.sealed", subject=mock_id, actor="system", at=at, data={"bids": len(sealed.bids)})
    text = "The test envelopes of a mock opening are sealed. Release your test shares."
    _tell_custodians(tx, mock_id, "release", text, {}, at=at)
    return True


def accept(tx: Tx, mock_id: str, raw: bytes, *, actor: Actor, at: datetime) -> None:
    """Take a custodian's signed release; each share must be the one that its test bid committed to."""
    require(actor, "mock.take_part")
    mock, seat = _locked(tx, mock_id, actor)
    if mock.key_manifest is None or mock.closed_event is None or seat.release is not None:
        raise MoveNotAllowed(move="mock.release", state="keys" if mock.sealed_at is None else "released")
    keys = {keyid: holder_of(tx, keyid, at=at) for keyid in dsse.keyids_of(raw)}
    if any(holder.org_id != seat.org_id for holder in keys.values()):
        raise ManifestSignature(detail="it is not the custodian's")
    signed = dsse.open_document(
        raw, m.ShareRelease, {keyid: key_of(holder.der) for keyid, holder in keys.items()}
    )
    if signed.document.custodian != seat.index:
        raise BadSchema(detail="the release is for another seat or stage")
    bids = [bid.envelope for bid in queries.bids_of(tx, mock_id)]
    envelopes.check_release(
        signed.document, key_manifest=mock.key_manifest, closed_event=mock.closed_event, bids=bids
    )
    seat.release, seat.released_at = raw, at
    data = {"custodian": seat.index}
    record(tx, "mock.released", subject=mock_id, actor=actor.user_id, at=at, data=data)


def keep_read_out(tx: Tx, mock_id: str, rows: list[dict[str, Any]], *, at: datetime) -> None:
    """Keep what the test bids said; safe to repeat."""
    shown = (
        update(MockOpening)
        .where(MockOpening.id == mock_id, MockOpening.read_out_at.is_(None))
        .values(read_out=rows, read_out_at=at)
        .returning(MockOpening.id)
    )
    if tx.execute(shown).one_or_none() is not None:
        record(tx, "mock.read_out", subject=mock_id, actor="system", at=at, data={"bids": len(rows)})


def end(tx: Tx, mock_id: str, *, actor: Actor, at: datetime) -> None:
    """Throw a mock opening away with its keys, envelopes and read-out."""
    require(actor, "mock.make")
    if tx.get(MockOpening, mock_id) is None:
        raise NotFound
    _forget(tx, mock_id, by=actor.user_id, at=at)


def forget_stale(tx: Tx, mock_id: str, *, at: datetime) -> None:
    """Throw away what is out of date; safe to repeat."""
    mock = tx.get(MockOpening, mock_id)
    if mock is not None and is_stale(mock.made_at, tenders.lot_context(tx, mock.lot_id).deadline_at, at):
        _forget(tx, mock_id, by="system", at=at)


def _forget(tx: Tx, mock_id: str, *, by: str, at: datetime) -> None:
    for table, its in (
        (MockBid, MockBid.mock_id),
        (MockSeat, MockSeat.mock_id),
        (MockOpening, MockOpening.id),
    ):
        tx.execute(delete(table).where(its == mock_id))
    record(tx, "mock.ended", subject=mock_id, actor=by, at=at, data={})


def _locked(tx: Tx, mock_id: str, actor: Actor) -> tuple[MockOpening, MockSeat]:
    """The mock opening and the actor's seat in it; it does not exist for anybody else."""
    mock = tx.scalar(select(MockOpening).where(MockOpening.id == mock_id).with_for_update())
    own = MockSeat.mock_id == mock_id, MockSeat.org_id == actor.org_id
    seat = tx.scalar(select(MockSeat).where(*own))
    if mock is None or seat is None:
        raise NotFound
    return mock, seat


def _tell_custodians(
    tx: Tx, mock_id: str, what: str, text: str, data: dict[str, object], *, at: datetime
) -> None:
    orgs = tx.scalars(select(MockSeat.org_id).where(MockSeat.mock_id == mock_id))
    people = [user for org in orgs for user in identity.users_with_role(tx, Role.CUSTODIAN, org_id=org)]
    about, href = f"mock.{what}/{mock_id}", f"/mock-openings/{mock_id}"
    tell(tx, people, about=about, text=text, data=data, href=href, at=at)
