"""The scene of the bidding's and the opening's tests, over HTTP in this process, on each database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

import msgspec
import platforms
import pytest
import scene_copies
from apps import app_for
from copies import Rest, Stages, Steps
from litestar.testing import TestClient
from scene import Scene
from scene_copies import SITE, Resting, Sealed, play, play_on

from govcore.module import Registry
from govcore.platform import Platform
from trading.tender.schemas import TenderContent


class Build(Protocol):
    """Makes a scene of one lot whose tender has another content than usual, as far as these steps play it."""

    def __call__(self, content: TenderContent, steps: scene_copies.Steps | None = None) -> Scene: ...


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
        databases = request.getfixturevalue(f"{backend}_databases")

        def published(content: TenderContent) -> Resting:
            key = (backend, msgspec.json.encode(content))
            if key not in stages:
                folder = tmp_path_factory.mktemp("content")
                stages[key] = play(databases(True), folder, lots=1, content=content)
            rest: Resting = stages[key]
            return rest

        def played(content: TenderContent, steps: scene_copies.Steps) -> Resting:
            key = (backend, msgspec.json.encode(content), steps)
            if key not in stages:
                before = published(content)
                folder = tmp_path_factory.mktemp("steps")
                stages[key] = play_on(before, databases(before.url), folder, steps)
            rest: Resting = stages[key]
            return rest

        def build(content: TenderContent, steps: scene_copies.Steps | None = None) -> Scene:
            rest = played(content, steps) if steps else published(content)
            platform = rest.wake(platforms.settings_for(make_database(rest.url), tmp_path / "data"))
            stack.callback(platform.db.dispose)
            http = stack.enter_context(TestClient(app_for(platform), base_url=SITE))
            folder = tmp_path / "scene"
            scene = Scene(platform, http, folder, rest.people(), rest.sealed_in(folder))
            scene.keep_signed_in()
            return scene

        yield build


def wait(scene: Scene) -> Sealed:
    sealed = scene.submit_all()
    scene.close()
    assert scene.check_seals() == []
    return sealed


@pytest.fixture
def further() -> dict[str, scene_copies.Steps]:
    """How the scene is played on, once, for tests that ask for a fixture of this name; a module names its own."""
    return {}


@pytest.fixture
def resting(
    request: pytest.FixtureRequest,
    resting: Rest,
    stages: Stages,
    backend: str,
    beginnings: dict[str, Steps],
    further: dict[str, scene_copies.Steps],
    tmp_path_factory: pytest.TempPathFactory,
) -> Rest | Resting:
    """For a test that asks for `scene` the published tender, played on for its other fixtures."""
    wanted = set(request.fixturenames)
    if "scene" not in wanted or "scene_of" in wanted or wanted & beginnings.keys():
        return resting
    databases = request.getfixturevalue(f"{backend}_databases")
    if (backend, "published") not in stages:
        stages[backend, "published"] = play(databases(True), tmp_path_factory.mktemp("published"))
    published: Resting = stages[backend, "published"]
    known = further | {"waiting": wait, "sealed": Scene.submit_all}
    steps = next((steps for name, steps in known.items() if name in wanted), None)
    if steps is None:
        return published
    if (backend, steps) not in stages:
        folder = tmp_path_factory.mktemp("further")
        stages[backend, steps] = play_on(published, databases(published.url), folder, steps)
    played: Resting = stages[backend, steps]
    return played


@pytest.fixture
def scene(platform: Platform, resting: Resting, tmp_path: Path) -> Iterator[Scene]:
    """Two lots of one tender, open for bids for an hour, with everybody who takes part."""
    with TestClient(app_for(platform), base_url=SITE) as http:
        folder = tmp_path / "scene"
        scene = Scene(platform, http, folder, resting.people(), resting.sealed_in(folder))
        scene.keep_signed_in()
        yield scene


@pytest.fixture
def sealed(scene: Scene) -> Sealed:
    """Three bids for the first lot, not closed yet."""
    return scene.sealed


@pytest.fixture
def waiting(scene: Scene) -> Sealed:
    """The lot is closed, the seals were checked, the store is in order: custodians may release."""
    return scene.sealed
