"""Tenders: JSON for the agency, the tenderer, custodians and everybody."""

from __future__ import annotations

from datetime import datetime

from litestar import Response, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from govcore import clock
from govcore.db import Tx
from govcore.identity.policy import Actor
from govcore.platform import Platform
from trading.procedure.rules import rule_set
from trading.tender import custodian_keys, gates, keys, queries, rehearsals
from trading.tender.models import Document, Lot, Tender
from trading.tender.policy import shown_state
from trading.tender.schemas import (
    CustodianKeys,
    DocumentShown,
    KeptBlobs,
    LotShown,
    OwnKeys,
    Rehearsals,
    RehearsalShown,
    Signature,
    SignedMessage,
    TenderShown,
)


@get("/api/tenders", permission="public", sync_to_thread=True)
def list_tenders(platform: NamedDependency[Platform], actor: NamedDependency[Actor]) -> list[TenderShown]:
    """Published tenders, and the caller's own drafts."""
    with platform.db.read() as tx:
        at = clock.now(tx)
        return [_shown(tx, tender, at) for tender in queries.visible_tenders(tx, actor=actor)]


@get("/api/tenders/{tender_id:str}", permission="public", sync_to_thread=True)
def show_tender(
    tender_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> TenderShown:
    """One tender with its lots and documents."""
    return show(platform, tender_id, actor)


@get("/api/lots/{lot_id:str}/tender", permission="public", sync_to_thread=True)
def show_tender_of_lot(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> TenderShown:
    """The tender that a lot belongs to."""
    with platform.db.read() as tx:
        tender_id = queries.lot_context(tx, lot_id).tender_id
    return show(platform, tender_id, actor)


@post(
    "/api/lots/{lot_id:str}/custodian-keys",
    permission="keys.provide",
    fresh=True,
    sync_to_thread=True,
    status_code=204,
)
def provide_keys(
    lot_id: FromPath[str],
    data: JSONBody[CustodianKeys],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> None:
    """Give a custodian's one-time recipients for a lot."""
    gates.ask_for_keys(platform, lot_id)
    with platform.db.transaction() as tx:
        keys.register_keys(tx, platform.keys, lot_id, data, actor=actor, at=clock.now(tx))


@get("/api/lots/{lot_id:str}/custodian-keys", permission="keys.provide", sync_to_thread=True)
def show_own_keys(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> OwnKeys:
    """A custodian's own keys in a lot: recipients, the files kept for it, the rehearsals that wait."""
    with platform.db.read() as tx:
        return custodian_keys.own_keys(tx, lot_id, actor=actor)


@put(
    "/api/lots/{lot_id:str}/custodian-keys",
    permission="keys.provide",
    fresh=True,
    sync_to_thread=True,
    status_code=204,
)
def keep_keys(
    lot_id: FromPath[str],
    data: JSONBody[KeptBlobs],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> None:
    """Keep newer files of the same keys, until the tender is published."""
    with platform.db.transaction() as tx:
        custodian_keys.replace(tx, lot_id, data.blobs, actor=actor)


@post("/api/lots/{lot_id:str}/rehearsals", permission="keys.rehearse", sync_to_thread=True, status_code=204)
def rehearse(
    lot_id: FromPath[str],
    data: JSONBody[Rehearsals],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> None:
    """Give a rehearsal capsule for every key of every custodian."""
    with platform.db.transaction() as tx:
        lot = keys.preparing(tx, lot_id, actor=actor)
        rehearsals.put(tx, lot, data.capsules, actor=actor, at=clock.now(tx))


@get("/api/lots/{lot_id:str}/rehearsals", permission="keys.rehearse", sync_to_thread=True)
def show_rehearsals(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> list[RehearsalShown]:
    """Every custodian's keys with the signed answers, for the tenderer to hold against its own nonces."""
    with platform.db.read() as tx:
        return rehearsals.shown(tx, lot_id, actor=actor)


@post(
    "/api/lots/{lot_id:str}/rehearsals/answers",
    permission="keys.provide",
    sync_to_thread=True,
    status_code=204,
)
def answer_rehearsal(
    lot_id: FromPath[str],
    data: JSONBody[SignedMessage],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> None:
    """Hand in a custodian's signed answers to the rehearsal of its keys."""
    with platform.db.transaction() as tx:
        lot = keys.preparing(tx, lot_id, actor=actor)
        rehearsals.answer(tx, lot, data.envelope.encode(), actor=actor, at=clock.now(tx))


@get("/api/lots/{lot_id:str}/key-manifest", permission="public", sync_to_thread=True)
def show_key_manifest(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """The signed key manifest, exact bytes in a DSSE envelope."""
    with platform.db.read() as tx:
        queries.visible_tender(tx, queries.lot_context(tx, lot_id).tender_id, actor=actor)
        body = keys.envelope_of(queries.key_manifest(tx, lot_id))
    return Response(body, media_type="application/json")


@post(
    "/api/lots/{lot_id:str}/key-manifest/signatures",
    permission="keys.sign",
    fresh=True,
    sync_to_thread=True,
    status_code=204,
)
def sign_key_manifest(
    lot_id: FromPath[str],
    data: JSONBody[Signature],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> None:
    """Add a signature over the manifest's exact bytes."""
    with platform.db.transaction() as tx:
        keys.sign_manifest(tx, lot_id, data, actor=actor, at=clock.now(tx))


@post(
    "/api/lots/{lot_id:str}/schedules",
    permission="schedule.sign",
    fresh=True,
    sync_to_thread=True,
    status_code=204,
)
def put_schedule(
    lot_id: FromPath[str],
    data: JSONBody[SignedMessage],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> None:
    """Give the next signed schedule (a DSSE envelope)."""
    with platform.db.transaction() as tx:
        keys.move_deadline(tx, lot_id, data.envelope.encode(), actor=actor)


@get("/api/lots/{lot_id:str}/schedule", permission="public", sync_to_thread=True)
def show_schedule(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """The signed schedule that holds now."""
    with platform.db.read() as tx:
        queries.visible_tender(tx, queries.lot_context(tx, lot_id).tender_id, actor=actor)
        body = queries.present_schedule(tx, lot_id).envelope
    return Response(body, media_type="application/json")


def show(platform: Platform, tender_id: str, actor: Actor) -> TenderShown:
    """A tender that the actor may see, as the API tells it."""
    with platform.db.read() as tx:
        return _shown(tx, queries.visible_tender(tx, tender_id, actor=actor), clock.now(tx))


def _shown(tx: Tx, tender: Tender, at: datetime) -> TenderShown:
    project, tenderer, agency = queries.parties(tx, tender)
    return TenderShown(
        id=tender.id,
        code=tender.code,
        title=tender.title,
        state=tender.state,
        rule_set=tender.rule_set,
        lawful=rule_set(tender.rule_set).lawful,
        project=project.name,
        tenderer=tenderer.name,
        agency=agency.name,
        published_at=tender.published_at,
        content=queries.content_of(tender),
        lots=[_lot_shown(lot, at) for lot in queries.lots_of(tx, tender.id)],
        documents=[_document_shown(document) for document in queries.documents_of(tx, tender.id)],
    )


def _lot_shown(lot: Lot, at: datetime) -> LotShown:
    return LotShown(
        id=lot.id,
        number=lot.number,
        code=lot.code,
        name=lot.name,
        state=shown_state(lot.state, lot.deadline_at, at),
        max_price_fen=lot.max_price_fen,
        deposit_fen=lot.deposit_fen,
        deadline_at=lot.deadline_at,
        opening_at=lot.opening_at,
        round=lot.round,
    )


def _document_shown(document: Document) -> DocumentShown:
    return DocumentShown(
        id=document.id,
        kind=document.kind,
        name=document.name,
        size=document.size,
        sha256=document.sha256,
        href=f"/documents/{document.id}",
    )


ROUTES = [
    list_tenders,
    show_tender,
    show_tender_of_lot,
    provide_keys,
    show_own_keys,
    keep_keys,
    rehearse,
    show_rehearsals,
    answer_rehearsal,
    show_key_manifest,
    sign_key_manifest,
    put_schedule,
    show_schedule,
]
