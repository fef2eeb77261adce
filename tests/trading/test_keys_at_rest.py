"""After a whole opening every stored blob is found by the rotation, moves to the new key, and is read as before."""

from __future__ import annotations

from scene import Scene
from scene_facts import secrets_of
from sqlalchemy import LargeBinary, select

from govcore import rotation
from govcore.db import Base
from govcore.platform import Platform


def _columns_with_blobs(platform: Platform) -> set[tuple[str, str]]:
    found = set()
    with platform.db.read() as tx:
        for table in Base.metadata.tables.values():
            for column in table.columns:
                if isinstance(column.type, LargeBinary):
                    values = tx.scalars(select(column).where(column.is_not(None)))
                    if any(value.startswith(b'{"v":1,"kek":') for value in values):
                        found.add((table.name, column.name))
    return found


def test_all_secrets_of_an_opening_move_to_a_new_key(scene: Scene) -> None:
    platform = scene.platform
    scene.submit_all()
    scene.open_all(1, 2, 3)
    registered = {(one.table, one.attribute.key) for one in platform.registry.wrapped}
    held = _columns_with_blobs(platform)
    before = (scene.hall(), secrets_of(scene))

    platform.wrapper.add()
    rotation.move(platform.db, platform.registry.wrapped, platform.wrapper)

    counted = rotation.status(platform.db, platform.registry.wrapped)
    assert held <= registered
    assert {table for table, counts in counted.items() if counts} == {table for table, _ in held}
    assert {name for counts in counted.values() for name in counts} == {"kek-2"}
    assert (scene.hall(), secrets_of(scene)) == before
