"""Duties that one person must not hold together, and what administrators hold."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import combinations

import pytest

from govcore.authority.policy import CONFLICTS, RolesConflict, check_together, conflict_between
from govcore.db import Database
from govcore.identity.policy import ADMINISTRATORS, Role
from govcore.identity.service import register_organisation, register_user
from govcore.module import Registry
from trading.demo.city import PEOPLE

AT = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
TOGETHER = {
    (Role.AGENCY, Role.BIDDER),
    (Role.AGENCY, Role.CUSTODIAN),
    (Role.AGENCY, Role.EXPERT),
    (Role.AGENCY, Role.TENDERER),
    (Role.BANK, Role.CENTRE),
    (Role.BANK, Role.CUSTODIAN),
    (Role.BANK, Role.REGULATOR),
    (Role.BIDDER, Role.CUSTODIAN),
    (Role.BIDDER, Role.EXPERT),
    (Role.BIDDER, Role.TENDERER),
    (Role.AGENCY, Role.CENTRE),
    (Role.CENTRE, Role.CUSTODIAN),
    (Role.CENTRE, Role.TENDERER),
    (Role.CUSTODIAN, Role.EXPERT),
    (Role.CUSTODIAN, Role.REGULATOR),
    (Role.CUSTODIAN, Role.TENDERER),
    (Role.EXPERT, Role.TENDERER),
}
"""All pairs of a tender's roles that one person may hold; in one tender most of these are refused there."""

OF_OTHER_MODULES = {Role.CLERK, Role.ASSESSOR, Role.CITIZEN}


def test_the_pairs_that_one_person_may_hold_are_exactly_these() -> None:
    allowed = {
        (first, second)
        for first, second in combinations(sorted(set(Role) - OF_OTHER_MODULES), 2)
        if conflict_between(first, second) is None
    }

    assert allowed == {(min(pair), max(pair)) for pair in TOGETHER}


@pytest.mark.parametrize("rule", CONFLICTS, ids=lambda rule: rule.reason)
def test_a_rule_parts_two_roles_in_either_order_and_no_role_from_itself(rule) -> None:
    pairs = {(one, other) for one in rule.ones for other in rule.others if one != other}

    assert pairs
    assert all(rule.parts(one, other) and rule.parts(other, one) for one, other in pairs)
    assert not any(rule.parts(role, role) for role in Role)


def test_nobody_is_registered_with_duties_that_are_kept_apart(database: Database) -> None:
    with database.transaction() as tx:
        office = register_organisation(tx, uscc="91330100MA2KEXAMPD", name="甲", actor="system", at=AT).id
        with pytest.raises(RolesConflict) as refusal:
            register_user(
                tx,
                username="both",
                name="某某",
                password="a long enough password",
                org_id=office,
                roles=[Role.SECURITY_ADMIN, Role.AUDITOR],
                actor="system",
                at=AT,
            )

    assert refusal.value.data == {
        "first": "auditor",
        "second": "security_admin",
        "basis": "GB/T 22239-2019 8.1.5",
    }


def test_nobody_of_the_demo_holds_what_is_kept_apart() -> None:
    for _, _, roles in PEOPLE.values():
        check_together(roles)


def test_administrators_hold_no_right_in_a_case(registry: Registry) -> None:
    in_cases = {name for name, permission in registry.permissions.items() if not permission.administrative}

    held = {role: registry.permissions_of(frozenset({role})) & in_cases for role in ADMINISTRATORS}

    assert held == {role: frozenset() for role in ADMINISTRATORS}
    assert {"tender.publish", "bid.submit", "bid.trace", "share.release", "deposit.read_all"} <= in_cases


def test_who_manages_deposits_holds_no_other_right_in_a_case(registry: Registry) -> None:
    held = registry.permissions_of(frozenset({Role.DEPOSITS}))
    in_cases = {name for name in held if not registry.permissions[name].administrative}
    of_tenders = {name for name in in_cases if name.split(".")[0] not in ("organisation", "delegation")}

    assert of_tenders == {"deposit.read", "deposit.read_all"}
    assert not registry.permissions["deposit.read_all"].roles & {Role.CENTRE, Role.AGENCY, Role.TENDERER}
