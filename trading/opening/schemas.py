"""Messages of the opening API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec

from bidding_docs.suites import SuiteId


class BidShown(msgspec.Struct):
    bid_id: str
    number: int
    bidder_name: str
    uscc: str
    manifest_sha256: str
    received_at: datetime
    state: str
    code: str | None
    fault: str | None
    payload_code: str | None
    price_fen: int | None
    summary: dict[str, Any] | None
    published_key: str | None


class ReleaseShown(msgspec.Struct):
    role: str
    index: int
    received_at: datetime | None


class OpeningShown(msgspec.Struct):
    """The opening as everybody sees it; no bid, no name and no count before the closing."""

    lot_id: str
    state: str
    closed_at: datetime | None
    seal_check_until: datetime | None
    gate_released_at: datetime | None
    paused_by: str | None
    read_out_at: datetime | None
    cp_size: int | None
    bids_root: str | None
    eligible_count: int | None
    bids: list[BidShown]
    releases: list[ReleaseShown]
    record_sha256: str | None


class CapsuleGiven(msgspec.Struct):
    part: str
    data: bytes


class BidGiven(msgspec.Struct):
    """One bid for a custodian: its signed manifest, its certificate (DER), and this custodian's capsules."""

    envelope: str
    certificate: bytes
    leaf: str
    capsules: list[CapsuleGiven]


class Bundle(msgspec.Struct):
    """All a custodian needs to check a closing and release its shares, offline.

    `proof` leads from the event into the newest tree; `closing_path` shows that this tree extends the one at the
    closing, `since_path` that it extends the tree that the custodian saw before.
    """

    custodian: int
    closed_event: str
    proof: str
    closing_path: list[bytes]
    since_path: list[bytes]
    key_manifest: str
    bids: list[BidGiven]


class Objection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A signed receipt that the committed set does not honour."""

    receipt: Annotated[str, msgspec.Meta(max_length=100_000)]


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An objection to the opening, or the answer to one."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]


class SeatShown(msgspec.Struct, frozen=True, kw_only=True):
    """A custodian's seat in a lot: what it waits for (`policy.SeatStep`), and the times that matter to it."""

    lot_id: str
    lot_code: str
    lot_name: str
    tender_id: str
    title: str
    round: int
    custodian: int
    step: str
    suite: SuiteId
    opens: str
    stages: list[str]
    kept: bool
    deadline_at: datetime | None
    opening_at: datetime | None
    seal_check_until: datetime | None
    release_until: datetime | None
    released_at: datetime | None
