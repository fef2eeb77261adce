"""The tenderer's and custodians' side of the key manifest: look, then sign exact bytes."""

from __future__ import annotations

import base64
from datetime import datetime

import click
from cryptography import x509
from cryptography.x509.oid import NameOID

from bidding_docs import dsse
from bidding_docs import manifests as m
from bidding_docs.encoding import encode, format_time
from bidding_docs.signing import public_key
from govcore.dsse import Signer
from govcore.identity.authority import is_issued_by, sha256_of
from trading.client import Client


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


def verified_manifest(client: Client, lot: str, authority: x509.Certificate) -> dsse.Signed[m.KeyManifest]:
    """A published key manifest, signed by every custodian it names and by one more: the tenderer.

    Every certificate must be issued by the pinned `authority`, which the manifest must name as its anchor.
    """
    raw = client.call("GET", f"/api/lots/{lot}/key-manifest").content
    signers = [one.keyid for one in dsse.Envelope.decode(raw).signatures]
    certificates = {keyid: registered(client, keyid, authority) for keyid in signers}
    signed = dsse.open_document(raw, m.KeyManifest, {k: public_key(one) for k, one in certificates.items()})
    manifest = signed.document
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


def sign_schedule(client: Client, signer: Signer, lot: str, *, deadline_at: datetime) -> None:
    """Sign and hand in a lot's first schedule."""
    manifest, payload, _ = fetch_manifest(client, lot)
    body = m.Schedule(
        tender_id=manifest.tender_id,
        lot_id=manifest.lot_id,
        round=manifest.round,
        key_manifest_sha256=m.digest(payload),
        n=1,
        deadline_at=format_time(deadline_at),
        opening_at=format_time(deadline_at),
        prev_sha256=None,
    )
    envelope = dsse.sign(m.media_type(m.Schedule), encode(body), [signer])
    client.call("POST", f"/api/lots/{lot}/schedules", json={"envelope": envelope.encode().decode()})
