"""Submissions while others sign in: twenty passwords a second cost argon2's work on the same two cores.

Three lots without and three with sign-ins take turns, each at a steady twenty submissions a second, on PostgreSQL; the
submissions of the same kind are put together. People sign in at moments of their own (drawn from a fixed seed), so that
no beat of the one falls on a beat of the other.
"""

from __future__ import annotations

import json
import random
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
TURNS = 6
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
        sent_back = 0
        for turn, file in enumerate(files):
            beside = sign_ins if turn % 2 else []
            bids, others = _turn(port, json.loads(file.read_text()), beside, folder)
            assert {status for status, _ in bids} == {201}
            assert {status for status, _ in others} <= {201, 503}
            if turn >= WARM_UP:
                taken[bool(beside)] += [seconds for _, seconds in bids]
                sent_back += sum(status == 503 for status, _ in others)
    return [
        Result(
            name=f"p95 of submissions beside {RATE} sign-ins a second, against none",
            unit="s",
            ours=_p95(taken[True]),
            peer=_p95(taken[False]),
            most=1.3,
            note=f"{sent_back} sign-ins were asked to come back",
        )
    ]


def _sign_in(username: str) -> str:
    body = json.dumps({"username": username, "password": PASSWORD})
    return request_text("/api/session", body, cookie="")


Answers = list[tuple[int, float]]


def _turn(port: int, submissions: list[str], sign_ins: list[str], folder: Path) -> tuple[Answers, Answers]:
    """The answers to submissions and to sign-ins."""
    sent = [(n / RATE, text) for n, text in enumerate(submissions)]
    moments = random.Random(len(sign_ins))
    sent += [(moments.uniform(0, len(sign_ins) / RATE), text) for text in sign_ins]
    file = folder / "turn.json"
    file.write_text(json.dumps(sent))
    start = time.monotonic() + AHEAD
    command = [sys.executable, "-m", "tests.bench.rush", str(port), str(file), str(start)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    answers: Answers = json.loads(done.stdout)
    return answers[: len(submissions)], answers[len(submissions) :]


def _p95(seconds: list[float]) -> float:
    return sorted(seconds)[int(len(seconds) * 0.95)]


if __name__ == "__main__":
    for result in measure():
        print(result, result.ratio)
