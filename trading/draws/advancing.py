"""What the clock and what came in let happen to a draw: begin, close the commitments, draw, or give up."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from govcore.audit.entries import time_text
from govcore.db import Tx
from govcore.keys import KeyWrapper
from trading.draws import escrow, policy, queries, replay, telling
from trading.draws.escrow import committing
from trading.draws.models import Contributor, Draw, Escrow, EscrowKey
from trading.draws.moves import OWN, give_up, keep_commitment, keep_reveal, locked, move
from trading.draws.policy import DrawMove, DrawState, Due, Party, VoidCause
from trading.tender.models import Custodian, Lot
from trading.tender.policy import LOST

WRAPPED_FOR = "draw-value"


def advance(
    tx: Tx,
    wrapper: KeyWrapper,
    draw_id: str,
    *,
    at: datetime,
    token_bytes: escrow.Random = secrets.token_bytes,
) -> Due:
    """Take a draw the one step that is due, if any; may run late, twice or never."""
    draw = locked(tx, draw_id)
    all_of_them = queries.contributors(tx, draw_id)
    keys = queries.escrow_keys(tx, draw.lot_id)
    ended = tx.get_one(Lot, draw.lot_id).state in LOST
    due = policy.due(
        draw.state,
        ended=ended,
        keys_missing=sum(key is None for _, key in keys),
        expected=len(all_of_them),
        committed=sum(one.commitment is not None for one in all_of_them),
        revealed=sum(one.reveal is not None for one in all_of_them),
        held=draw.held,
        commit_until=draw.commit_until,
        reveal_until=draw.reveal_until,
        now=at,
    )
    if due == Due.BEGIN:
        _begin(tx, wrapper, draw, keys, at=at, token_bytes=token_bytes)
    elif due == Due.REVEAL:
        _begin_reveals(tx, wrapper, draw, at=at)
    elif due == Due.DRAW:
        _draw(tx, draw, all_of_them, at=at)
    elif due == Due.ASK_CUSTODIANS:
        telling.ask_custodians(tx, draw, at=at)
    elif due == Due.GIVE_UP:
        unkeyed = draw.state == DrawState.ANNOUNCED
        cause = VoidCause.ENDED if ended else VoidCause.KEYS if unkeyed else VoidCause.FEW
        give_up(tx, draw, cause, at=at)
    return due


def _begin(
    tx: Tx,
    wrapper: KeyWrapper,
    draw: Draw,
    keys: Sequence[tuple[Custodian, EscrowKey | None]],
    *,
    at: datetime,
    token_bytes: escrow.Random,
) -> None:
    """Fix the custodians' keys, and commit for the platform before anybody else can: it never chooses last."""
    recipients = {seat.index: key.recipient for seat, key in keys if key is not None}
    tx.add_all(
        Escrow(
            draw_id=draw.id,
            custodian=seat.index,
            org_id=seat.org_id,
            recipient=key.recipient,
            envelope=key.envelope,
            locked=key.locked,
        )
        for seat, key in keys
        if key is not None
    )
    tx.flush()
    move(tx, draw, DrawMove.BEGIN, data={"k": draw.k, "recipients": list(recipients.values())}, at=at)
    own = tx.get(Contributor, (draw.id, Party.PLATFORM))
    if own is None:
        telling.ask_to_commit(tx, draw, at=at)
        return
    value = token_bytes(escrow.VALUE_SIZE).hex()
    own.own = wrapper.wrap(WRAPPED_FOR, draw.id, bytes.fromhex(value))
    given = committing(
        value, draw_id=draw.id, name=Party.PLATFORM, recipients=recipients, k=draw.k, token_bytes=token_bytes
    )
    keep_commitment(tx, draw, own, given, actor="system", at=at)
    telling.ask_to_commit(tx, draw, at=at)


def _begin_reveals(tx: Tx, wrapper: KeyWrapper, draw: Draw, *, at: datetime) -> None:
    draw.reveal_until = at + timedelta(seconds=draw.reveal_seconds)
    tx.flush()
    move(tx, draw, DrawMove.REVEAL, data={"reveal_until": time_text(draw.reveal_until)}, at=at)
    telling.ask_to_reveal(tx, draw, until=draw.reveal_until, at=at)
    own = tx.get(Contributor, (draw.id, Party.PLATFORM))
    if own is not None and own.own is not None:
        value = wrapper.unwrap(WRAPPED_FOR, draw.id, own.own).hex()
        keep_reveal(tx, draw, own, value, opened=OWN, actor="system", at=at)


def _draw(tx: Tx, draw: Draw, contributors: Sequence[Contributor], *, at: datetime) -> None:
    reveals = {one.name: one.reveal for one in contributors if one.reveal is not None}
    draw.seed, draw.drawn_at = replay.seed(draw.id, draw.pool_hash, reveals), at
    if draw.purpose in policy.OPEN_PURPOSES:
        draw.published_at = at
    tx.flush()
    move(tx, draw, DrawMove.DRAW, data={"seed": draw.seed}, at=at)
