"""Messages of the API of cases; evidence travels inside as base64."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import msgspec

from trading.challenge.policy import FILES_MAX, TEXT_MAX, Kind, Outcome, Stage, Step

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=TEXT_MAX)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
LotId = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class FileGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: Name
    content: bytes


Files = Annotated[list[FileGiven], msgspec.Meta(max_length=FILES_MAX)]


class Filing(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An objection, query or challenge; `document_receipt` is the signed receipt of an anonymous download."""

    kind: Kind
    stage: Stage
    lots: Annotated[list[LotId], msgspec.Meta(min_length=1, max_length=50)]
    text: Text
    known_on: date | None = None
    document_receipt: str = ""
    files: Files = []


class PaperFiling(Filing, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The same, handed in on paper."""

    handed_in: datetime
    filer_name: Name
    filer_code: Annotated[str, msgspec.Meta(max_length=32)] = ""
    filer_person: Annotated[str, msgspec.Meta(max_length=100)] = ""


class ComplaintFiling(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A complaint; `about` is the objection or challenge that came before."""

    stage: Stage
    lots: Annotated[list[LotId], msgspec.Meta(max_length=50)] = []
    about: str = ""
    text: Text
    known_on: date | None = None
    document_receipt: str = ""
    files: Files = []


class SaidMore(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    text: Text
    files: Files = []


class Answer(SaidMore, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`public_text` is what everybody may read; it does not name who filed."""

    public_text: Text


class Effect(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    affects: bool
    reason: Text


class Decision(Answer, frozen=True, forbid_unknown_fields=True, kw_only=True):
    outcome: Outcome
    steps: list[Step] = []


class CaseFiled(msgspec.Struct, frozen=True):
    """`receipt` is the signed envelope, to be kept by the filer."""

    id: str
    number: str
    receipt: str


class DueShown(msgspec.Struct, frozen=True):
    what: str
    rule: str
    until: datetime
    provisional: bool
    verified: bool
    met_at: datetime | None


class SaidShown(msgspec.Struct, frozen=True):
    what: str
    side: str
    at: datetime
    late: bool
    text: str
    author: str
    files: list[str]


class CaseShown(msgspec.Struct, frozen=True):
    """A case as the caller may see it; `filer` is empty where it may not be told."""

    id: str
    number: str
    kind: str
    stage: str
    state: str
    tender: str
    lots: list[str]
    filer: str
    handed_in: datetime
    entered: datetime
    outcome: str | None
    steps: list[str]
    overtaken: list[dict[str, str]]
    dues: list[DueShown]
    said: list[SaidShown]


class LineShown(msgspec.Struct, frozen=True):
    id: str
    number: str
    kind: str
    stage: str
    state: str
    title: str
    next_due: datetime | None


class PublicShown(msgspec.Struct, frozen=True):
    number: str
    kind: str
    stage: str
    settled_at: datetime
    outcome: str | None
    steps: list[str]
    text: str
