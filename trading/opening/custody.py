"""The custodian's side: one-time keys, their rehearsal, the signature for them, the release of shares."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec
from cryptography import x509

from bidding_docs import dsse, kept_keys, rehearsal, suites
from bidding_docs import manifests as m
from bidding_docs import opening as bs1
from bidding_docs.kept_keys import KeptKey, Pinned
from bidding_docs.rehearsal import Scope
from govcore.audit.note import parse_head, parse_note
from govcore.dsse import Signer
from trading.client import Client, Refused
from trading.opening.closing_checks import Checked, NotYet, check_closing
from trading.opening.schemas import Bundle, SeatShown
from trading.tender.schemas import OwnKey, OwnKeys
from trading.tender.signing import (
    NotTrusted,
    custodian_names,
    fetch_manifest,
    sign_manifest,
    verified_manifest,
)

PAUSE = 0.3


def seats(client: Client) -> list[SeatShown]:
    """All seats of the custodian's organisation, with what each waits for."""
    return msgspec.convert(client.get("/api/custodian/seats"), list[SeatShown])


def key_file(folder: Path, lot: str, opens: str) -> Path:
    return folder / f"{lot}.{opens}.age"


def prepare(
    client: Client, signer: Signer, folder: Path, seat: SeatShown, passphrase: str, *, offline: bool
) -> None:
    """Make a lot's one-time keys; the files stay here and, unless `offline`, a copy of each goes to the site."""
    if len(passphrase) < kept_keys.MIN_PASSPHRASE:
        raise NotTrusted(f"a passphrase for keys has at least {kept_keys.MIN_PASSPHRASE} characters")
    suite = suites.get(seat.suite)
    blobs, recipients = {}, {}
    existing = [one for opens in seat.stages if (one := key_file(folder, seat.lot_id, opens)).exists()]
    if existing:
        raise NotTrusted(f"{existing[0]} is there already: move it away if you mean to make new keys")
    for opens in seat.stages:
        identity, recipients[opens] = suite.generate()
        key = KeptKey(
            lot_id=seat.lot_id,
            round=seat.round,
            opens=opens,
            recipient=recipients[opens],
            identity=suite.encode_identity(identity),
        )
        blobs[opens] = kept_keys.lock(key, passphrase)
        _write_new(key_file(folder, seat.lot_id, opens), blobs[opens])
    body = {
        "cert_sha256": signer.keyid,
        "recipients": recipients,
        "blobs": {} if offline else msgspec.to_builtins(blobs),
        "client": "cli",
    }
    client.post(f"/api/lots/{seat.lot_id}/custodian-keys", body)


def sign(
    client: Client, signer: Signer, authority: x509.Certificate, folder: Path, lot: str, passphrase: str
) -> str:
    """Rehearse the lot's keys, then sign the manifest when it names this certificate with these very keys.

    Its digest and the log as it is now are pinned in the kept keys: a site that exchanged a recipient would read bids
    alone.
    """
    own = msgspec.convert(client.get(f"/api/lots/{lot}/custodian-keys"), OwnKeys)
    found = {one.opens: _kept(folder, lot, one, passphrase) for one in own.keys}
    manifest, payload, _ = fetch_manifest(client, lot)
    named = [one for one in manifest.custodians if one.cert_sha256 == signer.keyid]
    given = {opens: key.recipient for opens, key in found.items()}
    if [one.recipients for one in named] != [given] or named[0].index != own.custodian:
        raise NotTrusted("the key manifest does not name your certificate with the keys you gave")
    custodian_names(client, manifest, authority)
    _rehearse(client, signer, own, found)
    head = parse_head(parse_note(client.call("GET", "/log/checkpoint").text).text)
    pinned = Pinned(key_manifest_sha256=m.digest(payload), log_size=head.size, log_root=head.root.hex())
    _pin(client, folder, own, found, pinned, passphrase)
    return sign_manifest(client, signer, lot, payload)


def _rehearse(client: Client, signer: Signer, own: OwnKeys, found: dict[str, KeptKey]) -> None:
    """Open the tenderer's capsules and give back the signed hashes of what was in them."""
    if all(one.answered for one in own.keys):
        return
    answers = []
    for one in own.keys:
        if one.capsule is None:
            raise NotTrusted("the tenderer has not made the rehearsal capsules for this lot yet")
        scope = Scope(
            tender_id=own.tender_id,
            lot_id=own.lot_id,
            round=own.round,
            custodian=own.custodian,
            opens=one.opens,
            recipient=one.recipient,
        )
        answers.append(rehearsal.open_rehearsal(one.capsule, found[one.opens].secret(), scope))
    raw = rehearsal.sign_answers(tuple(answers), signer)
    client.post(f"/api/lots/{own.lot_id}/rehearsals/answers", {"envelope": raw.decode()})


def _pin(
    client: Client,
    folder: Path,
    own: OwnKeys,
    found: dict[str, KeptKey],
    pinned: Pinned,
    passphrase: str,
) -> None:
    """Lock the keys again with what is signed inside, here and, where a copy lies there, at the site."""
    blobs = {}
    for one in own.keys:
        blob = kept_keys.lock(msgspec.structs.replace(found[one.opens], pinned=pinned), passphrase)
        _write_over(key_file(folder, own.lot_id, one.opens), blob)
        if one.blob is not None:
            blobs[one.opens] = blob
    if blobs:
        path = f"/api/lots/{own.lot_id}/custodian-keys"
        client.call("PUT", path, json={"blobs": msgspec.to_builtins(blobs)})


def release(
    client: Client,
    signer: Signer,
    authority: x509.Certificate,
    folder: Path,
    seat: SeatShown,
    passphrase: str,
    *,
    seconds: float,
) -> list[str]:
    """Check the closing, then release; of a lot that failed destroy the key. What was found and done, as sentences."""
    _wait_for_closing(client, seat.lot_id, seconds)
    own = msgspec.convert(client.get(f"/api/lots/{seat.lot_id}/custodian-keys"), OwnKeys)
    key = _kept(folder, seat.lot_id, _of_stage(own, seat.opens), passphrase)
    if key.pinned is None:
        raise NotTrusted("this key was never signed for: its file pins no key manifest")
    checked = _check(client, authority, seat, key.pinned, seconds=seconds)
    mine = key_file(folder, seat.lot_id, seat.opens)
    if checked.failed:
        mine.unlink(missing_ok=True)
        return [*checked.facts, "too few bids: nothing is released, your key file is deleted"]
    body = bs1.open_custodian_capsules(
        checked.closing, checked.bids, index=own.custodian, opens=seat.opens, identity=key.secret()
    )
    _send(client, seat.lot_id, dsse.sign_document(body, [signer]), seconds)
    refused = [f"{one.part} of {one.manifest_sha256[:16]}…: {one.refused}" for one in _refused(body)]
    done = f"shares of {len(checked.bids)} bids released in one message"
    if refused:
        return [*checked.facts, *refused, f"{done}, your key is kept until what was refused is judged"]
    mine.unlink(missing_ok=True)
    return [*checked.facts, f"{done}, your key file is deleted"]


def _refused(body: m.ShareRelease) -> list[m.Release]:
    return [one for one in body.releases if one.refused is not msgspec.UNSET]


def _of_stage(own: OwnKeys, opens: str) -> OwnKey:
    for one in own.keys:
        if one.opens == opens:
            return one
    raise NotTrusted("you gave no key for this opening")


def _check(
    client: Client, authority: x509.Certificate, seat: SeatShown, pinned: Pinned, *, seconds: float
) -> Checked:
    path = f"/api/lots/{seat.lot_id}/bundle?since={pinned.log_size}"
    until = time.monotonic() + seconds
    while True:
        try:
            bundle = msgspec.convert(client.get(path), Bundle)
            manifest = verified_manifest(client, seat.lot_id, authority)
            return check_closing(manifest, pinned, bundle, [authority], lot=seat.lot_id)
        except (Refused, NotYet):
            if time.monotonic() > until:
                raise
        time.sleep(PAUSE)


def _kept(folder: Path, lot: str, own: OwnKey, passphrase: str) -> KeptKey:
    """The lot's key from the file on this machine or the site's copy; the one that was signed for, if either was."""
    path = key_file(folder, lot, own.opens)
    blobs = [path.read_bytes()] if path.exists() else []
    blobs += [own.blob] if own.blob is not None else []
    if not blobs:
        raise NotTrusted("there is no key for this lot here or at the site: it was released or destroyed")
    found = [_unlocked(blob, lot, own, passphrase) for blob in blobs]
    return next((key for key in found if key.pinned is not None), found[0])


def _unlocked(blob: bytes, lot: str, own: OwnKey, passphrase: str) -> KeptKey:
    try:
        key = kept_keys.unlock(blob, passphrase)
    except kept_keys.WrongPassphrase as error:
        raise NotTrusted("the passphrase does not open the lot's key") from error
    if (key.lot_id, key.opens, key.recipient) != (lot, own.opens, own.recipient):
        raise NotTrusted("the kept key is not the one you gave for this lot")
    return key


def _wait_for_closing(client: Client, lot: str, seconds: float) -> None:
    until = time.monotonic() + seconds
    while client.get(f"/api/lots/{lot}/opening")["state"] == "bidding":
        if time.monotonic() > until:
            raise NotTrusted("the lot is not closed yet")
        time.sleep(PAUSE)


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


def _write_new(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)


def _write_over(path: Path, data: bytes) -> None:
    """Never leave half a key: write beside it, then rename."""
    beside = path.with_suffix(".new")
    beside.unlink(missing_ok=True)
    _write_new(beside, data)
    beside.replace(path)


def chosen(found: Sequence[SeatShown], lots: Sequence[str], step: str) -> list[SeatShown]:
    """The seats of the named lots, else all that wait for this step."""
    return _named(found, lots) if lots else [seat for seat in found if seat.step == step]


def due(found: Sequence[SeatShown], lots: Sequence[str], folder: Path) -> list[SeatShown]:
    """The seats of the named lots, else all whose shares are due, and failed lots whose key still lies here."""
    if lots:
        return _named(found, lots)
    return [
        seat
        for seat in found
        if seat.step in ("release", "seal_check")
        or (seat.step in ("failed", "ended") and key_file(folder, seat.lot_id, seat.opens).exists())
    ]


def _named(found: Sequence[SeatShown], lots: Sequence[str]) -> list[SeatShown]:
    by_lot = {seat.lot_id: seat for seat in found}
    unknown = [lot for lot in lots if lot not in by_lot]
    if unknown:
        raise NotTrusted(f"you are no custodian of {', '.join(unknown)}")
    return [by_lot[lot] for lot in lots]
