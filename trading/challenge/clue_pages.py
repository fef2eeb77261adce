"""Clues as pages: leave one without a name, ask for it by its code; the department's list, its key and its answers."""

from __future__ import annotations

from datetime import date

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect

from govcore import clock
from govcore.errors import Problem
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.web import page, redirect
from govcore.web.rendering import AnyRequest, language
from trading.challenge import clue_keys, clues, outlook, policy, queries
from trading.challenge.entries import EmptyWords


class ClueForm(msgspec.Struct):
    text: str = ""


class CodeForm(msgspec.Struct):
    """A code, and more words where somebody adds some."""

    code: str = ""
    text: str = ""

    def __repr__(self) -> str:
        return "CodeForm()"


class OpenForm(msgspec.Struct):
    passphrase: str = ""

    def __repr__(self) -> str:
        return "OpenForm()"


class KeyForm(msgspec.Struct):
    passphrase: str = ""
    again: str = ""

    def __repr__(self) -> str:
        return "KeyForm()"


@get("/tenders/{tender_id:str}/clue", permission="public", sync_to_thread=True)
def clue_form(
    request: AnyRequest, tender_id: FromPath[str], platform: NamedDependency[Platform]
) -> Response[str]:
    """What a clue is and is not, and the form for it: no account, no name."""
    return _clue(request, platform, tender_id)


@post("/tenders/{tender_id:str}/clue", permission="public", sync_to_thread=True)
def leave_clue(
    request: AnyRequest,
    tender_id: FromPath[str],
    data: URLEncodedBody[ClueForm],
    platform: NamedDependency[Platform],
) -> Response[str]:
    """Keep a clue; the answer shows its code once and has no address to come back to."""
    code = clues.new_code()
    try:
        with platform.db.transaction() as tx:
            clues.leave_clue(tx, platform, tender_id, text=data.text, code=code, at=clock.now(tx))
    except (EmptyWords, clues.EnoughToday) as problem:
        errors = _errors(request, platform, problem, "text")
        return _clue(request, platform, tender_id, errors=errors, text=data.text, status=problem.status)
    return _clue(request, platform, tender_id, code=code)


@get("/clues/code", permission="public", sync_to_thread=True)
def code_form(request: AnyRequest) -> Response[str]:
    """The form for the code of a clue."""
    return page(
        request, "challenge/clue_code.html", found=None, said=[], code="", errors=[], most=policy.CLUE_MAX
    )


@post("/clues/code", permission="public", sync_to_thread=True)
def follow_clue(
    request: AnyRequest, data: URLEncodedBody[CodeForm], platform: NamedDependency[Platform]
) -> Response[str]:
    """What became of a clue, and more to say; nothing of who asks is kept."""
    status, found = 200, None
    errors: list[dict[str, str]] = []
    said: list[tuple[str, date, str]] = []
    try:
        if data.text.strip():
            with platform.db.transaction() as tx:
                clues.say_more(tx, platform, code=data.code, text=data.text, at=clock.now(tx))
        with platform.db.read() as tx:
            found, said = clues.followed(tx, platform, data.code)
    except (EmptyWords, clues.EnoughToday, clues.UnknownCode) as problem:
        status, errors = problem.status, _errors(request, platform, problem, "code")
    context = {"found": found, "said": said, "code": data.code, "errors": errors, "most": policy.CLUE_MAX}
    return page(request, "challenge/clue_code.html", status=status, **context)


@get("/clues", permission="challenge.decide", sync_to_thread=True)
def clue_list(
    request: AnyRequest, platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[str]:
    """The clues about the tenders that the reader's department supervises, without their words."""
    return _list(request, platform, actor)


@post("/clues/key", permission="challenge.decide", fresh=True, sync_to_thread=True)
def make_key(
    request: AnyRequest,
    data: URLEncodedBody[KeyForm],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    """Make the department's key under a passphrase that nobody here keeps."""
    try:
        if data.passphrase != data.again:
            raise PassphrasesDiffer
        with platform.db.transaction() as tx:
            clue_keys.make(tx, passphrase=data.passphrase, actor=actor, at=clock.now(tx))
    except (PassphrasesDiffer, clue_keys.PassphraseTooShort) as problem:
        errors = _errors(request, platform, problem, "passphrase")
        return _list(request, platform, actor, errors=errors, status=problem.status)
    return redirect("/clues")


@post("/clues/{clue_id:str}/open", permission="challenge.decide", sync_to_thread=True)
def open_clue(
    request: AnyRequest,
    clue_id: FromPath[str],
    data: URLEncodedBody[OpenForm],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """The words of one clue; that they were read is logged."""
    try:
        with platform.db.transaction() as tx:
            row, said = clues.open_clue(
                tx, platform, clue_id, passphrase=data.passphrase, actor=actor, at=clock.now(tx)
            )
            title = outlook.first_lot(tx, row.tender_id).title
    except clue_keys.WrongPassphrase as problem:
        errors = _errors(request, platform, problem, f"passphrase-{clue_id}")
        return _list(request, platform, actor, errors=errors, status=problem.status)
    return page(request, "challenge/clue_open.html", clue=row, said=said, title=title, most=policy.CLUE_MAX)


@post("/clues/{clue_id:str}/answer", permission="challenge.decide", sync_to_thread=True)
def answer_clue(
    clue_id: FromPath[str],
    data: URLEncodedBody[ClueForm],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Redirect:
    """Answer whoever holds the clue's code."""
    with platform.db.transaction() as tx:
        clues.answer(tx, platform, clue_id, text=data.text, actor=actor, at=clock.now(tx))
    return redirect("/clues")


class PassphrasesDiffer(Problem):
    code = "E_PASSPHRASES"
    status = 422
    text = "The two passphrases differ."


def _errors(request: AnyRequest, platform: Platform, problem: Problem, field: str) -> list[dict[str, str]]:
    _ = platform.catalogue.translator(language(request))
    return [{"field": field, "text": _(problem.text, **problem.data)}]


def _list(
    request: AnyRequest,
    platform: Platform,
    actor: Actor,
    *,
    errors: list[dict[str, str]] | None = None,
    status: int = 200,
) -> Response[str]:
    with platform.db.read() as tx:
        found = queries.clues(tx, actor=actor)
        key = clue_keys.newest(tx, actor.org_id)
    context = {"clues": found, "key": key, "errors": errors or [], "least": policy.CLUE_PASSPHRASE}
    return page(request, "challenge/clues.html", status=status, **context)


def _clue(
    request: AnyRequest,
    platform: Platform,
    tender_id: str,
    *,
    errors: list[dict[str, str]] | None = None,
    text: str = "",
    code: str = "",
    status: int = 200,
) -> Response[str]:
    with platform.db.read() as tx:
        lot = outlook.first_lot(tx, tender_id)
        sealed = clue_keys.newest(tx, lot.regulator.id) is not None
    context = {"lot": lot, "errors": errors or [], "text": text, "code": code, "sealed": sealed}
    return page(request, "challenge/clue.html", status=status, most=policy.CLUE_MAX, **context)


PAGES = [clue_form, leave_clue, code_form, follow_clue, clue_list, make_key, open_clue, answer_clue]
