"""The log over HTTP, on the command line, and by the worker's sweeps."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from celery import Celery, current_app
from click.testing import CliRunner
from litestar.testing import TestClient
from log_factories import TRADE, proves
from sqlalchemy import text
from structlog.testing import capture_logs

from govcore import clock, vault
from govcore import platform as platform_module
from govcore.audit import queries, service, tasks
from govcore.audit.cli import audit
from govcore.audit.entries import parse_time
from govcore.audit.module import MODULE
from govcore.audit.policy import ClockReading
from govcore.audit.tiles import tiles_of
from govcore.audit.trust import Trust
from govcore.audit.verify import verify_log
from govcore.db import Base, Database
from govcore.i18n import Catalogue
from govcore.identity.module import MODULE as IDENTITY
from govcore.identity.policy import ADMINISTRATORS, Role
from govcore.identity.service import register_organisation, register_user
from govcore.identity.sessions import open_session
from govcore.keys import create_kek, load_kek
from govcore.module import build_registry
from govcore.platform import Platform
from govcore.settings import Settings
from govcore.storage import Store
from govcore.web.app import create_app


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Platform]:
    """A platform of the log and of identity on SQLite, which is also this process's."""
    data = tmp_path / "data"
    environ = {"TRADING_DATA": str(data), "TRADING_DEMO": "1", "TRADING_LOG_INTERVAL": "1"}
    settings = Settings.from_environ(environ)
    create_kek(settings.kek_file)
    registry = build_registry([MODULE, IDENTITY, TRADE])
    info = {"registry": registry, "settings": settings, "clock_offset": timedelta(0)}
    here = Platform(
        settings=settings,
        db=Database(settings.database_url, info=info),
        store=Store(settings.store_url),
        registry=registry,
        wrapper=load_kek(settings.kek_file),
        catalogue=Catalogue.load([]),
    )
    Base.metadata.create_all(here.db.engine)
    with here.db.transaction() as tx:
        vault.create_missing(tx, here.wrapper)
    monkeypatch.setattr(platform_module, "current", lambda: here)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    yield here
    here.db.dispose()


@pytest.fixture
def client(here: Platform) -> Iterator[TestClient]:
    with TestClient(create_app(here)) as client:
        yield client


def bid(here: Platform) -> service.Leaf:
    with here.db.transaction() as tx:
        return service.record(tx, "bid.received", subject="b-1", actor="u-1", at=clock.now(tx), data={})


def pass_time(here: Platform, seconds: int = 2) -> None:
    here.db.info["clock_offset"] += timedelta(seconds=seconds)
    tasks.integrate()


def session_of(here: Platform, role: Role) -> dict[str, str]:
    with here.db.transaction() as tx:
        now = clock.now(tx)
        organisation = register_organisation(tx, uscc="91110000600037341L", name="甲", actor="system", at=now)
        user = register_user(
            tx,
            username=role,
            name="张三",
            password="correct horse",
            org_id=organisation.id,
            roles=[role],
            actor="system",
            at=now,
        )
        return {"cookie": f"session={open_session(tx, user_id=user.id, at=now)}"}


def test_before_the_first_instant_there_is_no_checkpoint(client: TestClient) -> None:
    assert client.get("/log/checkpoint").status_code == 404


def test_the_log_is_served_as_tlog_tiles(here: Platform, client: TestClient) -> None:
    bid(here)
    pass_time(here)

    checkpoint = client.get("/log/checkpoint")
    bundle = client.get("/log/tile/entries/000.p/64")

    assert checkpoint.headers["content-type"] == "text/plain; charset=utf-8"
    assert checkpoint.headers["cache-control"] == "no-cache, no-transform"
    assert checkpoint.text.split("\n")[:2] == ["trading.example/log/2026", "64"]
    assert bundle.headers["content-type"] == "application/octet-stream"
    assert bundle.headers["cache-control"] == "public, max-age=31536000, immutable, no-transform"
    with here.db.read() as tx:
        for ref in tiles_of(64):
            assert client.get(f"/log/{ref.path}").content == queries.tile_bytes(tx, ref.path)
    assert client.get("/log/tile/entries/000").status_code == 404
    assert client.get("/log/tile/0/000.p/65").status_code == 404
    assert client.get("/log/tile/0/nothing").status_code == 404


def test_the_public_log_verifies_through_http(here: Platform, client: TestClient) -> None:
    for _ in range(5):
        bid(here)
        pass_time(here)

    def read(path: str) -> bytes | None:
        answer = client.get(f"/log/{path}")
        return answer.content if answer.status_code == 200 else None

    report = verify_log(read, Trust())

    assert report.ok
    assert report.size == 5 * 64


def test_a_receipts_leaf_is_proved_when_the_log_holds_it_and_shows_nothing(
    here: Platform, client: TestClient
) -> None:
    leaf = bid(here)
    waiting, unknown = client.get(f"/api/log/proof/{leaf.hash}"), client.get(f"/api/log/proof/{'00' * 32}")
    pass_time(here)

    proof = client.get(f"/api/log/proof/{leaf.hash}")

    assert (waiting.status_code, waiting.json()) == (404, unknown.json())
    assert proves(proof.text, bytes.fromhex(leaf.hash))
    assert "extra" not in proof.text
    assert client.get("/api/log/proof/xyz").status_code == 404


def test_only_auditors_read_the_events(here: Platform, client: TestClient) -> None:
    leaf = bid(here)
    auditor = session_of(here, Role.AUDITOR)
    pass_time(here)

    assert client.get("/api/log/events").status_code == 401
    events = client.get("/api/log/events", headers=auditor).json()

    assert [event["index"] for event in events] == list(range(64))
    (mine,) = [event for event in events if event["leaf"] == leaf.hash]
    assert json.loads(mine["event"])["type"] == "bid.received"


@pytest.mark.parametrize("role", sorted(ADMINISTRATORS - {Role.AUDITOR}))
def test_other_administrators_cannot_read_the_events(here: Platform, client: TestClient, role: Role) -> None:
    admin = session_of(here, role)

    assert client.get("/api/log/events", headers=admin).status_code == 403


def test_a_clock_that_was_set_forward_is_told_and_logged_once(here: Platform) -> None:
    object.__setattr__(here.settings, "demo", False)
    tasks._read.clear()
    tasks.integrate()
    here.db.info["clock_offset"] += timedelta(hours=1)

    with capture_logs() as lines:
        tasks.integrate()
        tasks.integrate()

    with here.db.read() as tx:
        [logged] = queries.of_type(tx, "log.clock_set_forward")
    told = [line["seconds"] for line in lines if line["event"] == "log.clock_set_forward"]
    assert [3590 < one < 3610 for one in told] == [True]
    apart = parse_time(logged["data"]["clock"]) - parse_time(logged["data"]["before"])
    assert timedelta(minutes=59) < apart < timedelta(minutes=61)


@pytest.mark.parametrize(
    ("seconds", "answered", "ahead"),
    [(10, 9.5, None), (11.5, 9.5, None), (11.6, 9.5, 2.1), (100, 9.5, 90.5), (-60, 9.5, None)],
)
def test_a_clock_is_ahead_when_it_went_further_than_time_can_have_passed(
    seconds: float, answered: float, ahead: float | None
) -> None:
    before = datetime(2026, 3, 2, tzinfo=UTC)
    first = ClockReading(before, 0.0, 0.2)

    later = ClockReading(before + timedelta(seconds=seconds), 9.0, answered)

    assert later.ahead_of(first) == (None if ahead is None else timedelta(seconds=ahead))


def test_the_sweep_grows_the_log_once_an_instant(here: Platform) -> None:
    pass_time(here)
    tasks.integrate()
    pass_time(here)

    with here.db.read() as tx:
        heads = [head.size for head in queries.checkpoints(tx)]
    assert heads[0] == 64
    assert len(heads) <= 3


def test_an_alarm_rings_when_entries_wait_for_half_of_their_promise(here: Platform) -> None:
    """An instant has 63 places: the last of 400 acts at once wait for the seventh."""
    with here.db.transaction() as tx:
        at = clock.now(tx)
        for _ in range(400):
            service.record(tx, "bid.received", subject="b-1", actor="u-1", at=at, data={})
    with here.db.read() as tx:
        half = timedelta(seconds=5)
        early, due = (queries.health(tx, at=at + wait) for wait in (half - timedelta(milliseconds=1), half))

    with capture_logs() as lines:
        for _ in range(7):
            pass_time(here, seconds=1)

    assert (early.promises_at_risk, due.promises_at_risk) == (False, True)
    assert {(line["event"], line["log_level"]) for line in lines} == {("log.promise_at_risk", "error")}
    with here.db.read() as tx:
        assert queries.oldest_waiting(tx) is None
        assert [head.size for head in queries.checkpoints(tx)] == [64 * n for n in range(1, 8)]


def test_a_clock_that_was_set_back_is_told_and_logged_once(here: Platform) -> None:
    pass_time(here, seconds=100)
    with capture_logs() as lines:
        pass_time(here, seconds=-60)
        tasks.integrate()
    pass_time(here, seconds=60 + 2)

    with here.db.read() as tx:
        told = [event for event in queries.all_events(tx, below=1000) if event.type == "log.clock_set_back"]
        instants = [head.instant for head in queries.checkpoints(tx)]
    assert {line["event"] for line in lines} == {"log.clock_set_back"}
    assert len(told) == 1
    assert instants == sorted(instants)


def test_an_owed_task_is_done_again_until_it_succeeds(here: Platform) -> None:
    app = Celery("test", broker="memory://")
    app.set_current()
    ran: list[str] = []

    @app.task(name="opening.begin")
    def begin(*, subject: str) -> None:
        ran.append(subject)
        if len(ran) == 1:
            raise RuntimeError("power cut")

    with here.db.transaction() as tx:
        service.record(tx, "tender.closed", subject="lot-1", actor="system", at=clock.now(tx), data={})
        (owed,) = queries.due_deliveries(tx, at=clock.now(tx), limit=9)

    with pytest.raises(RuntimeError, match="power cut"):
        tasks.run(delivery=owed.id)
    tasks.run(delivery=owed.id)
    tasks.run(delivery=owed.id)

    assert ran == ["lot-1", "lot-1"]


def test_a_task_that_nobody_does_here_stays_owed(here: Platform) -> None:
    Celery("test", broker="memory://").set_current()
    here.db.info["registry"] = replace(here.registry, subscribers={"tender.closed": ("gone.module",)})
    with here.db.transaction() as tx:
        service.record(tx, "tender.closed", subject="lot-1", actor="system", at=clock.now(tx), data={})
        (owed,) = queries.due_deliveries(tx, at=clock.now(tx), limit=9)

    tasks.run(delivery=owed.id)

    with here.db.read() as tx:
        assert queries.open_delivery(tx, owed.id) == owed


def test_the_sweep_rings_once_for_an_owed_task(here: Platform) -> None:
    app = Celery("test", broker="memory://")
    app.set_current()
    with here.db.transaction() as tx:
        service.record(tx, "tender.closed", subject="lot-1", actor="system", at=clock.now(tx), data={})

    tasks.deliver()
    tasks.deliver()

    with current_app.connection_for_read() as connection:
        queue = connection.SimpleQueue("celery")
        message = queue.get(block=False)
        assert message.headers["task"] == "outbox.run"
        with pytest.raises(queue.Empty):
            queue.get(block=False)


def test_the_command_checks_the_current_data_folder(here: Platform) -> None:
    bid(here)
    pass_time(here)

    shown = CliRunner().invoke(audit, ["verify"])
    as_json = json.loads(CliRunner().invoke(audit, ["verify", "--json"]).output)

    assert shown.exit_code == 0
    assert shown.output.splitlines()[0] == f"Checked the database of {here.settings.data}: 64 entries."
    assert shown.output.splitlines()[-1] == "The log is in order."
    assert "not protected against the holder of the log key" in shown.output
    assert (as_json["ok"], as_json["size"], len(as_json["checks"])) == (True, 64, 9)


def test_the_command_checks_an_export_and_fails_for_a_spoilt_one(here: Platform, tmp_path: Path) -> None:
    bid(here)
    pass_time(here)
    folder = tmp_path / "log"
    written = CliRunner().invoke(audit, ["export", str(folder)])
    assert (written.exit_code, written.output) == (0, f"64 entries written to {folder}\n")
    assert CliRunner().invoke(audit, ["verify", str(folder)]).exit_code == 0
    (folder / "tile/0/000.p/64").write_bytes(bytes(64 * 32))

    spoilt = CliRunner().invoke(audit, ["verify", str(folder)])

    assert spoilt.exit_code == 1
    assert "FAIL  tiles: entry 0 does not have the hash that tile/0/000.p/64 gives it" in spoilt.output


def test_a_public_export_holds_no_event(here: Platform, tmp_path: Path) -> None:
    bid(here)
    pass_time(here)

    CliRunner().invoke(audit, ["export", "--public", str(tmp_path / "log")])

    names = {path.name for path in (tmp_path / "log").rglob("*") if path.is_file()}
    assert names == {"checkpoint", "checkpoints.jsonl", "policy", "vkey", "64"}
    assert b"bid.received" not in b"".join(
        path.read_bytes() for path in (tmp_path / "log").rglob("*") if path.is_file()
    )


def test_the_command_checks_an_address(here: Platform, tmp_path: Path) -> None:
    bid(here)
    pass_time(here)
    CliRunner().invoke(audit, ["export", "--public", str(tmp_path / "log")])
    with file_server(tmp_path) as address:
        good = CliRunner().invoke(audit, ["verify", f"{address}/log"])
        bad = CliRunner().invoke(audit, ["verify", f"{address}/other"])

    assert good.exit_code == 0
    assert good.output.splitlines()[0] == f"Checked {address}/log: 64 entries."
    assert (bad.exit_code, "FAIL  checkpoints: checkpoint is missing" in bad.output) == (1, True)


@contextmanager
def file_server(folder: Path) -> Iterator[str]:
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def test_the_command_says_when_there_is_nothing_to_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRADING_DATA", str(tmp_path))
    monkeypatch.delenv("TRADING_DATABASE_URL", raising=False)

    nothing = CliRunner().invoke(audit, ["verify"])
    nowhere = CliRunner().invoke(audit, ["verify", str(tmp_path / "missing")])

    assert (nothing.exit_code, nothing.output) == (
        1,
        f"Error: there is no log in {tmp_path}: name a folder or an address\n",
    )
    assert nowhere.exit_code == 2


def test_a_tampered_database_is_caught(here: Platform) -> None:
    bid(here)
    pass_time(here)
    with here.db.transaction() as tx:
        tx.execute(text("DROP TRIGGER log_event_update"))
        tx.execute(text("UPDATE log_event SET event = CAST(x'ff' || event AS BLOB)"))

    result = CliRunner().invoke(audit, ["verify"])

    assert result.exit_code == 1
    assert "FAIL  events: entry" in result.output
