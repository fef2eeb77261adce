"""The log for auditors: search, an entry with its proof, evidence to take away."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from litestar import MediaType, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, URLEncodedBody

from govcore import clock
from govcore.audit import evidence, queries, search_queries, service
from govcore.audit.note import VerifierKey
from govcore.audit.schemas import SearchForm
from govcore.audit.search_queries import Found, Search
from govcore.clock import BEIJING
from govcore.errors import Malformed
from govcore.identity.policy import Actor
from govcore.module import EventType
from govcore.platform import Platform
from govcore.web import page
from govcore.web.downloads import disposition
from govcore.web.params import PathNumber, QueryNumberOrNone
from govcore.web.rendering import AnyRequest, language

PAGE = 50


@get("/audit", permission="audit.read", sync_to_thread=True)
def search_page(
    request: AnyRequest,
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
    person: FromQuery[str] = "",
    organisation: FromQuery[str] = "",
    subject: FromQuery[str] = "",
    event: FromQuery[str] = "",
    request_id: FromQuery[str] = "",
    session: FromQuery[str] = "",
    since: FromQuery[str] = "",
    until: FromQuery[str] = "",
    before: QueryNumberOrNone = None,
) -> Response[str]:
    """The newest entries, or those that fit; who searched for what is logged."""
    form = SearchForm(
        *(one.strip() for one in (person, organisation, subject, event, request_id, session, since, until)),
    )
    wanted, wrong = _wanted(form)
    _ = platform.catalogue.translator(language(request))
    errors = [
        {"field": name, "text": _("Write a day as 2026-12-01, or leave the field empty.")} for name in wrong
    ]
    found: list[Found] = []
    if not errors:
        with platform.db.read() as tx:
            found = search_queries.search(tx, wanted, actor=actor, before=before, limit=PAGE + 1)
        if wanted != Search():
            with platform.db.transaction() as tx:
                service.note_search(tx, form, actor=actor, at=clock.now(tx))
    return page(
        request,
        "audit/search.html",
        status=422 if errors else 200,
        found=found[:PAGE],
        more=found[PAGE - 1].index if len(found) > PAGE else None,
        values=form,
        errors=errors,
        kinds=_kinds(platform.registry.events, language(request)),
    )


@get("/audit/entries/{index:int}", permission="audit.read", sync_to_thread=True)
def entry_page(
    request: AnyRequest,
    index: PathNumber,
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """One entry: who did what when, what was logged exactly, and how to prove it."""
    with platform.db.read() as tx:
        found = search_queries.entry(tx, index, actor=actor)
        erasure = search_queries.erasure_of(tx, found.leaf, actor=actor)
    kind = platform.registry.events.get(found.type)
    return page(
        request,
        "audit/entry.html",
        found=found,
        erasure=erasure,
        personal=kind.personal if kind else frozenset(),
        title=_words(request)(found.type),
    )


@get(
    "/audit/entries/{index:int}/proof",
    permission="audit.read",
    sync_to_thread=True,
    media_type=MediaType.TEXT,
)
def entry_proof(
    index: PathNumber, platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[str]:
    """The entry's `tlog-proof` with event and nonce."""
    with platform.db.read() as tx:
        found = search_queries.entry(tx, index, actor=actor)
        proof = queries.inclusion_proof(tx, found.leaf, with_preimage=True)
    headers = {"content-disposition": disposition(f"entry-{index}.tlog-proof")}
    return Response(proof, headers=headers, media_type=MediaType.TEXT)


@post("/audit/export", permission="audit.read", fresh=True, sync_to_thread=True, status_code=200)
def export_found(
    request: AnyRequest,
    data: URLEncodedBody[SearchForm],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[bytes]:
    """A ZIP with the entries that fit, each with its proof, and what is needed to check them."""
    wanted, wrong = _wanted(data)
    if wrong:
        raise Malformed(detail=", ".join(wrong))
    vkey = VerifierKey(platform.settings.log_origin, platform.keys.log_signer.public_bytes)
    with platform.db.snapshot() as tx:
        at = clock.now(tx)
        archive, count = evidence.write(tx, wanted, actor=actor, vkey=str(vkey), at=at, words=_words(request))
    with platform.db.transaction() as tx:
        service.note_export(tx, data, count=count, actor=actor, at=clock.now(tx))
    name = f"audit-{at.astimezone(BEIJING):%Y-%m-%d}.zip"
    return Response(archive, headers={"content-disposition": disposition(name)}, media_type="application/zip")


def _words(request: AnyRequest) -> evidence.Words:
    """What a kind of event is called in the reader's language; one of a module that is gone by its name."""
    platform: Platform = request.app.state.platform
    kinds = dict(_kinds(platform.registry.events, language(request)))
    return lambda name: kinds.get(name, name)


def _kinds(events: Mapping[str, EventType], lang: str) -> list[tuple[str, str]]:
    named = [(name, kind.zh if lang == "zh_CN" else kind.en) for name, kind in events.items()]
    return sorted(named, key=lambda one: one[0])


def _wanted(form: SearchForm) -> tuple[Search, list[str]]:
    """What to look for, and the fields that cannot be read."""
    days = {"since": form.since, "until": form.until}
    wrong = [name for name, day in days.items() if day and _day(day) is None]
    until = _day(form.until)
    wanted = Search(
        person=form.person,
        organisation=form.organisation,
        subject=form.subject,
        event=form.event,
        request=form.request_id,
        session=form.session,
        since=_day(form.since),
        until=until + timedelta(days=1) if until else None,
    )
    return wanted, wrong


def _day(text: str) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(text), time(), BEIJING)
    except ValueError:
        return None


PAGES = [search_page, entry_page, entry_proof, export_found]
