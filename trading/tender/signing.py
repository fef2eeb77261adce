"""The tenderer's and custodians' side of the key manifest: look, then sign exact bytes."""

from __future__ import annotations

import base64
import os
from datetime import datetime
from pathlib import Path

import click
import msgspec
from cryptography import x509
from cryptography.x509.oid import NameOID

from bidding_docs import dsse, rehearsal, suites
from bidding_docs import manifests as m
from bidding_docs.encoding import b64decode, b64encode, encode, format_time
from bidding_docs.signing import public_key
from govcore.certificates.authority import is_issued_by, sha256_of
from govcore.dsse import Signer
from trading.client import Client, Refused
from trading.tender.schemas import RehearsalShown


def fetch_manifest(client: Client, lot: str) -> tuple[m.KeyManifest, bytes, dsse.Envelope]:
    """A lot's key manifest, its exact bytes, and the envelope with the signatures collected so far."""
    envelope = dsse.Envelope.decode(client.call("GET", f"/api/lots/{lot}/key-manifest").content)
    return m.parse(envelope.payload, m.KeyManifest), envelope.payload, envelope


class NotTrusted(click.ClickException):
    """A check failed: nothing is signed, sealed or released."""


def sign_manifest(client: Client, signer: Signer, lot: str, payload: bytes) -> str:
    """Sign the key manifest that was looked at and return its digest."""
    signature = signer.sign(dsse.pae(m.media_type(m.KeyManifest), payload))
    body = {"keyid": signer.keyid, "sig": base64.b64encode(signature).decode()}
    client.post(f"/api/lots/{lot}/key-manifest/signatures", body)
    return m.digest(payload)


def rehearse(client: Client, folder: Path, lot: str) -> int:
    """Make a rehearsal capsule for every key of every custodian; the nonces stay in `folder`. How many there were."""
    capsules, nonces = [], {}
    for scope, _ in _keys_of(client, lot):
        capsule, nonce = rehearsal.make(scope, token_bytes=os.urandom)
        nonces[scope.recipient] = b64encode(nonce)
        check = rehearsal.check_of(rehearsal.answer_of(nonce))
        capsules.append(
            {
                "custodian": scope.custodian,
                "opens": scope.opens,
                "recipient": scope.recipient,
                "capsule": b64encode(capsule),
                "check_sha256": check,
            }
        )
    if len(nonces) != len(capsules):
        raise NotTrusted("two custodians gave the same key")
    path = _nonces_file(folder, lot)
    path.touch(mode=0o600)
    path.write_bytes(msgspec.json.encode(nonces))
    client.post(f"/api/lots/{lot}/rehearsals", {"capsules": capsules})
    return len(capsules)


def check_rehearsed(
    client: Client, authority: x509.Certificate, folder: Path, manifest: m.KeyManifest, lot: str
) -> None:
    """Raise `NotTrusted` unless each key of the manifest answered the nonce that was made for it on this machine."""
    try:
        nonces = msgspec.json.decode(_nonces_file(folder, lot).read_bytes(), type=dict[str, str])
    except FileNotFoundError as error:
        raise NotTrusted("the keys were not rehearsed from this machine: trading tender rehearse") from error
    answered = dict(_keys_of(client, lot))
    for custodian in manifest.custodians:
        certificate = registered(client, custodian.cert_sha256, authority)
        for opens, recipient in custodian.recipients.items():
            scope = rehearsal.Scope(
                tender_id=manifest.tender_id,
                lot_id=manifest.lot_id,
                round=manifest.round,
                custodian=custodian.index,
                opens=opens,
                recipient=recipient,
            )
            raw, nonce = answered.get(scope), nonces.get(recipient)
            if raw is None or nonce is None:
                raise NotTrusted(f"custodian {custodian.index} has not answered the rehearsal of its key")
            right = rehearsal.Answer(scope=scope, answer=rehearsal.answer_of(b64decode(nonce)))
            key = public_key(certificate)
            if right not in rehearsal.read_answers(raw.encode(), custodian.cert_sha256, key):
                raise NotTrusted(f"custodian {custodian.index} did not open the rehearsal capsule of its key")


def _keys_of(client: Client, lot: str) -> list[tuple[rehearsal.Scope, str | None]]:
    found = msgspec.convert(client.get(f"/api/lots/{lot}/rehearsals"), list[RehearsalShown])
    return [
        (
            rehearsal.Scope(
                tender_id=one.tender_id,
                lot_id=lot,
                round=one.round,
                custodian=one.custodian,
                opens=one.opens,
                recipient=one.recipient,
            ),
            one.answer,
        )
        for one in found
    ]


def _nonces_file(folder: Path, lot: str) -> Path:
    return folder / f"{lot}.rehearsal.json"


def verified_manifest(client: Client, lot: str, authority: x509.Certificate) -> dsse.Signed[m.KeyManifest]:
    """A published key manifest, signed by every custodian it names and by one more: the tenderer.

    Every certificate must be issued by the pinned `authority`, which the manifest must name as its anchor.
    """
    raw = client.call("GET", f"/api/lots/{lot}/key-manifest").content
    signers = [one.keyid for one in dsse.Envelope.decode(raw).signatures]
    certificates = {keyid: registered(client, keyid, authority) for keyid in signers}
    keys = {keyid: public_key(one) for keyid, one in certificates.items()}
    signed = dsse.open_document(raw, m.KeyManifest, keys)
    manifest = signed.document
    for key in keys.values():
        suites.check_key(manifest.suite, key)
    custodians = {one.cert_sha256 for one in manifest.custodians}
    if manifest.lot_id != lot or sha256_of(authority) not in manifest.trust_anchors:
        raise NotTrusted("the key manifest is another lot's, or names another registration CA")
    if not custodians < set(signers):
        raise NotTrusted("the key manifest is not signed by all custodians and the tenderer")
    return signed


def registered(client: Client, sha256: str, authority: x509.Certificate) -> x509.Certificate:
    """The certificate with this fingerprint, when the pinned authority issued it."""
    pem = client.call("GET", f"/api/certificates/{sha256}").content
    certificate = x509.load_pem_x509_certificate(pem)
    if sha256_of(certificate) != sha256 or not is_issued_by(certificate, authority):
        raise NotTrusted("a certificate is not from the registration CA that certified you")
    return certificate


def custodian_names(client: Client, manifest: m.KeyManifest, authority: x509.Certificate) -> list[str]:
    """The organisations behind the custodians' certificates, for whoever signs to look at."""
    found = [registered(client, one.cert_sha256, authority) for one in manifest.custodians]
    names = [str(one.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)[0].value) for one in found]
    if len(set(names)) != len(names):
        raise NotTrusted("two custodians are of the same organisation")
    return names


def sign_schedule(
    client: Client, signer: Signer, lot: str, *, deadline_at: datetime
) -> tuple[m.Schedule, dsse.Envelope]:
    """A lot's next schedule with one signature: the first counts with it, a later one needs a second person's."""
    manifest, payload, _ = fetch_manifest(client, lot)
    last = _present_schedule(client, lot)
    body = m.Schedule(
        tender_id=manifest.tender_id,
        lot_id=manifest.lot_id,
        round=manifest.round,
        key_manifest_sha256=m.digest(payload),
        n=last[0].n + 1 if last else 1,
        deadline_at=format_time(deadline_at),
        opening_at=format_time(deadline_at),
        prev_sha256=last[1] if last else None,
    )
    m.check_follows(body, *(last or (None, None)))
    return body, dsse.sign(m.media_type(m.Schedule), encode(body), [signer])


def countersign_schedule(
    client: Client, signer: Signer, authority: x509.Certificate, raw: bytes
) -> tuple[m.Schedule, dsse.Envelope]:
    """Add a second person's signature to a schedule whose first one verifies and which follows the present one."""
    keyids = dsse.keyids_of(raw)
    if signer.keyid in keyids:
        raise NotTrusted("you have signed this schedule already: it needs another person")
    keys = {keyid: public_key(registered(client, keyid, authority)) for keyid in keyids}
    signed = dsse.open_document(raw, m.Schedule, keys)
    m.check_follows(signed.document, *(_present_schedule(client, signed.document.lot_id) or (None, None)))
    envelope = dsse.Envelope.decode(raw)
    second = dsse.sign(m.media_type(m.Schedule), signed.payload, [signer])
    both = dsse.Envelope(envelope.payload, envelope.payload_type, (*envelope.signatures, *second.signatures))
    return signed.document, both


def hand_in_schedule(
    client: Client, lot: str, envelope: dsse.Envelope, *, clarification: str | None = None
) -> None:
    """Hand a schedule in; for a clarification it counts from the release of that."""
    place = (
        f"/api/clarifications/{clarification}/schedules/{lot}"
        if clarification
        else f"/api/lots/{lot}/schedules"
    )
    client.call("POST", place, json={"envelope": envelope.encode().decode()})


def _present_schedule(client: Client, lot: str) -> tuple[m.Schedule, str] | None:
    """The schedule that holds now, with its digest; nothing before the first."""
    try:
        raw = client.call("GET", f"/api/lots/{lot}/schedule").content
    except Refused as refused:
        if refused.problem.get("status") != 404:
            raise
        return None
    body, payload = dsse.read_unverified(raw, m.Schedule)
    return body, m.digest(payload)
