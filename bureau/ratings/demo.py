"""The bureau of the fictional city: windows, ratings of today, and the real figures of 2019 of a real one."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import msgspec

from bureau.ratings import handling, queries, service
from bureau.ratings.policy import OWN_CHANNELS, Channel, Level, Node, Remedy
from bureau.ratings.schemas import (
    Answer,
    CollectedRating,
    Handling,
    NewReported,
    NewService,
    OwnRating,
    Rectification,
)
from govcore import clock
from govcore.db import Tx
from govcore.identity import queries as identity
from govcore.identity.policy import VISITOR, Actor, Role
from govcore.identity.service import register_organisation, register_user
from govcore.module import DemoAccount
from govcore.platform import Platform

YEARBOOK = Path(__file__).with_name("yearbook_2019.json")
BUREAU = "云汀市行政审批服务局（演示）"
CREDIT_CODE = "113799009900009069"
PEOPLE = {
    "window-1": ("综合受理窗口1号", Role.CLERK),
    "window-2": ("综合受理窗口2号", Role.CLERK),
    "assessor-1": ("督查考核科经办人", Role.ASSESSOR),
    "assessor-2": ("督查考核科负责人", Role.ASSESSOR),
}

TODAY = (
    (Channel.QR, (9, 4, 1, 1, 0)),
    (Channel.DEVICE, (8, 2, 1, 0, 0)),
    (Channel.SMS, (3, 2, 0, 0, 1)),
    (Channel.WEB, (2, 1, 0, 1, 0)),
    (Channel.CARD, (1, 1, 1, 0, 0)),
    (Channel.PHONE, (2, 0, 0, 0, 0)),
    (Channel.SUPERVISOR, (0, 1, 0, 0, 0)),
)
"""How many of each level, the best first, came through a channel."""

ITEMS = ("食品经营许可", "企业设立登记", "建筑工程施工许可", "不动产抵押登记", "道路货物运输经营许可")
COMPLAINTS = {
    Channel.QR: "材料清单上没有写明的证明，到了窗口才让补交，多跑了一趟。",
    Channel.SMS: "承诺当天办结，等到第二天才通知取件。",
    Channel.WEB: "网上预约后仍然排队一个多小时。",
}


def yearbook() -> NewReported:
    """The figures of 2019 as the yearbook prints them."""
    return msgspec.json.decode(YEARBOOK.read_bytes(), type=NewReported)


def furnish(platform: Platform) -> Iterator[DemoAccount]:
    """Found the bureau, load 2019, rate a day's services, and leave the bad ratings at different steps."""
    passwords = {name: secrets.token_urlsafe(9) for name in PEOPLE}
    with platform.db.transaction() as tx:
        at = clock.now(tx)
        staff = _found(tx, passwords, at=at)
        service.report(tx, yearbook(), actor=staff["assessor-1"], at=at)
        bad = _rate(tx, platform, staff, at=at)
        _handle(tx, bad, staff, at=at)
    for name, (title, _) in PEOPLE.items():
        yield DemoAccount(username=name, password=passwords[name], name=title)


def _found(tx: Tx, passwords: dict[str, str], *, at: datetime) -> dict[str, Actor]:
    organ = register_organisation(tx, uscc=CREDIT_CODE, name=BUREAU, actor="system", at=at)
    users = {
        name: register_user(
            tx,
            username=name,
            name=title,
            password=passwords[name],
            org_id=organ.id,
            roles=[role],
            actor="system",
            at=at,
        )
        for name, (title, role) in PEOPLE.items()
    }
    tx.flush()
    return {name: identity.actor_of_user(tx, user.id) for name, user in users.items()}


def _rate(tx: Tx, platform: Platform, staff: dict[str, Actor], *, at: datetime) -> list[str]:
    """Rate each service by its channel; return the codes of the bad ratings."""
    bad: list[str] = []
    number = 0
    for channel, counts in TODAY:
        for level, count in zip(Level, counts, strict=True):
            for _ in range(count):
                number += 1
                case = NewService(f"YT{at:%Y%m%d}{number:04d}", Node.ACCEPT, ITEMS[number % len(ITEMS)])
                code = service.serve(tx, platform.keys, case, actor=staff["window-1"], at=at)
                words = COMPLAINTS[channel] if level <= Level.DISSATISFIED else ""
                if channel in OWN_CHANNELS:
                    phone = "000-0000" if channel is Channel.SMS else ""
                    given = OwnRating(level, words, phone=phone, channel=channel)
                    service.rate(tx, platform.wrapper, code, given, actor=VISITOR, at=at)
                else:
                    card = CollectedRating(level, words, code=code, channel=channel)
                    service.collect(tx, platform.wrapper, card, actor=staff["window-2"], at=at)
                if level <= Level.DISSATISFIED:
                    bad.append(code)
    return bad


def _handle(tx: Tx, codes: list[str], staff: dict[str, Actor], *, at: datetime) -> None:
    """The first is closed by the person's own answer, the second is to be put right, the third just came in."""
    first, second = (queries.rating_by_code(tx, service.hash_of(code)).id for code in codes[:2])
    confirmed = Handling("confirm", "已与当事人和窗口核对，情况属实。")
    for rating_id in (first, second):
        handling.handle(tx, rating_id, confirmed, actor=staff["assessor-1"], at=at)
    done = Rectification(
        Remedy.FIXED, "已修订办事指南并补充材料样本，窗口一次性告知。给您带来不便，深表歉意。"
    )
    handling.rectify(tx, first, done, actor=staff["assessor-1"], at=at)
    handling.answer(tx, codes[0], Answer(satisfied=True), actor=VISITOR, at=at)
