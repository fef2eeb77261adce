"""Supervision, as a module."""

from pathlib import Path

from govcore.identity.policy import Role
from govcore.module import EventType, Module, NavItem, Permission, SealedPaper, Sweep
from trading.supervision.api import ROUTES
from trading.supervision.hearings import recount
from trading.supervision.pages import PAGES
from trading.supervision.policy import LETTER_PAPER, NOTICE_PAPER
from trading.supervision.service import SUBJECT_ROLES

_CENTRE = frozenset({Role.CENTRE})
_SUBJECTS = frozenset(SUBJECT_ROLES)
_REGULATOR = frozenset({Role.REGULATOR})

MODULE = Module(
    name="supervision",
    prefixes=("supervision",),
    requires=("identity", "audit", "notify", "numbering", "seals", "project", "tender"),
    routes=[*ROUTES, *PAGES],
    dues=[recount],
    nav=[
        NavItem(href="/circulated-notices", text="Circulated notices", icon="mail", permission="public"),
        NavItem(href="/supervision", text="Supervision", icon="eye", permission="supervision.read"),
        NavItem(
            href="/letters", text="Letters to supervisors", icon="mail", permission="supervision.letters"
        ),
    ],
    templates=Path(__file__).parent / "templates",
    locale=[Path(__file__).parent / "locale"],
    permissions=[
        Permission(name="supervision.patrol", zh="登记巡场", en="Record patrols", roles=_CENTRE),
        Permission(name="supervision.record", zh="登记不当行为", en="Record misconduct", roles=_CENTRE),
        Permission(
            name="supervision.read",
            zh="查看不当行为记录",
            en="Read misconduct records",
            roles=_CENTRE | _SUBJECTS,
        ),
        Permission(
            name="supervision.answer",
            zh="对不当行为记录作出陈述",
            en="Answer a misconduct record",
            roles=_SUBJECTS,
        ),
        Permission(
            name="supervision.draft",
            zh="起草函告",
            en="Draft letters to supervisors",
            roles=_CENTRE,
        ),
        Permission(
            name="supervision.sign", zh="签发通报和函告", en="Sign notices and letters", roles=_CENTRE
        ),
        Permission(
            name="supervision.letters",
            zh="查看函告",
            en="Read letters to supervisors",
            roles=_CENTRE | _REGULATOR,
        ),
        Permission(name="supervision.acknowledge", zh="签收函告", en="Acknowledge letters", roles=_REGULATOR),
    ],
    audit_events=[
        EventType(name="supervision.patrol_recorded", zh="登记巡场", en="Patrol recorded", subject="patrol"),
        EventType(
            name="supervision.misconduct_recorded",
            zh="登记不当行为",
            en="Misconduct recorded",
            subject="misconduct",
        ),
        EventType(
            name="supervision.statement_given", zh="当事人陈述", en="Statement given", subject="misconduct"
        ),
        EventType(name="supervision.notice_signed", zh="签发通报", en="Notice signed", subject="misconduct"),
        EventType(
            name="supervision.notice_circulated", zh="发出通报", en="Notice circulated", subject="misconduct"
        ),
        EventType(
            name="supervision.notice_retracted", zh="撤销通报", en="Notice retracted", subject="misconduct"
        ),
        EventType(name="supervision.letter_drafted", zh="起草函告", en="Letter drafted", subject="letter"),
        EventType(name="supervision.letter_signed", zh="签发函告", en="Letter signed", subject="letter"),
        EventType(name="supervision.letter_sent", zh="发出函告", en="Letter sent", subject="letter"),
        EventType(
            name="supervision.letter_acknowledged", zh="签收函告", en="Letter acknowledged", subject="letter"
        ),
    ],
    sealed_papers=[
        SealedPaper(name=NOTICE_PAPER, zh="通报", en="Circulated notices"),
        SealedPaper(name=LETTER_PAPER, zh="函告", en="Letters to supervisors"),
    ],
    schedule={"supervision.issue": Sweep(task="supervision.issue", every=5)},
    task_packages=("trading.supervision.tasks",),
)
