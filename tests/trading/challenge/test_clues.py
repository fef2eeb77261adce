"""Clues without a name: sealed to the department, asked for by a code, each reading logged, no sender kept."""

from __future__ import annotations

import json

import pytest
from challenge_city import TENDER, Town, beijing
from sqlalchemy import select

from govcore import logs
from govcore.audit.models import LogOutbox
from govcore.errors import Forbidden, NotFound
from trading.challenge import clue_keys, clues, queries
from trading.challenge.clue_keys import PassphraseTooShort, WrongPassphrase
from trading.challenge.clues import UnknownCode
from trading.challenge.models import Clue, ClueLine

WORDS, PASSPHRASE = "评标专家与某公司有往来", "correct horse battery"
AT, LATER = beijing("2026-03-10 10:00"), beijing("2026-03-12 15:00")


def make_key(town: Town, passphrase: str = PASSPHRASE, person: str = "regulator") -> None:
    actor = town.actor(person)
    with town.platform.db.transaction() as tx:
        clue_keys.make(tx, passphrase=passphrase, actor=actor, at=AT, work_factor=1)


def leave(town: Town) -> tuple[str, str]:
    """A clue's code and id."""
    code = clues.new_code()
    with town.platform.db.transaction() as tx:
        clues.leave_clue(tx, town.platform, TENDER, text=WORDS, code=code, at=AT)
        return code, tx.scalars(select(Clue.id).order_by(Clue.day)).one()


def read(
    town: Town, clue: str, passphrase: str = PASSPHRASE, person: str = "regulator"
) -> list[tuple[str, str]]:
    with town.platform.db.transaction() as tx:
        actor = town.actor(person)
        _, said = clues.open_clue(tx, town.platform, clue, passphrase=passphrase, actor=actor, at=LATER)
    return [(side, words) for side, _, words in said]


def events(town: Town) -> list[tuple[str, str]]:
    """What the log was told of clues, and by whom."""
    with town.platform.db.read() as tx:
        told = [json.loads(raw) for raw in tx.scalars(select(LogOutbox.event).order_by(LogOutbox.id))]
    return [(one["type"], one["actor"]) for one in told if "clue" in one["type"]]


def test_only_the_department_with_its_passphrase_reads_a_clue_and_each_reading_is_logged(town: Town) -> None:
    make_key(town)
    _, clue = leave(town)

    with pytest.raises(WrongPassphrase):
        read(town, clue, "another long passphrase")
    for person, refusal in {"other-regulator": NotFound, "agency": Forbidden, "centre": Forbidden}.items():
        with pytest.raises(refusal):
            read(town, clue, person=person)
    assert [read(town, clue), read(town, clue)] == [[("sender", WORDS)]] * 2

    with town.platform.db.read() as tx:
        row = tx.get_one(Clue, clue)
        sealed = town.platform.wrapper.unwrap(clues.CLUE, clue, row.wrapped)
        listed = [one.id for one, _, _ in queries.clues(tx, actor=town.actor("regulator"))]
        others = queries.clues(tx, actor=town.actor("other-regulator"))
    assert (sealed[:14], WORDS.encode() in sealed, listed, others) == (b"age-encryption", False, [clue], [])
    assert [name for name, _ in events(town)].count("challenge.clue_read") == 2
    assert town.stopped("2026-03-10 10:01") == set()


def test_who_holds_the_code_sees_an_answer_and_says_more_and_nobody_else_does(town: Town) -> None:
    make_key(town)
    code, clue = leave(town)
    with town.platform.db.transaction() as tx:
        regulator = town.actor("regulator")
        clues.answer(tx, town.platform, clue, text="请说明时间和地点", actor=regulator, at=LATER)
    with town.platform.db.transaction() as tx:
        clues.say_more(tx, town.platform, code=code.lower(), text="三月一日，东昌府", at=LATER)

    with town.platform.db.read() as tx:
        _, followed = clues.followed(tx, town.platform, code.replace("-", " "))
        with pytest.raises(UnknownCode):
            clues.followed(tx, town.platform, clues.new_code())
        lines = tx.scalars(select(ClueLine).order_by(ClueLine.seq)).all()
        kept = [town.platform.wrapper.unwrap(clues.LINE, line.id, line.wrapped)[:14] for line in lines]

    assert [(side, words) for side, _, words in followed] == [
        ("department", "请说明时间和地点"),
        ("sender", ""),
    ]
    assert read(town, clue) == [("sender", WORDS), ("department", ""), ("sender", "三月一日，东昌府")]
    assert kept == [b"age-encryption"] * 2


def test_of_who_leaves_a_clue_nothing_is_kept_and_of_the_time_the_day(town: Town) -> None:
    logs.begin_request()
    logs.come_from(session="their-session", network="203.0.113.0/24")
    code, clue = leave(town)
    logs.begin_request()

    with town.platform.db.read() as tx:
        beside = tx.execute(
            select(LogOutbox.session, LogOutbox.network).order_by(LogOutbox.id.desc())
        ).first()
        row = tx.get_one(Clue, clue)
        kept = {column.name: getattr(row, column.name) for column in Clue.__table__.columns}
    assert beside == (None, None)
    assert kept["day"] == AT.date()
    assert [name for name, value in kept.items() if value == AT] == []
    assert code.replace("-", "") not in repr(kept)
    assert events(town) == [("challenge.clue_received", "anonymous")]


def test_a_new_key_is_for_new_clues_and_before_the_first_the_platforms_wraps_them(town: Town) -> None:
    _, first = leave(town)
    assert read(town, first, "") == [("sender", WORDS)]
    with pytest.raises(PassphraseTooShort):
        make_key(town, "short")
    make_key(town)
    assert read(town, first, "") == [("sender", WORDS)]
