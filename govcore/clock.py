"""The legal clock: the database's time, read in a statement of its own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, cast, func, text, type_coerce

from govcore.db import Tx, UTCDateTime

BEIJING = ZoneInfo("Asia/Shanghai")

_NOW = {
    "postgresql": text("SELECT clock_timestamp()"),
    "sqlite": text("SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')"),
}


def now(tx: Tx) -> datetime:
    """The database's clock in UTC, never the transaction's start; plus the offset of demo and tests."""
    value = tx.execute(_NOW[tx.get_bind().dialect.name]).scalar_one()
    moment = datetime.fromisoformat(value).replace(tzinfo=UTC) if isinstance(value, str) else value
    offset: timedelta = tx.info.get("clock_offset", timedelta(0))
    return moment.astimezone(UTC) + offset


def expression(tx: Tx) -> ColumnElement[datetime]:
    """The same clock inside another statement; never for a deadline, which is judged after its lock."""
    offset: timedelta = tx.info.get("clock_offset", timedelta(0))
    if tx.get_bind().dialect.name == "sqlite":
        moment = func.strftime("%Y-%m-%d %H:%M:%f", "now", f"{offset.total_seconds():+f} seconds")
        return type_coerce(moment, UTCDateTime())
    return cast(func.clock_timestamp() + offset, UTCDateTime())
