"""Supervision over HTTP: the whole story, its papers, and strangers at every door."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from apps import app_for
from litestar import Litestar
from litestar.testing import TestClient
from supervision_factories import FACTS, PASSWORD, STATEMENT, USERS, Floor

HOUR = timedelta(hours=1)
NOTICE = {"scope": "agencies", "handling": "对该单位予以通报提醒。"}
LETTER = {"suggestion": "建议贵局对该单位加强监督指导。"}
Client = TestClient[Litestar]


@pytest.fixture
def app(floor: Floor) -> Litestar:
    return app_for(floor.platform)


@contextmanager
def signed_in(app: Litestar, name: str) -> Iterator[Client]:
    with TestClient(app) as client:
        answer = client.post("/api/session", json={"username": name, "password": PASSWORD})
        assert answer.status_code == 201
        yield client


def post(app: Litestar, name: str, path: str, body: object = None) -> Any:
    with signed_in(app, name) as client:
        return client.post(path, json=msgspec.to_builtins(body) if body is not None else None)


def get(app: Litestar, name: str, path: str, *, html: bool = False) -> Any:
    with signed_in(app, name) as client:
        return client.get(path, headers={"accept": "text/html" if html else "application/json"})


def recorded(app: Litestar, floor: Floor) -> str:
    answer = post(app, "recorder", "/api/misconduct", floor.misconduct())
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def sent(app: Litestar, floor: Floor) -> tuple[str, str]:
    """A circulated record, and its letter on the way."""
    misconduct_id = recorded(app, floor)
    floor.move_clock(HOUR)
    assert post(app, "signer", f"/api/misconduct/{misconduct_id}/circulate", NOTICE).status_code == 201
    letter = post(app, "recorder", f"/api/misconduct/{misconduct_id}/letter", LETTER).json()
    assert post(app, "signer", f"/api/letters/{letter['id']}/sign").status_code == 201
    return misconduct_id, letter["id"]


def test_the_story_from_patrol_to_acknowledgement(app: Litestar, floor: Floor) -> None:
    patrol = post(app, "recorder", "/api/patrols", floor.patrol()).json()["id"]
    record = post(app, "recorder", "/api/misconduct", floor.misconduct(patrol_id=patrol)).json()
    about = f"/api/misconduct/{record['id']}"
    floor.move_clock(-HOUR)
    stated = post(app, "agent", f"{about}/statement", {"text": STATEMENT}).json()
    floor.move_clock(2 * HOUR)
    circulated = post(app, "signer", f"{about}/circulate", NOTICE).json()
    drafted = post(app, "recorder", f"{about}/letter", LETTER).json()
    signed = post(app, "signer", f"/api/letters/{drafted['id']}/sign").json()
    acknowledged = post(app, "regulator", f"/api/letters/{drafted['id']}/acknowledge").json()

    assert (record["state"], record["category"]) == ("recorded", "agency.late_preparation")
    assert (stated["statement"], stated["state"]) == (STATEMENT, "recorded")
    assert circulated["state"] == "circulated"
    assert circulated["notice"]["number"].endswith("〕1号")
    assert (drafted["state"], drafted["number"]) == ("drafted", None)
    assert (signed["state"], signed["number"].endswith("〕1号")) == ("sent", True)
    assert acknowledged["state"] == "acknowledged"
    assert acknowledged["statement"] == STATEMENT
    assert [item["id"] for item in get(app, "regulator", "/api/letters").json()] == [drafted["id"]]


def test_papers_are_downloaded_with_their_hash_by_those_who_may(app: Litestar, floor: Floor) -> None:
    misconduct_id, letter_id = sent(app, floor)
    notice = get(app, "agent", f"/api/misconduct/{misconduct_id}").json()["notice"]
    letter = f"/api/letters/{letter_id}/paper"

    for name, path in (("agent", notice["href"]), ("regulator", letter), ("recorder", letter)):
        paper = get(app, name, path)
        assert paper.status_code == 200
        assert paper.content.startswith(b"%PDF")
        assert paper.headers["content-type"] == "application/pdf"
        assert paper.headers["x-content-sha256"] == hashlib.sha256(paper.content).hexdigest()
    refused = {
        name: (get(app, name, notice["href"]).status_code, get(app, name, letter).status_code)
        for name in ("bidder", "stranger", "rival")
    }
    assert refused == {"bidder": (404, 403), "stranger": (404, 404), "rival": (404, 404)}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/patrols", {"date": "2026-11-23", "session": "night", "second_id": "a", "checks": []}),
        ("/api/misconduct", {"fine_fen": 100}),
        ("/api/misconduct/x/circulate", NOTICE | {"ban_days": 30}),
        ("/api/misconduct/x/letter", {"suggestion": "   "}),
        ("/api/misconduct/x/letter", LETTER | {"basis": "x"}),
    ],
)
def test_unknown_or_missing_fields_are_refused(app: Litestar, path: str, body: object) -> None:
    answer = post(app, "recorder", path, body)

    assert (answer.status_code, answer.json()["code"]) == (422, "E_SCHEMA")


def test_a_moment_without_a_zone_is_refused(app: Litestar, floor: Floor) -> None:
    body = msgspec.to_builtins(floor.misconduct()) | {"occurred_at": "2026-11-23T09:00:00"}

    assert post(app, "recorder", "/api/misconduct", body).status_code == 422


ROUTES = [
    ("POST", "/api/patrols", {"recorder", "signer", "rival"}),
    ("GET", "/api/patrols", {"recorder", "signer", "rival"}),
    ("POST", "/api/misconduct", {"recorder", "signer", "rival"}),
    ("GET", "/api/misconduct", set(USERS) - {"regulator", "stranger"}),
    ("POST", "/api/misconduct/x/statement", {"agent", "tenderer", "bidder"}),
    ("POST", "/api/misconduct/x/circulate", {"recorder", "signer", "rival"}),
    ("POST", "/api/misconduct/x/retract", {"recorder", "signer", "rival"}),
    ("POST", "/api/misconduct/x/letter", {"recorder", "signer", "rival"}),
    ("GET", "/api/letters", {"recorder", "signer", "rival", "regulator", "stranger"}),
    ("POST", "/api/letters/x/sign", {"recorder", "signer", "rival"}),
    ("POST", "/api/letters/x/acknowledge", {"regulator", "stranger"}),
    ("GET", "/supervision", set(USERS) - {"regulator", "stranger"}),
    ("GET", "/letters", {"recorder", "signer", "rival", "regulator", "stranger"}),
]


def test_every_door_is_closed_to_those_without_the_permission(app: Litestar) -> None:
    admitted = {}
    for name in USERS:
        with signed_in(app, name) as client:
            for method, path, _ in ROUTES:
                status = client.request(method, path, json={} if method == "POST" else None).status_code
                admitted[(method, path, name)] = status != 403
    with TestClient(app) as client:
        visitors = {client.request(method, path).status_code for method, path, _ in ROUTES}

    assert admitted == {
        (method, path, name): name in roles for method, path, roles in ROUTES for name in USERS
    }
    assert visitors == {401}


def test_a_stranger_finds_neither_record_nor_letter(app: Litestar, floor: Floor) -> None:
    misconduct_id, letter_id = sent(app, floor)

    seen = {
        "record": get(app, "rival", f"/api/misconduct/{misconduct_id}"),
        "record of another": get(app, "bidder", f"/api/misconduct/{misconduct_id}"),
        "letter": get(app, "stranger", f"/api/letters/{letter_id}"),
        "page": get(app, "stranger", f"/letters/{letter_id}", html=True),
        "act": post(app, "stranger", f"/api/letters/{letter_id}/acknowledge"),
    }

    assert {what: answer.status_code for what, answer in seen.items()} == dict.fromkeys(seen, 404)
    assert not [what for what, answer in seen.items() if FACTS in answer.text]
    assert get(app, "stranger", "/api/letters").json() == []


def test_pages_offer_each_reader_what_it_may_do(app: Litestar, floor: Floor) -> None:
    misconduct_id, letter_id = sent(app, floor)
    waiting = recorded(app, floor)
    floor.move_clock(-HOUR * 2)
    record, letter = f"/supervision/records/{misconduct_id}", f"/letters/{letter_id}"
    answering = f"/supervision/records/{waiting}"

    forms = {
        (name, path): [
            verb
            for verb in ("statement", "circulate", "retract", "letter", "sign", "acknowledge")
            if f'action="{path}/{verb}"' in get(app, name, path, html=True).text
        ]
        for name, path in (
            ("agent", answering),
            ("recorder", answering),
            ("agent", record),
            ("signer", record),
            ("regulator", letter),
            ("signer", letter),
        )
    }

    assert forms == {
        ("agent", answering): ["statement"],
        ("recorder", answering): [],
        ("agent", record): [],
        ("signer", record): ["retract"],
        ("regulator", letter): ["acknowledge"],
        ("signer", letter): [],
    }


def test_forms_carry_the_story_too(app: Litestar, floor: Floor) -> None:
    misconduct_id = recorded(app, floor)
    record = f"/supervision/records/{misconduct_id}"
    floor.move_clock(HOUR)

    def submit(name: str, path: str, body: dict[str, str]) -> str:
        with signed_in(app, name) as client:
            answer = client.post(path, data=body, headers={"accept": "text/html"}, follow_redirects=False)
        assert answer.status_code == 303, answer.text
        return str(answer.headers["location"])

    assert submit("signer", f"{record}/circulate", NOTICE | {"requirements": ""}) == record
    letter = submit("recorder", f"{record}/letter", LETTER)
    assert submit("signer", f"{letter}/sign", {}) == letter
    assert submit("regulator", f"{letter}/acknowledge", {}) == letter
    assert submit("signer", f"{record}/retract", {"reason": "复核异议成立"}) == record
    shown = get(app, "agent", f"/api/misconduct/{misconduct_id}").json()
    assert (shown["state"], shown["notice"]["retract_reason"]) == ("retracted", "复核异议成立")


def test_everybody_reads_what_was_circulated_to_all_and_that_it_was_retracted(
    app: Litestar, floor: Floor
) -> None:
    public, inside = recorded(app, floor), recorded(app, floor)
    floor.move_clock(HOUR)
    for misconduct_id, scope in ((public, "public"), (inside, "agencies")):
        path = f"/api/misconduct/{misconduct_id}/circulate"
        assert post(app, "signer", path, NOTICE | {"scope": scope}).status_code == 201

    shown, hidden = (
        str(get(app, "agent", f"/api/misconduct/{one}").json()["notice"]["number"])
        for one in (public, inside)
    )
    page = listed(app)
    assert post(app, "signer", f"/api/misconduct/{public}/retract", {"reason": "复核异议成立"}).is_success
    after = listed(app)

    assert (shown in page, hidden in page) == (True, False)
    assert NOTICE["handling"] in page
    assert FACTS not in page
    assert NOTICE["handling"] not in after
    assert (shown in after, "复核异议成立" in after, "/paper" in after) == (True, True, False)


def listed(app: Litestar) -> str:
    with TestClient(app) as anybody:
        return anybody.get("/circulated-notices", headers={"accept": "text/html"}).text
