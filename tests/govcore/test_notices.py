"""Notices to followers: kept without saying who follows, sent by mail and short message to real servers."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from clocks import move_clock
from servers import free_port
from sqlalchemy import inspect, text

from govcore import clock
from govcore.db import Base
from govcore.errors import Malformed, NotSignedIn
from govcore.identity.models import Organisation, User, UserRole
from govcore.identity.policy import VISITOR, Actor, Role
from govcore.identity.queries import actor_of_user
from govcore.notify import following, queries, tasks
from govcore.notify.channels import Mail, Sms
from govcore.notify.policy import MAX_ATTEMPTS, Channel
from govcore.notify.queries import Reach
from govcore.platform import Platform

TOPIC = "tender:one"
TEXT = "{title}, {lot}: the deadline was moved to {deadline}."
DATA = {"title": "东坝堤防加固", "lot": "第1标段", "deadline": "2026-12-01 09:00:00"}
ZH = "《东坝堤防加固》第1标段：投标截止时间已改为 2026-12-01 09:00:00。"
EN = "东坝堤防加固, 第1标段: the deadline was moved to 2026-12-01 09:00:00."


class MailRoom:
    """What an SMTP server was given; `refusing` makes it answer 550."""

    def __init__(self) -> None:
        self.letters: list[tuple[list[str], str, str]] = []
        self.refusing = False

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.refusing:
            return "451 not now"
        letter = message_from_bytes(envelope.original_content or b"", policy=policy.default)
        body = letter.get_body()
        assert body is not None
        self.letters.append((envelope.rcpt_tos, letter["subject"], body.get_content()))
        return "250 taken"


@pytest.fixture
def mail_room() -> Iterator[tuple[MailRoom, str]]:
    room, port = MailRoom(), free_port()
    controller = Controller(room, hostname="127.0.0.1", port=port)
    controller.start()
    yield room, f"smtp://127.0.0.1:{port}?from=notice@site.example"
    controller.stop()


@pytest.fixture
def gateway() -> Iterator[tuple[list[dict[str, str]], str]]:
    """An HTTP gateway that checks the signature as the operator does and keeps what it took."""
    taken: list[dict[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = json.loads(base64.b64decode(self.rfile.read(int(self.headers["content-length"]))))
            signed = (
                "ec" + "ap" + "key" + form["mobiles"] + form["content"] + form["sign"] + form["addSerial"]
            )
            good = form["mac"] == hashlib.md5(signed.encode()).hexdigest()
            if good:
                taken.append(form)
            answer = {"success": good, "rspcod": "success" if good else "InvalidUsrOrPwd", "msgGroup": "1"}
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield taken, f"http://127.0.0.1:{server.server_port}/sms/norsubmit?ec=ec&ap=ap&secret=key&sign=sg"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def people(platform: Platform) -> Callable[[str], Actor]:
    with platform.db.transaction() as tx:
        tx.add(Organisation(id="org", uscc="91371500MA00000011", name="临湖安澜水利建设有限公司"))
        tx.flush()
        for name in ("li", "wang"):
            tx.add(User(id=name, username=name, name=name, org_id="org", password_hash="none"))
            tx.flush()
            tx.add(UserRole(user_id=name, role=Role.BIDDER))

    def actor(name: str) -> Actor:
        with platform.db.read() as tx:
            return actor_of_user(tx, name)

    return actor


def follow(platform: Platform, actor: Actor, reach: Reach | None = None) -> None:
    with platform.db.transaction() as tx:
        following.follow(tx, platform.keys, platform.wrapper, TOPIC, actor=actor, at=clock.now(tx))
        if reach is not None:
            following.set_reach(tx, platform.wrapper, reach, actor=actor)


def announce(platform: Platform, about: str = "moved") -> bool:
    with platform.db.transaction() as tx:
        return following.announce(
            tx, TOPIC, about=about, text=TEXT, href="/tenders/one", at=clock.now(tx), data=DATA
        )


def send(platform: Platform, **ports: str) -> None:
    """Owe what is new, then hand over what is due, as the sweep does."""
    kinds = {"mail": Mail, "sms": Sms}
    configured = {Channel(name): kinds[name](url) for name, url in ports.items()}
    with platform.db.read() as tx:
        new = queries.to_fan_out(tx)
    for notice in new:
        with platform.db.transaction() as tx:
            following.fan_out(tx, platform.wrapper, notice, channels=configured, at=clock.now(tx))
    with platform.db.read() as tx:
        due = queries.due_deliveries(tx, at=clock.now(tx), limit=50)
    for delivery in due:
        tasks.send_one(platform, configured, delivery)


def inbox(platform: Platform, actor: Actor) -> list[tuple[str, bool]]:
    with platform.db.read() as tx:
        return [(message.href, message.unread) for message in queries.inbox(tx, platform.keys, actor=actor)]


def states(platform: Platform, actor: Actor) -> list[tuple[str, str, str | None]]:
    with platform.db.read() as tx:
        sent = queries.my_deliveries(tx, platform.keys, actor=actor)
    return [(one.channel, one.state, one.detail) for one in sent]


def test_followers_find_a_notice_in_their_inbox_once_and_others_do_not(platform: Platform, people) -> None:
    follow(platform, people("li"))

    assert [announce(platform), announce(platform)] == [True, False]

    assert inbox(platform, people("li")) == [("/tenders/one", True)]
    assert inbox(platform, people("wang")) == []
    with platform.db.transaction() as tx:
        following.mark_read(tx, platform.keys, actor=people("li"), at=clock.now(tx))
    assert inbox(platform, people("li")) == [("/tenders/one", False)]


def test_who_no_longer_follows_is_told_nothing_more(platform: Platform, people) -> None:
    follow(platform, people("li"))
    with platform.db.transaction() as tx:
        following.unfollow(tx, platform.keys, TOPIC, actor=people("li"))

    announce(platform)

    assert inbox(platform, people("li")) == []


def test_a_visitor_follows_nothing(platform: Platform) -> None:
    with pytest.raises(NotSignedIn), platform.db.transaction() as tx:
        following.follow(tx, platform.keys, platform.wrapper, TOPIC, actor=VISITOR, at=clock.now(tx))


def test_the_database_does_not_say_who_follows(platform: Platform, people, mail_room) -> None:
    room, url = mail_room
    follow(platform, people("li"), Reach(mail="li@example.cn"))
    announce(platform)
    room.refusing = True
    send(platform, mail=url)

    rows = []
    with platform.db.read() as tx:
        for table in ("notify_follow", "notify_notice", "notify_delivery", "notify_contact"):
            columns = [one["name"] for one in inspect(tx.connection()).get_columns(table)]
            kept = [name for name in columns if (table, name) != ("notify_contact", "user_id")]
            rows += tx.execute(text(f"SELECT {', '.join(kept)} FROM {table}")).all()

    assert len(rows) == 4
    told = [row for row in rows if any(secret in repr(row) for secret in ("'li'", "li@example.cn"))]
    assert told == []


def test_notices_go_out_by_mail_and_short_message_in_the_reader_s_language(
    platform: Platform, people, mail_room, gateway
) -> None:
    (room, smtp), (taken, sms) = mail_room, gateway
    follow(platform, people("li"), Reach(mail="li@example.cn", mobile="13900000001"))
    follow(platform, people("wang"), Reach(mail="wang@example.cn", language="en"))
    announce(platform)

    send(platform, mail=smtp, sms=sms)
    send(platform, mail=smtp, sms=sms)

    address = f"{platform.settings.site_url}/tenders/one"
    assert sorted(room.letters) == [
        (["li@example.cn"], ZH, f"{ZH}\n\n{EN}\n\n{address}\n"),
        (["wang@example.cn"], EN, f"{EN}\n\n{ZH}\n\n{address}\n"),
    ]
    assert [(form["mobiles"], form["content"]) for form in taken] == [("13900000001", ZH)]
    assert states(platform, people("li")) == [("mail", "sent", None), ("sms", "sent", None)]


def test_a_server_that_does_not_answer_is_asked_again_until_it_is_given_up(
    platform: Platform, people, mail_room
) -> None:
    room, url = mail_room
    follow(platform, people("li"), Reach(mail="li@example.cn"))
    announce(platform)
    room.refusing = True
    seen = []
    for _ in range(MAX_ATTEMPTS):
        send(platform, mail=url)
        seen.append(states(platform, people("li"))[0][1])
        move_clock(platform.db, hours=1)

    assert seen == ["queued"] * (MAX_ATTEMPTS - 1) + ["failed"]
    assert states(platform, people("li")) == [("mail", "failed", "the mail server did not take it")]


def test_a_gateway_that_refuses_the_signature_is_told_plainly(platform: Platform, people, gateway) -> None:
    taken, url = gateway
    follow(platform, people("li"), Reach(mobile="13900000001"))
    announce(platform)

    send(platform, sms=url.replace("secret=key", "secret=wrong"))

    assert (taken, states(platform, people("li"))) == ([], [("sms", "queued", "the SMS gateway refuses it")])


def test_two_senders_hand_a_delivery_over_once(platform: Platform, people, mail_room) -> None:
    room, url = mail_room
    follow(platform, people("li"), Reach(mail="li@example.cn"))
    announce(platform)
    with platform.db.read() as tx:
        new = queries.to_fan_out(tx)
    with platform.db.transaction() as tx:
        assert following.fan_out(tx, platform.wrapper, new[0], channels=[Channel.MAIL], at=clock.now(tx)) == 1
    with platform.db.transaction() as tx:
        assert following.fan_out(tx, platform.wrapper, new[0], channels=[Channel.MAIL], at=clock.now(tx)) == 0
    with platform.db.read() as tx:
        [delivery] = queries.due_deliveries(tx, at=clock.now(tx) + timedelta(seconds=1), limit=9)

    both = [
        threading.Thread(target=tasks.send_one, args=(platform, {Channel.MAIL: Mail(url)}, delivery))
        for _ in range(2)
    ]
    for one in both:
        one.start()
    for one in both:
        one.join()

    assert len(room.letters) == 1


@pytest.mark.parametrize(
    ("reach", "field"),
    [
        (Reach(mail="nobody"), "mail"),
        (Reach(mail="a@b.cn\nBcc: c@d.cn"), "mail"),
        (Reach(mobile="12345678901"), "mobile"),
        (Reach(mobile="1390000000"), "mobile"),
    ],
)
def test_what_is_no_address_is_refused(platform: Platform, people, reach: Reach, field: str) -> None:
    with pytest.raises(Malformed) as refused, platform.db.transaction() as tx:
        following.set_reach(tx, platform.wrapper, reach, actor=people("li"))

    assert refused.value.data == {"detail": field}


def test_addresses_and_passwords_of_servers_are_not_in_repr(platform: Platform) -> None:
    ports = (Mail("smtp://u:secret@h:1?from=a"), Sms("http://h/?secret=secret"))

    assert [repr(port) for port in ports] == ["Mail()", "Sms()"]
    assert {"notify_follow", "notify_delivery"} <= set(Base.metadata.tables)
