"""Amounts, days and moments as papers write them: fen in, Beijing time out."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

BEIJING = ZoneInfo("Asia/Shanghai")


def money(fen: int) -> str:
    """Write an amount in yuan with thousands separators: 123456789 fen is `1,234,567.89`."""
    yuan, rest = divmod(abs(fen), 100)
    return f"{'-' if fen < 0 else ''}{yuan:,}.{rest:02d}"


def wan_yuan(fen: int) -> str:
    """Write an amount exactly in 万元, with at least two decimals: 123456789 fen is `123.456789`."""
    whole, rest = divmod(abs(fen), 1_000_000)
    decimals = f"{rest:06d}".rstrip("0").ljust(2, "0")
    return f"{'-' if fen < 0 else ''}{whole:,}.{decimals}"


def score(value: Decimal | int) -> str:
    """Write points rounded half up to two decimals, as published."""
    return str(Decimal(value).quantize(Decimal("0.01"), ROUND_HALF_UP))


def day(value: date | datetime) -> str:
    """Write a day without padding, `2026年1月2日`; a moment gives its day in Beijing."""
    if isinstance(value, datetime):
        value = _in_beijing(value).date()
    return f"{value.year}年{value.month}月{value.day}日"


def moment(at: datetime) -> str:
    """Write Beijing time as prose does, `2026年11月22日9时30分`, with no more parts than needed."""
    local = _in_beijing(at)
    text = f"{day(local.date())}{local.hour}时"
    if local.minute or local.second:
        text += f"{local.minute:02d}分"
    if local.second:
        text += f"{local.second:02d}秒"
    return text


def end_moment(at: datetime) -> str:
    """Write the end of a period: midnight belongs to the day before, as `24时`."""
    local = _in_beijing(at)
    if (local.hour, local.minute, local.second) != (0, 0, 0):
        return moment(at)
    return f"{day(local.date() - timedelta(days=1))}24时"


def stamp(at: datetime) -> str:
    """Write Beijing time as tables do, `2026-11-22 09:00:00`."""
    return _in_beijing(at).strftime("%Y-%m-%d %H:%M:%S")


def short_hash(digest: str) -> str:
    """Keep the first 16 hexadecimal digits, enough for a person to compare with the full list."""
    return digest[:16]


def _in_beijing(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("a moment on paper needs a time zone")
    return at.astimezone(BEIJING)
