"""What later stages read of a review: the member `reviews` of sheets/1, the bids that are left, what is still open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from govcore.db import Tx
from govcore.errors import NotFound, Problem
from govcore.identity.policy import Actor, Role
from trading.committee.queries import active_seats
from trading.opening.queries import OpenedBid, all_read_out
from trading.procedure.competition import Stage
from trading.procedure.policy import Regime
from trading.procedure.words import named
from trading.review.documents import purchaser_qualifies
from trading.review.facts import Facts, facts
from trading.review.policy import COMPETITION, PRICES, QUALIFICATION, fails, reason_of
from trading.tender.queries import LotContext, lot_context

__all__ = ["purchaser_qualifies"]


class QualificationOpen(Problem):
    """政府采购货物和服务招标投标管理办法 art. 44."""

    code = "E_QUALIFICATION_OPEN"
    text = "The purchaser has not finished the qualification review (G12 · 87号令 art. 44)."


class TooFewQualified(Problem):
    """政府采购货物和服务招标投标管理办法 art. 44."""

    code = "E_TOO_FEW_QUALIFIED"
    text = "Fewer than {least} bidders are qualified: nothing may be evaluated (G11 · 87号令 art. 44)."


class ReviewOpen(Problem):
    code = "E_REVIEW_OPEN"
    text = "The review is not finished: {gates} gates are open, {requests} questions to bidders wait."


class TooFewValid(Problem):
    """政府采购法 art. 36; 政府采购货物和服务招标投标管理办法 art. 43; 财库〔2014〕214号 art. 34."""

    code = "E_TOO_FEW_VALID"
    text = "Valid bids left: {left}, and fewer than {least} end the purchase ({rule} · {article})."


class CompetitionOpen(Problem):
    """评标委员会和评标方法暂行规定 art. 27."""

    code = "E_COMPETITION_OPEN"
    text = (
        "Only {left} valid bids are left: the committee first decides, with its reasons, whether there is still "
        "competition (评标委员会和评标方法暂行规定 art. 27)."
    )


@dataclass(frozen=True, slots=True)
class Judged:
    """An opened bid and what the purchaser's side found; nothing before it was judged."""

    bid: OpenedBid
    passed: bool | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Qualification:
    """The purchaser's qualification review of a lot."""

    context: LotContext
    bids: tuple[Judged, ...]
    closed_at: datetime | None

    @property
    def least(self) -> int:
        return self.context.least(Stage.QUALIFIED).number

    @property
    def qualified(self) -> int:
        return sum(1 for one in self.bids if one.passed)

    @property
    def missing(self) -> int:
        return sum(1 for one in self.bids if one.passed is None)

    @property
    def too_few(self) -> bool:
        """Whether it ended with fewer qualified bidders than an evaluation needs."""
        return self.closed_at is not None and self.qualified < self.least


def reviews_of(tx: Tx, lot_id: str) -> dict[str, dict[str, Any]]:
    """The member `reviews` of sheets/1: what was found about every opened bid outside the sheets.

    Only what is settled is in it. See docs/guide/evaluation-files.md.
    """
    known = facts(tx, lot_id)
    return {bid.bid_id: _review_of(known, bid.bid_id) for bid in known.bids}


def _review_of(known: Facts, bid_id: str) -> dict[str, Any]:
    granted = [one for one in known.grants if one.bid_id == bid_id]
    correction = known.correction(bid_id)
    return {
        "gates": _gates_of(known, bid_id),
        "confirmed": None if correction is None else correction.confirmed,
        "policies": [one.item for one in granted if one.kind == "policy" and one.value == "yes"],
        "adjustments": {one.item: one.value for one in granted if one.kind == "adjustment"},
        "abnormal": known.abnormal(bid_id),
        "other": _other(known, bid_id),
    }


def _gates_of(known: Facts, bid_id: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for gate in known.plain_gates:
        if bid_id in known.asked_about(gate) and known.settled(gate):
            verdicts = known.verdicts(gate, bid_id)
            passed = not fails(verdicts)
            reason = "" if passed else reason_of(verdicts)
            found.append({"id": gate.node, "article": gate.article, "reason": reason, "passed": passed})
    return found


def _other(known: Facts, bid_id: str) -> dict[str, str] | None:
    reason = known.competition_denied
    if reason is None or bid_id not in {bid.bid_id for bid in known.valid}:
        return None
    article = COMPETITION[known.context.rule_set.regime].article
    return {"code": "no_competition", "article": article, "reason": reason}


def statements_of(tx: Tx, lot_id: str) -> dict[str, dict[str, Any]]:
    """The statement that each bid's correction works on, as opening/1 writes it; bids without one are left out."""
    known = facts(tx, lot_id)
    corrections = ((bid.bid_id, known.correction(bid.bid_id)) for bid in known.bids)
    return {bid_id: dict(one.detail["statement"]) for bid_id, one in corrections if one is not None}


def brands(tx: Tx, lot_id: str) -> Mapping[str, str]:
    """The core product's brand of each bid that names one, in a purchase."""
    return facts(tx, lot_id).brands


def bids_left(tx: Tx, lot_id: str) -> list[OpenedBid]:
    """The bids that are still to be scored: no gate, price or silence has put them out.

    In two envelopes those whose price is still sealed are among them.
    """
    known = facts(tx, lot_id)
    return [] if known.competition_denied is not None else list(known.passing)


def check_settled(tx: Tx, lot_id: str) -> None:
    """Raise the refusal of what a review still owes before sheets may be locked."""
    known = facts(tx, lot_id)
    check_qualified(tx, known.context)
    open_gates = sum(1 for gate in known.gates if not known.settled(gate))
    waiting = sum(1 for one in known.requests if one.waiting)
    if open_gates or waiting:
        raise ReviewOpen(gates=open_gates, requests=waiting)
    if not known.too_few:
        return
    if known.context.rule_set.regime is Regime.GP:
        raise TooFewValid(left=known.competing, **named(known.context.least(Stage.RESPONSIVE)))
    if known.valid and known.competition is None:
        raise CompetitionOpen(left=known.competing)


def prices_open(tx: Tx, lot_id: str) -> bool:
    """Whether prices were read out in a second opening and the committee has not ended its check of them."""
    known = facts(tx, lot_id)
    gate = known.gate(PRICES)
    return gate is not None and not known.settled(gate)


def is_settled(tx: Tx, lot_id: str) -> bool:
    """Whether a review owes nothing any more."""
    try:
        check_settled(tx, lot_id)
    except Problem:
        return False
    return True


def too_few_valid(tx: Tx, context: LotContext) -> bool:
    """Whether a purchase that was not evaluated has too few qualified or valid bids for it, all said and done."""
    if purchaser_qualifies(context) and qualification_of(tx, context).too_few:
        return True
    if not active_seats(tx, context.lot_id):
        return False
    try:
        check_settled(tx, context.lot_id)
    except TooFewValid:
        return True
    except Problem:
        return False
    return False


def qualification(tx: Tx, lot_id: str, *, actor: Actor) -> Qualification:
    """The purchaser's review, for its own side; `NotFound` for everybody else, and where the committee does it."""
    context = lot_context(tx, lot_id)
    tenderer = Role.TENDERER in actor.roles and actor.org_id == context.tenderer.id
    own = tenderer or (Role.AGENCY in actor.roles and actor.org_id == context.agency.id)
    if not own or not purchaser_qualifies(context) or not all_read_out(tx, lot_id):
        raise NotFound
    return qualification_of(tx, context)


def qualification_of(tx: Tx, context: LotContext) -> Qualification:
    """The same, for services of later stages."""
    known = facts(tx, context.lot_id)
    gate = known.gate(QUALIFICATION)
    assert gate is not None  # asked of purchases only
    judged = []
    for bid in known.bids:
        given = known.verdicts(gate, bid.bid_id)
        judged.append(Judged(bid, given[0].passed, given[0].reason) if given else Judged(bid, None, ""))
    return Qualification(context=context, bids=tuple(judged), closed_at=gate.closed_at)


def check_qualified(tx: Tx, context: LotContext) -> None:
    """Raise `QualificationOpen` or `TooFewQualified` unless the committee may begin."""
    if not purchaser_qualifies(context):
        return
    found = qualification_of(tx, context)
    if found.closed_at is None:
        raise QualificationOpen
    if found.too_few:
        raise TooFewQualified(least=found.least)
