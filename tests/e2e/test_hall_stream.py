"""The hall's stream over a real server: one history for all, what was missed on return, an end with the right to it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import pytest
from running import bare_site
from scene import Scene, build
from scene_facts import verdict
from sqlalchemy import delete

from govcore.identity.models import SignInSession
from govcore.identity.policy import Role
from govcore.identity.queries import actor_of_user
from govcore.identity.service import register_user
from govcore.identity.sessions import open_session, token_hash
from trading.opening import participation

HOSTS = ("agency", "tenderer", "centre", "regulator")


@dataclass(frozen=True, slots=True)
class Message:
    event: str
    id: str
    data: str


class Stream:
    """What a reader's browser hears, message by message."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._lines = response.iter_lines()

    def read(self) -> Message | None:
        """The next message that says something; nothing when the stream has ended."""
        fields: dict[str, list[str]] = {}
        for line in self._lines:
            if line:
                name, _, value = line.partition(": ")
                fields.setdefault(name, []).append(value)
            elif "event" in fields:
                return Message(fields["event"][0], fields.get("id", [""])[0], "\n".join(fields["data"]))
            else:
                fields = {}
        return None

    def facts(self, count: int) -> list[tuple[str, str, str]]:
        """The next facts: number, kind and organisation; screens in between are passed over."""
        found: list[tuple[str, str, str]] = []
        while len(found) < count:
            message = self.read()
            assert message is not None, found
            if message.event == "fact":
                fact = json.loads(message.data)
                found.append((message.id, fact["kind"], fact["data"]["organisation"]))
        return found

    def until(self, event: str) -> Message:
        while (message := self.read()) is not None:
            if message.event == event:
                return message
        raise AssertionError(f"no {event}")


@dataclass(frozen=True, slots=True)
class Served:
    """The scene's database behind two web processes."""

    scene: Scene
    url: str

    @contextmanager
    def stream(self, lot: int, person: str = "", *, after: int = 0, last: str = "") -> Iterator[Stream]:
        cookie = {"cookie": f"session={self.scene.city.tokens[person]}"} if person else {}
        headers = {**cookie, **({"last-event-id": last} if last else {})}
        address = f"{self.url}/api/lots/{self.scene.city.lots[lot]}/opening/stream?after={after}"
        with httpx.Client(timeout=60) as http, http.stream("GET", address, headers=headers) as response:
            yield Stream(response)

    def sign_in(self, lot: int, *people: str) -> None:
        for person in people:
            with self.scene.platform.db.transaction() as tx:
                actor = actor_of_user(tx, person)
                participation.sign_in(tx, self.scene.city.lots[lot], actor=actor, at=self.scene.now())


@pytest.fixture(scope="module", params=("sqlite", "postgresql"))
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder, variables = tmp_path_factory.mktemp("hall"), {"TRADING_WEB_WORKERS": "2"}
    if request.param == "postgresql":
        variables["TRADING_DATABASE_URL"] = request.getfixturevalue("postgresql_databases")(False)
    with bare_site(folder, **variables) as bare, httpx.Client(base_url=bare.url, timeout=60) as http:
        bare.site.start("web")
        yield Served(build(bare.platform, http, folder / "scene"), bare.url)


def test_all_hear_one_history_and_who_returns_what_was_missed(served: Served) -> None:
    told = [
        (str(n), "opening.attended", name)
        for n, name in enumerate(
            (
                "临湖市正衡招标代理有限公司",
                "临湖市水利工程建设中心",
                "临湖市公共资源交易中心",
                "临湖市水利局",
            ),
            1,
        )
    ]

    with served.stream(0, "agency") as agency, served.stream(0) as visitor:
        served.sign_in(0, *HOSTS[:2])
        heard = (agency.facts(2), visitor.facts(2))
        screens = (agency.until("screen").data, visitor.until("screen").data)
    served.sign_in(0, *HOSTS[2:])
    with served.stream(0, "agency", last="2") as again, served.stream(0, after=3) as late:
        missed = (again.facts(2), late.facts(1))
        screen = again.until("screen").data

    assert heard == (told[:2], told[:2])
    assert without_countdowns(screens[0]) == without_countdowns(screens[1])
    assert missed == (told[2:], told[3:])
    assert [name in screen for _, _, name in told] == [True] * 4
    headers = again.response.headers
    assert headers["content-type"].startswith("text/event-stream")
    assert (headers["cache-control"], headers.get("content-encoding")) == ("no-store", None)


def without_countdowns(screen: str) -> str:
    """The screen without the seconds left when each process drew it; the browser counts on from its own."""
    return re.sub(r'(<span class="countdown[^>]*>)[^<]*', r"\1", screen)


def end_session(served: Served, person: str) -> None:
    with served.scene.platform.db.transaction() as tx:
        digest = token_hash(served.scene.city.tokens[person])
        tx.execute(delete(SignInSession).where(SignInSession.token_sha256 == digest))


def take_role(served: Served, person: str) -> int:
    """As the security administrator does, over the site's API."""
    with served.scene.platform.db.transaction() as tx:
        at = served.scene.now()
        giver = register_user(
            tx,
            username="security",
            name="安全管理员",
            password="correct horse battery",
            org_id=None,
            roles=[Role.SECURITY_ADMIN],
            actor="system",
            at=at,
        )
        cookie = {"cookie": f"session={open_session(tx, user_id=giver.id, at=at)}"}
    with httpx.Client(base_url=served.url, headers=cookie, timeout=60) as http:
        address = f"/api/people/{person}/roles/custodian"
        return http.request("DELETE", address, json={"reason": "岗位调整"}).status_code


def test_a_stream_ends_with_its_session_or_with_a_right_and_goes_on_for_everybody_else(
    served: Served,
) -> None:
    with (
        served.stream(1, "centre") as centre,
        served.stream(1, "regulator") as regulator,
        served.stream(1) as other,
    ):
        served.sign_in(1, "agency")
        for stream in (centre, regulator, other):
            assert [number for number, _, _ in stream.facts(1)] == ["1"]

        end_session(served, "centre")
        assert take_role(served, "regulator") == 204

        for stream in (centre, regulator):
            assert stream.until("ended").data
            assert stream.read() is None
        served.sign_in(1, "tenderer")
        assert other.facts(1) == [("2", "opening.attended", "临湖市水利工程建设中心")]
    with served.stream(1, "centre") as refused:
        refused.response.read()
        assert verdict(refused.response.json()) == (401, "E_SIGN_IN")
    with served.stream(1, "regulator") as returned:
        assert len(returned.facts(2)) == 2
