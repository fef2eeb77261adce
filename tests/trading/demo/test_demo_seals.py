"""The demo's register: 35 department seals abolished in 2019, and the seals that are in use."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from govcore.identity.queries import actor_of_user
from govcore.platform import Platform
from govcore.seals import queries
from govcore.seals.policy import SealKind, SealState
from trading.demo.city import found
from trading.demo.seals import ABOLISHED, engrave


@pytest.fixture
def backend() -> str:
    """What is tested here does not depend on the database."""
    return "sqlite"


def test_35_department_seals_of_8_fields_and_2_batches_are_sealed_away_or_destroyed(
    platform: Platform,
) -> None:
    data = json.loads(ABOLISHED.read_text(encoding="utf-8"))
    city = found(platform)

    engrave(platform, city)

    with platform.db.read() as tx:
        shown = queries.seals(tx, actor=actor_of_user(tx, city.user_ids["centre-head"]))
    abolished = [seal for seal in shown if seal.kind == SealKind.DEPARTMENT]
    assert (len(abolished), len({seal.organ for seal in abolished})) == (35, 35)
    assert len({one["field"] for one in data["seals"]}) == 8
    assert {one["batch"] for one in data["seals"]} == {1, 2}
    assert Counter(seal.state for seal in abolished) == {SealState.DESTROYED: 32, SealState.SEALED_AWAY: 3}
    assert {seal.changes[1].on.year for seal in abolished} == {2019}
    assert all(change.witness for seal in abolished for change in seal.changes[1:])
    assert {seal.certificate_until for seal in abolished} == {None}
    assert sorted(seal.words for seal in shown if seal.state == SealState.IN_USE) == [
        "",
        "",
        "合同专用章",
        "行政审批专用章",
    ]
