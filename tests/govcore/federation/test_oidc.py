"""Signing in with an identity elsewhere: against a real provider on loopback, and every answer that must not count."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from apps import app_for
from clocks import move_clock
from joserfc import jwt
from joserfc.jwk import OctKey
from litestar.testing import TestClient
from oidc_provider import CLIENT, SECRET, Desk, new_key, provider
from sqlalchemy import select

from govcore import clock
from govcore.audit.entries import parse_event
from govcore.audit.models import LogOutbox
from govcore.errors import NotFresh
from govcore.federation.models import Link
from govcore.federation.providers import Provider, ProvidersError, read_providers
from govcore.identity.models import User
from govcore.identity.policy import Role
from govcore.identity.service import register_organisation, register_user
from govcore.identity.sessions import open_session
from govcore.platform import Platform

SITE = "http://site.example"
USCC = "91330100MA2KEXAMPD"
PASSWORD = "correct horse battery"


@dataclass
class Browser:
    """One browser: it keeps cookies, and follows redirects to the provider and back when it is told to."""

    site: httpx.Client
    platform: Platform
    desk: Desk

    def get(self, path: str) -> httpx.Response:
        return self.site.get(path, follow_redirects=False)

    def post(self, path: str) -> httpx.Response:
        return self.site.post(path, follow_redirects=False)

    def leave(self, *, then: str = "/desk", anew: bool = False) -> str:
        """Go to the provider; the address with which it sends the browser back."""
        query = f"next={then}&anew=true" if anew else f"next={then}"
        away = self.get(f"/sign-in/with/province?{query}").headers["location"]
        assert away.startswith(f"{self.desk.issuer}/authorize?")
        back = httpx.get(away, follow_redirects=False, trust_env=False).headers["location"]
        assert back.startswith(f"{SITE}/sign-in/with/province/back?")
        return str(back.removeprefix(SITE))

    def sign_in(self) -> httpx.Response:
        return self.get(self.leave())

    def fresh(self) -> bool:
        """Whether the person is let through to what needs a proof of the last minutes."""
        answer = self.post("/account/second-factor/begin")
        return NotFresh.code not in answer.text

    def who(self) -> str:
        return str(self.site.get("/api/session").json()["name"])

    def use(self, token: str) -> None:
        self.site.cookies.set("session", token)


@pytest.fixture
def desk(platform: Platform) -> Iterator[Desk]:
    with platform.db.read() as tx:
        now = clock.now(tx)
    with provider(now) as desk:
        known = Provider(
            id="province",
            name_zh="省统一身份认证",
            name_en="the province's unified identity",
            issuer=desk.issuer,
            client_id=CLIENT,
            client_secret=SECRET,
        )
        platform.settings = replace(platform.settings, oidc=(known,))
        yield desk


@pytest.fixture
def browser(platform: Platform, desk: Desk) -> Iterator[Browser]:
    with TestClient(app_for(platform), base_url=SITE) as http:
        yield Browser(http, platform, desk)


@pytest.fixture
def wang(platform: Platform) -> str:
    """A session of somebody whose sign-in name the provider says as a mail address."""
    with platform.db.transaction() as tx:
        at = clock.now(tx)
        company = register_organisation(tx, uscc=USCC, name="晨光水务", actor="system", at=at)
        user = register_user(
            tx,
            username="wang",
            name="王强",
            password=PASSWORD,
            org_id=company.id,
            roles=[Role.BIDDER],
            actor="system",
            at=at,
        )
        return open_session(tx, user_id=user.id, at=at)


def reasons(platform: Platform) -> list[str]:
    """Why answers were refused, as the log says it."""
    with platform.db.read() as tx:
        events = [parse_event(raw) for raw in tx.scalars(select(LogOutbox.event).order_by(LogOutbox.id))]
    refused = [event["data"] for event in events if event["type"] == "federation.refused"]
    return [str(data["reason"] or data["code"]) for data in refused]


def accounts(platform: Platform) -> list[str]:
    with platform.db.read() as tx:
        return sorted(tx.scalars(select(User.name)))


def test_a_new_identity_opens_an_account_only_when_its_owner_says_so(browser: Browser, wang: str) -> None:
    back = browser.sign_in()
    asked = browser.get(back.headers["location"])
    before = accounts(browser.platform)

    made = browser.post("/sign-in/new-identity/account")

    assert (back.headers["location"], browser.get("/api/session").status_code) == (
        "/sign-in/new-identity",
        200,
    )
    assert "李明" in asked.text
    assert before == ["王强"]
    assert (made.headers["location"], browser.who()) == ("/desk", "李明")
    assert accounts(browser.platform) == ["李明", "王强"]
    with browser.platform.db.read() as tx:
        tag = tx.scalars(select(Link.tag)).one()
    assert browser.post(f"/account/identities/{tag}/unlink").json()["code"] == "E_ONLY_WAY"
    browser.site.cookies.clear()
    again = browser.sign_in()
    assert (again.headers["location"], browser.who()) == ("/desk", "李明")
    prove = browser.get("/prove").text
    assert (re.findall(r'name="(password|code)"', prove), "/sign-in/with/" in prove) == ([], True)
    browser.use(wang)
    assert re.findall(r'name="(password|code)"', browser.get("/prove").text) == ["password"]


def test_an_identity_is_linked_by_a_fresh_word_of_the_account_s_owner_and_never_by_a_mail_address(
    browser: Browser, wang: str
) -> None:
    browser.sign_in()
    stranger = browser.post("/sign-in/new-identity/link")
    browser.use(wang)

    linked = browser.post("/sign-in/new-identity/link")
    replayed = browser.post("/sign-in/new-identity/link")

    assert stranger.status_code == 401
    assert linked.headers["location"] == "/account/identities"
    assert replayed.status_code == 409
    browser.site.cookies.clear()
    browser.sign_in()
    assert browser.who() == "王强"
    with browser.platform.db.read() as tx:
        link = tx.scalars(select(Link)).one()
    assert browser.desk.sub not in repr(vars(link))
    browser.post(f"/account/identities/{link.tag}/unlink")
    browser.site.cookies.clear()
    assert browser.sign_in().headers["location"] == "/sign-in/new-identity"


def test_linking_needs_a_proof_of_the_last_minutes(browser: Browser, wang: str) -> None:
    move_clock(browser.platform.db, minutes=20)
    browser.desk.now += timedelta(minutes=20)
    browser.sign_in()
    browser.use(wang)

    answer = browser.post("/sign-in/new-identity/link")

    assert answer.json()["code"] == "E_FRESH"


def test_a_closed_account_is_not_opened_by_its_identity(browser: Browser, wang: str) -> None:
    browser.use(wang)
    browser.sign_in()
    browser.post("/sign-in/new-identity/link")
    browser.site.cookies.clear()
    with browser.platform.db.transaction() as tx:
        tx.scalars(select(User)).one().active = False

    assert browser.sign_in().headers["location"] == "/sign-in/new-identity"
    assert browser.post("/sign-in/new-identity/account").json()["code"] == "E_LINKED"


Fault = Callable[[Desk], None]


def says(**claims: Any) -> Fault:
    return lambda desk: desk.wrong.update(claims)


def at(desk: Desk, minutes: float) -> int:
    return int((desk.now + timedelta(minutes=minutes)).timestamp())


def foreign_key(desk: Desk) -> None:
    """The same key id, another key."""
    desk.published, desk.signing = [desk.signing], new_key("one")


def unsigned(desk: Desk) -> None:
    desk.token = _compact({"alg": "none", "kid": "one"}, desk)


def shared_secret(desk: Desk) -> None:
    """Signed with the client's secret, which the provider's algorithm does not allow."""
    claims = json.loads(_payload(desk.id_token("any")))
    key = OctKey.import_key(SECRET)
    desk.token = jwt.encode({"alg": "HS256", "kid": "one"}, claims, key, algorithms=["HS256"])


def _payload(token: str) -> bytes:
    part = token.split(".")[1]
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _compact(header: dict[str, str], desk: Desk) -> str:
    head = base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=").decode()
    return f"{head}.{desk.id_token('any').split('.')[1]}."


BAD: dict[str, tuple[Fault, str]] = {
    "another issuer": (says(iss="https://evil.example"), "iss"),
    "for another site": (says(aud="another-site"), "aud"),
    "for two sites": (says(aud=[CLIENT, "another-site"]), "azp"),
    "to another party": (says(azp="another-site"), "azp"),
    "another nonce": (says(nonce="0" * 64), "nonce"),
    "no nonce": (says(nonce=None), "nonce"),
    "ended": (lambda desk: desk.wrong.update(exp=at(desk, -2)), "exp"),
    "no end": (says(exp=None), "exp"),
    "an end that is no number": (says(exp="tomorrow"), "exp"),
    "issued long ago": (lambda desk: desk.wrong.update(iat=at(desk, -20)), "iat"),
    "issued tomorrow": (lambda desk: desk.wrong.update(iat=at(desk, 1440), exp=at(desk, 1450)), "iat"),
    "no subject": (says(sub=""), "sub"),
    "a subject that is no text": (says(sub=7), "sub"),
    "a foreign key": (foreign_key, "signature"),
    "no signature": (unsigned, "signature"),
    "a shared secret": (shared_secret, "signature"),
    "proved tomorrow": (lambda desk: desk.wrong.update(auth_time=at(desk, 1440)), "auth_time"),
    "a proof that is no time": (says(auth_time="just now"), "auth_time"),
    "no token": (lambda desk: setattr(desk, "token", "rubbish"), "token"),
    "an unknown key": (lambda desk: setattr(desk, "signing", new_key("two")), "key"),
    "too large an answer": (lambda desk: setattr(desk, "oversized", True), "E_OIDC_AWAY"),
}


def test_every_bad_answer_signs_nobody_in_and_is_logged_with_its_reason(browser: Browser) -> None:
    desk, good = browser.desk, browser.desk.signing
    statuses = {}
    for name, (fault, _) in BAD.items():
        desk.wrong, desk.token, desk.oversized = {}, None, False
        desk.signing, desk.published = good, [good]
        back = browser.leave()
        fault(desk)
        statuses[name] = browser.get(back).status_code

    assert set(statuses.values()) <= {422, 502}
    assert dict(zip(BAD, reasons(browser.platform), strict=True)) == {
        name: reason for name, (_, reason) in BAD.items()
    }
    assert (browser.who(), accounts(browser.platform)) == ("", [])


@pytest.fixture
def citizen(browser: Browser) -> str:
    """An account that an identity opened; it has no other way in. The identity's subject."""
    browser.sign_in()
    browser.post("/sign-in/new-identity/account")
    browser.site.cookies.delete("session")
    return browser.desk.sub


@pytest.mark.usefixtures("citizen")
def test_a_session_is_as_fresh_as_the_proof_at_the_provider(browser: Browser) -> None:
    desk, fresh = browser.desk, {}
    for name, hours in {"proved just now": 0, "signed in there since morning": 3}.items():
        desk.signed_in_at = desk.now - timedelta(hours=hours)
        browser.sign_in()
        fresh[name] = browser.fresh()
    desk.wrong = {"auth_time": None}
    browser.sign_in()
    fresh["it does not say"] = browser.fresh()

    assert fresh == {
        "proved just now": True,
        "signed in there since morning": False,
        "it does not say": False,
    }


@pytest.mark.usefixtures("citizen")
def test_who_has_no_password_proves_it_anew_at_the_provider_itself(browser: Browser) -> None:
    desk = browser.desk
    desk.signed_in_at = desk.now - timedelta(hours=3)
    browser.sign_in()
    token, asks = browser.site.cookies["session"], browser.get("/prove?next=/account/tokens").text

    back = browser.get(browser.leave(then="/account/tokens", anew=True))

    assert "/sign-in/with/province?anew=true&amp;next=/account/tokens" in asks
    assert (back.headers["location"], browser.fresh()) == ("/account/tokens", True)
    assert browser.site.cookies["session"] != token


@pytest.mark.usefixtures("citizen")
def test_only_a_provider_that_signs_the_reader_in_is_offered_as_a_proof(browser: Browser, wang: str) -> None:
    browser.sign_in()
    linked = browser.get("/prove").text
    browser.site.cookies.set("session", wang)
    stranger = browser.get("/prove").text

    assert ("/sign-in/with/province?anew" in linked, "/sign-in/certificate" in linked) == (True, False)
    assert ("/sign-in/with/province" in stranger, 'name="password"' in stranger) == (False, True)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (lambda desk: desk.wrong.update(auth_time=at(desk, -20)), "auth_time"),
        (says(auth_time=None), "auth_time"),
        (lambda desk: setattr(desk, "sub", "370000-0002"), "person"),
    ],
    ids=["signed in there as before", "it does not say when", "somebody else"],
)
@pytest.mark.parametrize("backend", ["sqlite"])
@pytest.mark.usefixtures("citizen")
def test_another_answer_makes_no_session_fresh(browser: Browser, fault: Fault, reason: str) -> None:
    browser.desk.signed_in_at = browser.desk.now - timedelta(hours=3)
    browser.sign_in()
    back = browser.leave(anew=True)
    fault(browser.desk)

    refused = browser.get(back)

    assert (refused.status_code, reasons(browser.platform)) == (422, [reason])
    assert browser.fresh() is False


def test_a_code_comes_back_once_to_the_browser_that_left_with_its_state(browser: Browser) -> None:
    back = browser.leave()
    query = parse_qs(urlsplit(back).query)
    kept = dict(browser.site.cookies)
    other_state = browser.get(back.replace(query["state"][0], "0" * 64)).status_code
    other_issuer = browser.get(f"{back.split('&iss=')[0]}&iss=https%3A%2F%2Fevil.example").status_code
    browser.site.cookies.clear()
    other_browser = browser.get(back).status_code
    browser.site.cookies.update(kept)
    first = browser.get(back).status_code
    browser.site.cookies.clear()
    browser.site.cookies.update(kept)
    replayed = browser.get(back).status_code
    browser.site.cookies.clear()
    no_code = browser.get(browser.leave().replace("code=", "error=")).status_code
    late = browser.leave()
    move_clock(browser.platform.db, minutes=11)

    assert (other_state, other_issuer, other_browser) == (422, 422, 409)
    assert (first, replayed, no_code, browser.get(late).status_code) == (303, 409, 422, 409)
    assert reasons(browser.platform) == [
        "state",
        "iss",
        "E_CHALLENGE",
        "E_CHALLENGE",
        "no code",
        "E_CHALLENGE",
    ]


def test_rotated_keys_are_asked_for_once(browser: Browser) -> None:
    browser.sign_in()
    asked = browser.desk.keys_asked
    browser.desk.signing = new_key("two")
    browser.desk.published.append(browser.desk.signing)

    answers = [browser.sign_in().status_code for _ in range(3)]

    assert (asked, answers, browser.desk.keys_asked) == (1, [303] * 3, 2)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"issuer": "https://evil.example"}, "E_OIDC_ANSWER"),
        ({"token_endpoint": "http://169.254.169.254/token"}, "E_OIDC_ANSWER"),
        ({"jwks_uri": "file:///etc/passwd"}, "E_OIDC_ANSWER"),
        ({"authorization_endpoint": None}, "E_OIDC_AWAY"),
    ],
)
def test_a_description_that_leads_elsewhere_is_not_followed(
    browser: Browser, changed: dict[str, Any], code: str
) -> None:
    browser.desk.description = changed

    assert browser.get("/sign-in/with/province").json()["code"] == code


def test_the_sign_in_page_names_the_provider_in_the_reader_s_language(browser: Browser) -> None:
    chinese = browser.get("/sign-in").text
    browser.site.cookies.set("lang", "en")

    assert "使用省统一身份认证登录" in chinese
    assert "Sign in with the province&#39;s unified identity" in browser.get("/sign-in").text
    assert browser.get("/sign-in/with/nobody").status_code == 404


@pytest.mark.parametrize(
    "changed",
    [
        {"issuer": "http://id.example"},
        {"issuer": "http://127.0.0.1:9"},
        {"algorithms": ["HS256"]},
        {"algorithms": []},
        {"id": "a/b"},
        {"client_secret": None},
        {"surplus": 1},
    ],
)
def test_a_provider_that_cannot_be_trusted_stops_the_start(
    tmp_path: Path, changed: dict[str, object]
) -> None:
    entry = {
        "id": "province",
        "name_zh": "省",
        "name_en": "Province",
        "issuer": "https://id.example",
        "client_id": CLIENT,
        "client_secret": SECRET,
    }
    path = tmp_path / "oidc.json"
    path.write_text(json.dumps([entry]))
    assert SECRET not in repr(read_providers(path, demo=False))

    path.write_text(json.dumps([{**entry, **changed}]))

    with pytest.raises(ProvidersError):
        read_providers(path, demo=False)
