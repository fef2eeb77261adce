"""Reads of bids: before closing only one's own, by a keyed tag; at closing the eligible set."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import msgspec
from sqlalchemy import exists, func, select

from bidding_docs import manifests as m
from bidding_docs.manifests import PIECE_SIZE
from govcore import dsse
from govcore.db import Tx
from govcore.errors import NotFound
from govcore.identity.delegated import covered
from govcore.identity.policy import Actor
from govcore.keys import KeyWrapper
from govcore.vault import Vault
from trading.bidding.models import Bid, Consent, Upload, UploadPart, UploadPiece
from trading.bidding.policy import Kind, piece_count
from trading.bidding.schemas import PartHere, PartToSend, PieceHere, UploadShown
from trading.tender.models import Lot
from trading.tender.policy import LotState


@dataclass(frozen=True, slots=True)
class Last:
    """The last message of one bidder in a lot."""

    kind: str
    seq: int
    manifest_sha256: str
    cert_sha256: str
    received_at: datetime
    envelope: bytes
    receipt: bytes
    other_certificate: bool
    """It was signed by another certificate than the message before it."""


@dataclass(frozen=True, slots=True)
class EligibleBid:
    """A bid of the set that was committed to at closing."""

    bid_id: str
    org_id: str
    upload_id: str
    manifest_sha256: str
    envelope: bytes
    leaf: str
    received_at: datetime


class Kept(msgspec.Struct, frozen=True):
    """What a bid's row keeps wrapped."""

    org_id: str
    envelope: bytes
    receipt: bytes


class _Signed(msgspec.Struct, frozen=True):
    cert_sha256: str


def owner_tag(vault: Vault, lot_id: str, org_id: str | None) -> str:
    """Whose upload it is, keyed and different in every lot: rows of two lots cannot be linked."""
    return vault.tag("upload-owner", lot_id, org_id or "")


def bidder_tag(vault: Vault, lot_id: str, org_id: str | None) -> str:
    """Whose bid it is; it cannot be linked with the uploads either."""
    return vault.tag("bidder", lot_id, org_id or "")


def own_upload(tx: Tx, upload_id: str, *, actor: Actor, vault: Vault) -> Upload:
    """An upload of the actor's organisation that was not given up; every other does not exist."""
    upload = tx.get(Upload, upload_id)
    if (
        upload is None
        or upload.discarded_at
        or upload.owner_tag != owner_tag(vault, upload.lot_id, actor.org_id)
        or not covered(vault, actor, upload.lot_id)
    ):
        raise NotFound
    return upload


def own_uploads(tx: Tx, lot_id: str, *, actor: Actor, vault: Vault) -> list[Upload]:
    """The uploads of the actor's organisation to a lot that were not given up, oldest first."""
    mine = Upload.owner_tag == owner_tag(vault, lot_id, actor.org_id)
    query = select(Upload).where(Upload.lot_id == lot_id, mine, Upload.discarded_at.is_(None))
    return list(tx.scalars(query.order_by(Upload.created_at, Upload.id)))


def unfinished(tx: Tx, uploads: Sequence[Upload]) -> list[Upload]:
    """Those of one's uploads that no bid refers to."""
    used = set(tx.scalars(select(Bid.upload_id).where(Bid.upload_id.in_([one.id for one in uploads]))))
    return [one for one in uploads if one.id not in used]


def has_piece(tx: Tx, upload_id: str, part_sha256: str, n: int, sha256: str) -> bool:
    """Whether this very piece has arrived already."""
    piece = tx.get(UploadPiece, (upload_id, part_sha256, n))
    return piece is not None and piece.sha256 == sha256


def uploads_begun(tx: Tx, *, actor: Actor, vault: Vault, at: datetime) -> list[Upload]:
    """The uploads of the actor's organisation that no bid refers to, to all lots that still take bids."""
    lots = tx.scalars(select(Lot.id).where(Lot.state == LotState.OPEN, Lot.deadline_at > at))
    tags = [owner_tag(vault, lot_id, actor.org_id) for lot_id in lots if covered(vault, actor, lot_id)]
    unused = ~exists().where(Bid.upload_id == Upload.id)
    mine = (Upload.owner_tag.in_(tags), Upload.discarded_at.is_(None), unused)
    return list(tx.scalars(select(Upload).where(*mine)))


def announced(upload: Upload) -> int:
    """How many bytes its bidder said it would send."""
    return sum(part["size"] for part in upload.parts)


def lots_begun(tx: Tx, *, actor: Actor, vault: Vault, at: datetime) -> list[str]:
    """The lots still taking bids to which the actor's organisation began an upload that no bid refers to."""
    return sorted({one.lot_id for one in uploads_begun(tx, actor=actor, vault=vault, at=at)})


def is_submitted(tx: Tx, upload_id: str) -> bool:
    """Whether a bid refers to this upload."""
    return tx.scalar(select(Bid.id).where(Bid.upload_id == upload_id).limit(1)) is not None


def show_upload(tx: Tx, upload: Upload) -> UploadShown:
    """What of an upload has arrived, piece by piece."""
    pieces: dict[str, list[PieceHere]] = {}
    rows = select(UploadPiece).where(UploadPiece.upload_id == upload.id).order_by(UploadPiece.n)
    for row in tx.scalars(rows):
        pieces.setdefault(row.part_sha256, []).append(PieceHere(row.n, row.size, row.sha256))
    complete = pieces_of(tx, upload.id)
    return UploadShown(
        id=upload.id,
        lot_id=upload.lot_id,
        piece_size=PIECE_SIZE,
        started_at=upload.created_at,
        submitted=is_submitted(tx, upload.id),
        parts=[
            PartHere(
                id=part.id,
                size=part.size,
                sha256=part.sha256,
                piece_count=piece_count(part.size),
                complete=part.sha256 in complete,
                pieces=pieces.get(part.sha256, []),
            )
            for part in msgspec.convert(upload.parts, list[PartToSend])
        ],
        capsules=sorted(upload.capsules or {}),
    )


def unwrap(wrapper: KeyWrapper, bid_id: str, wrapped: bytes) -> bytes:
    return wrapper.unwrap("bid", bid_id, wrapped)


def last_message(tx: Tx, wrapper: KeyWrapper, lot_id: str, round_: int, tag: str) -> Last | None:
    """The newest message under a bidder's tag, or nothing."""
    query = select(Bid).where(Bid.lot_id == lot_id, Bid.round == round_, Bid.bidder_tag == tag)
    return last_of(wrapper, list(tx.scalars(query.order_by(Bid.seq))), round_)


def last_of(wrapper: KeyWrapper, messages: Sequence[Bid], round_: int) -> Last | None:
    """The newest of one bidder's messages to a lot, in the order of their numbers, or nothing."""
    sent = [bid for bid in messages if bid.round == round_]
    if not sent:
        return None
    bid = sent[-1]
    kept = _kept(wrapper, bid)
    certificate = _certificate_of(kept)
    return Last(
        kind=bid.kind,
        seq=bid.seq,
        manifest_sha256=bid.manifest_sha256,
        cert_sha256=certificate,
        received_at=bid.received_at,
        envelope=kept.envelope,
        receipt=kept.receipt,
        other_certificate=len(sent) > 1 and _certificate_of(_kept(wrapper, sent[-2])) != certificate,
    )


def _kept(wrapper: KeyWrapper, bid: Bid) -> Kept:
    return msgspec.json.decode(unwrap(wrapper, bid.id, bid.wrapped), type=Kept)


def _certificate_of(kept: Kept) -> str:
    """By which certificate a message was signed."""
    payload = dsse.Envelope.decode(kept.envelope).payload
    return msgspec.json.decode(payload, type=_Signed).cert_sha256


def my_last(tx: Tx, lot_id: str, *, round_: int, actor: Actor, vault: Vault, wrapper: KeyWrapper) -> Last:
    """The actor's own last message in a lot; `NotFound` when there is none."""
    found = last_message(tx, wrapper, lot_id, round_, bidder_tag(vault, lot_id, actor.org_id))
    if found is None:
        raise NotFound
    return found


def my_states(tx: Tx, lot_ids: Collection[str], *, actor: Actor, vault: Vault) -> dict[str, Kind]:
    """The kind of the actor's own last message in each of these lots that has one, in one statement."""
    tags = [bidder_tag(vault, lot_id, actor.org_id) for lot_id in lot_ids if covered(vault, actor, lot_id)]
    query = select(Bid.lot_id, Bid.kind).join(Lot, (Lot.id == Bid.lot_id) & (Lot.round == Bid.round))
    rows = tx.execute(query.where(Bid.bidder_tag.in_(tags)).order_by(Bid.seq))
    return {lot_id: Kind(kind) for lot_id, kind in rows}


def eligible_bids(tx: Tx, wrapper: KeyWrapper, lot_id: str, round_: int) -> list[EligibleBid]:
    """The last bid of everybody who did not withdraw, by manifest digest; only `close` may call this."""
    query = select(Bid).where(Bid.lot_id == lot_id, Bid.round == round_).order_by(Bid.seq)
    newest = {bid.bidder_tag: bid for bid in tx.scalars(query)}
    found = []
    for bid in newest.values():
        if bid.kind != Kind.BID or bid.upload_id is None:
            continue
        kept = _kept(wrapper, bid)
        found.append(
            EligibleBid(
                bid_id=bid.id,
                org_id=kept.org_id,
                upload_id=bid.upload_id,
                manifest_sha256=bid.manifest_sha256,
                envelope=kept.envelope,
                leaf=bid.leaf,
                received_at=bid.received_at,
            )
        )
    return sorted(found, key=lambda bid: bid.manifest_sha256)


@lru_cache(maxsize=512)
def bid_manifest(envelope: bytes) -> m.BidManifest:
    """The manifest in an envelope that was verified when it came in; one opening reads each several times."""
    return m.parse(dsse.Envelope.decode(envelope).payload, m.BidManifest)


def pieces_of(tx: Tx, upload_id: str) -> dict[str, int]:
    """How many pieces each part of an upload has, by its SHA-256."""
    rows = tx.scalars(select(UploadPart).where(UploadPart.upload_id == upload_id))
    return {row.sha256: row.pieces for row in rows}


def stored_bids(tx: Tx, lot_id: str) -> dict[str, tuple[str, dict[str, int]]]:
    """Of every bid of a lot: its upload, and how many pieces each part has, by its SHA-256."""
    rows = tx.execute(
        select(Bid.id, UploadPart.upload_id, UploadPart.sha256, UploadPart.pieces)
        .join(UploadPart, UploadPart.upload_id == Bid.upload_id)
        .where(Bid.lot_id == lot_id)
    )
    found: dict[str, tuple[str, dict[str, int]]] = {}
    for bid_id, upload_id, sha256, pieces in rows:
        found.setdefault(bid_id, (str(upload_id), {}))[1][sha256] = pieces
    return found


def upload_of(tx: Tx, bid_id: str) -> str:
    upload_id: str | None = tx.get_one(Bid, bid_id).upload_id
    if upload_id is None:
        raise NotFound
    return upload_id


def uploads_of_lots(tx: Tx, lot_ids: Collection[str]) -> list[str]:
    """Every place where ciphertext for these lots was stored, whether a bid refers to it or not."""
    return list(tx.scalars(select(Upload.id).where(Upload.lot_id.in_(lot_ids)).order_by(Upload.id)))


@dataclass(frozen=True, slots=True)
class Confirming:
    """A message of one's organisation that members have lately confirmed, how many of them, and the first one when."""

    lot_id: str
    manifest_sha256: str
    given: int
    since: datetime


def confirming(
    tx: Tx, lot_ids: Collection[str], *, actor: Actor, vault: Vault, since: datetime
) -> list[Confirming]:
    """What members of the actor's organisation confirm in these lots and no bid has used yet."""
    owners = [owner_tag(vault, lot_id, actor.org_id) for lot_id in lot_ids if covered(vault, actor, lot_id)]
    used = exists().where(Bid.lot_id == Consent.lot_id, Bid.manifest_sha256 == Consent.manifest_sha256)
    lately = Consent.owner_tag.in_(owners), Consent.given_at >= since, ~used
    named = Consent.lot_id, Consent.manifest_sha256
    rows = select(*named, func.count(), func.min(Consent.given_at)).where(*lately).group_by(*named)
    return [Confirming(*row) for row in tx.execute(rows.order_by(*named))]


def consents(tx: Tx, lot_id: str, manifest_sha256: str, owner: str, *, since: datetime) -> int:
    """How many members of one organisation have lately confirmed this very message."""
    query = select(func.count()).where(
        Consent.lot_id == lot_id,
        Consent.manifest_sha256 == manifest_sha256,
        Consent.owner_tag == owner,
        Consent.given_at >= since,
    )
    return tx.scalar(query) or 0


def leaf_of(tx: Tx, bid_id: str) -> str:
    """The hash of the log entry that the bid's receipt promised."""
    return tx.get_one(Bid, bid_id).leaf
