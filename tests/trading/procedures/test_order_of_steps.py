"""Steps that are skipped, taken in another order or twice, taken while suspended, or taken by one person alone.

One works tender is played through on SQLite; at each of its stages what does not belong there is tried over the API.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from player import Play, playing, seen
from scene_facts import events

from govcore.platform import Platform

pytestmark = pytest.mark.parametrize("backend", ["sqlite"])

ORDER = {"notice": "查处投诉，暂停本标段"}


def skipped(play: Play, lot: str) -> dict[str, str]:
    """What comes after the opening, each step tried at once."""
    committee = {
        "members": ["expert-1", "expert-2", "expert-3", "expert-4", "expert-5"],
        "reason": "技术复杂",
    }
    return {
        "committee": play.refusal("centre", f"/api/lots/{lot}/committee", committee),
        "publicity": play.refusal("agency", f"/api/lots/{lot}/publicity"),
        "award": play.refusal("tenderer", f"/api/lots/{lot}/award", {"bid_id": "none"}),
    }


def test_every_stage_refuses_what_does_not_belong_there_by_its_article(
    platform: Platform, tmp_path: Path
) -> None:
    dates = {"published": "2026-09-01T09:00", "deadline": "2026-09-22T09:30"}
    with playing(platform, tmp_path, rule_set="tb-2026", **dates) as play:
        (lot,) = play.lots
        play.scene.submit_all()
        before_t = skipped(play, lot)
        play.close()
        unopened = skipped(play, lot)
        play.open(lot)
        unevaluated = play.refusal("agency", f"/api/lots/{lot}/publicity")
        play.evaluate(lot, dict.fromkeys(("bidder-1", "bidder-2", "bidder-3"), "40.00"))
        made = play.propose("regulator", "tender.suspend", lot, ORDER)
        alone = play.refusal("regulator", f"/api/proposals/{made['id']}/confirm", seen(made))
        unasked = play.refusal("regulator", f"/api/acts/tender.suspend/{lot}/proposals", {"content": ORDER})
        play.second_inspector()
        play.confirm("inspector", made)
        stopped = play.refusal("agency", f"/api/lots/{lot}/publicity")
        play.by_two("tender.resume", lot, ORDER, "regulator", "inspector")
        play.post("agency", f"/api/lots/{lot}/publicity")
        twice = play.refusal("agency", f"/api/lots/{lot}/publicity")
        first = play.scene.person("agency").get(f"/api/lots/{lot}/award")["candidates"]
        early = play.refusal("tenderer", f"/api/lots/{lot}/award", {"bid_id": first[0]["bid_id"]})
        play.go_to("2026-09-29T00:00")
        second = play.refusal("tenderer", f"/api/lots/{lot}/award", {"bid_id": first[1]["bid_id"]})
        play.post("tenderer", f"/api/lots/{lot}/award", {"bid_id": first[0]["bid_id"]})
        again = play.refusal("tenderer", f"/api/lots/{lot}/award", {"bid_id": first[0]["bid_id"]})
        traces = [one["data"]["notice"] for one in events(play.scene, "tender.suspended")]
        notices = [one.kind for one in play.notices(lot)]

    assert all(before_t.values())
    assert "T18 · 实施条例 art. 54" in before_t["publicity"]
    assert "T18 · 实施条例 art. 54" in unopened["publicity"]
    assert "T18 · 实施条例 art. 54" in unevaluated
    assert "实施条例 art. 62" in stopped
    assert "T18 · 实施条例 art. 54" in twice
    assert "T18 · 实施条例 art. 54" in early
    assert "T38 · 实施条例 art. 55" in second
    assert again
    assert alone
    assert unasked
    assert traces == [ORDER["notice"]]
    assert {"suspension", "resumption", "candidates", "result"} <= set(notices)
