"""After the opening: evaluation, award, supervision, and the proof of it all."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec

from bidding_docs import dsse
from bidding_docs.manifests import Receipt
from govcore.audit.export import export
from govcore.audit.queries import latest_checkpoint, oldest_waiting, published_checkpoint
from govcore.audit.tlog_policy import Policy
from govcore.audit.trust import Trust
from govcore.audit.verify import verify_export
from govcore.clock import BEIJING
from govcore.platform import Platform
from trading.client import wait_for
from trading.demo.bidders import LotRef
from trading.demo.passing import PATIENCE
from trading.demo.story import Story, digest, write_json
from trading.draws import replay
from trading.evaluation import bundles, recompute

POINTS = {
    "bidder-1": {"plan": 16.0, "flood": 8.0, "safety": 7.8, "record": 7.5},
    "bidder-2": {"plan": 17.5, "flood": 8.5, "safety": 8.8, "record": 9.0},
    "bidder-3": {"plan": 18.2, "flood": 9.0, "safety": 9.1, "record": 8.5},
    "bidder-4": {"plan": 15.0, "flood": 7.5, "safety": 8.0, "record": 8.0},
}
"""The committee's leaning, by the bidder, whose bids arrive in any order; every expert differs a little."""


GATES = ("grade", "response")
"""The ids of the gates in `content.json`."""

SESSION = timedelta(hours=8)
LEADER = 1
"""The seat that the members elect to lead."""


def after_opening(story: Story, lots: list[LotRef], opened: dict[str, Any]) -> None:
    first = lots[0]
    story.fetch("centre", f"/api/lots/{first.id}/opening/record.pdf", "opening-record.pdf")
    _evaluate(story, first, opened)
    _award(story, first)
    _supervise(story, first)
    _pay_back(story)


def _evaluate(story: Story, lot: LotRef, opened: dict[str, Any]) -> None:
    experts = _convene(story, lot)
    _review(story, lot, experts, [bid["bid_id"] for bid in opened["bids"]])
    bidders = {story.city.usccs[name]: name for name in POINTS}
    with story.tale.progress("五名专家独立评分并锁定", len(experts)) as bar:
        for n, expert in enumerate(experts):
            session = story.session(expert)
            points = {bid["bid_id"]: _sheet(bidders[bid["uscc"]], n) for bid in opened["bids"]}
            saved = session.call("PUT", f"/api/lots/{lot.id}/sheet", json={"points": points}).json()
            session.post(f"/api/lots/{lot.id}/sheet/lock", {"sha256": saved["sha256"]})
            bar.update(1)
    result = wait_for(story.session("centre"), f"/api/lots/{lot.id}/evaluation", seconds=PATIENCE)
    for outcome in sorted(result["outcomes"], key=lambda one: one["rank"] or 99):
        story.tale.say(f"评标：第{outcome['rank']}名 {outcome['bidder']}，{outcome['total']} 分")
    story.fetch("tenderer", f"/evaluation/{lot.id}/report.pdf", "evaluation-report.pdf")
    story.tale.check("evaluated", len(result["outcomes"]) == 4, "评标报告已生成")
    bundle = story.fetch(
        "tenderer", f"/api/lots/{lot.id}/evaluation/bundle/full", f"evaluation-{lot.id}.json"
    )
    computed = recompute.verify(bundles.read(bundle.read_bytes()))
    holds = all(one.holds for one in computed)
    story.tale.check("evaluation_recomputed", holds, f"评标结果由数据包重新计算，{len(computed)} 项全部相符")


def _convene(story: Story, lot: LotRef) -> list[str]:
    """The centre opens the session of the drawn committee; the members sign in, promise and elect a leader."""
    path = f"/api/lots/{lot.id}/committee"
    assert story.experts is not None  # drawn during the opening
    story.experts.wait_until_seated()
    experts = story.experts.drawn
    planned = {"ends_at": (story.server_time() + SESSION).isoformat()}
    story.session("centre").call("POST", f"{path}/window", json=planned)
    for expert in experts:
        session = story.session(expert)
        session.call("PUT", f"{path}/presence")
        session.call("PUT", f"{path}/promise", json={"sha256": session.get(path)["promise_sha256"]})
    for expert in experts[:3]:
        story.session(expert).call("PUT", f"{path}/vote", json={"seat": LEADER})
    story.tale.say("评标委员会五名成员签到、签署承诺，推举一号席位为负责人")
    return experts


def _review(story: Story, lot: LotRef, experts: list[str], bids: list[str]) -> None:
    """Every member votes on every bid at both gates of the documents; the leader closes them."""
    passed = {f"passed-{gate}": "yes" for gate in GATES}
    for expert in experts:
        for bid in bids:
            story.session(expert).call(
                "POST", f"/review/{lot.id}/bids/{bid}", data=passed, follow_redirects=False
            )
    path = f"/api/lots/{lot.id}/committee"
    leader = next(one for one in experts if story.session(one).get(path)["own_seat"] == LEADER)
    story.session(leader).call("POST", f"/review/{lot.id}/close", follow_redirects=False)
    story.tale.say(f"初步评审：五名成员逐项表决，{len(bids)} 份投标均通过 {len(GATES)} 项评审")


def _sheet(bidder: str, expert: int) -> dict[str, str]:
    shift = (expert - 2) * 0.3
    return {item: f"{value + shift:.2f}" for item, value in POINTS[bidder].items()}


def _award(story: Story, lot: LotRef) -> None:
    tenderer = story.session("tenderer")
    notice = tenderer.post(f"/api/lots/{lot.id}/publicity", {})
    story.tale.say("中标候选人公示开始")
    first = tenderer.get(f"/api/lots/{lot.id}/award")["candidates"][0]
    choice = {"bid_id": first["bid_id"]}
    awarded = story.passing.when_over(
        lambda: story.session("tenderer").post(f"/api/lots/{lot.id}/award", choice)
    )
    story.fetch("centre", notice["pdf"], "candidates.pdf")
    story.fetch("centre", awarded["notice"]["pdf"], "result-notice.pdf")
    story.fetch("tenderer", awarded["letter"], "award-notice.pdf")
    story.winner = first["uscc"]
    story.tale.check("awarded", True, f"中标人：{first['bidder']}，中标通知书已发出")
    _replay_draw(story)


def _replay_draw(story: Story) -> None:
    """With the result the draw of the experts is public: a stranger takes its file and draws again."""
    assert story.experts is not None  # drawn during the opening
    draw_id = story.experts.draw_id
    anybody = story.session("bidder-1")
    wait_for(anybody, f"/draws/{draw_id}/file", seconds=PATIENCE)
    file = story.fetch("bidder-1", f"/draws/{draw_id}/file", f"draw-{draw_id}.json")
    steps = replay.verify(replay.read(file.read_bytes()))
    holds = all(one.holds for one in steps)
    story.tale.check("draw_replayed", holds, f"专家抽取已公布，由公布的文件重新抽取，{len(steps)} 步全部相符")


def _supervise(story: Story, lot: LotRef) -> None:
    """A patrol finds the agency late; record, notice, letter, acknowledgement."""
    centre = story.session("centre")
    now = story.server_time()
    evidence = {"name": "巡查照片-演示.jpg", "sha256": hashlib.sha256(b"demo patrol picture").hexdigest()}
    patrol = centre.post(
        "/api/patrols",
        {
            "date": now.astimezone(BEIJING).date().isoformat(),
            "session": "am",
            "second_id": story.city.user_ids["centre-head"],
            "checks": [
                {"area": "opening_room", "item": "on_time", "result": "issue", "evidence": [evidence]},
                {"area": "evaluation_room", "item": "phones_deposited", "result": "ok"},
            ],
        },
    )
    record = centre.post(
        "/api/misconduct",
        {
            "lot_id": lot.id,
            "subject_id": story.city.org_ids["agency"],
            "category": "agency.late_preparation",
            "grade": "general",
            "occurred_at": (now - timedelta(minutes=20)).isoformat(),
            "facts": "代理机构工作人员未按约定时间到达开标现场，准备工作推迟约二十分钟。",
            "basis": "《公共资源交易平台管理暂行办法》关于交易秩序的规定（演示引用，未核实）。",
            "evidence": [evidence],
            "patrol_id": patrol["id"],
        },
    )
    story.session("agency").call(
        "POST", f"/api/misconduct/{record['id']}/statement", json={"text": "因车辆故障迟到，今后提前安排。"}
    )
    path = f"/api/misconduct/{record['id']}"
    handling = {"scope": "public", "handling": "对该代理机构予以通报，并要求限期整改。", "requirements": ""}
    circulated = story.passing.when_over(
        lambda: story.session("centre-head").post(f"{path}/circulate", handling)
    )
    suggestion = {"suggestion": "建议贵局依法核实并督促该代理机构整改。"}
    letter = story.session("centre").post(f"{path}/letter", suggestion)
    story.session("centre-head").call("POST", f"/api/letters/{letter['id']}/sign")
    story.session("regulator").call("POST", f"/api/letters/{letter['id']}/acknowledge")
    shown = story.session("centre").get(f"/api/letters/{letter['id']}")
    story.fetch("centre", circulated["notice"]["href"], "circulated-notice.pdf")
    story.fetch("regulator", f"/api/letters/{letter['id']}/paper", "letter-to-supervisor.pdf")
    received = shown["acknowledged_at"] is not None
    story.tale.check("letter_acknowledged", received, f"函告 {shown['number']} 已由水利局签收")


def _pay_back(story: Story) -> None:
    """The bank carries out the refund that the opening ordered for the bidder who withdrew."""
    bank = story.session("bank")
    until = time.monotonic() + PATIENCE
    while not (orders := bank.get("/api/refund-orders")):
        if time.monotonic() > until:
            break
        time.sleep(0.3)
    for order in orders:
        deposit = order["deposit_id"]
        body = {
            "account": order["payer_account"],
            "amount_fen": order["total_fen"],
            "serial": f"RF{deposit[:12].upper()}",
        }
        bank.post(f"/api/refund-orders/{deposit}/payment", body)
    story.tale.check("refunded", len(orders) == 1, "投标人5的保证金已原路退还")


def finish(platform: Platform, story: Story, lots: list[LotRef], *, started: float) -> bool:
    """Export and verify the log, check that no receipt was lost, write `summary.json`; true when all holds."""
    folder = story.tale.artefacts / "log"
    _wait_until_logged(platform)
    with platform.db.snapshot() as tx:
        vkey = story.session("auditor").call("GET", "/log/vkey").text.strip()
        size = export(tx, folder, vkey=vkey)
    policy = Policy.parse((folder / "policy").read_text(encoding="utf-8"))
    report = verify_export(folder, Trust(policy=policy))
    story.tale.check("log_verified", report.ok, f"日志 {size} 条，离线校验通过")
    for check in report.checks:
        story.tale.checks.append({"id": f"log.{check.id}", "ok": check.ok, "detail": check.detail})
    _check_receipts(story, folder)
    _check_with_age(story, lots[0])
    _check_seals(story)
    _papers(story, lots[0])
    _write_summary(story, lots, seconds=round(time.monotonic() - started, 1))
    return all(check["ok"] for check in story.tale.checks)


def _wait_until_logged(platform: Platform) -> None:
    """Nothing waits for the log any more, and the witness has cosigned all of it."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with platform.db.read() as tx:
            drained = oldest_waiting(tx) is None
            if drained and published_checkpoint(tx) == latest_checkpoint(tx):
                return
        time.sleep(0.2)


def _check_receipts(story: Story, log: Path) -> None:
    """Every receipt's promised leaf is among the log's events."""
    lines = (log / "events.jsonl").read_bytes().splitlines()
    leaves = {msgspec.json.decode(line)["leaf"] for line in lines}
    receipts = sorted(story.tale.artefacts.glob("receipt-*.json"))
    missing = [
        path.name
        for path in receipts
        if dsse.read_unverified(path.read_bytes(), Receipt)[0].leaf not in leaves
    ]
    story.tale.check("receipts_in_log", not missing, f"{len(receipts)} 份回执全部在日志中")


def _check_with_age(story: Story, lot: LotRef) -> None:
    """Where Debian's `age` is installed, it opens a published summary with the published key."""
    if shutil.which("age") is None:
        return
    opening = story.session("centre").get(f"/api/lots/{lot.id}/opening")
    bid = opening["bids"][0]
    key = story.work / "published.key"
    key.write_text(bid["published_key"])
    sealed = story.fetch("centre", f"/api/lots/{lot.id}/bids/{bid['number']}/parts/summary", "summary-1.age")
    done = subprocess.run(["age", "-d", "-i", str(key), str(sealed)], capture_output=True)
    found = str(bid["price_fen"]).encode() in done.stdout
    story.tale.check("age_opens", found, "系统外的 age 命令用公布的密钥解开开标一览表，报价一致")


def _check_seals(story: Story) -> None:
    """Whoever holds a sealed paper is told so by the public page, and poppler, where it is installed, agrees."""
    sealed = ("opening-record", "award-notice", "circulated-notice", "letter-to-supervisor")
    for name in sealed:
        file = story.tale.artefacts / f"{name}.pdf"
        with file.open("rb") as content:
            answer = story.session("bidder-1").call("POST", "/api/verify-document", files={"file": content})
        found = answer.json()
        whole = (found["match"], found["state_then"]) == ("whole", "in_use")
        detail = f"{file.name} 由{found['organ']}用印，编号 {found['number']}，与登记一致"
        story.tale.check(f"sealed.{name}", whole, detail)
    if shutil.which("pdfsig") is not None:
        said = [_pdfsig(story.tale.artefacts / f"{name}.pdf") for name in sealed]
        valid = all("Signature is Valid." in one and "Total document signed" in one for one in said)
        story.tale.check(
            "pdfsig", valid, f"系统外的 pdfsig 命令确认 {len(said)} 份文书的印章签名有效、全文受保护"
        )


def _pdfsig(file: Path) -> str:
    done = subprocess.run(["pdfsig", "-nocert", file], capture_output=True, text=True, check=False)
    return done.stdout


def _papers(story: Story, lot: LotRef) -> None:
    shown = story.session("agency").get(f"/api/tenders/{lot.tender_id}")
    for document in shown["documents"]:
        story.fetch("agency", document["href"], f"{document['kind']}.pdf")


def _write_summary(story: Story, lots: list[LotRef], *, seconds: float) -> None:
    summary = {
        "schema": 1,
        "rule_set": story.rules.id,
        "lots": [_lot_summary(story, lot) for lot in lots],
        "checks": story.tale.checks,
        "artefacts": [
            {"path": str(path.relative_to(story.tale.artefacts)), "sha256": digest(path)}
            for path in sorted(story.tale.artefacts.rglob("*"))
            if path.is_file()
        ],
        "seconds": seconds,
    }
    write_json(story.tale.artefacts / "summary.json", summary)
    story.tale.say(f"完成；结果在 {story.tale.artefacts / 'summary.json'}")


def _final_states(story: Story, lot: LotRef, opening: dict[str, Any]) -> None:
    """What became of the bids that stood at the deadline."""
    shown = {bid["uscc"]: bid for bid in opening["bids"]}
    for bid in story.tale.bids[lot.id]:
        if bid["state"] != "submitted":
            continue
        uscc = story.city.usccs[bid["bidder"]]
        found = shown.get(uscc)
        bid["state"] = "sealed" if found is None else found["state"]
        bid["code"] = None if found is None else found["code"]
        if found is not None and uscc == story.winner:
            bid["state"] = "awarded"


def _lot_summary(story: Story, lot: LotRef) -> dict[str, Any]:
    opening = story.session("centre").get(f"/api/lots/{lot.id}/opening")
    _final_states(story, lot, opening)
    award = None
    if opening["state"] != "failed":
        shown = story.session("centre").get(f"/api/lots/{lot.id}/award")
        award = next(
            (c["bidder"] for c in shown["candidates"] if c["bid_id"] == shown["winner_bid_id"]), None
        )
    return {
        "id": lot.id,
        "state": story.lot_shown(lot)["state"],
        "eligible": opening["eligible_count"],
        "bids": story.tale.bids[lot.id],
        "award": award,
    }
