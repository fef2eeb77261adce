"""Publish candidates, decide the award."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from govcore.audit.entries import time_text
from govcore.audit.service import record
from govcore.calendar.queries import calendar_of
from govcore.clock import BEIJING
from govcore.db import Tx
from govcore.errors import MoveNotAllowed, NotFound, Problem
from govcore.identity import queries as identity
from govcore.identity.policy import Actor, Role, require
from govcore.notify.service import tell
from trading.award import queries
from trading.award.announcing import publish_candidates, publish_result
from trading.award.models import Award, Candidate, Paper, Publicity
from trading.award.policy import CANDIDATES_MAX, PaperKind, publicity_is_over
from trading.award.queries import PublishedCandidate
from trading.evaluation.queries import BidOutcome, appointing_centre, outcomes
from trading.notices.service import StoredPaper as PublicPaper
from trading.opening.queries import bids_of
from trading.procedure.deadlines import window_end
from trading.tender.moves import move_lot
from trading.tender.policy import LOT_RULES, LotMove, LotState, Step
from trading.tender.queries import LotContext, lot_context
from trading.tender.suspensions import check_running


class NoCandidate(Problem):
    code = "E_NO_CANDIDATE"
    text = "No bid of this lot was ranked, so there is no candidate to publish."


class PublicityNotOver(Problem):
    """实施条例 art. 54."""

    code = "E_PUBLICITY"
    text = "Publicity lasts until {ends_at} Beijing time; nothing can be awarded before (实施条例 art. 54)."


class NotFirstCandidate(Problem):
    """实施条例 art. 55."""

    code = "E_NOT_FIRST"
    text = "Only the candidate ranked first can be awarded the contract (实施条例 art. 55)."


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


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicityDraft:
    """What the candidates' notice will say."""

    context: LotContext
    centre: str
    candidates: tuple[PublishedCandidate, ...]
    rejected: tuple[BidOutcome, ...]
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardDraft:
    """What the award letter and the result notice will say."""

    context: LotContext
    centre: str
    winner: PublishedCandidate
    publicity_from: datetime
    publicity_until: datetime
    decided_at: datetime


def draft_publicity(tx: Tx, lot_id: str, *, actor: Actor, at: datetime) -> PublicityDraft:
    """What would be published now; raises what `publicise` would raise."""
    require(actor, "award.publicise")
    context = _own_lot(tx, lot_id, actor)
    if context.state != LotState.EVALUATED:
        raise MoveNotAllowed(move=LotMove.START_PUBLICITY, state=context.state)
    check_running(tx, lot_id, Step.PUBLICITY, at)
    found = outcomes(tx, lot_id)
    ranked = [outcome for outcome in found if outcome.rank is not None]
    if not ranked:
        raise NoCandidate
    return PublicityDraft(
        context=context,
        centre=appointing_centre(tx, lot_id),
        candidates=tuple(_candidate(outcome) for outcome in ranked[:CANDIDATES_MAX]),
        rejected=tuple(outcome for outcome in found if outcome.rank is None),
        starts_at=at,
        ends_at=window_end(context.rule_set, "T18", at, calendar=calendar_of(tx)).at,
    )


def publicise(tx: Tx, lot_id: str, *, notice: StoredPaper, actor: Actor, at: datetime) -> None:
    """Publish the candidates from `at` for the rule set's period (实施条例 art. 53, 54)."""
    draft = draft_publicity(tx, lot_id, actor=actor, at=at)
    context = draft.context
    move_lot(tx, lot_id, LotMove.START_PUBLICITY, at=at)
    tx.add(
        Publicity(
            lot_id=lot_id,
            round=context.round,
            published_by=actor.user_id,
            published_at=at,
            ends_at=draft.ends_at,
        )
    )
    tx.flush()
    tx.add_all(
        Candidate(lot_id=lot_id, position=position, **asdict(candidate))
        for position, candidate in enumerate(draft.candidates, start=1)
    )
    tx.add(_paper(lot_id, PaperKind.CANDIDATES, notice, at))
    data = {
        "lot": context.lot_code,
        "notice_sha256": notice.sha256,
        "ends_at": time_text(draft.ends_at),
        "candidates": [_named(candidate) | {"rank": candidate.rank} for candidate in draft.candidates],
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
    )
    tell(
        tx,
        _bidders(tx, lot_id),
        about=f"award.candidates/{lot_id}",
        text="The candidates for {lot} are published.",
        data={"lot": context.lot_name},
        href=f"/notices/award/{notice.id}",
        at=at,
    )


def draft_award(tx: Tx, lot_id: str, *, bid_id: str, actor: Actor, at: datetime) -> AwardDraft:
    """What would be decided now; raises what `award` would raise."""
    require(actor, "award.decide")
    context = _own_lot(tx, lot_id, actor)
    if actor.org_id != context.tenderer.id:
        raise NotFound
    publicity = tx.get(Publicity, lot_id)
    if context.state != LotState.PUBLICITY or publicity is None:
        raise MoveNotAllowed(move=LotMove.AWARD, state=context.state)
    check_running(tx, lot_id, Step.AWARD, at)
    if not publicity_is_over(publicity.ends_at, at):
        raise PublicityNotOver(ends_at=f"{publicity.ends_at.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}")
    firsts = {row.bid_id: row for row in queries.candidates_of(tx, lot_id) if row.rank == 1}
    if bid_id not in firsts:
        raise NotFirstCandidate
    return AwardDraft(
        context=context,
        centre=appointing_centre(tx, lot_id),
        winner=firsts[bid_id],
        publicity_from=publicity.published_at,
        publicity_until=publicity.ends_at,
        decided_at=at,
    )


def award(
    tx: Tx,
    lot_id: str,
    *,
    bid_id: str,
    letter: StoredPaper,
    result: StoredPaper,
    actor: Actor,
    at: datetime,
) -> None:
    """Award the lot to its first candidate after the publicity (实施条例 art. 55), and tell every bidder."""
    draft = draft_award(tx, lot_id, bid_id=bid_id, actor=actor, at=at)
    context, winner = draft.context, draft.winner
    move_lot(tx, lot_id, LotMove.AWARD, at=at)
    tx.add(Award(lot_id=lot_id, bid_id=bid_id, decided_by=actor.user_id, decided_at=at))
    tx.add(_paper(lot_id, PaperKind.LETTER, letter, at))
    tx.add(_paper(lot_id, PaperKind.RESULT, result, at))
    data = {
        "lot": context.lot_code,
        "winner": _named(winner),
        "letter_sha256": letter.sha256,
        "notice_sha256": result.sha256,
    }
    record(tx, LOT_RULES[LotMove.AWARD].event, subject=lot_id, actor="system", at=at, data=data)
    publish_result(tx, context, winner, notice_id=result.id, paper=result.public, at=at)
    winners = identity.users_with_role(tx, Role.BIDDER, org_id=winner.org_id)
    about, href = f"award.decided/{lot_id}", f"/notices/award/{result.id}"
    names = {"lot": context.lot_name, "winner": winner.bidder_name}
    text = "Your bid won {lot}. The award notice is ready for you."
    tell(tx, winners, about=about, text=text, data=names, href=f"/award/{lot_id}/letter.pdf", at=at)
    others = set(_bidders(tx, lot_id)) - set(winners)
    tell(tx, others, about=about, text="{lot} was awarded to {winner}.", data=names, href=href, at=at)


def _own_lot(tx: Tx, lot_id: str, actor: Actor) -> LotContext:
    """The lot, for its tenderer and agency; nobody else learns of it here."""
    context = lot_context(tx, lot_id)
    if not queries.is_own_side(context, actor):
        raise NotFound
    return context


def _candidate(outcome: BidOutcome) -> PublishedCandidate:
    summary = outcome.bid.summary
    assert outcome.rank is not None  # only ranked bids become candidates
    assert outcome.total is not None
    assert outcome.bid.price_fen is not None
    return PublishedCandidate(
        bid_id=outcome.bid.bid_id,
        rank=outcome.rank,
        org_id=outcome.bid.org_id,
        bidder_name=outcome.bid.bidder_name,
        uscc=outcome.bid.uscc,
        price_fen=outcome.bid.price_fen,
        total=outcome.total,
        duration_days=summary["duration_days"],
        quality=summary["quality"],
        manager=summary["manager"],
        manager_certificate=summary["manager_certificate"],
    )


def _paper(lot_id: str, kind: PaperKind, paper: StoredPaper, at: datetime) -> Paper:
    return Paper(
        id=paper.id,
        lot_id=lot_id,
        kind=kind,
        store_key=paper.key,
        sha256=paper.sha256,
        size=paper.size,
        published_at=at,
    )


def _named(candidate: PublishedCandidate) -> dict[str, object]:
    """A candidate in the public log: the company, never its people."""
    return {
        "bidder": candidate.bidder_name,
        "uscc": candidate.uscc,
        "price_fen": candidate.price_fen,
        "total": candidate.total,
    }


def _bidders(tx: Tx, lot_id: str) -> list[str]:
    organisations = {bid.org_id for bid in bids_of(tx, lot_id)}
    return [user for org in organisations for user in identity.users_with_role(tx, Role.BIDDER, org_id=org)]
