"""What a letter or a payment must satisfy, point by point."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Protocol

from govcore.pdf.figures import money


class GuarantorKind(StrEnum):
    BANK = "bank"
    INSURER = "insurer"
    FINANCIAL_INSTITUTION = "financial-institution"
    GUARANTEE_COMPANY = "guarantee-company"


INDEPENDENT_KINDS = frozenset(
    {GuarantorKind.BANK, GuarantorKind.INSURER, GuarantorKind.FINANCIAL_INSTITUTION}
)
"""Only banks and non-bank financial institutions issue independent guarantees (独立保函司法解释 第一条)."""

FIRST_DEMAND_WORDS = "见索即付"


class PartyLike(Protocol):
    """A named organisation with its 18-digit credit code."""

    @property
    def name(self) -> str: ...
    @property
    def uscc(self) -> str: ...


class LetterLike(Protocol):
    """What the check reads of a letter (see `guarantees.letter.Letter`)."""

    @property
    def guarantor_kind(self) -> str: ...
    @property
    def beneficiary(self) -> PartyLike: ...
    @property
    def applicant(self) -> PartyLike: ...
    @property
    def tender_id(self) -> str: ...
    @property
    def lot_id(self) -> str: ...
    @property
    def amount_fen(self) -> int: ...
    @property
    def currency(self) -> str: ...
    @property
    def effective_date(self) -> date: ...
    @property
    def expiry_date(self) -> date: ...
    @property
    def first_demand(self) -> bool: ...
    @property
    def claim_documents(self) -> Sequence[str]: ...
    @property
    def wording(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Finding:
    """One checked point; `detail` is an English sentence of the catalogue, `data` fills its placeholders."""

    code: str
    ok: bool
    detail: str
    data: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.detail.format_map(self.data)


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterRequirement:
    """What a letter must secure; dates are days in China, the amount is fen.

    `members` of a consortium, names by code, may each be the applicant for all.
    """

    tenderer_name: str
    tenderer_uscc: str
    bidder_name: str
    bidder_uscc: str
    tender_id: str
    lot_id: str
    required_fen: int
    deadline: date
    validity_days: int
    currency: str = "CNY"
    first_demand: bool = True
    kinds: Collection[str] = frozenset(GuarantorKind)
    members: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CashRequirement:
    """What one payment must satisfy; `deadline` is an aware instant, the amount is fen.

    `members` of a consortium, basic accounts by name, may each pay for all.
    """

    bidder_name: str
    basic_account: str
    required_fen: int
    deadline: datetime
    members: Mapping[str, str] = field(default_factory=dict)


def same_name(left: str, right: str) -> bool:
    """Whether two organisation names are one, whatever the width of brackets and the spaces typed."""
    return _plain(left) == _plain(right)


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def required_expiry(deadline: date, validity_days: int) -> date:
    """The last day a letter must cover: a deposit lasts as long as the bid (实施条例 第二十六条)."""
    return deadline + timedelta(days=validity_days)


def check_letter(letter: LetterLike, requirement: LetterRequirement) -> list[Finding]:
    """Every point of the letter, passed or not.

    One failed point is a major deviation (评标委员会和评标方法暂行规定 第二十五条).
    """
    return [
        *_check_parties(letter, requirement),
        *_check_amount(letter, requirement),
        *_check_dates(letter, requirement),
        *_check_promise(letter, requirement),
    ]


def _check_parties(letter: LetterLike, requirement: LetterRequirement) -> list[Finding]:
    return [
        Finding(
            "BENEFICIARY",
            same_name(letter.beneficiary.name, requirement.tenderer_name)
            and letter.beneficiary.uscc == requirement.tenderer_uscc,
            "The beneficiary must be the tenderer, {expected}; the letter names {found}.",
            {"expected": requirement.tenderer_name, "found": letter.beneficiary.name},
        ),
        Finding(
            "APPLICANT",
            any(
                letter.applicant.uscc == uscc and same_name(letter.applicant.name, name)
                for uscc, name in {
                    requirement.bidder_uscc: requirement.bidder_name,
                    **requirement.members,
                }.items()
            ),
            "The applicant must be the bidder, {expected}; the letter names {found}.",
            {"expected": requirement.bidder_name, "found": letter.applicant.name},
        ),
        Finding(
            "LOT",
            (letter.tender_id, letter.lot_id) == (requirement.tender_id, requirement.lot_id),
            "The letter must be for this project and lot.",
        ),
    ]


def _check_amount(letter: LetterLike, requirement: LetterRequirement) -> list[Finding]:
    return [
        Finding(
            "CURRENCY",
            letter.currency == requirement.currency,
            "The currency must be {expected}; the letter says {found}.",
            {"expected": requirement.currency, "found": letter.currency},
        ),
        Finding(
            "AMOUNT",
            letter.amount_fen >= requirement.required_fen,
            "The amount must be at least {expected} yuan; it is {found} yuan.",
            {"expected": money(requirement.required_fen), "found": money(letter.amount_fen)},
        ),
    ]


def _check_dates(letter: LetterLike, requirement: LetterRequirement) -> list[Finding]:
    needed = required_expiry(requirement.deadline, requirement.validity_days)
    short = max(0, (needed - letter.expiry_date).days)
    return [
        Finding(
            "EFFECTIVE_DATE",
            letter.effective_date <= requirement.deadline,
            "The letter must be in force on the day of the bid deadline, {expected}; it begins on {found}.",
            {"expected": requirement.deadline.isoformat(), "found": letter.effective_date.isoformat()},
        ),
        Finding(
            "EXPIRY_DATE",
            short == 0,
            "The letter must last until {expected}; it ends on {found}, short by {days} day(s).",
            {"expected": needed.isoformat(), "found": letter.expiry_date.isoformat(), "days": short},
        ),
    ]


def _check_promise(letter: LetterLike, requirement: LetterRequirement) -> list[Finding]:
    independent = letter.first_demand and FIRST_DEMAND_WORDS in letter.wording
    findings = [
        Finding(
            "GUARANTOR_KIND",
            letter.guarantor_kind in requirement.kinds
            and (not letter.first_demand or letter.guarantor_kind in INDEPENDENT_KINDS),
            "The guarantor must be of a kind that may issue this letter; it is {found}.",
            {"found": letter.guarantor_kind},
        ),
        Finding(
            "CLAIM_DOCUMENTS",
            bool(letter.claim_documents) and all(text.strip() for text in letter.claim_documents),
            "The letter must name the documents of a claim.",
        ),
    ]
    if requirement.first_demand:
        findings.append(
            Finding(
                "FIRST_DEMAND", independent, "The letter must promise to pay on first demand, in its text."
            )
        )
    return findings


class AdviceLike(Protocol):
    """What the check reads of a bank's credit advice."""

    @property
    def payer_name(self) -> str: ...
    @property
    def payer_account(self) -> str: ...
    @property
    def amount_fen(self) -> int: ...
    @property
    def credited_at(self) -> datetime: ...


def check_cash(advice: AdviceLike, requirement: CashRequirement) -> list[Finding]:
    """Every point of one payment: in full, from the payer's basic account (实施条例 第二十六条)."""
    accounts = {requirement.bidder_name: requirement.basic_account, **requirement.members}
    payers = [name for name in accounts if same_name(advice.payer_name, name)]
    return [
        Finding(
            "PAYER_NAME",
            bool(payers),
            "The payer must be the bidder, {expected}; it was {found}.",
            {"expected": requirement.bidder_name, "found": advice.payer_name},
        ),
        Finding(
            "PAYER_ACCOUNT",
            bool(advice.payer_account)
            and advice.payer_account in [accounts[name] for name in payers or accounts],
            "The money must come from the bidder's basic account.",
        ),
        Finding(
            "AMOUNT",
            advice.amount_fen >= requirement.required_fen,
            "The amount must be at least {expected} yuan; it is {found} yuan.",
            {"expected": money(requirement.required_fen), "found": money(advice.amount_fen)},
        ),
        Finding(
            "CREDITED",
            advice.credited_at < requirement.deadline,
            "The money must be credited before the deadline.",
        ),
    ]


def passed(findings: Sequence[Finding]) -> bool:
    return all(finding.ok for finding in findings)
