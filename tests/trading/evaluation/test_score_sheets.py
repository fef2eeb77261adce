"""Sheets as they grow: every change kept, the last one taken back, the lock bound to what was seen and signed."""

from __future__ import annotations

import hashlib

import pytest
from evaluated_city import NOW, City, sheet
from scene_city import certified
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError

from bidding_docs.signing import public_key
from govcore import dsse
from govcore.errors import Problem
from govcore.identity.queries import actor_of_user
from govcore.platform import Platform
from trading.evaluation import sheets
from trading.evaluation.entries import SHEET_TYPE
from trading.evaluation.models import EvaluationRound
from trading.evaluation.sheet_queries import locks_of, my_changes, my_sheet


def refused(action: object) -> str:
    with pytest.raises(Problem) as caught:
        action()  # type: ignore[operator]
    return caught.value.code


def undo(city: City, expert: str) -> None:
    with city.database.transaction() as tx:
        sheets.undo(tx, city.lot_id, actor=actor_of_user(tx, expert), at=NOW)


def written(city: City, expert: str) -> list[tuple[str, str, object, object, str, int | None]]:
    with city.database.read() as tx:
        _, found = my_changes(tx, city.lot_id, actor=actor_of_user(tx, expert))
    return [(one.bid_id, one.node_id, one.old, one.new, one.why, one.undoes) for one in found]


def test_every_change_keeps_what_stood_before_and_why(city: City) -> None:
    city.convene()
    city.fill("expert-1", {"bid-1": {"plan": "20", "safety": "12", "record": "8"}})

    assert refused(lambda: city.fill("expert-1", {"bid-1": {"plan": "21"}})) == "E_SCORE_WHY"
    city.fill("expert-1", {"bid-1": {"plan": "21"}}, why="漏看附件三")
    city.fill("expert-1", {"bid-1": {"plan": "21.00"}})

    assert written(city, "expert-1") == [
        ("bid-1", "plan", None, "20.00", "", None),
        ("bid-1", "safety", None, "12.00", "", None),
        ("bid-1", "record", None, "8.00", "", None),
        ("bid-1", "plan", "20.00", "21.00", "漏看附件三", None),
    ]
    with pytest.raises(DBAPIError), city.database.transaction() as tx:
        tx.execute(text("UPDATE evaluation_entry SET why = ''"))


def test_undoing_goes_back_change_by_change_to_the_empty_sheet(city: City) -> None:
    city.convene()
    city.fill("expert-1", {"bid-1": {"plan": "20"}})
    city.fill("expert-1", {"bid-1": {"plan": "21"}})

    undo(city, "expert-1")
    once = city.marks("expert-1")
    undo(city, "expert-1")

    assert (once, city.marks("expert-1")) == ({"bid-1": {"plan": "20.00"}}, {})
    assert refused(lambda: undo(city, "expert-1")) == "E_SHEET_UNDO"
    assert [(new, undoes) for *_, new, _, undoes in written(city, "expert-1")] == [
        ("20.00", None),
        ("21.00", None),
        ("20.00", 2),
        (None, 1),
    ]


def test_a_lock_binds_to_what_was_seen_and_to_the_first_criteria(city: City) -> None:
    city.convene()
    city.fill("expert-1", sheet())
    with city.database.transaction() as tx:
        actor = actor_of_user(tx, "expert-1")
        stale = my_sheet(tx, city.lot_id, actor=actor).sha256
    city.fill("expert-1", {"bid-1": {"plan": "24"}}, why="复核")

    def lock() -> None:
        with city.database.transaction() as tx:
            sheets.lock(tx, city.lot_id, sha256=stale, actor=actor, at=NOW)

    assert refused(lock) == "E_SHEET_CHANGED"
    with city.database.transaction() as tx:
        tx.execute(update(EvaluationRound).values(criteria_sha256="f" * 64))
    assert refused(lambda: city.lock("expert-1")) == "E_CRITERIA_CHANGED"


def test_who_holds_a_certificate_signs_the_sheet_with_it(city: City, platform: Platform) -> None:
    city.convene()
    city.fill("expert-1", sheet())
    with city.database.transaction() as tx:
        own, other = (certified(tx, platform, name, at=NOW) for name in ("expert-1", "expert-2"))
        seen = my_sheet(tx, city.lot_id, actor=actor_of_user(tx, "expert-1"))

    def lock(signer: dsse.Signer | None, document: bytes = seen.document) -> None:
        envelope = None if signer is None else dsse.sign(SHEET_TYPE, document, [signer]).encode()
        with city.database.transaction() as tx:
            actor = actor_of_user(tx, "expert-1")
            sheets.lock(tx, city.lot_id, sha256=seen.sha256, envelope=envelope, actor=actor, at=NOW)

    assert refused(lambda: lock(None)) == "E_MEMBER_SIGNATURE"
    assert refused(lambda: lock(other)) == "E_SIGNER"
    assert refused(lambda: lock(own, seen.document + b" ")) == "E_SIGNED_CONTENT"
    lock(own)

    with city.database.read() as tx:
        [kept] = locks_of(tx, city.lot_id, 1, "expert-1")
    assert kept.envelope is not None
    payload = dsse.verify(
        dsse.Envelope.decode(kept.envelope), SHEET_TYPE, {own.keyid: public_key(own.certificate)}
    )
    assert hashlib.sha256(payload).hexdigest() == kept.sha256
