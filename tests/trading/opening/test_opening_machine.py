"""The opening's rule table, walked at random: no path reads out before keys are there, and a stage is never skipped."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from govcore.db import Base
from govcore.errors import MoveNotAllowed
from trading.opening.models import Opening
from trading.opening.moves import move_opening
from trading.opening.policy import RULES, OpeningMove, OpeningState, release_opens_at, windows
from trading.tender.models import Hold, Lot

NOW = datetime(2026, 12, 1, tzinfo=UTC)
START = {"lot_id": "lot", "round": 1, "closed_payload": b"{}", "cp_size": 1, "bids_root": "0" * 64}


class Walk(RuleBasedStateMachine):
    """Every move is tried in every state that it can meet; the table alone says what happens."""

    def __init__(self) -> None:
        super().__init__()
        self.engine = create_engine("sqlite://")
        Base.metadata.create_all(self.engine, [table.__table__ for table in (Opening, Lot, Hold)])
        self.tx = Session(self.engine)
        times = dict.fromkeys(("closed_at", "seal_check_until", "release_until"), NOW)
        self.opening = Opening(state=OpeningState.SEALED, eligible_count=3, **START, **times)
        self.tx.add(self.opening)
        self.tx.flush()
        self.trail = [OpeningState.SEALED]

    @rule(move=st.sampled_from(list(OpeningMove)))
    def attempt(self, move: OpeningMove) -> None:
        before = OpeningState(self.opening.state)
        try:
            move_opening(self.tx, self.opening, move, at=NOW)
        except MoveNotAllowed:
            assert before != RULES[move].source
        else:
            assert before == RULES[move].source
        self.tx.refresh(self.opening)
        if self.opening.state != before:
            self.trail.append(OpeningState(self.opening.state))

    @precondition(lambda self: len(self.trail) > 1)
    @rule(move=st.sampled_from(list(OpeningMove)))
    def fail_for_ever(self, move: OpeningMove) -> None:
        self.tx.execute(Opening.__table__.update().values(state=OpeningState.FAILED))
        self.tx.refresh(self.opening)
        with pytest.raises(MoveNotAllowed):
            move_opening(self.tx, self.opening, move, at=NOW)
        self.tx.execute(Opening.__table__.update().values(state=self.trail[-1]))
        self.tx.refresh(self.opening)

    @invariant()
    def each_step_follows_the_one_before(self) -> None:
        order = [OpeningState.SEALED, OpeningState.RELEASED, OpeningState.READ_OUT, OpeningState.RECORDED]
        assert self.trail == [order[n % 4] for n in range(len(self.trail))]

    def teardown(self) -> None:
        self.tx.close()
        self.engine.dispose()


Walk.TestCase.settings = settings(max_examples=12, stateful_step_count=15)
TestWalk = Walk.TestCase

SECONDS = st.integers(min_value=0, max_value=100_000)


@given(bidder=SECONDS, seal=SECONDS, release=SECONDS, missing=st.booleans())
def test_no_window_of_a_stage_ends_after_the_next_one_begins(
    bidder: int, seal: int, release: int, missing: bool
) -> None:
    begun = datetime(2026, 12, 1, tzinfo=UTC)
    until = windows(begun, bidder_share=bidder, seal_check=seal, release=release)

    opens = release_opens_at(
        seal_check_until=until.seal_check_until,
        bidder_until=until.bidder_until,
        bidder_shares_missing=int(missing),
        opening_at=begun,
    )

    assert begun <= until.seal_check_until <= opens
    assert (until.release_until - begun).total_seconds() == max(bidder, seal) + release
    assert not (missing and until.bidder_until) or opens >= until.bidder_until
