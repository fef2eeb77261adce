from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from govcore.db import Base, Database
from guarantees import ledger
from guarantees.models import LedgerEntry

AT = datetime(2026, 1, 5, tzinfo=UTC)
ACCOUNTS = ["asset:custody:a", "asset:custody:b", "liability:deposit:a", "expense:interest"]
AMOUNTS = st.integers(min_value=-(10**12), max_value=10**12)
POSTINGS = st.lists(st.dictionaries(st.sampled_from(ACCOUNTS[:3]), AMOUNTS, min_size=1), max_size=8)


@given(postings=POSTINGS)
@settings(max_examples=25)
def test_whatever_is_posted_the_books_sum_to_zero_and_balances_add_up(
    postings: list[dict[str, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    database = fresh(tmp_path_factory.mktemp("ledger"))
    expected = dict.fromkeys(ACCOUNTS, 0)

    with database.transaction() as tx:
        for number, posting in enumerate(postings):
            balanced = posting | {ACCOUNTS[3]: -sum(posting.values())}
            if sum(1 for amount in balanced.values() if amount) < 2:
                with pytest.raises(ledger.Unbalanced):
                    ledger.post(tx, key=str(number), entries=balanced, at=AT)
                continue
            ledger.post(tx, key=str(number), entries=balanced, at=AT)
            for account, amount in balanced.items():
                expected[account] += amount

        assert {account: ledger.balance(tx, account) for account in ACCOUNTS} == expected
        assert int(tx.scalar(select(func.sum(LedgerEntry.amount_fen))) or 0) == 0
    database.dispose()


@given(entries=st.dictionaries(st.sampled_from(ACCOUNTS), AMOUNTS))
@settings(max_examples=25)
def test_entries_that_do_not_balance_are_never_booked(
    entries: dict[str, int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    database = fresh(tmp_path_factory.mktemp("ledger"))
    off_by_one = entries | {
        "expense:interest": 1 - sum(v for k, v in entries.items() if k != "expense:interest")
    }

    with database.transaction() as tx:
        with pytest.raises(ledger.Unbalanced):
            ledger.post(tx, key="k", entries=off_by_one, at=AT)

        assert tx.scalars(select(LedgerEntry)).all() == []
    database.dispose()


def test_a_key_is_booked_once_and_never_for_other_entries(database: Database) -> None:
    with database.transaction() as tx:
        first = ledger.post(tx, key="credit:1", entries={"a": 5, "b": -5}, at=AT)
        again = ledger.post(tx, key="credit:1", entries={"b": -5, "a": 5, "c": 0}, at=AT)
        with pytest.raises(ledger.PostingConflict):
            ledger.post(tx, key="credit:1", entries={"a": 6, "b": -6}, at=AT)

        assert first == again
        assert (ledger.balance(tx, "a"), ledger.balance(tx, "b"), ledger.balance(tx, "c")) == (5, -5, 0)


def fresh(folder: Path) -> Database:
    database = Database(f"sqlite:///{folder}/ledger.sqlite3")
    tables = [t for t in Base.metadata.sorted_tables if t.name.startswith("guarantees_ledger")]
    Base.metadata.create_all(database.engine, tables=tables)
    return database
