"""How many suppliers each stage needs: of a consultation by its ground, and of everything else as before."""

from __future__ import annotations

import msgspec
import pytest

from bidding_docs import manifests as m
from bidding_docs.encoding import encode
from trading.procedure.competition import CONSULTED, Ground, Stage, fewest, needs
from trading.procedure.rules import rule_set
from trading.procedure.words import cited

GP = rule_set("gp-2026")


@pytest.mark.parametrize(
    ("ground", "numbers", "articles"),
    [
        (None, [3, 3, 3, 3], {"财库〔2014〕214号第21条、第34条"}),
        (Ground.COMPLEX, [3, 3, 3, 3], {"财库〔2014〕214号第21条、第34条"}),
        (Ground.UNPRICED, [3, 3, 3, 3], {"财库〔2014〕214号第21条、第34条"}),
        (Ground.WORKS, [3, 3, 3, 3], {"财库〔2014〕214号第21条、第34条"}),
        (Ground.RESEARCH, [2, 2, 2, 2], {"财库〔2014〕214号第3条、第21条、第34条"}),
        (Ground.SERVICES, [3, 2, 2, 2], {"财库〔2014〕214号第6条、第34条", "财库〔2015〕124号"}),
    ],
)
def test_a_consultation_needs_three_and_on_two_grounds_two(
    ground: Ground | None, numbers: list[int], articles: set[str]
) -> None:
    """First responses, remaining after the talks, final offers, candidates (214号 art. 21, 34; 124号)."""
    found = needs(GP, ground)

    assert list(found) == list(CONSULTED)
    assert [rule.number for rule in found.values()] == numbers
    assert {cited(rule) for rule in found.values()} == articles


@pytest.mark.parametrize(
    ("rules", "stage", "rule"),
    [
        ("tb-2026", Stage.INVITED, "T12"),
        ("tb-2026", Stage.PASSED, "T11"),
        ("tb-2026", Stage.RECEIVED, "T10"),
        ("tb-2026", Stage.RESPONSIVE, "T10"),
        ("gp-2026", Stage.INVITED, "G11"),
        ("gp-2026", Stage.RECEIVED, "G11"),
        ("gp-2026", Stage.QUALIFIED, "G11.qualified"),
        ("gp-2026", Stage.RESPONSIVE, "G11.responsive"),
    ],
)
def test_no_ground_of_a_consultation_changes_what_a_tender_needs(rules: str, stage: Stage, rule: str) -> None:
    found = fewest(rule_set(rules), stage, procedure="tender", ground=Ground.RESEARCH)

    assert (found.id, found.number) == (rule, 3)


def test_a_key_manifest_names_two_bids_or_says_nothing_of_three() -> None:
    """What was signed before this member was known has the same bytes, and nobody can sign for one bid."""
    policy = {"k": 2, "n": 3, "gate": "remote", "bidder": "none"}
    usual, two = m.Policy(**policy), m.Policy(**policy, fewest_bids=2)

    assert encode(usual) == b'{"k":2,"n":3,"gate":"remote","bidder":"none"}'
    assert encode(two) == b'{"k":2,"n":3,"gate":"remote","bidder":"none","fewest_bids":2}'
    assert (usual.opens_from, two.opens_from) == (3, 2)
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({**policy, "fewest_bids": 1}, m.Policy)
