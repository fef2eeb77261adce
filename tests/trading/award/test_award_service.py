"""Publicity and award against real databases: the order of steps, the clock, and who may take them."""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from evaluated_city import City, build
from sqlalchemy import select

from govcore.audit.models import LogOutbox
from govcore.db import Database
from govcore.errors import Forbidden, NotFound, Problem
from govcore.notify import queries as notify
from govcore.platform import Platform
from trading.award import drafts, issue, queries
from trading.tender.models import Lot


def later(city: City, **delta: float) -> None:
    offset = city.database.info["clock_offset"]
    city.database.info["clock_offset"] = offset + timedelta(**delta)


def refused(action: object) -> str:
    with pytest.raises(Problem) as caught:
        action()  # type: ignore[operator]
    return caught.value.code


def event(city: City, name: str) -> dict[str, object]:
    with city.database.read() as tx:
        events = [json.loads(event) for event in tx.scalars(select(LogOutbox.event))]
    [found] = [entry for entry in events if entry["type"] == name]
    data: dict[str, object] = found["data"]
    return data


def inbox(platform: Platform, city: City, name: str) -> list[str]:
    with city.database.read() as tx:
        return [m.text.format_map(m.data) for m in notify.inbox(tx, platform.keys, actor=city.actor(name))]


@pytest.mark.parametrize(
    ("contact", "person", "phone"),
    [
        ("王工，0535-0000000", "王工", "0535-0000000"),
        ("招标部 李工: 138 0000 0000", "招标部 李工", "138 0000 0000"),
        ("临湖市东坝路 1 号招标部", "临湖市东坝路 1 号招标部", ""),
    ],
)
def test_the_contact_line_is_split_for_the_paper(contact: str, person: str, phone: str) -> None:
    found = issue.agency_contact("agency", contact)

    assert (found.person, found.phone) == (person, phone)


def test_candidates_are_published_with_their_notice(platform: Platform, city: City) -> None:
    notice = issue.publicise(platform, city.lot_id, actor=city.actor("agency"))

    with city.database.read() as tx:
        found = queries.public_notice(tx, notice.id, at=datetime.now(UTC))
    assert [(c.rank, c.bid_id, c.total) for c in found.candidates] == [
        (1, "bid-2", 9232),
        (2, "bid-1", 9020),
        (3, "bid-3", 8090),
    ]
    assert found.context.state == "publicity"
    assert found.ends_at - found.published_at == timedelta(seconds=2)
    stored = platform.store.get(found.store_key)
    assert stored.startswith(b"%PDF")
    assert hashlib.sha256(stored).hexdigest() == found.sha256 == notice.sha256


def test_the_public_log_names_companies_and_never_people(platform: Platform, city: City) -> None:
    issue.publicise(platform, city.lot_id, actor=city.actor("agency"))

    data = event(city, "award.candidates_published")
    first = data["candidates"][0]  # type: ignore[index]
    assert first == {
        "bidder": "东坝河工集团有限公司",
        "uscc": "91371500MA00000007",
        "price_fen": 10_500_000_00,
        "total": 9232,
        "rank": 1,
    }
    assert "项目经理" not in json.dumps(data, ensure_ascii=False)


@pytest.mark.parametrize("state", ["opened", "publicity", "awarded"])
def test_candidates_are_published_only_after_the_evaluation(
    platform: Platform, city: City, state: str
) -> None:
    with city.database.transaction() as tx:
        tx.get_one(Lot, city.lot_id).state = state

    assert refused(lambda: issue.publicise(platform, city.lot_id, actor=city.actor("agency"))) == "E_STATE"


def test_of_two_publications_at_once_one_wins(platform: Platform, city: City) -> None:
    actor = city.actor("agency")

    def attempt(_: int) -> str:
        try:
            issue.publicise(platform, city.lot_id, actor=actor)
        except Problem as problem:
            return problem.code
        return "published"

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(attempt, range(2)))

    assert outcomes == ["E_STATE", "published"]


def test_outsiders_publish_nothing(platform: Platform, city: City) -> None:
    for name in ("other-agency", "other-tenderer"):
        with pytest.raises(NotFound):
            issue.publicise(platform, city.lot_id, actor=city.actor(name))
    for name in ("centre", "regulator", "bidder-2", "expert-1"):
        with pytest.raises(Forbidden):
            issue.publicise(platform, city.lot_id, actor=city.actor(name))

    with city.database.read() as tx:
        assert queries.public_notices(tx) == []


def test_nothing_is_awarded_before_the_publicity_is_over(platform: Platform, city: City) -> None:
    tenderer = city.actor("tenderer")
    issue.publicise(platform, city.lot_id, actor=tenderer)

    code = refused(lambda: issue.award(platform, city.lot_id, bid_id="bid-2", actor=tenderer))

    assert code == "E_PUBLICITY"
    with city.database.read() as tx:
        assert tx.get_one(Lot, city.lot_id).state == "publicity"


def test_only_the_first_candidate_can_win(platform: Platform, city: City) -> None:
    tenderer = city.actor("tenderer")
    issue.publicise(platform, city.lot_id, actor=tenderer)
    later(city, seconds=3)

    for bid_id in ("bid-1", "bid-3", "bid-4", "bid-5", "bid-x"):
        with pytest.raises(drafts.NotFirstCandidate):
            issue.award(platform, city.lot_id, bid_id=bid_id, actor=tenderer)


def test_only_the_lots_tenderer_awards(platform: Platform, city: City) -> None:
    issue.publicise(platform, city.lot_id, actor=city.actor("tenderer"))
    later(city, seconds=3)

    for name, refusal in {"agency": Forbidden, "other-tenderer": NotFound, "centre": Forbidden}.items():
        with pytest.raises(refusal):
            issue.award(platform, city.lot_id, bid_id="bid-2", actor=city.actor(name))


def test_the_award_is_published_logged_and_told_to_every_bidder(platform: Platform, city: City) -> None:
    tenderer = city.actor("tenderer")
    issue.publicise(platform, city.lot_id, actor=tenderer)
    later(city, seconds=3)

    letter, result = issue.award(platform, city.lot_id, bid_id="bid-2", actor=tenderer)

    data = event(city, "award.decided")
    assert (data["letter_sha256"], data["notice_sha256"]) == (letter.sha256, result.sha256)
    with city.database.read() as tx:
        assert tx.get_one(Lot, city.lot_id).state == "awarded"
        kinds = sorted(notice.kind for notice in queries.public_notices(tx))
        found = queries.standing(tx, city.lot_id, at=datetime.now(UTC))
    assert kinds == ["candidates", "result"]
    assert found.winner_bid_id == "bid-2"
    assert sorted(inbox(platform, city, "bidder-2")) == [
        "The candidates for 一标段（堤防） are published.",
        "Your bid won 一标段（堤防）. The award notice is ready for you.",
    ]
    assert sorted(inbox(platform, city, "bidder-4")) == [
        "The candidates for 一标段（堤防） are published.",
        "一标段（堤防） was awarded to 东坝河工集团有限公司. Your own result is ready for you.",
    ]
    again = refused(lambda: issue.award(platform, city.lot_id, bid_id="bid-2", actor=tenderer))
    assert again == "E_ALREADY_AWARDED"


def test_a_lot_without_a_ranked_bid_has_no_candidates(database: Database, platform: Platform) -> None:
    city = build(database, state="evaluated")
    with pytest.raises(drafts.NoCandidate):
        issue.publicise(platform, city.lot_id, actor=city.actor("agency"))


def test_the_award_letter_is_for_its_parties(platform: Platform, city: City) -> None:
    tenderer = city.actor("tenderer")
    issue.publicise(platform, city.lot_id, actor=tenderer)
    later(city, seconds=3)
    letter, _ = issue.award(platform, city.lot_id, bid_id="bid-2", actor=tenderer)

    with city.database.read() as tx:
        for name in ("bidder-2", "tenderer", "agency", "centre", "regulator"):
            assert queries.letter(tx, city.lot_id, actor=city.actor(name))[0].sha256 == letter.sha256
        for name in ("bidder-1", "other-tenderer", "other-regulator", "expert-1"):
            with pytest.raises(NotFound):
                queries.letter(tx, city.lot_id, actor=city.actor(name))
        with pytest.raises(NotFound):
            queries.public_notice(tx, letter.id, at=datetime.now(UTC))
