"""Committees, as a module."""

from pathlib import Path

from govcore.identity.policy import Role
from govcore.module import EventType, Module, Permission
from trading.committee import drawing_module as drawing
from trading.committee.acts import ACTS
from trading.committee.api import ROUTES
from trading.committee.drawing_pages import call_bands
from trading.committee.pages import PAGES
from trading.committee.reading_pages import PAGES as READING_PAGES
from trading.committee.session_pages import PAGES as SESSION_PAGES

HERE = Path(__file__).parent

MODULE = Module(
    name="committee",
    prefixes=("committee",),
    requires=("identity", "authority", "audit", "tender", "opening", "draws", "experts", "venue"),
    routes=[*ROUTES, *PAGES, *SESSION_PAGES, *READING_PAGES, *drawing.ROUTES],
    nav=drawing.NAV,
    bands=call_bands,
    schedule=drawing.SCHEDULE,
    subscriptions=drawing.SUBSCRIPTIONS,
    task_packages=(drawing.TASKS,),
    templates=HERE / "templates",
    locale=[HERE / "locale"],
    permissions=[
        *drawing.PERMISSIONS,
        Permission(
            name="committee.appoint",
            zh="组建评标委员会",
            en="Appoint an evaluation committee",
            roles=frozenset({Role.CENTRE}),
        ),
        Permission(
            name="committee.convene",
            zh="开启和关闭评标时段",
            en="Open and close a committee's session",
            roles=frozenset({Role.CENTRE}),
        ),
        Permission(
            name="committee.second",
            zh="复核评标委员会的变动",
            en="Confirm changes of a committee",
            roles=frozenset({Role.CENTRE}),
        ),
        Permission(
            name="committee.sit",
            zh="参加评标委员会",
            en="Sit on a committee",
            roles=frozenset({Role.EXPERT, Role.TENDERER}),
        ),
        Permission(
            name="committee.see",
            zh="查看评标时段",
            en="See a committee's session",
            roles=frozenset({Role.EXPERT, Role.TENDERER, Role.CENTRE}),
        ),
    ],
    acts=ACTS,
    audit_events=[
        *drawing.EVENTS,
        EventType(
            name="committee.seated",
            zh="组建评标委员会",
            en="Evaluation committee seated",
            subject="lot",
            personal=frozenset({"members"}),
        ),
        EventType(name="committee.opened", zh="评标时段开启", en="Session opened", subject="lot"),
        EventType(name="committee.document_read", zh="评委查阅投标文件", en="Opened bid read", subject="bid"),
        EventType(name="committee.revealed", zh="暗标揭示", en="Code names revealed", subject="lot"),
        EventType(name="committee.prolonged", zh="评标时段延长", en="Session prolonged", subject="lot"),
        EventType(
            name="committee.time_too_short",
            zh="评委认为评标时间不够",
            en="Time found too short",
            subject="lot",
        ),
        EventType(
            name="committee.time_enough",
            zh="评委收回评标时间不够的意见",
            en="Time no longer found too short",
            subject="lot",
        ),
        EventType(name="committee.closed", zh="评标时段关闭", en="Session closed", subject="lot"),
        EventType(
            name="committee.came",
            zh="评委签到",
            en="Member signed in",
            subject="lot",
            personal=frozenset({"address"}),
        ),
        EventType(name="committee.went", zh="评委签退", en="Member signed out", subject="lot"),
        EventType(name="committee.promised", zh="评委签署承诺", en="Member promised", subject="lot"),
        EventType(
            name="committee.leader_elected", zh="推举评标委员会负责人", en="Leader elected", subject="lot"
        ),
        EventType(name="committee.leader_named", zh="指定评标委员会负责人", en="Leader named", subject="lot"),
        EventType(
            name="committee.seat_voided",
            zh="评委退出，席位作废",
            en="Seat voided",
            subject="lot",
            personal=frozenset({"reason"}),
        ),
        EventType(
            name="committee.substituted",
            zh="补充评委",
            en="Substitute seated",
            subject="lot",
            personal=frozenset({"members"}),
        ),
    ],
)
