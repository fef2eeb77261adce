"""Draws, as a module."""

from pathlib import Path

from govcore.identity.policy import Role
from govcore.module import Act, EventType, Module, NavItem, Permission, Sweep
from trading.draws.api import ROUTES
from trading.draws.at_rest import WRAPPED
from trading.draws.ending import end, ending
from trading.draws.pages import PAGES
from trading.draws.policy import EVENTS
from trading.tender.acts import Said

_HERE = Path(__file__).parent

MODULE = Module(
    name="draws",
    prefixes=("draw", "draws"),
    requires=("tender", "notify", "authority"),
    routes=[*ROUTES, *PAGES],
    wrapped=WRAPPED,
    nav=[NavItem(href="/draws", text="Draws", icon="list-check", permission="draw.follow")],
    templates=_HERE / "templates",
    locale=[_HERE / "locale"],
    permissions=[
        Permission(
            name="draw.take_part",
            zh="查看本单位参与的抽取",
            en="See the draws one takes part in",
            roles=frozenset({Role.TENDERER, Role.REGULATOR, Role.CENTRE, Role.BIDDER, Role.CUSTODIAN}),
        ),
        Permission(
            name="draw.follow",
            zh="抽取一览",
            en="List draws",
            roles=frozenset({Role.TENDERER, Role.REGULATOR, Role.CENTRE, Role.CUSTODIAN}),
        ),
        Permission(
            name="draw.contribute",
            zh="为抽取提供随机数",
            en="Contribute to draws",
            roles=frozenset({Role.TENDERER, Role.REGULATOR, Role.CENTRE, Role.BIDDER}),
        ),
        Permission(
            name="draw.escrow",
            zh="保管抽取随机数的份额",
            en="Keep the escrow of draws",
            roles=frozenset({Role.CUSTODIAN}),
        ),
        Permission(name="draw.end", zh="终止无法继续的抽取", en="End draws", roles=frozenset({Role.CENTRE})),
        Permission(
            name="draw.second",
            zh="作为第二人确认终止抽取",
            en="Confirm the end of a draw as second person",
            roles=frozenset({Role.REGULATOR}),
        ),
        Permission(
            name="draw.read",
            zh="查看未公布的抽取",
            en="Read draws before they are published",
            roles=frozenset({Role.REGULATOR, Role.CENTRE}),
        ),
    ],
    acts=[
        Act(
            name="draw.end",
            text="End a draw that cannot go on",
            warning="The draw becomes void for ever; everybody reads why. It may be announced again.",
            permission="draw.end",
            second="draw.second",
            content=Said,
            labels={
                "lot": "Lot",
                "title": "Tender",
                "purpose": "Draw",
                "number": "Which try",
                "notice": "What everybody reads",
            },
            typed="lot",
            facts=ending,
            run=end,
            back="/draws/{object_id}",
        ),
    ],
    audit_events=[
        *(
            EventType(name=f"draw.{verb}", zh=zh, en=en, subject="draw", public=True)
            for verb, (zh, en) in EVENTS.items()
        ),
        *(
            EventType(name=f"draw.blind_{verb}", zh=zh, en=en, subject="draw")
            for verb, (zh, en) in EVENTS.items()
        ),
        EventType(
            name="draw.key_given",
            zh="保管人已提交抽取密钥",
            en="Custodian gave its key for draws",
            subject="organisation",
        ),
    ],
    schedule={"draws.advance": Sweep(task="draws.advance", every=1.0)},
    task_packages=("trading.draws.tasks",),
)
