"""What the platform keeps for a custodian: its keys under its own passphrase, until they are used or useless."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select

from bidding_docs.codes import BadSchema
from govcore.audit.service import record
from govcore.db import Tx
from govcore.errors import MoveNotAllowed, NotFound
from govcore.identity.policy import Actor, require
from trading.tender import queries
from trading.tender.models import Custodian, CustodianKey, Lot
from trading.tender.policy import LotState
from trading.tender.schemas import OwnKey, OwnKeys


def seat_of(tx: Tx, lot_id: str, *, actor: Actor) -> Custodian:
    """The seat that the actor's organisation holds in a lot; `NotFound` for everybody else."""
    require(actor, "keys.provide")
    query = select(Custodian).where(Custodian.lot_id == lot_id, Custodian.org_id == actor.org_id)
    seat = tx.scalar(query)
    if seat is None:
        raise NotFound
    return seat


def own_keys(tx: Tx, lot_id: str, *, actor: Actor) -> OwnKeys:
    """The actor's own seat and keys; nobody else is told that there are any."""
    seat = seat_of(tx, lot_id, actor=actor)
    lot = tx.get_one(Lot, lot_id)
    return OwnKeys(
        tender_id=lot.tender_id,
        lot_id=lot.id,
        round=lot.round,
        custodian=seat.index,
        cert_sha256=seat.cert_sha256,
        keys=[
            OwnKey(
                opens=key.opens,
                recipient=(seat.recipients or {})[key.opens],
                blob=key.blob,
                capsule=key.capsule,
                answered=key.answered_at is not None,
                destroyed=key.destroyed_at is not None,
            )
            for key in queries.custodian_keys(tx, lot, seat.index)
        ],
    )


def put(tx: Tx, lot: Lot, seat: Custodian, blobs: Mapping[str, bytes]) -> None:
    """Begin the record of a seat's new keys; whatever was kept or rehearsed of older ones is gone."""
    stages = set(seat.recipients or {})
    if not set(blobs) <= stages:
        raise BadSchema(detail="a kept key has no recipient")
    for old in queries.custodian_keys(tx, lot, seat.index):
        tx.delete(old)
    tx.flush()
    for opens in sorted(stages):
        key = CustodianKey(lot_id=lot.id, round=lot.round, custodian=seat.index, opens=opens)
        key.blob = blobs.get(opens)
        tx.add(key)
    tx.flush()


def replace(tx: Tx, lot_id: str, blobs: Mapping[str, bytes], *, actor: Actor) -> None:
    """Keep newer files of the same keys, as signing makes them; after the publication they stay as they are."""
    seat = seat_of(tx, lot_id, actor=actor)
    lot = tx.get_one(Lot, lot_id)
    if lot.state != LotState.DRAFT:
        raise MoveNotAllowed(move="keys.provide", state=lot.state)
    keys = {key.opens: key for key in queries.custodian_keys(tx, lot, seat.index)}
    if not set(blobs) <= set(keys):
        raise BadSchema(detail="a kept key has no recipient")
    for opens, blob in blobs.items():
        keys[opens].blob = blob


def destroy(
    tx: Tx,
    lot_id: str,
    lot_code: str,
    *,
    at: datetime,
    opens: str | None = None,
    custodian: int | None = None,
) -> None:
    """Forget a lot's kept keys, of one stage and one custodian where named; the log says so of each that was there."""
    query = select(CustodianKey).where(CustodianKey.lot_id == lot_id, CustodianKey.destroyed_at.is_(None))
    if opens is not None:
        query = query.where(CustodianKey.opens == opens)
    if custodian is not None:
        query = query.where(CustodianKey.custodian == custodian)
    for key in tx.scalars(query.order_by(CustodianKey.custodian, CustodianKey.opens)):
        held, key.blob, key.destroyed_at = key.blob is not None, None, at
        data = {"lot": lot_code, "holder": f"custodian:{key.custodian}", "opens": key.opens}
        if held:
            record(tx, "keys.destroyed", subject=lot_id, actor="system", at=at, data=data)
