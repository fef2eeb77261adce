"""The pool: who keeps it, what is kept of whom, and that nobody else sees it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date

import pytest
from apps import app_for
from litestar import Litestar
from litestar.testing import TestClient
from openpyxl import load_workbook
from pool import KEEPER, code, found_pool, particulars, workbook
from sqlalchemy import select

from govcore import clock
from govcore.audit.entries import parse_event
from govcore.audit.models import LogOutbox
from govcore.errors import Forbidden
from govcore.identity.models import User, UserRole
from govcore.identity.policy import Actor, Role
from govcore.identity.queries import actor_of_user
from govcore.identity.sessions import open_session
from govcore.platform import Platform
from trading.experts import queries, service
from trading.experts.models import Expert
from trading.experts.policy import NoteKind, Standing
from trading.experts.queries import Filter

ROW = ["B", "371500", "高级", 2010, "2026-01-01", "", 13800000009, "", "", "", ""]


@pytest.fixture
def keeper(platform: Platform) -> Actor:
    with platform.db.transaction() as tx:
        return found_pool(tx, platform, "li", "wang", "zhao")


def put(platform: Platform, keeper: Actor, name: str, **changed: object) -> str:
    with platform.db.transaction() as tx:
        said = particulars(**changed)
        return service.save(
            tx, platform.wrapper, username=name, particulars=said, actor=keeper, at=clock.now(tx)
        )


def events(platform: Platform, kind: str) -> list[dict[str, object]]:
    with platform.db.read() as tx:
        found = [parse_event(raw) for raw in tx.scalars(select(LogOutbox.event).order_by(LogOutbox.id))]
    return [dict(one["data"]) for one in found if one["type"] == kind]


def test_one_account_has_one_entry_that_changes(platform: Platform, keeper: Actor) -> None:
    first = put(platform, keeper, "li")
    again = put(platform, keeper, "li", region="371500")
    same = put(platform, keeper, "li", region="371500")

    assert first == again == same
    assert events(platform, "experts.entered") == [{"user": "u-li"}]
    assert events(platform, "experts.changed") == [{"fields": ["region"]}]


@pytest.mark.parametrize("name", ["nobody", KEEPER])
def test_an_entry_needs_an_account_that_may_evaluate(platform: Platform, keeper: Actor, name: str) -> None:
    with pytest.raises(service.NoExpertAccount):
        put(platform, keeper, name)


def test_a_phone_and_ties_are_not_readable_in_the_database(platform: Platform, keeper: Actor) -> None:
    expert = put(platform, keeper, "li", phone="13912345678")

    with platform.db.read() as tx:
        row = tx.get_one(Expert, expert)
        assert b"13912345678" not in row.wrapped
        assert queries.particulars_of(tx, platform.wrapper, row).phone == "13912345678"


def test_a_suspended_or_former_expert_is_no_candidate(platform: Platform, keeper: Actor) -> None:
    day = date(2026, 6, 1)
    kept = put(platform, keeper, "li", ties=())
    suspended = put(platform, keeper, "wang")
    put(platform, keeper, "zhao", until=date(2026, 5, 31))

    with platform.db.transaction() as tx:
        service.suspend(tx, platform.wrapper, suspended, text="核查举报", actor=keeper, at=clock.now(tx))
        found = queries.candidates(tx, platform.wrapper, on=day)
        assert [one.expert_id for one in found] == [kept]
        with pytest.raises(service.AlreadySuspended):
            service.suspend(tx, platform.wrapper, suspended, text="再次", actor=keeper, at=clock.now(tx))
        service.let_return(tx, platform.wrapper, suspended, text="查无实据", actor=keeper, at=clock.now(tx))
        found = queries.candidates(tx, platform.wrapper, on=day)
        assert {one.expert_id for one in found} == {kept, suspended}
        entry = queries.entry(tx, platform.wrapper, suspended, actor=keeper, at=clock.now(tx))
    assert entry.row.standing is Standing.READY
    assert sorted((one.kind, one.text, one.by) for one in entry.notes) == [
        (NoteKind.RETURN, "查无实据", f"姓名{KEEPER}"),
        (NoteKind.SUSPENSION, "核查举报", f"姓名{KEEPER}"),
    ]


def test_a_punished_expert_is_marked_for_the_draws(platform: Platform, keeper: Actor) -> None:
    expert = put(platform, keeper, "li")

    with platform.db.transaction() as tx:
        service.note_misconduct(
            tx,
            platform.wrapper,
            expert,
            kind=NoteKind.PUNISHED,
            text="某市水利局罚字〔2026〕1号",
            actor=keeper,
            at=clock.now(tx),
        )
        found = queries.candidates(tx, platform.wrapper, on=date(2026, 6, 1))
    assert [one.punished for one in found] == [True]
    assert events(platform, "experts.noted") == [{"kind": "punished", "lot": None, "grade": None}]


def test_the_pool_is_looked_through_by_everything_it_is_found_by(platform: Platform, keeper: Actor) -> None:
    put(platform, keeper, "li", specialities=("A01",))
    put(platform, keeper, "wang", region="371400", employer=code(5))

    def names(**wanted: str) -> list[str]:
        with platform.db.read() as tx:
            found = queries.search(tx, Filter(**wanted), page=1, actor=keeper, at=clock.now(tx))
        return [row.username for row in found.rows]

    assert names() == ["li", "wang"]
    assert names(name="姓名w") == ["wang"]
    assert names(name="%") == []
    assert names(speciality="A01") == ["li"]
    assert names(speciality="A") == ["li", "wang"]
    assert names(region="3715") == ["li"]
    assert names(employer=code(5)) == ["wang"]


@pytest.fixture
def client(platform: Platform, keeper: Actor) -> Iterator[TestClient[Litestar]]:
    with TestClient(app_for(platform), base_url="http://site.example") as http:
        sign_in(http, platform, keeper.user_id)
        yield http


def sign_in(http: TestClient[Litestar], platform: Platform, user_id: str) -> None:
    with platform.db.transaction() as tx:
        http.cookies.clear()
        http.cookies.set("session", open_session(tx, user_id=user_id, at=clock.now(tx), strong=True))


def send(http: TestClient[Litestar], content: bytes) -> str:
    files = {"sheet": ("专家.xlsx", content)}
    headers = {"origin": "http://site.example"}
    answer = http.post("/experts/import", files=files, headers=headers)
    assert answer.status_code == 200
    return answer.text


def test_a_sheet_is_looked_at_then_taken_over_without_its_wrong_rows(
    platform: Platform, client: TestClient[Litestar]
) -> None:
    client.cookies.set("lang", "en")
    content = workbook(
        ["li", "B", code(1), *ROW[1:]],
        ["wang", "X", code(1), *ROW[1:]],
        ["stranger", "B", code(1), *ROW[1:]],
    )

    shown = send(client, content)

    assert "The speciality X is not in the list." in shown
    assert "There is no active account stranger with the role of an evaluation expert." in shown
    assert "Take over 1 entries" in shown
    with platform.db.read() as tx:
        assert list(tx.scalars(select(Expert.user_id))) == []
    confirm = client.post("/experts/import/confirmation", headers={"origin": "http://site.example"})
    assert (confirm.status_code, confirm.url.path) == (200, "/experts")
    with platform.db.read() as tx:
        assert list(tx.scalars(select(Expert.user_id))) == ["u-li"]
    again = client.post("/experts/import/confirmation", headers={"origin": "http://site.example"})
    assert (again.status_code, "E_IMPORT_GONE" in again.text) == (409, True)


@pytest.mark.parametrize("backend", ["sqlite"])
def test_the_export_is_a_sheet_that_changes_nothing_and_is_logged(
    platform: Platform, keeper: Actor, client: TestClient[Litestar]
) -> None:
    client.cookies.set("lang", "en")
    put(platform, keeper, "li")

    saved = client.get("/experts/pool.xlsx").content

    assert events(platform, "experts.exported") == [{"entries": 1}]
    assert "1 rows say what the pool says already." in send(client, saved)
    page = load_workbook(io.BytesIO(saved)).active
    assert page is not None
    assert page["A2"].value == "li"


@pytest.mark.parametrize("backend", ["sqlite"])
def test_what_a_form_says_wrong_stands_beside_its_field(client: TestClient[Litestar]) -> None:
    headers = {"origin": "http://site.example"}

    answer = client.post("/experts/new", data={"username": "li", "phone": "1"}, headers=headers)

    assert answer.status_code == 422
    assert 'id="phone-error"' in answer.text
    assert 'value="li"' in answer.text


@pytest.mark.parametrize("backend", ["sqlite"])
def test_nobody_but_the_keeper_sees_or_changes_the_pool(
    platform: Platform, keeper: Actor, client: TestClient[Litestar]
) -> None:
    expert = put(platform, keeper, "li")
    with platform.db.transaction() as tx:
        for role in (Role.CENTRE, Role.AGENCY, Role.EXPERT, Role.TENDERER, Role.REGULATOR):
            tx.add(User(id=role, username=role, name=role, org_id="institute", password_hash="none"))
            tx.flush()
            tx.add(UserRole(user_id=role, role=role))
            tx.flush()
            other = actor_of_user(tx, role)
            with pytest.raises(Forbidden):
                queries.entry(tx, platform.wrapper, expert, actor=other, at=clock.now(tx))
            with pytest.raises(Forbidden):
                service.suspend(tx, platform.wrapper, expert, text="-", actor=other, at=clock.now(tx))

    for role in (Role.CENTRE, Role.EXPERT):
        sign_in(client, platform, role)
        for path in ("/experts", f"/experts/{expert}", "/experts/pool.xlsx", f"/experts/{expert}/edit"):
            assert client.get(path).status_code == 403
