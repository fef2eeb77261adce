"""Clocks that differ by more than two seconds stop an opening, with an alarm; intake and closing go on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from scene import Scene
from scene_facts import events, refused, verdict
from structlog.testing import capture_logs

from bidding_docs import dsse
from bidding_docs.sealing import SealedBid
from govcore import clock
from trading.client import Client

Sealed = dict[str, SealedBid]


def move_process_clock(scene: Scene, ahead: timedelta) -> None:
    """This process's own clock is wrong; the database's, with the offset of tests, is not."""
    scene.platform.db.info["process_clock"] = lambda: datetime.now(UTC) + ahead


def hall_page(scene: Scene, language: str) -> str:
    person: Client = scene.person("centre", language=language)
    return person.call("GET", f"/lots/{scene.lot}/opening", headers={"accept": "text/html"}).text


def test_the_skew_is_the_process_s_and_knows_no_offset(scene: Scene) -> None:
    scene.move_clock(days=3)
    found = {}

    for ahead in (timedelta(0), timedelta(days=1), timedelta(days=-1)):
        move_process_clock(scene, ahead)
        with scene.platform.db.read() as tx:
            found[ahead] = clock.skew(tx)

    assert all(abs(skew - ahead) < timedelta(seconds=1) for ahead, skew in found.items())


def test_a_process_that_is_a_day_off_takes_bids_and_closes_but_opens_nothing(scene: Scene) -> None:
    move_process_clock(scene, timedelta(days=1, milliseconds=500))
    scene.submit_all()
    early = scene.open_gate()
    scene.close()
    assert scene.check_seals() == []
    raw = dsse.sign_document(scene.share_release(1), [scene.city.signers["centre"]]).decode()

    path = f"/api/lots/{scene.lot}/share-releases"
    with capture_logs() as logs:
        share = refused(scene, "centre", "POST", path, json={"envelope": raw})
    move_process_clock(scene, timedelta(0))
    scene.release(1, 3)
    move_process_clock(scene, timedelta(seconds=-3))
    with capture_logs() as alarms:
        opened = [scene.open_gate() for _ in range(2)]
    pages = {language: hall_page(scene, language) for language in ("zh_CN", "en")}
    paused = scene.hall()["paused_by"]
    move_process_clock(scene, timedelta(seconds=1))

    assert (early, scene.hall()["state"], scene.hall()["eligible_count"]) == (False, "sealed", 3)
    assert (verdict(share), share["seconds"]) == ((409, "E_CLOCK_SKEW"), 86_400)
    assert {(one["event"], one["log_level"]) for one in logs} == {("clock.skew", "error")}
    assert (opened, paused) == ([False, False], "E_CLOCK_SKEW")
    assert [(one["event"], one["code"]) for one in alarms] == [("opening.paused", "E_CLOCK_SKEW")]
    assert "平台各处时钟不一致" in pages["zh_CN"]
    assert "The clocks of the platform differ." in pages["en"]
    assert scene.open_gate()
    assert scene.hall()["paused_by"] is None
    assert "E_CLOCK_SKEW" not in hall_page(scene, "en").partition('data-block="keys"')[0]
    assert [one["type"] for one in events(scene, "opening.paused", "opening.resumed")] == [
        "opening.paused",
        "opening.resumed",
    ]
