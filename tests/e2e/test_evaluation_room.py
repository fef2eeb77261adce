"""Five experts evaluate twelve sealed bids in five browsers: they read the documents, score by criterion, lock, sign.

One signs with the key in its browser, one by command, three prove afresh who they are. The bids were sealed, submitted
and opened by their custodians, so what the room shows is decrypted from the store.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from chromium import chromium
from member_keys import Desk, exchange_key, make_key
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
from trading.evaluation.bundle_queries import kept_signed
from trading.evaluation.bundles import read
from trading.evaluation.queries import completed
from trading.evaluation.signature_checks import verify_signatures
from trading.evaluation.tasks import complete_one, end_one

BIDS = 12
SCANS = 36
"""Pages of the first bid's deeds: with a picture each, 60 MB together."""

PATIENCE_MS = 120_000

IN_BROWSER, BY_COMMAND = 1, 2
"""Which experts sign with keys of their own, and where."""

DISSENT = "对第二名的业绩认定有异议，理由见会议记录。"


@dataclass(frozen=True, slots=True)
class Running:
    url: str
    platform: Platform
    room: Room

    folder: Path

    @property
    def sheet(self) -> str:
        return f"/evaluation/{self.room.lot}"

    def session(self, user: str) -> str:
        """The token of a new session, freshly proven."""
        with self.platform.db.transaction() as tx:
            return open_session(tx, user_id=user, at=clock.now(tx), strong=True)

    def desk(self, user: str) -> Desk:
        return Desk.of(self.url, user, self.session(user), self.folder / user)


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
        offset: timedelta = bare.platform.db.info["clock_offset"]
        bare.site.environ["TRADING_CLOCK_OFFSET"] = str(offset.total_seconds())
        bare.site.start("web")
        yield Running(bare.url, bare.platform, room, tmp_path)


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
        desk = running.desk(EXPERTS[BY_COMMAND])
        for n, page in enumerate(pages):
            if n == IN_BROWSER:
                faults.append(lock_with_key(running, page, EXPERTS[n]))
            elif n == BY_COMMAND:
                lock_by_command(running, desk)
            else:
                page.goto(f"{running.url}{running.sheet}/lock")
                page.click(f"form[action='{running.sheet}/lock'] button[type=submit]")
                page.wait_for_url(f"**{running.sheet}")
        assert complete_one(running.platform, running.room.lot)
        report = pages[0].request.get(f"{running.url}{running.sheet}/report.pdf").body()
        sign_by_command(running, desk, report)
        for n, page in enumerate(pages):
            if n != BY_COMMAND:
                faults.append(sign_report(running, page, dissent=DISSENT if n == IN_BROWSER else ""))

    assert faults == [[]] * 10
    with running.platform.db.read() as tx:
        found = completed(tx, running.room.lot, actor=actor_of_user(tx, "tenderer"))
    assert sorted(outcome.rank for outcome in found.outcomes if outcome.rank) == list(range(1, BIDS + 1))
    assert [len(sheet.marks) for sheet in found.sheets] == [BIDS] * len(EXPERTS)
    assert signed_by_certificate(running) == {
        "seats": ["5"],
        "sheet_signed": ["m2", "m3"],
        "report_signed": ["m2", "m3"],
        "dissents": [DISSENT],
    }


def lock_with_key(running: Running, page: Page, user: str) -> list[str]:
    """With another person's key it is refused in words and nothing is locked; what axe finds on the page."""
    here = f"{running.url}{running.sheet}/lock"
    make_key(page, running.url)
    exchange_key(page, running.platform, user, owner="tenderer")
    page.goto(here)
    faults = serious_faults(page)
    page.click("[data-lock][data-ready] button[type=submit]")
    refused = page.locator("[data-state]", has_text="This is not signed with a certificate of yours.")
    expect(refused).to_contain_text("[E_SIGNER]", timeout=PATIENCE_MS)
    make_key(page, running.url)
    page.goto(here)
    page.click("[data-lock][data-ready] button[type=submit]")
    page.wait_for_url(f"**{running.sheet}")
    return faults


def lock_by_command(running: Running, desk: Desk) -> None:
    """Nothing is locked by whoever says no to what is shown, nor with another person's key."""
    lot = running.room.lot
    enrolled = desk.run("enrol")
    declined = desk.run("lock-sheet", lot, said="n\n")
    foreign = running.desk("tenderer")
    assert foreign.run("enrol").exit_code == 0
    wrong = desk.run("lock-sheet", lot, keys=str(foreign.folder / "keys"), said="y\n")
    locked = desk.run("lock-sheet", lot, said="y\n")

    assert [one.exit_code for one in (enrolled, declined, wrong, locked)] == [0, 1, 1, 0]
    assert [f"{bid}: " in locked.output for bid in running.room.bids] == [True] * BIDS
    assert "E_SIGNER" in wrong.output


def sign_by_command(running: Running, desk: Desk, report: bytes) -> None:
    """Only the file that the site means is signed."""
    mine, other = desk.folder / "report.pdf", desk.folder / "other.pdf"
    mine.write_bytes(report)
    other.write_bytes(report + b"\n")
    wrong, signed = (desk.run("sign-report", running.room.lot, str(file)) for file in (other, mine))

    assert (wrong.exit_code, "is not the report that the site asks you to sign" in wrong.output) == (1, True)
    assert (signed.exit_code, signed.output) == (0, f"signed: {hashlib.sha256(report).hexdigest()}\n")


def sign_report(running: Running, page: Page, *, dissent: str) -> list[str]:
    """On the page, with the key in the browser where there is one; what axe finds once it is signed."""
    page.goto(f"{running.url}{running.sheet}/sign")
    if page.locator("[data-report]").count():
        page.wait_for_selector("[data-report][data-ready]")
    page.fill("#dissent", dissent)
    page.click("main form button[type=submit]")
    page.wait_for_selector(".note-success")
    return serious_faults(page)


def signed_by_certificate(running: Running) -> dict[str, list[str]]:
    """What a stranger finds signed and right in the signed bundle, by its kind, and the dissents."""
    lot, platform = running.room.lot, running.platform
    assert end_one(platform, (lot, 1))
    with platform.db.read() as tx:
        [kept] = kept_signed(tx, lot)
    bundle = read(platform.store.get(kept.key))
    checks = [one for one in verify_signatures(bundle) if one.holds]
    said = [row["report"]["dissent"] for row in bundle["documents"]["signatures"]["members"]]
    kinds = ("seats", "sheet_signed", "report_signed")
    found = {kind: [one.about for one in checks if one.code == kind] for kind in kinds}
    return found | {"dissents": [one for one in said if one]}


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
    cookies = {"lang": ("zh_CN", "en")[n % 2], "session": running.session(EXPERTS[n])}
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
