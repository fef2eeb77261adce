"""A tender under each regime's lawful rule set."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from govcore.platform import Platform

sys.path.insert(0, str(Path(__file__).parent.parent / "evaluation"))

from challenge_city import Town, town_of


@pytest.fixture
def town(platform: Platform) -> Town:
    """A works tender that takes bids until 31 March 2026; bidders 1 and 2 follow it."""
    town = town_of(platform)
    town.follow("bidder-1", "bidder-2")
    return town


@pytest.fixture
def market(platform: Platform) -> Town:
    """A government procurement that takes bids until 31 March 2026; bidders 1 and 2 follow it."""
    town = town_of(platform, rule_set="gp-2026")
    town.follow("bidder-1", "bidder-2")
    return town
