"""Read the bids: recover keys, open what is read out, and read all of it out together."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from typing import Any, BinaryIO, cast

import msgspec
from sqlalchemy import insert, select, update

from bidding_docs import archive_reader, capsules, suites, summary
from bidding_docs import manifests as m
from bidding_docs import opening as bs1
from bidding_docs.codes import BadContent, SealProblem
from bidding_docs.dsse import Envelope
from bidding_docs.encoding import b64decode
from govcore import clock
from govcore.db import Tx
from govcore.errors import NotFound
from govcore.identity import queries as identity
from govcore.platform import Platform
from govcore.storage import CHUNK
from guarantees.letter import MAX_SIZE, SIGNED_NAME
from trading.bidding import queries as bidding
from trading.bidding.uploads import piece_key
from trading.opening import queries
from trading.opening.attribution import KeptBack, attributed
from trading.opening.deposits import judge_letter
from trading.opening.hall import announce
from trading.opening.leases import give_back
from trading.opening.models import GateRelease, Opening, OpeningBid, PartKey
from trading.opening.policy import BidState, OpeningState, state_after_failure
from trading.opening.release import share_releases
from trading.tender import custodian_keys
from trading.tender import queries as tenders
from trading.tender.keys import STAGE
from trading.tender.moves import move_lot
from trading.tender.policy import LotMove
from trading.tender.queries import LotContext, OrgRef

READ_OUT_PARTS = (summary.SUMMARY_PART, "deposit")
"""What is opened before the read-out; the large parts are decrypted after it."""

PERSONAL = ("manager", "manager_certificate")
"""Fields of the summary that name a person."""

IN_MEMORY = 8 << 20
_TOGETHER = 32
_THREADS = 2


class Opened(msgspec.Struct, frozen=True):
    """What opening a bid brought to light, kept wrapped until all bids are read out together."""

    summary: dict[str, Any]
    letter: bytes | None

    def __repr__(self) -> str:
        """Nothing: what is kept wrapped is not shown in a log either."""
        return "Opened()"


@dataclass(frozen=True, slots=True)
class _Shares:
    """The released shares of a lot: by custodian, and the gate's; each by (manifest digest, part)."""

    custodians: dict[int, dict[tuple[str, str], bytes]] = field(repr=False)
    gate: dict[tuple[str, str], bytes] = field(repr=False)
    kept_back: list[KeptBack]


@dataclass(frozen=True, slots=True)
class _Found:
    """What became of one bid: opened with its keys, or the problem that kept it closed."""

    bid: OpeningBid
    opened: Opened | None = field(repr=False)
    keys: dict[str, bytes] = field(repr=False)
    problem: SealProblem | None = None


def read_bids(platform: Platform, lot_id: str) -> None:
    """Open every bid that is not open yet, some at a time and one transaction for these; then read all out in one.

    Whoever continues after a crash opens again what was not kept: it finds the same.
    """
    with platform.db.read() as tx:
        lot = tenders.lot_context(tx, lot_id)
        manifest = tenders.key_manifest_body(tx, lot_id)
        shares = _released(tx, platform, lot)
        waiting = [bid for bid in queries.bids_of(tx, lot_id) if bid.opened is None and bid.code is None]
        stored = bidding.stored_bids(tx, lot_id)

    def open_one(bid: OpeningBid) -> _Found:
        return _open_bid(platform, lot, manifest, bid, shares, _Source(platform, *stored[bid.bid_id]))

    # Reading, the cipher and checksums release the interpreter lock: two threads use two cores.
    with ThreadPoolExecutor(_THREADS, thread_name_prefix="open-bid") as pool:
        for start in range(0, len(waiting), _TOGETHER):
            found = list(pool.map(open_one, waiting[start : start + _TOGETHER]))
            with platform.db.transaction() as tx:
                _keep(tx, platform, manifest, found)
    with platform.db.transaction() as tx:
        _read_out(tx, platform, lot)
    give_back(platform.db, lot_id)


def _released(tx: Tx, platform: Platform, lot: LotContext) -> _Shares:
    given = share_releases(tx, platform.wrapper, lot.lot_id, lot.round, opens=STAGE)
    row = tx.get_one(GateRelease, (lot.lot_id, STAGE))
    raw = platform.wrapper.unwrap("gate-release", f"{lot.lot_id}/{lot.round}/{STAGE}", row.wrapped)
    gate = m.parse(Envelope.decode(raw).payload, m.GateRelease)
    everybody = [(capsules.custodian(one.custodian), one.releases) for one in given]
    kept_back = [
        KeptBack(holder, item)
        for holder, items in (*everybody, (capsules.GATE, gate.releases))
        for item in items
        if isinstance(item.refused, str)
    ]
    return _Shares({one.custodian: _by_part(one) for one in given}, _by_part(gate), kept_back)


def _by_part(release: m.ShareRelease | m.GateRelease) -> dict[tuple[str, str], bytes]:
    return {
        (item.manifest_sha256, item.part): b64decode(item.share)
        for item in release.releases
        if isinstance(item.share, str)
    }


@dataclass(frozen=True, slots=True)
class _Source:
    """Where a bid's ciphertext lies."""

    platform: Platform
    upload_id: str
    pieces: dict[str, int]

    def chunks(self, part: m.Part) -> Iterator[bytes]:
        """The part's pieces, at most 8 MiB each, whole: one call to the store for each."""
        for n in range(self.pieces[part.sha256]):
            yield self.platform.store.get(piece_key(self.upload_id, part.sha256, n))


def _open_bid(
    platform: Platform,
    lot: LotContext,
    manifest: m.KeyManifest,
    bid: OpeningBid,
    shares: _Shares,
    source: _Source,
) -> _Found:
    """Recover the bid's keys and open its summary and deposit; a failure is the bid's alone."""
    body = bidding.bid_manifest(bid.envelope)
    keys: dict[str, bytes] = {}
    try:
        for part in body.parts:
            keys[part.id] = _recover(body, bid, part, shares, k=manifest.policy.k)
        return _Found(bid, _open_parts(lot, body, keys, source), keys)
    except (SealProblem, NotFound) as seen:
        problem = attributed(
            platform, bid, seen, shares.kept_back, upload_id=source.upload_id, pieces=source.pieces
        )
        return _Found(bid, None, {}, problem)


def _keep(tx: Tx, platform: Platform, manifest: m.KeyManifest, found: Sequence[_Found]) -> None:
    """Keep what was found wrapped, for those bids of which nobody kept anything yet."""
    ids = [one.bid.bid_id for one in found]
    free = OpeningBid.opened.is_(None) & OpeningBid.code.is_(None)
    query = select(OpeningBid.bid_id).where(OpeningBid.bid_id.in_(ids), free).with_for_update()
    waiting = set(tx.scalars(query))
    opened, keys = [], []
    for one in found:
        if one.bid.bid_id not in waiting:
            continue
        if one.problem is not None:
            _note_failure(tx, one.bid, one.problem)
            continue
        wrapped = platform.wrapper.wrap("opened", one.bid.bid_id, msgspec.json.encode(one.opened))
        opened.append({"bid_id": one.bid.bid_id, "opened": wrapped})
        keys += _part_keys(platform, manifest, one.bid, one.keys)
    if opened:
        tx.execute(update(OpeningBid), opened)
        tx.execute(insert(PartKey), keys)


def _recover(body: m.BidManifest, bid: OpeningBid, part: m.Part, shares: _Shares, *, k: int) -> bytes:
    place = (bid.manifest_sha256, part.id)
    return bs1.combine(
        {index: found[place] for index, found in shares.custodians.items() if place in found},
        shares.gate.get(place),
        None,
        k=k,
        ctx=capsules.context_of(body, part),
        commits=part.commits(),
    ).identity


def _open_parts(lot: LotContext, body: m.BidManifest, keys: dict[str, bytes], source: _Source) -> Opened:
    values: dict[str, Any] = {}
    letter = None
    for part in body.parts:
        if part.id not in READ_OUT_PARTS:
            continue
        with opened_part(body, part, keys[part.id], source.chunks(part)) as archive:
            members = {
                one.name: one
                for one in archive_reader.read_archive(archive, ctx=capsules.context_of(body, part))
            }
            if part.id == summary.SUMMARY_PART:
                if summary.SUMMARY_FILE not in members:
                    raise BadContent(detail="there is no summary.json")
                raw = archive_reader.read_member(archive, members[summary.SUMMARY_FILE])
                values = dict(summary.read(lot.content.form, raw))
            elif SIGNED_NAME in members and members[SIGNED_NAME].size <= MAX_SIZE:
                letter = archive_reader.read_member(archive, members[SIGNED_NAME])
    return Opened(values, letter)


@contextmanager
def opened_part(
    body: m.BidManifest, part: m.Part, identity: bytes, chunks: Iterator[bytes]
) -> Iterator[BinaryIO]:
    """The decrypted archive of a part in a temporary file; `BadPayload` when it does not decrypt to its end."""
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as plain:
        # A spooled file does all that a binary file promises but is not typed so.
        bs1.decrypt(_Stream(chunks), cast(BinaryIO, plain), identity, ctx=capsules.context_of(body, part))
        plain.seek(0)
        yield cast(BinaryIO, plain)


class _Stream:
    """Chunks as a readable binary stream; a read may give less than asked for, nothing only at the end."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._rest = memoryview(b"")

    def read(self, size: int) -> bytes:
        self._fill()
        found, self._rest = self._rest[:size], self._rest[size:]
        return bytes(found)

    def readinto(self, target: memoryview) -> int:
        self._fill()
        used = min(len(target), len(self._rest))
        target[:used] = self._rest[:used]
        self._rest = self._rest[used:]
        return used

    def _fill(self) -> None:
        while not self._rest and (chunk := next(self._chunks, None)) is not None:
            self._rest = memoryview(chunk)


def _part_keys(
    platform: Platform, manifest: m.KeyManifest, bid: OpeningBid, keys: dict[str, bytes]
) -> list[dict[str, object]]:
    """The recovered identities, wrapped; those of public parts also in clear, for anybody's `age -d`."""
    suite = suites.get(manifest.suite)
    return [
        {
            "bid_id": bid.bid_id,
            "part": part,
            "wrapped": platform.wrapper.wrap("part-key", f"{bid.bid_id}/{part}", secret),
            "published": suite.encode_identity(secret) if manifest.part(part).public else None,
        }
        for part, secret in keys.items()
    ]


def _note_failure(tx: Tx, bid: OpeningBid, problem: SealProblem) -> None:
    tx.execute(
        update(OpeningBid)
        .where(OpeningBid.bid_id == bid.bid_id, OpeningBid.opened.is_(None), OpeningBid.code.is_(None))
        .values(code=problem.code, fault=problem.fault)
    )


def _read_out(tx: Tx, platform: Platform, lot: LotContext) -> None:
    """Show all summaries at once (电子招标投标办法 art. 30); fewer than three opened bids end the lot."""
    query = select(Opening).where(Opening.lot_id == lot.lot_id, Opening.state == OpeningState.RELEASED)
    opening = tx.scalar(query.with_for_update())
    bids = queries.bids_of(tx, lot.lot_id)
    if opening is None or any(bid.opened is None and bid.code is None for bid in bids):
        return
    at = clock.now(tx)
    opening.read_out_at = at
    opening.state = OpeningState.READ_OUT
    for bid in bids:
        _show(tx, platform, lot, bid, at=at)
    opened = [bid for bid in bids if bid.state == BidState.OPENED]
    enough = len(opened) >= lot.rule_set.min_bids
    move_lot(tx, lot.lot_id, LotMove.READ_OUT if enough else LotMove.FAIL)
    lot_id = lot.lot_id
    for bid in bids:
        announce(tx, "opening.bid_read_out", lot_id=lot_id, subject=bid.bid_id, at=at, data=_public(lot, bid))
    data = {"lot": lot.lot_code, "bids": len(bids), "opened": len(opened)}
    announce(tx, "opening.read_out", lot_id=lot_id, at=at, data=data)
    if not enough:
        short = {"lot": lot.lot_code, "eligible_count": len(opened), "needed": lot.rule_set.min_bids}
        announce(tx, "tender.failed", lot_id=lot_id, at=at, data=short)
    custodian_keys.destroy(tx, lot_id, lot.lot_code, at=at, opens=STAGE)


def _public(lot: LotContext, bid: OpeningBid) -> dict[str, Any]:
    """What was read out of a bid, without persons: the log is for ever, their names are not for it."""
    values = {k: v for k, v in (bid.summary or {}).items() if k not in PERSONAL}
    return {
        "lot": lot.lot_code,
        "manifest_sha256": bid.manifest_sha256,
        "state": bid.state,
        "code": bid.code,
        "summary": values,
    }


def _show(tx: Tx, platform: Platform, lot: LotContext, bid: OpeningBid, *, at: datetime) -> None:
    if bid.opened is None:
        bid.state = state_after_failure(bid.fault)
        return
    opened = msgspec.json.decode(platform.wrapper.unwrap("opened", bid.bid_id, bid.opened), type=Opened)
    bid.summary = opened.summary
    bid.state = BidState.OPENED
    if opened.letter is not None:
        organisation = identity.organisation(tx, bid.org_id)
        bidder = OrgRef(organisation.id, organisation.name, organisation.uscc)
        judge_letter(tx, lot, bidder, opened.letter, at=at)


def check_parts(platform: Platform, bid_id: str) -> None:
    """Decrypt a bid's large parts to the end; what does not open is noted for the committee, nothing is undone."""
    with platform.db.read() as tx:
        bid = tx.get_one(OpeningBid, bid_id)
        body = bidding.bid_manifest(bid.envelope)
        upload_id = bidding.upload_of(tx, bid_id)
        source = _Source(platform, upload_id, bidding.pieces_of(tx, upload_id))
        keys = part_keys(tx, platform, bid_id)
    code = None
    for part in body.parts:
        try:
            with opened_part(body, part, keys[part.id], source.chunks(part)) as archive:
                archive_reader.read_archive(archive, ctx=capsules.context_of(body, part))
        except (SealProblem, NotFound) as seen:
            problem = attributed(platform, bid, seen, (), upload_id=upload_id, pieces=source.pieces)
            code = problem.code
    with platform.db.transaction() as tx:
        tx.execute(
            update(OpeningBid)
            .where(OpeningBid.bid_id == bid_id, OpeningBid.payload_checked_at.is_(None))
            .values(payload_checked_at=clock.now(tx), payload_code=code)
        )


def opened_archive(platform: Platform, bid_id: str, part_id: str) -> Iterator[bytes]:
    """An opened part's archive in chunks, decrypted for this one reading; `NotFound` before the read-out."""
    with platform.db.read() as tx:
        bid = tx.get(OpeningBid, bid_id)
        if bid is None or bid.state != BidState.OPENED:
            raise NotFound
        body = bidding.bid_manifest(bid.envelope)
        part = next((one for one in body.parts if one.id == part_id), None)
        if part is None:
            raise NotFound
        upload_id = bidding.upload_of(tx, bid_id)
        source = _Source(platform, upload_id, bidding.pieces_of(tx, upload_id))
        secret = part_keys(tx, platform, bid_id)[part_id]
    chunks = _checked_archive(body, part, secret, source)
    first = next(chunks)  # decrypts to the end now: what does not open is refused before the answer begins
    return chain((first,), chunks)


def _checked_archive(body: m.BidManifest, part: m.Part, secret: bytes, source: _Source) -> Iterator[bytes]:
    with opened_part(body, part, secret, source.chunks(part)) as archive:
        archive_reader.read_archive(archive, ctx=capsules.context_of(body, part))
        archive.seek(0)
        while chunk := archive.read(CHUNK):
            yield chunk


def part_keys(tx: Tx, platform: Platform, bid_id: str) -> dict[str, bytes]:
    """The identities recovered at the opening, by part."""
    rows = tx.scalars(select(PartKey).where(PartKey.bid_id == bid_id))
    return {
        row.part: platform.wrapper.unwrap("part-key", f"{bid_id}/{row.part}", row.wrapped) for row in rows
    }
