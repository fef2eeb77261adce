"""Erasure of personal data from the log, an act of two people: the content goes, leaf and tombstone stay."""

from __future__ import annotations

from datetime import datetime

from govcore import clock
from govcore.audit import queries, search_queries
from govcore.audit.entries import ERASED
from govcore.audit.search_queries import Found
from govcore.audit.service import Leaf, record
from govcore.db import Tx
from govcore.errors import NotFound
from govcore.identity.policy import Actor, require
from govcore.platform import Platform


def erase(tx: Tx, *, leaf: str, second: str, actor: Actor, at: datetime) -> Leaf:
    """Log `audit.erased` for a blinded entry; its event and nonce are dropped when the log holds that."""
    require(actor, "audit.erase")
    if not queries.is_blinded(tx, bytes.fromhex(leaf)):
        raise NotFound
    return record(tx, ERASED, subject=leaf, actor=actor.user_id, at=at, data={"leaf": leaf, "second": second})


def what_goes(tx: Tx, index: str, _content: object, actor: Actor) -> dict[str, str | int]:
    """What two people are asked to erase; `NotFound` for a public, an erased and an unknown entry."""
    found = _erasable(tx, index, actor)
    return {
        "entry": str(found.index),
        "event": found.type,
        "time": clock.start_text(found.at),
        "subject": found.subject,
        "leaf": found.leaf.hex(),
    }


def erase_together(
    tx: Tx, _platform: Platform, index: str, _content: object, *, proposer: Actor, second: Actor
) -> None:
    found = _erasable(tx, index, proposer)
    erase(tx, leaf=found.leaf.hex(), second=second.user_id, actor=proposer, at=clock.now(tx))


def _erasable(tx: Tx, index: str, actor: Actor) -> Found:
    found = search_queries.entry(tx, int(index), actor=actor) if index.isdecimal() else None
    if found is None or found.public or found.event is None:
        raise NotFound
    return found
