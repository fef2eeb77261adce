"""Reads of tenders: drafts by those who prepare them, published ones by everybody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import Select, func, or_, select

from bidding_docs.manifests import KeyManifest as KeyManifestBody
from govcore.certificates.models import Certificate
from govcore.clock import start_text
from govcore.db import Tx
from govcore.errors import NotFound
from govcore.identity.models import Organisation
from govcore.identity.policy import Actor, Role
from govcore.module import Undisturbed
from trading.procedure.competition import Stage
from trading.procedure.page_terms import terms_of
from trading.procedure.paper_words import PaperWords, words_of
from trading.procedure.policy import Parameter, RuleSet
from trading.procedure.rules import rule_set
from trading.project import queries as projects
from trading.project.models import Project
from trading.tender.models import Custodian, CustodianKey, Document, KeyManifest, Lot, Schedule, Tender
from trading.tender.policy import REMINDERS, UNDISTURBED, LotState, TenderState
from trading.tender.schemas import TenderContent


@dataclass(frozen=True, slots=True)
class OrgRef:
    id: str
    name: str
    uscc: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LotContext:
    """A lot with all that other slices ask about its tender."""

    lot_id: str
    lot_number: int
    lot_code: str
    lot_name: str
    round: int
    state: str
    max_price_fen: int
    deposit_fen: int
    deadline_at: datetime | None
    opening_at: datetime | None
    closed_at: datetime | None
    key_manifest_sha256: str | None
    tender_id: str
    tender_code: str
    tender_state: str
    title: str
    rule_set: RuleSet
    content: TenderContent
    project_code: str
    project_name: str
    category: str
    tenderer: OrgRef
    agency: OrgRef
    regulator: OrgRef
    mandatory: bool
    state_funded: bool
    research: bool
    published_at: datetime | None

    @property
    def terms(self) -> Mapping[str, str]:
        """What pages about this lot call people and things."""
        return terms_of(self.rule_set.regime, self.content.procedure)

    def least(self, stage: Stage) -> Parameter:
        """The rule that says with how many suppliers the lot may go on at this stage."""
        return self.content.least(self.rule_set, stage)

    @property
    def least_received(self) -> Parameter:
        """The same of what came in by this round's deadline: fewer are never opened."""
        return self.least(self.content.received)

    @property
    def region(self) -> str:
        """The division (GB/T 2260) of the project's code."""
        return self.project_code[1:7]

    @property
    def words(self) -> PaperWords:
        """What papers and notices of this procedure call people and things."""
        return words_of(self.rule_set.regime, self.content.procedure)


def runs(tx: Tx, tender_id: str, org_id: str | None) -> bool:
    """True for who serves, supervises or keeps keys of any lot of the tender: none of them may bid in it."""
    query = select(Project.tenderer_id, Project.agency_id, Project.regulator_id)
    parties = tx.execute(
        query.join(Tender, Tender.project_id == Project.id).where(Tender.id == tender_id)
    ).one()
    seats = select(Custodian.lot_id).join(Lot, Lot.id == Custodian.lot_id)
    seat = seats.where(Lot.tender_id == tender_id, Custodian.org_id == org_id).limit(1)
    return org_id in parties or tx.scalar(seat) is not None


def custodian_org(tx: Tx, lot_id: str, *, role: str) -> str | None:
    """The organisation that keeps a share of a lot's keys in this role."""
    query = select(Custodian.org_id).where(Custodian.lot_id == lot_id, Custodian.role == role)
    return tx.scalar(query.order_by(Custodian.index).limit(1))


def lot_context(tx: Tx, lot_id: str) -> LotContext:
    """The lot and its tender, for services and sweeps; `NotFound` when there is none."""
    row = tx.execute(
        select(Lot, Tender, Project)
        .join(Tender, Tender.id == Lot.tender_id)
        .join(Project, Project.id == Tender.project_id)
        .where(Lot.id == lot_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    lot, tender, project = row
    ids = (project.tenderer_id, project.agency_id, project.regulator_id)
    organisations = {o.id: o for o in tx.scalars(select(Organisation).where(Organisation.id.in_(ids)))}
    tenderer, agency, regulator = (
        OrgRef(organisations[i].id, organisations[i].name, organisations[i].uscc) for i in ids
    )
    return LotContext(
        lot_id=lot.id,
        lot_number=lot.number,
        lot_code=lot.code,
        lot_name=lot.name,
        round=lot.round,
        state=lot.state,
        max_price_fen=lot.max_price_fen,
        deposit_fen=lot.deposit_fen,
        deadline_at=lot.deadline_at,
        opening_at=lot.opening_at,
        closed_at=lot.closed_at,
        key_manifest_sha256=lot.key_manifest_sha256,
        tender_id=tender.id,
        tender_code=tender.code,
        tender_state=tender.state,
        title=tender.title,
        rule_set=rule_set(tender.rule_set),
        content=content_of(tender),
        project_code=project.code,
        project_name=project.name,
        category=project.category,
        tenderer=tenderer,
        agency=agency,
        regulator=regulator,
        mandatory=project.mandatory,
        state_funded=project.state_funded,
        research=projects.terms_of(project).research,
        published_at=tender.published_at,
    )


def published_lot(tx: Tx, lot_id: str) -> LotContext:
    """A lot of a published tender: public."""
    context = lot_context(tx, lot_id)
    if context.tender_state != TenderState.PUBLISHED:
        raise NotFound
    return context


def content_of(tender: Tender) -> TenderContent:
    return msgspec.convert(tender.content, TenderContent)


def visible_tenders(tx: Tx, *, actor: Actor) -> list[Tender]:
    """Published tenders, and the drafts that the actor prepares, approves or holds a key of; newest first."""
    order = (Tender.published_at.is_(None).desc(), Tender.published_at.desc(), Tender.code)
    return list(tx.scalars(visible(actor).order_by(*order)))


def visible_tender(tx: Tx, tender_id: str, *, actor: Actor) -> Tender:
    """One of `visible_tenders`; `NotFound` for every other."""
    tender = tx.scalar(visible(actor).where(Tender.id == tender_id))
    if tender is None:
        raise NotFound
    return tender


def visible(actor: Actor) -> Select[Tender]:
    shown = [Tender.state == TenderState.PUBLISHED]
    if Role.TENDERER in actor.roles:
        shown.append(Project.tenderer_id == actor.org_id)
    if Role.AGENCY in actor.roles:
        shown.append(Project.agency_id == actor.org_id)
    if Role.CUSTODIAN in actor.roles:
        held = select(Lot.tender_id).join(Custodian, Custodian.lot_id == Lot.id)
        shown.append(Tender.id.in_(held.where(Custodian.org_id == actor.org_id)))
    query = select(Tender).join(Project, Project.id == Tender.project_id).where(or_(*shown))
    return query.where(Tender.state != TenderState.ABANDONED)


def parties(tx: Tx, tender: Tender) -> tuple[Project, Organisation, Organisation]:
    """The project, the tenderer and the agency of a tender that was found visible."""
    project = tx.get_one(Project, tender.project_id)
    tenderer, agency = (
        tx.get_one(Organisation, project.tenderer_id),
        tx.get_one(Organisation, project.agency_id),
    )
    return project, tenderer, agency


def lots_of(tx: Tx, tender_id: str) -> list[Lot]:
    return list(tx.scalars(select(Lot).where(Lot.tender_id == tender_id).order_by(Lot.number)))


def documents_of(tx: Tx, tender_id: str) -> list[Document]:
    query = select(Document).where(Document.tender_id == tender_id)
    return list(tx.scalars(query.order_by(Document.created_at, Document.kind)))


def visible_document(tx: Tx, document_id: str, *, actor: Actor) -> Document:
    """A document of a tender the actor may see."""
    document = tx.get(Document, document_id)
    if document is None:
        raise NotFound
    visible_tender(tx, document.tender_id, actor=actor)
    return document


def key_manifest(tx: Tx, lot_id: str) -> KeyManifest:
    """The key manifest of the lot's present round; `NotFound` before all custodians gave their keys."""
    query = select(KeyManifest).join(Lot, (Lot.id == KeyManifest.lot_id) & (Lot.round == KeyManifest.round))
    found = tx.scalar(query.where(KeyManifest.lot_id == lot_id))
    if found is None:
        raise NotFound
    return found


def key_manifest_body(tx: Tx, lot_id: str) -> KeyManifestBody:
    return msgspec.json.decode(key_manifest(tx, lot_id).payload, type=KeyManifestBody)


def present_schedule(tx: Tx, lot_id: str) -> Schedule:
    """The schedule with the highest n: the lot's only deadline."""
    found = tx.scalar(select(Schedule).where(Schedule.lot_id == lot_id).order_by(Schedule.n.desc()).limit(1))
    if found is None:
        raise NotFound
    return found


def schedules_of(tx: Tx, lot_id: str) -> list[bytes]:
    """Every signed schedule of a lot in its order."""
    return list(tx.scalars(select(Schedule.envelope).where(Schedule.lot_id == lot_id).order_by(Schedule.n)))


def signer_of(tx: Tx, keyid: str) -> str | None:
    """The person through whom a certificate was issued: two certificates do not make two people."""
    return tx.scalar(select(Certificate.user_id).where(Certificate.sha256 == keyid))


def credit_codes(tx: Tx, org_ids: Sequence[str]) -> list[str]:
    """The credit codes of organisations."""
    query = select(Organisation.uscc).where(Organisation.id.in_(org_ids))
    return list(tx.scalars(query.order_by(Organisation.uscc)))


def my_seats(tx: Tx, *, actor: Actor) -> list[Custodian]:
    """The custodian's seats of the actor's organisation."""
    if Role.CUSTODIAN not in actor.roles:
        return []
    query = select(Custodian).join(Lot, Lot.id == Custodian.lot_id).where(Custodian.org_id == actor.org_id)
    return list(tx.scalars(query.order_by(Lot.code)))


def secret_since(tx: Tx) -> datetime | None:
    """When the oldest tender was published that has a lot not closed yet: since then who bids is secret."""
    query = select(func.min(Tender.published_at)).join(Lot, Lot.tender_id == Tender.id)
    return tx.scalar(query.where(Lot.state == LotState.OPEN))


def undisturbed(tx: Tx, at: datetime) -> list[Undisturbed]:
    """The lots whose deadline is less than a day away, and those that are being opened."""
    near = (Lot.state == LotState.OPEN) & (Lot.deadline_at <= at + UNDISTURBED)
    query = select(Lot.id, Lot.state, Lot.deadline_at).where(near | (Lot.state == LotState.CLOSED))
    return [
        Undisturbed(
            lot_id,
            f"Lot {lot_id} is being opened."
            if state == LotState.CLOSED or deadline_at is None
            else f"The deadline of lot {lot_id} is {start_text(deadline_at)}.",
        )
        for lot_id, state, deadline_at in tx.execute(query.order_by(Lot.deadline_at, Lot.id))
    ]


def near_deadline(tx: Tx, *, at: datetime) -> list[str]:
    """Ids of the lots that take bids and whose followers may have to be reminded."""
    near = Lot.deadline_at <= at + max(REMINDERS)
    return list(tx.scalars(select(Lot.id).where(Lot.state == LotState.OPEN, Lot.deadline_at > at, near)))


def due_to_close(tx: Tx, *, at: datetime) -> list[str]:
    """Ids of the lots whose deadline has passed and whose set of bids is not committed yet."""
    query = select(Lot.id).where(Lot.state == "open", Lot.deadline_at <= at)
    return list(tx.scalars(query.order_by(Lot.deadline_at, Lot.id)))


def custodians_of(tx: Tx, lot_id: str) -> list[Custodian]:
    """The custodians' seats of a lot, in their order."""
    return list(tx.scalars(select(Custodian).where(Custodian.lot_id == lot_id).order_by(Custodian.index)))


def custodian_keys(tx: Tx, lot: Lot, custodian: int) -> list[CustodianKey]:
    """What is kept of a custodian's keys for the lot's present round, by stage."""
    query = select(CustodianKey).where(
        CustodianKey.lot_id == lot.id, CustodianKey.round == lot.round, CustodianKey.custodian == custodian
    )
    return list(tx.scalars(query.order_by(CustodianKey.opens)))
