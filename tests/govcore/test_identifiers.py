"""Identifier checks against real codes, the standards' samples and altered ones."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govcore.errors import Problem
from govcore.identifiers import (
    DealCodeInvalid,
    ECode,
    ECodeInvalid,
    ForeignIdInvalid,
    Identifier,
    IdKind,
    InvestmentCodeInvalid,
    OrgCodeInvalid,
    ResidentIdCheckWrong,
    ResidentIdImpossible,
    ResidentIdMalformed,
    UnifiedDealCode,
    UsccCheckWrong,
    UsccMalformed,
    bidder_number,
    check_foreign_id,
    check_investment_code,
    check_org_code,
    check_resident_id,
    check_uscc,
    country_of,
    kind_of,
    mask_resident_id,
    mod_37_2,
)

ORACLES = Path(__file__).resolve().parents[3] / "shared" / "oracles" / "rules.json"
USCC = {
    "ID01": "91350100M000100Y43",
    "ID03": "91440300708461136T",
    "ID05": "91100000100003962T",
    "ID07": "9111000071093123XX",
}
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@pytest.mark.parametrize("code", USCC.values(), ids=USCC)
def test_real_credit_codes_pass(code: str) -> None:
    assert check_uscc(code) == code


def test_the_credit_code_of_a_rural_collective_passes() -> None:
    body = "N2371502MF1234567"
    weights = [3**n % 31 for n in range(17)]
    total = sum(ALPHABET.index(char) * weight for char, weight in zip(body, weights, strict=True))

    assert check_uscc(body + ALPHABET[-total % 31])[0] == "N"


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("91440300192203821O", UsccMalformed),  # ID09: the letter O
        ("91440300708461136", UsccMalformed),
        ("91440300708461136t", UsccMalformed),
        (" 91440300708461136T", UsccMalformed),
        ("９１440300708461136T", UsccMalformed),
        ("91440300708461136T\n", UsccMalformed),
        ("371500200012345", UsccMalformed),
        ("", UsccMalformed),
        ("91440300708461137T", UsccCheckWrong),
        ("914403007084611360", UsccCheckWrong),
    ],
)
def test_wrong_credit_codes_are_refused(code: str, problem: type[Problem]) -> None:
    with pytest.raises(problem):
        check_uscc(code)


@given(st.integers(0, 16), st.sampled_from(ALPHABET))
def test_one_altered_character_never_passes(place: int, char: str) -> None:
    code = USCC["ID01"]
    altered = code[:place] + char + code[place + 1 :]

    if altered == code:
        assert check_uscc(altered) == code
    else:
        with pytest.raises(Problem):
            check_uscc(altered)


@pytest.mark.parametrize("code", ["M000100Y4", "708461136", "100003962", "71093123X"])
def test_organisation_codes_inside_credit_codes_pass(code: str) -> None:
    assert check_org_code(code) == code


@pytest.mark.parametrize("code", ["708461137", "70846113", "71093123x", "7093123XX", ""])
def test_wrong_organisation_codes_are_refused(code: str) -> None:
    with pytest.raises(OrgCodeInvalid):
        check_org_code(code)


def test_the_standards_sample_resident_number_passes() -> None:  # ID11
    assert check_resident_id("11010519491231002X") == "11010519491231002X"


@pytest.mark.parametrize(
    ("number", "problem"),
    [
        ("110105194912310021", ResidentIdCheckWrong),  # ID13
        ("110105194913310021", ResidentIdImpossible),
        ("000105194912310024", ResidentIdImpossible),
        ("110105491231002", ResidentIdMalformed),
        ("11010519491231002x", ResidentIdMalformed),
        ("１10105194912310021", ResidentIdMalformed),
    ],
)
def test_wrong_resident_numbers_are_refused_without_repeating_them(
    number: str, problem: type[Problem]
) -> None:
    with pytest.raises(problem) as refusal:
        check_resident_id(number)

    assert number not in str(refusal.value)
    assert refusal.value.data == {}


def test_a_masked_resident_number_hides_birth_date_and_serial() -> None:
    assert mask_resident_id("11010519491231002X") == "110105***********X"


def test_a_lot_code_reads_back_into_its_parts() -> None:
    lot = ECode.parse("E3715000001000123001002")

    assert lot == ECode(division="371500", platform="0001", serial=123, tender=1, lot=2)
    assert str(lot) == "E3715000001000123001002"
    assert str(lot.project) == "E3715000001000123"
    assert str(lot.project.with_tender(2)) == "E3715000001000123002"
    assert lot.project.with_tender(1).with_lot(2) == lot


@pytest.mark.parametrize(
    "text", ["", "E371500000100012", "E37150000010001230", "e3715000001000123", "E3715000001000123001001001"]
)
def test_codes_of_another_length_are_refused(text: str) -> None:
    with pytest.raises(ECodeInvalid):
        ECode.parse(text)


def test_a_lot_needs_a_tender_and_numbers_must_fit() -> None:
    project = ECode.parse("E3715000001000123")

    with pytest.raises(ECodeInvalid):
        project.with_lot(1)
    with pytest.raises(ECodeInvalid):
        project.with_tender(1000)
    with pytest.raises(ECodeInvalid):
        ECode(division="371500", platform="0001", serial=-1)


@pytest.mark.skipif(not ORACLES.exists(), reason="the folder of worked cases is not beside the repository")
def test_the_literals_here_are_the_worked_cases() -> None:
    cases = {case["id"]: case for case in json.loads(ORACLES.read_text(encoding="utf-8"))}

    assert {
        key: case["input"]["code"]
        for key, case in cases.items()
        if case["group"] == "uscc" and case["expected"] == "valid"
    } == USCC
    assert cases["ID09"]["input"]["code"] == "91440300192203821O"
    assert cases["ID11"]["input"]["id"] == "11010519491231002X"
    assert cases["ID13"]["input"]["id"] == "110105194912310021"


@pytest.mark.parametrize(
    ("code", "right"),
    [
        ("2024-371500-48-01-123456", True),
        ("2024-371500-48-03-000001", True),
        ("2024-371500-48-04-123456", False),
        ("2024-371500-48-01-12345", False),
        ("2024-371500-48-01-1234567", False),
        ("2024 371500 48 01 123456", False),
    ],
)
def test_an_investment_code_has_its_five_groups(code: str, right: bool) -> None:
    if right:
        assert check_investment_code(code) == code
    else:
        with pytest.raises(InvestmentCodeInvalid):
            check_investment_code(code)


def deal(**changed: object) -> UnifiedDealCode:
    given = {"kind": "A01", "uscc": USCC["ID01"], "day": date(2026, 3, 2), "serial": "000123"} | changed
    return UnifiedDealCode(**given)  # type: ignore[arg-type]


def test_a_deal_code_is_read_with_and_without_hyphens_and_says_it_is_not_verified() -> None:
    code = str(deal())
    hyphens = "-".join((code[:3], code[3:21], code[21:29], code[29:35], code[35:]))

    assert len(code) == 36
    assert UnifiedDealCode.parse(code) == UnifiedDealCode.parse(hyphens) == deal()
    assert not UnifiedDealCode.verified


def test_mod_37_2_has_the_standard_s_check_character() -> None:
    assert mod_37_2("G123489654321") == "Y"  # ISO 7064's own example: G123489654321Y


@given(place=st.integers(0, 34), other=st.sampled_from("0123456789"))
def test_one_wrong_character_of_a_deal_code_is_found(place: int, other: str) -> None:
    code = str(deal())
    altered = code[:place] + other + code[place + 1 :]

    if altered != code:
        with pytest.raises(DealCodeInvalid):
            UnifiedDealCode.parse(altered)


def test_another_check_function_can_be_plugged_in() -> None:
    always = deal(check=lambda _: "7")

    assert str(always).endswith("7")
    assert UnifiedDealCode.parse(str(always), check=lambda _: "7") == always


@pytest.mark.parametrize("code", ["DE-HRB-12345", "HK-1", "TW-" + "9" * 40])
def test_a_foreign_id_is_a_country_and_a_number_of_its_register(code: str) -> None:
    assert check_foreign_id(code) == code
    assert (kind_of(code), country_of(code)) == (IdKind.FOREIGN, code[:2])


@pytest.mark.parametrize(
    "code",
    ["CN-1", "XX-1", "de-1", "DE", "DE-", "DE:1", "DE--1", "DE-1-", "DE-a", "DE-1 2", "DE-" + "9" * 41],
)
def test_other_foreign_ids_are_refused(code: str) -> None:
    with pytest.raises(ForeignIdInvalid):
        check_foreign_id(code)


def test_a_resident_id_is_shown_masked_wherever_it_is_printed() -> None:
    identifier = Identifier(IdKind.RESIDENT_ID, "11010519491231002X")

    assert str(identifier) == "110105***********X"
    assert "19491231" not in repr(identifier)
    assert str(Identifier(IdKind.FOREIGN, "DE-HRB-12345")) == "DE-HRB-12345"


def test_a_bidder_number_is_taken_for_no_other_code() -> None:
    number = bidder_number("3f2a91bc04de" + "0" * 20)

    assert (number, kind_of(number), country_of(number)) == ("P-3F2A-91BC-04DE", IdKind.RESIDENT_ID, "CN")
    for check in (check_uscc, check_foreign_id):
        with pytest.raises(Problem):
            check(number)
