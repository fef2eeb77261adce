"""The validity of bids, as a module."""

from pathlib import Path

from govcore.identity.policy import Duty, Role
from govcore.module import EventType, Module, Permission, Sweep
from trading.validity.api import ROUTES
from trading.validity.pages import PAGES

_HERE = Path(__file__).parent
OWN_SIDE = frozenset({Role.TENDERER, Role.AGENCY})

MODULE = Module(
    name="validity",
    prefixes=("validity",),
    requires=("opening", "guarantees", "award", "notify"),
    routes=[*ROUTES, *PAGES],
    templates=_HERE / "templates",
    locale=[_HERE / "locale"],
    permissions=[
        Permission(
            name="validity.read",
            zh="查看投标有效期",
            en="See the validity of bids",
            roles=OWN_SIDE | {Role.BIDDER},
        ),
        Permission(
            name="validity.offer", zh="通知延长投标有效期", en="Offer to extend validity", roles=OWN_SIDE
        ),
        Permission(
            name="validity.answer",
            zh="答复延长投标有效期",
            en="Answer an offer to extend validity",
            roles=frozenset({Role.BIDDER}),
            duty=Duty.SUBMIT,
        ),
    ],
    audit_events=[
        EventType(
            name="validity.offered",
            zh="通知延长投标有效期",
            en="Extension of validity offered",
            subject="lot",
        ),
        EventType(
            name="validity.answered",
            zh="答复延长投标有效期",
            en="Extension of validity answered",
            subject="bid",
        ),
        EventType(
            name="validity.lapsed", zh="投标有效期届满，投标失效", en="Bid bound no longer", subject="bid"
        ),
    ],
    schedule={"validity.look": Sweep(task="validity.look", every=60.0)},
    task_packages=("trading.validity.tasks",),
)
