"""Reads of what probers measured: everybody may know all of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from govcore.audit.note import VerifierKey
from govcore.db import Tx
from govcore.outages.models import Prober, ProbeReport, ProbeRun
from govcore.outages.policy import (
    Run,
    Span,
    agreed,
    common,
    outages_of,
    pause_of,
    union,
    unknown_of,
    up_of,
)

SILENT = timedelta(minutes=3)
"""A prober reports every minute; one that was not heard for so long is said to be silent."""


@dataclass(frozen=True, slots=True)
class Outage:
    """One surface was out; `why` is what the probers were last answered, if anything."""

    surface: str
    span: Span
    why: str


@dataclass(frozen=True, slots=True)
class Measured:
    """The outages of a time, oldest first, and when nobody measured anything."""

    outages: list[Outage]
    unknown: list[Span]

    @property
    def spans(self) -> list[Span]:
        """When any part of the platform was out."""
        return union(one.span for one in self.outages)


@dataclass(frozen=True, slots=True)
class ProberShown:
    """A prober of the settings: whether and when it was last heard, and its key."""

    name: str
    vkey: str
    until: datetime | None
    reports: int
    silent: bool


def as_run(row: ProbeRun) -> Run:
    """A stored run as the policy reads it."""
    return Run(row.up, row.first_at, row.last_at, row.count, pause_of(row.every))


def measured(tx: Tx, *, since: datetime, until: datetime) -> Measured:
    """What the probers measured in a time; outages that reach into it are told whole."""
    query = (
        select(ProbeRun)
        .where(ProbeRun.last_at >= since - _REACH, ProbeRun.first_at <= until + _REACH)
        .order_by(ProbeRun.first_at)
    )
    rows = list(tx.scalars(query))
    runs: dict[str, dict[str, list[Run]]] = defaultdict(lambda: defaultdict(list))
    why: dict[tuple[str, datetime], str] = {}
    for row in rows:
        runs[row.surface][row.prober].append(as_run(row))
        if not row.up:
            why[row.surface, row.first_at] = row.why
    window = [Span(since, until)]
    outages = [
        Outage(surface, span, why.get((surface, span.start), ""))
        for surface, probers in runs.items()
        for span in _agreed(probers)
        if common([span], window)
    ]
    return Measured(
        sorted(outages, key=lambda one: (one.span, one.surface)), _unknown(runs.get("site", {}), window)
    )


_REACH = timedelta(days=1)
"""So far around a time neighbouring runs are looked for: they say where an outage ended."""


def _agreed(probers: Mapping[str, list[Run]]) -> list[Span]:
    out = [span for runs in probers.values() for span in outages_of(runs)]
    return agreed(out, [span for runs in probers.values() for span in up_of(runs)])


def _unknown(probers: Mapping[str, list[Run]], window: list[Span]) -> list[Span]:
    """When no prober at all measured; of the time before the first measurement nothing is said."""
    shared: list[Span] | None = None
    for runs in probers.values():
        gaps = unknown_of(runs)
        if window[0].end - runs[-1].last > SILENT:
            gaps.append(Span(runs[-1].last, window[0].end))
        gaps = union(gaps)
        shared = gaps if shared is None else common(shared, gaps)
    return common(shared or [], window)


def outages_since(tx: Tx, since: datetime, until: datetime) -> list[Span]:
    """When any part of the platform was out in a time, for the windows that stop meanwhile."""
    return measured(tx, since=since, until=until).spans


def reports_about(tx: Tx, spans: list[Span]) -> list[bytes]:
    """The signed reports that were made while or soon after the platform was out, as the probers signed them."""
    found: dict[tuple[str, int], bytes] = {}
    for span in spans:
        inside = ProbeReport.until.between(span.start, span.end + 2 * SILENT)
        for row in tx.scalars(select(ProbeReport).where(inside)):
            found[row.prober, row.seq] = row.envelope
    return [found[key] for key in sorted(found)]


def probers(tx: Tx, known: Mapping[str, VerifierKey], *, at: datetime) -> list[ProberShown]:
    """Every prober that the settings name, heard or not."""
    rows = {row.name: row for row in tx.scalars(select(Prober))}
    return [
        ProberShown(
            name=name,
            vkey=str(key),
            until=rows[name].until if name in rows else None,
            reports=rows[name].seq if name in rows else 0,
            silent=name not in rows or at - rows[name].until > SILENT,
        )
        for name, key in sorted(known.items())
    ]


def report_of(tx: Tx, prober: str, seq: int) -> bytes | None:
    """One report as it was signed."""
    row = tx.get(ProbeReport, (prober, seq))
    return row.envelope if row else None
