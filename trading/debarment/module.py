"""Debarments, as a module."""

from pathlib import Path

from govcore.identity.policy import Role
from govcore.module import Act, EventType, Module, NavItem, Permission
from trading.debarment.pages import ACT, PAGES
from trading.debarment.service import Decision, Lifting, debar, debarring, lift, lifting

_HERE = Path(__file__).parent
_LABELS = {
    "uscc": "Credit code",
    "name": "Name of the organisation",
    "conduct": "Conduct",
    "basis": "By which law",
    "decision": "Document of the decision",
    "decided_on": "Day of the decision",
    "first_day": "From",
    "last_day": "Until",
}

MODULE = Module(
    name="debarment",
    prefixes=("debarment",),
    requires=("authority",),
    routes=PAGES,
    nav=[NavItem(href="/debarments", text="Debarments", icon="circle-x", permission="public")],
    templates=_HERE / "templates",
    locale=[_HERE / "locale"],
    permissions=[
        Permission(
            name="debarment.decide",
            zh="公布和解除限制参与决定",
            en="Publish and lift debarments",
            roles=frozenset({Role.REGULATOR}),
        )
    ],
    acts=[
        Act(
            name=ACT,
            text="Publish a debarment",
            warning="Everybody reads it at once, and it stays published. Nothing is awarded to the organisation "
            "while it bars.",
            permission="debarment.decide",
            second="debarment.decide",
            content=Decision,
            labels=_LABELS,
            typed="uscc",
            facts=debarring,
            run=debar,
            back="/debarments",
        ),
        Act(
            name="debarment.lift",
            text="Lift a debarment",
            warning="From today on it bars nobody. The decision stays readable as long as it has to be published.",
            permission="debarment.decide",
            second="debarment.decide",
            content=Lifting,
            labels=_LABELS | {"notice": "Reason"},
            typed="uscc",
            facts=lifting,
            run=lift,
            back="/debarments/{object_id}",
        ),
    ],
    audit_events=[
        EventType(
            name="debarment.published",
            zh="公布限制参与决定",
            en="Debarment published",
            subject="debarment",
            public=True,
        ),
        EventType(
            name="debarment.lifted",
            zh="解除限制参与决定",
            en="Debarment lifted",
            subject="debarment",
            public=True,
        ),
    ],
)
