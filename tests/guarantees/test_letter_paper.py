from io import BytesIO

import pytest
from guarantee_factories import BANK, BIDDER, TENDERER, authority, letter
from pypdf import PdfReader

from guarantees.letter import LetterSchema, issue_letter
from guarantees.paper import letter_pdf

SIGNER = authority().certify()


def text_of(pdf: bytes) -> str:
    return "".join("".join(page.extract_text().split()) for page in PdfReader(BytesIO(pdf)).pages)


def test_the_paper_says_what_the_signed_data_says() -> None:
    text = text_of(letter_pdf(issue_letter(letter(SIGNER), SIGNER)))

    expected = [
        "BH-2025-000017",
        TENDERER.name,
        BIDDER.name,
        BANK.name,
        "人民币陆拾万元整（¥600,000.00）",
        "见索即付",
        "2025年7月9日",
    ]
    assert [one for one in expected if one not in text] == []


def test_the_same_letter_gives_the_same_paper() -> None:
    raw = issue_letter(letter(SIGNER), SIGNER)

    assert letter_pdf(raw) == letter_pdf(raw)


def test_bytes_that_are_no_letter_give_no_paper() -> None:
    with pytest.raises(LetterSchema):
        letter_pdf(b"{}")
