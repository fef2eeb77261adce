"""Organisations, people and sessions, each with a stranger who must fail."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select, update

from govcore.audit.entries import parse_event
from govcore.audit.models import LogOutbox
from govcore.db import Database
from govcore.errors import Forbidden, NotSignedIn, Problem
from govcore.identity import passwords, queries, service, sessions
from govcore.identity.models import Organisation, SignInSession, User
from govcore.identity.policy import ASVS, VISITOR, Actor, Role, require
from govcore.module import discover

AT = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)
USCC = "91330100MA2KEXAMPD"
PASSWORD = "correct horse battery"


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """One company with one person, who is a bidder."""
    registry = discover(["identity", "audit", "notify", "web"])
    database = Database(database_url, info={"registry": registry})
    with database.transaction() as tx:
        company = service.register_organisation(tx, uscc=USCC, name="晨光水务", actor="system", at=AT)
        service.register_user(
            tx,
            username="wang",
            name="王强",
            password=PASSWORD,
            org_id=company.id,
            roles=[Role.BIDDER],
            actor="system",
            at=AT,
        )
    yield database
    database.dispose()


def _user_id(database: Database) -> str:
    with database.read() as tx:
        return tx.scalars(select(User.id)).one()


def _actor(database: Database) -> Actor:
    user_id = _user_id(database)
    with database.read() as tx:
        return queries.actor_of_user(tx, user_id)


def _checked(database: Database, username: str, password: str) -> passwords.Person:
    with database.read() as tx:
        who = passwords.claimed(tx, username, at=AT, profile=ASVS)
    return passwords.verified(who, password)


def test_the_right_password_signs_in(database: Database) -> None:
    person = _checked(database, "wang", PASSWORD)

    assert person.user_id == _user_id(database)


@pytest.mark.parametrize(
    ("username", "password"),
    [("wang", PASSWORD + " "), ("wang", ""), ("li", PASSWORD), ("li", "nobody has this password"), ("", "")],
)
def test_wrong_names_and_wrong_passwords_look_the_same(
    database: Database, username: str, password: str
) -> None:
    with pytest.raises(passwords.WrongCredentials) as refusal:
        _checked(database, username, password)

    assert str(refusal.value) == "E_CREDENTIALS: The name or the password is not right."


def test_a_disabled_person_signs_in_no_more_and_an_open_session_ends(database: Database) -> None:
    with database.transaction() as tx:
        token = sessions.open_session(tx, user_id=_user_id(database), at=AT)
    with database.transaction() as tx:
        tx.execute(update(User).values(active=False))

    with pytest.raises(passwords.WrongCredentials):
        _checked(database, "wang", PASSWORD)
    with database.read() as tx:
        assert queries.actor_of_session(tx, sessions.token_hash(token)) == VISITOR


def test_signing_out_ends_the_session_at_once(database: Database) -> None:
    with database.transaction() as tx:
        token = sessions.open_session(tx, user_id=_user_id(database), at=AT)
    actor = _actor(database)
    with database.transaction() as tx:
        sessions.close_session(tx, token=token, actor=actor, at=AT)

    with database.read() as tx:
        assert queries.actor_of_session(tx, sessions.token_hash(token)) == VISITOR


def test_neither_password_nor_token_is_stored(database: Database) -> None:
    with database.transaction() as tx:
        token = sessions.open_session(tx, user_id=_user_id(database), at=AT)
    with database.read() as tx:
        stored = tx.scalars(select(SignInSession.token_sha256)).one()
        hashed = tx.scalars(select(User.password_hash)).one()

    assert stored == sessions.token_hash(token) != token
    assert hashed.startswith("$argon2id$")
    assert PASSWORD not in hashed


def test_sign_ins_are_logged_without_the_token(database: Database) -> None:
    with database.transaction() as tx:
        token = sessions.open_session(tx, user_id=_user_id(database), at=AT)
    with database.read() as tx:
        events = list(tx.scalars(select(LogOutbox.event).order_by(LogOutbox.id)))

    names = [parse_event(event)["type"] for event in events]
    assert names == ["identity.organisation_registered", "identity.user_registered", "identity.signed_in"]
    assert token.encode() not in b"".join(events)
    assert PASSWORD.encode() not in b"".join(events)


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"username": "wang"}, "E_REGISTERED"),
        ({"password": "only eleven"}, "E_PASSWORD"),
    ],
)
def test_a_person_that_cannot_be_registered_is_refused(
    database: Database, change: dict[str, str], refusal: str
) -> None:
    with database.read() as tx:
        org_id = tx.scalars(select(Organisation.id)).one()
    fields = {"username": "li", "name": "李四", "password": PASSWORD, "org_id": org_id, **change}

    with pytest.raises(Problem) as raised, database.transaction() as tx:
        service.register_user(tx, **fields, roles=[Role.BIDDER], actor="system", at=AT)  # type: ignore[arg-type]

    with database.read() as tx:
        assert (raised.value.code, tx.scalar(select(func.count(User.id)))) == (refusal, 1)


@pytest.mark.parametrize("uscc", [USCC, "91330100MA2KEXAMPE", "", "9133"])
def test_an_organisation_needs_a_right_and_free_credit_code(database: Database, uscc: str) -> None:
    with pytest.raises(Problem), database.transaction() as tx:
        service.register_organisation(tx, uscc=uscc, name="别家公司", actor="system", at=AT)

    with database.read() as tx:
        assert tx.scalar(select(func.count(Organisation.id))) == 1


@pytest.mark.parametrize(
    ("actor", "refusal"),
    [
        (VISITOR, NotSignedIn),
        (Actor(user_id="u"), Forbidden),
        (Actor(user_id="u", permissions=frozenset({"bid.submitted"})), Forbidden),
    ],
)
def test_a_permission_is_required(actor: Actor, refusal: type[Problem]) -> None:
    with pytest.raises(refusal):
        require(actor, "bid.submit")


def test_who_has_the_permission_may(database: Database) -> None:
    actor = Actor(user_id="u", permissions=frozenset({"bid.submit"}))

    require(actor, "bid.submit")

    assert actor.may("bid.submit")
