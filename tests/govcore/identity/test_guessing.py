"""Guessing is slowed without locking anybody out, and tells nothing about who exists."""

from __future__ import annotations

import re

import pytest
from clocks import move_clock
from sqlalchemy import event
from staffed_site import PAGE, PASSWORD, Browser, Site

from govcore.identity import passwords
from govcore.identity.policy import TRIES_OF_ACCOUNT, TRIES_OF_CLIENT, TRIES_OF_PLACE, Limit, limits_for

WRONG = "never the password"


def guess(browser: Browser, name: str, password: str = WRONG, *, peer: str = "") -> int:
    headers = {"x-forwarded-for": peer} if peer else {}
    body = {"username": name, "password": password}
    return browser.post("/api/session", json=body, headers=headers).status_code


@pytest.fixture
def behind_proxy(site: Site) -> Site:
    """The address that all test clients have is our own proxy's, which names the real client."""
    object.__setattr__(site.platform.settings, "trusted_proxies", ("10.0.0.0/8",))
    return site


def test_after_ten_wrong_tries_a_stranger_waits_for_the_window_to_end(site: Site):
    stranger = site.browser()
    tries = [guess(stranger, "wang") for _ in range(TRIES_OF_ACCOUNT + 1)]
    right = guess(stranger, "wang", PASSWORD)
    move_clock(site.platform.db, minutes=15, seconds=1)

    assert tries == [401] * TRIES_OF_ACCOUNT + [429]
    assert (right, guess(stranger, "wang", PASSWORD)) == (429, 201)


def test_whoever_signed_in_from_a_device_before_is_never_slowed_by_strangers(site: Site):
    owner = site.signed_in("wang")
    owner.send("/sign-out")
    for _ in range(TRIES_OF_ACCOUNT + 5):
        guess(site.browser(), "wang")

    assert guess(owner, "wang", PASSWORD) == 201


def test_nor_is_who_comes_from_a_network_that_was_used_before(behind_proxy: Site):
    site = behind_proxy
    assert guess(site.browser(), "wang", PASSWORD, peer="203.0.113.9") == 201
    attacked = [guess(site.browser(), "wang", peer="198.51.100.7") for _ in range(TRIES_OF_ACCOUNT + 2)]

    new_device_at_home = guess(site.browser(), "wang", PASSWORD, peer="203.0.113.44")
    elsewhere = guess(site.browser(), "wang", PASSWORD, peer="192.0.2.1")

    assert (attacked[-1], new_device_at_home, elsewhere) == (429, 201, 429)


def test_a_forged_address_counts_for_nothing(site: Site):
    """Without a proxy that is named in the settings, the header is the caller's own claim."""
    tries = [
        guess(site.browser(), f"nobody-{n}", peer=f"203.0.113.{n % 250}") for n in range(TRIES_OF_CLIENT + 1)
    ]

    assert (tries[-2], tries[-1]) == (401, 429)


def test_one_client_s_many_names_are_slowed_and_others_are_not(behind_proxy: Site):
    for n in range(TRIES_OF_CLIENT):
        guess(behind_proxy.browser(), f"nobody-{n}", peer="198.51.100.7")

    assert guess(behind_proxy.browser(), "li", PASSWORD, peer="198.51.100.7") == 429
    assert guess(behind_proxy.browser(), "li", PASSWORD, peer="192.0.2.1") == 201


def test_a_known_device_guesses_no_faster_than_a_stranger(site: Site):
    owner = site.signed_in("wang")

    assert [guess(owner, "wang") for _ in range(TRIES_OF_PLACE + 1)] == [401] * TRIES_OF_PLACE + [429]
    assert guess(owner, "li") == 401


def test_right_passwords_are_never_counted(site: Site):
    assert {guess(site.browser(), "wang", PASSWORD) for _ in range(TRIES_OF_ACCOUNT + 5)} == {201}


def test_a_stolen_session_cannot_guess_the_password_for_a_proof(site: Site):
    browser = site.signed_in("wang")
    codes = [
        browser.post("/api/session/proof", json={"password": WRONG}).status_code
        for _ in range(TRIES_OF_PLACE + 1)
    ]

    assert codes == [401] * TRIES_OF_PLACE + [429]


def test_being_slowed_is_logged_once_and_names_nobody(site: Site):
    for _ in range(TRIES_OF_ACCOUNT + 4):
        guess(site.browser(), "wang")

    happened = site.happened()
    assert (happened.count("identity.refused"), happened.count("identity.slowed")) == (TRIES_OF_ACCOUNT, 1)
    logged = str(site.events()[1 + 4 :])
    assert [one for one in ("wang", site.ids["wang"], WRONG) if one in logged] == []


@pytest.mark.parametrize("slowed", [False, True])
def test_known_and_unknown_names_cost_and_look_the_same(
    site: Site, monkeypatch: pytest.MonkeyPatch, slowed: bool
):
    assert site.platform.keys  # loaded once a process
    verified: list[str] = []
    asked: list[str] = []
    real = passwords.HASHER.verify
    monkeypatch.setattr(
        type(passwords.HASHER), "verify", lambda _self, *given: (verified.append("argon2"), real(*given))
    )
    for engine in {site.platform.db.engine, site.platform.db._reader}:
        event.listen(engine, "before_cursor_execute", lambda _c, _u, statement, *_: asked.append(statement))

    def look(name: str) -> dict[str, object]:
        browser = site.browser()
        for _ in range(TRIES_OF_ACCOUNT if slowed else 0):
            guess(browser, name)
        verified.clear()
        asked.clear()
        answers = [
            browser.post("/api/session", json={"username": name, "password": WRONG}),
            browser.send("/sign-in", login=name, password=WRONG),
        ]
        return {
            "status": [answer.status_code for answer in answers],
            "body": [masked(answer.text.replace(name, "NAME")) for answer in answers],
            "headers": [sorted(answer.headers) for answer in answers],
            "argon2": len(verified),
            "statements": list(asked),
        }

    known, unknown = look("wang"), look("nobody")

    assert known == unknown
    assert known["argon2"] == (0 if slowed else 2)


def test_a_forgotten_password_tells_nothing_about_who_exists(site: Site):
    def look(name: str) -> tuple[object, ...]:
        browser = site.browser()
        asked = browser.send("/sign-in/forgotten", login=name)
        html = browser.page("/sign-in/new-password").text
        return (
            asked.status_code,
            asked.headers["location"],
            masked(re.sub(r"\d{3} \d{3} \d{3}", "NUMBER", html)),
        )

    assert look("wang") == look("nobody")


def masked(html: str) -> str:
    return re.sub(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+\+00:00)?|data-now=\"\d+\"", "TIME", html)


@pytest.mark.parametrize(
    ("known", "limits"),
    [
        (("d", "n"), [("device", ("password", "a", "d"), TRIES_OF_PLACE)]),
        (("", "n"), [("network", ("password", "a", "n"), TRIES_OF_PLACE)]),
        (
            ("", ""),
            [
                ("client", ("password", "ip"), TRIES_OF_CLIENT),
                ("account", ("password", "a"), TRIES_OF_ACCOUNT),
            ],
        ),
    ],
)
def test_what_a_try_is_counted_under(known: tuple[str, str], limits: list[tuple[str, tuple[str, ...], int]]):
    found = limits_for(kind="password", account="a", device=known[0], network=known[1], address="ip")

    assert list(found) == [Limit(kind=kind, parts=parts, tries=tries) for kind, parts, tries in limits]


def test_the_page_says_so_and_keeps_the_name(site: Site):
    browser = site.browser()
    for _ in range(TRIES_OF_ACCOUNT):
        guess(browser, "wang")

    page = browser.post("/sign-in", data={"login": "wang", "password": PASSWORD}, headers=PAGE)

    assert (page.status_code, re.findall(r'name="login"[^>]* value="(\w+)"', page.text)) == (429, ["wang"])
    assert "错误次数过多。请 15 分钟后再试" in page.text
