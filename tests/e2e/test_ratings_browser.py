"""Service ratings in a real Chromium: without JavaScript for who was served, whole and accessible for all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from chromium import chromium
from playwright.sync_api import Browser, Page
from running import bare_site
from sealing_page import serious_faults
from sqlalchemy import select

from bureau.ratings import demo, queries, service
from bureau.ratings.policy import Node
from bureau.ratings.schemas import NewService
from govcore import clock
from govcore.db import Tx
from govcore.identity import queries as identity
from govcore.identity.models import User
from govcore.identity.policy import Actor
from govcore.identity.sessions import open_session
from govcore.platform import Platform

WIDTHS = (1280, 360)


@dataclass(frozen=True, slots=True)
class Bureau:
    """The demo's bureau on a running site: its address, an assessor's session, a bad rating, slips of two services."""

    url: str
    session: str
    bad: str
    slips: dict[str, str]


@pytest.fixture(scope="module")
def bureau(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bureau]:
    with bare_site(tmp_path_factory.mktemp("ratings")) as bare:
        list(demo.furnish(bare.platform))
        bare.site.start("web")
        yield _prepared(bare.platform, bare.url)


def _person(tx: Tx, name: str) -> Actor:
    """The actor behind a user name of the demo."""
    user = tx.scalars(select(User).where(User.username == name)).one()
    return identity.actor_of_user(tx, user.id)


def _prepared(platform: Platform, url: str) -> Bureau:
    with platform.db.transaction() as tx:
        at = clock.now(tx)
        clerk, assessor = (_person(tx, name) for name in ("window-1", "assessor-1"))
        slips = {
            language: service.serve(
                tx, platform.keys, NewService(language, Node.ACCEPT, "食品经营许可"), actor=clerk, at=at
            )
            for language in ("zh_CN", "en")
        }
        bad = queries.bad_ratings(tx, actor=assessor, at=at, is_open=True)[0].id
        return Bureau(url, open_session(tx, user_id=assessor.user_id, at=at), bad, slips)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_who_was_served_rates_without_javascript(bureau: Bureau, browser: Browser, language: str) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 800}, java_script_enabled=False)
    context.add_cookies([{"name": "lang", "value": language, "url": bureau.url}])
    page = context.new_page()
    page.goto(f"{bureau.url}/rate/{bureau.slips[language]}?via=qr")

    assert page.locator("input[type=radio]:checked").count() == 0
    page.locator("button.btn-primary").click()
    assert page.locator(".error-summary a").get_attribute("href") == "#level"
    page.locator("input[name=level][value='2']").check()
    page.locator("textarea[name=words]").fill("两个窗口说法不一样")
    page.locator("button.btn-primary").click()
    page.wait_for_url(re.compile(r"/rate/\w{20}$"))

    assert page.locator("input[name=level]").count() == 0
    assert "两个窗口说法不一样" in page.inner_text("main")
    context.close()


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_every_page_of_ratings_is_whole_and_accessible(
    bureau: Bureau, browser: Browser, language: str
) -> None:
    paths = [
        "/ratings",
        "/ratings?year=2019",
        f"/rate/{bureau.slips[language]}",
        f"/bad-ratings/{bureau.bad}",
    ]
    faults: list[str] = []
    context = browser.new_context()
    cookies = {"lang": language, "session": bureau.session}
    page = context.new_page()
    for path in paths:
        context.clear_cookies()
        shown = {name: cookies[name] for name in cookies if name == "lang" or path.startswith("/bad")}
        context.add_cookies([{"name": n, "value": v, "url": bureau.url} for n, v in shown.items()])
        answer = page.goto(f"{bureau.url}{path}")
        faults += [] if answer is not None and answer.status == 200 else [f"{path}: {answer}"]
        faults += [f"{path}: {fault}" for fault in serious_faults(page)]
        faults += [f"{path} at {width}: {fault}" for width in WIDTHS for fault in _crooked(page, width)]
    context.close()

    assert faults == []


def _crooked(page: Page, width: int) -> list[str]:
    page.set_viewport_size({"width": width, "height": 900})
    wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    cut = page.evaluate(
        "[...document.querySelectorAll('svg text')].filter(t => t.getBoundingClientRect().right > innerWidth).length"
    )
    return ["wider than the window"] * wide + ["text of the chart is cut off"] * bool(cut)
