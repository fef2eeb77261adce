"""Who makes a lawful committee, who leads it, and from where its members may come."""

from __future__ import annotations

import pytest

from trading.committee.policy import (
    Fault,
    Needs,
    NewSeat,
    SeatKind,
    composition_fault,
    elected,
    from_networks,
    may_lead,
)
from trading.procedure.policy import Regime
from trading.venue.policy import plain_networks

SENT = SeatKind.REPRESENTATIVE


def members(experts: int, sent: int) -> list[NewSeat]:
    return [NewSeat(f"e{n}") for n in range(experts)] + [NewSeat(f"r{n}", SENT) for n in range(sent)]


@pytest.mark.parametrize(
    ("experts", "sent", "needed", "fault"),
    [
        (0, 0, 0, Fault.SIZE),
        (3, 0, 2, Fault.SIZE),
        (4, 0, 3, Fault.SIZE),
        (6, 0, 4, Fault.SIZE),
        (5, 0, 4, None),
        (4, 1, 4, None),
        (3, 2, 4, Fault.EXPERTS),  # BH11: of five, four must be experts
        (5, 2, 5, None),
        (4, 3, 5, Fault.EXPERTS),
    ],
)
def test_a_committee_is_odd_large_enough_and_two_thirds_experts(
    experts: int, sent: int, needed: int, fault: Fault | None
) -> None:
    assert composition_fault(members(experts, sent), Needs(members=5, experts=needed, basis="T14")) is fault


def test_the_same_person_cannot_sit_twice() -> None:
    twice = [*members(4, 0), NewSeat("e0", SENT)]

    assert composition_fault(twice, Needs(members=5, experts=4, basis="T14")) is Fault.TWICE


def test_the_purchasers_representative_never_leads_in_a_government_purchase() -> None:
    """BH13."""
    allowed = {(kind, regime): may_lead(kind, regime) for kind in SeatKind for regime in Regime}

    assert [pair for pair, may in allowed.items() if not may] == [(SENT, Regime.GP)]


@pytest.mark.parametrize(
    ("votes", "leader"),
    [
        ({}, None),
        ({1: 2, 2: 2}, None),
        ({1: 2, 2: 2, 3: 2}, 2),
        ({1: 2, 2: 2, 3: 3, 4: 3}, None),
        ({1: 2, 2: 2, 3: 2, 4: 3, 5: 3}, 2),
        ({1: 9, 2: 9, 3: 9}, None),
        ({7: 2, 8: 2, 9: 2}, None),
    ],
)
def test_more_than_half_of_all_seats_elect(votes: dict[int, int], leader: int | None) -> None:
    assert elected(votes, range(1, 6)) == leader


NETWORKS = ["10.1.2.0/24", "2001:db8::/32"]


@pytest.mark.parametrize(
    ("address", "inside"),
    [
        ("10.1.2.9", True),
        ("10.1.3.9", False),
        ("2001:db8::1", True),
        ("2001:db9::1", False),
        ("", False),
        ("testclient", False),
    ],
)
def test_members_come_from_the_rooms_networks_only(address: str, inside: bool) -> None:
    assert from_networks(address, NETWORKS) is inside
    assert from_networks(address, []) is False


@pytest.mark.parametrize(
    ("lines", "read"),
    [
        (["10.1.2.0/24 ", "", "192.0.2.7"], ["10.1.2.0/24", "192.0.2.7/32"]),
        (["10.1.2.1/24"], None),
        (["room 3"], None),
        (["10.1.2.0/33"], None),
    ],
)
def test_networks_are_written_as_people_write_them(lines: list[str], read: list[str] | None) -> None:
    assert plain_networks(lines) == read
