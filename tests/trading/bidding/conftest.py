"""A sealed and uploaded bid, on its way to be submitted."""

from __future__ import annotations

import pytest
from scene import Scene
from submissions import Ready, ready


@pytest.fixture
def mine(scene: Scene) -> Ready:
    """Bidder 1's bid for the first lot: uploaded, not submitted."""
    return ready(scene, "bidder-1")
