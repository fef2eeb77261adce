"""A page that sends a sealed bid straight to an S3 store, under the rules that the operator's guide states."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

import httpx
import pytest
import sealing_page as seal
import servers
from chromium import chromium
from playwright.sync_api import Browser
from running import Shown, running_site

from govcore.storage import Store
from trading.bidding import queries
from trading.bidding.staging import STAGING
from trading.bidding.uploads import read_part

GUIDE = Path(__file__).parents[2] / "docs" / "operations" / "run-in-production.md"
PREFIX = "prod"


@pytest.fixture
def shown(s3_endpoint: str, tmp_path: Path) -> Iterator[Shown]:
    store = f"s3://{servers.BUCKET}/{PREFIX}?endpoint={s3_endpoint}"
    limit = 32 << 20
    with running_site(tmp_path, part_limit=limit, TRADING_STORE_URL=store, **servers.S3_ACCOUNT) as site:
        yield site


@pytest.fixture
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


def admit(endpoint: str, site: str) -> None:
    """Give the bucket the rules of the guide, spelt as the S3 API wants them."""
    (written,) = re.findall(r"^\[\{\"AllowedOrigins.*\]$", GUIDE.read_text(), re.MULTILINE)
    names = {
        "AllowedOrigins": "AllowedOrigin",
        "AllowedMethods": "AllowedMethod",
        "AllowedHeaders": "AllowedHeader",
    }
    rules = ""
    for rule in json.loads(written.replace("https://SITE", site)):
        rules += "<CORSRule>"
        rules += "".join(f"<{names[name]}>{one}</{names[name]}>" for name in names for one in rule[name])
        rules += f"<MaxAgeSeconds>{rule['MaxAgeSeconds']}</MaxAgeSeconds></CORSRule>"
    body = f"<CORSConfiguration>{rules}</CORSConfiguration>"
    httpx.put(f"{endpoint}/{servers.BUCKET}?cors", content=body).raise_for_status()


def test_a_page_sends_to_the_store_itself_once_the_bucket_admits_the_site(
    shown: Shown, browser: Browser, s3_endpoint: str, tmp_path: Path
) -> None:
    plan = tmp_path / "图纸.zip"
    plan.write_bytes(os.urandom(1 << 20) * 9)
    page = shown.visit(browser, "bidder-1", language="en").new_page()
    arrived: list[SplitResult] = []
    page.on("response", lambda one: one.request.method == "PUT" and arrived.append(urlsplit(one.url)))

    page.goto(f"{shown.url}/lots/{shown.scene.lot}/bid/seal")
    seal.make_key(page)
    seal.choose(page, [plan])
    seal.answer(page)
    seal.seal(page)
    page.click("[data-do=to-send]")
    page.wait_for_selector("[data-send-state].field-error")
    closed_bucket = page.inner_text("[data-send-state]")
    admit(s3_endpoint, shown.url)
    seal.submit(page)

    assert closed_bucket.startswith("The line is broken.")
    store, site = urlsplit(s3_endpoint).netloc, urlsplit(shown.url).netloc
    *pieces, capsules = arrived  # two small parts, then two pieces of the large one
    assert [one.netloc for one in pieces] == [store] * 4
    (folder,) = {one.path.rpartition("/")[0] for one in pieces}
    assert folder.rpartition("/")[0] == f"/{servers.BUCKET}/{PREFIX}/{STAGING.rstrip('/')}"
    assert capsules.netloc == site
    assert stored(shown) == dict.fromkeys(("summary", "deposit", "technical"), True)
    page.context.close()


def stored(shown: Shown) -> dict[str, bool]:
    """Whether the store holds every byte of the manifest's parts, read back piece by piece."""
    platform = shown.scene.platform
    with platform.db.read() as tx:
        (bid,) = queries.eligible_bids(tx, platform.wrapper, shown.scene.lot, 1)
        pieces = queries.pieces_of(tx, bid.upload_id)
    parts = queries.bid_manifest(bid.envelope).parts
    return {
        part.id: _digest(platform.store, bid.upload_id, part.sha256, pieces) == part.sha256 for part in parts
    }


def _digest(store: Store, upload_id: str, sha256: str, pieces: dict[str, int]) -> str:
    found = hashlib.sha256()
    for data in read_part(store, upload_id, sha256, pieces[sha256]):
        found.update(data)
    return found.hexdigest()
