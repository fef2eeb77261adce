"""The scene of the bidding's and the opening's tests, over HTTP in this process, on each database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from litestar.testing import TestClient
from scene import Scene, build

from govcore.platform import Platform
from govcore.web.app import create_app


@pytest.fixture
def scene(platform: Platform, tmp_path: Path) -> Iterator[Scene]:
    """Two lots of one tender, open for bids for an hour, with everybody who takes part."""
    with TestClient(create_app(platform), base_url="http://site.example") as http:
        yield build(platform, http, tmp_path / "scene")
