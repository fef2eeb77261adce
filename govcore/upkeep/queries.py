"""Reads of what was ordered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import aliased

from govcore.db import Tx
from govcore.identity.models import User
from govcore.identity.policy import Actor, require
from govcore.upkeep.models import Rotation
from govcore.upkeep.policy import rotation_state

SHOWN = 50


@dataclass(frozen=True, slots=True)
class RotationShown:
    ordered_at: datetime
    proposer: str
    second: str
    leaves: str
    newest: str | None
    moved: int
    done_at: datetime | None
    ends_at: datetime
    state: str


def rotations(tx: Tx, *, actor: Actor, at: datetime) -> list[RotationShown]:
    """The newest orders, for administrators."""
    require(actor, "key.read")
    second = aliased(User)
    query = (
        select(Rotation, User.name, second.name)
        .join(User, User.id == Rotation.proposed_by)
        .join(second, second.id == Rotation.confirmed_by)
        .order_by(Rotation.ordered_at.desc())
        .limit(SHOWN)
    )
    return [
        RotationShown(
            ordered_at=row.ordered_at,
            proposer=proposer,
            second=confirmer,
            leaves=row.leaves,
            newest=row.newest,
            moved=row.moved,
            done_at=row.done_at,
            ends_at=row.ends_at,
            state=rotation_state(row.begun_at, row.done_at, row.ends_at, now=at),
        )
        for row, proposer, confirmer in tx.execute(query)
    ]
