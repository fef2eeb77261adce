"""Messages of the ratings API, and what pages show."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

import msgspec

from bureau.ratings.policy import Channel, Level, Node, Outcome, Remedy

# No text holds the character NUL, which PostgreSQL cannot store.
CaseNo = Annotated[str, msgspec.Meta(pattern=r"^[^\x00\s]([^\x00\n]{0,62}[^\x00\s])?$")]
Short = Annotated[str, msgspec.Meta(max_length=200, pattern=r"^[^\x00]*[^\x00\s][^\x00]*$")]
Words = Annotated[str, msgspec.Meta(max_length=1000, pattern=r"^[^\x00]*$")]
Reason = Annotated[str, msgspec.Meta(max_length=1000, pattern=r"^[^\x00]*[^\x00\s][^\x00]*$")]
Name = Annotated[str, msgspec.Meta(max_length=50, pattern=r"^[^\x00]*$")]
Phone = Annotated[str, msgspec.Meta(max_length=20, pattern=r"^[0-9+() -]*$")]
Id = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9-]{1,64}$")]
Days = Annotated[int, msgspec.Meta(ge=1, le=60)]
Count = Annotated[int, msgspec.Meta(ge=0, le=10**9)]
Percent = Annotated[str, msgspec.Meta(pattern=r"^(100|\d{1,2}(\.\d{1,2})?)$")]


class NewService(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A service of the caller's organ. `served_at` is now and `handled_by` the caller unless they are given."""

    case_no: CaseNo
    node: Node
    item: Short
    served_at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    handled_by: Id | None = None


class Link(msgspec.Struct, frozen=True):
    """The same service gets the same code, however often it is asked for."""

    code: str
    url: str
    rate_until: date


class NewRating(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """There is no level unless one is chosen. Name and phone are kept for a bad rating only, until it is closed."""

    level: Level
    words: Words = ""
    name: Name = ""
    phone: Phone = ""

    def __repr__(self) -> str:
        return f"NewRating({self.level!r})"


class OwnRating(NewRating, frozen=True, forbid_unknown_fields=True):
    """What the person served sends."""

    channel: Channel = Channel.WEB

    __repr__ = NewRating.__repr__


class CollectedRating(NewRating, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What staff or a device hands in for the person served."""

    code: Short
    channel: Channel

    __repr__ = NewRating.__repr__


class Addition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    words: Reason


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The person's own answer after the matter was put right."""

    satisfied: bool
    words: Words = ""


class Handling(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A step that needs words alone; those who handle the rating read them."""

    move: Literal["confirm", "dispute", "uphold", "reject"]
    words: Reason


class Rectification(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was done; `feedback` is shown to the person served."""

    remedy: Remedy
    feedback: Reason


class Revisit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    outcome: Outcome
    words: Reason


class NewTerms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    verify_days: Days
    review_days: Days
    rectify_days: Days
    revisit_days: Days


class NewReported(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Figures of an earlier time, as the source prints them; what it does not say is not asked for."""

    first_day: date
    last_day: date
    source: Short
    total: Count
    bad: Count
    rectified: Count
    revisit_satisfaction_percent: Percent
    channels: Annotated[list[Short], msgspec.Meta(max_length=20)] = []


class OwnView(msgspec.Struct):
    """What the holder of a code sees: the service, the rating if there is one, and what became of it."""

    organ: str
    item: str
    node: Node
    served_at: datetime
    rate_until: date
    open: bool
    channel: str | None = None
    level: int | None = None
    rated_at: datetime | None = None
    words: str = ""
    added: str | None = None
    state: str | None = None
    feedback: str | None = None


class StepShown(msgspec.Struct):
    move: str
    words: str
    by: str
    at: datetime


class BadShown(msgspec.Struct):
    """A bad rating for those who handle it; `contact` only on its own page, while it is open."""

    id: str
    case_no: str
    node: str
    item: str
    served_at: datetime
    channel: str
    level: int
    words: str
    added: str | None
    rated_at: datetime
    named: bool
    state: str
    since: datetime
    due: date | None
    provisional: bool
    overdue: bool
    disputed_by: str | None
    remedy: str | None
    feedback: str | None
    outcome: str | None
    contact: str = ""
    steps: list[StepShown] = []

    def __repr__(self) -> str:
        return f"BadShown({self.id!r})"


class ChannelFigures(msgspec.Struct):
    """How many ratings of each level came through a channel, the best level first."""

    channel: Channel
    levels: list[int]

    @property
    def total(self) -> int:
        return sum(self.levels)


class ReportedShown(msgspec.Struct):
    """Figures of an earlier time; `satisfied` is what is left of the total without the bad ones."""

    organ: str
    first_day: date
    last_day: date
    source: str
    total: int
    satisfied: int
    satisfied_percent: str | None
    bad: int
    bad_percent: str | None
    rectified: int
    rectified_percent: str | None
    revisit_satisfaction_percent: str
    channels: list[str]


class Figures(msgspec.Struct):
    """Ratings counted by this system in a period; percentages are text with at most two places, null of nothing.

    With `few` all counts are 0: the organ has ratings in the period, too few to show without pointing at somebody.
    """

    first_day: date
    last_day: date
    total: int
    levels: list[int]
    by_channel: list[ChannelFigures]
    satisfied: int
    satisfied_percent: str | None
    bad: int
    bad_percent: str | None
    not_counted: int
    confirmed: int
    rectified: int
    rectified_percent: str | None
    revisited: int
    revisit_satisfied: int
    revisit_satisfaction_percent: str | None
    named: int
    named_revisited: int
    reported: list[ReportedShown]
    few: bool
