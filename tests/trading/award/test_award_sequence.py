"""An award as a sequence: the next one only after a closed predecessor, with its reason (T38, I12, BH10)."""

from __future__ import annotations

import pytest
from award_steps import now, publicise, put_out
from evaluated_city import City
from test_award_service import event, inbox, later, refused

from govcore.errors import Forbidden, NotFound
from govcore.platform import Platform
from trading.award import dues, exclusions, failing, issue, queries, reports, results
from trading.award.exclusions import AlreadyOut, Finding
from trading.award.failing import CauseDoesNotHold, FailureDecided
from trading.award.policy import Basis, Cause, Failure, Stage
from trading.project.models import Project
from trading.tender.models import Lot
from trading.tender.policy import Cause as HoldCause
from trading.tender.queries import lot_context
from trading.tender.suspensions import hold, release_hold


@pytest.fixture
def over(platform: Platform, city: City) -> City:
    """The publicity is over."""
    publicise(platform, city)
    later(city, seconds=3)
    return city


def award(platform: Platform, city: City, bid_id: str, reason: str = "") -> None:
    issue.award(platform, city.lot_id, bid_id=bid_id, reason=reason, actor=city.actor("tenderer"))


def test_rank_two_wins_only_after_a_recorded_cause_against_rank_one(platform: Platform, over: City) -> None:
    assert refused(lambda: award(platform, over, "bid-1")) == "E_NOT_FIRST"

    put_out(platform, over, "bid-2")
    award(platform, over, "bid-1")

    with over.database.read() as tx:
        [made] = queries.awards_of(tx, over.lot_id)
        out = queries.outs_of(tx, over.lot_id)["bid-2"]
    assert (made.n, made.winner.bid_id, made.basis) == (1, "bid-1", Basis.NEXT)
    assert (out.cause, out.evidence_name) == (Cause.NO_BOND, "催告函.pdf")
    assert event(over, "award.candidate_out")["evidence_sha256"] == out.evidence_sha256


def test_an_award_to_a_winner_that_gives_up_is_closed_and_the_next_follows(
    platform: Platform, over: City
) -> None:
    award(platform, over, "bid-2")
    assert refused(lambda: award(platform, over, "bid-1")) == "E_ALREADY_AWARDED"
    with over.database.transaction() as tx:
        exclusions.give_up(tx, over.lot_id, text="无力履行", actor=over.actor("bidder-2"), at=now(over))
    later(over, seconds=60)

    award(platform, over, "bid-1")

    with over.database.read() as tx:
        first, second = queries.awards_of(tx, over.lot_id)
        shown = queries.standing(tx, over.lot_id, at=now(over))
        context = lot_context(tx, over.lot_id)
        due = dues.contract(tx, context, second.announced_at or second.decided_at)
        kinds = sorted(notice.kind for notice in queries.public_notices(tx))
    assert first.out is not None
    assert first.out.cause is Cause.GAVE_UP
    assert (second.n, second.basis, shown.winner_bid_id) == (2, Basis.NEXT, "bid-1")
    assert kinds == ["candidates", "result", "result"]
    assert due.start == second.announced_at  # T21 runs anew from the second notice
    assert "Your bid won 一标段（堤防）. The award notice is ready for you." in inbox(
        platform, over, "bidder-1"
    )


def test_t20_restarts_with_each_award(platform: Platform, over: City) -> None:
    award(platform, over, "bid-2")
    issue.report(platform, over.lot_id, actor=over.actor("tenderer"))
    put_out(platform, over, "bid-2", Cause.ILLEGAL)
    later(over, seconds=60)
    award(platform, over, "bid-1")

    with over.database.read() as tx:
        second = queries.awards_of(tx, over.lot_id)[1]
        waiting = [one for one in dues.steps(tx, lot_context(tx, over.lot_id)) if one.done_at is None]
    assert [(one.rule.id, one.limit.start) for one in waiting] == [("T20", second.decided_at)]


def test_where_the_order_does_not_bind_another_is_chosen_with_a_reason(
    platform: Platform, over: City
) -> None:
    with over.database.transaction() as tx:
        tx.get_one(Project, "project-1").state_funded = False
    assert refused(lambda: award(platform, over, "bid-1")) == "E_AWARD_REASON"

    award(platform, over, "bid-1", reason="项目经理具有同类工程经验")

    with over.database.read() as tx:
        [made] = queries.awards_of(tx, over.lot_id)
    assert (made.basis, made.reason) == (Basis.CHOSEN, "项目经理具有同类工程经验")


def test_a_cause_is_recorded_once_by_the_own_side_and_never_against_a_stranger(
    platform: Platform, over: City
) -> None:
    put_out(platform, over, "bid-2")

    with pytest.raises(AlreadyOut):
        put_out(platform, over, "bid-2")
    with pytest.raises(NotFound):
        put_out(platform, over, "bid-4")
    with pytest.raises(NotFound):
        put_out(platform, over, "bid-1", proposer="other-tenderer")
    with pytest.raises(Forbidden):
        put_out(platform, over, "bid-1", proposer="bidder-3")
    with over.database.transaction() as tx, pytest.raises(NotFound):
        exclusions.give_up(tx, over.lot_id, text="放弃", actor=over.actor("bidder-4"), at=now(over))
    with over.database.read() as tx:
        finding = Finding(bid="bid-1", cause=Cause.ILLEGAL, evidence="none", text="无据")
        with pytest.raises(exclusions.CauseNeedsEvidence):
            exclusions.exclusion(tx, over.lot_id, finding, over.actor("tenderer"))


def test_publicity_cannot_end_while_an_objection_holds_the_lot(platform: Platform, over: City) -> None:
    at = now(over)
    with over.database.transaction() as tx:
        hold(tx, lot_ids=[over.lot_id], cause=HoldCause.OBJECTION, ref="o-1", at=at, actor="tenderer")
    later(over, days=9)
    with over.database.read() as tx:
        held = results.room(tx, over.lot_id, actor=over.actor("tenderer"), at=now(over))
        assert not queries.standing(tx, over.lot_id, at=now(over)).over

    assert (held.stage, refused(lambda: award(platform, over, "bid-2"))) == (Stage.HELD, "E_SUSPENDED")

    with over.database.transaction() as tx:
        release_hold(tx, ref="o-1", at=now(over), actor="tenderer")
    award(platform, over, "bid-2")


def test_a_lot_whose_candidates_are_all_out_ends_by_two_people(platform: Platform, over: City) -> None:
    actor, second = over.actor("tenderer"), over.actor("second")
    decided = FailureDecided(cause=Failure.CANDIDATE_OUT, text="候选人均放弃，重新招标")
    with over.database.transaction() as tx, pytest.raises(CauseDoesNotHold):
        failing.fail(tx, platform, over.lot_id, decided, proposer=actor, second=second)
    for bid_id in ("bid-2", "bid-1", "bid-3"):
        put_out(platform, over, bid_id, Cause.GAVE_UP)
    assert refused(lambda: award(platform, over, "bid-3")) == "E_NOT_FIRST"

    with over.database.transaction() as tx:
        failing.fail(tx, platform, over.lot_id, decided, proposer=actor, second=second)

    with over.database.read() as tx:
        assert tx.get_one(Lot, over.lot_id).state == "failed"
        newest = queries.public_notices(tx)[0]
        shown = queries.public_notice(tx, newest.id, at=now(over))
    assert (shown.kind, shown.failed and shown.failed.cause) == ("failure", Failure.CANDIDATE_OUT)
    assert platform.store.get(shown.store_key).startswith(b"%PDF")
    assert event(over, "award.failed")["notice_sha256"] == shown.sha256


def test_the_report_reaches_supervision_and_is_acknowledged_once(platform: Platform, over: City) -> None:
    award(platform, over, "bid-2")
    regulator = over.actor("regulator")
    n, paper = issue.report(platform, over.lot_id, actor=over.actor("agency"))
    assert refused(lambda: issue.report(platform, over.lot_id, actor=over.actor("agency"))) == "E_STATE"

    with over.database.transaction() as tx:
        reports.acknowledge(tx, over.lot_id, n=n, actor=regulator, at=now(over))
        reports.acknowledge(tx, over.lot_id, n=n, actor=regulator, at=now(over))

    with over.database.read() as tx:
        [line] = results.reports(tx, actor=regulator, at=now(over))
        assert results.reports(tx, actor=over.actor("other-regulator"), at=now(over)) == []
        assert reports.report_file(tx, over.lot_id, n=n, actor=regulator).sha256 == paper.sha256
        for name in ("bidder-2", "other-tenderer", "other-regulator", "centre"):
            with pytest.raises(NotFound):
                reports.report_file(tx, over.lot_id, n=n, actor=over.actor(name))
    assert line.acknowledged_at is not None
    assert platform.store.get(paper.key).startswith(b"%PDF")


def test_a_bidder_sees_its_own_result_and_no_losers_points(platform: Platform, over: City) -> None:
    award(platform, over, "bid-2")

    with over.database.read() as tx:
        won, lost, rejected = (
            results.my_result(tx, over.lot_id, actor=over.actor(f"bidder-{n}")) for n in (2, 1, 4)
        )
        with pytest.raises(NotFound):
            results.my_result(tx, over.lot_id, actor=over.actor("other-tenderer"))
        centre = issue.centre_of(tx, lost.context)
    assert (won.won, lost.won, rejected.won) == (True, False, False)
    assert (lost.shows_points, rejected.shows_points) == (True, False)
    assert issue.loser_notice(lost, centre=centre) == issue.loser_notice(lost, centre=centre)
