"""The evaluation's fictional city while its bids are reviewed: documents with two gates, a committee that meets."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from govcore.db import Database
from govcore.platform import Platform

sys.path.insert(0, str(Path(__file__).parent.parent / "evaluation"))

from evaluated_city import City, SignIn, signing_in
from reviewed_city import reviewing


@pytest.fixture
def city(database: Database) -> City:
    return reviewing(database)


@pytest.fixture
def sign_in(platform: Platform, city: City) -> Iterator[SignIn]:
    with signing_in(platform) as sign_in:
        yield sign_in
