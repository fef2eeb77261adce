"""Who may object: participants, and holders of the documents (实施条例 art. 22, 60; 政府采购法实施条例 art. 53)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from govcore.audit.entries import parse_time
from govcore.db import Tx
from govcore.errors import NotFound, Problem
from govcore.identity.delegated import covered
from govcore.identity.policy import Actor
from govcore.notify import queries as following
from govcore.platform import Platform
from trading.bidding import queries as bidding
from trading.challenge.policy import Ground
from trading.documents import queries as documents
from trading.tender import queries as tenders
from trading.tender import reminders
from trading.tender.queries import LotContext


class NoStanding(Problem):
    code = "E_STANDING"
    status = 403
    text = (
        "Only who takes part in this tender or holds its documents may file this (实施条例 art. 22, 60). "
        "Follow the tender, or hand in the signed receipt of your download."
    )


class OwnTender(Problem):
    code = "E_OWN_TENDER"
    status = 403
    text = "Who serves or supervises this tender cannot object to it."


@dataclass(frozen=True, slots=True)
class Standing:
    """Why somebody may object, and since when it has the documents as far as its receipt tells."""

    ground: Ground
    received_at: datetime | None = None


def standing_of(
    tx: Tx, platform: Platform, lots: Sequence[LotContext], receipt: bytes | None, *, actor: Actor
) -> Standing:
    """Why the actor may object to these lots of one tender; raise `NoStanding`, `OwnTender` or a bad receipt's refusal.

    Asks only for what is the actor's own, so that nobody learns of anybody else by trying.
    """
    tender_id = lots[0].tender_id
    if tenders.runs(tx, tender_id, actor.org_id):
        raise OwnTender
    if not all(covered(platform.keys, actor, lot.lot_id) for lot in lots):
        raise NotFound
    if receipt:
        shown = documents.receipt_is_valid(tx, platform.keys, receipt)
        if shown.tender_id != tender_id:
            raise NoStanding
        return Standing(Ground.RECEIPT, parse_time(shown.issued_at))
    if any(_has_bid(tx, platform, lot, actor) for lot in lots):
        return Standing(Ground.BID)
    if following.follows(tx, platform.keys, reminders.topic(tender_id), actor=actor):
        return Standing(Ground.FOLLOWS)
    raise NoStanding


def _has_bid(tx: Tx, platform: Platform, lot: LotContext, actor: Actor) -> bool:
    try:
        bidding.my_last(
            tx, lot.lot_id, round_=lot.round, actor=actor, vault=platform.keys, wrapper=platform.wrapper
        )
    except NotFound:
        return False
    return True
