"""Tasks and timelines: what they ask of whom, by which rule, and that more lots cost no more statements."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from apps import app_for
from copies import Steps
from litestar import Litestar
from litestar.testing import TestClient
from page_city import build
from sqlalchemy import event

from govcore import clock
from govcore.calendar.notices import vendored
from govcore.identity.queries import actor_of_user
from govcore.identity.sessions import open_session
from govcore.platform import Platform
from guarantees.models import AdviceRow, DepositRow
from trading.award.models import Publicity
from trading.desk.calendars import shown
from trading.desk.facts import Decision, LotFacts
from trading.desk.queries import LotLine
from trading.desk.timeline import timeline_of
from trading.desk.work import tasks_of
from trading.tender.models import Lot
from trading.tender.policy import Cause
from trading.tender.suspensions import HeldFor, hold

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


@pytest.fixture
def beginnings() -> dict[str, Steps]:
    return {"platform": build}


@pytest.fixture
def client(platform: Platform) -> Iterator[TestClient[Litestar]]:
    with TestClient(app_for(platform), base_url="http://site.example") as client:
        yield client


def visit(client: TestClient[Litestar], path: str, *, person: str) -> tuple[int, str]:
    platform = client.app.state.platform
    with platform.db.transaction() as tx:
        client.cookies.set("session", open_session(tx, user_id=person, at=clock.now(tx)))
    answer = client.get(path, headers={"accept": "text/html", "accept-language": "en"})
    return answer.status_code, answer.text


def more_lots(platform: Platform) -> None:
    """Four more lots like the city's open one, opened one and evaluated one."""
    with platform.db.transaction() as tx:
        for name in ("open", "done", "sealed", "failed"):
            row = tx.get_one(Lot, name)
            kept = {column.key: getattr(row, column.key) for column in Lot.__table__.columns}
            state = "evaluated" if name == "done" else kept["state"]
            again = {
                "id": f"{name}-2",
                "code": f"{kept['code'][:-2]}9{row.number}",
                "number": row.number + 10,
            }
            tx.add(Lot(**{**kept, **again, "state": state}))
            tx.flush()


def cost(platform: Platform, person: str) -> int:
    asked: list[str] = []
    with platform.db.read() as tx:
        at = clock.now(tx)
        actor = actor_of_user(tx, person)
        listen = tx.connection(), "before_cursor_execute", lambda *call: asked.append(call[2])
        event.listen(*listen)
        tasks_of(tx, platform, actor=actor, at=at)
        event.remove(*listen)
    return len(asked)


def test_more_lots_cost_no_more_statements(platform: Platform) -> None:
    people = ("agency", "tenderer", "centre", "regulator", "bidder")

    before = [cost(platform, person) for person in people]
    more_lots(platform)

    assert [cost(platform, person) for person in people] == before


def test_a_room_has_the_project_s_tasks_with_rule_and_article(client, platform: Platform) -> None:
    with platform.db.transaction() as tx:
        tx.delete(tx.get_one(Publicity, "done"))
        tx.get_one(Lot, "done").state = "evaluated"

    status, room = visit(client, "/projects/project-1/room", person="tenderer")

    assert status == 200
    assert '<a href="/rules/explain?rule_set_id=demo&amp;rule=T18.start&amp;' in room
    assert visit(client, "/projects/project-1/room", person="other-agency")[0] == 404


def test_a_suspended_lot_stands_on_the_desk_and_hatched_on_its_timeline(client, platform: Platform) -> None:
    with platform.db.transaction() as tx:
        hold(tx, lot_ids=["open"], cause=Cause.ORDER, ref="r", at=clock.now(tx), actor="regulator")

    desk = visit(client, "/desk", person="tenderer")[1]
    tender = visit(client, "/tenders/published", person="tenderer")[1]

    assert desk.count('href="/lots/open/acts"') == 1
    rows = tender[tender.index('id="timeline-open"') :].split("</table>")[0]
    assert rows.count('class="frozen"') == rows.count('<svg class="lane"')


def test_a_department_sees_its_lots_by_category_and_nobody_else_does(client) -> None:
    status, seen = visit(client, "/oversight", person="regulator")

    assert (status, seen.count("<h2>水利工程</h2>")) == (200, 1)
    assert seen.count('href="/projects/project-1/room"') == 4
    assert [visit(client, "/oversight", person=one)[0] for one in ("agency", "centre", "bidder")] == [403] * 3


def line(**changes: object) -> LotLine:
    known = {
        "lot_id": "lot",
        "lot_code": "C",
        "lot_name": "L",
        "round": 1,
        "state": "publicity",
        "deadline_at": NOON + timedelta(days=21),
        "opening_at": NOON + timedelta(days=21),
        "tender_id": "t",
        "tender_round": 1,
        "tender_state": "published",
        "rule_set": "tb-2026",
        "published_at": NOON,
        "title": "T",
        "category": "water",
        "project_id": "p",
        "tenderer_id": "a",
        "agency_id": "b",
        "regulator_id": "c",
    }
    return LotLine(**{**known, **changes})


def test_a_timeline_draws_the_lawful_limits_and_leaves_frozen_time_out() -> None:
    evaluated = NOON + timedelta(days=23)
    held = HeldFor(
        id="h",
        ref="r",
        cause=Cause.ORDER,
        began_at=evaluated + timedelta(days=1),
        ended_at=evaluated + timedelta(days=6),
        notice="",
    )
    facts = LotFacts(closed_at=NOON, read_out_at=NOON + timedelta(days=21, hours=1), evaluated_at=evaluated)
    award = Decision(1, evaluated + timedelta(days=9), evaluated + timedelta(days=9), None, out=False)
    now = evaluated + timedelta(days=10)

    plain = timeline_of(line(), facts, [], calendar=vendored(), at=now)
    facts.holds, facts.awards = [held], [award]
    found = timeline_of(line(), facts, [], calendar=vendored(), at=now)

    limits = {row.limit.rule: row.limit for row in found.rows if row.limit}
    assert list(limits) == ["T02", "T07", "T01", "T18.start", "T20", "T21"]
    before = {row.limit.rule: row.limit for row in plain.rows if row.limit}["T18.start"]
    assert (before.last_day, limits["T18.start"].last_day) == (date(2026, 3, 30), date(2026, 4, 2))
    assert len(found.frozen) == 1
    assert all(0 <= edge <= 100 for row in found.rows for edge in (row.from_, row.to, row.mark) if edge)


@pytest.mark.parametrize(("days", "late"), [(19, True), (20, False)])
def test_a_deadline_before_the_earliest_one_is_marked(days: int, late: bool) -> None:
    lot = line(state="open", deadline_at=NOON + timedelta(days=days))

    found = timeline_of(lot, LotFacts(), [], calendar=vendored(), at=NOON)

    assert [row.late for row in found.rows if row.limit and row.limit.rule == "T01"] == [late]


@pytest.mark.parametrize(("mandatory", "chosen"), [(True, []), (False, ["T01", "T18.start"])])
def test_a_rule_that_does_not_bind_the_project_is_marked_as_chosen(
    mandatory: bool, chosen: list[str]
) -> None:
    facts = LotFacts(closed_at=NOON, evaluated_at=NOON + timedelta(days=23))

    found = timeline_of(line(mandatory=mandatory), facts, [], calendar=vendored(), at=NOON)

    assert [row.limit.rule for row in found.rows if row.chosen and row.limit] == chosen


@pytest.mark.parametrize(
    ("span", "first", "end", "before", "after"),
    [
        ("day", "2026-12-31", "2027-01-01", "2026-12-30", "2027-01-01"),
        ("week", "2026-12-28", "2027-01-04", "2026-12-21", "2027-01-04"),
        ("month", "2026-12-01", "2027-01-01", "2026-11-01", "2027-01-01"),
        ("nonsense", "2026-12-31", "2027-01-01", "2026-12-30", "2027-01-01"),
    ],
)
def test_a_calendar_turns_the_year(span: str, first: str, end: str, before: str, after: str) -> None:
    found = shown(span, "2026-12-31", today=date(2026, 11, 26))

    assert [day.isoformat() for day in (found.first, found.end, found.before, found.after)] == [
        first,
        end,
        before,
        after,
    ]


def test_a_week_and_a_month_show_their_openings(client, platform: Platform) -> None:
    with platform.db.read() as tx:
        opening_at = tx.get_one(Lot, "open").opening_at
    assert opening_at is not None
    day = opening_at.astimezone(clock.BEIJING).date()

    pages = [visit(client, f"/openings?span={span}&day={day}", person="centre") for span in ("week", "month")]

    assert [status for status, _ in pages] == [200, 200]
    assert all("/lots/open/opening" in page for _, page in pages)


def test_a_bidder_sees_its_own_deposit_until_it_is_back_and_nobody_else_does(
    client, platform: Platform
) -> None:
    with platform.db.transaction() as tx:
        uscc = actor_of_user(tx, "bidder").uscc or ""
        tx.add(AdviceRow(id="a1", lot_tag="a" * 64, serial_tag="b" * 64, body_tag="c" * 64, sealed=b"-"))
        tx.flush()
        tx.add(
            DepositRow(
                id="d1",
                advice_id="a1",
                lot_id="sealed",
                bidder_id=uscc,
                beneficiary_uscc="",
                state="locked",
                amount_fen=20_000_000,
                payer_name="-",
                payer_account="-",
                bank="-",
                serial="-",
                credited_at=NOON,
                findings=b"[]",
            )
        )
    held = visit(client, "/desk", person="bidder")[1]
    others = [visit(client, "/desk", person=one)[1] for one in ("agency", "centre")]
    with platform.db.transaction() as tx:
        tx.get_one(DepositRow, "d1").state = "refunded"
    back = visit(client, "/desk", person="bidder")[1]

    assert "缴纳的投标保证金 200,000.00 元" in held
    assert [page for page in (*others, back) if "投标保证金 200,000.00" in page] == []
