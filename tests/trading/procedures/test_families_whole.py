"""Works tenders with each of the eight benchmark families, from the published notice to the award.

One platform and one deadline: eight tenders are published, sealed bids come in, custodians and gate open them, what the
documents draw is drawn, five members score and lock, the candidates are published and the first of them wins.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import msgspec
import pytest
from apps import app_for
from litestar.testing import TestClient
from scene import Scene, build
from scene_city import _draft, ordinary_content, publish_round
from scene_committee import seat

sys.path.insert(0, str(Path(__file__).parent.parent / "draws"))
sys.path.insert(0, str(Path(__file__).parent.parent / "evaluation"))

from drawing import Drawing
from evaluated_city import seen_sheet
from test_methods_end_to_end import BENCHMARKS, K

from govcore import clock
from govcore.identity.queries import actor_of_user
from govcore.platform import Platform
from trading.award import issue
from trading.award.queries import candidates_of
from trading.draws import queries as draws
from trading.draws.policy import Purpose
from trading.evaluation import bundle_queries, bundles, sheets
from trading.evaluation.recompute import verify
from trading.evaluation.tasks import complete_one
from trading.opening import tasks
from trading.opening.queries import opened_bids
from trading.tender import gates
from trading.tender.queries import lot_context
from trading.tender.schemas import TenderContent

DRAWS = {"DRAW_K", "MIX_CONTROL", "ABC"}
BIDS = [Fraction(9_800_000), Fraction(9_900_000), Fraction(10_000_000)]
MAXIMUM, MEAN = Fraction(12_000_000), Fraction(9_900_000)
EXPECTED = {
    "MEAN": [MEAN],
    "TRIM_MEAN_HL": [MEAN],
    "TRIM_PCT": [BIDS[1]],
    "ITERATIVE": [MEAN * 9 / 10],
    "DRAW_K": [MEAN * 97 / 100],
    "MIX_CONTROL": [MEAN * Fraction("0.679") + MAXIMUM * Fraction("0.279")],
    "ABC": [(MAXIMUM / 2 + b * 3 / 10 + BIDS[0] / 5) * 97 / 100 for b in BIDS[1:]],
    "DRAW_SUBSET": BIDS,
}
"""What each family makes of these three bids, in yuan; B of ABC and the subset are drawn (domain: 3.5, I9)."""


def said(benchmark: dict[str, Any]) -> TenderContent:
    """Documents that measure prices by this benchmark, and draw what it needs."""
    price = {"method": "bilateral", "e1": "1", "e2": "0.5", "benchmark": benchmark}
    drawn = [K] if benchmark["family"] in DRAWS else []
    asked = {**msgspec.to_builtins(ordinary_content()), "price": price, "draws": drawn}
    return msgspec.convert(asked, TenderContent)


def published(first: Scene, content: TenderContent) -> Scene:
    """Another tender of the same city."""
    with first.platform.db.transaction() as tx:
        tender_id, lots = _draft(tx, first.platform, lots=1, content=content, rule_set="demo")
    gates.ask_for_keys(first.platform, lots[0])
    city = replace(first.city, tender_id=tender_id, lots=lots)
    publish_round(first.platform, city, seconds=3600)
    return replace(first, city=city)


def opened(scene: Scene) -> None:
    """From the deadline to the record, with what is drawn at the opening."""
    drawing = Drawing(scene)
    with scene.platform.db.read() as tx:
        draw = draws.present(tx, scene.lot, purpose=Purpose.OPENING)
    if draw is not None:
        drawing.draw_id = draw.id
        drawing.advance()
        for name in ("tenderer", "regulator"):
            drawing.commit(name)
        drawing.advance()
    assert scene.check_seals() == []
    scene.release(1, 3)
    assert scene.open_gate()
    tasks._read(scene.platform, scene.lot)
    if draw is not None:
        drawing.advance()
        for name in ("tenderer", "regulator"):
            drawing.reveal(name)
        drawing.advance()
    scene.write_record()


def evaluated(scene: Scene) -> None:
    """The committee meets, each member scores alone and locks, the platform completes the evaluation."""
    members = seat(scene, scene.lot)
    with scene.platform.db.transaction() as tx:
        at = clock.now(tx)
        given = {bid.bid_id: {"plan": f"{40 + bid.number}.00"} for bid in opened_bids(tx, scene.lot)}
        for member in members:
            actor = actor_of_user(tx, member)
            sheets.save(tx, scene.lot, given=given, why="", actor=actor, at=at)
            sheets.lock(tx, scene.lot, sha256=seen_sheet(tx, scene.lot, actor), actor=actor, at=at)
    assert complete_one(scene.platform, scene.lot)


def awarded(scene: Scene) -> tuple[str, Fraction, list[str]]:
    """The candidates are published, then the first wins: the lot's state, its benchmark, what does not recompute."""
    platform = scene.platform
    with platform.db.read() as tx:
        agency, tenderer = (actor_of_user(tx, name) for name in ("agency", "tenderer"))
    issue.publicise(platform, scene.lot, actor=agency)
    scene.move_clock(seconds=3)
    with platform.db.read() as tx:
        first = next(one.bid_id for one in candidates_of(tx, scene.lot))
    issue.award(platform, scene.lot, bid_id=first, actor=tenderer)
    with platform.db.read() as tx:
        state = lot_context(tx, scene.lot).state
        key = bundle_queries.full(tx, scene.lot, actor=tenderer).key
    bundle = bundles.read(platform.store.get(key))
    wrong = [one.code for one in verify(bundle) if not one.holds]
    return state, Fraction(bundle["documents"]["result"]["benchmark"]), wrong


@pytest.mark.parametrize("backend", ["sqlite"])
def test_works_of_each_benchmark_family_are_led_from_the_notice_to_the_award(
    platform: Platform, tmp_path: Path
) -> None:
    families = [benchmark for benchmark, _ in BENCHMARKS]
    with TestClient(app_for(platform), base_url="http://site.example") as http:
        first = build(platform, http, tmp_path, lots=1, content=said(families[0]))
        scenes = [first, *(published(first, said(one)) for one in families[1:])]
        for scene in scenes:
            scene.submit_all()
        first.move_clock(hours=1)
        for scene in scenes:
            tasks.close_one(platform, scene.lot)
        found = {}
        for benchmark, scene in zip(families, scenes, strict=True):
            opened(scene)
            evaluated(scene)
            found[benchmark["family"]] = awarded(scene)

    assert found.keys() == EXPECTED.keys()
    for family, (state, benchmark, wrong) in found.items():
        assert (state, wrong, benchmark in EXPECTED[family]) == ("awarded", [], True), family
