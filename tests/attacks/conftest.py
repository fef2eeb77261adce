"""The scene and the sealed bids, for attacks on both."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "trading"))
sys.path.insert(0, str(Path(__file__).parent.parent / "bidding_docs"))

from asking import site
from scene_fixtures import (
    further,
    resting,
    scene,
    scene_of,
    sealed,
    waiting,
)

__all__ = [
    "further",
    "resting",
    "scene",
    "scene_of",
    "sealed",
    "site",
    "waiting",
]
