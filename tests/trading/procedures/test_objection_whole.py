"""An objection to the candidates at the Spring Festival of 2026, from the published notice to the contract, over HTTP.

Played on SQLite: the flow is long, and each of its steps is shown on both databases by its own slice.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from player import Play, beijing, playing
from scene_facts import events

from govcore.platform import Platform

pytestmark = pytest.mark.parametrize("backend", ["sqlite"])

REPLY = {"text": "已核对业绩证明，理由不成立。", "public_text": "维持公示结果。"}


def object_to_result(play: Play, lot: str, who: str) -> str:
    shown = play.scene.person(who).get(f"/api/lots/{lot}/tender")
    said = {"kind": "objection", "stage": "result", "lots": [lot], "text": "第一中标候选人业绩不实"}
    return str(play.post(who, f"/api/tenders/{shown['id']}/cases", said)["id"])


def dues(play: Play, who: str, case: str) -> dict[str, datetime]:
    shown = play.scene.person(who).get(f"/api/cases/{case}")["dues"]
    return {one["rule"]: datetime.fromisoformat(one["until"]) for one in shown}


def test_an_objection_before_the_festival_holds_award_and_contract_until_it_is_answered(
    platform: Platform, tmp_path: Path
) -> None:
    """Filed on Thursday the 12th; the 15th to the 23rd are off; answered two days late, on the 26th."""
    dates = {"published": "2026-01-06T09:00", "deadline": "2026-02-03T09:30"}
    with playing(platform, tmp_path, rule_set="tb-2026", **dates) as play:
        (lot,) = play.lots
        play.scene.submit_all()
        play.close()
        play.open(lot)
        play.evaluate(lot, {"bidder-1": "40.00", "bidder-2": "45.00", "bidder-3": "42.00"})
        play.go_to("2026-02-10T10:00")
        play.post("agency", f"/api/lots/{lot}/publicity")
        first = play.scene.person("agency").get(f"/api/lots/{lot}/award")["candidates"][0]
        play.go_to("2026-02-12T16:00")
        case = object_to_result(play, lot, "bidder-3")
        before = dues(play, "bidder-3", case)
        unseen = play.scene.person("bidder-1").get("/api/cases")
        play.go_to("2026-02-25T09:00")
        held = play.refusal("tenderer", f"/api/lots/{lot}/award", {"bid_id": first["bid_id"]})
        play.go_to("2026-02-26T10:00")
        play.post("agency", f"/api/cases/{case}/reply", REPLY)
        after = dues(play, "bidder-3", case)
        play.go_to("2026-02-28T00:00")
        play.post("tenderer", f"/api/lots/{lot}/award", {"bid_id": first["bid_id"]})
        signed = play.contract(lot, "bidder-2", amount_fen=9_900_000_00)
        stopped = [events(play.scene, f"tender.{what}")[0]["at"] for what in ("suspended", "resumed")]
        told = [one.kind for one in play.notices(lot)]
        results = [one for one in play.notices(lot) if one.kind == "objection_result"]

    assert before == {
        "T19": beijing("2026-02-25T00:00"),
        "T29": beijing("2026-03-07T00:00"),
    }
    assert unseen == []
    assert "T08 · 实施条例 art. 22, 54" in held
    assert after["T29"] == beijing("2026-03-10T00:00")  # ten days and fourteen to the reply; a Sunday
    assert [one[:19] for one in stopped] == ["2026-02-12T08:00:00", "2026-02-26T02:00:00"]
    assert told.index("candidates") < told.index("result")
    assert all("清源" not in str(one.fields) for one in results)
    assert signed["signed_by"] == ["supplier", "tenderer"]
