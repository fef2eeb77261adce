"""Submissions while others sign in: twenty passwords a second cost argon2's work on the same two cores.

Two lots without and two with sign-ins take turns, each at a steady twenty submissions a second, on PostgreSQL; the
submissions of the same kind are put together.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from sqlalchemy import update

from govcore.identity.models import User
from govcore.identity.passwords import hashed
from tests.bench.bench_submit import ROOT, request_text, served, write_turn
from tests.bench.postgres import postgresql
from tests.bench.results import Result
from tests.bench.town import found

BIDDERS = 240
RATE = 20
TURNS = 4
WARM_UP = 1
AHEAD = 3.0
PASSWORD = "correct horse battery staple"


def measure() -> list[Result]:
    """The time in which 95 of 100 submissions are answered, with and without sign-ins beside them."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-signin-")))
        town = found(
            folder / "data", stack.enter_context(postgresql()), lots=TURNS + WARM_UP, bidders=BIDDERS
        )
        with town.platform.db.transaction() as tx:
            tx.execute(update(User).values(password_hash=hashed(PASSWORD)))
        files = [write_turn(town, lot, folder)[0] for lot in town.lots]
        sign_ins = [_sign_in(bidder.org_id) for bidder in town.bidders]
        town.platform.db.dispose()
        port = stack.enter_context(served(["-m", "govcore", "serve", "--only", "web"], town.environment))
        taken: dict[bool, list[float]] = {True: [], False: []}
        for turn, file in enumerate(files):
            beside = sign_ins if turn % 2 else []
            seconds = _turn(port, json.loads(file.read_text()), beside, folder)
            if turn >= WARM_UP:
                taken[bool(beside)] += seconds
    return [
        Result(
            name=f"p95 of submissions beside {RATE} sign-ins a second, against none",
            unit="s",
            ours=_p95(taken[True]),
            peer=_p95(taken[False]),
            most=1.3,
        )
    ]


def _sign_in(username: str) -> str:
    body = json.dumps({"username": username, "password": PASSWORD})
    return request_text("/api/session", body, cookie="")


def _turn(port: int, submissions: list[str], sign_ins: list[str], folder: Path) -> list[float]:
    """The two kinds come alternately, each kind evenly spaced."""
    sent = [(n / RATE, text) for n, text in enumerate(submissions)]
    sent += [((n + 0.5) / RATE, text) for n, text in enumerate(sign_ins)]
    file = folder / "turn.json"
    file.write_text(json.dumps(sent))
    start = time.monotonic() + AHEAD
    command = [sys.executable, "-m", "tests.bench.rush", str(port), str(file), str(start)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    answers: list[tuple[int, float]] = json.loads(done.stdout)
    assert {status for status, _ in answers} == {201}
    return [seconds for _, seconds in answers[: len(submissions)]]


def _p95(seconds: list[float]) -> float:
    return sorted(seconds)[int(len(seconds) * 0.95)]


if __name__ == "__main__":
    for result in measure():
        print(result, result.ratio)
