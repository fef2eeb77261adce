"""A town of browsers: its site, whose tender waits for its custodians' keys, and what all its pages have in common."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta

import sealing_page as seal
from mortal import Site
from playwright.sync_api import Browser, BrowserContext, Page, Route
from scene import Scene


@dataclass
class Town:
    """A site whose tender waits for its custodians' keys."""

    url: str
    site: Site
    scene: Scene
    passphrases: dict[str, str] = field(default_factory=dict)

    def browser_of(self, browser: Browser, person: str, *, language: str = "zh_CN") -> BrowserContext:
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        cookies = {"lang": language, "session": self.scene.city.tokens[person]}
        context.add_cookies([{"name": n, "value": v, "url": self.url} for n, v in cookies.items()])
        return context

    def restart(self) -> None:
        """Start the web process again at the scene's present time."""
        offset: timedelta = self.scene.platform.db.info["clock_offset"]
        self.site.kill("web")
        self.site.environ["TRADING_CLOCK_OFFSET"] = str(offset.total_seconds())
        self.site.start("web")


def reach(page: Page, selector: str) -> None:
    """Come to a control, or to one of its group, with Tab alone."""
    target = page.locator(selector)
    target.first.wait_for(state="attached")
    for _ in range(60):
        if target.evaluate_all("(found) => found.includes(document.activeElement)"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{selector} cannot be reached with Tab")


def press(page: Page, selector: str) -> None:
    """Come to a control with Tab alone and press Enter."""
    reach(page, selector)
    page.keyboard.press("Enter")


def act(page: Page, passphrase: str) -> str:
    """Type the passphrase, press Enter, and wait for what came of it."""
    page.fill("#passphrase", passphrase)
    page.press("#passphrase", "Enter")
    page.wait_for_selector("[data-outcome]:not([hidden])")
    return page.inner_text("[data-outcome]")


def states(page: Page) -> list[str]:
    return [str(one.get_attribute("data-state")) for one in page.locator("[data-seat]").all()]


def faults_of(page: Page, person: str) -> list[object]:
    """What axe finds; the pages are the same for every custodian, so one of them is looked at."""
    return list(seal.serious_faults(page)) if person == "centre" else []


def tampered(route: Route, change: str) -> None:
    """The bundle as a dishonest site would show it."""
    answer = route.fetch()
    bundle = answer.json()
    if change == "closing":
        event = json.loads(bundle["closed_event"])
        event["data"]["eligible_count"] = 2
        bundle["closed_event"] = json.dumps(event, separators=(",", ":"))
    elif change == "log":
        bundle["since_path"] = bundle["since_path"][:-1]
    elif change == "stage":
        event = json.loads(bundle["stage_event"])
        event["data"]["passed"] += event["data"]["failed"]
        bundle["stage_event"] = json.dumps(event, separators=(",", ":"))
    else:
        bundle["bids"] = bundle["bids"][1:]
    route.fulfill(response=answer, json=bundle)


def with_everybody_passed(route: Route) -> None:
    answer = route.fetch()
    result = answer.json()
    result["passed"], result["failed"] = sorted(result["passed"] + result["failed"]), []
    route.fulfill(response=answer, body=json.dumps(result, separators=(",", ":")))
