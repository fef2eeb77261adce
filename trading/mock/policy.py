"""What a mock opening waits for, how long it lives, and what its test bids say."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum

from bidding_docs.summary import Field, Form, Value

LIFE = timedelta(hours=24)
"""A mock opening that nobody ended is thrown away after this: what was rehearsed yesterday is out of date."""

BIDDERS = ("模拟投标人甲", "模拟投标人乙", "模拟投标人丙")
"""Who bids in a mock opening: nobody. Three, because fewer are never opened."""


class Step(StrEnum):
    KEYS = "keys"
    SEALING = "sealing"
    RELEASE = "release"
    READING = "reading"
    READ_OUT = "read_out"


def step_of(*, keys: int, seats: int, sealed: bool, releases: int, needed: int, read_out: bool) -> Step:
    """What comes next: everybody's test key, the sealing, enough releases, the reading, or the end."""
    if read_out:
        return Step.READ_OUT
    if sealed:
        return Step.READING if releases >= needed else Step.RELEASE
    return Step.SEALING if keys == seats else Step.KEYS


def is_stale(made_at: datetime, deadline: datetime | None, now: datetime) -> bool:
    """True once a day has passed, or the real opening has come."""
    return now >= made_at + LIFE or deadline is None or now >= deadline


def whole(forms: dict[str, Form]) -> Form:
    """All that a tender's bids answer, in one form: a mock opening has one envelope and one reading."""
    return Form(fields=tuple({field.id: field for form in forms.values() for field in form.fields}.values()))


def answers(form: Form, number: int, *, max_price_fen: int, today: date) -> dict[str, Value]:
    """What the `number`-th test bid says: it fits the form, and nobody could take it for an offer."""
    return {
        field.id: _answer(field, number, max_price_fen=max_price_fen, today=today) for field in form.fields
    }


def _answer(field: Field, number: int, *, max_price_fen: int, today: date) -> Value:
    if field.kind == "money":
        price = max_price_fen * (100 - number) // 100
        return min(price, field.max or price)
    if field.kind == "integer":
        return min(100 + number, field.max or 100 + number)
    if field.kind == "date":
        return (today + timedelta(days=180)).isoformat()
    return f"模拟{number}"[: field.max]
