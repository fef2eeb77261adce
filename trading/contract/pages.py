"""Contracts as pages: what is due, what it says, who has signed, what goes back to whom."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath, MultipartBody, URLEncodedBody
from litestar.response import Redirect

from govcore import clock
from govcore.errors import Problem
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.web import page, redirect
from govcore.web.rendering import AnyRequest, language
from trading.contract import drawing, issue, queries, refunds, service
from trading.contract.policy import Trigger
from trading.contract.schemas import TERMS_MAX, NewContract
from trading.procedure.words import article_of

_FORM_PROBLEMS = (drawing.BondTooHigh, drawing.ContractLate, drawing.DeviatesFromBid)

TRIGGER_WORDS = {
    Trigger.CONTRACT: "The contract is signed",
    Trigger.AWARD: "The award notice was sent",
    Trigger.FAILED: "The lot ended without a winner",
    Trigger.LEFT: "The supplier left the consultation",
}
SIGNING_WORDS = {
    "code-wrong": "This is not the contract's number; copy it from above.",
    "signing": "Signing and handing in …",
    "other-contract": "The contract to be signed is not the one shown above. Nothing was signed; load the page again.",
    "unexpected": "That did not work: {detail}",
}
"""Sentences of the page's program, by the keys that `frontend/src/contract` uses."""


class AmountWrong(Problem):
    code = "E_AMOUNT"
    status = 422
    text = "Write the amount in yuan, for example 1050000.00."


class Line(msgspec.Struct, forbid_unknown_fields=True):
    """A form with an amount in yuan and a line of text."""

    amount: str = ""
    text: str = ""
    form: str = ""
    passed: str = ""


@get("/contracts", permission="contract.view", sync_to_thread=True)
def desk(
    request: AnyRequest, platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[str]:
    """The contracts that the actor has to do with."""
    with platform.db.read() as tx:
        at = clock.now(tx)
        views = queries.desk(tx, actor=actor, at=at)
    return page(request, "contract/desk.html", views=views, at=at, article_of=article_of)


@get("/contracts/{lot_id:str}", permission="contract.view", sync_to_thread=True)
def room(
    request: AnyRequest,
    lot_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """One contract: next step, facts, signatures, bond, what followed, and the deposits."""
    return _room(request, platform, lot_id, actor)


@post(
    "/contracts/{lot_id:str}",
    permission="contract.draw",
    fresh=True,
    sync_to_thread=True,
    request_max_body_size=issue.UPLOAD_MAX + 100_000,
)
def draw(
    request: AnyRequest,
    lot_id: FromPath[str],
    data: MultipartBody[dict[str, Any]],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    """Draw the contract from the bid, on the tenderer's own PDF where one is given."""
    file = data.get("file")
    content = file.file.read(issue.UPLOAD_MAX + 1) if isinstance(file, UploadFile) and file.filename else None
    try:
        given = _given(platform, lot_id, actor, {name: str(value) for name, value in data.items()})
        issue.draw(platform, lot_id, given, uploaded=content, actor=actor)
    except (AmountWrong, issue.NotAPaper, *_FORM_PROBLEMS) as problem:
        return _room(request, platform, lot_id, actor, problem=problem, field="bond")
    return redirect(f"/contracts/{lot_id}")


@post("/contracts/{lot_id:str}/bond", permission="contract.draw", sync_to_thread=True)
def record_bond(
    request: AnyRequest,
    lot_id: FromPath[str],
    data: URLEncodedBody[Line],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    try:
        amount = fen_of(data.amount)
        with platform.db.transaction() as tx:
            service.record_bond(
                tx,
                lot_id,
                form=data.form,
                amount_fen=amount,
                reference=data.text,
                actor=actor,
                at=clock.now(tx),
            )
    except (AmountWrong, service.BondDiffers) as problem:
        return _room(request, platform, lot_id, actor, problem=problem, field="amount")
    return redirect(f"/contracts/{lot_id}")


@post("/contracts/{lot_id:str}/publication", permission="contract.draw", sync_to_thread=True)
def publish(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Redirect:
    with platform.db.transaction() as tx:
        service.publish(tx, lot_id, actor=actor, at=clock.now(tx))
    return redirect(f"/contracts/{lot_id}")


@post("/contracts/{lot_id:str}/filing", permission="contract.draw", sync_to_thread=True)
def file_contract(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Redirect:
    with platform.db.transaction() as tx:
        service.file(tx, lot_id, actor=actor, at=clock.now(tx))
    return redirect(f"/contracts/{lot_id}")


@post("/contracts/{lot_id:str}/supplements", permission="contract.draw", fresh=True, sync_to_thread=True)
def buy_more(
    request: AnyRequest,
    lot_id: FromPath[str],
    data: URLEncodedBody[Line],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    try:
        amount = fen_of(data.amount)
        with platform.db.transaction() as tx:
            at = clock.now(tx)
            service.buy_more(tx, lot_id, amount_fen=amount, what=data.text, actor=actor, at=at)
    except (AmountWrong, service.SupplementTooHigh) as problem:
        return _room(request, platform, lot_id, actor, problem=problem, field="supplement")
    return redirect(f"/contracts/{lot_id}")


@post("/contracts/{lot_id:str}/acceptance", permission="contract.accept", fresh=True, sync_to_thread=True)
def accept(
    lot_id: FromPath[str],
    data: URLEncodedBody[Line],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Redirect:
    with platform.db.transaction() as tx:
        at = clock.now(tx)
        service.accept(tx, lot_id, passed=data.passed == "yes", text=data.text, actor=actor, at=at)
    return redirect(f"/contracts/{lot_id}")


def fen_of(text: str) -> int:
    """An amount in yuan as a person writes it, in fen; raise `AmountWrong`."""
    try:
        fen = Decimal(text.replace(",", "").strip()) * 100
    except InvalidOperation as error:
        raise AmountWrong from error
    if not fen.is_finite() or fen < 0 or fen != fen.to_integral_value() or fen >= 2**53:
        raise AmountWrong
    return int(fen)


def _given(platform: Platform, lot_id: str, actor: Actor, form: dict[str, str]) -> NewContract:
    """The bid's values, with what the tenderer may add."""
    with platform.db.read() as tx:
        bid = drawing.draft(tx, lot_id, None, actor=actor, at=clock.now(tx)).bid
    added = {
        "bond_fen": fen_of(form.get("bond") or "0"),
        "terms": form.get("terms", "")[:TERMS_MAX],
        "late_reason": form.get("late_reason", "")[:TERMS_MAX],
    }
    return msgspec.convert({**bid, **added}, NewContract)


def _room(
    request: AnyRequest,
    platform: Platform,
    lot_id: str,
    actor: Actor,
    *,
    problem: Problem | None = None,
    field: str = "",
) -> Response[str]:
    with platform.db.read() as tx:
        at = clock.now(tx)
        view = queries.view(tx, lot_id, actor=actor, at=at)
        going_back = refunds.visible_refunds(tx, lot_id, actor=actor)
        names = refunds.bidder_names(tx, going_back)
        cap = drawing.bond_cap(view.context, view.award)
    translate = platform.catalogue.translator(language(request))
    context: dict[str, Any] = {
        "view": view,
        "refunds": going_back,
        "names": names,
        "cap_fen": cap,
        "at": at,
        "problem": problem,
        "field": field,
        "trigger_words": TRIGGER_WORDS,
        "words": {key: translate(text) for key, text in SIGNING_WORDS.items()},
        "article_of": article_of,
        "terms_max": TERMS_MAX,
    }
    return page(request, "contract/room.html", status=problem.status if problem else 200, **context)


PAGES = [desk, room, draw, record_bond, publish, file_contract, buy_more, accept]
