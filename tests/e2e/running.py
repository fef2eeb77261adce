"""A running site with a published tender, for tests that look at it through a browser."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import httpx
import pytest
from mortal import Site
from playwright.sync_api import Browser, BrowserContext
from scene import Scene, build
from scene_city import PART_LIMIT

from govcore.platform import Platform
from govcore.settings import Settings
from govcore.setup import migrate
from trading.demo.processes import free_port


@dataclass(frozen=True, slots=True)
class Shown:
    url: str
    scene: Scene
    site: Site

    def visit(
        self, browser: Browser, person: str | None, *, language: str, width: int = 1280
    ) -> BrowserContext:
        """A browser of its own in which this person is signed in; None is whoever has no account."""
        context = browser.new_context(viewport={"width": width, "height": 900})
        self.sign_in(context, person, language=language)
        return context

    def sign_in(self, context: BrowserContext, person: str | None, *, language: str) -> None:
        context.set_default_timeout(120_000)  # on a busy machine a wait is long, never wrong
        cookies = {"lang": language} | ({"session": self.scene.city.tokens[person]} if person else {})
        context.add_cookies([{"name": n, "value": v, "url": self.url} for n, v in cookies.items()])


@dataclass(frozen=True, slots=True)
class Bare:
    """A founded platform, and the site over it of which no process runs yet."""

    url: str
    platform: Platform
    site: Site


@contextmanager
def bare_site(folder: Path, **variables: str) -> Iterator[Bare]:
    """A site of its own in `folder`, with these variables in its environment; its processes end with the block."""
    port = free_port()
    environ = {
        "PATH": "/usr/bin:/bin",
        "TRADING_DATA": str(folder / "data"),
        "TRADING_DEMO": "1",
        "TRADING_LOG_INTERVAL": "1",
        "TRADING_PORT": str(port),
        **variables,
    }
    settings = Settings.from_environ(environ)
    if "TRADING_DATABASE_URL" in variables:
        migrate(settings)
    else:
        shutil.copytree(_founded(), settings.data)
    platform = Platform.open(settings)
    url = f"http://127.0.0.1:{port}"
    site = Site(environ, url, folder / "site")
    try:
        yield Bare(url, platform, site)
    finally:
        site.stop()
        platform.db.dispose()


@cache
def _founded() -> Path:
    """The data of a site that nobody has used yet: migrated once, copied for each site."""
    folder = Path(tempfile.mkdtemp(prefix="founded-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    migrate(Settings.from_environ({"TRADING_DATA": str(folder), "TRADING_DEMO": "1"}))
    return folder


@contextmanager
def running_site(folder: Path, *, part_limit: int = PART_LIMIT, **variables: str) -> Iterator[Shown]:
    """Start a web process over a published tender; it ends with the block. Parts may be `part_limit` bytes long.

    `variables` are added to the environment of the process.
    """
    with bare_site(folder, **variables) as bare, httpx.Client(base_url=bare.url, timeout=60) as http:
        bare.site.start("web")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("scene_city.PART_LIMIT", part_limit)
            scene = build(bare.platform, http, folder / "scene")
        yield Shown(bare.url, scene, bare.site)
