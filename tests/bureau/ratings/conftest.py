from __future__ import annotations

import pytest
from rating_city import City, found

from govcore.platform import Platform


@pytest.fixture
def city(platform: Platform) -> City:
    return found(platform)
