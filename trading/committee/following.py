"""What follows a draw: those drawn are asked, who cannot come gives way in ticket order, who accepted is seated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from govcore.audit.service import record
from govcore.db import Tx
from govcore.identity import queries as identity
from govcore.keys import KeyWrapper
from govcore.vault import Vault
from trading.committee import drawing_queries as queries
from trading.committee.drawing import ANSWER_WITHIN, AVOID_YEARS, keep_answer
from trading.committee.drawing_policy import Answer, Bidders, conflict_of
from trading.committee.drawing_queries import Asked
from trading.committee.models import ExpertCall
from trading.committee.policy import Cause, NewSeat, SeatKind
from trading.committee.queries import seats
from trading.committee.service import seat_members, seat_substitute
from trading.draws import queries as draws
from trading.draws import service as drawing
from trading.draws.models import Draw
from trading.draws.policy import DrawState, Purpose
from trading.draws.replay import Taken
from trading.experts.policy import Candidate
from trading.tender.policy import LotState
from trading.tender.queries import LotContext, lot_context

LIVE = (Answer.ASKED, Answer.ACCEPTED)
LEFT_POOL, SEAT_VOID = "left_pool", "seat_void"


@dataclass(frozen=True, slots=True)
class _Case:
    """One lot's draws as they are now, and whom their ids stand for."""

    tx: Tx
    context: LotContext
    asked: Asked
    people: Mapping[str, Mapping[str, Candidate]]
    bidders: Bidders
    at: datetime

    @property
    def lot_id(self) -> str:
        return self.context.lot_id

    def calls(self) -> list[ExpertCall]:
        return queries.calls_of(self.tx, self.lot_id)

    def unfit(self, draw_id: str, entrant: str) -> str:
        """Why somebody cannot come: it left the pool or, from the deadline on, is tied to who bids (domain: I8)."""
        one = self.people.get(draw_id, {}).get(entrant)
        if one is None:
            return LEFT_POOL
        years = self.context.rule_set.count(AVOID_YEARS)
        return conflict_of(one, self.bidders, on=self.asked.on, years=years) or ""

    def give_way(self, call: ExpertCall, why: str) -> None:
        keep_answer(
            self.tx,
            call.draw_id,
            call.entrant,
            Answer.CONFLICT,
            how="rule",
            reason=why,
            at=self.at,
            sources=LIVE,
        )


def follow(tx: Tx, wrapper: KeyWrapper, vault: Vault, lot_id: str, *, at: datetime) -> None:
    """Do what is due for a drawn lot: end late calls, replace who bids, ask who follows, seat all who accepted.

    May run late, twice or never.
    """
    case = _case(tx, wrapper, vault, lot_id, at=at)
    if case is None:
        return
    for call in case.calls():
        if call.state == Answer.ASKED and call.due_at <= at:
            keep_answer(tx, call.draw_id, call.entrant, Answer.SILENT, how="clock", at=at)
    for call in case.calls():
        if call.state in LIVE and (why := case.unfit(call.draw_id, call.entrant)):
            case.give_way(call, why)
    if queries.sits(tx, lot_id):
        _substitute(case)
        _ask_next(case)
    elif not _ask_next(case):
        _seat(case)


def _case(tx: Tx, wrapper: KeyWrapper, vault: Vault, lot_id: str, *, at: datetime) -> _Case | None:
    context, asked = lot_context(tx, lot_id), queries.asked_of(tx, lot_id)
    if asked is None:
        return None
    found = queries.candidates(tx, wrapper, asked)
    return _Case(
        tx=tx,
        context=context,
        asked=asked,
        people={draw.id: queries.entrants(vault, draw, found) for draw in queries.draws_of(tx, lot_id)},
        bidders=queries.bidders(tx, lot_id) if context.closed_at is not None else Bidders(),
        at=at,
    )


def _ask_next(case: _Case) -> bool:
    """Ask everybody who is taken and was not asked yet; true while an answer is waited for or somebody is missing."""
    about = str(case.asked.number)
    draw = draws.present(case.tx, case.lot_id, purpose=Purpose.EXPERTS, about=about)
    if draw is None or draw.state != DrawState.DRAWN:
        return True
    known = {call.entrant: call.state for call in case.calls() if call.draw_id == draw.id}
    taken = _taken(case, draw, known)
    fresh = [one for one in taken if one["id"] not in known]
    for one in fresh:
        _ask(case, draw, one)
    case.tx.flush()
    waiting = any(known.get(one["id"]) == Answer.ASKED for one in taken)
    return bool(fresh) or waiting or len(taken) < sum(quota["number"] for quota in draw.quotas)


def _taken(case: _Case, draw: Draw, known: Mapping[str, str]) -> list[Taken]:
    """Who is taken now; who has to avoid and was not asked yet is passed over without a call."""
    taken = draws.taken(case.tx, draw.id)
    while unfit := [one["id"] for one in taken if one["id"] not in known and case.unfit(draw.id, one["id"])]:
        taken = drawing.decline(
            case.tx, draw.id, unfit[0], reason=Answer.CONFLICT, actor="system", at=case.at
        )
    return taken


def _ask(case: _Case, draw: Draw, one: Taken) -> None:
    within = timedelta(seconds=case.context.rule_set.seconds(ANSWER_WITHIN))
    case.tx.add(
        ExpertCall(
            draw_id=draw.id,
            entrant=one["id"],
            quota=one["quota"],
            state=Answer.ASKED,
            asked_at=case.at,
            due_at=case.at + within,
            next_at=case.at,
        )
    )
    data = {"entrant": one["id"], "quota": one["quota"]}
    record(case.tx, "committee.called", subject=draw.id, actor="system", at=case.at, data=data)


def _seat(case: _Case) -> None:
    """Seat all who accepted, with the tenderer's representatives behind them, once it is known who bids."""
    if case.context.state not in (LotState.CLOSED, LotState.OPENED):
        return
    members = [member for _, member in _accepted(case)]
    members += [NewSeat(one, SeatKind.REPRESENTATIVE) for one in case.asked.representatives]
    asker = identity.actor_of_user(case.tx, case.asked.set_by)
    seat_members(case.tx, case.lot_id, members=members, cause=Cause.DRAWN, actor=asker, at=case.at)


def _substitute(case: _Case) -> None:
    """Let the next ticket follow a drawn member whose seat is void, and seat who accepts in its place."""
    sat = seats(case.tx, case.lot_id)
    void = [one for one in sat if one.void and one.kind is SeatKind.EXPERT]
    accepted = _accepted(case)
    for call, member in accepted:
        if member.user_id in {one.user_id for one in void}:
            case.give_way(call, SEAT_VOID)
    open_seats = [one.seat for one in void if one.replaced_by is None]
    fresh = [member for _, member in accepted if member.user_id not in {one.user_id for one in sat}]
    asker = identity.actor_of_user(case.tx, case.asked.set_by)
    for seat, member in zip(open_seats, fresh, strict=False):
        seat_substitute(case.tx, case.lot_id, seat, member=member, cause=Cause.DRAWN, actor=asker, at=case.at)


def _accepted(case: _Case) -> list[tuple[ExpertCall, NewSeat]]:
    """Who accepted and is in the pool still, in the order in which they were asked, with the room of their quota."""
    found = {draw.id: draw for draw in queries.draws_of(case.tx, case.lot_id)}
    return [
        (
            call,
            NewSeat(
                case.people[call.draw_id][call.entrant].user_id,
                SeatKind.EXPERT,
                queries.room_of(case.asked, found[call.draw_id], call.quota),
            ),
        )
        for call in case.calls()
        if call.state == Answer.ACCEPTED and call.entrant in case.people[call.draw_id]
    ]
