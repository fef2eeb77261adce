"""Openings: the hall, the custodian's bundle, releases, objections, the record."""

from __future__ import annotations

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from litestar.response import Stream

from govcore import clock
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.web.params import PathNumber, QueryNumber
from trading.bidding.uploads import read_part
from trading.opening import bundles, objections, participation, queries, release, seats
from trading.opening.schemas import (
    Answer,
    BidShown,
    Bundle,
    Objection,
    OpeningShown,
    ReleaseShown,
    SeatShown,
    StageDone,
    Words,
)
from trading.tender.schemas import SignedMessage


@get("/api/lots/{lot_id:str}/opening", permission="public", sync_to_thread=True)
def show_opening(lot_id: FromPath[str], platform: NamedDependency[Platform]) -> OpeningShown:
    """The opening as everybody sees it; before the closing neither a bid nor a count."""
    with platform.db.read() as tx:
        hall = queries.hall(tx, lot_id)
    return shown(hall)


def shown(hall: queries.Hall) -> OpeningShown:
    return OpeningShown(
        lot_id=hall.lot.lot_id,
        state=hall.state,
        opens=hall.opens,
        closed_at=hall.closed_at,
        seal_check_until=hall.seal_check_until,
        bidder_until=hall.bidder_until,
        release_until=hall.release_until,
        suspended_at=hall.suspended_at,
        damaged=hall.damaged,
        gate_released_at=hall.gate_released_at,
        paused_by=hall.paused_by,
        read_out_at=hall.read_out_at,
        cp_size=hall.cp_size,
        bids_root=hall.bids_root,
        eligible_count=hall.eligible_count,
        bids=[msgspec.convert(bid, BidShown, from_attributes=True) for bid in hall.bids],
        releases=[msgspec.convert(one, ReleaseShown, from_attributes=True) for one in hall.releases],
        record_sha256=hall.record_sha256,
        past=[msgspec.convert(one, StageDone, from_attributes=True) for one in hall.past],
        base_price_fen=hall.base_price_fen,
    )


@get("/api/custodian/seats", permission="share.release", sync_to_thread=True)
def list_seats(platform: NamedDependency[Platform], actor: NamedDependency[Actor]) -> list[SeatShown]:
    """The caller's seats as a custodian, with what each waits for."""
    with platform.db.read() as tx:
        return seats.seats(tx, actor=actor, at=clock.now(tx))


@get("/api/lots/{lot_id:str}/bundle", permission="share.release", sync_to_thread=True)
def show_bundle(
    lot_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
    since: QueryNumber = 0,
) -> Bundle:
    """What a custodian checks before it releases; `since` is the size of the log that it saw before."""
    with platform.db.read() as tx:
        return bundles.bundle(tx, platform, lot_id, since=since, actor=actor)


@post(
    "/api/lots/{lot_id:str}/share-releases",
    permission="share.release",
    fresh=True,
    sync_to_thread=True,
    status_code=204,
    request_max_body_size=16 << 20,
)
def release_shares(
    lot_id: FromPath[str],
    data: JSONBody[SignedMessage],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> None:
    """Hand in a custodian's signed release of one stage."""
    with platform.db.transaction() as tx:
        release.accept(tx, platform.wrapper, lot_id, data.envelope.encode(), actor=actor)


@post("/api/lots/{lot_id:str}/objections", permission="opening.object", sync_to_thread=True, status_code=201)
def object_to_seals(
    lot_id: FromPath[str],
    data: JSONBody[Objection],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> dict[str, str]:
    """Object to the committed set with one's own receipt."""
    with platform.db.transaction() as tx:
        made = objections.raise_objection(
            tx,
            platform.keys,
            platform.wrapper,
            lot_id,
            data.receipt.encode(),
            actor=actor,
            at=clock.now(tx),
        )
        objection_id = made.id
    return {"id": objection_id}


@post(
    "/api/objections/{objection_id:str}/answer",
    permission="opening.answer",
    sync_to_thread=True,
    status_code=204,
)
def answer_objection(
    objection_id: FromPath[str],
    data: JSONBody[Answer],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> None:
    """Answer an objection to the seals."""
    with platform.db.transaction() as tx:
        objections.answer(tx, objection_id, text=data.text, actor=actor, at=clock.now(tx))


@post(
    "/api/lots/{lot_id:str}/opening/attendance",
    permission="opening.attend",
    sync_to_thread=True,
    status_code=204,
)
def sign_in(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> None:
    """Sign in to an opening."""
    with platform.db.transaction() as tx:
        participation.sign_in(tx, lot_id, actor=actor, at=clock.now(tx))


@post(
    "/api/lots/{lot_id:str}/opening/objections",
    permission="opening.object",
    sync_to_thread=True,
    status_code=201,
)
def object_to_opening(
    lot_id: FromPath[str],
    data: JSONBody[Words],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> dict[str, str]:
    """Object to an opening on the spot."""
    with platform.db.transaction() as tx:
        made = participation.object_to_opening(tx, lot_id, text=data.text, actor=actor, at=clock.now(tx))
        objection_id = made.id
    return {"id": objection_id}


@post(
    "/api/opening-objections/{objection_id:str}/reply",
    permission="opening.reply",
    sync_to_thread=True,
    status_code=204,
)
def reply(
    objection_id: FromPath[str],
    data: JSONBody[Words],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> None:
    """Answer an objection to an opening."""
    with platform.db.transaction() as tx:
        participation.reply(tx, objection_id, text=data.text, actor=actor, at=clock.now(tx))


@post(
    "/api/lots/{lot_id:str}/opening/confirmation",
    permission="opening.confirm",
    sync_to_thread=True,
    status_code=204,
)
def confirm(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> None:
    """Confirm one's own line of the read-out."""
    with platform.db.transaction() as tx:
        participation.confirm(tx, lot_id, actor=actor, at=clock.now(tx))


@get("/api/lots/{lot_id:str}/opening/record.pdf", permission="public", sync_to_thread=True)
def download_record(lot_id: FromPath[str], platform: NamedDependency[Platform]) -> Response[bytes]:
    """The opening record."""
    with platform.db.read() as tx:
        key = queries.record_key(tx, lot_id)
    headers = {"content-disposition": f'attachment; filename="opening-record-{lot_id}.pdf"'}
    return Response(platform.store.get(key), media_type="application/pdf", headers=headers)


@get("/api/lots/{lot_id:str}/bids/{number:int}/parts/{part:str}", permission="public", sync_to_thread=True)
def download_public_part(
    lot_id: FromPath[str], number: PathNumber, part: FromPath[str], platform: NamedDependency[Platform]
) -> Stream:
    """The ciphertext of a public part, once its key is published: anybody may open it, in suite bs1 with `age -d`."""
    with platform.db.read() as tx:
        found = queries.public_part(tx, lot_id, number, part)
    headers = {
        "content-disposition": f'attachment; filename="{lot_id}-{number}-{part}.{found.extension}"',
        "cache-control": "no-transform",
    }
    chunks = read_part(platform.store, found.upload_id, found.sha256, found.pieces)
    return Stream(chunks, media_type="application/octet-stream", headers=headers)


@get("/api/lots/{lot_id:str}/bids/{number:int}/manifest", permission="public", sync_to_thread=True)
def show_manifest(
    lot_id: FromPath[str], number: PathNumber, platform: NamedDependency[Platform]
) -> Response[bytes]:
    """The signed manifest of a bid of the committed set: which ciphertext, under which signature; no content."""
    with platform.db.read() as tx:
        envelope = queries.manifest_of(tx, lot_id, number)
    return Response(envelope, media_type="application/json")


ROUTES = [
    show_opening,
    list_seats,
    show_bundle,
    release_shares,
    object_to_seals,
    answer_objection,
    sign_in,
    object_to_opening,
    reply,
    confirm,
    download_record,
    download_public_part,
    show_manifest,
]
