"""Messages about contracts, and the document that both sides sign."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec

from bidding_docs.encoding import Digest, Id, Strict, Text, Time

TERMS_MAX = 4000
Terms = Annotated[str, msgspec.Meta(max_length=TERMS_MAX)]
Said = Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]
Fen = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]


class Party(Strict, frozen=True):
    name: Text
    uscc: Annotated[str, msgspec.Meta(max_length=32)]


class ContractDocument(Strict, frozen=True):
    """What both sides sign: who, what, for how much; the award it follows; the PDF with all of its words."""

    number: Text
    lot_id: Id
    lot_code: Text
    round: int
    award: int
    bid_manifest_sha256: Digest
    tenderer: Party
    supplier: Party
    object: Text
    amount_fen: Fen
    duration_days: int
    quality: Text
    manager: Text
    bond_fen: Fen
    pdf_sha256: Digest
    drawn_at: Time


class NewContract(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What the tenderer puts into the contract; what the bid decides must be what the bid says."""

    amount_fen: Fen
    duration_days: int
    quality: Said
    manager: Said
    bond_fen: Fen = 0
    terms: Terms = ""
    late_reason: Terms = ""


class SignedContract(msgspec.Struct, forbid_unknown_fields=True):
    envelope: str


class NewBond(msgspec.Struct, forbid_unknown_fields=True):
    form: str
    amount_fen: Fen
    reference: Said


class NewSupplement(msgspec.Struct, forbid_unknown_fields=True):
    amount_fen: Annotated[int, msgspec.Meta(gt=0, le=2**53 - 1)]
    what: Said


class NewAcceptance(msgspec.Struct, forbid_unknown_fields=True):
    passed: bool
    text: Said


class ContractShown(msgspec.Struct):
    """A contract as its parties see it."""

    id: str
    number: str
    state: str
    amount_fen: int
    bond_fen: int
    sha256: str
    pdf_sha256: str
    signed_by: list[str]
    due_at: datetime
    signed_at: datetime | None
    published_at: datetime | None
    filed_at: datetime | None
