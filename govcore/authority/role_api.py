"""Roles: JSON for administrators."""

from __future__ import annotations

from litestar import delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from govcore import clock
from govcore.authority import proposals, registers, service
from govcore.authority.registers import RoleView
from govcore.authority.schemas import Answer, NewRole, PermissionChange, RoleGiven, RoleShown
from govcore.identity.policy import Actor
from govcore.platform import Platform


@get("/api/roles", permission="authority.read", sync_to_thread=True)
def list_roles(platform: NamedDependency[Platform], actor: NamedDependency[Actor]) -> list[RoleShown]:
    """Every role with what it may do and who holds it."""
    with platform.db.read() as tx:
        return [_shown(view) for view in registers.roles(tx, actor=actor)]


@post("/api/roles", permission="authority.assign", fresh=True, sync_to_thread=True, status_code=201)
def add_role(
    data: JSONBody[NewRole], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> RoleShown:
    """Cut a role from one of the modules'."""
    with proposals.logged_refusals(platform.db, subject=data.kind, actor=actor) as tx:
        service.add_role(
            tx,
            data.key,
            kind=data.kind,
            zh=data.zh,
            en=data.en,
            permissions=data.permissions,
            reason=data.reason,
            actor=actor,
            at=clock.now(tx),
        )
    return _show(platform, data.key, actor)


@put(
    "/api/roles/{key:str}/permissions/{name:str}",
    permission="authority.assign",
    fresh=True,
    sync_to_thread=True,
    status_code=200,
)
def set_permission(
    key: FromPath[str],
    name: FromPath[str],
    data: JSONBody[PermissionChange],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> RoleShown:
    """Give a permission to a role, or take it."""
    with proposals.logged_refusals(platform.db, subject=key, actor=actor) as tx:
        at = clock.now(tx)
        service.set_permission(tx, key, name, held=data.held, reason=data.reason, actor=actor, at=at)
    return _show(platform, key, actor)


@post(
    "/api/people/{user_id:str}/roles",
    permission="authority.assign",
    fresh=True,
    sync_to_thread=True,
    status_code=204,
)
def give_role(
    user_id: FromPath[str],
    data: JSONBody[RoleGiven],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> None:
    """Give a role to somebody, for a time or for good."""
    with proposals.logged_refusals(platform.db, subject=user_id, actor=actor) as tx:
        service.give_role(
            tx,
            user_id,
            data.role,
            since=data.since,
            until=data.until,
            reason=data.reason,
            actor=actor,
            at=clock.now(tx),
        )


@delete(
    "/api/people/{user_id:str}/roles/{key:str}",
    permission="authority.assign",
    fresh=True,
    sync_to_thread=True,
    status_code=204,
)
def take_role(
    user_id: FromPath[str],
    key: FromPath[str],
    data: JSONBody[Answer],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> None:
    """End somebody's role at once."""
    with proposals.logged_refusals(platform.db, subject=user_id, actor=actor) as tx:
        service.take_role(tx, user_id, key, reason=data.reason, actor=actor, at=clock.now(tx))


def _show(platform: Platform, key: str, actor: Actor) -> RoleShown:
    with platform.db.read() as tx:
        return _shown(registers.role(tx, key, actor=actor))


def _shown(view: RoleView) -> RoleShown:
    return RoleShown(
        key=view.key,
        kind=view.kind,
        zh=view.zh,
        en=view.en,
        permissions=[permission.name for permission in view.permissions],
        not_given=[permission.name for permission in view.not_given],
        holders=[holder.user_id for holder in view.holders],
    )


ROUTES = [list_roles, add_role, set_permission, give_role, take_role]
