"""Pages beside the session: arrivals at the door, fees, appraisals."""

from __future__ import annotations

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect

from govcore import clock, web
from govcore.authority.proposals import ReasonMissing
from govcore.errors import Problem
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.sheets import MEDIA_TYPE
from govcore.web import redirect
from govcore.web.downloads import disposition
from govcore.web.params import PathNumber
from govcore.web.rendering import AnyRequest
from trading.committee import attending, fee_sheet, leading


class CodeForm(msgspec.Struct, forbid_unknown_fields=True):
    code: str = ""


class LeaderForm(msgspec.Struct, forbid_unknown_fields=True):
    seat: str = ""


class AppraisalForm(msgspec.Struct, forbid_unknown_fields=True):
    grade: str = ""
    reason: str = ""


@get("/committee-draws/{lot_id:str}/seats", permission="committee.watch_draw", sync_to_thread=True)
def seats(
    request: AnyRequest,
    lot_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """Who came, by seats; the form for the door, and for the tender's side that for appraisals."""
    return _seats(request, platform, lot_id, actor, None)


@post(
    "/committee-draws/{lot_id:str}/arrivals",
    permission="committee.receive",
    sync_to_thread=True,
    status_code=200,
)
def arrive(
    request: AnyRequest,
    lot_id: FromPath[str],
    data: URLEncodedBody[CodeForm],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    """Note that the member with this code came."""
    try:
        with platform.db.transaction() as tx:
            attending.note_arrival(tx, platform.keys, lot_id, data.code, actor=actor, at=clock.now(tx))
    except (attending.NotExpected, attending.AnotherPlace) as problem:
        return _seats(request, platform, lot_id, actor, problem)
    return redirect(f"/committee-draws/{lot_id}/seats")


@post(
    "/committee-draws/{lot_id:str}/seats/{number:int}/appraisal",
    permission="committee.appraise",
    sync_to_thread=True,
    status_code=200,
)
def appraise(
    request: AnyRequest,
    lot_id: FromPath[str],
    number: PathNumber,
    data: URLEncodedBody[AppraisalForm],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    """Judge the work of a seat."""
    try:
        with platform.db.transaction() as tx:
            attending.appraise(
                tx,
                platform.wrapper,
                lot_id,
                number,
                grade=_number(data.grade),
                reason=data.reason,
                actor=actor,
                at=clock.now(tx),
            )
    except (attending.GradeWrong, attending.AppraisedAlready, ReasonMissing) as problem:
        return _seats(request, platform, lot_id, actor, problem)
    return redirect(f"/committee-draws/{lot_id}/seats")


@post(
    "/committee-draws/{lot_id:str}/leader",
    permission="committee.name_leader",
    sync_to_thread=True,
    status_code=200,
)
def name_leader(
    request: AnyRequest,
    lot_id: FromPath[str],
    data: URLEncodedBody[LeaderForm],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    """Name who leads the committee."""
    try:
        with platform.db.transaction() as tx:
            leading.name_leader(tx, lot_id, seat=_number(data.seat), actor=actor, at=clock.now(tx))
    except (leading.NotEligible, leading.LeaderElected) as problem:
        return _seats(request, platform, lot_id, actor, problem)
    return redirect(f"/committee-draws/{lot_id}/seats")


@get("/committee-draws/{lot_id:str}/fees.xlsx", permission="committee.pay", fresh=True, sync_to_thread=True)
def fees_xlsx(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """The list of fees as a spreadsheet."""
    with platform.db.read() as tx:
        lot, rows = attending.fees(tx, lot_id, actor=actor)
    return _file(fee_sheet.fee_xlsx(rows), f"{fee_sheet.NAME}-{lot.lot_code}.xlsx", MEDIA_TYPE)


@get("/committee-draws/{lot_id:str}/fees.pdf", permission="committee.pay", fresh=True, sync_to_thread=True)
def fees_pdf(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """The list of fees as a paper to be signed."""
    with platform.db.read() as tx:
        lot, rows = attending.fees(tx, lot_id, actor=actor)
    return _file(fee_sheet.fee_pdf(lot, rows), f"{fee_sheet.NAME}-{lot.lot_code}.pdf", "application/pdf")


def _number(typed: str) -> int:
    """A grade or a seat; what is neither is nought, and refused as such."""
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 4 else 0


def _file(content: bytes, name: str, kind: str) -> Response[bytes]:
    headers = {"content-disposition": disposition(name), "cache-control": "private, no-store"}
    return Response(content, media_type=kind, headers=headers)


def _seats(
    request: AnyRequest, platform: Platform, lot_id: str, actor: Actor, problem: Problem | None
) -> Response[str]:
    with platform.db.read() as tx:
        lot, found = attending.attendance(tx, lot_id, actor=actor)
        naming = leading.naming(tx, lot_id, actor=actor)
    return web.page(
        request,
        "committee/attendance.html",
        status=problem.status if problem else 200,
        lot=lot,
        found=found,
        naming=naming,
        problem=problem,
        over=lot.state in attending.EVALUATED,
    )


PAGES = [seats, arrive, name_leader, appraise, fees_xlsx, fees_pdf]
