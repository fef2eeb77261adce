"""Exact numbers: decimals read as fractions, rounded only where the rules say so, written for a result."""

from __future__ import annotations

import re
from fractions import Fraction

DIGITS_MAX = 30
CENT = 2
"""The decimals of fen and of published points."""

RATIO_MAX = 4000
"""Characters of an exact value: a mean of as many prices as a lot can have is far shorter."""

_RATIO = re.compile(r"[0-9]+/[0-9]+", re.ASCII)
_DECIMAL = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?", re.ASCII)


def decimal(text: str, *, signed: bool = False) -> Fraction | None:
    """The value of a plain decimal; nothing for what is none: exponents, infinities, too many digits, a wrong sign."""
    found = _DECIMAL.fullmatch(text)
    if found is None or (found[1] and not signed):
        return None
    whole, part = found[2], found[3] or ""
    if len(whole) + len(part) > DIGITS_MAX:
        return None
    return Fraction(int(found[1] + whole + part), 10 ** len(part))


def positive_ratio(text: str) -> Fraction | None:
    """The value of `n/d` as `ratio` writes it, above 0; nothing for any other spelling."""
    if _RATIO.fullmatch(text) is None or len(text) > RATIO_MAX:
        return None
    over, under = (int(part) for part in text.split("/"))
    value = Fraction(over, under) if under else None
    return value if value and ratio(value) == text else None


def half_up(value: Fraction, scale: int) -> Fraction:
    """The value rounded to so many decimals; a half goes away from zero."""
    return Fraction(_units(value, scale), 10**scale)


def fixed(value: Fraction, scale: int) -> str:
    """A value rounded half-up, with exactly so many decimals."""
    units = _units(value, scale)
    digits = f"{abs(units):0{scale + 1}d}"
    text = f"{digits[:-scale]}.{digits[-scale:]}" if scale else digits
    return f"-{text}" if units < 0 else text


def _units(value: Fraction, scale: int) -> int:
    """How many units of the last decimal a value rounds to."""
    ten: int = 10**scale
    doubled, half = 2 * value.numerator * ten, value.denominator
    return (doubled + half) // (2 * half) if doubled >= 0 else -((half - doubled) // (2 * half))


def money(value: Fraction) -> str:
    """A decimal with two decimals, more only where the exact value needs them."""
    scale = CENT
    while (value * 10**scale).denominator != 1:
        scale += 1
    return fixed(value, scale)


def ratio(value: Fraction) -> str:
    """`n/d` in lowest terms."""
    return f"{value.numerator}/{value.denominator}"


def mean(values: list[Fraction]) -> Fraction:
    return sum(values, Fraction(0)) / len(values)
