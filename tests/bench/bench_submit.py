"""Submitting a bid against a bare INSERT: both through granian and Litestar, into the same PostgreSQL.

A submission is the whole thing: session, signed manifest, one transaction, log entry, signed receipt. The bare
handler stores the same message in one row. The servers run at once and are loaded in turns. Ours keeps its web
process to one core; the bare handler runs as granian starts it, and for comparison on one core too.

A submission makes three trips to the database, as many as the bare handler: the session; BEGIN, lot under its lock,
clock, own messages, certificate and upload together; log entry, bid and COMMIT together. What is left is processor
time of the one web process: two signatures, eight statements through the driver, one ORM transaction and a second
change of threads cost about three times what the bare handler costs in all.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

import msgspec

from bidding_docs import age, dsse
from bidding_docs import manifests as m
from govcore import clock
from govcore.db import Base
from tests.bench.bare import ONE_CORE, URL, BareRow
from tests.bench.postgres import postgresql
from tests.bench.results import Result
from tests.bench.town import PARTS, Bidder, OpenLot, Town, found, insert_all, random_digest
from tests.servers import free_port, wait_for
from trading.bidding.models import Upload, UploadPart

CONNECTIONS = 16
BIDDERS = 154
TURNS = 9
WARM_UP = 2
SIZE = 3 * 1024 * 1024

_GRANIAN = ["-m", "granian", "--factory", "--interface=asgi", "--no-ws", "--no-log"]
_BARE = [*_GRANIAN, "--port", "PORT", "tests.bench.bare:create"]
ROOT = Path(__file__).parents[2]


def measure() -> list[Result]:
    """Submissions a second of the platform against inserts a second of the bare handler."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-submit-")))
        url = stack.enter_context(postgresql())
        town = found(folder / "data", url, lots=TURNS + WARM_UP, bidders=BIDDERS)
        Base.metadata.create_all(
            town.platform.db.engine, tables=[Base.metadata.tables[BareRow.__tablename__]]
        )
        files = [write_turn(town, lot, folder) for lot in town.lots]
        town.platform.db.dispose()
        ours = stack.enter_context(served(["-m", "govcore", "serve", "--only", "web"], town.environment))
        peer = stack.enter_context(served(_BARE, {URL: url}))
        pinned = stack.enter_context(served(_BARE, {URL: url, ONE_CORE: "1"}))
        loads = [((ours, mine), (peer, bare), (pinned, bare)) for mine, bare in files]
        taken = [_turn(turn, each) for turn, each in enumerate(loads)][WARM_UP:]
    submitted, inserted, on_one_core = (BIDDERS / median(seconds) for seconds in zip(*taken, strict=True))
    name, unit = f"submit a bid, {CONNECTIONS} connections, against one bare INSERT", "requests/s"
    return [
        Result(name=name, unit=unit, ours=submitted, peer=inserted, least=0.4),
        Result(name=f"{name} on one core too", unit=unit, ours=submitted, peer=on_one_core),
    ]


def _turn(turn: int, loads: Sequence[tuple[int, Path]]) -> list[float]:
    """The order alternates, so that a busy moment of the machine slows all alike."""
    order = range(len(loads))
    seconds = {n: _load(*loads[n]) for n in (order if turn % 2 else reversed(order))}
    return [seconds[n] for n in order]


def _load(port: int, file: Path) -> float:
    command = [sys.executable, "-m", "tests.bench.load", str(port), str(CONNECTIONS), str(file)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    return float(done.stdout)


def write_turn(town: Town, lot: OpenLot, folder: Path) -> tuple[Path, Path]:
    """Every bidder's submission to one lot, and as many messages of the same size for the bare handlers."""
    prepared = [_prepare(lot, bidder) for bidder in town.bidders]
    with town.platform.db.transaction() as tx:
        at = clock.now(tx)
        uploads, parts = [], []
        for bidder, (upload_id, bid, _) in zip(town.bidders, prepared, strict=True):
            owner = town.platform.keys.tag("upload-owner", lot.id, bidder.org_id)
            held = {one.sha256: one.size for part in bid.parts for one in part.capsules}
            row = {"id": upload_id, "lot_id": lot.id, "owner_tag": owner, "created_at": at, "capsules": held}
            uploads.append(row)
            parts += [
                {"upload_id": upload_id, "sha256": part.sha256, "size": part.size, "pieces": 1}
                for part in bid.parts
            ]
        insert_all(tx, Upload, uploads)
        insert_all(tx, UploadPart, parts)
    submissions, bare = folder / f"{lot.id}.json", folder / f"{lot.id}-bare.json"
    submissions.write_text(
        json.dumps(
            [
                request_text(f"/api/lots/{lot.id}/bids", body, cookie=f"session={bidder.token}")
                for bidder, (_, _, body) in zip(town.bidders, prepared, strict=True)
            ]
        )
    )
    bare.write_text(json.dumps([request_text("/", body, cookie="") for _, _, body in prepared]))
    return submissions, bare


def _prepare(lot: OpenLot, bidder: Bidder) -> tuple[str, m.BidManifest, str]:
    """An upload's id, the manifest of its parts, and the message that submits it."""
    upload_id = secrets.token_hex(16)
    bid = m.BidManifest(
        tender_id=lot.manifest.document.tender_id,
        lot_id=lot.id,
        round=1,
        key_manifest_sha256=lot.manifest.sha256,
        bidder_id=bidder.uscc,
        cert_sha256=bidder.signer.keyid,
        seq=1,
        supersedes=None,
        parts=tuple(_part(lot, rule.id) for rule in PARTS),
    )
    envelope = dsse.sign_document(bid, [bidder.signer]).decode()
    body = {"envelope": envelope, "upload_id": upload_id, "idempotency_key": secrets.token_hex(16)}
    return upload_id, bid, msgspec.json.encode(body).decode()


def _part(lot: OpenLot, part_id: str) -> m.Part:
    holders = m.holders(lot.manifest.document)
    return m.Part(
        id=part_id,
        recipient=age.generate()[1],
        size=SIZE if part_id != "summary" else 2048,
        sha256=random_digest(),
        piece_size=m.PIECE_SIZE,
        pieces_root=random_digest(),
        capsules=tuple(
            m.CapsuleRef(holder=holder, size=900, sha256=random_digest(), commit=random_digest())
            for holder in holders
        ),
    )


def request_text(path: str, body: str, *, cookie: str, method: str = "POST") -> str:
    lines = [
        f"{method} {path} HTTP/1.1",
        "Host: 127.0.0.1",
        "Content-Type: application/json",
        f"Content-Length: {len(body.encode())}",
        *([f"Cookie: {cookie}"] if cookie else []),
    ]
    return "\r\n".join(lines) + "\r\n\r\n" + body


@contextmanager
def served(arguments: list[str], environment: dict[str, str]) -> Iterator[int]:
    """A server process on a free port, which is named by `PORT` or in the environment."""
    port = free_port()
    command = [sys.executable, *(str(port) if one == "PORT" else one for one in arguments)]
    settings = os.environ | environment | {"TRADING_PORT": str(port)}
    process = subprocess.Popen(command, env=settings, cwd=ROOT)
    try:
        wait_for(lambda: _answers(port), what="the server answers")
        yield port
    finally:
        process.terminate()
        process.wait(15)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


if __name__ == "__main__":
    for result in measure():
        print(result, result.ratio)
