"""A lot is opened by a time gate in a process of its own, which dies at the worst moment and comes back."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import servers
import witnesses as w
from litestar.testing import TestClient
from scene import Scene, build
from scene_facts import events

from govcore import clock
from govcore.audit.note import VerifierKey
from govcore.db import Database
from govcore.platform import Platform
from govcore.settings import Settings
from govcore.setup import migrate
from govcore.web.app import create_app
from trading.gate.models import GateScope
from trading.opening import gate


def command(environ: Mapping[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "govcore", *arguments], env=environ, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@contextmanager
def running(
    environ: Mapping[str, str], log: Path, *arguments: str, ready: str
) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("ab") as sink:
        process = subprocess.Popen([sys.executable, "-m", *arguments], env=environ, stdout=sink, stderr=sink)
    try:
        servers.wait_for(lambda: answers(ready), what=f"{arguments} answers; {log.read_text()[-2000:]}")
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(20)


def answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=1).status_code == 200
    except httpx.TransportError:
        return False


class Apart:
    """The platform, its environment, and the folder of the gate that is run apart from it."""

    def __init__(self, folder: Path, witness_port: int) -> None:
        self.folder, self.home = folder, folder / "gate"
        self.site = f"http://127.0.0.1:{servers.free_port()}"
        self.gate_port = servers.free_port()
        self.environ = {
            **os.environ,
            "TRADING_DATA": str(folder / "data"),
            "TRADING_DEMO": "1",
            "TRADING_LOG_INTERVAL": "1",
            "TRADING_PORT": self.site.rpartition(":")[2],
            "CRASH_FOLDER": str(folder),
        }
        migrate(Settings.from_environ(self.environ))
        self._add_witness(witness_port)
        self._add_gate()

    def _add_witness(self, port: int) -> None:
        platform = Platform.open(Settings.from_environ(self.environ))
        log = VerifierKey(platform.settings.log_origin, platform.keys.log_signer.public_bytes)
        platform.db.dispose()
        self.witness = w.make_witness(self.folder / "witness", log)
        self.environ["TRADING_WITNESSES"] = f"http://127.0.0.1:{port} {self.witness.key.vkey} required"

    def _add_gate(self) -> None:
        """As docs/operations/gate.md says: pins are carried over, the gate's public key comes back."""
        pins = self.folder / "pins.json"
        pins.write_text(command(self.environ, "gate", "pins", "--url", self.site))
        self.environ |= {
            "TRADING_GATE_KEY": command({}, "gate", "init", str(self.home), "--pins", str(pins)),
            "TRADING_GATE_URL": f"http://127.0.0.1:{self.gate_port}",
            "TRADING_GATE_OPERATOR": "11371500MA00000077",
        }

    def web(self) -> Iterator[subprocess.Popen[bytes]]:
        log = self.folder / "web.log"
        return running(self.environ, log, "govcore", "serve", "--only", "web", ready=f"{self.site}/healthz")

    def gate(self, module: str = "govcore", *, ahead: timedelta) -> Iterator[subprocess.Popen[bytes]]:
        environ = {name: self.environ[name] for name in ("PATH", "CRASH_FOLDER") if name in self.environ} | {
            "TRADING_DEMO": "1",
            "TRADING_CLOCK_OFFSET": str(ahead.total_seconds()),
        }
        ready = f"http://127.0.0.1:{self.gate_port}/"
        arguments = ("gate", "serve", str(self.home), "--port", str(self.gate_port))
        return running(environ, self.folder / "gate.log", module, *arguments, ready=ready)


@pytest.fixture
def apart(tmp_path: Path) -> Apart:
    return Apart(tmp_path, servers.free_port())


def test_a_gate_in_its_own_process_opens_a_lot_even_when_it_is_killed_before_it_answers(apart: Apart) -> None:
    platform = Platform.open(Settings.from_environ(apart.environ))

    def now() -> float:
        with platform.db.read() as tx:
            return clock.now(tx).timestamp()

    port = int(platform.settings.witnesses[0].url.rpartition(":")[2])
    with (
        TestClient(create_app(platform), base_url="http://site.example") as http,
        w.serve(replace(apart.witness, clock=now), port),
        apart.web(),
    ):
        with apart.gate(ahead=timedelta(0)):
            scene = build(platform, http, apart.folder / "scene", lots=1, rule_set="demo-remote")
        scene.submit_all()
        scene.move_clock(seconds=5)
        scene.close()
        scene.check_seals()
        scene.release(1, 3)
        ahead: timedelta = platform.db.info["clock_offset"]

        without = opened(scene)
        with apart.gate("tests.e2e.dying_gate", ahead=ahead) as process:
            killed = opened(scene)
            process.wait(20)
        kept = release_in(apart)
        with apart.gate(ahead=ahead):
            survived = opened(scene)

        assert (without, killed, survived) == (False, False, True)
        assert process.returncode == -signal.SIGKILL
        assert kept is not None
        assert release_in(apart) == kept
        scene.read_out()
        assert {bid["state"] for bid in scene.hall()["bids"]} == {"opened"}
        codes = [one["data"]["code"] for one in events(scene, "opening.paused")]
        assert codes == ["E_GATE_SILENT"]
    platform.db.dispose()


def opened(scene: Scene) -> bool:
    scene.write_log()
    return gate.open_gate(scene.platform, scene.lot, opens="opening")


def release_in(apart: Apart) -> bytes | None:
    """What the gate's own database holds as its release, wrapped."""
    database = Database(f"sqlite:///{apart.home / 'gate.sqlite3'}")
    try:
        with database.read() as tx:
            (row,) = [one for one in tx.query(GateScope) if one.opens == "opening"]
            return row.released
    finally:
        database.dispose()
