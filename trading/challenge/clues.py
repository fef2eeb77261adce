"""Clues without a name: no objection and no clock, sealed to the project's regulator alone (domain: 6.4).

Of who leaves one nothing is kept, and its row knows the day alone. A code, shown once and kept as its keyed tag only,
lets the sender ask later and read what the department answered: from it follows the key to which answers are sealed.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from datetime import date, datetime

from sqlalchemy import func, select, update

from bidding_docs import age
from govcore.audit.service import record
from govcore.clock import BEIJING
from govcore.db import Tx, new_id
from govcore.errors import NotFound, Problem
from govcore.identity import queries as identity
from govcore.identity.policy import Actor, Role, require
from govcore.notify.service import tell
from govcore.platform import Platform
from govcore.vault import Vault
from trading.challenge import clue_keys
from trading.challenge.clue_keys import WrongPassphrase
from trading.challenge.entries import EmptyWords
from trading.challenge.models import Clue, ClueKey, ClueLine
from trading.challenge.policy import CLUE_LINES, CLUE_MAX, CLUES_A_DAY, ClueSide
from trading.tender import queries as tenders
from trading.tender.policy import TenderState

CLUE, LINE = "objection_clue", "objection_clue_line"
_GROUPS, _GROUP = 6, 4


class EnoughToday(Problem):
    code = "E_CLUES"
    status = 429
    text = "No more can be taken about this tender today. Write to the supervising department itself."


class UnknownCode(Problem):
    code = "E_CLUE_CODE"
    status = 404
    text = "No clue has this code. Compare it with what you wrote down."


def new_code() -> str:
    """A code of 120 bits, in groups that can be written down."""
    letters = base64.b32encode(secrets.token_bytes(15)).decode()
    return "-".join(letters[n * _GROUP : (n + 1) * _GROUP] for n in range(_GROUPS))


def leave_clue(tx: Tx, platform: Platform, tender_id: str, *, text: str, code: str, at: datetime) -> None:
    """Keep what somebody without a name tells, to be asked for again by the code."""
    text, day = checked(text), _day(at)
    lots = tenders.lots_of(tx, tender_id)
    if not lots:
        raise NotFound
    lot = tenders.lot_context(tx, lots[0].id)
    if lot.tender_state != TenderState.PUBLISHED:
        raise NotFound
    of_today = select(func.count()).select_from(Clue).where(Clue.tender_id == tender_id, Clue.day == day)
    if (tx.scalar(of_today) or 0) >= CLUES_A_DAY:
        raise EnoughToday
    clue_id, key = new_id(), clue_keys.newest(tx, lot.regulator.id)
    sealed = clue_keys.seal(text, key)
    tx.add(
        Clue(
            id=clue_id,
            tender_id=tender_id,
            day=day,
            key_id=key.id if key else None,
            code_tag=code_tag(platform.keys, code),
            recipient=age.recipient_of(_identity(code)),
            wrapped=platform.wrapper.wrap(CLUE, clue_id, sealed),
            read_at=None,
        )
    )
    tx.flush()
    record(tx, "challenge.clue_received", subject=clue_id, actor="anonymous", at=at, data={})
    _tell(tx, lot.regulator.id, clue_id, "Somebody left a clue about {title}.", title=lot.title, at=at)


def open_clue(
    tx: Tx, platform: Platform, clue_id: str, *, passphrase: str, actor: Actor, at: datetime
) -> tuple[Clue, list[tuple[str, date, str]]]:
    """A clue and what was said since, as side, day and words; each reading is logged. Raises `WrongPassphrase`."""
    row = _own(tx, clue_id, actor)
    keys: dict[str, bytes] = {}

    def words(key_id: str | None, sealed: bytes) -> str:
        if key_id is not None and key_id not in keys:
            keys[key_id] = clue_keys.unlocked(tx.get_one(ClueKey, key_id), passphrase)
        return clue_keys.opened(sealed, keys.get(key_id or ""))

    said = [
        (
            ClueSide.SENDER.value,
            row.day,
            words(row.key_id, platform.wrapper.unwrap(CLUE, row.id, row.wrapped)),
        )
    ]
    for line in lines_of(tx, clue_id):
        sealed = platform.wrapper.unwrap(LINE, line.id, line.wrapped)
        own = line.side == ClueSide.SENDER
        said.append((line.side, line.day, words(line.key_id, sealed) if own else ""))
    tx.execute(update(Clue).where(Clue.id == clue_id, Clue.read_at.is_(None)).values(read_at=at))
    record(tx, "challenge.clue_read", subject=clue_id, actor=actor.user_id, at=at, data={})
    return row, said


def answer(tx: Tx, platform: Platform, clue_id: str, *, text: str, actor: Actor, at: datetime) -> None:
    """Answer whoever left a clue; only the code opens the answer, the department cannot read it again."""
    row = _own(tx, clue_id, actor)
    if row.recipient is None:
        raise NotFound
    sealed = age.encrypt_bytes(checked(text).encode(), [row.recipient])
    _say(tx, platform, row, ClueSide.DEPARTMENT, None, sealed, at=at)
    record(tx, "challenge.clue_answered", subject=clue_id, actor=actor.user_id, at=at, data={})


def say_more(tx: Tx, platform: Platform, *, code: str, text: str, at: datetime) -> None:
    """More from whoever holds the code, sealed like the clue."""
    row = by_code(tx, platform.keys, code)
    lots = tenders.lots_of(tx, row.tender_id)
    lot = tenders.lot_context(tx, lots[0].id)
    key = clue_keys.newest(tx, lot.regulator.id)
    sealed = clue_keys.seal(checked(text), key)
    _say(tx, platform, row, ClueSide.SENDER, key, sealed, at=at)
    record(tx, "challenge.clue_received", subject=row.id, actor="anonymous", at=at, data={})
    _tell(tx, lot.regulator.id, row.id, "More came to a clue about {title}.", title=lot.title, at=at)


def followed(tx: Tx, platform: Platform, code: str) -> tuple[Clue, list[tuple[str, date, str]]]:
    """What became of a clue, for who holds its code: the department's answers, and that more was said."""
    row = by_code(tx, platform.keys, code)
    said = []
    for line in lines_of(tx, row.id):
        sealed = platform.wrapper.unwrap(LINE, line.id, line.wrapped)
        answered = line.side == ClueSide.DEPARTMENT
        said.append(
            (line.side, line.day, age.decrypt_bytes(sealed, [_identity(code)]).decode() if answered else "")
        )
    return row, said


def by_code(tx: Tx, vault: Vault, code: str) -> Clue:
    row = tx.scalar(select(Clue).where(Clue.code_tag == code_tag(vault, code)))
    if row is None:
        raise UnknownCode
    return row


def code_tag(vault: Vault, code: str) -> str:
    return vault.tag("clue-code", _plain(code))


def lines_of(tx: Tx, clue_id: str) -> list[ClueLine]:
    return list(tx.scalars(select(ClueLine).where(ClueLine.clue_id == clue_id).order_by(ClueLine.seq)))


def checked(text: str) -> str:
    """The words without blanks around them; raise `EmptyWords` for none or too many."""
    text = text.strip()
    if not 0 < len(text) <= CLUE_MAX:
        raise EmptyWords(most=CLUE_MAX)
    return text


def _say(
    tx: Tx, platform: Platform, row: Clue, side: ClueSide, key: ClueKey | None, sealed: bytes, *, at: datetime
) -> None:
    line_id, seq = new_id(), len(lines_of(tx, row.id)) + 1
    if seq > CLUE_LINES:
        raise EnoughToday
    wrapped = platform.wrapper.wrap(LINE, line_id, sealed)
    key_id = key.id if key else None
    tx.add(
        ClueLine(id=line_id, clue_id=row.id, seq=seq, side=side, day=_day(at), key_id=key_id, wrapped=wrapped)
    )
    tx.flush()


def _own(tx: Tx, clue_id: str, actor: Actor) -> Clue:
    """A clue about a tender that the actor's department supervises; every other does not exist."""
    require(actor, "challenge.decide")
    row = tx.get(Clue, clue_id)
    lots = tenders.lots_of(tx, row.tender_id) if row else []
    if row is None or tenders.lot_context(tx, lots[0].id).regulator.id != actor.org_id:
        raise NotFound
    return row


def _tell(tx: Tx, regulator_id: str, clue_id: str, text: str, *, title: str, at: datetime) -> None:
    people = identity.users_with_role(tx, Role.REGULATOR, org_id=regulator_id)
    about = f"challenge.clue/{clue_id}"
    tell(tx, people, about=about, text=text, data={"title": title}, href="/clues", at=at)


def _identity(code: str) -> bytes:
    """The key to which answers are sealed: it follows from the code alone, which has 120 bits."""
    return hashlib.sha256(b"trading clue code\0" + _plain(code).encode()).digest()


def _plain(code: str) -> str:
    return "".join(letter for letter in code.upper() if letter.isalnum())


def _day(at: datetime) -> date:
    return at.astimezone(BEIJING).date()


__all__ = ["WrongPassphrase", "answer", "followed", "leave_clue", "new_code", "open_clue", "say_more"]
