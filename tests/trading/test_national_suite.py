"""A tender of suite bs1-sm from the draft to the read-out, over HTTP, on each database; nothing else is mixed in."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from litestar.testing import TestClient
from msgspec.structs import replace
from scene import PASSPHRASE, Scene, build
from scene_city import answers

from bidding_docs import dsse, kept_keys, opening, suites
from bidding_docs import manifests as m
from bidding_docs.capsules import context_of
from bidding_docs.codes import BadCertificate
from bidding_docs.encoding import encode
from bidding_docs.kept_keys import KeptKey, Pinned
from govcore import clock
from govcore.audit.note import parse_head, parse_note
from govcore.platform import Platform
from govcore.sm2 import Sm2PublicKey, key_of
from govcore.web.app import create_app
from trading import client
from trading.bidding import sealing, sending
from trading.client import Refused
from trading.opening import custody
from trading.opening.closing import drain_log


@pytest.fixture
def national(platform: Platform, tmp_path: Path) -> Iterator[Scene]:
    with TestClient(create_app(platform), base_url="http://site.example") as http:
        yield build(platform, http, tmp_path / "scene", lots=1, suite="bs1-sm")


def test_bids_under_national_algorithms_are_opened_and_read_out(national: Scene, tmp_path: Path) -> None:
    """Custodian 1 releases with the command's own steps, from an identity kept as the command keeps it."""
    _keep_key(national, tmp_path / "custodian")
    sealed = national.submit_all()
    national.close()
    national.check_seals()

    said = _release_by_command(national, tmp_path / "custodian")
    national.release(3)
    assert national.open_gate()
    national.read_out()

    hall = national.hall()
    prices = sorted(bid["summary"]["price_fen"] for bid in hall["bids"])
    assert said == "shares of 3 bids released in one message, your key file is deleted"
    assert national.key_manifest().document.suite == "bs1-sm"
    assert prices == [980_000_000, 990_000_000, 1_000_000_000]
    manifest = sealed["bidder-1"].manifest
    shown = next(bid for bid in hall["bids"] if bid["manifest_sha256"] == sealed["bidder-1"].manifest_sha256)
    published = suites.get("bs1-sm").parse_identity(shown["published_key"])
    with sealed["bidder-1"].parts["summary"].open("rb") as file:
        ctx = context_of(manifest, manifest.parts[0])
        names = [one.name for one in opening.open_part(file, published, ctx=ctx, extract_to=tmp_path / "own")]
    assert names == ["summary.json"]


def test_nothing_of_another_suite_gets_into_a_national_tender(national: Scene, tmp_path: Path) -> None:
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


def test_an_enrolled_sm2_key_signs_bids_and_withdrawals(national: Scene, tmp_path: Path) -> None:
    """What `trading bid enrol --suite bs1-sm` leaves behind; OpenSSL reads the certificate."""
    client.enrol(national.person("bidder-2"), tmp_path / "keys", PASSPHRASE, suite="bs1-sm")
    signer = client.signer(tmp_path / "keys", PASSPHRASE)

    person, out = national.person("bidder-2"), tmp_path / "sealed"
    deposit, plan = tmp_path / "deposit.json", tmp_path / "方案.txt"
    deposit.write_text('{"form":"cash"}')
    plan.write_text("施工组织设计", encoding="utf-8")
    sealing.seal(
        person,
        signer,
        client.pinned_authority(tmp_path / "keys"),
        national.lot,
        files={"deposit": [(deposit.name, deposit)], "technical": [(plan.name, plan)]},
        summary=answers(10_000_000_00),
        out=out,
        passphrase=PASSPHRASE,
        progress=lambda _: None,
    )
    receipt = sending.submit(person, out)
    sending.withdraw(person, signer, national.lot, tmp_path / "receipt.json")

    kept = sorted(path.name for path in (tmp_path / "keys").iterdir())
    assert receipt.bidder_id == national.uscc("bidder-2")
    assert kept == sorted([client.AUTHORITY, client.CERTIFICATE, client.SM2_KEY])
    assert isinstance(key_of(signer.certificate), Sm2PublicKey)
    certificate, authority = tmp_path / "keys" / client.CERTIFICATE, tmp_path / "keys" / client.AUTHORITY
    told = _openssl("x509", "-in", certificate, "-noout", "-text")
    assert "ASN1 OID: SM2" in told
    assert _openssl("verify", "-CAfile", authority, certificate) == f"{certificate}: OK\n"


def _keep_key(scene: Scene, folder: Path) -> None:
    """Custodian 1's key as `trading custodian sign` leaves it: bound to the key manifest and the log of that day."""
    with scene.platform.db.transaction() as tx:
        drain_log(tx, scene.platform, at=clock.now(tx))
    head = parse_head(parse_note(scene.person("centre").call("GET", "/log/checkpoint").text).text)
    key = KeptKey(
        lot_id=scene.lot,
        round=1,
        opens="opening",
        recipient=suites.get("bs1-sm").recipient_of(scene.city.identities[scene.lot, 1]),
        identity=suites.get("bs1-sm").encode_identity(scene.city.identities[scene.lot, 1]),
        pinned=Pinned(
            key_manifest_sha256=scene.key_manifest().sha256, log_size=head.size, log_root=head.root.hex()
        ),
    )
    folder.mkdir()
    custody.key_file(folder, scene.lot, "opening").write_bytes(kept_keys.lock(key, PASSPHRASE))


def _release_by_command(scene: Scene, folder: Path) -> str:
    person, signer = scene.person("centre"), scene.city.signers["centre"]
    seat = next(one for one in custody.seats(person) if one.lot_id == scene.lot)
    said = custody.release(person, signer, scene.authority(), folder, seat, PASSPHRASE, seconds=0)
    return said[-1]


def _refused(scene: Scene, envelope: bytes) -> tuple[int, str]:
    body = {"envelope": envelope.decode(), "idempotency_key": "k" * 32, "upload_id": "none"}
    with pytest.raises(Refused) as caught:
        scene.person("bidder-1").post(f"/api/lots/{scene.lot}/bids", body)
    return caught.value.problem["status"], caught.value.problem["code"]


def _openssl(*arguments: str | Path) -> str:
    return subprocess.run(["openssl", *arguments], check=True, capture_output=True, text=True).stdout
