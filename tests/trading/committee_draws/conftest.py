"""Committees are drawn from the pool of the tests of experts, by the contributors of the tests of draws."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from scene import Scene

sys.path.insert(0, str(Path(__file__).parents[1] / "experts"))
sys.path.insert(0, str(Path(__file__).parents[1] / "draws"))
from committee_draw import CommitteeDraw


@pytest.fixture
def draw(scene: Scene) -> CommitteeDraw:
    """A lot whose tenderer has not said yet what its committee needs, and a pool of eight."""
    return CommitteeDraw(scene).with_pool()
