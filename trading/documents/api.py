"""Tender documents: JSON for the agency, the tenderer and everybody."""

from __future__ import annotations

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from bidding_docs.encoding import format_time
from govcore import clock
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.web.params import PathNumber
from trading.documents import queries, releasing, service, tender_file
from trading.documents.queries import VersionView
from trading.documents.schemas import (
    ChangeShown,
    FindingShown,
    NewDocuments,
    NewVersion,
    SignedRelease,
    Terms,
    VersionShown,
)
from trading.tender.api import show
from trading.tender.schemas import TenderCreated, TenderShown

VERSION = "/api/tenders/{tender_id:str}/versions/{number:int}"


@post("/api/tenders", permission="tender.draft", sync_to_thread=True, status_code=201)
def draft_tender(
    data: JSONBody[NewDocuments], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> TenderCreated:
    """Draft a tender and version 1 of its documents; its notice and book are set as PDFs at once."""
    with platform.db.transaction() as tx:
        at = clock.now(tx)
        tender, lots = service.prepare(tx, platform.wrapper, data, actor=actor, at=at)
        service.set_papers(tx, platform.store, tender)
        created = TenderCreated(id=tender.id, code=tender.code, lots=[lot.id for lot in lots])
    return created


@post(
    "/api/tenders/{tender_id:str}/approve", permission="tender.approve", sync_to_thread=True, status_code=200
)
def approve_tender(
    tender_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> TenderShown:
    """The tenderer releases version 1, which approves the draft."""
    with platform.db.transaction() as tx:
        releasing.release(tx, platform.store, tender_id, 1, actor=actor, at=clock.now(tx))
    return show(platform, tender_id, actor)


@post(
    "/api/tenders/{tender_id:str}/publish", permission="tender.publish", sync_to_thread=True, status_code=200
)
def publish_tender(
    tender_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> TenderShown:
    """Publish an approved tender whose keys and schedules are signed."""
    with platform.db.transaction() as tx:
        at = clock.now(tx)
        service.publish(tx, platform.store, platform.keys, tender_id, actor=actor, at=at)
    return show(platform, tender_id, actor)


@get("/api/tenders/{tender_id:str}/versions", permission="public", sync_to_thread=True)
def list_versions(
    tender_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> list[VersionShown]:
    """The versions of a tender's documents that the caller may see, newest first."""
    with platform.db.read() as tx:
        found = queries.visible_versions(tx, tender_id, actor=actor)
        return [
            _shown(view, queries.visible_terms(tx, tender_id, view.number, actor=actor)) for view in found
        ]


@post(
    "/api/tenders/{tender_id:str}/versions", permission="tender.draft", sync_to_thread=True, status_code=201
)
def prepare_version(
    tender_id: FromPath[str],
    data: JSONBody[NewVersion],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> VersionShown:
    """Prepare the next version of published documents."""
    with platform.db.transaction() as tx:
        made = service.new_version(tx, platform.store, tender_id, data, actor=actor, at=clock.now(tx))
        view = queries.visible_version(tx, tender_id, made.number, actor=actor)
        return _shown(view, data.terms)


@get(f"{VERSION}/signed-release", permission="tender.approve", sync_to_thread=True)
def show_release(
    tender_id: FromPath[str],
    number: PathNumber,
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[bytes]:
    """The exact bytes that the tenderer's officer signs to release a version."""
    with platform.db.read() as tx:
        body = releasing.to_sign(tx, tender_id, number, actor=actor)
    return Response(body, media_type="application/json")


@post(f"{VERSION}/release", permission="tender.approve", fresh=True, sync_to_thread=True, status_code=204)
def release_version(
    tender_id: FromPath[str],
    number: PathNumber,
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> None:
    """The tenderer releases a version that another person prepared, without a signature."""
    with platform.db.transaction() as tx:
        releasing.release(tx, platform.store, tender_id, number, actor=actor, at=clock.now(tx))


@post(
    f"{VERSION}/signed-release", permission="tender.approve", fresh=True, sync_to_thread=True, status_code=204
)
def sign_release(
    tender_id: FromPath[str],
    number: PathNumber,
    data: JSONBody[SignedRelease],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> None:
    """The tenderer's officer releases it with the own signature under what `signed-release` gives."""
    envelope = data.envelope.encode()
    with platform.db.transaction() as tx:
        at = clock.now(tx)
        releasing.release(tx, platform.store, tender_id, number, actor=actor, at=at, envelope=envelope)


@get(f"{VERSION}/findings", permission="documents.review", sync_to_thread=True)
def show_findings(
    tender_id: FromPath[str],
    number: PathNumber,
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> list[FindingShown]:
    """What stands in the way of releasing a version, for those who prepare and release it."""
    with platform.db.read() as tx:
        found = queries.visible_findings(tx, tender_id, number, actor=actor)
        reasons = queries.visible_version(tx, tender_id, number, actor=actor).reasons
    return [
        FindingShown(
            key=one.key,
            severity=one.severity,
            rule=one.rule,
            basis=one.basis,
            place=list(one.place),
            words=one.words,
            what=str(one.what),
            mend=str(one.mend),
            verified=one.verified,
            reason=reasons.get(one.key, ""),
        )
        for one in found
    ]


@get(f"{VERSION}/manifest", permission="public", sync_to_thread=True)
def show_manifest(
    tender_id: FromPath[str], number: PathNumber, platform: NamedDependency[Platform]
) -> Response[bytes]:
    """The signed manifest of a published version, exact bytes in a DSSE envelope."""
    with platform.db.read() as tx:
        body = queries.envelope_of(tx, tender_id, number)
    return Response(body, media_type="application/json")


@get(f"{VERSION}/changes/{{since:int}}", permission="public", sync_to_thread=True)
def show_changes(
    tender_id: FromPath[str],
    number: PathNumber,
    since: PathNumber,
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> list[ChangeShown]:
    """What differs between version `since` and this one."""
    with platform.db.read() as tx:
        found = queries.changes(tx, tender_id, since, number, actor=actor)
    return [ChangeShown(path=list(one.path), kind=one.kind, old=one.old, new=one.new) for one in found]


@get(tender_file.SCHEMA, permission="public", sync_to_thread=True)
def show_schema() -> Response[bytes]:
    """The JSON Schema of the machine-readable tender file."""
    return Response(msgspec.json.encode(tender_file.json_schema()), media_type="application/schema+json")


def _shown(view: VersionView, terms: Terms) -> VersionShown:
    return VersionShown(
        number=view.number,
        state=view.state,
        terms=terms,
        terms_sha256=view.terms_sha256,
        files=list(view.files),
        manifest_sha256=view.manifest_sha256,
        published_at=format_time(view.published_at) if view.published_at else None,
        why=view.why,
    )


ROUTES = [
    draft_tender,
    approve_tender,
    publish_tender,
    list_versions,
    prepare_version,
    release_version,
    show_release,
    sign_release,
    show_findings,
    show_manifest,
    show_changes,
    show_schema,
]
