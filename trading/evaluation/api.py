"""Committees, sheets and results: JSON."""

from __future__ import annotations

from litestar import Response, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from bidding_docs.encoding import encode
from govcore import clock
from govcore.db import Tx
from govcore.errors import NotFound
from govcore.identity.policy import Actor, Role
from govcore.platform import Platform
from trading.committee.service import check_in_session
from trading.evaluation import bundle_queries, queries, sheets, signatures, technical
from trading.evaluation.bundle_queries import StoredBundle
from trading.evaluation.entries import Marks, Value
from trading.evaluation.policy import points_text
from trading.evaluation.schemas import (
    Dissent,
    EvaluationShown,
    MemberSheet,
    OutcomeShown,
    SheetLock,
    SheetPoints,
    SheetShown,
    SignedReport,
    SignedResult,
)
from trading.evaluation.sheet_queries import my_sheet


@put("/api/lots/{lot_id:str}/sheet", permission="evaluation.score", sync_to_thread=True)
def save_sheet(
    lot_id: FromPath[str],
    data: JSONBody[SheetPoints],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> SheetShown:
    """Enter what is named on the caller's sheet and leave all else."""
    with platform.db.transaction() as tx:
        sheets.save(tx, lot_id, given=data.points, why=data.why, actor=actor, at=clock.now(tx))
        return _own_sheet(tx, lot_id, actor)


@post(
    "/api/lots/{lot_id:str}/sheet/undo", permission="evaluation.score", sync_to_thread=True, status_code=200
)
def undo(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> SheetShown:
    """Take the last change of the caller's sheet back."""
    with platform.db.transaction() as tx:
        sheets.undo(tx, lot_id, actor=actor, at=clock.now(tx))
        return _own_sheet(tx, lot_id, actor)


@get("/api/lots/{lot_id:str}/sheet/document", permission="evaluation.score", sync_to_thread=True)
def sheet_document(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """The exact bytes of the caller's sheet, which it signs and locks."""
    with platform.db.read() as tx:
        sheet = my_sheet(tx, lot_id, actor=actor)
    return Response(sheet.document, media_type="application/json")


@post(
    "/api/lots/{lot_id:str}/sheet/lock",
    permission="evaluation.score",
    fresh=True,
    sync_to_thread=True,
    status_code=200,
)
def lock_sheet(
    lot_id: FromPath[str],
    data: JSONBody[SheetLock],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> SheetShown:
    """Lock the caller's complete sheet for good, as it was seen."""
    envelope = None if data.envelope is None else data.envelope.encode()
    with platform.db.transaction() as tx:
        sheets.lock(tx, lot_id, sha256=data.sha256, envelope=envelope, actor=actor, at=clock.now(tx))
        return _own_sheet(tx, lot_id, actor)


@get("/api/lots/{lot_id:str}/technical-result", permission="evaluation.score", sync_to_thread=True)
def show_technical_result(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """The exact bytes that the committee's leader, or every member, signs once all sheets are locked."""
    with platform.db.read() as tx:
        result = technical.technical_result(tx, lot_id, actor=actor)
    return Response(encode(result), media_type="application/json")


@post(
    "/api/lots/{lot_id:str}/technical-result",
    permission="evaluation.score",
    fresh=True,
    sync_to_thread=True,
    status_code=204,
)
def fix_technical_result(
    lot_id: FromPath[str],
    data: JSONBody[SignedResult],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> None:
    """Hand in the signed technical result: the price parts of the bids that passed may then be opened."""
    with platform.db.transaction() as tx:
        technical.fix_technical(tx, lot_id, data.envelope.encode(), actor=actor, at=clock.now(tx))


@get("/api/lots/{lot_id:str}/evaluation", permission="evaluation.view", sync_to_thread=True)
def show_evaluation(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> EvaluationShown | SheetShown:
    """The result for those entitled to it; an expert gets the own sheet."""
    with platform.db.read() as tx:
        if Role.EXPERT in actor.roles:
            check_in_session(tx, lot_id, actor=actor, at=clock.now(tx))
            return _own_sheet(tx, lot_id, actor)
        found = queries.completed(tx, lot_id, actor=actor)
    return _shown(found)


@get("/api/lots/{lot_id:str}/evaluation/bundle", permission="public", sync_to_thread=True)
def public_bundle(lot_id: FromPath[str], platform: NamedDependency[Platform]) -> Response[bytes]:
    """The public form of the result's bundle, for everybody once the result is published."""
    with platform.db.read() as tx:
        found = bundle_queries.published(tx, lot_id)
    if found is None:
        raise NotFound
    return _bundle(platform, lot_id, found)


@get("/api/lots/{lot_id:str}/evaluation/bundle/full", permission="evaluation.view", sync_to_thread=True)
def full_bundle(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """The full form, with the sheets of members who are numbers, for those who may see sheets."""
    with platform.db.read() as tx:
        found = bundle_queries.full(tx, lot_id, actor=actor)
    return _bundle(platform, lot_id, found)


@get("/api/lots/{lot_id:str}/evaluation/bundle/signed", permission="evaluation.view", sync_to_thread=True)
def signed_bundle(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """The full form with what members signed, for the lot's regulator once nobody signs any more."""
    with platform.db.read() as tx:
        found = bundle_queries.signed(tx, lot_id, actor=actor)
    return _bundle(platform, lot_id, found)


@post(
    "/api/lots/{lot_id:str}/report/statement",
    permission="evaluation.score",
    sync_to_thread=True,
    status_code=200,
)
def report_statement(
    lot_id: FromPath[str],
    data: JSONBody[Dissent],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[bytes]:
    """The exact bytes that the member signs to agree with the report, or with this dissent; nothing is kept of it."""
    with platform.db.read() as tx:
        found = signatures.to_sign(tx, lot_id, actor=actor, at=clock.now(tx))
    return Response(signatures.statement(found, data.dissent), media_type="application/json")


@post(
    "/api/lots/{lot_id:str}/report/signature",
    permission="evaluation.score",
    fresh=True,
    sync_to_thread=True,
    status_code=204,
)
def sign_report(
    lot_id: FromPath[str],
    data: JSONBody[SignedReport],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> None:
    """Hand in the member's signature under the report, by certificate."""
    with platform.db.transaction() as tx:
        signatures.sign(
            tx,
            lot_id,
            sha256=data.sha256,
            dissent=data.dissent,
            envelope=data.envelope.encode(),
            actor=actor,
            at=clock.now(tx),
        )


def _bundle(platform: Platform, lot_id: str, found: StoredBundle) -> Response[bytes]:
    name = f"evaluation-{lot_id}-{found.number}-{found.form.value}.json"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(platform.store.get(found.key), media_type="application/json", headers=headers)


def _own_sheet(tx: Tx, lot_id: str, actor: Actor) -> SheetShown:
    sheet = my_sheet(tx, lot_id, actor=actor)
    return SheetShown(
        lot_id=lot_id,
        number=sheet.number,
        seat=sheet.seat,
        done=sheet.done,
        total=sheet.total,
        saved_at=sheet.saved_at,
        locked_at=sheet.locked_at,
        sha256=sheet.sha256,
        points=_entered(sheet.marks),
    )


def _shown(found: queries.Completed) -> EvaluationShown:
    return EvaluationShown(
        lot_id=found.context.lot_id,
        completed_at=found.completed_at,
        report_sha256=found.report_sha256,
        report=f"/evaluation/{found.context.lot_id}/report.pdf",
        benchmark=None if found.benchmark is None else str(found.benchmark),
        outcomes=[
            OutcomeShown(
                bid_id=outcome.bid.bid_id,
                number=outcome.bid.number,
                bidder=outcome.bid.bidder_name,
                price_fen=outcome.bid.price_fen,
                rank=outcome.rank,
                total=None if outcome.total is None else points_text(outcome.total),
                evaluated_fen=outcome.evaluated_fen,
                parts={name: points_text(value) for name, value in outcome.parts.items()},
                invalid=outcome.invalid,
            )
            for outcome in found.outcomes
        ],
        sheets=[MemberSheet(seat=sheet.seat, points=_entered(sheet.marks)) for sheet in found.sheets],
    )


def _entered(marks: Marks) -> dict[str, dict[str, Value]]:
    return {bid: dict(row) for bid, row in marks.items()}


ROUTES = [
    save_sheet,
    undo,
    sheet_document,
    lock_sheet,
    show_technical_result,
    fix_technical_result,
    show_evaluation,
    public_bundle,
    full_bundle,
    signed_bundle,
    report_statement,
    sign_report,
]
