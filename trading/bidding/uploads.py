"""Ciphertext comes in by pieces, maybe days early; nothing of it is a bid yet.

What has arrived is known by rows, so an upload goes on after a lost line, a restart of the server, or from
another computer of the same organisation: who says again what it wants to send is told what is here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime

import msgspec
from sqlalchemy import select

from bidding_docs.codes import Late, OverLimit, WrongHash
from bidding_docs.encoding import format_time
from bidding_docs.suites import Suite
from govcore import clock
from govcore.db import Tx, new_id
from govcore.errors import NotFound, Problem
from govcore.identity import queries as identity
from govcore.identity.policy import Actor, require
from govcore.storage import AlreadyStored, Store
from govcore.vault import Vault
from trading.bidding import queries
from trading.bidding.limits import check_parts
from trading.bidding.models import Upload, UploadPart, UploadPiece
from trading.bidding.policy import CAPSULE_LIMIT, UPLOADS_KEPT, UPLOADS_QUOTA, piece_count, piece_length
from trading.bidding.queries import owner_tag
from trading.bidding.schemas import NewUpload, PartToSend
from trading.procedure.policy import Regime
from trading.tender import queries as tenders
from trading.tender.models import Lot
from trading.tender.policy import bidding_open
from trading.tender.rounds import may_bid

HEADER_LIMIT = 512


class WrongPiece(Problem):
    """A piece is not as long as its place in the part asks."""

    code = "E_PIECE"
    status = 422
    text = "Piece {n} of this part must be {expected} bytes long."


class MissingPieces(Problem):
    """A part is not complete: some of its pieces have not arrived."""

    code = "E_INCOMPLETE"
    text = "{missing} of the {count} pieces of this part have not arrived yet."


class AlreadySubmitted(Problem):
    """A bid refers to this upload: it is kept."""

    code = "E_SUBMITTED"
    text = "A bid was submitted from this upload; it cannot be given up."


class PartyBids(Problem):
    """招标投标法实施条例 art. 13, 34."""

    code = "E_PARTY_BIDS"
    status = 403
    text = "Your organisation runs, serves, supervises or keeps keys of this tender, so it cannot bid in it."


class NotAdmitted(Problem):
    """招标投标法实施条例 art. 36."""

    code = "E_NOT_ADMITTED"
    status = 403
    text = "This round takes bids only of those who were invited or passed the prequalification (实施条例 art. 36)."


class LateOffer(Late):
    """财库〔2014〕214号 art. 13, 21."""

    text = "The deadline {deadline_at} has passed; the response or final offer is not received (财库〔2014〕214号 art. 13, 21)."  # noqa: E501


class NotRemaining(NotAdmitted):
    """财库〔2014〕214号 art. 21."""

    text = "Final offers are taken only of suppliers that remained in the consultation (财库〔2014〕214号 art. 21)."


class PersonBids(Problem):
    """招标投标法 art. 25; in government procurement a natural person is a supplier (政府采购法 art. 21)."""

    code = "E_PERSON_BIDS"
    status = 403
    text = "A natural person may bid only where the project is registered as research (招标投标法 art. 25)."


class OverQuota(Problem):
    code = "E_QUOTA"
    status = 413
    text = "Your unfinished uploads to all lots would take more than {gib} GiB. Submit one of them, or give one up."


def start(tx: Tx, lot_id: str, new: NewUpload, *, actor: Actor, vault: Vault, at: datetime) -> Upload:
    """Give a bidder a random place for its ciphertext, or the one it has for the same parts already.

    Raises `OverLimit` and `OverQuota` before a byte is sent. The oldest unfinished upload gives way when there are
    too many in this lot.
    """
    require(actor, "bid.prepare")
    lot = tenders.published_lot(tx, lot_id)
    if not bidding_open(lot.state, lot.deadline_at, at):
        late = LateOffer if lot.content.procedure == "consultation" else Late
        raise late(deadline_at=format_time(lot.deadline_at) if lot.deadline_at else "-")
    if tenders.runs(tx, lot.tender_id, actor.org_id):
        raise PartyBids
    if lot.rule_set.regime is Regime.TB and not lot.research and identity.is_person(tx, actor.org_id):
        raise PersonBids
    if not may_bid(tx, lot.tender_id, actor.org_id):
        raise NotRemaining if lot.content.final else NotAdmitted
    check_parts(new.parts, lot.content)
    parts = msgspec.to_builtins(new.parts)
    mine = queries.own_uploads(tx, lot_id, actor=actor, vault=vault)
    for upload in mine:
        if upload.parts == parts:
            return upload
    unfinished = queries.unfinished(tx, mine)
    for upload in unfinished[: max(0, len(unfinished) - UPLOADS_KEPT + 1)]:
        upload.discarded_at = at
    quota = max(UPLOADS_QUOTA, lot.content.total_limit)
    begun = queries.uploads_begun(tx, actor=actor, vault=vault, at=at)
    if sum(queries.announced(one) for one in begun) + sum(part.size for part in new.parts) > quota:
        raise OverQuota(gib=max(1, quota >> 30))
    upload = Upload(
        id=new_id(),
        lot_id=lot_id,
        owner_tag=owner_tag(vault, lot_id, actor.org_id),
        created_at=at,
        parts=parts,
    )
    tx.add(upload)
    return upload


def discard(tx: Tx, upload: Upload, *, at: datetime) -> None:
    """Give an own upload up; raise `AlreadySubmitted` when a bid refers to it."""
    if queries.is_submitted(tx, upload.id):
        raise AlreadySubmitted
    upload.discarded_at = at


def own_upload(tx: Tx, upload_id: str, *, actor: Actor, vault: Vault) -> Upload:
    """The actor's own upload while its lot takes bids; everybody else's does not exist, after T it is `Late`.

    One that replaces damaged ciphertext takes the very same bytes after T.
    """
    upload = queries.own_upload(tx, upload_id, actor=actor, vault=vault)
    lot = tx.get_one(Lot, upload.lot_id)
    if upload.replaces is None and not bidding_open(lot.state, lot.deadline_at, clock.now(tx)):
        raise Late(deadline_at=format_time(lot.deadline_at) if lot.deadline_at else "-")
    return upload


def declared(upload: Upload, sha256: str) -> PartToSend:
    """The part of an upload that has this hash; `NotFound` for one that was never announced."""
    for part in msgspec.convert(upload.parts, list[PartToSend]):
        if part.sha256 == sha256:
            return part
    raise NotFound


def length_of_piece(part: PartToSend, n: int) -> int:
    """How many bytes piece `n` of a part must have; `NotFound` when the part has no such piece."""
    if not 0 <= n < piece_count(part.size):
        raise NotFound
    return piece_length(part.size, n)


def store_piece(
    store: Store, upload_id: str, *, sha256: str, n: int, data: bytes, length: int, piece_sha256: str
) -> None:
    """Store piece `n` of the part `sha256` for good; sending the same piece again is harmless."""
    if len(data) != length:
        raise WrongPiece(n=n, expected=length)
    if hashlib.sha256(data).hexdigest() != piece_sha256:
        raise WrongHash(what=f"piece {n}")
    key = piece_key(upload_id, sha256, n)
    try:
        store.put_new(key, data)
    except AlreadyStored:
        if hashlib.sha256(store.get(key)).hexdigest() != piece_sha256:
            raise


def note_piece(tx: Tx, upload: Upload, *, sha256: str, n: int, size: int, piece_sha256: str) -> None:
    """Note that a piece is in the store; noting it again changes nothing."""
    if tx.get(UploadPiece, (upload.id, sha256, n)) is None:
        at = clock.now(tx)
        tx.add(
            UploadPiece(
                upload_id=upload.id, part_sha256=sha256, n=n, size=size, sha256=piece_sha256, received_at=at
            )
        )


def check_all_here(tx: Tx, upload: Upload, part: PartToSend) -> None:
    """Raise `MissingPieces` unless every piece of the part has arrived."""
    here = select(UploadPiece.n).where(
        UploadPiece.upload_id == upload.id, UploadPiece.part_sha256 == part.sha256
    )
    count = piece_count(part.size)
    if missing := count - len(tx.scalars(here).all()):
        raise MissingPieces(missing=missing, count=count)


def measure_part(store: Store, suite: Suite, upload_id: str, part: PartToSend) -> None:
    """Read the pieces back: hash, header and length must be those of one complete sealed file."""
    digest, header = hashlib.sha256(), b""
    for chunk in read_part(store, upload_id, part.sha256, piece_count(part.size)):
        if len(header) < HEADER_LIMIT:
            header += chunk[: HEADER_LIMIT - len(header)]
        digest.update(chunk)
    suite.check_payload(header, part.size)
    if digest.hexdigest() != part.sha256:
        raise WrongHash(what="the part")


def finish_part(tx: Tx, upload: Upload, part: PartToSend) -> None:
    """Note that a measured part is complete; noting it again changes nothing."""
    if tx.get(UploadPart, (upload.id, part.sha256)) is None:
        tx.add(
            UploadPart(
                upload_id=upload.id,
                sha256=part.sha256,
                size=part.size,
                pieces=piece_count(part.size),
                completed_at=clock.now(tx),
            )
        )


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


def upload_prefix(upload_id: str) -> str:
    """Below it lies everything of an upload that was stored for good."""
    return f"bids/{upload_id}/"


def piece_key(upload_id: str, sha256: str, n: int) -> str:
    return f"{upload_prefix(upload_id)}{sha256}/{n:06d}"


def capsule_key(upload_id: str, sha256: str) -> str:
    return f"{upload_prefix(upload_id)}capsules/{sha256}"
