"""Awards through HTTP: public notices with their papers, and the desk of the tenderer's side."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from evaluated_city import City, SignIn

PAGE = {"accept": "text/html"}
LETTER = "/award/lot-1/letter.pdf"


def later(city: City, **delta: float) -> None:
    city.database.info["clock_offset"] += timedelta(**delta)


def test_publicity_and_award_are_public_with_their_papers(sign_in: SignIn, city: City) -> None:
    notice = sign_in("agency").post("/api/lots/lot-1/publicity")
    assert notice.status_code == 201
    early = sign_in("tenderer").post("/api/lots/lot-1/award", json={"bid_id": "bid-2"})
    assert (early.status_code, early.json()["code"]) == (409, "E_PUBLICITY")
    later(city, seconds=3)

    awarded = sign_in("tenderer").post("/api/lots/lot-1/award", json={"bid_id": "bid-2"})

    assert awarded.status_code == 201
    visitor = sign_in("")
    shown = visitor.get("/api/lots/lot-1/award").json()
    assert (shown["state"], shown["over"], shown["winner_bid_id"]) == ("awarded", True, "bid-2")
    assert [(c["rank"], c["bidder"], c["total"]) for c in shown["candidates"]] == [
        (1, "东坝河工集团有限公司", "92.32"),
        (2, "临湖安澜水利建设有限公司", "90.20"),
        (3, "清源堤防工程有限公司", "80.90"),
    ]
    for paper in (notice.json(), awarded.json()["notice"]):
        file = visitor.get(paper["pdf"])
        assert file.headers["content-disposition"].startswith('attachment; filename="')
        assert file.content.startswith(b"%PDF")
        assert hashlib.sha256(file.content).hexdigest() == paper["sha256"]
        assert paper["sha256"] in visitor.get(paper["href"], headers=PAGE).text
    assert visitor.get(LETTER).status_code == 401
    letter = sign_in("bidder-2").get(LETTER)
    assert hashlib.sha256(letter.content).hexdigest() == awarded.json()["letter_sha256"]
    assert sign_in("bidder-1").get(LETTER).status_code == 404


def test_outsiders_can_neither_publish_nor_award(sign_in: SignIn) -> None:
    refused = {}
    for name in ("", "centre", "regulator", "bidder-2", "expert-1", "other-agency", "other-tenderer"):
        client = sign_in(name)
        publicity = client.post("/api/lots/lot-1/publicity")
        award = client.post("/api/lots/lot-1/award", json={"bid_id": "bid-2"})
        refused[name] = (publicity.status_code, award.status_code)

    assert refused == {
        "": (401, 401),
        "centre": (403, 403),
        "regulator": (403, 403),
        "bidder-2": (403, 403),
        "expert-1": (403, 403),
        "other-agency": (404, 403),
        "other-tenderer": (404, 404),
    }
    assert sign_in("").get("/api/lots/lot-1/award").status_code == 404


def test_a_malformed_award_is_refused(sign_in: SignIn) -> None:
    client = sign_in("tenderer")
    for body in ({}, {"bid_id": "bid-2", "extra": 1}, {"bid_id": "Bid 2"}):
        answer = client.post("/api/lots/lot-1/award", json=body)

        assert (answer.status_code, answer.json()["code"]) == (422, "E_SCHEMA")


def test_the_desk_leads_from_evaluation_to_award(sign_in: SignIn, city: City) -> None:
    client = sign_in("tenderer")
    assert "公示中标候选人" in client.get("/award/lot-1", headers=PAGE).text
    published = client.post("/award/lot-1/publicity", headers=PAGE)
    notice = client.get(published.headers["location"], headers=PAGE).text
    assert "鲁2370000002" in notice
    assert "演示规则：各期限以秒计，不具法律效力" in notice
    assert "确定 东坝河工集团有限公司 为中标人" not in client.get("/award/lot-1", headers=PAGE).text
    later(city, seconds=3)
    assert "确定 东坝河工集团有限公司 为中标人" in client.get("/award/lot-1", headers=PAGE).text

    decided = client.post("/award/lot-1/decision", data={"bid_id": "bid-2"}, headers=PAGE)

    assert decided.status_code == 303
    assert decided.headers["location"] == "/award/lot-1"
    assert LETTER in sign_in("agency").get("/award/lot-1", headers=PAGE).text


def test_the_desk_shows_no_lots_of_others(sign_in: SignIn) -> None:
    page = sign_in("other-agency").get("/award", headers=PAGE).text

    assert "暂无待定标的标段" in page
    assert "一标段（堤防）" not in page


def test_an_unknown_notice_is_not_found(sign_in: SignIn) -> None:
    client = sign_in("")

    assert client.get("/notices/award/unknown", headers=PAGE).status_code == 404
    assert client.get("/notices/award/unknown/notice.pdf").status_code == 404
