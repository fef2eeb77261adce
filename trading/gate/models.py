"""Tables of the gate: in its own database, or in the platform's where the rule set runs it there."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from govcore.db import Base, BigId, UTCDateTime


class GateScope(Base):
    """One key of the gate: wrapped until it is destroyed, and what it released, once."""

    __tablename__ = "gate_scope"

    lot_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    round: Mapped[int] = mapped_column(primary_key=True)
    opens: Mapped[str] = mapped_column(String(32), primary_key=True)
    tender_id: Mapped[str] = mapped_column(String(64))
    recipient: Mapped[str] = mapped_column(String(80))
    wrapped: Mapped[bytes | None] = mapped_column(LargeBinary)
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    released: Mapped[bytes | None] = mapped_column(LargeBinary)
    released_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    destroyed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    @property
    def context(self) -> str:
        """What the wrapped key and the release are bound to."""
        return f"{self.lot_id}/{self.round}/{self.opens}"


class GateLog(Base):
    """How far the gate has read a log, and the root it computed there."""

    __tablename__ = "gate_log"

    origin: Mapped[str] = mapped_column(String(200), primary_key=True)
    size: Mapped[int] = mapped_column(BigId)
    root: Mapped[bytes] = mapped_column(LargeBinary)


class GateFact(Base):
    """A public entry of the log about a lot of the gate's, as the gate read it itself."""

    __tablename__ = "gate_fact"

    origin: Mapped[str] = mapped_column(String(200), primary_key=True)
    idx: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    lot_id: Mapped[str] = mapped_column(String(64), index=True)
    type: Mapped[str] = mapped_column(String(64))
    event: Mapped[bytes] = mapped_column(LargeBinary)


TABLES = [Base.metadata.tables[table.__tablename__] for table in (GateScope, GateLog, GateFact)]
