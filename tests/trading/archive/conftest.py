"""The contract's city, one step further: what it signed and published can be archived."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from copies import Rest

from govcore.platform import Platform

sys.path.insert(0, str(Path(__file__).parent.parent / "evaluation"))
sys.path.insert(0, str(Path(__file__).parent.parent / "award"))
sys.path.insert(0, str(Path(__file__).parent.parent / "contract"))

from contract_steps import Signed
from evaluated_city import SignIn, signing_in


@pytest.fixture
def signed(platform: Platform, resting: Rest) -> Signed:
    """A works lot whose contract both sides have signed; its bids are envelopes that verify."""
    signed: Signed = resting.kept
    return signed.on(platform)


@pytest.fixture
def sign_in(platform: Platform, signed: Signed) -> Iterator[SignIn]:
    with signing_in(platform) as sign_in:
        yield sign_in
