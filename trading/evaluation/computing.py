"""From locked sheets to a result: nothing here decides, the three documents and `score` do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import msgspec

from govcore.db import Tx
from govcore.errors import Problem
from trading.evaluation.agreement import Findings, findings
from trading.evaluation.criteria import leaves
from trading.evaluation.entries import Leaf
from trading.evaluation.facts import present_round
from trading.evaluation.files import Document, Files, files_of
from trading.evaluation.models import EvaluationRound, Outcome
from trading.evaluation.outcome import Result
from trading.evaluation.scoring import Refused, score
from trading.evaluation.sheet_queries import LockedSheet, locked_sheets
from trading.opening.queries import OpenedBid, all_read_out, opened_bids
from trading.review.queries import is_settled
from trading.tender.queries import LotContext, lot_context

SAME_BRAND = "same_brand"
"""The code of a bid that another one of its brand stands for (87号令 art. 31)."""


class NotComputable(Problem):
    """The documents refuse each other: a person has to look."""

    code = "E_RESULT_REFUSED"
    status = 500
    text = "The result cannot be computed: {code} at {place}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """All that a report is made of; `bids` are those that were opened without fault."""

    context: LotContext
    round: EvaluationRound
    leaves: tuple[Leaf, ...]
    bids: tuple[OpenedBid, ...]
    sheets: tuple[LockedSheet, ...]
    findings: Findings
    files: Files
    document: Document
    result: Result

    @property
    def locked_at(self) -> datetime:
        """When the last member locked."""
        return max(sheet.locked_at for sheet in self.sheets)

    @property
    def documents(self) -> dict[str, Document]:
        """All four by the names that a bundle gives them."""
        return self.files.named() | {"result": self.document}


def ready(tx: Tx, lot_id: str) -> Ready | None:
    """What a report says, once all have locked and nothing is left to be settled; nothing once it is recorded."""
    present, sheets = present_round(tx, lot_id), locked_sheets(tx, lot_id)
    if present is None or present.completed_at is not None or not sheets or not all_read_out(tx, lot_id):
        return None
    if not is_settled(tx, lot_id):
        return None
    found = findings(tx, lot_context(tx, lot_id), sheets)
    return _made(tx, lot_id, present, sheets, found) if found.settled else None


def finished(tx: Tx, lot_id: str) -> Ready | None:
    """The same of a round that is complete, made again from what was locked; nothing before."""
    present = present_round(tx, lot_id)
    if present is None or present.completed_at is None:
        return None
    sheets = locked_sheets(tx, lot_id)
    return _made(tx, lot_id, present, sheets, findings(tx, lot_context(tx, lot_id), sheets))


def _made(tx: Tx, lot_id: str, present: EvaluationRound, sheets: list[LockedSheet], found: Findings) -> Ready:
    context = lot_context(tx, lot_id)
    files = files_of(tx, context, sheets)
    document = computed(files)
    return Ready(
        context=context,
        round=present,
        leaves=leaves(context),
        bids=tuple(opened_bids(tx, lot_id)),
        sheets=tuple(sheets),
        findings=found,
        files=files,
        document=document,
        result=msgspec.convert(document, Result),
    )


def computed(files: Files) -> dict[str, Any]:
    """`result/1`; raise `NotComputable` where a document refuses another."""
    try:
        return score(files.tender_file, files.opening, files.sheets)
    except Refused as refused:
        raise NotComputable(code=refused.code, place=refused.place) from refused


def outcomes_of(found: Ready) -> list[Outcome]:
    """The rows that award and notices read."""
    read_out = {bid.bid_id: bid.price_fen for bid in found.bids}
    rows = []
    for position, one in enumerate(found.result.standings, start=1):
        invalid = one.invalid
        code = invalid.code if invalid else SAME_BRAND if one.state == SAME_BRAND else None
        row = Outcome(
            lot_id=found.context.lot_id,
            number=found.round.number,
            bid_id=one.bid,
            position=position,
            price_fen=read_out[one.bid] if one.corrected_fen is None else one.corrected_fen,
            rank=one.rank,
            total=None if one.total is None else hundredths(one.total),
            evaluated_fen=one.evaluated_fen,
            candidate=one.bid in found.result.candidates,
            parts={name: hundredths(points) for name, points in (one.shown or {}).items()},
            invalid=code,
            article=(invalid.article if invalid else None) or "",
            reason=(invalid.reason if invalid else None) or "",
        )
        rows.append(row)
    return rows


def ranking_of(rows: Iterable[Outcome]) -> list[tuple[str, int | None]]:
    """Who stands where."""
    return sorted((row.bid_id, row.rank) for row in rows)


def hundredths(points: str) -> int:
    """Points as text in hundredths; more decimals are rounded half-up, for readers only."""
    return int((Decimal(points) * 100).to_integral_value(ROUND_HALF_UP))
