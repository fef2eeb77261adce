"""Ciphertext comes in by pieces, maybe days early; nothing of it is a bid yet."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import datetime

from bidding_docs.codes import Late, OverLimit, WrongHash, WrongSize
from bidding_docs.encoding import format_time
from bidding_docs.suites import Suite
from govcore import clock
from govcore.db import Tx, new_id
from govcore.errors import Malformed, NotFound
from govcore.identity.policy import Actor, require
from govcore.storage import AlreadyStored, Store
from govcore.vault import Vault
from trading.bidding.models import Upload, UploadPart
from trading.bidding.policy import CAPSULE_LIMIT, PIECE_SIZE
from trading.bidding.schemas import NewUpload, PartDone
from trading.tender import queries as tenders
from trading.tender.models import Lot
from trading.tender.policy import bidding_open

HEADER_LIMIT = 512
_DIGEST = re.compile(r"[0-9a-f]{64}")


def start(tx: Tx, lot_id: str, new: NewUpload, *, actor: Actor, vault: Vault, at: datetime) -> Upload:
    """Give a bidder a random place for its ciphertext; raise `OverLimit` before a byte is sent."""
    require(actor, "bid.submit")
    lot = tenders.published_lot(tx, lot_id)
    if not bidding_open(lot.state, lot.deadline_at, at):
        raise Late(deadline_at=format_time(lot.deadline_at) if lot.deadline_at else "-")
    limits = {part.id: part.max_size for part in lot.content.parts}
    for part in new.parts:
        if part.size > limits.get(part.id, 0):
            raise OverLimit(what=part.id, limit=limits.get(part.id, 0))
    upload = Upload(
        id=new_id(), lot_id=lot_id, owner_tag=owner_tag(vault, lot_id, actor), created_at=at, capsules=None
    )
    tx.add(upload)
    return upload


def owner_tag(vault: Vault, lot_id: str, actor: Actor) -> str:
    """Whose upload it is, keyed and different in every lot: rows of two lots cannot be linked."""
    return vault.tag("upload-owner", lot_id, actor.org_id or "")


def own_upload(tx: Tx, upload_id: str, *, actor: Actor, vault: Vault) -> Upload:
    """The actor's own upload while its lot takes bids; everybody else's does not exist, after T it is `Late`."""
    upload = tx.get(Upload, upload_id)
    if upload is None or upload.owner_tag != owner_tag(vault, upload.lot_id, actor):
        raise NotFound
    lot = tx.get_one(Lot, upload.lot_id)
    if not bidding_open(lot.state, lot.deadline_at, clock.now(tx)):
        raise Late(deadline_at=lot.deadline_at)
    return upload


def check_place(tx: Tx, upload: Upload, *, sha256: str, n: int) -> None:
    """Raise `Malformed` for a name that is no SHA-256, `OverLimit` for a piece past the largest part allowed."""
    if not _DIGEST.fullmatch(sha256) or n < 0:
        raise Malformed(detail="a piece is named by the SHA-256 of its part and its number")
    limit = max(part.max_size for part in tenders.lot_context(tx, upload.lot_id).content.parts)
    if n * PIECE_SIZE >= limit:
        raise OverLimit(what=f"piece {n}", limit=limit)


def put_piece(store: Store, upload_id: str, *, sha256: str, n: int, data: bytes, piece_sha256: str) -> None:
    """Store piece `n` of the object `sha256`; sending the same piece again is harmless."""
    if len(data) > PIECE_SIZE:
        raise OverLimit(what=f"piece {n}", limit=PIECE_SIZE)
    if hashlib.sha256(data).hexdigest() != piece_sha256:
        raise WrongHash(what=f"piece {n}")
    key = piece_key(upload_id, sha256, n)
    try:
        store.put_new(key, data)
    except AlreadyStored:
        if hashlib.sha256(store.get(key)).hexdigest() != piece_sha256:
            raise


def measure_part(store: Store, suite: Suite, upload_id: str, *, sha256: str, done: PartDone) -> None:
    """Read the pieces back: hash, header and length must be those of one complete sealed file."""
    digest, size, header = hashlib.sha256(), 0, b""
    for chunk in read_part(store, upload_id, sha256, done.pieces):
        if len(header) < HEADER_LIMIT:
            header += chunk[: HEADER_LIMIT - len(header)]
        digest.update(chunk)
        size += len(chunk)
    suite.check_payload(header, size)
    if size != done.size:
        raise WrongSize(size=size)
    if digest.hexdigest() != sha256:
        raise WrongHash(what="the part")


def finish_part(tx: Tx, upload: Upload, *, sha256: str, done: PartDone) -> None:
    """Note that a measured part is complete; noting it again changes nothing."""
    if tx.get(UploadPart, (upload.id, sha256)) is None:
        tx.add(UploadPart(upload_id=upload.id, sha256=sha256, size=done.size, pieces=done.pieces))


def put_capsules(store: Store, upload: Upload, capsules: list[bytes]) -> None:
    """Store a bid's capsules under their hashes; the row then knows which of them are here."""
    sizes: dict[str, int] = {}
    for capsule in capsules:
        if len(capsule) > CAPSULE_LIMIT:
            raise OverLimit(what="a capsule", limit=CAPSULE_LIMIT)
        digest = hashlib.sha256(capsule).hexdigest()
        sizes[digest] = len(capsule)
        try:
            store.put_new(capsule_key(upload.id, digest), capsule)
        except AlreadyStored:
            continue
    upload.capsules = (upload.capsules or {}) | sizes


def read_part(store: Store, upload_id: str, sha256: str, pieces: int) -> Iterator[bytes]:
    """The stored bytes of a part, in order."""
    for n in range(pieces):
        yield from store.stream(piece_key(upload_id, sha256, n))


def piece_key(upload_id: str, sha256: str, n: int) -> str:
    return f"bids/{upload_id}/{sha256}/{n:06d}"


def capsule_key(upload_id: str, sha256: str) -> str:
    return f"bids/{upload_id}/capsules/{sha256}"
