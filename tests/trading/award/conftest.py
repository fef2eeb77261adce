"""The evaluation's fictional city, one step further: its lot is evaluated."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from copies import Rest, Steps

from govcore.platform import Platform

sys.path.insert(0, str(Path(__file__).parent.parent / "evaluation"))

from award_steps import evaluated_purchase
from evaluated_city import City, SignIn, evaluated, signing_in


@pytest.fixture
def beginnings() -> dict[str, Steps]:
    return {"city": evaluated, "bought": evaluated_purchase}


@pytest.fixture
def city(platform: Platform, resting: Rest) -> City:
    """Bid 2 is ranked first, then 1 and 3; bid 4 was rejected and bid 5 never opened."""
    return replace(resting.kept, database=platform.db)


@pytest.fixture
def bought(platform: Platform, resting: Rest) -> City:
    """The purchase evaluated: bid 2 ranked first, then 1 and 3; bid 4 is not qualified."""
    return replace(resting.kept, database=platform.db)


@pytest.fixture
def sign_in(platform: Platform, city: City) -> Iterator[SignIn]:
    with signing_in(platform) as sign_in:
        yield sign_in
