"""The modules of the scene and of the sealed bids, for attacks on both."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "trading"))
sys.path.insert(0, str(Path(__file__).parent.parent / "bidding_docs"))

from collections.abc import Iterator

import pytest
from litestar.testing import TestClient
from scene import Scene, build

from bidding_docs.sealing import SealedBid
from govcore.platform import Platform
from govcore.web.app import create_app


@pytest.fixture
def scene(platform: Platform, tmp_path: Path) -> Iterator[Scene]:
    """Two lots of one tender, open for bids for an hour, with everybody who takes part."""
    with TestClient(create_app(platform), base_url="http://site.example") as http:
        yield build(platform, http, tmp_path / "scene")


@pytest.fixture
def sealed(scene: Scene) -> dict[str, SealedBid]:
    """Three bids for the first lot, not closed yet."""
    return scene.submit_all()


@pytest.fixture
def waiting(scene: Scene, sealed: dict[str, SealedBid]) -> dict[str, SealedBid]:
    """The lot is closed and its store is in order: custodians may release."""
    scene.close()
    assert scene.check_seals() == []
    return sealed
