"""The evaluation's fictional city under the rules of the law: its bids bind until 21 February 2027."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from govcore.db import Database
from govcore.platform import Platform

sys.path.insert(0, str(Path(__file__).parent.parent / "evaluation"))

from evaluated_city import City, SignIn, build, signing_in


@pytest.fixture
def city(database: Database) -> City:
    return build(database, rule_set="tb-2026")


@pytest.fixture
def sign_in(platform: Platform, city: City) -> Iterator[SignIn]:
    with signing_in(platform) as sign_in:
        yield sign_in
