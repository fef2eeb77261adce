"""Invitations on their way: a real mail server, once, and the code forgotten afterwards."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import message_from_bytes, policy

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from clocks import move_clock
from servers import free_port
from sqlalchemy import select
from town import Town

from govcore import clock
from govcore.notify.channels import Mail
from govcore.notify.policy import MAX_ATTEMPTS, Channel
from govcore.organisations import queries
from govcore.organisations.models import Invitation
from govcore.organisations.tasks import send_one

NEW = {"name": "Li", "address": "li@example.cn", "duties": ["prepare"]}


class Box:
    """What the mail server was given."""

    def __init__(self) -> None:
        self.letters: list[tuple[list[str], str]] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=policy.default)
        self.letters.append((list(envelope.rcpt_tos), message.get_content()))
        return "250 taken"


@pytest.fixture
def box() -> Iterator[tuple[Box, Mail]]:
    box, port = Box(), free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    yield box, Mail(f"smtp://127.0.0.1:{port}?from=notice@site.example")
    controller.stop()


def due(town: Town) -> list[str]:
    with town.platform.db.read() as tx:
        return queries.due_invitations(tx, at=clock.now(tx))


def kept(town: Town) -> tuple[str, str]:
    with town.platform.db.read() as tx:
        row = tx.scalars(select(Invitation)).one()
        return row.state, queries.letter(town.platform.wrapper, row).code


def test_a_code_arrives_once_in_both_languages_and_joins(town: Town, box: tuple[Box, Mail]) -> None:
    town.call("head", "POST", "/api/organisation/invitations", json=NEW)
    [invitation] = due(town)

    send_one(town.platform, {Channel.MAIL: box[1]}, invitation)
    send_one(town.platform, {Channel.MAIL: box[1]}, invitation)

    [(to, text)] = box[0].letters
    code, again = re.findall(r"(?:[0-9A-Z]{5}-){3}[0-9A-Z]{5}", text)
    assert (to, code, due(town)) == (["li@example.cn"], again, [])
    assert ("邀请码" in text, "Your code" in text) == (True, True)
    assert kept(town) == ("sent", "")
    joined = town.call("nobody", "POST", "/api/organisation/joining", json={"code": code})
    assert joined.status_code == 204


def test_a_code_that_cannot_be_sent_is_tried_again_and_given_up(town: Town) -> None:
    town.call("head", "POST", "/api/organisation/invitations", json=NEW)
    silent = Mail(f"smtp://127.0.0.1:{free_port()}?from=notice@site.example")
    [invitation] = due(town)

    for _ in range(MAX_ATTEMPTS):
        send_one(town.platform, {Channel.MAIL: silent}, invitation)
        move_clock(town.platform.db, hours=1)

    assert kept(town) == ("failed", "")
    assert due(town) == []


def test_a_withdrawn_invitation_is_not_sent(town: Town) -> None:
    town.call("head", "POST", "/api/organisation/invitations", json=NEW)
    [invitation] = due(town)

    town.call("head", "DELETE", f"/api/organisation/invitations/{invitation}")

    assert due(town) == []
