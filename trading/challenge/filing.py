"""File objections, queries and challenges, with an account or on paper; and complaints to the regulator."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from govcore.clock import BEIJING
from govcore.db import Tx, new_id
from govcore.errors import Detail, NotFound, Problem
from govcore.identity import queries as identity
from govcore.identity.policy import Actor, Role, require
from govcore.notify import following
from govcore.notify.service import tell
from govcore.platform import Platform
from trading.challenge import clocks, facts, receipts
from trading.challenge.entries import Filer, Spoken, filer_tag, say, wrap_filer
from trading.challenge.evidence import Stored
from trading.challenge.models import Case, CaseLot
from trading.challenge.policy import (
    KIND_WORDS,
    PAPER_BACK,
    STAGE_WORDS,
    Ground,
    Kind,
    Said,
    Side,
    Stage,
    State,
    Way,
    acts_overtaken,
    case_number,
    way,
)
from trading.challenge.standing import standing_of
from trading.tender import queries as tenders
from trading.tender.policy import Cause
from trading.tender.queries import LotContext
from trading.tender.suspensions import hold


class NotInThisRegime(Problem):
    code = "E_REGIME"
    status = 422
    text = "The law of this project does not know this: {kind}, {stage}."


class NoSuchLots(Problem):
    code = "E_CASE_LOTS"
    status = 422
    text = "Choose at least one lot of this tender."


class PaperTime(Problem):
    code = "E_PAPER_TIME"
    status = 422
    text = "A paper was received before it is entered, and not more than {days} days ago."


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCase:
    """What is filed: about which lots and what, in which words; `known_at` is when the filer learned of it."""

    kind: Kind
    stage: Stage
    lot_ids: Collection[str]
    text: str = field(repr=False)
    known_at: datetime | None = None
    receipt: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A filing on paper: when it was handed in, by whom."""

    received_at: datetime
    filer: Filer


def case_ref(case_id: str) -> str:
    """By what the suspensions know the case."""
    return f"challenge/{case_id}"


def file_case(
    tx: Tx,
    platform: Platform,
    tender_id: str,
    new: NewCase,
    files: Sequence[Stored] = (),
    *,
    actor: Actor,
    at: datetime,
) -> Case:
    """File with the tenderer; by law the lots stand still from now on until the reply, where the way says so.

    Raises `NoStanding`, `TooLate` or `NotYet` (naming rule and article), `NotInThisRegime`.
    """
    require(actor, "challenge.file")
    lots = lots_of(tx, tender_id, new.lot_ids)
    found = _way(lots, new)
    standing = standing_of(tx, platform, lots, new.receipt, actor=actor)
    limits = facts.filing_limits(tx, lots, found, new.stage, received_at=standing.received_at, at=at)
    clocks.check_filing(lots[0].rule_set, limits, at=at)
    filer = Filer(actor.org_id or "", actor.org_name, actor.uscc or "", actor.name)
    case = enter(tx, platform, lots, new, files, filer=filer, ground=standing.ground, actor=actor, at=at)
    following.follow(tx, platform.keys, platform.wrapper, topic(case.id), actor=actor, at=at)
    suspend(tx, case, found, at=at)
    _tell_tenderer(tx, case, lots[0], at=at)
    return case


def enter_paper(
    tx: Tx,
    platform: Platform,
    tender_id: str,
    new: NewCase,
    paper: Paper,
    files: Sequence[Stored] = (),
    *,
    actor: Actor,
    at: datetime,
) -> Case:
    """The tenderer's side enters what it received on paper: it counts from its receipt, also where it is entered late.

    Acts done in between are not undone; they are flagged (domain: legal time and recorded time).
    """
    require(actor, "challenge.reply")
    lots = lots_of(tx, tender_id, new.lot_ids)
    check_own_side(lots[0], actor)
    check_paper_time(paper.received_at, at=at)
    found = _way(lots, new)
    limits = facts.filing_limits(tx, lots, found, new.stage, at=paper.received_at)
    clocks.check_filing(lots[0].rule_set, limits, at=paper.received_at)
    case = enter(
        tx,
        platform,
        lots,
        new,
        files,
        filer=paper.filer,
        ground=Ground.NAMED,
        actor=actor,
        at=at,
        paper=paper,
    )
    suspend(tx, case, found, at=at)
    _tell_tenderer(tx, case, lots[0], at=at)
    return case


def enter(
    tx: Tx,
    platform: Platform,
    lots: Sequence[LotContext],
    new: NewCase,
    files: Sequence[Stored],
    *,
    filer: Filer,
    ground: Ground,
    actor: Actor,
    at: datetime,
    paper: Paper | None = None,
    about_id: str | None = None,
) -> Case:
    """The row, its first entry, its signed receipt and the log's entry; the caller has checked everything."""
    case_id = new_id()
    received_at = paper.received_at if paper else at
    tag = filer_tag(platform, filer.org_id) if filer.org_id else platform.keys.tag("challenge-paper", case_id)
    case = Case(
        id=case_id,
        number=case_number(new.kind, f"{received_at.astimezone(BEIJING):%Y%m%d}", case_id),
        kind=new.kind,
        stage=new.stage,
        tender_id=lots[0].tender_id,
        about_id=about_id,
        regulator_id=lots[0].regulator.id if new.kind is Kind.COMPLAINT else None,
        state=State.RECEIVED,
        filer_tag=tag,
        ground=ground,
        on_paper=paper is not None,
        known_at=min(new.known_at or received_at, received_at),
        received_at=received_at,
        recorded_at=at,
        complete_at=received_at,
        affects_result=_presumed(lots[0], new.kind),
        steps=[],
        overtaken=_overtaken(tx, lots, received_at, at),
        receipt=b"",
        wrapped=wrap_filer(platform, case_id, filer),
    )
    tx.add(case)
    tx.flush()
    tx.add_all([CaseLot(case_id=case_id, lot_id=lot.lot_id) for lot in lots])
    event = "challenge.complained" if new.kind is Kind.COMPLAINT else "challenge.filed"
    by, data = Spoken(side=Side.FILER, text=new.text, files=files), {"tender": lots[0].tender_code}
    entry = say(tx, platform, case, Said.FILED, event, by, actor=actor, at=received_at, data=data)
    case.receipt = receipts.sign(platform, case, lots, entry, [file.sha256 for file in files])
    tx.flush()
    return case


def suspend(tx: Tx, case: Case, found: Way, *, at: datetime) -> None:
    """Let the case stop its lots, when its way says so and it may affect the result."""
    if found.suspends is None or (found.if_affects and not case.affects_result):
        return
    hold(
        tx,
        lot_ids=facts.lot_ids_of(tx, case.id),
        cause=Cause(found.suspends),
        ref=case_ref(case.id),
        since=case.received_at,
        at=at,
        actor="system",
    )


def lots_of(tx: Tx, tender_id: str, lot_ids: Collection[str]) -> list[LotContext]:
    """The published lots of this tender that a filing names; raise `NoSuchLots`."""
    lots = [tenders.published_lot(tx, lot_id) for lot_id in sorted(set(lot_ids))]
    if not lots or any(lot.tender_id != tender_id for lot in lots):
        raise NoSuchLots
    return lots


def check_own_side(lot: LotContext, actor: Actor) -> None:
    """Raise `NotFound` for everybody but the tenderer and its agency."""
    sides = {(Role.TENDERER, lot.tenderer.id), (Role.AGENCY, lot.agency.id)}
    if not any(role in actor.roles and org == actor.org_id for role, org in sides):
        raise NotFound


def check_paper_time(received_at: datetime, *, at: datetime) -> None:
    if not at - PAPER_BACK <= received_at <= at:
        raise PaperTime(days=PAPER_BACK.days)


def topic(case_id: str) -> str:
    """What the filer follows: by a keyed tag, so that no inbox tells who filed."""
    return f"challenge:{case_id}"


def _way(lots: Sequence[LotContext], new: NewCase) -> Way:
    found = way(lots[0].rule_set.regime, new.kind)
    if found is None or new.stage not in found.reply:
        raise NotInThisRegime(kind=Detail(KIND_WORDS[new.kind]), stage=Detail(STAGE_WORDS[new.stage]))
    return found


def _presumed(lot: LotContext, kind: Kind) -> bool:
    found = way(lot.rule_set.regime, kind)
    return found is not None and (found.presumed or not found.if_affects)


def _overtaken(
    tx: Tx, lots: Sequence[LotContext], received: datetime, recorded: datetime
) -> list[dict[str, object]]:
    """Acts done before a paper was recorded, by lot; nothing for what was filed here."""
    return [
        {"lot": lot.lot_name, "act": act.name, "at": act.at.isoformat()}
        for lot in lots
        for act in acts_overtaken(facts.acts_of(tx, lot), received=received, recorded=recorded)
    ]


def _tell_tenderer(tx: Tx, case: Case, lot: LotContext, *, at: datetime) -> None:
    sides = ((Role.TENDERER, lot.tenderer.id), (Role.AGENCY, lot.agency.id))
    people = [user for role, org in sides for user in identity.users_with_role(tx, role, org_id=org)]
    tell(
        tx,
        people,
        about=f"challenge.filed/{case.id}",
        text="{number} was filed in {title} and waits for your reply.",
        data={"title": lot.title, "number": case.number},
        href=f"/objections/{case.id}",
        at=at,
    )
