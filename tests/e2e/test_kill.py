"""kill -9 of web, worker and beat around every commit that counts: the tender goes on, nothing is lost or doubled."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from mortal import ROOT, Site
from running import bare_site
from scene import Scene, build
from scene_city import BIDDERS, EXPERTS
from scene_committee import seat
from scene_facts import events, read_receipt, secrets_of
from sqlalchemy import select

from bidding_docs.sealing import SealedBid
from govcore.audit.models import LogOutbox
from trading.bidding import sending
from trading.client import Refused

STEPS = {
    "upload.completed": None,
    "bid.submitted": 3,
    "tender.closed": 1,
    "share.released": 2,
    "gate.released": 1,
    "opening.read_out": 1,
    "opening.recorded": 1,
    "evaluation.sheet_locked": 5,
    "evaluation.completed": 1,
}
"""The commits around which a process dies, and how often the log must hold their event in the end."""

EVERYWHERE = frozenset(f"{when}:{name}" for name in STEPS for when in ("before", "after"))
WORST = frozenset(
    {"after:bid.submitted", "before:tender.closed", "after:share.released", "after:gate.released"}
    | {"after:opening.read_out", "before:evaluation.completed"}
)
"""For the second backend: one of each process and the commits that would hurt most."""


@dataclass
class Town:
    """A running site with a scene in it."""

    site: Site
    scene: Scene
    receipts: dict[str, bytes] = field(default_factory=dict)

    def lot_state(self) -> str:
        shown = self.scene.person("agency").get(f"/api/lots/{self.scene.lot}/tender")
        return str(shown["lots"][0]["state"])

    def marks(self) -> set[str]:
        return {path.name for path in (self.site.folder / "points").iterdir()}


@pytest.fixture(params=[("sqlite", EVERYWHERE), ("postgresql", WORST)], ids=lambda one: one[0])
def points(request: pytest.FixtureRequest) -> frozenset[str]:
    """Where processes die, on the embedded database and broker, then on PostgreSQL and Redis."""
    found: frozenset[str] = request.param[1]
    return found


@pytest.fixture
def variables(points: frozenset[str], request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    (tmp_path / "site" / "points").mkdir(parents=True)
    return {
        "CRASH_FOLDER": str(tmp_path / "site" / "points"),
        "CRASH_POINTS": " ".join(points),
        **(servers_of(request) if points == WORST else {}),
    }


def servers_of(request: pytest.FixtureRequest) -> dict[str, str]:
    databases = request.getfixturevalue("postgresql_databases")
    return {
        "TRADING_DATABASE_URL": databases(False),
        "TRADING_BROKER_URL": request.getfixturevalue("redis_url"),
    }


@pytest.fixture
def town(variables: dict[str, str], tmp_path: Path) -> Iterator[Town]:
    with bare_site(tmp_path, **variables) as bare, httpx.Client(base_url=bare.url, timeout=60) as http:
        yield Town(bare.site, build(bare.platform, http, tmp_path / "scene", lots=1))


def test_a_tender_survives_kill_9_around_every_commit(town: Town, points: frozenset[str]) -> None:
    bid(town)
    pass_deadline(town)
    open_bids(town)
    evaluate(town)

    assert town.marks() == points
    assert set(town.site.deaths) == {"web", "worker"}
    counts = Counter(event["type"] for event in events(town.scene))
    assert {name: counts[name] for name, times in STEPS.items() if times} == {
        name: times for name, times in STEPS.items() if times
    }
    verify_log(town)
    assert spoken_secrets(town) == []


def bid(town: Town) -> None:
    """Three bidders submit; whoever gets no answer sends the same again."""
    town.site.start("web")
    sealed = {bidder: town.scene.seal(bidder) for bidder in BIDDERS[:3]}
    for bidder, one in sealed.items():
        town.receipts[bidder] = town.site.until(lambda b=bidder, s=one: submitted(town, b, s), "a receipt")
        shown = town.scene.person(bidder).call("GET", f"/api/lots/{town.scene.lot}/my-bid/receipt")
        assert shown.content == town.receipts[bidder]
    assert len({read_receipt(town.scene, raw).leaf for raw in town.receipts.values()}) == 3


def submitted(town: Town, bidder: str, sealed: SealedBid) -> bytes:
    sending.submit(town.scene.person(bidder), sealed.folder)
    return (sealed.folder / sending.RECEIPT).read_bytes()


def pass_deadline(town: Town) -> None:
    """Every process is started again, with a legal clock that stands shortly before the deadline."""
    town.site.kill("web")
    town.scene.move_clock(hours=1)
    offset: timedelta = town.scene.platform.db.info["clock_offset"]
    town.site.environ["TRADING_CLOCK_OFFSET"] = str(offset.total_seconds())
    town.site.start("web", "worker", "beat")


def open_bids(town: Town) -> None:
    town.site.until(lambda: state_is(town, "sealed"), "the lot is closed")
    for index in (1, 3):
        kill_beat(town)
        town.site.until(lambda i=index: released(town, i), f"custodian {index} releases")
    kill_beat(town)
    town.site.until(lambda: state_is(town, "recorded"), "the opening is recorded")
    assert [bid["state"] for bid in town.scene.hall()["bids"]] == ["opened"] * 3


def state_is(town: Town, state: str) -> bool | None:
    return town.scene.hall()["state"] == state or None


def kill_beat(town: Town) -> None:
    """At a moment that nobody chose."""
    town.site.until(lambda: random.random() < 0.2 or None, "chance")
    town.site.kill("beat")
    town.site.start("beat")


def released(town: Town, index: int) -> bool:
    town.scene.release(index)
    return True


def evaluate(town: Town) -> None:
    lot, scene = town.scene.lot, town.scene
    seat(scene, lot)
    points = {bid["bid_id"]: {"plan": "40.00"} for bid in scene.hall()["bids"]}
    for expert in EXPERTS:
        saved = scene.person(expert).call("PUT", f"/api/lots/{lot}/sheet", json={"points": points}).json()
        seen = saved["sha256"]
        town.site.until(lambda e=expert, s=seen: locked(town, e, s), f"{expert} locks")
    town.site.until(lambda: town.lot_state() == "evaluated" or None, "the evaluation is complete")
    town.site.until(lambda: len(events(scene, "evaluation.completed")) or None, "the log holds it")


def locked(town: Town, expert: str, sha256: str) -> bool:
    try:
        town.scene.person(expert).post(f"/api/lots/{town.scene.lot}/sheet/lock", {"sha256": sha256})
    except Refused as refused:
        if refused.problem.get("code") != "E_SHEET_LOCKED":
            raise
    return True


def verify_log(town: Town) -> None:
    """The command line finds the log in order, and every receipt's entry in it."""
    town.site.until(lambda: all_integrated(town) or None, "the outbox drains")
    leaves = [read_receipt(town.scene, raw).leaf for raw in town.receipts.values()]
    trust = town.site.folder / "trust.json"
    trust.write_text(json.dumps({"receipts": leaves}))
    command = [sys.executable, "-m", "govcore", "audit", "verify", "--json", "--trust", str(trust)]
    done = subprocess.run(command, cwd=ROOT, env=town.site.environ, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["ok"] is True


def spoken_secrets(town: Town) -> list[str]:
    """Where a secret stands in clear: the messages that wait while nobody works, and what the processes said."""
    broker = town.scene.platform.settings.data / "broker" / "queue"
    embedded = town.scene.platform.settings.embedded_broker
    town.site.kill("worker")
    town.site.until(lambda: not embedded or len(list(broker.iterdir())) > 3 or None, "beat rings")
    town.site.kill("beat")
    secrets = secrets_of(town.scene)
    places = [town.site.log, *(broker.iterdir() if embedded else ())]
    return [place.name for place in places if any(one in place.read_text() for one in secrets)]


def all_integrated(town: Town) -> bool:
    with town.scene.platform.db.read() as tx:
        return tx.scalar(select(LogOutbox.id).limit(1)) is None
