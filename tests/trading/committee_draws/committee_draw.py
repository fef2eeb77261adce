"""A lot whose committee is drawn: pool, needs, draw, answers, as the people of the scene would do it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from drawing import Drawing
from pool import found_pool, particulars
from scene import Scene

from govcore import clock
from govcore.identity.policy import Actor
from govcore.identity.queries import actor_of_user
from trading.committee import drawing, requirements
from trading.committee import drawing_queries as queries
from trading.committee.drawing_policy import Answer, Wanted
from trading.committee.models import ExpertCall
from trading.committee.requirements import NewRequirement
from trading.committee.tasks import follow_lot
from trading.experts import service as pool

PEOPLE = tuple(f"x{n}" for n in range(1, 9))
WATER = Wanted(speciality="A02", number=5)


@dataclass
class CommitteeDraw:
    """One lot's draw."""

    scene: Scene
    engine: Drawing = field(init=False)
    keeper: Actor | None = None

    def __post_init__(self) -> None:
        self.engine = Drawing(self.scene)

    def with_pool(self, **ties: Any) -> CommitteeDraw:
        with self.scene.platform.db.transaction() as tx:
            self.keeper = found_pool(tx, self.scene.platform, *PEOPLE)
        self.engine.give_keys()
        for number, name in enumerate(PEOPLE, 1):
            self.enter(name, number=number)
        return self

    def enter(self, name: str, **changed: Any) -> str:
        platform = self.scene.platform
        assert self.keeper is not None
        with platform.db.transaction() as tx:
            said = particulars(**changed)
            return pool.save(
                tx, platform.wrapper, username=name, particulars=said, actor=self.keeper, at=clock.now(tx)
            )

    def need(self, *wanted: Wanted, by: str = "agency", **changed: Any) -> int:
        given: dict[str, Any] = {
            "wanted": wanted or (WATER,),
            "representatives": (),
            "firms": {},
            "meets_at": self.scene.now() + timedelta(hours=6),
            "place": "临湖市公共资源交易中心 评标一室",
            "is_complex": False,
            **changed,
        }
        with self.scene.platform.db.transaction() as tx:
            actor = actor_of_user(tx, by)
            return requirements.set_requirement(
                tx, self.scene.lot, NewRequirement(**given), actor=actor, at=clock.now(tx)
            )

    def start(self, by: str = "centre") -> None:
        platform = self.scene.platform
        with platform.db.transaction() as tx:
            self.engine.draw_id = drawing.start_draw(
                tx,
                platform.wrapper,
                platform.keys,
                self.scene.lot,
                actor=actor_of_user(tx, by),
                at=clock.now(tx),
            )

    def drawn(self) -> CommitteeDraw:
        """Announce, commit, reveal, and ask those drawn."""
        self.start()
        self.engine.advance()
        for name in ("tenderer", "regulator"):
            self.engine.commit(name)
        self.engine.advance()
        for name in ("tenderer", "regulator"):
            self.engine.reveal(name)
        self.engine.advance()
        self.follow()
        return self

    def follow(self) -> None:
        follow_lot(self.scene.platform, self.scene.lot)

    def calls(self) -> list[ExpertCall]:
        with self.scene.platform.db.read() as tx:
            return queries.calls_of(tx, self.scene.lot)

    def counted(self) -> dict[str, int]:
        return dict(Counter(call.state for call in self.calls()))

    def called(self, state: Answer = Answer.ASKED) -> list[str]:
        """Which people of the pool have a call in this state: their programs find their own."""
        found = []
        for name in PEOPLE:
            with self.scene.platform.db.read() as tx:
                mine = queries.own_calls(tx, self.scene.platform.keys, actor=actor_of_user(tx, f"u-{name}"))
            found += [name for one in mine if one.state is state]
        return found

    def answer(self, name: str, *, accepts: bool = True, reason: str = "出差") -> None:
        platform = self.scene.platform
        with platform.db.transaction() as tx:
            drawing.answer_call(
                tx,
                platform.keys,
                self.engine.draw_id,
                accepts=accepts,
                reason=reason,
                actor=actor_of_user(tx, f"u-{name}"),
                at=clock.now(tx),
            )

    def all_accept(self) -> list[str]:
        """Everybody who is asked accepts, until nobody is asked any more."""
        while asked := self.called():
            for name in asked:
                self.answer(name)
            self.follow()
        return self.called(Answer.ACCEPTED)
