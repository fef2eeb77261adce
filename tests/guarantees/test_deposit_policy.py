from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from guarantees.policy import Rate, RateSpan, RateUnknown, interest, late_fee, rate_spans


def test_mn05_interest_of_45_days_over_360() -> None:
    spans = [RateSpan(Decimal("0.35"), date(2019, 5, 6), date(2019, 6, 20))]

    assert interest(80_000_000, spans) == 35_000


def test_mn07_interest_is_rounded_once_over_a_change_of_rate() -> None:
    rates = [Rate(date(2024, 10, 18), Decimal("0.10")), Rate(date(2025, 5, 20), Decimal("0.05"))]

    spans = rate_spans(rates, date(2025, 4, 25), date(2025, 6, 12))

    assert spans == [
        RateSpan(Decimal("0.10"), date(2025, 4, 25), date(2025, 5, 20)),
        RateSpan(Decimal("0.05"), date(2025, 5, 20), date(2025, 6, 12)),
    ]
    assert interest(60_000_000, spans) == 6_083


def test_half_a_fen_is_rounded_up() -> None:
    spans = [RateSpan(Decimal("0.36"), date(2026, 1, 1), date(2026, 1, 2))]

    assert (interest(50_000, spans), interest(49_999, spans)) == (1, 0)


def test_a_refund_on_the_day_of_credit_bears_no_interest() -> None:
    assert rate_spans([], date(2026, 1, 1), date(2026, 1, 1)) == []
    assert interest(60_000_000, []) == 0


def test_a_day_before_the_first_known_rate_is_refused() -> None:
    with pytest.raises(RateUnknown):
        rate_spans([Rate(date(2026, 1, 2), Decimal("0.05"))], date(2026, 1, 1), date(2026, 2, 1))


@pytest.mark.parametrize(
    ("paid", "fee_fen"),
    [
        (date(2025, 5, 17), 0),
        (date(2025, 5, 18), 0),
        (date(2025, 5, 19), 10_333),
        (date(2025, 5, 20), 20_333),
        (date(2025, 5, 28), 100_333),
    ],
)
def test_a_late_refund_costs_the_loan_rate_and_a_fifth_for_every_day_after_the_last(
    paid: date, fee_fen: int
) -> None:
    rates = [Rate(date(2024, 10, 21), Decimal("3.10")), Rate(date(2025, 5, 20), Decimal("3.00"))]

    found = late_fee(100_000_000, rates, date(2025, 5, 18), paid, surcharge=Fraction(1, 5))

    assert found == fee_fen
