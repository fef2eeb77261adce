"""One tender in two envelopes in five browsers: three custodians, of whom two open two lots in one go at each stage,
a bidder who holds a share of its keys, and the hall."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import sealing_page as seal
from browser_town import Town, act, faults_of, press, states, tampered, with_everybody_passed
from chromium import chromium
from member_keys import Desk
from msgspec.structs import replace
from playwright.sync_api import Browser, BrowserContext, Page
from running import bare_site
from scene import PASSPHRASE, Scene
from scene_city import BIDDERS, EXPERTS, ORGANISATIONS, PRINCIPAL, SEATS, found, two_envelopes
from scene_committee import evaluate
from scene_facts import events
from sqlalchemy import select

from bidding_docs.sealing import SealedBid
from govcore import clock
from trading.bidding import recovering
from trading.opening import tasks
from trading.opening.closing import drain_log
from trading.tender import signing
from trading.tender.models import CustodianKey


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with bare_site(tmp_path) as bare, httpx.Client(base_url=bare.url, timeout=60) as http:
        content = replace(two_envelopes(technical_min=30), bidder_share=True)
        city = found(bare.platform, lots=2, content=content)
        bare.site.start("web")
        yield Town(bare.url, bare.site, Scene(bare.platform, http, tmp_path / "scene", city))


@pytest.fixture
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


def make_keys(town: Town, context: BrowserContext, person: str) -> list[object]:
    page = context.new_page()
    page.goto(f"{town.url}/custodian")
    faults = faults_of(page, person)
    press(page, "a[href='/custodian/keys']")
    page.wait_for_selector("[data-custody][data-ready]")
    faults += faults_of(page, person)
    press(page, "[data-do=suggest]")
    town.passphrases[person] = page.inner_text("[data-suggested]")
    press(page, "form[data-do=act] [type=submit]")
    page.wait_for_selector("[data-outcome]:not([hidden])")
    assert page.inner_text("[data-outcome]") == "2 个标段全部完成。"
    faults += faults_of(page, person)
    page.close()
    return faults


def rehearse_and_sign(town: Town, context: BrowserContext, person: str) -> list[object]:
    page = context.new_page()
    page.goto(f"{town.url}/custodian/sign")
    page.wait_for_selector("[data-custody][data-ready]")
    faults = faults_of(page, person)
    shown = page.inner_text("[data-seat] >> nth=0")
    assert [one for one in ("3 取 2", *(ORGANISATIONS[seat][0] for seat in SEATS)) if one not in shown] == []
    assert (act(page, town.passphrases[person]), page.locator("[data-fact=fails]").all_inner_texts()) == (
        "2 个标段全部完成。",
        [],
    )
    faults += faults_of(page, person)
    page.close()
    return faults


def publish(town: Town, folder: Path) -> None:
    """The tenderer checks the rehearsals against its own nonces, signs, and fixes the deadline."""
    scene = town.scene
    tenderer, signer = scene.person("tenderer"), scene.city.signers[PRINCIPAL]
    for lot in scene.city.lots:
        manifest, payload, _ = signing.fetch_manifest(tenderer, lot)
        signing.check_rehearsed(tenderer, scene.authority(), folder, manifest, lot)
        signing.sign_manifest(tenderer, signer, lot, payload)
        deadline_at = scene.now() + timedelta(minutes=30)
        _, envelope = signing.sign_schedule(tenderer, signer, lot, deadline_at=deadline_at)
        signing.hand_in_schedule(tenderer, lot, envelope)
    scene.person("agency").post(f"/api/tenders/{scene.city.tender_id}/publish", {})


def seal_and_submit(town: Town, context: BrowserContext, lot: str, plan: Path) -> Path:
    """What the bidder does in its own browser, up to the receipt; its recovery file."""
    page = context.new_page()
    page.goto(f"{town.url}/lots/{lot}/bid/seal")
    seal.make_key(page)
    seal.choose(page, [plan])
    seal.answer(page, "summary", "price")
    seal.seal(page)
    page.click("[data-do=to-send]")  # refused: the share for the opening is nowhere else
    assert page.inner_text("#passphrase-error").startswith("本次招标")
    saved = plan.with_name("bid-recovery.age")
    seal.save_recovery(page).save_as(saved)
    page.click("[data-do=to-send]")
    seal.submit(page)
    page.close()
    return saved


def give_share(town: Town, context: BrowserContext, lot: str, recovery: Path) -> list[object]:
    """From the desk, by keyboard: a wrong passphrase sends nothing, the right one gives the shares of this stage."""
    page = context.new_page()
    sent: list[str] = []
    page.on("request", lambda one: one.method == "POST" and sent.append(one.url))
    page.goto(f"{town.url}/desk")
    press(page, f"a[href='/lots/{lot}/opening/share']")
    page.wait_for_selector("[data-own-keys][data-ready]")
    faults = list(seal.serious_faults(page))
    page.set_input_files("#recovery", str(recovery))
    page.fill("#passphrase", "not the passphrase at all")
    page.press("#passphrase", "Enter")
    page.wait_for_selector("#passphrase-error")
    faults += seal.serious_faults(page)
    assert sent == []
    page.fill("#passphrase", seal.PASSPHRASE)
    page.press("#passphrase", "Enter")
    page.wait_for_selector("[data-done]:not([hidden])")
    faults += seal.serious_faults(page)
    page.close()
    return faults


def give_shares(town: Town, sealed: dict[str, dict[str, SealedBid]]) -> None:
    """All other bidders give theirs with the command line's code."""
    for lot, bids in sealed.items():
        due = {bid["manifest_sha256"] for bid in town.scene.hall(lot)["bids"] if bid["in_stage"]}
        for bidder, bid in bids.items():
            if bid.manifest_sha256 in due:
                kept = bid.recovery.read_bytes()
                recovering.give_share(town.scene.person(bidder), lot, kept, PASSPHRASE)


def read_out_in_hall(town: Town, context: BrowserContext, lot: str) -> tuple[str, set[str]]:
    """What the hall shows of the page's bid besides the price, and the prices of all."""
    page = context.new_page()
    page.goto(f"{town.url}/lots/{lot}/opening")
    line = page.locator("tr", has_text=ORGANISATIONS["bidder-1"][0]).locator("[data-label=唱标内容]")
    found = line.inner_text(), set(page.locator("span.money").all_inner_texts())
    page.close()
    return found


def close(town: Town) -> None:
    first, second = town.scene.city.lots
    town.scene.close(first)
    tasks.close_one(town.scene.platform, second)
    assert town.scene.check_seals(first) + town.scene.check_seals(second) == []
    town.restart()


def refusals(town: Town, context: BrowserContext, person: str, change: str) -> list[str]:
    """What the page says of each lot when the site lies about it."""
    page = context.new_page()
    page.route("**/bundle?*", lambda route: tampered(route, change))
    page.goto(f"{town.url}/custodian/release")
    page.wait_for_selector("[data-custody][data-ready]")
    act(page, town.passphrases[person])
    said = [one.inner_text() for one in page.locator("[data-fact=fails]").all()]
    assert states(page) == ["refused", "refused"]
    page.close()
    return said


def mistype(page: Page, sent: list[str]) -> None:
    """A wrong passphrase is told, and nothing is sent."""
    page.fill("#passphrase", "not the passphrase at all")
    page.press("#passphrase", "Enter")
    page.wait_for_selector("#passphrase-error")
    assert page.inner_text("#passphrase-error") == "此口令打不开您的密钥。没有发送任何内容。"
    assert sent == []


def release(town: Town, context: BrowserContext, person: str, *, checks: int) -> list[object]:
    """Two lots in one go, so many checks for each; the regulator mistypes first."""
    page = context.new_page()
    sent: list[str] = []
    page.on("request", lambda one: one.url.endswith("/share-releases") and sent.append(one.url))
    page.goto(f"{town.url}/custodian/release")
    page.wait_for_selector("[data-custody][data-ready]")
    faults = faults_of(page, person)
    if person == "regulator":
        mistype(page, sent)
    assert act(page, town.passphrases[person]) == "2 个标段全部完成。"
    assert page.locator("[data-fact=holds]").count() == 2 * checks
    assert len(sent) == 2
    faults += faults_of(page, person)
    page.close()
    return faults


def read_out(town: Town) -> None:
    """With the custodians' shares the gate opens both lots, and the bids are read out."""
    scene = town.scene
    for lot in scene.city.lots:
        assert scene.open_gate(lot), [events(scene, "opening.paused"), events(scene, "share.released")]
        scene.read_out(lot)


def begin_second_stage(town: Town, leader: BrowserContext) -> list[object]:
    """The record is written; the committee fixes that all bids but one of each lot passed, for the first by page,
    for the second by command.
    """
    scene, (first, second) = town.scene, town.scene.city.lots
    for lot in (first, second):
        scene.write_record(lot)
    town.restart()
    for lot in (first, second):
        bids = scene.hall(lot)["bids"]
        points = {bid["manifest_sha256"]: "25" if n == 3 else "40" for n, bid in enumerate(bids)}
        evaluate(scene, points, lot=lot)
    faults = sign_result(town, leader, first)
    sign_result_by_command(town, second)
    assert scene.check_seals(first) + scene.check_seals(second) == []
    town.restart()
    return faults


def sign_result(town: Town, context: BrowserContext, lot: str) -> list[object]:
    """The leader signs by keyboard: not with another lot's code, and not when the site has another result signed."""
    page = context.new_page()
    address = f"**/lots/{lot}/technical-result"
    page.goto(f"{town.url}/evaluation/{lot}")
    press(page, f"a[href='/evaluation/{lot}/technical']")
    page.wait_for_selector("[data-technical][data-ready]")
    faults = list(seal.serious_faults(page))
    assert page.locator("tbody tr", has_text="未通过").count() == 1
    code = page.inner_text("#code-hint")
    page.fill("#code", code[:-1])
    page.press("#code", "Enter")
    page.wait_for_selector("#code-error")
    page.fill("#code", code)
    page.route(address, with_everybody_passed)
    page.press("#code", "Enter")
    page.wait_for_selector("[data-state] >> text=待签名的结果与上方所示不一致")
    page.unroute(address)
    page.press("#code", "Enter")
    page.wait_for_selector(".note-success")
    faults += seal.serious_faults(page)
    page.close()
    return faults


def sign_result_by_command(town: Town, lot: str) -> None:
    """The same by `trading expert fix-technical`, over HTTP; whoever says no signs nothing."""
    leader = EXPERTS[0]
    desk = Desk.of(town.url, leader, town.scene.city.tokens[leader], town.scene.folder / leader)
    assert desk.run("enrol").exit_code == 0
    answers = [desk.run("fix-technical", lot, said=said) for said in ("n\n", "y\n")]
    town.scene.write_log()

    assert [one.exit_code for one in answers] == [1, 0]
    assert ["passed: 3" in one.output and "failed, never opened: 1" in one.output for one in answers] == [
        True
    ] * 2


def test_three_custodians_and_a_bidder_go_through_a_tender_in_their_browsers(
    town: Town, browser: Browser, tmp_path: Path
) -> None:
    scene, (first, second) = town.scene, town.scene.city.lots
    own = {seat: town.browser_of(browser, seat) for seat in SEATS}
    faults: list[object] = []
    nonces = tmp_path / "tenderer"
    nonces.mkdir()

    for seat in SEATS:
        faults += make_keys(town, own[seat], seat)
    for lot in scene.city.lots:
        assert signing.rehearse(scene.person("tenderer"), nonces, lot) == 6
    with scene.platform.db.transaction() as tx:
        drain_log(tx, scene.platform, at=clock.now(tx))  # as beat does at each instant
    for seat in SEATS:
        faults += rehearse_and_sign(town, own[seat], seat)
    publish(town, nonces)
    bidder = town.browser_of(browser, "bidder-1")
    plan = tmp_path / "施工组织设计.pdf"
    plan.write_bytes(b"%PDF-1.4 a technical part")
    recovery = seal_and_submit(town, bidder, first, plan)
    sealed = {
        first: scene.submit_all(*BIDDERS[1:], lot=first),
        second: scene.submit_all(*BIDDERS, lot=second),
    }
    close(town)
    faults += give_share(town, bidder, first, recovery)
    give_shares(town, sealed)
    lies = {
        change: refusals(town, own["tenderer"], "tenderer", change) for change in ("closing", "log", "bids")
    }
    another_machine = town.browser_of(browser, "regulator")
    faults += release(town, own["centre"], "centre", checks=6)
    faults += release(town, another_machine, "regulator", checks=6)
    read_out(town)
    first_envelope = read_out_in_hall(town, bidder, first)
    leader = town.browser_of(browser, EXPERTS[0])
    faults += begin_second_stage(town, leader)
    faults += give_share(town, bidder, first, recovery)
    give_shares(town, sealed)
    lies["stage"] = refusals(town, own["tenderer"], "tenderer", "stage")
    faults += release(town, own["centre"], "centre", checks=7)
    faults += release(town, another_machine, "regulator", checks=7)
    read_out(town)

    assert faults == []
    assert lies == {
        "closing": ["✗ 截标记录不在密钥清单所指的日志中。没有释放任何内容。请告知监督部门。"] * 2,
        "log": ["✗ 日志不是您所见日志的延续，有人改写了日志。没有释放任何内容。请告知监督部门。"] * 2,
        "bids": ["✗ 所示投标与截标时固定的集合不一致。没有释放任何内容。请告知监督部门。"] * 2,
        "stage": ["✗ 技术评审结果不在日志中，或属于其他截标。没有释放任何内容。请告知监督部门。"] * 2,
    }
    for lot in (first, second):
        assert [bid["state"] for bid in scene.hall(lot)["bids"]] == ["opened"] * 4
    with scene.platform.db.read() as tx:
        assert list(tx.scalars(select(CustodianKey.blob).where(CustodianKey.blob.is_not(None)))) == []
    destroyed = [event["data"]["holder"] for event in events(scene, "keys.destroyed")]
    assert sorted(one for one in destroyed if one != "gate") == [
        f"custodian:{n}" for n in (1, 2, 3) for _ in range(4)
    ]
    line = "工期 170\n质量目标 合格\n项目负责人 虚构经理\n注册证书编号 虚构-ZJ-00001"
    assert first_envelope == (line, set())
    assert read_out_in_hall(town, bidder, first) == (
        line,
        {"9,800,000.00 元", "9,900,000.00 元", "10,000,000.00 元"},
    )
    for context in (*own.values(), another_machine, bidder, leader):
        context.close()
