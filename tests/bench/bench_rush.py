"""The last minute: 500 bidders signed in, 300 submissions, 100 of them in the last second before the deadline.

Web, worker and beat run as in service, on PostgreSQL and Redis, on the same two cores as the load. Each of the 500
looks at its page once in that minute. A submission counts as an error when its answer is neither a receipt nor,
committed after the deadline, a signed refusal; and when the closed set is not exactly the set of receipts.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from random import Random

from sqlalchemy import func, select, update

from govcore import clock
from tests import servers
from tests.bench.bench_submit import ROOT, request_text, served, write_turn
from tests.bench.postgres import postgresql
from tests.bench.results import Result
from tests.bench.town import Town, found
from trading.bidding.models import Bid
from trading.opening.models import Opening
from trading.tender.models import Lot

BIDDERS = 500
SUBMISSIONS = 300
LAST_SECOND = 100
MINUTE = 60.0
AHEAD = 10.0
"""Seconds between the start of the load generator and its minute."""


def measure() -> list[Result]:
    """How long the answers of that minute took, against the limits."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-rush-")))
        town = found(folder / "data", stack.enter_context(postgresql()), lots=1, bidders=BIDDERS)
        environment = town.environment | {"TRADING_BROKER_URL": stack.enter_context(servers.redis())}
        submissions, _ = write_turn(town, town.lots[0], folder)
        port = stack.enter_context(served(["-m", "govcore", "serve"], environment))
        answers = _minute(town, port, json.loads(submissions.read_text()), folder)
        accepted, closed = _kept(town)
        town.platform.db.dispose()
    taken = sorted(seconds for status, seconds in answers if status in (201, 409))
    counts = Counter(status for status, _ in answers)
    wrong = sum(count for status, count in counts.items() if status not in (201, 409))
    wrong += abs(counts[201] - accepted) + abs(accepted - closed)
    note = f"{counts[201]} received, {counts[409]} refused as late, {wrong} errors"
    return [
        _limit("p95", taken[int(len(taken) * 0.95)], 1.0, note),
        _limit("p99", taken[int(len(taken) * 0.99)], 3.0, note),
    ]


def _limit(name: str, seconds: float, limit: float, note: str) -> Result:
    said = f"{name} of {SUBMISSIONS} submissions in the last minute, {LAST_SECOND} of them in its last second"
    return Result(name=said, unit="s", ours=seconds, peer=limit, most=1.0, note=note)


def _minute(town: Town, port: int, requests: list[str], folder: Path) -> list[tuple[int, float]]:
    """Send it all; the deadline is at the end of the minute. Answers of the submissions."""
    start, draw = time.monotonic() + AHEAD, Random(2019)
    with town.platform.db.transaction() as tx:
        deadline = clock.now(tx) + timedelta(seconds=AHEAD + MINUTE)
        tx.execute(update(Lot).values(deadline_at=deadline, opening_at=deadline))
    moments = [draw.uniform(0, MINUTE - 1) for _ in range(SUBMISSIONS - LAST_SECOND)]
    moments += [draw.uniform(MINUTE - 1, MINUTE) for _ in range(LAST_SECOND)]
    sent = list(zip(moments, requests, strict=False))
    page = f"/lots/{town.lots[0].id}/bid"
    looks = [
        (draw.uniform(0, MINUTE), request_text(page, "", cookie=f"session={bidder.token}", method="GET"))
        for bidder in town.bidders
    ]
    file = folder / "minute.json"
    file.write_text(json.dumps([*sent, *looks]))
    command = [sys.executable, "-m", "tests.bench.rush", str(port), str(file), str(start)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    answers: list[tuple[int, float]] = [(status, seconds) for status, seconds in json.loads(done.stdout)]
    assert {status for status, _ in answers[len(sent) :]} == {200}
    return answers[: len(sent)]


def _kept(town: Town) -> tuple[int, int]:
    """How many bids are in the database, and how many the closing committed to."""
    closed = None
    until = time.monotonic() + 30
    while closed is None and time.monotonic() < until:
        time.sleep(0.5)
        with town.platform.db.read() as tx:
            closed = tx.scalar(select(Opening.eligible_count))
            accepted = tx.scalar(select(func.count()).select_from(Bid)) or 0
    return accepted, closed or 0


if __name__ == "__main__":
    for result in measure():
        print(result, result.ratio)
