"""An organ with two clerks and two assessors, another organ with one of each, and people who were served."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bureau.ratings import queries, service
from bureau.ratings.policy import Channel, Level, Node
from bureau.ratings.schemas import NewService, OwnRating
from govcore import clock
from govcore.db import Tx
from govcore.identity import queries as identity
from govcore.identity.models import User, UserRole
from govcore.identity.policy import VISITOR, Actor, Role
from govcore.identity.service import register_organisation
from govcore.platform import Platform

AT = datetime(2026, 11, 24, 2, tzinfo=UTC)
"""A Tuesday, ten in the morning in Beijing."""

ORGANS = {"bureau": "113799009900009069", "other": "123799009900009066"}
PEOPLE = {
    "clerk": ("bureau", Role.CLERK),
    "colleague": ("bureau", Role.CLERK),
    "assessor": ("bureau", Role.ASSESSOR),
    "second": ("bureau", Role.ASSESSOR),
    "stranger-clerk": ("other", Role.CLERK),
    "stranger": ("other", Role.ASSESSOR),
}


@dataclass(frozen=True, slots=True)
class City:
    platform: Platform
    people: dict[str, Actor]

    def serve(self, tx: Tx, case: str = "A-1", *, node: Node = Node.ACCEPT, at: datetime = AT) -> str:
        """The code of a service of the clerk."""
        given = NewService(case, node, "食品经营许可")
        return service.serve(tx, self.platform.keys, given, actor=self.people["clerk"], at=at)

    def rate(
        self,
        tx: Tx,
        level: int,
        *,
        case: str = "A-1",
        words: str = "",
        phone: str = "",
        channel: Channel = Channel.QR,
        at: datetime = AT,
    ) -> str:
        """Serve and rate; return the rating's id."""
        code = self.serve(tx, case, at=at)
        given = OwnRating(Level(level), words, phone=phone, channel=channel)
        service.rate(tx, self.platform.wrapper, code, given, actor=VISITOR, at=at)
        return queries.rating_by_code(tx, service.hash_of(code)).id


def found(platform: Platform) -> City:
    with platform.db.transaction() as tx:
        at = clock.now(tx)
        organs = {
            name: register_organisation(tx, uscc=uscc, name=f"{name}局", actor="system", at=at).id
            for name, uscc in ORGANS.items()
        }
        for name, (organ, role) in PEOPLE.items():
            tx.add(User(id=name, username=name, name=name, org_id=organs[organ], password_hash="none"))
            tx.flush()
            tx.add(UserRole(user_id=name, role=role))
        tx.flush()
        people = {name: identity.actor_of_user(tx, name) for name in PEOPLE}
    return City(platform, people)


def later(days: int) -> datetime:
    return AT + timedelta(days=days)
