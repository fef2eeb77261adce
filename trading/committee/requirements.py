"""What a lot's committee needs, as its tenderer or agency says, within what the law asks of committees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from govcore.audit.entries import time_text
from govcore.audit.service import record
from govcore.authority.proposals import checked_reason
from govcore.db import Tx
from govcore.errors import NotFound, Problem
from govcore.identifiers import check_uscc
from govcore.identity import queries as identity
from govcore.identity.policy import Actor, Role, require
from trading.committee import drawing_queries as queries
from trading.committee.drawing_policy import FIRMS_MAX, QUOTAS_MAX, FirmRole, Wanted
from trading.committee.drawing_queries import Asked
from trading.committee.models import Requirement
from trading.committee.policy import NewSeat, SeatKind, needs_of
from trading.committee.queries import budget_fen
from trading.committee.service import NotARepresentative, check_composition
from trading.draws import queries as draws
from trading.draws.policy import DrawState, Purpose
from trading.experts import queries as experts
from trading.experts.policy import is_division
from trading.tender.queries import LotContext, lot_context
from trading.venue.queries import committee_rooms


class RequirementWrong(Problem):
    code = "E_COMMITTEE_NEEDS"
    status = 422
    text = "The requirement cannot be used: {detail}"


class RequirementFixed(Problem):
    """Ids are fixed before anybody commits, so what is drawn cannot change under a draw."""

    code = "E_COMMITTEE_DRAWING"
    text = "A draw for this lot is under way or has found everybody; what it draws cannot be changed now."


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRequirement:
    """What somebody who runs a tender says it needs; `why` is asked for when it follows another."""

    wanted: Sequence[Wanted]
    representatives: Sequence[str]
    firms: Mapping[str, str]
    meets_at: datetime
    place: str
    is_complex: bool
    why: str = ""


def set_requirement(tx: Tx, lot_id: str, new: NewRequirement, *, actor: Actor, at: datetime) -> int:
    """Say what the committee needs, or widen it, by the tenderer or its agency; the version's number.

    Refused are sizes and shares that the law forbids (T14, G13); a later version is recorded with its reason.
    """
    require(actor, "committee.require")
    context = lot_context(tx, lot_id)
    if actor.org_id not in (context.tenderer.id, context.agency.id):
        raise NotFound
    before = queries.asked_of(tx, lot_id)
    why = checked_reason(new.why) if before else new.why.strip()
    if _is_fixed(tx, lot_id, before):
        raise RequirementFixed
    _check_size(tx, context, new)
    _check_words(tx, new, at)
    sent = set(identity.users_with_role(tx, Role.TENDERER, org_id=context.tenderer.id))
    if not set(new.representatives) <= sent:
        raise NotARepresentative
    number = before.number + 1 if before else 1
    wanted = [msgspec.to_builtins(one) for one in new.wanted]
    tx.add(
        Requirement(
            lot_id=lot_id,
            number=number,
            is_complex=new.is_complex,
            representatives=list(new.representatives),
            wanted=wanted,
            firms=dict(new.firms),
            meets_at=new.meets_at,
            place=new.place.strip(),
            why=why,
            set_by=actor.user_id,
            set_at=at,
        )
    )
    tx.flush()
    data = {
        "number": number,
        "wanted": wanted,
        "representatives": list(new.representatives),
        "firms": dict(new.firms),
        "meets_at": time_text(new.meets_at),
        "why": why,
    }
    record(tx, "committee.required", subject=lot_id, actor=actor.user_id, at=at, data=data)
    return number


def _is_fixed(tx: Tx, lot_id: str, before: Asked | None) -> bool:
    """True while a draw runs, or after it as long as nobody is missing."""
    if before is None:
        return False
    draw = draws.present(tx, lot_id, purpose=Purpose.EXPERTS, about=str(before.number))
    if draw is None or draw.state == DrawState.VOID:
        return False
    if draw.state != DrawState.DRAWN:
        return True
    return len(draws.taken(tx, draw.id)) >= sum(quota["number"] for quota in draw.quotas)


def _check_size(tx: Tx, context: LotContext, new: NewRequirement) -> None:
    seats = [NewSeat(f"expert {n}") for n in range(sum(one.number for one in new.wanted))]
    seats += [NewSeat(one, SeatKind.REPRESENTATIVE) for one in new.representatives]
    needs = needs_of(
        context.rule_set,
        budget_fen=budget_fen(tx, context),
        is_complex=new.is_complex,
        members=len(seats),
        procedure=context.content.procedure,
    )
    check_composition(seats, needs)


def _check_words(tx: Tx, new: NewRequirement, at: datetime) -> None:
    known = {one.code for one in experts.specialities(tx)}
    places = {room.id for room in committee_rooms(tx)} | {""}
    if not 0 < len(new.wanted) <= QUOTAS_MAX or len(new.firms) > FIRMS_MAX:
        raise RequirementWrong(detail="it names no speciality, or too many specialities or bodies")
    for one in new.wanted:
        if one.speciality not in known or one.number < 1:
            raise RequirementWrong(detail="a speciality is not in the list, or its number is nought")
        if not all(map(is_division, one.areas)):
            raise RequirementWrong(detail="a division is written with six digits, like 371500")
        if one.room_id not in places:
            raise RequirementWrong(detail="the remote room does not exist")
    for code, role in new.firms.items():
        check_uscc(code)
        if role not in set(FirmRole):
            raise RequirementWrong(detail="a body is a department or a firm")
    if new.meets_at <= at or not new.place.strip():
        raise RequirementWrong(detail="the evaluation needs a place and a time that lies ahead")
