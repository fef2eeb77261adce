from datetime import date, timedelta

import pytest
from guarantee_factories import (
    ACCOUNT,
    BANK,
    BIDDER,
    DEADLINE,
    TENDERER,
    advice,
    authority,
    cash_requirement,
    letter,
    letter_requirement,
)

from guarantees.checks import GuarantorKind, check_cash, check_letter, passed
from guarantees.letter import Guarantor, Party

SIGNER = authority().certify()


def test_a_conforming_letter_passes_every_point() -> None:
    findings = check_letter(letter(SIGNER), letter_requirement())

    assert passed(findings)
    assert [finding.code for finding in findings] == [
        "BENEFICIARY",
        "APPLICANT",
        "LOT",
        "CURRENCY",
        "AMOUNT",
        "EFFECTIVE_DATE",
        "EXPIRY_DATE",
        "GUARANTOR_KIND",
        "CLAIM_DOCUMENTS",
        "FIRST_DEMAND",
    ]


def test_dl27_a_letter_that_ends_one_day_early_is_rejected() -> None:
    one_day_short = letter(SIGNER, expiry_date=date(2025, 7, 8))

    failed = [finding for finding in check_letter(one_day_short, letter_requirement()) if not finding.ok]

    assert [(finding.code, finding.data["days"]) for finding in failed] == [("EXPIRY_DATE", 1)]
    assert (
        str(failed[0]) == "The letter must last until 2025-07-09; it ends on 2025-07-08, short by 1 day(s)."
    )


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"beneficiary": Party("另一个单位", TENDERER.uscc)}, "BENEFICIARY"),
        ({"beneficiary": Party(TENDERER.name, BIDDER.uscc)}, "BENEFICIARY"),
        ({"applicant": Party("另一个单位", BIDDER.uscc)}, "APPLICANT"),
        ({"applicant": Party(BIDDER.name, TENDERER.uscc)}, "APPLICANT"),
        ({"tender_id": "tender-2"}, "LOT"),
        ({"lot_id": "lot-2"}, "LOT"),
        ({"currency": "USD"}, "CURRENCY"),
        ({"amount_fen": 59_999_999}, "AMOUNT"),
        ({"effective_date": date(2025, 4, 11)}, "EFFECTIVE_DATE"),
        ({"claim_documents": ()}, "CLAIM_DOCUMENTS"),
        ({"claim_documents": (" ",)}, "CLAIM_DOCUMENTS"),
        ({"first_demand": False}, "FIRST_DEMAND"),
        ({"wording": "本保函为一般保证。"}, "FIRST_DEMAND"),
        ({"guarantor": Guarantor(BANK.name, BANK.uscc, GuarantorKind.GUARANTEE_COMPANY)}, "GUARANTOR_KIND"),
    ],
)
def test_one_wrong_point_is_found_and_no_other(changes: dict[str, object], code: str) -> None:
    findings = check_letter(letter(SIGNER, **changes), letter_requirement())

    assert [finding.code for finding in findings if not finding.ok] == [code]


def test_the_last_possible_day_of_effect_is_the_day_of_the_deadline() -> None:
    assert passed(check_letter(letter(SIGNER, effective_date=date(2025, 4, 10)), letter_requirement()))


def test_a_guarantee_company_may_issue_an_accessory_letter_where_the_documents_admit_it() -> None:
    accessory = letter(
        SIGNER,
        first_demand=False,
        guarantor=Guarantor(BANK.name, BANK.uscc, GuarantorKind.GUARANTEE_COMPANY),
    )

    assert passed(check_letter(accessory, letter_requirement(first_demand=False)))


def test_a_kind_of_guarantor_that_the_documents_exclude_is_found() -> None:
    findings = check_letter(letter(SIGNER), letter_requirement(kinds=frozenset({GuarantorKind.INSURER})))

    assert [finding.code for finding in findings if not finding.ok] == ["GUARANTOR_KIND"]


def test_full_width_brackets_do_not_make_another_organisation() -> None:
    wide, narrow = "安澜（临湖）建设有限公司", "安澜(临湖) 建设有限公司"

    findings = check_letter(
        letter(SIGNER, applicant=Party(wide, BIDDER.uscc)), letter_requirement(bidder_name=narrow)
    )

    assert passed(findings)


def test_a_full_payment_in_time_from_the_basic_account_passes() -> None:
    findings = check_cash(advice(), cash_requirement())

    assert [(finding.code, finding.ok) for finding in findings] == [
        ("PAYER_NAME", True),
        ("PAYER_ACCOUNT", True),
        ("AMOUNT", True),
        ("CREDITED", True),
    ]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"payer_name": "另一个单位"}, "PAYER_NAME"),
        ({"payer_account": "6222000011119999"}, "PAYER_ACCOUNT"),
        ({"amount_fen": 59_999_999}, "AMOUNT"),
        ({"credited_at": DEADLINE}, "CREDITED"),
        ({"credited_at": DEADLINE + timedelta(microseconds=1)}, "CREDITED"),
    ],
)
def test_one_wrong_point_of_a_payment_is_found_and_no_other(changes: dict[str, object], code: str) -> None:
    findings = check_cash(advice(**changes), cash_requirement())

    assert [finding.code for finding in findings if not finding.ok] == [code]


def test_the_last_microsecond_before_the_deadline_is_in_time() -> None:
    assert passed(check_cash(advice(credited_at=DEADLINE - timedelta(microseconds=1)), cash_requirement()))


def test_a_bidder_without_a_registered_basic_account_cannot_match() -> None:
    findings = check_cash(advice(), cash_requirement(basic_account=""))

    assert [finding.code for finding in findings if not finding.ok] == ["PAYER_ACCOUNT"]


@pytest.mark.parametrize(
    ("payer", "account", "failed"),
    [
        (BIDDER.name, ACCOUNT, []),
        ("成员公司", "62220002", []),
        ("成员公司", ACCOUNT, ["PAYER_ACCOUNT"]),
        (BIDDER.name, "62220002", ["PAYER_ACCOUNT"]),
        ("旁人公司", "62220002", ["PAYER_NAME"]),
    ],
)
def test_any_member_of_a_consortium_may_pay_from_its_own_basic_account(
    payer: str, account: str, failed: list[str]
) -> None:
    requirement = cash_requirement(members={"成员公司": "62220002"})

    findings = check_cash(advice(payer_name=payer, payer_account=account), requirement)

    assert [one.code for one in findings if not one.ok] == failed


def test_any_member_of_a_consortium_may_have_the_letter_issued() -> None:
    member = Party("成员公司", "91371500MA00000077")
    asked = {
        name: letter_requirement(members=given)
        for name, given in (("alone", {}), ("with", {member.uscc: member.name}))
    }

    found = {name: passed(check_letter(letter(SIGNER, applicant=member), one)) for name, one in asked.items()}

    assert found == {"alone": False, "with": True}
