"""One tender from the draft to the regulator's acknowledgement, told as it happens."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click

from govcore.calendar import vendored
from govcore.clock import BEIJING
from trading.client import Client, connect, enrol, signer, wait_for
from trading.demo import tenders
from trading.demo.bidders import REPLACED_PRICE, Bidders, LotRef
from trading.demo.city import City
from trading.demo.experts import ExpertDraw
from trading.demo.passing import PATIENCE, Passing
from trading.demo.processes import CommandLine
from trading.procedure.deadlines import suggested, window_end
from trading.procedure.policy import RuleSet

BIDDING_COMMANDS = 19
"""What the bidders run before the deadline."""

MARGIN = 2.0
"""How much slower than before it the machine may become while they do."""


@dataclass(slots=True)
class Tale:
    """What is collected on the way: states for the summary, artefacts, checks."""

    started: float
    artefacts: Path
    bids: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    checks: list[dict[str, Any]] = field(default_factory=list)

    def say(self, sentence: str) -> None:
        click.echo(f"[{time.monotonic() - self.started:5.1f} s] {sentence}")

    def check(self, name: str, ok: bool, detail: str) -> None:
        self.checks.append({"id": name, "ok": bool(ok), "detail": detail})
        self.say(f"{'✓' if ok else '✗'} {detail}")

    def keep(self, source: Path, name: str) -> None:
        (self.artefacts / name).write_bytes(source.read_bytes())

    def refused(self, lot_id: str, name: str, bidder: str, code: str) -> None:
        bid = {"id": name, "bidder": bidder, "state": "refused", "code": code}
        self.bids.setdefault(lot_id, []).append(bid)

    def mark(self, lot_id: str, bidder: str, state: str) -> None:
        """The bidder's last submitted bid of the lot has a new state."""
        mine = [bid for bid in self.bids[lot_id] if bid["bidder"] == bidder and bid["state"] == "submitted"]
        mine[-1]["state"] = state

    @contextmanager
    def progress(self, label: str, length: int) -> Iterator[Any]:
        with click.progressbar(length=length, label=f"          {label}") as bar:
            yield bar


@dataclass(slots=True)
class Story:
    """Every step is a request or a command that a real user would make."""

    city: City
    url: str
    sign_ins: Path
    work: Path
    cli: CommandLine
    tale: Tale
    rules: RuleSet
    passing: Passing
    passphrase: str = field(repr=False)
    winner: str = ""
    experts: ExpertDraw | None = None
    sessions: dict[str, Client] = field(default_factory=dict)

    def session(self, user: str) -> Client:
        if user not in self.sessions:
            self.sessions[user] = connect(self.url, user, self.sign_ins / user)
        return self.sessions[user]

    # 1 — the tender

    def draft(self) -> tuple[list[LotRef], LotRef]:
        """The agency drafts both tenders, the tenderer approves them."""
        agency, tenderer = self.session("agency"), self.session("tenderer")
        project = agency.post("/api/projects", tenders.project(self.city))
        self.tale.say(f"代理机构登记项目 {project['code']}")
        found: list[list[LotRef]] = []
        for make in (tenders.water_works, tenders.other_tender):
            body = make(self.city, project["id"], self.rules.id)
            made = agency.post("/api/tenders", body)
            tenderer.post(f"/api/tenders/{made['id']}/approve", {})
            found.append(
                [
                    LotRef(
                        made["id"],
                        lot,
                        tenders.project(self.city)["name"],
                        given["name"],
                        given["deposit_fen"],
                    )
                    for lot, given in zip(made["lots"], body["lots"], strict=True)
                ]
            )
            self.tale.say(f"招标文件已编制并经招标人审定：{body['title']}（{made['code']}）")
        return found[0], found[1][0]

    def keys_of(self, user: str) -> Path:
        return self.work / f"keys-{user}"

    def publish(self, lots: list[LotRef], other: LotRef) -> None:
        """Custodians give keys, all sign the key manifests, the tenderer signs schedules, the agency publishes."""
        ids = [lot.id for lot in (*lots, other)]
        custodians = ("centre-key", "tenderer-key", "regulator-key")
        for user in custodians:
            self.cli.run("custodian", "enrol", "--keys", self.keys_of(user), user=user)
            self.cli.run("custodian", "prepare", "--keys", self.keys_of(user), "--all", user=user)
        keys = ("--keys", self.keys_of("tenderer"))
        self.cli.run("tender", "enrol", *keys, user="tenderer")
        self.cli.run("tender", "rehearse", *keys, *ids, user="tenderer")
        for user in custodians:
            self.cli.run("custodian", "sign", "--keys", self.keys_of(user), "--all", user=user)
        self.cli.run("tender", "sign", *keys, *ids, user="tenderer")
        self.tale.say(
            "3 名保管人（交易中心、招标人、监督部门）提供密钥并通过演练，招标人和保管人签署密钥清单（3 取 2）"
        )
        ExpertDraw(self, lots[0]).give_keys()
        soon, later = self._deadlines()
        self.cli.run(
            "tender",
            "schedule",
            *keys,
            "--deadline",
            soon.isoformat(),
            *[lot.id for lot in lots],
            user="tenderer",
        )
        self.cli.run("tender", "schedule", *keys, "--deadline", later.isoformat(), other.id, user="tenderer")
        for tender_id in (lots[0].tender_id, other.tender_id):
            self.session("agency").post(f"/api/tenders/{tender_id}/publish", {})
        mark = "" if self.rules.lawful else "（演示规则，以秒计）"
        self.tale.say(f"招标公告发布，投标截止时间 {soon.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}{mark}")

    def _deadlines(self) -> tuple[datetime, datetime]:
        """Of the tender and of the other one: as soon as the commands before it allow, or as the law does."""
        now = self.server_time()
        if not self.rules.lawful:
            soon = now + timedelta(seconds=12 + MARGIN * BIDDING_COMMANDS * self.cli.pace())
            return soon, now + timedelta(days=1)
        limit = suggested(self.rules, "T01", now + timedelta(days=1), calendar=vendored())
        morning = limit.at.astimezone(BEIJING).replace(hour=9, minute=30)
        return morning, morning + timedelta(days=7)

    def server_time(self) -> datetime:
        return datetime.fromisoformat(self.session("agency").get("/api/time")["now"])

    # 2 — the bids

    def guarantor_keys(self) -> Any:
        folder = self.keys_of("guarantor")
        enrol(self.session("guarantor"), folder, self.passphrase)
        return signer(folder, self.passphrase)

    def bid(self, bidders: Bidders, lots: list[LotRef], other: LotRef) -> Path:
        """Everything before the deadline; returns the late bid, sealed in time but not yet sent."""
        first, second = lots
        self.pay_cash(first)
        with self.tale.progress("密封并递交投标文件", 9) as bar:
            self.send_foreign(bidders, other, first)
            bar.update(1)
            for n, sealed, answer in bidders.bid_all((1, 2, 3, 4, 5), first):
                self.submitted(n, sealed, answer, first)
                bar.update(1)
            replaced = bidders.seal(1, first, price_yuan=REPLACED_PRICE, name="bid-replaced")
            self.submit(bidders, 1, replaced, first, replaces=True)
            bar.update(1)
            for n in (1, 2):
                self.submit(
                    bidders, n, bidders.seal(n, second, price_yuan=5_000_000, name="bid-lot2"), second
                )
                bar.update(1)
        receipt = bidders.withdraw(5, first)
        self.tale.keep(receipt, "receipt-bidder-5-withdrawal.json")
        self.tale.mark(first.id, "bidder-5", "withdrawn")
        self.tale.say("投标人5在截止前撤回投标")
        late = bidders.seal(6, first)
        self.tale.say("投标人6已密封，但没有在截止前递交")
        return late

    def pay_cash(self, lot: LotRef) -> None:
        """Bidder 5 pays by transfer; the bank's advice is sealed to the gate's key as it arrives."""
        account = self.session("bidder-5").post(f"/api/lots/{lot.id}/sub-account", {})
        advice = {
            "sub_account": account["number"],
            "payer_name": tenders_payer(),
            "payer_account": self.city.accounts["bidder-5"],
            "bank": "云汀商业银行（演示）",
            "amount_fen": lot.deposit_fen,
            "credited_at": self.server_time().isoformat(),
            "serial": f"YT{lot.id[:12].upper()}",
        }
        self.session("bank").post("/api/deposits/advices", advice)
        self.tale.say("银行入账通知收到即加密，截止前任何人不能查看")

    def send_foreign(self, bidders: Bidders, other: LotRef, lot: LotRef) -> None:
        foreign = bidders.seal(2, other, price_yuan=800_000, name="foreign")
        answer = bidders.submit(2, foreign, lot=lot)
        self.tale.keep(answer["file"], "refusal-bidder-2-foreign.json")
        refused = not answer["accepted"] and "E_KEY_MANIFEST" in answer["message"]
        self.tale.refused(lot.id, "bidder-2-foreign", "bidder-2", "E_KEY_MANIFEST")
        self.tale.check(
            "foreign_envelope", refused, "投标人2误交另一招标的投标文件，系统拒收（E_KEY_MANIFEST）"
        )

    def submit(self, bidders: Bidders, n: int, sealed: Path, lot: LotRef, *, replaces: bool = False) -> None:
        self.submitted(n, sealed, bidders.submit(n, sealed), lot, replaces=replaces)

    def submitted(
        self, n: int, sealed: Path, answer: dict[str, Any], lot: LotRef, *, replaces: bool = False
    ) -> None:
        """Keep the receipt; a refusal ends the demo."""
        if not answer["accepted"]:
            raise click.ClickException(f"bidder {n}: {answer['message']}")
        suffix = sealed.name.removeprefix("bid")
        self.tale.keep(answer["file"], f"receipt-bidder-{n}{suffix}.json")
        if replaces:
            self.tale.mark(lot.id, f"bidder-{n}", "replaced")
        self.tale.bids.setdefault(lot.id, []).append(
            {"id": f"bidder-{n}{suffix}", "bidder": f"bidder-{n}", "state": "submitted", "code": None}
        )

    # 4 — deadline and opening

    def wait_for_deadline(self, bidders: Bidders, lot: LotRef, late: Path) -> None:
        self.pass_to(datetime.fromisoformat(self.lot_shown(lot)["deadline_at"]), "等待投标截止")
        answer = bidders.submit(6, late)
        self.tale.keep(answer["file"], "refusal-bidder-6-late.json")
        self.tale.refused(lot.id, "bidder-6-late", "bidder-6", "E_LATE")
        refused = not answer["accepted"] and "E_LATE" in answer["message"]
        self.tale.check("late_bid", refused, "投标人6逾期，系统拒收并出具签名的拒收凭证（E_LATE）")

    def pass_to(self, moment: datetime, label: str) -> None:
        self.passing.until(moment, now=self.server_time, label=label)

    def lot_shown(self, lot: LotRef) -> dict[str, Any]:
        shown = self.session("agency").get(f"/api/tenders/{lot.tender_id}")
        return next(one for one in shown["lots"] if one["id"] == lot.id)

    def open(self, bidders: Bidders, lots: list[LotRef]) -> dict[str, Any]:
        """Nobody clicks: the clock closes, custodians release, the gate follows, all is read out together."""
        first, second = lots
        closed = self.hall(first, "sealed")
        self.tale.say(
            f"截止：{closed['eligible_count']} 份有效投标，投标集合已写入日志（{closed['bids_root'][:16]}…）"
        )
        failed = self.hall(second, "failed")
        self.tale.check(
            "too_few_bids", failed["eligible_count"] == 2, "第2标段仅 2 家投标：不开标，投标文件保持密封"
        )
        receipts = {
            n: bidders.home(n) / ("bid-replaced" if n == 1 else "bid") / "receipt.json" for n in (1, 2, 3, 4)
        }
        draw = self.experts = ExpertDraw(self, first)
        draw.announce()
        honoured = bidders.check_seals(first, receipts)
        self.tale.check("seals_checked", honoured, "4 名投标人用各自的回执核对密封情况，均在投标集合中")
        draw.commit()
        self.pass_to(datetime.fromisoformat(closed["seal_check_until"]), "等待密封核对结束")
        self.release("centre-key")
        draw.reveal()
        self.release("regulator-key")
        draw.answer()
        read_out = datetime.fromisoformat(self.hall(first, "read_out")["read_out_at"])
        for window in ("opening.objection_window", "opening.confirmation"):
            limit = window_end(self.rules, window, read_out, calendar=vendored())
            self.pass_to(limit.at, "等待开标异议和记录确认")
        opened = self.hall(first, "recorded")
        for bid in opened["bids"]:
            self.tale.say(f"唱标：{bid['bidder_name']}  {(bid['price_fen'] or 0) / 100:,.2f} 元")
        states = [bid["state"] for bid in opened["bids"]]
        self.tale.check("opened", states == ["opened"] * 4, "第1标段 4 份投标全部开启并同时唱标")
        letters = self.session("tenderer").get(f"/api/lots/{first.id}/letters")
        verified = [letter["state"] for letter in letters] == ["verified"] * 4
        self.tale.check("letters_verified", verified, "4 份投标保函核验无误（受益人、金额、期限、签名）")
        return opened

    def release(self, user: str) -> None:
        self.cli.run("custodian", "release", "--keys", self.keys_of(user), "--all", user=user)
        self.tale.say(f"保管人 {user} 核验投标集合后释放密钥份额")

    def hall(self, lot: LotRef, state: str) -> dict[str, Any]:
        """The opening when it has reached a state."""
        order = ("sealed", "released", "read_out", "recorded")
        until = time.monotonic() + PATIENCE
        while True:
            opening = wait_for(self.session("agency"), f"/api/lots/{lot.id}/opening", seconds=PATIENCE)
            reached = opening["state"] == state or (
                state in order and opening["state"] in order[order.index(state) :]
            )
            if reached:
                return dict(opening)
            if time.monotonic() > until:
                raise click.ClickException(f"the opening of {lot.name} stays {opening['state']}")
            time.sleep(0.2)

    def fetch(self, user: str, path: str, name: str) -> Path:
        """Keep a file of the site among the artefacts."""
        target = self.tale.artefacts / name
        target.write_bytes(self.session(user).call("GET", path).content)
        return target


def tenders_payer() -> str:
    from trading.demo.city import ORGANISATIONS

    return ORGANISATIONS["bidder-5"]


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n")
