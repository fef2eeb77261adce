"""The outage certificate as data."""

from __future__ import annotations

from datetime import datetime

import msgspec

CERTIFICATE_TYPE = "application/vnd.outage-certificate+json"
OPENING_CERTIFICATE_TYPE = "application/vnd.opening-fault-certificate+json"


class OutageSaid(msgspec.Struct, frozen=True):
    surface: str
    began: datetime
    ended: datetime


class TimeSaid(msgspec.Struct, frozen=True):
    began: datetime
    ended: datetime


class TermsSaid(msgspec.Struct, frozen=True):
    """The rule, in seconds, and the rule set that it is from."""

    rule_set: str
    lookback: int
    least: int
    close: int
    after_office_hours: int


class OutageCertificate(msgspec.Struct, frozen=True):
    """What anybody can recompute: measurements as their probers signed them, the rule, the sum, the deadlines.

    `schedules` are the signed schedules of both deadlines, `reports` the probers' signed reports of that time,
    `probers` their verifier keys.
    """

    type: str
    certificate: str
    site: str
    tender_code: str
    lot_id: str
    lot_code: str
    round: int
    deadline_before: datetime
    deadline_after: datetime | None
    outages: list[OutageSaid]
    counted: list[TimeSaid]
    not_measured: list[TimeSaid]
    total_seconds: int
    restored_at: datetime | None
    proposed: datetime | None
    terms: TermsSaid
    schedules: list[str]
    reports: list[str]
    probers: list[str]
    issued_at: datetime


class OpeningCertificate(msgspec.Struct, frozen=True):
    """Why an opening was put off and until when: the fault as the centre told it, and what was measured meanwhile."""

    type: str
    certificate: str
    site: str
    tender_code: str
    lot_id: str
    lot_code: str
    round: int
    opening_before: datetime
    opening_after: datetime
    suspended_at: datetime
    notice: str
    outages: list[OutageSaid]
    not_measured: list[TimeSaid]
    reports: list[str]
    probers: list[str]
    issued_at: datetime
