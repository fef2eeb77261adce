"""Whose fault it is that a bid did not open: never a bidder's before the platform and the custodians are cleared."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bidding_docs import capsules
from bidding_docs import manifests as m
from bidding_docs.codes import (
    CODES,
    BidderBadShare,
    BidderKeyMismatch,
    BidderTimeout,
    CapsuleUnreadable,
    ContextMismatch,
    NoQuorum,
    SealProblem,
    StoreHash,
)
from bidding_docs.encoding import b64decode
from govcore.errors import NotFound, Problem
from govcore.platform import Platform
from trading.bidding import queries as bidding
from trading.bidding.uploads import capsule_key
from trading.opening.models import Opening, OpeningBid
from trading.opening.policy import UNKNOWN, overlaps
from trading.opening.verification import damaged_objects

CONSEQUENCE_WORDS = {
    "bidder": "The bid counts as revoked by its bidder: the deposit is at risk.",
    "custodian": "The bid counts as withdrawn: the deposit is returned, the custodian answers.",
    "platform": "The bid counts as withdrawn: the deposit is returned, the platform answers.",
}
"""What follows for a bid that cannot be opened, by whose fault it is (电子招标投标办法 art. 31)."""

CONDITION_WORDS = {
    CapsuleUnreadable.code: "Supervision opens the capsule again with that custodian's own key: if it opens, the"
    " custodian answers.",
    BidderTimeout.code: "If an outage of the platform overlaps the window, the platform answers.",
    BidderKeyMismatch.code: "Said only when no share can come any more.",
}
"""When a code's fault is another one."""

PROVABLE = (ContextMismatch.code, BidderBadShare.code)
PLATFORM, BIDDER = "platform", "bidder"

Stored = tuple[str, Mapping[str, int]]
"""A bid's upload, and how many pieces each of its parts has."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a bid did not open, and who answers for it."""

    code: str
    fault: str | None


@dataclass(frozen=True, slots=True)
class Attribution:
    """A code of the protocol as people read it."""

    code: str
    text: str
    fault: str | None
    consequence: str | None
    condition: str | None


_PLACE = re.compile(r"\{[a-z_]+\}")
"""What a sentence is filled with when a bid fails; the table is about no bid."""


def table(say: Callable[[str], str] = str) -> list[Attribution]:
    """Every code with whose fault it is and what follows for the bid, those with a fault first, as `say` words it."""
    rows = [
        Attribution(
            code,
            _PLACE.sub("…", say(problem.text)),
            problem.fault,
            say(CONSEQUENCE_WORDS[problem.fault]) if problem.fault else None,
            say(CONDITION_WORDS[code]) if code in CONDITION_WORDS else None,
        )
        for code, problem in CODES.items()
    ]
    return sorted(rows, key=lambda row: ((row.fault or "~"), row.code))


@dataclass(frozen=True, slots=True)
class KeptBack:
    """A holder's reason for releasing no share, with the capsule's file key as its proof."""

    holder: str
    item: m.Release


def attributed(
    bid: OpeningBid,
    problem: Problem,
    *,
    platform: Platform,
    stored: Stored,
    kept_back: Sequence[KeptBack] = (),
    unreadable: bool = False,
    outage: bool = False,
    unmeasured: bool = False,
) -> Verdict:
    """What counts: damage of the store, then a bad capsule that is proven or judged, then what was seen.

    `unreadable` says that supervision found a capsule of this bid unreadable with its holder's own key, `outage` that
    the platform was out while bidders could give their shares, `unmeasured` that nobody knows whether it was.
    """
    upload_id, pieces = stored
    if damaged_objects(platform, bid, upload_id, dict(pieces)) or not isinstance(problem, SealProblem):
        return Verdict(StoreHash.code, StoreHash.fault)
    body = bidding.bid_manifest(bid.envelope)
    for one in kept_back:
        if one.item.manifest_sha256 == bid.manifest_sha256 and _is_proven(platform, body, one, upload_id):
            return Verdict(str(one.item.refused), BIDDER)
    if unreadable and isinstance(problem, NoQuorum):
        return Verdict(CapsuleUnreadable.code, BIDDER)
    if isinstance(problem, BidderTimeout) and outage:
        return Verdict(problem.code, PLATFORM)
    if isinstance(problem, BidderTimeout) and unmeasured:
        return Verdict(problem.code, UNKNOWN)
    return Verdict(problem.code, problem.fault)


def had_outage(opening: Opening, *, until: datetime | None) -> bool:
    """True when a noted outage of the platform touched the window of the bidders' shares, which ended at `until`."""
    return until is not None and overlaps(
        opening.outage_from, opening.outage_until, since=opening.closed_at, until=until
    )


def _is_proven(platform: Platform, body: m.BidManifest, one: KeptBack, upload_id: str) -> bool:
    if one.item.refused not in PROVABLE or not isinstance(one.item.proof, str):
        return False
    part = next(part for part in body.parts if part.id == one.item.part)
    ref = next(ref for ref in part.capsules if ref.holder == one.holder)
    try:
        sealed = platform.store.get(capsule_key(upload_id, ref.sha256))
    except NotFound:
        return False
    return capsules.bad_share_is_proven(
        sealed,
        b64decode(one.item.proof),
        ctx=capsules.context_of(body, part),
        holder=one.holder,
        committed=ref.commit,
    )
