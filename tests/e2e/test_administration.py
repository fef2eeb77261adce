"""Three administrators and a member at a running site in Chromium: by keyboard, both languages, wide and narrow."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from chromium import chromium
from playwright.sync_api import Browser, BrowserContext, Page, expect
from running import bare_site
from sealing_organs import seal_for
from sealing_page import serious_faults

from govcore import clock
from govcore.audit.service import integrate
from govcore.identity.policy import Role
from govcore.identity.service import register_organisation, register_user
from govcore.identity.sessions import open_session
from govcore.platform import Platform

PEOPLE = {
    "system": ("系统管理员", Role.SYSTEM_ADMIN),
    "security": ("安全管理员", Role.SECURITY_ADMIN),
    "auditor": ("审计管理员", Role.AUDITOR),
    "clerk": ("中心经办", Role.CENTRE),
    "member": ("投标员工", Role.BIDDER),
}
OF_THE_CENTRE = {"system", "security", "auditor", "clerk"}
LOOKS = {"zh_CN": 1280, "en": 360}
"""Each language at one width: together every page is seen in both."""


@dataclass
class Town:
    url: str
    platform: Platform
    tokens: dict[str, str] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)

    def sign_in(self, browser: Browser, person: str, *, language: str) -> BrowserContext:
        context = browser.new_context(viewport={"width": LOOKS[language], "height": 900})
        context.set_default_timeout(120_000)  # on a busy machine a wait is long, never wrong
        cookies = {"lang": language, "session": self.tokens[person]}
        context.add_cookies([{"name": n, "value": v, "url": self.url} for n, v in cookies.items()])
        return context


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with bare_site(tmp_path_factory.mktemp("administration")) as bare:
        bare.site.environ["TRADING_SITE_URL"] = bare.url
        town = Town(bare.url, bare.platform)
        bare.site.start("web")
        people(town)
        yield town


def people(town: Town) -> None:
    """Everybody with a session, the centre's seal, and a log that holds all this."""
    platform = town.platform
    with platform.db.transaction() as tx:
        at = clock.now(tx)
        centre = register_organisation(
            tx, uscc="91330100MA2KEXAMPD", name="市公共资源交易中心", actor="system", at=at
        )
        company = register_organisation(tx, uscc="91371500MA00000011", name="晨光水务", actor="system", at=at)
        for name, (title, role) in PEOPLE.items():
            org_id = centre.id if name in OF_THE_CENTRE else company.id
            user = register_user(
                tx,
                username=name,
                name=title,
                password="correct horse battery",
                org_id=org_id,
                roles=[role],
                actor="system",
                at=at,
            )
            town.ids[name], town.tokens[name] = user.id, open_session(tx, user_id=user.id, at=at)
    seal_for(platform, keeper=town.ids["clerk"], papers=(), office="聊公资")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


def enter(page: Page, *, on: str) -> None:
    """Go to a link or button by its place in the page and press Enter, as the keyboard does."""
    page.locator(on).first.focus()
    page.keyboard.press("Enter")


def test_a_new_key_is_ordered_by_two_administrators_with_the_keyboard(town: Town, browser: Browser) -> None:
    first = town.sign_in(browser, "system", language="zh_CN").new_page()
    second = town.sign_in(browser, "security", language="en").new_page()

    first.goto(f"{town.url}/upkeep/keys")
    enter(first, on="main a.btn")
    first.locator("textarea").focus()
    first.keyboard.type("年度更换")
    first.keyboard.press("Tab")
    first.keyboard.press("Enter")
    first.wait_for_url(re.compile(r"/two-person/[0-9a-f]{32}$"))
    alone = first.locator("input[name=typed]").count()
    second.goto(f"{town.url}/two-person")
    enter(second, on="main a[href*='/two-person/']")
    second.locator("input[name=typed]").focus()
    second.keyboard.type("kek")
    second.keyboard.press("Enter")
    expect(second.locator("h1 + .tag")).to_have_text("Done")
    first.goto(f"{town.url}/upkeep/keys")

    assert alone == 0
    expect(first.locator("td .tag")).to_have_text("运维人员可开始执行")
    expect(first.locator("td[data-label='提出人 · 确认人']")).to_have_text("系统管理员 · 安全管理员")
    first.context.close()
    second.context.close()


def test_an_auditor_searches_the_log_and_takes_the_entries_away(town: Town, browser: Browser) -> None:
    with town.platform.db.transaction() as tx:
        settings = town.platform.settings
        integrate(
            tx,
            at=clock.now(tx),
            signer=town.platform.keys.log_signer,
            origin=settings.log_origin,
            bucket=settings.log_bucket,
            forced=True,
        )
    page = town.sign_in(browser, "auditor", language="en").new_page()

    page.goto(f"{town.url}/audit")
    page.locator("#person").focus()
    page.keyboard.type("clerk")
    page.keyboard.press("Enter")
    expect(page.locator("tbody tr").first).to_be_visible()
    with page.expect_download() as taken:
        enter(page, on=".table-tools button")
    enter(page, on="tbody a")
    page.wait_for_url(re.compile(r"/audit/entries/\d+$"))

    assert taken.value.suggested_filename.endswith(".zip")
    assert serious_faults(page) == []
    page.context.close()


def walk(town: Town) -> list[tuple[str, str]]:
    """The pages of administration and of one's own account, and who looks at them."""
    account = ("", "/sessions", "/tokens", "/second-factor", "/password", "/reach")
    return [
        ("/authority/roles", "security"),
        ("/authority/roles/centre", "security"),
        (f"/authority/people/{town.ids['clerk']}", "security"),
        ("/certificates/authorities", "security"),
        ("/certificates/register", "security"),
        ("/administration/resets", "security"),
        ("/upkeep/keys", "auditor"),
        ("/register/people", "system"),
        ("/register/organisations", "system"),
        ("/two-person", "system"),
        ("/audit", "auditor"),
        ("/seals", "clerk"),
        ("/seals/new", "clerk"),
        ("/numbers", "clerk"),
        ("/claims", "clerk"),
        ("/organisation", "member"),
        (f"/organisation/members/{town.ids['member']}", "member"),
        ("/organisation/leave", "member"),
        ("/certificates", "member"),
        ("/delegations", "member"),
        *((f"/account{path}", "member") for path in account),
    ]


@pytest.mark.parametrize("language", LOOKS)
def test_every_page_is_whole_and_accessible(town: Town, browser: Browser, language: str) -> None:
    faults: list[str] = []
    visits: dict[str, Page] = {}
    for path, person in walk(town):
        if person not in visits:
            visits[person] = town.sign_in(browser, person, language=language).new_page()
        page = visits[person]
        answer = page.goto(f"{town.url}{path}")
        status = answer.status if answer is not None else 0
        wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
        told = [*([f"answers {status}"] if status != 200 else []), *(["too wide"] if wide else [])]
        told += [f"{page.locator('h1').count()} headings"] if page.locator("h1").count() != 1 else []
        faults += [f"{path}: {one}" for one in (*told, *serious_faults(page))]
    for page in visits.values():
        page.context.close()

    assert faults == []


AMBIGUOUS = {
    "two lengths": "POST /sign-in HTTP/1.1\r\nHost: {host}\r\nContent-Length: 5\r\nContent-Length: 50\r\n\r\nlogin",
    "length and chunks": "POST /sign-in HTTP/1.1\r\nHost: {host}\r\nContent-Length: 4\r\n"
    "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: {host}\r\n\r\n",
    "chunks spelled twice": "POST /sign-in HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked, identity\r\n"
    "\r\n0\r\n\r\n",
    "a folded header": "GET /healthz HTTP/1.1\r\nHost: {host}\r\nX-A: b\r\n Content-Length: 5\r\n\r\n",
    "a blank before the colon": "GET /healthz HTTP/1.1\r\nHost: {host}\r\nContent-Length : 5\r\n\r\n",
    "a NUL in a header": "GET /healthz HTTP/1.1\r\nHost: {host}\r\nX-A: b\0c\r\n\r\n",
}
"""Messages that two servers in a row could read differently (RFC 9112, 6.3)."""

HUGE = {
    "address": "GET /" + 200_000 * "a" + " HTTP/1.1\r\nHost: {host}\r\n\r\n",
    "header": "GET / HTTP/1.1\r\nHost: {host}\r\nX-A: " + 2_000_000 * "a" + "\r\n\r\n",
    "headers": "GET / HTTP/1.1\r\nHost: {host}\r\n" + 5000 * "X-A: a\r\n" + "\r\n",
}
"""Messages that say more about themselves than any browser does."""


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_a_message_that_can_be_read_in_two_ways_is_answered_once_and_refused(town: Town, name: str) -> None:
    assert [status[:1] for status in statuses_of(town, AMBIGUOUS[name])] == [b"4"]


@pytest.mark.parametrize("name", HUGE)
def test_a_huge_message_is_refused_before_anybody_reads_it(town: Town, name: str) -> None:
    assert set(statuses_of(town, HUGE[name])) <= {b"414", b"431"}


def statuses_of(town: Town, message: str) -> list[bytes]:
    """What the site answers to these bytes until it ends the connection, maybe before it has read them all."""
    address, answer = urlsplit(town.url), b""
    assert address.hostname is not None
    with (
        socket.create_connection((address.hostname, address.port or 80), timeout=60) as connection,
        suppress(ConnectionError),
    ):
        connection.sendall(message.format(host=address.netloc).encode())
        with suppress(OSError):  # the site may have ended it already
            connection.shutdown(socket.SHUT_WR)
        while more := connection.recv(65536):
            answer += more
    return re.findall(rb"HTTP/1\.1 (\d{3})", answer)
