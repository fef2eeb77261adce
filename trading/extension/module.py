"""Extensions because of outages, as a module."""

from pathlib import Path

from govcore.identity.policy import Role
from govcore.module import Act, EventType, Module, Permission, Sweep
from trading.extension.pages import PAGES
from trading.extension.reopening import NewOpening, set_opening, setting

_HERE = Path(__file__).parent

MODULE = Module(
    name="extension",
    prefixes=("extension",),
    requires=("tender", "notices", "notify", "outages", "authority"),
    routes=PAGES,
    templates=_HERE / "templates",
    locale=[_HERE / "locale"],
    permissions=[
        Permission(
            name="extension.certify",
            zh="出具平台故障证明",
            en="Certify outages",
            roles=frozenset({Role.CENTRE, Role.REGULATOR, Role.TENDERER, Role.AGENCY}),
        ),
        Permission(
            name="extension.reopen",
            zh="因平台故障另定开标时间",
            en="Set a new opening time after a fault",
            roles=frozenset({Role.CENTRE}),
        ),
        Permission(
            name="extension.second",
            zh="确认另定的开标时间",
            en="Confirm a new opening time as second person",
            roles=frozenset({Role.CENTRE, Role.REGULATOR}),
        ),
    ],
    acts=[
        Act(
            name="extension.reopen",
            text="Set a new opening time",
            warning="Everybody reads it at once, as a change notice with its certificate. The bids stay sealed until "
            "then, and the opening goes on by itself; the time can be put off again, never brought forward.",
            permission="extension.reopen",
            second="extension.second",
            content=NewOpening,
            labels={
                "lot": "Lot",
                "title": "Tender",
                "before": "Opening so far",
                "then": "Opening now",
                "notice": "What the notice says",
            },
            typed="lot",
            facts=setting,
            run=set_opening,
            back="/lots/{object_id}/outages",
        )
    ],
    audit_events=[
        EventType(
            name="extension.proposed",
            zh="因平台故障建议顺延截止时间",
            en="Extension proposed because of outages",
            subject="lot",
            public=True,
        ),
        EventType(
            name="extension.opening_set",
            zh="因平台故障另定开标时间",
            en="New opening time set after a fault",
            subject="lot",
            public=True,
        ),
        EventType(
            name="extension.certified",
            zh="出具平台故障证明",
            en="Outages certified",
            subject="lot",
            public=True,
        ),
    ],
    schedule={
        "extension.look": Sweep(task="extension.look", every=15.0),
        "extension.reopen": Sweep(task="extension.reopen", every=2.0),
    },
    task_packages=("trading.extension.tasks",),
)
