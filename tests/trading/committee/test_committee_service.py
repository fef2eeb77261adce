"""Committees against real databases: who is seated, when they may read and write, and who must leave."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import msgspec
import pytest
from convening import LONG, PROMISED, REASON, come_in
from evaluated_city import EXPERTS, NOW, City, build, sheet

from govcore.db import Database
from govcore.errors import Forbidden, NotFound, Problem
from govcore.identity.models import User
from trading.committee import leading, meeting, queries, service
from trading.committee.models import Requirement
from trading.committee.policy import Cause, Ground, NewSeat, SeatKind, promise_digest
from trading.documents.models import Version
from trading.documents.schemas import LotTerms, Terms
from trading.evaluation.sheet_queries import locked_sheets
from trading.tender.models import Lot
from trading.tender.queries import lot_context
from trading.venue.models import Room

SENT = SeatKind.REPRESENTATIVE
SUBSTITUTE = "expert-6"


def refused(action: Callable[[], object]) -> str:
    with pytest.raises(Problem) as caught:
        action()
    return caught.value.code


UNLAWFUL = [
    (EXPERTS[:4], "E_COMMITTEE_SIZE"),
    ((*EXPERTS, "outside-expert"), "E_COMMITTEE_SIZE"),
    (EXPERTS[:3], "E_COMMITTEE_SIZE"),
    ((*EXPERTS[:4], EXPERTS[0]), "E_COMMITTEE_SIZE"),
    ((*EXPERTS[:4], "bidder-1"), "E_NOT_EXPERT"),
    ((*EXPERTS[:4], "nobody"), "E_NOT_EXPERT"),
    ((*EXPERTS[:4], "partial-expert"), "E_EXPERT_AVOIDS"),
    ((*EXPERTS[:4], "tenderer"), "E_NOT_EXPERT"),
]


def test_an_unlawful_committee_is_refused(city: City) -> None:
    codes = [refused(lambda members=members: city.appoint(*members)) for members, _ in UNLAWFUL]

    assert codes == [code for _, code in UNLAWFUL]


@pytest.mark.parametrize("office", ["regulator", "tenderer", "agency"])
def test_experts_of_the_supervisor_and_of_the_tenderers_side_are_refused(city: City, office: str) -> None:
    move(city, "expert-5", office)

    assert refused(city.appoint) == ("E_EXPERT_AVOIDS" if office == "regulator" else "E_EXPERT_PURCHASER")


def appoint(city: City, *members: NewSeat, reason: str = REASON, by: str = "centre") -> None:
    with city.database.transaction() as tx:
        service.appoint(tx, city.lot_id, members=members, reason=reason, actor=city.actor(by), at=NOW)


def test_the_tenderer_sends_its_own_staff_and_no_more_than_a_third(city: City) -> None:
    """BH11: a committee of five has room for one representative."""
    experts = [NewSeat(user_id) for user_id in EXPERTS]

    assert (
        refused(lambda: appoint(city, *experts[:4], NewSeat("other-tenderer", SENT)))
        == "E_NOT_REPRESENTATIVE"
    )
    two = (NewSeat("tenderer", SENT), NewSeat("second", SENT))
    assert refused(lambda: appoint(city, *experts[:3], *two)) == "E_COMMITTEE_EXPERTS"
    appoint(city, *experts[:4], two[0])

    with city.database.read() as tx:
        seats = queries.seats(tx, city.lot_id)
    assert [(seat.seat, seat.user_id, seat.kind) for seat in seats][3:] == [
        (4, "expert-4", SeatKind.EXPERT),
        (5, "tenderer", SENT),
    ]


def test_a_large_purchase_takes_seven(purchase: City) -> None:
    """G13: from a budget of ten million yuan on."""
    assert refused(lambda: purchase.appoint(*EXPERTS)) == "E_COMMITTEE_SIZE"
    purchase.appoint()


def test_the_budget_of_the_documents_counts_and_not_the_maximum_price(purchase: City) -> None:
    """The same rule as for a committee that is drawn: the maximum may lie below the budget (87号令 art. 47)."""
    with purchase.database.transaction() as tx:
        tx.get_one(Lot, purchase.lot_id).max_price_fen = 9_000_000_00
        context = lot_context(tx, purchase.lot_id)
        alone = queries.least_size(tx, context)
        lot = LotTerms(
            number=1, name="一包", max_price_fen=9_000_000_00, deposit_fen=1, estimate_fen=10_000_000_00
        )
        terms = Terms(title="采购", content=context.content, lots=[lot])
        tx.add(
            Version(
                tender_id=context.tender_id,
                number=1,
                state="published",
                terms=msgspec.to_builtins(terms),
                terms_sha256="",
                files=[],
                reasons={},
                why="",
                prepared_by="agency",
                prepared_at=NOW,
            )
        )
    with purchase.database.read() as tx:
        told = queries.least_size(tx, lot_context(tx, purchase.lot_id))

    assert (alone, told) == (5, 7)
    assert refused(lambda: purchase.appoint(*EXPERTS)) == "E_COMMITTEE_SIZE"


@pytest.mark.parametrize("backend", ["sqlite"])
def test_a_complex_purchase_takes_seven_also_where_its_members_are_appointed(purchase: City) -> None:
    """G13: the newest of the tenderer's needs says so, whatever the purchase costs."""
    with purchase.database.transaction() as tx:
        tx.get_one(Lot, purchase.lot_id).max_price_fen = 9_000_000_00
        said = {"lot_id": purchase.lot_id, "wanted": [], "firms": {}, "place": "评标一室", "why": ""}
        said |= {"representatives": [], "meets_at": NOW, "set_by": "agency", "set_at": NOW}
        tx.add(Requirement(number=1, is_complex=False, **said))
        tx.flush()
        simple = queries.least_size(tx, lot_context(tx, purchase.lot_id))
        tx.add(Requirement(number=2, is_complex=True, **said))

    assert simple == 5
    assert refused(lambda: purchase.appoint(*EXPERTS)) == "E_COMMITTEE_SIZE"
    purchase.appoint()


def test_members_are_appointed_by_the_centre_with_a_reason_once_and_after_the_opening(
    city: City, database: Database
) -> None:
    five = [NewSeat(user_id) for user_id in EXPERTS]

    assert refused(lambda: appoint(city, *five, reason=" ")) == "E_REASON"
    for name in ("tenderer", "agency", "regulator", "expert-1", "bidder-1"):
        with pytest.raises(Forbidden):
            appoint(city, *five, by=name)
    appoint(city, *five)
    assert refused(lambda: appoint(city, *five)) == "E_COMMITTEE_EXISTS"


@pytest.mark.parametrize("state", ["open", "closed", "failed"])
def test_a_lot_that_was_not_opened_gets_no_committee(database: Database, state: str) -> None:
    city = build(database, state=state)

    assert refused(city.appoint) == "E_NOT_OPENED"


def test_drawn_members_are_seated_from_the_closing_on(database: Database) -> None:
    city = build(database, state="closed")
    members = [NewSeat(user_id) for user_id in EXPERTS]

    with database.transaction() as tx:
        service.seat_members(
            tx, city.lot_id, members=members, cause=Cause.DRAWN, actor=city.actor("centre"), at=NOW
        )

    with database.read() as tx:
        formed = queries.formed(tx, city.lot_id)
        assert [seat.user_id for seat in queries.seats(tx, city.lot_id)] == list(EXPERTS)
    assert formed is not None
    assert (formed.cause, formed.state, formed.reason) == (Cause.DRAWN, "seated", "")


def check(city: City, name: str, *, address: str = "") -> None:
    with city.database.transaction() as tx:
        actor = replace(city.actor(name), address=address)
        service.check_in_session(tx, city.lot_id, actor=actor, at=NOW)


def test_a_member_reads_and_writes_only_signed_in_and_bound_in_an_open_window(city: City) -> None:
    city.appoint()
    assert refused(lambda: check(city, "expert-1")) == "E_SESSION_CLOSED"
    with city.database.transaction() as tx:
        meeting.open_session(
            tx, city.lot_id, room_id=None, ends_at=NOW + LONG, actor=city.actor("centre"), at=NOW
        )
    assert refused(lambda: check(city, "expert-1")) == "E_SESSION_SIGN_IN"
    with city.database.transaction() as tx:
        meeting.sign_in(tx, city.lot_id, actor=city.actor("expert-1"), at=NOW)
    assert refused(lambda: check(city, "expert-1")) == "E_PROMISE"
    with city.database.transaction() as tx:
        come_in(tx, city.lot_id, "expert-1", at=NOW)

    check(city, "expert-1")
    city.fill("expert-1", sheet())
    for outsider in ("outside-expert", "tenderer", "centre"):
        assert refused(lambda outsider=outsider: check(city, outsider)) == "E_NOT_MEMBER"

    close(city, at=NOW + timedelta(hours=1))
    assert refused(lambda: city.fill("expert-1", sheet())) == "E_SESSION_CLOSED"
    assert refused(lambda: city.lock("expert-1")) == "E_SESSION_CLOSED"


def close(city: City, *, at: datetime) -> None:
    with city.database.transaction() as tx:
        meeting.close_session(tx, city.lot_id, actor=city.actor("centre"), at=at)


def test_the_session_keeps_who_was_in_when(city: City) -> None:
    hour = timedelta(hours=1)
    city.convene()
    with city.database.transaction() as tx:
        meeting.sign_out(tx, city.lot_id, actor=city.actor("expert-2"), at=NOW + hour)
    close(city, at=NOW + 2 * hour)
    with city.database.transaction() as tx:
        meeting.open_session(
            tx,
            city.lot_id,
            room_id=None,
            ends_at=NOW + 3 * hour + LONG,
            actor=city.actor("centre"),
            at=NOW + 3 * hour,
        )
        meeting.sign_in(tx, city.lot_id, actor=city.actor("expert-1"), at=NOW + 3 * hour)

    with city.database.read() as tx:
        stays = queries.stays(tx, city.lot_id)
        windows = queries.meetings(tx, city.lot_id)
    assert [(stay.window, stay.seat, stay.left_at) for stay in stays] == [
        (1, 1, NOW + 2 * hour),
        (1, 2, NOW + hour),
        (1, 3, NOW + 2 * hour),
        (1, 4, NOW + 2 * hour),
        (1, 5, NOW + 2 * hour),
        (2, 1, None),
    ]
    assert [(one.opened_at, one.closed_at) for one in windows] == [
        (NOW, NOW + 2 * hour),
        (NOW + 3 * hour, None),
    ]


def test_only_the_centre_opens_and_closes_and_never_twice(city: City) -> None:
    city.convene()

    def act(name: str, verb: Callable[..., None], **more: object) -> None:
        with city.database.transaction() as tx:
            verb(tx, city.lot_id, actor=city.actor(name), at=NOW, **more)

    for name in ("expert-1", "tenderer", "agency", "regulator"):
        with pytest.raises(Forbidden):
            act(name, meeting.close_session)
        with pytest.raises(Forbidden):
            act(name, meeting.open_session, room_id=None, ends_at=NOW + LONG)
    assert refused(lambda: act("centre", meeting.open_session, room_id=None, ends_at=NOW + LONG)) == "E_STATE"
    act("centre", meeting.close_session)
    assert refused(lambda: act("centre", meeting.close_session)) == "E_STATE"


def test_a_promise_is_kept_as_it_was_read_and_another_one_is_refused(city: City) -> None:
    city.convene()

    with city.database.read() as tx:
        seat = queries.seat_of(tx, city.lot_id, "expert-1")
        assert seat is not None
        assert (seat.promised_at, seat.promise_sha256) == (NOW, promise_digest(PROMISED))
        assert queries.promise_text(tx, promise_digest(PROMISED)) == PROMISED
    with city.database.transaction() as tx, pytest.raises(meeting.PromiseChanged):
        meeting.promise(
            tx,
            city.lot_id,
            text="另一份承诺",
            version="2",
            sha256=promise_digest(PROMISED),
            actor=city.actor("expert-1"),
            at=NOW,
        )


def test_members_come_from_the_rooms_network_only(city: City) -> None:
    city.appoint()
    with city.database.transaction() as tx:
        tx.add(Room(id="room-2", name="开标二室", place="一楼", seats=60))
        tx.add(Room(id="room-3", name="评标三室", place="三楼", seats=9, networks=["10.1.3.0/24"]))
    with city.database.transaction() as tx, pytest.raises(meeting.RoomMissing):
        meeting.open_session(
            tx, city.lot_id, room_id=None, ends_at=NOW + LONG, actor=city.actor("centre"), at=NOW
        )
    with city.database.transaction() as tx, pytest.raises(meeting.RoomUnknown):
        meeting.open_session(
            tx, city.lot_id, room_id="room-2", ends_at=NOW + LONG, actor=city.actor("centre"), at=NOW
        )
    inside = replace(city.actor("expert-1"), address="10.1.3.7")
    with city.database.transaction() as tx:
        meeting.open_session(
            tx, city.lot_id, room_id="room-3", ends_at=NOW + LONG, actor=city.actor("centre"), at=NOW
        )
    with city.database.transaction() as tx, pytest.raises(service.OutsideNetwork):
        meeting.sign_in(tx, city.lot_id, actor=replace(inside, address="10.1.4.7"), at=NOW)
    with city.database.transaction() as tx:
        meeting.sign_in(tx, city.lot_id, actor=inside, at=NOW)
        meeting.promise(
            tx,
            city.lot_id,
            text=PROMISED,
            version="1",
            sha256=promise_digest(PROMISED),
            actor=inside,
            at=NOW,
        )

    check(city, "expert-1", address="10.1.3.8")
    assert refused(lambda: check(city, "expert-1", address="10.1.4.8")) == "E_SESSION_NETWORK"
    assert refused(lambda: check(city, "expert-1")) == "E_SESSION_NETWORK"


def vote(city: City, name: str, choice: int) -> None:
    with city.database.transaction() as tx:
        leading.vote(tx, city.lot_id, choice=choice, actor=city.actor(name), at=NOW)


def test_more_than_half_of_the_members_elect_their_leader_once(city: City) -> None:
    city.appoint()
    with city.database.transaction() as tx:
        meeting.open_session(
            tx, city.lot_id, room_id=None, ends_at=NOW + LONG, actor=city.actor("centre"), at=NOW
        )
        for expert in EXPERTS:
            come_in(tx, city.lot_id, expert, at=NOW)
    vote(city, "expert-1", 2)
    vote(city, "expert-2", 3)
    assert refused(lambda: vote(city, "expert-3", 9)) == "E_LEADER_SEAT"
    vote(city, "expert-3", 3)
    with city.database.read() as tx:
        assert [seat.leader for seat in queries.seats(tx, city.lot_id)] == [False] * 5

    vote(city, "expert-1", 3)

    with city.database.read() as tx:
        assert [seat.leader for seat in queries.seats(tx, city.lot_id)] == [False, False, True, False, False]
    assert refused(lambda: vote(city, "expert-4", 4)) == "E_LEADER_ELECTED"
    assert refused(lambda: vote(city, "outside-expert", 4)) == "E_NOT_MEMBER"


@pytest.mark.parametrize(("regime", "code"), [("tb-2026", None), ("gp-2026", "E_LEADER_REPRESENTATIVE")])
def test_the_purchasers_representative_is_no_leader_in_a_government_purchase(
    database: Database, regime: str, code: str | None
) -> None:
    """BH13."""
    city = build(database, rule_set=regime)
    experts = [NewSeat(f"expert-{n}") for n in range(1, 7)]
    appoint(city, NewSeat("tenderer", SENT), *experts)
    with database.transaction() as tx:
        meeting.open_session(
            tx, city.lot_id, room_id=None, ends_at=NOW + LONG, actor=city.actor("centre"), at=NOW
        )
        come_in(tx, city.lot_id, "expert-1", at=NOW)

    if code is None:
        vote(city, "expert-1", 1)
    else:
        assert refused(lambda: vote(city, "expert-1", 1)) == code


def move(city: City, user_id: str, org_id: str) -> None:
    with city.database.transaction() as tx:
        tx.get_one(User, user_id).org_id = org_id


def test_a_conflict_found_late_ends_a_seat_at_once_and_for_good(city: City) -> None:
    city.convene()
    city.fill("expert-1", sheet())
    with city.database.transaction() as tx:
        service.declare_conflict(
            tx, city.lot_id, reason="配偶受雇于投标人", actor=city.actor("expert-1"), at=NOW
        )

    assert refused(lambda: city.fill("expert-1", sheet())) == "E_SEAT_VOID"
    assert refused(lambda: city.lock("expert-1")) == "E_SEAT_VOID"
    assert refused(lambda: vote(city, "expert-1", 2)) == "E_SEAT_VOID"
    with city.database.read() as tx:
        first, *others = queries.seats(tx, city.lot_id)
        assert (first.void, first.left_ground, first.leader) == (True, Ground.CONFLICT, False)
        assert [seat.void for seat in others] == [False] * 4
        assert not queries.is_complete(tx, city.lot_id)
        assert {stay.seat: stay.left_at for stay in queries.stays(tx, city.lot_id)}[1] == NOW


def substitute(city: City, user_id: str, seat: int = 1) -> int:
    with city.database.transaction() as tx:
        return service.seat_substitute(
            tx,
            city.lot_id,
            seat,
            member=NewSeat(user_id),
            cause=Cause.DRAWN,
            actor=city.actor("centre"),
            at=NOW,
        )


def test_a_substitute_takes_a_seat_of_its_own_and_the_committee_elects_again(city: City) -> None:
    city.convene()
    assert refused(lambda: substitute(city, SUBSTITUTE)) == "E_STATE"
    with city.database.transaction() as tx:
        service.declare_conflict(tx, city.lot_id, reason="利害关系", actor=city.actor("expert-1"), at=NOW)
    assert refused(lambda: substitute(city, "partial-expert")) == "E_EXPERT_AVOIDS"
    assert refused(lambda: substitute(city, "expert-2")) == "E_SEAT_TAKEN"
    assert refused(lambda: substitute(city, "expert-1")) == "E_SEAT_TAKEN"

    number = substitute(city, SUBSTITUTE)

    assert refused(lambda: substitute(city, "expert-7")) == "E_STATE"
    with city.database.transaction() as tx:
        come_in(tx, city.lot_id, SUBSTITUTE, at=NOW)
    for name in ("expert-2", "expert-3", SUBSTITUTE):
        vote(city, name, 6)
    with city.database.read() as tx:
        seats = queries.seats(tx, city.lot_id)
        assert queries.is_complete(tx, city.lot_id)
        assert queries.member_names(tx, city.lot_id) == [*EXPERTS[1:], SUBSTITUTE]
    assert (number, seats[0].replaced_by, seats[5].leader) == (6, 6, True)


def test_the_void_seats_sheet_counts_for_nothing_and_the_substitute_fills_its_own(city: City) -> None:
    city.lock_all()
    with city.database.transaction() as tx:
        service.declare_conflict(tx, city.lot_id, reason="利害关系", actor=city.actor("expert-1"), at=NOW)
    substitute(city, SUBSTITUTE)
    with city.database.read() as tx:
        assert locked_sheets(tx, city.lot_id) == []
    assert city.marks("expert-1")["bid-1"]["plan"] == "20.00"
    with city.database.transaction() as tx:
        come_in(tx, city.lot_id, SUBSTITUTE, at=NOW)
    city.fill(SUBSTITUTE, sheet(9))
    city.lock(SUBSTITUTE)

    with city.database.read() as tx:
        sheets = locked_sheets(tx, city.lot_id)
    assert [one.seat for one in sheets] == [2, 3, 4, 5, 6]


def test_a_member_who_goes_over_to_a_bidder_is_kept_out_from_then_on(city: City) -> None:
    city.convene()
    move(city, "expert-1", "bidder-2")

    assert refused(lambda: check(city, "expert-1")) == "E_EXPERT_AVOIDS"


def test_members_and_the_centre_see_the_session_and_nobody_else_does(city: City) -> None:
    city.convene()

    for name in ("expert-1", "centre"):
        with city.database.read() as tx:
            assert queries.session(tx, city.lot_id, actor=city.actor(name), at=NOW).present == {1, 2, 3, 4, 5}
    for name in ("outside-expert", "tenderer", "agency", "regulator", "bidder-1"):
        with city.database.read() as tx, pytest.raises(NotFound):
            queries.session(tx, city.lot_id, actor=city.actor(name), at=NOW)
