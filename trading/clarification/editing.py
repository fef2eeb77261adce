"""Changes of what a clarification says, one at a time: pure functions from content to content."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from msgspec.structs import replace

from trading.clarification.schemas import Answer, Change, Prepared
from trading.tender.schemas import DatedAct

_T = TypeVar("_T")
Edit = Callable[[Prepared], Prepared]


def answered(answer: Answer) -> Edit:
    """Add an answer, in place of an earlier one to the same question."""

    def edit(content: Prepared) -> Prepared:
        others = [one for one in content.answers if one.reference != answer.reference]
        return replace(content, answers=sorted([*others, answer], key=lambda one: one.reference))

    return edit


def unanswered(reference: str) -> Edit:
    return lambda content: replace(
        content, answers=[one for one in content.answers if one.reference != reference]
    )


def changed(change: Change) -> Edit:
    return lambda content: replace(content, changes=[*content.changes, change])


def unchanged(place: int) -> Edit:
    """Leave out the change at this place, counted from 0."""
    return lambda content: replace(content, changes=_without(content.changes, place))


def dated(act: DatedAct, *, present: Sequence[DatedAct]) -> Edit:
    """Announce one more dated act; `present` are those that hold until now."""

    def edit(content: Prepared) -> Prepared:
        acts = [*(present if content.acts is None else content.acts), act]
        return replace(content, acts=sorted(acts, key=lambda one: one.starts_at))

    return edit


def undated(place: int, *, present: Sequence[DatedAct]) -> Edit:
    """Call off the dated act at this place, counted from 0."""
    return lambda content: replace(
        content, acts=_without(present if content.acts is None else content.acts, place)
    )


def stated(given: Prepared) -> Edit:
    """Take over the statement, whether bids are touched, and the version of the documents."""
    return lambda content: replace(
        content, statement=given.statement, untouched=given.untouched, version=given.version
    )


def _without(items: Sequence[_T], place: int) -> list[_T]:
    return [item for number, item in enumerate(items) if number != place]
