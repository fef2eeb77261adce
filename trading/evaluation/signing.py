"""The committee's side of the technical result: look at it, then sign its exact bytes."""

from __future__ import annotations

from collections.abc import Callable

from bidding_docs import manifests as m
from govcore import dsse
from trading.client import Client


def sign_technical_result(
    client: Client, signer: dsse.Signer, lot: str, *, agreed: Callable[[m.TechnicalResult], bool]
) -> m.TechnicalResult:
    """Sign and hand in which bids of a lot passed, once `agreed` says yes to it; nothing is sent otherwise."""
    path = f"/api/lots/{lot}/technical-result"
    payload = client.call("GET", path).content
    result = m.parse(payload, m.TechnicalResult)
    if agreed(result):
        envelope = dsse.sign(m.media_type(m.TechnicalResult), payload, [signer]).encode()
        client.post(path, {"envelope": envelope.decode()})
    return result
