"""Whoever runs the platform: with database, store, key files and one custodian it reads nothing, and swaps show."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import msgspec
import pytest
from scene import Scene
from scene_city import certified
from scene_facts import events, refused, verdict
from sqlalchemy import LargeBinary, select

from bidding_docs import age, capsules, dsse
from bidding_docs import manifests as m
from bidding_docs.codes import BidsRoot
from bidding_docs.encoding import b64decode, sha256_hex
from bidding_docs.sealing import SealedBid
from govcore.audit.entries import parse_event
from govcore.audit.models import LogOutbox
from govcore.audit.service import record
from govcore.db import Base
from trading.bidding.models import Bid
from trading.client import Refused
from trading.gate.models import GateScope
from trading.opening.models import Opening, OpeningBid, ShareRelease

Sealed = dict[str, SealedBid]
CANARY = "只有本单位知道的施工秘诀"
PRICE = 9_876_543_21


def loot(scene: Scene) -> Iterator[bytes]:
    """Every byte that an administrator can copy: all rows of all tables, the data folder with store and keys."""
    with scene.platform.db.read() as tx:
        for table in Base.metadata.sorted_tables:
            for row in tx.execute(select(table)):
                for column, value in zip(table.columns, row, strict=True):
                    yield value or b"" if isinstance(column.type, LargeBinary) else repr(value).encode()
    for path in sorted(Path(scene.platform.settings.data).rglob("*")):
        if path.is_file():
            yield path.read_bytes()


def stolen_keys(scene: Scene) -> tuple[list[bytes], dict[tuple[str, str], list[bytes]]]:
    """What the key-encryption key unwraps, and one custodian's shares: identities, and pieces of part keys."""
    identities = [scene.city.identities[scene.lot, 1, "opening"]]
    pieces: dict[tuple[str, str], list[bytes]] = {}
    wrapper = scene.platform.wrapper
    with scene.platform.db.read() as tx:
        for gate in tx.scalars(select(GateScope).where(GateScope.lot_id == scene.lot)):
            scope = f"{gate.lot_id}/{gate.round}/{gate.opens}"
            identities.append(wrapper.unwrap("gate", scope, gate.wrapped or b""))
        for row in tx.scalars(select(ShareRelease)):
            raw = wrapper.unwrap("share", f"{row.lot_id}/1/{row.custodian}", row.wrapped)
            for item in m.parse(dsse.Envelope.decode(raw).payload, m.ShareRelease).releases:
                pieces.setdefault((item.manifest_sha256, item.part), []).append(b64decode(str(item.share)))
    return identities, pieces


def test_an_administrator_with_everything_and_one_custodian_decrypts_nothing(
    scene: Scene, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    plan = tmp_path / "plan.txt"
    plan.write_text(CANARY, encoding="utf-8")
    bids = {
        name: scene.seal(name, price_fen=PRICE, files=[("plan.txt", plan)])
        for name in ("bidder-1", "bidder-2")
    }
    for name, bid in bids.items():
        scene.submit(name, bid)
    scene.submit_all("bidder-3")
    scene.close()
    scene.check_seals()
    scene.release(1)

    everything = [*loot(scene), caplog.text.encode()]
    identities, pieces = stolen_keys(scene)

    canaries = [CANARY.encode(), str(PRICE).encode(), CANARY.encode("unicode_escape")]
    assert [found for found in canaries if any(found in one for one in everything)] == []
    for bid in bids.values():
        for part in bid.manifest.parts:
            sealed = bid.parts[part.id].read_bytes()
            assert any(sealed in one for one in everything)
            assert opened_with(scene, bid, part, sealed, identities, pieces) == []
    scene.release(2)
    identities, pieces = stolen_keys(scene)
    part = bids["bidder-1"].manifest.parts[0]
    shares = pieces[bids["bidder-1"].manifest_sha256, part.id]
    assert len(shares) == 2


def test_before_the_closing_no_row_but_registration_and_sign_in_names_who_bids(scene: Scene) -> None:
    bids = scene.submit_all()
    scene.withdraw("bidder-3", bids["bidder-3"])
    wrong = {"envelope": "{}", "upload_id": "0" * 32, "idempotency_key": "k" * 32}
    refused(scene, "bidder-2", "POST", f"/api/lots/{scene.lot}/bids", json=wrong)
    names = [f"'{who}'" for who in bids] + [f'"{who}"' for who in bids] + [scene.uscc(who) for who in bids]

    named = set()
    with scene.platform.db.read() as tx:
        for table in Base.metadata.sorted_tables:
            for row in map(repr, tx.execute(select(table))):
                if any(name in row for name in names) and not registered(row):
                    named.add(table.name)
        logged = [parse_event(event)["type"] for event in tx.scalars(select(LogOutbox.event))]

    assert {"bid.submitted", "bid.withdrawn", "bid.refused"} <= set(logged)
    assert {name for name in named if not name.startswith(("identity_", "certificates_"))} == set()


def registered(row: str) -> bool:
    """An event of registration or sign-in: it says that somebody is a user here, not that it bids."""
    return '"type":"identity.' in row or '"type":"certificate.issued"' in row


def opened_with(
    scene: Scene,
    bid: SealedBid,
    part: m.Part,
    sealed: bytes,
    identities: list[bytes],
    pieces: dict[tuple[str, str], list[bytes]],
) -> list[bytes]:
    """Plaintexts that any stolen key opens, alone or combined with the gate's share and the custodian's."""
    shares = [one[:32] for one in pieces[bid.manifest_sha256, part.id]]
    gates = []
    for identity, path in product(identities, bid.capsules.values()):
        try:
            body = msgspec.json.decode(
                age.decrypt_bytes(path.read_bytes(), [identity]), type=capsules.Capsule
            )
        except age.AgeError:
            continue
        if body.ctx.part_id == part.id:
            gates.append(b64decode(body.share)[:32])
    tried = [*identities, *shares, *gates]
    tried += [capsules.xor(one, other) for one, other in product([*shares, *gates], gates) if one != other]
    opened = []
    for key in tried:
        try:
            opened.append(age.decrypt_bytes(sealed, [key]))
        except age.AgeError:
            continue
    assert len(gates) >= 2  # the gate's share and the custodian's own were really found
    return opened


def test_a_bid_swapped_in_the_database_after_the_closing_is_refused_by_custodians_and_gate(
    scene: Scene, sealed: Sealed
) -> None:
    honest = sealed["bidder-1"]
    cheaper = scene.seal("bidder-1", price_fen=1_00, after=honest)
    upload_id = scene.upload("bidder-1", cheaper)
    scene.close()
    scene.check_seals()
    scene.release(1, 2)
    with scene.platform.db.transaction() as tx:
        row = tx.scalar(select(OpeningBid).where(OpeningBid.manifest_sha256 == honest.manifest_sha256))
        assert row is not None
        row.envelope, row.manifest_sha256 = cheaper.envelope, cheaper.manifest_sha256
        tx.get_one(Bid, row.bid_id).upload_id = upload_id

    with pytest.raises(BidsRoot):
        scene.share_release(3)

    assert not scene.open_gate()
    assert scene.hall()["state"] == "sealed"
    assert events(scene, "gate.released") == []


def test_an_older_bid_put_into_the_closed_set_is_unproved_and_its_bidder_objects(
    scene: Scene, sealed: Sealed
) -> None:
    newer = scene.seal("bidder-1", price_fen=8_000_000_00, after=sealed["bidder-1"])
    receipt = scene.submit("bidder-1", newer)
    scene.close()
    scene.check_seals()
    older = sealed["bidder-1"]
    with scene.platform.db.transaction() as tx:
        row = tx.scalar(select(OpeningBid).where(OpeningBid.manifest_sha256 == newer.manifest_sha256))
        assert row is not None
        row.envelope, row.manifest_sha256 = older.envelope, older.manifest_sha256
        opening = tx.get_one(Opening, scene.lot)
        digests = tx.scalars(select(OpeningBid.manifest_sha256).where(OpeningBid.lot_id == scene.lot)).all()
        root = m.digest(b"")  # whatever the administrator computes, the log holds another event
        assert len(digests) == 3
        opening.closed_payload = opening.closed_payload.replace(opening.bids_root.encode(), root.encode())
        opening.bids_root = root

    unproved = refused(scene, "centre", "GET", f"/api/lots/{scene.lot}/bundle")
    scene.person("bidder-1").post(f"/api/lots/{scene.lot}/objections", {"receipt": receipt.decode()})

    assert verdict(unproved) == (409, "E_WITNESS")
    assert not scene.open_gate()
    assert len(events(scene, "opening.objected")) == 1


def test_a_second_closing_in_the_log_keeps_the_gate_shut(scene: Scene, waiting: Sealed) -> None:
    scene.release(1, 2)
    (closed,) = [one for one in events(scene, "tender.closed") if one["subject"] == scene.lot]
    forged: dict[str, Any] = {**closed["data"], "bids_root": sha256_hex(b"another set")}
    with scene.platform.db.transaction() as tx:
        record(tx, "tender.closed", subject=scene.lot, actor="system", at=scene.now(), data=forged)

    assert not scene.open_gate()

    assert scene.hall()["state"] == "sealed"
    (paused,) = events(scene, "opening.paused")
    assert paused["data"]["code"] == "E_SECOND_CLOSING"


def test_a_second_certificate_in_a_rival_s_name_supersedes_nothing(scene: Scene, sealed: Sealed) -> None:
    """An insider of the CA certifies a key of its own for the rival and sends the next bid."""
    with scene.platform.db.transaction() as tx:
        insider = certified(tx, scene.platform, "bidder-1")
    forged = scene.seal("bidder-1", price_fen=11_000_000_00, after=sealed["bidder-1"], signer=insider)

    with pytest.raises(Refused) as caught:
        scene.submit("bidder-1", forged)

    assert (caught.value.problem["status"], caught.value.problem["code"]) == (422, "E_CERT")
    scene.open_all(1, 3)
    prices = {bid["manifest_sha256"]: bid["price_fen"] for bid in scene.hall()["bids"]}
    assert prices[sealed["bidder-1"].manifest_sha256] == 10_000_000_00
    assert forged.manifest_sha256 not in prices


def test_a_rival_s_bid_signed_again_by_another_bidder_opens_for_nobody(
    scene: Scene, sealed: Sealed, copied_by: Callable[[str, SealedBid], SealedBid]
) -> None:
    stolen = copied_by("bidder-4", sealed["bidder-1"])

    scene.open_all(1, 2, 3)

    found = {
        bid["manifest_sha256"]: (bid["state"], bid["code"], bid["fault"]) for bid in scene.hall()["bids"]
    }
    assert found[stolen.manifest_sha256] == ("revoked", "E_CTX_MISMATCH", "bidder")
    assert found[sealed["bidder-1"].manifest_sha256] == ("opened", None, None)
    (alarm,) = events(scene, "opening.alarm_raised")
    assert alarm["data"]["manifest_sha256"] == stolen.manifest_sha256


@pytest.fixture
def copied_by(scene: Scene) -> Callable[[str, SealedBid], SealedBid]:
    """A thief's bid: the victim's ciphertext and capsules under the thief's own signature."""

    def steal(thief: str, victim: SealedBid) -> SealedBid:
        own, signer = scene.seal(thief), scene.city.signers[thief]
        for path in victim.folder.glob("*.age"):
            (own.folder / path.name).chmod(0o600)
            (own.folder / path.name).write_bytes(path.read_bytes())
        manifest = msgspec.structs.replace(own.manifest, parts=victim.manifest.parts)
        envelope = dsse.sign_document(manifest, [signer])
        (own.folder / "manifest.dsse.json").chmod(0o600)
        (own.folder / "manifest.dsse.json").write_bytes(envelope)
        scene.submit(thief, own)
        digest = sha256_hex(dsse.Envelope.decode(envelope).payload)
        return SealedBid(manifest, digest, envelope, own.folder, own.parts, own.capsules, own.recovery)

    return steal
