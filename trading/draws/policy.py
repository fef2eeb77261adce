"""States of a draw, who contributes to it, and when which step is due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from trading.draws.replay import LEAST_CONTRIBUTORS, Excluded, Quota


class Purpose(StrEnum):
    """What is drawn; which of them a regime allows stands in `replay.LAWFUL`."""

    EXPERTS = "experts"
    OPENING = "opening"
    INVITEES = "invitees"
    SAME_BRAND = "same_brand"
    PARALLEL = "parallel"


OPEN_PURPOSES = frozenset({Purpose.OPENING})
"""Draws that everybody follows step by step; of the others nobody learns whom they drew before they are published."""


class DrawState(StrEnum):
    """`ANNOUNCED` waits for the custodians' keys, `COMMITTING` for hashes, `REVEALING` for the values behind them."""

    ANNOUNCED = "announced"
    COMMITTING = "committing"
    REVEALING = "revealing"
    DRAWN = "drawn"
    VOID = "void"


DONE = frozenset({DrawState.DRAWN, DrawState.VOID})


class DrawMove(StrEnum):
    BEGIN = "begin"
    REVEAL = "reveal"
    DRAW = "draw"
    GIVE_UP = "give_up"


@dataclass(frozen=True, slots=True)
class Rule:
    """From which states a move leads where, and the event that records it (`logged_as` says how)."""

    sources: frozenset[DrawState]
    target: DrawState
    event: str


RULES: Mapping[DrawMove, Rule] = {
    DrawMove.BEGIN: Rule(frozenset({DrawState.ANNOUNCED}), DrawState.COMMITTING, "draw.begun"),
    DrawMove.REVEAL: Rule(frozenset({DrawState.COMMITTING}), DrawState.REVEALING, "draw.closed"),
    DrawMove.DRAW: Rule(frozenset({DrawState.REVEALING}), DrawState.DRAWN, "draw.drawn"),
    DrawMove.GIVE_UP: Rule(
        frozenset({DrawState.ANNOUNCED, DrawState.COMMITTING, DrawState.REVEALING}),
        DrawState.VOID,
        "draw.voided",
    ),
}

EVENTS: Mapping[str, tuple[str, str]] = {
    "announced": ("抽取已公布", "Draw announced"),
    "joined": ("供应商代表参加抽取", "Suppliers' representative joined a draw"),
    "begun": ("抽取承诺开始", "Commitments to a draw begun"),
    "committed": ("抽取承诺已提交", "Committed to a draw"),
    "closed": ("抽取承诺截止", "Commitments to a draw closed"),
    "revealed": ("随机数已公开", "Value of a draw revealed"),
    "share_shown": ("保管人已出示份额", "Custodian showed its share of a withheld value"),
    "drawn": ("抽取完成", "Drawn"),
    "voided": ("抽取作废", "Draw void"),
    "declined": ("抽中者退出", "Somebody drawn gave way"),
    "published": ("抽取结果公布", "Draw published"),
}
"""What the log tells of a draw, in Chinese and English."""


def logged_as(event: str, purpose: str) -> str:
    """The event's name in the log: open draws are logged in clear, the others blinded until they are published."""
    return event if purpose in OPEN_PURPOSES else event.replace("draw.", "draw.blind_")


class Party(StrEnum):
    """Who contributes; the name is part of every hash. The centre stands in for who made an earlier try void."""

    PLATFORM = "platform"
    TENDERER = "tenderer"
    REGULATOR = "regulator"
    SUPPLIER = "supplier"
    CENTRE = "centre"


class VoidCause(StrEnum):
    KEYS = "keys"
    FEW = "few"
    ESCROW = "escrow"
    ENDED = "ended"
    DECIDED = "decided"


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows:
    """How long contributors may commit, and reveal before the custodians are asked: defaults, not verified."""

    commit: timedelta = timedelta(minutes=30)
    reveal: timedelta = timedelta(minutes=10)


DEFAULT_WINDOWS = Windows()


class Due(StrEnum):
    """The one step that a sweep takes next."""

    NOTHING = "nothing"
    BEGIN = "begin"
    REVEAL = "reveal"
    DRAW = "draw"
    ASK_CUSTODIANS = "ask_custodians"
    GIVE_UP = "give_up"


def due(
    state: str,
    *,
    ended: bool,
    keys_missing: int,
    expected: int,
    committed: int,
    revealed: int,
    held: bool,
    commit_until: datetime,
    reveal_until: datetime | None,
    now: datetime,
) -> Due:
    """What the state and the clock ask for; with its lot a draw ends too.

    Commitments close when all are in or their time is over, and stay closed; reveals wait for whoever `held` them back,
    so that nobody can act on the result before the facts it is applied to are fixed.
    """
    if state in DONE:
        return Due.NOTHING
    if ended:
        return Due.GIVE_UP
    over = now >= commit_until
    if state == DrawState.ANNOUNCED:
        return Due.GIVE_UP if over else Due.NOTHING if keys_missing else Due.BEGIN
    if state == DrawState.COMMITTING:
        if over and committed < LEAST_CONTRIBUTORS:
            return Due.GIVE_UP
        return Due.REVEAL if (over or committed == expected) and not held else Due.NOTHING
    if state == DrawState.REVEALING and revealed == committed:
        return Due.DRAW
    return Due.ASK_CUSTODIANS if takes_escrow(state, reveal_until=reveal_until, now=now) else Due.NOTHING


def takes_commitments(state: str, *, commit_until: datetime, now: datetime) -> bool:
    return state == DrawState.COMMITTING and now < commit_until


def takes_escrow(state: str, *, reveal_until: datetime | None, now: datetime) -> bool:
    """Custodians open a withheld value only when its own time is over."""
    return state == DrawState.REVEALING and reveal_until is not None and now >= reveal_until


def inconsistent(pool: Sequence[str], exclusions: Sequence[Excluded], quotas: Sequence[Quota]) -> str | None:
    """Why a pool, its exclusions and its quotas do not fit each other; nothing when they do."""
    ids = set(pool)
    names = [one["name"] for one in quotas]
    if not ids:
        return "there is nobody and nothing to draw from"
    if len(ids) != len(pool):
        return "an id is in the pool twice"
    if ids & {one["id"] for one in exclusions}:
        return "an id is both in the pool and excluded"
    if len(set(names)) != len(names):
        return "two quotas have one name"
    if any(not set(one["of"]) <= ids for one in quotas):
        return "a quota names somebody outside the pool"
    return None
