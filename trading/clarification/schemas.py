"""Messages of the clarification API, and what a clarification says."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec

from trading.clarification.policy import Subject
from trading.tender.criteria import Name
from trading.tender.schemas import DatedAct

QUESTION_MAX = 2000
TEXT_MAX = 8000

Asked = Annotated[str, msgspec.Meta(min_length=1, max_length=QUESTION_MAX)]
Words = Annotated[str, msgspec.Meta(min_length=1, max_length=TEXT_MAX)]
MaybeWords = Annotated[str, msgspec.Meta(max_length=TEXT_MAX)]
Reference = Annotated[str, msgspec.Meta(pattern=r"^[0-9A-Z]{4}-[0-9A-Z]{4}$")]


class NewQuestion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A question about a tender; `receipt` is the nameless receipt of a download, kept sealed with it."""

    text: Asked
    receipt: Annotated[str, msgspec.Meta(max_length=4000)] = ""


class QuestionTaken(msgspec.Struct, frozen=True):
    """The nameless number under which the answer will be found."""

    reference: str


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An answer to a question by its reference; `question` is what is published of it.

    Where that is not what was asked, `shortened` says why: the original stays sealed.
    """

    reference: Reference
    question: Asked
    answer: Words
    shortened: Annotated[str, msgspec.Meta(max_length=200)] = ""


class Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A passage of the documents, before and from now on; without `before` it is new, without `after` it is gone."""

    about: Subject
    where: Name
    before: MaybeWords = ""
    after: MaybeWords = ""


class Prepared(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a clarification says. It is taken to touch how bids are made unless `untouched` says why it does not.

    `acts` replaces all dated acts that were announced before; null leaves them as they are. `version` is that of the
    documents which is published with it, released by the tenderer before; 0 leaves the documents as they are.
    """

    answers: Annotated[list[Answer], msgspec.Meta(max_length=200)] = []
    changes: Annotated[list[Change], msgspec.Meta(max_length=100)] = []
    acts: Annotated[list[DatedAct], msgspec.Meta(max_length=20)] | None = None
    statement: MaybeWords = ""
    untouched: Annotated[str, msgspec.Meta(max_length=500)] = ""
    version: Annotated[int, msgspec.Meta(ge=0, le=9999)] = 0

    @property
    def touches_bids(self) -> bool:
        return not self.untouched


class Return(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


class SignedSchedule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A lot's next schedule with the signatures of two of the tenderer's people."""

    envelope: Annotated[str, msgspec.Meta(max_length=100_000)]


class EffectShown(msgspec.Struct, frozen=True):
    """What a clarification does to a lot's deadline, by which rule, and from which inputs.

    `left` and `least` are in the rule's unit. Null `earliest` means that the deadline may stay; `moved_to` is the
    deadline of the signed schedule that counts with the release.
    """

    lot_id: str
    lot_number: int
    lot_name: str
    rule: str
    basis: list[tuple[str, str]]
    rule_set: str
    version: str
    calendar: str
    released_on: str
    deadline_at: datetime
    left: int
    least: int
    unit: str
    earliest: datetime | None
    suggested: datetime | None
    moved_to: datetime | None


class ClarificationShown(msgspec.Struct, frozen=True):
    """A released clarification as everybody sees it."""

    id: str
    tender_id: str
    number: int
    released_at: datetime
    content: Prepared
    touches_bids: bool
    effects: list[EffectShown]
    paper_href: str
    paper_sha256: str


class Preparation(msgspec.Struct, frozen=True):
    """A clarification that is being prepared, for agency and tenderer alone."""

    id: str
    number: int
    state: str
    content: Prepared
    effects: list[EffectShown]
    returned_for: str | None


class OpenQuestion(msgspec.Struct, frozen=True):
    """A question that waits for its answer, as agency and tenderer see it."""

    reference: str
    text: str


class NewSample(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was handed in, in the clerk's words, without who brought it."""

    what: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


class SampleShown(msgspec.Struct, frozen=True):
    """A sample as whoever knows its number sees it."""

    number: str
    tender_title: str
    what: str
    received_at: datetime
