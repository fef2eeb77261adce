"""Who came, what members are paid, how their work is judged: by seats."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta

import pytest
from committee_draw import WATER, CommitteeDraw
from openpyxl import load_workbook
from sqlalchemy import update

from govcore import clock
from govcore.errors import Forbidden, NotFound
from govcore.identity.models import Organisation, User, UserRole
from govcore.identity.policy import Role
from govcore.identity.queries import actor_of_user
from trading.committee import attending, fee_sheet
from trading.committee import drawing_queries as queries
from trading.committee.models import Presence, Window
from trading.committee.queries import seats
from trading.experts import queries as experts
from trading.experts.policy import NoteKind
from trading.tender.models import Lot
from trading.venue.models import Room

CITY = "neighbour"


pytestmark = pytest.mark.parametrize("backend", ["sqlite"])
"""What the services write is tried on both databases in `test_drawing_service.py`."""


@pytest.fixture
def seated(draw: CommitteeDraw, sealed: object) -> CommitteeDraw:
    """Four experts here, one in the room of the next city's centre."""
    with draw.scene.platform.db.transaction() as tx:
        tx.add(Organisation(id=CITY, uscc="12371400MA00000001", name="邻市公共资源交易中心"))
        tx.flush()
        tx.add(User(id=CITY, username=CITY, name="邻市经办人", org_id=CITY, password_hash="none"))
        tx.flush()
        tx.add(UserRole(user_id=CITY, role=Role.CENTRE))
        tx.add(
            Room(
                id="far", name="邻市评标二室", place="邻市", seats=9, networks=["10.2.0.0/16"], centre_id=CITY
            )
        )
    draw.enter("x8", region="371402")
    draw.enter("x7", region="371402")
    draw.need(
        replace(WATER, number=4, areas=("371500",)),
        replace(WATER, number=1, areas=("371400",), room_id="far"),
        meets_at=draw.scene.now() + timedelta(hours=2),
    )
    draw.drawn()
    draw.scene.close()
    draw.all_accept()
    return draw


def arrive(draw: CommitteeDraw, seat: int, *, by: str) -> int:
    platform = draw.scene.platform
    with platform.db.transaction() as tx:
        user_id = seats(tx, draw.scene.lot)[seat - 1].user_id
        code = queries.arrival_code(platform.keys, draw.scene.lot, user_id)
        return attending.note_arrival(
            tx, platform.keys, draw.scene.lot, code, actor=actor_of_user(tx, by), at=clock.now(tx)
        )


def shown(draw: CommitteeDraw, by: str = "centre") -> list[attending.SeatFacts]:
    with draw.scene.platform.db.read() as tx:
        return attending.attendance(tx, draw.scene.lot, actor=actor_of_user(tx, by))[1]


def test_each_place_notes_its_own_members_by_their_codes(seated: CommitteeDraw) -> None:
    far = next(one.seat for one in shown(seated) if one.room)
    with seated.scene.platform.db.read() as tx:
        places = {
            queries.own_calls(tx, seated.scene.platform.keys, actor=actor_of_user(tx, one.user_id))[0].place
            for one in seats(tx, seated.scene.lot)
        }
    assert places == {"临湖市公共资源交易中心 评标一室", "邻市评标二室"}
    near = next(one.seat for one in shown(seated) if not one.room)

    assert arrive(seated, near, by="centre") == near
    assert arrive(seated, near, by="centre") == near
    with pytest.raises(attending.AnotherPlace):
        arrive(seated, far, by="centre")
    seated.scene.move_clock(hours=3)
    assert arrive(seated, far, by=CITY) == far
    with pytest.raises(Forbidden):
        arrive(seated, near, by="agency")

    came = {one.seat: one.late for one in shown(seated) if one.arrived_at}
    assert came == {near: False, far: True}
    assert [one.seat for one in shown(seated, by="agency")] == [1, 2, 3, 4, 5]
    with seated.scene.platform.db.transaction() as tx:
        platform, actor = seated.scene.platform, actor_of_user(tx, "centre")
        with pytest.raises(attending.NotExpected):
            attending.note_arrival(
                tx, platform.keys, seated.scene.lot, "00000000", actor=actor, at=clock.now(tx)
            )
        with pytest.raises(NotFound):
            attending.attendance(tx, seated.scene.lot, actor=actor_of_user(tx, "stranger"))


def sit(draw: CommitteeDraw, minutes: dict[int, int]) -> None:
    """Members were in the session for so many minutes; then the evaluation is over."""
    lot, began = draw.scene.lot, draw.scene.now()
    with draw.scene.platform.db.transaction() as tx:
        ended = began + timedelta(hours=10)
        times = {"opened_at": began, "ends_at": ended, "closed_at": ended}
        tx.add(Window(lot_id=lot, number=1, opened_by="centre", closed_by="centre", **times))
        tx.flush()
        for seat, stayed in minutes.items():
            left = began + timedelta(minutes=stayed)
            tx.add(Presence(lot_id=lot, window=1, seat=seat, came_at=began, left_at=left, address="10.1.0.1"))
        tx.execute(update(Lot).where(Lot.id == lot).values(state="evaluated"))


def test_experts_are_paid_by_the_hours_they_sat_and_sign_for_it(seated: CommitteeDraw) -> None:
    lot = seated.scene.lot
    with seated.scene.platform.db.read() as tx, pytest.raises(attending.NotEvaluatedYet):
        attending.fees(tx, lot, actor=actor_of_user(tx, "centre"))
    sit(seated, {1: 60, 2: 241, 3: 700})  # the third signed out after its window had ended

    with seated.scene.platform.db.read() as tx:
        context, rows = attending.fees(tx, lot, actor=actor_of_user(tx, "centre"))
        with pytest.raises(Forbidden):
            attending.fees(tx, lot, actor=actor_of_user(tx, "regulator"))

    assert [(one.seat, one.fen) for one in rows] == [(1, 400_00), (2, 500_00), (3, 1_000_00)]
    page = load_workbook(io.BytesIO(fee_sheet.fee_xlsx(rows))).active
    assert page is not None
    assert [page.cell(5, 1).value, page.cell(5, 4).value] == ["合计", "1,900.00"]
    assert fee_sheet.fee_pdf(context, rows) == fee_sheet.fee_pdf(context, rows)


def test_the_tender_s_side_appraises_each_seat_once_and_the_pool_keeps_it(seated: CommitteeDraw) -> None:
    platform, lot = seated.scene.platform, seated.scene.lot

    def appraise(seat: int, *, by: str = "agency", grade: int = 4) -> None:
        with platform.db.transaction() as tx:
            attending.appraise(
                tx,
                platform.wrapper,
                lot,
                seat,
                grade=grade,
                reason="按时到场，评审认真",
                actor=actor_of_user(tx, by),
                at=clock.now(tx),
            )

    with pytest.raises(attending.NotEvaluatedYet):
        appraise(1)
    sit(seated, {1: 60})
    appraise(1)
    for refusal, given in (
        (attending.AppraisedAlready, {"seat": 1}),
        (attending.GradeWrong, {"seat": 2, "grade": 6}),
        (Forbidden, {"seat": 2, "by": "centre"}),
        (NotFound, {"seat": 9}),
    ):
        with pytest.raises(refusal):
            appraise(**given)

    with platform.db.read() as tx:
        expert_id = experts.expert_of(tx, seats(tx, lot)[0].user_id)
        assert seated.keeper is not None
        entry = experts.entry(tx, platform.wrapper, expert_id or "", actor=seated.keeper, at=clock.now(tx))
    assert [(one.kind, one.grade, one.lot_id) for one in entry.notes] == [(NoteKind.APPRAISAL, 4, lot)]
