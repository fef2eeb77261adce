"""The officer's side of a release: look at what it fixes, then sign its exact bytes."""

from __future__ import annotations

from collections.abc import Callable

from bidding_docs.encoding import decode
from govcore import dsse
from trading.client import Client
from trading.documents.manifests import RELEASE_TYPE
from trading.documents.schemas import ReleaseManifest


class OtherVersion(Exception):
    """The site asks to sign another version than the one that was named."""


def release(
    client: Client,
    signer: dsse.Signer,
    tender: str,
    number: int,
    *,
    agreed: Callable[[ReleaseManifest], bool],
) -> bytes | None:
    """Sign and release a version once `agreed` says yes to it; the envelope, or nothing, and nothing was sent.

    `OtherVersion`: nothing was signed.
    """
    path = f"/api/tenders/{tender}/versions/{number}/signed-release"
    payload = client.call("GET", path).content
    said = decode(payload, ReleaseManifest)
    if (said.tender_id, said.version) != (tender, number):
        raise OtherVersion
    if not agreed(said):
        return None
    envelope = dsse.sign(RELEASE_TYPE, payload, [signer]).encode()
    client.post(path, {"envelope": envelope.decode()})
    return envelope
