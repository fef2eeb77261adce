"""Ratings through HTTP: without an account, by clerks and assessors, and by people who must not."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import pytest
from apps import app_for
from litestar import Litestar
from litestar.testing import TestClient
from openpyxl import load_workbook
from rating_city import City

from bureau.ratings import service
from bureau.ratings.demo import furnish, yearbook
from govcore import clock
from govcore.identity.sessions import open_session
from govcore.module import DemoAccount
from govcore.platform import Platform

PAGE = {"accept": "text/html"}
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def client(city: City) -> Iterator[TestClient[Litestar]]:
    with TestClient(app_for(city.platform), base_url="http://site.example") as client:
        client.follow_redirects = False
        yield client


def sign_in(client: TestClient[Litestar], city: City, name: str) -> None:
    client.cookies.clear()
    client.cookies.set("lang", "en")
    if name:
        with city.platform.db.transaction() as tx:
            token = open_session(tx, user_id=city.people[name].user_id, at=clock.now(tx))
        client.cookies.set("session", token)


def slip(client: TestClient[Litestar], city: City, case: str = "A-1") -> str:
    """A clerk's slip for somebody served just now: its code."""
    sign_in(client, city, "clerk")
    made = client.post("/rating-slips", data={"case_no": case, "node": "accept", "item": "=1+1"})
    return made.headers["location"].rpartition("/")[2]


def words(html: str) -> str:
    main = html[html.index("<main") : html.index("</main>")]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def test_somebody_without_an_account_rates_by_the_slip(client: TestClient[Litestar], city: City) -> None:
    code = slip(client, city)
    paper = client.get(f"/rating-slips/{code}").text
    sign_in(client, city, "stranger-clerk")
    foreign = client.get(f"/rating-slips/{code}").status_code
    sign_in(client, city, "")
    typed = client.post("/rate", data={"code": f" {code[:5].upper()}-{code[5:]} "})
    form = client.get(typed.headers["location"]).text
    silent = client.post(f"/rate/{code}", data={"words": SCRIPT}, headers=PAGE)
    sent = client.post(f"/rate/{code}", data={"level": "1", "words": SCRIPT, "channel": "qr"})
    after = client.get(f"/rate/{code}")

    assert ("<svg" in paper, foreign) == (True, 404)
    assert (typed.status_code, typed.headers["location"]) == (303, f"/rate/{code}")
    assert (form.count('type="radio"'), " checked" in form) == (5, False)
    assert silent.status_code == 422
    assert "Choose how satisfied the person is" in silent.text
    assert "&lt;script&gt;" in silent.text  # what was typed is kept
    assert sent.status_code == 303
    assert "Thank you, your rating has arrived" in words(after.text)
    assert SCRIPT not in after.text
    assert after.headers["cache-control"] == "no-store"
    assert client.post(f"/rate/{code}", data={"level": "5"}).json()["code"] == "E_RATED"
    assert client.post("/rate", data={"code": "nothing"}, headers=PAGE).status_code == 422


def test_a_bad_rating_goes_through_the_pages(client: TestClient[Litestar], city: City) -> None:
    code = slip(client, city)
    sign_in(client, city, "")
    client.post(f"/rate/{code}", data={"level": "2", "words": f"=cmd|x {SCRIPT}", "phone": "138 1"})
    sign_in(client, city, "assessor")
    listed = client.get("/bad-ratings").text
    address = re.findall(r'href="(/bad-ratings/\w{32})"', listed)[0]
    steps = [
        client.post(f"{address}/steps", data={"move": "confirm", "words": "属实"}),
        client.post(f"{address}/rectify", data={"remedy": "fixed", "feedback": "已整改"}),
    ]
    shown = client.get(address)
    sheet = load_workbook(io.BytesIO(client.get("/bad-ratings.xlsx").content)).active
    sign_in(client, city, "")
    asked = words(client.get(f"/rate/{code}").text)
    silent = client.post(f"/rate/{code}/answer", data={})
    answered = client.post(f"/rate/{code}/answer", data={"satisfied": "yes"})
    sign_in(client, city, "assessor")
    closed = client.get(address).text

    assert [step.status_code for step in (*steps, silent, answered)] == [303] * 4
    assert SCRIPT not in listed + shown.text
    assert ("138 1" in shown.text, "138 1" in closed) == (True, False)
    assert shown.headers["cache-control"] == "no-store"
    cells = [(cell.value, cell.data_type) for cell in sheet[2] if str(cell.value).startswith("=")]
    assert cells == [("=1+1", "s"), (f"=cmd|x {SCRIPT}", "s")]
    assert ("已整改" in asked, "Was it put right?" in asked) == (True, True)
    assert "Satisfied now" in words(closed)
    assert client.get(address.replace("/bad", "/api/bad")).json()["outcome"] == "satisfied"


@pytest.mark.parametrize(
    ("name", "refused"),
    [
        ("", {401}),
        ("clerk", {403}),
        ("stranger", {404}),
    ],
)
def test_others_reach_no_bad_rating(
    client: TestClient[Litestar], city: City, name: str, refused: set[int]
) -> None:
    with city.platform.db.transaction() as tx:
        rating = city.rate(tx, 1, words="暗号", at=clock.now(tx))
    sign_in(client, city, name)
    step = {"move": "confirm", "words": "x"}

    answers = [
        client.get(f"/bad-ratings/{rating}"),
        client.get(f"/api/bad-ratings/{rating}"),
        client.post(f"/bad-ratings/{rating}/steps", data=step),
        client.post(f"/api/bad-ratings/{rating}/steps", json=step),
        client.post(f"/api/bad-ratings/{rating}/rectify", json={"remedy": "fixed", "feedback": "x"}),
        client.post(f"/api/bad-ratings/{rating}/revisit", json={"outcome": "satisfied", "words": "x"}),
    ]

    assert {answer.status_code for answer in answers} == refused
    assert "暗号" not in client.get("/ratings").text + client.get("/api/ratings/figures?year=2026").text
    assert client.get("/bad-ratings.xlsx").status_code in (200, *refused)


def test_the_api_carries_a_rating_from_the_slip_to_the_figures(
    client: TestClient[Litestar], city: City
) -> None:
    sign_in(client, city, "clerk")
    made = client.post(
        "/api/ratings/services", json={"case_no": "A-1", "node": "accept", "item": "许可"}
    ).json()
    other = client.post(
        "/api/ratings/services", json={"case_no": "A-2", "node": "accept", "item": "许可"}
    ).json()
    sign_in(client, city, "colleague")
    card = {"code": other["code"].replace("-", ""), "channel": "card", "level": 5}
    entered = client.post("/api/ratings/collected", json=card)
    sign_in(client, city, "")
    path = f"/api/ratings/services/{made['code']}"
    before = client.get(path).json()
    rated = client.post(f"{path}/rating", json={"level": 4, "channel": "sms"})
    wrong = [
        client.post(f"{path}/rating", json=body).status_code
        for body in (
            {},
            {"level": 6},
            {"level": None},
            {"level": 4, "rated_at": "2020-01-01T00:00:00Z"},
            {"level": 4, "words": "\0"},
        )
    ]
    with city.platform.db.read() as tx:
        year = clock.now(tx).astimezone(clock.BEIJING).year
    found = client.get(f"/api/ratings/figures?year={year}").json()

    assert made["url"].startswith("http://site.example/rate/")
    assert (before["level"], before["open"]) == (None, True)
    assert (entered.status_code, rated.status_code, rated.json()["level"]) == (201, 201, 4)
    assert wrong == [422] * 5
    assert (found["total"], found["levels"], found["satisfied_percent"]) == (2, [1, 1, 0, 0, 0], "100")


def test_the_public_page_reproduces_2019_in_both_languages(client: TestClient[Litestar], city: City) -> None:
    with city.platform.db.transaction() as tx:
        service.report(tx, yearbook(), actor=city.people["assessor"], at=clock.now(tx))
    sign_in(client, city, "")
    english = words(client.get("/ratings?year=2019").text)
    client.cookies.set("lang", "zh_CN")
    chinese = words(client.get("/ratings?year=2019").text)
    sheet = load_workbook(io.BytesIO(client.get("/ratings/figures.xlsx?year=2019").content)).active
    odd = [
        client.get(f"/ratings?{query}").status_code
        for query in ("year=x&month=99", "channel=<b>", "organ=%00", "year=٢٠٢٦")
    ]

    for page in (english, chinese):
        assert [
            figure for figure in ("39,843", "39,795", "99.88 %", "0.12 %", "100 %") if figure in page
        ] == [
            "39,843",
            "39,795",
            "99.88 %",
            "0.12 %",
            "100 %",
        ]
        assert "聊城市行政审批服务局，2019年年鉴条目" in page
    assert "This system did not count them." in english
    assert "来源未载明五个等级和各渠道的分布" in chinese
    assert [cell.value for cell in sheet[sheet.max_row]][-1] == 39843
    assert odd == [200] * 4


def test_the_demo_furnishes_the_citys_bureau(platform: Platform) -> None:
    accounts = list(furnish(platform))

    with TestClient(app_for(platform), base_url="http://site.example") as client:
        found = client.get("/api/ratings/figures?year=2019").json()["reported"]
        account = next(one for one in accounts if one.username == "assessor-1")
        signed = client.post(
            "/api/session", json={"username": account.username, "password": account.password}
        )
        states = [one["state"] for one in client.get("/api/bad-ratings").json()]
    assert isinstance(account, DemoAccount)
    assert [(one["total"], one["bad"]) for one in found] == [(39843, 48)]
    assert signed.status_code in (200, 201)
    assert sorted(states) == ["confirmed", "received"]
