"""Passwords: what is asked of them in each profile, how they change, and how they are reset and begun."""

from __future__ import annotations

import re
from contextlib import nullcontext
from datetime import timedelta
from threading import BoundedSemaphore

import pytest
from argon2 import PasswordHasher
from click.testing import CliRunner
from clocks import move_clock
from sqlalchemy import select, update
from staffed_site import PASSWORD, Site

from govcore import clock
from govcore.identity import first, passwords
from govcore.identity.cli import admin
from govcore.identity.models import User, UserRole
from govcore.identity.policy import ASVS, MLPS, Role
from govcore.identity.tickets import WrongCode

REAL = passwords.HASHER
"""As it is on a site; while tests run it is a quicker one."""

NEW = "eleven quiet herons"


@pytest.mark.parametrize(
    ("profile", "password", "refusal"),
    [
        (ASVS, "only eleven", passwords.PasswordTooShort),
        (ASVS, "twelve chars", None),
        (ASVS, "x" * 257, passwords.PasswordTooLong),
        (ASVS, "password123456!", passwords.PasswordCommon),
        (ASVS, "Woaini1314!!!", passwords.PasswordCommon),
        (ASVS, "aaaaaaaaaaaaa", passwords.PasswordCommon),
        (ASVS, "lin-hu water bureau", passwords.PasswordNamesYou),
        (ASVS, "临湖市水利局的会议室很安静", None),
        (MLPS, "eleven quiet herons", passwords.PasswordTooSimple),
        (MLPS, "Eleven7 herons", None),
        (MLPS, "Eleven 7", passwords.PasswordTooShort),
    ],
)
def test_each_profile_asks_for_its_own(profile, password, refusal):
    with pytest.raises(refusal) if refusal else nullcontext():
        passwords.check_strength(password, profile=profile, names=("Lin-Hu",))


def test_the_parameters_are_at_least_those_of_owasp():
    parameters = REAL

    assert (parameters.type.name, parameters.memory_cost >= 19456, parameters.time_cost >= 2) == (
        "ID",
        True,
        True,
    )


def test_a_crowd_of_sign_ins_is_told_to_come_back_and_holds_nobody_up(
    site: Site, monkeypatch: pytest.MonkeyPatch
):
    credentials = {"username": "wang", "password": PASSWORD}
    full = BoundedSemaphore(1)
    monkeypatch.setattr(passwords, "_PLACES", full)

    with full:
        crowded = site.http.post("/api/session", json=credentials)
    served = site.http.post("/api/session", json=credentials)

    assert (crowded.status_code, crowded.json()["code"], served.status_code) == (503, "E_CROWDED", 201)


def test_a_hash_with_weaker_parameters_is_made_anew_at_sign_in(site: Site):
    weak = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    with site.platform.db.transaction() as tx:
        tx.execute(update(User).where(User.username == "wang").values(password_hash=weak))

    site.signed_in("wang")

    with site.platform.db.read() as tx:
        kept = tx.scalar(select(User.password_hash).where(User.username == "wang"))
    assert kept is not None
    assert (kept != weak, passwords.HASHER.check_needs_rehash(kept)) == (True, False)
    assert site.signed_in("wang").who["user_id"] == site.ids["wang"]


def test_who_changes_the_password_stays_and_all_others_go(site: Site):
    here, there = site.signed_in("wang"), site.signed_in("wang")
    before = here.cookies["session"]

    changed = here.send("/account/password", old=PASSWORD, password=NEW, again=NEW)

    assert (changed.status_code, changed.headers["location"]) == (303, "/account")
    assert (here.who["user_id"], there.who["user_id"]) == (site.ids["wang"], "")
    assert here.cookies["session"] != before
    assert site.signed_in("wang", NEW).who["user_id"] == site.ids["wang"]
    assert NEW not in str(site.events())


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"old": "wrong guess!"}, 401, "old"),
        ({"again": NEW + "!"}, 422, "password"),
        ({"password": PASSWORD, "again": PASSWORD}, 422, "password"),
        ({"password": "short", "again": "short"}, 422, "password"),
        ({"password": "the li wang road", "again": "the li wang road"}, 422, "password"),
        ({"password": "晨光水务 in the morning", "again": "晨光水务 in the morning"}, 422, "password"),
    ],
)
def test_a_change_that_does_not_fit_changes_nothing(site: Site, change, status, field):
    browser = site.signed_in("wang")

    answer = browser.send("/account/password", **{"old": PASSWORD, "password": NEW, "again": NEW, **change})

    assert answer.status_code == status
    assert re.findall(r'<a href="#(\w+)"', answer.text) == [field]
    assert [one for one in (PASSWORD, NEW) if one in answer.text] == []
    assert site.signed_in("wang").who["user_id"] == site.ids["wang"]


def test_the_mlps_profile_asks_for_a_new_password_after_ninety_days(site: Site):
    object.__setattr__(site.platform.settings, "profile", MLPS)
    fresh = site.signed_in("wang").who["user_id"]
    move_clock(site.platform.db, seconds=timedelta(days=90).total_seconds())
    browser, chosen = site.browser(), "Eleven7 herons"

    program = browser.post("/api/session", json={"username": "wang", "password": PASSWORD})
    page = browser.send("/sign-in", login="wang", password=PASSWORD)
    simple = browser.send("/sign-in/new-password", password=NEW, again=NEW)
    done = browser.send("/sign-in/new-password", password=chosen, again=chosen)

    assert (fresh, program.json()["code"]) == (site.ids["wang"], "E_PASSWORD_DUE")
    assert (page.headers["location"], simple.status_code) == ("/sign-in/new-password", 422)
    assert (done.status_code, browser.who["user_id"]) == (303, "")
    assert site.signed_in("wang", chosen).who["user_id"] == site.ids["wang"]


def asked(site: Site, name: str = "wang"):
    browser = site.browser()
    browser.send("/sign-in/forgotten", login=name)
    [number] = re.findall(r"\d{3} \d{3} \d{3}", browser.page("/sign-in/new-password").text)
    return browser, number.replace(" ", "")


def administrator(site: Site):
    with site.platform.db.transaction() as tx:
        tx.execute(
            update(UserRole).where(UserRole.user_id == site.ids["audit"]).values(role=Role.SECURITY_ADMIN)
        )
    return site.signed_in("audit")


def test_an_administrator_approves_a_reset_and_its_owner_alone_chooses(site: Site):
    old, boss = site.signed_in("wang"), administrator(site)
    browser, number = asked(site)
    early = browser.send("/sign-in/new-password", password=NEW, again=NEW).status_code
    listed = boss.page("/administration/resets").text
    approved = boss.send(f"/administration/resets/{number}/approve")

    outsider = site.browser().send("/sign-in/new-password", password=NEW, again=NEW).status_code
    done = browser.send("/sign-in/new-password", password=NEW, again=NEW)
    again = browser.send("/sign-in/new-password", password=PASSWORD, again=PASSWORD).status_code

    assert (early, outsider, again) == (401, 401, 401)
    assert (f"{number[:3]} {number[3:6]} {number[6:]}" in listed, approved.status_code) == (True, 303)
    assert (done.status_code, old.who["user_id"]) == (303, "")
    assert site.signed_in("wang", NEW).who["user_id"] == site.ids["wang"]
    secrets = [browser.cookies["step"], number]
    assert [one for one in secrets if one and one in str(site.events())] == []


def test_nobody_else_approves_and_no_reset_lasts(site: Site):
    boss, clerk = administrator(site), site.signed_in("centre")
    _, number = asked(site)
    path = f"/administration/resets/{number}/approve"

    forbidden = [who.send(path).status_code for who in (clerk, site.browser())]
    unknown = boss.send("/administration/resets/000000000/approve").status_code
    _, ghost = asked(site, "nobody")
    of_nobody = boss.send(f"/administration/resets/{ghost}/approve").status_code
    move_clock(site.platform.db, minutes=31)
    boss.post("/api/session/proof", json={"password": PASSWORD})
    late = boss.send(path).status_code

    assert (forbidden, unknown, of_nobody, late) == ([403, 401], 404, 404, 404)


def test_an_administrator_does_not_approve_the_own_reset(site: Site):
    boss = administrator(site)
    _, number = asked(site, "audit")

    assert boss.send(f"/administration/resets/{number}/approve").status_code == 404


def test_the_first_administrator_comes_with_a_code_that_is_good_once(site: Site):
    with site.platform.db.transaction() as tx:
        code = first.make_code(tx, at=clock.now(tx))
    form = {"login": "boss", "name": "首位", "password": NEW, "again": NEW}
    browser = site.browser()

    way = 'href="/first-administrator"'
    new = [browser.page(path).text.count(way) for path in ("/", "/sign-in")]
    wrong = browser.send("/first-administrator", code="AAAA-" * 5 + "AAAA", **form)
    right = browser.send("/first-administrator", code=code.lower(), **form)
    second = site.browser().send("/first-administrator", code=code, **{**form, "login": "thief"})

    begun = [site.browser().page(path).text.count(way) for path in ("/", "/sign-in")]

    assert (new, begun) == ([1, 1], [0, 0])
    assert [wrong.status_code, right.status_code, second.status_code] == [401, 303, 401]
    assert right.headers["location"] == "/account/second-factor"
    assert (browser.who["name"], browser.who["roles"]) == ("首位", ["security_admin"])
    assert code not in str(site.events())
    with pytest.raises(first.NotTheFirst), site.platform.db.transaction() as tx:
        first.make_code(tx, at=clock.now(tx))


def test_a_code_runs_out_and_a_new_one_kills_the_old(site: Site):
    def made() -> str:
        with site.platform.db.transaction() as tx:
            return first.make_code(tx, at=clock.now(tx))

    def appoint(code: str) -> None:
        with site.platform.db.transaction() as tx:
            first.appoint(tx, code, username="boss", name="首位", password=NEW, at=clock.now(tx))

    old, new = made(), made()
    with pytest.raises(WrongCode):
        appoint(old)
    move_clock(site.platform.db, minutes=61)
    with pytest.raises(WrongCode):
        appoint(new)


def test_the_command_prints_a_code_that_works(site: Site, monkeypatch: pytest.MonkeyPatch):
    settings = site.platform.settings
    monkeypatch.setenv("TRADING_DATA", str(settings.data))
    monkeypatch.setenv("TRADING_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("TRADING_DEMO", "1")

    printed = CliRunner().invoke(admin, ["first"])

    assert printed.exit_code == 0, printed.output
    [code] = re.findall(r"(?:[A-Z2-7]{4}-){5}[A-Z2-7]{4}", printed.output)
    form = {"login": "boss", "name": "首位", "password": NEW, "again": NEW}
    assert site.browser().send("/first-administrator", code=code, **form).status_code == 303
