"""Service ratings, as a module: the first of the bureau, and nothing of the platform knows it."""

from pathlib import Path

from bureau.ratings.api import ROUTES
from bureau.ratings.demo import furnish
from bureau.ratings.models import Contact
from bureau.ratings.pages import PAGES
from bureau.ratings.service import CONTACT
from govcore.identity.policy import Role
from govcore.module import EventType, Module, NavItem, Permission, Sweep, WrappedColumn

_HERE = Path(__file__).parent
_CLERKS = frozenset({Role.CLERK})
_ASSESSORS = frozenset({Role.ASSESSOR})

MODULE = Module(
    name="ratings",
    prefixes=("ratings",),
    requires=("identity", "audit", "notify", "web", "calendar"),
    routes=[*ROUTES, *PAGES],
    nav=[
        NavItem(href="/ratings", text="Service ratings", icon="chart-bar", permission="public"),
        NavItem(href="/rate", text="Rate a service", icon="message", permission="public"),
        NavItem(href="/rating-slips", text="Rating slips", icon="qrcode", permission="ratings.serve"),
        NavItem(href="/collected-ratings", text="Enter a rating", icon="edit", permission="ratings.collect"),
        NavItem(href="/bad-ratings", text="Bad ratings", icon="flag", permission="ratings.handle"),
    ],
    templates=_HERE / "templates",
    locale=[_HERE / "locale"],
    permissions=[
        Permission(
            name="ratings.serve", zh="登记服务并发放评价码", en="Hand out rating slips", roles=_CLERKS
        ),
        Permission(name="ratings.collect", zh="代录评价", en="Enter ratings of others", roles=_CLERKS),
        Permission(name="ratings.handle", zh="办理差评", en="Handle bad ratings", roles=_ASSESSORS),
        Permission(
            name="ratings.decide", zh="裁定差评申诉", en="Decide disputes of bad ratings", roles=_ASSESSORS
        ),
        Permission(
            name="ratings.govern",
            zh="设定差评办理期限、导入历史数据",
            en="Set terms, load figures of earlier years",
            roles=_ASSESSORS,
        ),
    ],
    audit_events=[
        EventType(name="ratings.served", zh="发放评价码", en="Rating slip handed out", subject="service"),
        EventType(name="ratings.rated", zh="收到评价", en="Service rated", subject="rating"),
        EventType(
            name="ratings.words_added", zh="补充评价内容", en="Words added to a rating", subject="rating"
        ),
        EventType(
            name="ratings.bad_confirmed", zh="差评核实属实", en="Bad rating confirmed", subject="rating"
        ),
        EventType(
            name="ratings.bad_disputed", zh="对差评提出申诉", en="Bad rating disputed", subject="rating"
        ),
        EventType(
            name="ratings.bad_dismissed", zh="差评不计入", en="Bad rating not counted", subject="rating"
        ),
        EventType(name="ratings.bad_rectified", zh="差评整改", en="Bad rating put right", subject="rating"),
        EventType(name="ratings.bad_closed", zh="差评回访办结", en="Bad rating closed", subject="rating"),
        EventType(
            name="ratings.terms_set", zh="设定差评办理期限", en="Terms of ratings set", subject="organisation"
        ),
        EventType(
            name="ratings.figures_loaded",
            zh="导入历史评价数据",
            en="Figures of earlier ratings loaded",
            subject="organisation",
        ),
    ],
    schedule={"ratings.remind": Sweep(task="ratings.remind", every=60)},
    task_packages=("bureau.ratings.tasks",),
    wrapped=[
        WrappedColumn(attribute=Contact.wrapped, purpose=CONTACT, context=lambda _, row: str(row.rating_id)),
    ],
    demo=furnish,
)
