"""Reviews, as a module."""

from pathlib import Path

from govcore.identity.policy import Duty, Role
from govcore.module import EventType, Module, NavItem, Permission
from trading.review.asking_pages import PAGES as ASKING
from trading.review.bidder_pages import PAGES as BIDDERS
from trading.review.figure_pages import PAGES as FIGURES
from trading.review.qualification_pages import PAGES as QUALIFICATION
from trading.review.room_pages import PAGES as ROOM

_HERE = Path(__file__).parent

MODULE = Module(
    name="review",
    prefixes=("review",),
    requires=("identity", "audit", "notify", "tender", "opening", "committee"),
    routes=[*QUALIFICATION, *ROOM, *ASKING, *FIGURES, *BIDDERS],
    nav=[
        NavItem(
            href="/review/requests",
            text="Evaluation committees ask",
            icon="message",
            permission="review.read_requests",
        )
    ],
    templates=_HERE / "templates",
    locale=[_HERE / "locale"],
    permissions=[
        Permission(
            name="review.qualify",
            zh="资格审查",
            en="Review qualification",
            roles=frozenset({Role.TENDERER, Role.AGENCY}),
        ),
        Permission(
            name="review.vote",
            zh="评审表决",
            en="Vote in reviews",
            roles=frozenset({Role.EXPERT, Role.TENDERER}),
        ),
        Permission(
            name="review.read_requests",
            zh="查看评标委员会的询问",
            en="Read what committees ask",
            roles=frozenset({Role.BIDDER}),
        ),
        Permission(
            name="review.answer",
            zh="答复评标委员会",
            en="Answer committees",
            roles=frozenset({Role.BIDDER}),
            duty=Duty.SIGN,
        ),
    ],
    audit_events=[
        EventType(
            name="review.gate_raised", zh="提出否决事项", en="Cause for rejection raised", subject="lot"
        ),
        EventType(name="review.gate_closed", zh="评审项结束", en="Review gate closed", subject="lot"),
        EventType(name="review.gate_reopened", zh="评审项重新打开", en="Review gate reopened", subject="lot"),
        EventType(name="review.changed", zh="评审意见变更", en="Finding of a review changed", subject="lot"),
        EventType(
            name="review.asked", zh="评标委员会询问投标人", en="Committee asked a bidder", subject="lot"
        ),
        EventType(
            name="review.request_withdrawn", zh="评标委员会收回询问", en="Question taken back", subject="lot"
        ),
        EventType(name="review.answered", zh="投标人答复评标委员会", en="Bidder answered", subject="lot"),
        EventType(
            name="review.correction_proposed", zh="算术修正提请确认", en="Correction proposed", subject="lot"
        ),
        EventType(
            name="review.correction_confirmed",
            zh="投标人确认算术修正",
            en="Correction confirmed",
            subject="lot",
        ),
        EventType(
            name="review.correction_refused", zh="投标人拒绝算术修正", en="Correction refused", subject="lot"
        ),
        EventType(
            name="review.granted", zh="认定政策或者折算", en="Policy or adjustment recorded", subject="lot"
        ),
    ],
)
