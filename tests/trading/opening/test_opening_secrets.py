"""No identity, share, key or session is ever written down in clear: not in messages, logs, reprs or answers."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest
from scene import Scene
from scene_city import SEATS
from scene_facts import TABLES, events, facts, secrets_of
from sqlalchemy import select

from bidding_docs import dsse
from bidding_docs.sealing import SealedBid
from govcore.audit.models import OutboxDelivery
from trading.client import Refused

Sealed = dict[str, SealedBid]


def test_a_whole_opening_writes_no_secret_down(
    scene: Scene,
    waiting: Sealed,
    sweep: Callable[[], None],
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    bodies = {index: scene.share_release(index) for index in (1, 2)}
    for index, body in bodies.items():
        scene.hand_in(index, body)
    for _ in range(5):
        sweep()
        scene.move_clock(seconds=3)
    before = secrets_of(scene)

    written = {
        "messages": caplog.text,
        "streams": "".join(capfd.readouterr()),
        "log": repr(events(scene)),
        "hall": repr(scene.hall()),
        "rows": repr(facts(scene)),
        "reprs": repr([scene.platform, scene.platform.keys, scene.platform.settings, scene.city]),
        "objects": repr(objects(scene)),
    }

    assert scene.hall()["state"] == "recorded"
    assert len(before) > 50
    assert [(place, len(text)) for place, text in written.items() if any(one in text for one in before)] == []


def objects(scene: Scene) -> list[str]:
    with scene.platform.db.read() as tx:
        rows = [row for table in (*TABLES, OutboxDelivery) for row in tx.scalars(select(table))]
    return [repr(row) + str(row) for row in rows]


def test_a_refused_release_repeats_no_share(
    scene: Scene, waiting: Sealed, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    body = scene.share_release(1)
    raw = dsse.sign_document(body, [scene.city.signers[SEATS[0]]]).decode()
    answers = []

    for user, envelope in (
        ("tenderer", raw),
        ("centre", raw.replace('"sig":"M', '"sig":"N')),
        ("bidder-1", raw),
    ):
        with pytest.raises(Refused) as caught:
            scene.person(user).post(f"/api/lots/{scene.lot}/share-releases", {"envelope": envelope})
        answers.append(repr(caught.value.problem) + str(caught.value))

    shares = {str(one.share) for one in body.releases}
    assert len(shares) == 9
    assert not any(share in text for share in shares for text in (*answers, caplog.text))
