"""Reads of a committee's draw: counts for who runs the tender, a call for who was drawn, names for nobody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import msgspec
from sqlalchemy import exists, or_, select

from govcore.clock import BEIJING
from govcore.db import Tx
from govcore.errors import NotFound
from govcore.identity import queries as identity
from govcore.identity.models import Organisation
from govcore.identity.policy import Actor, Role
from govcore.keys import KeyWrapper
from govcore.vault import Vault
from trading.committee.drawing_policy import (
    Answer,
    Bar,
    Bidders,
    Wanted,
    place_of,
)
from trading.committee.models import Committee, ExpertCall, Requirement, SeatRow
from trading.committee.policy import Needs, SeatKind
from trading.committee.queries import needs
from trading.draws import queries as draws
from trading.draws.models import Draw
from trading.draws.policy import DrawState, Purpose
from trading.experts import queries as experts
from trading.experts.policy import Candidate, plain_names
from trading.opening import consortia
from trading.opening.models import OpeningBid
from trading.project.models import Project
from trading.tender.models import Lot, Tender
from trading.tender.queries import LotContext, lot_context
from trading.tender.schemas import MAIN_PERSONS
from trading.venue.models import Room


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A requirement as services and pages read it."""

    number: int
    is_complex: bool
    representatives: tuple[str, ...]
    wanted: tuple[Wanted, ...]
    firms: Mapping[str, str]
    meets_at: datetime
    place: str
    why: str
    set_by: str
    set_at: datetime

    @property
    def experts(self) -> int:
        return sum(one.number for one in self.wanted)

    @property
    def members(self) -> int:
        return self.experts + len(self.representatives)

    @property
    def on(self) -> date:
        """The day of the evaluation in Beijing, on which the facts about experts are judged."""
        return self.meets_at.astimezone(BEIJING).date()


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaCount:
    """How far one quota is: numbers, and nothing by which somebody could be told."""

    wanted: Wanted
    accepted: int
    asked: int
    gave_way: int

    @property
    def missing(self) -> int:
        return max(0, self.wanted.number - self.accepted - self.asked)


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawView:
    """A lot's draw for its tenderer, its agency, its regulator and the centre."""

    context: LotContext
    needs: Needs
    asked: Asked | None
    versions: tuple[Asked, ...]
    draw_id: str | None
    state: str | None
    quotas: tuple[QuotaCount, ...]
    pool: int
    excluded: Mapping[str, int]
    seated: bool
    may_require: bool

    @property
    def short(self) -> bool:
        """True when everybody drawn was asked and quotas are open all the same: only enlarging helps."""
        return self.state == DrawState.DRAWN and any(one.missing for one in self.quotas)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnCall:
    """A call as the expert sees it: when and where, and nothing of the tender before it is accepted."""

    draw_id: str
    entrant: str
    state: Answer
    due_at: datetime
    meets_at: datetime
    place: str
    code: str


def asked_of(tx: Tx, lot_id: str) -> Asked | None:
    """The requirement that counts."""
    found = versions_of(tx, lot_id)
    return found[0] if found else None


def versions_of(tx: Tx, lot_id: str) -> tuple[Asked, ...]:
    """All requirements of a lot, the newest first."""
    query = select(Requirement).where(Requirement.lot_id == lot_id).order_by(Requirement.number.desc())
    return tuple(
        Asked(
            number=row.number,
            is_complex=row.is_complex,
            representatives=tuple(row.representatives),
            wanted=tuple(msgspec.convert(row.wanted, list[Wanted])),
            firms=row.firms,
            meets_at=row.meets_at,
            place=row.place,
            why=row.why,
            set_by=row.set_by,
            set_at=row.set_at,
        )
        for row in tx.scalars(query)
    )


def view(tx: Tx, lot_id: str, *, actor: Actor, members: int = 5) -> DrawView:
    """How far a lot's draw is, in numbers; `NotFound` for who has no part in running or supervising it."""
    context = lot_context(tx, lot_id)
    side = actor.org_id in (context.tenderer.id, context.agency.id)
    may_require = side and actor.may("committee.require")
    watches = Role.REGULATOR in actor.roles and actor.org_id == context.regulator.id
    if not (may_require or watches or Role.CENTRE in actor.roles):
        raise NotFound
    versions = versions_of(tx, lot_id)
    asked = versions[0] if versions else None
    draw = draws.present(tx, lot_id, purpose=Purpose.EXPERTS, about=str(asked.number)) if asked else None
    return DrawView(
        context=context,
        needs=needs(tx, context, members=asked.members if asked else members),
        asked=asked,
        versions=versions,
        draw_id=draw.id if draw else None,
        state=draw.state if draw else None,
        quotas=_counts(tx, lot_id, asked) if asked else (),
        pool=len(draw.pool) if draw else 0,
        excluded=_by_reason(draw) if draw else {},
        seated=sits(tx, lot_id),
        may_require=may_require,
    )


def lots(tx: Tx, *, actor: Actor) -> list[LotContext]:
    """The lots in whose draws the actor has a part and that can still have one, the nearest deadline first."""
    query = select(Lot.id).join(Tender, Tender.id == Lot.tender_id)
    query = query.join(Project, Project.id == Tender.project_id)
    if Role.CENTRE not in actor.roles:
        sides = (Project.tenderer_id, Project.agency_id, Project.regulator_id)
        query = query.where(or_(*(side == actor.org_id for side in sides)))
    running = query.where(Lot.state.in_(("open", "closed", "opened")), Tender.published_at.is_not(None))
    return [lot_context(tx, one) for one in tx.scalars(running.order_by(Lot.deadline_at, Lot.code))]


def draws_of(tx: Tx, lot_id: str) -> list[Draw]:
    """The lot's draws of experts that were not void, in the order of their requirements."""
    query = select(Draw).where(Draw.lot_id == lot_id, Draw.purpose == Purpose.EXPERTS)
    return list(tx.scalars(query.where(Draw.state != DrawState.VOID).order_by(Draw.announced_at, Draw.id)))


def calls_of(tx: Tx, lot_id: str) -> list[ExpertCall]:
    """Every call of a lot, the first one first."""
    query = select(ExpertCall).join(Draw, Draw.id == ExpertCall.draw_id).where(Draw.lot_id == lot_id)
    return list(tx.scalars(query.order_by(ExpertCall.asked_at, ExpertCall.entrant)))


def accepted_before(tx: Tx, lot_id: str, draw_id: str | None = None) -> list[str]:
    """The specialities of those who accepted in this lot's other draws."""
    return [
        call.quota.split(".", 1)[1]
        for call in calls_of(tx, lot_id)
        if call.state == Answer.ACCEPTED and call.draw_id != draw_id
    ]


def entrants(vault: Vault, draw: Draw, found: Sequence[Candidate]) -> dict[str, Candidate]:
    """Candidates by the ids that they have in this draw alone."""
    return {entrant_id(vault, draw.lot_id, draw.about, draw.number, one.expert_id): one for one in found}


def entrant_id(vault: Vault, lot_id: str, about: str, number: int, expert_id: str) -> str:
    """A keyed tag: it tells nobody who it is, and the same person has another one in every draw."""
    return vault.tag("expert-draw", lot_id, about, str(number), expert_id)


def candidates(tx: Tx, wrapper: KeyWrapper, asked: Asked) -> list[Candidate]:
    """Who is in the pool on the day of the evaluation."""
    return experts.candidates(tx, wrapper, on=asked.on)


def bodies(context: LotContext, asked: Asked) -> dict[str, Bar]:
    """The bodies whose people must not be drawn, by their codes; the first reason counts."""
    known = {code: Bar(role) for code, role in asked.firms.items()}
    return known | {
        context.regulator.uscc: Bar.SUPERVISOR,
        context.agency.uscc: Bar.AGENCY,
        context.tenderer.uscc: Bar.TENDERER,
    }


def bidders(tx: Tx, lot_id: str) -> Bidders:
    """All who bid in the lot, from the closing on; members of consortia and main persons from the read-out on."""
    query = select(OpeningBid, Organisation.uscc)
    query = query.join(Organisation, Organisation.id == OpeningBid.org_id)
    codes: set[str] = set()
    persons: set[str] = set()
    for bid, uscc in tx.execute(query.where(OpeningBid.lot_id == lot_id)):
        consortium = consortia.shown(bid)
        codes |= {uscc, *(member.id for member in (consortium.members if consortium else ()))}
        said = bid.summary or {}
        persons.update(*(plain_names(str(said[name])) for name in MAIN_PERSONS if name in said))
    return Bidders(frozenset(codes), frozenset(persons))


def own_calls(tx: Tx, vault: Vault, *, actor: Actor) -> list[OwnCall]:
    """The calls to the actor that are open or accepted, the next meeting first."""
    expert_id = experts.expert_of(tx, actor.user_id)
    if expert_id is None:
        return []
    rows = tx.execute(
        select(ExpertCall, Draw)
        .join(Draw, Draw.id == ExpertCall.draw_id)
        .where(ExpertCall.state.in_((Answer.ASKED, Answer.ACCEPTED)))
        .order_by(ExpertCall.asked_at.desc())
    )
    found = []
    for call, draw in rows:
        if call.entrant != entrant_id(vault, draw.lot_id, draw.about, draw.number, expert_id):
            continue
        asked = asked_of(tx, draw.lot_id)
        if asked is not None:
            found.append(
                OwnCall(
                    draw_id=draw.id,
                    entrant=call.entrant,
                    state=Answer(call.state),
                    due_at=call.due_at,
                    meets_at=asked.meets_at,
                    place=place_for(tx, asked, draw, call.quota),
                    code=arrival_code(vault, draw.lot_id, actor.user_id),
                )
            )
    return found


def arrival_code(vault: Vault, lot_id: str, user_id: str) -> str:
    """Eight digits that only the member and the platform know: whoever shows them at the door is on the list."""
    return f"{int(vault.tag('arrival', lot_id, user_id)[:15], 16) % 10**8:08d}"


def sits(tx: Tx, lot_id: str) -> bool:
    """True once the lot has its committee."""
    return tx.get(Committee, lot_id) is not None


def to_follow(tx: Tx) -> list[str]:
    """The lots whose experts were drawn and whose committee does not sit yet, or misses a substitute."""
    void = exists().where(
        SeatRow.lot_id == Draw.lot_id,
        SeatRow.left_at.is_not(None),
        SeatRow.replaced_by.is_(None),
        SeatRow.kind == SeatKind.EXPERT,
    )
    query = select(Draw.lot_id).where(Draw.purpose == Purpose.EXPERTS, Draw.state == DrawState.DRAWN)
    open_now = or_(Draw.lot_id.not_in(select(Committee.lot_id)), void)
    return list(tx.scalars(query.where(open_now).distinct().order_by(Draw.lot_id)))


def calls_to_carry(tx: Tx, *, at: datetime, limit: int) -> list[tuple[str, str]]:
    """The open calls that the line has to place or to ask about now."""
    query = select(ExpertCall.draw_id, ExpertCall.entrant)
    open_now = query.where(ExpertCall.state == Answer.ASKED, ExpertCall.next_at <= at)
    return [(one, other) for one, other in tx.execute(open_now.order_by(ExpertCall.next_at).limit(limit))]


def calls_to_tell(tx: Tx, *, limit: int) -> list[tuple[str, str]]:
    """The accepted calls whose expert was not told yet when and where."""
    query = select(ExpertCall.draw_id, ExpertCall.entrant)
    accepted = query.where(ExpertCall.state == Answer.ACCEPTED, ExpertCall.told_at.is_(None))
    return [(one, other) for one, other in tx.execute(accepted.limit(limit))]


def _counts(tx: Tx, lot_id: str, asked: Asked) -> tuple[QuotaCount, ...]:
    """Calls by quota; those of earlier requirements count where their speciality still fits."""
    counts = [dict.fromkeys(Answer, 0) for _ in asked.wanted]
    draw = draws.present(tx, lot_id, purpose=Purpose.EXPERTS, about=str(asked.number))
    for call in calls_of(tx, lot_id):
        speciality = call.quota.split(".", 1)[1]
        if draw is not None and call.draw_id == draw.id:
            place: int | None = place_of(call.quota)
        else:
            fitting = [i for i, one in enumerate(asked.wanted) if speciality.startswith(one.speciality)]
            place = fitting[0] if fitting else None
        if place is not None:
            counts[place][Answer(call.state)] += 1
    return tuple(
        QuotaCount(
            wanted=one,
            accepted=count[Answer.ACCEPTED],
            asked=count[Answer.ASKED],
            gave_way=count[Answer.DECLINED] + count[Answer.SILENT] + count[Answer.CONFLICT],
        )
        for one, count in zip(asked.wanted, counts, strict=True)
    )


def _by_reason(draw: Draw) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in draw.exclusions:
        found[one["reason"]] = found.get(one["reason"], 0) + 1
    return found


def representatives(tx: Tx, lot_id: str, *, actor: Actor) -> dict[str, str]:
    """The tenderer's people who can represent it, for its own side; `NotFound` for everybody else."""
    context = lot_context(tx, lot_id)
    if actor.org_id not in (context.tenderer.id, context.agency.id):
        raise NotFound
    return identity.user_names(tx, identity.users_with_role(tx, Role.TENDERER, org_id=context.tenderer.id))


def required(tx: Tx) -> list[str]:
    """The lots whose committee's needs are set and that have none yet."""
    query = select(Requirement.lot_id).where(Requirement.lot_id.not_in(select(Committee.lot_id)))
    return list(tx.scalars(query.distinct().order_by(Requirement.lot_id)))


def room_of(asked: Asked, draw: Draw, quota: str) -> str | None:
    """The remote room of the quota that somebody was drawn for; of an earlier requirement by its speciality."""
    if draw.about == str(asked.number):
        return asked.wanted[place_of(quota)].room_id or None
    speciality = quota.split(".", 1)[1]
    rooms = [one.room_id for one in asked.wanted if speciality.startswith(one.speciality)]
    return (rooms[0] or None) if rooms else None


def place_for(tx: Tx, asked: Asked, draw: Draw, quota: str) -> str:
    """Where somebody drawn for a quota is to come: the remote room of the quota, else the place of the session."""
    room = tx.get(Room, room_of(asked, draw, quota) or "")
    return room.name if room else asked.place
