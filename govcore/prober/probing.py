"""One round of measuring, and reports of what was measured."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

import httpx
import msgspec

from govcore import dsse
from govcore.dsse import Signer
from govcore.outages.policy import SURFACES, Surface, continues, pause_of
from govcore.outages.schemas import REPORT_TYPE, Report, RunGiven, SignedReport, Taken
from govcore.prober.memory import Measurement, Memory

TIMEOUT = 5.0
"""Seconds after which no answer is a failure."""

REPORT_EVERY = 60.0
"""Seconds between two reports while nothing changes; a change is reported at once."""


@dataclass(frozen=True, slots=True)
class Prober:
    """A prober's means: who it is, whom it asks, and its own clock, which must be kept by NTP."""

    name: str
    site: str
    every: int
    signer: Signer
    memory: Memory
    client: httpx.Client
    clock: Callable[[], datetime]

    def measure(self) -> list[Measurement]:
        """Ask every surface once, and remember the answers."""
        found = [self._ask(surface, path) for surface, path in SURFACES.items()]
        self.memory.keep(found)
        return found

    def _ask(self, surface: Surface, path: str) -> Measurement:
        at, began = self.clock(), time.monotonic()
        try:
            answer = self.client.get(f"{self.site}{path}", timeout=TIMEOUT)
            up, why = answer.status_code == 200, f"HTTP {answer.status_code}"
        except httpx.TimeoutException:
            up, why = False, "no answer in time"
        except httpx.HTTPError as error:
            up, why = False, type(error).__name__
        ms = int((time.monotonic() - began) * 1000)
        return Measurement(at, surface, up, ms, "" if up else why)

    def report(self) -> None:
        """Sign what was measured since the last report; nothing when nothing was."""
        measured = self.memory.unreported()
        if not measured:
            return
        seq, previous = self.memory.last_report()
        body = Report(
            prober=self.name,
            site=self.site,
            seq=seq + 1,
            previous=previous,
            every=self.every,
            until=measured[-1].at,
            runs=tuple(runs_of(measured, every=self.every)),
        )
        payload = msgspec.json.encode(body)
        envelope = dsse.sign(REPORT_TYPE, payload, [self.signer]).encode().decode()
        self.memory.keep_report(seq + 1, hashlib.sha256(payload).hexdigest(), envelope)

    def hand_in(self) -> bool:
        """Hand in every report that the site has not taken; false when it cannot be reached or refuses."""
        for _, envelope in self.memory.to_hand_in():
            try:
                answer = self.client.post(
                    f"{self.site}/api/probe-reports",
                    content=msgspec.json.encode(SignedReport(envelope)),
                    headers={"content-type": "application/json"},
                    timeout=TIMEOUT,
                )
            except httpx.HTTPError:
                return False
            if answer.status_code != 200:
                return False
            self.memory.note_taken(msgspec.json.decode(answer.content, type=Taken).next)
        return True


def runs_of(measured: Sequence[Measurement], *, every: int) -> Iterator[RunGiven]:
    """The measurements of each surface in runs of one result without a break."""
    for _, of_surface in groupby(
        sorted(measured, key=lambda one: (one.surface, one.at)), lambda m: m.surface
    ):
        run: list[Measurement] = []
        for one in of_surface:
            if run and (one.up != run[-1].up or not continues(run[-1].at, one.at, pause=pause_of(every))):
                yield _run(run)
                run = []
            run.append(one)
        yield _run(run)


def _run(run: Sequence[Measurement]) -> RunGiven:
    return RunGiven(
        surface=run[0].surface,
        up=run[0].up,
        first=run[0].at,
        last=run[-1].at,
        count=len(run),
        why=run[-1].why[:80],
    )
