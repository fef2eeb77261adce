"""The reading room: what a member in session may read of the opened bids, file by file, each reading logged."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import BinaryIO, cast

from bidding_docs.archive_reader import Member
from govcore.audit.service import record
from govcore.db import Tx
from govcore.errors import NotFound, Problem
from govcore.identity.policy import Actor, require
from govcore.platform import Platform
from govcore.vault import Vault
from trading.committee import blind, service
from trading.committee.blinding import blind_copy
from trading.opening import copies
from trading.opening.contents import Remark
from trading.opening.hall_bids import read_out_parts
from trading.opening.looking import Look, check_shown
from trading.opening.models import Opening
from trading.opening.parts import looked_at, read_part
from trading.opening.queries import OpenedBid, opened_bids
from trading.tender.queries import LotContext, lot_context
from trading.tender.schemas import PartRule

SHOWN_INSIDE = {"pdf": "application/pdf", "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg"}
"""Kinds that a browser shows by itself; all others are saved."""
SAVED_ONLY = frozenset({Remark.OTHER_KIND, Remark.PROGRAM, Remark.TWO_KINDS})

BLOCK = 4 << 20
"""So much is decrypted at once: each block is a trip to the store."""


class PartBlind(Problem):
    code = "E_BLIND_PART"
    text = (
        "This part is judged blind: it is read file by file under its code name until all sheets are locked."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """The opened bids of a lot: by name for the parts that tell who bids, by code name for blind ones."""

    context: LotContext
    parts: tuple[PartRule, ...]
    blind_parts: tuple[PartRule, ...]
    bids: tuple[OpenedBid, ...]
    coded: tuple[OpenedBid, ...]

    def find(self, bid_id: str, part_id: str) -> tuple[OpenedBid, PartRule, bool]:
        """A bid as it is called in this part, the part, and whether it is blind; `NotFound` for all else."""
        for parts, bids, is_blind in ((self.parts, self.bids, False), (self.blind_parts, self.coded, True)):
            part = next((one for one in parts if one.id == part_id), None)
            bid = next((one for one in bids if one.bid_id == bid_id), None)
            if part is not None and bid is not None:
                return bid, part, is_blind
        raise NotFound


@dataclass(frozen=True, slots=True)
class File:
    """A file of a part: its place in the archive, the name it is shown by, its size and kind."""

    n: int
    name: str
    size: int
    kind: str
    look: Look

    @property
    def media_type(self) -> str:
        """Nothing that a browser shows for what is not, or not only, what its ending says."""
        if not SAVED_ONLY.isdisjoint(self.look.remarks):
            return "application/octet-stream"
        return SHOWN_INSIDE.get(self.kind, "application/octet-stream")

    @property
    def viewed(self) -> bool:
        """Whether the viewer shows it."""
        return self.media_type == "application/pdf" and not self.look.kept_back


def shelf(tx: Tx, lot_id: str, *, actor: Actor, at: datetime) -> Shelf:
    """What the member may read now; the session's refusals for everybody who is not in it."""
    require(actor, "committee.sit")
    service.check_in_session(tx, lot_id, actor=actor, at=at)
    context, opening = lot_context(tx, lot_id), tx.get(Opening, lot_id)
    shown = read_out_parts(tx, opening) if opening is not None else frozenset()
    hidden = blind.blind_parts(context) if blind.is_blind(tx, lot_id) else frozenset()
    parts = [part for part in context.content.parts if part.id in shown]
    bids = opened_bids(tx, lot_id)
    return Shelf(
        context=context,
        parts=tuple(part for part in parts if part.id not in hidden),
        blind_parts=tuple(part for part in parts if part.id in hidden),
        bids=tuple(bids),
        coded=tuple(blind.masked(tx, lot_id, bids)) if hidden else (),
    )


def note_reading(
    tx: Tx, lot_id: str, *, bid_id: str, part: str, file: int | None, actor: Actor, at: datetime
) -> None:
    """Log that a member reads a file of an opened part, or the whole of it."""
    data = {"lot_id": lot_id, "part": part, "file": "all" if file is None else str(file)}
    record(tx, "committee.document_read", subject=bid_id, actor=actor.user_id, at=at, data=data)


def ticket(vault: Vault, lot_id: str, *, bid_id: str, part: str, n: int, actor: Actor) -> str:
    """What shows that this member was logged reading this file, and may ask for pieces of it."""
    return vault.tag("committee-reading", lot_id, bid_id, part, str(n), actor.user_id)


def files_of(platform: Platform, bid: OpenedBid, part: PartRule, *, is_blind: bool) -> list[File]:
    """The files of an opened part; in a blind one they are called by the bid's code name and their place."""
    with read_part(platform, bid.bid_id, part.id) as (_, members):
        looks = looked_at(platform, bid.bid_id, part.id)
        return [
            _file(bid, n, member, looks[n], is_blind=is_blind) for n, member in enumerate(members, start=1)
        ]


@contextmanager
def opened_file(
    platform: Platform, bid: OpenedBid, part: PartRule, n: int, *, is_blind: bool
) -> Iterator[tuple[File, Bytes]]:
    """A file and its bytes; of a blind part those of a copy without its makers, the original untouched.

    Raise `FileKeptBack` for one in which a scanner found something.
    """
    with read_part(platform, bid.bid_id, part.id) as (archive, members):
        if not 0 < n <= len(members):
            raise NotFound
        looks, member = looked_at(platform, bid.bid_id, part.id), members[n - 1]
        check_shown(looks, n)
        file = _file(bid, n, member, looks[n], is_blind=is_blind)
        original = Bytes(archive, member.start, member.size)
        if is_blind:
            make = partial(blind_copy, original.chunks(), size=original.size)
            copy = copies.kept(platform, bid.bid_id, part.id, f"blind-{n}", make)
            yield file, Bytes(cast(BinaryIO, copy), 0, copy.length)
        else:
            yield file, original


def _file(bid: OpenedBid, n: int, member: Member, look: Look, *, is_blind: bool) -> File:
    kind = member.name.rpartition(".")[2].lower()
    name = f"{bid.bidder_name}-{n}.{kind}" if is_blind else member.name
    return File(n, name, member.size, kind, look)


@dataclass(frozen=True, slots=True)
class Bytes:
    """A file within a stream that is open while they are read."""

    stream: BinaryIO
    start: int
    size: int

    def chunks(self, first: int = 0, length: int | None = None) -> Iterator[bytes]:
        """The bytes from `first` on, so many or all."""
        self.stream.seek(self.start + first)
        left = self.size - first if length is None else length
        while left:
            block = self.stream.read(min(left, BLOCK))
            left -= len(block)
            yield block
