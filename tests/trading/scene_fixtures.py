"""The scene of the bidding's and the opening's tests, over HTTP in this process, on each database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

import msgspec
import platforms
import pytest
from apps import app_for
from copies import Rest, Steps
from copies import play as play_steps
from litestar.testing import TestClient
from scene import Scene
from scene_copies import SITE, Resting, Sealed, play, play_on

from govcore.module import Registry
from govcore.platform import Platform
from govcore.settings import Settings
from trading.tender.schemas import TenderContent


class Build(Protocol):
    """Makes a scene of one lot whose tender has another content than usual."""

    def __call__(self, content: TenderContent) -> Scene: ...


Stages = dict[tuple[str, str | bytes | Steps], Rest | Resting]


@pytest.fixture(scope="session")
def stages() -> Stages:
    """The scenes of this process at rest, by backend and how far they were played."""
    return {}


@pytest.fixture
def scene_of(
    request: pytest.FixtureRequest,
    stages: Stages,
    backend: str,
    registry: Registry,
    make_database: Callable[[bool | str], str],
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Build]:
    with ExitStack() as stack:

        def build(content: TenderContent) -> Scene:
            key = (backend, msgspec.json.encode(content))
            if key not in stages:
                url = request.getfixturevalue(f"{backend}_databases")(True)
                stages[key] = play(url, tmp_path_factory.mktemp("content"), lots=1, content=content)
            rest = stages[key]
            assert isinstance(rest, Resting)
            platform = rest.wake(platforms.settings_for(make_database(rest.url), tmp_path / "data"))
            stack.callback(platform.db.dispose)
            http = stack.enter_context(TestClient(app_for(platform), base_url=SITE))
            scene = Scene(platform, http, tmp_path / "scene", rest.people())
            scene.keep_signed_in()
            return scene

        yield build


@pytest.fixture
def beginnings() -> dict[str, Steps]:
    """What is played, once, before a test that asks for a fixture of this name; a directory names its own."""
    return {}


@pytest.fixture
def resting(
    request: pytest.FixtureRequest,
    stages: Stages,
    backend: str,
    registry: Registry,
    beginnings: dict[str, Steps],
    tmp_path_factory: pytest.TempPathFactory,
) -> Rest | Resting | None:
    """What the test's platform is a copy of; nothing for a test that begins with an empty platform."""
    wanted = set(request.fixturenames)
    for steps in (steps for name, steps in beginnings.items() if name in wanted):
        if (backend, steps) not in stages:
            url = request.getfixturevalue(f"{backend}_databases")(True)
            stages[backend, steps] = play_steps(steps, url, tmp_path_factory.mktemp("played"))
        return stages[backend, steps]
    if "scene" not in wanted or "scene_of" in wanted:
        return None
    databases = request.getfixturevalue(f"{backend}_databases")
    if (backend, "published") not in stages:
        stages[backend, "published"] = play(databases(True), tmp_path_factory.mktemp("published"))
    published = stages[backend, "published"]
    if "sealed" not in wanted:
        return published
    if (backend, "sealed") not in stages:
        folder = tmp_path_factory.mktemp("sealed")
        stages[backend, "sealed"] = play_on(published, databases(published.url), folder)
    return stages[backend, "sealed"]


@pytest.fixture
def database_url(make_database: Callable[[bool | str], str], resting: Rest | Resting | None) -> str:
    return make_database(resting.url if resting else True)


@pytest.fixture
def platform(settings: Settings, resting: Rest | Resting | None) -> Iterator[Platform]:
    platform = resting.wake(settings) if resting else platforms.found(settings)
    yield platform
    platform.db.dispose()


@pytest.fixture
def scene(platform: Platform, resting: Resting, tmp_path: Path) -> Iterator[Scene]:
    """Two lots of one tender, open for bids for an hour, with everybody who takes part."""
    with TestClient(app_for(platform), base_url=SITE) as http:
        scene = Scene(platform, http, tmp_path / "scene", resting.people())
        scene.keep_signed_in()
        yield scene


@pytest.fixture
def sealed(scene: Scene, resting: Resting) -> Sealed:
    """Three bids for the first lot, not closed yet."""
    return resting.sealed_in(scene.folder)


@pytest.fixture
def waiting(scene: Scene, sealed: Sealed) -> Sealed:
    """The lot is closed, the seals were checked, the store is in order: custodians may release."""
    scene.close()
    assert scene.check_seals() == []
    return sealed
