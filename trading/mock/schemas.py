"""What a custodian's program sends and gets in a mock opening."""

from __future__ import annotations

from typing import Annotated

import msgspec

Sha256 = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]


class NewKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A test key: its public half, and its secret half as a file that a passphrase locks."""

    cert_sha256: Sha256
    recipient: Annotated[str, msgspec.Meta(max_length=80)]
    blob: Annotated[bytes, msgspec.Meta(max_length=8192)]


class EnvelopeGiven(msgspec.Struct, frozen=True):
    """One sealed test bid with this custodian's capsules."""

    envelope: str
    certificate: bytes
    capsules: list[CapsuleGiven]


class CapsuleGiven(msgspec.Struct, frozen=True):
    part: str
    data: bytes


class MockBundle(msgspec.Struct, frozen=True):
    """All that a custodian needs to release its test shares; `authority` certified the test bidders."""

    custodian: int
    recipient: str
    blob: bytes
    key_manifest: bytes
    closed_event: str
    authority: bytes
    bids: list[EnvelopeGiven]
