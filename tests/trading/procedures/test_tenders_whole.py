"""Works tenders that do not go straight: one fails and is tendered again under another rule set, one is terminated.

Played on SQLite: the flows are long, and each of their steps is shown on both databases by its own slice.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from player import Play, beijing, playing, seen
from scene_city import MAX_PRICE_FEN, PRINCIPAL, SEATS, give_keys, ordinary_content
from scene_facts import events

from govcore.platform import Platform
from trading.procedure.rules import add_folder
from trading.tender import gates, signing
from trading.tender.models import Tender

pytestmark = pytest.mark.parametrize("backend", ["sqlite"])

PUBLISHED, DEADLINE = "2026-09-01T09:00", "2026-09-22T09:30"
CHANGED = {
    "id": "tb-changed",
    "based_on": "tb-2026",
    "name": "Tenders for works and related goods and services",
    "effective_from": "2026-10-01",
    "rules": {"T01": {"value": 25}},
}


@pytest.fixture
def changed(tmp_path: Path) -> Iterator[None]:
    """From October 2026 on another version of the rules holds, which asks for 25 days."""
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "tb-changed.json").write_text(json.dumps(CHANGED), encoding="utf-8")
    add_folder(folder)
    yield
    add_folder(None)


def again(play: Play, lot: str, *, rule_set: str) -> tuple[str, str]:
    """The agency drafts the lot's next round and the tenderer approves it."""
    shown = play.scene.person("agency").get(f"/api/lots/{lot}/tender")
    with play.scene.platform.db.read() as tx:
        project_id = tx.get_one(Tender, shown["id"]).project_id
    new = {
        "project_id": project_id,
        "title": "东坝堤防加固工程施工招标（第二次）",
        "rule_set": rule_set,
        "content": msgspec.to_builtins(ordinary_content()),
        "lots": [{"name": "第1标段", "max_price_fen": MAX_PRICE_FEN, "deposit_fen": 200_000_00}],
        "custodians": [{"role": role, "org_id": role} for role in SEATS],
        "previous": [lot],
    }
    made = play.post("agency", "/api/tenders", new)
    play.post("tenderer", f"/api/tenders/{made['id']}/approve")
    return made["id"], made["lots"][0]


def prepare(play: Play, lot: str, deadline: str) -> None:
    """The custodians give keys and the tenderer signs the schedule."""
    scene, city = play.scene, play.scene.city
    gates.ask_for_keys(scene.platform, lot)
    with scene.platform.db.transaction() as tx:
        city.identities.update(give_keys(tx, scene.platform, lot, city.signers))
    tenderer = scene.person("tenderer")
    _, raw = signing.sign_schedule(tenderer, city.signers["tenderer"], lot, deadline_at=beijing(deadline))
    signing.hand_in_schedule(tenderer, lot, raw)


def postpone(play: Play, lot: str, deadline: str) -> None:
    """Two people of the tenderer sign a later deadline."""
    scene, signers = play.scene, play.scene.city.signers
    person, other = scene.person("tenderer"), scene.person(PRINCIPAL)
    _, raw = signing.sign_schedule(person, signers["tenderer"], lot, deadline_at=beijing(deadline))
    raw = signing.countersign_schedule(other, signers[PRINCIPAL], scene.authority(), raw.encode())[1]
    signing.hand_in_schedule(other, lot, raw)


def test_a_failed_lot_is_tendered_again_under_the_rules_of_the_new_day_and_its_neighbour_is_terminated(
    platform: Platform, tmp_path: Path, changed: None
) -> None:
    dates = {"published": PUBLISHED, "deadline": DEADLINE}
    with playing(platform, tmp_path, rule_set="tb-2026", lots=2, **dates) as play:
        failed, given_up = play.lots
        play.scene.submit_all("bidder-1", "bidder-2", lot=failed)
        play.scene.submit_all(lot=given_up)
        play.go_to("2026-09-15T10:00")
        said = {"notice": "项目需求取消，本标段终止招标"}
        made = play.propose("tenderer", "tender.terminate", given_up, said)
        alone = play.refusal("tenderer", f"/api/proposals/{made['id']}/confirm", seen(made))
        between = play.state(given_up)
        play.confirm("principal", made)
        late = play.refusal("bidder-4", f"/api/lots/{given_up}/uploads", {"parts": []})
        play.close(failed)
        ends = [
            (play.state(lot), [bid for bid in play.scene.hall(lot)["bids"] if bid["summary"]])
            for lot in play.lots
        ]

        play.go_to("2026-10-12T09:00")
        tender, lot = again(play, failed, rule_set="tb-changed")
        prepare(play, lot, "2026-11-05T09:30")
        short = play.refusal("agency", f"/api/tenders/{tender}/publish")
        postpone(play, lot, "2026-11-06T09:30")
        play.post("agency", f"/api/tenders/{tender}/publish")
        before = play.scene.hall(lot)["bids"]
        play.scene.submit_all(lot=lot)
        play.close(lot)
        play.open(lot)
        opened = len(play.opened(lot))
        pinned = [
            (one["data"]["round"], one["data"]["rule_set"]) for one in events(play.scene, "tender.published")
        ]
        told = [one.kind for one in play.notices()]
        [ended] = [one for one in play.notices(given_up) if one.kind == "termination"]

    assert (between, late != "") == ("open", True)
    assert alone != ""
    assert ends == [("failed", []), ("terminated", [])]
    assert "T01" in short
    assert "25" in short
    assert (before, opened) == ([], 3)
    assert pinned == [(1, "tb-2026"), (2, "tb-changed")]
    assert told[:1] == ["tender"]
    assert (ended.fields["reason"], "退还" in str(ended.fields["next_step"])) == (said["notice"], True)
