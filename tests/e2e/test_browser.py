"""The pages in a real Chromium: both languages, wide and narrow, nothing broken and nothing sticking out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from chromium import chromium
from playwright.sync_api import Browser, Page, expect
from running import Shown, running_site
from scene import Scene
from scene_city import ORGANISATIONS, PRINCIPAL
from sealing_page import serious_faults
from sqlalchemy import select

from govcore.clock import BEIJING
from trading.project.models import Project

WIDTHS = (1280, 360)
LANGUAGES = {"zh_CN": "zh-CN", "en": "en"}


def pages(scene: Scene) -> list[tuple[str, str | None]]:
    """Addresses, and who looks at them."""
    lot, other = scene.city.lots
    public = (
        "/",
        "/notices",
        "/verify",
        "/verify/receipt",
        "/verify/log",
        "/sign-in",
        "/sign-in/certificate",
        "/sign-in/forgotten",
        "/sign-in/new-password",
        "/sign-in/second-factor",
        "/first-administrator",
        "/authority",
    )
    tender = (f"/tenders/{scene.city.tender_id}", f"/lots/{lot}/opening", f"/lots/{other}/opening")
    with scene.platform.db.read() as tx:
        room = f"/projects/{tx.scalar(select(Project.id))}/room"
    desks = ("agency", "tenderer", "centre", "regulator", "auditor", "expert-1", "bidder-1")
    return [
        *((path, None) for path in (*public, *tender)),
        *(("/desk", person) for person in desks),
        *((room, person) for person in ("tenderer", "regulator")),
        ("/openings?span=month", "centre"),
        ("/oversight", "regulator"),
        (f"/lots/{other}/bid", "bidder-1"),
        (f"/lots/{other}/bid/seal", "bidder-1"),
        (f"/lots/{other}/bid/consent", "bidder-1"),
        (f"/lots/{other}/opening/recovery", "bidder-1"),
        (f"/lots/{other}/opening/outage", "regulator"),
        (f"/lots/{other}/deadline", "tenderer"),
        ("/inbox", "agency"),
        *(
            (f"/account{path}", "bidder-1")
            for path in ("", "/password", "/second-factor", "/tokens", "/sessions")
        ),
        ("/prove", "bidder-1"),
        ("/certificates", "bidder-1"),
    ]


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    """A running site with bids for one of its two lots."""
    with running_site(tmp_path_factory.mktemp("browser")) as site:
        site.scene.submit_all()
        yield site


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_whole_wide_and_narrow(shown: Shown, browser: Browser, language: str) -> None:
    faults: list[str] = []
    people: dict[str | None, Page] = {}
    for path, person in pages(shown.scene):
        if person not in people:
            people[person] = shown.visit(browser, person, language=language).new_page()
            _note_errors(people[person], faults)
        found = broken(people[person], f"{shown.url}{path}", LANGUAGES[language])
        faults += [f"{path} as {person}: {fault}" for fault in found]
    for page in people.values():
        page.context.close()

    assert faults == []


def broken(page: Page, address: str, language: str) -> list[str]:
    """What is not whole of a page, wide and narrow."""
    found = []
    page.set_viewport_size({"width": WIDTHS[0], "height": 900})
    answer = page.goto(address)
    if answer is None or answer.status != 200:
        found.append(f"{answer and answer.status}")
    if page.locator("h1").count() != 1:
        found.append("not one heading")
    if page.locator("html").get_attribute("lang") != language:
        found.append("wrong language")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            found.append(f"wider than a window of {width} px")
    return found


def steps(scene: Scene) -> list[tuple[str, str | None]]:
    """What the procedure adds, address by address, and who looks at it."""
    tender, lot = f"/tenders/{scene.city.tender_id}", f"/lots/{scene.city.lots[1]}"
    return [
        *((path, None) for path in ("/rules", "/rules/gp-2026", "/rules/explain", "/calendar", "/outages")),
        *((f"{tender}/{path}", None) for path in ("documents/1", "questions", "objections", "clue")),
        ("/projects", "agency"),
        ("/projects/new", "agency"),
        ("/drafts", "agency"),
        (f"{tender}/clarification", "agency"),
        (f"{tender}/clarification/changes", "agency"),
        (f"{tender}/object", "bidder-1"),
        (f"{tender}/complain", "bidder-1"),
        (f"{lot}/my-ledger", "bidder-1"),
        (f"{lot}/acts", "regulator"),
        ("/objections", "regulator"),
        ("/award", "agency"),
        ("/contracts", "agency"),
        ("/archive", "agency"),
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_whoever_cannot_see_the_procedure_can_use_it(shown: Shown, browser: Browser, language: str) -> None:
    """Checked narrow, where most has to give way."""
    faults: list[object] = []
    people: dict[str | None, Page] = {}
    for path, person in steps(shown.scene):
        if person not in people:
            people[person] = shown.visit(browser, person, language=language, width=360).new_page()
        page = people[person]
        answer = page.goto(f"{shown.url}{path}")
        seen = (answer and answer.status, page.locator("h1").count())
        if seen != (200, 1):
            faults.append((path, seen))
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            faults.append((path, "wider than the window"))
        faults += [(path, fault) for fault in serious_faults(page)]
    for page in people.values():
        page.context.close()

    assert faults == []


def _note_errors(page: Page, faults: list[str]) -> None:
    """Whatever the scripts of this page's addresses complain of is a fault."""
    page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))
    page.on("console", lambda line: line.type == "error" and faults.append(f"{page.url}: {line.text}"))


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


def test_a_key_that_the_browser_made_signs_its_holder_in(shown: Shown, browser: Browser) -> None:
    context = shown.visit(browser, "bidder-2", language="en")
    page = context.new_page()
    page.goto(f"{shown.url}/certificates")
    page.get_by_role("button", name="Make a new key in this browser").click()
    page.get_by_text("This browser keeps your key").wait_for()
    context.clear_cookies(name="session")

    page.goto(f"{shown.url}/sign-in/certificate?next=/account")
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"{shown.url}/account")

    assert shown.scene.uscc("bidder-2") in page.inner_text("main")
    assert context.request.get(f"{shown.url}/api/session").json()["strong"] is True
    context.close()


def test_two_people_of_the_tenderer_move_a_deadline_in_their_browsers(
    shown: Shown, browser: Browser, tmp_path: Path
) -> None:
    lot, faults = shown.scene.city.lots[1], []
    first, second = (
        shown.visit(browser, person, language="en").new_page() for person in (PRINCIPAL, "tenderer")
    )
    before = deadline(shown, lot)
    moved = (before + timedelta(days=2)).astimezone(BEIJING)

    for page in (first, second):
        page.goto(f"{shown.url}/tenders/{shown.scene.city.tender_id}")
        page.click(f"a[href='/lots/{lot}/deadline']")
        page.wait_for_selector("[data-deadline][data-ready]")
        faults += serious_faults(page)
    first.fill("#deadline", (moved - timedelta(days=3)).strftime("%Y-%m-%dT%H:%M:%S"))
    first.press("#deadline", "Enter")
    first.wait_for_selector("#deadline-error")
    told = [first.inner_text("#deadline-error")]
    first.fill("#deadline", moved.strftime("%Y-%m-%dT%H:%M:%S"))
    with first.expect_download() as saving:
        first.press("#deadline", "Enter")
    saving.value.save_as(tmp_path / "schedule.json")
    unmoved = deadline(shown, lot)
    for page in (first, second):
        page.set_input_files("#schedule", tmp_path / "schedule.json")
    first.wait_for_selector("#schedule-error")
    told.append(first.inner_text("#schedule-error"))
    second.wait_for_selector("[data-shown]:not([hidden])")
    faults += serious_faults(second)
    seen = [second.inner_text(f"[data-{what}]") for what in ("after", "by")]
    second.fill("#code", second.inner_text("#code-hint"))
    with second.expect_navigation():
        second.press("#code", "Enter")

    assert told == [
        "The new deadline must be later than the present one.",
        "You have signed this schedule already: it needs another person.",
    ]
    assert seen == [moved.strftime("%Y-%m-%d %H:%M:%S"), ORGANISATIONS["tenderer"][0]]
    assert (unmoved, deadline(shown, lot)) == (before, moved)
    assert faults == []
    for page in (first, second):
        page.context.close()


def deadline(shown: Shown, lot: str) -> datetime:
    """The lot's deadline as everybody is shown it."""
    tender = shown.scene.person("agency").get(f"/api/lots/{lot}/tender")
    return next(datetime.fromisoformat(one["deadline_at"]) for one in tender["lots"] if one["id"] == lot)


def test_a_passkey_is_added_and_signs_in_without_a_password(shown: Shown, browser: Browser) -> None:
    """Chromium's own authenticator, with its owner's verification; passkeys want a name, not a number, as address."""
    url = shown.url.replace("127.0.0.1", "localhost")
    context = browser.new_context()
    context.set_default_timeout(120_000)
    cookies = {"lang": "en", "session": shown.scene.city.tokens["bidder-2"]}
    context.add_cookies([{"name": n, "value": v, "url": url} for n, v in cookies.items()])
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})

    page.goto(f"{url}/account/second-factor")
    page.get_by_label("Name of the new passkey").fill("Office computer")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("cell", name="Office computer")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{url}/sign-in?next=/account/sessions")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url("**/account/sessions")

    expect(page.get_by_role("cell").filter(has_text="this one")).to_contain_text("second factor")
    context.close()
