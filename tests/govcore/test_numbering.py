"""The form of document numbers (GB/T 9704-2012)."""

from __future__ import annotations

import pytest

from govcore.identifiers import DocumentNumber


def test_a_document_number_has_hexagonal_brackets_and_no_leading_zero() -> None:
    assert str(DocumentNumber(organ="临川公资函", year=2026, serial=1)) == "临川公资函〔2026〕1号"


@pytest.mark.parametrize(
    ("organ", "year", "serial"), [("", 2026, 1), ("临川公资函", 26, 1), ("临川公资函", 2026, 0)]
)
def test_impossible_numbers_are_refused(organ: str, year: int, serial: int) -> None:
    with pytest.raises(ValueError, match="document number"):
        DocumentNumber(organ=organ, year=year, serial=serial)
