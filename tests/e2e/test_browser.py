"""The pages in a real Chromium: both languages, wide and narrow, nothing broken and nothing sticking out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest
from chromium import chromium
from mortal import Site
from playwright.sync_api import Browser
from scene import Scene, build

from govcore.platform import Platform
from govcore.settings import Settings
from govcore.setup import migrate
from trading.demo.processes import free_port

WIDTHS = (1280, 360)
LANGUAGES = {"zh_CN": "zh-CN", "en": "en"}


@dataclass(frozen=True, slots=True)
class Shown:
    """A running site with bids for one of its two lots."""

    url: str
    scene: Scene

    def pages(self) -> list[tuple[str, str | None]]:
        """Addresses, and who looks at them."""
        lot, other = self.scene.city.lots
        public = ("/", "/notices", "/verify", "/verify/receipt", "/verify/log", "/sign-in")
        tender = (f"/tenders/{self.scene.city.tender_id}", f"/lots/{lot}/opening", f"/lots/{other}/opening")
        desks = ("agency", "tenderer", "centre", "regulator", "auditor", "expert-1", "bidder-1")
        return [
            *((path, None) for path in (*public, *tender)),
            *(("/desk", person) for person in desks),
            (f"/lots/{other}/bid", "bidder-1"),
            ("/inbox", "agency"),
            ("/account", "bidder-1"),
        ]


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    folder, port = tmp_path_factory.mktemp("browser"), free_port()
    environ = {
        "PATH": "/usr/bin:/bin",
        "TRADING_DATA": str(folder / "data"),
        "TRADING_DEMO": "1",
        "TRADING_LOG_INTERVAL": "1",
        "TRADING_PORT": str(port),
    }
    settings = Settings.from_environ(environ)
    migrate(settings)
    platform = Platform.open(settings)
    url = f"http://127.0.0.1:{port}"
    site = Site(environ, url, folder / "site")
    with httpx.Client(base_url=url, timeout=60) as http:
        try:
            site.start("web")
            scene = build(platform, http, folder / "scene")
            scene.submit_all()
            yield Shown(url, scene)
        finally:
            site.stop()
            platform.db.dispose()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_whole(shown: Shown, browser: Browser, language: str, width: int) -> None:
    faults: list[str] = []
    for path, person in shown.pages():
        context = browser.new_context(viewport={"width": width, "height": 900})
        cookies = {"lang": language}
        if person is not None:
            cookies["session"] = shown.scene.city.tokens[person]
        context.add_cookies([{"name": n, "value": v, "url": shown.url} for n, v in cookies.items()])
        page = context.new_page()
        where = f"{path} as {person}"
        page.on("pageerror", lambda error, where=where: faults.append(f"{where}: {error}"))
        page.on("console", lambda line, where=where: _note(faults, where, line.type, line.text))
        answer = page.goto(f"{shown.url}{path}")
        if answer is None or answer.status != 200:
            faults.append(f"{where}: {answer and answer.status}")
        if page.locator("h1").count() != 1:
            faults.append(f"{where}: not one heading")
        if page.locator("html").get_attribute("lang") != LANGUAGES[language]:
            faults.append(f"{where}: wrong language")
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            faults.append(f"{where}: wider than the window")
        context.close()

    assert faults == []


def _note(faults: list[str], where: str, kind: str, text: str) -> None:
    if kind == "error":
        faults.append(f"{where}: {text}")


def test_a_person_signs_in_with_the_keyboard_alone(shown: Shown, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    context.add_cookies([{"name": "lang", "value": "en", "url": shown.url}])
    page.goto(f"{shown.url}/sign-in")

    page.locator("input[name=login]").focus()
    page.keyboard.type("nobody")
    page.keyboard.press("Tab")
    page.keyboard.type("not the password")
    with page.expect_navigation():
        page.keyboard.press("Enter")

    assert "The name or the password is not right." in page.inner_text("main")
    context.close()
