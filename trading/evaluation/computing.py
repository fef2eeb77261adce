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
from trading.draws.policy import Purpose
from trading.evaluation.agreement import Findings, findings
from trading.evaluation.criteria import leaves
from trading.evaluation.entries import Leaf
from trading.evaluation.facts import present_round
from trading.evaluation.files import Document, Files, files_of, is_rate
from trading.evaluation.models import EvaluationRound, Outcome
from trading.evaluation.outcome import Result, Standing
from trading.evaluation.scoring import Code, Refused, score
from trading.evaluation.sheet_queries import LockedSheet, locked_sheets
from trading.opening.queries import OpenedBid, all_read_out, opened_bids
from trading.procedure.paper_words import PaperWords
from trading.procedure.policy import Regime
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
    def rate(self) -> bool:
        """Whether discounts were scored."""
        return is_rate(self.context)

    @property
    def words(self) -> PaperWords:
        """What papers of this procedure call things."""
        return self.context.words

    def read_out_fen(self, one: Standing) -> int | None:
        """The sum that was read out of a bid; nothing where it never was."""
        return next(bid.price_fen for bid in self.bids if bid.bid_id == one.bid)

    def corrected_fen(self, one: Standing) -> int | None:
        """The price that binds, or would."""
        read_out = self.read_out_fen(one)
        found = one.corrected_fen(read_out, rate=self.rate)
        return read_out if found is None else found

    def evaluated_fen(self, one: Standing) -> int | None:
        """The price that was compared."""
        return one.evaluated_fen(self.read_out_fen(one), rate=self.rate)

    @property
    def documents(self) -> dict[str, Document]:
        """All four by the names that a bundle gives them."""
        return self.files.named() | {"result": self.document}


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """An evaluation that nothing is left to be settled of, before its result is computed."""

    context: LotContext
    round: EvaluationRound
    sheets: list[LockedSheet]
    findings: Findings
    files: Files


def waiting(tx: Tx, lot_id: str) -> Waiting | None:
    """What a result can be computed from, once all have locked and settled; nothing once it is recorded."""
    present, sheets = present_round(tx, lot_id), locked_sheets(tx, lot_id)
    if present is None or present.completed_at is not None or not sheets or not all_read_out(tx, lot_id):
        return None
    if not is_settled(tx, lot_id):
        return None
    context = lot_context(tx, lot_id)
    found = findings(tx, context, sheets)
    if not found.settled:
        return None
    files = files_of(tx, context, sheets)
    return Waiting(context=context, round=present, sheets=sheets, findings=found, files=files)


def undecided(files: Files) -> Purpose | None:
    """What only a draw can decide in a purchase, and none has (87号令 art. 31, 68); nothing else is drawn."""
    if files.tender_file["regime"] != Regime.GP or files.opening["tickets"]:
        return None
    try:
        result = score(files.tender_file, files.opening, files.sheets)
    except Refused as refused:
        return Purpose.SAME_BRAND if refused.code is Code.DRAW_MISSING else None
    ranked: list[dict[str, Any]] = result["standings"]  # type: ignore[assignment]
    first = ranked[0]["rank"] == 1 and ranked[0]["tied"]
    return Purpose.PARALLEL if first and files.tender_file["procedure"] == "tender" else None


def ready(tx: Tx, lot_id: str) -> Ready | None:
    """What a report says, once nothing is left to be settled or drawn; nothing once it is recorded."""
    found = waiting(tx, lot_id)
    return None if found is None or undecided(found.files) else _made(tx, lot_id, found)


def finished(tx: Tx, lot_id: str) -> Ready | None:
    """The same of a round that is complete, made again from what was locked; nothing before."""
    present = present_round(tx, lot_id)
    if present is None or present.completed_at is None:
        return None
    context, sheets = lot_context(tx, lot_id), locked_sheets(tx, lot_id)
    found = findings(tx, context, sheets)
    files = files_of(tx, context, sheets)
    return _made(
        tx, lot_id, Waiting(context=context, round=present, sheets=sheets, findings=found, files=files)
    )


def _made(tx: Tx, lot_id: str, found: Waiting) -> Ready:
    document = computed(found.files)
    return Ready(
        context=found.context,
        round=found.round,
        leaves=leaves(found.context),
        bids=tuple(opened_bids(tx, lot_id)),
        sheets=tuple(found.sheets),
        findings=found.findings,
        files=found.files,
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
    rows = []
    for position, one in enumerate(found.result.standings, start=1):
        invalid = one.invalid
        code = invalid.code if invalid else SAME_BRAND if one.state == SAME_BRAND else None
        row = Outcome(
            lot_id=found.context.lot_id,
            number=found.round.number,
            bid_id=one.bid,
            position=position,
            price_fen=found.corrected_fen(one),
            rank=one.rank,
            total=None if one.total is None else hundredths(one.total),
            evaluated_fen=found.evaluated_fen(one),
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
