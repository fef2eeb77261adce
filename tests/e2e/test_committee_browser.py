"""A member of the committee reads two bids beside each other and votes on them, with the keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import msgspec
import pytest
from browser_town import press, reach
from chromium import chromium
from litestar.testing import TestClient
from playwright.sync_api import Browser, BrowserContext, Page
from running import Shown, bare_site
from scene import Scene, build
from scene_city import BIDDERS, EXPERTS, ordinary_content
from scene_committee import seat
from sealing_page import serious_faults

from govcore import clock
from govcore.identity.queries import actor_of_user
from govcore.pdf.blocks import paragraph, title
from govcore.pdf.document import render
from govcore.web.app import create_app
from trading.review import service as review
from trading.review.queries import bids_left
from trading.review.service import Said
from trading.tender.criteria import Gate
from trading.tender.schemas import TenderContent

LINES = 60  # more than a page holds
REASON = "资质证书已过有效期，见商务部分第 3 页。"
QUESTION = "施工组织设计第 8 条与第 21 条的围堰高程不一致，以哪一处为准？"
ANSWER = "The level of article 8 holds; article 21 repeats it with a slip of the pen."
WEIGHED = "剩余两份投标报价接近，均低于最高投标限价。"
GO_ON = "The two prices are close to each other and below the market's."
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
    reach(page, f"[name=passed-{gate}]")
    page.keyboard.press(key)


def flaws(page: Page) -> list[object]:
    """What axe finds on the page as it is shown now, and whether it is wider than its window."""
    wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    return [*serious_faults(page), *(["wider than the window"] if wide else [])]


def send(page: Page) -> None:
    press(page, "main form button[type=submit]")


def write(page: Page, text: str) -> None:
    """Follow what the page says is missing to its field, and type there."""
    press(page, ".error-summary a")
    page.keyboard.type(text)


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
    faults = flaws(page)
    press(page, "main p a.btn-primary")
    page.wait_for_url("**/bids/*")
    ballot = page.url
    faults += flaws(page)

    say(page, "licence", "ArrowDown")
    say(page, "period", "Space")
    press(page, save)
    page.wait_for_selector(".error-summary")
    faults += flaws(page)
    write(page, REASON)
    press(page, save)
    page.wait_for_url(lambda url: url.partition("#")[0] != ballot)  # the next bid
    page.goto(ballot)
    kept = page.input_value("#reason-licence")
    chosen = [page.is_checked(f"#passed-{one}") for one in ("licence-no", "period-yes")]
    context.close()

    assert (kept, chosen) == (REASON, [True, True])
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
            found.append((path, answer and answer.status, flaws(page)))
        context.close()

    assert found == [(path, 200, []) for paths in visits.values() for path in paths]


def test_a_bidder_answers_what_the_leader_asks(shown: Shown, browser: Browser) -> None:
    shown.scene.keep_signed_in()
    bid = sorted(shown.scene.hall()["bids"], key=lambda one: str(one["number"]))[1]
    leaders = shown.visit(browser, EXPERTS[0], language="zh_CN")
    leader, ballot = leaders.new_page(), f"{shown.url}/review/{shown.scene.lot}/bids/{bid['bid_id']}"
    leader.goto(ballot)
    press(leader, "#asked a[href$='/ask']")
    leader.wait_for_url("**/ask")
    reach(leader, "#text")
    leader.keyboard.type(QUESTION)
    send(leader)
    leader.wait_for_url("**#asked")
    bidders = shown.visit(browser, BIDDERS[1], language="en", width=360)
    page = bidders.new_page()
    page.goto(f"{shown.url}/review/requests")
    faults = flaws(page)

    press(page, "main .rows a")
    page.wait_for_url("**/review/requests/*")
    faults += flaws(page)
    send(page)
    page.wait_for_selector(".error-summary a[href='#text']")
    faults += flaws(page)
    write(page, ANSWER)
    send(page)
    page.wait_for_selector(".error-summary a[href='#kept']")
    faults += flaws(page)
    press(page, ".error-summary a")
    page.keyboard.press("Space")
    send(page)
    page.wait_for_selector("main form", state="detached")
    faults += flaws(page)
    kept = page.locator("main .panel p:not(.muted)").all_inner_texts()
    leader.goto(ballot)
    faults += flaws(leader)
    read = leader.locator("#asked article p:not(.muted)").all_inner_texts()
    bidders.close()
    leaders.close()

    assert kept == [QUESTION, ANSWER]
    assert [text.strip() for text in read] == ["已答复", QUESTION, ANSWER]
    assert faults == []


def find_one_without_licence(scene: Scene) -> None:
    """Every member votes: the first bid fails, the two others pass."""
    with scene.platform.db.transaction() as tx:
        at, bids = clock.now(tx), sorted(bids_left(tx, scene.lot), key=lambda bid: bid.number)
        for member in EXPERTS:
            for bid in bids:
                said = [Said("licence", bid is not bids[0], REASON), Said("period", True)]
                actor = actor_of_user(tx, member)
                review.vote(tx, scene.lot, bid_id=bid.bid_id, said=said, actor=actor, at=at)


def test_the_committee_votes_on_whether_two_bids_still_compete(shown: Shown, browser: Browser) -> None:
    shown.scene.keep_signed_in()
    find_one_without_licence(shown.scene)
    leaders = shown.visit(browser, EXPERTS[0], language="zh_CN")
    leader, room = leaders.new_page(), f"{shown.url}/review/{shown.scene.lot}"
    leader.goto(room)
    press(leader, "main a[href$='/close']")
    leader.wait_for_url("**/close")
    faults = flaws(leader)
    send(leader)
    press(leader, "main a[href$='/competition']")
    leader.wait_for_url("**/competition")
    send(leader)
    leader.wait_for_selector(".error-summary a[href='#why']")
    faults += flaws(leader)
    write(leader, WEIGHED)
    send(leader)
    leader.wait_for_selector("[name=passed]")
    faults += flaws(leader)
    members = shown.visit(browser, EXPERTS[3], language="en", width=360)
    page = members.new_page()
    page.goto(room)
    faults += flaws(page)

    press(page, "main a[href$='/competition']")
    page.wait_for_url("**/competition")
    reach(page, "#reason")
    page.keyboard.type(GO_ON)
    send(page)
    page.wait_for_selector(".error-summary a[href='#passed']")
    faults += flaws(page)
    press(page, ".error-summary a")
    page.keyboard.press("Space")
    send(page)
    page.wait_for_selector("#why")  # asked for only of who has voted
    faults += flaws(page)
    chosen, reason = page.is_checked("#passed"), page.input_value("#reason")
    members.close()
    leaders.close()

    assert (chosen, reason) == (True, GO_ON)
    assert faults == []
