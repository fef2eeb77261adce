"""Validity extended: an offer to all still in, answers by duty, refusals and silence with their deposits, letters."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from evaluated_city import City, SignIn
from sqlalchemy import select

from govcore import clock
from govcore.clock import BEIJING
from govcore.errors import NotFound
from govcore.identity.policy import Forbidden
from govcore.notify.models import InboxMessage
from govcore.platform import Platform
from guarantees.models import AdviceRow, DepositRow
from trading.award import issue
from trading.award.policy import Cause
from trading.award.queries import outs_of
from trading.evaluation.tasks import complete_one
from trading.opening.queries import opened_bids
from trading.validity import queries, service
from trading.validity.policy import Said

REASON = "评标期间发生投诉，需要延长有效期"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


FIRST_END, OFFERED, ANSWER_BY = at("2027-02-22"), at("2027-02-01 10:00"), at("2027-02-10 17:00")


def go_to(city: City, moment: datetime) -> None:
    with city.database.read() as tx:
        now = clock.now(tx)
    info = city.database.info
    info["clock_offset"] = info.get("clock_offset", timedelta(0)) + (moment - now)


def offer(
    city: City, *, who: str = "tenderer", days: int = 120, by: datetime = ANSWER_BY, why: str = REASON
) -> None:
    with city.database.transaction() as tx:
        now = clock.now(tx)
        service.offer(tx, city.lot_id, days=days, answer_by=by, reason=why, actor=city.actor(who), at=now)


def answer(city: City, who: str, said: Said) -> None:
    with city.database.transaction() as tx:
        service.answer(tx, city.lot_id, said=said, actor=city.actor(who), at=clock.now(tx))


def look(city: City) -> None:
    with city.database.transaction() as tx:
        service.look(tx, city.lot_id, at=clock.now(tx))


def numbers(city: City) -> list[int]:
    with city.database.read() as tx:
        return [bid.number for bid in opened_bids(tx, city.lot_id)]


def bound(city: City) -> queries.Bound:
    with city.database.read() as tx:
        return queries.whole(tx, city.lot_id)


def told(city: City, who: str) -> list[str]:
    with city.database.read() as tx:
        return list(tx.scalars(select(InboxMessage.about).where(InboxMessage.user_id == who)))


def pay(city: City, bid: int) -> None:
    """A deposit that the bank credited and that secures the bid."""
    with city.database.transaction() as tx:
        tag = f"{bid:064d}"
        tx.add(AdviceRow(id=f"a{bid}", lot_tag=tag, serial_tag=tag, body_tag=tag, sealed=b"-"))
        tx.flush()
        uscc = city.actor(f"bidder-{bid}").uscc or ""
        tx.add(
            DepositRow(
                id=f"d{bid}",
                advice_id=f"a{bid}",
                lot_id=city.lot_id,
                bidder_id=uscc,
                beneficiary_uscc=city.actor("tenderer").uscc or "",
                state="locked",
                amount_fen=1,
                payer_name="-",
                payer_account="-",
                bank="-",
                serial="-",
                credited_at=clock.now(tx),
                findings=b"[]",
            )
        )


def deposit(city: City, bid: int) -> tuple[str, str | None]:
    with city.database.read() as tx:
        row = tx.get_one(DepositRow, f"d{bid}")
        return row.state, row.refund_reason


def test_each_bidder_answers_for_itself_and_who_refuses_is_out_with_its_deposit(city: City) -> None:
    for bid in (1, 2, 3):
        pay(city, bid)
    go_to(city, OFFERED)
    offer(city)

    answer(city, "bidder-1", Said.ACCEPTED)
    answer(city, "bidder-2", Said.REFUSED)
    go_to(city, FIRST_END)
    look(city)
    look(city)

    assert numbers(city) == [1]
    assert [deposit(city, bid) for bid in (1, 2, 3)] == [
        ("locked", None),
        ("refunding", "validity-ended"),
        ("refunding", "validity-ended"),
    ]
    assert bound(city).ends_at == at("2027-03-24")
    assert [about.split("/")[0] for about in told(city, "bidder-1")] == ["validity.offer"]
    with pytest.raises(service.NothingOffered):
        answer(city, "bidder-3", Said.ACCEPTED)


def test_an_offer_lies_after_the_present_end_and_leaves_time_to_answer(city: City) -> None:
    go_to(city, OFFERED)
    for wrong in (
        {"days": 90},
        {"by": OFFERED + timedelta(hours=71)},
        {"by": FIRST_END + timedelta(microseconds=1)},
        {"why": " "},
    ):
        with pytest.raises(service.WrongOffer):
            offer(city, **wrong)
    for who, refusal in (("bidder-1", Forbidden), ("other-tenderer", NotFound)):
        with pytest.raises(refusal):
            offer(city, who=who)
    offer(city, days=91)
    with pytest.raises(service.OfferOpen):
        offer(city)
    answer(city, "bidder-1", Said.ACCEPTED)
    with pytest.raises(service.Answered):
        answer(city, "bidder-1", Said.REFUSED)


def test_t32_validity_is_extended_before_it_ends_and_never_after(city: City) -> None:
    go_to(city, FIRST_END)

    with pytest.raises(service.ValidityOver):
        offer(city, by=FIRST_END + timedelta(days=9))


def test_the_tenderers_side_is_warned_once_in_time_and_not_before(city: City) -> None:
    warned = FIRST_END - timedelta(hours=480)
    counts = []
    for moment in (warned - timedelta(minutes=1), warned + timedelta(minutes=1), warned + timedelta(hours=5)):
        go_to(city, moment)
        with city.database.read() as tx:
            watched = queries.to_watch(tx, at=clock.now(tx))
        for _ in watched:
            look(city)
        counts.append((len(watched), len(told(city, "tenderer")), len(told(city, "agency"))))

    assert counts == [(0, 0, 0), (1, 1, 1), (1, 1, 1)]


def test_a_candidate_that_refuses_can_win_no_more_and_keeps_its_deposit(
    platform: Platform, city: City
) -> None:
    pay(city, 2)
    city.lock_all()
    complete_one(platform, city.lot_id)
    go_to(city, OFFERED)
    offer(city)
    answer(city, "bidder-3", Said.REFUSED)  # before the candidates are published: it becomes none of them
    issue.publicise(platform, city.lot_id, actor=city.actor("agency"))
    answer(city, "bidder-2", Said.REFUSED)

    with city.database.read() as tx:
        outs = {bid: out.cause for bid, out in outs_of(tx, city.lot_id).items()}
        candidates = [one.bid_id for one in issue.queries.candidates_of(tx, city.lot_id)]
    assert outs == {"bid-2": Cause.LAPSED, "bid-3": Cause.LAPSED}
    assert candidates == ["bid-2", "bid-1"]
    assert deposit(city, 2) == ("refunding", "validity-ended")
    assert numbers(city) == [1, 2, 3, 4]


def test_a_bidder_sees_its_own_bid_only_and_gets_its_letters(city: City, sign_in: SignIn) -> None:
    go_to(city, OFFERED)
    offer(city)
    path = f"/lots/{city.lot_id}/validity"

    pages = {
        who: sign_in(who).get(path)
        for who in ("tenderer", "bidder-1", "bidder-2", "other-tenderer", "centre")
    }
    sign_in("bidder-1").post(f"{path}/answer", files={"said": (None, "accepted")})
    papers = {
        who: [sign_in(who).get(f"{path}/1/{paper}.pdf").status_code for paper in ("request", "reply")]
        for who in ("bidder-1", "bidder-2", "other-tenderer")
    }

    assert {who: one.status_code for who, one in pages.items()} == {
        "tenderer": 200,
        "bidder-1": 200,
        "bidder-2": 200,
        "other-tenderer": 404,
        "centre": 403,
    }
    assert "东坝河工集团有限公司" in pages["tenderer"].text
    assert "东坝河工集团有限公司" not in pages["bidder-1"].text
    assert papers == {"bidder-1": [200, 200], "bidder-2": [200, 404], "other-tenderer": [404, 404]}
    assert [one.said != {} for one in bound(city).bids] == [True, False, False, False]
