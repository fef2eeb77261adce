"""Holds on a round's archive, and its disposal after the years of keeping: each an act of two people."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec

from govcore import clock
from govcore.audit.entries import time_text
from govcore.audit.service import record
from govcore.clock import end_text
from govcore.db import Tx, new_id
from govcore.errors import Problem
from govcore.identity.policy import Actor, require
from govcore.platform import Platform
from trading.archive import queries
from trading.archive.models import Disposal, LitigationHold
from trading.archive.queries import Archive, DisposedOf
from trading.procedure.words import article_of


class HoldStands(Problem):
    code = "E_HOLD"
    text = "A hold stands on this round already."


class NoHold(Problem):
    code = "E_NO_HOLD"
    text = "No hold stands on this round."


class HeldFast(Problem):
    code = "E_HELD_FAST"
    text = "A hold stands on this round: nothing of it may be disposed of before two people have lifted it."


class KeptStill(Problem):
    code = "E_KEPT"
    text = "T40 · {article}: this round is kept for {years} years, until {until}."


class NothingKept(Problem):
    code = "E_NO_ARCHIVE"
    text = "Make the package first: its manifest is what stays of the round when the rest is gone."


class Reason(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


def hold(tx: Tx, _platform: Platform, tender_id: str, why: Reason, *, proposer: Actor, second: Actor) -> None:
    """Forbid that anything of the round is disposed of."""
    require(proposer, "archive.hold")
    at = clock.now(tx)
    if queries.standing_hold(tx, tender_id) is not None:
        raise HoldStands
    row = LitigationHold(
        id=new_id(),
        tender_id=tender_id,
        reason=why.reason,
        placed_by=proposer.user_id,
        placed_second=second.user_id,
        placed_at=at,
    )
    tx.add(row)
    data = {"tender_id": tender_id, "reason": why.reason}
    record(tx, "archive.held", subject=row.id, actor=proposer.user_id, at=at, data=data)


def lift(tx: Tx, _platform: Platform, tender_id: str, why: Reason, *, proposer: Actor, second: Actor) -> None:
    """End the hold on a round."""
    require(proposer, "archive.hold")
    at, row = clock.now(tx), queries.standing_hold(tx, tender_id)
    if row is None:
        raise NoHold
    row.lifted_by, row.lifted_second, row.lifted_at = proposer.user_id, second.user_id, at
    tx.flush()
    data = {"tender_id": tender_id, "reason": why.reason}
    record(tx, "archive.hold_lifted", subject=row.id, actor=proposer.user_id, at=at, data=data)


def hold_facts(tx: Tx, tender_id: str, why: Reason, actor: Actor) -> dict[str, str | int]:
    """What placing a hold would mean."""
    tender = queries.seen_tender(tx, tender_id, actor)
    if queries.standing_hold(tx, tender_id) is not None:
        raise HoldStands
    return {"tender": tender.code, "title": tender.title, "reason": why.reason}


def lift_facts(tx: Tx, tender_id: str, why: Reason, actor: Actor) -> dict[str, str | int]:
    """What lifting the hold would mean."""
    tender = queries.seen_tender(tx, tender_id, actor)
    if queries.standing_hold(tx, tender_id) is None:
        raise NoHold
    return {"tender": tender.code, "title": tender.title, "reason": why.reason}


def dispose(
    tx: Tx, _platform: Platform, tender_id: str, why: Reason, *, proposer: Actor, second: Actor
) -> None:
    """Dispose of what is not public of a round whose years are over; a sweep deletes it, the manifests stay."""
    require(proposer, "archive.dispose")
    at = clock.now(tx)
    found = _disposable(tx, tender_id, proposer, at=at)
    assert found.kept_until is not None
    tx.add(
        Disposal(
            tender_id=tender_id,
            reason=why.reason,
            kept_until=found.kept_until,
            disposed_by=proposer.user_id,
            disposed_second=second.user_id,
            disposed_at=at,
        )
    )
    data = {
        "tender_id": tender_id,
        "reason": why.reason,
        "kept_until": time_text(found.kept_until),
        "manifests": [one.manifest_sha256 for one in found.packages if one.logged],
    }
    record(tx, "archive.disposed", subject=tender_id, actor=proposer.user_id, at=at, data=data)


def dispose_facts(tx: Tx, tender_id: str, why: Reason, actor: Actor) -> dict[str, str | int]:
    """What disposing of the round would mean."""
    found = _disposable(tx, tender_id, actor, at=clock.now(tx))
    return {
        "tender": found.tender.code,
        "title": found.tender.title,
        "packages": len(found.packages),
        "reason": why.reason,
    }


def _disposable(tx: Tx, tender_id: str, actor: Actor, *, at: datetime) -> Archive:
    """The round's archive; raise what forbids that it is disposed of now."""
    found = queries.show(tx, tender_id, actor=actor, at=at)
    if found.disposal is not None:
        raise DisposedOf
    if found.hold is not None:
        raise HeldFast
    if found.kept_until is None or not any(one.logged for one in found.packages):
        raise NothingKept
    if not found.over:
        until = end_text(found.kept_until)
        article = article_of(queries.rules_of(found.tender)["T40"])
        raise KeptStill(article=article, years=found.years, until=until)
    return found
