"""The custodian's side: one-time keys, and the checks before any share leaves this machine."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import click
import msgspec
from cryptography import x509

from bidding_docs import age, dsse
from bidding_docs import manifests as m
from bidding_docs import opening as bs1
from bidding_docs.encoding import parse_time
from govcore.audit.entries import entry_leaf
from govcore.audit.note import parse_note, parse_vkey
from govcore.audit.proof import check_inclusion
from govcore.dsse import Signer
from trading.bidding.sealing import verified_manifest
from trading.client import Client, Refused, wait_for
from trading.opening.schemas import Bundle
from trading.tender.keys import STAGE
from trading.tender.signing import fetch_manifest, sign_manifest

MIN_BIDS = 3
PAUSE = 0.3


class NotTrusted(click.ClickException):
    """A check failed: nothing is released."""


def key_file(folder: Path, lot: str) -> Path:
    return folder / f"{lot}.{STAGE}.age"


def give_keys(client: Client, signer: Signer, folder: Path, lot: str, passphrase: str) -> None:
    """Make the lot's one-time identity, keep it under the passphrase, give its recipient."""
    identity, recipient = age.generate()
    path = key_file(folder, lot)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(age.encrypt_bytes_with_passphrase(age.encode_identity(identity).encode(), passphrase))
    body = {"cert_sha256": signer.keyid, "recipients": {STAGE: recipient}}
    client.post(f"/api/lots/{lot}/custodian-keys", body)


def sign(client: Client, signer: Signer, folder: Path, lot: str) -> str:
    """Sign the manifest when it names this custodian's certificate; its digest is pinned for the opening."""
    manifest, payload, _ = fetch_manifest(client, lot)
    if signer.keyid not in {one.cert_sha256 for one in manifest.custodians}:
        raise NotTrusted("the key manifest does not name your certificate")
    (folder / f"{lot}.manifest").write_text(m.digest(payload))
    return sign_manifest(client, signer, lot)


def release(
    client: Client, signer: Signer, folder: Path, lot: str, passphrase: str, *, seconds: float
) -> str:
    """Check the closing, then release; of a failed lot destroy the key. What was done, as a sentence."""
    opening = _closed(client, lot, seconds)
    if opening["state"] == "failed":
        key_file(folder, lot).unlink(missing_ok=True)
        return "fewer than three bids: nothing is released, the key is destroyed"
    bundle = msgspec.convert(wait_for(client, f"/api/lots/{lot}/bundle", seconds=seconds), Bundle)
    closing = _checked_closing(client, folder, lot, bundle)
    sealed = key_file(folder, lot).read_bytes()
    identity = age.parse_identity(age.decrypt_bytes_with_passphrase(sealed, passphrase).decode())
    bids = [
        bs1.ClosedBid(
            one.envelope.encode(),
            x509.load_der_x509_certificate(one.certificate),
            {capsule.part: capsule.data for capsule in one.capsules},
        )
        for one in bundle.bids
    ]
    body = bs1.open_custodian_capsules(closing, bids, index=bundle.custodian, opens=STAGE, identity=identity)
    _send(client, lot, dsse.sign_document(body, [signer]), seconds)
    key_file(folder, lot).unlink()
    return f"shares of {len(bids)} bids released, the key is destroyed"


def _closed(client: Client, lot: str, seconds: float) -> dict[str, Any]:
    until = time.monotonic() + seconds
    while True:
        opening: dict[str, Any] = client.get(f"/api/lots/{lot}/opening")
        if opening["state"] != "bidding":
            return opening
        if time.monotonic() > until:
            raise NotTrusted("the lot is not closed yet")
        time.sleep(PAUSE)


def _checked_closing(client: Client, folder: Path, lot: str, bundle: Bundle) -> bs1.Closing:
    """The closing, proved to stand in the signed log under the key that the pinned manifest names."""
    manifest = verified_manifest(client, lot)
    if manifest.sha256 != (folder / f"{lot}.manifest").read_text():
        raise NotTrusted("this is not the key manifest that you signed")
    raw = bundle.closed_event.encode()
    vkey = parse_vkey(manifest.document.log.vkey)
    if not parse_note(bundle.checkpoint).signed_by(vkey):
        raise NotTrusted("the checkpoint is not signed by the log")
    check_inclusion(bundle.proof, entry_leaf(raw, None), vkey)
    event = msgspec.json.decode(raw)
    data = event["data"]
    if event["type"] != "tender.closed" or (data["lot_id"], data["round"]) != (lot, manifest.document.round):
        raise NotTrusted("the closing is another lot's")
    if data["eligible_count"] < MIN_BIDS or data["eligible_count"] != len(bundle.bids):
        raise NotTrusted("the closing does not count the bids that are shown")
    return bs1.Closing(
        key_manifest=manifest,
        tender_closed_sha256=m.digest(raw),
        bids_root=data["bids_root"],
        authorities=[x509.load_der_x509_certificate(bundle.authority)],
        closed_at=parse_time(event["at"][:19] + "Z"),
    )


def _send(client: Client, lot: str, raw: bytes, seconds: float) -> None:
    """Hand the release in; while the seals are being checked the answer is "too early", and we wait."""
    until = time.monotonic() + seconds
    while True:
        try:
            client.post(f"/api/lots/{lot}/share-releases", {"envelope": raw.decode()})
        except Refused as refused:
            if refused.problem.get("code") != "E_TOO_EARLY" or time.monotonic() > until:
                raise
            time.sleep(PAUSE)
        else:
            return
