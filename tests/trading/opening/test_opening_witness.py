"""An opening waits for the witness that its key manifest requires; closing and sealing do not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import servers
import witnesses as w
from apps import app_for
from litestar.testing import TestClient
from scene import Scene, build
from scene_facts import events, refused, verdict

from govcore import clock
from govcore.audit import cosigning, queries
from govcore.audit.note import VerifierKey, parse_note
from govcore.audit.proof import note_of
from govcore.audit.tlog_policy import Witness
from govcore.platform import Platform
from govcore.witness.protocol import Witness as RunWitness
from trading.opening import gate
from trading.opening.models import Opening


@dataclass
class Clock:
    """The witness's clock: the legal time, as far as nobody moves it away."""

    platform: Platform
    ahead: float = 0

    def __call__(self) -> float:
        with self.platform.db.read() as tx:
            return clock.now(tx).timestamp() + self.ahead


@dataclass
class Watched:
    """A scene whose lots require a witness, which does not answer until it is started."""

    scene: Scene
    witness: RunWitness
    port: int
    clock: Clock


@pytest.fixture
def watched(platform: Platform, tmp_path: Path) -> Iterator[Watched]:
    key = VerifierKey(platform.settings.log_origin, platform.keys.log_signer.public_bytes)
    made, port = w.make_witness(tmp_path / "witness", key), servers.free_port()
    clock_of_all = Clock(platform)
    witness = replace(made, clock=clock_of_all)
    known = Witness(f"http://127.0.0.1:{port}", witness.key.vkey, required=True)
    platform.settings = replace(platform.settings, witnesses=(known,))
    platform.db.info["settings"] = platform.settings
    with TestClient(app_for(platform), base_url="http://site.example") as http:
        yield Watched(build(platform, http, tmp_path / "scene"), witness, port, clock_of_all)


def bundle_refused(scene: Scene, user: str) -> tuple[object, ...]:
    return verdict(refused(scene, user, "GET", f"/api/lots/{scene.lot}/bundle"))


def shown(scene: Scene, user: str, path: str) -> str:
    return scene.person(user, language="en").call("GET", path).text


def test_nothing_is_handed_to_custodians_before_the_witness_has_cosigned(watched: Watched) -> None:
    scene, vkey = watched.scene, watched.witness.key.vkey
    scene.submit_all()

    scene.close()
    assert scene.check_seals() == []

    assert scene.hall()["state"] == "sealed"
    assert bundle_refused(scene, "centre") == (409, "E_WITNESS")
    assert bundle_refused(scene, "agency")[0] == 403
    told = f"The witness {w.NAME} does not cosign: it does not answer"
    assert told in shown(scene, "auditor", "/desk")
    assert told not in shown(scene, "agency", "/desk")
    assert "silent" in shown(scene, "agency", "/verify/log")

    scene.move_clock(seconds=11)
    with w.serve(watched.witness, watched.port):
        cosigning.cosign(scene.platform)
    bundle = scene.person("centre").get(f"/api/lots/{scene.lot}/bundle")
    assert note_of(bundle["proof"]).cosigned_at(vkey) is not None
    assert scene.key_manifest().document.witnesses[0].vkey == str(vkey)
    scene.release(1, 3)
    with w.serve(watched.witness, watched.port):
        assert scene.open_gate()


def test_the_gate_asks_the_witness_for_its_time_itself(watched: Watched) -> None:
    scene = watched.scene
    scene.submit_all()
    with w.serve(watched.witness, watched.port):
        scene.close()
        scene.check_seals()
        scene.release(1, 3)
        scene.write_log()

    silent = gate.open_gate(scene.platform, scene.lot, opens="opening")
    paused = [paused_by(scene)]
    with w.serve(watched.witness, watched.port):
        for ahead in (-31, 31, 86_400):
            watched.clock.ahead = ahead
            assert not gate.open_gate(scene.platform, scene.lot, opens="opening")
            paused.append(paused_by(scene))
        watched.clock.ahead = 25
        opened = gate.open_gate(scene.platform, scene.lot, opens="opening")

    assert (silent, opened) == (False, True)
    assert paused == ["E_GATE_LOG", "E_GATE_TIME", "E_GATE_TIME", "E_GATE_TIME"]
    assert paused_by(scene) is None
    assert [
        (one["type"], one["data"]["code"]) for one in events(scene, "opening.paused", "opening.resumed")
    ] == [
        ("opening.paused", "E_GATE_LOG"),
        ("opening.paused", "E_GATE_TIME"),
        ("opening.resumed", "E_GATE_TIME"),
    ]


def paused_by(scene: Scene) -> str | None:
    with scene.platform.db.read() as tx:
        return tx.get_one(Opening, scene.lot).paused_by


def test_the_checkpoint_of_the_closing_is_itself_cosigned(watched: Watched) -> None:
    scene, vkey = watched.scene, watched.witness.key.vkey
    scene.submit_all()

    with w.serve(watched.witness, watched.port):
        scene.close()

    with scene.platform.db.read() as tx:
        size = tx.get_one(Opening, scene.lot).cp_size
        heads = {head.size: parse_note(head.note).cosigned_at(vkey) for head in queries.checkpoints(tx)}
    assert heads[size] is not None
    assert heads[max(heads)] is not None
    assert max(heads) > size
