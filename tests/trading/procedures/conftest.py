"""Whole procedures under lawful rule sets, whose gate and witness run apart as the gate's tests have them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import platforms
import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "gate"))

from player import beijing

from govcore.platform import Platform
from govcore.settings import Settings


@pytest.fixture
def platform(settings: Settings) -> Iterator[Platform]:
    """A platform that was there when the year began that the procedures are played in."""
    platform = platforms.found(settings, since=beijing("2026-01-01T00:00"))
    yield platform
    platform.db.dispose()
