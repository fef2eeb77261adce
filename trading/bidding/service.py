"""Submit, withdraw, refuse: judged by the database's clock inside the transaction that writes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import msgspec
from sqlalchemy import insert, select

from bidding_docs import dsse
from bidding_docs import manifests as m
from bidding_docs.codes import (
    BadCertificate,
    Conflict,
    Late,
    OverLimit,
    SealProblem,
    WrongHash,
    WrongKeyManifest,
    WrongSequence,
)
from bidding_docs.encoding import format_time
from govcore import clock
from govcore.audit.service import record
from govcore.db import Tx, new_id
from govcore.dsse import BadEnvelope
from govcore.identity.policy import CERTIFICATE_LIFETIME, Actor, require
from govcore.identity.queries import CertificateHolder
from govcore.keys import KeyWrapper
from govcore.vault import Vault
from trading.bidding.models import Bid, Upload, UploadPart
from trading.bidding.policy import Kind, may_supersede, next_seq
from trading.bidding.queries import Kept, Last, last_message, unwrap
from trading.bidding.schemas import Submission, Withdrawal
from trading.bidding.uploads import own_upload
from trading.tender import queries as tenders
from trading.tender.certificates import holder_of, key_of
from trading.tender.models import Lot
from trading.tender.policy import bidding_open


@dataclass(frozen=True, slots=True)
class Desk:
    """The keys with which the intake stamps and seals what it takes."""

    vault: Vault
    wrapper: KeyWrapper


@dataclass(frozen=True, slots=True)
class _Message:
    """A verified message on its way in."""

    body: m.BidManifest | m.BidWithdraw
    digest: str
    envelope: bytes
    holder: CertificateHolder


def submit(tx: Tx, desk: Desk, lot_id: str, given: Submission, *, actor: Actor) -> bytes:
    """Take a sealed bid and return its signed receipt; raise a `SealProblem` and keep nothing.

    The same key with the same envelope returns the same receipt, also after the deadline.
    """
    require(actor, "bid.submit")
    raw = given.envelope.encode()
    known = _known(tx, desk, lot_id, raw, given.idempotency_key, actor)
    if known is not None:
        return known
    message = _message(tx, raw, m.BidManifest, actor)
    assert isinstance(message.body, m.BidManifest)
    manifest, digest = key_manifest(tx, lot_id)
    m.check_bid(message.body, manifest, digest)
    _refuse_late(tx, lot_id)
    upload = own_upload(tx, given.upload_id, actor=actor, vault=desk.vault)
    _check_upload(tx, upload, message.body, manifest)
    return _take(tx, desk, lot_id, message, key=given.idempotency_key, actor=actor, upload=upload)


def withdraw(tx: Tx, desk: Desk, lot_id: str, given: Withdrawal, *, actor: Actor) -> bytes:
    """Take a withdrawal (招标投标法 art. 29) and return its signed receipt."""
    require(actor, "bid.submit")
    raw = given.envelope.encode()
    known = _known(tx, desk, lot_id, raw, given.idempotency_key, actor)
    if known is not None:
        return known
    message = _message(tx, raw, m.BidWithdraw, actor)
    manifest, digest = key_manifest(tx, lot_id)
    m.check_bound(message.body, manifest, digest)
    return _take(tx, desk, lot_id, message, key=given.idempotency_key, actor=actor, upload=None)


def refuse(tx: Tx, desk: Desk, lot_id: str, envelope: str, problem: SealProblem, *, actor: Actor) -> bytes:
    """Log a refused attempt and sign the refusal; the attempt itself is not stored."""
    at = clock.now(tx)
    manifest, digest = key_manifest(tx, lot_id)
    body = m.Refusal(
        tender_id=manifest.tender_id,
        lot_id=manifest.lot_id,
        round=manifest.round,
        key_manifest_sha256=digest,
        code=problem.code,
        manifest_sha256=_digest_of(envelope),
        at=format_time(at),
    )
    data = {"code": problem.code, "manifest_sha256": body.manifest_sha256}
    record(tx, "bid.refused", subject=lot_id, actor=actor.user_id, at=at, data=data)
    return dsse.sign_document(body, [desk.vault.receipt_signer])


def _digest_of(envelope: str) -> str:
    """Of the manifest where the envelope can be read, else of what was sent."""
    try:
        return m.digest(dsse.Envelope.decode(envelope.encode()).payload)
    except BadEnvelope:
        return m.digest(envelope.encode())


def key_manifest(tx: Tx, lot_id: str) -> tuple[m.KeyManifest, str]:
    """A published lot's key manifest and its digest."""
    row = tx.execute(
        select(Lot.key_manifest_sha256).where(Lot.id == lot_id, Lot.key_manifest_sha256.is_not(None))
    ).one_or_none()
    if row is None:
        tenders.published_lot(tx, lot_id)
    digest = str(row[0]) if row else ""
    cached = _parsed(digest)
    if not cached:
        cached.append(tenders.key_manifest_body(tx, lot_id))
    return cached[0], digest


@lru_cache(maxsize=256)
def _parsed(_digest: str) -> list[m.KeyManifest]:
    """Key manifests never change under their digest: each is parsed once per process."""
    return []


def _known(tx: Tx, desk: Desk, lot_id: str, raw: bytes, key: str, actor: Actor) -> bytes | None:
    tag = _idempotency_tag(desk, lot_id, key, actor)
    bid = tx.scalar(select(Bid).where(Bid.idempotency_tag == tag))
    if bid is None:
        return None
    kept = msgspec.json.decode(unwrap(desk.wrapper, bid.id, bid.wrapped), type=Kept)
    if kept.envelope != raw:
        raise Conflict
    return kept.receipt


def _idempotency_tag(desk: Desk, lot_id: str, key: str, actor: Actor) -> str:
    return desk.vault.tag("idempotency", lot_id, actor.org_id or "", key)


def _message(tx: Tx, raw: bytes, kind: type[m.BidManifest] | type[m.BidWithdraw], actor: Actor) -> _Message:
    """The body, when its one signature is by a valid certificate of the actor's own organisation."""
    body: m.BidManifest | m.BidWithdraw
    body, _ = dsse.read_unverified(raw, kind)
    holder = holder_of(tx, body.cert_sha256, at=clock.now(tx))
    if holder.org_id != actor.org_id or holder.uscc != body.bidder_id:
        raise BadCertificate(detail="it speaks for another organisation")
    signed = dsse.open_document(raw, kind, {body.cert_sha256: key_of(holder.der)})
    return _Message(body, signed.sha256, raw, holder)


def _check_upload(tx: Tx, upload: Upload, bid: m.BidManifest, manifest: m.KeyManifest) -> None:
    """Every ciphertext that the manifest names is here, complete, and within its stated limit."""
    rows = tx.execute(
        select(UploadPart.sha256, UploadPart.size).where(UploadPart.upload_id == upload.id)
    ).all()
    here = {sha256: size for sha256, size in rows}  # noqa: C416 - rows are no plain pairs
    capsules = upload.capsules or {}
    if upload.lot_id != bid.lot_id:
        raise WrongKeyManifest(field="lot_id")
    for part in bid.parts:
        if here.get(part.sha256) != part.size:
            raise WrongHash(what=f"part {part.id}")
        if part.size > manifest.part(part.id).max_size:
            raise OverLimit(what=f"part {part.id}", limit=manifest.part(part.id).max_size)
        for capsule in part.capsules:
            if capsules.get(capsule.sha256) != capsule.size:
                raise WrongHash(what=f"the capsule of {capsule.holder}")


def _refuse_late(tx: Tx, lot_id: str) -> None:
    """Say "late" before anything else; the judgement that counts is made after the lock, in `_take`."""
    lot = tx.execute(select(Lot.state, Lot.deadline_at).where(Lot.id == lot_id)).one()
    if not bidding_open(lot.state, lot.deadline_at, clock.now(tx)):
        raise Late(deadline_at=format_time(lot.deadline_at))


def _take(
    tx: Tx, desk: Desk, lot_id: str, message: _Message, *, key: str, actor: Actor, upload: Upload | None
) -> bytes:
    """Lock the lot against its closing, read the clock after the lock, and write bid, log entry and receipt."""
    lot = tx.execute(
        select(Lot.state, Lot.deadline_at).where(Lot.id == lot_id).with_for_update(read=True)
    ).one()
    at = clock.now(tx)
    if not bidding_open(lot.state, lot.deadline_at, at):
        raise Late(deadline_at=format_time(lot.deadline_at))
    tag = bidder_tag(desk.vault, lot_id, actor.org_id or "")
    _check_order(message, last_message(tx, desk.wrapper, lot_id, message.body.round, tag), at=at)
    bid_id = new_id()
    leaf = record(
        tx,
        "bid.submitted" if upload else "bid.withdrawn",
        subject=bid_id,
        actor=actor.user_id,
        at=at,
        data={"manifest_sha256": message.digest, "seq": message.body.seq},
    )
    receipt = _receipt(desk, message, at=at, leaf=leaf.hash, promise_by=leaf.promise_by)
    kept = msgspec.json.encode(Kept(actor.org_id or "", message.envelope, receipt))
    tx.execute(
        insert(Bid).values(
            id=bid_id,
            lot_id=lot_id,
            round=message.body.round,
            bidder_tag=tag,
            seq=message.body.seq,
            kind=Kind.BID if upload else Kind.WITHDRAW,
            manifest_sha256=message.digest,
            idempotency_tag=_idempotency_tag(desk, lot_id, key, actor),
            upload_id=upload.id if upload else None,
            wrapped=desk.wrapper.wrap("bid", bid_id, kept),
            leaf=leaf.hash,
            received_at=at,
        )
    )
    return receipt


def bidder_tag(vault: Vault, lot_id: str, org_id: str) -> str:
    return vault.tag("bidder", lot_id, org_id)


def _check_order(message: _Message, last: Last | None, *, at: datetime) -> None:
    """Sequence and predecessor fit, and no fresh certificate displaces an older bid."""
    body = message.body
    follows = body.supersedes if isinstance(body, m.BidManifest) else body.withdraws
    expected = last.manifest_sha256 if last else None
    if body.seq != next_seq(last.seq if last else None) or follows != expected:
        raise WrongSequence(seq=body.seq)
    if isinstance(body, m.BidWithdraw) and (last is None or last.kind != Kind.BID):
        raise WrongSequence(seq=body.seq)
    same = last is None or last.cert_sha256 == body.cert_sha256
    issued_at = message.holder.not_after - CERTIFICATE_LIFETIME
    if not may_supersede(same_certificate=same, issued_at=issued_at, at=at):
        raise BadCertificate(detail="it is too new to supersede a bid signed by another one")


def _receipt(desk: Desk, message: _Message, *, at: datetime, leaf: str, promise_by: datetime) -> bytes:
    body = message.body
    parts = body.parts if isinstance(body, m.BidManifest) else ()
    receipt = m.Receipt(
        tender_id=body.tender_id,
        lot_id=body.lot_id,
        round=body.round,
        key_manifest_sha256=body.key_manifest_sha256,
        receipt_id=new_id(),
        bidder_id=body.bidder_id,
        seq=body.seq,
        manifest_sha256=message.digest,
        parts=tuple(m.ReceiptPart(id=part.id, size=part.size, sha256=part.sha256) for part in parts),
        received_at=format_time(at),
        leaf=leaf,
        promise_by=format_time(promise_by),
    )
    return dsse.sign_document(receipt, [desk.vault.receipt_signer])
