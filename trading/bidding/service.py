"""Submit, withdraw, refuse: judged by the database's clock inside the transaction that writes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import Insert, bindparam, insert, select

from bidding_docs import dsse, receipts, suites
from bidding_docs import manifests as m
from bidding_docs.codes import (
    CertificateOfAnother,
    Conflict,
    Late,
    ManifestSignature,
    OverLimit,
    SealProblem,
    WrongHash,
    WrongSequence,
)
from bidding_docs.encoding import format_time
from govcore import clock
from govcore.audit.service import record
from govcore.certificates.queries import BY_CERTIFICATE, CertificateHolder
from govcore.db import Base, Tx, new_id
from govcore.dsse import BadEnvelope, BadSignature
from govcore.errors import NotFound, Problem
from govcore.identity.policy import Actor, require
from govcore.keys import KeyWrapper
from govcore.trips import ask, join_commit, tell
from govcore.vault import Vault
from trading.bidding import consents
from trading.bidding.models import Bid, Upload, UploadPart
from trading.bidding.policy import Kind, is_seasoned, next_seq
from trading.bidding.queries import Kept, Last, bidder_tag, last_message, last_of, owner_tag, unwrap
from trading.bidding.schemas import Submission, Withdrawal
from trading.tender import queries as tenders
from trading.tender.certificates import key_of, valid_holder
from trading.tender.models import Lot
from trading.tender.policy import bidding_open


class NotClosedYet(Problem):
    """Before the closing nobody can say for sure what was received."""

    code = "E_NOT_CLOSED"
    text = "The lot is not closed yet; ask again after the deadline."


class BidReceived(Problem):
    """A message was received: its receipt tells which."""

    code = "E_RECEIVED"
    text = "A message of your organisation was received; see its receipt."


@dataclass(frozen=True, slots=True)
class Desk:
    """The keys with which the intake stamps and seals what it takes."""

    vault: Vault
    wrapper: KeyWrapper


@dataclass(frozen=True, slots=True)
class _Message:
    """A message as it was sent: read, but not yet held against the signature of its certificate."""

    body: m.BidManifest | m.BidWithdraw
    digest: str
    envelope: bytes


@dataclass(frozen=True, slots=True)
class _Held:
    """What a message is judged by: the lot locked against its closing, and the clock as it was after the lock.

    With it come the actor's own messages to the lot so far, the certificate's holder and the upload.
    """

    lot_id: str
    state: str
    deadline_at: datetime | None
    key_manifest_sha256: str | None
    at: datetime
    tag: str
    mine: list[Bid]
    holder: CertificateHolder | None
    upload: list[Any]

    def refuse_late(self) -> None:
        if not bidding_open(self.state, self.deadline_at, self.at):
            raise Late(deadline_at=format_time(self.deadline_at) if self.deadline_at else "-")


# Statements of every submission, built once.
_LOCK = (
    select(Lot.state, Lot.deadline_at, Lot.key_manifest_sha256)
    .where(Lot.id == bindparam("lot_id"))
    .with_for_update(read=True)
)
_MINE = (
    select(*Base.metadata.tables[Bid.__tablename__].columns)
    .where(Bid.lot_id == bindparam("lot_id"), Bid.bidder_tag == bindparam("tag"))
    .order_by(Bid.round, Bid.seq)
)
_UPLOAD = (
    select(Upload.capsules, UploadPart.sha256, UploadPart.size)
    .outerjoin(UploadPart, UploadPart.upload_id == Upload.id)
    .where(
        Upload.id == bindparam("upload_id"),
        Upload.owner_tag == bindparam("owner_tag"),
        Upload.discarded_at.is_(None),
    )
)
_INSERT: Insert = insert(Base.metadata.tables[Bid.__tablename__]).inline()


def submit(tx: Tx, desk: Desk, lot_id: str, given: Submission, *, actor: Actor) -> bytes:
    """Take a sealed bid and return its signed receipt; raise a `SealProblem` and keep nothing.

    The same key with the same envelope returns the same receipt, also after the deadline.
    """
    require(actor, "bid.submit")
    message = _read(given.envelope.encode(), m.BidManifest)
    held = _hold(tx, desk, lot_id, message, given.upload_id, actor)
    tag = _idempotency_tag(desk, lot_id, given.idempotency_key, actor)
    known = _known(desk, held, message.envelope, tag)
    if known is not None:
        return known
    holder = _signer_of(message, held, actor)
    assert isinstance(message.body, m.BidManifest)
    manifest, digest = _key_manifest(tx, lot_id, held.key_manifest_sha256)
    m.check_bid(message.body, manifest, digest)
    suites.check_key(manifest.suite, _key_of(holder.der))
    held.refuse_late()
    _check_sent(held.upload, message.body, manifest)
    return _take(tx, desk, held, message, holder, idempotency_tag=tag, actor=actor, upload_id=given.upload_id)


def withdraw(tx: Tx, desk: Desk, lot_id: str, given: Withdrawal, *, actor: Actor) -> bytes:
    """Take a withdrawal (招标投标法 art. 29) and return its signed receipt."""
    require(actor, "bid.submit")
    message = _read(given.envelope.encode(), m.BidWithdraw)
    held = _hold(tx, desk, lot_id, message, "", actor)
    tag = _idempotency_tag(desk, lot_id, given.idempotency_key, actor)
    known = _known(desk, held, message.envelope, tag)
    if known is not None:
        return known
    holder = _signer_of(message, held, actor)
    manifest, digest = _key_manifest(tx, lot_id, held.key_manifest_sha256)
    m.check_bound(message.body, manifest, digest)
    suites.check_key(manifest.suite, _key_of(holder.der))
    held.refuse_late()
    return _take(tx, desk, held, message, holder, idempotency_tag=tag, actor=actor, upload_id=None)


def refuse(tx: Tx, desk: Desk, lot_id: str, envelope: str, problem: SealProblem, *, actor: Actor) -> bytes:
    """Log a refused attempt and sign the refusal; the attempt itself is not stored."""
    at = clock.now(tx)
    manifest, digest = key_manifest(tx, lot_id)
    digest_sent = _digest_of(envelope)
    data = {"code": problem.code, "manifest_sha256": digest_sent}
    who = bidder_tag(desk.vault, lot_id, actor.org_id)
    record(tx, "bid.refused", subject=lot_id, actor=who, at=at, data=data)
    return receipts.make_refusal(
        manifest,
        key_manifest_sha256=digest,
        manifest_sha256=digest_sent,
        code=problem.code,
        at=at,
        signer=desk.vault.receipt_signer,
    )


def state_no_bid(tx: Tx, desk: Desk, lot_id: str, *, actor: Actor) -> bytes:
    """Sign that no bid of the actor's organisation was received; only once the lot is closed.

    Closing waits for every submission that was judged before the deadline: an earlier statement could be wrong.
    """
    require(actor, "bid.submit")
    lot = tx.get(Lot, lot_id)
    if lot is None or lot.key_manifest_sha256 is None or lot.deadline_at is None or actor.uscc is None:
        raise NotFound
    if lot.closed_at is None:
        raise NotClosedYet
    manifest, digest = _key_manifest(tx, lot_id, lot.key_manifest_sha256)
    if last_message(tx, desk.wrapper, lot_id, lot.round, bidder_tag(desk.vault, lot_id, actor.org_id)):
        raise BidReceived
    at = clock.now(tx)
    record(tx, "bid.none_stated", subject=lot_id, actor=actor.user_id, at=at, data={})
    return receipts.make_no_bid(
        manifest,
        key_manifest_sha256=digest,
        bidder_id=actor.uscc,
        deadline_at=lot.deadline_at,
        at=at,
        signer=desk.vault.receipt_signer,
    )


def _digest_of(envelope: str) -> str:
    """Of the manifest where the envelope can be read, else of what was sent."""
    try:
        return m.digest(dsse.Envelope.decode(envelope.encode()).payload)
    except BadEnvelope:
        return m.digest(envelope.encode())


def key_manifest(tx: Tx, lot_id: str) -> tuple[m.KeyManifest, str]:
    """A published lot's key manifest and its digest."""
    return _key_manifest(tx, lot_id, tx.scalar(select(Lot.key_manifest_sha256).where(Lot.id == lot_id)))


def _key_manifest(tx: Tx, lot_id: str, digest: str | None) -> tuple[m.KeyManifest, str]:
    if digest is None:
        tenders.published_lot(tx, lot_id)
    cached = _parsed(digest or "")
    if not cached:
        cached.append(tenders.key_manifest_body(tx, lot_id))
    return cached[0], digest or ""


@lru_cache(maxsize=256)
def _parsed(_digest: str) -> list[m.KeyManifest]:
    """Key manifests never change under their digest: each is parsed once per process."""
    return []


def _hold(tx: Tx, desk: Desk, lot_id: str, message: _Message, upload_id: str, actor: Actor) -> _Held:
    """Lock the lot against its closing, then read the clock: that time judges the message.

    Five statements, carried out in this order, travel together: the clock is read when the lock is held.
    """
    tag = bidder_tag(desk.vault, lot_id, actor.org_id)
    lot, time, mine, holder, upload = ask(
        tx,
        (_LOCK, {"lot_id": lot_id}),
        (clock.question(tx), {}),
        (_MINE, {"lot_id": lot_id, "tag": tag}),
        (BY_CERTIFICATE, {"sha256": message.body.cert_sha256}),
        (_UPLOAD, {"upload_id": upload_id, "owner_tag": owner_tag(desk.vault, lot_id, actor.org_id)}),
    )
    if not lot:
        raise NotFound
    state, deadline_at, key_manifest_sha256 = lot[0]
    return _Held(
        lot_id=lot_id,
        state=state,
        deadline_at=deadline_at,
        key_manifest_sha256=key_manifest_sha256,
        at=clock.answer(tx, time[0][0]),
        tag=tag,
        mine=mine,
        holder=CertificateHolder(*holder[0]) if holder else None,
        upload=upload,
    )


def _known(desk: Desk, held: _Held, raw: bytes, tag: str) -> bytes | None:
    bid = next((bid for bid in held.mine if bid.idempotency_tag == tag), None)
    if bid is None:
        return None
    kept = msgspec.json.decode(unwrap(desk.wrapper, bid.id, bid.wrapped), type=Kept)
    if kept.envelope != raw:
        raise Conflict
    return kept.receipt


def _idempotency_tag(desk: Desk, lot_id: str, key: str, actor: Actor) -> str:
    return desk.vault.tag("idempotency", lot_id, actor.org_id or "", key)


def _read(raw: bytes, kind: type[m.BidManifest] | type[m.BidWithdraw]) -> _Message:
    body: m.BidManifest | m.BidWithdraw
    body, payload = dsse.read_unverified(raw, kind)
    return _Message(body, m.digest(payload), raw)


def _signer_of(message: _Message, held: _Held, actor: Actor) -> CertificateHolder:
    """Whose the message's one signature is: by a valid certificate of the actor's own organisation."""
    holder = valid_holder(held.holder, at=held.at)
    if holder.org_id != actor.org_id or holder.uscc != message.body.bidder_id:
        raise CertificateOfAnother
    try:
        keys = {message.body.cert_sha256: _key_of(holder.der)}
        dsse.verify(dsse.Envelope.decode(message.envelope), m.media_type(type(message.body)), keys)
    except BadSignature:
        raise ManifestSignature(detail="it is missing or not over these bytes") from None
    return holder


_key_of = lru_cache(maxsize=1024)(key_of)


def _check_sent(upload: list[Any], bid: m.BidManifest, manifest: m.KeyManifest) -> None:
    """Every ciphertext that the manifest names is here, complete, and within its stated limit."""
    if not upload:
        raise NotFound
    parts = {row.sha256: row.size for row in upload if row.sha256 is not None}
    capsules = upload[0].capsules or {}
    for part in bid.parts:
        if part.size > manifest.part(part.id).max_size:
            raise OverLimit(what=f"part {part.id}", limit=manifest.part(part.id).max_size)
        if parts.get(part.sha256) != part.size:
            raise WrongHash(what=f"part {part.id}")
        for capsule in part.capsules:
            if capsule.size and capsules.get(capsule.sha256) != capsule.size:
                raise WrongHash(what=f"the capsule of {capsule.holder}")


def _take(
    tx: Tx,
    desk: Desk,
    held: _Held,
    message: _Message,
    holder: CertificateHolder,
    *,
    idempotency_tag: str,
    actor: Actor,
    upload_id: str | None,
) -> bytes:
    """Write log entry, receipt and bid. Events lie in the database in clear: the bidder's tag stands for the actor."""
    at = held.at
    last = last_of(desk.wrapper, held.mine, message.body.round)
    if not _check_order(message.body, last, holder, at=at):
        consents.need(tx, desk.vault, held.lot_id, message.digest, org_id=holder.org_id, at=at)
    bid_id = new_id()
    join_commit(tx)
    leaf = record(
        tx,
        "bid.submitted" if upload_id else "bid.withdrawn",
        subject=bid_id,
        actor=held.tag,
        at=at,
        data={"manifest_sha256": message.digest, "seq": message.body.seq},
    )
    receipt = receipts.make_receipt(
        message.body,
        manifest_sha256=message.digest,
        receipt_id=new_id(),
        received_at=at,
        leaf=leaf.hash,
        promise_by=leaf.promise_by,
        signer=desk.vault.receipt_signer,
    )
    kept = msgspec.json.encode(Kept(actor.org_id or "", message.envelope, receipt))
    row = {
        "id": bid_id,
        "lot_id": held.lot_id,
        "round": message.body.round,
        "bidder_tag": held.tag,
        "seq": message.body.seq,
        "kind": Kind.BID if upload_id else Kind.WITHDRAW,
        "manifest_sha256": message.digest,
        "idempotency_tag": idempotency_tag,
        "upload_id": upload_id,
        "wrapped": desk.wrapper.wrap("bid", bid_id, kept),
        "leaf": leaf.hash,
        "received_at": at,
    }
    tell(tx, _INSERT, row)
    return receipt


def _check_order(
    body: m.BidManifest | m.BidWithdraw, last: Last | None, holder: CertificateHolder, *, at: datetime
) -> bool:
    """Sequence and predecessor fit; false when a fresh certificate would displace an older bid."""
    follows = body.supersedes if isinstance(body, m.BidManifest) else body.withdraws
    expected = last.manifest_sha256 if last else None
    if body.seq != next_seq(last.seq if last else None) or follows != expected:
        raise WrongSequence(seq=body.seq)
    if isinstance(body, m.BidWithdraw) and (last is None or last.kind != Kind.BID):
        raise WrongSequence(seq=body.seq)
    same = last is None or last.cert_sha256 == body.cert_sha256
    return is_seasoned(same_certificate=same, issued_at=holder.issued_at, at=at)
