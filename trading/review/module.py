"""Reviews, as a module."""

from pathlib import Path

from govcore.identity.policy import Role
from govcore.module import EventType, Module, Permission
from trading.review.qualification_pages import PAGES as QUALIFICATION

_HERE = Path(__file__).parent

MODULE = Module(
    name="review",
    prefixes=("review",),
    requires=("identity", "audit", "tender", "opening"),
    routes=[*QUALIFICATION],
    templates=_HERE / "templates",
    locale=[_HERE / "locale"],
    permissions=[
        Permission(
            name="review.qualify",
            zh="资格审查",
            en="Review qualification",
            roles=frozenset({Role.TENDERER, Role.AGENCY}),
        ),
    ],
    audit_events=[
        EventType(name="review.gate_closed", zh="评审项结束", en="Review gate closed", subject="lot"),
        EventType(name="review.gate_reopened", zh="评审项重新打开", en="Review gate reopened", subject="lot"),
        EventType(name="review.changed", zh="评审意见变更", en="Finding of a review changed", subject="lot"),
    ],
)
