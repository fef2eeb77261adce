"""The committee through its pages and API: forms without JavaScript, two people where it takes two."""

from __future__ import annotations

import pytest
from convening import REASON
from evaluated_city import EXPERTS, City, SignIn

from govcore.errors import NotFound
from govcore.platform import Platform
from trading.committee import acts, queries
from trading.committee.acts import Remove, Substitute

PAGE = {"accept": "text/html"}
HERE = "/evaluation/lot-1"


def test_the_centre_appoints_and_the_members_come_in_by_forms_alone(sign_in: SignIn, city: City) -> None:
    centre = sign_in("centre")
    four = {f"m-{expert}": "yes" for expert in EXPERTS[:4]} | {"reason": REASON}
    refused = centre.post(f"{HERE}/committee", data=four, headers=PAGE)
    assert (refused.status_code, refused.text.count(" checked>")) == (422, 4)
    assert centre.post(f"{HERE}/committee", data=four | {"m-expert-5": "yes"}).status_code == 303
    assert sign_in("expert-1").get(HERE, headers=PAGE).headers["location"] == f"{HERE}/session"
    early = sign_in("expert-1").post(f"{HERE}/session/sign-in", headers=PAGE)
    assert (early.status_code, "评标时段尚未开启" in early.text) == (409, True)
    late = sign_in("centre").post(f"{HERE}/committee/open", data={"room": "", "ends_at": "x"}, headers=PAGE)
    assert (late.status_code, "请填写计划结束时间" in late.text) == (422, True)
    assert (
        sign_in("centre")
        .post(f"{HERE}/committee/open", data={"room": "", "ends_at": "2099-01-01T18:00"})
        .status_code
        == 303
    )

    for expert in EXPERTS[:3]:
        client = sign_in(expert)
        assert client.post(f"{HERE}/session/sign-in").status_code == 303
        sha256 = client.get("/api/lots/lot-1/committee").json()["promise_sha256"]
        assert client.post(f"{HERE}/session/promise", data={"sha256": sha256}).status_code == 303
        assert client.post(f"{HERE}/session/vote", data={"seat": "2"}).status_code == 303

    shown = sign_in("expert-3").get("/api/lots/lot-1/committee").json()
    assert (shown["state"], shown["leader"], shown["own_seat"]) == ("meeting", 2, 3)
    assert [seat["present"] for seat in shown["seats"]] == [True, True, True, False, False]
    assert sign_in("expert-3").get(HERE, headers=PAGE).status_code == 200
    assert sign_in("centre").post(f"{HERE}/committee/close").status_code == 303
    assert sign_in("expert-3").get(HERE, headers=PAGE).headers["location"] == f"{HERE}/session"
    assert (
        sign_in("expert-3").get(f"{HERE}/lock", headers=PAGE).status_code == 409
    )  # a fresh proof comes first


def test_a_conflict_is_declared_on_the_page_and_ends_everything(sign_in: SignIn, city: City) -> None:
    city.convene()
    client = sign_in("expert-2")
    assert client.post(f"{HERE}/session/conflict", data={"reason": ""}, headers=PAGE).status_code == 422

    assert client.post(f"{HERE}/session/conflict", data={"reason": "利害关系"}).status_code == 303

    page = client.get(f"{HERE}/session", headers=PAGE)
    assert (page.status_code, "您的席位已作废" in page.text, "expert-3" in page.text) == (200, True, False)
    assert client.get(HERE, headers=PAGE).status_code == 404


@pytest.mark.parametrize("name", ["outside-expert", "tenderer"])
def test_the_session_is_nobody_elses(sign_in: SignIn, city: City, name: str) -> None:
    city.convene()
    client = sign_in(name)

    answers = {
        path: client.get(path, headers=PAGE).status_code for path in (f"{HERE}/session", f"{HERE}/committee")
    }

    assert answers == {f"{HERE}/session": 404, f"{HERE}/committee": 403}


def test_two_people_of_the_centre_replace_a_member(platform: Platform, city: City) -> None:
    city.convene()
    clerk, second = city.actor("centre"), city.actor("centre")
    away = Remove(seat=1, ground="absent", what="未经批准离开评标室")
    with city.database.read() as tx:
        told = acts.removal(tx, city.lot_id, away, clerk)
        for name in ("expert-2", "tenderer", "regulator"):
            with pytest.raises(NotFound):
                acts.removal(tx, city.lot_id, away, city.actor(name))
    assert (told["member"], told["ground"]) == ("expert-1", "Left the post, or did not come")

    with city.database.transaction() as tx:
        acts.remove(tx, platform, city.lot_id, away, proposer=clerk, second=second)
    sits = Substitute(seat=1, user_id="expert-6", why="候补名单已用尽")
    with city.database.transaction() as tx:
        assert acts.substitution(tx, city.lot_id, sits, clerk)["left"] == "expert-1"
        acts.substitute(tx, platform, city.lot_id, sits, proposer=clerk, second=second)

    with city.database.read() as tx:
        assert queries.member_names(tx, city.lot_id) == [*EXPERTS[1:], "expert-6"]
