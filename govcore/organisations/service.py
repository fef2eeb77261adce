"""Members: what each may do, joining, removing, leaving."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select

from govcore.audit.service import record
from govcore.authority.service import hold_only
from govcore.certificates import service as certificates
from govcore.certificates.models import Certificate
from govcore.certificates.policy import Reason
from govcore.db import Tx, new_id
from govcore.errors import NotFound, Problem
from govcore.identity.models import Organisation, User
from govcore.identity.policy import Actor, Duty, Role, require
from govcore.keys import KeyWrapper
from govcore.notify import service as notify
from govcore.organisations import queries
from govcore.organisations.models import Membership
from govcore.organisations.policy import Ending, managers_besides

JOINED_WORDS = "Became a member of an organisation."
LEFT_WORDS = "Is no longer a member of the organisation."
"""Why roles changed with a membership, keys of the catalogue."""


class LastAdministrator(Problem):
    """An organisation with members but without an administrator could not help itself any more."""

    code = "E_LAST_ADMINISTRATOR"
    text = "You are the only administrator. Make another member administrator first."


class StillMember(Problem):
    code = "E_STILL_MEMBER"
    text = "You are a member of another organisation. Confirm that you leave it, or leave it first."


def set_duties(tx: Tx, user_id: str, duties: Collection[Duty], *, actor: Actor, at: datetime) -> None:
    """Entrust a member with exactly these duties; `LastAdministrator` when nobody would administer any more."""
    require(actor, "organisation.manage")
    member = queries.member_row(tx, user_id, actor=actor)
    wanted = frozenset(map(str, duties))
    if Duty.MANAGE not in wanted:
        _keep_an_administrator(tx, member)
    before, member.duties = member.duties, wanted
    if before == wanted:
        return
    record(
        tx,
        "organisation.duties_set",
        subject=member.org_id or "",
        actor=actor.user_id,
        at=at,
        data={"user": user_id, "before": sorted(before), "now": sorted(wanted)},
    )
    notify.tell(
        tx,
        [user_id],
        about=f"duties/{at.isoformat()}",
        text="Your duties in {organisation} were changed.",
        href="/organisation",
        at=at,
        data={"organisation": actor.org_name},
    )


def remove(tx: Tx, user_id: str, *, actor: Actor, at: datetime) -> None:
    """End a membership in the organisation's name; what the person prepared stays with the organisation."""
    require(actor, "organisation.manage")
    member = queries.member_row(tx, user_id, actor=actor)
    end_membership(tx, member, by=actor.user_id, ending=Ending.REMOVED, at=at)
    notify.tell(
        tx,
        [user_id],
        about=f"removed/{at.isoformat()}",
        text="You are no longer a member of {organisation}.",
        href="/organisation",
        at=at,
        data={"organisation": actor.org_name},
    )


def leave(tx: Tx, *, actor: Actor, at: datetime) -> None:
    """Leave one's own organisation; `LastAdministrator` while others remain and nobody else administers it."""
    require(actor, "organisation.view")
    member = tx.get_one(User, actor.user_id)
    if member.org_id is None:
        raise NotFound
    end_membership(tx, member, by=actor.user_id, ending=Ending.LEFT, at=at)


def end_membership(tx: Tx, member: User, *, by: str, ending: Ending, at: datetime) -> None:
    """Take organisation, duties and roles from a person; the period stays in the history.

    Of who moves on to another organisation the roles are exchanged there.
    """
    _keep_an_administrator(tx, member)
    org_id = member.org_id or ""
    current = queries.current_period(tx, member.id)
    if current is None:
        current = Membership(id=new_id(), user_id=member.id, org_id=org_id, joined_at=None, joined_by=None)
        tx.add(current)
    current.left_at, current.left_by, current.ending = at, by, ending
    member.org_id, member.duties = None, frozenset()
    tx.flush()
    if ending != Ending.MOVED:
        hold_only(tx, member.id, [Role.CITIZEN], reason=LEFT_WORDS, by=by, at=at)
    data = {"user": member.id, "how": ending.value}
    record(tx, "organisation.member_left", subject=org_id, actor=by, at=at, data=data)


def revoke_keys(tx: Tx, wrapper: KeyWrapper, org_id: str, *, at: datetime) -> None:
    """Revoke what people who left the organisation had certified for it; what they signed before stays signed.

    A certificate that somebody who came back or acts by delegation got since then is not touched.
    """
    left = select(Membership.id).where(
        Membership.org_id == org_id,
        Membership.user_id == Certificate.user_id,
        Membership.left_at >= Certificate.issued_at,
    )
    which = (Certificate.org_id == org_id) & left.exists()
    certificates.revoke_all(tx, wrapper, which, reason=Reason.AFFILIATION_CHANGED, by="system", at=at)


def begin_membership(
    tx: Tx,
    member: User,
    *,
    org_id: str,
    duties: frozenset[str],
    roles: frozenset[str],
    by: str,
    leaving: bool,
    at: datetime,
) -> None:
    """Make a person a member of an organisation and of no other; `StillMember` unless `leaving` allows that."""
    if member.org_id == org_id:
        return
    if member.org_id is not None:
        if not leaving:
            raise StillMember
        end_membership(tx, member, by=member.id, ending=Ending.MOVED, at=at)
    member.org_id, member.duties = org_id, duties
    hold_only(tx, member.id, roles or [Role.CITIZEN], reason=JOINED_WORDS, by=by, at=at)
    tx.add(Membership(id=new_id(), user_id=member.id, org_id=org_id, joined_at=at, joined_by=by))
    tx.flush()
    data = {"user": member.id, "duties": sorted(duties), "roles": sorted(roles)}
    record(tx, "organisation.member_joined", subject=org_id, actor=by, at=at, data=data)


def _keep_an_administrator(tx: Tx, member: User) -> None:
    """Two administrators who go at once wait for each other here, so that the second one is the last."""
    tx.scalar(select(Organisation.id).where(Organisation.id == member.org_id).with_for_update())
    others = [(one, duties) for one, duties in queries.duties_in(tx, member.org_id) if one != member.id]
    if Duty.MANAGE in member.duties and others and not managers_besides(others, member.id):
        raise LastAdministrator
