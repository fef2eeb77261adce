"""Draws for programs: what is asked of whom, commitments, values, custodians' keys and proofs."""

from __future__ import annotations

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from govcore import clock
from govcore.errors import Malformed
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.web.downloads import disposition
from trading.draws import custody, programs, queries, replay, service
from trading.draws.escrow import Committing
from trading.draws.schemas import (
    Commitment,
    DrawShown,
    Proof,
    Reveal,
    SignedKey,
)


@get("/api/draws", permission="draw.take_part", sync_to_thread=True)
def my_draws(platform: NamedDependency[Platform], actor: NamedDependency[Actor]) -> list[DrawShown]:
    """The draws that one's organisation contributes to or keeps shares of."""
    with platform.db.read() as tx:
        return programs.mine(tx, actor=actor, at=clock.now(tx))


@get("/api/draws/{draw_id:str}", permission="draw.take_part", sync_to_thread=True)
def one_draw(
    draw_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> DrawShown:
    """One of them, with the custodians' signed keys and the capsules that are asked for."""
    with platform.db.read() as tx:
        return programs.one(tx, draw_id, actor=actor, at=clock.now(tx))


@post(
    "/api/draws/{draw_id:str}/commitment", permission="draw.contribute", sync_to_thread=True, status_code=204
)
def hand_in_commitment(
    draw_id: FromPath[str],
    data: JSONBody[Commitment],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> None:
    """Commit to a value that stays on one's own machine."""
    if not all(seat.isascii() and seat.isdigit() for seat in data.capsules):
        raise Malformed(detail="custodians are named by their numbers")
    capsules = {int(seat): sealed for seat, sealed in data.capsules.items()}
    given = Committing(commitment=data.commitment, capsules=capsules)
    with platform.db.transaction() as tx:
        service.commit(tx, draw_id, given, actor=actor, at=clock.now(tx))


@post("/api/draws/{draw_id:str}/value", permission="draw.contribute", sync_to_thread=True, status_code=204)
def hand_in_value(
    draw_id: FromPath[str],
    data: JSONBody[Reveal],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> None:
    """Reveal the value that one committed to."""
    with platform.db.transaction() as tx:
        service.reveal(tx, draw_id, data.value, actor=actor, at=clock.now(tx))


@post(
    "/api/draws/{draw_id:str}/proofs",
    permission="draw.escrow",
    fresh=True,
    sync_to_thread=True,
    status_code=204,
)
def hand_in_proof(
    draw_id: FromPath[str],
    data: JSONBody[Proof],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> None:
    """Show one's share of a value that was not revealed in its time."""
    with platform.db.transaction() as tx:
        custody.open_escrow(
            tx,
            draw_id,
            data.name,
            custodian=data.custodian,
            proof=data.proof,
            actor=actor,
            at=clock.now(tx),
        )


@post("/api/draw-keys", permission="draw.escrow", fresh=True, sync_to_thread=True, status_code=204)
def hand_in_key(
    data: JSONBody[SignedKey], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> None:
    """Give the standing key that shares of values are sealed to."""
    with platform.db.transaction() as tx:
        custody.give_key(tx, data.envelope.encode(), locked=data.locked, actor=actor, at=clock.now(tx))


@get("/draws/{draw_id:str}/file", permission="public", sync_to_thread=True)
def draw_file(
    draw_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """The document of a draw, for `trading draw verify`."""
    with platform.db.read() as tx:
        raw = replay.canonical(queries.document(tx, draw_id, actor=actor))
    headers = {"content-disposition": disposition(f"draw-{draw_id[:8]}.json")}
    return Response(raw, media_type="application/json", headers=headers)


ROUTES = [
    my_draws,
    one_draw,
    hand_in_commitment,
    hand_in_value,
    hand_in_proof,
    hand_in_key,
    draw_file,
]
