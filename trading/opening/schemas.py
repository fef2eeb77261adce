"""Messages of the opening API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec

from bidding_docs.consortium import Grade
from bidding_docs.suites import SuiteId
from trading.opening.policy import FindingCode


class PartDone(msgspec.Struct):
    """How far the decryption of a large part got, in bytes."""

    part: str
    done: int
    total: int
    code: str | None


class StageDone(msgspec.Struct):
    """An earlier stage of the same opening."""

    opens: str
    read_out_at: datetime
    record_sha256: str


class MemberShown(msgspec.Struct, frozen=True):
    """A member as everybody sees it after the read-out; `signed` with a certificate of its own."""

    id: str
    name: str
    work: str
    grades: tuple[Grade, ...]
    signed: bool


class ConsortiumShown(msgspec.Struct, frozen=True):
    """The members, the lead first, and the grade of the whole in each speciality: the lowest of its members'."""

    members: tuple[MemberShown, ...]
    grades: dict[str, int]

    @property
    def names(self) -> list[str]:
        return [member.name for member in self.members]


class FindingShown(msgspec.Struct, frozen=True):
    """What the opening found about a bid's parties; `about` names other bids, those of another lot after its code."""

    code: FindingCode
    about: tuple[str, ...] = ()


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
    consortium: ConsortiumShown | None
    findings: list[FindingShown]
    in_stage: bool
    published_key: str | None
    published_keys: dict[str, str]
    share_given: bool
    recovered: bool
    progress: list[PartDone]


class ReleaseShown(msgspec.Struct):
    role: str
    index: int
    received_at: datetime | None


class OpeningShown(msgspec.Struct):
    """The opening as everybody sees it; no bid, no name and no count before the closing."""

    lot_id: str
    state: str
    opens: str
    closed_at: datetime | None
    seal_check_until: datetime | None
    bidder_until: datetime | None
    release_until: datetime | None
    suspended_at: datetime | None
    damaged: list[str]
    gate_released_at: datetime | None
    paused_by: str | None
    read_out_at: datetime | None
    cp_size: int | None
    bids_root: str | None
    eligible_count: int | None
    bids: list[BidShown]
    releases: list[ReleaseShown]
    record_sha256: str | None
    past: list[StageDone]
    base_price_fen: int | None = None


class BasePriceGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A base price in fen; it leaves no trace but its seal."""

    fen: Annotated[int, msgspec.Meta(gt=0, le=10**15)]

    def __repr__(self) -> str:
        return "BasePriceGiven()"


class BasePriceShown(msgspec.Struct):
    """The base price as its tenderer sees it: `fen` from the read-out on."""

    sealed_at: datetime | None
    sealed_sha256: str | None
    read_out_at: datetime | None
    fen: int | None


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
    opens: str
    closed_event: str
    proof: str
    closing_path: list[bytes]
    since_path: list[bytes]
    stage_event: str | None
    stage_proof: str | None
    key_manifest: str
    bids: list[BidGiven]


class Objection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A signed receipt that the committed set does not honour."""

    receipt: Annotated[str, msgspec.Meta(max_length=100_000)]


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An objection to the opening, or the answer to one."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]


class BidderShares(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A bidder's own shares of the present stage, by part."""

    shares: dict[str, bytes]

    def __repr__(self) -> str:
        return f"BidderShares({', '.join(self.shares)})"


class RecoveryKeys(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The identities of one's own parts of the present stage, from the recovery file."""

    identities: dict[str, Annotated[str, msgspec.Meta(max_length=200)]]

    def __repr__(self) -> str:
        return f"RecoveryKeys({', '.join(self.identities)})"


class CapsuleClaim(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A capsule that its custodian called unreadable, and the custodian's one-time identity of the stage."""

    manifest_sha256: str
    part: str
    custodian: int
    identity: Annotated[str, msgspec.Meta(max_length=200)]

    def __repr__(self) -> str:
        return f"CapsuleClaim({self.manifest_sha256[:12]}…, {self.part}, {self.custodian})"


class Judged(msgspec.Struct):
    """The code when the capsule is bad, nothing when the custodian could have opened it; who answers for it."""

    code: str | None
    fault: str


class Outage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From when until when the platform was out, and why."""

    began: datetime
    ended: datetime
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]


Fault = Literal["bidder", "custodian", "platform"]


class Cause(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who answers for a bid that did not open, and why."""

    fault: Fault
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]


class CodeShown(msgspec.Struct):
    """A code of the protocol: what it says, who answers for it, what follows for the bid."""

    code: str
    text: str
    fault: str | None
    consequence: str | None
    condition: str | None


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
