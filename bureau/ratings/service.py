"""Hand out codes, take ratings and words, keep terms, load figures of an earlier time."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

import msgspec
from sqlalchemy.exc import IntegrityError

from bureau.ratings import queries
from bureau.ratings.models import BadRating, Contact, OrganTerms, Rating, Reported, Service
from bureau.ratings.policy import (
    BAD,
    FIRST_YEAR,
    NEWS_WORDS,
    OWN_CHANNELS,
    RATE_WITHIN,
    Channel,
    State,
    code_of,
    day_of,
    due,
    is_over,
)
from bureau.ratings.schemas import (
    Addition,
    CollectedRating,
    NewRating,
    NewReported,
    NewService,
    NewTerms,
    OwnRating,
)
from govcore.audit.service import record
from govcore.calendar.queries import calendar_of
from govcore.db import Tx, new_id
from govcore.errors import Forbidden, NotFound, Problem
from govcore.identity import queries as identity
from govcore.identity.policy import Actor, Role, require
from govcore.keys import KeyWrapper
from govcore.notify.service import tell
from govcore.vault import Vault

LONGEST_AGO = timedelta(days=60)

SERVED = "served"
"""Who acts in the log when the person served does: nobody knows who it is."""

CONTACT = "rating-contact"
"""The purpose under which contacts are wrapped."""


class SelfRating(Problem):
    """Staff do not rate their own organ, nor hand in ratings of what they did themselves."""

    code = "E_SELF_RATING"
    status = 403
    text = "Staff do not rate their own service."


class AlreadyRated(Problem):
    code = "E_RATED"
    text = "This service has been rated; each is rated once."


class RatingOver(Problem):
    code = "E_RATING_OVER"
    text = "This service could be rated until {day}."


class NotServed(Problem):
    code = "E_NOT_SERVED"
    status = 422
    text = "Only a service of the last {days} days that has taken place can be rated."


class WrongChannel(Problem):
    code = "E_CHANNEL"
    status = 422
    text = "Ratings do not come through this channel here."


class WordsAdded(Problem):
    code = "E_WORDS_ADDED"
    text = "Words have been added to this rating already."


class FiguresContradict(Problem):
    code = "E_FIGURES"
    status = 422
    text = "The figures contradict each other, or their period is not over."


def serve(tx: Tx, vault: Vault, given: NewService, *, actor: Actor, at: datetime) -> str:
    """Record a service of the actor's organ and return its code; asking again returns the same one."""
    require(actor, "ratings.serve")
    org_id = _organ(actor)
    served_at = given.served_at or at
    if not timedelta(0) <= at - served_at <= LONGEST_AGO:
        raise NotServed(days=LONGEST_AGO.days)
    handler = given.handled_by or actor.user_id
    if handler != actor.user_id and handler not in identity.users_with_role(tx, Role.CLERK, org_id=org_id):
        raise NotFound
    code = code_of(vault.tag("rating", org_id, given.case_no, given.node))
    if queries.service_of(tx, org_id, given.case_no, given.node) is not None:
        return code
    row = Service(
        id=new_id(),
        org_id=org_id,
        case_no=given.case_no,
        node=given.node,
        item=given.item.strip(),
        handled_by=handler,
        served_at=served_at,
        code_sha256=hash_of(code),
    )
    try:
        with tx.begin_nested():
            tx.add(row)
    except IntegrityError:
        return code  # somebody else was faster with the same service
    record(tx, "ratings.served", subject=row.id, actor=actor.user_id, at=at, data={"node": given.node})
    return code


def rate(tx: Tx, wrapper: KeyWrapper, code: str, given: OwnRating, *, actor: Actor, at: datetime) -> None:
    """Take the rating of the person served; the same again changes nothing, another one is refused."""
    service = queries.service_by_code(tx, hash_of(code), lock=True)
    if given.channel not in OWN_CHANNELS:
        raise WrongChannel
    if actor.org_id == service.org_id:
        raise SelfRating
    _take(tx, wrapper, service, given, channel=given.channel, collected_by=None, at=at)


def collect(tx: Tx, wrapper: KeyWrapper, given: CollectedRating, *, actor: Actor, at: datetime) -> None:
    """Take a rating that staff or a device hands in, never of the clerk's own service."""
    require(actor, "ratings.collect")
    service = queries.service_by_code(tx, hash_of(given.code), lock=True)
    if service.org_id != actor.org_id:
        raise NotFound
    if given.channel in OWN_CHANNELS:
        raise WrongChannel
    if service.handled_by == actor.user_id:
        raise SelfRating
    _take(tx, wrapper, service, given, channel=given.channel, collected_by=actor.user_id, at=at)


def add_words(tx: Tx, code: str, given: Addition, *, actor: Actor, at: datetime) -> None:
    """Add words to one's own rating, once, while the service may still be rated; the level stays."""
    service = queries.service_by_code(tx, hash_of(code), lock=True)
    rating = queries.rating_of(tx, service.id)
    if rating is None:
        raise NotFound
    if actor.org_id == service.org_id:
        raise SelfRating
    _refuse_late(tx, service, at=at)
    if rating.added is not None:
        raise WordsAdded
    rating.added = given.words.strip()
    record(tx, "ratings.words_added", subject=rating.id, actor=SERVED, at=at, data={})


def set_terms(tx: Tx, given: NewTerms, *, actor: Actor, at: datetime) -> None:
    """Change the organ's terms for steps that begin from now on; running ones keep theirs."""
    require(actor, "ratings.govern")
    values, held = msgspec.to_builtins(given), queries.terms_of(tx, _organ(actor))
    before = {name: getattr(held, name) for name in values}
    tx.merge(OrganTerms(org_id=_organ(actor), **values))
    data = {**msgspec.to_builtins(given), "before": before}
    record(tx, "ratings.terms_set", subject=_organ(actor), actor=actor.user_id, at=at, data=data)


def report(tx: Tx, given: NewReported, *, actor: Actor, at: datetime) -> None:
    """Load the organ's figures of an earlier period, in place of any of the same period; the log keeps both."""
    require(actor, "ratings.govern")
    over = given.first_day.year >= FIRST_YEAR and given.first_day <= given.last_day < day_of(at)
    if not over or not given.rectified <= given.bad <= given.total:
        raise FiguresContradict
    figures = msgspec.structs.asdict(given)
    percent = figures.pop("revisit_satisfaction_percent")
    tx.merge(Reported(org_id=_organ(actor), revisit_percent=percent, **figures))
    data = msgspec.to_builtins(given)
    record(tx, "ratings.figures_loaded", subject=_organ(actor), actor=actor.user_id, at=at, data=data)


def hash_of(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


def _organ(actor: Actor) -> str:
    if actor.org_id is None:
        raise Forbidden
    return actor.org_id


def _take(
    tx: Tx,
    wrapper: KeyWrapper,
    service: Service,
    given: NewRating,
    *,
    channel: Channel,
    collected_by: str | None,
    at: datetime,
) -> None:
    earlier = queries.rating_of(tx, service.id)
    if earlier is not None:
        if (earlier.channel, earlier.level, earlier.words) == (channel, given.level, given.words.strip()):
            return
        raise AlreadyRated
    _refuse_late(tx, service, at=at)
    rating = Rating(
        id=new_id(),
        service_id=service.id,
        channel=channel,
        level=given.level,
        words=given.words.strip(),
        added=None,
        rated_at=at,
        collected_by=collected_by,
    )
    tx.add(rating)
    tx.flush()
    data = {"channel": channel, "level": int(given.level)}
    record(tx, "ratings.rated", subject=rating.id, actor=collected_by or SERVED, at=at, data=data)
    if given.level in BAD:
        _begin_loop(tx, wrapper, service, rating, given, at=at)


def _begin_loop(
    tx: Tx, wrapper: KeyWrapper, service: Service, rating: Rating, given: NewRating, *, at: datetime
) -> None:
    contact = " ".join(f"{given.name} {given.phone}".split())
    terms = queries.terms_of(tx, service.org_id)
    tx.add(
        BadRating(
            rating_id=rating.id,
            state=State.RECEIVED,
            since=at,
            limit_days=terms.days_in(State.RECEIVED),
            named=bool(contact),
            disputed_by=None,
            remedy=None,
            feedback=None,
            outcome=None,
        )
    )
    if contact:
        wrapped = wrapper.wrap(CONTACT, rating.id, contact.encode())
        tx.add(Contact(rating_id=rating.id, wrapped=wrapped))
    tell_assessors(tx, service.org_id, rating.id, "in", at=at)


def tell_assessors(tx: Tx, org_id: str, rating_id: str, news: str, *, at: datetime, day: str = "") -> None:
    """Tell every assessor of the organ one of `NEWS_WORDS` about a bad rating, once each and day."""
    people = identity.users_with_role(tx, Role.ASSESSOR, org_id=org_id)
    about, href = f"rating/{rating_id}/{news}{day}", f"/bad-ratings/{rating_id}"
    tell(tx, people, about=about, text=NEWS_WORDS[news], href=href, at=at)


def _refuse_late(tx: Tx, service: Service, *, at: datetime) -> None:
    last = due(service.served_at, RATE_WITHIN, calendar=calendar_of(tx))
    if is_over(last, now=at):
        raise RatingOver(day=last.day.isoformat())
