"""Debian's Chromium under Playwright, for every test that needs a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, sync_playwright

CHROMIUM = "/usr/bin/chromium"

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@contextmanager
def chromium(*flags: str) -> Iterator[Browser]:
    """A running browser; it ends with the block."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *flags])
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def profile(folder: Path) -> Iterator[BrowserContext]:
    """A browser with a profile on disk, as people have; other contexts keep their private files in memory."""
    with sync_playwright() as driver:
        context = driver.chromium.launch_persistent_context(
            folder, executable_path=CHROMIUM, args=list(FLAGS)
        )
        try:
            yield context
        finally:
            context.close()
