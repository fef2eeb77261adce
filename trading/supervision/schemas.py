"""Messages of the supervision API."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import msgspec

from trading.supervision.policy import Area, CheckItem, Grade, Result, Scope, Session

Id = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9-]{1,64}$")]
Sha256 = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$")]
Short = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"\S")]
Words = Annotated[str, msgspec.Meta(min_length=1, max_length=4000, pattern=r"\S")]


class Evidence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file that shows a fact, named by its hash; the file itself stays in the centre's archive."""

    name: Short
    sha256: Sha256


class Check(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    area: Area
    item: CheckItem
    result: Result
    evidence: Annotated[list[Evidence], msgspec.Meta(max_length=20)] = []


class NewPatrol(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A patrol of the caller and of a second person of the same centre."""

    date: date
    session: Session
    second_id: Id
    checks: Annotated[list[Check], msgspec.Meta(min_length=1, max_length=200)]


class NewMisconduct(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A record about an organisation in a lot; categories are those of GET /api/misconduct/categories.

    `facts` and `basis` (the articles of law) are whole sentences in Chinese, one paragraph a line: papers print them.
    """

    lot_id: Id
    subject_id: Id
    category: Short
    grade: Grade
    occurred_at: Annotated[datetime, msgspec.Meta(tz=True)]
    facts: Words
    basis: Words
    evidence: Annotated[list[Evidence], msgspec.Meta(max_length=20)] = []
    patrol_id: Id | None = None


class Statement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    text: Words


class NewNotice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`handling` says what the centre did or asks for; it may neither fine nor ban."""

    scope: Scope
    handling: Words
    requirements: Annotated[str, msgspec.Meta(max_length=4000)] = ""


class Retraction(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    reason: Words


class NewLetter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the regulator is asked to do; facts and basis are the record's."""

    suggestion: Words


class Created(msgspec.Struct):
    id: str


class CategoryShown(msgspec.Struct):
    code: str
    subject: str
    text: str


class PatrolShown(msgspec.Struct):
    id: str
    date: date
    session: str
    patrollers: list[str]
    checks: list[Check]
    recorded_at: datetime

    @property
    def issues(self) -> int:
        return sum(check.result == Result.ISSUE for check in self.checks)


class NoticeShown(msgspec.Struct):
    id: str
    number: str
    scope: str
    handling: str
    requirements: str
    signed_at: datetime
    circulated_at: datetime | None
    pdf_sha256: str | None
    retracted_at: datetime | None
    retract_reason: str | None
    href: str


class PublicNotice(msgspec.Struct):
    """A notice that was circulated to everybody; once it was retracted only that, and why, is still told."""

    id: str
    number: str
    organisation: str
    category: str
    handling: str
    circulated_at: datetime
    retracted_at: datetime | None
    retract_reason: str | None


class MisconductShown(msgspec.Struct):
    id: str
    lot_code: str
    lot_name: str
    tender_title: str
    subject: str
    category: str
    grade: str
    occurred_at: datetime
    facts: str
    basis: str
    evidence: list[Evidence]
    state: str
    recorded_by: str
    recorded_at: datetime
    reply_until: datetime
    statement: str | None
    statement_at: datetime | None
    notice: NoticeShown | None
    letter_id: str | None


class LetterShown(msgspec.Struct):
    """`reply_due` is provisional where the holiday notice of its year may still change it."""

    id: str
    state: str
    number: str | None
    addressee: str
    sender: str
    project: str
    tender_title: str
    subject: str
    category: str
    grade: str
    occurred_at: datetime
    facts: str
    basis: str
    evidence: list[Evidence]
    statement: str | None
    suggestion: str
    drafted_by: str
    drafted_at: datetime
    signed_by: str | None
    signed_at: datetime | None
    sent_at: datetime | None
    reply_due: date | None
    reply_due_provisional: bool
    acknowledged_at: datetime | None
    pdf_sha256: str | None
    href: str
