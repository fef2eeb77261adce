"""Reads of versions: published ones by everybody, others by those who prepare and release them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import select
from sqlalchemy.orm import defer

from govcore import dsse
from govcore.db import Tx
from govcore.errors import NotFound
from govcore.identity.models import User
from govcore.identity.policy import Actor
from govcore.vault import Vault
from trading.documents.checks import examine
from trading.documents.comparing import Change, diff
from trading.documents.findings import Finding
from trading.documents.limits import limits_of
from trading.documents.manifests import read_receipt
from trading.documents.models import Version
from trading.documents.policy import VersionState
from trading.documents.schemas import DownloadReceipt, FileEntry, Terms, VersionManifest
from trading.procedure.rules import rule_set
from trading.tender import queries as tenders
from trading.tender.models import Tender

MADE = frozenset({"documents", "bill", "release", "data"})
"""Kinds of files that are made for each version anew; the others are carried on."""

SEALED_WORDS = {
    "suite": "the algorithms that seal",
    "bidder_share": "whether bidders hold a share of their keys",
    "parts": "the parts of a bid and their limits",
    "forms": "the fields of the forms",
    "lots": "the number of lots",
}


class SealedTerms(msgspec.Struct, frozen=True):
    """What bids are sealed for: names may be corrected, this may not change after publication."""

    suite: str
    bidder_share: bool
    parts: list[tuple[object, ...]]
    forms: list[tuple[object, ...]]
    lots: list[int]

    @classmethod
    def of(cls, terms: Terms) -> SealedTerms:
        content = terms.content
        return cls(
            suite=content.suite,
            bidder_share=content.bidder_share,
            parts=[
                (p.id, p.opens, p.public, p.max_size, p.max_files, p.types, p.blind) for p in content.parts
            ]
            + [(content.total_limit,)],
            forms=[
                (part, field.id, field.kind, field.required, field.max)
                for part, form in content.forms().items()
                for field in form.fields
            ],
            lots=[lot.number for lot in terms.lots],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionView:
    """A version as pages list it; the persons only to those who prepare and release. Its terms are read apart."""

    tender_id: str
    number: int
    state: str
    terms_sha256: str
    files: tuple[FileEntry, ...]
    reasons: dict[str, str]
    why: str
    prepared_by: str
    prepared_at: datetime
    released_by: str | None
    released_at: datetime | None
    released_with: str | None
    published_at: datetime | None
    manifest_sha256: str | None
    in_force: bool

    @property
    def size(self) -> int:
        return sum(file.size for file in self.files)

    @property
    def release(self) -> FileEntry | None:
        """What the officer signed who released it, where it was signed."""
        return next((file for file in self.files if file.kind == "release"), None)


def terms_of(version: Version) -> Terms:
    return msgspec.convert(version.terms, Terms)


def files_of(version: Version) -> list[FileEntry]:
    return msgspec.convert(version.files, list[FileEntry])


def store_key(tender_id: str, sha256: str) -> str:
    return f"tender/{tender_id}/{sha256}"


def version(tx: Tx, tender_id: str, number: int) -> Version:
    """A version, for services; `NotFound` when there is none."""
    found = tx.get(Version, (tender_id, number))
    if found is None:
        raise NotFound
    return found


def newest(tx: Tx, tender_id: str) -> Version:
    """The version with the highest number, published or not."""
    query = select(Version).where(Version.tender_id == tender_id).order_by(Version.number.desc())
    found = tx.scalar(query.limit(1))
    if found is None:
        raise NotFound
    return found


def in_force(tx: Tx, tender_id: str) -> Version:
    """The newest published version; once the deadline has come no newer one can be. `NotFound` before the first."""
    query = select(Version).where(Version.tender_id == tender_id, Version.state == VersionState.PUBLISHED)
    found = tx.scalar(query.order_by(Version.number.desc()).limit(1))
    if found is None:
        raise NotFound
    return found


def superseded_by(tx: Tx, version: Version) -> str | None:
    """The manifest of the version before, whose place this one takes; nothing for the first."""
    return tx.scalar(
        select(Version.manifest_sha256).filter_by(tender_id=version.tender_id, number=version.number - 1)
    )


def visible_versions(tx: Tx, tender_id: str, *, actor: Actor) -> list[VersionView]:
    """The versions that the actor may see, newest first: published ones, for tenderer and agency all.

    Key custodians of a draft see none. Empty for a tender that is older than versions.
    """
    tender = tenders.visible_tender(tx, tender_id, actor=actor)
    query = select(Version).options(defer(Version.terms)).where(Version.tender_id == tender_id)
    rows = list(tx.scalars(query.order_by(Version.number.desc())))
    inside = _prepares(tx, tender, actor)
    ids = {user for row in rows for user in (row.prepared_by, row.released_by) if user} if inside else set()
    names: dict[str, str] = {user.id: user.name for user in _users(tx, sorted(ids))}
    present = next((row.number for row in rows if row.state == VersionState.PUBLISHED), 0)
    shown = rows if inside else [row for row in rows if row.state == VersionState.PUBLISHED]
    return [_view(row, names, in_force=row.number == present) for row in shown]


def visible_version(tx: Tx, tender_id: str, number: int, *, actor: Actor) -> VersionView:
    """One of `visible_versions`; `NotFound` for every other."""
    found = {view.number: view for view in visible_versions(tx, tender_id, actor=actor)}
    if number not in found:
        raise NotFound
    return found[number]


def visible_terms(tx: Tx, tender_id: str, number: int, *, actor: Actor) -> Terms:
    """What a version that the actor may see says as data; with a long bill that is much."""
    visible_version(tx, tender_id, number, actor=actor)
    return terms_of(version(tx, tender_id, number))


def visible_file(tx: Tx, tender_id: str, number: int, sha256: str, *, actor: Actor) -> tuple[FileEntry, str]:
    """A file of a version that the actor may see, and its key in the store."""
    for file in visible_version(tx, tender_id, number, actor=actor).files:
        if file.sha256 == sha256:
            return file, store_key(tender_id, sha256)
    raise NotFound


def prepares(tx: Tx, tender_id: str, *, actor: Actor) -> bool:
    """Whether the actor prepares or releases the documents of a tender that it may see."""
    return _prepares(tx, tenders.visible_tender(tx, tender_id, actor=actor), actor)


def envelope_of(tx: Tx, tender_id: str, number: int) -> bytes:
    """The signed manifest of a published version: public."""
    found = version(tx, tender_id, number)
    if found.envelope is None:
        raise NotFound
    return found.envelope


def manifest(tx: Tx, tender_id: str, number: int) -> tuple[VersionManifest, str]:
    """The manifest of a published version and its SHA-256: public."""
    payload = dsse.Envelope.decode(envelope_of(tx, tender_id, number)).payload
    found = version(tx, tender_id, number)
    return msgspec.json.decode(payload, type=VersionManifest), found.manifest_sha256 or ""


def changes(tx: Tx, tender_id: str, old: int, new: int, *, actor: Actor) -> list[Change]:
    """What differs between two versions that the actor may see, files included."""
    views = [visible_version(tx, tender_id, number, actor=actor) for number in (old, new)]
    return diff(*(_plain(view, terms_of(version(tx, tender_id, view.number))) for view in views))


def findings(tx: Tx, version: Version) -> list[Finding]:
    """What stands in the way of releasing a version."""
    terms, tender = terms_of(version), tx.get_one(Tender, version.tender_id)
    content = terms.content
    limits = limits_of(rule_set(tender.rule_set), content.procures, procedure=content.procedure)
    return examine(terms, limits)


def visible_findings(tx: Tx, tender_id: str, number: int, *, actor: Actor) -> list[Finding]:
    """The findings on a version, for those who prepare and release it."""
    tender = tenders.visible_tender(tx, tender_id, actor=actor)
    if not _prepares(tx, tender, actor):
        raise NotFound
    return findings(tx, version(tx, tender_id, number))


def receipt_is_valid(tx: Tx, vault: Vault, raw: bytes) -> DownloadReceipt:
    """A receipt of this platform for a version that it published; raises the refusal of any other."""
    signer = vault.receipt_signer
    receipt = read_receipt(raw, Ed25519PublicKey.from_public_bytes(signer.public_bytes), signer.keyid)
    found = version(tx, receipt.tender_id, receipt.version)
    if found.manifest_sha256 != receipt.manifest_sha256:
        raise NotFound
    return receipt


def _plain(view: VersionView, terms: Terms) -> dict[str, Any]:
    files = [{"id": file.name, "sha256": file.sha256, "size": file.size} for file in view.files]
    made = {file.name for file in view.files if file.kind in MADE}
    return {**msgspec.to_builtins(terms), "files": [file for file in files if file["id"] not in made]}


def _prepares(tx: Tx, tender: Tender, actor: Actor) -> bool:
    _, tenderer, agency = tenders.parties(tx, tender)
    sides = {("tender.approve", tenderer.id), ("tender.draft", agency.id)}
    return any(actor.may(permission) and actor.org_id == org for permission, org in sides)


def _users(tx: Tx, ids: Sequence[str]) -> list[User]:
    return list(tx.scalars(select(User).where(User.id.in_(ids)))) if ids else []


def _view(row: Version, names: dict[str, str], *, in_force: bool) -> VersionView:
    return VersionView(
        tender_id=row.tender_id,
        number=row.number,
        state=row.state,
        terms_sha256=row.terms_sha256,
        files=tuple(files_of(row)),
        reasons=row.reasons,
        why=row.why,
        prepared_by=names.get(row.prepared_by, ""),
        prepared_at=row.prepared_at,
        released_by=names.get(row.released_by or ""),
        released_at=row.released_at,
        released_with=row.released_with,
        published_at=row.published_at,
        manifest_sha256=row.manifest_sha256,
        in_force=in_force,
    )
