"""Bids that do not open: who answers for it, and everybody else is read out all the same."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from scene import Scene
from scene_city import BIDDERS, answers
from scene_facts import events

from bidding_docs import age, capsules, dsse
from bidding_docs.encoding import sha256_hex
from bidding_docs.openers import Job, Openers
from bidding_docs.sealing import SealedBid
from trading.bidding.models import Bid
from trading.opening import reading

Sealed = dict[str, SealedBid]
CLEAN = (None, None)


def stored(scene: Scene, sealed: SealedBid, part: str) -> Path:
    """Where the store keeps the first piece of a part."""
    digest = next(one.sha256 for one in sealed.manifest.parts if one.id == part)
    (path,) = (scene.platform.settings.data / "store").glob(f"bids/*/{digest}/000000")
    return path


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.chmod(0o600)
    path.write_bytes(bytes(data))


def outcome(scene: Scene, sealed: SealedBid) -> tuple[str, str | None, str | None]:
    found = next(bid for bid in scene.hall()["bids"] if bid["manifest_sha256"] == sealed.manifest_sha256)
    return found["state"], found["code"], found["fault"]


def submit_spoiled(scene: Scene, bidder: str, spoil: Callable[[SealedBid], Any]) -> SealedBid:
    """A bid whose part is spoiled before its manifest is signed again, so that the intake takes it."""
    sealed = scene.seal(bidder)
    data = spoil(sealed)
    path = sealed.parts["summary"]
    path.chmod(0o600)
    path.write_bytes(data)
    parts = tuple(
        msgspec.structs.replace(part, size=len(data), sha256=sha256_hex(data))
        if part.id == "summary"
        else part
        for part in sealed.manifest.parts
    )
    return resubmit(scene, bidder, sealed, parts=parts)


def resubmit(scene: Scene, bidder: str, sealed: SealedBid, **changes: Any) -> SealedBid:
    signer = scene.city.signers[bidder]
    manifest = msgspec.structs.replace(sealed.manifest, cert_sha256=signer.keyid, **changes)
    envelope = dsse.sign_document(manifest, [signer])
    file = sealed.folder / "manifest.dsse.json"
    file.chmod(0o600)
    file.write_bytes(envelope)
    scene.submit(bidder, sealed)
    digest = sha256_hex(dsse.Envelope.decode(envelope).payload)
    return SealedBid(
        manifest, digest, envelope, sealed.folder, sealed.parts, sealed.capsules, sealed.recovery
    )


def test_stored_bytes_that_were_altered_keep_the_gate_shut(
    scene: Scene, sealed: Sealed, sweep: Callable[[], None]
) -> None:
    path = stored(scene, sealed["bidder-2"], "technical")
    intact = path.read_bytes()
    flip(path)
    scene.close()
    scene.move_clock(seconds=5)
    for _ in range(3):
        sweep()
    scene.release(1, 3)

    sweep()

    digest = next(one.sha256 for one in sealed["bidder-2"].manifest.parts if one.id == "technical")
    reports = [event["data"] for event in events(scene, "store.damaged")]
    assert [(one["code"], one["objects"]) for one in reports] == [("E_STORE_HASH", [digest])]
    assert (scene.hall()["state"], len(events(scene, "gate.released"))) == ("sealed", 0)
    path.write_bytes(intact)
    scene.move_clock(minutes=11)
    for _ in range(4):
        sweep()
        scene.move_clock(seconds=3)
    assert scene.hall()["state"] == "recorded"


def test_a_stored_capsule_that_is_gone_keeps_the_gate_shut(scene: Scene, sealed: Sealed) -> None:
    shutil.rmtree(next((scene.platform.settings.data / "store").glob("bids/*/capsules")))

    scene.close()

    assert len(scene.check_seals()) == 12
    assert not scene.open_gate()


def test_bytes_altered_after_the_gate_opened_are_the_platform_s_fault(scene: Scene, waiting: Sealed) -> None:
    scene.release(1, 3)
    assert scene.open_gate()
    flip(stored(scene, waiting["bidder-2"], "summary"))
    stored(scene, waiting["bidder-3"], "deposit").unlink()

    scene.read_out()

    assert outcome(scene, waiting["bidder-1"]) == ("opened", *CLEAN)
    assert outcome(scene, waiting["bidder-2"]) == ("withdrawn", "E_STORE_HASH", "platform")
    assert outcome(scene, waiting["bidder-3"]) == ("withdrawn", "E_STORE_HASH", "platform")


def test_processes_beside_the_worker_find_the_same(
    scene: Scene, waiting: Sealed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "WORTH_OTHERS", 0)
    asked = watch(monkeypatch)
    scene.release(1, 3)
    assert scene.open_gate()
    flip(stored(scene, waiting["bidder-2"], "summary"))
    stored(scene, waiting["bidder-3"], "deposit").unlink()

    scene.read_out()

    assert any(asked)
    assert outcome(scene, waiting["bidder-1"]) == ("opened", *CLEAN)
    assert outcome(scene, waiting["bidder-2"]) == ("withdrawn", "E_STORE_HASH", "platform")
    assert outcome(scene, waiting["bidder-3"]) == ("withdrawn", "E_STORE_HASH", "platform")


def watch(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What other processes answer, while they are asked as ever."""
    answered: list[object] = []
    ask = Openers._ask

    def asked(self: Openers, orders: Sequence[Sequence[Job]]) -> Any:
        answered.append(ask(self, orders))
        return answered[-1]

    monkeypatch.setattr(Openers, "_ask", asked)
    return answered


def garbage(sealed: SealedBid) -> bytes:
    """Well-formed age for the right key, its payload cut from noise."""
    data = sealed.parts["summary"].read_bytes()
    return data[:-100] + os.urandom(100)


def other_archive(sealed: SealedBid) -> bytes:
    part = next(one for one in sealed.manifest.parts if one.id == "summary")
    return age.encrypt_bytes(b"no archive at all", [part.recipient])


@pytest.mark.parametrize(
    ("spoil", "code"), [(garbage, "E_PAYLOAD"), (other_archive, "E_CONTENT")], ids=["payload", "content"]
)
def test_a_bid_whose_content_is_garbage_is_revoked_and_the_others_are_read_out(
    scene: Scene, spoil: Callable[[SealedBid], bytes], code: str
) -> None:
    good = scene.submit_all(*BIDDERS[:3])
    bad = submit_spoiled(scene, "bidder-4", spoil)

    scene.open_all(2, 3)

    assert outcome(scene, bad) == ("revoked", code, "bidder")
    assert {outcome(scene, one) for one in good.values()} == {("opened", *CLEAN)}
    assert scene.hall()["state"] == "recorded"


def test_a_large_part_that_does_not_open_is_noted_for_the_committee_after_the_read_out(
    scene: Scene, sealed: Sealed, sweep: Callable[[], None]
) -> None:
    bad = scene.seal("bidder-4")
    path = bad.parts["technical"]
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:-50] + os.urandom(50))
    data = path.read_bytes()
    parts = tuple(
        msgspec.structs.replace(part, sha256=sha256_hex(data)) if part.id == "technical" else part
        for part in bad.manifest.parts
    )
    bad = resubmit(scene, "bidder-4", bad, parts=parts)
    scene.open_all()

    sweep()

    codes = {bid["manifest_sha256"]: bid["payload_code"] for bid in scene.hall()["bids"]}
    assert codes == {
        bad.manifest_sha256: "E_PAYLOAD",
        **{one.manifest_sha256: None for one in sealed.values()},
    }


def test_a_bid_copied_from_a_rival_opens_nothing_and_its_thief_answers(scene: Scene, sealed: Sealed) -> None:
    """The thief signs the rival's parts and capsules as its own: their context names the rival."""
    rival, own = sealed["bidder-1"], scene.seal("bidder-4")
    for name in rival.folder.iterdir():
        if name.suffix == ".age":
            target = own.folder / name.name
            if target.exists():
                target.chmod(0o600)
            target.write_bytes(name.read_bytes())
    stolen = resubmit(scene, "bidder-4", own, parts=rival.manifest.parts)
    scene.close()
    scene.check_seals()
    scene.release(1, 2, 3)
    assert scene.open_gate()

    scene.read_out()

    assert outcome(scene, stolen) == ("revoked", "E_CTX_MISMATCH", "bidder")
    assert outcome(scene, rival) == ("opened", *CLEAN)


def test_shares_that_break_their_commitment_are_proven_against_their_bidder(
    scene: Scene, sealed: Sealed
) -> None:
    bad = scene.seal("bidder-4")
    rules = scene.key_manifest().document
    parts = []
    for part in bad.manifest.parts:
        refs = []
        for ref in part.capsules:
            holder = ref.holder
            if holder.startswith("custodian"):
                index = int(holder[-1]) - 1
                recipient = rules.custodians[index].recipients["opening"]
                ctx = capsules.context_of(bad.manifest, part)
                data = capsules.build(ctx, holder, os.urandom(33), recipient, token_bytes=os.urandom)
                path = bad.capsules[part.id, holder]
                path.chmod(0o600)
                path.write_bytes(data)
                ref = msgspec.structs.replace(ref, size=len(data), sha256=sha256_hex(data))
            refs.append(ref)
        parts.append(msgspec.structs.replace(part, capsules=tuple(refs)))
    bad = resubmit(scene, "bidder-4", bad, parts=tuple(parts))

    scene.open_all(1, 2, 3)

    assert outcome(scene, bad) == ("revoked", "E_BIDDER_BAD_SHARE", "bidder")


def test_when_fewer_than_three_bids_open_the_lot_fails_and_nothing_is_hidden(
    scene: Scene, waiting: Sealed
) -> None:
    scene.release(1, 3)
    assert scene.open_gate()
    flip(stored(scene, waiting["bidder-2"], "summary"))

    scene.read_out()

    tender = scene.person("agency").get(f"/api/lots/{scene.lot}/tender")
    assert tender["lots"][0]["state"] == "failed"
    assert [event["data"]["opened"] for event in events(scene, "opening.read_out")] == [2]


def test_a_summary_not_in_the_one_spelling_is_no_content(scene: Scene, sealed: Sealed) -> None:
    bad = scene.seal("bidder-4", values=answers(5).replace(b":", b": "))
    scene.submit("bidder-4", bad)

    scene.open_all()

    assert outcome(scene, bad) == ("revoked", "E_CONTENT", "bidder")


@pytest.mark.skipif(shutil.which("age") is None, reason="Debian's age is not installed")
def test_stock_age_opens_a_public_part_with_its_published_key(
    scene: Scene, sealed: Sealed, tmp_path: Path
) -> None:
    hall = scene.open_all()
    bid = hall["bids"][0]
    part = scene.person("auditor").call("GET", f"/api/lots/{scene.lot}/bids/1/parts/summary").content
    (tmp_path / "key").write_text(bid["published_key"] + "\n")
    (tmp_path / "part.age").write_bytes(part)

    done = subprocess.run(
        ["age", "-d", "-i", str(tmp_path / "key"), str(tmp_path / "part.age")],
        capture_output=True,
        check=True,
    )

    assert str(bid["price_fen"]).encode() in done.stdout
    with scene.platform.db.read() as tx:
        assert tx.get(Bid, bid["bid_id"]) is not None
