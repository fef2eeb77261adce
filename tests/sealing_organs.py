"""A certified seal for an organisation of a test's city, ordered on papers of some kinds."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from govcore import clock
from govcore.identity.models import User
from govcore.identity.policy import Role
from govcore.identity.queries import actor_of_user, organisation
from govcore.identity.service import register_user
from govcore.numbering.service import name_office
from govcore.platform import Platform
from govcore.seals import byhand, service
from govcore.seals.policy import SealKind, SealMove
from govcore.seals.schemas import Change, NewSeal

REGISTRAR, BEGAN = "registrar", date(2020, 1, 6)


def seal_for(platform: Platform, *, keeper: str, papers: tuple[str, ...], office: str = "") -> str:
    """Let a registrar enter the seal of the keeper's organisation, and the keeper order it on papers; the seal's id."""
    with platform.db.transaction() as tx:
        at, keeping = clock.now(tx), actor_of_user(tx, keeper)
        assert keeping.org_id is not None
        registrar = register_user(
            tx,
            username=REGISTRAR,
            name="印章登记员",
            password="correct horse battery",
            org_id=keeping.org_id,
            roles=[Role.CENTRE],
            actor="system",
            at=at,
        )
        managing = actor_of_user(tx, registrar.id)
        if office:
            name_office(tx, org_id=keeping.org_id, short_name=office, actor="system", at=at)
        new = NewSeal(
            code="3799000000001",
            kind=SealKind.OFFICIAL,
            organ=organisation(tx, keeping.org_id).name,
            on=BEGAN,
            reason="依据批准文件刻制",
            org_id=keeping.org_id,
        )
        seal = service.register_seal(tx, new, demo=True, actor=managing, at=at)
        byhand.certify(tx, platform, seal.id, actor=managing, at=at)
        service.name_keeper(tx, seal.id, user_id=keeper, actor=managing, at=at)
        for purpose in papers:
            service.order_papers(tx, seal.id, purpose=purpose, actor=keeping, at=at)
    return seal.id


def change_seal(platform: Platform, seal_id: str, move: SealMove) -> None:
    """Record what became of a seal, today."""
    with platform.db.transaction() as tx:
        at = clock.now(tx)
        change = Change(move=move, on=at.astimezone(clock.BEIJING).date(), reason="清点", witness="钱监")
        registrar = tx.scalars(select(User.id).where(User.username == REGISTRAR)).one()
        service.move_seal(tx, seal_id, change, actor=actor_of_user(tx, registrar), at=at)
