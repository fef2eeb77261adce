"""A lot whose time gate and witness run apart."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from guarding import Guarded, guard

from govcore.platform import Platform


@pytest.fixture
def guarded(platform: Platform, tmp_path: Path) -> Iterator[Guarded]:
    with guard(platform, tmp_path) as found:
        yield found
