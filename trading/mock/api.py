"""What a custodian's program asks for and hands in at a mock opening."""

from __future__ import annotations

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from govcore import clock
from govcore.identity.policy import Actor
from govcore.platform import Platform
from trading.mock import queries, service
from trading.mock.schemas import MockBundle, NewKey
from trading.tender.schemas import SignedMessage


@post(
    "/api/mock-openings/{mock_id:str}/keys",
    permission="mock.take_part",
    fresh=True,
    sync_to_thread=True,
    status_code=204,
)
def give_key(
    mock_id: FromPath[str],
    data: JSONBody[NewKey],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> None:
    """Give one's test key."""
    with platform.db.transaction() as tx:
        service.give_key(tx, mock_id, data, actor=actor, at=clock.now(tx))


@get("/api/mock-openings/{mock_id:str}/bundle", permission="mock.take_part", sync_to_thread=True)
def show_bundle(
    mock_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> MockBundle:
    """The sealed test bids with one's own capsules."""
    with platform.db.read() as tx:
        return queries.bundle(tx, mock_id, actor=actor)


@post(
    "/api/mock-openings/{mock_id:str}/share-releases",
    permission="mock.take_part",
    fresh=True,
    sync_to_thread=True,
    status_code=204,
)
def release_shares(
    mock_id: FromPath[str],
    data: JSONBody[SignedMessage],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> None:
    """Hand in one's signed release of the test shares."""
    with platform.db.transaction() as tx:
        service.accept(tx, mock_id, data.envelope.encode(), actor=actor, at=clock.now(tx))


ROUTES = [give_key, show_bundle, release_shares]
