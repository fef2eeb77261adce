"""The documents as data: terms of a version, bill of quantities, signed manifest and nameless receipt."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from bidding_docs.encoding import Digest, Id, Positive, Strict, Time
from trading.tender.criteria import Name
from trading.tender.schemas import Fen, NewTender, TenderContent

Quantity = Annotated[str, msgspec.Meta(pattern=r"^(0|[1-9]\d{0,11})(\.\d{1,6})?\Z")]
Reason = Annotated[str, msgspec.Meta(max_length=500)]
LotNumber = Annotated[str, msgspec.Meta(pattern=r"^[1-9]\d?$")]


class BillLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A line of a bill; the quantity is an exact decimal, `limit_fen` the highest unit price where there is one."""

    code: Annotated[str, msgspec.Meta(min_length=1, max_length=32)]
    name: Name
    unit: Annotated[str, msgspec.Meta(min_length=1, max_length=20)]
    quantity: Quantity
    feature: Annotated[str, msgspec.Meta(max_length=1000)] = ""
    limit_fen: Fen | None = None


class BillSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: Annotated[str, msgspec.Meta(max_length=200)]
    lines: list[BillLine]


class Bill(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A lot's bill of quantities (工程量清单)."""

    sections: Annotated[list[BillSection], msgspec.Meta(min_length=1, max_length=500)]

    @property
    def lines(self) -> list[BillLine]:
        return [line for section in self.sections for line in section.lines]


class LotTerms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A lot as the documents say it; `estimate_fen` is the estimate, with fiscal money the budget."""

    number: Annotated[int, msgspec.Meta(ge=1, le=50)]
    name: Name
    max_price_fen: Fen
    deposit_fen: Annotated[int, msgspec.Meta(ge=0, le=10**15)]
    estimate_fen: Fen | None = None
    bill: Bill | None = None


class Terms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that a version of the documents says as data."""

    title: Name
    content: TenderContent
    lots: Annotated[list[LotTerms], msgspec.Meta(min_length=1, max_length=50)]

    @property
    def budget_fen(self) -> int | None:
        """The budget of all lots together, once every lot says its own."""
        each = [lot.estimate_fen for lot in self.lots]
        known = [one for one in each if one is not None]
        return sum(known) if len(known) == len(each) else None


class LotExtras(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a new tender may say of a lot beside its price and deposit."""

    estimate_fen: Fen | None = None
    bill: Bill | None = None


class NewDocuments(NewTender, frozen=True, forbid_unknown_fields=True):
    """A new tender with its documents; `extras` by the lot's number, `reasons` by the warning they answer."""

    extras: dict[LotNumber, LotExtras] = msgspec.field(default_factory=dict)
    reasons: dict[str, Reason] = msgspec.field(default_factory=dict)

    @property
    def terms(self) -> Terms:
        """What version 1 will say."""
        extras = [self.extras.get(str(number), LotExtras()) for number in range(1, len(self.lots) + 1)]
        lots = [
            LotTerms(
                number=number,
                name=lot.name,
                max_price_fen=lot.max_price_fen,
                deposit_fen=lot.deposit_fen,
                estimate_fen=extra.estimate_fen,
                bill=extra.bill,
            )
            for number, (lot, extra) in enumerate(zip(self.lots, extras, strict=True), 1)
        ]
        return Terms(title=self.title, content=self.content, lots=lots)


class NewVersion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The next version of a tender's documents, and why there is one."""

    terms: Terms
    why: Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]
    reasons: dict[str, Reason] = msgspec.field(default_factory=dict)


class FileEntry(Strict, frozen=True, kw_only=True):
    """A file of a version; everybody may download exactly these bytes."""

    kind: Annotated[str, msgspec.Meta(max_length=16)]
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    size: Positive
    sha256: Digest


class VersionManifest(Strict, frozen=True, kw_only=True):
    """What the platform signs when a version is published: all its files, and the hash of its data."""

    type: Literal["documents"] = "documents"
    tender_id: Id
    tender_code: str
    round: Positive
    version: Positive
    supersedes: Digest | None
    rule_set: str
    terms_sha256: Digest
    files: tuple[FileEntry, ...]
    published_at: Time


class ReleaseManifest(Strict, frozen=True, kw_only=True):
    """What the officer signs who releases a version, before the platform publishes it: its data and its files."""

    type: Literal["documents-release"] = "documents-release"
    tender_id: Id
    tender_code: str
    round: Positive
    version: Positive
    supersedes: Digest | None
    rule_set: str
    terms_sha256: Digest
    files: tuple[FileEntry, ...]


class SignedRelease(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A `ReleaseManifest` in the DSSE envelope that its officer signed."""

    envelope: Annotated[str, msgspec.Meta(max_length=1 << 20)]


class DownloadReceipt(Strict, frozen=True, kw_only=True):
    """Says that its holder has had a version of the documents since `issued_at`, and nothing of who that is."""

    type: Literal["download"] = "download"
    tender_id: Id
    tender_code: str
    round: Positive
    version: Positive
    manifest_sha256: Digest
    issued_at: Time
    nonce: Id


class VersionShown(msgspec.Struct):
    """A version in the API; `href` is its signed manifest."""

    number: int
    state: str
    terms: Terms
    terms_sha256: str
    files: list[FileEntry]
    manifest_sha256: str | None
    published_at: str | None
    why: str


class ChangeShown(msgspec.Struct):
    """A value that differs between two versions."""

    path: list[str]
    kind: str
    old: object
    new: object


class FindingShown(msgspec.Struct):
    """A finding of the checks in English; `key` names it in `reasons`."""

    key: str
    severity: str
    rule: str
    basis: str
    place: list[str]
    words: str
    what: str
    mend: str
    verified: bool
    reason: str
