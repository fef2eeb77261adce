"""Drawing a committee: what it needs, who must not be drawn, who gives way and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from math import ceil

from trading.draws.replay import Excluded, Quota
from trading.experts.policy import Candidate, TieKind, lies_in, practises
from trading.procedure.policy import RuleSet

QUOTAS_MAX = 20
FIRMS_MAX = 20
ATTEMPTS_MAX = 3
"""So often the automatic call is placed while its time lasts."""


class Bar(StrEnum):
    """Why a project's own facts keep somebody out of its draw, before anybody knows who bids."""

    TENDERER = "tenderer"
    AGENCY = "agency"
    SUPERVISOR = "supervisor"
    DEPARTMENT = "department"
    FIRM = "firm"
    PUNISHED = "punished"


class FirmRole(StrEnum):
    """What another body has to do with the project, so that its people must avoid it."""

    DEPARTMENT = "department"
    FIRM = "firm"


class Answer(StrEnum):
    """How a call stands: `SILENT`, `DECLINED` and `CONFLICT` give way to the next ticket."""

    ASKED = "asked"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    SILENT = "silent"
    CONFLICT = "conflict"


class Conflict(StrEnum):
    """What was found to tie somebody to those who bid: to a body, or to one of its main persons."""

    BIDDER = "bidder"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Bidders:
    """Who bids, as far as that is known: codes of bodies, and names of main persons in their plain form."""

    codes: frozenset[str] = frozenset()
    persons: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """So many experts of a speciality, from any of these areas; no area: from anywhere.

    `room_id` is the remote room (远程异地) they sit in, empty for the session's own.
    """

    speciality: str
    number: int
    areas: tuple[str, ...] = ()
    room_id: str = ""


def ties_with(candidate: Candidate, *, on: date, years: int) -> set[str]:
    """The bodies that somebody is tied to on a day: its own, a relative's, and what ended less than `years` ago.

    采购条例 art. 9: within three years before, the day three years ago included.
    """
    since = _years_before(on, years)
    tied = {candidate.employer} | ({candidate.home} if candidate.home else set())
    for tie in candidate.ties:
        lasting = tie.until is None or tie.until >= since
        begun = tie.since is None or tie.since <= on
        if tie.kind is TieKind.RELATIVE or (lasting and begun):
            tied.add(tie.uscc)
    return tied


def bar_of(candidate: Candidate, bodies: Mapping[str, Bar], *, on: date, years: int) -> Bar | None:
    """The first fact of the project that keeps somebody out; `bodies` are by their credit codes."""
    if candidate.punished:
        return Bar.PUNISHED
    tied = ties_with(candidate, on=on, years=years)
    return next((bar for code, bar in bodies.items() if code in tied), None)


def conflict_of(candidate: Candidate, bidders: Bidders, *, on: date, years: int) -> Conflict | None:
    """What ties somebody to those who bid (招标投标法 art. 37, 采购条例 art. 9).

    Bodies are known from the deadline on, their main persons from the read-out on (domain: I8). Two people of one name
    cannot be told apart: the one in the pool gives way.
    """
    if not ties_with(candidate, on=on, years=years).isdisjoint(bidders.codes):
        return Conflict.BIDDER
    return None if candidate.persons.isdisjoint(bidders.persons) else Conflict.PERSON


def fits(candidate: Candidate, wanted: Wanted) -> bool:
    """True for who has the speciality and lives in one of the areas."""
    inside = not wanted.areas or any(lies_in(candidate.region, area) for area in wanted.areas)
    return inside and practises(candidate.specialities, wanted.speciality)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a draw announces: who is in, who is out and why, and what is taken; ids are this draw's own."""

    pool: list[str]
    exclusions: list[Excluded]
    quotas: list[Quota]


def terms(
    entrants: Mapping[str, Candidate],
    wanted: Sequence[tuple[Wanted, int]],
    bodies: Mapping[str, Bar],
    *,
    on: date,
    years: int,
) -> Terms:
    """Sort everybody who fits a quota into pool and exclusions; `wanted` tells how many each still takes."""
    asked = [(index, one, number) for index, (one, number) in enumerate(wanted, 1) if number]
    pool, exclusions, quotas = (
        [],
        [],
        [Quota(name=quota_name(i, one), number=n, of=[]) for i, one, n in asked],
    )
    for entrant, candidate in sorted(entrants.items()):
        within = [place for place, (_, one, _) in enumerate(asked) if fits(candidate, one)]
        if not within:
            continue
        bar = bar_of(candidate, bodies, on=on, years=years)
        if bar is not None:
            exclusions.append(Excluded(id=entrant, reason=bar))
            continue
        pool.append(entrant)
        for place in within:
            quotas[place]["of"].append(entrant)
    return Terms(pool=pool, exclusions=exclusions, quotas=quotas)


def quota_name(index: int, wanted: Wanted) -> str:
    """Tells the quota of a requirement by its place in it and its speciality."""
    return f"{index}.{wanted.speciality}"


def place_of(quota: str) -> int:
    """The place of a quota in its requirement, from 0."""
    return int(quota.split(".", 1)[0]) - 1


@dataclass(frozen=True, slots=True)
class Short:
    """A quota that could stay short."""

    speciality: str
    needed: int
    found: int


def shortages(quotas: Sequence[Quota]) -> list[Short]:
    """The quotas that could stay short, counted for the worst order of tickets.

    A quota takes after those before it, so all that those may take of its people must be left over.
    """
    found = []
    for place, quota in enumerate(quotas):
        own = set(quota["of"])
        before = sum(min(one["number"], len(own & set(one["of"]))) for one in quotas[:place])
        if len(own) < quota["number"] + before:
            found.append(Short(quota["name"].split(".", 1)[1], quota["number"], max(0, len(own) - before)))
    return found


def still_wanted(wanted: Sequence[Wanted], seated: Sequence[str]) -> list[tuple[Wanted, int]]:
    """How many each quota still takes when these specialities were accepted in earlier draws of the lot."""
    left = [one.number for one in wanted]
    for speciality in seated:
        place = next(
            (i for i, one in enumerate(wanted) if left[i] and speciality.startswith(one.speciality)), None
        )
        if place is not None:
            left[place] -= 1
    return list(zip(wanted, left, strict=True))


def may_draw(meets_at: datetime, *, at: datetime, seconds_before: int) -> bool:
    """At most so long before the evaluation meets (parameter `expert.draw.max_hours_before`)."""
    return (meets_at - at).total_seconds() <= seconds_before


def fee_fen(rules: RuleSet, seconds: int) -> int:
    """A fee in fen: the base covers the first hours, every further hour that was begun is paid."""
    hours = max(0, ceil(seconds / 3600) - rules.count("expert.fee.hours"))
    return (rules.fen("expert.fee.base") or 0) + hours * (rules.fen("expert.fee.hour") or 0)


def _years_before(day: date, years: int) -> date:
    """The same day so many years before; 29 February becomes the 28th."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)
