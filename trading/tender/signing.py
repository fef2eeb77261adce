"""The tenderer's and custodians' side of the key manifest: look, then sign exact bytes."""

from __future__ import annotations

import base64
from datetime import datetime

from bidding_docs import manifests as m
from bidding_docs.encoding import encode, format_time
from govcore import dsse
from trading.client import Client


def fetch_manifest(client: Client, lot: str) -> tuple[m.KeyManifest, bytes, dsse.Envelope]:
    """A lot's key manifest, its exact bytes, and the envelope with the signatures collected so far."""
    envelope = dsse.Envelope.decode(client.call("GET", f"/api/lots/{lot}/key-manifest").content)
    return m.parse(envelope.payload, m.KeyManifest), envelope.payload, envelope


def sign_manifest(client: Client, signer: dsse.Signer, lot: str) -> str:
    """Sign a lot's key manifest and return its digest."""
    _, payload, _ = fetch_manifest(client, lot)
    signature = signer.sign(dsse.pae(m.media_type(m.KeyManifest), payload))
    body = {"keyid": signer.keyid, "sig": base64.b64encode(signature).decode()}
    client.post(f"/api/lots/{lot}/key-manifest/signatures", body)
    return m.digest(payload)


def sign_schedule(client: Client, signer: dsse.Signer, lot: str, *, deadline_at: datetime) -> None:
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
