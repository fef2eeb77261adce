"""A lot whose time gate and witness run apart: played once, copied for every test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import platforms
import pytest
from guarding import Guarded, guard
from scene_copies import Resting

from govcore.module import Registry
from govcore.platform import Platform


@pytest.fixture
def resting(
    request: pytest.FixtureRequest,
    stages: dict[tuple[str, str], Resting],
    backend: str,
    registry: Registry,
    tmp_path_factory: pytest.TempPathFactory,
) -> Resting:
    """The published lot, or the lot with three bids where the test asks for `bids`."""
    stage = (backend, "bids" if "bids" in request.fixturenames else "guarded")
    if stage not in stages:
        home = tmp_path_factory.mktemp(stage[1])
        url = request.getfixturevalue(f"{backend}_databases")(True)
        platform = platforms.found(platforms.settings_for(url, home / "data"))
        with guard(platform, home) as guarded:
            if stage[1] == "bids":
                guarded.scene.submit_all()
        platform.db.dispose()
        stages[stage] = Resting(url, home / "data", home, guarded.scene.city, {})
    return stages[stage]


@pytest.fixture
def guarded(platform: Platform, resting: Resting, tmp_path: Path) -> Iterator[Guarded]:
    for part in ("gate", "witness"):
        shutil.copytree(resting.folder / part, tmp_path / part)
    with guard(platform, tmp_path, resting.people()) as found:
        yield found


@pytest.fixture
def bids(guarded: Guarded) -> None:
    """Three bids were submitted for the lot."""
