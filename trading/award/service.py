"""Publish candidates, decide awards in their order, announce them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError

from govcore.audit.entries import time_text
from govcore.audit.service import record
from govcore.db import Tx
from govcore.errors import MoveNotAllowed
from govcore.identity import queries as identity
from govcore.identity.policy import Actor, Role, require
from govcore.notify.service import tell
from trading.award import dues, queries
from trading.award.announcing import publish_candidates, publish_result
from trading.award.drafts import (
    AlreadyAwarded,
    AwardDraft,
    as_candidate,
    choice,
    draft_award,
    draft_publicity,
    drafted,
    responsive,
)
from trading.award.goods import Bought
from trading.award.models import Award, Candidate, Handover, Paper, PastPublicity, Publicity
from trading.award.policy import Basis, PaperKind, eligible
from trading.award.queries import PublishedCandidate, own_lot
from trading.debarment import queries as debarment
from trading.evaluation.policy import points_text
from trading.evaluation.queries import outcomes
from trading.notices.service import StoredPaper as PublicPaper
from trading.opening.consortia import codes_of
from trading.opening.queries import bids_of
from trading.procedure.policy import Regime
from trading.tender.moves import move_lot
from trading.tender.policy import LOT_RULES, LotMove, LotState
from trading.tender.queries import lot_context


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPaper:
    """A paper that lies in the store already."""

    id: str
    key: str
    sha256: str
    size: int

    @property
    def public(self) -> PublicPaper:
        """The same paper as a notice's."""
        return PublicPaper(key=self.key, sha256=self.sha256, size=self.size)


def publicise(tx: Tx, lot_id: str, *, notice: StoredPaper, actor: Actor, at: datetime) -> None:
    """Publish the candidates for the rule set's period (实施条例 art. 53, 54); a late beginning is marked as late."""
    draft = draft_publicity(tx, lot_id, actor=actor, at=at)
    context = draft.context
    move_lot(tx, lot_id, LotMove.START_PUBLICITY, at=at)
    n = end_publicity(tx, lot_id, at=at)
    former = queries.paper_of(tx, lot_id, PaperKind.CANDIDATES, n - 1)
    tx.add(
        Publicity(
            lot_id=lot_id,
            round=context.round,
            published_by=actor.user_id,
            published_at=at,
            due_at=draft.due_at,
            ends_at=draft.ends_at,
        )
    )
    _add_candidates(tx, lot_id, draft.candidates)
    tx.add(stored_row(lot_id, PaperKind.CANDIDATES, n, notice, at))
    data = {
        "lot": context.lot_code,
        "notice_sha256": notice.sha256,
        "due_at": time_text(draft.due_at),
        "ends_at": time_text(draft.ends_at),
        "candidates": [named(candidate) | {"rank": candidate.rank} for candidate in draft.candidates],
    }
    event = LOT_RULES[LotMove.START_PUBLICITY].event
    record(tx, event, subject=lot_id, actor="system", at=at, data=data)
    publish_candidates(
        tx,
        context,
        draft.candidates,
        draft.rejected,
        notice_id=notice.id,
        paper=notice.public,
        starts_at=at,
        ends_at=draft.ends_at,
        supersedes=former.id if former else None,
    )
    tell(
        tx,
        bidders_of(tx, lot_id),
        about=f"award.candidates/{lot_id}" if n == 0 else f"award.candidates/{lot_id}/{n}",
        text="The candidates for {lot} are published.",
        data={"lot": context.lot_name},
        href=f"/notices/award/{notice.id}",
        at=at,
    )


def end_publicity(tx: Tx, lot_id: str, *, at: datetime) -> int:
    """Keep the candidates that a new evaluation put in question, and make room for those to come; how often so far."""
    past = tx.scalar(select(func.count()).where(PastPublicity.lot_id == lot_id)) or 0
    publicity, given = tx.get(Publicity, lot_id), tx.get(Handover, lot_id)
    began = publicity.published_at if publicity else given.at if given else None
    if began is None:
        return past
    shown = [asdict(one) for one in queries.candidates_of(tx, lot_id)]
    ends_at = publicity.ends_at if publicity else None
    kept = {"published_at": began, "ends_at": ends_at, "candidates": shown, "ended_at": at}
    tx.add(PastPublicity(lot_id=lot_id, n=past, **kept))
    for table in (Candidate, Publicity, Handover):
        tx.execute(delete(table).where(table.lot_id == lot_id))
    tx.expire_all()
    return past + 1


def hand_over(tx: Tx, lot_id: str, *, actor: Actor, at: datetime) -> None:
    """Give the purchaser the report: its five working days run from now (G16 · 政府采购法实施条例 art. 43)."""
    require(actor, "award.hand_over")
    context = own_lot(tx, lot_id, actor)
    if context.rule_set.regime is not Regime.GP or context.state != LotState.EVALUATED:
        raise MoveNotAllowed(move="award.hand_over", state=context.state)
    ranked = responsive(tx, context)
    if dues.received_at(tx, lot_id) is not None:
        raise MoveNotAllowed(move="award.hand_over", state="handed over")
    end_publicity(tx, lot_id, at=at)
    tx.add(Handover(lot_id=lot_id, by=actor.user_id, at=at))
    _add_candidates(tx, lot_id, [as_candidate(context, one) for one in ranked if one.candidate])
    data = {"lot": context.lot_code}
    record(tx, "award.report_received", subject=lot_id, actor=actor.user_id, at=at, data=data)
    tell(
        tx,
        identity.users_with_role(tx, Role.TENDERER, org_id=context.tenderer.id),
        about=f"award.handed_over/{lot_id}",
        text="The evaluation report on {lot} is here. Decide within five working days; silence chooses the first.",
        data={"lot": context.lot_name},
        href=f"/award/{lot_id}",
        at=at,
    )


def award(
    tx: Tx,
    lot_id: str,
    *,
    bid_id: str,
    reason: str = "",
    letter: StoredPaper,
    result: StoredPaper,
    goods: Sequence[Bought] = (),
    actor: Actor,
    at: datetime,
) -> AwardDraft:
    """Award the lot to the candidate whose turn it is, publish the result and tell every bidder (实施条例 art. 55)."""
    draft = draft_award(tx, lot_id, bid_id=bid_id, reason=reason, actor=actor, at=at)
    move_lot(tx, lot_id, _move(draft), at=at)
    _write_down(tx, draft, decided_by=actor.user_id)
    announce(tx, draft, goods, letter=letter, result=result, at=at)
    return draft


def note_silence(tx: Tx, lot_id: str, *, at: datetime) -> bool:
    """Write down that the purchaser's silence chose the first (G16); false when nothing is to be written down.

    The legal moment is the end of the fifth working day, however late this runs.
    """
    context = lot_context(tx, lot_id)
    ended = dues.silence(tx, context)
    if ended is None or at < ended.at or context.state != LotState.EVALUATED:
        return False
    firsts = eligible(queries.ranked_of(tx, lot_id), strict=True)
    if len(firsts) != 1:
        return False  # equal first ones, or none that is left: the purchaser has to act
    winner, basis = choice(tx, context, firsts[0])
    if debarment.in_force(tx, codes_of(tx, winner.bid_id), at=at):
        return False  # it cannot be chosen, in silence neither: the purchaser has to act
    move_lot(tx, lot_id, LotMove.CHOOSE, at=at)
    draft = drafted(
        tx,
        context,
        n=1,
        winner=winner,
        basis=Basis.DEEMED if basis is Basis.FIRST else basis,
        reason="",
        decided_at=ended.at,
        at=at,
    )
    _write_down(tx, draft, decided_by=None)
    data = {"lot": context.lot_code, "at": time_text(ended.at)}
    record(tx, "award.deemed", subject=lot_id, actor="system", at=at, data=data)
    return True


def announce(
    tx: Tx,
    draft: AwardDraft,
    goods: Sequence[Bought],
    *,
    letter: StoredPaper,
    result: StoredPaper,
    at: datetime,
) -> None:
    """Publish a decision with its papers, once, and tell every bidder of it (G17 · 实施条例 art. 55).

    `goods` are what a purchase bought, as its result's paper says.
    """
    context, winner, lot_id = draft.context, draft.winner, draft.context.lot_id
    first = update(Award).where(Award.lot_id == lot_id, Award.n == draft.n, Award.announced_at.is_(None))
    if tx.execute(first.values(announced_at=at).returning(Award.n)).one_or_none() is None:
        raise MoveNotAllowed(move="award.announce", state=context.state)
    tx.add(stored_row(lot_id, PaperKind.LETTER, draft.n, letter, at))
    tx.add(stored_row(lot_id, PaperKind.RESULT, draft.n, result, at))
    data = {
        "lot": context.lot_code,
        "n": draft.n,
        "basis": draft.basis.value,
        "decided_at": time_text(draft.decided_at),
        "winner": named(winner),
        "letter_sha256": letter.sha256,
        "notice_sha256": result.sha256,
    }
    record(tx, LOT_RULES[LotMove.AWARD].event, subject=lot_id, actor="system", at=at, data=data)
    publish_result(tx, draft, goods, notice_id=result.id, paper=result.public, at=at)
    _tell_result(tx, draft, at=at)


def _move(draft: AwardDraft) -> LotMove:
    if draft.n > 1:
        return LotMove.AWARD_NEXT
    return LotMove.CHOOSE if draft.context.rule_set.regime is Regime.GP else LotMove.AWARD


def _write_down(tx: Tx, draft: AwardDraft, *, decided_by: str | None) -> None:
    tx.add(
        Award(
            lot_id=draft.context.lot_id,
            n=draft.n,
            bid_id=draft.winner.bid_id,
            basis=draft.basis,
            reason=draft.reason,
            decided_by=decided_by,
            decided_at=draft.decided_at,
            recorded_at=draft.at,
        )
    )
    try:
        tx.flush()
    except IntegrityError as error:
        raise AlreadyAwarded from error


def _tell_result(tx: Tx, draft: AwardDraft, *, at: datetime) -> None:
    context, lot_id = draft.context, draft.context.lot_id
    winners = identity.users_with_role(tx, Role.BIDDER, org_id=draft.winner.org_id)
    about = f"award.decided/{lot_id}" if draft.n == 1 else f"award.decided/{lot_id}/{draft.n}"
    names = {"lot": context.lot_name, "winner": draft.winner.bidder_name}
    text = "Your bid won {lot}. The award notice is ready for you."
    if context.content.procedure == "consultation":
        text = "Your final offer won {lot}. The award notice is ready for you."
    tell(tx, winners, about=about, text=text, data=names, href=f"/award/{lot_id}/mine", at=at)
    others = set(bidders_of(tx, lot_id)) - set(winners)
    if context.rule_set.regime is Regime.GP:
        others -= _tell_places(tx, draft, about=about, at=at)
    text = "{lot} was awarded to {winner}. Your own result is ready for you."
    tell(tx, others, about=about, text=text, data=names, href=f"/award/{lot_id}/mine", at=at)


def _tell_places(tx: Tx, draft: AwardDraft, *, about: str, at: datetime) -> set[str]:
    """Tell each ranked loser of a purchase its own rank and points (G17 · 87号令 art. 69); who was told."""
    context, told = draft.context, set[str]()
    names = {"lot": context.lot_name, "winner": draft.winner.bidder_name}
    for one in outcomes(tx, context.lot_id):
        if one.rank is None or one.bid.bid_id == draft.winner.bid_id:
            continue
        users = identity.users_with_role(tx, Role.BIDDER, org_id=one.bid.org_id)
        place = names | {"rank": str(one.rank), "points": points_text(one.total)}
        text = "{lot} was awarded to {winner}. Your bid has rank {rank} and {points} points."
        if one.total is None:
            text = "{lot} was awarded to {winner}. Your bid has rank {rank}."
        tell(tx, users, about=about, text=text, data=place, href=f"/award/{context.lot_id}/mine", at=at)
        told |= set(users)
    return told


def _add_candidates(tx: Tx, lot_id: str, candidates: Sequence[PublishedCandidate]) -> None:
    tx.add_all(
        Candidate(lot_id=lot_id, position=position, **asdict(candidate))
        for position, candidate in enumerate(candidates, start=1)
    )
    tx.flush()


def stored_row(lot_id: str, kind: PaperKind, n: int, paper: StoredPaper, at: datetime) -> Paper:
    return Paper(
        id=paper.id,
        lot_id=lot_id,
        kind=kind,
        n=n,
        store_key=paper.key,
        sha256=paper.sha256,
        size=paper.size,
        published_at=at,
    )


def named(candidate: PublishedCandidate) -> dict[str, object]:
    """A candidate in the public log: the company, never its people; what was compared are points or prices."""
    compared = (
        {"evaluated_fen": candidate.evaluated_fen} if candidate.by_price else {"total": candidate.total}
    )
    return {
        "bidder": candidate.bidder_name,
        "uscc": candidate.uscc,
        "price_fen": candidate.price_fen,
        **compared,
    }


def bidders_of(tx: Tx, lot_id: str) -> list[str]:
    organisations = {bid.org_id for bid in bids_of(tx, lot_id)}
    return [user for org in organisations for user in identity.users_with_role(tx, Role.BIDDER, org_id=org)]
