"""The evaluation's fictional city, one step further: its lot is evaluated."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from govcore.db import Database
from govcore.platform import Platform

sys.path.insert(0, str(Path(__file__).parent.parent / "evaluation"))

from evaluated_city import City, SignIn, build, signing_in

from trading.evaluation.tasks import complete_one


@pytest.fixture
def city(platform: Platform, database: Database) -> City:
    """Bid 2 is ranked first, then 1 and 3; bid 4 was rejected and bid 5 never opened."""
    city = build(database)
    city.lock_all()
    complete_one(platform, city.lot_id)
    return city


@pytest.fixture
def sign_in(platform: Platform, city: City) -> Iterator[SignIn]:
    with signing_in(platform) as sign_in:
        yield sign_in
