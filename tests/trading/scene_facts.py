"""What the scene's tests look at: the facts that a refusal must not change, the log, signed answers."""

from __future__ import annotations

import base64
import re
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from scene import PASSPHRASE, Scene
from sqlalchemy import select

from bidding_docs import age, dsse
from bidding_docs import manifests as m
from bidding_docs.encoding import b64decode
from govcore.audit.models import LogEvent, LogOutbox
from trading.bidding.models import Bid, Upload, UploadPart, UploadPiece
from trading.client import Refused
from trading.gate.models import GateScope
from trading.opening.models import GateRelease, Opening, OpeningBid, PartKey, SealObjection, ShareRelease
from trading.tender.models import GateKey, Lot

TABLES = (
    Bid,
    Upload,
    UploadPart,
    UploadPiece,
    Lot,
    GateKey,
    GateScope,
    Opening,
    OpeningBid,
    ShareRelease,
    GateRelease,
    PartKey,
    SealObjection,
)
NEUTRAL = ("bid.refused", "audit.refused", "audit.bidder_refused", "log.cover", "audit.cover")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def facts(scene: Scene) -> dict[str, Any]:
    """Every row of bids, lots and openings, and every event but refusals, in no order: an instant shuffles them."""
    with scene.platform.db.read() as tx:
        found: dict[str, Any] = {
            table.__tablename__: sorted(map(repr, tx.execute(select(*table.__table__.columns)).all()))
            for table in TABLES
        }
    found["events"] = sorted(event["type"] for event in events(scene) if event["type"] not in NEUTRAL)
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
    # an article in brackets is cited by the name of its law, which is Chinese
    assert CHINESE.search(re.sub(r"\(.*?\)", "", english["title"])) is None
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


def secrets_of(scene: Scene) -> set[str]:
    """All that may never be written down in clear: identities, shares, gate keys, sessions, the platform's key."""
    raw = [*scene.city.identities.values(), scene.platform.settings.kek_file.read_bytes().strip()]
    with scene.platform.db.read() as tx:
        for row in tx.scalars(select(ShareRelease)):
            scope = f"{row.lot_id}/1/{row.custodian}"
            body = dsse.Envelope.decode(scene.platform.wrapper.unwrap("share", scope, row.wrapped)).payload
            release = m.parse(body, m.ShareRelease)
            raw += [b64decode(one.share) for one in release.releases if isinstance(one.share, str)]
        for key in tx.scalars(select(PartKey).where(PartKey.published.is_(None))):
            raw.append(scene.platform.wrapper.unwrap("part-key", f"{key.bid_id}/{key.part}", key.wrapped))
        for gate in tx.scalars(select(GateScope).where(GateScope.wrapped.is_not(None))):
            scope = f"{gate.lot_id}/{gate.round}/{gate.opens}"
            raw.append(scene.platform.wrapper.unwrap("gate", scope, gate.wrapped or b""))
    found = {
        *scene.city.tokens.values(),
        PASSPHRASE,
        *(age.encode_identity(one) for one in raw if len(one) == 32),
    }
    for one in raw:
        found |= {one.hex(), repr(one)[2:-1], base64.b64encode(one).decode().rstrip("=")}
        found.add(base64.urlsafe_b64encode(one).decode().rstrip("="))
    return found
