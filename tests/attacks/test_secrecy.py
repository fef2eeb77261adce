"""Before the deadline nothing tells who bids or how many (招标投标法 art. 22): tested as a difference.

Two cities are the same but for their bids and askers: nobody bids in one, seven bidders in the other. One question
is the same in both, asked by a visitor here and by a bidder there; the seven have just asked seven more. Everything
that the site can be asked is asked of both, as everybody but those seven, and must be answered with the same bytes
once random ids, times, hashes and signatures are masked; with as many statements to the database, and with
the same lines in the log of the process. Whom the guard turns away before anything is read asks once for all like it,
and so does who sends what no handler of that route is called with. On SQLite, where the code is the same, every
route is asked by a visitor, by the first two who may, and by one who may not.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import inf
from pathlib import Path
from typing import Any

import platforms
import pytest
import scene_city
import structlog
from apps import app_for
from clocks import set_clock
from litestar import Litestar
from litestar.routes import HTTPRoute
from litestar.testing import TestClient
from scene import Scene, build
from sqlalchemy import Engine, event, select, update

from govcore.audit import refusals
from govcore.audit import service as audit
from govcore.db import new_id
from govcore.identity.models import SignInSession, User, UserRole
from govcore.identity.policy import ADMINISTRATORS, Role
from govcore.identity.sessions import open_session
from govcore.module import Registry
from trading.tender.models import Document

TODAY = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
BIDDERS = tuple(f"bidder-{n}" for n in range(1, 8))
WATCHERS = (
    "centre",
    "tenderer",
    "regulator",
    "agency",
    "auditor",
    "expert-1",
    "stranger",
    "bank",
    *sorted(ADMINISTRATORS - {"auditor"}),
)
VISITOR = ""
FEW = 2
"""So many of those who may ask a route do so on SQLite."""

INSTANTS = 12
"""Enough for the log to hold everything that both cities recorded."""

ENDLESS = frozenset({"/api/lots/{lot_id}/opening/stream"})
"""Streams that do not end by themselves; the tests of the hall compare what they send."""

READERS: dict[str, Callable[[bytes], object]] = {
    "/log/tile/{path}": len,
    "/api/log/events": lambda body: sorted(
        re.sub(rb'"index":\d+', b"INDEX", body).strip(b"[{}]").split(b"},{")
    ),
    "/audit": lambda body: body.count(b"/audit/entries/"),
    "/account/second-factor/confirm": lambda body: body.count(b"<h"),
    "/account/recovery-codes": lambda body: body.count(b"<h"),
}
"""Tiles are nothing but hashes; the entries of one instant stand in a random order, and a page shows the first;
codes and their pictures are made anew."""

LEAVING = frozenset({"/sign-out", "/api/session", "/language/{lang}", "/sign-in"})
"""Asking these would end the session of whoever asks."""

MASKS = (
    (re.compile(rb"-----BEGIN ([A-Z ]+)-----.+?-----END \1-----", re.DOTALL), rb"\1"),
    (re.compile(rb"step=[^;]+"), b"STEP"),
    (re.compile(rb'data-(now|until)="\d+"'), rb"\1"),
    (re.compile(rb'"left":\d+'), b"LEFT"),
    (re.compile("剩余 \\d+ 秒".encode()), b"LEFT"),
    (re.compile(rb'(<span class="countdown[^>]*>)[^<]*'), rb"\1"),
    (re.compile(rb'\b(x|x1|x2|cx|width)="\d+(\.\d+)?%"'), rb"\1"),
    (re.compile(rb"%3A"), b":"),
    (re.compile(rb"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|(\+|%2B)00:00)?"), b"TIME"),
    (
        re.compile(rb"\d{4}\xe5\xb9\xb4\d+\xe6\x9c\x88\d+\xe6\x97\xa5(\d+\xe6\x97\xb6)?(\d+\xe5\x88\x86)?"),
        b"DAY",
    ),
    (re.compile(rb"\b\d\d:\d\d:\d\d\b"), b"TIME"),
    (re.compile(rb"\b[A-Z2-7]{4}-[A-Z2-7]{4}\b"), b"NUMBER"),
    (re.compile(rb"[A-Za-z0-9+/_\-]{40,}={0,2}"), b"RANDOM"),
    (re.compile(rb"\b[0-9a-f]{16,64}\b"), b"RANDOM"),
)


class Known(dict[str, str]):
    """Ids by the name of their place in an address; for every other place one that nothing has."""

    def __missing__(self, name: str) -> str:
        return "0" * 32


@dataclass
class Town:
    """One of the two cities, its site, and how much its last answer cost the database."""

    scene: Scene
    http: TestClient[Litestar]
    tokens: dict[str, str]
    ids: Known
    statements: list[str] = field(default_factory=list)

    def inquire(self, text: str, person: str) -> None:
        """Ask about the tender, without an account or with one."""
        self.http.cookies.clear()
        if person:
            self.http.cookies.set("session", self.scene.city.tokens[person])
        path = f"/api/tenders/{self.scene.city.tender_id}/questions"
        assert self.http.post(path, json={"text": text}).status_code == 201

    def ask(self, method: str, path: str, person: str) -> dict[str, Any]:
        """What can be seen of one answer, and what it cost."""
        self.statements.clear()
        self.http.cookies.clear()
        if person:
            self.http.cookies.set("session", self.tokens[person])
        address = path.format_map(self.ids)
        body = {} if method == "GET" else {"json": {}}
        kind = "application/json" if path.startswith("/api") else "text/html"
        plain = {"accept": kind, "accept-encoding": "identity"}
        with structlog.testing.capture_logs() as lines:
            answer = self.http.request(method, address, headers=plain, follow_redirects=False, **body)
        return {
            "status": answer.status_code,
            "headers": sorted(
                (n, mask(v.encode())) for n, v in answer.headers.items() if n != "content-length"
            ),
            "body": seen(path, answer.content),
            "statements": list(self.statements),
            "log lines": lines,
        }


def seen(path: str, body: bytes) -> object:
    """What one body tells; of an archive how much is in it, for its files are random or compared elsewhere."""
    if body.startswith(b"PK"):
        return len(zipfile.ZipFile(io.BytesIO(body)).namelist())
    return READERS.get(path, bytes.splitlines)(mask(body))


def mask(data: bytes) -> bytes:
    for pattern, stand_in in MASKS:
        data = pattern.sub(stand_in, data)
    return data


@pytest.fixture
def towns(
    registry: Registry, make_database: Callable[[bool], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Town, Town]]:
    """A quiet town and a busy one, the same instants of the log behind them."""
    for n in range(5, 8):
        name = f"bidder-{n}"
        monkeypatch.setitem(scene_city.ORGANISATIONS, name, (f"第{n}建设有限公司", f"91371500MA0000001{n}"))
        monkeypatch.setitem(scene_city.PEOPLE, name, (name, (Role.BIDDER,)))
    monkeypatch.setattr(scene_city, "BIDDERS", BIDDERS)
    monkeypatch.setattr(
        refusals, "FEW", 0
    )  # the first few of a minute cost an entry: two towns' minutes differ
    with ExitStack() as stack:
        quiet, busy = [
            stack.enter_context(town(make_database(True), tmp_path / name)) for name in ("quiet", "busy")
        ]
        for one, asker in ((quiet, VISITOR), (busy, "bidder-1")):
            one.inquire("图纸是否提供电子版？", asker)
            one.scene.move_clock(minutes=31)
        for bidder in BIDDERS:  # within the half hour that agency and tenderer do not see yet
            busy.inquire(f"{bidder} 能否提前进场？", bidder)
        busy.scene.submit_all(*BIDDERS)
        busy.scene.withdraw("bidder-7", busy.scene.seal("bidder-7"))
        for n in range(1, INSTANTS + 1):
            for one in (quiet, busy):
                grow_log(one.scene, TODAY + timedelta(minutes=40, seconds=n))
        for one in (quiet, busy):
            write_no_use(one.scene)
            one.ask("GET", "/account", "centre")  # a process reads once what the roles may do
        yield quiet, busy


@contextmanager
def town(url: str, folder: Path) -> Iterator[Town]:
    platform = platforms.found(platforms.settings_for(url, folder / "data"))
    set_clock(platform.db, TODAY)
    with TestClient(app_for(platform, name=folder.name), base_url="http://site.example") as http:
        scene = build(platform, http, folder / "scene")
        statements: list[str] = []
        platform.history.every = inf  # a look goes by the clock, whoever is the next to write
        for engine in {platform.db.engine, platform.db._reader}:
            count_statements(engine, statements)
        yield Town(scene, http, scene.city.tokens | staff(scene), ids_of(scene), statements)
    platform.db.dispose()


def count_statements(engine: Engine, into: list[str]) -> None:
    @event.listens_for(engine, "before_cursor_execute")
    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        into.append(statement)


def staff(scene: Scene) -> dict[str, str]:
    """The roles that the scene has nobody for."""
    tokens = {}
    with scene.platform.db.transaction() as tx:
        for role in (Role.BANK, *sorted(ADMINISTRATORS - {Role.AUDITOR})):
            tx.add(User(id=role, username=role, name=role, org_id="academy", password_hash="none"))
            tx.flush()
            tx.add(UserRole(user_id=role, role=role))
            tx.flush()
            tokens[role.value] = open_session(tx, user_id=role, at=scene.now())
    return tokens


def write_no_use(scene: Scene) -> None:
    """A session's last use is written by the minute: not one of the two towns may pass one alone."""
    with scene.platform.db.transaction() as tx:
        tx.execute(update(SignInSession).values(seen_at=scene.now() + timedelta(days=1)))


def ids_of(scene: Scene) -> Known:
    """What stands in the addresses: the open lot and its tender where it fits, else something unknown."""
    with scene.platform.db.read() as tx:
        document = tx.query(Document).first()
    known = {
        "lot_id": scene.lot,
        "tender_id": scene.city.tender_id,
        "document_id": document.id if document else new_id(),
        "sha256": scene.city.signers["tenderer"].keyid,
        "act": "opening.conclude",
        "object_id": scene.lot,
        "key": "centre",
        "name": "bid.submit",
        "number": "1",
        "index": "999999999",
        "n": "0",
        "part": "summary",
        "lang": "en",
        "path": "0/000",
        "file_path": "app.css",
    }
    return Known(known)


def grow_log(scene: Scene, at: datetime) -> None:
    settings = scene.platform.settings
    with scene.platform.db.transaction() as tx:
        audit.integrate(
            tx,
            at=at,
            signer=scene.platform.keys.log_signer,
            origin=settings.log_origin,
            bucket=settings.log_bucket,
            interval=timedelta(seconds=settings.log_interval),
        )


def questions(town: Town, *, most: int) -> Iterator[tuple[str, str, list[str]]]:
    """Every route of the site with each of its methods, and who asks it, at most so many of those who may.

    Those are all who hold its permission, the visitor, and of all whom the guard turns away at the door the first:
    where a route wants a fresh sign-in that is everybody, for nobody here has one.
    """
    registry = town.scene.platform.registry
    held = {person: registry.permissions_of(roles) for person, roles in roles_of(town.scene).items()}
    for route in town.http.app.routes:
        if not isinstance(route, HTTPRoute) or route.path_format in ENDLESS | LEAVING:
            continue
        if route.path_format.startswith(("/static", "/schema")):
            continue
        for handler in route.route_handlers:
            permission = handler.opt.get("permission", "public")
            public, fresh = permission == "public", handler.opt.get("fresh", False)
            may = [name for name in WATCHERS if not fresh and (public or permission in held[name])]
            turned_away = [name for name in WATCHERS if name not in may][:1]
            for method in sorted(handler.http_methods - {"OPTIONS", "HEAD"}):
                yield method, route.path_format, [VISITOR, *may[:most], *turned_away]


def unread(answer: dict[str, Any]) -> bool:
    """Whether nothing was read for an answer but who asks."""
    return len([one for one in answer["statements"] if "SELECT" in one]) <= 1


def apart(without: object, with_seven: object) -> object:
    """What only one of the two says: of lists, the first lines of each."""
    if not isinstance(without, list) or not isinstance(with_seven, list):
        return without, with_seven
    return [one for one in without if one not in with_seven][:3], [
        one for one in with_seven if one not in without
    ][:3]


def roles_of(scene: Scene) -> dict[str, frozenset[str]]:
    with scene.platform.db.read() as tx:
        held = tx.execute(select(UserRole.user_id, UserRole.role)).all()
    return {name: frozenset(role for user_id, role in held if user_id == name) for name in WATCHERS}


def test_nothing_differs_between_no_bid_and_seven(towns: tuple[Town, Town], backend: str) -> None:
    differences, asked = [], 0
    everybody = backend == "postgresql"
    for method, path, people in questions(towns[0], most=len(WATCHERS) if everybody else FEW):
        for person in people:
            without, with_seven = (town.ask(method, path, person) for town in towns)
            asked += 1
            differences += [
                f"{method} {path} as {person or 'visitor'}: {what}: {apart(without[what], with_seven[what])}"
                for what in without
                if without[what] != with_seven[what]
            ]
            if person and without["status"] == 422 and unread(without) and unread(with_seven):
                break

    assert differences == []
    assert asked > (2000 if everybody else 1000)


def test_the_difference_is_seen_by_those_who_bid(towns: tuple[Town, Town]) -> None:
    answers = [town.ask("GET", "/api/lots/{lot_id}/my-bid", "bidder-1")["status"] for town in towns]

    assert answers == [404, 200]


def test_after_the_closing_the_auditor_reads_what_was_withheld(scene: Scene) -> None:
    scene.submit_all()
    scene.withdraw("bidder-3", scene.seal("bidder-3"))
    before = logged(scene)
    for lot in scene.city.lots:
        scene.close(lot)
    after = logged(scene)

    assert (before.count("bid.submitted"), before.count("bid.withdrawn")) == (0, 0)
    assert (after.count("bid.submitted"), after.count("bid.withdrawn")) == (3, 1)


def logged(scene: Scene) -> list[str]:
    """What the auditor reads in the log, from its beginning."""
    auditor, types, start = scene.person("auditor"), [], 0
    while page := auditor.get(f"/api/log/events?start={start}"):
        types += [json.loads(entry["event"])["type"] for entry in page]
        start = page[-1]["index"] + 1
    return types
