"""Bids: submission, withdrawal, one's own state."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from sqlalchemy.exc import IntegrityError

from bidding_docs import dsse
from bidding_docs.codes import Late, SealProblem, WrongSequence
from bidding_docs.manifests import Receipt
from govcore import clock
from govcore.audit import queries as audit
from govcore.db import Tx
from govcore.identity.entrance import Entrance
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.web.rendering import AnyRequest
from trading.bidding import consents, queries, service, standing, trace
from trading.bidding.policy import Kind
from trading.bidding.schemas import MyBid, NewConsent, Standing, Submission, Trace, TraceWanted, Withdrawal
from trading.bidding.tracing import traced
from trading.tender import queries as tenders

JSON = "application/json"


@post("/api/lots/{lot_id:str}/bids", permission="bid.submit", sync_to_thread=True, status_code=201)
def submit_bid(request: AnyRequest, lot_id: FromPath[str], data: JSONBody[Submission]) -> Response[bytes]:
    """Submit a signed bid manifest; the answer is the signed receipt, or a refusal with its signed proof."""
    # Taken from the request: in the last minute before a deadline the tasks of injecting them are felt.
    platform: Platform = request.app.state.platform
    actor: Actor = request.scope["state"]["actor"]
    return _judged(
        platform,
        lot_id,
        data.envelope,
        actor,
        "submit",
        lambda tx, desk: service.submit(tx, desk, lot_id, data, actor=actor),
    )


@post("/api/lots/{lot_id:str}/withdrawals", permission="bid.submit", sync_to_thread=True, status_code=201)
def withdraw_bid(
    lot_id: FromPath[str],
    data: JSONBody[Withdrawal],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[bytes]:
    """Withdraw one's bid before the deadline; the answer is the signed receipt."""
    return _judged(
        platform,
        lot_id,
        data.envelope,
        actor,
        "withdraw",
        lambda tx, desk: service.withdraw(tx, desk, lot_id, data, actor=actor),
    )


def _judged(
    platform: Platform,
    lot_id: str,
    envelope: str,
    actor: Actor,
    act: str,
    verb: Callable[[Tx, service.Desk], bytes],
) -> Response[bytes]:
    """Run a submitting verb in its transaction; a refusal is logged and signed in one of its own."""
    desk = service.Desk(platform.keys, platform.wrapper)
    with traced(platform, actor, act, lot_id=lot_id, size=len(envelope)):
        try:
            receipt = _received(platform, desk, verb)
        except SealProblem as problem:
            with platform.db.transaction() as tx:
                refusal = service.refuse(tx, desk, lot_id, envelope, problem, actor=actor)
            problem.data["refusal"] = refusal.decode()
            raise
    return Response(receipt, media_type=JSON, status_code=201)


def _received(platform: Platform, desk: service.Desk, verb: Callable[[Tx, service.Desk], bytes]) -> bytes:
    """Of two equal requests at once the loser is judged again, after the winner: it gets the same receipt."""
    with suppress(IntegrityError, WrongSequence, Late), platform.db.transaction() as tx:
        return verb(tx, desk)
    with platform.db.transaction() as tx:
        return verb(tx, desk)


@get("/api/lots/{lot_id:str}/my-bid", permission="bid.read", sync_to_thread=True)
def show_my_bid(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> MyBid:
    """The state of the caller's own bid: submitted, withdrawn, or 404 when nothing was received."""
    last = _my_last(platform, lot_id, actor)
    state = "submitted" if last.kind == Kind.BID else "withdrawn"
    return MyBid(
        state=state,
        seq=last.seq,
        manifest_sha256=last.manifest_sha256,
        cert_sha256=last.cert_sha256,
        received_at=last.received_at,
    )


@get("/api/lots/{lot_id:str}/my-bid/receipt", permission="bid.read", sync_to_thread=True)
def show_my_receipt(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """The signed receipt of the caller's own last message."""
    return Response(_my_last(platform, lot_id, actor).receipt, media_type=JSON)


@get("/api/lots/{lot_id:str}/standing", permission="bid.read", sync_to_thread=True)
def show_standing(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Standing:
    """NOT_SUBMITTED, SUBMITTED or WITHDRAWN, and what was sent since and is no bid yet."""
    with platform.db.read() as tx:
        lot = tenders.published_lot(tx, lot_id)
        mine = standing.my_part(tx, lot, platform, actor=actor, at=clock.now(tx))
    return standing.shown(mine, lot)


@post(
    "/api/lots/{lot_id:str}/no-bid-statement", permission="bid.submit", sync_to_thread=True, status_code=201
)
def state_no_bid(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """After the closing: the signed statement that no bid of the caller was received."""
    desk = service.Desk(platform.keys, platform.wrapper)
    with platform.db.transaction() as tx:
        statement = service.state_no_bid(tx, desk, lot_id, actor=actor)
    return Response(statement, media_type=JSON, status_code=201)


@get(
    "/api/lots/{lot_id:str}/my-bid/proof",
    permission="bid.read",
    sync_to_thread=True,
    media_type="text/plain",
)
def show_my_proof(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[str]:
    """The `tlog-proof` of the entry that the receipt names, with the event itself; 404 until the log holds it."""
    receipt, _ = dsse.read_unverified(_my_last(platform, lot_id, actor).receipt, Receipt)
    with platform.db.read() as tx:
        proof = audit.inclusion_proof(tx, bytes.fromhex(receipt.leaf), with_preimage=True)
    return Response(proof, media_type="text/plain", headers={"cache-control": "no-store"})


@post("/api/lots/{lot_id:str}/consents", permission="bid.sign", sync_to_thread=True, status_code=204)
def give_consent(
    request: AnyRequest,
    lot_id: FromPath[str],
    data: JSONBody[NewConsent],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> None:
    """Confirm, with one's password, a message of one's organisation that a fresh certificate signs."""
    Entrance.of(request).confirm(actor, data.password)
    with platform.db.transaction() as tx:
        consents.give(tx, platform.keys, lot_id, data, actor=actor, at=clock.now(tx))


@get("/api/lots/{lot_id:str}/trace", permission="bid.audit", sync_to_thread=True)
def show_trace(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Trace:
    """Every attempt of the caller's organisation: when, how many bytes, with which result."""
    with platform.db.read() as tx:
        return trace.own_trace(tx, platform.keys, platform.wrapper, lot_id, actor=actor)


@post("/api/lots/{lot_id:str}/traces", permission="bid.trace", sync_to_thread=True, status_code=200)
def show_trace_of(
    lot_id: FromPath[str],
    data: JSONBody[TraceWanted],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Trace:
    """After the closing: the trace of one bidder for supervision; that it was read is logged."""
    with platform.db.transaction() as tx:
        at = clock.now(tx)
        return trace.trace_for_supervision(
            tx, platform.keys, platform.wrapper, lot_id, data.bidder_id, actor=actor, at=at
        )


def _my_last(platform: Platform, lot_id: str, actor: Actor) -> queries.Last:
    with platform.db.read() as tx:
        lot = tenders.published_lot(tx, lot_id)
        return queries.my_last(
            tx, lot_id, round_=lot.round, actor=actor, vault=platform.keys, wrapper=platform.wrapper
        )


ROUTES = [
    submit_bid,
    withdraw_bid,
    show_my_bid,
    show_my_receipt,
    show_standing,
    state_no_bid,
    show_my_proof,
    give_consent,
    show_trace,
    show_trace_of,
]
