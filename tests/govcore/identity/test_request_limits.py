"""Who asks too much waits for seconds; nobody is held up by others, and nobody on the way to a deadline."""

from __future__ import annotations

import re

import pytest
from apps import app_for
from staffed_site import PAGE, Site

from govcore.module import Registry
from govcore.web.app import declared_permissions
from govcore.web.limits import COST, Limits, TooManyRequests

A_MINUTE = 60
HERE, ELSEWHERE = {"x-forwarded-for": "203.0.113.9"}, {"x-forwarded-for": "198.51.100.7"}
PUBLIC_AND_FREE = {
    "/api/challenges",
    "/api/log/proof/{leaf:str}",
    "/api/passkeys/challenge",
    "/api/session",
    "/api/session/certificate",
    "/api/session/passkey",
    "/api/time",
    "/healthz",
    "/healthz/submit",
    "/healthz/upload",
    "/language/{lang:str}",
    "/log/checkpoint",
    "/log/policy",
    "/log/tile/{path:path}",
    "/log/vkey",
    "/sign-in",
    "/sign-in/certificate",
    "/sign-in/new-identity",
    "/sign-in/second-factor",
    "/sign-in/with/{provider_id:str}",
    "/sign-in/with/{provider_id:str}/back",
    "/static/{file_path:path}",
    "/time",
}
"""Signing in, which has limits of its own, the log, the clock, and what is asked to learn whether the site answers."""


class Stopwatch:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def watch(site: Site) -> Stopwatch:
    """The site behind our own proxy, which names the clients; each may ask sixty times a minute."""
    object.__setattr__(site.platform.settings, "trusted_proxies", ("10.0.0.0/8",))
    app_for(site.platform).state["limits"] = Limits(A_MINUTE, seconds=(stopwatch := Stopwatch()))
    return stopwatch


def waits(limits: Limits, client: str, *costs: int) -> list[int]:
    """For each request the seconds to wait, 0 when it was let through."""
    found = []
    for cost in costs:
        try:
            limits.take(client, cost)
            found.append(0)
        except TooManyRequests as refused:
            found.append(refused.retry_after or -1)
    return found


def test_a_bucket_is_emptied_at_once_and_fills_up_within_a_minute():
    limits = Limits(A_MINUTE, seconds=(watch := Stopwatch()))

    at_once = waits(limits, "one", *[1] * A_MINUTE, 1, 30)
    watch.now = 1
    later = waits(limits, "one", 1, 1)
    watch.now = 600
    much_later = waits(limits, "one", *[1] * A_MINUTE, 1)

    assert at_once == [0] * A_MINUTE + [1, 30]
    assert later == [0, 1]
    assert much_later == [0] * A_MINUTE + [1]
    assert waits(limits, "another", 1) == [0]


def test_what_costs_more_than_a_bucket_holds_needs_a_full_one_and_no_limit_is_none():
    limits = Limits(A_MINUTE, seconds=Stopwatch())

    assert waits(limits, "one", 1000, 1000) == [0, 60]
    assert waits(Limits(0, seconds=Stopwatch()), "one", *[1000] * 50) == [0] * 50


def test_a_process_remembers_so_many_clients_and_forgets_the_longest_silent_one():
    limits = Limits(A_MINUTE, seconds=Stopwatch(), remembered=2)

    first = waits(limits, "first", A_MINUTE, 1)
    second = waits(limits, "second", A_MINUTE, 1)
    third = waits(limits, "third", 1)

    assert (first, second, third) == ([0, 1], [0, 1], [0])
    assert (waits(limits, "second", 1), waits(limits, "first", 1)) == ([1], [0])


@pytest.mark.parametrize("backend", ["sqlite"])
def test_visitors_wait_and_are_told_how_long_in_both_languages(site: Site, watch: Stopwatch):
    visitor, english = site.browser(), site.browser()
    english.cookies["lang"] = "en"
    answers = [visitor.get("/verify", headers=HERE).status_code for _ in range(A_MINUTE)]

    chinese_page = visitor.get("/verify", headers=PAGE | HERE)
    english_page = english.get("/verify", headers=PAGE | HERE)
    for_programs = visitor.get("/verify", headers=HERE)
    others = visitor.get("/verify", headers=ELSEWHERE).status_code
    watch.now += float(for_programs.headers["retry-after"])
    afterwards = visitor.get("/verify", headers=HERE).status_code

    assert answers == [200] * A_MINUTE
    assert (chinese_page.status_code, chinese_page.headers["retry-after"]) == (429, "1")
    assert re.findall(r"<h1>(.*?)</h1>", chinese_page.text) == ["请求过于频繁"]
    assert re.findall(r"<h1>(.*?)</h1>", english_page.text) == ["Too many requests"]
    assert (for_programs.json()["code"], for_programs.json()["seconds"]) == ("E_REQUESTS", 1)
    assert (others, afterwards) == (200, 200)


def test_strangers_at_the_same_address_hold_up_nobody_who_signs_in_or_is_signed_in(
    site: Site, watch: Stopwatch
):
    stranger, wang, li = site.browser(), site.signed_in("wang"), site.browser()
    flood = [stranger.get("/verify", headers=HERE).status_code for _ in range(A_MINUTE + 1)]

    signed_in = wang.get("/account", headers=PAGE | HERE).status_code
    form = {"login": "li", "password": "correct horse battery"}
    signs_in = [li.get("/sign-in", headers=PAGE | HERE), li.post("/sign-in", data=form, headers=PAGE | HERE)]
    arrives = li.get("/account", headers=PAGE | HERE).status_code

    assert flood[-1] == 429
    assert (signed_in, [answer.status_code for answer in signs_in], arrives) == (200, [200, 303], 200)


@pytest.mark.parametrize("backend", ["sqlite"])
def test_an_account_is_limited_wherever_it_comes_from_and_may_still_bid(site: Site, watch: Stopwatch):
    wang, li = site.signed_in("wang"), site.signed_in("li")
    for number in range(A_MINUTE):
        assert wang.get("/account", headers={"x-forwarded-for": f"203.0.113.{number}"}).status_code == 200

    used_up = wang.get("/account", headers=HERE).status_code
    colleague = li.get("/account", headers=HERE).status_code
    bidding = [
        wang.get("/api/lots/none/uploads", headers=HERE).status_code,
        wang.post("/api/lots/none/bids", json={}, headers=HERE).status_code,
        wang.get("/lots/none/bid", headers=HERE).status_code,
    ]

    assert (used_up, colleague) == (429, 200)
    assert bidding == [200, 422, 404]


@pytest.mark.parametrize("backend", ["sqlite"])
@pytest.mark.parametrize("peer", ["127.0.0.1", "::1", "10.0.0.7", "no address"])
def test_an_address_that_tells_nobody_apart_is_not_counted(site: Site, watch: Stopwatch, peer: str):
    visitor = site.browser()

    answers = {
        visitor.get("/verify", headers={"x-forwarded-for": peer}).status_code for _ in range(A_MINUTE + 5)
    }

    assert answers == {200}


def test_only_what_is_listed_is_free_for_everybody(site: Site, registry: Registry):
    app = app_for(site.platform)
    free = {
        route.path
        for route in app.routes
        for handler in getattr(route, "route_handlers", [])
        if handler.opt.get(COST) == 0 and handler.opt.get("permission") == "public"
    }
    unlimited = {name for name, permission in registry.permissions.items() if permission.unlimited}

    assert free == PUBLIC_AND_FREE
    assert {path for path, _ in declared_permissions(app)} >= free
    assert {name.partition(".")[0] for name in unlimited} == {"bid", "opening", "share"}
