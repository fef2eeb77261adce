"""The draw at an opening: commitments before the bids are opened, values after the read-out, on the record."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from scene import Scene
from scene_city import found, give_draw_keys, ordinary_content
from scene_facts import events, refused, verdict
from scene_fixtures import Build

sys.path.insert(0, str(Path(__file__).parent.parent / "draws"))
from drawing import Drawing

from govcore import clock
from govcore.errors import NotFound, Problem
from govcore.identity.queries import actor_of_user
from govcore.platform import Platform
from trading.desk.work import tasks_of
from trading.documents import service as documents
from trading.draws import queries as draws
from trading.draws import replay
from trading.draws.custody import KeysForDrawsMissing
from trading.draws.policy import Purpose
from trading.opening import drawing, hall_queries, records, tasks
from trading.tender import queries as tenders
from trading.tender.criteria import Abc, Draw, DrawK, Drawn, DrawSubset, Mean, PriceRule, Range, Size

CANDIDATES = ["0.01", "0.02", "0.03"]
SUBSET = DrawSubset(pool=None, sizes=[Size(to=None, share="0.5", least=2)], inner=Mean())
PRICE = PriceRule(method="bilateral", benchmark=DrawK(inner=SUBSET, form="ONE_MINUS_K", k=Drawn("K")))


def content():
    return msgspec.structs.replace(
        ordinary_content("bs1"), price=PRICE, draws=[Draw(id="K", candidates=CANDIDATES)]
    )


@pytest.fixture
def drawn(scene_of: Build) -> Drawing:
    """Three bids for a lot whose documents draw a coefficient and bids; its custodians gave keys for draws."""
    scene = scene_of(content())
    scene.submit_all()
    drawing_of_it = Drawing(scene)
    drawing_of_it.give_keys()
    return drawing_of_it


def advance(found: Drawing) -> None:
    """One turn of the sweeps of draws and of what the hall is told of them."""
    with found.scene.platform.db.read() as tx:
        draw = draws.present(tx, found.scene.lot, purpose=Purpose.OPENING)
    found.draw_id = draw.id
    found.advance()
    with found.scene.platform.db.transaction() as tx:
        drawing.tell_draw(tx, found.draw_id, at=found.now())


def facts(found: Drawing) -> list[str]:
    with found.scene.platform.db.read() as tx:
        return [one.kind for one in hall_queries.hall_facts(tx, found.scene.lot)]


def test_the_draw_is_committed_to_before_bids_are_opened_and_revealed_after_the_read_out(drawn: Drawing):
    scene = drawn.scene
    scene.close()
    advance(drawn)
    assert scene.check_seals() == []
    scene.release(1, 3)
    assert scene.open_gate()
    tasks._read(scene.platform, scene.lot)
    assert "opening.read_out" not in facts(drawn)

    drawn.commit("tenderer")
    drawn.commit("regulator")
    advance(drawn)
    tasks._read(scene.platform, scene.lot)
    advance(drawn)
    drawn.reveal("tenderer")
    drawn.reveal("regulator")
    scene.move_clock(seconds=10)
    records.write_record(scene.platform, scene.lot)
    assert scene.hall()["state"] == "read_out"
    for _ in range(2):
        advance(drawn)
    records.write_record(scene.platform, scene.lot)

    assert scene.hall()["state"] == "recorded"
    told = [one for one in facts(drawn) if one.startswith(("draw.", "opening.read_out"))]
    assert told == [
        "draw.announced",
        "draw.begun",
        "draw.committed",
        "draw.committed",
        "draw.committed",
        "opening.read_out",
        "draw.closed",
        "draw.revealed",
        "draw.revealed",
        "draw.revealed",
        "draw.drawn",
    ]
    with scene.platform.db.read() as tx:
        values = draws.drawn_values(tx, scene.lot)
        seed = tx.get_one(draws.Draw, drawn.draw_id).seed
    bids = [one["subject"] for one in events(scene, "opening.bid_read_out")]
    assert values["draws"]["K"] == min(CANDIDATES, key=lambda one: replay.ticket(seed, f"K={one}"))
    assert values["tickets"] == {one: replay.ticket(seed, f"bid.{one}") for one in bids}
    hall = scene.person("bidder-1", language="en").call("GET", f"/lots/{scene.lot}/opening").text
    assert f"<dt>K</dt><dd><strong>{values['draws']['K']}</strong></dd>" in hall
    tender = scene.person("bidder-1", language="en").call("GET", f"/tenders/{scene.city.tender_id}").text
    links = (f"/draws/{drawn.draw_id}", f"/draws/{drawn.draw_id}/file", "/verify/draw")
    assert [f'href="{link}"' in tender for link in links] == [True] * 3


def test_the_first_bidder_that_signs_in_contributes_for_the_suppliers(drawn: Drawing):
    """At least three contribute, and bidders need not trust them: one of them is a fourth."""
    scene = drawn.scene
    scene.close()
    for bidder in ("bidder-2", "bidder-1"):
        scene.person(bidder).post(f"/api/lots/{scene.lot}/opening/attendance", {})
    advance(drawn)
    assert scene.check_seals() == []
    scene.release(1, 3)
    assert scene.open_gate()
    for name in ("tenderer", "regulator"):
        drawn.commit(name)
    tasks._read(scene.platform, scene.lot)
    assert "opening.read_out" not in facts(
        drawn
    )  # the suppliers' value is waited for, as long as others would be

    with pytest.raises(NotFound):
        drawn.commit("supplier", user="bidder-1")
    drawn.commit("supplier", user="bidder-2")
    advance(drawn)
    tasks._read(scene.platform, scene.lot)
    scene.person("bidder-3").post(f"/api/lots/{scene.lot}/opening/attendance", {})
    advance(drawn)
    for name, user in (("tenderer", None), ("regulator", None), ("supplier", "bidder-2")):
        drawn.reveal(name, user=user)
    for _ in range(2):
        advance(drawn)

    with scene.platform.db.read() as tx:
        document = draws.document(tx, drawn.draw_id, actor=actor_of_user(tx, "bidder-3"))
    assert [one["name"] for one in document["contributors"]] == [
        "platform",
        "regulator",
        "supplier",
        "tenderer",
    ]
    assert {one.code for one in replay.verify(document) if not one.holds} == set()
    assert len(events(scene, "draw.joined")) == 1


def test_a_draw_without_enough_commitments_does_not_stop_the_opening_and_is_announced_again(drawn: Drawing):
    scene = drawn.scene
    scene.close()
    advance(drawn)
    problem = refused(scene, "agency", "POST", f"/lots/{scene.lot}/opening/draw", follow_redirects=False)
    assert verdict(problem) == (409, "E_STATE")
    scene.move_clock(minutes=11)
    first = drawn.draw_id
    advance(drawn)
    scene.check_seals()
    scene.release(1, 3)
    assert scene.open_gate()
    tasks._read(scene.platform, scene.lot)
    assert facts(drawn)[-1] == "opening.read_out"
    scene.write_record()
    assert scene.hall()["state"] == "read_out"

    assert verdict(refused(scene, "bidder-1", "POST", f"/lots/{scene.lot}/opening/draw"))[0] == 403
    agency = scene.person("agency", language="en")
    assert "Announce the draw again" in agency.call("GET", f"/lots/{scene.lot}/opening").text
    agency.call("POST", f"/lots/{scene.lot}/opening/draw", follow_redirects=False)
    advance(drawn)

    assert drawn.draw_id != first
    assert (drawn.row().number, drawn.row().held) == (2, False)


def test_documents_that_draw_something_wait_for_the_custodians_keys_for_draws(platform: Platform):
    city = found(platform, lots=1, content=content())

    def publish() -> None:
        with platform.db.transaction() as tx:
            agency, at = actor_of_user(tx, "agency"), clock.now(tx)
            documents.publish(tx, platform.store, platform.keys, city.tender_id, actor=agency, at=at)

    def asked(user: str) -> list[tuple[str, object]]:
        with platform.db.read() as tx:
            told = tasks_of(tx, platform, actor=actor_of_user(tx, user), at=clock.now(tx))
        return [(one.text, one.data.get("who")) for one in told if "draws something" in one.text]

    with pytest.raises(KeysForDrawsMissing) as missing:
        publish()
    who = missing.value.data["who"]
    before = asked("agency"), asked("centre")
    with platform.db.transaction() as tx:
        give_draw_keys(tx, city.signers)
    with pytest.raises(Problem) as further:
        publish()

    assert who == "临湖市公共资源交易中心, 临湖市水利局, 临湖市水利工程建设中心"
    assert before == (
        [("{lot} draws something at the opening; keys for draws are missing of: {who}", who)],
        [("Give your key for draws: {lot} draws something", None)],
    )
    assert (asked("agency"), asked("centre")) == ([], [])
    assert further.value.code != KeysForDrawsMissing.code


def test_where_the_documents_draw_nothing_there_is_no_draw(scene: Scene, sealed: object):
    scene.close()

    with scene.platform.db.read() as tx:
        assert draws.present(tx, scene.lot, purpose=Purpose.OPENING) is None
        assert drawing.shown(tx, tenders.lot_context(tx, scene.lot)) is None


BAND = Range(mean="0.7", max="0.3", factor="0.75")
ABC = Abc(delta="0.1", k="0.97", weights=["0.5", "0.3", "0.2"], limit=BAND, a_share="0.95")


@pytest.mark.parametrize(
    ("change", "asked"),
    [
        (lambda one: one(), False),
        (lambda one: one(price=PriceRule(method="bilateral", benchmark=Mean())), False),
        (lambda one: one(draws=[Draw(id="K", candidates=["0.01"])]), True),
        (lambda one: one(price=PriceRule(method="bilateral", benchmark=SUBSET)), True),
        (lambda one: one(price=PriceRule(method="bilateral", benchmark=ABC)), True),
        (lambda one: one(price=PRICE), True),
        (lambda one: one(price=PRICE, prequalifies=True), False),
    ],
)
def test_coefficients_and_tickets_ask_for_a_draw(change: Callable[..., object], asked: bool):
    plain = ordinary_content("bs1")

    assert change(lambda **new: msgspec.structs.replace(plain, **new)).draws_at_opening is asked
