"""The fictional city of the evaluation's and the award's tests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import evaluated_city
import pytest
from copies import Rest, Steps
from evaluated_city import City, SignIn, build, signing_in

from govcore.platform import Platform


def opened(platform: Platform) -> City:
    return build(platform.db)


@pytest.fixture
def beginnings() -> dict[str, Steps]:
    return {"evaluated": evaluated_city.evaluated, "city": opened}


@pytest.fixture
def city(platform: Platform, resting: Rest) -> City:
    return replace(resting.kept, database=platform.db)


@pytest.fixture
def evaluated(city: City) -> City:
    """Bid 2 is ranked first, then 1 and 3; bid 4 was rejected and bid 5 never opened."""
    return city


@pytest.fixture
def sign_in(platform: Platform, city: City) -> Iterator[SignIn]:
    with signing_in(platform) as sign_in:
        yield sign_in
