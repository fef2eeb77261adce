"""Five experts evaluate twelve sealed bids in five browsers: they read the documents, score by criterion, lock.

The bids were sealed, submitted and opened by their custodians, so what the room shows is decrypted from the store.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from chromium import chromium
from playwright.sync_api import Browser, Locator, Page, expect
from pypdf import PdfReader
from running import bare_site
from scene_city import EXPERTS
from sealed_room import ITEMS, MAKER, Room, prepare, scanned_pdf, small_pdf
from sealing_page import serious_faults

from govcore import clock
from govcore.identity.queries import actor_of_user
from govcore.identity.sessions import open_session
from govcore.platform import Platform
from trading.evaluation.queries import completed
from trading.evaluation.tasks import complete_one

BIDS = 12
SCANS = 36
"""Pages of the first bid's deeds: with a picture each, 60 MB together."""

PATIENCE_MS = 120_000


@dataclass(frozen=True, slots=True)
class Running:
    url: str
    platform: Platform
    room: Room

    @property
    def sheet(self) -> str:
        return f"/evaluation/{self.room.lot}"


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    """A site whose lot has twelve opened bids to score, and a committee whose session is open."""
    deeds = {1: scanned_pdf("Deeds", tmp_path, pages=SCANS)}
    with bare_site(tmp_path) as bare:
        room = prepare(
            bare.platform,
            tmp_path / "scene",
            bids=BIDS,
            pages_of=lambda n: deeds.get(n) or small_pdf(f"Deeds {n}", pages=3),
        )
        bare.site.start("web")
        yield Running(bare.url, bare.platform, room)


def test_five_experts_evaluate_twelve_bids_in_five_browsers(running: Running) -> None:
    with chromium() as browser:
        pages = [enter(running, browser, n) for n in range(len(EXPERTS))]
        faults = [serious_faults(pages[0])]
        for page in pages[:3]:
            page.check("#v-2")
            page.click("form[action$='/session/vote'] button[type=submit]")
        faults.append(compare_documents(running, pages[0]))
        faults.append(read_blind(running, pages[1]))
        for n, page in enumerate(pages):
            score(running, page, n)
        faults += [serious_faults(page) for page in pages[:2]]
        for page in pages:
            page.click(f"a[href='{running.sheet}/lock']")
            page.click(f"form[action='{running.sheet}/lock'] button[type=submit]")
            page.wait_for_url(f"**{running.sheet}")

    assert faults == [[]] * 5
    assert complete_one(running.platform, running.room.lot)
    with running.platform.db.read() as tx:
        found = completed(tx, running.room.lot, actor=actor_of_user(tx, "tenderer"))
    assert sorted(outcome.rank for outcome in found.outcomes if outcome.rank) == list(range(1, BIDS + 1))
    assert [len(sheet.marks) for sheet in found.sheets] == [BIDS] * len(EXPERTS)


def compare_documents(running: Running, page: Page) -> list[str]:
    """From the list of opened parts to two bids' documents beside each other; what axe finds there."""
    first, second = running.room.bids[:2]
    page.goto(f"{running.url}{running.sheet}/reading")
    page.click(f"a[href*='bid={first}&part=deeds']")
    page.click("#files a >> nth=0")
    page.wait_for_selector("[data-pdf] >> nth=0")
    page.select_option("#b", f"{second}.deeds")
    page.click("form[action$='/reading/view'] button")
    large, small = page.locator(f"[data-pdf*='{first}']"), page.locator(f"[data-pdf*='{second}']")
    shows(large, 1, f"Deeds, page 1 of {SCANS}")
    shows(small, 1, "Deeds 2, page 1 of 3")
    small.locator("[data-turn='1']").click()  # both turn
    shows(small, 2, "Deeds 2, page 2 of 3")
    shows(large, 2, f"Deeds, page 2 of {SCANS}")
    large.locator("summary").click()
    large.get_by_role("button", name="Deeds, chapter 20", exact=True).click()
    shows(large, 20, f"Deeds, page 20 of {SCANS}")
    shows(small, 3, "Deeds 2, page 3 of 3")
    return serious_faults(page)


def shows(pane: Locator, number: int, text: str) -> None:
    """The pane has drawn this page, and says to screen readers what stands on it."""
    expect(pane).to_have_attribute("data-ready", str(number), timeout=PATIENCE_MS)
    assert (pane.locator("[data-text]").text_content() or "").strip() == text


def read_blind(running: Running, page: Page) -> list[str]:
    """The plan of a bid whose bidder nobody may know yet: its pages and nothing else of it; what axe finds there."""
    page.goto(f"{running.url}{running.sheet}/reading/view?a={running.room.bids[0]}.technical")
    pane = page.locator("[data-pdf]")
    shows(pane, 1, "Plan 1, page 1 of 2")
    told = page.content()
    copy = page.request.get(f"{running.url}{pane.get_attribute('data-pdf')}").body()
    read = PdfReader(io.BytesIO(copy))

    assert [name for name in running.room.names if name in told] == []
    assert MAKER.encode() not in copy
    assert (read.metadata, read.outline) == (None, [])
    assert [one.extract_text().strip() for one in read.pages] == [
        "Plan 1, page 1 of 2",
        "Plan 1, page 2 of 2",
    ]
    return serious_faults(page)


def enter(running: Running, browser: Browser, n: int) -> Page:
    """A browser of its own, in one of both languages and widths, signed in to the session and bound by the promise."""
    context = browser.new_context(viewport={"width": (1280, 360)[n % 2], "height": 900})
    context.set_default_timeout(PATIENCE_MS)
    with running.platform.db.transaction() as tx:
        token = open_session(tx, user_id=EXPERTS[n], at=clock.now(tx), strong=True)
    cookies = {"lang": ("zh_CN", "en")[n % 2], "session": token}
    context.add_cookies([{"name": name, "value": one, "url": running.url} for name, one in cookies.items()])
    page = context.new_page()
    page.goto(f"{running.url}{running.sheet}")
    page.wait_for_url("**/session")  # before the sign-in nothing of the sheet is shown
    page.click("form[action$='/session/sign-in'] button")
    page.click("form[action$='/session/promise'] button")
    page.wait_for_selector("form[action$='/session/vote']")
    return page


def score(running: Running, page: Page, n: int) -> None:
    """One criterion after the other across all bids; a member differs by tenths from the next, a bid by points."""
    for item, most in ITEMS.items():
        page.goto(f"{running.url}{running.sheet}?item={item}")
        fields = page.locator("[data-entries] input[data-bid]")
        for place in range(BIDS):
            fields.nth(place).fill(f"{most - 1 - place * 0.5 - n * 0.1:.2f}")
        with page.expect_navigation():
            page.click("[data-entries] button[type=submit]")
