"""Reports of a prober that saw the platform out, signed with a key of its own."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from govcore import dsse, keyfiles
from govcore.audit.note import ED25519
from govcore.db import Tx
from govcore.outages.policy import SURFACES, Surface
from govcore.outages.schemas import REPORT_TYPE, Report, RunGiven
from govcore.outages.service import take_report

NAME = "regulator.example/prober"
EVERY = timedelta(seconds=5)


class Outsider:
    """A prober on another machine; it hands in what it is told to have seen."""

    def __init__(self, folder: Path) -> None:
        self.key = keyfiles.create(folder, name=NAME, kind=ED25519, whose="prober")
        self._seq, self._previous = 0, ""

    def fell_silent(self, tx: Tx, since: datetime, until: datetime, *, at: datetime) -> None:
        """Hand in that the site answered before and after, and that nothing was measured between."""
        runs = [RunGiven("site", True, since - 4 * EVERY, since, 5), RunGiven("site", True, until, until, 1)]
        self._hand_in(tx, runs, until, at=at)

    def saw_up(self, tx: Tx, since: datetime, until: datetime, *, at: datetime) -> None:
        """Hand in that everything answered all the time."""
        count = max(2, (until - since) // EVERY)
        runs = [RunGiven(surface, True, since, until, count) for surface in SURFACES]
        self._hand_in(tx, runs, until, at=at)

    def saw_out(
        self,
        tx: Tx,
        began: datetime,
        ended: datetime,
        *,
        at: datetime,
        surfaces: Sequence[Surface] = tuple(SURFACES),
    ) -> None:
        """Hand in that these surfaces answered before and after, and not between."""
        runs = [
            RunGiven(surface, up, first, last, max(3, (last - first) // EVERY), "" if up else "HTTP 503")
            for surface in surfaces
            for up, first, last in (
                (True, began - 10 * EVERY, began - EVERY),
                (False, began, ended - EVERY),
                (True, ended, ended),
            )
        ]
        self._hand_in(tx, runs, ended, at=at)

    def _hand_in(self, tx: Tx, runs: Sequence[RunGiven], ended: datetime, *, at: datetime) -> None:
        body = Report(NAME, "https://site.example", self._seq + 1, self._previous, 5, ended, tuple(runs))
        payload = msgspec.json.encode(body)
        raw = dsse.sign(REPORT_TYPE, payload, [self.key]).encode()
        take_report(tx, raw, {NAME: self.key.vkey}, at=at)
        self._seq, self._previous = self._seq + 1, hashlib.sha256(payload).hexdigest()
