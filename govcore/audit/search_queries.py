"""Searching the log: by person, organisation, object, kind of event and time; only with `audit.read`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, or_, select

from govcore.audit.entries import COVER, ERASED, parse_event
from govcore.audit.models import LogEvent, LogSearch
from govcore.audit.queries import withheld
from govcore.db import Tx
from govcore.errors import NotFound
from govcore.identity.models import Organisation, User
from govcore.identity.policy import Actor, require


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What an auditor looks for; all that is given must hold, `until` is excluded, empty finds everything.

    `person` is a sign-in name or an id, `organisation` a credit code or an id; `request` is what an answer's
    header `x-request-id` and the lines of the process's log say.
    """

    person: str = ""
    organisation: str = ""
    subject: str = ""
    event: str = ""
    request: str = ""
    session: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """An entry of the log with who did it when; event and nonce are missing after an erasure."""

    index: int
    leaf: bytes
    type: str
    subject: str
    public: bool
    event: bytes | None
    nonce: bytes | None
    actor: str | None
    at: datetime
    name: str | None
    organisation: str | None
    request: str | None
    session: str | None
    network: str | None

    @property
    def data(self) -> dict[str, object]:
        """What was logged besides; nothing after an erasure."""
        data = parse_event(self.event)["data"] if self.event is not None else {}
        assert isinstance(data, dict)
        return data


_FOUND: Select[*tuple[Any, ...]] = (
    select(
        LogEvent.idx,
        LogEvent.leaf,
        LogEvent.type,
        LogEvent.subject,
        LogEvent.public,
        LogEvent.event,
        LogEvent.nonce,
        LogSearch.actor,
        LogSearch.at,
        User.name,
        Organisation.name,
        LogEvent.request,
        LogEvent.session,
        LogEvent.network,
    )
    .join(LogSearch, LogSearch.idx == LogEvent.idx)
    .outerjoin(User, User.id == LogSearch.actor)
    .outerjoin(Organisation, Organisation.id == User.org_id)
    .where(LogEvent.type != COVER)
)


def search(
    tx: Tx, wanted: Search, *, actor: Actor, before: int | None = None, limit: int = 50
) -> list[Found]:
    """The newest entries that fit, below the index `before`; what is withheld is not found (`queries.events`)."""
    require(actor, "audit.read")
    query = _FOUND.where(~withheld(tx)).order_by(LogEvent.idx.desc()).limit(limit)
    if before is not None:
        query = query.where(LogEvent.idx < before)
    if wanted.person:
        of_name = select(User.id).where(User.username == wanted.person)
        query = query.where(or_(LogSearch.actor == wanted.person, LogSearch.actor.in_(of_name)))
    if wanted.organisation:
        named = or_(Organisation.id == wanted.organisation, Organisation.uscc == wanted.organisation)
        of_it = select(Organisation.id).where(named)
        members = select(User.id).where(User.org_id.in_(of_it))
        query = query.where(or_(LogEvent.subject.in_(of_it), LogSearch.actor.in_(members)))
    if wanted.subject:
        query = query.where(LogEvent.subject == wanted.subject)
    if wanted.event:
        query = query.where(LogEvent.type == wanted.event)
    if wanted.request:
        query = query.where(LogEvent.request == wanted.request)
    if wanted.session:
        query = query.where(LogEvent.session == wanted.session)
    if wanted.since is not None:
        query = query.where(LogSearch.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(LogSearch.at < wanted.until)
    return [Found(*row) for row in tx.execute(query)]


def entry(tx: Tx, index: int, *, actor: Actor) -> Found:
    """One entry; `NotFound` for a cover, a withheld one, and one that the log does not hold."""
    found = [
        one for one in search(tx, Search(), actor=actor, before=index + 1, limit=1) if one.index == index
    ]
    if not found:
        raise NotFound
    return found[0]


def erasure_of(tx: Tx, leaf: bytes, *, actor: Actor) -> Found | None:
    """The entry that erased this one, when the log holds it."""
    wanted = Search(event=ERASED, subject=leaf.hex())
    return next(iter(search(tx, wanted, actor=actor, limit=1)), None)
