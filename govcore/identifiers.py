"""Codes that people and bodies are known by; a check says the form is right, not that the bearer exists."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import ClassVar, Self

from stdnum.cn import ric, uscc
from stdnum.exceptions import InvalidChecksum, InvalidComponent, ValidationError

from govcore.errors import Problem

_USCC = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}")
_RESIDENT_ID = re.compile(r"[0-9]{17}[0-9X]")
_ORG_CODE = re.compile(r"[0-9A-Z]{8}[0-9X]")
_ORG_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_INVESTMENT = re.compile(r"[0-9]{4}-[0-9]{6}-[0-9]{2}-0[1-3]-[0-9]{6}")
_MOD37 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*"
_COUNTRY = (
    r"A[DEFGILMOQRSTUWXZ]|B[ABDEFGHIJLMNOQRSTVWYZ]|C[ACDFGHIKLMORUVWXYZ]|D[EJKMOZ]|E[CEGHRST]|F[IJKMOR]|"
    r"G[ABDEFGHILMNPQRSTUWY]|H[KMNRTU]|I[DELMNOQRST]|J[EMOP]|K[EGHIMNPRWYZ]|L[ABCIKRSTUVY]|"
    r"M[ACDEFGHKLMNOPQRSTUVWXYZ]|N[ACEFGILOPRUZ]|O[M]|P[AEFGHKLMNRSTWY]|Q[A]|R[EOSUW]|S[ABCDEGHIJKLMNORSTVXYZ]|"
    r"T[CDFGHJKLMNORTVWZ]|U[AGMSYZ]|V[ACEGINU]|W[FS]|Y[ET]|Z[AMW]"
)
"""The two letters of ISO 3166-1 without CN, whose bodies have a credit code."""
_FOREIGN = re.compile(rf"({_COUNTRY})-[0-9A-Z](?:[0-9A-Z-]{{0,38}}[0-9A-Z])?")
_DEAL = re.compile(r"([A-Z][0-9]{2})([0-9A-HJ-NPQRTUWXY]{18})([0-9]{8})([0-9]{6})")
_E_CODE = re.compile(r"E([0-9]{6})([0-9]{4})([0-9]{6})(?:([0-9]{3})([0-9]{3})?)?")


CODE_LENGTH = 48
"""Room for the longest code that names a party: a country, a hyphen and 40 characters."""


class UsccMalformed(Problem):
    """Length or characters are not those of GB 32100-2015."""

    code = "E_USCC_FORM"
    status = 422
    text = "A unified social credit code has 18 digits and capital letters, without I, O, S, V and Z."


class UsccCheckWrong(Problem):
    code = "E_USCC_CHECK"
    status = 422
    text = "The check character of the unified social credit code is wrong; compare it with the licence."


class OrgCodeInvalid(Problem):
    code = "E_ORG_CODE"
    status = 422
    text = "The organisation code is not one of GB 11714: eight digits or letters and a check character."


class ResidentIdMalformed(Problem):
    code = "E_RESIDENT_ID_FORM"
    status = 422
    text = "A resident identity number has 17 digits and a last digit or capital X."


class ResidentIdCheckWrong(Problem):
    code = "E_RESIDENT_ID_CHECK"
    status = 422
    text = "The last character of the resident identity number is wrong; compare it with the card."


class ResidentIdImpossible(Problem):
    """The birth date or the division code in the number does not exist."""

    code = "E_RESIDENT_ID_PART"
    status = 422
    text = "The birth date or the place code in the resident identity number does not exist."


class ForeignIdInvalid(Problem):
    code = "E_FOREIGN_ID"
    status = 422
    text = "A foreign firm is written as its country and the number in its register there, like DE-HRB-12345: two capital letters, a hyphen, up to 40 digits, capital letters and hyphens."  # noqa: E501


class InvestmentCodeInvalid(Problem):
    code = "E_INVESTMENT_CODE"
    status = 422
    text = "An investment project's code is written like 2024-371500-48-01-123456: year, division, industry, kind 01 to 03, serial."  # noqa: E501


class DealCodeInvalid(Problem):
    code = "E_DEAL_CODE"
    status = 422
    text = "A unified deal code has 36 characters: kind, the centre's credit code, date, serial and a check character."


class ECodeInvalid(Problem):
    code = "E_E_CODE"
    status = 422
    text = "A project code is E and 16 digits, followed by 3 digits for the tender and 3 for the lot."


def check_uscc(code: str) -> str:
    """Return a well-formed 统一社会信用代码 (GB 32100-2015); raise `UsccMalformed` or `UsccCheckWrong`."""
    # stdnum's validate() takes digits only at the start; rural collectives hold codes that begin with N.
    if not _USCC.fullmatch(code):
        raise UsccMalformed
    if uscc.calc_check_digit(code[:17]) != code[17]:
        raise UsccCheckWrong
    return code


def check_org_code(code: str) -> str:
    """Return a well-formed nine-character organisation code (GB 11714); raise `OrgCodeInvalid`."""
    if not _ORG_CODE.fullmatch(code):
        raise OrgCodeInvalid
    total = sum(int(char, 36) * weight for char, weight in zip(code, _ORG_WEIGHTS, strict=False))
    if code[8] != "0X987654321"[total % 11]:
        raise OrgCodeInvalid
    return code


def check_resident_id(number: str) -> str:
    """Return a well-formed 公民身份号码 (GB 11643-1999); raise a problem that never repeats the number."""
    if not _RESIDENT_ID.fullmatch(number):
        raise ResidentIdMalformed
    try:
        return ric.validate(number)
    except InvalidChecksum:
        raise ResidentIdCheckWrong from None
    except InvalidComponent:
        raise ResidentIdImpossible from None
    except ValidationError:
        raise ResidentIdMalformed from None


def mask_resident_id(number: str) -> str:
    """Show the division and the last character only, as printed on records that others read."""
    return f"{number[:6]}{'*' * 11}{number[17:]}"


def check_foreign_id(code: str) -> str:
    """Return a country other than China and the number in its register; raise `ForeignIdInvalid`."""
    if not _FOREIGN.fullmatch(code):
        raise ForeignIdInvalid
    return code


class IdKind(StrEnum):
    """By what a party is identified."""

    CREDIT_CODE = "credit_code"
    RESIDENT_ID = "resident_id"
    FOREIGN = "foreign"


_CHECKS = {
    IdKind.CREDIT_CODE: check_uscc,
    IdKind.RESIDENT_ID: check_resident_id,
    IdKind.FOREIGN: check_foreign_id,
}


@dataclass(frozen=True, slots=True)
class Identifier:
    """What identifies a party: a kind and a value of that kind's form; printing it shows no resident ID."""

    kind: IdKind
    value: str = field(repr=False)

    def __post_init__(self) -> None:
        _CHECKS[self.kind](self.value)

    def __str__(self) -> str:
        return mask_resident_id(self.value) if self.is_secret else self.value

    @property
    def is_secret(self) -> bool:
        """Whether the value is nobody's to read: it is kept as a keyed tag only."""
        return self.kind is IdKind.RESIDENT_ID


def bidder_number(drawn: str) -> str:
    """What a natural person is called in public, of twelve drawn hexadecimal digits: `P-3F2A-91BC-04DE`."""
    return f"P-{drawn[:4]}-{drawn[4:8]}-{drawn[8:12]}".upper()


def kind_of(code: str) -> IdKind:
    """By what the party of a shown code is identified."""
    if code.startswith("P-"):
        return IdKind.RESIDENT_ID
    return IdKind.FOREIGN if _FOREIGN.fullmatch(code) else IdKind.CREDIT_CODE


def country_of(code: str) -> str:
    """The country in which the party of a shown code is registered."""
    return code[:2] if kind_of(code) is IdKind.FOREIGN else "CN"


def check_investment_code(code: str) -> str:
    """Return a well-formed 投资项目统一代码; raise `InvestmentCodeInvalid`."""
    if not _INVESTMENT.fullmatch(code):
        raise InvestmentCodeInvalid
    return code


def mod_37_2(text: str) -> str:
    """The check character of ISO 7064 MOD 37-2 for digits and capital letters: a digit, a letter or `*`."""
    total = 0
    for char in text:
        total = (total + _MOD37.index(char)) * 2 % 37
    return _MOD37[(38 - total) % 37]


@dataclass(frozen=True, slots=True, order=True, kw_only=True)
class UnifiedDealCode:
    """统一交易标识码, 36 characters without hyphens: `A01`, credit code, date, serial, check character.

    How its last character is reckoned is not published: the form is not `verified`, and `check` can be another
    function than the default one, ISO 7064 MOD 37-2 over the first 35 characters.
    """

    kind: str
    uscc: str
    day: date
    serial: str
    check: Callable[[str], str] = field(default=mod_37_2, repr=False, compare=False)
    verified: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if not _DEAL.fullmatch(self.body):
            raise DealCodeInvalid

    @property
    def body(self) -> str:
        """The characters that are checked."""
        return f"{self.kind}{self.uscc}{self.day:%Y%m%d}{self.serial}"

    def __str__(self) -> str:
        return self.body + self.check(self.body)

    @classmethod
    def parse(cls, text: str, *, check: Callable[[str], str] = mod_37_2) -> Self:
        """Read a code with or without hyphens; raise `DealCodeInvalid` also for a wrong check character."""
        plain = text.replace("-", "")
        found = _DEAL.fullmatch(plain[:-1])
        if found is None:
            raise DealCodeInvalid
        kind, uscc, day, serial = found.groups()
        try:
            code = cls(kind=kind, uscc=uscc, day=date.fromisoformat(day), serial=serial, check=check)
        except ValueError:
            raise DealCodeInvalid from None
        if str(code) != plain:
            raise DealCodeInvalid
        return code


@dataclass(frozen=True, slots=True, order=True, kw_only=True)
class ECode:
    """The code of a project (17 characters), a tender project (20) or a lot (23) on public platforms."""

    division: str
    platform: str
    serial: int
    tender: int | None = None
    lot: int | None = None

    def __post_init__(self) -> None:
        if (self.lot is not None and self.tender is None) or not _E_CODE.fullmatch(str(self)):
            raise ECodeInvalid

    def __str__(self) -> str:
        parts = (f"{part:03d}" for part in (self.tender, self.lot) if part is not None)
        return f"E{self.division}{self.platform}{self.serial:06d}{''.join(parts)}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a code of 17, 20 or 23 characters; raise `ECodeInvalid`."""
        match = _E_CODE.fullmatch(text)
        if match is None:
            raise ECodeInvalid
        division, platform, serial, tender, lot = match.groups()
        return cls(
            division=division,
            platform=platform,
            serial=int(serial),
            tender=None if tender is None else int(tender),
            lot=None if lot is None else int(lot),
        )

    @property
    def project(self) -> Self:
        """The code of the project that this tender or lot belongs to."""
        return replace(self, tender=None, lot=None)

    def with_tender(self, number: int) -> Self:
        """Return the code of the project's tender `number`, which a new round keeps."""
        return replace(self, tender=number, lot=None)

    def with_lot(self, number: int) -> Self:
        """Return the code of this tender's lot (标段) `number`; raise `ECodeInvalid` on a bare project."""
        return replace(self, lot=number)


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentNumber:
    """发文字号 of an official paper: the organ's short name, the year, a serial without leading zeros."""

    organ: str
    year: int
    serial: int

    def __post_init__(self) -> None:
        if not self.organ or self.serial < 1 or not 1000 <= self.year <= 9999:
            raise ValueError("a document number needs an organ, a four-digit year and a positive serial")

    def __str__(self) -> str:
        return f"{self.organ}〔{self.year}〕{self.serial}号"
