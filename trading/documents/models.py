"""Tables of versions of the documents and of drafts that are being written."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from govcore.db import Base, UTCDateTime


class Version(Base):
    """Version `number` of a tender round's documents; once published it never changes.

    `terms` are `schemas.Terms`, `files` the `schemas.FileEntry` of its manifest, `reasons` what answers its warnings.
    `released_with` is the SHA-256 of the certificate that the release was signed with, if it was signed.
    """

    __tablename__ = "documents_version"

    tender_id: Mapped[str] = mapped_column(ForeignKey("tender_tender.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(String(16))
    terms: Mapped[dict[str, Any]] = mapped_column(JSON)
    terms_sha256: Mapped[str] = mapped_column(String(64))
    files: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    reasons: Mapped[dict[str, str]] = mapped_column(JSON)
    why: Mapped[str]
    prepared_by: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    prepared_at: Mapped[datetime] = mapped_column(UTCDateTime)
    released_by: Mapped[str | None] = mapped_column(ForeignKey("identity_user.id"))
    released_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    released_with: Mapped[str | None] = mapped_column(String(64))
    published_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    manifest_sha256: Mapped[str | None] = mapped_column(String(64), index=True)
    envelope: Mapped[bytes | None] = mapped_column(LargeBinary)


class Draft(Base):
    """A tender that an agency is writing: `data` is a `schemas.NewDocuments` that need not be whole yet."""

    __tablename__ = "documents_draft"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project_project.id"), index=True)
    template: Mapped[str] = mapped_column(String(32))
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    edited_by: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    edited_at: Mapped[datetime] = mapped_column(UTCDateTime)
    tender_id: Mapped[str | None] = mapped_column(ForeignKey("tender_tender.id"))
