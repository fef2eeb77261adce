"""Tables of draws: what was announced, who contributed what, its escrow, and who gave way afterwards."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from govcore.audit.models import keep_append_only
from govcore.db import Base, UTCDateTime
from trading.draws.replay import Excluded, Quota


class EscrowKey(Base):
    """A custodian's standing key for draws: `envelope` is its signed statement, the newest one counts.

    `locked` is its secret half in a file that only the custodian's passphrase opens, where it left a copy here.
    """

    __tablename__ = "draws_escrow_key"

    org_id: Mapped[str] = mapped_column(ForeignKey("identity_organisation.id"), primary_key=True)
    recipient: Mapped[str] = mapped_column(String(80))
    envelope: Mapped[bytes] = mapped_column(LargeBinary)
    locked: Mapped[bytes | None] = mapped_column(LargeBinary)
    given_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Draw(Base):
    """One draw; `number` counts the tries for the same `about` of a lot, of which only the last is not void.

    Pool, exclusions, quotas and contributors never change after the announcement. `held` keeps the reveals back;
    `reveal_seconds` run from the moment the reveals begin. `void_by` names who made a draw void.
    """

    __tablename__ = "draws_draw"
    __table_args__ = (
        UniqueConstraint("lot_id", "purpose", "about", "number", name="uq_draws_draw_lot_id_purpose"),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    lot_id: Mapped[str] = mapped_column(ForeignKey("tender_lot.id"))
    purpose: Mapped[str] = mapped_column(String(16))
    about: Mapped[str] = mapped_column(String(64))
    number: Mapped[int]
    regime: Mapped[str] = mapped_column(String(8))
    state: Mapped[str] = mapped_column(String(16), index=True)
    pool: Mapped[list[str]] = mapped_column(JSON)
    exclusions: Mapped[list[Excluded]] = mapped_column(JSON)
    quotas: Mapped[list[Quota]] = mapped_column(JSON)
    pool_hash: Mapped[str] = mapped_column(String(64))
    exclusions_hash: Mapped[str] = mapped_column(String(64))
    quotas_hash: Mapped[str] = mapped_column(String(64))
    k: Mapped[int]
    held: Mapped[bool]
    announced_at: Mapped[datetime] = mapped_column(UTCDateTime)
    commit_until: Mapped[datetime] = mapped_column(UTCDateTime)
    reveal_seconds: Mapped[int]
    reveal_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    seed: Mapped[str | None] = mapped_column(String(64))
    drawn_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    void_cause: Mapped[str | None] = mapped_column(String(16))
    void_by: Mapped[str | None] = mapped_column(String(32))


class Contributor(Base):
    """Who was asked to contribute; `own` is the platform's value, wrapped until it is revealed, nobody else's."""

    __tablename__ = "draws_contributor"

    draw_id: Mapped[str] = mapped_column(ForeignKey("draws_draw.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    org_id: Mapped[str | None] = mapped_column(ForeignKey("identity_organisation.id"), index=True)
    commitment: Mapped[str | None] = mapped_column(String(64))
    committed_by: Mapped[str | None] = mapped_column(String(64))
    committed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    own: Mapped[bytes | None] = mapped_column(LargeBinary)
    reveal: Mapped[str | None] = mapped_column(String(64))
    opened: Mapped[str | None] = mapped_column(String(8))
    revealed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Escrow(Base):
    """A custodian of a draw, and the key of it that the capsules of this draw are for, with its locked file."""

    __tablename__ = "draws_escrow"

    draw_id: Mapped[str] = mapped_column(ForeignKey("draws_draw.id"), primary_key=True)
    custodian: Mapped[int] = mapped_column(primary_key=True)
    org_id: Mapped[str] = mapped_column(ForeignKey("identity_organisation.id"), index=True)
    recipient: Mapped[str] = mapped_column(String(80))
    envelope: Mapped[bytes] = mapped_column(LargeBinary)
    locked: Mapped[bytes | None] = mapped_column(LargeBinary)


class Capsule(Base):
    """A contributor's share for one custodian, sealed; `proof` opens it, once the custodian had to show it."""

    __tablename__ = "draws_capsule"

    draw_id: Mapped[str] = mapped_column(ForeignKey("draws_draw.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    custodian: Mapped[int] = mapped_column(primary_key=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)
    proof: Mapped[bytes | None] = mapped_column(LargeBinary)
    opened_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Decline(Base):
    """Somebody drawn who gave way, in the order of `n`: append-only, because the order decides who follows."""

    __tablename__ = "draws_decline"

    draw_id: Mapped[str] = mapped_column(ForeignKey("draws_draw.id"), primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(String(128))
    reason: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UTCDateTime)


keep_append_only(Base.metadata.tables[Decline.__tablename__])
