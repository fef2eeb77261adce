"""Reports of probers are taken in order, once, and only with the prober's own signature."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import select

from govcore import dsse
from govcore.audit.note import VerifierKey
from govcore.audit.service import record
from govcore.db import Tx, upsert
from govcore.errors import Problem
from govcore.outages.models import Prober, ProbeReport, ProbeRun
from govcore.outages.policy import AHEAD, continues, outages_of, pause_of
from govcore.outages.queries import as_run
from govcore.outages.schemas import REPORT_TYPE, Report, RunGiven


class NoReport(Problem):
    code = "E_PROBE_REPORT"
    status = 422
    text = "This is no report of a prober that this site knows."


class ReportNotNext(Problem):
    code = "E_PROBE_ORDER"
    text = "The reports of a prober come in order, each naming the one before it; next is number {next}."


def take_report(tx: Tx, raw: bytes, probers: Mapping[str, VerifierKey], *, at: datetime) -> int:
    """Keep a signed report and add its measurements; the number of the next one. The same one again changes nothing.

    A prober that lost its memory cannot go on under its key: it could tell another past than it told before.
    """
    report, digest = _verified(raw, probers)
    if report.until > at + AHEAD or not _in_order(report):
        raise NoReport
    first = {"name": report.prober, "seq": 0, "sha256": "", "until": report.until, "heard_at": at}
    tx.execute(upsert(tx, Prober).values(**first).on_conflict_do_nothing())
    prober = tx.scalars(select(Prober).where(Prober.name == report.prober).with_for_update()).one()
    kept = tx.get(ProbeReport, (report.prober, report.seq))
    if kept is not None and kept.envelope == raw:
        return prober.seq + 1  # the answer was lost and it is sent again
    if (report.seq, report.previous) != (prober.seq + 1, prober.sha256):
        raise ReportNotNext(next=prober.seq + 1)
    if prober.seq and report.until < prober.until:
        raise NoReport
    prober.seq, prober.sha256, prober.until, prober.heard_at = report.seq, digest, report.until, at
    tx.add(ProbeReport(prober=prober.name, seq=report.seq, until=report.until, envelope=raw))
    for given in sorted(report.runs, key=lambda run: run.first):
        _add(tx, report, given, at=at)
    return report.seq + 1


def _verified(raw: bytes, probers: Mapping[str, VerifierKey]) -> tuple[Report, str]:
    envelope = dsse.Envelope.decode(raw)
    try:
        report = msgspec.json.decode(envelope.payload, type=Report)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise NoReport from error
    key = probers.get(report.prober)
    if key is None:
        raise NoReport
    keyid = hashlib.sha256(key.public).hexdigest()
    payload = dsse.verify(envelope, REPORT_TYPE, {keyid: Ed25519PublicKey.from_public_bytes(key.public)})
    return report, hashlib.sha256(payload).hexdigest()


def _in_order(report: Report) -> bool:
    """Every run lies before the report's end, and those of a surface follow each other."""
    ends: dict[str, datetime] = {}
    moments = [at for run in report.runs for at in (run.first, run.last)]
    if any(at.tzinfo is None for at in (*moments, report.until)):
        return False
    for run in sorted(report.runs, key=lambda one: (one.first, one.last)):
        if not ends.get(run.surface, run.first) <= run.first <= run.last <= report.until:
            return False
        ends[run.surface] = run.last
    return True


def _add(tx: Tx, report: Report, given: RunGiven, *, at: datetime) -> None:
    """Let the newest run of the surface grow, or begin the next one; an outage that is over is logged."""
    newest = (
        select(ProbeRun)
        .where(ProbeRun.prober == report.prober, ProbeRun.surface == given.surface)
        .order_by(ProbeRun.first_at.desc())
        .limit(1)
    )
    last = tx.scalar(newest)
    if last is not None and given.first <= last.last_at:
        raise NoReport
    pause = pause_of(report.every)
    if last is not None and last.up == given.up and continues(last.last_at, given.first, pause=pause):
        last.last_at, last.count, last.why = given.last, last.count + given.count, given.why or last.why
        return
    row = ProbeRun(
        prober=report.prober,
        surface=given.surface,
        first_at=given.first,
        last_at=given.last,
        up=given.up,
        count=given.count,
        every=report.every,
        why=given.why,
    )
    tx.add(row)
    tx.flush()
    if last is None:
        return
    for outage in outages_of([as_run(last), as_run(row)])[:1]:
        if outage.start == last.first_at:
            data = {"prober": report.prober, "surface": given.surface}
            data |= {"began": outage.start.isoformat(), "ended": outage.end.isoformat()}
            record(tx, "outage.measured", subject=report.prober, actor="system", at=at, data=data)
