"""Prepare and publish versions of the documents; between them another person releases (`releasing.py`)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime

import msgspec
from sqlalchemy import delete, select, update

from govcore import clock, dsse
from govcore.audit.service import record
from govcore.db import Tx, new_id
from govcore.errors import MoveNotAllowed, NotFound, Problem
from govcore.identity.policy import Actor, require
from govcore.keys import KeyWrapper
from govcore.storage import AlreadyStored, Store
from govcore.vault import Vault
from trading.documents import papers, queries, tender_file
from trading.documents.files import check_file
from trading.documents.manifests import MANIFEST_TYPE, canonical, manifest_of
from trading.documents.models import Version
from trading.documents.policy import RULES, VersionMove, VersionState, is_frozen
from trading.documents.queries import SealedTerms, terms_of
from trading.documents.schemas import FileEntry, NewDocuments, NewVersion, Terms
from trading.draws.custody import check_keys
from trading.procedure.paper_words import words_of
from trading.procedure.rules import rule_set
from trading.project.models import Project
from trading.tender import drafting
from trading.tender import queries as tenders
from trading.tender import service as tender_service
from trading.tender.models import Document, Lot, Tender


class DocumentsFrozen(Problem):
    """A bidder may rely on the documents that were in force at the deadline (招标投标法 art. 23)."""

    code = "E_DOCUMENTS_FROZEN"
    text = "The deadline of a lot has passed: the documents can no longer change."


class SealedTermsFixed(Problem):
    """Bids that are sealed already answer the published forms and parts."""

    code = "E_SEALED_TERMS"
    text = "The parts of a bid, its forms and its algorithms cannot change once published, because bids are sealed for them: {detail}. Tender again instead."  # noqa: E501


class KeysMade(Problem):
    """The gate's keys of a lot are made for its envelopes when the tender is drafted."""

    code = "E_KEYS_MADE"
    text = "The lots, the envelopes and the algorithms were fixed when the tender was handed over: begin a new draft."


class NameTaken(Problem):
    code = "E_NAME_TAKEN"
    text = "A paper that the platform sets has this name; give the file another one."


class NothingChanged(Problem):
    code = "E_NOTHING_CHANGED"
    status = 422
    text = "This version says the same as the one in force."


def prepare(
    tx: Tx, wrapper: KeyWrapper, new: NewDocuments, *, actor: Actor, at: datetime
) -> tuple[Tender, list[Lot]]:
    """Draft a tender and prepare version 1 of its documents."""
    tender, lots = drafting.draft(tx, wrapper, new, actor=actor, at=at)
    _add(tx, tender, 1, new.terms, reasons=new.reasons, why="", files=[], actor=actor, at=at)
    return tender, lots


def new_version(
    tx: Tx, store: Store, tender_id: str, new: NewVersion, *, actor: Actor, at: datetime
) -> Version:
    """Prepare the next version of published documents, with its book set anew; the other files stay.

    One that was prepared and not released is replaced. Raise what it may not change.
    """
    require(actor, "tender.draft")
    tender = tenders.visible_tender(tx, tender_id, actor=actor)
    if tx.get_one(Project, tender.project_id).agency_id != actor.org_id:
        raise NotFound
    last = queries.newest(tx, tender_id)
    present = queries.in_force(tx, tender_id)
    _check_changeable(tx, tender)
    if last.state == VersionState.RELEASED:
        raise MoveNotAllowed(move="documents.prepare", state=last.state)
    drafting.check_content(new.terms.content, rule_set(tender.rule_set))
    _check_sealed_terms(terms_of(present), new.terms)
    if canonical(new.terms) == canonical(terms_of(present)):
        raise NothingChanged
    if last.state == VersionState.PREPARED:
        _drop(tx, last)
    number = present.number + 1
    carried = _carried(present)
    version = _add(
        tx, tender, number, new.terms, reasons=new.reasons, why=new.why, files=carried, actor=actor, at=at
    )
    set_papers(tx, store, tender)
    return version


def prepare_again(
    tx: Tx, store: Store, tender_id: str, terms: Terms, *, actor: Actor, at: datetime
) -> Version:
    """Prepare version 1 anew before the tenderer has released it; attachments and reasons that still fit stay."""
    version = _prepared(tx, tender_id, actor=actor)
    tender = tx.get_one(Tender, tender_id)
    if version.number != 1:
        raise MoveNotAllowed(move="documents.prepare", state=tender.state)
    drafting.check_content(terms.content, rule_set(tender.rule_set))
    before, after = terms_of(version), terms
    fixed = [
        (one.content.suite, one.content.stages(), [lot.number for lot in one.lots]) for one in (before, after)
    ]
    if fixed[0] != fixed[1]:
        raise KeysMade
    carried = [file for file in _carried(version) if file.kind == "attachment"]
    reasons = version.reasons
    _drop(tx, version)
    _put_in_force(tx, tender, terms)
    made = _add(tx, tender, 1, terms, reasons=reasons, why="", files=carried, actor=actor, at=at)
    set_papers(tx, store, tender)
    return made


def set_papers(tx: Tx, store: Store, tender: Tender) -> None:
    """Set the book of the newest version, for the first also the notice, and its bills as spreadsheets.

    A call for final offers is no notice.
    """
    version = queries.newest(tx, tender.id)
    terms = terms_of(version)
    words = words_of(rule_set(tender.rule_set).regime, terms.content.procedure)
    made = [
        (
            "documents",
            f"{words.documents}.pdf",
            papers.documents_pdf(tx, tender, terms, version=version.number),
        ),
        *(("bill", name, content) for name, content in papers.bill_sheets(terms)),
    ]
    if version.number == 1 and not terms.content.final:
        made.insert(0, ("notice", "招标公告.pdf", papers.notice_pdf(tx, tender, terms)))
    for kind, name, content in made:
        keep(store, version, kind=kind, name=name, content=content)


def add_file(
    tx: Tx, store: Store, tender_id: str, *, name: str, content: bytes, actor: Actor, at: datetime
) -> FileEntry:
    """Add the agency's own file, a drawing or a list, to the version that is being prepared; the name replaces."""
    version = _prepared(tx, tender_id, actor=actor)
    check_file(name, content)
    if any(file["name"] == name and file["kind"] != "attachment" for file in version.files):
        raise NameTaken
    entry = keep(store, version, kind="attachment", name=name, content=content)
    data = {"version": version.number, "name": name, "sha256": entry.sha256}
    record(tx, "documents.file_added", subject=tender_id, actor=actor.user_id, at=at, data=data)
    return entry


def remove_file(tx: Tx, tender_id: str, *, name: str, actor: Actor, at: datetime) -> None:
    """Take an attachment out of the version that is being prepared."""
    version = _prepared(tx, tender_id, actor=actor)
    kept = [file for file in version.files if (file["kind"], file["name"]) != ("attachment", name)]
    if len(kept) == len(version.files):
        raise NotFound
    version.files = kept
    data = {"version": version.number, "name": name}
    record(tx, "documents.file_removed", subject=tender_id, actor=actor.user_id, at=at, data=data)


def give_reasons(tx: Tx, tender_id: str, reasons: Mapping[str, str], *, actor: Actor, at: datetime) -> None:
    """Answer warnings of the version that is being prepared; an empty reason takes the answer back."""
    version = _prepared(tx, tender_id, actor=actor)
    known = {one.key for one in queries.findings(tx, version) if one.severity == "warning"}
    given = {**version.reasons, **reasons}
    version.reasons = {key: text.strip() for key, text in given.items() if key in known and text.strip()}
    data = {"version": version.number, "reasons": len(version.reasons)}
    record(tx, "documents.reasons_given", subject=tender_id, actor=actor.user_id, at=at, data=data)


def publish(tx: Tx, store: Store, vault: Vault, tender_id: str, *, actor: Actor, at: datetime) -> list[Lot]:
    """Publish an approved tender with version 1 of its documents; every lot opens for bids at once."""
    version = queries.version(tx, tender_id, 1)
    _check_draw_keys(tx, tender_id, terms_of(version))
    _file_rows(tx, version, at=at)
    budget_fen = terms_of(version).budget_fen
    lots = tender_service.publish(tx, tender_id, budget_fen=budget_fen, actor=actor, at=at)
    _publish(tx, store, vault, version, at=at)
    return lots


def publish_version(
    tx: Tx, store: Store, vault: Vault, tender_id: str, number: int, *, actor: Actor, at: datetime
) -> Version:
    """Publish a released later version: from now on it is the one in force. `DocumentsFrozen` after a deadline."""
    require(actor, "tender.publish")
    tender = tenders.visible_tender(tx, tender_id, actor=actor)
    if tx.get_one(Project, tender.project_id).agency_id != actor.org_id:
        raise NotFound
    version = queries.version(tx, tender_id, number)
    _check_changeable(tx, tender)
    _check_draw_keys(tx, tender_id, terms_of(version))
    _put_in_force(tx, tender, terms_of(version))
    _publish(tx, store, vault, version, at=at)
    return version


def _check_draw_keys(tx: Tx, tender_id: str, terms: Terms) -> None:
    """What the documents let be drawn can be drawn: at the opening it is too late to look for keys."""
    if terms.content.draws_at_opening:
        for lot in tenders.lots_of(tx, tender_id):
            check_keys(tx, lot.id)


def _put_in_force(tx: Tx, tender: Tender, terms: Terms) -> None:
    """Make the terms what the rest of the platform reads of the tender."""
    tender.title, tender.content = terms.title, msgspec.to_builtins(terms.content)
    by_number = {lot.number: lot for lot in terms.lots}
    for lot in tenders.lots_of(tx, tender.id):
        said = by_number[lot.number]
        lot.name, lot.max_price_fen, lot.deposit_fen = said.name, said.max_price_fen, said.deposit_fen
    tx.flush()


def _drop(tx: Tx, version: Version) -> None:
    """Forget a version that nobody released, to put another in its place."""
    tx.execute(
        delete(Version).where(Version.tender_id == version.tender_id, Version.number == version.number),
        execution_options={"synchronize_session": False},
    )
    tx.expunge(version)


def _carried(version: Version) -> list[FileEntry]:
    """The files that are not set anew for each version."""
    return [file for file in queries.files_of(version) if file.kind not in queries.MADE]


def _publish(tx: Tx, store: Store, vault: Vault, version: Version, *, at: datetime) -> None:
    """Close the version: its machine-readable file, its manifest, the platform's signature, the log."""
    move(tx, version, VersionMove.PUBLISH)
    tender = tx.get_one(Tender, version.tender_id)
    context = tenders.lot_context(tx, tenders.lots_of(tx, tender.id)[0].id)
    data_file = tender_file.compose(tx, context, version, terms_of(version), at=at)
    keep(store, version, kind="data", name=tender_file.NAME, content=data_file)
    version.published_at = at
    payload = manifest_of(context, version, supersedes=queries.superseded_by(tx, version))
    version.envelope = dsse.sign(MANIFEST_TYPE, payload, [vault.receipt_signer]).encode()
    version.manifest_sha256 = hashlib.sha256(payload).hexdigest()
    _file_rows(tx, version, at=at)
    data = {"code": tender.code, "version": version.number, "manifest_sha256": version.manifest_sha256}
    record(tx, "documents.published", subject=tender.id, actor="system", at=at, data=data)


def _add(
    tx: Tx,
    tender: Tender,
    number: int,
    terms: Terms,
    *,
    reasons: Mapping[str, str],
    why: str,
    files: list[FileEntry],
    actor: Actor,
    at: datetime,
) -> Version:
    version = Version(
        tender_id=tender.id,
        number=number,
        state=VersionState.PREPARED,
        terms=msgspec.to_builtins(terms),
        terms_sha256=hashlib.sha256(canonical(terms)).hexdigest(),
        files=[msgspec.to_builtins(file) for file in files],
        reasons=dict(reasons),
        why=why,
        prepared_by=actor.user_id,
        prepared_at=at,
        released_by=None,
        released_at=None,
        released_with=None,
        published_at=None,
        manifest_sha256=None,
        envelope=None,
    )
    tx.add(version)
    tx.flush()
    data = {"code": tender.code, "version": number, "terms_sha256": version.terms_sha256}
    record(tx, "documents.prepared", subject=tender.id, actor=actor.user_id, at=at, data=data)
    return version


def _prepared(tx: Tx, tender_id: str, *, actor: Actor) -> Version:
    """The version that the actor's agency is preparing."""
    require(actor, "tender.draft")
    tender = tenders.visible_tender(tx, tender_id, actor=actor)
    if tx.get_one(Project, tender.project_id).agency_id != actor.org_id:
        raise NotFound
    version = queries.newest(tx, tender_id)
    if version.state != VersionState.PREPARED:
        raise MoveNotAllowed(move="documents.prepare", state=version.state)
    return version


def keep(store: Store, version: Version, *, kind: str, name: str, content: bytes) -> FileEntry:
    """Keep a file under its hash and list it in the version, in place of one of the same name."""
    digest = hashlib.sha256(content).hexdigest()
    with suppress(AlreadyStored):
        store.put_new(queries.store_key(version.tender_id, digest), content)
    entry = FileEntry(kind=kind, name=name, size=len(content), sha256=digest)
    others = [file for file in version.files if file["name"] != name]
    version.files = [*others, msgspec.to_builtins(entry)]
    return entry


def _file_rows(tx: Tx, version: Version, *, at: datetime) -> None:
    """File what is published for the first time among the tender's documents."""
    known = {(row.name, row.sha256) for row in tenders.documents_of(tx, version.tender_id)}
    for file in queries.files_of(version):
        if (file.name, file.sha256) not in known:
            tx.add(
                Document(
                    id=new_id(),
                    tender_id=version.tender_id,
                    kind=file.kind,
                    name=file.name,
                    sha256=file.sha256,
                    size=file.size,
                    store_key=queries.store_key(version.tender_id, file.sha256),
                    created_at=at,
                )
            )
    tx.flush()


def _check_changeable(tx: Tx, tender: Tender) -> None:
    """Raise unless the tender is published and no lot has reached its deadline; bids wait until the caller is done."""
    query = select(Lot.state, Lot.deadline_at).where(Lot.tender_id == tender.id).with_for_update()
    lots = [(row.state, row.deadline_at) for row in tx.execute(query)]
    if tender.published_at is None:
        raise MoveNotAllowed(move="documents.prepare", state=tender.state)
    if is_frozen(lots, clock.now(tx)):
        raise DocumentsFrozen


def _check_sealed_terms(old: Terms, new: Terms) -> None:
    before, after = SealedTerms.of(old), SealedTerms.of(new)
    for field in msgspec.structs.fields(SealedTerms):
        if getattr(before, field.name) != getattr(after, field.name):
            raise SealedTermsFixed(detail=queries.SEALED_WORDS[field.name])


def move(tx: Tx, version: Version, move: VersionMove) -> None:
    """Move a version's state by the rule table, or raise `MoveNotAllowed` and change nothing."""
    rule = RULES[move]
    moved = tx.execute(
        update(Version)
        .where(
            Version.tender_id == version.tender_id,
            Version.number == version.number,
            Version.state == rule.source,
        )
        .values(state=rule.target)
        .returning(Version.number)
    ).one_or_none()
    if moved is None:
        raise MoveNotAllowed(move=move, state=version.state)
    tx.refresh(version, ["state"])
