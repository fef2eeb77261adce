"""Seals: JSON."""

from __future__ import annotations

from typing import Any

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, MultipartBody

from govcore import clock
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.seals import byhand, public, queries, service
from govcore.seals.schemas import (
    Change,
    ChangeEntry,
    Keeper,
    NewSeal,
    Order,
    Paper,
    Sealed,
    SealEntry,
    UseEntry,
)


@get("/api/seals", permission="seals.read", sync_to_thread=True)
def list_seals(
    platform: NamedDependency[Platform], actor: NamedDependency[Actor], only: FromQuery[str] = ""
) -> list[SealEntry]:
    """The seals that the caller may see, `only` those of one state, with their histories."""
    with platform.db.read() as tx:
        found = queries.seals(tx, actor=actor, state=only)
    return [_seal(one) for one in found]


@get("/api/seals/papers", permission="seals.read", sync_to_thread=True)
def list_papers(platform: NamedDependency[Platform]) -> list[Paper]:
    """The kinds of paper that may bear a seal by standing order."""
    return [Paper(one.name, one.zh, one.en) for one in platform.registry.sealed_papers.values()]


@get("/api/seals/{seal_id:str}", permission="seals.read", sync_to_thread=True)
def show_seal(
    seal_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> SealEntry:
    with platform.db.read() as tx:
        return _seal(queries.seal(tx, seal_id, actor=actor))


@post("/api/seals", permission="seals.manage", fresh=True, sync_to_thread=True, status_code=201)
def register(
    data: JSONBody[NewSeal], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> SealEntry:
    """Enter a seal into the register."""
    with platform.db.transaction() as tx:
        seal = service.register_seal(tx, data, demo=platform.settings.demo, actor=actor, at=clock.now(tx))
        return _seal(queries.seal(tx, seal.id, actor=actor))


@post(
    "/api/seals/{seal_id:str}/changes",
    permission="seals.manage",
    fresh=True,
    sync_to_thread=True,
    status_code=201,
)
def change(
    seal_id: FromPath[str],
    data: JSONBody[Change],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> SealEntry:
    """Record what became of a seal: suspended, resumed, sealed away, revoked, destroyed."""
    with platform.db.transaction() as tx:
        service.move_seal(tx, seal_id, data, actor=actor, at=clock.now(tx))
        return _seal(queries.seal(tx, seal_id, actor=actor))


@post(
    "/api/seals/{seal_id:str}/certificate",
    permission="seals.manage",
    fresh=True,
    sync_to_thread=True,
    status_code=201,
)
def certify(
    seal_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> SealEntry:
    """Give a seal a new key and certificate."""
    with platform.db.transaction() as tx:
        byhand.certify(tx, platform, seal_id, actor=actor, at=clock.now(tx))
        return _seal(queries.seal(tx, seal_id, actor=actor))


@post(
    "/api/seals/{seal_id:str}/keepers",
    permission="seals.manage",
    fresh=True,
    sync_to_thread=True,
    status_code=201,
)
def name_keeper(
    seal_id: FromPath[str],
    data: JSONBody[Keeper],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> dict[str, str]:
    """Let a person of the seal's organisation use it."""
    with platform.db.transaction() as tx:
        keeper = service.name_keeper(tx, seal_id, user_id=data.user_id, actor=actor, at=clock.now(tx))
    return {"id": keeper.id}


@post(
    "/api/seal-keepers/{keeper_id:str}/end",
    permission="seals.manage",
    fresh=True,
    sync_to_thread=True,
    status_code=204,
)
def end_keeper(
    keeper_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> None:
    """End a person's right to use a seal."""
    with platform.db.transaction() as tx:
        service.end_keeper(tx, keeper_id, actor=actor, at=clock.now(tx))


@post(
    "/api/seals/{seal_id:str}/orders",
    permission="seals.use",
    fresh=True,
    sync_to_thread=True,
    status_code=204,
)
def order_papers(
    seal_id: FromPath[str],
    data: JSONBody[Order],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> None:
    """Order that every paper of a kind bears this seal; only its keeper may."""
    with platform.db.transaction() as tx:
        service.order_papers(tx, seal_id, purpose=data.purpose, actor=actor, at=clock.now(tx))


@post(
    "/api/seals/{seal_id:str}/orders/end",
    permission="seals.use",
    fresh=True,
    sync_to_thread=True,
    status_code=204,
)
def end_order(
    seal_id: FromPath[str],
    data: JSONBody[Order],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> None:
    """End a standing order."""
    with platform.db.transaction() as tx:
        service.end_order(tx, seal_id, purpose=data.purpose, actor=actor, at=clock.now(tx))


@get("/api/seals/{seal_id:str}/uses", permission="seals.read", sync_to_thread=True)
def list_uses(
    seal_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> list[UseEntry]:
    """The uses of a seal, newest first."""
    with platform.db.read() as tx:
        return [_use(one) for one in queries.uses(tx, seal_id, actor=actor)]


@post(
    "/api/seals/{seal_id:str}/uses",
    permission="seals.use",
    fresh=True,
    sync_to_thread=True,
    status_code=201,
    request_max_body_size=byhand.FILE_LIMIT + (64 << 10),
)
def seal_file(
    seal_id: FromPath[str],
    data: MultipartBody[dict[str, Any]],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Sealed:
    """Seal a PDF (multipart fields `file` and `title`); only the seal's keeper may."""
    title = data.get("title")
    use = byhand.seal_file(
        platform,
        seal_id,
        file=public.shown_file(data),
        title=title if isinstance(title, str) else "",
        actor=actor,
    )
    assert use.sealed_sha256 is not None  # what `seal_file` has just finished
    return Sealed(use.id, use.number, use.sealed_sha256, f"/seal-uses/{use.id}/paper.pdf")


def _seal(seal: queries.SealShown) -> SealEntry:
    return SealEntry(
        id=seal.id,
        code=seal.code,
        kind=seal.kind,
        organ=seal.organ,
        words=seal.words,
        org_id=seal.org_id,
        state=seal.state,
        picture=f"/seals/{seal.id}/picture.svg",
        certificate_until=seal.certificate_until,
        changes=[
            ChangeEntry(
                one.move, one.state, one.on, one.reason, one.witness, one.recorded_by, one.recorded_at
            )
            for one in seal.changes
        ],
    )


def _use(use: queries.UseShown) -> UseEntry:
    return UseEntry(
        id=use.id,
        number=use.number,
        seal_id=use.seal_id,
        purpose=use.purpose,
        title=use.title,
        state=use.state,
        document_sha256=use.document_sha256,
        sealed_sha256=use.sealed_sha256,
        sealed_at=use.sealed_at,
        stamp=use.stamp,
        requested_by=use.requested_by,
    )


ROUTES = [
    list_seals,
    list_papers,
    show_seal,
    register,
    change,
    certify,
    name_keeper,
    end_keeper,
    order_papers,
    end_order,
    list_uses,
    seal_file,
    *public.ROUTES,
]
