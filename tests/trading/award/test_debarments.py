"""Whom a department debarred is awarded nothing; two people of it publish and lift the decision."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec
import pytest
from award_steps import publicise, put_out
from evaluated_city import City, SignIn
from sqlalchemy import select, update

from govcore import clock
from govcore.authority.models import Proposal
from govcore.clock import BEIJING
from govcore.db import Database
from govcore.errors import Problem
from govcore.identity.models import Organisation, User, UserRole
from govcore.identity.policy import Role
from govcore.platform import Platform
from trading.award import issue
from trading.debarment import queries
from trading.debarment.models import Debarment
from trading.debarment.policy import bars, shown_until
from trading.debarment.service import Decision, Lifting, debar, lift
from trading.opening.models import OpeningBid

FIRST = "91371500MA0000000X"
MEMBER = "91371500MA00000011"


@pytest.fixture(autouse=True)
def lawful_code(city: City) -> None:
    """The code of the bidder that is ranked first."""
    with city.database.transaction() as tx:
        tx.execute(update(Organisation).where(Organisation.id == "bidder-2").values(uscc=FIRST))


def today(city: City) -> date:
    with city.database.read() as tx:
        return clock.now(tx).astimezone(BEIJING).date()


def decision(city: City, **changes: date) -> Decision:
    day = today(city)
    decided = Decision(
        name="东坝河工集团有限公司",
        conduct="提供虚假材料谋取中标",
        basis="政府采购法 art. 77",
        decision="临财罚〔2026〕3号",
        decided_on=day,
        first_day=day,
        last_day=day + timedelta(days=365),
    )
    return msgspec.structs.replace(decided, **changes)


def debarred(platform: Platform, city: City, uscc: str = FIRST, **changes: date) -> str:
    regulator = city.actor("regulator")
    with city.database.transaction() as tx:
        debar(tx, platform, uscc, decision(city, **changes), proposer=regulator, second=regulator)
    with city.database.read() as tx:
        return tx.scalars(select(Debarment.id)).one()


def award_code(platform: Platform, city: City, bid_id: str = "bid-2") -> str:
    city.database.info["clock_offset"] += timedelta(seconds=3)  # publicity is over
    try:
        issue.award(platform, city.lot_id, bid_id=bid_id, actor=city.actor("tenderer"))
    except Problem as problem:
        return problem.code
    return ""


def test_a_debarred_candidate_is_passed_over_with_its_cause(platform: Platform, city: City) -> None:
    publicise(platform, city)
    debarred(platform, city)

    refused = award_code(platform, city)
    put_out(platform, city, "bid-2")

    assert (refused, award_code(platform, city, "bid-1")) == ("E_DEBARRED", "")


def test_a_lifted_debarment_bars_nobody(platform: Platform, city: City) -> None:
    publicise(platform, city)
    found = debarred(platform, city)
    regulator = city.actor("regulator")
    with city.database.transaction() as tx:
        lift(tx, platform, found, Lifting(notice="已完成信用修复"), proposer=regulator, second=regulator)

    assert award_code(platform, city) == ""
    with city.database.read() as tx:
        (shown,) = queries.public_list(tx, at=clock.now(tx))
    assert (shown.in_force, shown.lift_reason) == (False, "已完成信用修复")


def test_a_debarred_member_bars_its_consortium(platform: Platform, city: City) -> None:
    member = {"id": MEMBER, "name": "成员", "work": "监测", "grades": [], "signed": True}
    with city.database.transaction() as tx:
        consortium = {"members": [member], "grades": {}}
        tx.execute(update(OpeningBid).where(OpeningBid.bid_id == "bid-2").values(consortium=consortium))
    publicise(platform, city)
    debarred(platform, city, MEMBER)

    assert award_code(platform, city) == "E_DEBARRED"


def seen(city: City, address: str) -> dict[str, str]:
    """What the page of a proposal has its reader send back."""
    with city.database.read() as tx:
        made = tx.get_one(Proposal, address.rsplit("/", 1)[1])
    return {"typed": FIRST, "act": made.act, "object_id": made.object_id, "sha256": made.sha256}


def test_two_people_of_the_department_publish_a_decision_for_everybody(
    city: City, sign_in: SignIn, database: Database
) -> None:
    with database.transaction() as tx:
        tx.add(
            User(
                id="second-regulator", username="r2", name="监督二", org_id="regulator", password_hash="none"
            )
        )
        tx.flush()
        tx.add(UserRole(user_id="second-regulator", role=Role.REGULATOR))
    form = {"uscc": FIRST, **{k: str(v) for k, v in msgspec.to_builtins(decision(city)).items()}}

    wrong = sign_in("regulator").post("/debarments/new", data=form | {"uscc": FIRST[:-1] + "0"})
    empty = sign_in("regulator").post("/debarments/new", data=form | {"conduct": ""})
    stranger = sign_in("tenderer").post("/debarments/new", data=form)
    way = sign_in("regulator").post("/debarments/new", data=form).headers["location"]
    made = sign_in("regulator").post(way, data={"reason": "依法公布"}).headers["location"]
    alone = sign_in("regulator").post(f"{made}/confirm", data=seen(city, made))
    before = sign_in("").get("/debarments").text
    sign_in("second-regulator").post(f"{made}/confirm", data=seen(city, made))
    after = sign_in("").get("/debarments").text

    assert [one.status_code for one in (wrong, empty, stranger, alone)] == [422, 422, 403, 403]
    assert (FIRST in before, FIRST in after) == (False, True)
    assert sign_in("").get("/debarments/list.xlsx").content.startswith(b"PK")


@pytest.mark.parametrize(
    ("day", "lifted", "expected"),
    [
        (date(2026, 2, 28), None, False),
        (date(2026, 3, 1), None, True),
        (date(2027, 2, 28), None, True),
        (date(2027, 3, 1), None, False),
        (date(2026, 6, 1), date(2026, 6, 1), False),
        (date(2026, 5, 31), date(2026, 6, 1), True),
    ],
)
def test_first_and_last_day_are_barred(day: date, lifted: date | None, *, expected: bool) -> None:
    assert bars(date(2026, 3, 1), date(2027, 2, 28), lifted_on=lifted, day=day) is expected


def test_a_decision_is_shown_for_half_a_year_or_while_it_bars() -> None:
    decided = date(2026, 8, 31)

    assert shown_until(decided, date(2026, 9, 30)) == date(2027, 2, 28)
    assert shown_until(decided, date(2029, 8, 30)) == date(2029, 8, 30)
