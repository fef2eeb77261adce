from datetime import UTC, date, datetime

import pytest
from guarantee_factories import BIDDER, TENDERER, authority, letter, letter_requirement

from govcore.db import Database
from govcore.errors import MoveNotAllowed
from govcore.identity.policy import Actor
from guarantees import queries, service
from guarantees.letter import MAX_SIZE, issue_letter
from guarantees.models import LetterRow
from guarantees.policy import LetterState
from guarantees.service import RegisteredLetter

AT = datetime(2025, 4, 10, 1, 10, tzinfo=UTC)
CA = authority()
SIGNER = CA.certify()
RAW = issue_letter(letter(SIGNER), SIGNER)
OTHER = "91371500MA00000024"


def register(
    database: Database, raw: bytes, bidder: str = BIDDER.uscc, **changes: object
) -> RegisteredLetter:
    with database.transaction() as tx:
        return service.register_letter(
            tx,
            raw,
            bidder_id=bidder,
            requirement=letter_requirement(**changes),
            anchors=[CA.certificate],
            actor="system",
            at=AT,
        )


def failed(registered: RegisteredLetter) -> list[str]:
    return [finding.code for finding in registered.findings if not finding.ok]


def test_a_conforming_letter_is_verified_and_kept(database: Database) -> None:
    registered = register(database, RAW)

    assert (registered.state, registered.ok, failed(registered)) == (LetterState.VERIFIED, True, [])
    with database.read() as tx:
        assert tx.get_one(LetterRow, registered.letter_id).envelope == RAW
        securities = queries.securities_of_lot(tx, "lot-1", actor=queries.SYSTEM)
        assert [(s.bidder_id, s.form, s.ok, s.amount_fen) for s in securities] == [
            (BIDDER.uscc, "letter", True, 60_000_000)
        ]


def test_registering_the_same_letter_again_changes_nothing(database: Database) -> None:
    first, second = register(database, RAW), register(database, RAW)

    assert (first.letter_id, first.state, first.findings) == (
        second.letter_id,
        second.state,
        second.findings,
    )
    with database.read() as tx:
        assert len(queries.letters_of_lot(tx, "lot-1", actor=queries.SYSTEM)) == 1


def test_a_short_letter_is_defective_with_its_reason(database: Database) -> None:
    raw = issue_letter(letter(SIGNER, expiry_date=date(2025, 7, 8)), SIGNER)

    registered = register(database, raw)

    assert (registered.state, failed(registered)) == (LetterState.DEFECTIVE, ["EXPIRY_DATE"])
    with database.read() as tx:
        (security,) = queries.securities_of_lot(tx, "lot-1", actor=queries.SYSTEM)
        assert (security.ok, security.failed) == (False, ["EXPIRY_DATE"])


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"not a letter", "E_LETTER_SCHEMA"),
        (b" " * (MAX_SIZE + 1), "E_LETTER_SCHEMA"),
        (issue_letter(letter(SIGNER), CA.certify()), "E_LETTER_SIGNATURE"),
        (issue_letter(letter(authority().certify()), SIGNER), "E_LETTER_CERT"),
    ],
    ids=["no letter", "too long", "signature", "certificate"],
)
def test_a_letter_that_cannot_be_relied_on_is_defective_not_an_error(
    database: Database, raw: bytes, code: str
) -> None:
    registered = register(database, raw)

    assert (registered.state, registered.letter, failed(registered)) == (LetterState.DEFECTIVE, None, [code])


def test_one_letter_cannot_secure_two_bids(database: Database) -> None:
    register(database, RAW)

    second = register(database, RAW, bidder=OTHER)

    assert failed(second) == ["UNIQUE"]


def test_a_letter_is_released_once(database: Database) -> None:
    registered = register(database, RAW)
    with database.transaction() as tx:
        service.release(tx, registered.letter_id, reason="contract-signed", actor="system", at=AT)

    with database.read() as tx:
        (view,) = queries.letters_of_lot(tx, "lot-1", actor=queries.SYSTEM)
        assert (view.state, view.released_at) == (LetterState.RELEASED, AT)
    with database.transaction() as tx, pytest.raises(MoveNotAllowed):
        service.release(tx, registered.letter_id, reason="contract-signed", actor="system", at=AT)


def test_strangers_do_not_see_the_letter(database: Database) -> None:
    registered = register(database, RAW)

    with database.read() as tx:
        seen = {
            uscc: [
                view.id
                for view in queries.letters_of_lot(
                    tx,
                    "lot-1",
                    actor=Actor(user_id="user", uscc=uscc, permissions=frozenset({"deposit.read"})),
                )
            ]
            for uscc in (BIDDER.uscc, TENDERER.uscc, OTHER)
        }

    assert seen == {BIDDER.uscc: [registered.letter_id], TENDERER.uscc: [registered.letter_id], OTHER: []}
