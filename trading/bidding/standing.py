"""What a bidder has in a lot: nothing, something begun, a bid or a withdrawal; its own only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from govcore.db import Tx
from govcore.errors import NotFound
from govcore.identity.policy import Actor
from govcore.platform import Platform
from trading.bidding import queries
from trading.bidding.models import Upload
from trading.bidding.policy import Kind
from trading.bidding.queries import owner_tag
from trading.tender.policy import bidding_open
from trading.tender.queries import LotContext


@dataclass(frozen=True, slots=True, kw_only=True)
class MyPart:
    """What the bidder's own organisation has in a lot; nobody else's is ever in it."""

    open: bool
    state: str
    begun: bool = False
    seq: int = 0
    manifest_sha256: str = ""
    received_at: datetime | None = None


def my_part(tx: Tx, lot: LotContext, platform: Platform, *, actor: Actor, at: datetime) -> MyPart:
    """`none`, `submitted` or `withdrawn` by the last message received; `begun` when files were sent before one."""
    is_open = bidding_open(lot.state, lot.deadline_at, at)
    try:
        last = queries.my_last(
            tx, lot.lot_id, round_=lot.round, actor=actor, vault=platform.keys, wrapper=platform.wrapper
        )
    except NotFound:
        return MyPart(open=is_open, state="none", begun=_has_begun(tx, lot.lot_id, platform, actor))
    return MyPart(
        open=is_open,
        state="submitted" if last.kind == Kind.BID else "withdrawn",
        seq=last.seq,
        manifest_sha256=last.manifest_sha256,
        received_at=last.received_at,
    )


def _has_begun(tx: Tx, lot_id: str, platform: Platform, actor: Actor) -> bool:
    tag = owner_tag(platform.keys, lot_id, actor)
    found = select(Upload.id).where(Upload.lot_id == lot_id, Upload.owner_tag == tag).limit(1)
    return tx.scalar(found) is not None
