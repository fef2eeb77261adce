"""The evaluation room with 20 bids and 200 criteria: from the click to fields that are saved as they are left.

One bid with all its criteria, then one criterion across all bids, in Chromium on loopback; the bar is a second.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from statistics import median

import msgspec
from playwright.sync_api import Page

from tests.bench.results import Result

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "tests" / name) for name in ("", "e2e", "trading", "trading/evaluation")]

from chromium import chromium  # noqa: E402
from evaluated_city import EXPERTS, add_bids, build, content  # noqa: E402
from mortal import Site  # noqa: E402

from govcore import clock  # noqa: E402
from govcore.identity.sessions import open_session  # noqa: E402
from govcore.platform import Platform  # noqa: E402
from govcore.settings import Settings  # noqa: E402
from govcore.setup import migrate  # noqa: E402
from trading.demo.processes import free_port  # noqa: E402
from trading.tender.models import Tender  # noqa: E402
from trading.tender.schemas import Criterion, Item  # noqa: E402

BIDS = 20
CRITERIA = 200
TURNS = 7
LIMIT_MS = 1000.0
DRAWN = """addEventListener("DOMContentLoaded", () =>
  requestAnimationFrame(() => setTimeout(() => (window.drawnAt = performance.now()))));"""
"""Milliseconds from the click until the page is parsed, its programs (modules) have run, and a frame is drawn."""


def measure() -> list[Result]:
    """Both ways to score, each page loaded in turns."""
    with tempfile.TemporaryDirectory(prefix="bench-room-") as name, chromium() as browser:
        folder, port = Path(name), free_port()
        environ = {
            "PATH": "/usr/bin:/bin",
            "TRADING_DATA": str(folder / "data"),
            "TRADING_DEMO": "1",
            "TRADING_PORT": str(port),
        }
        settings = Settings.from_environ(environ)
        migrate(settings)
        platform, url = Platform.open(settings), f"http://127.0.0.1:{port}"
        site = Site(environ, url, folder / "site")
        try:
            token = _prepared(platform)
            site.start("web")
            context = browser.new_context()
            context.add_cookies([{"name": "session", "value": token, "url": url}])
            page = context.new_page()
            page.add_init_script(DRAWN)
            by_bid = [_loaded(page, f"{url}/evaluation/lot-1?bid=bid-1") for _ in range(TURNS)]
            by_item = [_loaded(page, f"{url}/evaluation/lot-1?item=c1") for _ in range(TURNS)]
        finally:
            site.stop()
            platform.db.dispose()
    return [
        Result(name=f"room: {what}", unit="ms", ours=median(took), peer=LIMIT_MS, most=1.0)
        for what, took in (
            (f"one bid of {BIDS}, {CRITERIA} criteria", by_bid),
            (f"one criterion, {BIDS} bids", by_item),
        )
    ]


def _prepared(platform: Platform) -> str:
    """A lot of this size whose committee meets; the session of a member."""
    city = build(platform.db)
    items = [Item(id=f"c{n}", label=f"评审因素{n}", max_points=1) for n in range(1, CRITERIA + 1)]
    wide = Criterion(id="technical", label="技术部分", kind="manual", max_points=100, items=items)
    told = msgspec.structs.replace(content(), criteria=[wide])
    with platform.db.transaction() as tx:
        tx.get_one(Tender, "tender-1").content = msgspec.to_builtins(told)
    add_bids(platform.db, BIDS - 3)
    city.convene()
    with platform.db.transaction() as tx:
        return open_session(tx, user_id=EXPERTS[0], at=clock.now(tx), strong=True)


def _loaded(page: Page, address: str) -> float:
    page.goto(address)
    page.wait_for_selector("[data-entries] input[data-bid]")
    return float(page.wait_for_function("() => window.drawnAt").json_value())
