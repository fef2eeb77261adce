"""The product's scoring and the reference agree, member by member, on ten thousand tenders and on broken ones."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from tests.trading.evaluation.reference import reading, scoring
from tests.trading.evaluation.reference.broken import BREAKERS, broken_case
from tests.trading.evaluation.reference.tenders import Case, case_of
from trading.evaluation.recompute import differences
from trading.evaluation.scoring import Refused, score

TENDERS = 10_000
SHARES = 10
"""The suite's processes take the shares between them."""


def by_product(case: Case) -> Any:
    """The result, or the code by which the tender is refused."""
    try:
        return score(*case)
    except Refused as refusal:
        return str(refusal.code)


def by_reference(case: Case) -> Any:
    try:
        return scoring.score(*case)
    except reading.Refused as refusal:
        return refusal.code


@pytest.mark.parametrize("share", range(SHARES))
def test_both_agree_member_by_member(share: int) -> None:
    for seed in range(share, TENDERS, SHARES):
        case = case_of(Random(seed))

        apart = list(differences(by_product(case), by_reference(case), f"seed {seed}"))

        assert apart == []


@pytest.mark.parametrize("code", sorted(BREAKERS))
def test_both_refuse_a_broken_tender_with_the_same_code(code: str) -> None:
    for seed in range(25):
        case = broken_case(Random(f"{code} {seed}"), code)

        assert (seed, by_product(case), by_reference(case)) == (seed, code, code)


def test_neither_changes_what_it_is_given() -> None:
    for seed in range(50):
        case, same = case_of(Random(seed)), case_of(Random(seed))

        by_product(case)
        by_reference(case)

        assert case == same
