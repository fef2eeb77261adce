"""The gate reads the log itself: what stands there binds it, and what was kept from it stops it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from gate_operators import name_operators, signed_by
from guarding import Guarded
from scene import Scene
from scene_city import PRINCIPAL
from sqlalchemy import delete

from bidding_docs import age
from govcore import clock
from govcore.audit.note import TreeHead, parse_head, parse_note, sign
from govcore.audit.service import record
from govcore.errors import Problem
from govcore.keys import load_kek
from govcore.settings import SettingsError
from trading.bidding.models import Bid
from trading.gate import folder, rotating
from trading.gate.following import LogRefused, LogSource, follow, is_part_of
from trading.gate.models import GateLog
from trading.opening import gate
from trading.opening.models import Opening
from trading.opening.models import SealObjection as Objection
from trading.tender.models import Lot
from trading.tender.signing import countersign_schedule, hand_in_schedule, sign_schedule


def refusal(guarded: Guarded) -> str:
    with pytest.raises(Problem) as caught:
        guarded.gate.release(guarded.scope, "opening", guarded.evidence())
    return caught.value.code


def wait(scene: Scene) -> None:
    """Close, check the seals, have two custodians release, and let the log show it."""
    scene.close()
    scene.check_seals()
    scene.release(1, 3)
    scene.write_log()


def log(scene: Scene, event: str, **data: object) -> None:
    """What whoever holds the platform can write into its log."""
    with scene.platform.db.transaction() as tx:
        record(tx, event, subject=scene.lot, actor="system", at=clock.now(tx), data=data)
    scene.write_log()


def closed(scene: Scene) -> dict[str, object]:
    with scene.platform.db.read() as tx:
        data: dict[str, object] = msgspec.json.decode(tx.get_one(Opening, scene.lot).closed_payload)["data"]
    return data


def test_a_second_closing_stops_the_gate_for_ever(guarded: Guarded, bids: None) -> None:
    scene = guarded.scene
    wait(scene)
    first = guarded.gate.release(guarded.scope, "opening", guarded.evidence())
    assert first

    log(scene, "tender.closed", **closed(scene) | {"bids_root": "0" * 64})

    assert refusal(guarded) == "E_SECOND_CLOSING"
    with pytest.raises(Problem) as advices:
        guarded.gate.advice_identity(guarded.scope)
    assert advices.value.code == "E_SECOND_CLOSING"


def test_an_objection_that_the_platform_hides_still_stands(guarded: Guarded, bids: None) -> None:
    scene = guarded.scene
    lost = scene.seal("bidder-4")
    receipt = scene.submit("bidder-4", lost)
    with scene.platform.db.transaction() as tx:
        tx.execute(delete(Bid).where(Bid.manifest_sha256 == lost.manifest_sha256))
    wait(scene)
    path = f"/api/lots/{scene.lot}/objections"
    made = scene.person("bidder-4").post(path, {"receipt": receipt.decode()})["id"]
    scene.write_log()

    standing = refusal(guarded)
    answer = {"text": "已核实，另行处理。"}
    scene.person("centre").post(f"/api/objections/{made}/answer", answer)
    with scene.platform.db.transaction() as tx:
        tx.execute(delete(Objection))
    unlogged = refusal(guarded)
    scene.write_log()

    assert (standing, unlogged) == ("E_SEAL_OBJECTION", "E_SEAL_OBJECTION")
    assert gate.open_gate(scene.platform, scene.lot, opens="opening")


@dataclass(frozen=True)
class Altered:
    """The log as a dishonest server shows it."""

    true: LogSource
    note: Callable[[str | None], str | None] = lambda note: note
    entries: Callable[[bytes], bytes] = lambda data: data
    hashes: Callable[[bytes], bytes] = lambda data: data

    def checkpoint(self) -> str | None:
        return self.note(self.true.checkpoint())

    def tile(self, path: str) -> bytes:
        change = self.entries if path.startswith("tile/entries/") else self.hashes
        return change(self.true.tile(path))


def flipped(data: bytes) -> bytes:
    return data[:-1] + bytes([data[-1] ^ 1])


def test_a_log_that_is_not_the_one_it_was_is_refused(guarded: Guarded, bids: None) -> None:
    scene, service = guarded.scene, guarded.service
    scene.write_log()
    early = service.source.checkpoint()
    scene.write_log()
    with service.db.transaction() as tx:
        follow(tx, service.source, key=service.trust.log, witnesses=service.trust.witnesses)
    scene.write_log()
    log_signer, origin = scene.platform.keys.log_signer, service.trust.log.name
    size = parse_head(parse_note(str(service.source.checkpoint())).text).size
    forged = sign(TreeHead(origin, size, b"\0" * 32), log_signer)
    sources = {
        "an older checkpoint": Altered(service.source, note=lambda _: early),
        "no log any more": Altered(service.source, note=lambda _: None),
        "not cosigned": Altered(service.source, note=lambda note: str(note).rpartition("\n— ")[0] + "\n"),
        "another root": Altered(service.source, note=lambda _: forged),
        "nonsense": Altered(service.source, note=lambda _: "nonsense"),
        "an altered entry": Altered(service.source, entries=flipped),
        "a lost entry": Altered(service.source, entries=lambda data: data[:-35]),
        "altered tiles": Altered(service.source, hashes=flipped),
        "lost tiles": Altered(service.source, hashes=lambda data: data[:-32]),
        "half a hash": Altered(service.source, hashes=lambda data: data[:-1]),
    }
    found = {}

    for name, source in sources.items():
        witnesses = () if name == "another root" else service.trust.witnesses
        with pytest.raises(LogRefused) as caught, service.db.transaction() as tx:
            follow(tx, source, key=service.trust.log, witnesses=witnesses)
        found[name] = caught.value.code

    with service.db.transaction() as tx:
        before = tx.get_one(GateLog, origin).size
        head, _ = follow(tx, service.source, key=service.trust.log, witnesses=service.trust.witnesses)
    assert found == dict.fromkeys(sources, "E_GATE_LOG")
    assert before < head.size == size


def test_only_what_was_ever_the_log_s_root_is_part_of_it(guarded: Guarded) -> None:
    scene, source = guarded.scene, guarded.service.source
    scene.write_log()
    old = parse_head(parse_note(str(source.checkpoint())).text)
    scene.write_log()
    new = parse_head(parse_note(str(source.checkpoint())).text)

    assert is_part_of(source, new, size=old.size, root=old.root)
    assert is_part_of(source, new, size=new.size, root=new.root)
    assert not is_part_of(source, new, size=old.size, root=new.root)
    assert not is_part_of(source, new, size=old.size - 1, root=old.root)
    assert not is_part_of(source, old, size=new.size, root=new.root)
    assert not is_part_of(source, new, size=-1, root=new.root)


def test_a_gate_whose_database_was_lost_reads_the_whole_log_again(
    guarded: Guarded, bids: None, tmp_path: Path
) -> None:
    scene = guarded.scene
    wait(scene)
    first = guarded.gate.release(guarded.scope, "opening", guarded.evidence())
    home, secret = tmp_path / "gate", age.generate()
    wrapper = load_kek(home / folder.KEK)
    count, sealed = folder.backup(guarded.service.db, home, wrapper, recipient=secret[1])

    pins, new = folder.load_pins(home / folder.PINS), tmp_path / "new-gate"
    restored = folder.restore(new, pins, sealed, secret[0], kek=new / folder.KEK, url=None)
    again = folder.open_service(new, kek=new / folder.KEK, database_url=None, clock=guarded.clock)
    with again.db.transaction() as tx:
        risen = replace(again, source=guarded.service.source, trust=guarded.service.trust)._gate(tx)
        raw = risen.release(guarded.scope, "opening", guarded.evidence(), at=guarded.clock())
    again.db.dispose()

    assert (count, restored) == (2, 2)
    assert (raw, again.signer.public_bytes) == (first, guarded.service.signer.public_bytes)
    with pytest.raises(SettingsError):
        folder.restore(new, pins, sealed, secret[0], kek=new / folder.KEK, url=None)


def test_a_gate_under_a_new_key_gives_what_it_gave_under_the_old_one(
    guarded: Guarded, bids: None, tmp_path: Path
) -> None:
    wait(guarded.scene)
    first = guarded.gate.release(guarded.scope, "opening", guarded.evidence())
    home = tmp_path / "gate"

    name_operators(home)
    database, kek = guarded.service.db, load_kek(home / folder.KEK)
    asked = rotating.request(home, kek, at=guarded.clock(), nonce="00")[1]
    moved = rotating.rotate(database, home, kek, signed_by("wang", "li", asked), at=guarded.clock())
    (home / folder.KEK).unlink()
    anew = folder.open_service(home, kek=home / folder.KEK, database_url=None, clock=guarded.clock)
    anew.db.dispose()
    with guarded.service.db.transaction() as tx:
        service = replace(guarded.service, wrapper=anew.wrapper, signer=anew.signer)
        again = service._gate(tx).release(guarded.scope, "opening", guarded.evidence(), at=guarded.clock())

    assert moved == 4  # two keys, a release, the signing key
    assert (again, anew.signer.public_bytes) == (first, guarded.service.signer.public_bytes)


def test_the_gate_obeys_the_extension_even_when_the_platform_hides_it(guarded: Guarded, bids: None) -> None:
    scene = guarded.scene
    tenderer, other = scene.person("tenderer"), scene.person(PRINCIPAL)
    with scene.platform.db.read() as tx:
        old = tx.get_one(Lot, scene.lot).opening_at
    assert old is not None
    new = old + timedelta(minutes=4)
    _, once = sign_schedule(tenderer, scene.city.signers["tenderer"], scene.lot, deadline_at=new)
    signer = scene.city.signers[PRINCIPAL]
    _, twice = countersign_schedule(other, signer, scene.authority(), once.encode())
    hand_in_schedule(other, scene.lot, twice)
    scene.move_clock(minutes=4)
    wait(scene)
    evidence = guarded.evidence()

    guarded.clock.stopped_at = new - timedelta(milliseconds=1)
    before_the_new_hour = refusal(guarded)
    guarded.clock.stopped_at = None
    first_only = msgspec.structs.replace(evidence, schedules=evidence.schedules[:1])
    last_only = msgspec.structs.replace(evidence, schedules=evidence.schedules[1:])
    with pytest.raises(Problem) as hidden:
        guarded.gate.release(guarded.scope, "opening", first_only)
    with pytest.raises(Problem) as unchained:
        guarded.gate.release(guarded.scope, "opening", last_only)

    assert before_the_new_hour == "E_GATE_TIME"
    assert (hidden.value.code, unchained.value.code) == ("E_SCHEMA", "E_SCHEMA")
    assert guarded.gate.release(guarded.scope, "opening", evidence)


def test_an_extension_after_the_closing_binds_nobody(guarded: Guarded, bids: None) -> None:
    scene = guarded.scene
    wait(scene)
    evidence = guarded.evidence()
    with scene.platform.db.transaction() as tx:
        facts = {"lot": "-", "n": 2, "schedule_sha256": "0" * 64}
        record(tx, "schedule.changed", subject=scene.lot, actor="system", at=clock.now(tx), data=facts)
    scene.write_log()

    after_the_closing = guarded.gate.release(guarded.scope, "opening", evidence)

    assert after_the_closing
