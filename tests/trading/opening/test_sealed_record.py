"""The opening record bears the centre's seal, and the log names the sealed file."""

from __future__ import annotations

import hashlib
from io import BytesIO

from pyhanko.pdf_utils.reader import PdfFileReader
from scene import Scene
from scene_copies import Sealed
from sealing_organs import seal_for

from govcore.identity.queries import actor_of_user
from govcore.seals import queries
from govcore.seals.policy import UseState
from trading.opening.policy import RECORD_PAPER
from trading.opening.queries import record_key


def test_the_record_of_an_opening_is_a_sealed_paper(scene: Scene, waiting: Sealed) -> None:
    seal_id = seal_for(scene.platform, keeper="centre", papers=(RECORD_PAPER,), office="临湖公资")
    scene.release(1, 3)
    assert scene.open_gate()
    scene.read_out()

    scene.write_record()

    hall = scene.hall()
    with scene.platform.db.read() as tx:
        paper = scene.platform.store.get(record_key(tx, scene.lot))
        (use,) = queries.uses(tx, seal_id, actor=actor_of_user(tx, "centre"))
    (signature,) = PdfFileReader(BytesIO(paper)).embedded_signatures
    assert hall["state"] == "recorded"
    assert hashlib.sha256(paper).hexdigest() == hall["record_sha256"] == use.sealed_sha256
    assert (use.state, use.requested_by) == (UseState.SEALED, "")
    assert signature.signer_cert.subject.native["serial_number"] == "3799000000001"
