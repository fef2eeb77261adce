"""A member of the committee reads two bids beside each other and votes on them, with the keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import msgspec
import pytest
from browser_town import press
from chromium import chromium
from litestar.testing import TestClient
from playwright.sync_api import Browser, BrowserContext, Page
from running import Shown, bare_site
from scene import build
from scene_city import BIDDERS, EXPERTS, ordinary_content
from scene_committee import seat
from sealing_page import serious_faults

from govcore.pdf.blocks import paragraph, title
from govcore.pdf.document import render
from govcore.web.app import create_app
from trading.tender.criteria import Gate
from trading.tender.schemas import TenderContent

LINES = 60  # more than a page holds
REASON = "资质证书已过有效期，见商务部分第 3 页。"
PAINTED = """canvas => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return new Set(new Uint32Array(data.buffer)).size;
}"""


def gated() -> TenderContent:
    gates = [
        Gate(id="licence", label="安全生产许可证有效", article="招标文件第三章 2.1", kind="qualification"),
        Gate(id="period", label="工期不超过 180 日历天", article="招标文件第三章 2.3"),
    ]
    return msgspec.structs.replace(ordinary_content(), gates=gates)


def plan_of(bidder: str) -> bytes:
    """A plan of two pages that names its bidder on both."""
    lines = [f"{bidder} 施工组织设计 第 {n} 条" for n in range(1, LINES + 1)]
    return render([*title("施工组织设计"), *(paragraph(line) for line in lines)], title="施工组织设计")


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    """A site on which three bids are opened and the committee meets."""
    folder = tmp_path_factory.mktemp("committee")
    with bare_site(folder) as bare, TestClient(create_app(bare.platform), base_url=bare.url) as http:
        scene = build(bare.platform, http, folder / "scene", lots=1, content=gated())
        for n, bidder in enumerate(BIDDERS[:3], 1):
            plan = folder / f"{bidder}.pdf"
            plan.write_bytes(plan_of(bidder))
            price = 10_000_000_00 - n * 100_000_00
            scene.submit(bidder, scene.seal(bidder, price_fen=price, files=[("施工组织设计.pdf", plan)]))
        scene.open_all()
        seat(scene, scene.lot)
        offset: timedelta = bare.platform.db.info["clock_offset"]
        bare.site.environ["TRADING_CLOCK_OFFSET"] = str(offset.total_seconds())
        bare.site.start("web")
        yield Shown(bare.url, scene, bare.site)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture
def member(shown: Shown, browser: Browser) -> Iterator[BrowserContext]:
    context = shown.visit(browser, EXPERTS[1], language="zh_CN")
    yield context
    context.close()


def texts(page: Page) -> list[str]:
    """What stands on the page that each pane shows, for whoever does not see it."""
    return [text.replace(" ", "") for text in page.locator("[data-text]").all_inner_texts()]


def at_page(page: Page, number: int) -> None:
    """Wait until both panes have drawn this page."""
    for pane in page.locator("[data-pdf]").all():
        pane.and_(page.locator(f"[data-ready='{number}']")).wait_for()


def test_a_member_reads_two_bids_beside_each_other_and_turns_them_together(
    shown: Shown, member: BrowserContext
) -> None:
    first, second, _ = sorted(shown.scene.hall()["bids"], key=lambda bid: str(bid["number"]))
    page = member.new_page()
    page.goto(f"{shown.url}/evaluation/{shown.scene.lot}/reading/view?a={first['bid_id']}.technical.1")
    page.locator("#b").select_option(f"{second['bid_id']}.technical")
    page.locator("main form button[type=submit]").first.press("Enter")
    page.wait_for_url("**b=**")

    at_page(page, 1)
    painted = [canvas.evaluate(PAINTED) for canvas in page.locator("canvas").all()]
    beginnings = texts(page)
    faults = serious_faults(page)
    page.locator("[data-pdf]").first.press("PageDown")
    at_page(page, 2)
    ends = texts(page)

    bidders = [bidder.replace(" ", "") for bidder in BIDDERS[:2]]
    assert [bidder in text for bidder, text in zip(bidders, beginnings, strict=True)] == [True, True]
    assert [bidder in text for bidder, text in zip(reversed(bidders), beginnings, strict=True)] == [
        False,
        False,
    ]
    assert [f"第{LINES}条" in text for text in (*beginnings, *ends)] == [False, False, True, True]
    assert min(painted) > 2  # more than paper and ink: letters with smooth edges
    assert faults == []


def say(page: Page, gate: str, key: str) -> None:
    """Reach a gate's choice with Tab; the space bar says that the bid passes, the arrow that it fails."""
    for _ in range(60):
        if page.evaluate("document.activeElement.name") == f"passed-{gate}":
            page.keyboard.press(key)
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the choice of {gate} cannot be reached with Tab")


@pytest.mark.parametrize("width", [1280, 360])
def test_a_member_votes_with_the_keyboard_and_is_told_what_is_missing(
    shown: Shown, browser: Browser, width: int
) -> None:
    member = {1280: EXPERTS[1], 360: EXPERTS[2]}[width]
    language = {1280: "zh_CN", 360: "en"}[width]
    context = shown.visit(browser, member, language=language, width=width)
    page, here = context.new_page(), f"/review/{shown.scene.lot}"
    save = "form:has(#reason-licence) button[type=submit]"
    page.goto(f"{shown.url}{here}")
    faults = serious_faults(page)
    press(page, "main p a.btn-primary")
    page.wait_for_url("**/bids/*")
    ballot = page.url
    faults += serious_faults(page)

    say(page, "licence", "ArrowDown")
    say(page, "period", "Space")
    press(page, save)
    page.wait_for_selector(".error-summary")
    faults += serious_faults(page)
    press(page, ".error-summary a")
    page.keyboard.type(REASON)
    press(page, save)
    page.wait_for_url(lambda url: url.partition("#")[0] != ballot)  # the next bid
    page.goto(ballot)
    kept = page.input_value("#reason-licence")
    chosen = [page.is_checked(f"#passed-{one}") for one in ("licence-no", "period-yes")]
    wider = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    context.close()

    assert (kept, chosen) == (REASON, [True, True])
    assert wider is False
    assert faults == []


def test_every_page_of_the_review_is_accessible(shown: Shown, browser: Browser) -> None:
    lot, bid = shown.scene.lot, shown.scene.hall()["bids"][0]["bid_id"]
    of_a_bid = [f"/review/{lot}/bids/{bid}/{page}" for page in ("ask", "correction", "price")]
    visits = {EXPERTS[0]: [f"/review/{lot}/close", *of_a_bid], BIDDERS[0]: ["/review/requests"]}
    found = []
    for person, paths in visits.items():
        context = shown.visit(browser, person, language="zh_CN", width=360)
        page = context.new_page()
        for path in paths:
            answer = page.goto(f"{shown.url}{path}")
            wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
            found.append((path, answer and answer.status, wide, serious_faults(page)))
        context.close()

    assert found == [(path, 200, False, []) for paths in visits.values() for path in paths]
