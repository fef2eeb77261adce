"""Sealing in Chromium: files through the page "Seal a bid" (ZIP, age, SHA-256, private file system, read back and
decrypted again) against the same age library in a bare page that encrypts and throws the result away.

256 MiB in turns for the speed; then 3 GiB once, in a profile on disk, sealed and sent to the end, for the renderer's
peak memory.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from threading import Event

from playwright.sync_api import Browser, BrowserContext, Page

from tests.bench.results import Result

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "tests" / name) for name in ("", "e2e", "trading")]

import sealing_page as steps  # noqa: E402
from chromium import chromium, profile  # noqa: E402
from running import Shown, running_site  # noqa: E402

SPEED_SIZE = 256 << 20
LARGE = 3 << 30
TURNS = 5
MEMORY_LIMIT = 600.0
_MB = 1e6

_BARE = """async () => {
  const [file] = document.querySelector("input").files;
  const { recipient } = await bs1.newIdentity();
  const started = performance.now();
  const reader = (await bs1.encryptStream(file.stream(), recipient)).getReader();
  while (!(await reader.read()).done);
  return (performance.now() - started) / 1000;
}"""


def measure() -> list[Result]:
    """Both pages in turns, then the large bid."""
    with tempfile.TemporaryDirectory(prefix="bench-browser-") as name:
        folder = Path(name)
        plain, large = folder / "plain.zip", folder / "large.zip"
        _fill(plain, SPEED_SIZE)
        _fill(large, LARGE)
        with running_site(folder / "site", part_limit=4 * LARGE) as shown, chromium() as browser:
            ours, bare = [], []
            for _ in range(TURNS):
                ours.append(SPEED_SIZE / _sealed(shown, browser, plain) / _MB)
                bare.append(SPEED_SIZE / _bare(browser, plain) / _MB)
        with (
            running_site(folder / "large", part_limit=4 * LARGE) as shown,
            profile(folder / "profile") as context,
        ):
            peak = _peak(shown, context, large)
    return [
        Result(name="browser: seal and read back", unit="MB/s", ours=median(ours), peer=median(bare)),
        Result(
            name="browser: renderer's peak memory at 3 GiB, against its limit",
            unit="MB",
            ours=peak,
            peer=MEMORY_LIMIT,
            most=1.0,
        ),
    ]


def _fill(path: Path, size: int) -> None:
    block = os.urandom(1 << 20)
    with path.open("wb") as out:
        for _ in range(size >> 20):
            out.write(block)


def _checked(shown: Shown, context: BrowserContext, file: Path) -> Page:
    """A fresh bidder's page at the step before sealing."""
    shown.sign_in(context, "bidder-1", language="en")
    page = context.new_page()
    page.goto(f"{shown.url}/lots/{shown.scene.lot}/bid/seal")
    steps.make_key(page)
    steps.choose(page, [file])
    steps.answer(page)
    steps.at_step(page, "check")
    return page


def _sealed(shown: Shown, browser: Browser, file: Path) -> float:
    page = _checked(shown, browser.new_context(), file)
    started = time.perf_counter()
    steps.seal(page)
    seconds = time.perf_counter() - started
    page.context.close()
    return seconds


def _bare(browser: Browser, file: Path) -> float:
    page = browser.new_page()
    page.route(
        "https://bare.test/**",
        lambda route: route.fulfill(body="<input type=file>", content_type="text/html"),
    )
    page.goto("https://bare.test/")
    page.add_script_tag(path=ROOT / "tests" / "conformance" / "bs1.js")
    page.set_input_files("input", str(file))
    seconds: float = page.evaluate(_BARE)
    page.close()
    return seconds


def _peak(shown: Shown, context: BrowserContext, file: Path) -> float:
    """The highest resident memory, in MB, that any renderer had until the receipt."""
    page = _checked(shown, context, file)
    over = Event()
    with ThreadPoolExecutor(1) as pool:
        highest = pool.submit(_highest, os.getpid(), over)
        try:
            _to_the_receipt(page)
        finally:
            over.set()
    return highest.result()


def _to_the_receipt(page: Page) -> None:
    steps.seal(page)
    page.click("[data-do=to-send]")
    steps.submit(page)


def _highest(root: int, over: Event) -> float:
    """Looks twice a second, because Chromium sets the kernel's own high-water mark back now and then."""
    highest = 0.0
    while not over.wait(0.5):
        highest = max([highest, *(_high_water(pid) for pid in _renderers(root))])
    return highest


def _renderers(root: int) -> list[int]:
    """Renderer processes among everything that this process started."""
    stats = {int(entry.name): _read(int(entry.name), "stat") for entry in Path("/proc").glob("[0-9]*")}
    parents = {pid: int(stat.rsplit(b")", 1)[1].split()[1]) for pid, stat in stats.items() if stat}
    ours = {root}
    while more := {pid for pid, parent in parents.items() if parent in ours} - ours:
        ours |= more
    return [pid for pid in ours if b"--type=renderer" in _read(pid, "cmdline")]


def _high_water(pid: int) -> float:
    marks = [line.split()[1] for line in _read(pid, "status").splitlines() if line.startswith(b"VmHWM:")]
    return int(marks[0]) * 1024 / _MB if marks else 0.0


def _read(pid: int, name: str) -> bytes:
    """A file of a process, empty when the process has just ended."""
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""
