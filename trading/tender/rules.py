"""Rule sets: a procurement procedure as validated data."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

from govcore.errors import Problem

_FOLDER = Path(__file__).parent / "rule_sets"


class UnknownRuleSet(Problem):
    code = "E_RULE_SET"
    status = 422
    text = "There is no rule set of this name here."


class Periods(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All in seconds: least bidding time, windows of the opening, publicity, reply to a misconduct record."""

    bidding_min: int
    seal_check: int
    release: int
    confirmation: int
    bidder_share: int
    publicity: int
    reply: int


class Custodians(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    n: int
    k: int


class RuleSet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a procedure asks for; `lawful` is false where periods were shortened, and every page then says so."""

    id: str
    lawful: bool
    name: str
    min_bids: int
    custodians: Custodians
    periods: Periods
    gate: Literal["local", "remote"]


@cache
def rule_set(name: str) -> RuleSet:
    """The rule set of this name; raise `UnknownRuleSet`."""
    known = {path.stem: path for path in _FOLDER.glob("*.json")}
    if name not in known:
        raise UnknownRuleSet
    return msgspec.json.decode(known[name].read_bytes(), type=RuleSet)
