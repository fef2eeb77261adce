"""Signing in with identities elsewhere, as a module."""

from pathlib import Path

from govcore.federation.pages import PAGES
from govcore.federation.queries import proofs
from govcore.module import EventType, Module

_HERE = Path(__file__).parent

MODULE = Module(
    name="federation",
    prefixes=("federation",),
    requires=("identity", "audit"),
    routes=PAGES,
    proofs=proofs,
    templates=_HERE / "templates",
    locale=[_HERE / "locale"],
    audit_events=[
        EventType(name="federation.linked", zh="关联外部身份", en="Identity linked", subject="user"),
        EventType(name="federation.unlinked", zh="解除外部身份关联", en="Identity unlinked", subject="user"),
        EventType(
            name="federation.refused",
            zh="拒绝外部身份的应答",
            en="Identity provider's answer refused",
            subject="provider",
        ),
    ],
)
