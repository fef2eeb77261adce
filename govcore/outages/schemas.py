"""Messages of probers: what each measured, signed; read alike by the prober's machine and the platform."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec

from govcore.outages.policy import Surface

REPORT_TYPE = "application/vnd.probe-report+json"


class RunGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`count` measurements of a surface in a row with one result; `why` is the last failure's reason."""

    surface: Surface
    up: bool
    first: datetime
    last: datetime
    count: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
    why: Annotated[str, msgspec.Meta(max_length=80)] = ""


class Report(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a prober measured since its last report; `previous` is the SHA-256 of that one's payload, or empty."""

    prober: Annotated[str, msgspec.Meta(max_length=120)]
    site: Annotated[str, msgspec.Meta(max_length=200)]
    seq: Annotated[int, msgspec.Meta(ge=1)]
    previous: Annotated[str, msgspec.Meta(max_length=64)]
    every: Annotated[int, msgspec.Meta(ge=1, le=60)]
    until: datetime
    runs: Annotated[tuple[RunGiven, ...], msgspec.Meta(max_length=2000)]


class SignedReport(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A report in its DSSE envelope."""

    envelope: Annotated[str, msgspec.Meta(max_length=1_000_000)]


class Taken(msgspec.Struct):
    """The number of the report that the platform waits for next."""

    next: int


class OutageShown(msgspec.Struct):
    """A measured outage of one surface: from the first failure to the first success, or the last failure seen."""

    surface: str
    began: datetime
    ended: datetime
    seconds: int


class Unknown(msgspec.Struct):
    """When nobody measured anything."""

    began: datetime
    ended: datetime


class OutagesShown(msgspec.Struct):
    """All of a time that was measured, and what was not."""

    since: datetime
    until: datetime
    outages: list[OutageShown]
    unknown: list[Unknown]
