"""Steps of a version of the documents, each by whom the test names."""

from __future__ import annotations

from typing import Any

import msgspec
from scene import Scene

from govcore import clock
from govcore.identity.queries import actor_of_user
from trading.documents import queries, releasing, service
from trading.documents.queries import terms_of
from trading.documents.schemas import NewVersion, Terms


def terms(scene: Scene) -> Terms:
    with scene.platform.db.read() as tx:
        return terms_of(queries.in_force(tx, scene.city.tender_id))


def changed(scene: Scene, **content: Any) -> Terms:
    before = terms(scene)
    return msgspec.structs.replace(before, content=msgspec.structs.replace(before.content, **content))


def prepare(scene: Scene, new: Terms, *, who: str = "agency", **more: Any) -> int:
    with scene.platform.db.transaction() as tx:
        return service.new_version(
            tx,
            scene.platform.store,
            scene.city.tender_id,
            NewVersion(terms=new, why="答复提问", **more),
            actor=actor_of_user(tx, who),
            at=clock.now(tx),
        ).number


def release(scene: Scene, number: int, *, who: str = "tenderer") -> None:
    platform, tender = scene.platform, scene.city.tender_id
    with platform.db.transaction() as tx:
        actor, at = actor_of_user(tx, who), clock.now(tx)
        releasing.release(tx, platform.store, tender, number, actor=actor, at=at)


def publish(scene: Scene, number: int, *, who: str = "agency") -> None:
    platform = scene.platform
    with platform.db.transaction() as tx:
        service.publish_version(
            tx,
            platform.store,
            platform.keys,
            scene.city.tender_id,
            number,
            actor=actor_of_user(tx, who),
            at=clock.now(tx),
        )
