"""One deadline, one clock: a thousand submissions around it, and extensions that race with them."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Barrier

import msgspec
import pytest
from clocks import set_clock
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from scene import Scene
from scene_city import BIDDERS, PRINCIPAL
from sqlalchemy import select

from bidding_docs import dsse
from bidding_docs import manifests as m
from bidding_docs.codes import Late
from bidding_docs.encoding import format_time, parse_time
from bidding_docs.sealing import SealedBid
from govcore.errors import MoveNotAllowed
from govcore.identity.queries import actor_of_user
from trading.bidding import service
from trading.bidding.models import Bid
from trading.bidding.schemas import Submission
from trading.client import Refused
from trading.opening.models import OpeningBid
from trading.tender import keys, queries
from trading.tender.models import Lot

EACH = 250
"""Messages of each of the four bidders."""
SECOND = timedelta(seconds=1)


@dataclass
class Replacing:
    """A bidder that replaces its bid again and again: the same ciphertext under a new signed manifest."""

    scene: Scene
    bidder: str
    sealed: SealedBid
    upload_id: str
    seq: int = 0
    last: str | None = None

    def next(self) -> tuple[str, Submission]:
        """The digest of the next manifest, and the message that submits it."""
        manifest = msgspec.structs.replace(self.sealed.manifest, seq=self.seq + 1, supersedes=self.last)
        raw = dsse.sign_document(manifest, [self.scene.city.signers[self.bidder]])
        message = Submission(raw.decode(), self.upload_id, secrets.token_urlsafe(24))
        return m.digest(dsse.Envelope.decode(raw).payload), message

    def accepted(self, digest: str) -> None:
        self.seq, self.last = self.seq + 1, digest


def replacing(scene: Scene, bidder: str) -> Replacing:
    sealed = scene.seal(bidder)
    return Replacing(scene, bidder, sealed, scene.upload(bidder, sealed))


def deadline_of(scene: Scene) -> datetime:
    with scene.platform.db.read() as tx:
        found = tx.scalar(select(Lot.deadline_at).where(Lot.id == scene.lot))
    assert found is not None
    return found


def submit_until_late(one: Replacing, near: Barrier, deadline: datetime) -> list[tuple[str, dict]]:
    """Half of the messages long before the deadline, then as fast as possible over it, one surely after it."""
    person, answers = one.scene.person(one.bidder), []
    for number in range(EACH):
        if number == EACH // 2 and near.wait() == 0:
            set_clock(one.scene.platform.db, deadline - SECOND)
        if number == EACH - 1:
            while one.scene.now() < deadline:
                pass
        digest, message = one.next()
        try:
            receipt = person.post(f"/api/lots/{one.scene.lot}/bids", msgspec.to_builtins(message))
        except Refused as refused:
            answers.append((digest, refused.problem))
        else:
            one.accepted(digest)
            answers.append((digest, receipt))
    return answers


def test_a_thousand_submissions_around_the_deadline_are_judged_by_the_committed_clock(scene: Scene) -> None:
    deadline, bidders = deadline_of(scene), [replacing(scene, name) for name in BIDDERS]
    near = Barrier(len(bidders))
    with ThreadPoolExecutor(len(bidders)) as pool:
        answers = list(pool.map(lambda one: submit_until_late(one, near, deadline), bidders))

    given = [answer for one in answers for answer in one]
    late = {digest: problem for digest, problem in given if "code" in problem}
    with scene.platform.db.read() as tx:
        kept = {bid.manifest_sha256: bid.received_at for bid in tx.scalars(select(Bid))}
    assert len(given) == EACH * len(BIDDERS)
    assert {problem["code"] for problem in late.values()} == {"E_LATE"}
    assert kept.keys() == {digest for digest, _ in given} - late.keys()
    assert [at for at in kept.values() if at >= deadline] == []
    assert refused_before(scene, late, deadline) == []

    scene.close()
    with scene.platform.db.read() as tx:
        opened = {bid.org_id: bid.manifest_sha256 for bid in tx.scalars(select(OpeningBid))}
    assert opened == {one.bidder: one.last for one in bidders}


def refused_before(scene: Scene, late: dict[str, dict], deadline: datetime) -> list[str]:
    """Manifests whose signed refusal does not hold, or is of a moment before the deadline."""
    pem = scene.person("agency").call("GET", "/api/receipt-key").content
    key, wrong = load_pem_public_key(pem), []
    for digest, problem in late.items():
        raw = problem["refusal"].encode()
        [keyid] = dsse.keyids_of(raw)
        body = dsse.open_document(raw, m.Refusal, {keyid: key}).document
        if (body.manifest_sha256, body.code) != (digest, "E_LATE") or parse_time(body.at) < deadline - SECOND:
            wrong.append(digest)
    return wrong


@pytest.fixture
def races(backend: str) -> int:
    """SQLite lets one writer in at a time, so its races are few and tame."""
    return 500 if backend == "postgresql" else 50


def test_an_extension_that_races_with_a_submission_leaves_one_truth(scene: Scene, races: int) -> None:
    """Never both "too late" and "extended": a bid refused at T proves that no extension came in time."""
    outcomes, extending = race(scene, races)

    assert (False, False) in outcomes
    assert (True, True) in outcomes
    assert outcomes.count((True, False)) == 0
    assert deadline_of(scene) == extending.deadline


AROUND_THE_EDGE = (1.0, 0.8, 1.25, 1.0, 0.0, 8.0)
"""Most starts are where both may win; every sixth is too late for both, every sixth early enough for both."""


def race(scene: Scene, races: int) -> tuple[list[tuple[bool, bool]], Extending]:
    """Start an extension and a submission at once, so many times: was it extended, was the bid received."""
    bidders, extending = [replacing(scene, name) for name in BIDDERS], Extending(scene)
    outcomes, edge = [], 0.005
    with ThreadPoolExecutor(2) as pool:
        for number in range(races):
            bidder = bidders[number % len(bidders)]
            deadline, (digest, message), schedule = extending.deadline, bidder.next(), extending.next()
            lead = AROUND_THE_EDGE[number % len(AROUND_THE_EDGE)] * edge
            set_clock(scene.platform.db, deadline - timedelta(seconds=lead))
            start = Barrier(2)
            extended = pool.submit(extending.put, schedule, start)
            received = pool.submit(submitted, bidder, message, start)
            outcome = (extended.result(), received.result())
            if outcome[0]:
                extending.accepted(schedule)
            if outcome[1]:
                bidder.accepted(digest)
            outcomes.append(outcome)
            edge *= 0.98 if all(outcome) else 1.02  # find the edge, however fast the machine is
    return outcomes, extending


def submitted(bidder: Replacing, message: Submission, start: Barrier) -> bool:
    platform = bidder.scene.platform
    desk = service.Desk(platform.keys, platform.wrapper)
    with platform.db.read() as tx:
        actor = actor_of_user(tx, bidder.bidder)
    start.wait()
    try:
        with platform.db.transaction() as tx:
            service.submit(tx, desk, bidder.scene.lot, message, actor=actor)
    except Late:
        return False
    return True


class Extending:
    """The tenderer's side, which moves the deadline by ten minutes with two signatures."""

    def __init__(self, scene: Scene) -> None:
        self.scene, self.deadline = scene, deadline_of(scene)
        with scene.platform.db.read() as tx:
            present = queries.present_schedule(tx, scene.lot)
            self.actor = actor_of_user(tx, "tenderer")
        self.body = m.parse(dsse.Envelope.decode(present.envelope).payload, m.Schedule)
        self.sha256 = present.sha256

    def next(self) -> bytes:
        moved = format_time(self.deadline + timedelta(minutes=10))
        times = {"deadline_at": moved, "opening_at": moved}
        body = msgspec.structs.replace(self.body, n=self.body.n + 1, prev_sha256=self.sha256, **times)
        return dsse.sign_document(body, [self.scene.city.signers[name] for name in ("tenderer", PRINCIPAL)])

    def put(self, raw: bytes, start: Barrier) -> bool:
        start.wait()
        try:
            with self.scene.platform.db.transaction() as tx:
                keys.put_schedule(tx, self.scene.lot, raw, actor=self.actor)
        except MoveNotAllowed:
            return False
        return True

    def accepted(self, raw: bytes) -> None:
        payload = dsse.Envelope.decode(raw).payload
        self.body, self.sha256 = m.parse(payload, m.Schedule), m.digest(payload)
        self.deadline = parse_time(self.body.deadline_at)
