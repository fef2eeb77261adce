"""Messages of the bidding API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec

Digest = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$")]
PartId = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9-]{1,64}$")]
Key = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{16,64}$")]


class PartSize(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: PartId
    size: Annotated[int, msgspec.Meta(gt=0)]


class NewUpload(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is going to be sent, so that a limit refuses it before any byte is."""

    parts: Annotated[list[PartSize], msgspec.Meta(min_length=1, max_length=32)]


class UploadStarted(msgspec.Struct):
    id: str
    piece_size: int


class PartDone(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    size: Annotated[int, msgspec.Meta(gt=0)]
    pieces: Annotated[int, msgspec.Meta(gt=0, le=100_000)]


class Capsules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All capsules of one bid, base64."""

    capsules: Annotated[list[bytes], msgspec.Meta(min_length=1, max_length=512)]


class Submission(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The signed manifest as exact text, the upload it speaks of, and a key the client made."""

    envelope: Annotated[str, msgspec.Meta(max_length=400_000)]
    upload_id: str
    idempotency_key: Key


class Withdrawal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    envelope: Annotated[str, msgspec.Meta(max_length=20_000)]
    idempotency_key: Key


class MyBid(msgspec.Struct):
    """What a bidder sees of its own lot: nothing of anybody else's."""

    state: str
    seq: int
    manifest_sha256: str
    cert_sha256: str
    received_at: datetime | None
