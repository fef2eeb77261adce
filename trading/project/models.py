"""Table of projects."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from govcore.db import Base, UTCDateTime


class Project(Base):
    """A project registered for trading; `category` decides the supervising department (domain: regulator_id)."""

    __tablename__ = "project_project"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    code: Mapped[str] = mapped_column(String(32), unique=True)
    name: Mapped[str]
    category: Mapped[str] = mapped_column(String(16))
    tenderer_id: Mapped[str] = mapped_column(ForeignKey("identity_organisation.id"))
    agency_id: Mapped[str] = mapped_column(ForeignKey("identity_organisation.id"))
    regulator_id: Mapped[str] = mapped_column(ForeignKey("identity_organisation.id"))
    registered_at: Mapped[datetime] = mapped_column(UTCDateTime)
