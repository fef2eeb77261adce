"""The fictional city of the evaluation's and the award's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from evaluated_city import City, SignIn, build, signing_in

from govcore.db import Database
from govcore.platform import Platform


@pytest.fixture
def city(database: Database) -> City:
    return build(database)


@pytest.fixture
def sign_in(platform: Platform, city: City) -> Iterator[SignIn]:
    with signing_in(platform) as sign_in:
        yield sign_in
