"""A member's room: its sheet by bid or by criterion, the last change taken back, the lock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, URLEncodedBody
from litestar.response import Redirect

from govcore import clock
from govcore.errors import Problem
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.web import page, redirect
from govcore.web.rendering import AnyRequest, language
from trading.committee.service import NOT_NOW, check_in_session
from trading.evaluation import sheets
from trading.evaluation.agreement import is_settled
from trading.evaluation.entries import WHY_MAX, Leaf, ScoreOutOfRange, WhyMissing, plain
from trading.evaluation.queries import draw_awaited
from trading.evaluation.sheet_queries import Sheet, my_changes, my_sheet
from trading.evaluation.signature_rule import must_sign
from trading.opening.queries import OpenedBid

FIELD = "p-"
SHEET_WORDS = {
    "saving": "Saving …",
    "saved": "Saved at {time}",
    "lost": "Not saved: the line is broken. It is sent again with the next field; or use the button below.",
    "filled": "{done} of {total} fields filled",
}
LOCK_WORDS = {
    "signing": "Signing and locking …",
    "other-sheet": "The sheet to be signed is not the one shown above. Nothing was signed; load the page again.",
    "unexpected": "That did not work: {detail}",
}
"""Sentences of the pages' programs, by the keys that `frontend/src/scoring` uses."""


@dataclass(frozen=True, slots=True)
class Input:
    """One field of the form: its name, whose entry it is, what stands in it and up to how much may."""

    name: str
    bid: str
    leaf: str
    step: str
    label: str
    text: str
    hint: str
    open: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One entry of the form: the criterion of a bid, with a field or one for each step."""

    heading: str
    rule: str
    leaf: Leaf
    inputs: tuple[Input, ...]
    points: str


class LockForm(msgspec.Struct, forbid_unknown_fields=True):
    sha256: str = ""


@get("/evaluation/{lot_id:str}", permission="evaluation.score", sync_to_thread=True)
def room(
    request: AnyRequest,
    lot_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
    bid: FromQuery[str] = "",
    item: FromQuery[str] = "",
) -> Response[str] | Redirect:
    """The member's own sheet: one bid with all criteria, or one criterion across all bids; in session only."""
    with platform.db.read() as tx:
        sheet = my_sheet(tx, lot_id, actor=actor)
        try:
            check_in_session(tx, lot_id, actor=actor, at=clock.now(tx))
        except NOT_NOW:
            return redirect(f"/evaluation/{lot_id}/session")
        waits = sheet.locked_at is not None and sheet.completed_at is None
        settled = not waits or is_settled(tx, sheet.context)
        drawing = waits and draw_awaited(tx, lot_id, actor=actor)
    return _room(request, platform, sheet, bid=bid, item=item, settled=settled, drawing=drawing)


@post("/evaluation/{lot_id:str}/bids/{bid_id:str}", permission="evaluation.score", sync_to_thread=True)
def save_bid(
    request: AnyRequest,
    lot_id: FromPath[str],
    bid_id: FromPath[str],
    data: URLEncodedBody[dict[str, str]],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    """Save one bid's fields; what was typed wrong is shown again beside its field."""
    refused = _save(platform, lot_id, data, actor, {bid_id: _nested(data)})
    if refused is not None:
        return _room(request, platform, refused[0], bid=bid_id, entered=data, problem=refused[1])
    return redirect(f"/evaluation/{lot_id}")


@post("/evaluation/{lot_id:str}/items/{item_id:str}", permission="evaluation.score", sync_to_thread=True)
def save_item(
    request: AnyRequest,
    lot_id: FromPath[str],
    item_id: FromPath[str],
    data: URLEncodedBody[dict[str, str]],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    """Save one criterion across all bids, and go on to the next."""
    refused = _save(platform, lot_id, data, actor, {bid: {item_id: v} for bid, v in _nested(data).items()})
    if refused is not None:
        return _room(request, platform, refused[0], item=item_id, entered=data, problem=refused[1])
    with platform.db.read() as tx:
        sheet = my_sheet(tx, lot_id, actor=actor)
    following = [leaf.id for leaf in sheet.leaves if sheet.missing_in(leaf)]
    return redirect(
        f"/evaluation/{lot_id}?item={following[0]}#sheet" if following else f"/evaluation/{lot_id}"
    )


@post("/evaluation/{lot_id:str}/undo", permission="evaluation.score", sync_to_thread=True)
def undo(
    lot_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
    by: FromQuery[str] = "bid",
) -> Redirect:
    """Take the last change back, and show where it was."""
    with platform.db.transaction() as tx:
        last = my_sheet(tx, lot_id, actor=actor).undoable
        sheets.undo(tx, lot_id, actor=actor, at=clock.now(tx))
    assert last is not None  # there was something to undo
    where = f"item={last.node_id}" if by == "item" else f"bid={last.bid_id}"
    return redirect(f"/evaluation/{lot_id}?{where}#sheet")


@get("/evaluation/{lot_id:str}/lock", permission="evaluation.score", fresh=True, sync_to_thread=True)
def check_sheet(
    request: AnyRequest,
    lot_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """Everything the member entered, before it is locked."""
    with platform.db.read() as tx:
        sheet = my_sheet(tx, lot_id, actor=actor)
        check_in_session(tx, lot_id, actor=actor, at=clock.now(tx))
        signs = must_sign(tx, sheet.context, actor=actor, at=clock.now(tx))
    return page(
        request,
        "evaluation/lock.html",
        sheet=sheet,
        lot=sheet.context,
        signs=signs,
        words=_words(request, platform, LOCK_WORDS),
    )


@post("/evaluation/{lot_id:str}/lock", permission="evaluation.score", fresh=True, sync_to_thread=True)
def lock(
    lot_id: FromPath[str],
    data: URLEncodedBody[LockForm],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Redirect:
    """Lock what the page showed: who holds no certificate has proved anew who they are."""
    with platform.db.transaction() as tx:
        sheets.lock(tx, lot_id, sha256=data.sha256, actor=actor, at=clock.now(tx))
    return redirect(f"/evaluation/{lot_id}")


@get("/evaluation/{lot_id:str}/changes", permission="evaluation.score", sync_to_thread=True)
def own_changes(
    request: AnyRequest,
    lot_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """Every change that the member made on its own sheet."""
    with platform.db.read() as tx:
        sheet, written = my_changes(tx, lot_id, actor=actor)
        check_in_session(tx, lot_id, actor=actor, at=clock.now(tx))
    bids = {bid.bid_id: f"{bid.number}. {bid.bidder_name}" for bid in sheet.bids}
    return page(
        request,
        "evaluation/changes.html",
        lot=sheet.context,
        written=[one for one in reversed(written) if not one.first],
        first=sum(1 for one in written if one.first),
        bids=bids,
        leaves={leaf.id: leaf for leaf in sheet.leaves},
    )


def _save(
    platform: Platform,
    lot_id: str,
    data: Mapping[str, str],
    actor: Actor,
    given: Mapping[str, Mapping[str, object]],
) -> tuple[Sheet, Problem] | None:
    """Save, or the sheet as it stands with what is wrong about the form."""
    try:
        with platform.db.transaction() as tx:
            why = data.get("why", "")
            sheets.save(tx, lot_id, given=given, why=why, actor=actor, at=clock.now(tx))
    except (ScoreOutOfRange, WhyMissing) as problem:
        with platform.db.read() as tx:
            return my_sheet(tx, lot_id, actor=actor), problem
    return None


def _nested(data: Mapping[str, str]) -> dict[str, object]:
    """The form's fields by what stands after the prefix; those of steps, `name:step`, gathered under their name."""
    found: dict[str, object] = {}
    for name, text in data.items():
        if name.startswith(FIELD):
            key, _, step = name.removeprefix(FIELD).partition(":")
            if step:
                steps = found.setdefault(key, {})
                assert isinstance(steps, dict)  # a leaf has steps or has none
                steps[step] = text
            else:
                found[key] = text
    return found


def _room(
    request: AnyRequest,
    platform: Platform,
    sheet: Sheet,
    *,
    bid: str = "",
    item: str = "",
    entered: Mapping[str, str] | None = None,
    problem: Problem | None = None,
    settled: bool = True,
    drawing: bool = False,
) -> Response[str]:
    leaf = sheet.leaf_to_score(item)
    chosen = None if leaf else sheet.bid_to_score(bid)
    if leaf is not None:
        rows = [("", [_row(sheet, one, leaf, one.bid_id, _bid_name(one), entered) for one in sheet.bids])]
        asks_why = any(not sheet.missing_of([one.bid_id]) for one in sheet.bids)
    elif chosen is not None:
        rows = [
            (name, [_row(sheet, chosen, one, one.id, one.name, entered) for one in leaves])
            for name, leaves in sheet.sections()
        ]
        asks_why = not sheet.missing_of([chosen.bid_id])
    else:
        rows, asks_why = [], False
    return page(
        request,
        "evaluation/room.html",
        status=problem.status if problem else 200,
        sheet=sheet,
        lot=sheet.context,
        bid=chosen,
        leaf=leaf,
        sections=rows,
        asks_why=asks_why and not sheet.reopened,
        why=(entered or {}).get("why", ""),
        why_max=WHY_MAX,
        settled=settled,
        drawing=drawing,
        problem=problem,
        wrong=_wrong(problem, by_item=leaf is not None),
        prefix=FIELD,
        plain=plain,
        words=_words(request, platform, SHEET_WORDS),
    )


def _row(
    sheet: Sheet, bid: OpenedBid, leaf: Leaf, key: str, heading: str, entered: Mapping[str, str] | None
) -> Row:
    points = sheet.points_of(bid.bid_id, leaf)
    return Row(
        heading=heading,
        rule=leaf.rule,
        leaf=leaf,
        inputs=tuple(_inputs(sheet, bid.bid_id, leaf, key, heading, entered or {})),
        points="" if points is None else f"{points:.2f}",
    )


def _inputs(
    sheet: Sheet, bid_id: str, leaf: Leaf, key: str, heading: str, entered: Mapping[str, str]
) -> Iterator[Input]:
    value, free = sheet.value(bid_id, leaf), sheet.may_change(bid_id, leaf.id)
    if not leaf.steps:
        name = FIELD + key
        hint = " / ".join(f"{band.name} {plain(band.low)}–{plain(band.high)}" for band in leaf.bands)
        text = entered.get(name, value if isinstance(value, str) else "")
        yield Input(name, bid_id, leaf.id, "", heading, text, hint or f"0–{plain(leaf.max)}", free)
    for step in leaf.steps:
        name = f"{FIELD}{key}:{step.id}"
        count = value.get(step.id) if isinstance(value, dict) else None
        hint = f"{plain(step.points)} × 0–{step.most}"
        text = entered.get(name, "" if count is None else str(count))
        yield Input(name, bid_id, leaf.id, step.id, f"{heading} · {step.name}", text, hint, free)


def _wrong(problem: Problem | None, *, by_item: bool) -> str:
    """The name of the field that a refusal is about."""
    if problem is None:
        return ""
    if isinstance(problem, WhyMissing):
        return "why"
    step = problem.data.get("place", "")
    return f"{FIELD}{problem.data['bid' if by_item else 'leaf']}{':' if step else ''}{step}"


def _bid_name(bid: OpenedBid) -> str:
    return f"{bid.number}. {bid.bidder_name}"


def _words(request: AnyRequest, platform: Platform, words: Mapping[str, str]) -> dict[str, str]:
    translate = platform.catalogue.translator(language(request))
    return {key: translate(text) for key, text in words.items()}


PAGES = [room, save_bid, save_item, undo, check_sheet, lock, own_changes]
