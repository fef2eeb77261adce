from __future__ import annotations

import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from guarantee_factories import ACCOUNT, BIDDER, DEADLINE, TENDERER, advice, cash_requirement
from sqlalchemy import LargeBinary, select

from govcore.audit.models import LogOutbox
from govcore.db import Base, Database, Tx
from govcore.errors import Forbidden, MoveNotAllowed, NotFound
from govcore.identity.policy import Actor
from govcore.keys import KeyWrapper
from govcore.vault import Vault
from guarantees import intake, ledger, queries, service
from guarantees.advice import Advice, AdviceUnreadable
from guarantees.checks import CashRequirement
from guarantees.models import AdviceRow, SubAccount
from guarantees.policy import DepositState, Rate, RefundReason

AT = DEADLINE - timedelta(days=2)
OPENED_AT = DEADLINE + timedelta(minutes=10)
OTHER = "91371500MA00000024"


@dataclass(frozen=True)
class Gate:
    """A gate key pair; sealing is authenticated, opening refuses what was altered."""

    private: X25519PrivateKey

    def seal(self, recipient: str, plain: bytes) -> bytes:
        ephemeral = X25519PrivateKey.generate()
        shared = ephemeral.exchange(self.private.public_key())
        sealed = ChaCha20Poly1305(shared).encrypt(bytes(12), plain, recipient.encode())
        return ephemeral.public_key().public_bytes_raw() + sealed

    def open(self, sealed: bytes) -> bytes:
        shared = self.private.exchange(X25519PublicKey.from_public_bytes(sealed[:32]))
        try:
            return ChaCha20Poly1305(shared).decrypt(bytes(12), sealed[32:], b"age1gate")
        except InvalidTag as error:
            raise AdviceUnreadable from error


GATE = Gate(X25519PrivateKey.generate())


@dataclass(frozen=True)
class Desk:
    """The verbs bound to one platform's keys."""

    wrapper: KeyWrapper
    keys: Vault

    def account(self, tx: Tx, bidder: str = BIDDER.uscc, lot: str = "lot-1") -> str:
        return intake.issue_sub_account(
            tx, lot_id=lot, bidder_id=bidder, wrap=self.wrapper, tag=self.keys.tag, at=AT
        )

    def advise(self, tx: Tx, message: Advice) -> str:
        return intake.receive_advice(
            tx,
            message,
            bank_id="bank-1",
            seal=GATE.seal,
            wrap=self.wrapper,
            tag=self.keys.tag,
            actor="bank-user",
            at=AT,
        )

    def open(
        self, tx: Tx, lot: str = "lot-1", requirement: Callable[[str], CashRequirement] | None = None
    ) -> service.OpenedAdvices:
        return service.open_advices(
            tx,
            lot,
            open=GATE.open,
            requirement_of=requirement or (lambda _bidder: cash_requirement()),
            beneficiary_uscc=TENDERER.uscc,
            wrap=self.wrapper,
            tag=self.keys.tag,
            actor="system",
            at=OPENED_AT,
        )


@pytest.fixture
def desk(database: Database, wrapper: KeyWrapper, keys: Vault) -> Desk:
    with database.transaction() as tx:
        intake.accept_cash(tx, "lot-1", recipient="age1gate", actor="agency-user", at=AT)
    return Desk(wrapper, keys)


@pytest.fixture
def locked(database: Database, desk: Desk) -> str:
    """The id of a deposit that matched."""
    with database.transaction() as tx:
        desk.advise(tx, advice(sub_account=desk.account(tx)))
        return desk.open(tx).deposits[0].deposit_id


def events(tx: Tx) -> list[tuple[str, str]]:
    rows = [json.loads(row) for row in tx.scalars(select(LogOutbox.event).order_by(LogOutbox.id))]
    return [(row["type"], row["actor"]) for row in rows]


def whole_database(tx: Tx) -> bytes:
    """Every value of every table, as a thief of the database reads it."""
    values = []
    for table in Base.metadata.sorted_tables:
        for row in tx.execute(select(table)):
            values += [v if isinstance(v, bytes) else str(v).encode() for v in row]
    return b"\n".join(values)


def test_asking_again_gives_the_same_number_and_others_get_another(database: Database, desk: Desk) -> None:
    with database.transaction() as tx:
        first, second, other = desk.account(tx), desk.account(tx), desk.account(tx, OTHER)

    assert first == second
    assert first != other
    assert re.fullmatch(r"\d{16}", first)
    with database.read() as tx:
        assert len(tx.scalars(select(SubAccount)).all()) == 2


def test_two_requests_at_once_get_one_number(database: Database, desk: Desk) -> None:
    def ask(_: int) -> str:
        with database.transaction() as tx:
            return desk.account(tx)

    with ThreadPoolExecutor(4) as pool:
        numbers = set(pool.map(ask, range(4)))

    assert len(numbers) == 1


def test_a_lot_that_takes_no_cash_gives_no_account(database: Database, desk: Desk) -> None:
    with database.transaction() as tx, pytest.raises(intake.CashNotAccepted):
        desk.account(tx, lot="lot-2")


def test_the_lots_recipient_never_changes(database: Database, desk: Desk) -> None:
    with database.transaction() as tx:
        intake.accept_cash(tx, "lot-1", recipient="age1gate", actor="agency-user", at=AT)
        with pytest.raises(intake.CashTermsConflict):
            intake.accept_cash(tx, "lot-1", recipient="age1other", actor="agency-user", at=AT)


def test_before_the_opening_the_database_tells_nothing_about_who_paid(database: Database, desk: Desk) -> None:
    with database.transaction() as tx:
        number = desk.account(tx)
        message = advice(sub_account=number)
        desk.advise(tx, message)

    with database.read() as tx:
        everything = whole_database(tx)
        secret = [
            number,
            BIDDER.uscc,
            BIDDER.name,
            message.payer_account,
            message.bank,
            message.serial,
            str(message.amount_fen),
        ]
        assert [text for text in secret if text.encode() in everything] == []
        assert queries.deposits_of_lot(tx, "lot-1", actor=queries.SYSTEM) == []
        assert events(tx) == [
            ("deposit.cash_accepted", "agency-user"),
            ("deposit.sub_account_issued", "system"),
            ("deposit.advice_received", "bank-user"),
        ]


def test_sealed_advices_and_wrapped_accounts_have_one_length(database: Database, desk: Desk) -> None:
    with database.transaction() as tx:
        desk.advise(tx, advice(sub_account=desk.account(tx), amount_fen=1, payer_name="甲", serial="1"))
        desk.advise(tx, advice(sub_account=desk.account(tx, OTHER), payer_name="甲" * 200, serial="2"))

    with database.read() as tx:
        sizes = {len(row.sealed) for row in tx.scalars(select(AdviceRow))}
        widths = {len(row.wrapped) for row in tx.scalars(select(SubAccount))}
    assert (len(sizes), len(widths)) == (1, 1)


def test_the_same_serial_gives_the_same_answer_and_another_body_a_conflict(
    database: Database, desk: Desk
) -> None:
    with database.transaction() as tx:
        number = desk.account(tx)
        first = desk.advise(tx, advice(sub_account=number))
        again = desk.advise(tx, advice(sub_account=number))
        with pytest.raises(intake.AdviceConflict):
            desk.advise(tx, advice(sub_account=number, amount_fen=1))

    assert first == again
    with database.read() as tx:
        assert len(tx.scalars(select(AdviceRow)).all()) == 1


def test_an_unknown_sub_account_is_refused(database: Database, desk: Desk) -> None:
    with database.transaction() as tx, pytest.raises(intake.SubAccountUnknown):
        desk.advise(tx, advice(sub_account="9999999999999999"))


def test_the_opening_matches_payments_to_bidders(database: Database, desk: Desk) -> None:
    with database.transaction() as tx:
        desk.advise(tx, advice(sub_account=desk.account(tx)))
        desk.advise(tx, advice(sub_account=desk.account(tx, OTHER), credited_at=DEADLINE, serial="late"))

    with database.transaction() as tx:
        opened = desk.open(tx)
        again = desk.open(tx)

    result = {one.bidder_id: (one.ok, [f.code for f in one.findings if not f.ok]) for one in opened.deposits}
    assert result == {BIDDER.uscc: (True, []), OTHER: (False, ["CREDITED"])}
    assert (opened.unreadable, again.deposits) == ((), ())
    with database.read() as tx:
        views = queries.deposits_of_lot(tx, "lot-1", actor=queries.SYSTEM)
        states = {view.bidder_id: view.state for view in views}
        assert states == {BIDDER.uscc: DepositState.LOCKED, OTHER: DepositState.MISMATCH}
        assert ledger.balance(tx, ledger.custody("lot-1")) == 120_000_000
        securities = queries.securities_of_lot(tx, "lot-1", actor=queries.SYSTEM)
        assert [(s.bidder_id, s.form, s.ok, s.failed) for s in securities] == [
            (BIDDER.uscc, "cash", True, []),
            (OTHER, "cash", False, ["CREDITED"]),
        ]


def test_only_the_lots_own_advices_are_opened(database: Database, desk: Desk) -> None:
    with database.transaction() as tx:
        intake.accept_cash(tx, "lot-2", recipient="age1gate", actor="agency-user", at=AT)
        desk.advise(tx, advice(sub_account=desk.account(tx)))
        desk.advise(tx, advice(sub_account=desk.account(tx, lot="lot-2"), serial="for lot 2"))

        opened = desk.open(tx)

        assert len(opened.deposits) == 1
        assert queries.deposits_of_lot(tx, "lot-2", actor=queries.SYSTEM) == []


def test_an_altered_advice_is_named_and_stops_no_other(database: Database, desk: Desk) -> None:
    with database.transaction() as tx:
        bad = desk.advise(tx, advice(sub_account=desk.account(tx, OTHER), serial="altered"))
        desk.advise(tx, advice(sub_account=desk.account(tx)))
        row = tx.get_one(AdviceRow, bad)
        row.sealed = row.sealed[:-1] + bytes([row.sealed[-1] ^ 1])

    with database.transaction() as tx:
        opened = desk.open(tx)

        assert opened.unreadable == (bad,)
        assert [one.bidder_id for one in opened.deposits] == [BIDDER.uscc]
        assert ("deposit.advice_unreadable", "system") in events(tx)


def test_an_advice_put_into_another_row_is_unreadable(database: Database, desk: Desk) -> None:
    with database.transaction() as tx:
        first = desk.advise(tx, advice(sub_account=desk.account(tx)))
        second = desk.advise(tx, advice(sub_account=desk.account(tx, OTHER), serial="second"))
        tx.get_one(AdviceRow, second).sealed = tx.get_one(AdviceRow, first).sealed

        opened = desk.open(tx)

        assert (opened.unreadable, len(opened.deposits)) == ((second,), 1)


def test_a_refund_without_interest_goes_to_the_paying_account_only(database: Database, locked: str) -> None:
    bank = Actor(user_id="bank-user", permissions=frozenset({"deposit.advise"}))
    with database.transaction() as tx:
        total = service.refund(tx, locked, reason=RefundReason.WITHDRAWN, actor="system", at=OPENED_AT)
        order = queries.refund_orders(tx, actor=bank)[0]

        with pytest.raises(service.RefundAccountMismatch):
            service.confirm_refund(
                tx, locked, account="6222", amount_fen=total, serial="R1", actor="bank-user", at=OPENED_AT
            )
        with pytest.raises(service.RefundAccountMismatch):
            service.confirm_refund(
                tx,
                locked,
                account=ACCOUNT,
                amount_fen=total - 1,
                serial="R1",
                actor="bank-user",
                at=OPENED_AT,
            )
        for _ in range(2):
            service.confirm_refund(
                tx, locked, account=ACCOUNT, amount_fen=total, serial="R1", actor="bank-user", at=OPENED_AT
            )

    assert (order.payer_account, order.total_fen, order.interest_fen) == (ACCOUNT, 60_000_000, 0)
    with database.read() as tx:
        assert queries.deposits_of_lot(tx, "lot-1", actor=queries.SYSTEM)[0].state == DepositState.REFUNDED
        assert ledger.balance(tx, ledger.custody("lot-1")) == 0
        assert ledger.balance(tx, ledger.owed(locked)) == 0
        assert queries.refund_orders(tx, actor=bank) == []
        assert [name for name, _ in events(tx)][-5:] == [
            "deposit.advice_received",
            "deposit.advice_opened",
            "deposit.locked",
            "deposit.refund_ordered",
            "deposit.refunded",
        ]


def test_interest_is_paid_where_the_law_owes_it(database: Database, locked: str) -> None:
    rates = [Rate(DEADLINE.date() - timedelta(days=100), Decimal("0.36"))]
    with database.transaction() as tx:
        total = service.refund(
            tx,
            locked,
            reason=RefundReason.CONTRACT_SIGNED,
            rates=rates,
            actor="system",
            at=DEADLINE + timedelta(days=9),
        )
        service.confirm_refund(
            tx, locked, account=ACCOUNT, amount_fen=total, serial="R1", actor="bank-user", at=OPENED_AT
        )

    assert total == 60_000_000 + 6_000
    with database.read() as tx:
        assert ledger.balance(tx, ledger.INTEREST) == 6_000
        assert ledger.balance(tx, ledger.owed(locked)) == 0


def test_nothing_is_refunded_twice(database: Database, locked: str) -> None:
    with database.transaction() as tx:
        service.refund(tx, locked, reason=RefundReason.LOT_FAILED, actor="system", at=OPENED_AT)

        with pytest.raises(MoveNotAllowed):
            service.refund(tx, locked, reason=RefundReason.LOT_FAILED, actor="system", at=OPENED_AT)
        with pytest.raises(NotFound):
            service.refund(tx, "unknown", reason=RefundReason.LOT_FAILED, actor="system", at=OPENED_AT)


def reader(uscc: str, *permissions: str) -> Actor:
    return Actor(user_id="user", uscc=uscc, permissions=frozenset(permissions))


def test_bidder_and_tenderer_see_their_own_and_strangers_see_nothing(database: Database, locked: str) -> None:
    with database.read() as tx:
        seen = {
            uscc: [
                view.id for view in queries.deposits_of_lot(tx, "lot-1", actor=reader(uscc, "deposit.read"))
            ]
            for uscc in (BIDDER.uscc, TENDERER.uscc, OTHER, "")
        }
        account = queries.deposits_of_lot(tx, "lot-1", actor=queries.SYSTEM)[0].payer_account

        assert seen == {BIDDER.uscc: [locked], TENDERER.uscc: [locked], OTHER: [], "": []}
        assert account == "****2222"
        with pytest.raises(Forbidden):
            queries.deposits_of_lot(tx, "lot-1", actor=reader(TENDERER.uscc))
        with pytest.raises(Forbidden):
            queries.refund_orders(tx, actor=queries.SYSTEM)


def test_no_column_of_an_unopened_payment_is_readable_text() -> None:
    readable = {
        (table.name, column.name)
        for table in (SubAccount.__table__, AdviceRow.__table__)
        for column in table.columns
        if not isinstance(column.type, LargeBinary)
    }

    assert {name for _, name in readable} == {
        "id",
        "owner_tag",
        "number_tag",
        "lot_tag",
        "serial_tag",
        "body_tag",
    }
