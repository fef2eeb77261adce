"""Members who find a session's time too short; when more than a third do, it has to be prolonged (实施条例 art. 48)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from govcore.audit.entries import time_text
from govcore.audit.service import record
from govcore.clock import start_text
from govcore.db import Tx, upsert
from govcore.identity.policy import Actor, Role, require
from govcore.identity.queries import users_with_role
from govcore.notify.service import tell
from trading.committee import queries
from trading.committee.meeting import prolongable
from trading.committee.models import TimeShort
from trading.committee.policy import is_too_short
from trading.committee.service import held, keep_in_session
from trading.tender.queries import lot_context

TOLD = "More than a third of the committee of {lot} find the time until {until} too short: it has to be prolonged."
TAKEN_BACK = (
    "At most a third of {lot}'s committee find the time until {until} too short: it need not be prolonged."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortness:
    """Which seats find the time until the planned end too short, of how many that count."""

    seats: frozenset[int]
    members: int

    @property
    def obliges(self) -> bool:
        return is_too_short(len(self.seats), self.members)


def say_too_short(tx: Tx, lot_id: str, *, actor: Actor, at: datetime) -> None:
    """Say, as a member in session, that the time is too short; tenderer and centre hear it once more than a third do.

    It is said of one planned end: once that is moved, members may say it again. Saying it twice changes nothing.
    """
    require(actor, "committee.sit")
    held(tx, lot_id)
    own = keep_in_session(tx, lot_id, actor=actor, at=at)
    ends_at, number = prolongable(tx, lot_id, at=at)
    before = shortness(tx, lot_id, ends_at)
    if own.seat in before.seats:
        return
    tx.execute(upsert(tx, TimeShort).values(lot_id=lot_id, seat=own.seat, ends_at=ends_at, said_at=at))
    now = shortness(tx, lot_id, ends_at)
    data = {"seat": own.seat, "window": number, "ends_at": time_text(ends_at)}
    record(tx, "committee.time_too_short", subject=lot_id, actor=actor.user_id, at=at, data=data)
    if now.obliges and not before.obliges:
        _tell(tx, lot_id, ends_at, short=True, at=at)


def take_back(tx: Tx, lot_id: str, *, actor: Actor, at: datetime) -> None:
    """Take back, as a member in session, that the time is too short; the log keeps both.

    Until the session was prolonged: what was said of an end that has been moved stays said. Who was told that it has
    to be prolonged hears it when it no longer has.
    """
    require(actor, "committee.sit")
    held(tx, lot_id)
    own = keep_in_session(tx, lot_id, actor=actor, at=at)
    ends_at, number = prolongable(tx, lot_id, at=at)
    before = shortness(tx, lot_id, ends_at)
    if own.seat not in before.seats:
        return
    tx.execute(delete(TimeShort).filter_by(lot_id=lot_id, seat=own.seat, ends_at=ends_at))
    data = {"seat": own.seat, "window": number, "ends_at": time_text(ends_at)}
    record(tx, "committee.time_enough", subject=lot_id, actor=actor.user_id, at=at, data=data)
    if before.obliges and not shortness(tx, lot_id, ends_at).obliges:
        _tell(tx, lot_id, ends_at, short=False, at=at)


def shortness(tx: Tx, lot_id: str, ends_at: datetime) -> Shortness:
    """Who of those who sit now finds the time until this end too short."""
    query = select(TimeShort.seat).where(TimeShort.lot_id == lot_id, TimeShort.ends_at == ends_at)
    sitting = {one.seat for one in queries.active_seats(tx, lot_id)}
    return Shortness(seats=frozenset(sitting.intersection(tx.scalars(query))), members=len(sitting))


def shortness_now(tx: Tx, lot_id: str, *, at: datetime) -> Shortness | None:
    """The same of the window that is open; nothing while none is whose end lies ahead."""
    last = queries.last_meeting(tx, lot_id)
    if last is None or last.ends_at is None or last.over(at):
        return None
    return shortness(tx, lot_id, last.ends_at)


def _tell(tx: Tx, lot_id: str, ends_at: datetime, *, short: bool, at: datetime) -> None:
    """Tell tenderer and centre; each message stands for itself, as members may change their minds."""
    lot, matter = lot_context(tx, lot_id), "time-too-short" if short else "time-enough"
    tenderer = users_with_role(tx, Role.TENDERER, org_id=lot.tenderer.id)
    for people, href in (
        (tenderer, f"/committee-draws/{lot_id}/seats"),
        (users_with_role(tx, Role.CENTRE), f"/evaluation/{lot_id}/committee"),
    ):
        tell(
            tx,
            people,
            about=f"lot:{lot_id}:{matter}:{time_text(at)}",
            text=TOLD if short else TAKEN_BACK,
            href=href,
            at=at,
            data={"lot": lot.lot_name, "until": start_text(ends_at)},
        )
