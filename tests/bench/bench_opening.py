"""Opening 154 and 100 bids, from released shares to the read-out, against decrypting the same bytes in a bare loop.

154 is the number of bidders who used guarantees in the tender of 2019 that the design counts with. Each bid has the
two parts that an opening decrypts before it reads out: the summary (one filled form) and the deposit (a scanned
guarantee, random bytes). PostgreSQL keeps the state, the file store the ciphertext. Beside the decryption the opening
recombines keys, checks every archive's checksums and context, and keeps each result wrapped in a durable transaction:
about 1 ms of processor time a bid. The smaller the scan, the more that fixed part shows. The opening uses all cores,
the bare loop one.
"""

from __future__ import annotations

import io
import os
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median

import msgspec
from sqlalchemy import delete, func, select, update

from bidding_docs import age, capsules, dsse, summary
from bidding_docs import manifests as m
from bidding_docs.encoding import b64encode
from bidding_docs.sealing import SealedBid, seal_bid
from govcore import clock
from govcore.db import Tx
from tests.bench.postgres import postgresql
from tests.bench.results import Result
from tests.bench.town import FORM, Bidder, OpenLot, Town, found, random_digest
from trading.bidding.models import Bid, Upload, UploadPart
from trading.bidding.uploads import piece_key
from trading.gate.models import GateScope
from trading.opening.models import GateRelease, Opening, OpeningBid, PartKey, ShareRelease
from trading.opening.reading import read_bids
from trading.tender.models import Lot

TURNS = 7
CASES = ((154, 1 << 20, 1.5), (154, 4 << 20, 1.5), (100, 5_000_000, None))
"""How many bids, bytes of the scanned guarantee, and the limit where there is one."""

_ANSWERS: dict[str, str | int] = {
    "price_fen": 11_234_567_89,
    "duration_days": 170,
    "quality": "合格",
    "manager": "测量用",
    "manager_certificate": "鲁2370000001",
}


@dataclass(frozen=True, slots=True)
class _Sealed:
    """Where a part's ciphertext lies, and its identity."""

    key: str
    identity: bytes


def measure() -> list[Result]:
    """Seconds from the released shares to the end of the read-out."""
    return [_measure(bids, size, most) for bids, size, most in CASES]


def _measure(bids: int, size: int, most: float | None) -> Result:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-opening-")))
        town = found(folder / "data", stack.enter_context(postgresql()), lots=1, bidders=bids)
        parts = _release_all(town, folder, size)
        ours, peer = [], []
        for turn in range(TURNS + 1):
            pair = [lambda: read_bids(town.platform, town.lots[0].id), lambda: _decrypt_all(town, parts)]
            taken = {place: _seconds(pair[place]) for place in ((0, 1) if turn % 2 else (1, 0))}
            ours.append(taken[0])
            peer.append(taken[1])
            _forget(town)
        town.platform.db.dispose()
    return Result(
        name=f"open {bids} bids with a scan of {size / 1e6:.1f} MB each, against decrypting alone",
        unit="s",
        ours=median(ours[1:]),
        peer=median(peer[1:]),
        most=most,
    )


def _seconds(work: Callable[[], None]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _decrypt_all(town: Town, parts: list[_Sealed]) -> None:
    for part in parts:
        age.decrypt(io.BytesIO(town.platform.store.get(part.key)), io.BytesIO(), [part.identity])


def _release_all(town: Town, folder: Path, size: int) -> list[_Sealed]:
    """A closed lot whose bids lie in the store and whose shares are all released."""
    lot = town.lots[0]
    scan = folder / "scan.pdf"
    scan.write_bytes(os.urandom(size))
    sealed = [_seal(lot, bidder, folder / bidder.org_id, scan) for bidder in town.bidders]
    keys = _identities(town, lot)
    parts: list[_Sealed] = []
    with town.platform.db.transaction() as tx:
        _close(tx, lot, len(town.bidders))
        for number, (bidder, bid) in enumerate(zip(town.bidders, sealed, strict=True), 1):
            parts += _admit(tx, town, lot, bidder, bid, number)
        for index in (1, 2):
            _hand_in(tx, town, lot, sealed, index, keys[capsules.custodian(index)])
        _open_gate(tx, town, lot, sealed, keys[capsules.GATE])
    return parts


def _seal(lot: OpenLot, bidder: Bidder, folder: Path, scan: Path) -> SealedBid:
    return seal_bid(
        key_manifest=lot.manifest,
        parts={"deposit": [("保函扫描件.pdf", scan)]},
        summary=summary.write(FORM, _ANSWERS),
        bidder_id=bidder.uscc,
        cert=bidder.signer.certificate,
        signer=bidder.signer,
        seq=1,
        supersedes=None,
        out_dir=folder,
        passphrase="measured",
        work_factor=1,
    )


def _identities(town: Town, lot: OpenLot) -> dict[str, bytes]:
    with town.platform.db.read() as tx:
        key = tx.get_one(GateScope, (lot.id, 1, m.OPENING))
    gate = town.platform.wrapper.unwrap("gate", f"{lot.id}/1/{m.OPENING}", key.wrapped or b"")
    return {capsules.GATE: gate} | {capsules.custodian(i): key for i, key in lot.custodians.items()}


def _close(tx: Tx, lot: OpenLot, bids: int) -> None:
    at = clock.now(tx)
    tx.execute(update(Lot).where(Lot.id == lot.id).values(state="closed", closed_at=at, deadline_at=at))
    tx.add(
        Opening(
            lot_id=lot.id,
            round=1,
            state="released",
            closed_payload=b"{}",
            cp_size=1,
            bids_root=random_digest(),
            eligible_count=bids,
            closed_at=at,
            seal_check_until=at,
            release_until=at + timedelta(days=1),
        )
    )
    tx.flush()


def _admit(tx: Tx, town: Town, lot: OpenLot, bidder: Bidder, sealed: SealedBid, number: int) -> list[_Sealed]:
    """Rows of a received bid, and its parts in the store."""
    bid_id, upload_id, at = f"bid-{number}", f"upload-{number}", clock.now(tx)
    digest = sealed.manifest_sha256
    tx.add(Upload(id=upload_id, lot_id=lot.id, owner_tag="owner", created_at=at, capsules={}))
    bid = Bid(id=bid_id, lot_id=lot.id, round=1, bidder_tag=digest, seq=1, kind="bid", upload_id=upload_id)
    bid.manifest_sha256, bid.idempotency_tag, bid.wrapped, bid.leaf = digest, digest, b"-", digest
    bid.received_at = at
    tx.flush()
    tx.add(bid)
    tx.flush()
    opening = OpeningBid(bid_id=bid_id, lot_id=lot.id, number=number, org_id=bidder.org_id, state="sealed")
    opening.manifest_sha256, opening.envelope, opening.received_at = digest, sealed.envelope, at
    tx.add(opening)
    recovered = age.decrypt_bytes_with_passphrase(sealed.recovery.read_bytes(), "measured")
    found_parts = []
    for part in sealed.manifest.parts:
        key = piece_key(upload_id, part.sha256, 0)
        town.platform.store.put_new(key, sealed.parts[part.id].read_bytes())
        tx.add(UploadPart(upload_id=upload_id, sha256=part.sha256, size=part.size, pieces=1))
        found_parts.append(_Sealed(key, _identity_in(recovered, part.id)))
    return found_parts


def _identity_in(recovered: bytes, part_id: str) -> bytes:
    kept = msgspec.json.decode(recovered)
    return age.parse_identity(next(one["identity"] for one in kept["parts"] if one["id"] == part_id))


def _releases(sealed: list[SealedBid], holder: str, identity: bytes) -> tuple[m.Release, ...]:
    found_releases = []
    for bid in sealed:
        for part in bid.manifest.parts:
            share = capsules.open_capsule(
                bid.capsules[part.id, holder].read_bytes(),
                identity,
                ctx=capsules.context_of(bid.manifest, part),
                holder=holder,
                committed=part.commits()[holder],
            )
            release = m.Release(manifest_sha256=bid.manifest_sha256, part=part.id, share=b64encode(share))
            found_releases.append(release)
    return tuple(found_releases)


def _hand_in(tx: Tx, town: Town, lot: OpenLot, sealed: list[SealedBid], index: int, identity: bytes) -> None:
    body = m.ShareRelease(
        tender_id="tender",
        lot_id=lot.id,
        round=1,
        key_manifest_sha256=lot.manifest.sha256,
        custodian=index,
        opens=m.OPENING,
        tender_closed_sha256="0" * 64,
        releases=_releases(sealed, capsules.custodian(index), identity),
    )
    raw = dsse.sign_document(body, [town.bidders[0].signer])
    wrapped = town.platform.wrapper.wrap("share", f"{lot.id}/1/{index}", raw)
    row = ShareRelease(lot_id=lot.id, custodian=index, opens=m.OPENING, sha256="0" * 64, wrapped=wrapped)
    row.received_at = clock.now(tx)
    tx.add(row)


def _open_gate(tx: Tx, town: Town, lot: OpenLot, sealed: list[SealedBid], identity: bytes) -> None:
    body = m.GateRelease(
        tender_id="tender",
        lot_id=lot.id,
        round=1,
        key_manifest_sha256=lot.manifest.sha256,
        opens=m.OPENING,
        tender_closed_sha256="0" * 64,
        releases=_releases(sealed, capsules.GATE, identity),
    )
    raw = dsse.sign_document(body, [town.bidders[0].signer])
    wrapped = town.platform.wrapper.wrap("gate-release", f"{lot.id}/1/{m.OPENING}", raw)
    row = GateRelease(lot_id=lot.id, opens=m.OPENING, sha256="0" * 64, wrapped=wrapped)
    row.released_at = clock.now(tx)
    tx.add(row)


def _forget(town: Town) -> None:
    """Check that everything was read out, and put the lot back to where its shares were released."""
    lot_id = town.lots[0].id
    with town.platform.db.transaction() as tx:
        opened = select(func.count()).where(OpeningBid.state == "opened", OpeningBid.summary.is_not(None))
        if tx.scalar(opened) != len(town.bidders):
            raise AssertionError("not every bid was read out")
        tx.execute(delete(PartKey))
        tx.execute(update(OpeningBid).values(state="sealed", opened=None, summary=None))
        tx.execute(update(Opening).values(state="released", read_out_at=None))
        tx.execute(update(Lot).where(Lot.id == lot_id).values(state="closed"))


if __name__ == "__main__":
    for result in measure():
        print(result, result.ratio)
