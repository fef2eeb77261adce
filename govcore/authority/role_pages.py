"""Administrators' pages: what roles may do, who holds them, and every change with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, URLEncodedBody
from litestar.response import Redirect

from govcore import clock, sheets
from govcore.authority import proposals, registers, service
from govcore.authority.registers import ROLE_NAMES, RoleView
from govcore.errors import Malformed, Problem
from govcore.identity.policy import ADMINISTRATORS, Actor
from govcore.module import Permission
from govcore.platform import Platform
from govcore.web import page, redirect
from govcore.web.rendering import AnyRequest, language

CHANGE_WORDS = {
    "authority.role_added": "Role added",
    "authority.role_given": "Role given",
    "authority.role_taken": "Role taken",
    "authority.permission_given": "Permission given",
    "authority.permission_taken": "Permission taken",
}


class PermissionForm(msgspec.Struct, frozen=True):
    permission: str = ""
    held: str = ""
    reason: str = ""


class GiveForm(msgspec.Struct, frozen=True):
    role: str = ""
    until: str = ""
    reason: str = ""


class TakeForm(msgspec.Struct, frozen=True):
    ending: str = ""
    why: str = ""


NOTHING_CHANGED, NOTHING_GIVEN, NOTHING_TAKEN = PermissionForm(), GiveForm(), TakeForm()

FIELDS = {
    PermissionForm: {"E_REASON": "reason"},
    GiveForm: {"E_REASON": "reason", "E_ROLE_PERIOD": "until", "E_SCHEMA": "until"},
    TakeForm: {"E_REASON": "why"},
}
"""Which field of a form a refusal is about."""


@get("/authority/roles", permission="authority.read", sync_to_thread=True)
def roles_page(
    request: AnyRequest,
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
    q: FromQuery[str] = "",
    person: FromQuery[str] = "",
) -> Response[str]:
    """All roles, searched by words; and people, to see what one of them holds."""
    with platform.db.read() as tx:
        every = registers.roles(tx, actor=actor)
        found = registers.roles(tx, actor=actor, words=q) if q else every
        people = registers.people(tx, actor=actor, words=person) if person.strip() else []
        changes = registers.changes(tx, actor=actor)
    shown: dict[str, Any] = {"roles": found, "people": people, "changes": changes, "q": q, "person": person}
    return page(request, "authority/roles.html", **shown, **_words(request, every))


@get("/authority/roles.xlsx", permission="authority.read", fresh=True, sync_to_thread=True)
def roles_sheet(
    request: AnyRequest, platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """Who holds which role with which permissions, one line for each."""
    _ = platform.catalogue.translator(language(request))
    with platform.db.read() as tx:
        found = registers.roles(tx, actor=actor)
    columns = [_("Role"), _("Name"), _("Organisation"), _("From"), _("Until"), _("Permissions")]
    rows = [
        (
            role_name(request, view),
            holder.name,
            holder.organisation,
            holder.since,
            holder.until,
            ", ".join(permission.name for permission in view.permissions),
        )
        for view in found
        for holder in view.holders
    ]
    headers = {"content-disposition": 'attachment; filename="roles.xlsx"'}
    body = sheets.xlsx(_("Roles and who holds them"), columns, rows)
    return Response(body, media_type=sheets.MEDIA_TYPE, headers=headers)


@get("/authority/roles/{key:str}", permission="authority.read", sync_to_thread=True)
def role_page(
    request: AnyRequest,
    key: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    return _role(request, platform, key, actor)


@post("/authority/roles/{key:str}", permission="authority.assign", fresh=True, sync_to_thread=True)
def set_permission(
    request: AnyRequest,
    key: FromPath[str],
    data: URLEncodedBody[PermissionForm],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    """Give a permission to the role or take it, with the reason."""
    held, reason = data.held == "yes", data.reason
    try:
        with proposals.logged_refusals(platform.db, subject=key, actor=actor) as tx:
            at = clock.now(tx)
            service.set_permission(tx, key, data.permission, held=held, reason=reason, actor=actor, at=at)
    except Problem as problem:
        return _role(request, platform, key, actor, problem=problem, typed=data)
    return redirect(f"/authority/roles/{key}")


@get("/authority/people/{user_id:str}", permission="authority.read", sync_to_thread=True)
def person_page(
    request: AnyRequest,
    user_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    return _person(request, platform, user_id, actor)


@post("/authority/people/{user_id:str}/give", permission="authority.assign", fresh=True, sync_to_thread=True)
def give(
    request: AnyRequest,
    user_id: FromPath[str],
    data: URLEncodedBody[GiveForm],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    """Give a role; an administrator's is proposed to the second person instead."""
    if data.role in ADMINISTRATORS:
        asked = {"role": data.role, "until": data.until.strip(), "why": data.reason}
        query = urlencode({name: value for name, value in asked.items() if value})
        return redirect(f"/two-person/propose/authority.appoint/{user_id}?{query}")
    try:
        with proposals.logged_refusals(platform.db, subject=user_id, actor=actor) as tx:
            at, until = clock.now(tx), _day(data.until)
            service.give_role(tx, user_id, data.role, until=until, reason=data.reason, actor=actor, at=at)
    except Problem as problem:
        return _person(request, platform, user_id, actor, problem=problem, typed=data)
    return redirect(f"/authority/people/{user_id}")


@post("/authority/people/{user_id:str}/take", permission="authority.assign", fresh=True, sync_to_thread=True)
def take(
    request: AnyRequest,
    user_id: FromPath[str],
    data: URLEncodedBody[TakeForm],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    """End a role at once."""
    try:
        with proposals.logged_refusals(platform.db, subject=user_id, actor=actor) as tx:
            service.take_role(tx, user_id, data.ending, reason=data.why, actor=actor, at=clock.now(tx))
    except Problem as problem:
        return _person(request, platform, user_id, actor, problem=problem, typed=data)
    return redirect(f"/authority/people/{user_id}")


def role_name(request: AnyRequest, view: RoleView) -> str:
    """The role's name in the reader's language."""
    lang = language(request)
    _ = request.app.state.platform.catalogue.translator(lang)
    own = view.en if lang == "en" else view.zh
    return own or _(ROLE_NAMES[view.kind])


def _role(
    request: AnyRequest,
    platform: Platform,
    key: str,
    actor: Actor,
    *,
    problem: Problem | None = None,
    typed: PermissionForm = NOTHING_CHANGED,
) -> Response[str]:
    with platform.db.read() as tx:
        roles = registers.roles(tx, actor=actor)
        view = registers.role(tx, key, actor=actor)
        changes = registers.changes(tx, actor=actor, role=key)
    shown = {"role": view, "changes": changes, "mine": view.kind in actor.roles}
    return _shown(request, "authority/role.html", problem, typed, roles=roles, **shown)


def _person(
    request: AnyRequest,
    platform: Platform,
    user_id: str,
    actor: Actor,
    *,
    problem: Problem | None = None,
    typed: GiveForm | TakeForm = NOTHING_GIVEN,
) -> Response[str]:
    with platform.db.read() as tx:
        found = registers.person(tx, user_id, actor=actor)
        roles = registers.roles(tx, actor=actor)
        changes = registers.changes(tx, actor=actor, user_id=user_id)
    shown = {"person": found, "changes": changes, "mine": user_id == actor.user_id}
    given = typed if isinstance(typed, GiveForm) else NOTHING_GIVEN
    taken = typed if isinstance(typed, TakeForm) else NOTHING_TAKEN
    return _shown(
        request, "authority/person.html", problem, typed, roles=roles, given=given, taken=taken, **shown
    )


def _shown(
    request: AnyRequest,
    template: str,
    problem: Problem | None,
    typed: PermissionForm | GiveForm | TakeForm,
    *,
    roles: Sequence[RoleView],
    **shown: Any,
) -> Response[str]:
    _ = request.app.state.platform.catalogue.translator(language(request))
    field = FIELDS[type(typed)].get(problem.code, "") if problem else ""
    errors = [{"field": field, "text": _(problem.text, **problem.data)}] if problem else []
    status = problem.status if problem else 200
    words = _words(request, roles)
    return page(request, template, status=status, errors=errors, typed=typed, roles=roles, **shown, **words)


def _words(request: AnyRequest, roles: Sequence[RoleView]) -> dict[str, Any]:
    """What people call the roles and rights whose keys stand in the tables; all roles are given."""
    english = language(request) == "en"
    permissions = request.app.state.platform.registry.permissions
    names = {view.key: role_name(request, view) for view in roles}

    def right(permission: Permission) -> str:
        return permission.en if english else permission.zh

    def right_called(name: str) -> str:
        """A right of a module that is gone keeps its key."""
        return right(permissions[name]) if name in permissions else name

    def role_word(view: RoleView) -> str:
        return role_name(request, view)

    def role_called(key: str) -> str:
        return names.get(key, key)

    return {
        "right": right,
        "right_called": right_called,
        "role_word": role_word,
        "role_called": role_called,
        "change_words": CHANGE_WORDS,
    }


def _day(text: str) -> datetime | None:
    """The first moment of a day in Beijing, nothing for an empty field; raise `Malformed`."""
    if not text.strip():
        return None
    try:
        return datetime.fromisoformat(text.strip()).replace(tzinfo=clock.BEIJING)
    except ValueError as error:
        raise Malformed(detail="until") from error


PAGES = [roles_page, roles_sheet, role_page, set_permission, person_page, give, take]
