"""Policies that bids are granted and adjustments of their prices: with a basis, by the leader, changes kept."""

from __future__ import annotations

from typing import Any

import pytest
from evaluated_city import City
from reviewed_city import LEADER
from sqlalchemy import select

from govcore import clock
from govcore.db import Database
from govcore.errors import NotFound, Problem
from govcore.identity.queries import actor_of_user
from trading.review import pricing, queries
from trading.review.models import Change
from trading.review.pricing import GrantKind
from trading.tender.models import Tender

pytestmark = pytest.mark.parametrize("backend", ["sqlite"])

SME = {"id": "sme", "label": "小微企业价格扣除", "kind": "sme", "rate": "0.1", "how": "DISCOUNT"}
DELAY = {"id": "delay", "label": "工期延误折算", "unit": "天", "rate": "0.001"}


@pytest.fixture
def priced(database: Database, city: City) -> City:
    """The documents know a policy and an adjustment."""
    with database.transaction() as tx:
        tender = tx.get_one(Tender, "tender-1")
        tender.content = tender.content | {"price_policies": [SME], "adjustments": [DELAY]}
    return city


def grant(city: City, item: str, value: str, *, by: str = LEADER, **changed: Any) -> None:
    kind = GrantKind.ADJUSTMENT if item == "delay" else GrantKind.POLICY
    given = {"bid_id": "bid-1", "basis": "中小企业声明函（第 12 页）", "why": ""} | changed
    with city.database.transaction() as tx:
        actor, at = actor_of_user(tx, by), clock.now(tx)
        pricing.grant(tx, city.lot_id, kind=kind, item=item, value=value, actor=actor, at=at, **given)


def refused(city: City, *given: str, **changed: Any) -> str:
    with pytest.raises(Problem) as caught:
        grant(city, *given, **changed)
    return caught.value.code


def test_what_is_granted_stands_in_the_reviews_of_its_bid_alone(priced: City) -> None:
    grant(priced, "sme", "yes")
    grant(priced, "delay", "5")
    grant(priced, "sme", "no", bid_id="bid-2", basis="制造商为中型企业")

    with priced.database.read() as tx:
        found = queries.reviews_of(tx, priced.lot_id)
    assert [(one["policies"], one["adjustments"]) for one in found.values()] == [
        (["sme"], {"delay": "5"}),
        ([], {}),
        ([], {}),
        ([], {}),
    ]


def test_a_grant_needs_a_basis_a_value_and_what_the_documents_know(priced: City) -> None:
    assert refused(priced, "sme", "yes", basis=" ") == "E_GRANT_BASIS"
    assert refused(priced, "sme", "maybe") == "E_GRANT_VALUE"
    assert [refused(priced, "delay", value) for value in ("-1", "1e3", "无", "")] == ["E_GRANT_VALUE"] * 4
    assert refused(priced, "domestic", "yes") == NotFound.code
    assert refused(priced, "sme", "yes", bid_id="bid-5") == NotFound.code
    assert refused(priced, "sme", "yes", by="expert-2") == "E_NOT_LEADER"


def test_a_grant_changes_with_a_reason_and_both_are_kept(priced: City) -> None:
    grant(priced, "sme", "yes")
    assert refused(priced, "sme", "no") == "E_CHANGE_REASON"

    grant(priced, "sme", "no", basis="声明函未盖章", why="复核声明函")

    with priced.database.read() as tx:
        [kept] = tx.scalars(select(Change))
    assert (kept.about, kept.old, kept.new, kept.why) == (
        "policy:sme",
        "yes: 中小企业声明函（第 12 页）",
        "no: 声明函未盖章",
        "复核声明函",
    )
