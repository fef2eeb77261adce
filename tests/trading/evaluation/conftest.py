"""The fictional city of the evaluation's and the award's tests."""

from __future__ import annotations

import pytest
from evaluated_city import City, build

from govcore.db import Database


@pytest.fixture
def city(database: Database) -> City:
    return build(database)
