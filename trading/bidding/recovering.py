"""What a bidder does with its recovery file: give its shares, hand in its keys, read its own bid again."""

from __future__ import annotations

from pathlib import Path

from bidding_docs import capsules, dsse, recovery, suites
from bidding_docs import manifests as m
from bidding_docs import opening as bs1
from bidding_docs.codes import Unrecoverable
from bidding_docs.sealing import MANIFEST_FILE, part_file
from trading.client import Client


def give_share(client: Client, lot: str, kept: bytes, passphrase: str) -> list[str]:
    """Give one's own shares of the parts that open now; which parts these are."""
    shares = {
        part.id: part.bidder_share
        for part in _opening_now(client, lot, recovery.read(kept, passphrase))
        if part.bidder_share is not None
    }
    client.post(f"/api/lots/{lot}/bidder-shares", {"shares": shares})
    return sorted(shares)


def hand_in_keys(client: Client, lot: str, kept: bytes, passphrase: str) -> list[str]:
    """Hand in the keys of one's own parts that open now; which parts these are. Whoever has them reads the parts."""
    parts = _opening_now(client, lot, recovery.read(kept, passphrase))
    client.post(f"/api/lots/{lot}/recovery", {"identities": {part.id: part.identity for part in parts}})
    return sorted(part.id for part in parts)


def _opening_now(client: Client, lot: str, kept: recovery.Recovery) -> list[recovery.RecoveryPart]:
    """The parts of the present stage: nothing of a later one leaves this machine."""
    if kept.lot_id != lot:
        raise Unrecoverable(detail="it is of another lot")
    opens = client.get(f"/api/lots/{lot}/opening")["opens"]
    raw = client.call("GET", f"/api/lots/{lot}/key-manifest").content
    rules, payload = dsse.read_unverified(raw, m.KeyManifest)
    if m.digest(payload) != kept.key_manifest_sha256:
        raise Unrecoverable(detail="it was sealed for other keys than the lot's")
    now = rules.parts_of(opens)
    return [part for part in kept.parts if part.id in now]


def open_own(folder: Path, kept: bytes, passphrase: str, out: Path) -> list[str]:
    """Open one's own sealed folder into the new or empty folder `out`; the files written, by part."""
    keys = recovery.read(kept, passphrase)
    envelope = (folder / MANIFEST_FILE).read_bytes()
    manifest, payload = dsse.read_unverified(envelope, m.BidManifest)
    if keys.manifest_sha256 != m.digest(payload):
        raise Unrecoverable(detail="it is of another bid")
    suite, identities = suites.get(manifest.suite), {part.id: part.identity for part in keys.parts}
    written = []
    for part in manifest.parts:
        identity = suite.parse_identity(identities[part.id])
        ctx = capsules.context_of(manifest, part)
        with (folder / part_file(manifest.suite, part.id)).open("rb") as sealed:
            files = bs1.open_part(sealed, identity, ctx=ctx, extract_to=out / part.id)
        written += [f"{part.id}/{one.name}" for one in files]
    return written
