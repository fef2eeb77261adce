"""What the draw of committees adds to their module."""

from __future__ import annotations

from govcore.identity.policy import Role
from govcore.module import EventType, NavItem, Permission, Sweep
from trading.committee import attending_pages, drawing_pages

_SIDE = frozenset({Role.TENDERER, Role.AGENCY})
_CENTRE = frozenset({Role.CENTRE})

ROUTES = [*drawing_pages.PAGES, *attending_pages.PAGES]
NAV = [
    NavItem(
        href="/committee-draws", text="Committees' draws", icon="users", permission="committee.watch_draw"
    ),
    NavItem(href="/draw-calls", text="My draw calls", icon="bell", permission="committee.answer"),
]
PERMISSIONS = [
    Permission(
        name="committee.require", zh="提出评标委员会组建要求", en="Say what a committee needs", roles=_SIDE
    ),
    Permission(
        name="committee.name_leader",
        zh="指定评标委员会负责人",
        en="Name a committee's leader",
        roles=frozenset({Role.TENDERER}),
    ),
    Permission(name="committee.draw", zh="抽取评标专家", en="Draw experts", roles=_CENTRE),
    Permission(
        name="committee.watch_draw",
        zh="查看专家抽取进度",
        en="See how far a draw is",
        roles=_SIDE | _CENTRE | {Role.REGULATOR},
    ),
    Permission(
        name="committee.answer", zh="答复专家抽取通知", en="Answer a draw", roles=frozenset({Role.EXPERT})
    ),
    Permission(name="committee.receive", zh="登记评委到场", en="Note a member's arrival", roles=_CENTRE),
    Permission(name="committee.pay", zh="发放评审费", en="Pay experts", roles=_CENTRE),
    Permission(name="committee.appraise", zh="评价评标专家", en="Appraise experts", roles=_SIDE),
]
EVENTS = [
    EventType(
        name="committee.required",
        zh="提出评标委员会组建要求",
        en="Committee's needs set",
        subject="lot",
        personal=frozenset({"representatives"}),
    ),
    EventType(
        name="committee.called",
        zh="通知抽中专家",
        en="Drawn expert asked",
        subject="draw",
        personal=frozenset({"entrant"}),
    ),
    EventType(
        name="committee.call_answered",
        zh="抽中专家答复",
        en="Drawn expert answered",
        subject="draw",
        personal=frozenset({"entrant", "reason"}),
    ),
    EventType(name="committee.arrived", zh="评委到场", en="Member arrived", subject="lot"),
    EventType(name="committee.appraised", zh="评价评标专家", en="Expert appraised", subject="lot"),
]
SCHEDULE = {
    "committee.follow_draws": Sweep(task="committee.follow_draws", every=2.0),
    "committee.screen_members": Sweep(task="committee.screen_members", every=2.0),
    "committee.end_sessions": Sweep(task="committee.end_sessions", every=5.0),
    "committee.carry_calls": Sweep(task="committee.carry_calls", every=2.0),
}
TASKS = "trading.committee.tasks"
SUBSCRIPTIONS = {"award.decided": "committee.publish_draws", "award.failed": "committee.publish_draws"}
