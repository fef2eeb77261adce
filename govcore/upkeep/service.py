"""Order a new key-encryption key by two people, and carry the order out once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select, update

from govcore import clock, rotation
from govcore.audit.service import record
from govcore.authority.schemas import Nothing
from govcore.db import Database, Tx, new_id
from govcore.errors import NotFound, Problem
from govcore.identity.policy import Actor
from govcore.keys import KeyWrapper, kek_of
from govcore.module import Registry
from govcore.platform import Platform
from govcore.upkeep.models import Rotation
from govcore.upkeep.policy import ORDER_LASTS
from govcore.vault import VaultKey


class NotOrdered(Problem):
    """Nobody ordered this rotation, or longer than ten minutes ago."""

    code = "E_NOT_ORDERED"
    status = 403
    text = (
        "Two administrators order a new key first: one proposes it on the page Keys of this platform (/upkeep/keys), "
        "another one confirms. Then run this again within ten minutes."
    )


def wrapping_key(tx: Tx) -> str:
    """The key-encryption key that the platform's own keys name."""
    return kek_of(tx.scalars(select(VaultKey.wrapped).where(VaultKey.purpose == "log")).one())


def what_is_left(tx: Tx, key: str, _content: Nothing, _actor: Actor) -> Mapping[str, str]:
    """What the two people see: the key that is left; `NotFound` for another than the present one."""
    if key != wrapping_key(tx):
        raise NotFound
    return {"key": key}


def order(
    tx: Tx, _platform: Platform, key: str, _content: Nothing, *, proposer: Actor, second: Actor
) -> None:
    """Let the operator begin one rotation away from this key within ten minutes."""
    at = clock.now(tx)
    row = Rotation(
        id=new_id(),
        leaves=key,
        proposed_by=proposer.user_id,
        confirmed_by=second.user_id,
        ordered_at=at,
        ends_at=at + ORDER_LASTS,
        moved=0,
    )
    tx.add(row)
    tx.flush()
    data = {"key": key, "second": second.user_id}
    record(tx, "key.rotation_ordered", subject=row.id, actor=proposer.user_id, at=at, data=data)


def rotate(database: Database, registry: Registry, wrapper: KeyWrapper) -> int:
    """Carry out the order that waits, or finish the one that was begun; return how many secrets moved.

    Raise `NotOrdered`. A run that was killed is finished by the next one, with the same key; so is what a process
    wrapped with the old key in the very moment of the change.
    """
    used = rotation.in_use(database, registry.wrapped)
    with database.transaction() as tx:
        order_id, leaves = _begun(tx, used, wrapper.newest()) or _begin(tx, at=clock.now(tx))
    if wrapper.newest() == leaves:
        wrapper.add()
    newest = wrapper.newest()
    moved = rotation.move(database, registry.wrapped, wrapper)
    with database.transaction() as tx:
        at = clock.now(tx)
        done = update(Rotation).where(Rotation.id == order_id)
        tx.execute(done.values(done_at=at, newest=newest, moved=Rotation.moved + moved))
        data = {"kek": newest, "blobs": moved, "order": order_id}
        record(tx, "key.rotated", subject=newest, actor="system", at=at, data=data)
    return moved


def _begun(tx: Tx, used: set[str], newest: str) -> tuple[str, str] | None:
    """The last order that was begun, if it is not finished, or something was left on an older key after it."""
    begun = select(Rotation).where(Rotation.begun_at.is_not(None)).order_by(Rotation.begun_at.desc())
    row = tx.scalar(begun.limit(1))
    if row is None or (row.done_at is not None and (row.newest != newest or used == {newest})):
        return None
    return row.id, row.leaves


def _begin(tx: Tx, *, at: datetime) -> tuple[str, str]:
    """Use up an order for the present key that is not older than it may be."""
    key = wrapping_key(tx)
    waiting = select(Rotation.id).where(
        Rotation.leaves == key, Rotation.begun_at.is_(None), Rotation.ends_at > at
    )
    taken = (
        update(Rotation)
        .where(Rotation.id == waiting.order_by(Rotation.ordered_at.desc()).limit(1).scalar_subquery())
        .where(Rotation.begun_at.is_(None))
    )
    order_id = tx.scalar(taken.values(begun_at=at).returning(Rotation.id))
    if order_id is None:
        raise NotOrdered
    return order_id, key
