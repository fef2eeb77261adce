"""Awards, as a module."""

from pathlib import Path

from govcore.identity.policy import Role
from govcore.module import EventType, Module, NavItem, Permission, SealedPaper
from trading.award.api import ROUTES
from trading.award.pages import PAGES
from trading.award.policy import LETTER_PAPER

HERE = Path(__file__).parent
OWN_SIDE = frozenset({Role.TENDERER, Role.AGENCY})

MODULE = Module(
    name="award",
    prefixes=("award",),
    requires=("identity", "audit", "notify", "tender", "opening", "evaluation", "seals"),
    routes=[*ROUTES, *PAGES],
    nav=[NavItem(href="/award", text="Awards", icon="award", permission="award.publicise")],
    templates=HERE / "templates",
    locale=[HERE / "locale"],
    permissions=[
        Permission(name="award.publicise", zh="公示中标候选人", en="Publish candidates", roles=OWN_SIDE),
        Permission(
            name="award.decide", zh="确定中标人", en="Decide the award", roles=frozenset({Role.TENDERER})
        ),
        Permission(
            name="award.letter",
            zh="查看中标通知书",
            en="Read award letters",
            roles=OWN_SIDE | {Role.BIDDER, Role.CENTRE, Role.REGULATOR},
        ),
    ],
    audit_events=[
        EventType(
            name="award.candidates_published",
            zh="中标候选人公示",
            en="Candidates published",
            subject="lot",
            public=True,
        ),
        EventType(name="award.decided", zh="确定中标人", en="Award decided", subject="lot", public=True),
    ],
    sealed_papers=[SealedPaper(name=LETTER_PAPER, zh="中标通知书", en="Award letters")],
)
