"""A platform on which one organ has a certified seal, its manager and its keeper."""

from __future__ import annotations

import pytest
from seal_factories import Chancery, open_chancery

from govcore.platform import Platform


@pytest.fixture
def chancery(platform: Platform) -> Chancery:
    return open_chancery(platform)
