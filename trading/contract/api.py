"""Contracts: JSON, and the exact bytes that are signed."""

from __future__ import annotations

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from govcore import clock
from govcore.errors import NotFound
from govcore.identity.policy import Actor
from govcore.platform import Platform
from trading.contract import issue, queries, service
from trading.contract.policy import MEDIA_TYPE
from trading.contract.schemas import (
    ContractShown,
    NewAcceptance,
    NewBond,
    NewContract,
    NewSupplement,
    SignedContract,
)


@post(
    "/api/lots/{lot_id:str}/contract",
    permission="contract.draw",
    fresh=True,
    sync_to_thread=True,
    status_code=201,
)
def draw(
    lot_id: FromPath[str],
    data: JSONBody[NewContract],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> ContractShown:
    """Draw the contract of an awarded lot; what the bid decides must be what the bid says."""
    issue.draw(platform, lot_id, data, actor=actor)
    return _shown(platform, lot_id, actor)


@get("/api/lots/{lot_id:str}/contract", permission="contract.view", sync_to_thread=True)
def show(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> ContractShown:
    """The contract, for its two sides, supervision and the centre."""
    return _shown(platform, lot_id, actor)


@get("/api/lots/{lot_id:str}/contract/document", permission="contract.view", sync_to_thread=True)
def document(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """The exact bytes that both sides sign."""
    with platform.db.read() as tx:
        row = queries.view(tx, lot_id, actor=actor, at=clock.now(tx)).contract
    if row is None:
        raise NotFound
    return Response(row.payload, media_type=MEDIA_TYPE)


@get("/api/lots/{lot_id:str}/contract.pdf", permission="contract.view", sync_to_thread=True)
def contract_pdf(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """The contract's PDF, whose hash the signed bytes name."""
    with platform.db.read() as tx:
        row = queries.view(tx, lot_id, actor=actor, at=clock.now(tx)).contract
    if row is None:
        raise NotFound
    headers = {"content-disposition": f'attachment; filename="{row.number}.pdf"'}
    return Response(platform.store.get(row.store_key), media_type="application/pdf", headers=headers)


@post(
    "/api/lots/{lot_id:str}/contract/signatures",
    permission="contract.sign",
    fresh=True,
    sync_to_thread=True,
    status_code=201,
)
def sign(
    lot_id: FromPath[str],
    data: JSONBody[SignedContract],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> ContractShown:
    """Hand in one side's signed envelope."""
    with platform.db.transaction() as tx:
        service.sign(tx, lot_id, data.envelope.encode(), actor=actor, at=clock.now(tx))
    return _shown(platform, lot_id, actor)


@post(
    "/api/lots/{lot_id:str}/contract/bond",
    permission="contract.draw",
    sync_to_thread=True,
    status_code=201,
)
def record_bond(
    lot_id: FromPath[str],
    data: JSONBody[NewBond],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> ContractShown:
    """Record the performance bond."""
    with platform.db.transaction() as tx:
        service.record_bond(
            tx,
            lot_id,
            form=data.form,
            amount_fen=data.amount_fen,
            reference=data.reference,
            actor=actor,
            at=clock.now(tx),
        )
    return _shown(platform, lot_id, actor)


@post(
    "/api/lots/{lot_id:str}/contract/publication",
    permission="contract.draw",
    sync_to_thread=True,
    status_code=201,
)
def publish(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> ContractShown:
    """Publish the signed contract."""
    with platform.db.transaction() as tx:
        service.publish(tx, lot_id, actor=actor, at=clock.now(tx))
    return _shown(platform, lot_id, actor)


@post(
    "/api/lots/{lot_id:str}/contract/filing",
    permission="contract.draw",
    sync_to_thread=True,
    status_code=201,
)
def file(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> ContractShown:
    """File a purchase's contract."""
    with platform.db.transaction() as tx:
        service.file(tx, lot_id, actor=actor, at=clock.now(tx))
    return _shown(platform, lot_id, actor)


@post(
    "/api/lots/{lot_id:str}/contract/supplements",
    permission="contract.draw",
    fresh=True,
    sync_to_thread=True,
    status_code=201,
)
def buy_more(
    lot_id: FromPath[str],
    data: JSONBody[NewSupplement],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> ContractShown:
    """Record what is bought in addition."""
    with platform.db.transaction() as tx:
        service.buy_more(
            tx, lot_id, amount_fen=data.amount_fen, what=data.what, actor=actor, at=clock.now(tx)
        )
    return _shown(platform, lot_id, actor)


@post(
    "/api/lots/{lot_id:str}/contract/acceptance",
    permission="contract.accept",
    fresh=True,
    sync_to_thread=True,
    status_code=201,
)
def accept(
    lot_id: FromPath[str],
    data: JSONBody[NewAcceptance],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> ContractShown:
    """Record the acceptance of what was delivered."""
    with platform.db.transaction() as tx:
        service.accept(tx, lot_id, passed=data.passed, text=data.text, actor=actor, at=clock.now(tx))
    return _shown(platform, lot_id, actor)


def _shown(platform: Platform, lot_id: str, actor: Actor) -> ContractShown:
    with platform.db.read() as tx:
        found = queries.view(tx, lot_id, actor=actor, at=clock.now(tx))
    row = found.contract
    if row is None:
        raise NotFound
    return ContractShown(
        id=row.id,
        number=row.number,
        state=row.state,
        amount_fen=row.amount_fen,
        bond_fen=row.bond_fen,
        sha256=row.sha256,
        pdf_sha256=row.pdf_sha256,
        signed_by=sorted(found.signatures),
        due_at=found.due.at,
        signed_at=row.signed_at,
        published_at=row.published_at,
        filed_at=row.filed_at,
    )


ROUTES = [draw, show, document, contract_pdf, sign, record_bond, publish, file, buy_more, accept]
