"""A committee is drawn: what is refused, who follows whom, and that nobody learns who it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from committee_draw import PEOPLE, WATER, CommitteeDraw
from pool import code
from sqlalchemy import select, text

from govcore import clock
from govcore.authority.proposals import ReasonMissing
from govcore.errors import Forbidden, NotFound
from govcore.identity.queries import actor_of_user
from trading.committee import drawing, requirements, screening, service
from trading.committee import drawing_queries as queries
from trading.committee.drawing_policy import Answer, Wanted
from trading.committee.policy import Cause, Ground, NewSeat, SeatKind
from trading.committee.queries import formed, seats, session
from trading.committee.tasks import screen_lot
from trading.desk.work import tasks_of
from trading.draws import queries as drawn
from trading.draws import replay
from trading.draws.models import Draw
from trading.experts.policy import Tie, TieKind

BIDDER = "91371500MA00000011"
TENDERER = "12371500MA00000001"


@pytest.mark.parametrize("backend", ["sqlite"])
def test_bh11_two_representatives_among_five_are_refused_and_one_is_taken(draw: CommitteeDraw) -> None:
    with pytest.raises(service.TooFewExperts) as refused:
        draw.need(replace(WATER, number=3), representatives=("tenderer", "principal"))
    with pytest.raises(service.CommitteeSize):
        draw.need(replace(WATER, number=4))
    with pytest.raises(service.NotARepresentative):
        draw.need(replace(WATER, number=4), representatives=("agency",))

    assert draw.need(replace(WATER, number=4), representatives=("tenderer",)) == 1
    assert str(refused.value).endswith("must be experts: two thirds (T14 · 招标投标法 art. 37).")


@pytest.mark.parametrize("backend", ["sqlite"])
def test_only_the_lot_s_own_side_says_what_it_needs_and_only_the_centre_draws(draw: CommitteeDraw) -> None:
    with pytest.raises(Forbidden):
        draw.need(by="centre")
    with pytest.raises(drawing.NothingRequired):
        draw.start()
    draw.need(by="tenderer")
    for name in ("agency", "tenderer", "u-keeper", "regulator"):
        with pytest.raises(Forbidden):
            draw.start(by=name)


@pytest.mark.parametrize("backend", ["sqlite"])
@pytest.mark.parametrize(
    ("wanted", "detail"),
    [
        (Wanted(speciality="Z", number=5), "a speciality is not in the list, or its number is nought"),
        (Wanted(speciality="A02", number=5, areas=("3715",)), "a division is written with six digits"),
        (Wanted(speciality="A02", number=5, room_id="nowhere"), "the remote room does not exist"),
    ],
)
def test_needs_that_nobody_can_read_are_refused(draw: CommitteeDraw, wanted: Wanted, detail: str) -> None:
    with pytest.raises(requirements.RequirementWrong) as refused:
        draw.need(wanted)

    assert str(refused.value.data["detail"]).startswith(detail)


@pytest.mark.parametrize("backend", ["sqlite"])
def test_nobody_is_drawn_long_before_the_evaluation(draw: CommitteeDraw) -> None:
    draw.need(meets_at=draw.scene.now() + timedelta(hours=25))

    with pytest.raises(drawing.DrawnTooEarly):
        draw.start()


def test_a_pool_that_is_too_small_is_widened_with_a_reason_that_is_kept(draw: CommitteeDraw) -> None:
    draw.need(replace(WATER, areas=("371400",)))
    with pytest.raises(drawing.TooFewInPool) as refused:
        draw.start()
    with pytest.raises(ReasonMissing):
        draw.need(WATER)

    assert draw.need(WATER, why="本区专家不足，扩大至全市") == 2
    draw.start()
    assert refused.value.data == {"speciality": "A02", "needed": 5, "found": 0}
    with draw.scene.platform.db.read() as tx:
        assert [one.why for one in queries.versions_of(tx, draw.scene.lot)] == [
            "本区专家不足，扩大至全市",
            "",
        ]
    with pytest.raises(requirements.RequirementFixed):
        draw.need(WATER, why="再改")


@pytest.mark.parametrize("backend", ["sqlite"])
def test_the_purchaser_s_staff_and_who_left_the_pool_are_not_drawn(draw: CommitteeDraw) -> None:
    draw.enter("x1", employer=TENDERER)
    draw.enter("x2", until=date(2026, 1, 2))
    draw.enter("x3", employer=code(99))
    draw.need(firms={code(99): "firm"})

    draw.start()

    with draw.scene.platform.db.read() as tx:
        found = tx.scalars(select(Draw)).one()
    assert sorted(one["reason"] for one in found.exclusions) == ["firm", "tenderer"]
    assert len(found.pool) == len(PEOPLE) - 3


def test_who_declines_or_is_silent_gives_way_in_ticket_order(draw: CommitteeDraw) -> None:
    draw.need()
    draw.drawn()
    first = draw.called()
    assert len(first) == 5

    with pytest.raises(ReasonMissing):
        draw.answer(first[0], accepts=False, reason=" ")
    draw.answer(first[0], accepts=False)
    draw.follow()
    draw.answer(first[1])
    with pytest.raises(drawing.CallOver):
        draw.answer(first[0])
    draw.scene.move_clock(seconds=61)
    draw.follow()

    assert draw.counted() == {"accepted": 1, "declined": 1, "silent": 4, "asked": 2}
    with draw.scene.platform.db.read() as tx:
        row = tx.scalars(select(Draw)).one()
        calls = {call.entrant: call.state for call in queries.calls_of(tx, draw.scene.lot)}
    order = [one["id"] for one in replay.order(row.seed or "", row.pool)]
    asked_in_order = [one for one in order if one in calls]
    assert asked_in_order == order  # all eight, nobody was passed over
    assert {calls[one] for one in order[:5]} == {"declined", "silent", "accepted"}


def test_when_everybody_gave_way_a_wider_draw_takes_only_what_is_missing(draw: CommitteeDraw) -> None:
    draw.enter("x8", specialities=("B",))
    draw.enter("x7", specialities=("B",))
    draw.need()
    draw.drawn()
    for name in draw.called()[:3]:
        draw.answer(name)
    draw.scene.move_clock(seconds=61)
    draw.follow()
    draw.scene.move_clock(seconds=61)
    draw.follow()
    accepted = draw.called(Answer.ACCEPTED)
    assert draw.counted() == {"accepted": 3, "silent": 3}
    with draw.scene.platform.db.read() as tx:
        view = queries.view(tx, draw.scene.lot, actor=actor_of_user(tx, "agency"))
    assert (view.short, [one.missing for one in view.quotas]) == (True, [2])

    draw.need(replace(WATER, number=3), Wanted(speciality="B", number=2), why="本专业专家不足")
    draw.drawn()

    assert sorted(draw.called()) == ["x7", "x8"]
    assert draw.called(Answer.ACCEPTED) == accepted


def test_at_the_deadline_who_is_tied_to_a_bidder_gives_way_and_the_committee_is_seated(
    draw: CommitteeDraw, sealed: object
) -> None:
    tie = Tie(kind=TieKind.EMPLOYED, uscc=BIDDER, since=date(2020, 1, 1), until=date(2024, 12, 31))
    for name in PEOPLE[:3]:
        draw.enter(name, ties=(tie,))
    draw.need(replace(WATER, number=4), representatives=("tenderer",))
    draw.drawn()
    before = draw.all_accept()
    draw.follow()
    with draw.scene.platform.db.read() as tx:
        assert formed(tx, draw.scene.lot) is None  # who bids is not known yet

    draw.scene.close()
    draw.follow()
    draw.all_accept()

    with draw.scene.platform.db.read() as tx:
        found = seats(tx, draw.scene.lot)
        cause = formed(tx, draw.scene.lot)
        shown = session(tx, draw.scene.lot, actor=actor_of_user(tx, "centre"), at=clock.now(tx))
    assert cause is not None
    assert cause.cause is Cause.DRAWN
    assert [seat.kind for seat in found] == [SeatKind.EXPERT] * 4 + [SeatKind.REPRESENTATIVE]
    sitting = {seat.user_id.removeprefix("u-") for seat in found[:4]}
    assert sitting <= set(PEOPLE[3:])
    assert shown.names == dict.fromkeys(range(1, 6), "—")  # nobody has come yet
    assert draw.counted().get("conflict", 0) == len(set(before) & set(PEOPLE[:3]))


def test_a_member_who_must_leave_is_followed_by_the_next_ticket(draw: CommitteeDraw, sealed: object) -> None:
    draw.need()
    draw.drawn()
    draw.scene.close()
    draw.all_accept()
    lot = draw.scene.lot
    with draw.scene.platform.db.transaction() as tx:
        gone = seats(tx, lot)[1]
        actor = actor_of_user(tx, gone.user_id)
        service.declare_conflict(tx, lot, reason="配偶在投标人处任职", actor=actor, at=clock.now(tx))

    draw.follow()
    draw.all_accept()
    draw.follow()

    with draw.scene.platform.db.read() as tx:
        found = seats(tx, lot)
    assert (found[1].void, found[1].replaced_by, len(found)) == (True, 6, 6)
    assert found[5].user_id not in {seat.user_id for seat in found[:5]}


def test_who_is_related_to_a_person_that_a_bid_names_leaves_when_the_bids_are_read_out(
    draw: CommitteeDraw, sealed: object
) -> None:
    """I8: persons are known from the read-out on; the next ticket follows, nobody is told who is related to whom."""
    scene = draw.scene
    draw.need()
    draw.drawn()
    scene.close()
    draw.all_accept()
    draw.follow()
    with scene.platform.db.read() as tx:
        gone = seats(tx, scene.lot)[1].user_id
        assert screening.to_screen(tx) == []  # nobody knows yet whom the bids name
    draw.enter(gone.removeprefix("u-"), kin=("钱七", "虚构 经理"))

    scene.check_seals()
    scene.release(1, 2)
    scene.open_gate()
    scene.read_out()
    with scene.platform.db.read() as tx:
        assert screening.to_screen(tx) == [scene.lot]
    for _ in range(2):
        screen_lot(scene.platform, scene.lot)
    draw.follow()
    draw.all_accept()
    draw.follow()
    screen_lot(scene.platform, scene.lot)

    with scene.platform.db.read() as tx:
        found = seats(tx, scene.lot)
        assert screening.to_screen(tx) == []
        events = [bytes(one) for one in tx.execute(text("SELECT event FROM log_outbox")).scalars()]
    assert [(one.seat, one.left_ground, one.replaced_by) for one in found if one.void] == [
        (2, Ground.TIED, 6)
    ]
    assert (len(found), found[5].user_id != gone) == (6, True)
    voided = [one for one in events if b'"committee.seat_voided"' in one]
    assert len(voided) == 1
    assert [one for one in voided if gone.encode() in one or "经理".encode() in one] == []


def test_nobody_sees_who_was_drawn(draw: CommitteeDraw) -> None:
    draw.need()
    draw.drawn()
    draw.answer(draw.called()[0])
    http = draw.scene

    for name in ("centre", "agency", "tenderer", "regulator"):
        page = http.person(name).call("GET", f"/committee-draws/{draw.scene.lot}").text
        assert [one for one in PEOPLE if f"u-{one}" in page or f"姓名{one}" in page] == []
    with draw.scene.platform.db.read() as tx:
        with pytest.raises(NotFound):
            queries.view(tx, draw.scene.lot, actor=actor_of_user(tx, "u-keeper"))
        with pytest.raises(NotFound):
            queries.view(tx, draw.scene.lot, actor=actor_of_user(tx, "bidder-1"))
        rows = tx.execute(text("SELECT * FROM committee_call")).all()
        rows += tx.execute(text("SELECT * FROM draws_draw")).all()
        events = tx.execute(text("SELECT event FROM log_outbox")).scalars().all()
    ids = [f"u-{one}" for one in PEOPLE]
    assert [one for one in ids if one in str(rows)] == []
    told = [raw for raw in events if b'"committee.' in bytes(raw) or b'"draw.' in bytes(raw)]
    assert told
    assert [one for one in ids if any(one.encode() in bytes(raw) for raw in told)] == []


def test_once_the_result_is_public_everybody_replays_the_draw(draw: CommitteeDraw) -> None:
    draw.need()
    draw.drawn()
    with draw.scene.platform.db.transaction() as tx:
        stranger = actor_of_user(tx, "stranger")
        with pytest.raises(NotFound):
            drawn.document(tx, draw.engine.draw_id, actor=stranger)
        drawing.publish_draws(tx, draw.scene.lot, at=clock.now(tx))

    with draw.scene.platform.db.read() as tx:
        found = drawn.document(tx, draw.engine.draw_id, actor=stranger)
    assert {one.code for one in replay.verify(found) if not one.holds} == set()
    assert [one for one in PEOPLE if f"u-{one}" in str(found)] == []


@pytest.mark.parametrize("backend", ["sqlite"])
@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"until": date(2026, 1, 2)}, service.OutsidePool),
        ({"employer": TENDERER}, service.ExpertOfPurchaser),
        ({"employer": BIDDER}, service.ExpertMustAvoid),
    ],
)
def test_who_is_appointed_without_a_draw_is_held_against_the_pool_too(
    draw: CommitteeDraw, sealed: object, changed: dict[str, object], refusal: type[Exception]
) -> None:
    draw.enter("x1", **changed)
    draw.scene.close()
    with draw.scene.platform.db.transaction() as tx, pytest.raises(refusal):
        service.seat_members(
            tx,
            draw.scene.lot,
            members=[NewSeat(f"u-{one}") for one in PEOPLE[:5]],
            cause=Cause.DRAWN,
            actor=actor_of_user(tx, "centre"),
            at=clock.now(tx),
        )


@pytest.mark.parametrize("backend", ["sqlite"])
def test_first_pages_say_who_draws_who_answers_and_who_widens(draw: CommitteeDraw) -> None:
    def told(user_id: str, *words: str) -> list[str]:
        platform = draw.scene.platform
        with platform.db.read() as tx:
            found = tasks_of(tx, platform, actor=actor_of_user(tx, user_id), at=clock.now(tx))
        return [task.text for task in found if task.href.startswith(("/committee-draws", "/draw-calls"))]

    draw.need()
    assert told("centre") == ["Draw the experts of {lot}"]
    draw.drawn()
    assert told("centre") == told("agency") == []
    assert told(f"u-{draw.called()[0]}") == ["You were drawn: say whether you come to an evaluation"]
    for _ in range(2):
        draw.scene.move_clock(seconds=61)
        draw.follow()
    assert draw.counted() == {"silent": 8}
    assert [one[:5] for one in told("agency")] == ["Widen"]
    assert told("centre") == told("stranger") == []
    draw.need(Wanted(speciality="A", number=5), why="扩大至工程大类")
    assert (told("agency"), told("centre")) == ([], ["Draw the experts of {lot}"])
