"""A purchase after a prequalification: it goes on with those who passed, or ends because too few did (G03, T11).

Played on SQLite: the flow is long, and each of its steps is shown on both databases by its own slice.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from player import Play, playing
from scene_city import ORGANISATIONS, ordinary_content

from bidding_docs import summary
from bidding_docs.summary import Field, Form
from govcore.identity.queries import actor_of_user
from govcore.platform import Platform
from trading.prequalification import queries

pytestmark = pytest.mark.parametrize("backend", ["sqlite"])

APPLICANTS = ("bidder-1", "bidder-2", "bidder-3", "bidder-4")
WHOLE = ordinary_content()
APPLICATIONS = msgspec.structs.replace(
    WHOLE,
    prequalifies=True,
    criteria=[],
    form=Form(fields=(Field(id="manager", label="项目负责人", kind="text", max=50),)),
    parts=[msgspec.structs.replace(part, public=False) for part in WHOLE.parts],
)


def apply(play: Play, lot: str, *names: str) -> None:
    values = summary.write(APPLICATIONS.form, {"manager": "虚构经理"})
    for name in names:
        play.scene.submit(name, play.scene.seal(name, lot=lot, values=values), lot=lot)


def judge(play: Play, lot: str, *failing: str) -> None:
    """The purchaser's agency judges every application; these do not pass."""
    with play.scene.platform.db.read() as tx:
        found = queries.review(tx, lot, actor=actor_of_user(tx, "agency")).applications
    for one in found:
        said = {"passed": "yes"}
        if one.bid.org_id in failing:
            said = {"passed": "no", "ground": "qualification", "reason": "未提供纳税证明"}
        play.submit(f"/prequalification/{lot}/applications/{one.bid.bid_id}", "agency", **said)


@pytest.mark.parametrize(
    ("failing", "state", "notices"),
    [
        (["bidder-4"], "prequalified", ["prequalification"]),
        (["bidder-3", "bidder-4"], "failed", ["prequalification", "failed"]),
    ],
)
def test_with_three_who_passed_a_purchase_goes_on_and_with_two_it_ends(
    platform: Platform, tmp_path: Path, failing: list[str], state: str, notices: list[str]
) -> None:
    """Five working days to apply, from a Tuesday to the Tuesday after (G03): no committee, but every applicant told."""
    dates = {"published": "2026-09-08T09:00", "deadline": "2026-09-15T09:30"}
    with playing(platform, tmp_path, rule_set="gp-2026", content=APPLICATIONS, **dates) as play:
        (lot,) = play.lots
        apply(play, lot, *APPLICANTS)
        hidden = play.scene.hall(lot)
        play.close()
        play.open(lot)
        early = play.refusal("agency", f"/api/lots/{lot}/publicity")
        judge(play, lot, *failing)
        play.submit(f"/prequalification/{lot}", "tenderer", members="")
        told = play.notices()
        pages = {
            who: play.scene.person(who).call("GET", f"/prequalification/{lot}/mine").text
            for who in APPLICANTS
        }

    assert (hidden["eligible_count"], hidden["bids"]) == (None, [])
    assert early
    assert play.state(lot) == state
    assert [one.kind for one in told] == notices
    assert {who: "未提供纳税证明" in page for who, page in pages.items()} == {
        who: who in failing for who in APPLICANTS
    }
    names = [ORGANISATIONS[who][0] for who in APPLICANTS]
    assert not any(name in str(one.fields) for name in names for one in told)
