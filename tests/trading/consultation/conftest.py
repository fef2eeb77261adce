"""The evaluation's fictional city as a consultation: four responses opened, a group that meets, two gates."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from govcore.db import Database
from govcore.platform import Platform
from trading.tender.models import Tender

sys.path.insert(0, str(Path(__file__).parent.parent / "evaluation"))
sys.path.insert(0, str(Path(__file__).parent.parent / "review"))

from evaluated_city import City, SignIn, content, signing_in
from reviewed_city import GATES, reviewing


@pytest.fixture
def city(database: Database) -> City:
    made = reviewing(database, rule_set="gp-2026")
    consulted = msgspec.structs.replace(content(), gates=GATES, procedure="consultation")
    with database.transaction() as tx:
        tx.get_one(Tender, "tender-1").content = msgspec.to_builtins(consulted)
    return made


@pytest.fixture
def sign_in(platform: Platform, city: City) -> Iterator[SignIn]:
    with signing_in(platform) as sign_in:
        yield sign_in
