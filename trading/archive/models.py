"""Tables of archives: packages with what they are made of, and holds."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from govcore.db import Base, UTCDateTime


class Package(Base):
    """A package of a tender's round; its ZIP is never stored, it follows from its files."""

    __tablename__ = "archive_package"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    tender_id: Mapped[str] = mapped_column(ForeignKey("tender_tender.id"), index=True)
    state: Mapped[str] = mapped_column(String(16), index=True)
    ordered_by: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    ordered_at: Mapped[datetime] = mapped_column(UTCDateTime)
    manifest: Mapped[bytes | None] = mapped_column(LargeBinary)
    manifest_sha256: Mapped[str | None] = mapped_column(String(64))
    leaf: Mapped[str | None] = mapped_column(String(64))
    sealed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class PackageFile(Base):
    """A file of a package: an object of the store, its bytes, or what `taken` names (`sources.Source`).

    Size and hashes are there once it was read; they are left when the rest was disposed of.
    """

    __tablename__ = "archive_file"

    package_id: Mapped[str] = mapped_column(ForeignKey("archive_package.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    path: Mapped[str] = mapped_column(String(300))
    store_key: Mapped[str | None] = mapped_column(String(200))
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    wrapped: Mapped[bytes | None] = mapped_column(LargeBinary)
    taken: Mapped[str | None] = mapped_column(String(200))
    expected_sha256: Mapped[str | None] = mapped_column(String(64))
    size: Mapped[int | None] = mapped_column(BigInteger)
    sha256: Mapped[str | None] = mapped_column(String(64))
    crc: Mapped[int | None] = mapped_column(BigInteger)


class Disposal(Base):
    """That a round's archive was disposed of after its years, by two people; `cleared_at` when the last byte went."""

    __tablename__ = "archive_disposal"

    tender_id: Mapped[str] = mapped_column(ForeignKey("tender_tender.id"), primary_key=True)
    reason: Mapped[str]
    kept_until: Mapped[datetime] = mapped_column(UTCDateTime)
    disposed_by: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    disposed_second: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    disposed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    cleared_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class LitigationHold(Base):
    """While one stands nothing of the round may be disposed of, however old it is."""

    __tablename__ = "archive_hold"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    tender_id: Mapped[str] = mapped_column(ForeignKey("tender_tender.id"), index=True)
    reason: Mapped[str]
    placed_by: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    placed_second: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    placed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    lifted_by: Mapped[str | None] = mapped_column(ForeignKey("identity_user.id"))
    lifted_second: Mapped[str | None] = mapped_column(ForeignKey("identity_user.id"))
    lifted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
