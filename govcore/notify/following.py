"""Topics that people follow, and the notices to all who do: never to a list derived from bids or drafts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

import msgspec
from sqlalchemy import delete, select, update

from govcore.db import Tx, new_id
from govcore.errors import Malformed
from govcore.identity.policy import Actor, require
from govcore.keys import KeyWrapper
from govcore.notify import queries
from govcore.notify.models import Contact, Delivery, Follow, Notice
from govcore.notify.policy import Channel, DeliveryState, is_mail, is_mobile
from govcore.notify.queries import Reach, user_tag
from govcore.notify.service import tell
from govcore.vault import Vault


def follow(tx: Tx, vault: Vault, wrapper: KeyWrapper, topic: str, *, actor: Actor, at: datetime) -> None:
    """Give the actor the notices of a topic from now on; following twice is following once."""
    require(actor, "notify.read")
    tag = user_tag(vault, actor.user_id)
    if tx.get(Follow, (tag, topic)) is None:
        wrapped = wrapper.wrap("follow", f"{tag}/{topic}", actor.user_id.encode())
        tx.add(Follow(user_tag=tag, topic=topic, wrapped=wrapped, since=at, read_at=None))


def unfollow(tx: Tx, vault: Vault, topic: str, *, actor: Actor) -> None:
    require(actor, "notify.read")
    mine = Follow.user_tag == user_tag(vault, actor.user_id)
    tx.execute(delete(Follow).where(mine, Follow.topic == topic))


def mark_read(tx: Tx, vault: Vault, *, actor: Actor, at: datetime) -> None:
    """Mark the notices of everything that the actor follows as read."""
    mine = Follow.user_tag == user_tag(vault, actor.user_id)
    tx.execute(update(Follow).where(mine).values(read_at=at))


def set_reach(tx: Tx, wrapper: KeyWrapper, reach: Reach, *, actor: Actor) -> None:
    """Keep where the actor wants notices; empty means nowhere. `Malformed` names what cannot be an address."""
    require(actor, "notify.read")
    if reach.mail and not is_mail(reach.mail):
        raise Malformed(detail="mail")
    if reach.mobile and not is_mobile(reach.mobile):
        raise Malformed(detail="mobile")
    row = tx.get(Contact, actor.user_id) or Contact(user_id=actor.user_id)
    row.wrapped = wrapper.wrap("contact", actor.user_id, msgspec.json.encode(reach))
    tx.add(row)


def announce(
    tx: Tx,
    topic: str,
    *,
    about: str,
    text: str,
    href: str,
    at: datetime,
    data: Mapping[str, object] | None = None,
) -> bool:
    """Tell all who follow a topic, in the inbox at once and outside by the next sweep; false when it was told.

    `text` is a key of the catalogue. It must be the same for everybody and say nothing that is secret.
    """
    known = select(Notice.id).where(Notice.topic == topic, Notice.about == about)
    if tx.scalar(known) is not None:
        return False
    notice = Notice(
        id=new_id(),
        topic=topic,
        about=about,
        text=text,
        data=dict(data or {}),
        href=href,
        at=at,
        fanned_out_at=None,
    )
    tx.add(notice)
    tx.flush()
    return True


def fan_out(
    tx: Tx, wrapper: KeyWrapper, notice_id: str, *, channels: Collection[Channel], at: datetime
) -> int:
    """Owe a notice to everybody who follows its topic and can be reached; how many. Once for each notice."""
    taken = update(Notice).where(Notice.id == notice_id, Notice.fanned_out_at.is_(None))
    topic = tx.scalar(taken.values(fanned_out_at=at).returning(Notice.topic))
    if topic is None:
        return 0
    followers = {
        row.user_tag: wrapper.unwrap("follow", f"{row.user_tag}/{topic}", row.wrapped).decode()
        for row in tx.scalars(select(Follow).where(Follow.topic == topic, Follow.since <= at))
    }
    return _owe(tx, wrapper, notice_id, followers, channels=channels, at=at)


def write_to(
    tx: Tx,
    vault: Vault,
    wrapper: KeyWrapper,
    user_ids: Iterable[str],
    *,
    topic: str,
    about: str,
    text: str,
    href: str,
    at: datetime,
    channels: Collection[Channel],
    data: Mapping[str, object] | None = None,
) -> None:
    """Put a message into these people's inboxes and owe it to them outside; the same matter is written of once.

    Like `service.tell`, never to users that were derived from bids.
    """
    people = sorted(set(user_ids))
    tell(tx, people, about=f"{topic}/{about}", text=text, href=href, at=at, data=data)
    if not announce(tx, topic, about=about, text=text, href=href, at=at, data=data):
        return
    taken = update(Notice).where(Notice.topic == topic, Notice.about == about).values(fanned_out_at=at)
    notice_id = tx.scalars(taken.returning(Notice.id)).one()
    tags = {queries.user_tag(vault, user_id): user_id for user_id in people}
    _owe(tx, wrapper, notice_id, tags, channels=channels, at=at)


def _owe(
    tx: Tx,
    wrapper: KeyWrapper,
    notice_id: str,
    people: Mapping[str, str],
    *,
    channels: Collection[Channel],
    at: datetime,
) -> int:
    """A delivery for everybody, by tag and id, on each channel where that person can be reached; how many."""
    owed = [
        Delivery(
            id=(delivery_id := new_id()),
            notice_id=notice_id,
            channel=channel,
            user_tag=tag,
            wrapped=wrapper.wrap("delivery", delivery_id, user_id.encode()),
            state=DeliveryState.QUEUED,
            attempts=0,
            due_at=at,
        )
        for tag, user_id in people.items()
        for reach in [queries.reach_of(tx, wrapper, user_id)]
        for channel in channels
        if reach.address(channel)
    ]
    tx.add_all(owed)
    return len(owed)
