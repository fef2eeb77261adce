"""One opening in two real browser windows: both show the same at once; the keyboard alone objects and answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from litestar.testing import TestClient
from playwright.sync_api import Page, expect, sync_playwright
from running import bare_site
from scene import Scene, build
from sqlalchemy import delete

from govcore.identity.models import SignInSession
from govcore.identity.sessions import token_hash
from govcore.web.app import create_app

FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")
PATIENCE_MS = 60_000


@dataclass(frozen=True, slots=True)
class Hall:
    """A running site that browsers look at, and the scene that acts in this process, whose clock can be moved."""

    url: str
    scene: Scene


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """Three sealed bids on a running site."""
    folder = tmp_path_factory.mktemp("hall")
    with (
        bare_site(folder) as bare,
        TestClient(create_app(bare.platform), base_url=bare.url) as http,
    ):
        bare.site.start("web")
        scene = build(bare.platform, http, folder / "scene", lots=1)
        scene.submit_all()
        yield Hall(bare.url, scene)


@pytest.fixture
def windows(hall: Hall) -> Iterator[dict[str, Page]]:
    """The hall of the lot as a bidder and as the agency see it, each in a browser of its own."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path="/usr/bin/chromium", args=list(FLAGS))
        pages = {}
        for person in ("bidder-2", "agency"):
            context = browser.new_context(viewport={"width": 1280, "height": 900})
            context.set_default_timeout(PATIENCE_MS)
            cookie = {"name": "session", "value": hall.scene.city.tokens[person], "url": hall.url}
            context.add_cookies([cookie])
            pages[person] = context.new_page()
            pages[person].goto(f"{hall.url}/lots/{hall.scene.lot}/opening")
        yield pages
        browser.close()


def see(windows: dict[str, Page], fact: str) -> str:
    """Wait until both windows show a fact; the table and the history, which must be the same in both."""
    shown = []
    for page in windows.values():
        page.locator(f'[data-fact^="{fact}"]').first.wait_for()
    for block in ("bids", "history", "objections", "attendance"):
        texts = [page.locator(f'[data-block="{block}"]').inner_text() for page in windows.values()]
        assert texts[0] == texts[1]
        shown.append(texts[0])
    return "\n".join(shown)


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_two_windows_show_one_opening_and_the_keyboard_is_enough(
    hall: Hall, windows: dict[str, Page]
) -> None:
    scene = hall.scene
    expect.set_options(timeout=PATIENCE_MS)
    bidder, agency = windows["bidder-2"], windows["agency"]
    assert [page.locator("table").count() for page in windows.values()] == [0, 0]

    scene.close()
    assert "东坝河工集团有限公司" in see(windows, "bid-3-sealed")
    sign_in = bidder.get_by_role("button", name="签到")
    sign_in.focus()
    press(bidder, "Enter")
    assert "东坝河工集团有限公司" in see(windows, "attendee-1")

    scene.check_seals()
    scene.release(1, 3)
    assert scene.open_gate()
    scene.read_out()
    assert "玖佰玖拾万元整" in see(windows, "bid-2-opened")
    fresh = agency.locator('[data-block="bids"] .fresh')
    assert fresh.count() == 3

    bidder.get_by_label("异议内容").focus()
    bidder.keyboard.type("请说明工期的计算。")
    press(bidder, "Tab", "Enter")
    assert "请说明工期的计算。" in see(windows, "objection-")
    agency.get_by_label("答复").focus()
    agency.keyboard.type("自开工令之日起算。")
    press(agency, "Tab", "Enter")
    bidder.get_by_text("自开工令之日起算。").wait_for()
    assert "自开工令之日起算。" in see(windows, "fact-12")

    bidder.get_by_role("button", name="确认本单位的唱标内容").focus()
    press(bidder, "Enter")
    see(windows, "confirmed-2")
    scene.write_record()
    assert "开标记录已生成" in see(windows, "record")

    with scene.platform.db.transaction() as tx:
        ended = token_hash(scene.city.tokens["agency"])
        tx.execute(delete(SignInSession).where(SignInSession.token_sha256 == ended))
    agency.locator(".ended-note").wait_for()
    expect(bidder.locator(".ended-note")).to_be_hidden()
