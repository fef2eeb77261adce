"""The evaluation through HTTP: routes, permissions, forms without JavaScript."""

from __future__ import annotations

import pytest
from evaluated_city import EXPERTS, City, SignIn, sheet

from govcore.platform import Platform
from trading.evaluation.tasks import complete_one

PAGE = {"accept": "text/html"}
ROLES = ("centre", "tenderer", "agency", "regulator", "bidder-1", "expert-1", "outside-expert")
MEMBERS_ONLY = dict.fromkeys(("expert-1", "outside-expert", "tenderer"), "E_NOT_MEMBER")


def form(values: dict[str, str]) -> dict[str, str]:
    return {f"p-{item}": value for item, value in values.items()}


def test_a_committee_scores_locks_and_the_result_is_shown(
    platform: Platform, sign_in: SignIn, city: City
) -> None:
    city.convene()
    for number, expert in enumerate(EXPERTS):
        client = sign_in(expert)
        saved = client.put("/api/lots/lot-1/sheet", json={"points": sheet(number)})
        assert (saved.status_code, saved.json()["done"], saved.json()["total"]) == (200, 9, 9)
        locked = client.post("/api/lots/lot-1/sheet/lock", json={"sha256": saved.json()["sha256"]})
        assert (locked.status_code, locked.json()["locked_at"] is not None) == (200, True)
    assert sign_in("tenderer").get("/api/lots/lot-1/evaluation").json()["code"] == "E_NOT_EVALUATED"

    complete_one(platform, "lot-1")

    shown = sign_in("tenderer").get("/api/lots/lot-1/evaluation").json()
    assert [(o["bidder"], o["rank"], o["total"]) for o in shown["outcomes"]] == [
        ("东坝河工集团有限公司", 1, "92.32"),
        ("临湖安澜水利建设有限公司", 2, "90.20"),
        ("清源堤防工程有限公司", 3, "80.90"),
        ("长堤水务建设有限公司", None, None),
    ]
    assert len(shown["sheets"]) == 5
    report = sign_in("regulator").get("/evaluation/lot-1/report.pdf")
    assert report.headers["content-type"] == "application/pdf"
    assert (
        report.headers["content-disposition"]
        == 'attachment; filename="evaluation-E3715000001000001001001.pdf"'
    )
    assert report.content == platform.store.get("evaluation/lot-1/1/report.pdf")


@pytest.mark.parametrize(
    ("method", "path", "body", "allowed"),
    [
        ("PUT", "/api/lots/lot-1/sheet", {"points": {}}, MEMBERS_ONLY),
        ("POST", "/api/lots/lot-1/sheet/lock", {"sha256": "0" * 64}, MEMBERS_ONLY),
    ],
)
def test_each_route_is_for_its_role(
    sign_in: SignIn, method: str, path: str, body: object, allowed: dict[str, str]
) -> None:
    answers = {}
    for name in ("", *reversed(ROLES)):
        answer = sign_in(name).request(method, path, json=body)
        answers[name] = "201" if answer.status_code == 201 else answer.json()["code"]

    assert answers == {"": "E_SIGN_IN"} | dict.fromkeys(ROLES, "E_FORBIDDEN") | allowed


def test_only_tenderer_regulator_and_members_of_the_lot_get_the_report(
    platform: Platform, sign_in: SignIn, city: City
) -> None:
    city.lock_all()
    complete_one(platform, "lot-1")

    allowed = ["tenderer", "regulator", "expert-1"]  # members have to sign it
    names = [*allowed, "agency", "centre", "other-tenderer", "other-regulator", "outside-expert", "bidder-2"]
    codes = {name: sign_in(name).get("/evaluation/lot-1/report.pdf").status_code for name in names}

    assert {name for name, code in codes.items() if code == 200} == set(allowed)
    assert {codes[name] for name in names if name not in allowed} <= {403, 404}


def test_a_malformed_sheet_is_refused(sign_in: SignIn) -> None:
    client = sign_in("expert-1")
    for body in ({"points": {}, "extra": 1}, {"points": {"bid-1": {"plan": 3}}}, {"points": []}, {}):
        answer = client.put("/api/lots/lot-1/sheet", json=body)

        assert (answer.status_code, answer.json()["code"]) == (422, "E_SCHEMA")


def test_an_expert_gets_the_own_sheet_only(sign_in: SignIn, city: City) -> None:
    city.convene()
    city.fill("expert-1", sheet(1))
    city.fill("expert-2", {"bid-1": {"plan": "7.77"}})

    answer = sign_in("expert-2").get("/api/lots/lot-1/evaluation")

    assert answer.json()["points"] == {"bid-1": {"plan": "7.77"}}


def test_the_room_works_without_javascript(sign_in: SignIn, city: City) -> None:
    city.convene()
    client = sign_in("expert-1")
    for bid, values in sheet(3).items():
        saved = client.post(f"/evaluation/lot-1/bids/{bid}", data=form(values), headers=PAGE)
        assert (saved.status_code, saved.headers["location"]) == (303, "/evaluation/lot-1")
    check = client.get("/evaluation/lot-1/lock", headers=PAGE)
    assert "锁定我的评分表" in check.text

    seen = client.get("/api/lots/lot-1/evaluation").json()["sha256"]
    locked = client.post("/evaluation/lot-1/lock", data={"sha256": seen}, headers=PAGE)

    assert locked.status_code == 303
    room = client.get("/evaluation/lot-1", headers=PAGE).text
    assert "您的评分表已锁定，不能再修改。" in room
    assert "<input" not in room.split("<main")[1]
    assert "企业信用 (10)" in room


def test_a_wrong_number_comes_back_beside_its_field_and_nothing_is_saved(sign_in: SignIn, city: City) -> None:
    city.convene()
    client = sign_in("expert-1")

    answer = client.post(
        "/evaluation/lot-1/bids/bid-1", data=form({"plan": "26", "safety": "9.5"}), headers=PAGE
    )

    assert answer.status_code == 422
    assert '<a href="#p-plan">“施工组织设计”的得分应为 0 至 25 之间的数，最多两位小数。</a>' in answer.text
    assert 'value="26"' in answer.text
    assert 'value="9.5"' in answer.text
    assert client.get("/api/lots/lot-1/evaluation").json()["points"] == {}


PAGES_BY_PERSON = [
    ("outside-expert", "/evaluation/lot-1", 404),
    ("outside-expert", "/evaluation/lot-1/lock", 404),
    ("tenderer", "/evaluation/lot-1", 404),
    ("expert-1", "/evaluation/lot-1/result", 404),
    ("other-tenderer", "/evaluation/lot-1/result", 404),
    ("bidder-1", "/evaluation/lot-1/result", 403),
    ("tenderer", "/evaluation/lot-1/result", 200),
    ("centre", "/evaluation/lot-1/result", 200),
    ("centre", "/evaluation", 200),
    ("expert-1", "/evaluation", 200),
    ("other-agency", "/evaluation", 200),
    ("", "/evaluation", 401),
]


def test_pages_are_for_those_they_concern(platform: Platform, sign_in: SignIn, city: City) -> None:
    city.lock_all()
    complete_one(platform, "lot-1")

    for name, path, status in PAGES_BY_PERSON:
        answer = sign_in(name).get(path, headers=PAGE)

        assert (name, path, answer.status_code) == (name, path, status)
        assert ("一标段（堤防）" in answer.text) is (status == 200 and name != "other-agency")


def test_result_pages_name_seats_and_never_members(platform: Platform, sign_in: SignIn, city: City) -> None:
    city.lock_all()
    complete_one(platform, "lot-1")

    page = sign_in("tenderer").get("/evaluation/lot-1/result", headers=PAGE).text

    assert "5 号评委的评分表" in page
    assert not any(expert in page for expert in EXPERTS)
