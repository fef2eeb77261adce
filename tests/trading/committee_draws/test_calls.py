"""The automatic call: what is said, which key was pressed, and who is told where to come."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from committee_draw import CommitteeDraw

from govcore.clock import BEIJING
from govcore.notify.channels import NotSent, Sms, VoiceLine
from trading.committee import drawing_queries as queries
from trading.committee.tasks import carry_one, tell_one
from trading.tender.queries import lot_context

pytestmark = pytest.mark.parametrize("backend", ["sqlite"])
"""What the services write is tried on both databases in `test_drawing_service.py`."""


@dataclass
class Gateway:
    """A gateway for calls and short messages that checks signatures as an operator does."""

    url: str = ""
    spoken: dict[str, dict[str, str]] = field(default_factory=dict)
    pressed: dict[str, str] = field(default_factory=dict)
    sent: list[dict[str, str]] = field(default_factory=list)

    @property
    def calls(self) -> str:
        return f"{self.url}/calls?app=centre&secret=key"

    @property
    def messages(self) -> str:
        return f"{self.url}/sms?ec=ec&ap=ap&secret=key&sign=sg"

    def take(self, path: str, raw: bytes, mac: str) -> dict[str, object]:
        if path == "/sms":
            self.sent.append(json.loads(base64.b64decode(raw)))
            return {"success": True}
        form = json.loads(raw)
        if not hmac.compare_digest(hmac.new(b"key", raw, hashlib.sha256).hexdigest(), mac):
            return {"success": False}
        if form["op"] == "place":
            self.spoken.setdefault(form["reference"], form)
            return {"success": True}
        callee = self.spoken[form["reference"]]["callee"]
        key = self.pressed.get(callee, "pending")
        return {"success": True, "key": key} if key in "12" else {"success": True, "state": key}


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    kept = Gateway()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["content-length"]))
            answer = kept.take(self.path, raw, self.headers.get("x-mac", ""))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    kept.url = f"http://127.0.0.1:{server.server_port}"
    yield kept
    server.shutdown()
    thread.join()
    server.server_close()


def carry(draw: CommitteeDraw, url: str) -> None:
    """Carry every call that is due, as the sweep does."""
    platform = draw.scene.platform
    with platform.db.read() as tx:
        due = queries.calls_to_carry(tx, at=draw.scene.now(), limit=50)
    for draw_id, entrant in due:
        carry_one(platform, VoiceLine(url), draw_id, entrant)


def test_keys_accept_and_decline_and_the_call_names_neither_tender_nor_bidder(
    draw: CommitteeDraw, gateway: Gateway
) -> None:
    draw.need()
    draw.drawn()
    carry(draw, gateway.calls)
    phones = sorted(form["callee"] for form in gateway.spoken.values())
    gateway.pressed = {phones[0]: "1", phones[1]: "2", phones[2]: "nobody"}

    draw.scene.move_clock(seconds=6)
    carry(draw, gateway.calls)

    assert draw.counted() == {"accepted": 1, "declined": 1, "asked": 3}
    with draw.scene.platform.db.read() as tx:
        lot = lot_context(tx, draw.scene.lot)
        meets = queries.asked_of(tx, draw.scene.lot).meets_at.astimezone(BEIJING)
    texts = {form["text"] for form in gateway.spoken.values()}
    assert texts == {
        f"这里是公共资源交易中心。您被抽取参加{meets:%Y-%m-%d %H:%M}的评标。参加请按1，不能参加请按2。"
    }
    secret = (lot.title, lot.lot_code, lot.lot_name, lot.tenderer.name, lot.agency.name)
    assert [one for one in secret if any(one in text for text in texts)] == []


def test_nobody_at_the_line_is_called_again_and_then_silent(draw: CommitteeDraw, gateway: Gateway) -> None:
    draw.need()
    draw.drawn()
    carry(draw, gateway.calls)
    gateway.pressed = {form["callee"]: "nobody" for form in gateway.spoken.values()}
    draw.scene.move_clock(seconds=6)
    carry(draw, gateway.calls)
    carry(draw, gateway.calls)
    assert draw.counted() == {"asked": 5}
    assert len(gateway.spoken) == 5

    draw.scene.move_clock(seconds=56)
    draw.follow()

    assert draw.counted() == {"silent": 5, "asked": 3}


def test_who_accepts_is_told_place_time_and_a_code_that_opens_the_door(
    draw: CommitteeDraw, gateway: Gateway
) -> None:
    draw.need()
    draw.drawn()
    name = draw.called()[0]
    draw.answer(name)
    platform = draw.scene.platform
    with platform.db.read() as tx:
        accepted = queries.calls_to_tell(tx, limit=50)

    for draw_id, entrant in accepted * 2:
        tell_one(platform, Sms(gateway.messages), draw_id, entrant)

    assert [one["mobiles"] for one in gateway.sent] == [f"138{int(name[1:]):08d}"]
    with platform.db.read() as tx:
        code = queries.arrival_code(platform.keys, draw.scene.lot, f"u-{name}")
    assert f"验证码{code}" in gateway.sent[0]["content"]


def test_a_gateway_that_refuses_changes_nothing(draw: CommitteeDraw, gateway: Gateway) -> None:
    draw.need()
    draw.drawn()

    carry(draw, gateway.calls.replace("secret=key", "secret=wrong"))

    assert draw.counted() == {"asked": 5}
    assert [call.attempts for call in draw.calls()] == [0] * 5
    with pytest.raises(NotSent, match="refuses"):
        VoiceLine(gateway.calls.replace("key", "x")).place("1", "t", "r")
