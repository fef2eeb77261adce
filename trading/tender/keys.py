"""A lot's keys: custodians give theirs, the gate makes its own, tenderer and custodians sign one manifest."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import delete, select

from bidding_docs import manifests as m
from bidding_docs import suites
from bidding_docs.codes import BadCertificate, BadSchema, CertificateOfAnother, ManifestSignature
from bidding_docs.encoding import parse_time
from govcore import clock, dsse
from govcore.audit.note import VerifierKey
from govcore.audit.service import record
from govcore.calendar.queries import calendar_of
from govcore.certificates import queries as certificates
from govcore.db import Tx
from govcore.errors import MoveNotAllowed, NotFound
from govcore.identity.policy import Actor, require
from govcore.vault import Vault
from trading.procedure.rules import rule_set
from trading.tender import custodian_keys, gates, queries, rehearsals
from trading.tender.announcing import publish_move
from trading.tender.certificates import holder_of, key_of
from trading.tender.models import Custodian, KeyManifest, Lot, Schedule, Tender
from trading.tender.periods import check_time_to_deadline
from trading.tender.policy import LotState, TenderState
from trading.tender.schemas import CustodianKeys, Signature


def register_keys(
    tx: Tx, vault: Vault, lot_id: str, keys: CustodianKeys, *, actor: Actor, at: datetime
) -> None:
    """Take a custodian's one-time recipients; the last one completes the key manifest to be signed."""
    seat = custodian_keys.seat_of(tx, lot_id, actor=actor)
    lot = preparing(tx, lot_id, actor=actor)
    holder = holder_of(tx, keys.cert_sha256, at=at)
    if holder.org_id != actor.org_id:
        raise CertificateOfAnother
    suites.check_key(queries.lot_context(tx, lot_id).content.suite, key_of(holder.der))
    if seat.recipients is not None:
        _forget_unproved(tx, lot, seat)
    if set(keys.recipients) != set(queries.content_of(tx.get_one(Tender, lot.tender_id)).stages()):
        raise BadSchema(detail="a key is needed for every stage of the opening, and no other")
    seat.cert_sha256 = keys.cert_sha256
    seat.recipients = dict(keys.recipients)
    seat.client = keys.client
    custodian_keys.put(tx, lot, seat, keys.blobs)
    data = {"lot": lot.code, "custodian": seat.index, "cert_sha256": keys.cert_sha256}
    record(tx, "keys.provided", subject=lot.id, actor=actor.user_id, at=at, data=data)
    seats = list(tx.scalars(select(Custodian).where(Custodian.lot_id == lot_id).order_by(Custodian.index)))
    if all(one.recipients is not None for one in seats):
        _assemble(tx, vault, lot, seats)


def _forget_unproved(tx: Tx, lot: Lot, seat: Custodian) -> None:
    """Keys that opened their rehearsal stay; others may be given anew, and all sign the manifest that follows."""
    proved = all(key.answered_at for key in queries.custodian_keys(tx, lot, seat.index))
    scheduled = tx.scalar(select(Schedule.n).where(Schedule.lot_id == lot.id).limit(1)) is not None
    if proved or scheduled:
        raise MoveNotAllowed(move="keys.provide", state="provided")
    tx.execute(delete(KeyManifest).where(KeyManifest.lot_id == lot.id, KeyManifest.round == lot.round))


def preparing(tx: Tx, lot_id: str, *, actor: Actor) -> Lot:
    """A lot whose keys are still being made: its tender is approved and not published.

    For whoever neither keeps a key nor is the tenderer it does not exist, in whatever state it is.
    """
    lot = tx.get(Lot, lot_id)
    if lot is None or actor.org_id not in _signing_organisations(tx, lot):
        raise NotFound
    tender = tx.get_one(Tender, lot.tender_id)
    if tender.state != TenderState.APPROVED or lot.state != LotState.DRAFT:
        raise MoveNotAllowed(move="keys.provide", state=tender.state)
    return lot


def _assemble(tx: Tx, vault: Vault, lot: Lot, seats: list[Custodian]) -> None:
    tender = tx.get_one(Tender, lot.tender_id)
    rules, content = rule_set(tender.rule_set), queries.content_of(tender)
    share = rules.seconds("opening.bidder_share") if content.bidder_share else 0
    gate_keys = gates.recipients_of(tx, lot.id)
    body = m.KeyManifest(
        tender_id=tender.id,
        lot_id=lot.id,
        round=lot.round,
        suite=content.suite,
        policy=m.Policy(
            k=rules.custodians.k,
            n=rules.custodians.n,
            gate=rules.gate,
            bidder="required" if content.bidder_share else "none",
            fewest_bids=2 if content.least(rules, content.received).number == 2 else msgspec.UNSET,
        ),
        custodians=tuple(
            m.Custodian(
                index=seat.index,
                role=seat.role,
                cert_sha256=seat.cert_sha256 or "",
                client=seat.client or "cli",
                recipients=seat.recipients or {},
            )
            for seat in seats
        ),
        gate=m.Gate(operator=gates.operator_of(tx, rules), recipients=gate_keys),
        parts=tuple(
            m.PartRule(id=part.id, opens=part.opens, public=part.public, max_size=part.max_size)
            for part in content.parts
        ),
        windows=m.Windows(
            bidder_share=share,
            seal_check=rules.seconds("opening.seal_check"),
            release=rules.seconds("opening.release"),
        ),
        trust_anchors=(certificates.authority_sha256(tx),),
        log=m.Log(origin=tx.info["settings"].log_origin, vkey=_log_vkey(tx, vault)),
        witnesses=tuple(
            m.Witness(vkey=str(witness.vkey), required=witness.required)
            for witness in tx.info["settings"].witnesses
        ),
    )
    m.check_key_manifest(body)
    m.check_policy(
        body,
        rule_set=rules.id,
        custodian_organisations=queries.credit_codes(tx, [one.org_id for one in seats]),
    )
    payload = msgspec.json.encode(body)
    tx.add(
        KeyManifest(lot_id=lot.id, round=lot.round, sha256=m.digest(payload), payload=payload, signatures={})
    )


def _log_vkey(tx: Tx, vault: Vault) -> str:
    return str(VerifierKey(tx.info["settings"].log_origin, vault.log_signer.public_bytes))


def sign_manifest(tx: Tx, lot_id: str, signature: Signature, *, actor: Actor, at: datetime) -> None:
    """Add the tenderer's or a custodian's signature over the manifest's exact bytes."""
    require(actor, "keys.sign")
    lot = preparing(tx, lot_id, actor=actor)
    manifest = queries.key_manifest(tx, lot.id)
    holder = holder_of(tx, signature.keyid, at=at)
    if holder.org_id != actor.org_id or holder.org_id not in _signing_organisations(tx, lot):
        raise BadCertificate(detail="its organisation does not sign this manifest")
    message, key = dsse.pae(m.media_type(m.KeyManifest), manifest.payload), key_of(holder.der)
    suites.check_key(queries.lot_context(tx, lot_id).content.suite, key)
    if not dsse.fits(key, _raw(signature), message):
        raise ManifestSignature(detail="it is not over this manifest")
    _check_rehearsed(tx, lot, signature.keyid)
    manifest.signatures = manifest.signatures | {signature.keyid: signature.sig}
    data = {"lot": lot.code, "key_manifest_sha256": manifest.sha256, "keyid": signature.keyid}
    record(tx, "keys.signed", subject=lot.id, actor=actor.user_id, at=at, data=data)


def _check_rehearsed(tx: Tx, lot: Lot, keyid: str) -> None:
    """A custodian signs once its own keys are rehearsed, the tenderer when all are."""
    own = [seat.index for seat in queries.custodians_of(tx, lot.id) if seat.cert_sha256 == keyid]
    rehearsals.check_answered(tx, lot, custodian=own[0] if own else None)


def _raw(signature: Signature) -> bytes:
    return msgspec.convert(signature.sig, bytes)


def _signing_organisations(tx: Tx, lot: Lot) -> set[str]:
    seats = set(tx.scalars(select(Custodian.org_id).where(Custodian.lot_id == lot.id)))
    return seats | {queries.lot_context(tx, lot.id).tenderer.id}


def manifest_is_signed(tx: Tx, lot: Lot) -> bool:
    """True when every custodian's certificate and another one of the tenderer's signed, every key being rehearsed."""
    query = select(KeyManifest).where(KeyManifest.lot_id == lot.id, KeyManifest.round == lot.round)
    manifest = tx.scalar(query)
    if manifest is None or not all(key.answered_at for _, key in rehearsals.scopes(tx, lot)):
        return False
    seats = set(tx.scalars(select(Custodian.cert_sha256).where(Custodian.lot_id == lot.id)))
    tenderer = queries.lot_context(tx, lot.id).tenderer.id
    others = [certificates.certificate_holder(tx, keyid) for keyid in set(manifest.signatures) - seats]
    return seats <= set(manifest.signatures) and any(h is not None and h.org_id == tenderer for h in others)


def envelope_of(manifest: KeyManifest) -> bytes:
    """The key manifest with all its signatures, as bidders and custodians verify it."""
    signatures = tuple(
        dsse.Signature(keyid, msgspec.convert(sig, bytes))
        for keyid, sig in sorted(manifest.signatures.items())
    )
    return dsse.Envelope(manifest.payload, m.media_type(m.KeyManifest), signatures).encode()


def put_schedule(tx: Tx, lot_id: str, raw: bytes, *, actor: Actor) -> Schedule:
    """Take the next signed schedule: never earlier than the last, never after closing; from the second on two sign.

    The clock is read after the lock: while it waited for a submission the deadline may have passed.
    """
    lot, body, at = _checked(tx, lot_id, raw, actor)
    row = Schedule(
        lot_id=lot.id,
        n=body.n,
        sha256=m.digest(dsse.Envelope.decode(raw).payload),
        envelope=raw,
        deadline_at=parse_time(body.deadline_at),
        opening_at=parse_time(body.opening_at),
    )
    tx.add(row)
    lot.deadline_at, lot.opening_at = row.deadline_at, row.opening_at
    data = {"lot": lot.code, "n": row.n, "schedule_sha256": row.sha256}
    record(tx, "schedule.signed", subject=lot.id, actor=actor.user_id, at=at, data=data)
    if lot.state == LotState.OPEN:
        record(tx, "schedule.changed", subject=lot.id, actor="system", at=at, data=data)
    return row


def move_deadline(tx: Tx, lot_id: str, raw: bytes, *, actor: Actor) -> None:
    """Take the next schedule; of a published lot everybody reads the old and the new deadline (实施条例 art. 21).

    What moves a deadline with a clarification publishes that instead.
    """
    before = queries.lot_context(tx, lot_id)
    put_schedule(tx, lot_id, raw, actor=actor)
    after = queries.lot_context(tx, lot_id)
    if after.state == LotState.OPEN and before.deadline_at is not None and after.deadline_at is not None:
        publish_move(tx, after, old=before.deadline_at, new=after.deadline_at, at=clock.now(tx))


def check_schedule(tx: Tx, lot_id: str, raw: bytes, *, actor: Actor) -> datetime:
    """The deadline of a schedule that could be taken now; raises what `put_schedule` would and changes nothing."""
    return parse_time(_checked(tx, lot_id, raw, actor)[1].deadline_at)


def _checked(tx: Tx, lot_id: str, raw: bytes, actor: Actor) -> tuple[Lot, m.Schedule, datetime]:
    require(actor, "schedule.sign")
    lot = tx.scalar(select(Lot).where(Lot.id == lot_id).with_for_update())
    if lot is None or (context := queries.lot_context(tx, lot_id)).tenderer.id != actor.org_id:
        raise NotFound
    at = clock.now(tx)
    if lot.state not in (LotState.DRAFT, LotState.OPEN) or (lot.deadline_at and lot.deadline_at <= at):
        raise MoveNotAllowed(move="schedule", state=lot.state)
    envelope = dsse.Envelope.decode(raw)
    body = m.parse(_verified(tx, envelope, context, at=at), m.Schedule)
    _check_schedule(tx, lot, body, envelope)
    _check_period(tx, lot, parse_time(body.deadline_at))
    return lot, body, at


def deadline_in(envelope: str) -> datetime:
    """The deadline that a signed schedule names, unverified."""
    return parse_time(m.parse(dsse.Envelope.decode(envelope.encode()).payload, m.Schedule).deadline_at)


def _check_period(tx: Tx, lot: Lot, deadline: datetime) -> None:
    """A published lot keeps the least time for bids or applications with every move of its deadline."""
    tender = tx.get_one(Tender, lot.tender_id)
    if tender.published_at is not None:
        check_time_to_deadline(tx, tender, tender.published_at, deadline, calendar=calendar_of(tx))


def _check_schedule(tx: Tx, lot: Lot, body: m.Schedule, envelope: dsse.Envelope) -> None:
    manifest = queries.key_manifest(tx, lot.id)
    parsed = msgspec.json.decode(manifest.payload, type=m.KeyManifest)
    m.check_bound(body, parsed, manifest.sha256)
    query = select(Schedule).where(Schedule.lot_id == lot.id).order_by(Schedule.n.desc()).limit(1)
    last = tx.scalar(query)
    before = m.parse(dsse.Envelope.decode(last.envelope).payload, m.Schedule) if last else None
    m.check_follows(body, before, last.sha256 if last else None)
    people = {queries.signer_of(tx, one.keyid) for one in envelope.signatures}
    if last is not None and len(people) < 2:
        raise ManifestSignature(detail="two people must sign a change of the deadline")


def _verified(tx: Tx, envelope: dsse.Envelope, lot: queries.LotContext, *, at: datetime) -> bytes:
    """The schedule's bytes, signed by the tenderer with keys of the tender's suite."""
    holders = {one.keyid: holder_of(tx, one.keyid, at=at) for one in envelope.signatures}
    if any(holder.org_id != lot.tenderer.id for holder in holders.values()):
        raise CertificateOfAnother
    keys = {keyid: key_of(holder.der) for keyid, holder in holders.items()}
    for key in keys.values():
        suites.check_key(lot.content.suite, key)
    return dsse.verify(envelope, m.media_type(m.Schedule), keys)
