"""The browser's half of protocol bs1, loaded into a real Chromium, and the worlds of the Python half's tests."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from chromium import chromium

sys.path.insert(0, str(Path(__file__).parent.parent / "bidding_docs"))

BUNDLE = Path(__file__).parent / "bs1.js"
ORIGIN = "https://bs1.test/"


@pytest.fixture(scope="module")
def js() -> Iterator[Callable[..., Any]]:
    """Runs the body of an async function of `given`; the bundle is there as `bs1`."""
    with chromium() as browser:
        page = browser.new_page()
        # WebCrypto wants a secure origin; nothing is asked of a network.
        page.route(
            f"{ORIGIN}**", lambda route: route.fulfill(body="<!doctype html>", content_type="text/html")
        )
        page.goto(ORIGIN)
        page.add_script_tag(path=BUNDLE)
        yield lambda body, given=None: page.evaluate(f"async (given) => {{ {body} }}", given)
