"""Tables of contracts: what was drawn, who signed it, its bond, what followed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from govcore.db import Base, UTCDateTime


class Contract(Base):
    """A contract as drawn from an award; `payload` are the exact bytes that both sides sign."""

    __tablename__ = "contract_contract"
    __table_args__ = (UniqueConstraint("lot_id", "version", name="uq_contract_contract_lot_id_version"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    lot_id: Mapped[str] = mapped_column(ForeignKey("tender_lot.id"))
    version: Mapped[int]
    award_n: Mapped[int]
    number: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16))
    supplier_id: Mapped[str] = mapped_column(ForeignKey("identity_organisation.id"), index=True)
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    bond_fen: Mapped[int] = mapped_column(BigInteger)
    payload: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[str] = mapped_column(String(64))
    store_key: Mapped[str] = mapped_column(String(200))
    pdf_sha256: Mapped[str] = mapped_column(String(64))
    pdf_size: Mapped[int] = mapped_column(BigInteger)
    late_reason: Mapped[str]
    drawn_by: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    drawn_at: Mapped[datetime] = mapped_column(UTCDateTime)
    signed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    notice_id: Mapped[str | None] = mapped_column(String(64))
    published_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    filed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class ContractSignature(Base):
    """One side's signature: a DSSE envelope over the contract's payload, by a registered certificate."""

    __tablename__ = "contract_signature"

    contract_id: Mapped[str] = mapped_column(ForeignKey("contract_contract.id"), primary_key=True)
    side: Mapped[str] = mapped_column(String(16), primary_key=True)
    keyid: Mapped[str] = mapped_column(String(64))
    envelope: Mapped[bytes] = mapped_column(LargeBinary)
    signed_by: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    signed_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Bond(Base):
    """The performance bond as the tenderer received it: a letter's number or a bank's entry, and the file's hash."""

    __tablename__ = "contract_bond"

    contract_id: Mapped[str] = mapped_column(ForeignKey("contract_contract.id"), primary_key=True)
    form: Mapped[str] = mapped_column(String(16))
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    reference: Mapped[str]
    recorded_by: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Supplement(Base):
    """Something bought in addition under a contract (政府采购法 art. 49)."""

    __tablename__ = "contract_supplement"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    contract_id: Mapped[str] = mapped_column(ForeignKey("contract_contract.id"), index=True)
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    what: Mapped[str]
    recorded_by: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Acceptance(Base):
    """The acceptance (验收) of what was delivered, published for a purchase."""

    __tablename__ = "contract_acceptance"

    contract_id: Mapped[str] = mapped_column(ForeignKey("contract_contract.id"), primary_key=True)
    passed: Mapped[bool]
    text: Mapped[str]
    accepted_at: Mapped[datetime] = mapped_column(UTCDateTime)
    recorded_by: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)
    notice_id: Mapped[str | None] = mapped_column(String(64))
