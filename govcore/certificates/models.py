"""Tables of the registration CA and of the certificates it issued."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from govcore.db import Base, UTCDateTime


class Authority(Base):
    """The registration CA: its certificate, and its key wrapped."""

    __tablename__ = "certificates_authority"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    der: Mapped[bytes] = mapped_column(LargeBinary)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)


class Certificate(Base):
    """A signing certificate issued to an organisation through one of its users."""

    __tablename__ = "certificates_certificate"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    org_id: Mapped[str] = mapped_column(ForeignKey("identity_organisation.id"), index=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    der: Mapped[bytes] = mapped_column(LargeBinary)
    not_after: Mapped[datetime] = mapped_column(UTCDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
