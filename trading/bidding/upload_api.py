"""Uploads by pieces: what is limited, where to send, what is here; only the bidder's own ever exists."""

from __future__ import annotations

from litestar import delete, get, post, put
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from bidding_docs import suites
from bidding_docs.manifests import PIECE_SIZE
from govcore import clock
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.web.params import PathNumber
from govcore.web.rendering import AnyRequest
from trading.bidding import limits, queries, staging, uploads
from trading.bidding.schemas import (
    Capsules,
    Limits,
    NewUpload,
    PieceToPlace,
    Place,
    Staged,
    UploadShown,
)
from trading.bidding.tracing import traced
from trading.tender import queries as tenders

_PIECE = "/api/uploads/{upload_id:str}/parts/{sha256:str}/{n:int}"


@get("/api/lots/{lot_id:str}/limits", permission="public", sync_to_thread=True)
def show_limits(lot_id: FromPath[str], platform: NamedDependency[Platform]) -> Limits:
    """What a bid for this lot may hold: sizes, numbers and types of files, lengths of names."""
    with platform.db.read() as tx:
        return limits.limits_of(tenders.published_lot(tx, lot_id).content)


@post("/api/lots/{lot_id:str}/uploads", permission="bid.prepare", sync_to_thread=True, status_code=201)
def start_upload(
    lot_id: FromPath[str],
    data: JSONBody[NewUpload],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> UploadShown:
    """Ask for a place for one bid's ciphertext; over a limit it is refused before a byte is sent.

    Asked again for the same parts, also from elsewhere, it is the same place with what has arrived there.
    """
    size = sum(part.size for part in data.parts)
    with traced(platform, actor, "start", lot_id=lot_id, size=size), platform.db.transaction() as tx:
        upload = uploads.start(tx, lot_id, data, actor=actor, vault=platform.keys, at=clock.now(tx))
        tx.flush()
        return queries.show_upload(tx, upload)


@get("/api/lots/{lot_id:str}/uploads", permission="bid.read", sync_to_thread=True)
def list_uploads(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> list[UploadShown]:
    """The caller's own uploads to a lot with what has arrived of each, the oldest first."""
    with platform.db.read() as tx:
        found = queries.own_uploads(tx, lot_id, actor=actor, vault=platform.keys)
        return [queries.show_upload(tx, upload) for upload in found]


@get("/api/uploads/{upload_id:str}", permission="bid.read", sync_to_thread=True)
def show_upload(
    upload_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> UploadShown:
    """What of an own upload has arrived."""
    with platform.db.read() as tx:
        upload = queries.own_upload(tx, upload_id, actor=actor, vault=platform.keys)
        return queries.show_upload(tx, upload)


@delete("/api/uploads/{upload_id:str}", permission="bid.prepare", sync_to_thread=True, status_code=204)
def discard_upload(
    upload_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> None:
    """Give an unfinished upload up; its bytes are deleted soon."""
    with platform.db.transaction() as tx:
        upload = uploads.own_upload(tx, upload_id, actor=actor, vault=platform.keys)
        uploads.discard(tx, upload, at=clock.now(tx))


@post(f"{_PIECE}/place", permission="bid.prepare", sync_to_thread=True, status_code=201)
def place_piece(
    upload_id: FromPath[str],
    sha256: FromPath[str],
    n: PathNumber,
    data: JSONBody[PieceToPlace],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Place:
    """Where to PUT this piece now: this site, or a place in the object store for a quarter of an hour."""
    _length(platform, actor, upload_id, sha256, n)
    with platform.db.read() as tx:
        at = clock.now(tx)
    return staging.place_for(platform.store, upload_id, sha256=sha256, n=n, piece_sha256=data.sha256, at=at)


@put(_PIECE, permission="bid.prepare", request_max_body_size=PIECE_SIZE + 1024, status_code=204)
async def put_piece(
    request: AnyRequest,
    upload_id: FromPath[str],
    sha256: FromPath[str],
    n: PathNumber,
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> None:
    """Send one piece with its own SHA-256 in `x-piece-sha256`; sending it again is harmless."""
    body = await request.body()
    digest = request.headers.get("x-piece-sha256", "")
    await sync_to_thread(_put_piece, platform, actor, upload_id, sha256, n, body, digest)


def _put_piece(
    platform: Platform,
    actor: Actor,
    upload_id: str,
    sha256: str,
    n: int,
    body: bytes,
    digest: str,
) -> None:
    about = f"{sha256[:12]}/{n}"
    with traced(platform, actor, "piece", upload_id=upload_id, size=len(body), about=about):
        length = _length(platform, actor, upload_id, sha256, n)
        uploads.store_piece(
            platform.store, upload_id, sha256=sha256, n=n, data=body, length=length, piece_sha256=digest
        )
        _note(platform, actor, upload_id, sha256, n, length, digest)


@post(f"{_PIECE}/staged", permission="bid.prepare", sync_to_thread=True, status_code=204)
def take_staged_piece(
    upload_id: FromPath[str],
    sha256: FromPath[str],
    n: PathNumber,
    data: JSONBody[Staged],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> None:
    """A piece lies at its staged place: check its length and hash, and keep it; saying it again is harmless."""
    with traced(platform, actor, "piece", upload_id=upload_id, about=f"{sha256[:12]}/{n}"):
        length = _length(platform, actor, upload_id, sha256, n)
        with platform.db.read() as tx:
            here = queries.has_piece(tx, upload_id, sha256, n, data.sha256)
        if not here:
            staging.take_piece(
                platform.store,
                upload_id,
                data.staged,
                sha256=sha256,
                n=n,
                length=length,
                piece_sha256=data.sha256,
            )
            _note(platform, actor, upload_id, sha256, n, length, data.sha256)


def _length(platform: Platform, actor: Actor, upload_id: str, sha256: str, n: int) -> int:
    """How long this piece of the caller's open upload must be; `NotFound`, `Late`."""
    with platform.db.read() as tx:
        upload = uploads.own_upload(tx, upload_id, actor=actor, vault=platform.keys)
        return uploads.length_of_piece(uploads.declared(upload, sha256), n)


def _note(
    platform: Platform, actor: Actor, upload_id: str, sha256: str, n: int, length: int, digest: str
) -> None:
    with platform.db.transaction() as tx:
        upload = uploads.own_upload(tx, upload_id, actor=actor, vault=platform.keys)
        uploads.note_piece(tx, upload, sha256=sha256, n=n, size=length, piece_sha256=digest)


@post(
    "/api/uploads/{upload_id:str}/parts/{sha256:str}/complete",
    permission="bid.prepare",
    sync_to_thread=True,
    status_code=204,
)
def complete_part(
    upload_id: FromPath[str],
    sha256: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> None:
    """All pieces are sent: read them back and check hash, header and length of the whole."""
    with traced(platform, actor, "complete", upload_id=upload_id, about=sha256[:12]):
        _complete(platform, actor, upload_id, sha256)


def _complete(platform: Platform, actor: Actor, upload_id: str, sha256: str) -> None:
    with platform.db.read() as tx:
        upload = uploads.own_upload(tx, upload_id, actor=actor, vault=platform.keys)
        part = uploads.declared(upload, sha256)
        if sha256 in queries.pieces_of(tx, upload_id):
            return
        uploads.check_all_here(tx, upload, part)
        suite = suites.get(tenders.lot_context(tx, upload.lot_id).content.suite)
    uploads.measure_part(platform.store, suite, upload_id, part)
    with platform.db.transaction() as tx:
        upload = uploads.own_upload(tx, upload_id, actor=actor, vault=platform.keys)
        uploads.finish_part(tx, upload, part)


@put("/api/uploads/{upload_id:str}/capsules", permission="bid.prepare", sync_to_thread=True, status_code=204)
def put_capsules(
    upload_id: FromPath[str],
    data: JSONBody[Capsules],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> None:
    """Send all capsules of the bid."""
    size = sum(len(capsule) for capsule in data.capsules)
    with (
        traced(platform, actor, "capsules", upload_id=upload_id, size=size),
        platform.db.transaction() as tx,
    ):
        upload = uploads.own_upload(tx, upload_id, actor=actor, vault=platform.keys)
        uploads.put_capsules(platform.store, upload, data.capsules)


ROUTES = [
    show_limits,
    start_upload,
    list_uploads,
    show_upload,
    discard_upload,
    place_piece,
    put_piece,
    take_staged_piece,
    complete_part,
    put_capsules,
]
