"""The automatic calls of a draw: claimed by one sender, placed up to three times, never with a name in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Update, update

from govcore.clock import BEIJING
from govcore.db import Tx
from govcore.keys import KeyWrapper
from govcore.vault import Vault
from trading.committee import drawing_queries as queries
from trading.committee.drawing_policy import ATTEMPTS_MAX, Answer
from trading.committee.models import ExpertCall
from trading.draws.models import Draw

LEASE = timedelta(minutes=1)
"""How long a sender may be at one call before another takes it."""

ASK_EVERY = timedelta(seconds=5)
AGAIN_AFTER = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A call as its sender took it; `next_reference` names the next attempt to the line."""

    reference: str | None
    next_reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What one call or message says."""

    phone: str = field(repr=False)
    place: str
    time: str
    code: str = field(repr=False)


def claim(tx: Tx, draw_id: str, entrant: str, *, at: datetime) -> Claimed | None:
    """Take an open call that is due for the length of a lease; of two senders one wins."""
    due = _one(draw_id, entrant).where(ExpertCall.state == Answer.ASKED, ExpertCall.next_at <= at)
    row = tx.execute(
        due.values(next_at=at + LEASE).returning(ExpertCall.reference, ExpertCall.attempts)
    ).one_or_none()
    if row is None or (row.reference is None and row.attempts >= ATTEMPTS_MAX):
        return None
    return Claimed(row.reference, f"{draw_id[:16]}-{entrant[:16]}-{row.attempts + 1}")


def note_placed(tx: Tx, draw_id: str, entrant: str, reference: str, *, at: datetime) -> None:
    """The line took the call."""
    placed = _one(draw_id, entrant)
    tx.execute(placed.values(reference=reference, attempts=ExpertCall.attempts + 1, next_at=at + ASK_EVERY))


def note_unanswered(tx: Tx, draw_id: str, entrant: str, *, at: datetime) -> None:
    """Nobody took it: it is placed again a little later, as long as its time lasts."""
    tx.execute(_one(draw_id, entrant).values(reference=None, next_at=at + AGAIN_AFTER))


def ask_again(tx: Tx, draw_id: str, entrant: str, *, at: datetime) -> None:
    """It still rings or is listened to."""
    tx.execute(_one(draw_id, entrant).values(next_at=at + ASK_EVERY))


def claim_telling(tx: Tx, draw_id: str, entrant: str, *, at: datetime) -> bool:
    """Take the message to who accepted; of two senders one wins."""
    open_now = _one(draw_id, entrant).where(ExpertCall.told_at.is_(None))
    return tx.scalar(open_now.values(told_at=at).returning(ExpertCall.entrant)) is not None


def give_back(tx: Tx, draw_id: str, entrant: str) -> None:
    """The message did not go out."""
    tx.execute(_one(draw_id, entrant).values(told_at=None))


def wording(tx: Tx, vault: Vault, wrapper: KeyWrapper, draw_id: str, entrant: str) -> Wording | None:
    """Where, when and to whom; the tender is not named. Nothing for who left the pool meanwhile."""
    draw = tx.get_one(Draw, draw_id)
    asked = queries.asked_of(tx, draw.lot_id)
    assert asked is not None  # nothing is drawn without it
    found = queries.entrants(vault, draw, queries.candidates(tx, wrapper, asked)).get(entrant)
    if found is None:
        return None
    return Wording(
        phone=found.phone,
        place=queries.place_for(tx, asked, draw, tx.get_one(ExpertCall, (draw_id, entrant)).quota),
        time=f"{asked.meets_at.astimezone(BEIJING):%Y-%m-%d %H:%M}",
        code=queries.arrival_code(vault, draw.lot_id, found.user_id),
    )


def _one(draw_id: str, entrant: str) -> Update:
    return update(ExpertCall).where(ExpertCall.draw_id == draw_id, ExpertCall.entrant == entrant)
