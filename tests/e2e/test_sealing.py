"""A bid sealed in a real Chromium: by keyboard, over broken lines and closed tabs, on disks that lie."""

from __future__ import annotations

import io
import json
import os
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path

import pytest
import sealing_page as seal
from chromium import chromium
from playwright.sync_api import Browser, Page, Route
from running import Shown, running_site
from scene_city import FORM

from bidding_docs import age, capsules, recovery, shamir, summary
from bidding_docs import manifests as m
from bidding_docs.archive_reader import read_archive, read_member
from bidding_docs.capsules import context_of
from govcore.dsse import Envelope
from trading.bidding import queries
from trading.bidding.uploads import read_part
from trading.gate.models import GateScope

LIMIT = 272 << 20
LARGE = 256 << 20
PIECES = 34
"""Of a sealed file of 256 MiB, which is padded to 264."""


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    with running_site(tmp_path_factory.mktemp("sealing"), part_limit=LIMIT) as site:
        yield site


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


def open_page(shown: Shown, browser: Browser, bidder: str, *, language: str = "en", lot: int = 0) -> Page:
    page = shown.visit(browser, bidder, language=language).new_page()
    page.goto(f"{shown.url}/lots/{shown.scene.city.lots[lot]}/bid/seal")
    return page


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id || document.activeElement.dataset.do || ''"))


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the control with this id or act has the focus."""
    for _ in range(60):
        if focused(page) == name:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{name} cannot be reached with Tab")


def press(page: Page, name: str) -> None:
    tab_to(page, name)
    page.keyboard.press("Enter")


def test_a_bidder_seals_by_keyboard_in_chinese_and_python_opens_the_bid(
    shown: Shown, browser: Browser, tmp_path: Path
) -> None:
    plan = tmp_path / "施工组织设计（终稿）🏗️.pdf"
    plan.write_bytes(b"canary in the technical part " + os.urandom(300_000))
    page = open_page(shown, browser, "bidder-1", language="zh_CN")
    faults = []

    seal.at_step(page, "key")
    faults += seal.serious_faults(page)
    press(page, "enrol")
    seal.at_step(page, "files")
    press(page, "to-summary")  # without files: the summary of errors has the focus
    assert page.locator("[data-step=files] .error-summary").get_by_role("link").count() == 2
    tab_to(page, "cash")
    page.keyboard.press("Space")
    page.set_input_files("#files-technical", str(plan))  # the system's own dialogue is out of reach
    faults += seal.serious_faults(page)
    press(page, "to-summary")
    seal.at_step(page, "summary")
    for field, value in seal.ANSWERS.items():
        tab_to(page, f"answer-{field}")
        page.keyboard.type("壹元整" if field.endswith("capitals") else value)
    page.keyboard.press("Enter")
    error = page.locator("#answer-price_fen-capitals-error").inner_text()
    assert error == "大写与小写金额不一致。9,800,000.00 的大写为 玖佰捌拾万元整。"
    faults += seal.serious_faults(page)
    tab_to(page, "answer-price_fen-capitals")
    page.keyboard.press("Control+A")
    page.keyboard.type(seal.ANSWERS["price_fen-capitals"])
    page.keyboard.press("Enter")
    seal.at_step(page, "check")
    faults += seal.serious_faults(page)
    press(page, "seal")
    page.wait_for_selector("[data-sealed]:not([hidden])")
    faults += seal.serious_faults(page)
    tab_to(page, "passphrase")
    page.keyboard.type(seal.PASSPHRASE)
    tab_to(page, "passphrase-again")
    page.keyboard.type(seal.PASSPHRASE)
    with page.expect_download() as saving:
        page.keyboard.press("Enter")
    saving.value.save_as(tmp_path / "bid-recovery.age")
    kept = page.evaluate(seal.KEPT)
    assert seal.band(page)
    press(page, "to-send")
    page.wait_for_selector("[data-do=submit]:not([disabled])")
    faults += seal.serious_faults(page)
    assert seal.band(page)
    press(page, "submit")
    seal.at_step(page, "receipt")
    faults += seal.serious_faults(page)

    assert not seal.band(page)
    assert faults == []
    mine = recovery.read((tmp_path / "bid-recovery.age").read_bytes(), seal.PASSPHRASE)
    _nothing_secret(kept, mine)
    assert _opened(shown, mine) == {plan.name: plan.read_bytes()}
    _withdraw(page, shown)
    page.context.close()


def _withdraw(page: Page, shown: Shown) -> None:
    """The same browser withdraws what it has sealed, by keyboard; it may seal again."""
    lot = shown.scene.lot
    page.goto(f"{shown.url}/lots/{lot}/bid")
    page.get_by_role("link", name="撤回投标").click()
    page.wait_for_selector("[data-withdrawal][data-ready]")
    assert seal.serious_faults(page) == []
    tab_to(page, "code")
    page.keyboard.type("E0")
    page.keyboard.press("Enter")
    assert page.locator("#code-error").inner_text() == "与标段编号不符，请照抄上方编号。"
    page.fill("#code", page.locator("[data-withdrawal]").get_attribute("data-code") or "")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{shown.url}/lots/{lot}/bid")
    assert shown.scene.person("bidder-1").get(f"/api/lots/{lot}/my-bid")["state"] == "withdrawn"
    page.goto(f"{shown.url}/lots/{lot}/bid/withdraw")  # nothing is left to withdraw
    assert page.url == f"{shown.url}/lots/{lot}/bid"
    assert page.get_by_role("link", name="撤回投标").count() == 0


def _nothing_secret(kept: dict[str, object], mine: recovery.Recovery) -> None:
    """The browser keeps ciphertext, hashes and a key that cannot be read out; no plaintext, identity or passphrase."""
    files, written = b64decode(str(kept["files"])), str(kept["written"])
    secrets = ["canary in the technical part", seal.PASSPHRASE, "合格", *(one.identity for one in mine.parts)]
    raw = [age.parse_identity(one.identity) for one in mine.parts]
    assert [one for one in secrets if one in written or one.encode() in files] == []
    assert [one for one in raw if one in files] == []
    assert kept["keys"] == [False]
    assert "manifestSha256" in written


def _opened(shown: Shown, mine: recovery.Recovery) -> dict[str, bytes]:
    """Open the stored bid as custodians and gate do, hold its summary against the form; the technical files."""
    scene, lot, files = shown.scene, shown.scene.lot, {}
    with scene.platform.db.read() as tx:
        (bid,) = queries.eligible_bids(tx, scene.platform.wrapper, lot, 1)
        pieces = queries.pieces_of(tx, bid.upload_id)
        scope = tx.get_one(GateScope, (lot, 1, "opening"))
        gate = scene.platform.wrapper.unwrap("gate", scope.context, scope.wrapped or b"")
    manifest = m.parse(Envelope.decode(bid.envelope).payload, m.BidManifest)
    assert mine.manifest_sha256 == bid.manifest_sha256
    for part, held in zip(manifest.parts, mine.parts, strict=True):
        ctx, commits, shares = context_of(manifest, part), part.commits(), {}
        for one in part.capsules:
            identity = (
                gate if one.holder == "gate" else scene.city.identities[lot, int(one.holder[-1]), "opening"]
            )
            sealed = scene.platform.store.get(f"bids/{bid.upload_id}/capsules/{one.sha256}")
            shares[one.holder] = capsules.open_capsule(
                sealed, identity, ctx=ctx, holder=one.holder, committed=commits[one.holder]
            )
        q = shamir.combine([shares["custodian:1"], shares["custodian:3"]])
        key = capsules.xor(q, shares["gate"])
        assert age.encode_identity(key) == held.identity
        stored = b"".join(read_part(scene.platform.store, bid.upload_id, part.sha256, pieces[part.sha256]))
        archive = io.BytesIO(age.decrypt_bytes(stored, [key]))
        members = {one.name: read_member(archive, one) for one in read_archive(archive, ctx=ctx)}
        if part.id == "summary":
            assert summary.read(FORM, members["summary.json"])["price_fen"] == 9_800_000_00
        if part.id == "technical":
            files = members
    return files


def test_sending_goes_on_after_a_lost_line_a_restarted_server_and_a_closed_tab(
    shown: Shown, browser: Browser, tmp_path: Path
) -> None:
    large = tmp_path / "图纸.zip"
    with large.open("wb") as file:
        file.truncate(LARGE)
    page = open_page(shown, browser, "bidder-2")
    sent: list[str] = []
    held: list[Route] = []
    page.context.on("request", lambda one: one.method == "PUT" and sent.append(one.url.rsplit("/", 1)[1]))

    seal.make_key(page)
    seal.choose(page, [large])
    seal.answer(page)
    seal.seal(page)
    page.route("**/parts/*/2", lambda route: held.append(route))
    with page.expect_request("**/parts/*/2"):
        page.click("[data-do=to-send]")
    page.wait_for_timeout(0)  # lets the handler keep the route
    shown.site.kill("web")
    held[0].continue_()
    page.unroute("**/parts/*/2")
    page.wait_for_selector("[data-send-state].field-error")
    told = page.inner_text("[data-send-state]")
    page.route("**/parts/*/4", lambda route: held.append(route))
    with page.expect_request("**/parts/*/4", timeout=120_000):
        shown.site.start("web")
    page.close(run_before_unload=False)
    before = list(sent)

    again = page.context.new_page()
    again.goto(f"{shown.url}/lots/{shown.scene.lot}/bid/seal")
    seal.at_step(again, "send")
    offered = again.locator("[data-kept]").is_visible(), seal.band(again)
    again.click("[data-do=resume]")
    seal.submit(again)

    after = sent[len(before) :]
    assert told == (
        "The line is broken. Keep the page open: sending goes on by itself as soon as the server answers."
    )
    assert offered == (True, True)
    assert before == ["0", "0", "0", "1", "2", "2", "3", "4"]
    # Whether the piece under way at the end still arrived is chance; what had arrived is not sent again.
    assert after in [[*map(str, range(first, PIECES)), "capsules"] for first in (4, 5)]
    assert (
        again.evaluate("navigator.storage.estimate().then((one) => one.usageDetails?.fileSystem ?? 0)")
        < 1 << 20
    )
    again.context.close()


def test_ciphertext_that_was_changed_on_this_computer_is_never_sent(
    shown: Shown, browser: Browser, tmp_path: Path
) -> None:
    plan = tmp_path / "plan.txt"
    plan.write_bytes(os.urandom(100_000))
    page = open_page(shown, browser, "bidder-3")
    sent: list[str] = []

    seal.make_key(page)
    seal.choose(page, [plan])
    seal.answer(page)
    seal.seal(page)
    page.evaluate(
        """async (place) => {
          const root = await (await navigator.storage.getDirectory()).getDirectoryHandle("sealed");
          const file = await (await root.getDirectoryHandle(place)).getFileHandle("technical.age");
          const byte = new Uint8Array(await (await file.getFile()).slice(70000, 70001).arrayBuffer());
          const writer = await file.createWritable({ keepExistingData: true });
          await writer.write({ type: "write", position: 70000, data: byte.map((one) => one ^ 1) });
          await writer.close();
        }""",
        f"bidder-3.{shown.scene.lot}",
    )
    page.on("request", lambda one: one.method == "PUT" and sent.append(one.url))
    page.click("[data-do=to-send]")
    page.wait_for_selector("[data-trouble]:not([hidden])")

    assert page.inner_text("[data-trouble] .help-code") == "E_SPOOL"
    assert page.locator("[data-do=submit]").is_disabled()
    assert len(sent) == 2  # summary and deposit; not a byte of the changed part
    page.context.close()


def test_a_disk_that_flips_a_bit_fails_the_self_test(shown: Shown, browser: Browser, tmp_path: Path) -> None:
    plan = tmp_path / "plan.txt"
    plan.write_bytes(os.urandom(3 << 20))
    page = shown.visit(browser, "bidder-4", language="en").new_page()
    page.route("**/spool-worker.js*", _with_a_bad_disk)
    page.goto(f"{shown.url}/lots/{shown.scene.lot}/bid/seal")

    seal.make_key(page)
    seal.choose(page, [plan])
    seal.answer(page)
    page.click("[data-do=seal]")
    page.wait_for_selector("[data-trouble]:not([hidden])")

    assert page.inner_text("[data-trouble] .help-code") == "E_PAYLOAD"
    assert page.locator("[data-step=check]").is_visible()
    assert seal.band(page)
    assert json.loads(page.evaluate(seal.KEPT)["written"])[0] == []
    page.context.close()


def _with_a_bad_disk(route: Route) -> None:
    answer = route.fetch()
    flip = """{
      const prototype = FileSystemSyncAccessHandle.prototype, write = prototype.write;
      prototype.write = function (data, options) {
        if (options.at >= 1 << 20 && options.at < 2 << 20) (data = data.slice())[123] ^= 1;
        return write.call(this, data, options);
      };
    }\n"""
    route.fulfill(response=answer, body=flip + answer.text())


def test_files_are_taken_by_folder_and_by_drop_and_refused_before_they_are_read(
    shown: Shown, browser: Browser, tmp_path: Path
) -> None:
    folder = tmp_path / "技术标"
    (folder / "附件").mkdir(parents=True)
    for name in ("方案.pdf", "附件/方案.pdf", "附件/🏗️.txt"):
        (folder / name).write_text(name)
    sparse = tmp_path / "huge.bin"
    with sparse.open("wb") as file:
        file.truncate(LIMIT)
    page = open_page(shown, browser, "stranger")

    seal.make_key(page)
    seal.at_step(page, "files")
    page.set_input_files("#folder-technical", str(folder))
    page.evaluate(
        """() => {
          const dropped = new DataTransfer();
          ["方案.pdf", "方案.pdf", "e\\u0301.txt", "清".repeat(86)].forEach((name, n) => {
            dropped.items.add(new File([name], name, { lastModified: n }));
          });
          const area = document.querySelector("[data-part=technical] [data-drop]");
          area.dispatchEvent(new DragEvent("drop", { dataTransfer: dropped, bubbles: true, cancelable: true }));
        }"""
    )
    page.wait_for_selector("text=\u00e9.txt")
    names = page.locator("[data-part=technical] [data-list] .what").all_inner_texts()
    told = page.locator("[data-part=technical] [data-list] .field-error").all_inner_texts()
    page.set_input_files("#files-deposit", str(sparse))
    page.click("[data-do=to-summary]")
    errors = page.locator("[data-step=files] .error-summary li").all_inner_texts()

    assert sorted(names) == sorted(
        [
            "技术标/方案.pdf",
            "技术标/附件/方案.pdf",
            "技术标/附件/🏗️.txt",
            "方案.pdf",
            "方案 (2).pdf",
            "\u00e9.txt",
            "清" * 86,
        ]
    )
    too_long = f"The name {'清' * 86} is too long: 255 bytes, or 85 Chinese characters, are allowed."
    assert told == [too_long]
    assert errors == [
        "投标担保: Sealed it is 280.1 MB, more than the 272.0 MB allowed.",
        f"技术文件: {too_long}",
    ]
    page.context.close()


def test_the_page_shows_the_hashes_of_the_programs_it_runs(shown: Shown, browser: Browser) -> None:
    page = open_page(shown, browser, "stranger", lot=1)

    told = dict(
        page.evaluate(
            "[...document.querySelectorAll('details dl a')].map((one) => [one.textContent, one.href])"
        )
    )
    run = {
        name: page.evaluate(
            "async (url) => Array.from(new Uint8Array(await crypto.subtle.digest('SHA-256',"
            "await (await fetch(url)).arrayBuffer())), (byte) => byte.toString(16).padStart(2, '0')).join('')",
            url,
        )
        for name, url in told.items()
    }

    shown_hashes = page.evaluate(
        "[...document.querySelectorAll('details dl code')].map((one) => one.textContent)"
    )
    assert list(run) == ["seal.js", "seal-worker.js", "spool-worker.js"]
    assert list(run.values()) == shown_hashes
    page.context.close()
