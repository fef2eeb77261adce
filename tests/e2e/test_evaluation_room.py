"""Five experts evaluate twelve bids in five browsers: come in, promise, elect, score by criterion, lock; one result."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from chromium import chromium
from playwright.sync_api import Browser, Page
from running import bare_site
from sealing_page import serious_faults

sys.path.insert(0, str(Path(__file__).parents[1] / "trading" / "evaluation"))

from convening import LONG
from evaluated_city import EXPERTS, City, add_bids, build

from govcore import clock
from govcore.identity.sessions import open_session
from govcore.platform import Platform
from trading.committee import meeting
from trading.evaluation.queries import completed
from trading.evaluation.tasks import complete_one

BIDS = 12
PATIENCE_MS = 120_000
ROOM = "/evaluation/lot-1"
FULL = {"plan": 25, "safety": 15, "record": 10}


@dataclass(frozen=True, slots=True)
class Running:
    url: str
    platform: Platform
    city: City


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    """A site whose lot has twelve bids to score, and a committee whose session is open."""
    with bare_site(tmp_path) as bare:
        database = bare.platform.db
        city = build(database)
        add_bids(database, BIDS - 3)
        city.appoint()
        with database.transaction() as tx:
            at = clock.now(tx)
            meeting.open_session(
                tx, city.lot_id, room_id=None, ends_at=at + LONG, actor=city.actor("centre"), at=at
            )
        bare.site.start("web")
        yield Running(bare.url, bare.platform, city)


def test_five_experts_evaluate_twelve_bids_in_five_browsers(running: Running) -> None:
    with chromium() as browser:
        pages = [enter(running, browser, n) for n in range(len(EXPERTS))]
        faults = [serious_faults(pages[0])]
        for page in pages[:3]:
            page.check("#v-2")
            page.click("form[action$='/session/vote'] button[type=submit]")
        for n, page in enumerate(pages):
            score(running, page, n)
        faults += [serious_faults(page) for page in pages[:2]]
        for page in pages:
            page.click(f"a[href='{ROOM}/lock']")
            page.click(f"form[action='{ROOM}/lock'] button[type=submit]")
            page.wait_for_url(f"**{ROOM}")

    assert faults == [[], [], []]
    assert complete_one(running.platform, "lot-1")
    with running.platform.db.read() as tx:
        found = completed(tx, "lot-1", actor=running.city.actor("tenderer"))
    assert sorted(outcome.rank for outcome in found.outcomes if outcome.rank) == list(range(1, BIDS + 1))
    assert [len(sheet.marks) for sheet in found.sheets] == [BIDS] * len(EXPERTS)


def enter(running: Running, browser: Browser, n: int) -> Page:
    """A browser of its own, in one of both languages and widths, signed in to the session and bound by the promise."""
    context = browser.new_context(viewport={"width": (1280, 360)[n % 2], "height": 900})
    context.set_default_timeout(PATIENCE_MS)
    with running.platform.db.transaction() as tx:
        token = open_session(tx, user_id=EXPERTS[n], at=clock.now(tx), strong=True)
    cookies = {"lang": ("zh_CN", "en")[n % 2], "session": token}
    context.add_cookies([{"name": name, "value": one, "url": running.url} for name, one in cookies.items()])
    page = context.new_page()
    page.goto(f"{running.url}{ROOM}")
    page.wait_for_url("**/session")  # before the sign-in nothing of the sheet is shown
    page.click("form[action$='/session/sign-in'] button")
    page.click("form[action$='/session/promise'] button")
    page.wait_for_selector("form[action$='/session/vote']")
    return page


def score(running: Running, page: Page, n: int) -> None:
    """One criterion after the other across all bids; a member differs by tenths from the next, a bid by points."""
    for item, most in FULL.items():
        page.goto(f"{running.url}{ROOM}?item={item}")
        fields = page.locator("[data-entries] input[data-bid]")
        for place in range(BIDS):
            fields.nth(place).fill(f"{most - 1 - place * 0.5 - n * 0.1:.2f}")
        with page.expect_navigation():
            page.click("[data-entries] button[type=submit]")
