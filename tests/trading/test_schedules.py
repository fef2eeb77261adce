"""The deadline moves only by a second signed schedule, only later, only before it has passed, and then binds all."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from threading import Barrier

import msgspec
import pytest
from apps import app_for
from clocks import set_clock
from litestar.testing import TestClient
from scene import Scene, build
from scene_city import PRINCIPAL, certified
from scene_facts import events, refused, verdict
from sqlalchemy import select

from bidding_docs import dsse
from bidding_docs import manifests as m
from bidding_docs.codes import BadSchema
from bidding_docs.encoding import encode, parse_time
from govcore.dsse import CertificateSigner
from govcore.errors import MoveNotAllowed
from govcore.identity.queries import actor_of_user
from govcore.notify import queries as notify
from govcore.pdf.figures import stamp
from govcore.platform import Platform
from trading.opening import tasks
from trading.opening.models import Opening
from trading.tender import keys, reminders, signing
from trading.tender.models import Lot, Schedule
from trading.tender.signing import NotTrusted

LOTS = 8


def deadline(scene: Scene, lot: str | None = None) -> datetime:
    with scene.platform.db.read() as tx:
        found = tx.scalar(select(Lot.deadline_at).where(Lot.id == (lot or scene.lot)))
    assert found is not None
    return found


def extended(
    scene: Scene, *, by: timedelta = timedelta(hours=2), lot: str | None = None
) -> tuple[m.Schedule, bytes]:
    """The next schedule as the tenderer's first person signs it."""
    person, signer = scene.person("tenderer"), scene.city.signers["tenderer"]
    at = deadline(scene, lot) + by
    body, envelope = signing.sign_schedule(person, signer, lot or scene.lot, deadline_at=at)
    return body, envelope.encode()


def countersigned(scene: Scene, raw: bytes) -> dsse.Envelope:
    person, signer = scene.person(PRINCIPAL), scene.city.signers[PRINCIPAL]
    return signing.countersign_schedule(person, signer, scene.authority(), raw)[1]


def handed_in(scene: Scene, raw: bytes, *, user: str = "tenderer") -> tuple[int, str]:
    """The verdict on a schedule that is refused."""
    body = {"envelope": raw.decode()}
    return verdict(refused(scene, user, "POST", f"/api/lots/{scene.lot}/schedules", json=body))


def signed(body: m.Schedule, *signers: CertificateSigner) -> bytes:
    return dsse.sign(m.media_type(m.Schedule), encode(body), list(signers)).encode()


def test_an_extension_by_two_people_moves_bidding_closing_and_opening(scene: Scene) -> None:
    old = deadline(scene)
    scene.submit_all()
    body, raw = extended(scene)

    signing.hand_in_schedule(scene.person(PRINCIPAL), scene.lot, countersigned(scene, raw))
    scene.close()
    after_the_old_deadline = scene.hall()["state"]
    scene.submit_all("bidder-4")
    scene.close()
    scene.close()

    assert deadline(scene) == parse_time(body.deadline_at) == old + timedelta(hours=2)
    assert (body.n, after_the_old_deadline) == (2, "bidding")
    assert (scene.hall()["state"], scene.hall()["eligible_count"]) == ("sealed", 4)
    logged = [one["data"] for one in events(scene, "schedule.changed") if one["subject"] == scene.lot]
    closed = next(one["data"] for one in events(scene, "tender.closed") if one["subject"] == scene.lot)
    assert [one["n"] for one in logged] == [1, 2]
    assert closed["schedule_sha256"] == logged[1]["schedule_sha256"] == m.digest(encode(body))


def test_followers_hear_of_a_moved_deadline_once_and_not_of_the_first(scene: Scene) -> None:
    scene.person("stranger").call("POST", f"/tenders/{scene.city.tender_id}/follow")

    def tell() -> bool:
        with scene.platform.db.transaction() as tx:
            return reminders.tell_schedule(tx, scene.lot, at=scene.now())

    first = tell()
    body, raw = extended(scene)
    signing.hand_in_schedule(scene.person(PRINCIPAL), scene.lot, countersigned(scene, raw))
    told = [first, tell(), tell()]

    with scene.platform.db.read() as tx:
        inbox = notify.inbox(tx, scene.platform.keys, actor=actor_of_user(tx, "stranger"))
    assert told == [False, True, False]
    assert [one.data["deadline"] for one in inbox] == [stamp(parse_time(body.deadline_at))]


def test_a_schedule_that_is_not_the_next_or_not_two_people_s_is_refused(scene: Scene) -> None:
    body, raw = extended(scene)
    tenderer, principal = scene.city.signers["tenderer"], scene.city.signers[PRINCIPAL]
    with scene.platform.db.transaction() as tx:
        second_card = certified(tx, scene.platform, "tenderer")

    found = {
        "one person": handed_in(scene, raw),
        "one person with two certificates": handed_in(scene, signed(body, tenderer, second_card)),
        "with the regulator": handed_in(scene, signed(body, tenderer, scene.city.signers["regulator"])),
        "a number left out": handed_in(
            scene, signed(msgspec.structs.replace(body, n=3), tenderer, principal)
        ),
        "after another": handed_in(
            scene, signed(msgspec.structs.replace(body, prev_sha256="0" * 64), tenderer, principal)
        ),
        "another lot's": handed_in(scene, extended(scene, lot=scene.city.lots[1])[1]),
        "handed in by the agency": handed_in(scene, signed(body, tenderer, principal), user="agency"),
    }
    earlier = msgspec.structs.replace(
        body, deadline_at="2026-01-01T00:00:00Z", opening_at="2026-01-01T00:00:00Z"
    )
    found["an earlier deadline"] = handed_in(scene, signed(earlier, tenderer, principal))
    with pytest.raises(NotTrusted):
        signing.countersign_schedule(scene.person("tenderer"), tenderer, scene.authority(), raw)
    with pytest.raises(BadSchema):
        extended(scene, by=timedelta(hours=-1))

    assert found == {
        "one person": (422, "E_MANIFEST_SIG"),
        "one person with two certificates": (422, "E_MANIFEST_SIG"),
        "with the regulator": (422, "E_CERT_NAME"),
        "a number left out": (422, "E_SCHEMA"),
        "after another": (422, "E_SCHEMA"),
        "another lot's": (422, "E_KEY_MANIFEST"),
        "handed in by the agency": (403, "E_FORBIDDEN"),
        "an earlier deadline": (422, "E_SCHEMA"),
    }


def test_no_schedule_is_taken_once_the_deadline_has_passed(scene: Scene) -> None:
    scene.submit_all()
    _, raw = extended(scene)
    envelope = countersigned(scene, raw)
    scene.move_clock(hours=1)

    passed = handed_in(scene, envelope.encode())
    tasks.close_one(scene.platform, scene.lot)
    closed = handed_in(scene, envelope.encode())

    assert (passed, closed) == ((409, "E_STATE"), (409, "E_STATE"))


@pytest.fixture
def many(platform: Platform, tmp_path: Path) -> Iterator[Scene]:
    with TestClient(app_for(platform), base_url="http://site.example") as http:
        yield build(platform, http, tmp_path / "scene", lots=LOTS)


def test_an_extension_that_races_with_the_closing_either_moves_it_or_is_refused(many: Scene) -> None:
    db, old = many.platform.db, deadline(many)
    with db.read() as tx:
        actor = actor_of_user(tx, "tenderer")
    offers = {lot: countersigned(many, extended(many, lot=lot)[1]).encode() for lot in many.city.lots}
    start = Barrier(2)

    def extend(lot: str) -> bool:
        start.wait()
        try:
            with db.transaction() as tx:
                keys.put_schedule(tx, lot, offers[lot], actor=actor)
        except MoveNotAllowed:
            return False
        return True

    def close(lot: str) -> None:
        start.wait()
        while many.now() < old:  # at most 9 ms
            pass
        tasks.close_one(many.platform, lot)

    outcomes = []
    with ThreadPoolExecutor(2) as pool:
        for number, lot in enumerate(many.city.lots):
            set_clock(db, old - timedelta(milliseconds=(number % 4) * 3))
            closing, extension = pool.submit(close, lot), pool.submit(extend, lot)
            closing.result()
            outcomes.append((lot, extension.result()))

    with db.read() as tx:
        for lot, accepted in outcomes:
            schedules = tx.scalars(select(Schedule.n).where(Schedule.lot_id == lot)).all()
            opening = tx.get(Opening, lot)
            assert (len(schedules), opening is None) == ((2, True) if accepted else (1, False))
