"""The door: many who come together are told apart, and nobody is let in by a session that had ended."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, event
from staffed_site import PEOPLE, Site

from govcore import clock
from govcore.identity.policy import VISITOR
from govcore.identity.service import disable_user
from govcore.identity.sessions import token_hash
from govcore.web.door import Door


def token_of(site: Site, name: str) -> str:
    return token_hash(site.signed_in(name).cookies["session"])


@contextmanager
def after_each_look(act: Callable[[], None]) -> Iterator[None]:
    def looked(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("SELECT"):
            act()

    event.listen(Engine, "after_cursor_execute", looked)
    try:
        yield
    finally:
        event.remove(Engine, "after_cursor_execute", looked)


def test_who_come_together_are_told_apart_in_one_look(site: Site):
    tokens = [token_of(site, name) for name in PEOPLE]
    looks: list[None] = []

    async def all_at_once() -> list[str]:
        door = Door(site.platform)
        asked = [*tokens, token_hash("guess"), *tokens]
        return [actor.user_id for actor, _ in await asyncio.gather(*map(door.find, asked))]

    with after_each_look(lambda: looks.append(None)):
        found = asyncio.run(all_at_once())

    ids = [site.ids[name] for name in PEOPLE]
    assert found == [*ids, "", *ids]
    assert len(looks) == 1


def test_who_comes_during_a_look_is_answered_by_the_next_one(site: Site):
    token = token_of(site, "wang")
    looked, go_on = threading.Event(), threading.Event()

    def pause() -> None:
        looked.set()
        assert go_on.wait(30)

    async def before_and_after_the_end() -> list[str]:
        door = Door(site.platform)
        early = asyncio.create_task(door.find(token))
        await asyncio.to_thread(looked.wait, 30)
        late = asyncio.create_task(door.find(token))
        with site.platform.db.transaction() as tx:
            go_on.set()
            disable_user(tx, site.ids["wang"], actor="system", at=clock.now(tx))
        return [(await one)[0].user_id for one in (early, late)]

    with after_each_look(pause):
        found = asyncio.run(before_and_after_the_end())

    assert found == [site.ids["wang"], ""]


def test_a_look_that_fails_fails_for_all_of_its_people_and_no_others(site: Site):
    token = token_of(site, "wang")
    lost = [RuntimeError("lost")]

    def fail_once() -> None:
        if lost:
            raise lost.pop()

    async def twice() -> list[object]:
        door = Door(site.platform)
        together = await asyncio.gather(door.find(token), door.find("-"), return_exceptions=True)
        return [*map(type, together), (await door.find(token))[0].user_id, (await door.find("-"))[0]]

    with after_each_look(fail_once):
        found = asyncio.run(twice())

    assert found == [RuntimeError, RuntimeError, site.ids["wang"], VISITOR]
