"""Plays a procedure as its people do, through HTTP and with real keys, on the days of a lawful calendar."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from clocks import set_clock
from guarding import guard
from scene import Scene
from scene_committee import seat
from sqlalchemy import select

from govcore import clock, dsse
from govcore.clock import BEIJING
from govcore.identity.models import User, UserRole
from govcore.identity.policy import Role
from govcore.identity.sessions import open_session
from govcore.platform import Platform
from trading.client import Refused
from trading.contract.policy import MEDIA_TYPE
from trading.evaluation.tasks import complete_one
from trading.notices.models import Notice
from trading.opening import tasks
from trading.tender.schemas import TenderContent

FORM = {"accept": "text/html"}


def beijing(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


def seen(made: Mapping[str, Any]) -> dict[str, Any]:
    """What the second person confirms: exactly what was proposed."""
    return {name: made[name] for name in ("act", "object_id", "sha256")}


@dataclass(frozen=True)
class Play:
    """A published tender of several lots and what its people do with it."""

    scene: Scene

    @property
    def lots(self) -> Sequence[str]:
        return self.scene.city.lots

    def go_to(self, text: str) -> None:
        """Let it be this moment in Beijing, with everybody at work."""
        set_clock(self.scene.platform.db, beijing(text))
        self.scene.keep_signed_in()

    def post(self, who: str, path: str, body: object = None) -> dict[str, Any]:
        answer = self.scene.person(who).call("POST", path, json=body if body is not None else {})
        return answer.json() if answer.content else {}

    def submit(self, form: str, who: str, **data: str) -> None:
        """Send a page's form."""
        self.scene.person(who).call("POST", form, data=data, headers=FORM, follow_redirects=False)

    def refusal(self, who: str, path: str, body: object = None) -> str:
        """The sentence with which a request is refused, in English."""
        try:
            self.scene.person(who, language="en").call("POST", path, json=body if body is not None else {})
        except Refused as refused:
            return str(refused.problem["title"])
        raise AssertionError(f"{path} was not refused")

    def propose(self, who: str, act: str, subject: str, content: Mapping[str, str]) -> dict[str, Any]:
        """Propose an act of two people; the proposal as it is shown."""
        body = {"reason": "见公告", "content": content}
        return self.post(who, f"/api/acts/{act}/{subject}/proposals", body)

    def confirm(self, who: str, made: Mapping[str, Any]) -> dict[str, Any]:
        """Confirm exactly what was proposed."""
        return self.post(who, f"/api/proposals/{made['id']}/confirm", seen(made))

    def by_two(self, act: str, subject: str, content: Mapping[str, str], *people: str) -> None:
        one, other = people
        self.confirm(other, self.propose(one, act, subject, content))

    def second_inspector(self) -> None:
        """Another person of the supervising department."""
        with self.scene.platform.db.transaction() as tx:
            tx.add(
                User(
                    id="inspector", username="inspector", name="某", org_id="regulator", password_hash="none"
                )
            )
            tx.flush()
            tx.add(UserRole(user_id="inspector", role=Role.REGULATOR))
            self.scene.city.tokens["inspector"] = open_session(tx, user_id="inspector", at=clock.now(tx))

    def close(self, *lots: str) -> None:
        """It is the deadline of these lots, all without, and the worker's sweep closes them."""
        lots = lots or tuple(self.lots)
        shown = self.scene.person("agency").get(f"/api/lots/{lots[0]}/tender")["lots"]
        ends = [datetime.fromisoformat(one["deadline_at"]) for one in shown if one["id"] in lots]
        set_clock(self.scene.platform.db, max(ends))
        self.scene.keep_signed_in()
        for lot in lots:
            tasks.close_one(self.scene.platform, lot)

    def open(self, lot: str) -> None:
        """From the closed lot to the record of its opening, in the minutes that the law's set gives."""
        scene = self.scene
        scene.move_clock(minutes=11)
        assert scene.check_seals(lot) == []
        scene.release(1, 3, lot=lot)
        assert scene.open_gate(lot)
        scene.read_out(lot)
        scene.move_clock(minutes=30)
        scene.write_record(lot)

    def review(self, lot: str, unqualified: Mapping[str, str] = {}) -> None:
        """The purchaser's agency judges every bid, names why these are not qualified, and ends the review."""
        for bid in self.opened(lot):
            reason = unqualified.get(bid["uscc"], "")
            path = f"/review/{lot}/qualification/{bid['bid_id']}"
            self.submit(path, "agency", passed="no" if reason else "yes", reason=reason)
        self.submit(f"/review/{lot}/qualification", "agency")

    def evaluate(self, lot: str, points: Mapping[str, str]) -> None:
        """The committee scores these bidders' plans and locks; the platform completes the evaluation."""
        members = seat(self.scene, lot)
        bids = {bid["uscc"]: bid["bid_id"] for bid in self.opened(lot)}
        sheet = {"points": {bids[self.scene.uscc(who)]: {"plan": given} for who, given in points.items()}}
        for expert in members:
            saved = self.scene.person(expert).call("PUT", f"/api/lots/{lot}/sheet", json=sheet).json()
            self.post(expert, f"/api/lots/{lot}/sheet/lock", {"sha256": saved["sha256"]})
        assert complete_one(self.scene.platform, lot)

    def contract(self, lot: str, supplier: str, *, amount_fen: int) -> dict[str, Any]:
        """Draw the contract as the scene's bids say and have both sides sign its exact bytes."""
        said = {"amount_fen": amount_fen, "duration_days": 170, "quality": "合格", "manager": "虚构经理"}
        self.post("tenderer", f"/api/lots/{lot}/contract", said)
        payload = self.scene.person("tenderer").call("GET", f"/api/lots/{lot}/contract/document").content
        for side in ("tenderer", supplier):
            raw = dsse.sign(MEDIA_TYPE, payload, [self.scene.city.signers[side]]).encode()
            self.post(side, f"/api/lots/{lot}/contract/signatures", {"envelope": raw.decode()})
        shown: dict[str, Any] = self.scene.person("tenderer").get(f"/api/lots/{lot}/contract")
        return shown

    def opened(self, lot: str) -> list[dict[str, Any]]:
        return [bid for bid in self.scene.hall(lot)["bids"] if bid["state"] == "opened"]

    def state(self, lot: str) -> str:
        tender = self.scene.person("agency").get(f"/api/lots/{lot}/tender")
        return next(str(one["state"]) for one in tender["lots"] if one["id"] == lot)

    def notices(self, lot: str = "") -> list[Notice]:
        """The public notices in their order, of one lot where it is named."""
        with self.scene.platform.db.read() as tx:
            found = tx.scalars(select(Notice).order_by(Notice.published_at, Notice.id)).all()
        return [one for one in found if not lot or lot in one.lot_ids]


@contextmanager
def playing(
    platform: Platform,
    home: Path,
    *,
    rule_set: str,
    published: str,
    deadline: str,
    lots: int = 1,
    content: TenderContent | None = None,
) -> Iterator[Play]:
    """A tender that was published under this rule set and takes bids until the deadline."""
    set_clock(platform.db, beijing(published))
    ahead = (beijing(deadline) - beijing(published)).total_seconds()
    with guard(platform, home, rule_set=rule_set, lots=lots, seconds=ahead, content=content) as guarded:
        yield Play(guarded.scene)
