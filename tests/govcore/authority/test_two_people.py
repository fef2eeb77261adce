"""An act of two people is carried out once, by another person, in time, and exactly as it was proposed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta

import land
import msgspec
import pytest
from clocks import move_clock
from hypothesis import given, settings
from hypothesis import strategies as st
from land import OWNERS, TIED, Office
from sqlalchemy import select

from govcore import clock
from govcore.audit.models import LogOutbox
from govcore.authority import proposals, queries
from govcore.authority.policy import CONFIRM_WITHIN, ProposalState
from govcore.authority.schemas import Confirmation
from govcore.errors import Forbidden, Malformed, NotFound, Problem
from govcore.identity.models import Delegation, UserRole
from govcore.platform import Platform


@pytest.fixture
def office(platform: Platform) -> Iterator[Office]:
    yield land.found(platform)
    TIED.clear()


def events(office: Office, name: str) -> list[dict[str, object]]:
    with office.platform.db.read() as tx:
        said = [json.loads(event) for event in tx.scalars(select(LogOutbox.event).order_by(LogOutbox.id))]
    return [event for event in said if event["type"] == name]


def confirm(office: Office, proposal_id: str, confirmed: Confirmation, *, by: str) -> str:
    """`OK`, or the code of the refusal."""
    actor, platform = office.actor(by), office.platform
    try:
        with proposals.logged_refusals(platform.db, subject=proposal_id, actor=actor) as tx:
            proposals.confirm(tx, platform, proposal_id, confirmed, actor=actor)
    except Problem as refusal:
        return refusal.code
    return "OK"


def decide(office: Office, move: Callable[..., object], proposal_id: str, *, by: str, **more: str) -> str:
    actor, platform = office.actor(by), office.platform
    try:
        with proposals.logged_refusals(platform.db, subject=proposal_id, actor=actor) as tx:
            move(tx, proposal_id, actor=actor, at=clock.now(tx), **more)
    except Problem as refusal:
        return refusal.code
    return "OK"


@pytest.mark.parametrize("second", ["head", "watcher"])
def test_the_second_persons_word_carries_the_act_out(office: Office, second: str) -> None:
    proposal_id, confirmed = office.propose(price=7)

    answer = confirm(office, proposal_id, confirmed, by=second)

    assert answer == "OK"
    (sold,) = events(office, "land.sold")
    assert (sold["subject"], sold["actor"]) == ("plot-1", office.people["clerk"])
    assert sold["data"] == {"price": 7, "second": office.people[second]}
    (said,) = events(office, "authority.confirmed")
    assert said["data"] == {"act": "land.sell", "object": "plot-1", "sha256": confirmed.sha256}


def test_what_is_hashed_is_the_act_its_object_content_and_facts(office: Office) -> None:
    proposal_id, confirmed = office.propose(price=7)

    with office.platform.db.read() as tx:
        shown = queries.proposal(tx, proposal_id, actor=office.actor("head"), at=clock.now(tx))

    assert shown.payload.decode() == (
        '{"act":"land.sell","content":{"price":7},'
        '"facts":{"owner":"甲村","plot":"plot-1","price":7},"object":"plot-1"}'
    )
    assert shown.sha256 == confirmed.sha256


def test_every_way_round_the_second_person_is_refused_by_its_own_code_and_logged(office: Office) -> None:
    proposal_id, confirmed = office.propose()
    other_id, other = office.propose("plot-2", price=9)
    TIED[office.people["watcher"]] = {office.people["clerk"]}

    answers = {
        "same person": confirm(office, proposal_id, confirmed, by="clerk"),
        "acts for the proposer": confirm(office, proposal_id, confirmed, by="watcher"),
        "other act": confirm(office, proposal_id, msgspec.structs.replace(confirmed, act="x"), by="head"),
        "other object": confirm(office, proposal_id, other, by="head"),
        "other content": confirm(
            office, proposal_id, msgspec.structs.replace(confirmed, sha256=other.sha256), by="head"
        ),
    }

    assert answers == {
        "same person": "E_TWO_SAME_PERSON",
        "acts for the proposer": "E_TWO_DELEGATE",
        "other act": "E_TWO_OTHER_ACT",
        "other object": "E_TWO_OTHER_ACT",
        "other content": "E_TWO_CONTENT",
    }
    assert [event["data"] for event in events(office, "authority.refused")] == [
        {"code": code} for code in answers.values()
    ]
    assert events(office, "land.sold") == []
    assert confirm(office, other_id, other, by="head") == "OK"


def test_a_confirmation_counts_once(office: Office) -> None:
    proposal_id, confirmed = office.propose()

    answers = [confirm(office, proposal_id, confirmed, by=name) for name in ("head", "head", "watcher")]

    assert answers == ["OK", "E_TWO_USED", "E_TWO_USED"]
    assert len(events(office, "land.sold")) == 1


def test_after_ten_minutes_it_has_lapsed(office: Office) -> None:
    assert timedelta(minutes=10) == CONFIRM_WITHIN
    proposal_id, confirmed = office.propose()
    move_clock(office.platform.db, minutes=10)

    with office.platform.db.read() as tx:
        at, head = clock.now(tx), office.actor("head")
        waiting = queries.waiting(tx, actor=head, at=at)
        shown = queries.proposal(tx, proposal_id, actor=head, at=at)

    assert (waiting, shown.state) == ([], "lapsed")
    assert confirm(office, proposal_id, confirmed, by="head") == "E_TWO_LATE"
    assert decide(office, proposals.decline, proposal_id, by="head", reason="晚了") == "E_TWO_LATE"
    assert events(office, "land.sold") == []


def test_when_the_world_has_changed_it_has_to_be_proposed_again(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    proposal_id, confirmed = office.propose()
    monkeypatch.setitem(OWNERS, "plot-1", "丙村")

    assert confirm(office, proposal_id, confirmed, by="head") == "E_TWO_CHANGED"
    assert events(office, "land.sold") == []


def test_a_proposer_who_lost_the_right_has_proposed_nothing(office: Office) -> None:
    proposal_id, confirmed = office.propose()
    with office.platform.db.transaction() as tx:
        tx.get_one(UserRole, (office.people["clerk"], "centre")).role = "bidder"

    assert confirm(office, proposal_id, confirmed, by="head") == "E_TWO_PROPOSER"


def test_who_has_no_right_or_may_not_see_the_object_has_no_part_in_it(office: Office) -> None:
    proposal_id, confirmed = office.propose()

    assert confirm(office, proposal_id, confirmed, by="bidder") == "E_FORBIDDEN"
    assert confirm(office, proposal_id, confirmed, by="outsider") == "E_NOT_FOUND"
    assert decide(office, proposals.decline, proposal_id, by="outsider", reason="不") == "E_NOT_FOUND"
    assert decide(office, proposals.withdraw, proposal_id, by="head") == "E_NOT_FOUND"
    with office.platform.db.read() as tx:
        at = clock.now(tx)
        seen = {
            name: [one.id for one in queries.waiting(tx, actor=office.actor(name), at=at)]
            for name in land.PEOPLE
        }
        with pytest.raises(NotFound):
            queries.proposal(tx, proposal_id, actor=office.actor("outsider"), at=at)
    mine = [proposal_id]
    assert seen == {"clerk": mine, "head": mine, "watcher": mine, "bidder": [], "outsider": []}


def test_what_is_proposed_must_be_complete(office: Office) -> None:
    actor, stranger = office.actor("clerk"), office.actor("bidder")
    with office.platform.db.transaction() as tx:
        now = clock.now(tx)
        for content, reason, who, refusal in (
            ({"price": 5}, "  ", actor, proposals.ReasonMissing),
            ({"price": 5}, "理" * 501, actor, proposals.ReasonMissing),
            ({}, "理由", actor, Malformed),
            ({"price": 5, "buyer": "我"}, "理由", actor, Malformed),
            ({"price": 5}, "理由", stranger, Forbidden),
        ):
            with pytest.raises(refusal):
                proposals.propose(
                    tx, "land.sell", "plot-1", content=content, reason=reason, actor=who, at=now
                )
        with pytest.raises(NotFound):
            proposals.propose(tx, "land.burn", "plot-1", content={}, reason="理由", actor=actor, at=now)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["confirm", "decline", "withdraw", "wait"]),
        st.sampled_from(["clerk", "head", "watcher"]),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=15)
@given(steps=STEPS)
def test_whatever_is_tried_in_whatever_order_a_proposal_is_decided_at_most_once(
    office: Office, steps: list[tuple[str, str]]
) -> None:
    before = len(events(office, "land.sold"))
    proposal_id, confirmed = office.propose()
    state, minutes = "waiting", 0
    for move, who in steps:
        if move == "wait":
            move_clock(office.platform.db, minutes=4)
            minutes += 4
            continue
        if move == "confirm":
            answer = confirm(office, proposal_id, confirmed, by=who)
        elif move == "decline":
            answer = decide(office, proposals.decline, proposal_id, by=who, reason="不同意")
        else:
            answer = decide(office, proposals.withdraw, proposal_id, by=who)
        right = (who == "clerk") == (move == "withdraw")
        expected = right and state == "waiting" and minutes < 10
        assert (answer == "OK") == expected
        if expected:
            state = {"confirm": "done", "decline": "declined", "withdraw": "withdrawn"}[move]

    with office.platform.db.read() as tx:
        view = queries.proposal(tx, proposal_id, actor=office.actor("clerk"), at=clock.now(tx))
    assert view.state == ("lapsed" if state == "waiting" and minutes >= 10 else state)
    assert len(events(office, "land.sold")) - before == (state == ProposalState.DONE)


def test_a_delegation_ties_its_two_people_while_it_lasts(office: Office) -> None:
    clerk, watcher = office.people["clerk"], office.people["watcher"]
    with office.platform.db.transaction() as tx:
        at, org_id = clock.now(tx), office.actor("clerk").org_id
        given = Delegation(
            id="delegation-1",
            org_id=org_id,
            user_id=watcher,
            roles=frozenset(),
            duties=frozenset(),
            objects=frozenset(),
            wrapped=b"",
            granted_by=clerk,
            granted_at=at,
            ends_at=at + timedelta(minutes=5),
        )
        tx.add(given)
    first, second = office.propose(by="clerk"), office.propose(by="clerk")

    tied = confirm(office, *first, by="watcher")
    move_clock(office.platform.db, minutes=6)

    assert tied == "E_TWO_DELEGATE"
    assert confirm(office, *second, by="watcher") == "OK"
