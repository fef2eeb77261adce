"""A lot that ends without a winner after its opening: two people, a cause the law knows, a public notice."""

from __future__ import annotations

from typing import Annotated

import msgspec

from govcore import clock
from govcore.audit.service import record
from govcore.db import Tx
from govcore.errors import Problem
from govcore.identity.policy import Actor, require
from govcore.notify.service import tell
from govcore.platform import Platform
from trading.award import issue
from trading.award.announcing import publish_failure
from trading.award.drafts import REASON_MAX
from trading.award.failing_causes import holds
from trading.award.models import FailedAward
from trading.award.policy import Failure, PaperKind
from trading.award.queries import own_lot
from trading.award.service import bidders_of, stored_row
from trading.tender.moves import OutOfOrder, move_lot
from trading.tender.policy import LOT_RULES, LotMove

FAILURE_WORDS = {
    Failure.ALL_REJECTED: "All bids were rejected",
    Failure.CANDIDATE_OUT: "A candidate is out and the tender is done again",
    Failure.TOO_FEW: "Too few bidders are qualified or responsive",
    Failure.UNFAIR: "Unlawful acts have affected the fairness of the purchase",
    Failure.OVER_BUDGET: "All prices are above the budget and cannot be paid",
    Failure.NO_NEED: "The need has ended through a great change",
}
FAILURE_BASIS = {
    Failure.ALL_REJECTED: "招标投标法 art. 42; 实施条例 art. 51",
    Failure.CANDIDATE_OUT: "T38 · 实施条例 art. 55; 政府采购法实施条例 art. 49",
    Failure.TOO_FEW: "G11 · 政府采购法 art. 36 (1); 87号令 art. 43, 44; 财库〔2014〕214号 art. 34",
    Failure.UNFAIR: "政府采购法 art. 36 (2)",
    Failure.OVER_BUDGET: "政府采购法 art. 36 (3)",
    Failure.NO_NEED: "政府采购法 art. 36 (4)",
}


class CauseDoesNotHold(Problem):
    code = "E_FAILURE_CAUSE"
    status = 422
    text = "This cause does not hold for this lot: {cause} ({basis})."


class FailureNeedsReason(Problem):
    code = "E_FAILURE_REASON"
    status = 422
    text = "Say in at most {most} characters what happened; the notice will publish it."


class FailureDecided(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Why the lot ends without a winner."""

    cause: Failure
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=REASON_MAX)]


def failure(tx: Tx, lot_id: str, decided: FailureDecided, actor: Actor) -> dict[str, str | int]:
    """What ending the lot would mean, for two people of the tenderer's side."""
    context = own_lot(tx, lot_id, actor)
    if context.state not in LOT_RULES[LotMove.END].sources:
        raise OutOfOrder.of(LotMove.END, context.state)
    if not holds(tx, context, decided.cause):
        raise CauseDoesNotHold(cause=FAILURE_WORDS[decided.cause], basis=FAILURE_BASIS[decided.cause])
    return {
        "lot": context.lot_code,
        "title": f"{context.title} · {context.lot_name}",
        "cause": FAILURE_WORDS[decided.cause],
        "basis": FAILURE_BASIS[decided.cause],
        "text": decided.text,
    }


def fail(
    tx: Tx, platform: Platform, lot_id: str, decided: FailureDecided, *, proposer: Actor, second: Actor
) -> None:
    """End the lot without a winner and publish why; another round may begin."""
    require(proposer, "award.fail")
    failure(tx, lot_id, decided, proposer)
    context, at = own_lot(tx, lot_id, proposer), clock.now(tx)
    notice = issue.failure_notice(tx, platform, context, decided.cause, decided.text, at=at)
    move_lot(tx, lot_id, LotMove.END, at=at)
    tx.add(
        FailedAward(
            lot_id=lot_id,
            cause=decided.cause,
            text=decided.text,
            by=proposer.user_id,
            second=second.user_id,
            at=at,
        )
    )
    tx.add(stored_row(lot_id, PaperKind.FAILURE, 0, notice, at))
    data = {
        "lot": context.lot_code,
        "cause": decided.cause.value,
        "basis": FAILURE_BASIS[decided.cause],
        "notice_sha256": notice.sha256,
    }
    record(tx, LOT_RULES[LotMove.END].event, subject=lot_id, actor="system", at=at, data=data)
    publish_failure(
        tx,
        context,
        decided.cause,
        decided.text,
        notice_id=notice.id,
        paper=notice.public,
        at=at,
    )
    tell(
        tx,
        bidders_of(tx, lot_id),
        about=f"award.failed/{lot_id}",
        text="{lot} ends without a winner: {cause}.",
        data={"lot": context.lot_name, "cause": FAILURE_WORDS[decided.cause]},
        href=f"/notices/award/{notice.id}",
        at=at,
    )
