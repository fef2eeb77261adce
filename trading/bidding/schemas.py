"""Messages of the bidding API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec

Digest = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$")]
PartId = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9-]{1,64}$")]
Key = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{16,64}$")]


class PartToSend(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One sealed part: its name in the tender, its length in bytes and the SHA-256 of its ciphertext."""

    id: PartId
    size: Annotated[int, msgspec.Meta(gt=0, le=1 << 40)]
    sha256: Digest


class NewUpload(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is going to be sent, so that a limit refuses it before any byte is."""

    parts: Annotated[list[PartToSend], msgspec.Meta(min_length=1, max_length=32)]


class PieceHere(msgspec.Struct, frozen=True):
    n: int
    size: int
    sha256: str


class PartHere(msgspec.Struct, frozen=True):
    """How much of a part has arrived; `complete` once the whole was read back and hashed."""

    id: str
    size: int
    sha256: str
    piece_count: int
    complete: bool
    pieces: list[PieceHere]


class UploadShown(msgspec.Struct, frozen=True):
    """One's own upload: what is here needs not be sent again. `submitted` when a bid refers to it."""

    id: str
    lot_id: str
    piece_size: int
    started_at: datetime
    submitted: bool
    parts: list[PartHere]
    capsules: list[str]


class PieceToPlace(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A piece that is ready to be sent: its own SHA-256."""

    sha256: Digest


class Place(msgspec.Struct, frozen=True):
    """Where to PUT a piece, until when, and with which headers.

    A `staged` place is in the object store: when the bytes are there, name it to `…/staged`. Without one the
    PUT goes to this site and is all.
    """

    url: str
    headers: dict[str, str]
    expires_at: datetime
    staged: str | None = None


class Staged(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A piece that was sent to a staged place."""

    sha256: Digest
    staged: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{32}$")]


class PartLimit(msgspec.Struct, frozen=True):
    """`max_size` counts bytes of ciphertext; `types` are endings of file names, all when it is empty."""

    id: str
    label: str
    max_size: int
    max_files: int
    types: tuple[str, ...]
    blind: bool = False


class Limits(msgspec.Struct, frozen=True):
    """All that is limited, stated before anything is chosen or sent."""

    parts: list[PartLimit]
    max_total: int
    piece_size: int
    max_name_bytes: int
    max_capsule: int
    uploads_kept: int


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


class PendingPartShown(msgspec.Struct, frozen=True):
    """A part of files sent but not submitted; `missing_pieces` and `missing_bytes` are still to be sent."""

    id: str
    label: str
    size: int
    missing_pieces: int
    missing_bytes: int
    complete: bool


class PendingShown(msgspec.Struct, frozen=True):
    """Files that were sent and are no bid: nothing of them counts until they are submitted."""

    upload_id: str
    started_at: datetime
    missing_bytes: int
    parts: list[PendingPartShown]


class Standing(msgspec.Struct, frozen=True):
    """What the caller's organisation has in a lot; a bid is what has a receipt."""

    state: Literal["NOT_SUBMITTED", "SUBMITTED", "WITHDRAWN"]
    open: bool
    deadline_at: datetime | None
    seq: int
    manifest_sha256: str
    cert_sha256: str
    received_at: datetime | None
    other_certificate: bool
    pending: PendingShown | None


class NewConsent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A member's confirmation of a message by its digest, with the member's own password."""

    manifest_sha256: Digest
    password: Annotated[str, msgspec.Meta(max_length=1000)]

    def __repr__(self) -> str:
        """Never the password: messages pass through logs and debuggers."""
        return f"NewConsent({self.manifest_sha256[:12]}…)"


class TraceLine(msgspec.Struct, frozen=True):
    """One attempt of a bidder: what, of how many bytes, and what became of it (`OK` or the code of the refusal)."""

    at: datetime
    act: str
    size: int
    code: str
    about: str = ""


class Trace(msgspec.Struct, frozen=True):
    lot_id: str
    bidder_id: str
    lines: list[TraceLine]


class TraceWanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose trace supervision asks for: the bidder's credit code."""

    bidder_id: str
