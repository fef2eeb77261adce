"""Clues without a name: no objection and no clock, handed to the project's regulator alone (domain: 6.4)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select, update

from govcore.audit.service import record
from govcore.clock import BEIJING
from govcore.db import Tx, new_id
from govcore.errors import NotFound, Problem
from govcore.identity import queries as identity
from govcore.identity.policy import Actor, Role, require
from govcore.notify.service import tell
from govcore.platform import Platform
from trading.challenge.entries import EmptyWords
from trading.challenge.models import Clue
from trading.challenge.policy import CLUE_MAX, CLUES_A_DAY
from trading.tender import queries as tenders
from trading.tender.policy import TenderState

CLUE = "objection_clue"


class EnoughToday(Problem):
    code = "E_CLUES"
    status = 429
    text = "No more can be taken about this tender today. Write to the supervising department itself."


def leave_clue(tx: Tx, platform: Platform, tender_id: str, *, text: str, at: datetime) -> None:
    """Keep what somebody without a name tells; of them nothing is kept, of the time the day."""
    text, day = text.strip(), at.astimezone(BEIJING).date()
    if not 0 < len(text) <= CLUE_MAX:
        raise EmptyWords(most=CLUE_MAX)
    lots = tenders.lots_of(tx, tender_id)
    if not lots:
        raise NotFound
    lot = tenders.lot_context(tx, lots[0].id)
    if lot.tender_state != TenderState.PUBLISHED:
        raise NotFound
    of_today = select(func.count()).select_from(Clue).where(Clue.tender_id == tender_id, Clue.day == day)
    if (tx.scalar(of_today) or 0) >= CLUES_A_DAY:
        raise EnoughToday
    clue_id = new_id()
    wrapped = platform.wrapper.wrap(CLUE, clue_id, text.encode())
    tx.add(Clue(id=clue_id, tender_id=tender_id, day=day, wrapped=wrapped, read_at=None))
    tx.flush()
    record(tx, "challenge.clue_received", subject=clue_id, actor="anonymous", at=at, data={})
    people = identity.users_with_role(tx, Role.REGULATOR, org_id=lot.regulator.id)
    tell(
        tx,
        people,
        about=f"challenge.clue/{clue_id}",
        text="Somebody left a clue about {title}.",
        data={"title": lot.title},
        href="/clues",
        at=at,
    )


def mark_read(tx: Tx, clue_id: str, *, actor: Actor, at: datetime) -> None:
    """The regulator notes that it has read a clue; the reading is logged."""
    require(actor, "challenge.decide")
    row = tx.get(Clue, clue_id)
    lot_ids = [lot.id for lot in tenders.lots_of(tx, row.tender_id)] if row else []
    if row is None or tenders.lot_context(tx, lot_ids[0]).regulator.id != actor.org_id:
        raise NotFound
    taken = update(Clue).where(Clue.id == clue_id, Clue.read_at.is_(None)).values(read_at=at)
    if tx.scalar(taken.returning(Clue.id)) is not None:
        record(tx, "challenge.clue_read", subject=clue_id, actor=actor.user_id, at=at, data={})
