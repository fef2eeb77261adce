"""Reads of ratings: the holder of a code sees their own, assessors the bad ones of their organ."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from bureau.ratings.models import BadRating, Contact, OrganTerms, Rating, Service, Step
from bureau.ratings.policy import OPEN, RATE_WITHIN, Node, State, Terms, due, is_over
from bureau.ratings.schemas import BadShown, OwnView, StepShown
from govcore.calendar import Calendar
from govcore.calendar.queries import calendar_of
from govcore.db import Tx
from govcore.errors import NotFound
from govcore.identity import queries as identity
from govcore.identity.policy import Actor
from govcore.keys import KeyWrapper

MOST = 500


def terms_of(tx: Tx, org_id: str) -> Terms:
    row = tx.get(OrganTerms, org_id)
    if row is None:
        return Terms()
    return Terms(row.verify_days, row.review_days, row.rectify_days, row.revisit_days)


def service_of(tx: Tx, org_id: str, case_no: str, node: str) -> Service | None:
    query = select(Service).where(Service.org_id == org_id, Service.case_no == case_no)
    return tx.scalar(query.where(Service.node == node))


def service_by_code(tx: Tx, code_sha256: str, *, lock: bool = False) -> Service:
    """The service on a slip; `NotFound` for every other code. Locked, it is rated by one at a time."""
    query = select(Service).where(Service.code_sha256 == code_sha256)
    row = tx.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise NotFound
    return row


def rating_of(tx: Tx, service_id: str) -> Rating | None:
    return tx.scalar(select(Rating).where(Rating.service_id == service_id))


def rating_by_code(tx: Tx, code_sha256: str) -> Rating:
    """The rating of the service on a slip; `NotFound` while there is none."""
    row = rating_of(tx, service_by_code(tx, code_sha256).id)
    if row is None:
        raise NotFound
    return row


def bad_of_service(tx: Tx, service_id: str) -> BadRating | None:
    query = select(BadRating).join(Rating, Rating.id == BadRating.rating_id)
    return tx.scalar(query.where(Rating.service_id == service_id))


def own_view(tx: Tx, code_sha256: str, *, at: datetime) -> OwnView:
    """What the code stands for, and what became of the rating; `NotFound` for an unknown code."""
    service = service_by_code(tx, code_sha256)
    last = due(service.served_at, RATE_WITHIN, calendar=calendar_of(tx))
    view = OwnView(
        organ=identity.organisation(tx, service.org_id).name,
        item=service.item,
        node=Node(service.node),
        served_at=service.served_at,
        rate_until=last.day,
        open=not is_over(last, now=at),
    )
    rating = rating_of(tx, service.id)
    if rating is None:
        return view
    view.channel, view.level, view.rated_at = rating.channel, rating.level, rating.rated_at
    view.words, view.added = rating.words, rating.added
    bad = tx.get(BadRating, rating.id)
    if bad is not None:
        view.state, view.feedback = bad.state, bad.feedback
    return view


_BAD = (
    select(BadRating, Rating, Service)
    .join(Rating, Rating.id == BadRating.rating_id)
    .join(Service, Service.id == Rating.service_id)
)


def _visible(actor: Actor) -> Select[BadRating, Rating, Service]:
    """The bad ratings of the actor's organ, never of a service that the actor did."""
    if not actor.may("ratings.handle") or actor.org_id is None:
        raise NotFound
    return _BAD.where(Service.org_id == actor.org_id, Service.handled_by != actor.user_id)


def bad_row(tx: Tx, rating_id: str, *, actor: Actor) -> BadRating:
    """A bad rating that the actor handles; `NotFound` for every other."""
    row = tx.execute(_visible(actor).where(BadRating.rating_id == rating_id)).one_or_none()
    if row is None:
        raise NotFound
    return row[0]


def bad_ratings(tx: Tx, *, actor: Actor, at: datetime, is_open: bool) -> list[BadShown]:
    """Open ones by their last day, or ended ones, the newest first; at most `MOST`."""
    states = [state for state in State if (state in OPEN) == is_open]
    query = _visible(actor).where(BadRating.state.in_(states))
    rows = tx.execute(query.order_by(BadRating.since.desc(), BadRating.rating_id).limit(MOST)).all()
    calendar = calendar_of(tx)
    shown = [_shown(row, at=at, calendar=calendar) for row in rows]
    if is_open:
        shown.sort(key=lambda one: (one.due or at.date(), one.rated_at))
    return shown


def bad_rating(tx: Tx, wrapper: KeyWrapper, rating_id: str, *, actor: Actor, at: datetime) -> BadShown:
    """One bad rating with its steps, and how to reach the person while it is open."""
    row = tx.execute(_visible(actor).where(BadRating.rating_id == rating_id)).one_or_none()
    if row is None:
        raise NotFound
    shown = _shown(row, at=at, calendar=calendar_of(tx))
    steps = tx.scalars(select(Step).where(Step.rating_id == rating_id).order_by(Step.id)).all()
    names = identity.user_names(tx, [step.by for step in steps if step.by])
    shown.steps = [
        StepShown(step.move, step.words, names[step.by] if step.by else "", step.at) for step in steps
    ]
    contact = tx.get(Contact, rating_id)
    if contact is not None:
        shown.contact = wrapper.unwrap("rating-contact", rating_id, contact.wrapped).decode()
    return shown


def to_remind(tx: Tx) -> list[tuple[str, str, datetime, int]]:
    """Open bad ratings for the sweep: rating, organ, since when, and for how many days."""
    query = select(BadRating.rating_id, Service.org_id, BadRating.since, BadRating.limit_days)
    query = query.join(Rating, Rating.id == BadRating.rating_id).join(
        Service, Service.id == Rating.service_id
    )
    return [
        (one, org, since, days or 0)
        for one, org, since, days in tx.execute(query.where(BadRating.state.in_(OPEN)))
    ]


def _shown(found: Sequence[Any], *, at: datetime, calendar: Calendar) -> BadShown:
    bad, rating, service = found
    last = due(bad.since, bad.limit_days, calendar=calendar) if bad.limit_days is not None else None
    return BadShown(
        id=rating.id,
        case_no=service.case_no,
        node=service.node,
        item=service.item,
        served_at=service.served_at,
        channel=rating.channel,
        level=rating.level,
        words=rating.words,
        added=rating.added,
        rated_at=rating.rated_at,
        named=bad.named,
        state=bad.state,
        since=bad.since,
        due=last.day if last else None,
        provisional=last.provisional if last else False,
        overdue=is_over(last, now=at) if last else False,
        disputed_by=bad.disputed_by,
        remedy=bad.remedy,
        feedback=bad.feedback,
        outcome=bad.outcome,
    )
