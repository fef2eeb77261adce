"""A mock opening plays the protocol with test keys to the read-out, touches nothing of the tender, and is erased."""

from __future__ import annotations

import base64
from datetime import date, datetime, timedelta

import msgspec
import pytest
from cryptography import x509
from scene import Scene
from scene_city import FORM, MAX_PRICE_FEN, SEATS
from scene_facts import refused, verdict
from sqlalchemy import func, select

from bidding_docs import dsse, suites
from bidding_docs import manifests as m
from bidding_docs import opening as bs1
from bidding_docs.summary import Field, Form, write
from govcore.clock import BEIJING
from govcore.db import Base
from trading.mock import queries, tasks
from trading.mock.policy import LIFE, Step, answers, is_stale, step_of

NOW = datetime(2026, 11, 26, 9, tzinfo=BEIJING)
TICK = timedelta(microseconds=1)
TABLES = ("mock_opening", "mock_seat", "mock_bid")


@pytest.mark.parametrize(
    ("keys", "sealed", "releases", "read_out", "step"),
    [
        (2, False, 0, False, Step.KEYS),
        (3, False, 0, False, Step.SEALING),
        (3, True, 1, False, Step.RELEASE),
        (3, True, 2, False, Step.READING),
        (3, True, 3, True, Step.READ_OUT),
    ],
)
def test_it_waits_for_every_key_and_for_enough_shares(
    keys: int, sealed: bool, releases: int, read_out: bool, step: Step
) -> None:
    found = step_of(keys=keys, seats=3, sealed=sealed, releases=releases, needed=2, read_out=read_out)
    assert found is step


@pytest.mark.parametrize(
    ("now", "deadline", "stale"),
    [
        (NOW + LIFE - TICK, NOW + 2 * LIFE, False),
        (NOW + LIFE, NOW + 2 * LIFE, True),
        (NOW + TICK, NOW + 2 * TICK, False),
        (NOW + 2 * TICK, NOW + 2 * TICK, True),
    ],
)
def test_it_lives_for_a_day_and_never_beyond_the_real_deadline(
    now: datetime, deadline: datetime, stale: bool
) -> None:
    assert is_stale(NOW, deadline, now) is stale


def test_test_bids_fit_any_form() -> None:
    form = Form(
        fields=(
            Field(id="price_fen", label="报价", kind="money", max=5_000),
            Field(id="days", label="工期", kind="integer", max=30),
            Field(id="ready", label="交货日", kind="date"),
            Field(id="who", label="负责人", kind="text", max=2),
        )
    )

    said = answers(form, 3, max_price_fen=1_000_000, today=date(2026, 11, 26))

    assert said == {"price_fen": 5_000, "days": 30, "ready": "2027-05-25", "who": "模拟"}
    assert write(form, said)


def test_custodians_rehearse_an_opening_and_nothing_of_it_stays(scene: Scene) -> None:
    before = rows_of_the_tender(scene)
    mock = begin(scene)
    twice = verdict(refused(scene, "centre", "POST", "/mock-openings", data={"lot": scene.lot}))
    identities = {index: give_key(scene, mock, index) for index in (1, 2, 3)}
    advance(scene, mock)
    for index in (1, 3):
        release(scene, mock, index, identities[index])
    advance(scene, mock)

    page = (
        scene.person("regulator").call("GET", f"/mock-openings/{mock}", headers={"accept": "text/html"}).text
    )
    said = [
        answers(FORM, n, max_price_fen=MAX_PRICE_FEN, today=date(2026, 1, 1))["price_fen"] for n in (1, 2, 3)
    ]
    assert all(f"{int(fen) // 100:,}" in page for fen in said)
    assert "模拟投标人丙" in page
    assert rows_of_the_tender(scene) == before
    assert twice == (409, "E_MOCK_RUNNING")

    scene.person("centre").call("POST", f"/mock-openings/{mock}/end", follow_redirects=False)

    with scene.platform.db.read() as tx:
        left = [tx.scalar(select(func.count()).select_from(Base.metadata.tables[name])) for name in TABLES]
    assert left == [0, 0, 0]


def test_only_a_custodian_of_the_lot_takes_part_and_releases_only_what_the_test_bids_committed_to(
    scene: Scene,
) -> None:
    mock = begin(scene)
    place = f"/api/mock-openings/{mock}"
    early = verdict(refused(scene, "tenderer", "GET", f"{place}/bundle"))
    identities = {index: give_key(scene, mock, index) for index in (1, 2, 3)}
    again = verdict(refused(scene, "tenderer", "POST", f"{place}/keys", json=a_key(scene, 2)[1]))
    advance(scene, mock)
    body = shares(scene, mock, 2, identities[2])
    wrong = msgspec.structs.replace(body.releases[0], share=base64.b64encode(bytes(33)).decode())
    forged = msgspec.structs.replace(body, releases=(wrong, *body.releases[1:]))

    assert verdict(
        refused(scene, "tenderer", "POST", f"{place}/share-releases", json=signed(scene, 2, forged))
    ) == (
        409,
        "E_SHARE_COMMIT",
    )
    assert verdict(
        refused(scene, "tenderer", "POST", f"{place}/share-releases", json=signed(scene, 1, body))
    ) == (
        422,
        "E_MANIFEST_SIG",
    )
    assert (early, again) == ((409, "E_STATE"), (409, "E_STATE"))
    assert verdict(refused(scene, "stranger", "GET", f"{place}/bundle")) == (404, "E_NOT_FOUND")
    assert verdict(refused(scene, "stranger", "GET", f"/mock-openings/{mock}")) == (404, "E_NOT_FOUND")
    assert verdict(refused(scene, "agency", "GET", f"/mock-openings/{mock}")) == (403, "E_FORBIDDEN")
    assert verdict(refused(scene, "tenderer", "POST", "/mock-openings", data={"lot": scene.lot})) == (
        403,
        "E_FORBIDDEN",
    )


def test_the_real_deadline_erases_it_and_lets_none_begin(scene: Scene) -> None:
    mock = begin(scene)

    scene.close()
    tasks.advance_one(scene.platform, (mock, Step.KEYS))

    assert verdict(refused(scene, "centre", "GET", f"/mock-openings/{mock}")) == (404, "E_NOT_FOUND")
    assert verdict(refused(scene, "centre", "POST", "/mock-openings", data={"lot": scene.lot})) == (
        409,
        "E_MOCK_STATE",
    )


def begin(scene: Scene) -> str:
    form = {"lot": scene.lot}
    made = scene.person("centre").call("POST", "/mock-openings", data=form, follow_redirects=False)
    return str(made.headers["location"]).rsplit("/", 1)[1]


def a_key(scene: Scene, index: int) -> tuple[bytes, dict[str, str]]:
    identity, recipient = suites.get("bs1").generate()
    given = {
        "cert_sha256": scene.city.signers[SEATS[index - 1]].keyid,
        "recipient": recipient,
        "blob": base64.b64encode(b"locked").decode(),
    }
    return identity, given


def give_key(scene: Scene, mock: str, index: int) -> bytes:
    identity, given = a_key(scene, index)
    scene.person(SEATS[index - 1]).post(f"/api/mock-openings/{mock}/keys", given)
    return identity


def shares(scene: Scene, mock: str, index: int, identity: bytes) -> m.ShareRelease:
    """What the custodian's own program does: it holds the set against its closing and opens its capsules."""
    given = scene.person(SEATS[index - 1]).get(f"/api/mock-openings/{mock}/bundle")
    payload = base64.b64decode(given["key_manifest"])
    event = given["closed_event"].encode()
    rules = dsse.Signed(
        document=m.parse(payload, m.KeyManifest), payload=payload, sha256=m.digest(payload), keyids=()
    )
    closing = bs1.Closing(
        key_manifest=rules,
        tender_closed_sha256=m.digest(event),
        bids_root=msgspec.json.decode(event)["data"]["bids_root"],
        authorities=[x509.load_der_x509_certificate(base64.b64decode(given["authority"]))],
        closed_at=scene.now(),
    )
    bids = [
        bs1.ClosedBid(
            one["envelope"].encode(),
            x509.load_der_x509_certificate(base64.b64decode(one["certificate"])),
            {capsule["part"]: base64.b64decode(capsule["data"]) for capsule in one["capsules"]},
        )
        for one in given["bids"]
    ]
    return bs1.open_custodian_capsules(closing, bids, index=index, opens=m.OPENING, identity=identity)


def signed(scene: Scene, index: int, body: m.ShareRelease) -> dict[str, str]:
    return {"envelope": dsse.sign_document(body, [scene.city.signers[SEATS[index - 1]]]).decode()}


def release(scene: Scene, mock: str, index: int, identity: bytes) -> None:
    body = signed(scene, index, shares(scene, mock, index, identity))
    scene.person(SEATS[index - 1]).post(f"/api/mock-openings/{mock}/share-releases", body)


def advance(scene: Scene, mock: str) -> None:
    with scene.platform.db.read() as tx:
        step = queries.steps(tx)[mock]
    tasks.advance_one(scene.platform, (mock, step))


def rows_of_the_tender(scene: Scene) -> dict[str, int]:
    """How many rows every table of the tender, its bids, its opening and its notices has."""
    slices = {"tender", "bidding", "opening", "notices", "project", "deposits"}
    tables = [one for one in Base.metadata.sorted_tables if one.name.split("_")[0] in slices]
    with scene.platform.db.read() as tx:
        return {one.name: tx.scalar(select(func.count()).select_from(one)) or 0 for one in tables}
