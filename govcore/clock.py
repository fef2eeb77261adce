"""The legal clock: the database's time, read in a statement of its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, TextClause, cast, func, text, type_coerce

from govcore.ahead import written
from govcore.db import Tx, UTCDateTime
from govcore.trips import ask

BEIJING = ZoneInfo("Asia/Shanghai")

_NOW = {
    "postgresql": text("SELECT clock_timestamp()"),
    "sqlite": text("SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')"),
}


def now(tx: Tx) -> datetime:
    """The database's clock in UTC, never the transaction's start; plus the offset of demo and tests."""
    return _database(tx) + offset(tx)


def start_text(moment: datetime) -> str:
    """A moment in Beijing time, to the second."""
    return f"{moment.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}"


def end_text(moment: datetime) -> str:
    """The end of a period in Beijing time; midnight is 24:00 of the day it ends."""
    local = moment.astimezone(BEIJING)
    return f"{local.date() - timedelta(days=1)} 24:00:00" if local.time() == time() else start_text(moment)


def skew(tx: Tx) -> timedelta:
    """By how much this process's own clock is ahead of the database's; nothing is ever decided by the former."""
    here: Callable[[], datetime] = tx.info.get("process_clock", _process)
    before = here()
    there = _database(tx)
    after = here()
    return before - there if there < before else min(after - there, timedelta(0))


def _process() -> datetime:
    return datetime.now(UTC)


def question(tx: Tx) -> TextClause:
    """The statement that reads the database's clock, for who asks it together with others; see `answer`."""
    return _NOW[tx.get_bind().dialect.name]


def answer(tx: Tx, value: datetime | str) -> datetime:
    """The legal time that `question` was answered with."""
    return _moment(value) + offset(tx)


def _database(tx: Tx) -> datetime:
    ((told,),) = ask(tx, (question(tx), {}))
    return _moment(told[0])


def _moment(value: datetime | str) -> datetime:
    moment = datetime.fromisoformat(value).replace(tzinfo=UTC) if isinstance(value, str) else value
    return moment.astimezone(UTC)


def offset(tx: Tx) -> timedelta:
    """What demo and tests add to the database's clock; nothing anywhere else."""
    ahead: timedelta = tx.info.get("clock_offset") or timedelta(0)
    file: Path | None = tx.info.get("clock_file")
    return ahead if file is None else ahead + written(file)


def expression(dialect: str, ahead: timedelta) -> ColumnElement[datetime]:
    """The same clock inside another statement; never for a deadline, which is judged after its lock."""
    if dialect == "sqlite":
        moment = func.strftime("%Y-%m-%d %H:%M:%f", "now", f"{ahead.total_seconds():+f} seconds")
        return type_coerce(moment, UTCDateTime())
    return cast(func.clock_timestamp() + ahead, UTCDateTime())
