"""A bidder's own part in a lot: submitted or not, the receipt, and how to seal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy import select

from govcore import clock
from govcore.db import Tx
from govcore.errors import NotFound
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.web import page
from govcore.web.rendering import AnyRequest
from trading.bidding import queries
from trading.bidding.models import Upload
from trading.bidding.policy import Kind
from trading.bidding.uploads import owner_tag
from trading.tender import queries as tenders
from trading.tender.pages import band
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
    tag = owner_tag(platform.keys, actor)
    found = select(Upload.id).where(Upload.lot_id == lot_id, Upload.owner_tag == tag).limit(1)
    return tx.scalar(found) is not None


@get("/lots/{lot_id:str}/bid", permission="bid.submit", sync_to_thread=True)
def my_bid(
    request: AnyRequest,
    lot_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """The bidder's own state in a lot."""
    with platform.db.read() as tx:
        lot = tenders.published_lot(tx, lot_id)
        mine = my_part(tx, lot, platform, actor=actor, at=clock.now(tx))
    return page(request, "bidding/my_bid.html", lot=lot, mine=mine, band=band(lot.rule_set))


PAGES = [my_bid]
