"""Consortia: sealed until the deadline, then checked; on double bidding all related bids fall, none before."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from scene import Scene
from scene_city import ORGANISATIONS, ordinary_content
from scene_fixtures import Build

from bidding_docs import dsse
from bidding_docs.consortium import Consortium, Grade, Member, lowest_grades, party_name
from bidding_docs.sealing import SealedBid
from trading.bidding import consortium
from trading.committee.queries import must_avoid
from trading.opening.policy import Party, double_bidders
from trading.opening.queries import opened_bids
from trading.tender import queries as tenders

ADMITTED = msgspec.structs.replace(ordinary_content(), consortium=True)
NAME = {person: name for person, (name, _) in ORGANISATIONS.items()}
CODE = {person: code for person, (_, code) in ORGANISATIONS.items()}


def party(bid: str, *ids: str, lot: str = "1", alone: bool = False) -> Party:
    return Party(bid, lot, frozenset(ids), not alone)


@pytest.mark.parametrize(
    ("bids", "fallen"),
    [
        ([party("a", "1", alone=True), party("b", "2", alone=True)], {}),
        ([party("a", "1", "2"), party("b", "2", alone=True)], {"a": {"b"}, "b": {"a"}}),
        ([party("a", "1", "2"), party("b", "2", alone=True, lot="2")], {"a": {"b"}, "b": {"a"}}),
        ([party("a", "1", "2"), party("b", "3", "2", lot="2")], {"a": {"b"}, "b": {"a"}}),
        ([party("a", "1", "2"), party("b", "1", "2", lot="2")], {}),
        ([party("a", "1", "2"), party("b", "2", "1")], {"a": {"b"}, "b": {"a"}}),
        ([party("a", "1", alone=True), party("b", "1", alone=True, lot="2")], {}),
        (
            [party("a", "1", "2"), party("b", "2", "3"), party("c", "3", alone=True)],
            {"a": {"b"}, "b": {"a", "c"}, "c": {"b"}},
        ),
    ],
)
def test_who_is_in_two_bids_lets_all_of_them_fall(bids: list[Party], fallen: dict[str, set[str]]) -> None:
    assert double_bidders(bids) == fallen


def test_of_one_speciality_the_lowest_grade_counts() -> None:
    first = [Grade(speciality="水利水电", level=1), Grade(speciality="市政", level=2)]

    assert lowest_grades([first, [Grade(speciality="水利水电", level=3)]]) == {"水利水电": 3, "市政": 2}
    assert (party_name(["甲"]), party_name(["甲", "乙", "丙"])) == ("甲", "甲（联合体牵头人）、乙、丙")


def member_list(
    scene: Scene, *members: str, signed_by: tuple[str, ...] = (), lot: str | None = None
) -> bytes:
    """The list as its members sign it, or only some of them."""
    body = Consortium(
        tender_id=scene.city.tender_id,
        lot_id=lot or scene.lot,
        members=tuple(
            Member(id=CODE[one], name=NAME[one], work="堤防", grades=(Grade(speciality="水利", level=n),))
            for n, one in enumerate(members, 1)
        ),
    )
    return dsse.sign_document(body, [scene.city.signers[one] for one in signed_by or members])


def submit(scene: Scene, bidder: str, members: bytes | None = None) -> None:
    scene.submit(bidder, scene.seal(bidder, members=members))


def summary_size(sealed: SealedBid) -> int:
    return next(part.size for part in sealed.manifest.parts if part.id == "summary")


def lines(hall: dict[str, Any]) -> dict[str, tuple[str, list[str]]]:
    return {one["uscc"]: (one["state"], [found["code"] for found in one["findings"]]) for one in hall["bids"]}


def test_all_related_bids_fall_at_the_read_out_and_none_is_refused_before(scene_of: Build) -> None:
    scene = scene_of(ADMITTED)
    sealed = scene.seal("bidder-1", members=member_list(scene, "bidder-1", "bidder-2"))
    alone = scene.seal("bidder-2")
    scene.submit("bidder-1", sealed)
    scene.submit("bidder-2", alone)
    submit(scene, "bidder-3")
    submit(scene, "bidder-4", member_list(scene, "bidder-4", "bidder-3", signed_by=("bidder-4",)))
    secret = NAME["bidder-2"] not in scene.person("stranger").call("GET", f"/lots/{scene.lot}/opening").text

    hall = scene.open_all()

    assert secret
    assert summary_size(sealed) == summary_size(alone)
    assert lines(hall) == {
        CODE["bidder-1"]: ("void", ["E_DOUBLE_BIDDING"]),
        CODE["bidder-2"]: ("void", ["E_DOUBLE_BIDDING"]),
        CODE["bidder-3"]: ("opened", []),
        CODE["bidder-4"]: ("opened", ["E_CONSORTIUM_UNSIGNED"]),
    }
    first = next(one for one in hall["bids"] if one["uscc"] == CODE["bidder-1"])
    assert first["bidder_name"] == f"{NAME['bidder-1']}（联合体牵头人）、{NAME['bidder-2']}"
    assert [member["signed"] for member in first["consortium"]["members"]] == [True, True]
    assert first["consortium"]["grades"] == {"水利": 2}
    with scene.platform.db.read() as tx:
        assert [bid.uscc for bid in opened_bids(tx, scene.lot)] == [CODE["bidder-3"], CODE["bidder-4"]]


def test_a_later_lot_lets_its_bid_fall_and_flags_what_is_on_record_already(scene: Scene) -> None:
    second = scene.city.lots[1]
    submit(scene, "bidder-1", member_list(scene, "bidder-1", "bidder-2"))
    scene.submit_all("bidder-3", "bidder-4")
    scene.submit_all("bidder-2", "bidder-3", "bidder-4", lot=second)
    scene.open_all()
    before = lines(scene.hall())[CODE["bidder-1"]]

    scene.close(second)
    scene.check_seals(second)
    scene.release(1, 3, lot=second)
    scene.open_gate(second)
    scene.read_out(second)

    assert before == ("opened", ["E_CONSORTIUM_NOT_ADMITTED"])
    assert lines(scene.hall())[CODE["bidder-1"]] == (
        "opened",
        ["E_CONSORTIUM_NOT_ADMITTED", "E_DOUBLE_BIDDING"],
    )
    assert lines(scene.hall(second))[CODE["bidder-2"]] == ("void", ["E_DOUBLE_BIDDING"])


def test_what_is_not_admitted_or_not_this_bid_is_left_to_the_committee(scene_of: Build) -> None:
    scene = scene_of(ordinary_content())
    submit(scene, "bidder-1", member_list(scene, "bidder-1", "bidder-2"))
    submit(scene, "bidder-3", member_list(scene, "bidder-4", "bidder-3"))
    submit(scene, "bidder-4", b"{}")

    assert lines(scene.open_all()) == {
        CODE["bidder-1"]: ("opened", ["E_CONSORTIUM_NOT_ADMITTED"]),
        CODE["bidder-3"]: ("opened", ["E_CONSORTIUM_UNREADABLE"]),
        CODE["bidder-4"]: ("opened", ["E_CONSORTIUM_UNREADABLE"]),
    }


def test_a_member_that_serves_the_tender_lets_the_bid_fall_and_members_people_may_not_judge(
    scene_of: Build,
) -> None:
    scene = scene_of(ADMITTED)
    submit(scene, "bidder-1", member_list(scene, "bidder-1", "regulator"))
    submit(scene, "bidder-3", member_list(scene, "bidder-3", "bidder-2"))
    submit(scene, "bidder-4")

    hall = scene.open_all()

    assert lines(hall)[CODE["bidder-1"]] == ("void", ["E_MEMBER_CONFLICT"])
    with scene.platform.db.read() as tx:
        context = tenders.lot_context(tx, scene.lot)
        barred = [must_avoid(tx, context, one) for one in ("bidder-2", "bidder-3", "academy")]
    assert barred == [True, True, False]


def test_members_sign_the_same_file_one_after_the_other(scene: Scene) -> None:
    lead, other = (scene.city.signers[one] for one in ("bidder-1", "bidder-2"))
    begun = member_list(scene, "bidder-1", "bidder-2", signed_by=("bidder-1",))
    mine = {"lot": scene.lot, "lead": CODE["bidder-1"]}

    whole, document = consortium.add_signature(begun, other)
    again, _ = consortium.add_signature(whole, lead)

    assert [one.id for one in document.members] == [CODE["bidder-1"], CODE["bidder-2"]]
    assert (consortium.checked(whole, **mine), sorted(dsse.keyids_of(again))) == (
        whole,
        sorted([lead.keyid, other.keyid]),
    )
    for raw, wanted in (
        (begun, mine),
        (whole, {**mine, "lead": CODE["bidder-2"]}),
        (whole, {**mine, "lot": "x"}),
    ):
        with pytest.raises(consortium.NotAsked):
            consortium.checked(raw, **wanted)
    with pytest.raises(consortium.NotAsked):
        consortium.write(scene.person("bidder-1"), lead, scene.lot, b"[]")
