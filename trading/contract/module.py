"""Contracts, as a module."""

from pathlib import Path

from govcore.identity.policy import Duty, Role
from govcore.module import EventType, Module, NavItem, Permission, Sweep
from trading.contract.api import ROUTES
from trading.contract.pages import PAGES

_HERE = Path(__file__).parent
_OWN_SIDE = frozenset({Role.TENDERER, Role.AGENCY})

MODULE = Module(
    name="contract",
    prefixes=("contract",),
    requires=("award", "notices", "guarantees"),
    routes=[*ROUTES, *PAGES],
    nav=[NavItem(href="/contracts", text="Contracts", icon="signature", permission="contract.view")],
    templates=_HERE / "templates",
    locale=[_HERE / "locale"],
    permissions=[
        Permission(
            name="contract.view",
            zh="查看合同",
            en="See contracts",
            roles=_OWN_SIDE | {Role.BIDDER, Role.REGULATOR, Role.CENTRE},
        ),
        Permission(name="contract.draw", zh="拟定合同", en="Draw contracts", roles=_OWN_SIDE),
        Permission(
            name="contract.sign",
            zh="签订合同",
            en="Sign contracts",
            roles=frozenset({Role.TENDERER, Role.BIDDER}),
            duty=Duty.SIGN,
        ),
        Permission(
            name="contract.accept", zh="履约验收", en="Accept deliveries", roles=frozenset({Role.TENDERER})
        ),
    ],
    audit_events=[
        EventType(name="contract.drawn", zh="拟定合同", en="Contract drawn", subject="contract"),
        EventType(name="contract.replaced", zh="合同重新拟定", en="Contract replaced", subject="contract"),
        EventType(name="contract.bond_recorded", zh="登记履约保证金", en="Bond recorded", subject="contract"),
        EventType(name="contract.signature", zh="一方签署合同", en="One side signed", subject="contract"),
        EventType(
            name="contract.signed", zh="合同签订", en="Contract signed", subject="contract", public=True
        ),
        EventType(
            name="contract.published", zh="合同公告", en="Contract published", subject="contract", public=True
        ),
        EventType(name="contract.filed", zh="合同备案", en="Contract filed", subject="contract"),
        EventType(name="contract.supplemented", zh="补充采购", en="Bought in addition", subject="contract"),
        EventType(name="contract.accepted", zh="履约验收", en="Delivery accepted", subject="contract"),
    ],
    schedule={"contract.settle_deposits": Sweep(task="contract.settle_deposits", every=30.0)},
    task_packages=["trading.contract.tasks"],
)
