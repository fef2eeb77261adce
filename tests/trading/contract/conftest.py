"""The award's city, one step further: the lot is awarded to bidder 2 and both sides hold certificates."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from copies import Rest, Steps

from govcore.platform import Platform

sys.path.insert(0, str(Path(__file__).parent.parent / "evaluation"))
sys.path.insert(0, str(Path(__file__).parent.parent / "award"))

from contract_steps import Signed, awarded_purchase, awarded_tender
from evaluated_city import SignIn, signing_in


@pytest.fixture
def beginnings() -> dict[str, Steps]:
    return {"tender": awarded_tender, "bought": awarded_purchase}


@pytest.fixture
def tender(platform: Platform, resting: Rest) -> Signed:
    """A works lot awarded to bidder 2."""
    signed: Signed = resting.kept
    return signed.on(platform)


@pytest.fixture
def bought(platform: Platform, resting: Rest) -> Signed:
    """A government purchase awarded to bidder 2."""
    signed: Signed = resting.kept
    return signed.on(platform)


@pytest.fixture
def sign_in(platform: Platform, tender: Signed) -> Iterator[SignIn]:
    with signing_in(platform) as sign_in:
        yield sign_in
