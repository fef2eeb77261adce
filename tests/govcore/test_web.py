"""The edge: errors in both forms, headers, sessions, other sites, languages, addresses that lead away."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from litestar import Litestar, get
from litestar.di import NamedDependency
from litestar.testing import TestClient

from govcore import clock, vault
from govcore.db import Base
from govcore.errors import Problem
from govcore.identity.policy import Actor, Role
from govcore.identity.service import register_organisation, register_user
from govcore.keys import create_kek
from govcore.module import Module, Permission, build_registry, discover
from govcore.notify.service import tell
from govcore.platform import Platform
from govcore.settings import Settings
from govcore.web.app import create_app, declared_permissions

USCC = "91330100MA2KEXAMPD"
PASSWORD = "correct horse battery"
PAGE = {"accept": "text/html"}
CORE = "identity,audit,notify,web"


class Refused(Problem):
    code = "E_REFUSED"
    status = 409
    text = "Lot {lot} is refused."


@get("/try/refused", permission="public", sync_to_thread=False)
def refused() -> None:
    raise Refused(lot=2)


@get("/try/broken", permission="public", sync_to_thread=False)
def broken() -> None:
    raise ValueError("a secret of ours")


@get("/try/log", permission="try.read", sync_to_thread=False)
def restricted(actor: NamedDependency[Actor]) -> str:
    return actor.name


TRY = Module(
    name="try",
    prefixes=("try",),
    routes=[refused, broken, restricted],
    permissions=[Permission(name="try.read", zh="试", en="Try", roles=frozenset({Role.CENTRE}))],
)


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    """The core alone with three routes that fail on purpose."""
    settings = Settings.from_environ(
        {"TRADING_DATA": str(tmp_path), "TRADING_DEMO": "1", "TRADING_MODULES": CORE}
    )
    create_kek(settings.kek_file)
    platform = Platform.open(settings)
    platform.registry = build_registry([*platform.registry.modules, TRY])
    platform.db.info["registry"] = platform.registry
    Base.metadata.create_all(platform.db.engine)
    with platform.db.transaction() as tx:
        vault.create_missing(tx, platform.wrapper)
        at = clock.now(tx)
        org = register_organisation(tx, uscc=USCC, name="晨光水务", actor="system", at=at)
        for username, role in (("auditor", Role.CENTRE), ("bidder", Role.BIDDER)):
            register_user(
                tx,
                username=username,
                name=username.title(),
                password=PASSWORD,
                org_id=org.id,
                roles=[role],
                actor="system",
                at=at,
            )
    yield platform
    platform.db.dispose()


@pytest.fixture
def client(platform: Platform) -> Iterator[TestClient[Litestar]]:
    with TestClient(create_app(platform), base_url="http://site.example", raise_server_exceptions=False) as c:
        yield c


def sign_in(client: TestClient[Litestar], login: str, **more: str):
    form = {"login": login, "password": PASSWORD, **more}
    return client.post("/sign-in", data=form, headers=PAGE, follow_redirects=False)


def heading(html: str) -> str:
    [found] = re.findall(r"<h1>(.*?)</h1>", html)
    return found


@pytest.mark.parametrize(
    ("path", "status", "code", "title"),
    [
        ("/nowhere", 404, "E_NOT_FOUND", "没有可查看的内容"),
        ("/try/refused", 409, "E_REFUSED", "目前不能办理"),
        ("/try/broken", 500, "E_FAULT", "系统出现故障"),
        ("/try/log", 401, "E_SIGN_IN", "请先登录"),
    ],
)
def test_a_refusal_is_a_page_for_people_and_a_problem_for_machines(client, path, status, code, title):
    page = client.get(path, headers=PAGE)
    problem = client.get(path)

    assert (page.status_code, heading(page.text)) == (status, title)
    assert re.findall(r"<code>(E_\w+)</code>", page.text) == [code]
    assert (problem.status_code, problem.json()["code"]) == (status, code)
    assert problem.headers["content-type"] == "application/problem+json"


def test_a_problem_carries_its_data_and_a_fault_carries_nothing(client):
    told = client.get("/try/refused").json()
    fault = client.get("/try/broken").json()

    assert told == {
        "type": "/errors/E_REFUSED",
        "title": "Lot 2 is refused.",
        "status": 409,
        "code": "E_REFUSED",
        "lot": 2,
    }
    assert "secret" not in json.dumps(fault)


def test_a_malformed_message_names_its_fields_and_repeats_no_value(client):
    answer = client.post("/api/session", json={"username": "x", "password": ["hunter2"]})

    assert (answer.status_code, answer.json()["code"]) == (422, "E_SCHEMA")
    assert "hunter2" not in answer.text


@pytest.mark.parametrize("path", ["/verify", "/nowhere", "/try/broken", "/static/app.css", "/api/time"])
def test_every_answer_is_hardened(client, path):
    headers = client.get(path, headers=PAGE).headers

    assert headers["content-security-policy"].split("; ")[0] == "default-src 'self'"
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize(
    ("site_url", "told"),
    [("https://site.example", "max-age=31536000"), ("http://127.0.0.1:8000", None), ("", None)],
)
def test_a_site_that_people_reach_by_tls_says_so_for_a_year_in_every_answer(platform, site_url, told):
    platform.settings = replace(platform.settings, site_url=site_url)
    with TestClient(create_app(platform), base_url="http://site.example") as client:
        paths = ("/verify", "/nowhere", "/static/app.css", "/api/time")
        headers = [client.get(path).headers.get("strict-transport-security") for path in paths]

    assert headers == [told] * 4


def test_a_permission_is_held_against_the_stranger_the_outsider_and_the_auditor(client):
    stranger = client.get("/try/log").status_code
    sign_in(client, "bidder")
    outsider = client.get("/try/log").status_code
    client.post("/sign-out")
    sign_in(client, "auditor")
    insider = client.get("/try/log")

    assert (stranger, outsider, insider.status_code, insider.text) == (401, 403, 200, "Auditor")


def test_a_route_without_a_registered_permission_stops_the_start(platform):
    @get("/try/open", permission="try.forgotten", sync_to_thread=False)
    def forgotten() -> None:
        raise AssertionError("must not be reached")

    module = Module(name="hole", prefixes=("hole",), routes=[forgotten])
    platform.registry = build_registry([*platform.registry.modules, module])

    with pytest.raises(RuntimeError, match="/try/open declares no registered permission"):
        create_app(platform)


def test_every_route_declares_public_or_a_registered_permission(platform):
    app = create_app(platform)

    declared = set(declared_permissions(app))

    known = {"public", *platform.registry.permissions}
    assert [(path, name) for path, name in sorted(declared, key=str) if name not in known] == []


def test_signing_in_leads_on_and_signing_out_ends_the_session(client):
    answer = sign_in(client, "bidder", next="/account")
    account = client.get("/account", headers=PAGE)
    client.post("/sign-out", follow_redirects=False)
    afterwards = client.get("/account", headers=PAGE)

    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    assert "httponly" in answer.headers["set-cookie"].lower()
    assert (account.status_code, heading(account.text)) == (200, "我的账号")
    assert afterwards.status_code == 401


def test_outside_the_demo_only_cookies_of_this_very_host_count(platform):
    platform.settings = replace(platform.settings, demo=False)
    with TestClient(create_app(platform), base_url="https://site.example") as client:
        answer = sign_in(client, "auditor")
        cookies = [one.partition(";") for one in answer.headers.get_list("set-cookie")]
        token = client.cookies["__Host-session"]
        client.cookies.clear()
        planted = client.get("/account", headers=PAGE | {"cookie": f"session={token}"})
        ours = client.get("/account", headers=PAGE | {"cookie": f"__Host-session={token}"})

    assert sorted(name.partition("=")[0] for name, _, _ in cookies) == ["__Host-device", "__Host-session"]
    for _, _, flags in cookies:
        given = {flag.strip() for flag in flags.lower().split(";")}
        assert {"secure", "httponly", "samesite=lax", "path=/"} <= given
        assert not any(flag.startswith("domain") for flag in given)
    assert (planted.status_code, ours.status_code) == (401, 200)


def test_a_wrong_password_keeps_the_name_and_never_the_password(client):
    answer = client.post("/sign-in", data={"login": "bidder", "password": "wrong guess"}, headers=PAGE)

    assert (answer.status_code, answer.cookies.get("session")) == (401, None)
    assert re.findall(r'name="login"[^>]* value="([^"]*)"', answer.text) == ["bidder"]
    assert re.findall(r'<a href="#login">(.*?)</a>', answer.text) == ["用户名或密码不正确。"]
    assert "wrong guess" not in answer.text


@pytest.mark.parametrize(
    "next",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "evil",
        "/" + 2048 * "a",
    ],
)
def test_the_way_on_never_leads_to_another_site(client, next):
    signed = sign_in(client, "bidder", next=next)
    chosen = client.get("/language/en", params={"next": next}, follow_redirects=False)

    assert (signed.headers["location"], chosen.headers["location"]) == ("/", "/")


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
    ],
)
def test_a_form_of_another_site_is_refused_and_changes_nothing(client, headers):
    sign_in(client, "bidder")

    answer = client.post("/sign-out", headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (403, "E_OTHER_SITE")
    assert client.get("/account", headers=PAGE).status_code == 200


@pytest.mark.parametrize(
    "headers", [{}, {"sec-fetch-site": "same-origin"}, {"origin": "http://site.example"}]
)
def test_our_own_forms_and_callers_that_are_no_browser_are_accepted(client, headers):
    sign_in(client, "bidder")

    assert client.post("/sign-out", headers=headers, follow_redirects=False).status_code == 303


def test_the_language_is_chosen_once_and_kept(client):
    before = client.get("/verify", headers=PAGE).text
    moved = client.get("/language/en?next=/verify%3Fa%3D1", follow_redirects=False)
    after = client.get("/verify", headers=PAGE).text
    unknown = client.get("/language/xx")

    assert (heading(before), heading(after)) == ("自行核验", "Check it yourself")
    assert moved.headers["location"] == "/verify?a=1"
    assert unknown.status_code == 404


def test_the_server_tells_its_time_and_nobody_keeps_it(client):
    answer = client.get("/time")

    assert re.fullmatch(r"20\d\d-\d\d-\d\dT[\d:.]+\+00:00", answer.json()["now"])
    assert answer.headers["cache-control"] == "no-store"


def test_the_interface_is_described_without_inline_scripts(client):
    page = client.get("/schema", headers=PAGE)
    description = client.get("/schema/openapi.json").json()

    assert re.findall(r"<script(?![^>]*\bsrc=)", page.text) == []
    assert re.findall(r'data-openapi="([^"]+)"', page.text) == ["/schema/openapi.json"]
    assert sorted(path for path in description["paths"] if not path.startswith("/api/")) == []
    assert {method: o["operationId"] for method, o in description["paths"]["/api/session"].items()} == {
        "get": "getSession",
        "post": "postSession",
        "delete": "deleteSession",
    }


def test_where_the_interface_is_not_described_there_is_nothing(client, platform):
    platform.settings = replace(platform.settings, api_described=False)

    answers = [client.get(path).status_code for path in ("/schema", "/schema/openapi.json", "/api/time")]

    assert answers == [404, 404, 200]


def test_an_inbox_is_its_owner_s_alone(client, platform):
    with platform.db.transaction() as tx:
        [owner] = platform_users(tx, "bidder")
        tell(tx, [owner], about="a", text="Sign in first.", href="/verify", at=clock.now(tx))

    sign_in(client, "auditor")
    other = client.get("/inbox", headers=PAGE).text
    sign_in(client, "bidder")
    own = client.get("/inbox", headers=PAGE).text
    client.post("/inbox/read")
    read = client.get("/inbox", headers=PAGE).text

    assert [len(re.findall("请先登录。", html)) for html in (other, own)] == [0, 1]
    assert [len(re.findall(r'action="/inbox/read"', html)) for html in (own, read)] == [1, 0]


def platform_users(tx, username: str) -> list[str]:
    from sqlalchemy import select

    from govcore.identity.models import User

    return list(tx.scalars(select(User.id).where(User.username == username)))


def test_the_core_starts_with_its_own_modules_alone():
    assert [module.name for module in discover(CORE.split(",")).modules] == CORE.split(",")
