"""The member list of a consortium (联合体): signed by every member, sealed with the lead's bid, read at the opening.

It travels as one more file of a part, so the protocol's parts, keys and manifests stay as they are.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Literal

from bidding_docs.codes import BadSchema
from bidding_docs.encoding import BidderId, Count, Id, Strict, Text

CONSORTIUM_FILE = "consortium.dsse.json"
CONSORTIUM_SIZE = 256 * 1024
MOST_MEMBERS = 10
LOWEST_LEVEL = 9


class Grade(Strict, frozen=True, kw_only=True):
    """A grade of qualification (资质等级): 0 is the special grade, 1 the first, and so on downwards."""

    speciality: Text
    level: Count


class Member(Strict, frozen=True, kw_only=True):
    """An organisation of the consortium, what it does in the contract, and its grades for that."""

    id: BidderId
    name: Text
    work: Text
    grades: tuple[Grade, ...]


class Consortium(Strict, frozen=True, kw_only=True):
    """Who bids together for one lot; the first member leads, bids and answers for all."""

    type: Literal["consortium"] = "consortium"
    tender_id: Id
    lot_id: Id
    members: tuple[Member, ...]

    @property
    def lead(self) -> Member:
        return self.members[0]


def check_consortium(consortium: Consortium) -> None:
    """E_SCHEMA unless two to ten different organisations are named, each grade on the scale."""
    ids = [member.id for member in consortium.members]
    if not 2 <= len(ids) <= MOST_MEMBERS or len(set(ids)) != len(ids):
        raise BadSchema(detail="a consortium has two to ten members, each named once")
    if any(grade.level > LOWEST_LEVEL for member in consortium.members for grade in member.grades):
        raise BadSchema(detail="a grade is a number from 0, the special one, to 9")


def lowest_grades(grades: Sequence[Collection[Grade]]) -> Mapping[str, int]:
    """The grade of the consortium in each speciality that more members have: that of its lowest member.

    招标投标法 art. 31, 政府采购法实施条例 art. 22.
    """
    found: dict[str, list[int]] = {}
    for own in grades:
        for grade in own:
            found.setdefault(grade.speciality, []).append(grade.level)
    return {speciality: max(levels) for speciality, levels in found.items()}


def party_name(names: Sequence[str]) -> str:
    """How papers name the bidder: the organisation alone, or the lead and all members."""
    lead, *others = names
    return f"{lead}（联合体牵头人）、{'、'.join(others)}" if others else lead
