"""A document of 60 MB in the committee's viewer, from a sealed bid that its custodians opened, in Chromium on
loopback: from the click until its first page is drawn, against a document of one such page; and all its bytes,
decrypted for a member, against the same bytes from a bare server of Python's. All in turns.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from threading import Thread

from playwright.sync_api import Page

from tests.bench.results import Result

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "tests" / name) for name in ("", "e2e", "trading")]

from chromium import chromium  # noqa: E402
from convening import come_in  # noqa: E402
from running import Bare, bare_site  # noqa: E402
from scene_city import EXPERTS  # noqa: E402
from sealed_room import prepare, scanned_pdf, small_pdf  # noqa: E402

from govcore import clock  # noqa: E402
from govcore.identity.sessions import open_session  # noqa: E402

PAGES = 36
"""Scans of 1.7 MB each."""

TURNS = 7
FIRST_MOST = 2.0
WHOLE_MOST = 4.0

_FETCH = """async (address) => {
  const started = performance.now();
  const size = (await (await fetch(address, {cache: "no-store"})).arrayBuffer()).byteLength;
  return [size, performance.now() - started];
}"""


def measure() -> list[Result]:
    """The large document, the small one and the bare download in turns."""
    with tempfile.TemporaryDirectory(prefix="bench-viewer-") as name, chromium() as browser:
        folder = Path(name)
        documents = {1: scanned_pdf("Deeds", folder, pages=PAGES), 2: scanned_pdf("Deed", folder, pages=1)}
        (folder / "bare").mkdir()
        (folder / "bare" / "deeds.pdf").write_bytes(documents[1])
        with bare_site(folder) as site, _served(folder / "bare") as bare:
            token, rooms = _prepared(site, folder / "scene", documents)
            site.site.start("web")
            context = browser.new_context(viewport={"width": 1280, "height": 900})
            context.add_cookies([{"name": "session", "value": token, "url": site.url}])
            page, other = context.new_page(), context.new_page()
            other.goto(bare)
            first, small, last, whole, peer = [], [], [], [], []
            for _ in range(TURNS):
                small.append(_first(page, rooms[1]))
                first.append(_first(page, rooms[0]))
                last.append(_last(page))
                whole.append(_fetched(page, str(page.get_attribute("[data-pdf]", "data-pdf")), documents[1]))
                peer.append(_fetched(other, "deeds.pdf", documents[1]))
    return [
        Result(
            name="viewer: first page of 60 MB, against one page",
            unit="ms",
            ours=median(first),
            peer=median(small),
            most=FIRST_MOST,
        ),
        Result(name="viewer: then its last page", unit="ms", ours=median(last), peer=median(small)),
        Result(
            name="viewer: 60 MB decrypted, against a bare download",
            unit="ms",
            ours=median(whole),
            peer=median(peer),
            most=WHOLE_MOST,
        ),
    ]


def _prepared(site: Bare, folder: Path, documents: dict[int, bytes]) -> tuple[str, list[str]]:
    """The session of a member who is in the room, and the viewer's addresses of the bids' documents."""
    room = prepare(
        site.platform, folder, bids=3, pages_of=lambda n: documents.get(n) or small_pdf(f"Deeds {n}")
    )
    with site.platform.db.transaction() as tx:
        at = clock.now(tx)
        come_in(tx, room.lot, EXPERTS[0], at=at)
        token = open_session(tx, user_id=EXPERTS[0], at=at, strong=True)
    view = f"{site.url}/evaluation/{room.lot}/reading/view"
    return token, [f"{view}?a={bid}.deeds" for bid in room.bids]


def _first(page: Page, address: str) -> float:
    began = time.perf_counter()
    page.goto(address)
    page.wait_for_selector("[data-ready='1']")
    return (time.perf_counter() - began) * 1000


def _last(page: Page) -> float:
    began = time.perf_counter()
    page.fill("[data-page]", str(PAGES))
    page.press("[data-page]", "Enter")
    page.wait_for_selector(f"[data-ready='{PAGES}']")
    return (time.perf_counter() - began) * 1000


def _fetched(page: Page, address: str, expected: bytes) -> float:
    size, took = page.evaluate(_FETCH, address)
    assert size == len(expected)
    return float(took)


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Nothing."""


@contextmanager
def _served(folder: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=folder))
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
