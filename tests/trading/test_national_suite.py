"""A tender of suite bs1-sm, from the custodians' keys to the read-out, by what the commands do, on each database."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from apps import app_for
from litestar.testing import TestClient
from msgspec.structs import replace
from scene import PASSPHRASE, Scene, build
from scene_city import SEATS, Published, answers, drafted, ordinary_content

from bidding_docs import dsse, opening, suites
from bidding_docs import manifests as m
from bidding_docs.capsules import context_of
from bidding_docs.codes import BadCertificate
from bidding_docs.encoding import encode
from govcore import clock
from govcore.dsse import CertificateSigner
from govcore.platform import Platform
from govcore.sm2 import Sm2PublicKey, key_of
from trading import client
from trading.bidding import sealing, sending
from trading.client import Refused
from trading.opening import custody
from trading.opening.closing import drain_log
from trading.tender import signing


@pytest.fixture
def http(platform: Platform) -> Iterator[TestClient]:
    with TestClient(app_for(platform), base_url="http://site.example") as http:
        yield http


class Town:
    """Everybody with a folder of keys, as the commands make and use them."""

    def __init__(self, platform: Platform, http: TestClient, folder: Path) -> None:
        tender_id, lots, tokens = drafted(platform, lots=1, content=ordinary_content("bs1-sm"))
        self.folder, self.tender_id = folder, tender_id
        self.scene = Scene(platform, http, folder, Published(tender_id, lots, {}, {}, tokens))
        self.lot = lots[0]

    def enrol(self, user: str, name: str = "") -> tuple[Path, CertificateSigner]:
        """`trading … enrol --suite bs1-sm`"""
        keys = self.folder / (name or user)
        client.enrol(self.scene.person(user), keys, PASSPHRASE, suite="bs1-sm")
        return keys, client.signer(keys, PASSPHRASE)

    def publish(self) -> None:
        """Custodians prepare, the tenderer rehearses, both sign, the tenderer sets the deadline and publishes."""
        scene, lot = self.scene, self.lot
        enrolled = {name: self.enrol(name) for name in SEATS}
        for name, (keys, signer) in enrolled.items():
            seat = custody.seats(scene.person(name))[0]
            custody.prepare(scene.person(name), signer, keys, seat, PASSPHRASE, offline=name == "centre")
        keys, signer = self.enrol("tenderer", "principal")
        tenderer, authority = scene.person("tenderer"), client.pinned_authority(keys)
        signing.rehearse(tenderer, keys, lot)
        with scene.platform.db.transaction() as tx:
            deadline_at = clock.now(tx) + timedelta(hours=1)
            drain_log(tx, scene.platform, at=clock.now(tx))
        for name, (folder, own) in enrolled.items():
            custody.sign(scene.person(name), own, authority, folder, lot, PASSPHRASE)
        manifest, payload, _ = signing.fetch_manifest(tenderer, lot)
        signing.check_rehearsed(tenderer, authority, keys, manifest, lot)
        signing.sign_manifest(tenderer, signer, lot, payload)
        _, schedule = signing.sign_schedule(tenderer, signer, lot, deadline_at=deadline_at)
        signing.hand_in_schedule(tenderer, lot, schedule)
        scene.person("agency").post(f"/api/tenders/{self.tender_id}/publish", {})

    def submit(self, bidder: str, price_fen: int) -> m.BidManifest:
        """`bid seal` and `bid submit`"""
        keys, signer = self.enrol(bidder)
        person, out = self.scene.person(bidder), keys / "sealed"
        deposit, plan = keys / "deposit.json", keys / "方案.txt"
        deposit.write_text('{"form":"cash"}')
        plan.write_text(f"{bidder} 的施工组织设计", encoding="utf-8")
        sealing.seal(
            person,
            signer,
            client.pinned_authority(keys),
            self.lot,
            files={"deposit": [(deposit.name, deposit)], "technical": [(plan.name, plan)]},
            summary=answers(price_fen),
            out=out,
            passphrase=PASSPHRASE,
            progress=lambda _: None,
        )
        sending.submit(person, out)
        return dsse.read_unverified((out / "manifest.dsse.json").read_bytes(), m.BidManifest)[0]

    def release(self, name: str) -> str:
        """`custodian release`; the last thing it says."""
        person, keys = self.scene.person(name), self.folder / name
        seat = custody.seats(person)[0]
        signer, authority = client.signer(keys, PASSPHRASE), client.pinned_authority(keys)
        return custody.release(person, signer, authority, keys, seat, PASSPHRASE, seconds=0)[-1]


def test_a_national_tender_is_keyed_sealed_released_and_read_out_by_the_commands(
    platform: Platform, http: TestClient, tmp_path: Path
) -> None:
    town = Town(platform, http, tmp_path)
    scene = town.scene
    town.publish()
    _check_pages(town)
    prices = {f"bidder-{n}": 1_000_000_000 - n * 10_000_000 for n in range(1, 5)}
    bids = {bidder: town.submit(bidder, price) for bidder, price in prices.items()}
    keys = tmp_path / "bidder-4"
    signer = client.signer(keys, PASSPHRASE)
    sending.withdraw(scene.person("bidder-4"), signer, town.lot, keys / "withdrawn.json")

    scene.close()
    scene.check_seals()
    said = [town.release("centre"), town.release("regulator")]
    assert scene.open_gate()
    scene.read_out()

    hall = scene.hall()
    assert said == ["shares of 3 bids released in one message, your key file is deleted"] * 2
    assert sorted(bid["summary"]["price_fen"] for bid in hall["bids"]) == sorted(prices.values())[1:]
    assert isinstance(key_of(signer.certificate), Sm2PublicKey)
    _check_published_price(hall, bids["bidder-1"], keys=tmp_path / "bidder-1")
    _check_certificate(tmp_path / "bidder-1")


def _check_pages(town: Town) -> None:
    """A bidder is told which key to enrol."""
    person = town.scene.person("bidder-1", language="en")
    tender = person.call("GET", f"/tenders/{town.tender_id}").text
    bid = person.call("GET", f"/lots/{town.lot}/bid").text

    assert "<dd>National algorithms (SM2, SM3, SM4)</dd>" in tender
    assert "--keys KEYS --suite bs1-sm\ntrading bid seal" in bid


def _check_published_price(hall: dict[str, object], manifest: m.BidManifest, *, keys: Path) -> None:
    """Anybody opens a public part with its published key."""
    digest = dsse.Envelope.decode((keys / "sealed" / "manifest.dsse.json").read_bytes()).payload
    bids: list[dict[str, str]] = hall["bids"]  # type: ignore[assignment]
    shown = next(bid for bid in bids if bid["manifest_sha256"] == m.digest(digest))
    identity = suites.get("bs1-sm").parse_identity(shown["published_key"])
    ctx = context_of(manifest, manifest.parts[0])
    with (keys / "sealed" / "summary.sm").open("rb") as sealed:
        names = [one.name for one in opening.open_part(sealed, identity, ctx=ctx, extract_to=keys / "opened")]
    assert names == ["summary.json"]


def _check_certificate(keys: Path) -> None:
    """OpenSSL reads it and builds its chain."""
    certificate, authority = keys / client.CERTIFICATE, keys / client.AUTHORITY
    assert "ASN1 OID: SM2" in _openssl("x509", "-in", certificate, "-noout", "-text")
    assert _openssl("verify", "-CAfile", authority, certificate) == f"{certificate}: OK\n"
    assert not (keys / client.KEY).exists()


def _openssl(*arguments: str | Path) -> str:
    return subprocess.run(["openssl", *arguments], check=True, capture_output=True, text=True).stdout


def test_nothing_of_another_suite_gets_into_a_national_tender(
    platform: Platform, http: TestClient, tmp_path: Path
) -> None:
    national = build(platform, http, tmp_path / "scene", lots=1, suite="bs1-sm")
    client.enrol(national.person("bidder-1"), tmp_path / "p256", PASSPHRASE)
    signer = client.signer(tmp_path / "p256", PASSPHRASE)
    with pytest.raises(BadCertificate, match="E_CERT"):
        national.seal("bidder-1", signer=signer)
    manifest = national.seal("bidder-1").manifest

    by_p256 = dsse.sign_document(replace(manifest, cert_sha256=signer.keyid), [signer])
    as_bs1 = dsse.sign(
        m.media_type(m.BidManifest),
        encode(replace(manifest, suite="bs1")),
        [national.city.signers["bidder-1"]],
    ).encode()

    assert _refused(national, by_p256) == (422, "E_CERT")
    assert _refused(national, as_bs1) == (422, "E_SCHEMA")


def _refused(scene: Scene, envelope: bytes) -> tuple[int, str]:
    body = {"envelope": envelope.decode(), "idempotency_key": "k" * 32, "upload_id": "none"}
    with pytest.raises(Refused) as caught:
        scene.person("bidder-1").post(f"/api/lots/{scene.lot}/bids", body)
    return caught.value.problem["status"], caught.value.problem["code"]
