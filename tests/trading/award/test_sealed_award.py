"""The award letter bears the tenderer's seal where it ordered so; without a seal in use nothing is awarded."""

from __future__ import annotations

from io import BytesIO

import pytest
from evaluated_city import City
from pyhanko.pdf_utils.reader import PdfFileReader
from sealing_organs import change_seal, seal_for
from test_award_service import later

from govcore.platform import Platform
from govcore.seals import queries
from govcore.seals.policy import SealMove, UseState
from govcore.seals.service import SealUnusable
from trading.award import issue
from trading.award.policy import LETTER_PAPER
from trading.tender.models import Lot


@pytest.fixture
def seal_id(platform: Platform, city: City) -> str:
    return seal_for(platform, keeper="tenderer", papers=(LETTER_PAPER,), office="东坝建")


def test_the_award_letter_is_sealed_by_the_tenderer_who_awards(
    platform: Platform, city: City, seal_id: str
) -> None:
    tenderer = city.actor("tenderer")
    issue.publicise(platform, city.lot_id, actor=tenderer)
    later(city, seconds=3)

    letter, result = issue.award(platform, city.lot_id, bid_id="bid-2", actor=tenderer)

    (signature,) = PdfFileReader(BytesIO(platform.store.get(letter.key))).embedded_signatures
    with platform.db.read() as tx:
        (use,) = queries.uses(tx, seal_id, actor=tenderer)
    assert signature.signer_cert.subject.native["serial_number"] == "3799000000001"
    assert (use.state, use.sealed_sha256, use.requested_by) == (UseState.SEALED, letter.sha256, tenderer.name)
    assert PdfFileReader(BytesIO(platform.store.get(result.key))).embedded_signatures == []


def test_nothing_is_awarded_while_the_ordered_seal_is_suspended(
    platform: Platform, city: City, seal_id: str
) -> None:
    tenderer = city.actor("tenderer")
    issue.publicise(platform, city.lot_id, actor=tenderer)
    later(city, seconds=3)
    change_seal(platform, seal_id, SealMove.SUSPEND)

    with pytest.raises(SealUnusable):
        issue.award(platform, city.lot_id, bid_id="bid-2", actor=tenderer)

    with platform.db.read() as tx:
        assert tx.get_one(Lot, city.lot_id).state == "publicity"
        assert queries.uses(tx, seal_id, actor=tenderer) == []
