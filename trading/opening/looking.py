"""The files of opened parts are looked at before anybody is shown them: by content, and by a scanner if there is one.

Nothing is looked at before the read-out, for nothing can be. A file in which something harmful was found is kept
back until two people say otherwise; the bid is not invalid for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from mmap import ACCESS_READ, mmap
from typing import Annotated, BinaryIO

import msgspec
from sqlalchemy import select, update

from bidding_docs.archive_reader import Member
from govcore import clock
from govcore.audit.service import record
from govcore.db import Tx, upsert
from govcore.errors import NotFound, Problem
from govcore.identity.policy import Actor, Role, require
from govcore.platform import Platform
from govcore.storage import CHUNK
from trading.opening.contents import Remark, remarks
from trading.opening.models import LookedAt, OpeningBid
from trading.tender import queries as tenders


class FileKeptBack(Problem):
    code = "E_KEPT_BACK"
    text = "The scanner found {found} in this file, so it is not shown. The trading centre can propose to show it all the same; a second person confirms. The bid is not invalid for it."  # noqa: E501


@dataclass(frozen=True, slots=True)
class Look:
    """What is told of a file at its place in a part; `found` is what a scanner called it, `shown` against that."""

    n: int
    remarks: tuple[Remark, ...]
    found: str | None
    scanned: bool
    shown: bool

    @property
    def kept_back(self) -> bool:
        return self.found is not None and not self.shown


def looks_of(tx: Tx, bid_id: str, part: str) -> dict[int, Look]:
    """What is known of the files of a part, by their places."""
    rows = tx.scalars(select(LookedAt).where(LookedAt.bid_id == bid_id, LookedAt.part == part))
    return {row.n: _look(row) for row in rows}


def is_due(platform: Platform, looks: Mapping[int, Look]) -> bool:
    """Whether a part has to be looked at before anything of it is shown; its files are looked at together."""
    return not looks or (platform.scanner is not None and not all(one.scanned for one in looks.values()))


def look_at(
    platform: Platform, bid_id: str, part: str, archive: BinaryIO, members: Sequence[Member]
) -> dict[int, Look]:
    """Look at the files of a decrypted part and keep what is told; the scanner's refusals mean that nothing is kept.

    `archive` is a file with a descriptor.
    """
    scanner, told = platform.scanner, list[tuple[int, list[Remark], str | None]]()
    with mmap(archive.fileno(), 0, access=ACCESS_READ) as data:
        for n, member in enumerate(members, start=1):
            found = scanner.scan(_chunks(data, member)) if scanner is not None else None
            told.append((n, remarks(member.name, data, member.start, member.size), found))
    with platform.db.transaction() as tx:
        at = clock.now(tx)
        for n, said, found in told:
            _keep(tx, bid_id, part, n, said, found, scanned_at=at if scanner is not None else None, at=at)
        return looks_of(tx, bid_id, part)


def check_shown(looks: Mapping[int, Look], n: int | None = None) -> None:
    """Raise `FileKeptBack` for a file, or for a part that holds one."""
    for place, look in looks.items():
        if look.kept_back and n in (None, place):
            raise FileKeptBack(found=look.found)


def _keep(
    tx: Tx,
    bid_id: str,
    part: str,
    n: int,
    said: list[Remark],
    found: str | None,
    *,
    scanned_at: datetime | None,
    at: datetime,
) -> None:
    values = {"remarks": list(said), "found": found, "scanned_at": scanned_at}
    row = upsert(tx, LookedAt).values(bid_id=bid_id, part=part, n=n, **values)
    later = LookedAt.scanned_at.is_(None)  # what one scan found no later one takes back
    done = row.on_conflict_do_update(index_elements=["bid_id", "part", "n"], set_=values, where=later)
    if tx.execute(done.returning(LookedAt.n)).one_or_none() is not None and found is not None:
        data = {"part": part, "file": str(n), "threat": found}
        record(tx, "opening.file_kept_back", subject=bid_id, actor="system", at=at, data=data)


def _chunks(data: mmap, member: Member) -> Iterator[bytes]:
    for at in range(member.start, member.start + member.size, CHUNK):
        yield data[at : min(at + CHUNK, member.start + member.size)]


def _look(row: LookedAt) -> Look:
    said = tuple(Remark(one) for one in row.remarks)
    return Look(row.n, said, row.found, row.scanned_at is not None, row.shown_at is not None)


@dataclass(frozen=True, slots=True)
class KeptBack:
    """A file of a lot that is not shown, as the centre sees it: no name, no bidder."""

    bid_id: str
    number: int
    part: str
    n: int
    found: str


def kept_back(tx: Tx, lot_id: str) -> list[KeptBack]:
    """The files of a lot that a scanner keeps back."""
    query = select(LookedAt, OpeningBid.number).join(OpeningBid, OpeningBid.bid_id == LookedAt.bid_id)
    held = (OpeningBid.lot_id == lot_id, LookedAt.found.is_not(None), LookedAt.shown_at.is_(None))
    rows = tx.execute(query.where(*held).order_by(OpeningBid.number, LookedAt.part, LookedAt.n))
    return [KeptBack(row.bid_id, number, row.part, row.n, row.found or "") for row, number in rows]


class ShowFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which file; why it is harmless or has to be read all the same is the reason of the act."""

    number: Annotated[int, msgspec.Meta(ge=1)]
    part: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    file: Annotated[int, msgspec.Meta(ge=1)]


def showing(tx: Tx, lot_id: str, given: ShowFile, actor: Actor) -> Mapping[str, str | int]:
    """What would be shown; the centre proposes, a colleague or the supervising department confirms."""
    lot = tenders.published_lot(tx, lot_id)
    if Role.CENTRE not in actor.roles and lot.regulator.id != actor.org_id:
        raise NotFound
    file = _held(tx, lot_id, given)
    return {
        "lot": lot.lot_code,
        "title": f"{lot.title} · {lot.lot_name}",
        "bid": file.number,
        "part": lot.content.part(file.part).label,
        "place": file.n,
        "found": file.found,
    }


def show_file(
    tx: Tx, _platform: Platform, lot_id: str, given: ShowFile, *, proposer: Actor, second: Actor
) -> None:
    """Let readers have the file; raise `NotFound` when nothing keeps it back any more."""
    require(proposer, "opening.conclude")
    file, at = _held(tx, lot_id, given), clock.now(tx)
    mine = (LookedAt.bid_id == file.bid_id, LookedAt.part == file.part, LookedAt.n == file.n)
    tx.execute(update(LookedAt).where(*mine).values(shown_at=at))
    data = {"part": file.part, "file": str(file.n), "threat": file.found}
    record(tx, "opening.file_shown", subject=file.bid_id, actor=second.user_id, at=at, data=data)


def _held(tx: Tx, lot_id: str, given: ShowFile) -> KeptBack:
    wanted = (given.number, given.part, given.file)
    found = [one for one in kept_back(tx, lot_id) if (one.number, one.part, one.n) == wanted]
    if not found:
        raise NotFound
    return found[0]
