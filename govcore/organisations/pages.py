"""One's organisation: members, duties, invitations, history; joining, leaving, a new account."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect

from govcore import clock
from govcore.db import Tx
from govcore.errors import Malformed, Problem
from govcore.identity.passwords import WeakPassword
from govcore.identity.policy import Actor, Duty
from govcore.identity.sessions import open_session
from govcore.organisations import (
    claim_pages,
    claim_queries,
    claims,
    delegation_pages,
    joining,
    queries,
    service,
)
from govcore.organisations.acts import send_invitation
from govcore.organisations.policy import DUTY_WORDS, ENDING_WORDS, account_name
from govcore.organisations.schemas import NewInvitation
from govcore.platform import Platform
from govcore.sheets import MEDIA_TYPE, xlsx
from govcore.web import page, redirect
from govcore.web.clients import device_of
from govcore.web.cookies import set_session
from govcore.web.downloads import disposition
from govcore.web.rendering import AnyRequest, language


class DutyForm(msgspec.Struct):
    """One checkbox for each duty."""

    prepare: str = ""
    sign: str = ""
    submit: str = ""
    read_audit: str = ""
    manage: str = ""

    def duties(self) -> list[Duty]:
        return [duty for duty in Duty if getattr(self, duty)]


class InvitationForm(DutyForm):
    name: str = ""
    address: str = ""


class JoinForm(msgspec.Struct):
    code: str = ""
    name: str = ""
    password: str = ""
    leave_present: str = ""

    def __repr__(self) -> str:
        return "JoinForm()"


class SignUpForm(msgspec.Struct):
    name: str = ""
    password: str = ""

    def __repr__(self) -> str:
        return "SignUpForm()"


FAULT_WORDS = {
    "name": "Write the person's name.",
    "address": "Write a mail address as in name@example.cn, or the eleven digits of a mobile number in mainland China.",
}


@get("/organisation", permission="organisation.view", sync_to_thread=True)
def organisation_page(
    request: AnyRequest, platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[str]:
    return _organisation(request, platform, actor)


def _organisation(
    request: AnyRequest, platform: Platform, actor: Actor, *, status: int = 200, **more: Any
) -> Response[str]:
    with platform.db.read() as tx:
        at = clock.now(tx)
        context = {
            "members": queries.members(tx, actor=actor),
            "former": queries.own_history(tx, actor=actor),
            "invitations": queries.invitations(tx, platform.wrapper, actor=actor, at=at),
            "claims": claim_queries.claims_on_us(tx, actor=actor),
        }
    more = {"errors": [], "values": InvitationForm(), "code": None} | more
    words = {"duty_words": DUTY_WORDS, "ending_words": ENDING_WORDS}
    return page(request, "organisations/organisation.html", status=status, **context, **words, **more)


@post("/organisation/invitations", permission="organisation.manage", sync_to_thread=True)
def invite(
    request: AnyRequest,
    data: URLEncodedBody[InvitationForm],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """Owe somebody a code; where no channel is set up it is shown this once."""
    wanted = NewInvitation(data.name, data.address, data.duties())
    try:
        invited = send_invitation(platform, wanted, actor)
    except Malformed as problem:
        name = str(problem.data["detail"])
        errors = [{"field": name, "text": _words(request, platform, FAULT_WORDS[name])}]
        return _organisation(request, platform, actor, status=422, errors=errors, values=data)
    return _organisation(request, platform, actor, code=invited.code, invited=data.name)


@post(
    "/organisation/invitations/{invitation_id:str}/withdraw",
    permission="organisation.manage",
    sync_to_thread=True,
)
def withdraw_invitation(
    invitation_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Redirect:
    with platform.db.transaction() as tx:
        joining.withdraw(tx, invitation_id, actor=actor, at=clock.now(tx))
    return redirect("/organisation")


@get("/organisation/members/{user_id:str}", permission="organisation.manage", sync_to_thread=True)
def member_page(
    request: AnyRequest,
    user_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """One member: what it may do, and ending the membership."""
    with platform.db.read() as tx:
        member = queries.member(tx, user_id, actor=actor)
    return page(request, "organisations/member.html", member=member, duty_words=DUTY_WORDS)


@post("/organisation/members/{user_id:str}/duties", permission="organisation.manage", sync_to_thread=True)
def set_duties(
    user_id: FromPath[str],
    data: URLEncodedBody[DutyForm],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Redirect:
    with platform.db.transaction() as tx:
        service.set_duties(tx, user_id, data.duties(), actor=actor, at=clock.now(tx))
    return redirect("/organisation")


@post("/organisation/members/{user_id:str}/remove", permission="organisation.manage", sync_to_thread=True)
def remove_member(
    user_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Redirect:
    with platform.db.transaction() as tx:
        service.remove(tx, user_id, actor=actor, at=clock.now(tx))
    return redirect("/organisation")


@get("/organisation/leave", permission="organisation.view", sync_to_thread=True)
def leave_page(request: AnyRequest) -> Response[str]:
    """What leaving means, before it is done."""
    return page(request, "organisations/leave.html")


@post("/organisation/leave", permission="organisation.view", sync_to_thread=True)
def leave(platform: NamedDependency[Platform], actor: NamedDependency[Actor]) -> Redirect:
    with platform.db.transaction() as tx:
        service.leave(tx, actor=actor, at=clock.now(tx))
    return redirect("/organisation")


@get("/organisation/print", permission="organisation.view", sync_to_thread=True)
def print_members(
    request: AnyRequest, platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[str]:
    """The list of members on paper."""
    with platform.db.read() as tx:
        members = queries.members(tx, actor=actor)
    return page(request, "organisations/print.html", members=members, duty_words=DUTY_WORDS)


@get("/organisation/members.xlsx", permission="organisation.view", fresh=True, sync_to_thread=True)
def export_members(
    request: AnyRequest, platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """The list of members for a spreadsheet."""
    with platform.db.read() as tx:
        members = queries.members(tx, actor=actor)
    _ = platform.catalogue.translator(language(request))
    columns = [_("Name"), _("User name"), _("Duties"), _("Member since")]
    rows = [
        (
            one.name,
            one.username,
            _("; ").join(_(DUTY_WORDS[duty]) for duty in Duty if duty in one.duties),
            one.joined_at,
        )
        for one in members
    ]
    headers = {"content-disposition": disposition(f"{_('Members')}.xlsx")}
    return Response(
        xlsx(_("Members of the organisation"), columns, rows), media_type=MEDIA_TYPE, headers=headers
    )


@get("/join", permission="public", sync_to_thread=True)
def join_page(request: AnyRequest, platform: NamedDependency[Platform]) -> Response[str]:
    return page(
        request,
        "organisations/join.html",
        errors=[],
        values=JoinForm(),
        minimum=platform.settings.profile.password_min,
    )


@post("/join", permission="public", sync_to_thread=True)
def join(
    request: AnyRequest,
    data: URLEncodedBody[JoinForm],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[Any]:
    """Enter a code: as who is signed in, or with a new account."""
    try:
        if actor.signed_in:
            with platform.db.transaction() as tx:
                leaving = bool(data.leave_present)
                joining.accept(tx, code=data.code, leaving=leaving, actor=actor, at=clock.now(tx))
            return redirect("/organisation")
        username = account_name(secrets.token_bytes(8))
        with platform.db.transaction() as tx:
            at = clock.now(tx)
            user_id = joining.accept_as_new(
                tx, code=data.code, name=data.name, username=username, password=data.password, at=at
            )
            token = _signed_in(tx, request, platform, user_id, at)
    except (joining.CodeNotValid, service.StillMember, Malformed, WeakPassword) as problem:
        errors = [{"field": _field(problem), "text": _fault(request, platform, problem)}]
        return page(
            request,
            "organisations/join.html",
            status=problem.status,
            errors=errors,
            values=data,
            minimum=platform.settings.profile.password_min,
        )
    return _welcome(request, platform, username, token)


@get("/sign-up", permission="public", sync_to_thread=True)
def sign_up_page(request: AnyRequest, platform: NamedDependency[Platform]) -> Response[str]:
    return page(
        request,
        "organisations/sign_up.html",
        errors=[],
        values=SignUpForm(),
        minimum=platform.settings.profile.password_min,
    )


@post("/sign-up", permission="public", sync_to_thread=True)
def sign_up(
    request: AnyRequest, data: URLEncodedBody[SignUpForm], platform: NamedDependency[Platform]
) -> Response[Any]:
    """Make an account that belongs to no organisation; its user name is given out."""
    username = account_name(secrets.token_bytes(8))
    try:
        with platform.db.transaction() as tx:
            at = clock.now(tx)
            user = claims.register_person(
                tx, name=data.name, username=username, password=data.password, at=at
            )
            token = _signed_in(tx, request, platform, user.id, at)
    except (Malformed, WeakPassword) as problem:
        errors = [{"field": _field(problem), "text": _fault(request, platform, problem)}]
        return page(
            request,
            "organisations/sign_up.html",
            status=problem.status,
            errors=errors,
            values=data,
            minimum=platform.settings.profile.password_min,
        )
    return _welcome(request, platform, username, token)


def _signed_in(tx: Tx, request: AnyRequest, platform: Platform, user_id: str, at: datetime) -> str:
    settings = platform.settings
    device = device_of(request, settings.trusted_proxies)
    return open_session(tx, user_id=user_id, at=at, device=device, profile=settings.profile)


def _welcome(request: AnyRequest, platform: Platform, username: str, token: str) -> Response[str]:
    """Show the user name that was given out; the next click is signed in."""
    response = page(request, "organisations/welcome.html", username=username)
    set_session(response, token, secure=not platform.settings.demo)
    return response


def _field(problem: Problem) -> str:
    if isinstance(problem, WeakPassword):
        return "password"
    if isinstance(problem, service.StillMember):
        return "leave_present"
    return str(problem.data.get("detail", "code"))


def _fault(request: AnyRequest, platform: Platform, problem: Problem) -> str:
    if isinstance(problem, Malformed):
        return _words(request, platform, FAULT_WORDS[str(problem.data["detail"])])
    return _words(request, platform, problem.text, **problem.data)


def _words(request: AnyRequest, platform: Platform, text: str, **data: object) -> str:
    return platform.catalogue.translator(language(request))(text, **data)


PAGES = [
    organisation_page,
    invite,
    withdraw_invitation,
    member_page,
    set_duties,
    remove_member,
    leave_page,
    leave,
    print_members,
    export_members,
    join_page,
    join,
    sign_up_page,
    sign_up,
    *claim_pages.PAGES,
    *delegation_pages.PAGES,
]
