"""What belongs to the archive of a round that has ended: read from every slice, in one order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

import msgspec
from sqlalchemy import select

from govcore import dsse
from govcore.audit import queries as audit
from govcore.audit.models import LogEvent
from govcore.audit.note import VerifierKey
from govcore.audit.tlog_policy import policy_text
from govcore.certificates import queries as certificates
from govcore.db import Tx
from govcore.errors import NotFound
from govcore.platform import Platform
from guarantees import queries as guarantees
from trading.archive.bids import parts_of
from trading.archive.cases import cases_of, ending
from trading.archive.policy import README
from trading.archive.sources import Source
from trading.archive.words import README_TEXT
from trading.award import exclusions
from trading.award import queries as awards
from trading.clarification import queries as clarifications
from trading.contract import queries as contracts
from trading.documents.models import Version
from trading.documents.queries import files_of, store_key
from trading.evaluation.bundle_queries import kept, kept_signed
from trading.evaluation.queries import reports, signed_reports
from trading.extension import queries as outages
from trading.notices.models import Notice, NoticePaper
from trading.notices.service import content_bytes
from trading.opening.models import Opening, PastStage
from trading.opening.queries import bids_of
from trading.review.record import answer_files, review_record
from trading.tender.keys import envelope_of
from trading.tender.models import Document, KeyManifest, Lot, Schedule, Tender
from trading.venue.queries import observations


def sources(tx: Tx, platform: Platform, tender_id: str) -> list[Source]:
    """All files of a round; their certificates and log entries are taken with them."""
    found = [Source(README, body=README_TEXT.encode())]
    found += _documents(tx, tender_id)
    found += _notices(tx, tender_id)
    found += _clarifications(tx, tender_id)
    found += cases_of(tx, platform, tender_id)
    for lot in tx.scalars(select(Lot).where(Lot.tender_id == tender_id).order_by(Lot.number)):
        found += _lot(tx, platform, lot)
    found += _certificates(tx, found)
    found += _log(tx, tender_id, platform.settings.log_origin)
    return found


def _documents(tx: Tx, tender_id: str) -> Iterator[Source]:
    tender = tx.get_one(Tender, tender_id)
    yield Source("tender.json", body=_json(tender.content))
    rows = select(Document).where(Document.tender_id == tender_id).order_by(Document.created_at, Document.id)
    for n, row in enumerate(tx.scalars(rows), start=1):
        yield Source(f"documents/{n:02d}-{row.kind}.{ending(row.name)}", row.store_key, row.sha256)
    versions = select(Version).where(Version.tender_id == tender_id, Version.envelope.is_not(None))
    for version in tx.scalars(versions.order_by(Version.number)):
        folder = f"documents/version-{version.number}"
        yield Source(f"{folder}/manifest.signed.json", body=version.envelope)
        yield Source(f"{folder}/terms.json", body=_json(version.terms))
        for n, file in enumerate(files_of(version), start=1):
            key = store_key(tender_id, file.sha256)
            yield Source(f"{folder}/{n:02d}.{ending(file.name)}", key, file.sha256)


def _notices(tx: Tx, tender_id: str) -> Iterator[Source]:
    rows = select(Notice).where(Notice.tender_id == tender_id).order_by(Notice.published_at, Notice.id)
    for n, row in enumerate(tx.scalars(rows), start=1):
        stem = f"notices/{n:03d}-{row.kind}"
        yield Source(f"{stem}.json", None, row.sha256, content_bytes(row))
        papers = select(NoticePaper).where(NoticePaper.notice_id == row.id).order_by(NoticePaper.sealed)
        for paper in tx.scalars(papers):
            yield Source(f"{stem}{'-sealed' if paper.sealed else ''}.pdf", paper.store_key, paper.sha256)


def _clarifications(tx: Tx, tender_id: str) -> Iterator[Source]:
    """What was released of questions, changes and dated acts, without who asked."""
    for one in reversed(clarifications.released(tx, tender_id)):
        stem = f"clarifications/{one.number:02d}"
        yield Source(f"{stem}.json", body=_json(one))
        key, sha256, _ = clarifications.paper_of(tx, one.id)
        yield Source(f"{stem}.pdf", key, sha256)


def _lot(tx: Tx, platform: Platform, lot: Lot) -> Iterator[Source]:
    folder = f"lots/{lot.number}"
    manifest = tx.get(KeyManifest, (lot.id, lot.round))
    if manifest is not None:
        yield Source(f"{folder}/key-manifest.dsse.json", body=envelope_of(manifest))
    schedules = select(Schedule).where(Schedule.lot_id == lot.id).order_by(Schedule.n)
    for schedule in tx.scalars(schedules):
        yield Source(f"{folder}/schedules/{schedule.n}.dsse.json", body=schedule.envelope)
    opening = tx.get(Opening, lot.id)
    if opening is not None:
        yield from _opening(tx, platform, lot, opening, folder)
        yield from _review(tx, lot, folder)
    for number, key, sha256 in reports(tx, lot.id):
        again = "" if number == 1 else f"-{number}"
        yield Source(f"{folder}/evaluation/report{again}.pdf", key, sha256)
    for bundle in kept(tx, lot.id):
        yield Source(f"{folder}/evaluation/bundle-{bundle.number}.json", bundle.key, bundle.sha256)
    for n, row in enumerate(reversed(outages.certificates(tx, lot.id)), start=1):
        yield Source(f"{folder}/outages/{n}-{row.about}.signed.json", body=row.envelope)
        yield Source(f"{folder}/outages/{n}-{row.about}.pdf", row.paper_key, row.paper_sha256)
    for bundle in kept_signed(tx, lot.id):
        again = "" if bundle.number == 1 else f"-{bundle.number}"
        yield Source(f"{folder}/evaluation/bundle-signed{again}.json", bundle.key, bundle.sha256)
    for number, key, sha256 in signed_reports(tx, lot.id):
        again = "" if number == 1 else f"-{number}"
        yield Source(f"{folder}/evaluation/report-signed{again}.pdf", key, sha256)
    if seen := observations(tx, lot.id):
        yield Source(f"{folder}/witness.json", body=_json([asdict(one) for one in seen]))
    yield from _award(tx, lot, folder)
    yield from _contract(tx, lot, folder)


def _opening(tx: Tx, platform: Platform, lot: Lot, opening: Opening, folder: str) -> Iterator[Source]:
    """The committed set and the read-out; bids that nobody may open stay out of the package."""
    yield Source(f"{folder}/opening/closed-event.json", body=opening.closed_payload)
    if opening.read_out_at is None:
        return
    for stage in tx.scalars(select(PastStage).where(PastStage.lot_id == lot.id).order_by(PastStage.opens)):
        yield Source(f"{folder}/opening/record-{stage.opens}.pdf", stage.record_key, stage.record_sha256)
    if opening.record_key is not None:
        yield Source(f"{folder}/opening/record.pdf", opening.record_key, opening.record_sha256)
    for bid in bids_of(tx, lot.id):
        yield Source(f"{folder}/opening/bids/{bid.number}.dsse.json", body=bid.envelope)
        said = {"state": bid.state, "code": bid.code, "fault": bid.fault, "summary": bid.summary}
        yield Source(f"{folder}/opening/bids/{bid.number}.json", body=_json(said))
        yield from parts_of(tx, platform, bid, folder)
    cash = guarantees.deposits_of_lot(tx, lot.id, actor=guarantees.SYSTEM)
    letters = guarantees.letters_of_lot(tx, lot.id, actor=guarantees.SYSTEM)
    yield Source(f"{folder}/deposits.json", body=_json({"payments": cash, "letters": letters}))


def _review(tx: Tx, lot: Lot, folder: str) -> Iterator[Source]:
    """What was said in the review, and the files of bidders' answers."""
    said = review_record(tx, lot.id)
    if said is None:
        return
    yield Source(f"{folder}/review/record.json", body=_json(said))
    for n, file in enumerate(answer_files(tx, lot.id), start=1):
        yield Source(f"{folder}/review/answer-{n:02d}.{ending(file.name)}", file.store_key, file.sha256)


def _award(tx: Tx, lot: Lot, folder: str) -> Iterator[Source]:
    for kind, n, paper in awards.papers_of(tx, lot.id):
        yield Source(f"{folder}/award/{n}-{kind}.pdf", paper.key, paper.sha256)
    made, outs = awards.awards_of(tx, lot.id), awards.outs_of(tx, lot.id)
    failed = awards.failed_of(tx, lot.id)
    if made or outs or failed:
        said = {"awards": made, "out": outs, "failed": failed}
        yield Source(f"{folder}/award/decisions.json", body=_json(said))
    for n, file in enumerate(exclusions.evidence_files(tx, lot.id), start=1):
        yield Source(f"{folder}/award/evidence-{n}.{ending(file.name)}", file.store_key, file.sha256)


def _contract(tx: Tx, lot: Lot, folder: str) -> Iterator[Source]:
    for row in contracts.contracts_of(tx, lot.id):
        stem = f"{folder}/contract/{row.version}-{row.state}"
        yield Source(f"{stem}.json", None, row.sha256, row.payload)
        yield Source(f"{stem}.pdf", row.store_key, row.pdf_sha256)
        for side, signature in sorted(contracts.signatures_of(tx, row.id).items()):
            yield Source(f"{stem}-{side}.dsse.json", body=signature.envelope)


def _certificates(tx: Tx, found: list[Source]) -> Iterator[Source]:
    """Every certificate that signed something in the package, and the authority behind them."""
    yield Source("certificates/authority.der", body=certificates.authority_der(tx))
    keyids = set()
    for one in found:
        if one.path.endswith(".dsse.json") and one.body is not None:
            keyids |= {signature.keyid for signature in dsse.Envelope.decode(one.body).signatures}
    for keyid in sorted(keyids):
        holder = certificates.certificate_holder(tx, keyid)
        if holder is not None:
            yield Source(f"certificates/{keyid}.der", None, keyid, holder.der)


def _log(tx: Tx, tender_id: str, origin: str) -> Iterator[Source]:
    """The public entries of the round with their proofs, and the log's key to compare with one from elsewhere."""
    vkey = VerifierKey(origin, audit.log_key(tx))
    yield Source("log/vkey", body=f"{vkey}\n".encode())
    yield Source("log/policy", body=policy_text(vkey, audit.witnesses(tx)).encode())
    lots = list(tx.scalars(select(Lot.id).where(Lot.tender_id == tender_id)))
    notices = list(tx.scalars(select(Notice.id).where(Notice.tender_id == tender_id)))
    subjects = [tender_id, *lots, *notices]
    subjects += [row.id for lot_id in lots for row in contracts.contracts_of(tx, lot_id)]
    entries = select(LogEvent.idx, LogEvent.leaf).where(
        LogEvent.subject.in_(subjects), LogEvent.public.is_(True)
    )
    for index, leaf in tx.execute(entries.order_by(LogEvent.idx)):
        try:
            proof = audit.inclusion_proof(tx, leaf, with_preimage=True)
        except NotFound:
            continue
        yield Source(f"log/entry-{index}.tlog-proof", body=proof.encode())


def _json(value: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value, order="sorted"), indent=1)
