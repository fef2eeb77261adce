"""The authenticator and the recovery codes: set up, asked for, never taken twice."""

from __future__ import annotations

import re

import pyotp
import pytest
from clocks import move_clock
from staffed_site import PASSWORD, Browser, Site

from govcore import clock
from govcore.identity.models import RecoveryCode, Totp
from govcore.identity.policy import STRONG_ROLES, Role
from govcore.settings import Settings, SettingsError


def now_code(site: Site, secret: str, *, steps: int = 0) -> str:
    with site.platform.db.read() as tx:
        at = clock.now(tx)
    return pyotp.TOTP(secret).at(int(at.timestamp()) + 30 * steps)


def set_up(site: Site, browser: Browser) -> tuple[str, list[str]]:
    """The secret and the recovery codes of an authenticator that was switched on."""
    browser.send("/account/second-factor/begin")
    [secret] = re.findall(r">([A-Z2-7]{32})<", browser.page("/account/second-factor").text)
    shown = browser.send("/account/second-factor/confirm", code=now_code(site, secret))
    return secret, re.findall(r"(?:[A-Z2-7]{4}-){5}[A-Z2-7]{4}", shown.text)


def sign_in(site: Site, code: str):
    return site.browser().post("/api/session", json={"username": "wang", "password": PASSWORD, "code": code})


def test_setting_up_makes_the_session_strong_and_shows_ten_codes_once(site: Site):
    browser = site.signed_in("wang")
    before = browser.cookies["session"]

    secret, codes = set_up(site, browser)
    later = browser.page("/account/second-factor").text

    assert (len(set(codes)), browser.who["strong"]) == (10, True)
    assert browser.cookies["session"] != before
    assert [one for one in (secret, *codes) if one in later] == []


def test_an_unconfirmed_secret_is_not_asked_for(site: Site):
    browser = site.signed_in("wang")
    browser.send("/account/second-factor/begin")
    wrong = browser.send("/account/second-factor/confirm", code="000000")

    assert wrong.status_code == 401
    assert sign_in(site, "").status_code == 201


def test_the_code_is_asked_for_and_a_used_one_is_refused(site: Site):
    secret, _ = set_up(site, site.signed_in("wang"))
    without, used = sign_in(site, ""), sign_in(site, now_code(site, secret))
    move_clock(site.platform.db, seconds=30)
    code = now_code(site, secret)
    right, replayed, wrong = sign_in(site, code), sign_in(site, code), sign_in(site, "123456")

    assert (without.status_code, without.json()["code"]) == (401, "E_SECOND_FACTOR")
    assert [answer.status_code for answer in (used, right, replayed, wrong)] == [401, 201, 401, 401]
    assert right.json()["strong"] is True


@pytest.mark.parametrize(("steps", "status"), [(-2, 401), (-1, 201), (0, 201), (1, 201), (2, 401)])
def test_a_clock_may_be_half_a_minute_off_and_no_more(site: Site, steps: int, status: int):
    secret, _ = set_up(site, site.signed_in("wang"))
    move_clock(site.platform.db, minutes=5)

    assert sign_in(site, now_code(site, secret, steps=steps)).status_code == status


def test_a_recovery_code_is_good_once_however_it_is_typed(site: Site):
    _, codes = set_up(site, site.signed_in("wang"))
    typed = codes[0].lower().replace("-", " ")

    first, again, other = sign_in(site, typed), sign_in(site, codes[0]), sign_in(site, codes[1])

    assert [answer.status_code for answer in (first, again, other)] == [201, 401, 201]
    assert [e["data"] for e in site.events() if e["type"] == "identity.recovery_code_used"] == [
        {"left": 9},
        {"left": 8},
    ]


def test_on_pages_the_code_comes_second_and_the_secret_of_the_step_stays_out_of_addresses(site: Site):
    secret, _ = set_up(site, site.signed_in("wang"))
    move_clock(site.platform.db, seconds=30)
    browser = site.browser()

    password = browser.send("/sign-in", login="wang", password=PASSWORD, next="/inbox")
    early = browser.who["user_id"]
    wrong = browser.send("/sign-in/second-factor", code="000000", next="/inbox")
    right = browser.send("/sign-in/second-factor", code=now_code(site, secret), next="/inbox")

    assert password.headers["location"] == "/sign-in/second-factor?next=%2Finbox"
    assert (early, wrong.status_code) == ("", 401)
    assert (right.status_code, right.headers["location"], browser.who["strong"]) == (303, "/inbox", True)


def test_the_second_step_without_the_first_leads_nowhere(site: Site):
    secret, _ = set_up(site, site.signed_in("wang"))
    move_clock(site.platform.db, seconds=30)
    stranger = site.browser()

    answer = stranger.send("/sign-in/second-factor", code=now_code(site, secret))

    assert (answer.status_code, stranger.who["user_id"]) == (401, "")


def test_a_code_is_a_proof_and_makes_strong(site: Site):
    browser = site.signed_in("wang")
    secret, _ = set_up(site, browser)
    move_clock(site.platform.db, minutes=16)

    proved = browser.post("/api/session/proof", json={"code": now_code(site, secret)})

    assert (proved.status_code, proved.json()["fresh"], proved.json()["strong"]) == (200, True, True)


def test_nothing_of_it_is_stored_in_clear(site: Site):
    secret, codes = set_up(site, site.signed_in("wang"))

    with site.platform.db.read() as tx:
        wrapped = tx.query(Totp).one().wrapped
        hashes = [row.code_sha256 for row in tx.query(RecoveryCode)]
    logged = str(site.events())
    assert (secret.encode() in wrapped, set(codes) & set(hashes)) == (False, set())
    assert [one for one in (secret, *codes) if one in logged] == []


def test_new_codes_kill_the_old_ones_and_switching_off_all(site: Site):
    browser = site.signed_in("wang")
    _, old = set_up(site, browser)
    new = re.findall(r"(?:[A-Z2-7]{4}-){5}[A-Z2-7]{4}", browser.send("/account/recovery-codes").text)
    dead = sign_in(site, old[0]).status_code
    alive = sign_in(site, new[0]).status_code
    browser.send("/account/second-factor/remove")

    assert (dead, alive, sign_in(site, "").status_code) == (401, 201, 201)


def test_whose_work_needs_a_second_factor_is_led_to_it_and_does_nothing_before(site: Site):
    object.__setattr__(site.platform.settings, "strong_roles", STRONG_ROLES)
    staff, bidder = site.signed_in("centre"), site.signed_in("li")

    refused = staff.get("/api/tenders/x/documents/1")
    inbox, led = staff.get("/inbox"), staff.page("/inbox")
    free = bidder.page("/inbox").status_code
    account = staff.page("/account/second-factor?next=/inbox").status_code
    set_up(site, staff)

    assert refused.status_code in (403, 404)
    assert (inbox.status_code, inbox.json()["code"]) == (403, "E_STRONG")
    assert (led.status_code, led.headers["location"]) == (303, "/account/second-factor?next=%2Finbox")
    assert (free, account, staff.page("/inbox").status_code) == (200, 200, 200)


@pytest.mark.parametrize("backend", ["sqlite"])
def test_a_site_may_ask_bidders_too_and_leads_them_to_it(site: Site):
    object.__setattr__(site.platform.settings, "strong_roles", STRONG_ROLES | {Role.BIDDER})
    bidder = site.signed_in("li")

    refused, led = bidder.get("/api/lots/none/uploads"), bidder.page("/inbox")
    set_up(site, bidder)

    assert (refused.status_code, refused.json()["code"]) == (403, "E_STRONG")
    assert (led.status_code, led.headers["location"]) == (303, "/account/second-factor?next=%2Finbox")
    assert bidder.page("/inbox").status_code == 200


def test_who_needs_a_second_factor_is_the_sites_to_say():
    def named(**more: str) -> frozenset[str]:
        return Settings.from_environ({f"TRADING_{name}": value for name, value in more.items()}).strong_roles

    assert named() == STRONG_ROLES
    assert named(SECOND_FACTOR_ALSO="bidder, bank") == STRONG_ROLES | {Role.BIDDER, Role.BANK}
    assert named(DEMO="1") == frozenset()
    assert named(DEMO="1", SECOND_FACTOR="required") == STRONG_ROLES
    with pytest.raises(SettingsError, match="names no role: bider"):
        named(SECOND_FACTOR_ALSO="bider")
    with pytest.raises(SettingsError, match="needs TRADING_SECOND_FACTOR=required"):
        named(SECOND_FACTOR="offered", SECOND_FACTOR_ALSO="bidder")
