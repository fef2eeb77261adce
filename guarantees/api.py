"""Deposits and letters: JSON for bidders, the bank, and readers after the opening."""

from __future__ import annotations

from litestar import get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody

from govcore import clock
from govcore.errors import Forbidden
from govcore.identity.policy import Actor
from govcore.platform import Platform
from guarantees import intake, queries, service
from guarantees.advice import Advice, Seal
from guarantees.schemas import (
    AdviceAccepted,
    DepositView,
    LetterView,
    RefundNoted,
    RefundOrder,
    RefundPaid,
    SubAccountIssued,
)


@post(
    "/api/lots/{lot_id:str}/sub-account", permission="deposit.request", sync_to_thread=True, status_code=200
)
def request_sub_account(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> SubAccountIssued:
    """The caller's own account number for this lot's deposit; the same at every request."""
    if not actor.uscc:
        raise Forbidden
    with platform.db.transaction() as tx:
        number = intake.issue_sub_account(
            tx,
            lot_id=lot_id,
            bidder_id=actor.uscc,
            wrap=platform.wrapper,
            tag=platform.keys.tag,
            at=clock.now(tx),
        )
    return SubAccountIssued(number)


@get("/api/lots/{lot_id:str}/deposits", permission="deposit.read", sync_to_thread=True)
def list_deposits(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> list[DepositView]:
    """The lot's payments; empty before the opening."""
    with platform.db.read() as tx:
        return queries.deposits_of_lot(tx, lot_id, actor=actor)


@get("/api/lots/{lot_id:str}/letters", permission="deposit.read", sync_to_thread=True)
def list_letters(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> list[LetterView]:
    """The lot's guarantee letters; empty before the opening."""
    with platform.db.read() as tx:
        return queries.letters_of_lot(tx, lot_id, actor=actor)


@get("/api/refund-orders", permission="deposit.advise", sync_to_thread=True)
def list_refund_orders(
    platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> list[RefundOrder]:
    """What the bank has to pay back."""
    with platform.db.read() as tx:
        return queries.refund_orders(tx, actor=actor)


@post(
    "/api/refund-orders/{deposit_id:str}/payment",
    permission="deposit.advise",
    sync_to_thread=True,
    status_code=200,
)
def report_refund(
    deposit_id: FromPath[str],
    data: JSONBody[RefundPaid],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> RefundNoted:
    """Note that the bank has paid a deposit back; repeating the message changes nothing."""
    with platform.db.transaction() as tx:
        service.confirm_refund(
            tx,
            deposit_id,
            account=data.account,
            amount_fen=data.amount_fen,
            serial=data.serial,
            actor=actor.user_id,
            at=clock.now(tx),
        )
    return RefundNoted(deposit_id)


def bank_routes(*, seal: Seal) -> list[HTTPRouteHandler]:
    """The bank's way in; the module that knows how to encrypt adds it to its own routes."""

    @post("/api/deposits/advices", permission="deposit.advise", sync_to_thread=True, status_code=200)
    def advise(
        data: JSONBody[Advice], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
    ) -> AdviceAccepted:
        """Report a credit on a sub-account; it is encrypted at once and read only at the opening."""
        with platform.db.transaction() as tx:
            advice_id = intake.receive_advice(
                tx,
                data,
                bank_id=actor.uscc or actor.user_id,
                seal=seal,
                wrap=platform.wrapper,
                tag=platform.keys.tag,
                actor=actor.user_id,
                at=clock.now(tx),
            )
        return AdviceAccepted(advice_id)

    return [advise]


ROUTES = [request_sub_account, list_deposits, list_letters, list_refund_orders, report_refund]
