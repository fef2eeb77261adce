"""A module with an act of two people on a plot of land, and the people who may take part."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import msgspec

from govcore import clock
from govcore.audit.service import record
from govcore.authority.proposals import propose
from govcore.authority.schemas import Confirmation
from govcore.db import Tx
from govcore.errors import NotFound
from govcore.identity import queries as identity
from govcore.identity.policy import Actor, Role
from govcore.identity.service import register_organisation, register_user
from govcore.module import Act, EventType, Module, Permission, build_registry
from govcore.platform import Platform

OWNERS = {"plot-1": "甲村", "plot-2": "乙村"}
"""What the act's facts tell; a test changes it to change the world between proposal and confirmation."""

TIED: dict[str, set[str]] = {}
"""Who acts for whom."""


class Sale(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    price: int


def facts(_tx: Tx, plot: str, sale: Sale, actor: Actor) -> dict[str, str | int]:
    if plot not in OWNERS or actor.name == "外人":
        raise NotFound
    return {"plot": plot, "owner": OWNERS[plot], "price": sale.price}


def sell(tx: Tx, _platform: Platform, plot: str, sale: Sale, *, proposer: Actor, second: Actor) -> None:
    data = {"price": sale.price, "second": second.user_id}
    record(tx, "land.sold", subject=plot, actor=proposer.user_id, at=clock.now(tx), data=data)


def tied(_tx: Tx, user_id: str, _at: datetime) -> Iterable[str]:
    return TIED.get(user_id, set())


LAND = Module(
    name="land",
    prefixes=("land",),
    requires=("authority",),
    permissions=[
        Permission(name="land.sell", zh="出让", en="Sell", roles=frozenset({Role.CENTRE})),
        Permission(
            name="land.second", zh="确认", en="Second", roles=frozenset({Role.CENTRE, Role.REGULATOR})
        ),
    ],
    audit_events=[EventType(name="land.sold", zh="已出让", en="Sold", subject="plot")],
    acts=[
        Act(
            name="land.sell",
            text="Propose",
            warning="Propose",
            permission="land.sell",
            second="land.second",
            content=Sale,
            labels={"plot": "What", "owner": "Who", "price": "Why"},
            typed="plot",
            facts=facts,
            run=sell,
            back="/plots/{object_id}",
        )
    ],
    tied=tied,
)

PEOPLE = {
    "clerk": ("经办", Role.CENTRE),
    "head": ("负责人", Role.CENTRE),
    "watcher": ("监督员", Role.REGULATOR),
    "bidder": ("投标人", Role.BIDDER),
    "outsider": ("外人", Role.REGULATOR),
}


@dataclass(frozen=True)
class Office:
    """The platform with the module, and the people by name."""

    platform: Platform
    people: dict[str, str]

    def actor(self, name: str) -> Actor:
        with self.platform.db.read() as tx:
            return identity.actor_of_user(tx, self.people[name])

    def propose(self, plot: str = "plot-1", *, price: int = 5, by: str = "clerk") -> tuple[str, Confirmation]:
        """A waiting proposal, and what its second person would confirm."""
        actor = self.actor(by)
        with self.platform.db.transaction() as tx:
            made = propose(
                tx,
                "land.sell",
                plot,
                content={"price": price},
                reason="按程序办理",
                actor=actor,
                at=clock.now(tx),
            )
            return made.id, Confirmation(act="land.sell", object_id=plot, sha256=made.sha256)


def found(platform: Platform) -> Office:
    modules = platform.registry.modules
    platform.db.info["registry"] = build_registry([*modules, LAND])
    with platform.db.transaction() as tx:
        at = clock.now(tx)
        office = register_organisation(tx, uscc="91330100MA2KEXAMPD", name="中心", actor="system", at=at).id
        people = {
            name: register_user(
                tx,
                username=name,
                name=title,
                password="a long enough password",
                org_id=office,
                roles=[role],
                actor="system",
                at=at,
            ).id
            for name, (title, role) in PEOPLE.items()
        }
    return Office(platform, people)
