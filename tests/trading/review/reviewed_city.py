"""Steps of a review that several tests take."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec
from evaluated_city import City, build, content

from govcore import clock
from govcore.db import Database
from govcore.identity.queries import actor_of_user
from trading.review import requests, service
from trading.review.policy import RequestKind
from trading.review.service import Said
from trading.tender.criteria import Gate
from trading.tender.models import Tender

LEADER = "expert-1"
GATES = [
    Gate(id="licence", label="安全生产许可证有效", article="招标文件第三章 2.1", kind="qualification"),
    Gate(id="period", label="工期不超过 180 日历天", article="招标文件第三章 2.3"),
]
VALID = ("bid-1", "bid-2", "bid-3")


def reviewing(database: Database, *, rule_set: str = "demo", meets: bool = True) -> City:
    """A lot whose documents have two gates; the committee meets."""
    city = build(database, rule_set=rule_set)
    with database.transaction() as tx:
        gated = msgspec.structs.replace(content(), gates=GATES)
        tx.get_one(Tender, "tender-1").content = msgspec.to_builtins(gated)
    if meets:
        city.convene()
    return city


def vote(
    city: City,
    member: str,
    bid_id: str,
    *,
    fails: str = "",
    gates: Iterable[str] = ("licence", "period"),
    reason: str = "许可证已过期",
    why: str = "",
) -> None:
    """Say as a member that a bid passes these gates, all but the one that it fails."""
    said = [Said(node, node != fails, reason if node == fails else "") for node in gates]
    with city.database.transaction() as tx:
        at, actor = clock.now(tx), actor_of_user(tx, member)
        service.vote(tx, city.lot_id, bid_id=bid_id, said=said, why=why, actor=actor, at=at)


def vote_all(city: City, *, failing: dict[str, str] | None = None, against: int = 5) -> None:
    """Every member votes on every valid bid; `against` of them find that a bid fails the gate named."""
    for n, member in enumerate(city.experts):
        for bid_id in VALID:
            vote(city, member, bid_id, fails=(failing or {}).get(bid_id, "") if n < against else "")


def close(city: City, *nodes: str, member: str = LEADER) -> None:
    with city.database.transaction() as tx:
        service.close_gates(
            tx,
            city.lot_id,
            nodes=nodes or ("licence", "period"),
            actor=actor_of_user(tx, member),
            at=clock.now(tx),
        )


def ask(city: City, bid_id: str, kind: RequestKind = RequestKind.CLARIFICATION) -> str:
    with city.database.transaction() as tx:
        actor = actor_of_user(tx, LEADER)
        text = "请说明项目负责人业绩证明材料中日期不一致的原因。"
        return requests.ask(
            tx, city.lot_id, bid_id=bid_id, kind=kind, text=text, actor=actor, at=clock.now(tx)
        )


def answer(city: City, request_id: str, *, by: str = "bidder-1", text: str = "系笔误，见附件。") -> None:
    with city.database.transaction() as tx:
        actor, at = actor_of_user(tx, by), clock.now(tx)
        requests.answer(tx, request_id, text=text, kept=True, files=[], actor=actor, at=at)


def now(city: City) -> datetime:
    with city.database.read() as tx:
        return clock.now(tx)
