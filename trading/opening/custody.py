"""The custodian's side: one-time keys, and the checks before any share leaves this machine."""

from __future__ import annotations

import os
import time
from pathlib import Path

import msgspec
from cryptography import x509

from bidding_docs import age, dsse, suites
from bidding_docs import manifests as m
from bidding_docs import opening as bs1
from bidding_docs.encoding import parse_time
from govcore.audit.entries import entry_leaf
from govcore.audit.note import parse_vkey
from govcore.audit.proof import ProofRefused, check_inclusion
from govcore.dsse import Signer
from trading.client import Client, Refused, wait_for
from trading.opening.schemas import Bundle
from trading.tender.keys import STAGE
from trading.tender.signing import (
    NotTrusted,
    custodian_names,
    fetch_manifest,
    sign_manifest,
    verified_manifest,
)

MIN_BIDS = 3
PAUSE = 0.3


def key_file(folder: Path, lot: str) -> Path:
    return folder / f"{lot}.{STAGE}.age"


def give_keys(client: Client, signer: Signer, folder: Path, lot: str, passphrase: str) -> None:
    """Make the lot's one-time identity, keep it under the passphrase, give its recipient."""
    suite = suites.get(client.get(f"/api/lots/{lot}/tender")["content"]["suite"])
    identity, recipient = suite.generate()
    path = key_file(folder, lot)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(age.encrypt_bytes_with_passphrase(suite.encode_identity(identity).encode(), passphrase))
    (folder / f"{lot}.recipient").write_text(recipient)
    body = {"cert_sha256": signer.keyid, "recipients": {STAGE: recipient}}
    client.post(f"/api/lots/{lot}/custodian-keys", body)


def sign(client: Client, signer: Signer, authority: x509.Certificate, folder: Path, lot: str) -> str:
    """Sign the manifest when it names this certificate with the very recipient that was given.

    Its digest is pinned for the opening: a site that exchanged a recipient would read bids alone.
    """
    manifest, payload, _ = fetch_manifest(client, lot)
    own = [one for one in manifest.custodians if one.cert_sha256 == signer.keyid]
    given = (folder / f"{lot}.recipient").read_text()
    if [one.recipients for one in own] != [{STAGE: given}]:
        raise NotTrusted("the key manifest does not name your certificate with the key you gave")
    custodian_names(client, manifest, authority)
    (folder / f"{lot}.manifest").write_text(m.digest(payload))
    return sign_manifest(client, signer, lot, payload)


def release(
    client: Client,
    signer: Signer,
    authority: x509.Certificate,
    folder: Path,
    lot: str,
    passphrase: str,
    *,
    seconds: float,
) -> str:
    """Check the closing, then release; of a lot that failed destroy the key. What was done, as a sentence."""
    _wait_for_closing(client, lot, seconds)
    bundle = msgspec.convert(wait_for(client, f"/api/lots/{lot}/bundle", seconds=seconds), Bundle)
    manifest = verified_manifest(client, lot, authority)
    if manifest.sha256 != (folder / f"{lot}.manifest").read_text():
        raise NotTrusted("this is not the key manifest that you signed")
    event = _closing_event(manifest.document, lot, bundle)
    if event.data.eligible_count < MIN_BIDS:
        key_file(folder, lot).unlink(missing_ok=True)
        return "fewer than three bids, as the log proves: nothing is released, the key is destroyed"
    if event.data.eligible_count != len(bundle.bids):
        raise NotTrusted("the closing does not count the bids that are shown")
    closing = bs1.Closing(
        key_manifest=manifest,
        tender_closed_sha256=m.digest(bundle.closed_event.encode()),
        bids_root=event.data.bids_root,
        authorities=[authority],
        closed_at=parse_time(event.at),
    )
    identity = suites.get(manifest.document.suite).parse_identity(_identity(folder, lot, passphrase))
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


class _Closed(msgspec.Struct, frozen=True):
    lot_id: str
    round: int
    bids_root: str
    eligible_count: int


class _ClosedEvent(msgspec.Struct, frozen=True):
    """What the log says of the closing."""

    type: str
    at: str
    data: _Closed


def _identity(folder: Path, lot: str, passphrase: str) -> str:
    try:
        return age.decrypt_bytes_with_passphrase(key_file(folder, lot).read_bytes(), passphrase).decode()
    except FileNotFoundError as error:
        raise NotTrusted("there is no key for this lot here: it was released or destroyed") from error
    except age.AgeError as error:
        raise NotTrusted("the passphrase does not open the lot's key") from error


def _wait_for_closing(client: Client, lot: str, seconds: float) -> None:
    until = time.monotonic() + seconds
    while client.get(f"/api/lots/{lot}/opening")["state"] == "bidding":
        if time.monotonic() > until:
            raise NotTrusted("the lot is not closed yet")
        time.sleep(PAUSE)


def _closing_event(manifest: m.KeyManifest, lot: str, bundle: Bundle) -> _ClosedEvent:
    """The closing, proved to stand in the log whose key the signed manifest names."""
    raw = bundle.closed_event.encode()
    try:
        check_inclusion(bundle.proof, entry_leaf(raw, None), parse_vkey(manifest.log.vkey))
    except ProofRefused as error:
        raise NotTrusted(f"the closing is not in the log: {error}") from error
    event = msgspec.json.decode(raw, type=_ClosedEvent)
    if event.type != "tender.closed" or (event.data.lot_id, event.data.round) != (lot, manifest.round):
        raise NotTrusted("the closing is another lot's")
    return event


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
