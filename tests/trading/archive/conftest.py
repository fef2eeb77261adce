"""The contract's city, one step further: what it signed and published can be archived."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from govcore import dsse
from govcore.db import Database
from govcore.platform import Platform

sys.path.insert(0, str(Path(__file__).parent.parent / "evaluation"))
sys.path.insert(0, str(Path(__file__).parent.parent / "award"))
sys.path.insert(0, str(Path(__file__).parent.parent / "contract"))

from contract_steps import Signed, awarded_tender, lock_deposits
from evaluated_city import SignIn, signing_in

from trading.opening.models import OpeningBid


@pytest.fixture
def signed(platform: Platform, database: Database) -> Signed:
    """A works lot whose contract both sides have signed; its bids are envelopes that verify."""
    city = awarded_tender(platform, database)
    with database.transaction() as tx:
        signers = list(city.signers.values())
        for n, bid in enumerate(tx.scalars(select(OpeningBid).order_by(OpeningBid.number))):
            said = f'{{"bid":{bid.number}}}'.encode()
            bid.envelope = dsse.sign("application/json", said, [signers[n % len(signers)]]).encode()
    lock_deposits(city.city, "bidder-1", "bidder-2")
    city.conclude()
    return city


@pytest.fixture
def sign_in(platform: Platform, signed: Signed) -> Iterator[SignIn]:
    with signing_in(platform) as sign_in:
        yield sign_in
