"""Certificates of outages: signed once for the same facts, with their paper and their notice."""

from __future__ import annotations

from datetime import datetime

from govcore.audit.entries import time_text
from govcore.audit.service import record
from govcore.db import Tx, upsert
from govcore.errors import Problem
from govcore.identity.policy import Actor, require
from govcore.notify.following import announce
from govcore.pdf.figures import stamp
from trading.extension.models import OPENING, Certificate
from trading.extension.queries import Facts, PutOff, certified
from trading.notices.policy import NoticeKind
from trading.notices.service import StoredPaper
from trading.tender.announcing import move_notice, publish_notice
from trading.tender.reminders import topic

ITEM = "{w.deadline}及开标时间（因平台故障顺延）"
REFERENCE = "{w.notice}（{code}）"


class NothingMeasured(Problem):
    code = "E_NO_OUTAGE"
    text = "No outage was measured in the time before this deadline: there is nothing to certify."


def check(tx: Tx, facts: Facts, *, actor: Actor) -> None:
    """Whether the actor may have these facts certified."""
    require(actor, "extension.certify")
    if not facts.assessment.outages:
        raise NothingMeasured


def keep(
    tx: Tx,
    facts: Facts,
    *,
    certificate_id: str,
    envelope: bytes,
    paper: StoredPaper,
    actor: str,
    at: datetime,
) -> bool:
    """Issue a certificate and tell followers; where the deadline was moved, publish the change too (实施条例 art. 21).

    False when the same facts are certified already.
    """
    row = {
        "id": certificate_id,
        "lot_id": facts.lot.lot_id,
        "facts_sha256": facts.sha256,
        "deadline_before": facts.before,
        "deadline_after": facts.after,
        "envelope": envelope,
        "paper_key": paper.key,
        "paper_sha256": paper.sha256,
        "issued_at": at,
    }
    new = upsert(tx, Certificate).values(**row).on_conflict_do_nothing().returning(Certificate.id)
    if tx.execute(new).one_or_none() is None:
        return False
    lot = facts.lot
    data = {"lot": lot.lot_code, "certificate": certificate_id, "paper_sha256": paper.sha256}
    record(tx, "extension.certified", subject=lot.lot_id, actor=actor, at=at, data=data)
    if facts.after is not None:
        change = {"item": ITEM.format(w=lot.words), "old": stamp(facts.before), "new": stamp(facts.after)}
        fields = {"reference": REFERENCE.format(code=lot.tender_code, w=lot.words), "changes": [change]}
        told = move_notice(tx, lot, new=facts.after)
        publish_notice(
            tx,
            lot,
            kind=NoticeKind.CHANGE,
            lot_ids=[lot.lot_id],
            fields=fields,
            paper=paper,
            supersedes=told,
            at=at,
        )
    announce(
        tx,
        topic(lot.tender_id),
        about=f"{lot.lot_id}:outage:{certificate_id}",
        text="{title}, {lot}: a certificate about outages of the platform before the deadline was issued.",
        href=f"/lots/{lot.lot_id}/outages",
        at=at,
        data={"title": lot.title, "lot": lot.lot_name},
    )
    return True


def keep_opening(
    tx: Tx, put_off: PutOff, *, certificate_id: str, envelope: bytes, paper: StoredPaper, at: datetime
) -> bool:
    """Issue the certificate of an opening that was put off; false when another process was first."""
    row = {
        "id": certificate_id,
        "lot_id": put_off.lot.lot_id,
        "about": OPENING,
        "facts_sha256": put_off.sha256,
        "deadline_before": put_off.before,
        "deadline_after": put_off.until,
        "envelope": envelope,
        "paper_key": paper.key,
        "paper_sha256": paper.sha256,
        "issued_at": at,
    }
    new = upsert(tx, Certificate).values(**row).on_conflict_do_nothing().returning(Certificate.id)
    if tx.execute(new).one_or_none() is None:
        return False
    data = {"lot": put_off.lot.lot_code, "certificate": certificate_id, "paper_sha256": paper.sha256}
    record(tx, "extension.certified", subject=put_off.lot.lot_id, actor="system", at=at, data=data)
    return True


def propose(tx: Tx, facts: Facts, *, at: datetime) -> bool:
    """Tell followers, the tenderer among them, that outages call for a later deadline; once for the same outages."""
    lot, proposed = facts.lot, facts.assessment.proposed
    if proposed is None or facts.after is not None or at >= facts.before or certified(tx, facts):
        return False
    told = announce(
        tx,
        topic(lot.tender_id),
        about=f"{lot.lot_id}:outage:{facts.sha256[:16]}",
        text="{title}, {lot}: the platform was out before the deadline {deadline}. The tenderer may prolong it, "
        "at least to {proposed}; until it does, the deadline stands.",
        href=f"/lots/{lot.lot_id}/outages",
        at=at,
        data={
            "title": lot.title,
            "lot": lot.lot_name,
            "deadline": stamp(facts.before),
            "proposed": stamp(proposed),
        },
    )
    if told:
        data = {"lot": lot.lot_code, "proposed": time_text(proposed)}
        record(tx, "extension.proposed", subject=lot.lot_id, actor="system", at=at, data=data)
    return told
