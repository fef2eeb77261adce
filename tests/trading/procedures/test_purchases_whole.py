"""Government purchases from the notice to their ends, from configuration alone.

Played on SQLite: the flows are long, and each of their steps is shown on both databases by its own slice.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from player import Play, beijing, playing
from scene_city import ordinary_content
from scene_committee import seat

from govcore.audit.entries import time_text
from govcore.platform import Platform
from trading.documents.queries import files_of, in_force, store_key
from trading.evaluation.bundles import Bundle, read
from trading.evaluation.recompute import verify
from trading.evaluation.tasks import publish_one
from trading.tender.queries import lot_context

pytestmark = pytest.mark.parametrize("backend", ["sqlite"])

PUBLISHED, DEADLINE = "2026-09-01T09:00", "2026-09-22T09:30"
PLANS = {"bidder-1": "40.00", "bidder-2": "45.00", "bidder-3": "42.00"}
TOO_FEW = {"cause": "too_few", "text": "有效供应商不足三家"}


def test_goods_are_bought_from_the_notice_to_the_contract_while_the_purchaser_is_silent(
    platform: Platform, tmp_path: Path
) -> None:
    """The report comes on a Monday before the National Day holidays; the fifth working day is Saturday the 10th."""
    dates = {"published": PUBLISHED, "deadline": DEADLINE}
    goods = msgspec.structs.replace(ordinary_content(), procures="goods")
    with playing(platform, tmp_path, rule_set="gp-2026", content=goods, **dates) as play:
        (lot,) = play.lots
        play.scene.submit_all()
        play.close()
        play.open(lot)
        seat(play.scene, lot)
        unreviewed = play.refusal("expert-1", f"/api/lots/{lot}/sheet/lock", {"sha256": "0" * 64})
        play.review(lot)
        play.evaluate(lot, PLANS)
        play.go_to("2026-09-28T10:00")
        play.post("agency", f"/api/lots/{lot}/award/handover")
        play.go_to("2026-10-10T23:59:59")
        patient = play.refusal("agency", f"/api/lots/{lot}/award/announcement")
        play.go_to("2026-10-12T09:00")
        first = next(bid for bid in play.opened(lot) if bid["uscc"] == play.scene.uscc("bidder-2"))
        bound = play.refusal("tenderer", f"/api/lots/{lot}/award", {"bid_id": first["bid_id"]})
        play.post("agency", f"/api/lots/{lot}/award/announcement")
        play.go_to("2026-10-14T09:00")
        signed = play.contract(lot, "bidder-2", amount_fen=9_900_000_00)
        play.go_to("2026-10-16T16:00")
        play.post("agency", f"/api/lots/{lot}/contract/publication")
        tender, opening, result, contract = play.notices()
        ended = play.scene.person("agency").get(f"/api/lots/{lot}/contract")
        told = bundles(play, lot)

    assert "G12 · 87号令 art. 44" in unreviewed
    assert "G16 · 政府采购法实施条例 art. 43" in patient
    assert "G16 · 政府采购法实施条例 art. 43" in bound
    assert [one.kind for one in (tender, opening, result, contract)] == [
        "tender",
        "opening",
        "result",
        "contract",
    ]
    assert {one.regime for one in (tender, opening, result, contract)} == {"GP"}
    assert (tender.fields["budget_fen"], tender.fields["policies"], tender.fields["notice_period"]) == (
        12_500_000_00,
        ["本项目专门面向中小企业采购。"],
        "5个工作日，至2026-09-08 24:00:00（北京时间）止",
    )
    assert (result.fields["winner"], result.fields["experts"], result.fields["notice_period"]) == (
        "东坝河工集团有限公司",
        ["expert-1", "expert-2", "expert-3", "expert-4", "expert-5", "expert-6", "expert-7"],
        "1个工作日，至2026-10-13 24:00:00（北京时间）止",
    )
    assert result.fields["goods"] == [
        {
            "item": "第1标段",
            "specification": "堤防护坡 3.2 公里",
            "quantity": "1 项",
            "unit_price_fen": 9_900_000_00,
        }
    ]
    assert (contract.fields["price_fen"], signed["signed_by"]) == (9_900_000_00, ["supplier", "tenderer"])
    assert signed["due_at"] == time_text(beijing("2026-11-12T00:00"))
    assert ended["published_at"] is not None
    full, public, evaluation, data_sha256 = told
    assert [check for check in verify(full) if not check.holds] == []
    assert {check.code for check in verify(public) if not check.holds} == {"sheets"}
    assert full["documents"]["tender_file"] == public["documents"]["tender_file"] == evaluation
    assert full["released"] is not None
    assert (full["released"]["version"], full["released"]["data_sha256"]) == (1, data_sha256)
    assert [entry["event"] for entry in full["log"]] == ["tender.closed", "opening.read_out"]


def bundles(play: Play, lot: str) -> tuple[Bundle, Bundle, Any, str]:
    """Both forms, and what the documents' data file says of the evaluation, with that file's hash."""
    publish_one(play.scene.platform, (lot, 1))
    path = f"/api/lots/{lot}/evaluation/bundle"
    full = read(play.scene.person("tenderer").call("GET", f"{path}/full").content)
    public = read(play.scene.person("bidder-3").call("GET", path).content)
    with play.scene.platform.db.read() as tx:
        version = in_force(tx, lot_context(tx, lot).tender_id)
        (file,) = [one for one in files_of(version) if one.kind == "data"]
        data = play.scene.platform.store.get(store_key(version.tender_id, file.sha256))
    return full, public, json.loads(data)["tender"]["lots"][0]["evaluation"], file.sha256


def test_services_are_bought_in_one_package_while_fewer_than_three_end_each_of_the_others(
    platform: Platform, tmp_path: Path
) -> None:
    """Package one has two bids; in package two one of three is not qualified, in three one is above the maximum.

    They end at the deadline, after the qualification and before the scores; the fourth goes on to the award.
    """
    dates = {"published": PUBLISHED, "deadline": DEADLINE}
    services = msgspec.structs.replace(ordinary_content(), procures="services")
    with playing(platform, tmp_path, rule_set="gp-2026", lots=4, content=services, **dates) as play:
        few, unqualified, unresponsive, served = play.lots
        play.scene.submit_all(lot=served)
        play.scene.submit_all("bidder-1", "bidder-2", lot=few)
        play.scene.submit_all(lot=unqualified)
        play.scene.submit_all("bidder-1", "bidder-2", lot=unresponsive)
        above = play.scene.seal("bidder-3", lot=unresponsive, price_fen=12_000_000_01)
        play.scene.submit("bidder-3", above, lot=unresponsive)
        play.close()
        for lot in (unqualified, unresponsive, served):
            play.open(lot)
        play.review(unqualified, {play.scene.uscc("bidder-3"): "缺少纳税证明"})
        play.review(unresponsive)
        play.review(served)
        seat(play.scene, unqualified)
        committee = play.refusal("expert-1", f"/api/lots/{unqualified}/sheet/lock", {"sha256": "0" * 64})
        seat(play.scene, unresponsive)
        left = play.refusal("expert-1", f"/api/lots/{unresponsive}/sheet/lock", {"sha256": "0" * 64})
        for lot in (unqualified, unresponsive):
            play.by_two("award.fail", lot, TOO_FEW, "agency", "tenderer")
        play.evaluate(served, PLANS)
        play.go_to("2026-09-24T10:00")
        play.post("agency", f"/api/lots/{served}/award/handover")
        first = next(bid for bid in play.opened(served) if bid["uscc"] == play.scene.uscc("bidder-2"))
        play.post("tenderer", f"/api/lots/{served}/award", {"bid_id": first["bid_id"]})
        states = [play.state(lot) for lot in play.lots]
        failures = {lot: [one for one in play.notices(lot) if one.kind == "failed"] for lot in play.lots}
        sealed = play.scene.hall(few)["bids"]

    assert "G11 · 87号令 art. 44" in committee
    assert (
        left == "Valid bids left: 2, and fewer than 3 end the purchase (G11.responsive · 政府采购法 art. 36)."
    )
    assert states == [*["failed"] * 3, "awarded"]
    assert [len(found) for found in failures.values()] == [1, 1, 1, 0]
    assert all(
        one.fields["reason"] and one.fields["next_step"] for found in failures.values() for one in found
    )
    assert [bid["state"] for bid in sealed if bid["summary"]] == []
