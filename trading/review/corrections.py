"""Arithmetic corrections: computed by the scoring's own function, put to the bidder, binding when it confirms.

评标委员会和评标方法暂行规定 art. 19; 政府采购货物和服务招标投标管理办法 art. 59 (domain: I10).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from govcore.audit.service import record
from govcore.db import Tx
from govcore.errors import NotFound, Problem
from govcore.identity.policy import Actor
from trading.evaluation.scoring.corrections import corrected
from trading.evaluation.scoring.given import Given, Refused
from trading.evaluation.scoring.opening import read_statement
from trading.review.documents import correction_terms
from trading.review.facts import Facts
from trading.review.policy import RequestKind
from trading.review.requests import send
from trading.review.service import leading
from trading.review.statements import yuan

STEP_WORDS = {
    "correction.summary": "The opening summary beats what another part says",
    "correction.words": "Words beat figures",
    "correction.unit": "A slip of the decimal point: the total stands, the unit price follows",
    "correction.slip": "A slip of the decimal point: the total stands",
    "correction.line": "A line's total follows from quantity and unit price",
    "correction.section": "A section's total follows from its lines",
    "correction.total": "The total follows from what it is made of",
}
"""Keys of the catalogue, by the steps of the scoring."""


class NoPrice(Problem):
    code = "E_CORRECTION_PRICE"
    text = "This bid has no sum that could be corrected: its price is not open, or it is a discount."


class NothingToCorrect(Problem):
    code = "E_CORRECTION_NONE"
    text = "The arithmetic is right: the corrected price is the price read out. The bidder is asked nothing."


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """A price before and after its correction, in fen, and each step of it."""

    read_fen: int
    corrected_fen: int
    steps: tuple[Mapping[str, Any], ...]
    statement: Mapping[str, Any]

    @property
    def detail(self) -> dict[str, Any]:
        return {
            "read_fen": self.read_fen,
            "corrected_fen": self.corrected_fen,
            "steps": list(self.steps),
            "statement": dict(self.statement),
        }


def computed(known: Facts, bid_id: str, statement: Mapping[str, Any]) -> Correction:
    """What the documents' order of correction makes of a statement; its figures must be the price read out."""
    read_fen = figures_of(known, bid_id)
    try:
        read = read_statement(Given(dict(statement), "statement"))
    except Refused as error:
        raise NotFound from error
    order, keep = correction_terms(known.context)
    found = corrected(read, order, keep_replaced_total=keep)
    return Correction(
        read_fen=read_fen,
        corrected_fen=int(found.price * 100),
        steps=tuple(one.document() for one in found.steps),
        statement=statement,
    )


def figures_of(known: Facts, bid_id: str) -> int:
    """The price read out of a bid, in fen; raise `NoPrice` where there is no sum."""
    bid = next((one for one in known.bids if one.bid_id == bid_id), None)
    if bid is None:
        raise NotFound
    if bid.price_fen is None or known.context.content.price_type == "discount":
        raise NoPrice
    return bid.price_fen


def propose(
    tx: Tx, lot_id: str, *, bid_id: str, statement: Mapping[str, Any], text: str, actor: Actor, at: datetime
) -> str:
    """Put a correction to the bidder, as the leader: it confirms in its window, or its bid is invalid."""
    known = leading(tx, lot_id, actor=actor, at=at)
    found = computed(known, bid_id, dict(statement) | {"figures": yuan(figures_of(known, bid_id))})
    if found.corrected_fen == found.read_fen:
        raise NothingToCorrect
    kind = RequestKind.CORRECTION
    request_id = send(tx, known, bid_id=bid_id, kind=kind, text=text, detail=found.detail, actor=actor, at=at)
    data = {"request": request_id, "read_fen": found.read_fen, "corrected_fen": found.corrected_fen}
    record(tx, "review.correction_proposed", subject=lot_id, actor=actor.user_id, at=at, data=data)
    return request_id
