"""Tables of the registration CA, of what it issued and revoked, and of the outside authorities that are trusted."""

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
    """A signing certificate issued to an organisation through one of its users; `key_sha256` names its key.

    A `personal` one speaks for the user alone: it names the account and no organisation, and nobody else sees it.
    """

    __tablename__ = "certificates_certificate"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    org_id: Mapped[str] = mapped_column(ForeignKey("identity_organisation.id"), index=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    der: Mapped[bytes] = mapped_column(LargeBinary)
    key_sha256: Mapped[str] = mapped_column(String(64), index=True)
    issued_at: Mapped[datetime] = mapped_column(UTCDateTime)
    not_after: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    reason: Mapped[str | None] = mapped_column(String(24))
    personal: Mapped[bool] = mapped_column(default=False)
    outside_sha256: Mapped[str | None] = mapped_column(ForeignKey("certificates_outside.sha256"))
    """The outside certificate on whose proof this one was issued for the same key."""


class RevocationList(Base):
    """A signed list of what was revoked; the highest number is the one that counts."""

    __tablename__ = "certificates_list"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    der: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)


class TrustedAuthority(Base):
    """An outside authority as the administrator entered it; `crl` is the list it was last given, in DER."""

    __tablename__ = "certificates_trusted"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    der: Mapped[bytes] = mapped_column(LargeBinary)
    may_sign_in: Mapped[bool]
    may_seal: Mapped[bool]
    code_field: Mapped[str] = mapped_column(String(32))
    until: Mapped[datetime] = mapped_column(UTCDateTime)
    added_at: Mapped[datetime] = mapped_column(UTCDateTime)
    removed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    crl: Mapped[bytes | None] = mapped_column(LargeBinary)
    crl_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class OutsideCertificate(Base):
    """An outside authority's certificate that a person proved to hold; `chain` is it and what is above it, in PEM."""

    __tablename__ = "certificates_outside"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    org_id: Mapped[str] = mapped_column(ForeignKey("identity_organisation.id"), index=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("identity_user.id"), index=True)
    trusted_sha256: Mapped[str] = mapped_column(ForeignKey("certificates_trusted.sha256"))
    key_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    chain: Mapped[bytes] = mapped_column(LargeBinary)
    not_after: Mapped[datetime] = mapped_column(UTCDateTime)
    bound_at: Mapped[datetime] = mapped_column(UTCDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
