"""The written report on an award to the supervising department, and its acknowledgement (T20 · 招标投标法 art. 47)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update

from govcore.audit.service import record
from govcore.db import Tx
from govcore.errors import MoveNotAllowed, NotFound
from govcore.identity import queries as identity
from govcore.identity.policy import Actor, Role, require
from govcore.notify.service import tell
from trading.award import queries
from trading.award.models import Report
from trading.award.policy import PaperKind
from trading.award.queries import Awarded, StoredFile, own_lot
from trading.award.service import StoredPaper, stored_row
from trading.tender.queries import LotContext, lot_context


def send_report(tx: Tx, lot_id: str, *, n: int, paper: StoredPaper, actor: Actor, at: datetime) -> None:
    """Report the award in writing to the supervising department (T20 · 招标投标法 art. 47)."""
    context, awarded = report_on(tx, lot_id, actor=actor)
    if awarded.n != n:
        raise MoveNotAllowed(move="award.report", state=context.state)
    tx.add(Report(lot_id=lot_id, n=n, sent_by=actor.user_id, sent_at=at))
    tx.add(stored_row(lot_id, PaperKind.REPORT, n, paper, at))
    data = {"lot": context.lot_code, "n": n, "report_sha256": paper.sha256}
    record(tx, "award.reported", subject=lot_id, actor=actor.user_id, at=at, data=data)
    tell(
        tx,
        identity.users_with_role(tx, Role.REGULATOR, org_id=context.regulator.id),
        about=f"award.reported/{lot_id}/{n}",
        text="The report on the award of {lot} is here.",
        data={"lot": context.lot_name},
        href="/award/reports",
        at=at,
    )


def report_on(tx: Tx, lot_id: str, *, actor: Actor) -> tuple[LotContext, Awarded]:
    """The award that has to be reported; `MoveNotAllowed` when there is none, or it was."""
    require(actor, "award.publicise")
    context = own_lot(tx, lot_id, actor)
    present = queries.present_award(tx, lot_id)
    if present is None or present.announced_at is None or tx.get(Report, (lot_id, present.n)) is not None:
        raise MoveNotAllowed(move="award.report", state=context.state)
    return context, present


def acknowledge(tx: Tx, lot_id: str, *, n: int, actor: Actor, at: datetime) -> None:
    """Say, for the supervising department, that the report was received; once."""
    require(actor, "award.acknowledge")
    context = lot_context(tx, lot_id)
    if actor.org_id != context.regulator.id:
        raise NotFound
    waiting = update(Report).where(Report.lot_id == lot_id, Report.n == n, Report.acknowledged_at.is_(None))
    done = waiting.values(acknowledged_by=actor.user_id, acknowledged_at=at).returning(Report.n)
    if tx.execute(done).one_or_none() is None:
        if tx.get(Report, (lot_id, n)) is None:
            raise NotFound
        return
    data = {"lot": context.lot_code, "n": n}
    record(tx, "award.report_acknowledged", subject=lot_id, actor=actor.user_id, at=at, data=data)


def report_file(tx: Tx, lot_id: str, *, n: int, actor: Actor) -> StoredFile:
    """A report's paper, for the lot's side and its supervising department; `NotFound` for everybody else."""
    context = lot_context(tx, lot_id)
    regulates = Role.REGULATOR in actor.roles and actor.org_id == context.regulator.id
    paper = queries.paper_of(tx, lot_id, PaperKind.REPORT, n)
    if paper is None or not (regulates or queries.is_own_side(context, actor)):
        raise NotFound
    return paper
