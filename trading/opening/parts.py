"""The parts of opened bids: from stored pieces to a checked archive, for one reading or for the check after it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import chain
from typing import Any, BinaryIO, cast

from sqlalchemy import Row, Select, select, update

from bidding_docs import archive_reader, capsules
from bidding_docs import manifests as m
from bidding_docs import opening as bs1
from bidding_docs.codes import SealProblem
from bidding_docs.opened import opened
from govcore import clock
from govcore.db import Tx
from govcore.errors import NotFound
from govcore.platform import Platform
from govcore.scanner import ScannerRefused, ScannerSilent
from govcore.storage import CHUNK
from govcore.trips import among, ask
from trading.bidding import queries as bidding
from trading.bidding.uploads import piece_key
from trading.opening import hall_bids, looking
from trading.opening.attribution import attributed
from trading.opening.leases import LEASE, keep
from trading.opening.looking import Look
from trading.opening.models import Opening, OpeningBid, PartKey, PartProgress
from trading.opening.policy import BidState


@dataclass(frozen=True, slots=True)
class Source:
    """Where a bid's ciphertext lies."""

    platform: Platform
    upload_id: str
    pieces: dict[str, int]

    def chunks(self, part: m.Part, seen: Callable[[int], None] = lambda _: None) -> Iterator[bytes]:
        """The part's pieces, at most 8 MiB each, whole: one call to the store for each; `seen` hears their sizes."""
        for key in self.keys(part):
            piece = self.platform.store.get(key)
            yield piece
            seen(len(piece))

    def keys(self, part: m.Part) -> tuple[str, ...]:
        """Where the part's pieces lie, in their order."""
        return tuple(piece_key(self.upload_id, part.sha256, n) for n in range(self.pieces[part.sha256]))

    def at(self, part: m.Part, start: int, length: int) -> bytes:
        """So many bytes of the part from `start` on, fewer only at its end: of each piece only what is asked."""
        found, end = [], min(start + length, part.size)
        while start < end:
            n, inside = divmod(start, part.piece_size)
            took = min(end - start, part.piece_size - inside)
            found.append(
                self.platform.store.get_range(piece_key(self.upload_id, part.sha256, n), inside, took)
            )
            start += took
        return b"".join(found)


def opened_part(
    body: m.BidManifest, part: m.Part, identity: bytes, chunks: Iterator[bytes]
) -> AbstractContextManager[BinaryIO]:
    """The decrypted archive of a part; `BadPayload` when it does not decrypt to its end."""
    return opened(chunks, identity, ctx=capsules.context_of(body, part))


def check_parts(platform: Platform, bid_id: str) -> None:
    """Decrypt a bid's large parts to the end; what does not open is noted for the committee, nothing is undone.

    How far it got is kept after each piece, and with it the lease on the lot's work.
    """
    with platform.db.read() as tx:
        bid = tx.get_one(OpeningBid, bid_id)
        body = bidding.bid_manifest(bid.envelope)
        source = _source(tx, platform, bid_id)
        keys = part_keys(tx, platform, bid_id)
        open_ = PartProgress.bid_id == bid_id, PartProgress.checked_at.is_(None)
        waiting = set(tx.scalars(select(PartProgress.part).where(*open_)))
    for part in body.parts:
        if part.id in waiting:
            _note(platform, bid, part, code=_code(bid, part, keys[part.id], source))
    with platform.db.transaction() as tx:
        failed = PartProgress.bid_id == bid_id, PartProgress.code.is_not(None)
        code = tx.scalar(select(PartProgress.code).where(*failed).order_by(PartProgress.part))
        tx.execute(
            update(OpeningBid)
            .where(OpeningBid.bid_id == bid_id, OpeningBid.payload_checked_at.is_(None))
            .values(payload_checked_at=clock.now(tx), payload_code=code)
        )


def _code(bid: OpeningBid, part: m.Part, identity: bytes, source: Source) -> str | None:
    """What keeps a part from opening, or nothing."""
    body, done = body_of(bid), 0

    def seen(size: int) -> None:
        nonlocal done
        done += size
        if done < part.size:
            _note_progress(source.platform, bid, part, done=done)

    try:
        with opened_part(body, part, identity, source.chunks(part, seen)) as archive:
            members = archive_reader.read_archive(archive, ctx=capsules.context_of(body, part))
            with suppress(ScannerSilent, ScannerRefused):  # who reads it asks the scanner again
                looking.look_at(source.platform, bid.bid_id, part.id, archive, members)
    except (SealProblem, NotFound) as problem:
        return attributed(
            bid, problem, platform=source.platform, stored=(source.upload_id, source.pieces)
        ).code
    return None


def body_of(bid: OpeningBid) -> m.BidManifest:
    return bidding.bid_manifest(bid.envelope)


def _note_progress(platform: Platform, bid: OpeningBid, part: m.Part, *, done: int) -> None:
    with platform.db.transaction() as tx:
        tx.execute(
            update(PartProgress)
            .where(PartProgress.bid_id == bid.bid_id, PartProgress.part == part.id)
            .values(done=done)
        )
        at = clock.now(tx)
    keep(platform.db, bid.lot_id, at=at, until=LEASE)


def _note(platform: Platform, bid: OpeningBid, part: m.Part, *, code: str | None) -> None:
    with platform.db.transaction() as tx:
        tx.execute(
            update(PartProgress)
            .where(PartProgress.bid_id == bid.bid_id, PartProgress.part == part.id)
            .values(done=part.size, code=code, checked_at=clock.now(tx))
        )


def opened_archive(platform: Platform, bid_id: str, part_id: str) -> Iterator[bytes]:
    """An opened part's archive in chunks, decrypted for this one reading; `NotFound` before its read-out.

    Raise `FileKeptBack` when it holds something harmful.
    """
    looking.check_shown(looked_at(platform, bid_id, part_id))
    chunks = _checked_archive(read_out(platform, bid_id, part_id))
    first = next(chunks)  # decrypts to the end now: what does not open is refused before the answer begins
    return chain((first,), chunks)


@contextmanager
def read_part(
    platform: Platform, bid_id: str, part_id: str
) -> Iterator[tuple[BinaryIO, list[archive_reader.Member]]]:
    """The same archive to seek in, and the bidder's files in it.

    Of a part that was checked to its end only those chunks are fetched and decrypted that are read.
    """
    found = read_out(platform, bid_id, part_id)
    if found.checked:
        fetch = partial(found.source.at, found.part)
        with bs1.place_in(fetch, found.part.size, found.secret, ctx=found.context) as placed:
            archive = cast(BinaryIO, placed)  # as with a spooled file
            yield archive, archive_reader.list_files(archive, ctx=found.context)
    else:
        with _whole(found) as archive:
            yield archive, archive_reader.read_archive(archive, ctx=found.context)


@contextmanager
def part_as_file(
    platform: Platform, bid_id: str, part_id: str
) -> Iterator[tuple[BinaryIO, list[archive_reader.Member]]]:
    """The same archive decrypted to its end into a file with a descriptor, for a program that reads all of it."""
    found = read_out(platform, bid_id, part_id)
    with _whole(found) as archive:
        yield archive, archive_reader.read_archive(archive, ctx=found.context)


def looked_at(platform: Platform, bid_id: str, part_id: str) -> Mapping[int, Look]:
    """What is told of each file of an opened part, looked at now where nobody has done it.

    Raise `ScannerSilent` or `ScannerRefused` while a scanner that the site names cannot say that they are clean.
    """
    with platform.db.read() as tx:
        looks = looking.looks_of(tx, bid_id, part_id)
    if looking.is_due(platform, looks):
        with part_as_file(platform, bid_id, part_id) as (archive, members):
            looks = looking.look_at(platform, bid_id, part_id, archive, members)
    return looks


@dataclass(frozen=True, slots=True, repr=False)
class ReadOut:
    """A part that was read out, its key, where it lies, and whether it was found to open to its end."""

    body: m.BidManifest
    part: m.Part
    secret: bytes
    source: Source
    checked: bool

    @property
    def context(self) -> capsules.Context:
        return capsules.context_of(self.body, self.part)


def read_out(platform: Platform, bid_id: str, part_id: str) -> ReadOut:
    """A part that was read out; `NotFound` for every other."""
    with platform.db.read() as tx:
        bid = tx.get(OpeningBid, bid_id)
        if bid is None or bid.state != BidState.OPENED:
            raise NotFound
        body = body_of(bid)
        part = next((one for one in body.parts if one.id == part_id), None)
        secret = part_keys(tx, platform, bid_id).get(part_id)
        shown = hall_bids.read_out_parts(tx, tx.get_one(Opening, bid.lot_id))
        if part is None or secret is None or part_id not in shown:
            raise NotFound
        done = tx.get(PartProgress, (bid_id, part_id))
        checked = done is not None and done.checked_at is not None and done.code is None
        return ReadOut(body, part, secret, _source(tx, platform, bid_id), checked)


def _whole(found: ReadOut) -> AbstractContextManager[BinaryIO]:
    return opened_part(found.body, found.part, found.secret, found.source.chunks(found.part))


def small_files(
    platform: Platform, bid_id: str, part_id: str, wanted: Callable[[str, int], bool]
) -> list[tuple[str, bytes]]:
    """The wanted files of an opened part, by name and size, with their bytes; `NotFound` before its read-out.

    They are for our own readers; people are shown files by `opened_archive` and `read_part`.
    """
    found = read_out(platform, bid_id, part_id)
    with _whole(found) as archive:
        members = archive_reader.read_archive(archive, ctx=found.context)
        return [
            (one.name, archive_reader.read_member(archive, one))
            for one in members
            if wanted(one.name, one.size)
        ]


def _source(tx: Tx, platform: Platform, bid_id: str) -> Source:
    upload_id = bidding.upload_of(tx, bid_id)
    return Source(platform, upload_id, bidding.pieces_of(tx, upload_id))


def _checked_archive(found: ReadOut) -> Iterator[bytes]:
    with _whole(found) as archive:
        archive_reader.read_archive(archive, ctx=found.context)
        archive.seek(0)
        while chunk := archive.read(CHUNK):
            yield chunk


def keys_of_bids(tx: Tx, platform: Platform, bids: Sequence[OpeningBid]) -> dict[tuple[str, str], bytes]:
    """The identities recovered so far, by manifest digest and part."""
    digests = {bid.bid_id: bid.manifest_sha256 for bid in bids}
    (rows,) = ask(tx, (_keys(tx.get_bind().dialect.name), {"bids": list(digests)}))
    return {(digests[row.bid_id], row.part): _identity(platform, row) for row in rows}


@lru_cache
def _keys(dialect: str) -> Select[str, str, bytes]:
    columns = PartKey.bid_id, PartKey.part, PartKey.wrapped
    return select(*columns).where(among(dialect, PartKey.bid_id, "bids"))


def part_keys(tx: Tx, platform: Platform, bid_id: str) -> dict[str, bytes]:
    """The identities recovered at the opening, by part."""
    rows = tx.scalars(select(PartKey).where(PartKey.bid_id == bid_id))
    return {row.part: _identity(platform, row) for row in rows}


def _identity(platform: Platform, row: PartKey | Row[Any]) -> bytes:
    return platform.wrapper.unwrap("part-key", f"{row.bid_id}/{row.part}", row.wrapped)
