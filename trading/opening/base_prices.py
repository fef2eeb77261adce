"""The tenderer's base price (标底): secret until the opening, read out with the prices, a reference and nothing more.

There is at most one for a lot, and a lot needs none (招标投标法 art. 22; 实施条例 art. 27, 50).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

import msgspec
import structlog
from sqlalchemy import select

from bidding_docs import suites
from bidding_docs.codes import TooEarly, Unreadable
from bidding_docs.manifests import ADVICE
from govcore import clock
from govcore.audit.service import record
from govcore.db import Tx, upsert
from govcore.errors import NotFound, Problem
from govcore.identity.policy import Actor, require
from govcore.platform import Platform
from trading.gate.port import gate_of
from trading.opening.hall import announce
from trading.opening.models import BasePrice, Opening
from trading.opening.policy import OpeningState
from trading.procedure.policy import Regime
from trading.tender import queries as tenders
from trading.tender.gates import recipients_of, scope_of
from trading.tender.models import Lot
from trading.tender.policy import bidding_open
from trading.tender.queries import LotContext

_SIZE = 256
"""Every base price is padded to so many bytes before it is sealed."""

_log = structlog.get_logger()


class NoBasePrice(Problem):
    code = "E_NO_BASE_PRICE"
    status = 422
    text = (
        "Only a tender under the Tendering Law whose prices are read out has a base price (实施条例 art. 27)."
    )


class BasePriceLate(Problem):
    code = "E_BASE_PRICE_LATE"
    text = "No bids are taken any more, so no base price can be sealed. Nothing was changed."


class BasePriceTooHigh(Problem):
    code = "E_BASE_PRICE"
    status = 422
    text = "A base price is above zero and not above the maximum price."


class _Sealed(msgspec.Struct, frozen=True):
    v: int
    lot_id: str
    fen: int
    sealed_at: datetime

    def __repr__(self) -> str:
        return f"_Sealed({self.lot_id})"


@dataclass(frozen=True, slots=True)
class Shown:
    """A lot's base price as its tenderer sees it: when it was sealed, and what it is once it was read out."""

    lot: LotContext
    taken: bool
    sealed_at: datetime | None
    sealed_sha256: str | None
    read_out_at: datetime | None
    fen: int | None


def seal(tx: Tx, lot_id: str, fen: int, *, actor: Actor) -> None:
    """Seal the lot's base price to the gate, in the place of an earlier one; `BasePriceLate` from the deadline on.

    Only the tenderer may, and not even it can read what it sealed. The gate alone opens it, as it opens bank advices.
    """
    require(actor, "opening.seal_base_price")
    lot = _lot_of(tx, lot_id, actor)
    locked = select(Lot.state, Lot.deadline_at).where(Lot.id == lot_id).with_for_update(read=True)
    state, deadline_at = tx.execute(locked).one()
    at = clock.now(tx)
    if not bidding_open(state, deadline_at, at):
        raise BasePriceLate
    if not 0 < fen <= lot.max_price_fen:
        raise BasePriceTooHigh
    recipient = recipients_of(tx, lot_id)[ADVICE]
    plain = msgspec.json.encode(_Sealed(1, lot_id, fen, at)).ljust(_SIZE)
    sealed = suites.of_recipient(recipient).wrap_share(plain, recipient)
    digest = hashlib.sha256(sealed).hexdigest()
    kept = {"sealed": sealed, "sealed_sha256": digest, "sealed_at": at, "sealed_by": actor.user_id}
    statement = upsert(tx, BasePrice).values(lot_id=lot_id, **kept)
    tx.execute(statement.on_conflict_do_update(index_elements=[BasePrice.lot_id], set_=kept))
    data = {"lot": lot.lot_code, "sealed_sha256": digest}
    record(tx, "opening.base_price_sealed", subject=lot_id, actor=actor.user_id, at=at, data=data)


def shown(tx: Tx, lot_id: str, *, actor: Actor) -> Shown:
    """The tenderer's view; `NotFound` for everybody else, `NoBasePrice` where there can be none."""
    require(actor, "opening.seal_base_price")
    lot = _lot_of(tx, lot_id, actor)
    row = tx.get(BasePrice, lot_id)
    taken = bidding_open(lot.state, lot.deadline_at, clock.now(tx))
    if row is None:
        return Shown(lot, taken, None, None, None, None)
    return Shown(lot, taken, row.sealed_at, row.sealed_sha256, row.read_out_at, row.fen)


def _lot_of(tx: Tx, lot_id: str, actor: Actor) -> LotContext:
    lot = tenders.published_lot(tx, lot_id)
    if actor.org_id != lot.tenderer.id:
        raise NotFound
    if not has_one(lot):
        raise NoBasePrice
    return lot


def has_one(lot: LotContext) -> bool:
    """Whether the lot may have a base price."""
    return lot.rule_set.regime == Regime.TB and lot.content.reads_out


def waits(tx: Tx, lot: LotContext, opening: Opening) -> bool:
    """True when prices are read out and the base price is still to be: the record waits for it."""
    row = tx.get(BasePrice, lot.lot_id)
    return row is not None and row.read_out_at is None and opening.opens == lot.content.stages()[-1]


def read_out(platform: Platform, lot_id: str) -> None:
    """Open the base price once the prices of the bids are read out, and tell it in the hall; safe to repeat."""
    with platform.db.read() as tx:
        lot = tenders.lot_context(tx, lot_id)
        if not waits(tx, lot, tx.get_one(Opening, lot_id)):
            return
        manifest = tenders.key_manifest_body(tx, lot_id)
    try:
        scope = scope_of(manifest.tender_id, lot_id, manifest.round)
        secret = gate_of(platform, manifest.policy.gate).advice_identity(scope)
    except TooEarly:
        return  # the log that the gate reads does not hold the closing yet
    with platform.db.transaction() as tx:
        query = select(Opening).where(Opening.lot_id == lot_id, Opening.state == OpeningState.READ_OUT)
        opening = tx.scalar(query.with_for_update())
        row = tx.get_one(BasePrice, lot_id)
        if opening is None or row.read_out_at is not None:
            return
        row.read_out_at, row.fen = clock.now(tx), _opened(tx, row, secret)
        data = {"lot": lot.lot_code, "fen": row.fen, "sealed_sha256": row.sealed_sha256}
        announce(tx, "opening.base_price_read_out", lot_id=lot_id, at=row.read_out_at, data=data)


def _opened(tx: Tx, row: BasePrice, secret: bytes) -> int | None:
    """Nothing when the row was damaged: a lost reference stops no opening, and the hall shows that it is lost."""
    suite = suites.of_recipient(recipients_of(tx, row.lot_id)[ADVICE])
    try:
        found = msgspec.json.decode(suite.unwrap_share(row.sealed, secret), type=_Sealed)
    except (Unreadable, msgspec.MsgspecError):
        found = None
    if found is None or found.lot_id != row.lot_id:
        _log.error("opening.base_price_unreadable", lot=row.lot_id)
        return None
    return found.fen
