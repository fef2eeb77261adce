"""The demo's evaluation committee: a pool of fictional experts, five of whom three parties' values draw."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from govcore import clock
from govcore.clock import BEIJING
from govcore.identity.queries import actor_of_user
from govcore.platform import Platform
from trading.client import Refused, pinned_authority, signer
from trading.demo.city import EXPERTS, City, pool
from trading.demo.passing import PATIENCE
from trading.draws import contributing
from trading.draws.views import Turn
from trading.experts import service
from trading.experts.policy import Particulars, Title

if TYPE_CHECKING:
    from trading.demo.bidders import LotRef
    from trading.demo.story import Story

SPECIALITIES = {"A": ("工程", "Works"), "A02": ("水利工程", "Water works")}
SPECIALITY, SEATS = "A02", 5
CUSTODIANS = ("centre-key", "tenderer-key", "regulator-key")
CONTRIBUTORS = ("tenderer", "regulator")
"""The third is the platform."""

_CALL = re.compile(r"/draw-calls/([0-9a-f]{32})")


def fill_pool(platform: Platform, city: City) -> None:
    """The keeper enters everybody who may be drawn."""
    with platform.db.transaction() as tx:
        at, keeper = clock.now(tx), actor_of_user(tx, city.user_ids["pool-keeper"])
        for code, (zh, en) in SPECIALITIES.items():
            service.add_speciality(tx, code=code, zh=zh, en=en, actor=keeper, at=at)
        for number, name in enumerate(pool(), 1):
            said = Particulars(
                specialities=(SPECIALITY,),
                employer=city.usccs[EXPERTS],
                region="379900",
                title=Title.SENIOR,
                practised_since=2008,
                since=date(2026, 1, 1),
                until=None,
                phone=f"1990000{number:04d}",
            )
            service.save(tx, platform.wrapper, username=name, particulars=said, actor=keeper, at=at)


@dataclass(slots=True)
class ExpertDraw:
    """The draw of one lot's experts, step by step, while the opening goes on beside it."""

    story: Story
    lot: LotRef
    draw_id: str = ""
    drawn: list[str] = field(default_factory=list)

    def give_keys(self) -> None:
        """Each custodian gives its key for draws."""
        passphrase = self.story.passphrase
        for user in CUSTODIANS:
            folder = self.story.keys_of(user)
            session = self.story.session(user)
            contributing.make_key(session, signer(folder, passphrase), folder, passphrase)
        self.story.tale.say("3 名保管人提交抽取密钥")

    def announce(self) -> None:
        """The agency says what the committee needs, the centre announces the draw."""
        meets = (self.story.server_time() + timedelta(hours=2)).astimezone(BEIJING)
        needs = {
            "speciality-1": SPECIALITY,
            "number-1": str(SEATS),
            "meets": f"{meets:%Y-%m-%dT%H:%M}",
            "place": "评标室一（演示）",
        }
        path = f"/committee-draws/{self.lot.id}"
        self.story.session("agency").call("POST", path, data=needs)
        self.story.session("centre").call("POST", f"{path}/draw")
        self.story.tale.say(f"抽取公布：从 {len(pool())} 名演示专家中抽取 {SEATS} 名，抽取范围已写入日志")

    def commit(self) -> None:
        """Two parties commit, each on its own machine; the platform has done so before them."""
        authority = pinned_authority(self.story.keys_of("tenderer"))
        for user in CONTRIBUTORS:
            session = self.story.session(user)
            self.draw_id = self._turn(user, Turn.COMMIT)
            contributing.commit(session, self._folder(user), authority, self.draw_id)
        self.story.tale.say("平台、招标人、监督部门各自提交随机数承诺，份额交保管人托管")

    def reveal(self) -> None:
        for user in CONTRIBUTORS:
            self._turn(user, Turn.REVEAL)
            contributing.reveal(self.story.session(user), self._folder(user), self.draw_id)
        self.story.tale.say("三方公开随机数，抽取完成；抽中者名单在结果公告前保密")

    def answer(self) -> None:
        """Those drawn say that they come; nobody but they know who they are."""

        def answered() -> bool:
            for name in [one for one in pool() if one not in self.drawn]:
                session = self.story.session(name)
                if call := _CALL.search(session.call("GET", "/draw-calls").text):
                    session.call("POST", f"/draw-calls/{call[1]}", data={"accepts": "yes"})
                    self.drawn.append(name)
            return len(self.drawn) == SEATS

        _until(answered, "the experts are not called")
        self.story.tale.say("抽中的 5 名专家答复参加评标")

    def wait_until_seated(self) -> None:
        path = f"/api/lots/{self.lot.id}/committee"

        def seated() -> bool:
            try:
                self.story.session(self.drawn[0]).get(path)
            except Refused as refused:
                if refused.problem.get("status") not in (404, 409):
                    raise
                return False
            return True

        _until(seated, "the committee is not seated")

    def _turn(self, user: str, turn: Turn) -> str:
        """The draw of this lot's experts, once it waits for that of this user."""
        found: list[str] = []

        def waits() -> bool:
            mine = contributing.waiting(self.story.session(user))
            found.extend(one.id for one in mine if one.lot_id == self.lot.id and one.turn == turn)
            return bool(found)

        _until(waits, f"the draw does not wait for {user}")
        return found[0]

    def _folder(self, user: str) -> Path:
        folder = self.story.work / f"draw-{user}"
        folder.mkdir(exist_ok=True)
        return folder


def _until(done: Callable[[], bool], otherwise: str) -> None:
    end = time.monotonic() + PATIENCE
    while not done():
        if time.monotonic() > end:
            raise click.ClickException(otherwise)
        time.sleep(0.2)
