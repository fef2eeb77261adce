"""Archives, as a module."""

from pathlib import Path

from govcore.identity.policy import Role
from govcore.module import Act, EventType, Module, NavItem, Permission, Sweep, WrappedColumn
from trading.archive.holding import (
    Reason,
    dispose,
    dispose_facts,
    hold,
    hold_facts,
    lift,
    lift_facts,
)
from trading.archive.models import PackageFile
from trading.archive.pages import PAGES
from trading.archive.sources import WRAPPED, context_of

_HERE = Path(__file__).parent
_LABELS = {"tender": "Tender code", "title": "Tender", "packages": "Packages", "reason": "Reason"}
_HOLDERS = frozenset({Role.CENTRE, Role.REGULATOR})

MODULE = Module(
    name="archive",
    prefixes=("archive",),
    requires=("contract", "documents", "authority", "extension", "challenge"),
    routes=PAGES,
    nav=[NavItem(href="/archive", text="Archive", icon="archive", permission="archive.make")],
    templates=_HERE / "templates",
    locale=[_HERE / "locale"],
    permissions=[
        Permission(
            name="archive.make",
            zh="制作和取得归档包",
            en="Make and fetch archives",
            roles=_HOLDERS | {Role.TENDERER, Role.AGENCY},
        ),
        Permission(name="archive.hold", zh="档案诉讼保全", en="Hold archives", roles=_HOLDERS),
        Permission(name="archive.dispose", zh="档案销毁", en="Dispose of archives", roles=_HOLDERS),
    ],
    acts=[
        Act(
            name="archive.hold",
            text="Hold the archive of a round",
            warning="While the hold stands nothing of the round may be disposed of.",
            permission="archive.hold",
            second="archive.hold",
            content=Reason,
            labels=_LABELS,
            typed="tender",
            facts=hold_facts,
            run=hold,
            back="/archive/{object_id}",
        ),
        Act(
            name="archive.lift",
            text="Lift the hold on an archive",
            warning="After that the ordinary years of keeping count again.",
            permission="archive.hold",
            second="archive.hold",
            content=Reason,
            labels=_LABELS,
            typed="tender",
            facts=lift_facts,
            run=lift,
            back="/archive/{object_id}",
        ),
        Act(
            name="archive.dispose",
            text="Dispose of a round after its years",
            warning="Whatever of it was never public is deleted for good: opened bids, cases, evidence, papers.",
            permission="archive.dispose",
            second="archive.dispose",
            content=Reason,
            labels=_LABELS,
            typed="tender",
            facts=dispose_facts,
            run=dispose,
            back="/archive/{object_id}",
        ),
    ],
    audit_events=[
        EventType(name="archive.ordered", zh="开始归档", en="Archive ordered", subject="archive"),
        EventType(name="archive.made", zh="归档包已制成", en="Archive made", subject="archive", public=True),
        EventType(
            name="archive.disposed", zh="档案已销毁", en="Archive disposed of", subject="tender", public=True
        ),
        EventType(name="archive.held", zh="档案诉讼保全", en="Archive held", subject="hold", public=True),
        EventType(
            name="archive.hold_lifted", zh="解除诉讼保全", en="Hold lifted", subject="hold", public=True
        ),
    ],
    schedule={
        "archive.make_due": Sweep(task="archive.make_due", every=5.0),
        "archive.clear_due": Sweep(task="archive.clear_due", every=600.0),
    },
    wrapped=[
        WrappedColumn(
            attribute=PackageFile.wrapped,
            purpose=WRAPPED,
            context=lambda _, row: context_of(row.package_id, row.position),
        )
    ],
    task_packages=["trading.archive.tasks"],
)
