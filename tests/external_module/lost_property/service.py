from datetime import datetime

from sqlalchemy import delete, select

from govcore.audit.service import record
from govcore.db import Tx, new_id
from govcore.errors import NotFound
from govcore.identity.policy import Actor, require
from lost_property.models import Thing


def waiting(tx: Tx) -> list[Thing]:
    return list(tx.scalars(select(Thing).order_by(Thing.found_at)))


def keep(tx: Tx, *, what: str, actor: Actor, at: datetime) -> None:
    require(actor, "lost.keep")
    thing = Thing(id=new_id(), what=what, found_at=at)
    tx.add(thing)
    record(tx, "lost.kept", subject=thing.id, actor=actor.user_id, at=at, data={})


def give_back(tx: Tx, thing_id: str, *, actor: Actor, at: datetime) -> None:
    require(actor, "lost.keep")
    if tx.scalar(delete(Thing).where(Thing.id == thing_id).returning(Thing.id)) is None:
        raise NotFound
    record(tx, "lost.returned", subject=thing_id, actor=actor.user_id, at=at, data={})
