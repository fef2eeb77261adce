"""Reads of delegations: both sides see what was granted, to whom, for what and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import ColumnElement, select

from govcore.db import Tx
from govcore.identity.models import Delegation, Organisation, User
from govcore.identity.policy import Actor, require
from govcore.keys import KeyWrapper
from govcore.organisations.policy import delegation_holds
from govcore.organisations.queries import own_organisation


@dataclass(frozen=True, slots=True)
class Granted:
    id: str
    organisation: str
    uscc: str
    delegate: str
    duties: frozenset[str]
    objects: tuple[str, ...]
    granted_at: datetime
    ends_at: datetime
    revoked_at: datetime | None
    holds: bool


def held(tx: Tx, wrapper: KeyWrapper, *, actor: Actor, at: datetime) -> list[Granted]:
    """The delegations that the actor as a person has, the newest first."""
    require(actor, "delegation.hold")
    return _found(tx, wrapper, Delegation.user_id == actor.user_id, at)


def given(tx: Tx, wrapper: KeyWrapper, *, actor: Actor, at: datetime) -> list[Granted]:
    """Those that the actor's own organisation gave, for who administers it."""
    org_id = own_organisation(actor)
    if org_id is None or not actor.may("delegation.grant"):
        return []
    return _found(tx, wrapper, Delegation.org_id == org_id, at)


def _found(tx: Tx, wrapper: KeyWrapper, which: ColumnElement[bool], at: datetime) -> list[Granted]:
    query = (
        select(Delegation, Organisation, User.name)
        .join(Organisation, Organisation.id == Delegation.org_id)
        .join(User, User.id == Delegation.user_id)
        .where(which)
        .order_by(Delegation.granted_at.desc(), Delegation.id)
    )
    return [
        Granted(
            row.id,
            organisation.name,
            organisation.uscc,
            name,
            row.duties,
            tuple(msgspec.json.decode(wrapper.unwrap("delegation", row.id, row.wrapped), type=list[str])),
            row.granted_at,
            row.ends_at,
            row.revoked_at,
            delegation_holds(row.ends_at, row.revoked_at, at),
        )
        for row, organisation, name in tx.execute(query)
    ]
