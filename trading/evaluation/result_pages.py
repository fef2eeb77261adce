"""What belongs to a result: its forms as PDF and XLSX, the way to each bid's points, and the members' signatures."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect

from govcore import clock
from govcore.certificates.policy import is_personal
from govcore.db import Tx
from govcore.errors import NotFound, Problem
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.sheets import MEDIA_TYPE
from govcore.web import page, redirect
from govcore.web.rendering import AnyRequest, language
from trading.evaluation import queries, signatures
from trading.evaluation.computing import Ready, finished
from trading.evaluation.form_papers import forms_pdf, forms_xlsx
from trading.evaluation.forms import Form, forms_of
from trading.evaluation.scoring import trace
from trading.evaluation.signature_rule import KIND_WORDS
from trading.evaluation.trace_words import words_of

_FRACTION = re.compile(r"-?\d+/\d+", re.ASCII)


SIGN_WORDS = {
    "signing": "Signing and handing in …",
    "other-report": "The report to be signed is not the one shown above. Nothing was signed; load the page again.",
    "unexpected": "That did not work: {detail}",
}
"""Sentences of the page's program, by the keys that `frontend/src/scoring` uses."""


class SignForm(msgspec.Struct, forbid_unknown_fields=True):
    sha256: str = ""
    dissent: str = ""


@get("/evaluation/{lot_id:str}/forms.pdf", permission="evaluation.view", sync_to_thread=True)
def forms_as_pdf(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """All forms as one paper, for those who may see the sheets."""
    with platform.db.read() as tx:
        found, forms = _forms(tx, lot_id, actor)
    headers = {"content-disposition": f'attachment; filename="forms-{found.context.lot_code}.pdf"'}
    return Response(forms_pdf(found, forms), media_type="application/pdf", headers=headers)


@get("/evaluation/{lot_id:str}/report-signed.pdf", permission="evaluation.view", sync_to_thread=True)
def signed_report(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """The report with its signatures, once nobody signs any more, for those who may see the sheets or sat."""
    with platform.db.read() as tx:
        key, code = queries.signed_report_key(tx, lot_id, actor=actor)
    headers = {"content-disposition": f'attachment; filename="evaluation-{code}-signed.pdf"'}
    return Response(platform.store.get(key), media_type="application/pdf", headers=headers)


@get("/evaluation/{lot_id:str}/forms.xlsx", permission="evaluation.view", fresh=True, sync_to_thread=True)
def forms_as_xlsx(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """The same tables for a spreadsheet."""
    with platform.db.read() as tx:
        found, forms = _forms(tx, lot_id, actor)
    headers = {"content-disposition": f'attachment; filename="forms-{found.context.lot_code}.xlsx"'}
    return Response(forms_xlsx(forms), media_type=MEDIA_TYPE, headers=headers)


@get("/evaluation/{lot_id:str}/trace/{bid_id:str}", permission="evaluation.view", sync_to_thread=True)
def trace_page(
    request: AnyRequest,
    lot_id: FromPath[str],
    bid_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """Every value on the way to one bid's place, for those who may see the sheets."""
    with platform.db.read() as tx:
        found = _finished(tx, lot_id, actor)
    bid = next((one for one in found.bids if one.bid_id == bid_id), None)
    if bid is None:
        raise NotFound
    return page(request, "evaluation/trace.html", lot=found.context, bid=bid, steps=_steps(found, bid_id))


@get("/evaluation/{lot_id:str}/sign", permission="evaluation.score", fresh=True, sync_to_thread=True)
def sign_page(
    request: AnyRequest,
    lot_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """The report before a member: agree, or dissent in writing; by certificate the browser signs."""
    return _sign(request, platform, lot_id, actor)


@post("/evaluation/{lot_id:str}/sign", permission="evaluation.score", fresh=True, sync_to_thread=True)
def sign(
    request: AnyRequest,
    lot_id: FromPath[str],
    data: URLEncodedBody[SignForm],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    try:
        with platform.db.transaction() as tx:
            at = clock.now(tx)
            signatures.sign(tx, lot_id, sha256=data.sha256, dissent=data.dissent, actor=actor, at=at)
    except signatures.DissentTooLong as problem:
        return _sign(request, platform, lot_id, actor, dissent=data.dissent, problem=problem)
    return redirect(f"/evaluation/{lot_id}/sign")


def _sign(
    request: AnyRequest,
    platform: Platform,
    lot_id: str,
    actor: Actor,
    *,
    dissent: str = "",
    problem: Problem | None = None,
) -> Response[str]:
    with platform.db.read() as tx:
        found = signatures.to_sign(tx, lot_id, actor=actor, at=clock.now(tx))
    translate = platform.catalogue.translator(language(request))
    status = problem.status if problem else 200
    context = {
        "found": found,
        "lot": found.context,
        "dissent": dissent,
        "problem": problem,
        "most": signatures.DISSENT_MAX,
        "kind_words": KIND_WORDS,
        "is_personal": is_personal(actor.roles),
        "words": {key: translate(text) for key, text in SIGN_WORDS.items()},
    }
    return page(request, "evaluation/sign.html", status=status, **context)


@dataclass(frozen=True, slots=True)
class StepShown:
    """A step of a computation with the names of what it is about; `what` is a key of the catalogue."""

    name: str
    what: str
    of: str
    inputs: tuple[tuple[str, str], ...]
    value: str


def _steps(found: Ready, bid_id: str) -> list[StepShown]:
    names = {leaf.id: leaf.name for leaf in found.leaves}
    names |= {section.id: section.label for section in found.context.content.criteria}
    names |= {bid.bid_id: bid.bidder_name for bid in found.bids}
    files = found.files
    shown = []
    for step in trace(files.tender_file, files.opening, files.sheets, bid_id):
        inputs = step["inputs"]
        assert isinstance(inputs, list)  # as its document says
        given = tuple((names.get(one["id"], one["id"]), _number(one["value"])) for one in inputs)
        of = str(step["of"] or "")
        name = str(step["step"])
        shown.append(StepShown(name, words_of(name), names.get(of, of), given, _number(step["value"])))
    return shown


def _number(value: object) -> str:
    """A value as it is; what is no decimal of two places also as the fraction that it is exactly."""
    text = "–" if value is None else str(value)
    if _FRACTION.fullmatch(text) is None:
        return text
    exact = Fraction(text)
    if 100 % exact.denominator:
        return f"{exact} ≈ {float(exact):,.6f}"
    return f"{exact.numerator:,}" if exact.denominator == 1 else f"{float(exact):,.2f}"


def _finished(tx: Tx, lot_id: str, actor: Actor) -> Ready:
    queries.report_of(tx, lot_id, actor=actor)
    found = finished(tx, lot_id)
    assert found is not None  # its report is there
    return found


def _forms(tx: Tx, lot_id: str, actor: Actor) -> tuple[Ready, list[Form]]:
    found = _finished(tx, lot_id, actor)
    return found, forms_of(tx, found, signatures.signatures_of(tx, lot_id, found.round.number))


PAGES = [forms_as_pdf, forms_as_xlsx, trace_page, signed_report, sign_page, sign]
