"""The page "Seal a bid" as a bidder uses it, step by step."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import Download, Page

PASSPHRASE = "correct horse battery staple"
ANSWERS = {
    "price_fen": "9,800,000.00",
    "price_fen-capitals": "玖佰捌拾万元整",
    "duration_days": "170",
    "quality": "合格",
    "manager": "虚构经理",
    "manager_certificate": "虚构-ZJ-00001",
}
AXE = Path(__file__).parent / "axe.min.js"
AUDIT = "axe.run(document, { resultTypes: ['violations'], preload: { assets: ['media'] } })"
"""Without reading the style sheets once more beforehand: only an experimental rule, which is off, asks for that."""


def at_step(page: Page, step: str) -> None:
    """Wait until this step is shown."""
    page.wait_for_selector(f"[data-step={step}]:not([hidden])")


def make_key(page: Page) -> None:
    at_step(page, "key")
    page.click("[data-do=enrol]")


def choose(page: Page, technical: Sequence[Path]) -> None:
    """Cash for the deposit, and these files for the technical part."""
    at_step(page, "files")
    page.check("#cash")
    page.set_input_files("#files-technical", [str(path) for path in technical])
    page.click("[data-do=to-summary]")


def answer(page: Page, *forms: str) -> None:
    """Fill these forms one after the other, the summary where none is named; each field stands in one of them."""
    for form in forms or ("summary",):
        at_step(page, form)
        for field, value in ANSWERS.items():
            asked = page.locator(f"[data-step={form}] #answer-{field}")
            if asked.count():
                asked.fill(value)
        page.click(f"[data-do=from-{form}] [type=submit]")


def seal(page: Page) -> None:
    """From the review to the sealed bid, read back without a difference."""
    at_step(page, "check")
    page.click("[data-do=seal]")
    _no_trouble_before(page, "[data-sealed]:not([hidden])")


def _no_trouble_before(page: Page, goal: str) -> None:
    """Wait as long as it takes, but not when the page says that something went wrong."""
    trouble = "[data-trouble]:not([hidden])"
    page.wait_for_selector(f":is({goal}, {trouble})", timeout=0)
    told = page.locator(trouble).all_inner_texts()
    assert told == []


def save_recovery(page: Page) -> Download:
    page.fill("#passphrase", PASSPHRASE)
    page.fill("#passphrase-again", PASSPHRASE)
    with page.expect_download() as saving:
        page.click("[data-do=recovery] [type=submit]")
    page.wait_for_function(
        "document.querySelector('[data-recovery-state]').textContent.includes('bid-recovery.age')"
    )
    return saving.value


def submit(page: Page) -> None:
    """Press the button as soon as everything has arrived, and wait for the receipt."""
    _no_trouble_before(page, "[data-do=submit]:not([disabled])")
    page.click("[data-do=submit]")
    at_step(page, "receipt")


def band(page: Page) -> bool:
    """True while the page says NOT SUBMITTED."""
    return page.locator(".band-danger:visible").count() > 0


def serious_faults(page: Page) -> list[Any]:
    """What axe finds serious or critical on the page as it is shown now."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    found = page.evaluate(AUDIT)
    return [
        (one["id"], [node["html"] for node in one["nodes"]])
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
    ]


KEPT = """async () => {
  const bytes = [];
  const walk = async (folder) => {
    for await (const entry of folder.values()) {
      if (entry.kind === "directory") await walk(entry);
      else bytes.push(await entry.getFile());
    }
  };
  await walk(await navigator.storage.getDirectory());
  const database = await new Promise((done) => {
    const opening = indexedDB.open("trading");
    opening.onsuccess = () => done(opening.result);
  });
  const records = {};
  for (const name of database.objectStoreNames) {
    records[name] = await new Promise((done) => {
      const all = database.transaction(name).objectStore(name).getAll();
      all.onsuccess = () => done(all.result);
    });
  }
  database.close();
  const keys = records["signing-keys"].map((one) => one.key.extractable);
  const written = JSON.stringify([records["sealed-bids"], { ...localStorage }, { ...sessionStorage }]);
  const files = await new Promise((done) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result.split(",")[1]);
    reader.readAsDataURL(new Blob(bytes));
  });
  return { files, written, keys };
}"""
"""Everything that the browser keeps for the site: files, database records, and whether a key can be read out."""
