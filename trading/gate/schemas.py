"""Messages between the platform and its gate; both are signed, and refuse unknown members."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec

from bidding_docs.encoding import Digest, Id, Positive
from bidding_docs.suites import SuiteId

Opens = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9-]{1,32}$")]


class Scope(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a key is for: one round of a lot."""

    tender_id: Id
    lot_id: Id
    round: Positive

    def context(self, opens: str) -> str:
        """What a wrapped key is bound to."""
        return f"{self.lot_id}/{self.round}/{opens}"


class CapsuleGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    part: str
    data: bytes


class BidderShareGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A bidder's own share of a part, as it was handed in."""

    part: str
    share: bytes

    def __repr__(self) -> str:
        return f"BidderShareGiven({self.part})"


class BidGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A bid of the committed set: its signed manifest, its certificate (DER), the gate's capsules."""

    envelope: str
    certificate: bytes
    capsules: list[CapsuleGiven]
    bidder_shares: list[BidderShareGiven] = []


class Evidence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the gate judges: signed documents and certificates. What they must agree with it reads in the log itself.

    `technical_result` begins the later stage; `committee` are the certificates of those who signed it.
    """

    key_manifest: str
    certificates: list[bytes]
    schedules: list[str]
    releases: list[str]
    bids: list[BidGiven]
    technical_result: str | None = None
    committee: list[bytes] = []


class MakeKeys(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="make-keys"):
    scope: Scope
    suite: SuiteId
    stages: list[Opens]
    request_id: Digest
    at: datetime


class ReleaseKeys(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="release"):
    scope: Scope
    opens: Opens
    evidence: Evidence
    request_id: Digest
    at: datetime


class OpenAdvices(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="open-advices"
):
    """Ask for the identity that opens the banks' advices, sealed to the recipient given here."""

    scope: Scope
    recipient: str
    request_id: Digest
    at: datetime


class AskDestroyed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="destroyed"):
    scope: Scope
    opens: Opens
    request_id: Digest
    at: datetime


class AskTime(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="time"):
    request_id: Digest
    at: datetime


Request = MakeKeys | ReleaseKeys | OpenAdvices | AskDestroyed | AskTime


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The gate's answer to one request: what was asked for, or the code of a refusal with its members."""

    request_id: Digest
    at: datetime
    recipients: dict[str, str] = {}
    document: str | None = None
    sealed: bytes | None = None
    destroyed_at: datetime | None = None
    code: str | None = None
    data: dict[str, str | int] = {}

    def __repr__(self) -> str:
        return f"Answer({self.request_id[:12]}…, code={self.code})"


REQUEST_TYPE = "application/vnd.trading.gate-request+json"
ANSWER_TYPE = "application/vnd.trading.gate-answer+json"
