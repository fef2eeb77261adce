"""A tender's round as its page shows it: lots, documents, rounds before and after, suspensions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select

from govcore.db import Tx
from govcore.identity.models import Organisation
from govcore.identity.policy import Actor
from trading.procedure.competition import Stage, needs
from trading.procedure.page_terms import terms_of
from trading.procedure.policy import Parameter, RuleSet
from trading.procedure.rules import rule_set
from trading.project.models import Project
from trading.tender.models import Custodian, KeyManifest, Lot, Tender
from trading.tender.policy import TenderState, shown_state
from trading.tender.queries import OrgRef, content_of, documents_of, lots_of, visible, visible_tender
from trading.tender.rounds import RoundView, rounds_of
from trading.tender.schemas import TenderContent
from trading.tender.suspensions import HeldFor, holds_of


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatView:
    """A custodian's seat as everybody may see it: who, and whether its key and signature are there."""

    index: int
    role: str
    organisation: str
    has_key: bool
    signed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LotView:
    """A lot as the tender's page shows it; `state` follows the clock. Nothing in it depends on bids.

    `previous` and `following` are the tenders of its rounds before and after, as far as everybody may read them.
    """

    id: str
    number: int
    code: str
    name: str
    round: int
    state: str
    max_price_fen: int
    deposit_fen: int
    deadline_at: datetime | None
    opening_at: datetime | None
    closed_at: datetime | None
    ended_at: datetime | None
    previous: str | None
    following: str | None
    holds: tuple[HeldFor, ...]
    manifest_sha256: str | None
    seats: tuple[SeatView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentView:
    id: str
    kind: str
    name: str
    size: int
    sha256: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TenderView:
    """A tender's round with everything its page shows."""

    id: str
    code: str
    round: int
    method: str
    rounds: tuple[RoundView, ...]
    title: str
    state: str
    rules: RuleSet
    content: TenderContent
    project_code: str
    project_name: str
    category: str
    tenderer: OrgRef
    agency: OrgRef
    regulator: OrgRef
    published_at: datetime | None
    lots: tuple[LotView, ...]
    documents: tuple[DocumentView, ...]

    @property
    def terms(self) -> Mapping[str, str]:
        """What pages about this tender call people and things."""
        return terms_of(self.rules.regime, self.content.procedure)

    @property
    def needs(self) -> Mapping[Stage, Parameter]:
        """How many suppliers each stage of a consultation needs; nothing for a tender."""
        return needs(self.rules, self.content.ground) if self.content.procedure == "consultation" else {}


def tender_view(tx: Tx, tender_id: str, *, actor: Actor, at: datetime) -> TenderView:
    """One of `visible_tenders`, whole; `NotFound` for every other."""
    tender = visible_tender(tx, tender_id, actor=actor)
    project = tx.get_one(Project, tender.project_id)
    ids = (project.tenderer_id, project.agency_id, project.regulator_id)
    tenderer, agency, regulator = (
        OrgRef(org.id, org.name, org.uscc) for org in (tx.get_one(Organisation, i) for i in ids)
    )
    documents = [
        DocumentView(
            id=row.id,
            kind=row.kind,
            name=row.name,
            size=row.size,
            sha256=row.sha256,
            created_at=row.created_at,
        )
        for row in documents_of(tx, tender.id)
    ]
    return TenderView(
        id=tender.id,
        code=tender.code,
        round=tender.round,
        method=tender.method,
        rounds=tuple(rounds_of(tx, tender.code)),
        title=tender.title,
        state=tender.state,
        rules=rule_set(tender.rule_set),
        content=content_of(tender),
        project_code=project.code,
        project_name=project.name,
        category=project.category,
        tenderer=tenderer,
        agency=agency,
        regulator=regulator,
        published_at=tender.published_at,
        lots=tuple(_lot_view(tx, lot, at) for lot in lots_of(tx, tender.id)),
        documents=tuple(documents),
    )


def _lot_view(tx: Tx, lot: Lot, at: datetime) -> LotView:
    manifest = tx.get(KeyManifest, (lot.id, lot.round))
    signed = manifest.signatures if manifest else {}
    rows = tx.execute(
        select(Custodian, Organisation.name)
        .join(Organisation, Organisation.id == Custodian.org_id)
        .where(Custodian.lot_id == lot.id)
        .order_by(Custodian.index)
    )
    seats = [
        SeatView(
            index=seat.index,
            role=seat.role,
            organisation=name,
            has_key=seat.recipients is not None,
            signed=seat.cert_sha256 in signed,
        )
        for seat, name in rows
    ]
    return LotView(
        id=lot.id,
        number=lot.number,
        code=lot.code,
        name=lot.name,
        round=lot.round,
        state=shown_state(lot.state, lot.deadline_at, at),
        max_price_fen=lot.max_price_fen,
        deposit_fen=lot.deposit_fen,
        deadline_at=lot.deadline_at,
        opening_at=lot.opening_at,
        closed_at=lot.closed_at,
        ended_at=lot.ended_at,
        previous=_tender_of_lot(tx, Lot.id == lot.previous_id) if lot.previous_id else None,
        following=_tender_of_lot(tx, Lot.previous_id == lot.id),
        holds=tuple(holds_of(tx, lot.id)),
        manifest_sha256=manifest.sha256 if manifest else None,
        seats=tuple(seats),
    )


def _tender_of_lot(tx: Tx, which: ColumnElement[bool]) -> str | None:
    query = select(Tender.id).join(Lot, Lot.tender_id == Tender.id)
    return tx.scalar(query.where(which, Tender.state == TenderState.PUBLISHED))


@dataclass(frozen=True, slots=True, kw_only=True)
class LotLine:
    name: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TenderLine:
    """A round of a project's tenders in a list."""

    id: str
    code: str
    round: int
    title: str
    rule_set: str
    published_at: datetime | None
    lots: tuple[LotLine, ...]


def tenders_of(tx: Tx, project_id: str, *, actor: Actor, at: datetime) -> list[TenderLine]:
    """The rounds of a project that the actor may see, the first tender's rounds first."""
    rows = tx.scalars(
        visible(actor).where(Tender.project_id == project_id).order_by(Tender.code, Tender.round)
    )
    return [
        TenderLine(
            id=row.id,
            code=row.code,
            round=row.round,
            title=row.title,
            rule_set=row.rule_set,
            published_at=row.published_at,
            lots=tuple(
                LotLine(name=lot.name, state=shown_state(lot.state, lot.deadline_at, at))
                for lot in lots_of(tx, row.id)
            ),
        )
        for row in rows
    ]
