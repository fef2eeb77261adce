"""Steps of an award that several tests take, and purchases in the evaluation's city."""

from __future__ import annotations

import hashlib
from datetime import datetime

from evaluated_city import City, build

from govcore import clock
from govcore.db import Database
from govcore.platform import Platform
from trading.award import exclusions, issue
from trading.award.exclusions import Finding
from trading.award.policy import Cause
from trading.evaluation.tasks import complete_one
from trading.review import service as reviewing

BIDS = ("bid-1", "bid-2", "bid-3")


def set_clock(city: City, at: datetime) -> None:
    """Let the legal clock stand at this moment and go on from there."""
    city.database.info["clock_offset"] += at - now(city)


def now(city: City) -> datetime:
    with city.database.read() as tx:
        return clock.now(tx)


def publicise(platform: Platform, city: City) -> None:
    issue.publicise(platform, city.lot_id, actor=city.actor("agency"))


def put_out(
    platform: Platform,
    city: City,
    bid_id: str,
    cause: Cause = Cause.NO_BOND,
    *,
    proposer: str = "tenderer",
    second: str = "second",
) -> None:
    """Record a cause against a candidate, with its evidence, as two people do."""
    stored = issue.keep_evidence(platform, city.lot_id, f"evidence against {bid_id}".encode())
    actor = city.actor(proposer)
    with city.database.transaction() as tx:
        exclusions.add_evidence(
            tx, city.lot_id, name="催告函.pdf", stored=stored, actor=actor, at=clock.now(tx)
        )
    found = Finding(bid=bid_id, cause=cause, evidence=stored.id, text="逾期未提交履约保证金")
    with city.database.transaction() as tx:
        exclusions.exclude(tx, platform, city.lot_id, found, proposer=actor, second=city.actor(second))


def purchase(database: Database) -> City:
    """A government purchase whose bids were opened."""
    return build(database, rule_set="gp-2026")


def review(city: City, *, unqualified: tuple[str, ...] = ("bid-4",)) -> None:
    """Judge every bid and end the review."""
    actor = city.actor("agency")
    for bid_id in (*BIDS, "bid-4"):
        with city.database.transaction() as tx:
            reviewing.judge_qualification(
                tx,
                city.lot_id,
                bid_id=bid_id,
                passed=bid_id not in unqualified,
                reason="缺少纳税证明" if bid_id in unqualified else "",
                actor=actor,
                at=clock.now(tx),
            )
    with city.database.transaction() as tx:
        reviewing.close_qualification(tx, city.lot_id, actor=actor, at=clock.now(tx))


def evaluated_purchase(platform: Platform) -> City:
    """The purchase evaluated: bid 2 ranked first, then 1 and 3; bid 4 is not qualified."""
    city = purchase(platform.db)
    review(city)
    city.lock_all()
    assert complete_one(platform, city.lot_id)
    return city


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
