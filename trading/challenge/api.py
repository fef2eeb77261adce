"""Cases for programs: file, read, supplement, withdraw, reply."""

from __future__ import annotations

from typing import Any

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from govcore import clock
from govcore.identity.policy import Actor
from govcore.platform import Platform
from trading.challenge import filing, forms, queries, service
from trading.challenge.entries import Filer
from trading.challenge.evidence import Given, Stored, store_all
from trading.challenge.filing import NewCase, Paper
from trading.challenge.forms import BODY_LIMIT
from trading.challenge.models import Case
from trading.challenge.queries import CaseView
from trading.challenge.schemas import (
    Answer,
    CaseFiled,
    CaseShown,
    DueShown,
    Effect,
    FileGiven,
    Filing,
    LineShown,
    PaperFiling,
    PublicShown,
    SaidMore,
    SaidShown,
)

JSON_LIMIT = BODY_LIMIT * 3 // 2
"""Base64 makes three bytes four."""


@post(
    "/api/tenders/{tender_id:str}/cases",
    permission="challenge.file",
    sync_to_thread=True,
    status_code=201,
    request_max_body_size=JSON_LIMIT,
)
def file_case(
    tender_id: FromPath[str],
    data: JSONBody[Filing],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> CaseFiled:
    """File an objection, query or challenge; the receipt is signed."""
    stored = store_given(platform, data.files)
    with platform.db.transaction() as tx:
        case = filing.file_case(
            tx, platform, tender_id, new_case(data), stored, actor=actor, at=clock.now(tx)
        )
    return filed(case)


@post(
    "/api/tenders/{tender_id:str}/paper-cases",
    permission="challenge.reply",
    sync_to_thread=True,
    status_code=201,
    request_max_body_size=JSON_LIMIT,
)
def enter_paper(
    tender_id: FromPath[str],
    data: JSONBody[PaperFiling],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> CaseFiled:
    """Enter what the tenderer's side received on paper; it counts from `handed_in`."""
    stored = store_given(platform, data.files)
    with platform.db.transaction() as tx:
        case = filing.enter_paper(
            tx, platform, tender_id, new_case(data), paper_of(data), stored, actor=actor, at=clock.now(tx)
        )
    return filed(case)


@get("/api/cases", permission="challenge.read", sync_to_thread=True)
def list_cases(platform: NamedDependency[Platform], actor: NamedDependency[Actor]) -> list[LineShown]:
    """The cases that the caller filed, must answer or decides."""
    with platform.db.read() as tx:
        found = queries.visible_cases(tx, platform, actor=actor, at=clock.now(tx))
    return [
        LineShown(
            id=one.id,
            number=one.number,
            kind=one.kind,
            stage=one.stage,
            state=one.state,
            title=one.title,
            next_due=one.clock.at if one.clock else None,
        )
        for one in found
    ]


@get("/api/cases/{case_id:str}", permission="challenge.read", sync_to_thread=True)
def show_case(
    case_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> CaseShown:
    """One case, as far as the caller may see it."""
    return _show(platform, case_id, actor)


@post(
    "/api/cases/{case_id:str}/supplement",
    permission="challenge.file",
    sync_to_thread=True,
    status_code=201,
    request_max_body_size=JSON_LIMIT,
)
def supplement(
    case_id: FromPath[str],
    data: JSONBody[SaidMore],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> CaseShown:
    stored = store_given(platform, data.files)
    with platform.db.transaction() as tx:
        at = clock.now(tx)
        service.supplement(tx, platform, case_id, text=data.text, files=stored, actor=actor, at=at)
    return _show(platform, case_id, actor)


@post("/api/cases/{case_id:str}/withdraw", permission="challenge.file", sync_to_thread=True, status_code=201)
def withdraw(
    case_id: FromPath[str],
    data: JSONBody[SaidMore],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> CaseShown:
    """Take one's own case back; what it suspended goes on."""
    with platform.db.transaction() as tx:
        service.withdraw(tx, platform, case_id, reason=data.text, actor=actor, at=clock.now(tx))
    return _show(platform, case_id, actor)


@post(
    "/api/cases/{case_id:str}/reply",
    permission="challenge.reply",
    sync_to_thread=True,
    status_code=201,
    request_max_body_size=JSON_LIMIT,
)
def reply(
    case_id: FromPath[str],
    data: JSONBody[Answer],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> CaseShown:
    """Answer; what the case suspended goes on."""
    stored = store_given(platform, data.files)
    with platform.db.transaction() as tx:
        service.reply(
            tx,
            platform,
            case_id,
            text=data.text,
            public_text=data.public_text,
            files=stored,
            actor=actor,
            at=clock.now(tx),
        )
    return _show(platform, case_id, actor)


@post("/api/cases/{case_id:str}/ask", permission="challenge.reply", sync_to_thread=True, status_code=201)
def ask(
    case_id: FromPath[str],
    data: JSONBody[SaidMore],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> CaseShown:
    """Ask the filer for what is missing; the time to reply runs on."""
    with platform.db.transaction() as tx:
        service.ask_filer(tx, platform, case_id, text=data.text, actor=actor, at=clock.now(tx))
    return _show(platform, case_id, actor)


@post("/api/cases/{case_id:str}/effect", permission="challenge.reply", sync_to_thread=True, status_code=201)
def effect(
    case_id: FromPath[str],
    data: JSONBody[Effect],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> CaseShown:
    """Find whether a query or challenge may affect the result."""
    with platform.db.transaction() as tx:
        at = clock.now(tx)
        service.find_effect(
            tx, platform, case_id, affects=data.affects, reason=data.reason, actor=actor, at=at
        )
    return _show(platform, case_id, actor)


@post(
    "/api/cases/{case_id:str}/statement",
    permission="challenge.reply",
    sync_to_thread=True,
    status_code=201,
    request_max_body_size=JSON_LIMIT,
)
def statement(
    case_id: FromPath[str],
    data: JSONBody[SaidMore],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> CaseShown:
    """State the other side's view on an accepted complaint."""
    stored = store_given(platform, data.files)
    with platform.db.transaction() as tx:
        at = clock.now(tx)
        service.give_statement(tx, platform, case_id, text=data.text, files=stored, actor=actor, at=at)
    return _show(platform, case_id, actor)


@get("/api/tenders/{tender_id:str}/published-cases", permission="public", sync_to_thread=True)
def published(tender_id: FromPath[str], platform: NamedDependency[Platform]) -> list[PublicShown]:
    """Answers and decisions as everybody may read them."""
    with platform.db.read() as tx:
        found = queries.published_cases(tx, tender_id)
    return [
        PublicShown(
            number=one.number,
            kind=one.kind,
            stage=one.stage,
            settled_at=one.settled_at,
            outcome=one.outcome,
            steps=list(one.steps),
            text=one.text,
        )
        for one in found
    ]


def store_given(platform: Platform, files: list[FileGiven]) -> list[Stored]:
    return store_all(platform.store, [Given(one.name, one.content) for one in files])


def new_case(data: Filing) -> NewCase:
    return NewCase(
        kind=data.kind,
        stage=data.stage,
        lot_ids=data.lots,
        text=data.text,
        known_at=forms.end_of(data.known_on),
        receipt=data.document_receipt.encode() or None,
    )


def paper_of(data: PaperFiling) -> Paper:
    filer = Filer("", data.filer_name, data.filer_code, data.filer_person)
    return Paper(received_at=data.handed_in, filer=filer)


def filed(case: Case) -> CaseFiled:
    return CaseFiled(case.id, case.number, case.receipt.decode())


def _show(platform: Platform, case_id: str, actor: Actor) -> CaseShown:
    with platform.db.read() as tx:
        found = queries.case(tx, platform, case_id, actor=actor, at=clock.now(tx))
    return shown(found)


def shown(case: CaseView) -> CaseShown:
    return CaseShown(
        id=case.id,
        number=case.number,
        kind=case.kind,
        stage=case.stage,
        state=case.state,
        tender=case.tender_code,
        lots=[lot.lot_code for lot in case.lots],
        filer=case.filer.name if case.filer else "",
        handed_in=case.received_at,
        entered=case.recorded_at,
        outcome=case.outcome,
        steps=list(case.steps),
        overtaken=[{name: str(value) for name, value in one.items()} for one in case.overtaken],
        dues=[
            DueShown(
                what=one.text,
                rule=one.limit.rule,
                until=one.at,
                provisional=one.limit.provisional,
                verified=one.verified,
                met_at=one.met_at,
            )
            for one in case.clocks
        ],
        said=[
            SaidShown(
                what=one.said,
                side=one.side,
                at=one.at,
                late=one.late,
                text=one.text,
                author=one.author,
                files=[file.sha256 for file in one.files],
            )
            for one in case.entries
        ],
    )


ROUTES: list[Any] = [
    file_case,
    enter_paper,
    list_cases,
    show_case,
    supplement,
    withdraw,
    reply,
    ask,
    effect,
    statement,
    published,
]
