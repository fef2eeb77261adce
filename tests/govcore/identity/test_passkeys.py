"""Passkeys: registered, used as the whole sign-in, and every way in which one must not be accepted."""

from __future__ import annotations

import copy

import pytest
from authenticator import PRESENT, Authenticator
from clocks import move_clock
from staffed_site import Browser, Site

from govcore.identity.service import disable_user


def add(browser: Browser, authenticator: Authenticator):
    options = browser.post("/api/passkeys/options", json={}).json()
    made = {"credential": authenticator.create(options), "name": "钥匙"}
    return browser.post("/api/passkeys", json=made)


def challenge(browser: Browser):
    return browser.post("/api/passkeys/challenge", json={}).json()


def use(browser: Browser, credential):
    return browser.post("/api/session/passkey", json={"credential": credential})


@pytest.fixture
def wang(site: Site) -> Authenticator:
    """An authenticator that wang registered."""
    authenticator = Authenticator()
    assert add(site.signed_in("wang"), authenticator).status_code == 201
    return authenticator


def test_a_passkey_alone_is_a_strong_sign_in(site: Site, wang: Authenticator):
    browser = site.browser()

    answer = use(browser, wang.get(challenge(browser)))

    assert (answer.status_code, answer.json()["user_id"]) == (201, site.ids["wang"])
    assert [browser.who[name] for name in ("fresh", "strong")] == [True, True]


def test_adding_one_makes_the_session_strong_under_a_new_token(site: Site):
    browser = site.signed_in("wang")
    before = browser.cookies["session"]

    answer = add(browser, Authenticator())

    assert (answer.json()["strong"], browser.who["strong"]) == (True, True)
    assert browser.cookies["session"] != before
    assert site.happened() == ["identity.signed_in", "identity.passkey_added", "identity.proved"]


def test_a_signed_in_person_proves_with_it(site: Site, wang: Authenticator):
    browser = site.signed_in("li")
    other = use(browser, wang.get(challenge(browser)))
    assert other.json()["user_id"] == site.ids["wang"]

    own = site.browser()
    use(own, wang.get(challenge(own)))
    session = own.who["session_id"]
    move_clock(site.platform.db, minutes=16)
    stale = own.who["fresh"]
    use(own, wang.get(challenge(own)))

    assert (stale, own.who["fresh"], own.who["session_id"]) == (False, True, session)


def test_a_password_alone_is_asked_for_more_once_there_is_a_passkey(site: Site, wang: Authenticator):
    answer = site.browser().post(
        "/api/session", json={"username": "wang", "password": "correct horse battery"}
    )

    assert (answer.status_code, answer.json()["code"]) == (401, "E_SECOND_FACTOR")


def test_a_challenge_is_good_once(site: Site, wang: Authenticator):
    browser = site.browser()
    signed = wang.get(challenge(browser))

    first, replayed = use(browser, signed), use(site.browser(), signed)

    assert [first.status_code, replayed.status_code] == [201, 401]


def test_a_challenge_runs_out(site: Site, wang: Authenticator):
    browser = site.browser()
    signed = wang.get(challenge(browser))
    move_clock(site.platform.db, minutes=11)

    assert use(browser, signed).status_code == 401


@pytest.mark.parametrize("change", ["origin", "unverified", "stranger", "copied", "key", "foreign challenge"])
def test_what_does_not_fit_is_refused_alike(site: Site, wang: Authenticator, change: str):
    browser = site.browser()
    if change == "copied":  # another copy was used more often meanwhile
        thief = copy.copy(wang)
        for _ in range(2):
            use(browser, wang.get(challenge(browser)))
        signed = thief.get(challenge(browser))
    else:
        options = challenge(browser)
        if change == "foreign challenge":
            options = site.signed_in("li").post("/api/passkeys/options", json={}).json()
            options["rpId"] = "site.example"
        if change == "origin":
            wang.origin = "http://site.example.evil.example"
        if change == "unverified":
            wang.flags = PRESENT
        if change == "stranger":
            wang.credential_id = b"somebody else's"
        if change == "key":
            wang.key = Authenticator().key
        signed = wang.get(options)

    answer = use(site.browser(), signed)

    assert (answer.status_code, answer.json()["code"]) == (401, "E_PASSKEY")


@pytest.mark.parametrize("credential", [{}, {"id": "x"}, {"response": {"clientDataJSON": "e30"}, "id": 1}])
def test_rubbish_is_refused(site: Site, credential):
    browser = site.signed_in("wang")

    used = use(site.browser(), credential)
    added = browser.post("/api/passkeys", json={"credential": credential})

    assert [used.json()["code"], added.json()["code"]] == ["E_PASSKEY", "E_PASSKEY"]


def test_a_passkey_is_registered_only_for_who_asked_verified_and_once(site: Site):
    wang, li = site.signed_in("wang"), site.signed_in("li")
    options = wang.post("/api/passkeys/options", json={}).json()
    stolen = li.post("/api/passkeys", json={"credential": Authenticator().create(options)})
    unverified = add(wang, Authenticator(flags=PRESENT))
    evil = add(wang, Authenticator(origin="http://evil.example"))
    one = Authenticator()
    first, again = add(wang, one), add(wang, one)

    codes = [answer.status_code for answer in (stolen, unverified, evil, first, again)]
    assert codes == [401, 401, 401, 201, 401]


def test_it_is_added_with_a_fresh_proof_only(site: Site):
    browser = site.signed_in("wang")
    move_clock(site.platform.db, minutes=16)

    assert browser.post("/api/passkeys/options", json={}).json()["code"] == "E_FRESH"


def test_a_disabled_person_signs_in_with_none(site: Site, wang: Authenticator):
    from govcore import clock

    with site.platform.db.transaction() as tx:
        disable_user(tx, site.ids["wang"], actor="admin", at=clock.now(tx))
    browser = site.browser()

    assert use(browser, wang.get(challenge(browser))).json()["code"] == "E_PASSKEY"


def test_only_its_owner_removes_one(site: Site, wang: Authenticator):
    browser = site.browser()
    use(browser, wang.get(challenge(browser)))
    html = browser.page("/account/second-factor").text
    path = html.split('action="/account/passkeys/')[1].split('"')[0]

    theft = site.signed_in("li").send(f"/account/passkeys/{path}")
    removed = browser.send(f"/account/passkeys/{path}")

    assert ("钥匙" in html, theft.status_code, removed.status_code) == (True, 404, 303)
    assert use(site.browser(), wang.get(challenge(browser))).status_code == 401
