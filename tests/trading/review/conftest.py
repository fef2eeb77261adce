"""The evaluation's fictional city while its bids are reviewed: documents with two gates, a committee that meets."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from copies import Rest, Steps

from govcore.platform import Platform

sys.path.insert(0, str(Path(__file__).parent.parent / "evaluation"))

from evaluated_city import City, SignIn, signing_in
from reviewed_city import reviewing


def meeting(platform: Platform) -> City:
    return reviewing(platform.db)


@pytest.fixture
def beginnings() -> dict[str, Steps]:
    return {"city": meeting}


@pytest.fixture
def city(platform: Platform, resting: Rest) -> City:
    return replace(resting.kept, database=platform.db)


@pytest.fixture
def sign_in(platform: Platform, city: City) -> Iterator[SignIn]:
    with signing_in(platform) as sign_in:
        yield sign_in
