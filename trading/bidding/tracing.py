"""Where the doors of the intake write refused attempts down."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from govcore import clock
from govcore.errors import NotFound, Problem
from govcore.identity.policy import Actor
from govcore.platform import Platform
from trading.bidding import trace


@contextmanager
def traced(
    platform: Platform,
    actor: Actor,
    act: str,
    *,
    lot_id: str = "",
    upload_id: str = "",
    size: int = 0,
    about: str = "",
) -> Iterator[None]:
    """Do something for a bidder; a refusal is kept for its trace in a transaction of its own, then told."""
    try:
        yield
    except NotFound:  # of a lot or an upload that does not exist for the caller there is nothing to trace
        raise
    except Problem as problem:
        with platform.db.transaction() as tx:
            lot = lot_id or trace.lot_of_upload(tx, upload_id, actor=actor, vault=platform.keys)
            if lot:
                trace.note_refusal(
                    tx,
                    platform.keys,
                    platform.wrapper,
                    lot,
                    problem,
                    act=act,
                    size=size,
                    about=about,
                    actor=actor,
                    at=clock.now(tx),
                )
        raise
