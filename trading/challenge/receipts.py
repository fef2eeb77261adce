"""The signed receipt of a case: number, legal time, and the hash of exactly what was filed."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from govcore import dsse
from govcore.audit.entries import time_text
from govcore.platform import Platform
from trading.challenge.models import Case, Entry
from trading.tender.queries import LotContext

MEDIA_TYPE = "application/vnd.bidseal.challenge-receipt+json"


class CaseReceipt(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the platform signs; it does not name the filer, who holds it."""

    number: str
    kind: str
    stage: str
    tender: str
    lots: list[str]
    received_at: str
    recorded_at: str
    content_sha256: str
    files: list[str]
    leaf: str


def sign(platform: Platform, case: Case, lots: Sequence[LotContext], entry: Entry, files: list[str]) -> bytes:
    """The receipt as a DSSE envelope; `leaf` is the log's promise to hold the entry of this filing."""
    said = CaseReceipt(
        number=case.number,
        kind=case.kind,
        stage=case.stage,
        tender=lots[0].tender_code,
        lots=[lot.lot_code for lot in lots],
        received_at=time_text(case.received_at),
        recorded_at=time_text(case.recorded_at),
        content_sha256=entry.sha256,
        files=files,
        leaf=entry.leaf,
    )
    body = msgspec.json.encode(said, order="sorted")
    return dsse.sign(MEDIA_TYPE, body, [platform.keys.receipt_signer]).encode()
