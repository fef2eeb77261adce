"""An organ with two clerks, a stranger's organ, and a seal ready for use."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from stdnum.cn import uscc

from govcore import clock
from govcore.identity.policy import Actor, Role
from govcore.identity.queries import actor_of_user
from govcore.identity.service import register_organisation, register_user
from govcore.identity.sessions import open_session
from govcore.numbering.service import name_office
from govcore.pdf.blocks import paragraph
from govcore.pdf.document import render
from govcore.platform import Platform
from govcore.seals import byhand, queries, service
from govcore.seals.policy import SealKind, SealMove
from govcore.seals.queries import UseShown
from govcore.seals.schemas import Change, NewSeal

PEOPLE = {
    "manager": ("centre", Role.CENTRE),
    "keeper": ("centre", Role.CENTRE),
    "colleague": ("centre", Role.CENTRE),
    "stranger": ("other", Role.REGULATOR),
    "auditor": ("other", Role.AUDITOR),
}
ORGAN = "临川市公共资源交易中心"
BEGAN = date(2026, 1, 5)


@dataclass(slots=True)
class Chancery:
    """Ids by name, the seal, and what people do with it."""

    platform: Platform
    at: datetime
    orgs: dict[str, str] = field(default_factory=dict)
    users: dict[str, str] = field(default_factory=dict)
    seal_id: str = ""

    def actor(self, name: str) -> Actor:
        with self.platform.db.read() as tx:
            return actor_of_user(tx, self.users[name])

    def session(self, name: str) -> str:
        with self.platform.db.transaction() as tx:
            return open_session(tx, user_id=self.users[name], at=clock.now(tx))

    def move(self, move: SealMove, *, witness: str = "钱监") -> None:
        today = self.at.astimezone(clock.BEIJING).date()
        change = Change(move=move, on=today, reason="依据会议纪要", witness=witness)
        with self.platform.db.transaction() as tx:
            service.move_seal(tx, self.seal_id, change, actor=self.actor("manager"), at=clock.now(tx))

    def seal(
        self, file: bytes | None = None, *, title: str = "关于某事的证明", by: str = "keeper"
    ) -> UseShown:
        return byhand.seal_file(
            self.platform, self.seal_id, file=file or a_paper(), title=title, actor=self.actor(by)
        )

    def sealed_file(self, use: UseShown) -> bytes:
        return self.platform.store.get(f"papers/{use.sealed_sha256}.pdf")

    def authority_pem(self) -> bytes:
        from govcore.seals.certifying import pem

        with self.platform.db.read() as tx:
            return pem(queries.authority_der(tx))


def a_paper(text: str = "特此证明。") -> bytes:
    """A PDF that says nothing of where a seal belongs."""
    return render([paragraph(text)], title="证明")


def new_seal(**changes: object) -> NewSeal:
    values = {
        "code": "3799000000001",
        "kind": SealKind.OFFICIAL,
        "organ": ORGAN,
        "on": BEGAN,
        "reason": "依据批准文件刻制",
    }
    return NewSeal(**(values | changes))  # type: ignore[arg-type]


def open_chancery(platform: Platform) -> Chancery:
    """Register everybody and a certified seal of the centre with one keeper."""
    with platform.db.transaction() as tx:
        at = clock.now(tx)
        chancery = Chancery(platform, at)
        for n, name in enumerate(("centre", "other")):
            code = f"9133010{n}MA2KEXAMP"
            code += uscc.calc_check_digit(code)
            organ = register_organisation(tx, uscc=code, name=f"{name} 单位", actor="system", at=at)
            chancery.orgs[name] = organ.id
        for name, (org, role) in PEOPLE.items():
            user = register_user(
                tx,
                username=name,
                name=f"{name} 某",
                password="correct horse battery",
                org_id=chancery.orgs[org],
                roles=[role],
                actor="system",
                at=at,
            )
            chancery.users[name] = user.id
        name_office(tx, org_id=chancery.orgs["centre"], short_name="临川公资", actor="system", at=at)
    manager = chancery.actor("manager")
    with platform.db.transaction() as tx:
        seal = service.register_seal(
            tx, new_seal(org_id=chancery.orgs["centre"]), demo=True, actor=manager, at=at
        )
        byhand.certify(tx, platform, seal.id, actor=manager, at=at)
        service.name_keeper(tx, seal.id, user_id=chancery.users["keeper"], actor=manager, at=at)
        chancery.seal_id = seal.id
    return chancery
