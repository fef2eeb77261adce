"""The processes of the demo: the platform itself, and the command line as its users run it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import click
import httpx

START_LIMIT = 120.0
GATE_OPERATOR = "12379900000000018X"
"""The credit code of nobody: the operator of the demo's gate is as fictional as the city."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def served(environ: Mapping[str, str], url: str, log: Path) -> Iterator[None]:
    """Run `trading serve` (web, worker, beat) until the block ends; its messages go to `log`."""
    with log.open("wb") as sink:
        process = subprocess.Popen(
            [sys.executable, "-m", "govcore", "serve"],
            env={**environ, "TRADING_PARENT": str(os.getpid())},
            stdout=sink,
            stderr=sink,
        )
        try:
            wait_until_up(url, process, log)
            yield
        finally:
            process.terminate()
            process.wait(20)


@contextmanager
def witnessed(environ: Mapping[str, str], vkey: str, folder: Path) -> Iterator[dict[str, str]]:
    """Run a witness of the log until the block ends; the settings with which the platform requires it."""
    folder.mkdir()
    witness, port = [sys.executable, "-m", "govcore", "witness"], free_port()
    init = [*witness, "init", str(folder / "own"), "--name", "regulator.example/witness", "--log", vkey]
    own = subprocess.run(init, check=True, capture_output=True, text=True).stdout.strip()
    url = f"http://127.0.0.1:{port}"
    with (folder / "witness.log").open("wb") as sink:
        serve = [*witness, "serve", str(folder / "own"), "--port", str(port)]
        process = subprocess.Popen(serve, stdout=sink, stderr=sink, env=dict(environ))
        try:
            yield {**environ, "TRADING_WITNESSES": f"{url} {own} required"}
        finally:
            process.terminate()
            process.wait(20)


@contextmanager
def gated(environ: Mapping[str, str], url: str, folder: Path) -> Iterator[dict[str, str]]:
    """Run a time gate apart until the block ends; the settings with which the platform knows it."""
    folder.mkdir()
    gate, port = [sys.executable, "-m", "govcore", "gate"], free_port()

    def say(*command: str) -> str:
        done = subprocess.run(
            [*gate, *command], check=True, capture_output=True, text=True, env=dict(environ)
        )
        return done.stdout

    (folder / "pins.json").write_text(say("pins", "--url", url))
    key = say("init", str(folder / "own"), "--pins", str(folder / "pins.json")).strip()
    with (folder / "gate.log").open("wb") as sink:
        serve = [*gate, "serve", str(folder / "own"), "--port", str(port)]
        process = subprocess.Popen(serve, stdout=sink, stderr=sink, env=dict(environ))
        try:
            yield {
                **environ,
                "TRADING_GATE_URL": f"http://127.0.0.1:{port}",
                "TRADING_GATE_KEY": key,
                "TRADING_GATE_OPERATOR": GATE_OPERATOR,
            }
        finally:
            process.terminate()
            process.wait(20)


def wait_until_up(url: str, process: subprocess.Popen[bytes] | None, log: Path) -> None:
    """Return when the site answers; raise when it ended or does not come up in time."""
    until = time.monotonic() + START_LIMIT
    while time.monotonic() < until:
        if process is not None and process.poll() is not None:
            raise click.ClickException(f"the platform ended at once; see {log}")
        try:
            if httpx.get(f"{url}/healthz", timeout=2).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise click.ClickException(f"{url} did not answer in {START_LIMIT:.0f} s; see {log}")


class CommandLine:
    """Runs `trading …` as a user would, with one passphrase for the demo's keys."""

    def __init__(self, url: str, sign_ins: Path, passphrase: str) -> None:
        self._url, self._sign_ins = url, sign_ins
        self._environ = {**os.environ, "TRADING_PASSPHRASE": passphrase}
        self._durations: list[float] = []

    def pace(self) -> float:
        """Seconds that a command has taken on average on this machine."""
        return sum(self._durations) / max(len(self._durations), 1)

    def run(self, *arguments: str | Path, user: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run one command as `user`; its refusal ends the demo unless it was expected."""
        account = ["--url", self._url, "--user", user, "--password-file", str(self._sign_ins / user)]
        command = [sys.executable, "-m", "govcore", *map(str, arguments), *account]
        started = time.monotonic()
        done = subprocess.run(command, env=self._environ, capture_output=True, text=True)
        self._durations.append(time.monotonic() - started)
        if check and done.returncode != 0:
            raise click.ClickException(f"trading {' '.join(map(str, arguments[:2]))}: {done.stderr.strip()}")
        return done
