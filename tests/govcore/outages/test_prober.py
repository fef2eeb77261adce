"""A prober measures a real application and a dead address, signs, hands in; the platform believes nobody else."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from apps import app_for
from click.testing import CliRunner
from litestar.testing import TestClient
from sqlalchemy import select

from govcore import clock, keyfiles
from govcore.audit.models import LogOutbox
from govcore.audit.note import ED25519, parse_vkey
from govcore.outages import queries
from govcore.outages.policy import Span
from govcore.outages.service import ReportNotNext, take_report
from govcore.platform import Platform
from govcore.prober.cli import make, probe
from govcore.prober.memory import Memory
from govcore.prober.probing import Prober
from govcore.settings import Settings, SettingsError

DEAD = "http://127.0.0.1:1"
NAME = "regulator.example/prober"


class Clock:
    """The prober's clock, moved by hand."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "prober"


@pytest.fixture
def settings(settings: Settings, folder: Path) -> Settings:
    return replace(settings, probers=(parse_vkey(make(folder, name=NAME, site=DEAD)),))


@pytest.fixture
def site(platform: Platform) -> Iterator[TestClient[object]]:
    with TestClient(app_for(platform), raise_server_exceptions=False) as client:
        yield client  # type: ignore[misc]


@pytest.fixture
def prober(platform: Platform, site: httpx.Client, folder: Path) -> Prober:
    with platform.db.read() as tx:
        began = clock.now(tx) - timedelta(hours=2)
    key = keyfiles.load(folder, kind=ED25519, whose="prober", command="trading probe init")
    return Prober(NAME, str(site.base_url), 5, key, Memory(folder), site, Clock(began))


def go(prober: Prober, rounds: int, *, dead: bool = False) -> None:
    """So many rounds, five seconds apart; to a dead address the connections are really refused."""
    now = prober.clock
    assert isinstance(now, Clock)
    with httpx.Client() as line:
        asks = replace(prober, client=line, site=DEAD) if dead else prober
        for _ in range(rounds):
            asks.measure()
            now.now += timedelta(seconds=5)


def measured(platform: Platform) -> queries.Measured:
    with platform.db.read() as tx:
        until = clock.now(tx)
        return queries.measured(tx, since=until - timedelta(days=1), until=until)


def logged(platform: Platform) -> list[dict[str, str]]:
    with platform.db.read() as tx:
        told = [json.loads(event) for event in tx.scalars(select(LogOutbox.event))]
    return [one["data"] for one in told if one["type"] == "outage.measured"]


def test_an_outage_is_measured_signed_handed_in_and_logged(platform: Platform, prober: Prober) -> None:
    go(prober, 3)
    began = prober.clock()
    go(prober, 4, dead=True)
    ended = prober.clock()
    go(prober, 2)
    prober.report()

    assert prober.hand_in()

    seen = measured(platform)
    assert seen.spans == [Span(began, ended)]
    assert {(one.surface, one.why) for one in seen.outages} == {
        ("site", "ConnectError"),
        ("upload", "ConnectError"),
        ("submit", "ConnectError"),
    }
    times = {"began": began.isoformat(), "ended": ended.isoformat()}
    assert sorted(logged(platform), key=lambda one: one["surface"]) == [
        {"prober": NAME, "surface": surface, **times} for surface in ("site", "submit", "upload")
    ]


def test_only_what_does_not_answer_is_out(platform: Platform, prober: Prober) -> None:
    store = Path(platform.settings.store_url.removeprefix("file://"))
    go(prober, 2)
    began = prober.clock()
    shutil.move(store, store.with_name("away"))
    go(prober, 3)
    shutil.move(store.with_name("away"), store)
    ended = prober.clock()
    go(prober, 1)
    prober.report()
    prober.hand_in()

    assert [(one.surface, one.span, one.why) for one in measured(platform).outages] == [
        ("upload", Span(began, ended), "HTTP 500")
    ]


def test_an_outage_grows_over_reports_and_a_silent_prober_is_no_outage(
    platform: Platform, prober: Prober
) -> None:
    go(prober, 2)
    began = prober.clock()
    for _ in range(3):
        go(prober, 2, dead=True)
        prober.report()
    last = prober.clock()
    assert isinstance(prober.clock, Clock)
    prober.clock.now += timedelta(minutes=10)
    again = prober.clock()
    go(prober, 2)
    prober.report()
    prober.hand_in()

    seen = measured(platform)
    failed = last - timedelta(seconds=5)
    assert seen.spans == [Span(began, failed)]
    assert seen.unknown[0] == Span(failed, again)


def test_reports_are_taken_in_order_once(platform: Platform, prober: Prober) -> None:
    for _ in range(3):
        go(prober, 2)
        prober.report()
    first, second, third = (envelope.encode() for _, envelope in prober.memory.to_hand_in())
    known = {key.name: key for key in platform.settings.probers}

    def take(raw: bytes) -> int:
        with platform.db.transaction() as tx:
            return take_report(tx, raw, known, at=clock.now(tx))

    with pytest.raises(ReportNotNext) as early:
        take(second)
    answers = [take(raw) for raw in (first, first, second, third, first)]

    assert early.value.data == {"next": 1}
    assert answers == [2, 2, 3, 4, 4]
    assert prober.hand_in()
    assert prober.memory.to_hand_in() == []


def test_nobody_reports_in_a_probers_name_nor_from_the_future(
    platform: Platform, prober: Prober, tmp_path: Path
) -> None:
    make(tmp_path / "other", name=NAME, site=prober.site)
    other = keyfiles.load(tmp_path / "other", kind=ED25519, whose="prober", command="init")
    ahead = datetime.now(UTC) + timedelta(minutes=5)
    forged = replace(prober, signer=other, memory=Memory(tmp_path / "other"))
    stranger = replace(forged, name="stranger.example/prober")
    (tmp_path / "new").mkdir()
    early = replace(prober, memory=Memory.create(tmp_path / "new"), clock=Clock(ahead))
    refusals = []
    for one in (forged, stranger, early):
        go(one, 3, dead=True)
        one.report()
        *_rest, (_, envelope) = one.memory.to_hand_in()
        answer = prober.client.post("/api/probe-reports", json={"envelope": envelope})
        refusals.append((answer.status_code, answer.json()["code"]))

    assert refusals == [(422, "E_SIGNATURE"), (422, "E_PROBE_REPORT"), (422, "E_PROBE_REPORT")]
    assert (measured(platform).outages, measured(platform).unknown) == ([], [])


def test_the_page_shows_outages_unmeasured_time_and_the_prober(platform: Platform, prober: Prober) -> None:
    empty = prober.client.get("/outages", headers={"cookie": "lang=en"}).text
    go(prober, 2)
    go(prober, 4, dead=True)
    go(prober, 2)
    prober.report()
    prober.hand_in()

    english = prober.client.get("/outages", headers={"cookie": "lang=en"}).text
    chinese = prober.client.get("/outages", headers={"cookie": "lang=zh"}).text
    report = prober.client.get("/api/probe-reports/1", params={"prober": NAME})
    listed = prober.client.get("/api/outages").json()

    assert "not heard yet" in empty
    assert "Submission of bids" in english
    assert "0:00:20" in english
    assert "投标递交" in chinese
    assert "In these times no prober measured" in english  # of the two hours since
    assert report.text == prober.memory.all_reports()[0]
    assert [one["seconds"] for one in listed["outages"]] == [20, 20, 20]


def test_the_command_keeps_key_and_memory_together(folder: Path, site: httpx.Client) -> None:
    made = CliRunner().invoke(probe, ["init", str(folder), "--name", NAME, "--site", "http://x.example"])
    ran = CliRunner().invoke(probe, ["run", str(folder), "--rounds", "1"])
    shown = CliRunner().invoke(probe, ["show", str(folder)])
    (folder / "memory.sqlite3").unlink()
    lost = CliRunner().invoke(probe, ["run", str(folder), "--rounds", "1"])

    assert (made.exit_code, "a prober is never given another" in made.output) == (1, True)
    assert ran.exit_code == 0
    assert shown.output.count("ConnectError") == 3
    assert "1 reports are still to be handed in" in shown.output
    assert (lost.exit_code, "must get a new key" in lost.output) == (1, True)


def test_settings_name_probers_and_refuse_what_is_no_key(tmp_path: Path) -> None:
    vkey = make(tmp_path / "a", name=NAME, site=DEAD)
    environ = {"TRADING_DATA": str(tmp_path), "TRADING_PROBERS": f" {vkey}\n"}

    assert [str(key) for key in Settings.from_environ(environ).probers] == [vkey]
    with pytest.raises(SettingsError, match="TRADING_PROBERS"):
        Settings.from_environ(environ | {"TRADING_PROBERS": "somebody"})
