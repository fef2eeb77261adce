"""Unfinished uploads are cleaned up; what a bid refers to is never touched."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import exists, func, or_, select, update
from sqlalchemy.orm import aliased

from govcore.db import Tx
from trading.bidding.models import Bid, Upload, UploadPiece
from trading.bidding.policy import CLEARING_DELAY, IDLE_LIMIT
from trading.tender.models import Lot
from trading.tender.policy import LotState

_USED = exists().where(Bid.upload_id == Upload.id)
_MENDING = aliased(Upload)
_MENDED = exists().where(_MENDING.lot_id == Upload.lot_id, _MENDING.replaces.is_not(None))
"""Where stored bytes were found damaged, everything stays: what a bid referred to once is evidence."""


def give_up_stale(tx: Tx, *, at: datetime) -> None:
    """Give up every upload without a bid whose lot is closed, or to which nothing came for a long time."""
    last_piece = (
        select(func.max(UploadPiece.received_at)).where(UploadPiece.upload_id == Upload.id).scalar_subquery()
    )
    closed = exists().where(Lot.id == Upload.lot_id, Lot.state != LotState.OPEN, Upload.replaces.is_(None))
    idle = func.coalesce(last_piece, Upload.created_at) < at - IDLE_LIMIT
    stale = (Upload.discarded_at.is_(None), ~_USED, ~_MENDED, or_(closed, idle))
    tx.execute(
        update(Upload).where(*stale).values(discarded_at=at).execution_options(synchronize_session=False)
    )


def due_to_clear(tx: Tx, *, at: datetime) -> list[str]:
    """Ids of the uploads that were given up some time ago and whose bytes are still there.

    The delay outlasts any submission that saw the upload before it was given up: its bid would be found here.
    """
    given_up = (Upload.discarded_at < at - CLEARING_DELAY, Upload.cleared_at.is_(None), ~_USED)
    return list(tx.scalars(select(Upload.id).where(*given_up).order_by(Upload.id)))


def note_cleared(tx: Tx, upload_id: str, *, at: datetime) -> None:
    """The bytes of an upload are gone; its rows stay, as the trace of what was tried."""
    tx.execute(update(Upload).where(Upload.id == upload_id).values(cleared_at=at))
