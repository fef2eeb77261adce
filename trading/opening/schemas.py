"""Messages of the opening API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec


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
    """All a custodian needs to check a closing and release its shares, offline."""

    custodian: int
    closed_event: str
    proof: str
    key_manifest: str
    bids: list[BidGiven]


class Objection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A signed receipt that the committed set does not honour."""

    receipt: Annotated[str, msgspec.Meta(max_length=100_000)]


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]
