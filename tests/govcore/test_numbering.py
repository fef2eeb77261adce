"""Document numbers: their form (GB/T 9704-2012), series without gaps, and the register of them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from io import BytesIO

import pytest
from apps import app_for
from litestar.testing import TestClient
from openpyxl import load_workbook
from sqlalchemy import select
from stdnum.cn import uscc

from govcore.db import Database, Tx
from govcore.errors import NotFound, Problem
from govcore.identifiers import DocumentNumber
from govcore.identity.policy import Role
from govcore.identity.queries import actor_of_user
from govcore.identity.service import register_organisation, register_user
from govcore.identity.sessions import open_session
from govcore.numbering.models import TakenNumber
from govcore.numbering.queries import register, series_seen
from govcore.numbering.service import (
    NumberCancelled,
    OfficeUnnamed,
    ReasonMissing,
    cancel_number,
    name_office,
    take_number,
)
from govcore.platform import Platform


def test_a_document_number_has_hexagonal_brackets_and_no_leading_zero() -> None:
    assert str(DocumentNumber(organ="临川公资函", year=2026, serial=1)) == "临川公资函〔2026〕1号"


@pytest.mark.parametrize(
    ("organ", "year", "serial"), [("", 2026, 1), ("临川公资函", 26, 1), ("临川公资函", 2026, 0)]
)
def test_impossible_numbers_are_refused(organ: str, year: int, serial: int) -> None:
    with pytest.raises(ValueError, match="document number"):
        DocumentNumber(organ=organ, year=year, serial=serial)


AT = datetime(2026, 12, 1, 1, tzinfo=UTC)
NEXT_YEAR = datetime(2026, 12, 31, 16, tzinfo=UTC)
"""Midnight in Beijing: a new year there, still the old one in UTC."""


@pytest.fixture
def numbered(platform: Platform) -> Database:
    """Two organs with short names and one without; the first has a clerk, the last an auditor."""
    people = {"centre": Role.CENTRE, "other": Role.CENTRE, "nameless": Role.AUDITOR}
    with platform.db.transaction() as tx:
        for n, (name, role) in enumerate(people.items()):
            code = f"9133010{n}MA2KEXAMP"
            code += uscc.calc_check_digit(code)
            organ = register_organisation(tx, uscc=code, name=f"单位{n}", actor="system", at=AT)
            organ_id = tx.info.setdefault("organs", {}).setdefault(name, organ.id)
            register_user(
                tx,
                username=name,
                name=name,
                password="correct horse battery",
                org_id=organ_id,
                roles=[role],
                actor="system",
                at=AT,
            )
        name_office(tx, org_id=tx.info["organs"]["centre"], short_name="临川公资", actor="system", at=AT)
        name_office(tx, org_id=tx.info["organs"]["other"], short_name="远山公资", actor="system", at=AT)
        platform.db.info["organs"] = tx.info["organs"]
    return platform.db


def _take(tx: Tx, document_id: str, *, organ: str = "centre", series: str = "函", at: datetime = AT) -> str:
    return str(
        take_number(
            tx,
            org_id=tx.info["organs"][organ],
            series=series,
            document_id=document_id,
            title=f"关于{document_id}的函",
            at=at,
        )
    )


def _fail_after_taking(database: Database, document_id: str) -> None:
    with database.transaction() as tx:
        _take(tx, document_id)
        raise ZeroDivisionError


def test_each_organ_kind_of_paper_and_year_in_beijing_has_a_series_of_its_own(numbered: Database) -> None:
    with numbered.transaction() as tx:
        taken = [
            _take(tx, "a"),
            _take(tx, "b"),
            _take(tx, "c", at=NEXT_YEAR),
            _take(tx, "d", series="通"),
            _take(tx, "e", organ="other"),
            _take(tx, "f"),
        ]

    assert taken == [
        "临川公资函〔2026〕1号",
        "临川公资函〔2026〕2号",
        "临川公资函〔2027〕1号",
        "临川公资通〔2026〕1号",
        "远山公资函〔2026〕1号",
        "临川公资函〔2026〕3号",
    ]


def test_an_organ_without_a_short_name_numbers_nothing(numbered: Database) -> None:
    with pytest.raises(OfficeUnnamed), numbered.transaction() as tx:
        _take(tx, "a", organ="nameless")


def test_a_document_asked_about_twice_keeps_its_number(numbered: Database) -> None:
    with numbered.transaction() as tx:
        first = _take(tx, "a")
        _take(tx, "b")
    with numbered.transaction() as tx:
        again = [_take(tx, "a"), _take(tx, "a", at=NEXT_YEAR)]

    assert again == [first, first]


def test_a_rolled_back_signing_leaves_no_gap(numbered: Database) -> None:
    with numbered.transaction() as tx:
        _take(tx, "a")
    with pytest.raises(ZeroDivisionError):
        _fail_after_taking(numbered, "lost")

    with numbered.transaction() as tx:
        assert _take(tx, "b") == "临川公资函〔2026〕2号"


def test_a_cancelled_number_stays_with_its_reason_and_is_never_given_again(numbered: Database) -> None:
    with numbered.transaction() as tx:
        _take(tx, "a")
        cancel_number(tx, document_id="a", reason=" signed twice ", at=AT)

    with numbered.transaction() as tx:
        kept = tx.get_one(TakenNumber, "a")
        assert (kept.serial, kept.cancelled_at, kept.cancel_reason) == (1, AT, "signed twice")
        assert _take(tx, "b") == "临川公资函〔2026〕2号"
    for refused in (
        lambda tx: _take(tx, "a"),
        lambda tx: cancel_number(tx, document_id="a", reason="x", at=AT),
    ):
        with pytest.raises(NumberCancelled), numbered.transaction() as tx:
            refused(tx)


@pytest.mark.parametrize(
    ("document_id", "reason", "refusal"), [("a", "  ", ReasonMissing), ("unknown", "why", NotFound)]
)
def test_cancelling_needs_a_reason_and_a_number(
    numbered: Database, document_id: str, reason: str, refusal: type[Problem]
) -> None:
    with numbered.transaction() as tx:
        _take(tx, "a")

    with pytest.raises(refusal), numbered.transaction() as tx:
        cancel_number(tx, document_id=document_id, reason=reason, at=AT)


def test_eight_threads_that_also_fail_leave_a_series_without_gaps(numbered: Database) -> None:
    def sign(n: int) -> None:
        if n % 5:
            with numbered.transaction() as tx:
                _take(tx, f"document-{n}")
        else:
            with suppress(ZeroDivisionError):
                _fail_after_taking(numbered, f"document-{n}")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(sign, range(40)))

    with numbered.read() as tx:
        serials = sorted(tx.scalars(select(TakenNumber.serial)))
        documents = set(tx.scalars(select(TakenNumber.document_id)))
    assert serials == list(range(1, 33))
    assert documents == {f"document-{n}" for n in range(40) if n % 5}


def test_eight_threads_with_one_document_share_one_number(numbered: Database) -> None:
    def sign(_: int) -> str:
        with numbered.transaction() as tx:
            return _take(tx, "one")

    with ThreadPoolExecutor(8) as pool:
        numbers = set(pool.map(sign, range(16)))

    assert numbers == {"临川公资函〔2026〕1号"}


def _actor_named(tx: Tx, username: str) -> object:
    from govcore.identity.models import User

    return actor_of_user(tx, tx.scalars(select(User.id).where(User.username == username)).one())


def test_an_organ_reads_its_own_numbers_and_the_auditor_reads_all(numbered: Database) -> None:
    with numbered.transaction() as tx:
        _take(tx, "a")
        _take(tx, "b")
        _take(tx, "c", organ="other")
        cancel_number(tx, document_id="a", reason="signed twice", at=AT)

    with numbered.read() as tx:
        shown = {
            name: [(one.number, one.title, one.reason) for one in register(tx, actor=_actor_named(tx, name))]
            for name in ("centre", "other", "nameless")
        }
        series = series_seen(tx, actor=_actor_named(tx, "centre"))

    own = [
        ("临川公资函〔2026〕2号", "关于b的函", ""),
        ("临川公资函〔2026〕1号", "关于a的函", "signed twice"),
    ]
    others = [("远山公资函〔2026〕1号", "关于c的函", "")]
    assert shown == {"centre": own, "other": others, "nameless": [*own, *others]}
    assert [(one.key, one.last, one.taken, one.cancelled, one.whole) for one in series] == [
        ("临川公资函-2026", 2, 2, 1, True)
    ]


def test_the_register_is_a_page_a_table_and_json_for_who_may_read_it(
    platform: Platform, numbered: Database
) -> None:
    with numbered.transaction() as tx:
        _take(tx, "=HYPERLINK()")
        token = open_session(tx, user_id=_actor_named(tx, "centre").user_id, at=AT)
    client = TestClient(app_for(platform))

    assert client.get("/numbers").status_code == 401
    assert client.get("/api/document-numbers").status_code == 401
    client.cookies.set("session", token)
    page = client.get("/numbers").text
    sheet = load_workbook(BytesIO(client.get("/numbers.xlsx").content)).active
    entries = client.get("/api/document-numbers").json()
    assert "临川公资函〔2026〕1号" in page
    assert "1号至1号齐全" in page
    assert [cell.value for cell in sheet[2]][:2] == ["临川公资函〔2026〕1号", "关于=HYPERLINK()的函"]
    assert [one["number"] for one in entries] == ["临川公资函〔2026〕1号"]
