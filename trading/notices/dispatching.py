"""Notices on their way to the media: claimed by one sender, sent outside any transaction, settled by what was said.

Sending may come late, twice or be cut off: the medium gets the same message under the same key, and an
acknowledgement counts whenever it comes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime

import msgspec
from sqlalchemy import or_, select, update

from govcore.audit.service import record
from govcore.db import Tx, upsert
from govcore.errors import NotFound, Problem
from govcore.identity import queries as identity
from govcore.identity.policy import Actor, Role, require
from govcore.notify.service import tell
from trading.notices import media_queries
from trading.notices.media import Answer
from trading.notices.models import Dispatch, Notice, Reconciliation, Unfinished
from trading.notices.policy import ATTEMPTS_MAX, LEASE, PENDING, DispatchState, pause_after
from trading.notices.schemas import Difference


class SentAlready(Problem):
    code = "E_NOTICE_SENT"
    text = "This notice is on its way already, or the medium has acknowledged it."


def claim(tx: Tx, notice_id: str, medium: str, *, at: datetime) -> DispatchState | None:
    """Take the right to send for the length of a lease; in which state it is, nothing when it is not due."""
    finished = ~select(Unfinished.notice_id).where(Unfinished.notice_id == notice_id).exists()
    taken = tx.execute(
        update(Dispatch)
        .where(
            Dispatch.notice_id == notice_id,
            Dispatch.medium == medium,
            Dispatch.state.in_(PENDING),
            Dispatch.due_at <= at,
            finished,
        )
        .values(due_at=at + LEASE, attempts=Dispatch.attempts + 1)
        .returning(Dispatch.state)
    ).scalar_one_or_none()
    return None if taken is None else DispatchState(taken)


def settle(tx: Tx, notice_id: str, medium: str, answer: Answer, *, at: datetime) -> None:
    """Note what the medium said; a hash that is not ours is no answer."""
    notice = tx.get_one(Notice, notice_id)
    if answer.state == "refused":
        _end_badly(tx, notice, medium, DispatchState.REFUSED, said=answer.reason, at=at)
    elif answer.sha256 != notice.sha256:
        postpone(tx, notice_id, medium, detail="the medium acknowledges another content", at=at)
    elif answer.state == "published":
        _acknowledge(tx, notice, medium, answer, at=at)
    else:
        row = _row(tx, notice_id, medium)
        if row.state in PENDING:
            row.state, row.sent_at = DispatchState.SENT, row.sent_at or at
            row.receipt, row.detail = answer.receipt or row.receipt, None
            _wait(tx, notice, row, at=at)


def postpone(tx: Tx, notice_id: str, medium: str, *, detail: str, at: datetime) -> None:
    """Try again later; after `ATTEMPTS_MAX` attempts give up and alarm the centre."""
    row = _row(tx, notice_id, medium)
    if row.state in PENDING:
        row.detail = detail
        _wait(tx, tx.get_one(Notice, notice_id), row, at=at)


def send_again(tx: Tx, notice_id: str, medium: str, *, actor: Actor, at: datetime) -> None:
    """The centre sends a notice once more that was refused, given up, or is missing at the medium."""
    require(actor, "notice.media")
    notice = tx.get(Notice, notice_id)
    if notice is None or medium not in media_queries.media_ids(tx):
        raise NotFound
    row = {"state": DispatchState.WAITING, "attempts": 0, "due_at": at, "settled_at": None, "detail": None}
    again = upsert(tx, Dispatch).values(notice_id=notice_id, medium=medium, **row)
    settled = Dispatch.state.not_in(PENDING)
    done = again.on_conflict_do_update(
        index_elements=[Dispatch.notice_id, Dispatch.medium], set_=row, where=settled
    )
    if tx.scalar(done.returning(Dispatch.notice_id)) is None:
        raise SentAlready
    data = {"medium": medium}
    record(tx, "notice.sent_again", subject=notice_id, actor=actor.user_id, at=at, data=data)


def keep_comparison(
    tx: Tx, medium: str, day: date, theirs: Mapping[str, str] | None, *, fault: str | None, at: datetime
) -> None:
    """Hold a medium's notices of a day against ours; without an answer only the fault is noted."""
    ours, confirmed = media_queries.owed_on(tx, medium, day)
    found = [] if theirs is None else differences(ours, theirs, confirmed=confirmed)
    row = {
        "compared_at": at,
        "ours": len(ours),
        "differences": [msgspec.to_builtins(one) for one in found],
        "fault": fault,
    }
    kept = upsert(tx, Reconciliation).values(medium=medium, day=day, **row)
    tx.execute(
        kept.on_conflict_do_update(index_elements=[Reconciliation.medium, Reconciliation.day], set_=row)
    )
    if found:
        _alarm(
            tx,
            about=f"notice.differs/{medium}/{day}/{len(found)}",
            text="{medium} does not have the same notices as we do: {count} differences.",
            data={"medium": medium, "count": len(found)},
            at=at,
        )


def differences(
    ours: Mapping[str, str], theirs: Mapping[str, str], *, confirmed: Collection[str]
) -> list[Difference]:
    """What is missing there although it was acknowledged, what differs, and what they have that we never sent."""
    found = [
        Difference(
            notice_id=one, kind="different" if one in theirs else "missing", theirs=theirs.get(one, "")
        )
        for one, sha256 in sorted(ours.items())
        if theirs.get(one) != sha256 and (one in theirs or one in confirmed)
    ]
    unknown = sorted(theirs.keys() - ours.keys())
    return found + [Difference(notice_id=one, kind="unknown", theirs=theirs[one]) for one in unknown]


def _row(tx: Tx, notice_id: str, medium: str) -> Dispatch:
    query = select(Dispatch).where(Dispatch.notice_id == notice_id, Dispatch.medium == medium)
    return tx.scalars(query.with_for_update().execution_options(populate_existing=True)).one()


def _wait(tx: Tx, notice: Notice, row: Dispatch, *, at: datetime) -> None:
    if row.attempts >= ATTEMPTS_MAX:
        tx.flush()
        _end_badly(tx, notice, row.medium, DispatchState.GIVEN_UP, said=row.said or "", at=at)
    else:
        row.due_at = at + pause_after(row.attempts)


def _acknowledge(tx: Tx, notice: Notice, medium: str, answer: Answer, *, at: datetime) -> None:
    values = {
        "state": DispatchState.ACKNOWLEDGED,
        "settled_at": at,
        "detail": None,
        "receipt": answer.receipt,
    }
    query = update(Dispatch).where(
        Dispatch.notice_id == notice.id,
        Dispatch.medium == medium,
        or_(Dispatch.state != DispatchState.ACKNOWLEDGED, Dispatch.settled_at.is_(None)),
    )
    if tx.scalar(query.values(**values).returning(Dispatch.notice_id)) is not None:
        data = {"medium": medium, "notice_sha256": notice.sha256, "receipt": answer.receipt}
        record(tx, "notice.acknowledged", subject=notice.id, actor="system", at=at, data=data)


def _end_badly(tx: Tx, notice: Notice, medium: str, state: DispatchState, *, said: str, at: datetime) -> None:
    query = update(Dispatch).where(
        Dispatch.notice_id == notice.id, Dispatch.medium == medium, Dispatch.state.in_(PENDING)
    )
    values = {"state": state, "settled_at": at, "said": said[:200] or None}
    if tx.scalar(query.values(**values).returning(Dispatch.notice_id)) is None:
        return
    record(
        tx, f"notice.{state}", subject=notice.id, actor="system", at=at, data={"medium": medium, "said": said}
    )
    _alarm(
        tx,
        about=f"notice.{state}/{notice.id}/{medium}/{at.isoformat()}",
        text="{medium} has not published the notice {title}. Look why, and send it again.",
        data={"medium": medium, "title": notice.title},
        at=at,
    )


def _alarm(tx: Tx, *, about: str, text: str, data: Mapping[str, object], at: datetime) -> None:
    centre = identity.users_with_role(tx, Role.CENTRE)
    tell(tx, centre, about=about[:160], text=text, data=data, href="/notices/media", at=at)
