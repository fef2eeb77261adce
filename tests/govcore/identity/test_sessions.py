"""Sessions: what begins, renews, lists and ends them, and what only a fresh one may do."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from clocks import move_clock
from sqlalchemy import event, select
from staffed_site import PASSWORD, Site

from govcore import clock
from govcore.identity.models import SignInSession
from govcore.identity.policy import ASVS, PROOF_LIFETIME, SEEN_EVERY
from govcore.identity.service import disable_user, enable_user


def token_of(browser) -> str:
    return browser.cookies["session"]


def test_every_sign_in_begins_a_session_with_a_token_of_its_own(site: Site):
    tokens = {token_of(site.signed_in("wang")) for _ in range(3)}

    assert len(tokens) == 3
    assert [len(token) >= 43 for token in tokens] == [True] * 3


def test_a_session_is_fresh_for_fifteen_minutes_and_a_proof_renews_it_under_a_new_token(site: Site):
    browser = site.signed_in("wang")
    first = token_of(browser)
    at_once = browser.who
    move_clock(site.platform.db, seconds=PROOF_LIFETIME.total_seconds() - 20)
    nearly = browser.who["fresh"]
    move_clock(site.platform.db, seconds=21)
    over = browser.who["fresh"]

    proved = browser.post("/api/session/proof", json={"password": PASSWORD})
    old = site.browser()
    old.cookies["session"] = first

    assert (at_once["fresh"], nearly, over) == (True, True, False)
    assert (proved.status_code, proved.json()["fresh"]) == (200, True)
    assert token_of(browser) != first
    assert (old.who["user_id"], browser.who["session_id"]) == ("", at_once["session_id"])
    assert site.happened() == ["identity.signed_in", "identity.proved"]


def test_a_wrong_proof_renews_nothing(site: Site):
    browser = site.signed_in("wang")
    move_clock(site.platform.db, minutes=16)

    wrong = browser.post("/api/session/proof", json={"password": "something else"})
    stranger = site.browser().post("/api/session/proof", json={"password": PASSWORD})

    assert [answer.status_code for answer in (wrong, stranger)] == [401, 401]
    assert browser.who["fresh"] is False


def test_what_needs_a_proof_is_refused_to_a_program_and_leads_a_person_to_give_it(site: Site):
    browser = site.signed_in("wang")
    fresh = browser.post("/api/certificates", json={"csr": "none"})
    move_clock(site.platform.db, minutes=16)

    refused = browser.post("/api/certificates", json={"csr": "none"})

    assert (fresh.status_code, fresh.json()["code"]) == (422, "E_CSR")
    assert (refused.status_code, refused.json()["code"]) == (403, "E_FRESH")


def test_a_person_proves_on_a_page_and_comes_back(site: Site):
    browser = site.signed_in("centre")
    move_clock(site.platform.db, minutes=16)
    path = "/custodian/release"
    with site.platform.db.transaction() as tx:
        give_role(tx, site.ids["centre"], "custodian")

    led = browser.page(path)
    wrong = browser.send("/prove", password="wrong guess", next=path)
    right = browser.send("/prove", password=PASSWORD, next=path)
    away = browser.send("/prove", password=PASSWORD, next="//evil.example")

    assert (led.status_code, led.headers["location"]) == (303, "/prove?next=%2Fcustodian%2Frelease")
    assert (wrong.status_code, "wrong guess" in wrong.text) == (401, False)
    assert re.findall(r'name="next" value="([^"]*)"', wrong.text) == [path]
    assert (right.status_code, right.headers["location"]) == (303, path)
    assert away.headers["location"] == "/"
    assert browser.page(path).status_code == 200


def test_a_form_that_needs_a_proof_leads_back_to_its_own_page(site: Site):
    browser = site.signed_in("wang")
    with site.platform.db.transaction() as tx:
        give_role(tx, site.ids["wang"], "tenderer")
    move_clock(site.platform.db, minutes=16)

    def sent(referer: str) -> str:
        headers = {"accept": "text/html", "referer": referer}
        answer = browser.post("/award/some-lot/decision", data={"candidate": "1"}, headers=headers)
        return answer.headers["location"]

    assert sent("http://site.example/award?lot=1") == "/prove?next=%2Faward%3Flot%3D1"
    assert sent("http://evil.example//evil.example") == "/prove?next=%2F"


def give_role(tx, user_id: str, role: str) -> None:
    from govcore.identity.models import UserRole

    tx.add(UserRole(user_id=user_id, role=role))


def test_a_session_ends_when_it_is_not_used_and_use_prolongs_it(site: Site):
    idle, used = site.signed_in("wang"), site.signed_in("wang")
    half = ASVS.idle.total_seconds() / 2 + 30

    move_clock(site.platform.db, seconds=half)
    used.who  # noqa: B018 - a request
    move_clock(site.platform.db, seconds=half)

    assert (idle.who["user_id"], used.who["user_id"]) == ("", site.ids["wang"])


def test_a_session_ends_after_its_lifetime_however_much_it_is_used(site: Site):
    browser = site.signed_in("wang")
    steps = ASVS.lifetime // timedelta(minutes=50)
    for _ in range(steps):
        move_clock(site.platform.db, minutes=50)
        last = browser.who["user_id"]
    move_clock(site.platform.db, minutes=50)

    assert (last, browser.who["user_id"]) == (site.ids["wang"], "")


def test_the_last_use_is_written_once_a_minute_and_after_the_answer(site: Site):
    browser = site.signed_in("wang")
    written: list[str] = []

    @event.listens_for(site.platform.db.engine, "before_cursor_execute")
    def note(_connection, _cursor, statement, *_):
        if statement.startswith("UPDATE identity_session"):
            written.append(statement)

    for _ in range(3):
        browser.who  # noqa: B018 - a request
    within_the_minute = len(written)
    move_clock(site.platform.db, seconds=SEEN_EVERY.total_seconds() + 1)
    for _ in range(3):
        browser.who  # noqa: B018 - a request

    with site.platform.db.read() as tx:
        seen, now = tx.scalar(select(SignInSession.seen_at)), clock.now(tx)
    assert (within_the_minute, len(written)) == (0, 1)
    assert seen is not None
    assert now - seen < timedelta(seconds=30)


def test_every_request_looks_the_session_up_in_one_statement(site: Site):
    browser = site.signed_in("wang")
    asked: list[str] = []
    for engine in {site.platform.db.engine, site.platform.db._reader}:
        event.listen(engine, "before_cursor_execute", lambda _c, _u, statement, *_: asked.append(statement))

    browser.who  # noqa: B018 - a request

    assert [word for statement in asked if (word := statement.split()[0]) != "BEGIN"] == ["SELECT"]


def test_a_disabled_account_loses_its_sessions_for_good(site: Site):
    browser = site.signed_in("wang")
    wang = site.ids["wang"]
    with site.platform.db.transaction() as tx:
        disable_user(tx, wang, actor="admin", at=clock.now(tx))
    disabled = browser.who["user_id"]
    refused = site.browser().post("/api/session", json={"username": "wang", "password": PASSWORD})
    with site.platform.db.transaction() as tx:
        enable_user(tx, wang, actor="admin", at=clock.now(tx))

    assert (disabled, refused.status_code, browser.who["user_id"]) == ("", 401, "")
    assert site.signed_in("wang").who["user_id"] == wang
    ended = ["identity.sessions_ended", "identity.disabled", "identity.refused", "identity.enabled"]
    assert site.happened()[1:5] == ended


def test_its_owner_sees_and_ends_each_session_and_a_stranger_none(site: Site):
    here, there, stranger = site.signed_in("wang"), site.signed_in("wang"), site.signed_in("li")
    listed = {one["id"]: one["program"] for one in here.get("/api/sessions").json()}
    other = there.who["session_id"]

    theft = stranger.ask("DELETE", f"/api/sessions/{other}")
    kept = there.who["user_id"]
    ended = here.send(f"/account/sessions/{other}/end")

    assert listed == dict.fromkeys((here.who["session_id"], other), "Firefox · Windows")
    assert (theft.status_code, theft.json()["code"], kept) == (404, "E_NOT_FOUND", site.ids["wang"])
    assert (ended.status_code, there.who["user_id"], here.who["user_id"]) == (303, "", site.ids["wang"])


def test_all_other_sessions_are_ended_at_once(site: Site):
    here, *others = (site.signed_in("wang") for _ in range(3))
    stranger = site.signed_in("li")

    here.send("/account/sessions/end-others")

    assert [one.who["user_id"] for one in others] == ["", ""]
    assert (here.who["user_id"], stranger.who["user_id"]) == (site.ids["wang"], site.ids["li"])


@pytest.mark.parametrize(("language", "title"), [("zh_CN", "我的设备"), ("en", "My devices")])
def test_my_devices_are_shown_in_both_languages(site: Site, language: str, title: str):
    browser = site.signed_in("wang")
    browser.cookies["lang"] = language

    html = browser.page("/account/sessions").text

    assert re.findall(r"<h1>(.*?)</h1>", html) == [title]
    assert re.findall(r"Firefox · Windows", html) == ["Firefox · Windows"]


def test_signing_in_forgets_the_sessions_that_are_over(site: Site):
    site.signed_in("wang")
    move_clock(site.platform.db, hours=13)
    site.signed_in("wang")

    with site.platform.db.read() as tx:
        assert len(tx.scalars(select(SignInSession.id)).all()) == 1
