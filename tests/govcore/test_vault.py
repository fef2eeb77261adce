"""The platform's keys: made once, wrapped in the database, of use only with the key-encryption key."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import select
from wrappers import file_wrapper

from govcore import vault
from govcore.db import Database
from govcore.keys import KeyWrapper, UnwrapError
from govcore.vault import Vault, VaultKey

WRAPPER = file_wrapper()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database in which the platform's keys have been made."""
    database = Database(database_url)
    with database.transaction() as tx:
        vault.create_missing(tx, WRAPPER)
    yield database
    database.dispose()


def _rows(database: Database) -> dict[str, tuple[bytes, bytes]]:
    with database.read() as tx:
        return {row.purpose: (row.public, row.wrapped) for row in tx.scalars(select(VaultKey))}


def _load(database: Database, wrapper: KeyWrapper = WRAPPER) -> Vault:
    with database.read() as tx:
        return Vault.load(tx, wrapper)


def test_each_purpose_has_a_key_of_its_own(database: Database) -> None:
    keys = _load(database)
    public = [signer.public_bytes for signer in (keys.log_signer, keys.receipt_signer, keys.gate_signer)]
    rows = _rows(database)

    assert set(rows) == {"log", "receipt", "gate", "tag"}
    assert public == [rows[name][0] for name in ("log", "receipt", "gate")]
    assert len(set(public)) == 3


def test_making_them_again_changes_nothing(database: Database) -> None:
    before = _rows(database)

    with database.transaction() as tx:
        vault.create_missing(tx, WRAPPER)

    assert _rows(database) == before


def test_another_process_signs_with_the_same_key(database: Database) -> None:
    signer = _load(database).receipt_signer
    public = Ed25519PublicKey.from_public_bytes(_load(database).receipt_signer.public_bytes)

    public.verify(signer.sign(b"receipt"), b"receipt")
    with pytest.raises(InvalidSignature):
        public.verify(signer.sign(b"receipt"), b"refusal")


def test_the_database_alone_opens_nothing(database: Database) -> None:
    with pytest.raises(UnwrapError):
        _load(database, file_wrapper(bytes(32)))


def test_a_wrapped_key_that_was_moved_to_another_purpose_is_refused(database: Database) -> None:
    """Who can write to the database must not make the log's key sign receipts."""
    with database.transaction() as tx:
        rows = {row.purpose: row for row in tx.scalars(select(VaultKey))}
        rows["receipt"].wrapped = rows["log"].wrapped

    with pytest.raises(UnwrapError):
        _load(database)


def test_tags_are_equal_for_equal_parts_and_need_the_key(database: Database) -> None:
    tag = _load(database).tag("bank advice", "91330100MA2KEXAMPD")

    assert tag == _load(database).tag("bank advice", "91330100MA2KEXAMPD")
    assert tag != _load(database).tag("bank advice", "91330100MA2KEXAMPE")
    with database.transaction() as tx:
        for row in tx.scalars(select(VaultKey).where(VaultKey.purpose == "tag")):
            tx.delete(row)
    with database.transaction() as tx:
        vault.create_missing(tx, WRAPPER)
    assert tag != _load(database).tag("bank advice", "91330100MA2KEXAMPD")


def test_no_secret_is_shown(database: Database) -> None:
    keys = _load(database)

    assert repr(keys) == "Vault()"
    assert repr(keys.log_signer) == f"Ed25519Signer(public_bytes={keys.log_signer.public_bytes!r})"
