"""Tables of projects: the project itself, its versions, its files, and who supervises which category."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from govcore.db import Base, UTCDateTime


class Project(Base):
    """A project registered for trading; `category` decides the supervising department, unless it was named otherwise.

    `terms` are the `schemas.ProjectTerms` of the newest version.
    """

    __tablename__ = "project_project"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    code: Mapped[str] = mapped_column(String(32), unique=True)
    name: Mapped[str]
    category: Mapped[str] = mapped_column(String(16))
    tenderer_id: Mapped[str] = mapped_column(ForeignKey("identity_organisation.id"))
    agency_id: Mapped[str] = mapped_column(ForeignKey("identity_organisation.id"))
    regulator_id: Mapped[str] = mapped_column(ForeignKey("identity_organisation.id"))
    registered_at: Mapped[datetime] = mapped_column(UTCDateTime)
    version: Mapped[int] = mapped_column(default=1)
    mandatory: Mapped[bool] = mapped_column(default=True)
    state_funded: Mapped[bool] = mapped_column(default=True)
    terms: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class ProjectVersion(Base):
    """What a project's registration said, from `at` until the next one; never changed."""

    __tablename__ = "project_version"

    project_id: Mapped[str] = mapped_column(ForeignKey("project_project.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    regulator_id: Mapped[str] = mapped_column(ForeignKey("identity_organisation.id"))
    terms: Mapped[dict[str, Any]] = mapped_column(JSON)
    said_by: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class ProjectFile(Base):
    """An approval or the agency's mandate as a file."""

    __tablename__ = "project_file"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project_project.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    name: Mapped[str]
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigInteger)
    store_key: Mapped[str] = mapped_column(String(160))
    filed_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Supervision(Base):
    """Which department supervises a category of projects, unless a project names another."""

    __tablename__ = "project_supervision"

    category: Mapped[str] = mapped_column(String(16), primary_key=True)
    org_id: Mapped[str] = mapped_column(ForeignKey("identity_organisation.id"))
    set_at: Mapped[datetime] = mapped_column(UTCDateTime)
