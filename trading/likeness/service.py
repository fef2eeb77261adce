"""Order the analysis of a lot's opened bids, carry it out beside all requests, and log who reads it."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

import msgspec

from govcore.audit.service import record
from govcore.db import Tx
from govcore.errors import Problem
from govcore.identity.policy import Actor, require
from govcore.platform import Platform
from trading import ordered
from trading.likeness import queries
from trading.likeness.collecting import facts_of, known_files
from trading.likeness.models import Analysis
from trading.likeness.policy import compare
from trading.likeness.queries import AnalysisShown, Unread
from trading.opening.queries import opened_bids
from trading.tender.queries import lot_context

LEASE = timedelta(minutes=15)
"""One bid is read within it whatever its files do to their readers."""


class NothingToCompare(Problem):
    code = "E_NOTHING_TO_COMPARE"
    text = "There are no two opened bids in this lot, so there is nothing to compare."


def order(tx: Tx, lot_id: str, *, actor: Actor, at: datetime) -> None:
    """Order the analysis of all opened bids, anew if there was one (实施条例 art. 40)."""
    require(actor, "likeness.read")
    queries.check_may_read(tx, lot_id, actor=actor, at=at)
    bids = len(opened_bids(tx, lot_id))
    if bids < 2:
        raise NothingToCompare
    ordered.order(tx, Analysis, lot_id, bids=bids, actor=actor, at=at, found=[], unread=[])
    record(tx, "likeness.ordered", subject=lot_id, actor=actor.user_id, at=at, data={"bids": bids})


def read(tx: Tx, lot_id: str, *, actor: Actor, at: datetime, form: str = "page") -> AnalysisShown:
    """The analysis for who may see it; every reading of signs is logged with its form."""
    shown = queries.show(tx, lot_id, actor=actor, at=at)
    if shown.shown_at is not None:
        record(tx, "likeness.read", subject=lot_id, actor=actor.user_id, at=at, data={"form": form})
    return shown


def carry_out(platform: Platform, lot_id: str) -> bool:
    """Read every bid, compare them all, and keep what they share.

    False when somebody is at it, when it is done, and when the analysis was ordered anew meanwhile.
    """
    job = ordered.take(platform.db, Analysis, lot_id, lease=LEASE)
    if job is None:
        return False
    with platform.db.read() as tx:
        context, bids = lot_context(tx, lot_id), opened_bids(tx, lot_id)
    known = known_files(platform, context)
    facts = [facts_of(platform, bid, context) for bid in job.each(bids)]
    found = msgspec.to_builtins(compare(facts, known))
    unread = [Unread(one.number, file.part, file.name) for one in facts for file in one.files if file.cut]
    with platform.db.transaction() as tx:
        at = job.finish(tx)
        if at is None:
            return False
        row = tx.get_one(Analysis, lot_id)
        row.found, row.unread, row.shown_at = found, msgspec.to_builtins(unread), at
        digest = hashlib.sha256(msgspec.json.encode(found)).hexdigest()
        data = {"bids": len(bids), "found_sha256": digest}
        record(tx, "likeness.finished", subject=lot_id, actor="system", at=at, data=data)
    return True
