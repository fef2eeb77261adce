"""Tables of membership, invitations, claims, and a body's units."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from govcore.db import Base, UTCDateTime
from govcore.identifiers import CODE_LENGTH, IdKind
from govcore.identity.models import Words


class Membership(Base):
    """One time that a person belonged to an organisation, with who began and who ended it.

    Who was registered together with the organisation has a row only once it has ended.
    """

    __tablename__ = "organisations_membership"
    __table_args__ = (
        Index(
            "uq_organisations_membership_current",
            "user_id",
            unique=True,
            sqlite_where=text("left_at IS NULL"),
            postgresql_where=text("left_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("identity_user.id"), index=True)
    org_id: Mapped[str] = mapped_column(ForeignKey("identity_organisation.id"), index=True)
    joined_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    joined_by: Mapped[str | None] = mapped_column(String(64))
    left_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    left_by: Mapped[str | None] = mapped_column(String(64))
    ending: Mapped[str | None] = mapped_column(String(16))


class Invitation(Base):
    """A code that makes its bearer a member, once; only its hash stays after it was sent.

    `wrapped` holds whom it is for, and the code until it was handed to the channel.
    """

    __tablename__ = "organisations_invitation"
    __table_args__ = (Index("ix_organisations_invitation_state_due_at", "state", "due_at"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    org_id: Mapped[str] = mapped_column(ForeignKey("identity_organisation.id"), index=True)
    code_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    duties: Mapped[frozenset[str]] = mapped_column(Words(60))
    roles: Mapped[frozenset[str]] = mapped_column(Words(80))
    invited_by: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    invited_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    used_by: Mapped[str | None] = mapped_column(ForeignKey("identity_user.id"))
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    state: Mapped[str] = mapped_column(String(8))
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Claim(Base):
    """Somebody says to act for the party of a code; `wrapped` is the proof.

    For a natural person `uscc` is the masked resident ID and `id_tag` its keyed tag; the ID is not kept.
    """

    __tablename__ = "organisations_claim"
    __table_args__ = (Index("ix_organisations_claim_state", "state"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("identity_user.id"), index=True)
    uscc: Mapped[str] = mapped_column(String(CODE_LENGTH), index=True)
    id_kind: Mapped[str] = mapped_column(String(16), default=IdKind.CREDIT_CODE)
    id_tag: Mapped[str | None] = mapped_column(String(64), index=True)
    name: Mapped[str]
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    state: Mapped[str] = mapped_column(String(16))
    contested_by: Mapped[str | None] = mapped_column(ForeignKey("identity_user.id"))
    contested_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    proof: Mapped[str | None] = mapped_column(String(96))
    reason: Mapped[str | None] = mapped_column(String(16))
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("identity_user.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Unit(Base):
    """An office or unit of a body; what it is called and where it stands is in its forms."""

    __tablename__ = "organisations_unit"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    org_id: Mapped[str] = mapped_column(ForeignKey("identity_organisation.id"), index=True)


class UnitForm(Base):
    """Name and place of a unit from one day until the day before another; never deleted."""

    __tablename__ = "organisations_unit_form"

    unit_id: Mapped[str] = mapped_column(ForeignKey("organisations_unit.id"), primary_key=True)
    valid_from: Mapped[date] = mapped_column(Date, primary_key=True)
    valid_to: Mapped[date | None] = mapped_column(Date)
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("organisations_unit.id"))
    name: Mapped[str]
    position: Mapped[int]
    ending: Mapped[str | None] = mapped_column(String(16))
    merged_into: Mapped[str | None] = mapped_column(ForeignKey("organisations_unit.id"))


class Placement(Base):
    """A person's place in a unit, from one day until the day before another."""

    __tablename__ = "organisations_placement"

    user_id: Mapped[str] = mapped_column(ForeignKey("identity_user.id"), primary_key=True)
    valid_from: Mapped[date] = mapped_column(Date, primary_key=True)
    valid_to: Mapped[date | None] = mapped_column(Date)
    unit_id: Mapped[str] = mapped_column(ForeignKey("organisations_unit.id"), index=True)
