"""What becomes of bids, deposits and the lot when bids do not open (domain: 4.4; BH05-BH08)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from probers import Outsider
from scene import PASSPHRASE, Scene
from scene_city import with_bidder_shares
from scene_facts import events
from sqlalchemy import select

from bidding_docs.sealing import SealedBid
from govcore.db import Tx
from govcore.identity.queries import actor_of_user
from govcore.notify import queries as notify
from guarantees.models import LetterRow
from guarantees.policy import LetterState
from trading.bidding.recovering import give_share
from trading.client import Refused
from trading.opening import pausing
from trading.opening.models import PartKey
from trading.opening.policy import CONTINUE, STOP, goes_on
from trading.tender.models import Lot
from trading.tender.policy import Cause
from trading.tender.schemas import TenderContent
from trading.tender.suspensions import hold, release_hold

Build = Callable[[TenderContent], Scene]
HTML = {"accept": "text/html"}
Sealed = dict[str, SealedBid]


def closed_with(scene: Scene, bidders: int) -> Sealed:
    sealed = scene.submit_all(*(f"bidder-{n}" for n in range(1, bidders + 1)))
    scene.close()
    scene.check_seals()
    with scene.platform.db.transaction() as tx:
        tx.add_all(_letter(scene, bidder) for bidder in sealed)
    return sealed


def _letter(scene: Scene, bidder: str) -> LetterRow:
    """A letter that secures the bid and was found in order."""
    return LetterRow(
        id=f"letter-{bidder}",
        lot_id=scene.lot,
        bidder_id=scene.uscc(bidder),
        beneficiary_uscc="91371500MA00000000",
        sha256=bidder,
        envelope=b"",
        state=LetterState.VERIFIED,
        guarantee_no=bidder,
        guarantor_uscc="91371500MA00000099",
        guarantor_name="临湖市融资担保有限公司",
        amount_fen=200_000_00,
        findings=b"[]",
        registered_at=scene.now(),
    )


def read_out(
    scene: Scene, sealed: Sealed, *, silent: str, told: Callable[[Tx, datetime], None] | None = None
) -> None:
    """Everybody but one gives its share; the rest of the opening goes on without it, after what a prober told."""
    for bidder, bid in sealed.items():
        if bidder != silent:
            give_share(scene.person(bidder), scene.lot, bid.recovery.read_bytes(), PASSPHRASE)
    scene.move_clock(minutes=10)
    if told is not None:
        with scene.platform.db.transaction() as tx:
            told(tx, scene.now())
    scene.release(1, 2)
    assert scene.open_gate()
    scene.read_out()


def outcome(scene: Scene) -> tuple[dict[str, tuple[str, str | None]], dict[str, str], str]:
    """State and fault of each bid by its bidder's code, state of each letter, state of the lot."""
    bids: list[dict[str, Any]] = scene.hall()["bids"]
    with scene.platform.db.read() as tx:
        letters = {row.bidder_id: row.state for row in tx.scalars(select(LetterRow))}
        return (
            {one["uscc"]: (one["state"], one["fault"]) for one in bids},
            letters,
            tx.get_one(Lot, scene.lot).state,
        )


def test_BH05_two_bids_at_the_deadline_are_never_opened(scene_of: Build) -> None:
    scene = scene_of(with_bidder_shares())
    closed_with(scene, 2)

    assert not scene.open_gate()

    assert scene.hall()["state"] == "failed"
    assert scene.hall()["bids"] == []
    with scene.platform.db.read() as tx:
        assert list(tx.scalars(select(PartKey))) == []
        assert tx.get_one(Lot, scene.lot).state == "failed"


@pytest.mark.parametrize(
    ("outage", "state", "fault", "letter"),
    [
        (False, "revoked", "bidder", LetterState.VERIFIED),
        (True, "withdrawn", "platform", LetterState.RELEASED),
    ],
    ids=["BH06 own fault", "BH07 platform's fault"],
)
def test_BH06_BH07_one_of_four_does_not_open_and_the_others_go_on(
    scene_of: Build, outage: bool, state: str, fault: str, letter: LetterState
) -> None:
    scene = scene_of(with_bidder_shares())
    sealed = closed_with(scene, 4)
    if outage:
        ended = scene.now() + timedelta(minutes=1)
        began = ended - timedelta(minutes=2)
        note = {"began": began.isoformat(), "ended": ended.isoformat(), "reason": "机房断电"}
        scene.person("regulator").post(f"/api/lots/{scene.lot}/outages", note)

    read_out(scene, sealed, silent="bidder-4")

    bids, letters, lot = outcome(scene)
    four = scene.uscc("bidder-4")
    assert bids.pop(four) == (state, fault)
    assert letters.pop(four) == letter
    assert set(bids.values()) == {("opened", None)}
    assert set(letters.values()) == {LetterState.VERIFIED}
    assert lot == "opened"


def test_a_fault_that_nobody_can_name_is_decided_by_the_host_with_a_reason(
    scene_of: Build, tmp_path: Path
) -> None:
    scene = scene_of(with_bidder_shares())
    sealed = closed_with(scene, 4)
    since = scene.now()
    read_out(scene, sealed, silent="bidder-4", told=lambda tx, at: silent(tmp_path, tx, since, at))
    four = next(one for one in scene.hall()["bids"] if one["uscc"] == scene.uscc("bidder-4"))
    path, form = (
        f"/lots/{scene.lot}/opening/bids/{four['number']}/cause",
        {"fault": "platform", "reason": "无从查证"},
    )

    def ask(person: str, **changed: str) -> int:
        try:
            scene.person(person).call("POST", path, data=form | changed, follow_redirects=False)
        except Refused as refused:
            return int(refused.problem["status"])
        return 303

    open_, letters, _ = outcome(scene)
    scene.write_record()
    waiting = scene.hall()["state"]
    asked = [ask("centre"), ask("bidder-4"), ask("tenderer", reason=" "), ask("agency"), ask("tenderer")]
    scene.write_record()

    bids, after, _ = outcome(scene)
    assert (four["state"], four["fault"]) == ("withdrawn", "unknown")
    assert (open_[four["uscc"]], letters[four["uscc"]]) == (("withdrawn", "unknown"), LetterState.VERIFIED)
    assert (waiting, asked) == ("read_out", [403, 403, 422, 303, 409])
    assert (bids[four["uscc"]], after[four["uscc"]]) == (("withdrawn", "platform"), LetterState.RELEASED)
    assert scene.hall()["state"] == "recorded"
    (said,) = events(scene, "opening.attributed")
    assert said["data"]["reason"] == "无从查证"


def silent(folder: Path, tx: Tx, since: datetime, at: datetime) -> None:
    Outsider(folder / "prober").fell_silent(tx, since, since + timedelta(minutes=4), at=at)


def test_a_fault_of_the_platform_stops_the_opening_costs_bidders_no_time_and_is_told_when_it_lasts(
    scene_of: Build,
) -> None:
    scene = scene_of(with_bidder_shares())
    scene.person("stranger").call("POST", f"/tenders/{scene.city.tender_id}/follow")
    sealed = closed_with(scene, 3)
    before = scene.hall()["bidder_until"]
    with scene.platform.db.transaction() as tx:
        hold(tx, lot_ids=[scene.lot], cause=Cause.FAULT, ref="fault", at=scene.now(), actor="centre")
    shown = (
        scene.person("stranger", language="en").call("GET", f"/lots/{scene.lot}/opening", headers=HTML).text
    )
    in_time = tell(scene)
    scene.move_clock(hours=2)
    late = [tell(scene), tell(scene)]
    with scene.platform.db.transaction() as tx:
        release_hold(tx, ref="fault", at=scene.now(), actor="centre")

    moved = datetime.fromisoformat(scene.hall()["bidder_until"]) - datetime.fromisoformat(before)
    assert "To go on by" in shown
    assert (in_time, late, told(scene)) == (False, [True, False], 1)
    assert moved >= timedelta(hours=2)
    read_out(scene, sealed, silent="")
    assert {one["state"] for one in scene.hall()["bids"]} == {"opened"}


def tell(scene: Scene) -> bool:
    with scene.platform.db.transaction() as tx:
        return pausing.tell_overdue(tx, scene.lot, at=scene.now())


def told(scene: Scene) -> int:
    """How many messages about a fault a follower got."""
    with scene.platform.db.read() as tx:
        inbox = notify.inbox(tx, scene.platform.keys, actor=actor_of_user(tx, "stranger"))
    return sum("fault" in one.text for one in inbox)


def test_BH08_no_price_is_shown_while_a_bidder_is_inside_its_window(scene_of: Build) -> None:
    scene = scene_of(with_bidder_shares())
    sealed = closed_with(scene, 3)
    for bidder in ("bidder-1", "bidder-2"):
        give_share(scene.person(bidder), scene.lot, sealed[bidder].recovery.read_bytes(), PASSPHRASE)

    assert not scene.open_gate()
    scene.read_out()

    assert {one["price_fen"] for one in scene.hall()["bids"]} == {None}
    assert events(scene, "opening.bid_read_out") == []


@pytest.mark.parametrize(
    ("few", "lot", "others"),
    [(None, "failed", LetterState.RELEASED), (CONTINUE, "opened", LetterState.VERIFIED)],
    ids=["the default stops", "the documents go on"],
)
def test_fewer_than_three_that_open_end_the_lot_unless_the_documents_say_otherwise(
    scene_of: Build, few: Any, lot: str, others: LetterState
) -> None:
    scene = scene_of(msgspec.structs.replace(with_bidder_shares(), few_opened=few))
    sealed = closed_with(scene, 3)

    read_out(scene, sealed, silent="bidder-3")

    bids, letters, state = outcome(scene)
    assert bids.pop(scene.uscc("bidder-3")) == ("revoked", "bidder")
    assert letters.pop(scene.uscc("bidder-3")) == LetterState.VERIFIED  # kept for the tenderer's decision
    assert set(bids.values()) == {("opened", None)}
    assert set(letters.values()) == {others}
    assert state == lot
    assert len(events(scene, "tender.failed")) == (lot == "failed")


@pytest.mark.parametrize(
    ("opened", "few", "on"),
    [(3, STOP, True), (2, STOP, False), (2, CONTINUE, True), (1, CONTINUE, True), (0, CONTINUE, False)],
)
def test_what_was_opened_goes_on(opened: int, few: str, on: bool) -> None:
    assert goes_on(opened=opened, needed=3, few_opened=few) is on
