"""The fictional city of the evaluation's tests, with an opened lot that has no committee yet."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "evaluation"))
from evaluated_city import City, SignIn, build, signing_in

from govcore.db import Database
from govcore.platform import Platform


@pytest.fixture
def city(database: Database) -> City:
    return build(database)


@pytest.fixture
def purchase(database: Database) -> City:
    """The same as a government purchase."""
    return build(database, rule_set="gp-2026")


@pytest.fixture
def sign_in(platform: Platform, city: City) -> Iterator[SignIn]:
    with signing_in(platform) as sign_in:
        yield sign_in
