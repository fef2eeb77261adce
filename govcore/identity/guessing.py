"""Guessing is slowed: every try is counted before it is judged, so that tries at once do not slip through."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from sqlalchemy import ClauseElement, bindparam, case, delete, select, update

from govcore.audit.service import record
from govcore.db import Tx, UTCDateTime, insert_for
from govcore.errors import Problem
from govcore.identity.models import KnownPlace, Tries, User
from govcore.identity.policy import KNOWN_LIFETIME, WINDOW, limits_for
from govcore.trips import ask, tell
from govcore.vault import Vault


class TooManyTries(Problem):
    """Nothing was judged; the same answer whether the name exists or not, and whether the password was right."""

    code = "E_TRIES"
    status = 429
    text = "Too many wrong tries. Try again in {minutes} minutes, or sign in with a passkey or a certificate."

    def __init__(self, *, minutes: int) -> None:
        super().__init__(minutes=minutes)
        self.retry_after = minutes * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a try comes from; `device` is what a browser that signed in before carries."""

    address: str = ""
    network: str = ""
    device: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """Under which keys a try was counted; `refused` when it may not be judged."""

    keys: tuple[str, ...]
    refused: TooManyTries | None = None


def weigh(tx: Tx, vault: Vault, *, kind: str, account: str, place: Place, at: datetime) -> Weighed:
    """Count one try. The caller raises `refused` after the commit: tries that are refused count too."""
    tag = _account_tag(vault, account)
    device, network = vault.tag("device", place.device), vault.tag("network", place.network)
    asked = {"account": tag, "device": device, "network": network, "since": at - KNOWN_LIFETIME}
    (rows,) = ask(tx, (_KNOWN, asked))
    known = {row.place_tag for row in rows}
    limits = limits_for(
        kind=kind,
        account=tag,
        device=device if device in known else "",
        network=network if network in known else "",
        address=place.address,
    )
    keys = tuple(vault.tag("tries", *limit.parts) for limit in limits)
    for limit, key in zip(limits, keys, strict=True):
        tries, until = _count(tx, key, at)
        if tries > limit.tries:
            if tries == limit.tries + 1:
                data = {"kind": kind, "counted": limit.kind}
                record(tx, "identity.slowed", subject=tag[:32], actor="system", at=at, data=data)
            return Weighed(keys=keys, refused=TooManyTries(minutes=-((at - until) // timedelta(minutes=1))))
    return Weighed(keys=keys)


def note_wrong(tx: Tx, vault: Vault, *, kind: str, account: str, at: datetime) -> None:
    """Log a try that was wrong, under the tag of what was typed, whether or not somebody has that name."""
    tag = _account_tag(vault, account)
    record(tx, "identity.refused", subject=tag[:32], actor="visitor", at=at, data={"kind": kind})


def forgive(tx: Tx, keys: Iterable[str]) -> None:
    """The try was right: it does not count."""
    tell(tx, _FORGIVE, *({"forgiven": key} for key in keys))


def remember(tx: Tx, vault: Vault, *, account: str, place: Place, at: datetime) -> None:
    """Somebody signed in from here: what strangers try no longer slows this device and this network down."""
    tag = _account_tag(vault, account)
    tell(tx, _FORGET, {"now": at})
    places = (("device", place.device), ("network", place.network))
    seen = [
        {"account_tag": tag, "place_tag": vault.tag(kind, value), "seen_at": at}
        for kind, value in places
        if value
    ]
    if seen:
        tell(tx, _remembering(tx.get_bind().dialect.name), *seen)


def places_of(tx: Tx, vault: Vault, org_id: str) -> frozenset[str]:
    """The tags of the devices and networks that an organisation's people signed in from, as long as they are kept.

    For who compares bidders after an opening: equal tags are one device or one network, and say no more.
    """
    names = tx.scalars(select(User.username).where(User.org_id == org_id))
    tags = [_account_tag(vault, name) for name in names]
    return frozenset(tx.scalars(select(KnownPlace.place_tag).where(KnownPlace.account_tag.in_(tags))))


def _account_tag(vault: Vault, account: str) -> str:
    return vault.tag("account", account.casefold()) if account else ""


def _count(tx: Tx, key: str, at: datetime) -> tuple[int, datetime]:
    """Count one more in the key's window, a new one when the last is over: how many, and until when it lasts."""
    given = {"counted": key, "now": at, "window_ends": at + WINDOW}
    (((tries, until),),) = ask(tx, (_counting(tx.get_bind().dialect.name), given))
    return tries, until


_KNOWN = select(KnownPlace.place_tag).where(
    KnownPlace.account_tag == bindparam("account"),
    KnownPlace.place_tag.in_([bindparam("device"), bindparam("network")]),
    KnownPlace.seen_at > bindparam("since"),
)
"""From which of two places somebody signed in to the account lately."""

_FORGIVE = (
    update(Tries).where(Tries.key == bindparam("forgiven"), Tries.tries > 0).values(tries=Tries.tries - 1)
)
_FORGET = delete(Tries).where(Tries.ends_at <= bindparam("now"))


@lru_cache
def _counting(dialect: str) -> ClauseElement:
    over, ends = Tries.ends_at <= bindparam("now"), bindparam("window_ends", type_=UTCDateTime())
    more = {
        "tries": case((over, 1), else_=Tries.tries + 1),
        "ends_at": case((over, ends), else_=Tries.ends_at),
    }
    counted = insert_for(dialect, Tries).values(key=bindparam("counted"), tries=1, ends_at=ends)
    kept = counted.on_conflict_do_update(index_elements=["key"], set_=more)
    return kept.returning(Tries.tries, Tries.ends_at)


@lru_cache
def _remembering(dialect: str) -> ClauseElement:
    seen = insert_for(dialect, KnownPlace)
    again = {"seen_at": seen.excluded.seen_at}
    return seen.on_conflict_do_update(index_elements=["account_tag", "place_tag"], set_=again)
