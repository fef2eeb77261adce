"""An opening waits for the witness that its key manifest requires; closing and sealing do not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import servers
import witnesses as w
from litestar.testing import TestClient
from scene import Scene, build
from scene_facts import refused, verdict
from sqlalchemy import delete

from govcore.audit import cosigning
from govcore.audit.models import LogWitness
from govcore.audit.note import VerifierKey, parse_note
from govcore.audit.proof import note_of
from govcore.audit.tlog_policy import Witness
from govcore.platform import Platform
from govcore.web.app import create_app
from govcore.witness.protocol import Witness as RunWitness


@dataclass
class Watched:
    """A scene whose lots require a witness, which does not answer until it is started."""

    scene: Scene
    witness: RunWitness
    port: int


@pytest.fixture
def watched(platform: Platform, tmp_path: Path) -> Iterator[Watched]:
    key = VerifierKey(platform.settings.log_origin, platform.keys.log_signer.public_bytes)
    witness, port = w.make_witness(tmp_path / "witness", key), servers.free_port()
    known = Witness(f"http://127.0.0.1:{port}", witness.key.vkey, required=True)
    platform.settings = replace(platform.settings, witnesses=(known,))
    platform.db.info["settings"] = platform.settings
    with TestClient(create_app(platform), base_url="http://site.example") as http:
        yield Watched(build(platform, http, tmp_path / "scene"), witness, port)


def bundle_refused(scene: Scene, user: str) -> tuple[object, ...]:
    return verdict(refused(scene, user, "GET", f"/api/lots/{scene.lot}/bundle"))


def test_nothing_is_handed_to_custodians_before_the_witness_has_cosigned(watched: Watched) -> None:
    scene, vkey = watched.scene, watched.witness.key.vkey
    scene.submit_all()

    scene.close()
    assert scene.check_seals() == []

    assert scene.hall()["state"] == "sealed"
    assert bundle_refused(scene, "centre") == (409, "E_WITNESS")
    assert bundle_refused(scene, "agency")[0] == 403

    scene.move_clock(seconds=11)
    with w.serve(watched.witness, watched.port):
        cosigning.cosign(scene.platform)
    bundle = scene.person("centre").get(f"/api/lots/{scene.lot}/bundle")
    assert note_of(bundle["proof"]).cosigned_at(vkey) == w.NOW
    assert scene.key_manifest().document.witnesses[0].vkey == str(vkey)
    scene.release(1, 3)
    assert scene.open_gate()


def test_the_gate_asks_for_the_cosignature_itself(watched: Watched) -> None:
    scene = watched.scene
    scene.submit_all()
    with w.serve(watched.witness, watched.port):
        scene.close()
        scene.check_seals()
        scene.release(1, 3)
        with scene.platform.db.transaction() as tx:
            tx.execute(delete(LogWitness))

        assert not scene.open_gate()
        cosigning.cosign(scene.platform)
        assert scene.open_gate()


def test_the_checkpoint_of_the_closing_is_itself_cosigned(watched: Watched) -> None:
    scene, vkey = watched.scene, watched.witness.key.vkey
    scene.submit_all()

    with w.serve(watched.witness, watched.port):
        scene.close()

    from govcore.audit import queries
    from trading.opening.models import Opening

    with scene.platform.db.read() as tx:
        size = tx.get_one(Opening, scene.lot).cp_size
        heads = {head.size: parse_note(head.note).cosigned_at(vkey) for head in queries.checkpoints(tx)}
    assert heads[size] == w.NOW
    assert heads[max(heads)] == w.NOW
    assert max(heads) > size
