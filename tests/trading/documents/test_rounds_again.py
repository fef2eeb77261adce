"""The next round in the browser: begun with the old documents, given up, begun again; and how bidders come to it."""

from __future__ import annotations

import msgspec
import pytest
from scene import Scene
from scene_city import ordinary_content
from sqlalchemy import select

from govcore import clock
from govcore.errors import MoveNotAllowed, NotFound
from govcore.identity.policy import Forbidden
from govcore.identity.queries import actor_of_user
from trading.documents import draft_queries, drafting, restarting
from trading.documents.answers import NotYet, assemble
from trading.documents.models import Draft
from trading.procedure.rules import rule_set
from trading.tender import drafting as tendering
from trading.tender import queries as tenders
from trading.tender import rounds
from trading.tender.models import Lot, Tender

PARTIES = {"project_id": "p", "tenderer_id": "tenderer", "regulator_id": "regulator"}


def begin(scene: Scene, *lots: str, who: str = "agency") -> str:
    with scene.platform.db.transaction() as tx:
        agency, at = actor_of_user(tx, who), clock.now(tx)
        return restarting.begin_again(tx, scene.city.tender_id, list(lots), actor=agency, at=at).id


def demo_rules(scene: Scene, draft_id: str) -> None:
    """The lawful rules that are in force want a witness' gate; the scene has its own."""
    with scene.platform.db.transaction() as tx:
        draft = tx.get_one(Draft, draft_id)
        draft.data = draft.data | {"rule_set": "demo"}


def hand_over(scene: Scene, draft_id: str) -> str:
    platform = scene.platform
    with platform.db.transaction() as tx:
        agency, at = actor_of_user(tx, "agency"), clock.now(tx)
        return drafting.hand_over(tx, platform.wrapper, platform.store, draft_id, actor=agency, at=at)


def abandon(scene: Scene, tender_id: str, who: str = "agency") -> None:
    with scene.platform.db.transaction() as tx:
        tendering.abandon(tx, tender_id, actor=actor_of_user(tx, who), at=clock.now(tx))


def left(scene: Scene) -> list[str]:
    with scene.platform.db.read() as tx:
        return [lot.id for lot in rounds.to_retender(tx, scene.city.tender_id)]


def test_a_new_round_begins_with_the_old_answers_and_a_draft_given_up_gives_its_lots_back(
    scene: Scene,
) -> None:
    scene.close()
    for who, lots, refusal in (
        ("agency", (), restarting.NoLots),
        ("agency", scene.city.lots[1:], restarting.NoLots),
    ):
        with pytest.raises(refusal):
            begin(scene, *lots, who=who)

    draft_id = begin(scene, scene.lot)
    demo_rules(scene, draft_id)
    tender_id = hand_over(scene, draft_id)
    taken = left(scene)
    with scene.platform.db.read() as tx:
        made, old = tx.get_one(Tender, tender_id), tx.get_one(Tender, scene.city.tender_id)
        (lot,) = tenders.lots_of(tx, tender_id)
        assert (made.code, made.round, lot.previous_id, lot.code) == (
            old.code,
            2,
            scene.lot,
            tx.get_one(Lot, scene.lot).code,
        )
        assert made.content["scope"] == old.content["scope"]
        assert [one["label"] for one in made.content["criteria"]] == ["技术部分", "投标报价"]
    with pytest.raises(Forbidden):
        abandon(scene, tender_id, who="stranger")
    abandon(scene, tender_id)
    again = begin(scene, scene.lot)
    demo_rules(scene, again)
    third = hand_over(scene, again)

    assert (taken, left(scene)) == ([], [])
    with pytest.raises(MoveNotAllowed):
        abandon(scene, scene.city.tender_id)
    with scene.platform.db.read() as tx:
        lines = draft_queries.own_drafts(tx, actor=actor_of_user(tx, "agency"))
        assert sorted((one.tender_id or "", one.abandoned) for one in lines) == sorted(
            [(tender_id, True), (third, False)]
        )
        assert tx.get_one(Tender, third).round == 3
        assert tx.scalars(select(Lot.previous_id).where(Lot.tender_id == tender_id)).all() == [None]
        with pytest.raises(NotFound):
            tenders.visible_tender(tx, tender_id, actor=actor_of_user(tx, "agency"))


def test_the_pages_lead_from_a_failed_lot_to_its_next_round(scene: Scene) -> None:
    scene.close()
    tender, browser = f"/tenders/{scene.city.tender_id}", {"accept": "text/html"}
    agency = scene.person("agency", language="en")

    shown = agency.call("GET", tender, headers=browser).text
    page = agency.call("GET", f"{tender}/again", headers=browser).text
    begun = agency.call("POST", f"{tender}/again", data={f"lot-{scene.lot}": "yes"}, follow_redirects=False)

    assert f'href="{tender}/again"' in shown
    assert (f"lot-{scene.lot}" in page, f"lot-{scene.city.lots[1]}" in page) == (True, False)
    assert begun.headers["location"].endswith("/basis")
    stranger = scene.person("bidder-1").call("GET", tender, headers=browser).text
    assert f"{tender}/again" not in stranger


@pytest.mark.parametrize("method", ["open", "invited", "prequalified"])
def test_drafts_ask_who_may_bid(method: str) -> None:
    answers = restarting.from_content(ordinary_content())
    whole = msgspec.structs.replace(
        answers,
        title="招标",
        rule_set="demo",
        centre_id="centre",
        method=method,
        lots=[restarting.LotAnswer(name="一", max_price="100.00", deposit="1.00", estimate="100")],
    )

    assert assemble(whole, **PARTIES).method == method


def test_a_prequalification_is_drafted_without_price_and_points_for_one_lot_and_everybody() -> None:
    lot = restarting.LotAnswer(name="一", max_price="100.00", deposit="1.00", estimate="100")
    whole = msgspec.structs.replace(
        restarting.from_content(ordinary_content()),
        title="资格预审",
        rule_set="demo",
        centre_id="centre",
        prequalifies=True,
        lots=[lot],
    )

    content = assemble(whole, **PARTIES).content
    tendering.check_content(content, rule_set("demo"))

    assert (content.prequalifies, content.criteria, [part.id for part in content.parts]) == (
        True,
        [],
        ["summary", "p1"],
    )
    assert "price_fen" not in {field.id for field in content.form.fields}
    assert restarting.from_content(content).prequalifies
    for wrong in ({"method": "invited"}, {"lots": [lot, lot]}):
        with pytest.raises(NotYet) as refused:
            assemble(msgspec.structs.replace(whole, **wrong), **PARTIES)
        assert [one.field for one in refused.value.wrong] == ["prequalifies"]
