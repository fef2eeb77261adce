"""Tables of the log; triggers on both databases keep them append-only."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection, Index, LargeBinary, String, Table, text
from sqlalchemy.event import listen
from sqlalchemy.orm import Mapped, mapped_column

from govcore.db import Base, BigId, UTCDateTime


class LogOutbox(Base):
    """An event waiting for its instant; public when it has no nonce. Leaves only into `log_event`."""

    __tablename__ = "log_outbox"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    leaf: Mapped[bytes] = mapped_column(LargeBinary)
    event: Mapped[bytes] = mapped_column(LargeBinary)
    nonce: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    request: Mapped[str | None] = mapped_column(String(32))
    session: Mapped[str | None] = mapped_column(String(32))
    network: Mapped[str | None] = mapped_column(String(64))


class LogEvent(Base):
    """The preimage of a leaf; erasure drops event and nonce and keeps the rest.

    `request` leads to the lines of the process's log about the same request, `session` and `network` say where it came
    from; the leaf does not hold them, and of sealed events they are not kept.
    """

    __tablename__ = "log_event"

    idx: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    leaf: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    type: Mapped[str] = mapped_column(index=True)
    subject: Mapped[str] = mapped_column(index=True)
    public: Mapped[bool]
    event: Mapped[bytes | None] = mapped_column(LargeBinary)
    nonce: Mapped[bytes | None] = mapped_column(LargeBinary)
    request: Mapped[str | None] = mapped_column(String(32), index=True)
    session: Mapped[str | None] = mapped_column(String(32), index=True)
    network: Mapped[str | None] = mapped_column(String(64))


class LogSearch(Base):
    """Who did an entry's act and when, for searching; made from the log, which it may be made from again."""

    __tablename__ = "log_search"

    idx: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    actor: Mapped[str | None] = mapped_column(String(64), index=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)


class LogCopy(Base):
    """The one row that says how much of the log lies in the second place: entries, and preimages of entries."""

    __tablename__ = "log_copy"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    size: Mapped[int] = mapped_column(BigId)
    events: Mapped[int] = mapped_column(BigId)


class LogBundle(Base):
    """Up to 256 entries, each after its length; a partial bundle is the beginning of the full one."""

    __tablename__ = "log_bundle"

    n: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    data: Mapped[bytes] = mapped_column(LargeBinary)


class LogTile(Base):
    """Up to 256 hashes of one level; a partial tile is the beginning of the full one."""

    __tablename__ = "log_tile"

    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    n: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    data: Mapped[bytes] = mapped_column(LargeBinary)


class LogCheckpoint(Base):
    """A signed tree head; there is one root for one size."""

    __tablename__ = "log_checkpoint"

    size: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    root: Mapped[bytes] = mapped_column(LargeBinary)
    instant: Mapped[datetime] = mapped_column(UTCDateTime)
    note: Mapped[str]
    cosigned_note: Mapped[str | None]


class LogState(Base):
    """The one row that says how far the log has grown, and at which instant."""

    __tablename__ = "log_state"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    size: Mapped[int] = mapped_column(BigId)
    instant: Mapped[datetime] = mapped_column(UTCDateTime)


class LogWitness(Base):
    """What a witness last answered; the cosignatures themselves are in `log_checkpoint`."""

    __tablename__ = "log_witness"

    vkey: Mapped[str] = mapped_column(primary_key=True)
    size: Mapped[int] = mapped_column(BigId)
    cosigned_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    leased_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    failing_since: Mapped[datetime | None] = mapped_column(UTCDateTime)
    problem: Mapped[str]


class OutboxDelivery(Base):
    """A task owed to a subscriber of an event."""

    __tablename__ = "outbox_delivery"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    event: Mapped[str]
    subject: Mapped[str]
    task: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    leased_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


Index(
    "ix_outbox_delivery_due",
    OutboxDelivery.id,
    postgresql_where=text("done_at IS NULL"),
    sqlite_where=text("done_at IS NULL"),
)

# What an UPDATE may do, per table, as a condition over OLD and NEW; tables that are missing refuse every one.
_EXTENDS = "{substr}(NEW.data, 1, length(OLD.data)) = OLD.data"
_UPDATE = {
    "log_event": (
        "NEW.idx = OLD.idx AND NEW.leaf = OLD.leaf AND NEW.type = OLD.type AND NEW.subject = OLD.subject"
        " AND NEW.public = OLD.public AND NOT OLD.public AND NEW.event IS NULL AND NEW.nonce IS NULL"
    ),
    "log_bundle": f"NEW.n = OLD.n AND {_EXTENDS}",
    "log_tile": f"NEW.level = OLD.level AND NEW.n = OLD.n AND {_EXTENDS}",
    "log_checkpoint": (
        "NEW.size = OLD.size AND NEW.root = OLD.root AND NEW.instant = OLD.instant AND NEW.note = OLD.note"
        " AND {substr}(NEW.cosigned_note, 1, length(COALESCE(OLD.cosigned_note, OLD.note)))"
        " = COALESCE(OLD.cosigned_note, OLD.note)"
    ),
    "log_state": "NEW.id = OLD.id AND NEW.size >= OLD.size AND NEW.instant >= OLD.instant",
}
# An event leaves the outbox only when the log holds it.
_DELETE = {"log_outbox": "EXISTS (SELECT 1 FROM log_event WHERE leaf = OLD.leaf)"}
_TABLES = ("log_outbox", "log_event", "log_bundle", "log_tile", "log_checkpoint", "log_state")

_PG_REFUSE = """CREATE OR REPLACE FUNCTION log_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING MESSAGE = 'the table ' || TG_TABLE_NAME || ' is append-only';
END $$"""


def _triggers(dialect: str, table: str) -> list[str]:
    rules = {"UPDATE": _UPDATE.get(table), "DELETE": _DELETE.get(table)}
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER IF NOT EXISTS {table}_{action.lower()} BEFORE {action} ON {table}"
            + (f" WHEN ({rule.format(substr='substr')}) IS NOT TRUE" if rule else "")
            + f" BEGIN SELECT RAISE(ABORT, 'the table {table} is append-only'); END"
            for action, rule in rules.items()
        ]
    statements = [
        f"CREATE OR REPLACE TRIGGER {table}_truncate BEFORE TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION log_refuse()"
    ]
    for action, rule in rules.items():
        name = f"{table}_{action.lower()}"
        function = "log_refuse"
        if rule:
            function = name
            statements.append(_pg_function(name, rule.format(substr="substr"), action))
        statements.append(
            f"CREATE OR REPLACE TRIGGER {name} BEFORE {action} ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION {function}()"
        )
    return statements


def _pg_function(name: str, rule: str, action: str) -> str:
    row = "NEW" if action == "UPDATE" else "OLD"
    return f"""CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF ({rule}) IS NOT TRUE THEN
    RAISE EXCEPTION USING MESSAGE = 'the table ' || TG_TABLE_NAME || ' is append-only';
  END IF;
  RETURN {row};
END $$"""


def append_only(dialect: str, table: str) -> list[str]:
    """The DDL of the triggers that refuse to change or remove a table's rows."""
    return [_PG_REFUSE, *_triggers(dialect, table)] if dialect == "postgresql" else _triggers(dialect, table)


TRIGGERS: dict[str, list[str]] = {
    dialect: [s for table in _TABLES for s in append_only(dialect, table)]
    for dialect in ("postgresql", "sqlite")
}
"""The DDL that a migration executes after creating the tables; `create_all` emits the same."""


def _emit(statement: str, dialect: str) -> Callable[..., None]:
    def emit(_table: Table, connection: Connection, **_: object) -> None:
        if connection.dialect.name == dialect:
            connection.exec_driver_sql(statement)

    return emit


def keep_append_only(table: Table) -> None:
    """Let `create_all` give a table the triggers that its migration executes."""
    for dialect in ("postgresql", "sqlite"):
        for statement in append_only(dialect, table.name):
            listen(table, "after_create", _emit(statement, dialect))


for _name in _TABLES:
    keep_append_only(Base.metadata.tables[_name])
