"""Contributors and custodians of a draw, as their own programs would act."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from scene import Scene
from scene_city import SEATS

from bidding_docs.encoding import format_time
from govcore import clock
from govcore.identity.queries import actor_of_user
from trading.draws import custody, escrow, queries, replay, service
from trading.draws.escrow import Committing, DrawKey
from trading.draws.models import Draw
from trading.draws.policy import Purpose, Windows
from trading.draws.replay import Quota
from trading.draws.tasks import advance_one

EXPERTS = [f"x{number:02}" for number in range(1, 13)]
QUOTAS = [Quota(name="cost", number=3, of=EXPERTS[:7]), Quota(name="law", number=2, of=EXPERTS[5:])]
WINDOWS = Windows(commit=timedelta(minutes=20), reveal=timedelta(minutes=5))


def value_of(name: str) -> str:
    """The same value of a contributor in each test."""
    return hashlib.sha256(f"value of {name}".encode()).hexdigest()


@dataclass
class Drawing:
    """One draw of a scene's first lot, and the custodians' identities for it."""

    scene: Scene
    draw_id: str = ""
    identities: dict[int, bytes] = field(default_factory=dict, repr=False)

    def now(self) -> datetime:
        return self.scene.now()

    def give_keys(self, *seats: int, locked: bytes | None = None) -> None:
        """These custodians (all by default) give their standing keys, and a locked file where there is one."""
        for index in seats or (1, 2, 3):
            signer = self.scene.city.signers[SEATS[index - 1]]
            self.identities[index], recipient = escrow.SUITE.generate()
            with self.scene.platform.db.transaction() as tx:
                at = clock.now(tx)
                key = DrawKey(cert_sha256=signer.keyid, recipient=recipient, since=format_time(at))
                actor = actor_of_user(tx, SEATS[index - 1])
                custody.give_key(tx, escrow.sign_key(key, signer), locked=locked, actor=actor, at=at)

    def announce(self, purpose: Purpose = Purpose.EXPERTS, **changed: object) -> str:
        given: dict[str, object] = {
            "pool": EXPERTS,
            "exclusions": [replay.Excluded(id="x99", reason="employer")],
            "quotas": QUOTAS,
            "windows": WINDOWS,
            **changed,
        }
        with self.scene.platform.db.transaction() as tx:
            self.draw_id = service.announce(
                tx, lot_id=self.scene.lot, purpose=purpose, actor="u-draw", at=clock.now(tx), **given
            )
        return self.draw_id

    def advance(self) -> None:
        advance_one(self.scene.platform, self.draw_id)

    def sealed(self, name: str, value: str | None = None, *, escrowed: str | None = None) -> Committing:
        """A commitment with its escrow; `escrowed` is another value than the one committed to."""
        with self.scene.platform.db.read() as tx:
            recipients = {one.custodian: one.recipient for one in queries.escrows(tx, self.draw_id)}
            k = tx.get_one(Draw, self.draw_id).k
        value = value or value_of(name)
        asked = {"draw_id": self.draw_id, "name": name, "recipients": recipients, "k": k}
        right = escrow.committing(value, token_bytes=secrets.token_bytes, **asked)
        wrong = escrow.committing(escrowed or value, token_bytes=secrets.token_bytes, **asked)
        return Committing(commitment=right.commitment, capsules=wrong.capsules)

    def commit(self, name: str, given: Committing | None = None, *, user: str | None = None) -> None:
        given = given or self.sealed(name)
        with self.scene.platform.db.transaction() as tx:
            actor = actor_of_user(tx, user or name)
            service.commit(tx, self.draw_id, given, actor=actor, at=clock.now(tx))

    def reveal(self, name: str, value: str | None = None, *, user: str | None = None) -> None:
        with self.scene.platform.db.transaction() as tx:
            actor = actor_of_user(tx, user or name)
            service.reveal(tx, self.draw_id, value or value_of(name), actor=actor, at=clock.now(tx))

    def open_escrow(
        self, index: int, name: str, *, proof: bytes | None = None, user: str | None = None
    ) -> None:
        with self.scene.platform.db.transaction() as tx:
            sealed = {one.custodian: one.data for one in queries.capsules(tx, self.draw_id, name)}[index]
            if proof is None:
                proof = escrow.prove(
                    sealed, self.identities[index], draw_id=self.draw_id, name=name, custodian=index
                )
            actor = actor_of_user(tx, user or SEATS[index - 1])
            custody.open_escrow(
                tx, self.draw_id, name, custodian=index, proof=proof, actor=actor, at=clock.now(tx)
            )

    def begun(self, purpose: Purpose = Purpose.EXPERTS, **changed: object) -> Drawing:
        self.give_keys()
        self.announce(purpose, **changed)
        self.advance()
        return self

    def committed(self, purpose: Purpose = Purpose.EXPERTS, **changed: object) -> Drawing:
        self.begun(purpose, **changed)
        for name in ("tenderer", "regulator"):
            self.commit(name)
        self.advance()
        return self

    def drawn(self, purpose: Purpose = Purpose.EXPERTS, **changed: object) -> Drawing:
        self.committed(purpose, **changed)
        for name in ("tenderer", "regulator"):
            self.reveal(name)
        self.advance()
        return self

    def row(self) -> Draw:
        with self.scene.platform.db.read() as tx:
            return tx.get_one(Draw, self.draw_id)
