"""Issue a certificate: gather the facts, sign them, set the paper, and keep both in one short transaction."""

from __future__ import annotations

from datetime import datetime

import msgspec

from govcore import clock, dsse
from govcore.db import new_id
from govcore.identity.policy import Actor
from govcore.outages.queries import reports_about
from govcore.pdf.document import DEMO_WATERMARK
from govcore.platform import Platform
from govcore.seals import sealing
from trading.extension import papers, queries, service
from trading.extension.queries import Facts, PutOff
from trading.extension.schemas import (
    CERTIFICATE_TYPE,
    OPENING_CERTIFICATE_TYPE,
    OpeningCertificate,
    OutageCertificate,
    OutageSaid,
    TermsSaid,
    TimeSaid,
)
from trading.notices.service import StoredPaper
from trading.procedure.policy import RuleSet


def certify(platform: Platform, lot_id: str, *, actor: Actor | None = None) -> bool:
    """Certify the outages before a lot's deadline; false when these facts are certified already.

    Raise `NothingMeasured` when somebody asks for it in vain. A crash on the way leaves at most a paper that
    nothing names.
    """
    with platform.db.read() as tx:
        at = clock.now(tx)
        facts = queries.facts(tx, lot_id, at=at)
        if actor is not None:
            service.check(tx, facts, actor=actor)
        if queries.certified(tx, facts):
            return False
        reports = reports_about(tx, list(facts.assessment.outages))
    certificate = _certificate(platform, facts, reports, issued_at=at)
    payload = msgspec.json.encode(certificate)
    envelope = dsse.sign(CERTIFICATE_TYPE, payload, [platform.keys.receipt_signer]).encode()
    centre = platform.settings.centre or papers.CENTRE
    watermark = None if facts.lot.rule_set.lawful else DEMO_WATERMARK
    pdf = papers.outage_certificate(facts, certificate, centre=centre, envelope=envelope, watermark=watermark)
    stored = sealing.issue(platform, pdf, None)
    paper = StoredPaper(key=stored.key, sha256=stored.sha256, size=stored.size)
    with platform.db.transaction() as tx:
        return service.keep(
            tx,
            facts,
            certificate_id=certificate.certificate,
            envelope=envelope,
            paper=paper,
            actor=actor.user_id if actor else "system",
            at=at,
        )


def certify_opening(platform: Platform, lot_id: str, ref: str) -> bool:
    """Certify that an opening was put off, and until when; false when that is certified already."""
    with platform.db.read() as tx:
        at = clock.now(tx)
        put_off = queries.put_off(tx, lot_id, ref, at=at)
        if put_off is None:
            return False
        reports = reports_about(tx, [one.span for one in put_off.measured.outages])
    body = _opening_certificate(platform, put_off, reports, issued_at=at)
    signers = [platform.keys.receipt_signer]
    envelope = dsse.sign(OPENING_CERTIFICATE_TYPE, msgspec.json.encode(body), signers).encode()
    centre = platform.settings.centre or papers.CENTRE
    watermark = None if put_off.lot.rule_set.lawful else DEMO_WATERMARK
    pdf = papers.opening_certificate(put_off, body, centre=centre, envelope=envelope, watermark=watermark)
    stored = sealing.issue(platform, pdf, None)
    paper = StoredPaper(key=stored.key, sha256=stored.sha256, size=stored.size)
    with platform.db.transaction() as tx:
        return service.keep_opening(
            tx, put_off, certificate_id=body.certificate, envelope=envelope, paper=paper, at=at
        )


def _opening_certificate(
    platform: Platform, put_off: PutOff, reports: list[bytes], *, issued_at: datetime
) -> OpeningCertificate:
    lot = put_off.lot
    return OpeningCertificate(
        type="opening-fault-certificate",
        certificate=new_id(),
        site=platform.settings.site_url,
        tender_code=lot.tender_code,
        lot_id=lot.lot_id,
        lot_code=lot.lot_code,
        round=lot.round,
        opening_before=put_off.before,
        opening_after=put_off.until,
        suspended_at=put_off.held.began_at,
        notice=put_off.notice,
        outages=[OutageSaid(one.surface, one.span.start, one.span.end) for one in put_off.measured.outages],
        not_measured=[TimeSaid(one.start, one.end) for one in put_off.measured.unknown],
        reports=[raw.decode() for raw in reports],
        probers=[str(key) for key in platform.settings.probers],
        issued_at=issued_at,
    )


def _certificate(
    platform: Platform, facts: Facts, reports: list[bytes], *, issued_at: datetime
) -> OutageCertificate:
    lot, found = facts.lot, facts.assessment
    return OutageCertificate(
        type="outage-certificate",
        certificate=new_id(),
        site=platform.settings.site_url,
        tender_code=lot.tender_code,
        lot_id=lot.lot_id,
        lot_code=lot.lot_code,
        round=lot.round,
        deadline_before=facts.before,
        deadline_after=facts.after,
        outages=[OutageSaid(one.surface, one.span.start, one.span.end) for one in facts.measured.outages],
        counted=[TimeSaid(one.start, one.end) for one in found.outages],
        not_measured=[TimeSaid(one.start, one.end) for one in facts.measured.unknown],
        total_seconds=int(found.total.total_seconds()),
        restored_at=found.restored_at,
        proposed=found.proposed,
        terms=_terms(facts, lot.rule_set),
        schedules=[raw.decode() for raw in facts.schedules],
        reports=[raw.decode() for raw in reports],
        probers=[str(key) for key in platform.settings.probers],
        issued_at=issued_at,
    )


def _terms(facts: Facts, rules: RuleSet) -> TermsSaid:
    terms = facts.terms
    return TermsSaid(
        rule_set=rules.id,
        lookback=int(terms.lookback.total_seconds()),
        least=int(terms.least.total_seconds()),
        close=int(terms.close.total_seconds()),
        after_office_hours=int(terms.after.total_seconds()),
    )
