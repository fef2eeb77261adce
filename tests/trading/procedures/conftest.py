"""Whole procedures under lawful rule sets, whose gate and witness run apart as the gate's tests have them."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "gate"))

from player import beijing


@pytest.fixture
def since() -> datetime:
    """The platform was there when the year began that the procedures are played in."""
    return beijing("2026-01-01T00:00")
