"""Custodians' keys: kept locked, rehearsed before anybody signs, seen by nobody else, destroyed after their use."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from apps import app_for
from litestar.testing import TestClient
from scene import PASSPHRASE, Person, Scene
from scene_city import PRINCIPAL, SEATS, found, ordinary_content
from scene_facts import events, refused, verdict

from bidding_docs import kept_keys, rehearsal
from bidding_docs.codes import BidsRoot
from bidding_docs.rehearsal import Scope
from govcore import clock
from govcore.platform import Platform
from trading.opening import custody
from trading.opening.closing import drain_log
from trading.tender import signing
from trading.tender.signing import NotTrusted

KEY_MANIFEST = "application/vnd.bidseal.key-manifest+json"


@dataclass
class Town:
    """An approved tender of one lot, and three custodians with folders of their own."""

    scene: Scene
    folder: Path
    folders: dict[str, Path] = field(default_factory=dict)

    @property
    def lot(self) -> str:
        return self.scene.lot

    def home(self, person: str) -> Path:
        home = self.folders.setdefault(person, self.folder / person)
        home.mkdir(exist_ok=True)
        return home

    def prepare(self, person: str, *, offline: bool = False) -> None:
        (seat,) = custody.seats(self.scene.person(person))
        signer = self.scene.city.signers[person]
        client = self.scene.person(person)
        custody.prepare(client, signer, self.home(person), seat, PASSPHRASE, offline=offline)

    def rehearse(self) -> None:
        assert signing.rehearse(self.scene.person("tenderer"), self.home(PRINCIPAL), self.lot) == 3

    def sign(self, person: str) -> str:
        signer = self.scene.city.signers[person]
        client = self.scene.person(person)
        return custody.sign(client, signer, self.scene.authority(), self.home(person), self.lot, PASSPHRASE)

    def sign_as_tenderer(self) -> None:
        client = self.scene.person("tenderer")
        manifest, payload, _ = signing.fetch_manifest(client, self.lot)
        signing.check_rehearsed(client, self.scene.authority(), self.home(PRINCIPAL), manifest, self.lot)
        signing.sign_manifest(client, self.scene.city.signers[PRINCIPAL], self.lot, payload)

    def publish(self) -> None:
        for person in SEATS:
            self.prepare(person)
        self.rehearse()
        for person in SEATS:
            self.sign(person)
        self.sign_as_tenderer()
        tenderer, signer = self.scene.person("tenderer"), self.scene.city.signers[PRINCIPAL]
        deadline_at = self.scene.now() + timedelta(minutes=30)
        _, envelope = signing.sign_schedule(tenderer, signer, self.lot, deadline_at=deadline_at)
        signing.hand_in_schedule(tenderer, self.lot, envelope)
        self.scene.person("agency").post(f"/api/tenders/{self.scene.city.tender_id}/publish", {})

    def release(self, person: str, passphrase: str = PASSPHRASE, home: Path | None = None) -> list[str]:
        (seat,) = custody.seats(self.scene.person(person))
        return custody.release(
            self.scene.person(person),
            self.scene.city.signers[person],
            self.scene.authority(),
            home or self.home(person),
            seat,
            passphrase,
            seconds=0,
        )


@pytest.fixture
def town(platform: Platform, tmp_path: Path) -> Iterator[Town]:
    with TestClient(app_for(platform), base_url="http://site.example") as http:
        city = found(platform, lots=1, content=ordinary_content())
        with platform.db.transaction() as tx:
            drain_log(tx, platform, at=clock.now(tx))
        yield Town(Scene(platform, http, tmp_path / "scene", city), tmp_path)


def own_keys(town: Town, person: str) -> dict[str, Any]:
    found: dict[str, Any] = town.scene.person(person).get(f"/api/lots/{town.lot}/custodian-keys")
    return found


def scope_of(town: Town, person: str) -> Scope:
    own = own_keys(town, person)
    names = ("tender_id", "lot_id", "round", "custodian")
    return Scope(
        opens="opening", recipient=own["keys"][0]["recipient"], **{name: own[name] for name in names}
    )


def kept(town: Town, person: str) -> kept_keys.KeptKey:
    return kept_keys.unlock(base64.b64decode(own_keys(town, person)["keys"][0]["blob"]), PASSPHRASE)


def answer(town: Town, person: str, scope: Scope, text: str, signer: str) -> tuple[int, object]:
    raw = rehearsal.sign_answers(
        (rehearsal.Answer(scope=scope, answer=text),), town.scene.city.signers[signer]
    )
    path = f"/api/lots/{town.lot}/rehearsals/answers"
    return verdict(refused(town.scene, person, "POST", path, json={"envelope": raw.decode()}))


def test_a_custodian_alone_sees_its_keys_and_the_site_only_locked_files(town: Town) -> None:
    scene, path = town.scene, f"/api/lots/{town.lot}/custodian-keys"
    town.prepare("centre")
    town.prepare("regulator", offline=True)

    others = [verdict(refused(scene, person, "GET", path)) for person in ("stranger", "agency", "bidder-1")]
    mine, regulator = own_keys(town, "centre")["keys"], own_keys(town, "regulator")["keys"]
    tenderer = own_keys(town, "tenderer")["keys"]

    assert others == [(404, "E_NOT_FOUND"), (403, "E_FORBIDDEN"), (403, "E_FORBIDDEN")]
    assert [key["recipient"] for key in mine] == [kept(town, "centre").recipient]
    assert base64.b64decode(mine[0]["blob"]) == (town.home("centre") / f"{town.lot}.opening.age").read_bytes()
    assert ([key["blob"] for key in regulator], tenderer) == ([None], [])
    assert kept(town, "centre").identity.encode() not in base64.b64decode(mine[0]["blob"])


def test_nobody_signs_and_nothing_is_published_before_every_key_opened_its_rehearsal(town: Town) -> None:
    scene = town.scene
    for person in SEATS:
        town.prepare(person)
    payload = signing.fetch_manifest(scene.person("centre"), town.lot)[1]

    with pytest.raises(NotTrusted, match="has not made the rehearsal"):
        town.sign("centre")
    sig = scene.city.signers["centre"].sign(signing.dsse.pae(KEY_MANIFEST, payload))
    body = {"keyid": scene.city.signers["centre"].keyid, "sig": base64.b64encode(sig).decode()}
    path = f"/api/lots/{town.lot}/key-manifest/signatures"
    too_soon = verdict(refused(scene, "centre", "POST", path, json=body))
    town.rehearse()
    for person in ("centre", "regulator"):
        town.sign(person)
    with pytest.raises(NotTrusted, match="custodian 2 has not answered"):
        town.sign_as_tenderer()
    unpublished = refused(scene, "agency", "POST", f"/api/tenders/{scene.city.tender_id}/publish")

    assert too_soon == (409, "E_REHEARSAL_MISSING")
    assert verdict(unpublished) == (409, "E_KEYS_MISSING")
    assert [event["data"]["custodian"] for event in events(scene, "keys.rehearsed")] == [1, 3]


def test_answers_of_another_key_nonce_rehearsal_or_person_are_refused(town: Town) -> None:
    scene, path = town.scene, f"/api/lots/{town.lot}/rehearsals"
    for person in SEATS:
        town.prepare(person)
    town.rehearse()
    scope, key = scope_of(town, "centre"), kept(town, "centre").secret()
    capsule = base64.b64decode(own_keys(town, "centre")["keys"][0]["capsule"])
    right = rehearsal.open_rehearsal(capsule, key, scope).answer
    town.rehearse()  # new nonces: what was right is right no more
    given = [
        {
            "custodian": n,
            "opens": "opening",
            "recipient": scope.recipient,
            "capsule": base64.b64encode(b"capsule").decode(),
            "check_sha256": "0" * 64,
        }
        for n in (1, 2, 3)
    ]

    verdicts = [
        answer(town, "centre", scope, right, "centre"),
        answer(town, "centre", scope, "0" * 64, "centre"),
        answer(town, "centre", scope_of(town, "regulator"), right, "centre"),
        answer(town, "centre", scope, right, "regulator"),
        answer(town, "stranger", scope, right, "stranger"),
        verdict(refused(scene, "tenderer", "POST", path, json={"capsules": given})),
        verdict(refused(scene, "tenderer", "POST", path, json={"capsules": given[:2]})),
        verdict(refused(scene, "centre", "POST", path, json={"capsules": given})),
    ]

    assert verdicts == [
        (409, "E_REHEARSAL"),
        (409, "E_REHEARSAL"),
        (422, "E_SCHEMA"),
        (422, "E_MANIFEST_SIG"),
        (404, "E_NOT_FOUND"),
        (422, "E_SCHEMA"),
        (422, "E_SCHEMA"),
        (403, "E_FORBIDDEN"),
    ]
    assert events(scene, "keys.rehearsed") == []


def test_keys_are_given_anew_until_they_are_rehearsed_and_the_manifest_follows(town: Town) -> None:
    scene = town.scene
    for person in SEATS:
        town.prepare(person)
    first = signing.fetch_manifest(scene.person("centre"), town.lot)[1]
    (seat,) = custody.seats(scene.person("centre"))
    town.folders["centre"] = town.home("centre") / "again"
    town.home("centre")
    town.prepare("centre")
    second, payload, _ = signing.fetch_manifest(scene.person("centre"), town.lot)
    town.rehearse()
    town.sign("centre")
    town.folders["centre"] = town.home("centre") / "once more"
    town.home("centre")
    body = {"cert_sha256": scene.city.signers["centre"].keyid, "recipients": {"opening": "age1x"}}
    again = refused(scene, "centre", "POST", f"/api/lots/{town.lot}/custodian-keys", json=body)

    assert seat.step == "rehearsal"
    assert payload != first
    assert second.custodians[0].recipients == {"opening": kept(town, "centre").recipient}
    assert verdict(again) == (409, "E_STATE")


class Liar(Person):
    """A session with a site that shows another bundle than it should, and keeps what is sent to it."""

    def __init__(self, town: Town, person: str, change: str) -> None:
        super().__init__(town.scene.http, town.scene.city.tokens[person])
        self.change, self.sent = change, list[str]()

    def get(self, path: str) -> Any:
        answer = super().get(path)
        if "/bundle" not in path:
            return answer
        if self.change == "closing":
            event = json.loads(answer["closed_event"])
            event["data"]["bids_root"] = "0" * 64
            answer["closed_event"] = json.dumps(event, separators=(",", ":"))
        elif self.change in ("since_path", "closing_path"):
            answer[self.change] = [base64.b64encode(os.urandom(32)).decode(), *answer[self.change]]
        elif self.change == "left out":
            answer["bids"] = answer["bids"][1:]
        else:
            answer["bids"][1] = answer["bids"][0]
        return answer

    def post(self, path: str, body: object) -> Any:
        self.sent.append(path)
        return super().post(path, body)


def test_a_lying_site_gets_nothing_and_an_honest_one_gets_shares_from_any_machine(
    town: Town, tmp_path: Path
) -> None:
    scene = town.scene
    town.publish()
    scene.submit_all()
    scene.close()
    assert scene.check_seals() == []
    (seat,) = custody.seats(scene.person("centre"))
    liars = [
        Liar(town, "centre", change)
        for change in ("closing", "since_path", "closing_path", "left out", "doubled")
    ]
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()

    for liar in liars:
        with pytest.raises((NotTrusted, BidsRoot)):
            custody.release(
                liar,
                scene.city.signers["centre"],
                scene.authority(),
                town.home("centre"),
                seat,
                PASSPHRASE,
                seconds=0,
            )
    with pytest.raises(NotTrusted, match="passphrase does not open"):
        town.release("centre", passphrase="not the passphrase at all")
    facts = town.release("centre")
    said = town.release("regulator", home=elsewhere)  # the site's locked copy
    after = custody.seats(scene.person("centre"))[0], own_keys(town, "regulator")["keys"][0]
    with pytest.raises(NotTrusted, match="there is no key"):
        town.release("centre")
    assert scene.open_gate()
    scene.read_out()

    assert [liar.sent for liar in liars] == [[]] * 5
    assert facts[-1] == said[-1] == "shares of 3 bids released in one message, your key file is deleted"
    assert len(facts) == 5
    assert list(town.home("centre").glob("*.age")) == []
    assert (after[0].step, after[0].kept, after[1]["blob"], after[1]["destroyed"]) == (
        "released",
        False,
        None,
        True,
    )
    assert {bid["state"] for bid in scene.hall()["bids"]} == {"opened"}
    assert sorted(event["data"]["holder"] for event in events(scene, "keys.destroyed")) == [
        "custodian:1",
        "custodian:2",
        "custodian:3",
    ]


def test_a_failed_lot_destroys_the_keys_and_the_command_its_file(town: Town) -> None:
    town.publish()
    town.scene.close()

    facts = town.release("tenderer")

    assert facts[-1] == "too few bids: nothing is released, your key file is deleted"
    assert list(town.home("tenderer").glob("*.age")) == []
    assert own_keys(town, "tenderer")["keys"][0]["blob"] is None
    assert sorted(event["data"]["holder"] for event in events(town.scene, "keys.destroyed")) == [
        "custodian:1",
        "custodian:2",
        "custodian:3",
    ]
