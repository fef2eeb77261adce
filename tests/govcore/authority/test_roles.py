"""Roles are data: given and taken by the security administrator, at once, within what the modules think fit."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from clocks import move_clock
from sqlalchemy import event, select

from govcore import clock, grants
from govcore.audit.models import LogOutbox
from govcore.authority import proposals, registers, service
from govcore.authority.schemas import Confirmation
from govcore.db import Tx
from govcore.errors import Forbidden, NotFound, Problem
from govcore.identity import queries as identity
from govcore.identity.models import UserRole
from govcore.identity.policy import Actor, Role
from govcore.identity.service import register_organisation, register_user
from govcore.identity.sessions import open_session, token_hash
from govcore.platform import Platform

PEOPLE = {
    "security": Role.SECURITY_ADMIN,
    "system": Role.SYSTEM_ADMIN,
    "auditor": Role.AUDITOR,
    "clerk": Role.CENTRE,
    "nobody": None,
}


@pytest.fixture
def people(platform: Platform) -> dict[str, str]:
    with platform.db.transaction() as tx:
        at = clock.now(tx)
        office = register_organisation(tx, uscc="91330100MA2KEXAMPD", name="中心", actor="system", at=at).id
        return {
            name: register_user(
                tx,
                username=name,
                name=name,
                password="a long enough password",
                org_id=office,
                roles=[role] if role else [],
                actor="system",
                at=at,
            ).id
            for name, role in PEOPLE.items()
        }


Do = Callable[..., str]


@pytest.fixture
def do(platform: Platform, people: dict[str, str]) -> Do:
    def act(verb: Callable[..., object], *subject: str, by: str = "security", **more: Any) -> str:
        """`OK`, or the code of the refusal."""
        try:
            with platform.db.transaction() as tx:
                at, actor = clock.now(tx), identity.actor_of_user(tx, people[by])
                verb(tx, *subject, reason="岗位调整", actor=actor, at=at, **more)
        except Problem as refusal:
            return refusal.code
        return "OK"

    return act


def actor(platform: Platform, user_id: str) -> Actor:
    with platform.db.read() as tx:
        return identity.actor_of_user(tx, user_id)


def test_a_role_acts_from_its_first_moment_to_its_last(
    platform: Platform, people: dict[str, str], do: Do
) -> None:
    who = people["nobody"]
    with platform.db.read() as tx:
        at = clock.now(tx)
    begins, ends = at + timedelta(hours=1), at + timedelta(hours=2)

    given = do(service.give_role, who, "expert", since=begins, until=ends)
    seen = [actor(platform, who).roles]
    for _ in range(2):
        move_clock(platform.db, minutes=61)
        seen.append(actor(platform, who).roles)

    assert given == "OK"
    assert seen == [frozenset(), {"expert"}, frozenset()]
    assert actor(platform, who).may("identity.sign_out")


def test_changes_act_at_once_on_sessions_that_are_open(
    platform: Platform, people: dict[str, str], do: Do
) -> None:
    with platform.db.transaction() as tx:
        token = token_hash(open_session(tx, user_id=people["clerk"], at=clock.now(tx)))

    def asked() -> tuple[bool, bool]:
        with platform.db.read() as tx:
            alone = identity.actor_of_session(tx, token)
            many = identity.actors_of_sessions(tx, [token])[token]
        assert alone == many
        return alone.may("opening.conclude"), "centre" in alone.roles

    seen = [asked()]
    do(service.set_permission, "centre", "opening.conclude", held=False)
    seen.append(asked())
    do(service.set_permission, "centre", "opening.conclude", held=True)
    seen.append(asked())
    do(service.take_role, people["clerk"], "centre")
    seen.append(asked())

    assert seen == [(True, True), (False, True), (True, True), (False, False)]


def test_rights_are_read_again_only_when_they_have_changed(
    platform: Platform, people: dict[str, str], do: Do
) -> None:
    with platform.db.transaction() as tx:
        token = token_hash(open_session(tx, user_id=people["clerk"], at=clock.now(tx)))
    reads: list[int] = []
    for change in (None, None, "opening.conclude", None):
        if change:
            do(service.set_permission, "centre", change, held=False)
        with platform.db.read() as tx:
            said = statements_of(tx)
            identity.actor_of_session(tx, token)
            reads.append(sum("FROM grant_given" in one or "FROM grant_role" in one for one in said))

    assert reads[1:] == [0, 2, 0]


def test_two_first_changes_at_once_are_both_counted(
    platform: Platform, people: dict[str, str], do: Do
) -> None:
    together = threading.Barrier(2)

    def change(name: str) -> str:
        together.wait(10)
        return do(service.set_permission, "centre", name, held=False)

    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(change, ["opening.conclude", "supervision.patrol"]))

    with platform.db.read() as tx:
        assert (answers, tx.scalar(select(grants.VERSION))) == (["OK", "OK"], 2)


def test_a_change_that_fails_leaves_nothing_that_a_later_one_could_be_taken_for(
    platform: Platform, people: dict[str, str], do: Do
) -> None:
    """The next change gets the number that the failed one had."""
    new = {"key": "patrol", "kind": "centre", "zh": "巡查", "en": "Patrol"}
    failed = do(service.add_role, **new, permissions=["supervision.patrol", "bid.submit"])
    with platform.db.transaction() as tx:
        tx.add(grants.Grant(role="centre", permission="opening.conclude", held=False))
        grants.renumber(tx)

    with platform.db.read() as tx:
        roles = grants.roles_now(tx)

    assert (failed, "patrol" in roles) == ("E_NOT_FIT", False)
    assert "opening.conclude" not in roles["centre"].permissions


def statements_of(tx: Tx) -> list[str]:
    """What the transaction asks from now on."""
    said: list[str] = []
    event.listen(tx.connection(), "before_cursor_execute", lambda *call: said.append(call[2]))
    return said


@pytest.mark.parametrize(
    ("verb", "subject", "more"),
    [
        (service.give_role, ("nobody", "expert"), {"until": None}),
        (service.take_role, ("clerk", "centre"), {}),
    ],
)
def test_only_the_security_administrator_gives_and_takes(
    people: dict[str, str],
    do: Do,
    verb: Callable[..., object],
    subject: tuple[str, str],
    more: dict[str, Any],
) -> None:
    who, role = subject

    answers = {by: do(verb, people[who], role, by=by, **more) for by in PEOPLE if by != "security"}

    assert set(answers.values()) == {"E_FORBIDDEN"}
    assert do(verb, people[who], role, **more) == "OK"


def test_nobody_touches_the_own_rights(people: dict[str, str], do: Do) -> None:
    own = people["security"]

    answers = [
        do(service.give_role, own, "expert", until=None),
        do(service.take_role, own, "security_admin"),
        do(service.set_permission, "security_admin", "authority.assign", held=False),
        do(service.add_role, "my_own", kind="security_admin", zh="我", en="Mine", permissions=[]),
    ]

    assert answers == ["E_OWN_RIGHTS"] * 4


def test_duties_that_are_kept_apart_are_not_given_together_not_even_later(
    platform: Platform, people: dict[str, str], do: Do
) -> None:
    with platform.db.read() as tx:
        later = clock.now(tx) + timedelta(days=30)
    clerk, nobody = people["clerk"], people["nobody"]

    assert do(service.give_role, clerk, "expert", until=None) == "E_ROLES_APART"
    assert do(service.give_role, nobody, "deposits", since=later, until=None) == "OK"
    assert do(service.give_role, nobody, "centre", until=None) == "E_ROLES_APART"
    assert do(service.take_role, nobody, "deposits") == "OK"
    assert do(service.give_role, nobody, "centre", until=None) == "OK"


def test_a_role_holds_no_more_than_the_modules_think_fit_for_its_kind(do: Do) -> None:
    answers = [
        do(service.set_permission, "deposits", "evaluation.view", held=True),
        do(service.set_permission, "system_admin", "tender.publish", held=True),
        do(service.set_permission, "centre", "share.release", held=True),
        do(service.set_permission, "centre", "identity.sign_out", held=False),
        do(service.add_role, "reader", kind="auditor", zh="甲", en="A", permissions=["bid.submit"]),
    ]

    assert answers == ["E_NOT_FIT"] * 5


def test_an_added_role_is_a_part_of_its_kind(platform: Platform, people: dict[str, str], do: Do) -> None:
    made = do(
        service.add_role,
        "patrol",
        kind="centre",
        zh="场内巡查员",
        en="Patroller",
        permissions=["supervision.patrol", "supervision.read"],
    )
    given = do(service.give_role, people["nobody"], "patrol", until=None)

    patroller = actor(platform, people["nobody"])
    with platform.db.read() as tx:
        centre = identity.users_with_role(tx, Role.CENTRE)

    assert (made, given) == ("OK", "OK")
    assert patroller.roles == {"centre"}
    assert patroller.permissions - platform.registry.personal == {"supervision.patrol", "supervision.read"}
    assert set(centre) == {people["clerk"], people["nobody"]}
    assert do(service.give_role, people["nobody"], "expert", until=None) == "E_ROLES_APART"
    assert do(service.add_role, "patrol", kind="centre", zh="x", en="x", permissions=[]) == "E_ROLE_EXISTS"
    assert do(service.add_role, "No", kind="centre", zh="x", en="x", permissions=[]) == "E_ROLE"


def test_an_administrators_role_is_given_by_two_people(
    platform: Platform, people: dict[str, str], do: Do
) -> None:
    who = people["nobody"]
    alone = do(service.give_role, who, "auditor", until=None)
    with platform.db.transaction() as tx:
        at = clock.now(tx)
        made = proposals.propose(
            tx,
            "authority.appoint",
            who,
            content={"role": "auditor", "until": "2099-05-01"},
            reason="增补审计管理员",
            actor=actor(platform, people["security"]),
            at=at,
        )
        seen = Confirmation(act=made.act, object_id=who, sha256=made.sha256)
        proposal_id = made.id
    with pytest.raises(Forbidden), platform.db.transaction() as tx:
        proposals.confirm(tx, platform, proposal_id, seen, actor=actor(platform, people["auditor"]))
    before = actor(platform, who).roles

    with platform.db.transaction() as tx:
        proposals.confirm(tx, platform, proposal_id, seen, actor=actor(platform, people["system"]))

    with platform.db.read() as tx:
        until = tx.scalar(select(UserRole.until).where(UserRole.user_id == who))
    assert (alone, before, actor(platform, who).roles) == ("E_TWO_NEEDED", frozenset(), {"auditor"})
    assert until == datetime(2099, 4, 30, 16, tzinfo=UTC)  # the first moment of 1 May in Beijing


def test_the_last_security_administrator_stays(platform: Platform, people: dict[str, str], do: Do) -> None:
    """Nobody takes the own role, so whoever takes the other's is left."""
    with platform.db.transaction() as tx:
        other = register_user(
            tx,
            username="other",
            name="other",
            password="a long enough password",
            org_id=identity.actor_of_user(tx, people["clerk"]).org_id or "",
            roles=[Role.SECURITY_ADMIN],
            actor="system",
            at=clock.now(tx),
        ).id
    people["other"] = other

    assert do(service.take_role, people["security"], "security_admin", by="other") == "OK"
    assert do(service.take_role, other, "security_admin", by="security") == "E_FORBIDDEN"
    assert do(service.take_role, people["auditor"], "auditor", by="other") == "OK"


def test_the_history_tells_who_what_when_and_why_and_the_log_too(
    platform: Platform, people: dict[str, str], do: Do
) -> None:
    do(service.give_role, people["nobody"], "expert", until=None)
    do(service.set_permission, "expert", "evaluation.view", held=False)

    with platform.db.read() as tx:
        reader = actor(platform, people["auditor"])
        told = [
            (one.event, one.by, one.role, one.person, one.permission, one.reason)
            for one in registers.changes(tx, actor=reader)
        ]
        logged = [json.loads(said)["type"] for said in tx.scalars(select(LogOutbox.event))]
        with pytest.raises(Forbidden):
            registers.changes(tx, actor=actor(platform, people["clerk"]))

    assert told == [
        ("authority.permission_taken", "security", "expert", None, "evaluation.view", "岗位调整"),
        ("authority.role_given", "security", "expert", "nobody", None, "岗位调整"),
    ]
    assert [name for name in logged if name.startswith("authority.")] == [
        "authority.role_given",
        "authority.permission_taken",
    ]


def test_roles_and_people_are_found_by_words(platform: Platform, people: dict[str, str]) -> None:
    with platform.db.read() as tx:
        reader = actor(platform, people["security"])
        by_permission = {view.key for view in registers.roles(tx, actor=reader, words="share.release")}
        (clerk,) = registers.people(tx, actor=reader, words="cler")
        with pytest.raises(NotFound):
            registers.role(tx, "king", actor=reader)

    assert by_permission == {"custodian"}
    assert [one.role for one in clerk.roles] == ["centre"]
    other, rule = clerk.apart["expert"]
    assert (other, rule.basis) == ("centre", "国办发〔2015〕63号")
    assert "tenderer" not in clerk.apart
