"""Government purchases: the purchaser's review, its decision or silence, fewer than three (G11, G12, G16, G17)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from award_steps import BIDS, now, purchase, review, set_clock
from evaluated_city import City
from sqlalchemy import update
from test_award_service import inbox, later, refused

from govcore import clock
from govcore.db import Database
from govcore.errors import Forbidden, NotFound
from govcore.platform import Platform
from trading.award import drafts, failing, issue, queries, results, service, tasks
from trading.award.drafts import TooFewResponsive
from trading.award.failing import FailureDecided
from trading.award.policy import Basis, Failure, Stage
from trading.evaluation.models import Outcome
from trading.evaluation.queries import outcomes
from trading.review import queries as reviews
from trading.review import service as reviewing
from trading.tender.models import Lot, Tender

HANDED_OVER = datetime(2026, 9, 28, 2, 0, tzinfo=UTC)
"""A Monday before the National Day holiday of 2026: 1 to 7 October are off, Saturday 10 October is worked."""

FIFTH_DAY_ENDS = datetime(2026, 10, 10, 16, 0, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)


def hand_over(city: City, actor: str = "agency") -> None:
    with city.database.transaction() as tx:
        service.hand_over(tx, city.lot_id, actor=city.actor(actor), at=clock.now(tx))


@pytest.fixture
def reported(bought: City) -> City:
    """An evaluated purchase whose purchaser received the report before a long holiday."""
    set_clock(bought, HANDED_OVER)
    hand_over(bought)
    return bought


def test_nothing_is_evaluated_before_the_purchaser_has_reviewed_qualification(
    database: Database,
) -> None:
    city = purchase(database)

    city.convene()

    assert refused(lambda: city.fill("expert-1", {})) == "E_QUALIFICATION_OPEN"

    review(city)
    city.fill("expert-1", {})
    with database.read() as tx:
        [gate] = reviews.reviews_of(tx, city.lot_id)["bid-4"]["gates"]
    assert (gate["passed"], gate["reason"]) == (False, "缺少纳税证明")


def test_with_fewer_than_three_qualified_the_purchase_is_cancelled_unevaluated(
    platform: Platform, database: Database
) -> None:
    city = purchase(database)
    review(city, unqualified=("bid-3", "bid-4"))
    city.convene()
    assert refused(lambda: city.fill("expert-1", {})) == "E_TOO_FEW_QUALIFIED"
    decided = FailureDecided(cause=Failure.TOO_FEW, text="合格供应商只有两家")
    with database.read() as tx:
        room = results.room(tx, city.lot_id, actor=city.actor("tenderer"), at=now(city))
    assert (room.stage, room.causes[0]) == (Stage.FAIL, Failure.TOO_FEW)

    with database.transaction() as tx:
        failing.fail(
            tx, platform, city.lot_id, decided, proposer=city.actor("agency"), second=city.actor("second")
        )

    with database.read() as tx:
        [notice] = queries.public_notices(tx)
        assert (tx.get_one(Lot, city.lot_id).state, notice.kind) == ("failed", "failure")
    assert any("ends without a winner" in text for text in inbox(platform, city, "bidder-1"))


def test_with_fewer_than_three_responsive_no_sheet_is_locked_and_the_purchase_is_cancelled(
    database: Database,
) -> None:
    city = purchase(database)
    with database.transaction() as tx:
        tx.get_one(Lot, city.lot_id).max_price_fen = 10_800_000_00  # bid 3 is above it
    review(city, unqualified=())
    city.convene()
    city.fill(
        city.experts[0], {bid: {"plan": "20.00", "safety": "12.00", "record": "8.00"} for bid in BIDS[:2]}
    )

    assert refused(lambda: city.lock(city.experts[0])) == "E_TOO_FEW_VALID"
    with database.read() as tx:
        room = results.room(tx, city.lot_id, actor=city.actor("tenderer"), at=now(city))
    assert (room.stage, Failure.TOO_FEW in room.causes) == (Stage.FAIL, True)


@pytest.mark.parametrize("backend", ["sqlite"])
@pytest.mark.parametrize(
    ("procedure", "ground", "left", "rule"),
    [
        ("tender", None, 3, None),
        ("tender", None, 2, "G11.responsive"),
        ("consultation", "complex", 2, "G11.consultation"),
        ("consultation", "research", 2, None),
        ("consultation", "services", 2, None),
        ("consultation", "research", 1, "G11.consultation.research"),
        ("consultation", "services", 1, "G11.consultation.services"),
    ],
)
def test_a_purchase_with_fewer_ranked_bids_than_its_procedure_asks_is_not_handed_over(
    bought: City, procedure: str, ground: str | None, left: int, rule: str | None
) -> None:
    """I7: three by tender, two in a consultation on two grounds; a tender of works may go on with one."""
    with bought.database.transaction() as tx:
        tender = tx.get_one(Tender, "tender-1")
        tender.content = {**tender.content, "procedure": procedure, "ground": ground}
        fallen = Outcome.rank > left
        tx.execute(update(Outcome).where(fallen).values(rank=None, candidate=False, invalid="gate"))
    with bought.database.read() as tx:
        stage = results.room(tx, bought.lot_id, actor=bought.actor("tenderer"), at=now(bought)).stage

    assert (stage is Stage.FAIL) == (rule is not None)
    if rule is None:
        hand_over(bought)
        return
    with pytest.raises(TooFewResponsive) as refused:
        hand_over(bought)
    assert refused.value.data["rule"] == rule


def test_a_verdict_needs_its_reason_and_ends_with_the_review(database: Database) -> None:
    city = purchase(database)
    judged = {"bid_id": "bid-1", "passed": False, "reason": " ", "at": now(city)}
    with database.transaction() as tx, pytest.raises(reviewing.VerdictReason):
        reviewing.judge_qualification(tx, city.lot_id, actor=city.actor("agency"), **judged)  # type: ignore[arg-type]
    with database.transaction() as tx, pytest.raises(reviewing.VerdictsMissing):
        reviewing.close_qualification(tx, city.lot_id, actor=city.actor("agency"), at=now(city))
    for name, refusal in {"other-agency": NotFound, "centre": Forbidden, "expert-1": Forbidden}.items():
        with database.transaction() as tx, pytest.raises(refusal):
            reviewing.close_qualification(tx, city.lot_id, actor=city.actor(name), at=now(city))
    review(city)
    assert refused(lambda: review(city)) == "E_STATE"


def test_an_unqualified_bid_is_not_scored_and_ends_unqualified(platform: Platform, bought: City) -> None:
    with bought.database.read() as tx:
        ends = {one.bid.bid_id: (one.rank, one.invalid) for one in outcomes(tx, bought.lot_id)}
    assert ends == {
        "bid-2": (1, None),
        "bid-1": (2, None),
        "bid-3": (3, None),
        "bid-4": (None, "gate"),
    }


def test_a_purchase_has_no_publicity_of_candidates(platform: Platform, reported: City) -> None:
    with pytest.raises(drafts.NoPublicity):
        issue.publicise(platform, reported.lot_id, actor=reported.actor("agency"))
    with reported.database.read() as tx, pytest.raises(NotFound):
        queries.standing(tx, reported.lot_id, at=now(reported))


def test_the_purchaser_decides_in_order_and_the_result_is_published(
    platform: Platform, reported: City
) -> None:
    tenderer = reported.actor("tenderer")
    assert (
        refused(lambda: issue.award(platform, reported.lot_id, bid_id="bid-1", actor=tenderer))
        == "E_NOT_FIRST"
    )

    issue.award(platform, reported.lot_id, bid_id="bid-2", actor=tenderer)

    with reported.database.read() as tx:
        [notice] = queries.public_notices(tx)
        lost = results.my_result(tx, reported.lot_id, actor=reported.actor("bidder-1"))
        rejected = results.my_result(tx, reported.lot_id, actor=reported.actor("bidder-4"))
    assert notice.kind == "result"
    assert (lost.shows_points, lost.outcome.rank, lost.outcome.total) == (True, 2, 9030)
    assert rejected.outcome.rank is None
    own = {name: inbox(platform, reported, name)[-1] for name in ("bidder-1", "bidder-3", "bidder-4")}
    assert own["bidder-1"].endswith("Your bid has rank 2 and 90.30 points.")
    assert "rank 3" in own["bidder-3"]
    assert own["bidder-4"].endswith("Your own result is ready for you.")


@pytest.mark.parametrize(("at", "silent"), [(FIFTH_DAY_ENDS - MOMENT, False), (FIFTH_DAY_ENDS, True)])
def test_silence_chooses_the_first_at_the_end_of_the_fifth_working_day(
    reported: City, at: datetime, silent: bool
) -> None:
    with reported.database.transaction() as tx:
        assert service.note_silence(tx, reported.lot_id, at=at) is silent


def test_a_silent_purchaser_is_bound_by_the_clock_before_any_sweep(
    platform: Platform, reported: City
) -> None:
    set_clock(reported, FIFTH_DAY_ENDS + timedelta(hours=9))
    tenderer = reported.actor("tenderer")
    with reported.database.read() as tx:
        room = results.room(tx, reported.lot_id, actor=tenderer, at=now(reported))
    assert room.stage is Stage.ANNOUNCE
    assert (
        refused(lambda: issue.award(platform, reported.lot_id, bid_id="bid-2", actor=tenderer)) == "E_SILENCE"
    )

    issue.announce(platform, reported.lot_id, actor=reported.actor("agency"))

    with reported.database.read() as tx:
        [made] = queries.awards_of(tx, reported.lot_id)
        steps = {
            one.rule.id: one
            for one in results.room(tx, reported.lot_id, actor=tenderer, at=now(reported)).dues
        }
    assert (made.basis, made.decided_at, made.winner.bid_id) == (Basis.DEEMED, FIFTH_DAY_ENDS, "bid-2")
    assert steps["G17"].limit.at == datetime(2026, 10, 13, 16, 0, tzinfo=UTC)
    assert not steps["G16.decide"].late(now(reported))


def test_the_sweep_writes_a_silence_down_once(
    platform: Platform, reported: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "current", lambda: platform)
    tasks.note_silences()
    set_clock(reported, FIFTH_DAY_ENDS)

    tasks.note_silences()
    later(reported, days=1)
    tasks.note_silences()

    with reported.database.read() as tx:
        [made] = queries.awards_of(tx, reported.lot_id)
        assert queries.public_notices(tx) == []
    assert (made.decided_at, made.announced_at) == (FIFTH_DAY_ENDS, None)


def test_only_the_own_side_hands_over_and_once(platform: Platform, bought: City) -> None:
    for name, refusal in {"other-agency": NotFound, "centre": Forbidden, "bidder-2": Forbidden}.items():
        with pytest.raises(refusal):
            hand_over(bought, name)
    tenderer = bought.actor("tenderer")
    early = refused(lambda: issue.award(platform, bought.lot_id, bid_id="bid-2", actor=tenderer))
    hand_over(bought)
    assert (early, refused(lambda: hand_over(bought))) == ("E_NOT_HANDED_OVER", "E_STATE")


def test_two_working_days_after_a_silence_count_from_the_day_that_ended(
    platform: Platform, bought: City
) -> None:
    set_clock(
        bought, datetime(2026, 11, 19, 2, 0, tzinfo=UTC)
    )  # a Thursday: the fifth working day is Thursday the 26th
    hand_over(bought)
    set_clock(bought, datetime(2026, 11, 26, 16, 0, tzinfo=UTC))

    issue.announce(platform, bought.lot_id, actor=bought.actor("agency"))

    with bought.database.read() as tx:
        room = results.room(tx, bought.lot_id, actor=bought.actor("agency"), at=now(bought))
    [result] = [one for one in room.dues if one.rule.id == "G17"]
    assert result.limit.at == datetime(2026, 11, 30, 16, 0, tzinfo=UTC)  # the end of Monday, after Friday
