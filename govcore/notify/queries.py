"""Reads of the inbox: one's own only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import msgspec
from sqlalchemy import Select, func, or_, select

from govcore.db import Tx
from govcore.errors import NotFound
from govcore.identity.policy import Actor
from govcore.keys import KeyWrapper
from govcore.notify.models import Contact, Delivery, Follow, InboxMessage, Notice
from govcore.notify.policy import Channel, DeliveryState
from govcore.vault import Vault


@dataclass(frozen=True, slots=True)
class Message:
    """What the inbox shows: a message to the reader alone, or a notice of a topic that the reader follows."""

    text: str
    data: Mapping[str, Any]
    href: str
    created_at: datetime
    unread: bool


class Reach(msgspec.Struct, frozen=True):
    """Where a person wants notices, and in which language; empty is nowhere."""

    mail: str = ""
    mobile: str = ""
    language: Literal["zh_CN", "en"] = "zh_CN"

    def address(self, channel: Channel) -> str:
        return self.mail if channel is Channel.MAIL else self.mobile


@dataclass(frozen=True, slots=True)
class Sent:
    """One of the reader's own deliveries."""

    text: str
    data: Mapping[str, Any]
    channel: str
    state: str
    at: datetime
    detail: str | None


@dataclass(frozen=True, slots=True)
class Due:
    """A delivery to be sent now."""

    id: str
    channel: Channel
    address: str
    language: str
    text: str
    data: Mapping[str, Any]
    href: str


_UNREAD = or_(Follow.read_at.is_(None), Notice.at > Follow.read_at)


def user_tag(vault: Vault, user_id: str) -> str:
    """Finds a follower's rows; without the platform's key nobody knows whose they are."""
    return vault.tag("follower", user_id)


def inbox(tx: Tx, vault: Vault, *, actor: Actor, limit: int = 50) -> list[Message]:
    """The actor's messages and the notices of what it follows, newest first."""
    own = select(InboxMessage).where(InboxMessage.user_id == actor.user_id)
    newest = own.order_by(InboxMessage.created_at.desc(), InboxMessage.id).limit(limit)
    messages = [
        Message(row.text, row.data, row.href, row.created_at, row.read_at is None)
        for row in tx.scalars(newest)
    ]
    followed = _followed(vault, actor).add_columns(_UNREAD).order_by(Notice.at.desc(), Notice.id)
    notices = [
        Message(row.text, row.data, row.href, row.at, unread)
        for row, unread in tx.execute(followed.limit(limit))
    ]
    return sorted(messages + notices, key=lambda message: message.created_at, reverse=True)[:limit]


def unread_count(tx: Tx, vault: Vault, *, actor: Actor) -> int:
    own = select(func.count()).select_from(InboxMessage)
    messages = own.where(InboxMessage.user_id == actor.user_id, InboxMessage.read_at.is_(None))
    notices = select(func.count()).select_from(_followed(vault, actor).where(_UNREAD).subquery())
    return (tx.scalar(messages) or 0) + (tx.scalar(notices) or 0)


def _followed(vault: Vault, actor: Actor) -> Select[Notice]:
    mine = (Follow.topic == Notice.topic) & (Follow.user_tag == user_tag(vault, actor.user_id))
    return select(Notice).join(Follow, mine).where(Notice.at >= Follow.since)


def follows(tx: Tx, vault: Vault, topic: str, *, actor: Actor) -> bool:
    """Whether the actor follows a topic; nobody can ask that of others."""
    return actor.signed_in and tx.get(Follow, (user_tag(vault, actor.user_id), topic)) is not None


def reach_of(tx: Tx, wrapper: KeyWrapper, user_id: str) -> Reach:
    """Where a user wants notices; nowhere when it never said."""
    row = tx.get(Contact, user_id)
    return (
        Reach()
        if row is None
        else msgspec.json.decode(wrapper.unwrap("contact", user_id, row.wrapped), type=Reach)
    )


def my_deliveries(tx: Tx, vault: Vault, *, actor: Actor, limit: int = 5) -> list[Sent]:
    """What was sent to the actor outside the site, newest first."""
    query = (
        select(Notice, Delivery)
        .join(Delivery, Delivery.notice_id == Notice.id)
        .where(Delivery.user_tag == user_tag(vault, actor.user_id))
        .order_by(Notice.at.desc(), Delivery.channel)
    )
    return [
        Sent(notice.text, notice.data, row.channel, row.state, row.settled_at or row.due_at, row.detail)
        for notice, row in tx.execute(query.limit(limit))
    ]


def to_fan_out(tx: Tx) -> list[str]:
    """Notices whose followers are not owed them yet."""
    return list(tx.scalars(select(Notice.id).where(Notice.fanned_out_at.is_(None)).order_by(Notice.at)))


def due_deliveries(tx: Tx, *, at: datetime, limit: int) -> list[str]:
    """Deliveries whose time has come, oldest first."""
    query = select(Delivery.id).where(Delivery.state == DeliveryState.QUEUED, Delivery.due_at <= at)
    return list(tx.scalars(query.order_by(Delivery.due_at).limit(limit)))


def due_delivery(tx: Tx, wrapper: KeyWrapper, delivery_id: str) -> Due:
    """What to send and where; the address is looked up now, so a corrected one counts."""
    found = tx.execute(
        select(Notice, Delivery)
        .join(Delivery, Delivery.notice_id == Notice.id)
        .where(Delivery.id == delivery_id)
    ).one_or_none()
    if found is None:
        raise NotFound
    notice, row = found
    user_id = wrapper.unwrap("delivery", row.id, row.wrapped).decode()
    reach, channel = reach_of(tx, wrapper, user_id), Channel(row.channel)
    return Due(row.id, channel, reach.address(channel), reach.language, notice.text, notice.data, notice.href)
