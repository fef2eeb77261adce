"""Reads of archives: packages and holds for the centre, the supervising department and the tenderer's side."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from govcore.audit import queries as audit
from govcore.db import Tx
from govcore.errors import NotFound, Problem
from govcore.identity.policy import Actor, Role
from govcore.platform import Platform
from trading.archive.models import Disposal, LitigationHold, Package, PackageFile
from trading.archive.policy import (
    CARRIED_ON,
    MANIFEST,
    PROOF,
    SUMS,
    PackageState,
    is_done,
    keep_until,
    sums,
)
from trading.archive.sources import content_of
from trading.archive.zipping import Member, archive
from trading.prequalification import queries as prequalification
from trading.procedure.policy import RuleSet
from trading.procedure.rules import rule_set
from trading.project.models import Project
from trading.tender.models import Lot, Tender


class DisposedOf(Problem):
    code = "E_DISPOSED"
    status = 410
    text = "This round was disposed of after its years; what it held is told by the manifests alone."


class NotInLogYet(Problem):
    code = "E_ARCHIVE_WAITS"
    text = "The package is complete; it can be fetched once the log holds its entry, within a minute."


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageView:
    """A package and how far it is."""

    id: str
    ordered_at: datetime
    done: int
    total: int
    size: int
    sealed_at: datetime | None
    manifest_sha256: str | None
    logged: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """A round's archive: its packages, how long it is kept, and what holds it."""

    tender: Tender
    done: bool
    packages: tuple[PackageView, ...]
    hold: LitigationHold | None
    disposal: Disposal | None
    years: int
    verified: bool
    kept_until: datetime | None
    over: bool
    """Whether the years of keeping are over."""


def seen_tender(tx: Tx, tender_id: str, actor: Actor) -> Tender:
    """The round, for the centre, its supervising department and its own side; `NotFound` for everybody else."""
    tender = tx.get(Tender, tender_id)
    if tender is None or not _sees(tx.get_one(Project, tender.project_id), actor):
        raise NotFound
    return tender


def _sees(project: Project, actor: Actor) -> bool:
    own = {
        Role.TENDERER: project.tenderer_id,
        Role.AGENCY: project.agency_id,
        Role.REGULATOR: project.regulator_id,
    }
    return Role.CENTRE in actor.roles or any(
        role in actor.roles and actor.org_id == org_id for role, org_id in own.items()
    )


def rules_of(tender: Tender) -> RuleSet:
    return rule_set(tender.rule_set)


def lot_states(tx: Tx, tender_id: str) -> list[str]:
    return list(tx.scalars(select(Lot.state).where(Lot.tender_id == tender_id)))


def is_over(tx: Tx, tender_id: str) -> bool:
    """Whether a round's archive can be made; of a prequalification or consultation when what follows is over."""
    rows = tx.execute(select(Lot.id, Lot.state).where(Lot.tender_id == tender_id)).all()
    going_on = [lot_id for lot_id, state in rows if state in CARRIED_ON]
    following = [following_of(tx, lot_id) for lot_id in going_on]
    return is_done([state for _, state in rows], [lot_states(tx, one) if one else [] for one in following])


def following_of(tx: Tx, lot_id: str) -> str | None:
    """The round of bids after a prequalification, or of final offers after a consultation."""
    offers = select(Lot.tender_id).where(Lot.previous_id == lot_id)
    return prequalification.following_of(tx, lot_id) or tx.scalar(offers)


def disposal_of(tx: Tx, tender_id: str) -> Disposal | None:
    return tx.get(Disposal, tender_id)


def standing_hold(tx: Tx, tender_id: str) -> LitigationHold | None:
    """The hold on a round that was not lifted."""
    query = select(LitigationHold).where(LitigationHold.tender_id == tender_id)
    return tx.scalar(query.where(LitigationHold.lifted_at.is_(None)))


def files_of(tx: Tx, package_id: str) -> Sequence[PackageFile]:
    """The files of a package in their order."""
    query = select(PackageFile).where(PackageFile.package_id == package_id)
    return tx.scalars(query.order_by(PackageFile.position)).all()


def to_make(tx: Tx) -> list[str]:
    """The packages whose files are still to be read or sealed, for the sweep."""
    query = select(Package.id).where(Package.state == PackageState.COLLECTED)
    return list(tx.scalars(query.order_by(Package.ordered_at, Package.id)))


def show(tx: Tx, tender_id: str, *, actor: Actor, at: datetime) -> Archive:
    """A round's archive with its packages, the newest first."""
    tender = seen_tender(tx, tender_id, actor)
    rules = rules_of(tender)
    query = select(Package).where(Package.tender_id == tender_id).order_by(Package.ordered_at.desc())
    packages = tuple(_view(tx, one) for one in tx.scalars(query))
    ended = [one.sealed_at for one in packages if one.sealed_at is not None]
    kept_until = keep_until(min(ended), rules.count("T40")) if ended else None
    return Archive(
        tender=tender,
        done=is_over(tx, tender_id),
        packages=packages,
        hold=standing_hold(tx, tender_id),
        disposal=disposal_of(tx, tender_id),
        years=rules.count("T40"),
        verified=rules["T40"].verified,
        kept_until=kept_until,
        over=kept_until is not None and at >= kept_until,
    )


def rounds(tx: Tx, *, actor: Actor) -> list[Tender]:
    """The rounds that have ended and that the actor may archive."""
    query = select(Tender, Project).join(Project, Project.id == Tender.project_id)
    query = query.where(Tender.state == "published").order_by(Tender.published_at.desc())
    return [
        tender for tender, project in tx.execute(query) if _sees(project, actor) and is_over(tx, tender.id)
    ]


def package(tx: Tx, package_id: str, *, actor: Actor) -> Package:
    """A package, for those who may see its round."""
    row = tx.get(Package, package_id)
    if row is None:
        raise NotFound
    seen_tender(tx, row.tender_id, actor)
    return row


def stream(tx: Tx, platform: Platform, package_id: str, *, actor: Actor) -> Iterator[bytes]:
    """The package's ZIP, piece by piece from the store; `NotInLogYet` before the log holds its entry."""
    row = package(tx, package_id, actor=actor)
    if row.state == PackageState.DISPOSED or disposal_of(tx, row.tender_id) is not None:
        raise DisposedOf
    if row.state != PackageState.SEALED or row.manifest is None or row.leaf is None:
        raise NotInLogYet
    try:
        proof = audit.inclusion_proof(tx, bytes.fromhex(row.leaf), with_preimage=True).encode()
    except NotFound as error:
        raise NotInLogYet from error
    files = files_of(tx, package_id)
    listed = sums([(one.path, one.sha256 or "") for one in files])
    own = {MANIFEST: row.manifest, PROOF: proof, SUMS: listed}
    members = [Member(path, len(body), zlib.crc32(body)) for path, body in own.items()]
    members += [Member(one.path, one.size or 0, one.crc or 0) for one in files]
    kept = {one.path: one for one in files}

    def content(member: Member) -> Iterator[bytes]:
        body = own.get(member.path)
        return iter([body]) if body is not None else content_of(platform, kept[member.path])

    return archive(members, content)


def _view(tx: Tx, row: Package) -> PackageView:
    counted = select(
        func.count(), func.count(PackageFile.sha256), func.coalesce(func.sum(PackageFile.size), 0)
    )
    total, done, size = tx.execute(counted.where(PackageFile.package_id == row.id)).one()
    return PackageView(
        id=row.id,
        ordered_at=row.ordered_at,
        done=done,
        total=total,
        size=int(size or 0),
        sealed_at=row.sealed_at,
        manifest_sha256=row.manifest_sha256,
        logged=row.leaf is not None and audit.index_of(tx, bytes.fromhex(row.leaf)) is not None,
    )
