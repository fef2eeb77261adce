"""What the scene's tests look at: the facts that a refusal must not change, the log, signed answers."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from scene import Scene
from sqlalchemy import select

from bidding_docs import dsse
from bidding_docs import manifests as m
from govcore.audit.models import LogEvent, LogOutbox
from trading.bidding.models import Bid, Upload, UploadPart
from trading.client import Refused
from trading.opening.models import GateRelease, Opening, OpeningBid, PartKey, SealObjection, ShareRelease
from trading.tender.models import GateKey, Lot

TABLES = (
    Bid,
    Upload,
    UploadPart,
    Lot,
    GateKey,
    Opening,
    OpeningBid,
    ShareRelease,
    GateRelease,
    PartKey,
    SealObjection,
)
NEUTRAL = ("bid.refused", "log.cover", "audit.cover")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def facts(scene: Scene) -> dict[str, Any]:
    """Every row of bids, lots and openings, and every event but refusals."""
    with scene.platform.db.read() as tx:
        found: dict[str, Any] = {
            table.__tablename__: sorted(map(repr, tx.execute(select(*table.__table__.columns)).all()))
            for table in TABLES
        }
    found["events"] = [event["type"] for event in events(scene) if event["type"] not in NEUTRAL]
    return found


def events(scene: Scene, *types: str) -> list[dict[str, Any]]:
    """The logged events of these types (all without), those still on their way into the tree included."""
    with scene.platform.db.read() as tx:
        raw = [
            *tx.scalars(select(LogEvent.event).order_by(LogEvent.idx)),
            *tx.scalars(select(LogOutbox.event).order_by(LogOutbox.id)),
        ]
    parsed = [msgspec.json.decode(event) for event in raw if event is not None]
    return [event for event in parsed if not types or event["type"] in types]


def refused(scene: Scene, user: str, method: str, path: str, **options: Any) -> dict[str, Any]:
    """The problem of a request that is refused alike in both languages and changes no fact."""
    before = facts(scene)
    problems = {}
    for language in ("zh_CN", "en"):
        with pytest.raises(Refused) as caught:
            scene.person(user, language=language).call(method, path, **options)
        problems[language] = caught.value.problem
    assert facts(scene) == before
    chinese, english = problems["zh_CN"], problems["en"]
    assert (chinese["status"], chinese["code"]) == (english["status"], english["code"])
    assert CHINESE.search(chinese["title"]) is not None
    assert CHINESE.search(english["title"]) is None
    assert "{" not in chinese["title"] + english["title"]
    return english


def verdict(problem: dict[str, Any]) -> tuple[int, str]:
    return problem["status"], problem["code"]


def receipt_keys(scene: Scene) -> dict[str, Ed25519PublicKey]:
    signer = scene.platform.keys.receipt_signer
    return {signer.keyid: Ed25519PublicKey.from_public_bytes(signer.public_bytes)}


def read_receipt(scene: Scene, raw: bytes) -> m.Receipt:
    return dsse.open_document(raw, m.Receipt, receipt_keys(scene)).document


def read_refusal(scene: Scene, problem: dict[str, Any]) -> m.Refusal:
    return dsse.open_document(problem["refusal"].encode(), m.Refusal, receipt_keys(scene)).document
