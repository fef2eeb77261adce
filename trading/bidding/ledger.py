"""One ledger of a lot for supervision after the closing: what was refused, what was received and receipted.

Before the closing it does not exist, for any lot and whatever happened: it would tell who tried and how many. A
bidder's own lines are its trace, at any time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import select

from govcore.audit.service import record
from govcore.db import Tx
from govcore.errors import NotFound
from govcore.identity.models import Organisation
from govcore.identity.policy import Actor, require
from govcore.keys import KeyWrapper
from govcore.vault import Vault
from trading.bidding.models import Attempt, Bid
from trading.bidding.queries import bidder_tag, owner_tag
from trading.bidding.trace import OK, WRAPPED, Refused
from trading.notices import queries as notices
from trading.tender import queries as tenders
from trading.tender.queries import LotContext

ACT_WORDS = {
    "start": "Files announced",
    "piece": "Piece of a file sent",
    "complete": "File completed",
    "capsules": "Key capsules sent",
    "submit": "Bid submitted",
    "withdraw": "Bid withdrawn",
    "discard": "Files given up",
    "notice": "Notice published",
}
"""What was tried or done, as keys of the catalogue."""


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """A refusal or a delivery; `code` is `OK` for what was taken, and `about` names the message or notice."""

    at: datetime
    act: str
    bidder: str
    uscc: str
    size: int
    code: str
    about: str


@dataclass(frozen=True, slots=True)
class Ledger:
    lot: LotContext
    lines: list[LedgerLine]

    @property
    def refused(self) -> int:
        return sum(line.code != OK for line in self.lines)


def ledger(tx: Tx, vault: Vault, wrapper: KeyWrapper, lot_id: str, *, actor: Actor, at: datetime) -> Ledger:
    """Every refusal, receipt and notice of a closed lot in order of time, for the tender's regulator; that it was
    read is logged.
    """
    require(actor, "bid.trace")
    lot = tenders.published_lot(tx, lot_id)
    if lot.closed_at is None or lot.regulator.id != actor.org_id:
        raise NotFound
    record(tx, "bid.ledger_read", subject=lot_id, actor=actor.user_id, at=at, data={})
    everybody = list(tx.scalars(select(Organisation)))
    senders = {owner_tag(vault, lot_id, one.id): one for one in everybody}
    bidders = {bidder_tag(vault, lot_id, one.id): one for one in everybody}
    lines = [*_refused(tx, wrapper, lot_id, senders), *_received(tx, lot_id, bidders), *_published(tx, lot)]
    return Ledger(lot, sorted(lines, key=lambda line: (line.at, line.about)))


def _refused(
    tx: Tx, wrapper: KeyWrapper, lot_id: str, senders: Mapping[str, Organisation]
) -> Iterator[LedgerLine]:
    for attempt in tx.scalars(select(Attempt).where(Attempt.lot_id == lot_id)):
        refused = msgspec.json.decode(wrapper.unwrap(WRAPPED, attempt.id, attempt.wrapped), type=Refused)
        sender = senders[attempt.owner_tag]
        yield LedgerLine(
            attempt.created_at,
            refused.act,
            sender.name,
            sender.uscc,
            refused.size,
            refused.code,
            refused.about,
        )


def _received(tx: Tx, lot_id: str, bidders: Mapping[str, Organisation]) -> Iterator[LedgerLine]:
    """Each message that was taken had its signed receipt in the same answer."""
    for bid in tx.scalars(select(Bid).where(Bid.lot_id == lot_id)):
        bidder = bidders[bid.bidder_tag]
        act = "submit" if bid.upload_id else "withdraw"
        yield LedgerLine(bid.received_at, act, bidder.name, bidder.uscc, 0, OK, bid.manifest_sha256[:16])


def _published(tx: Tx, lot: LotContext) -> Iterator[LedgerLine]:
    for lines in notices.notices_of(tx, lot.tender_id).values():
        for one in lines:
            yield LedgerLine(one.at, "notice", "", "", 0, OK, one.title)
