"""A member's side of what it signs: look at it, then sign its exact bytes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

from bidding_docs import manifests as m
from govcore import dsse
from trading.client import Client
from trading.evaluation.entries import SHEET_TYPE
from trading.evaluation.policy import REPORT_TYPE


class OtherReport(Exception):
    """The site asks to sign another report than the file that the member read, or another dissent."""


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


def lock_sheet(
    client: Client, signer: dsse.Signer, lot: str, *, agreed: Callable[[dict[str, Any]], bool]
) -> None:
    """Sign and lock one's own sheet of a lot, once `agreed` says yes to it; nothing is sent otherwise."""
    path = f"/api/lots/{lot}/sheet"
    sheet = client.call("GET", f"{path}/document").content
    if agreed(json.loads(sheet)):
        envelope = dsse.sign(SHEET_TYPE, sheet, [signer]).encode().decode()
        client.post(f"{path}/lock", {"sha256": hashlib.sha256(sheet).hexdigest(), "envelope": envelope})


def sign_report(client: Client, signer: dsse.Signer, lot: str, report: bytes, *, dissent: str = "") -> str:
    """Sign the report that lies here, with a dissent or without one; its hash. `OtherReport`: nothing was sent."""
    sha256, dissent = hashlib.sha256(report).hexdigest(), dissent.strip()
    path = f"/api/lots/{lot}/report"
    statement = client.call("POST", f"{path}/statement", json={"dissent": dissent}).content
    said = json.loads(statement)
    if (said["report_sha256"], said["dissent"]) != (sha256, dissent):
        raise OtherReport
    envelope = dsse.sign(REPORT_TYPE, statement, [signer]).encode().decode()
    client.post(f"{path}/signature", {"sha256": sha256, "dissent": dissent, "envelope": envelope})
    return sha256
