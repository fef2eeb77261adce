"""Supervision: JSON."""

from __future__ import annotations

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from govcore import clock
from govcore.errors import NotFound
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.seals.sealing import paper_key
from trading.supervision import dispatch, letters, queries, service
from trading.supervision.policy import CATEGORIES, subject_of
from trading.supervision.schemas import (
    CategoryShown,
    Created,
    LetterShown,
    MisconductShown,
    NewLetter,
    NewMisconduct,
    NewNotice,
    NewPatrol,
    PatrolShown,
    Retraction,
    Statement,
)


@post("/api/patrols", permission="supervision.patrol", sync_to_thread=True, status_code=201)
def record_patrol(
    data: JSONBody[NewPatrol], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Created:
    """Record a patrol of the caller and a colleague."""
    with platform.db.transaction() as tx:
        patrol = service.record_patrol(tx, data, actor=actor, at=clock.now(tx))
    return Created(patrol.id)


@get("/api/patrols", permission="supervision.patrol", sync_to_thread=True)
def list_patrols(platform: NamedDependency[Platform], actor: NamedDependency[Actor]) -> list[PatrolShown]:
    """The patrols of the caller's centre."""
    with platform.db.read() as tx:
        return queries.visible_patrols(tx, actor=actor)


@get("/api/misconduct/categories", permission="supervision.read", sync_to_thread=False)
def list_categories() -> list[CategoryShown]:
    """What can be recorded, and against which party."""
    return [CategoryShown(code, subject_of(code), text) for code, text in CATEGORIES.items()]


@post("/api/misconduct", permission="supervision.record", sync_to_thread=True, status_code=201)
def record_misconduct(
    data: JSONBody[NewMisconduct], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> MisconductShown:
    """Record misconduct; the organisation is told and may answer until `reply_until`."""
    with platform.db.transaction() as tx:
        row = service.record_misconduct(tx, data, actor=actor, at=clock.now(tx))
        return queries.misconduct(tx, row.id, actor=actor)


@get("/api/misconduct", permission="supervision.read", sync_to_thread=True)
def list_misconduct(
    platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> list[MisconductShown]:
    """Records of the caller's centre, or those that name the caller's organisation."""
    with platform.db.read() as tx:
        return queries.visible_misconduct(tx, actor=actor)


@get("/api/misconduct/{misconduct_id:str}", permission="supervision.read", sync_to_thread=True)
def show_misconduct(
    misconduct_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> MisconductShown:
    with platform.db.read() as tx:
        return queries.misconduct(tx, misconduct_id, actor=actor)


@post(
    "/api/misconduct/{misconduct_id:str}/statement",
    permission="supervision.answer",
    sync_to_thread=True,
    status_code=201,
)
def give_statement(
    misconduct_id: FromPath[str],
    data: JSONBody[Statement],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> MisconductShown:
    """The organisation's statement, once, before `reply_until`."""
    with platform.db.transaction() as tx:
        service.give_statement(tx, misconduct_id, text=data.text, actor=actor, at=clock.now(tx))
        return queries.misconduct(tx, misconduct_id, actor=actor)


@post(
    "/api/misconduct/{misconduct_id:str}/circulate",
    permission="supervision.sign",
    sync_to_thread=True,
    status_code=201,
)
def circulate(
    misconduct_id: FromPath[str],
    data: JSONBody[NewNotice],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> MisconductShown:
    """Sign and circulate the notice of a record, by somebody else than its recorder."""
    with platform.db.transaction() as tx:
        notice = service.sign_notice(tx, misconduct_id, data, actor=actor, at=clock.now(tx))
    dispatch.issue_now(dispatch.issue_notice, platform, notice.id)
    with platform.db.read() as tx:
        return queries.misconduct(tx, misconduct_id, actor=actor)


@post(
    "/api/misconduct/{misconduct_id:str}/retract",
    permission="supervision.sign",
    sync_to_thread=True,
    status_code=201,
)
def retract(
    misconduct_id: FromPath[str],
    data: JSONBody[Retraction],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> MisconductShown:
    """Retract a circulated notice; its number stays, cancelled with the reason."""
    with platform.db.transaction() as tx:
        service.retract(tx, misconduct_id, reason=data.reason, actor=actor, at=clock.now(tx))
        return queries.misconduct(tx, misconduct_id, actor=actor)


@post(
    "/api/misconduct/{misconduct_id:str}/letter",
    permission="supervision.draft",
    sync_to_thread=True,
    status_code=201,
)
def draft_letter(
    misconduct_id: FromPath[str],
    data: JSONBody[NewLetter],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> LetterShown:
    """Draft the letter about a record to the project's regulator."""
    with platform.db.transaction() as tx:
        letter = letters.draft_letter(tx, misconduct_id, data, actor=actor, at=clock.now(tx))
        return queries.letter(tx, letter.id, actor=actor)


@get("/api/letters", permission="supervision.letters", sync_to_thread=True)
def list_letters(platform: NamedDependency[Platform], actor: NamedDependency[Actor]) -> list[LetterShown]:
    """Letters of the caller's centre, or those sent to the caller's department."""
    with platform.db.read() as tx:
        return queries.visible_letters(tx, actor=actor)


@get("/api/letters/{letter_id:str}", permission="supervision.letters", sync_to_thread=True)
def show_letter(
    letter_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> LetterShown:
    with platform.db.read() as tx:
        return queries.letter(tx, letter_id, actor=actor)


@post(
    "/api/letters/{letter_id:str}/sign",
    permission="supervision.sign",
    sync_to_thread=True,
    status_code=201,
)
def sign_letter(
    letter_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> LetterShown:
    """Sign and send a drafted letter, by somebody else than its drafter."""
    with platform.db.transaction() as tx:
        letters.sign_letter(tx, letter_id, actor=actor, at=clock.now(tx))
    dispatch.issue_now(dispatch.issue_letter, platform, letter_id)
    with platform.db.read() as tx:
        return queries.letter(tx, letter_id, actor=actor)


@post(
    "/api/letters/{letter_id:str}/acknowledge",
    permission="supervision.acknowledge",
    sync_to_thread=True,
    status_code=201,
)
def acknowledge(
    letter_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> LetterShown:
    """Confirm that the letter arrived."""
    with platform.db.transaction() as tx:
        letters.acknowledge(tx, letter_id, actor=actor, at=clock.now(tx))
        return queries.letter(tx, letter_id, actor=actor)


@get("/api/letters/{letter_id:str}/paper", permission="supervision.letters", sync_to_thread=True)
def letter_paper(
    letter_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """The letter as PDF; its SHA-256 stands in the header `x-content-sha256`."""
    with platform.db.read() as tx:
        letter = queries.letter(tx, letter_id, actor=actor)
    return _paper(platform, letter_id, letter.pdf_sha256)


@get("/api/circulated-notices/{notice_id:str}/paper", permission="public", sync_to_thread=True)
def notice_paper(
    notice_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """A circulated notice as PDF, for those within its scope."""
    with platform.db.read() as tx:
        sha256 = queries.visible_notice(tx, notice_id, actor=actor).pdf_sha256
    return _paper(platform, notice_id, sha256)


def _paper(platform: Platform, document_id: str, sha256: str | None) -> Response[bytes]:
    if sha256 is None:
        raise NotFound
    headers = {
        "content-disposition": f'inline; filename="{document_id}.pdf"',
        "etag": f'"{sha256}"',
        "x-content-sha256": sha256,
    }
    content = platform.store.get(paper_key(sha256))
    return Response(content, media_type="application/pdf", headers=headers)


ROUTES = [
    record_patrol,
    list_patrols,
    list_categories,
    record_misconduct,
    list_misconduct,
    show_misconduct,
    give_statement,
    circulate,
    retract,
    draft_letter,
    list_letters,
    show_letter,
    sign_letter,
    acknowledge,
    letter_paper,
    notice_paper,
]
