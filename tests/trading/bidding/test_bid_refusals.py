"""Submissions that must be refused: each with its code, a signed refusal, and nothing changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from scene import Scene
from scene_facts import events, facts, read_receipt, read_refusal, refused, verdict
from submissions import KEY, Ready, raw_envelope, ready

from bidding_docs import dsse
from bidding_docs import manifests as m
from govcore.dsse import CertificateSigner
from govcore.identifiers import IdKind
from govcore.identity.models import Organisation
from trading.project.models import Project


def submit(mine: Ready, body: object, *, lot: str | None = None) -> dict[str, object]:
    path = f"/api/lots/{lot or mine.scene.lot}/bids"
    return refused(mine.scene, mine.bidder, "POST", path, json=body)


def judged(mine: Ready, body: object, *, lot: str | None = None) -> tuple[int, str]:
    """The verdict; its signed refusal names the same code and the manifest."""
    problem = submit(mine, body, lot=lot)
    refusal = read_refusal(mine.scene, problem)
    assert (refusal.code, refusal.lot_id) == (problem["code"], lot or mine.scene.lot)
    return verdict(problem)


def test_a_late_bid_is_refused_before_and_after_the_lot_is_closed(scene: Scene, mine: Ready) -> None:
    scene.move_clock(hours=1)
    before_closing = judged(mine, mine.body())
    scene.close()

    assert [before_closing, judged(mine, mine.body())] == [(409, "E_LATE")] * 2
    assert len(events(scene, "bid.refused")) == 4
    upload = refused(
        scene,
        "bidder-1",
        "POST",
        f"/api/lots/{scene.lot}/uploads",
        json={"parts": [{"id": "summary", "size": 9, "sha256": "0" * 64}]},
    )
    assert verdict(upload) == (409, "E_LATE")


def test_a_bid_counts_until_the_last_moment_before_the_deadline(scene: Scene, mine: Ready) -> None:
    tender = scene.person("agency").get(f"/api/lots/{scene.lot}/tender")
    deadline = datetime.fromisoformat(tender["lots"][0]["deadline_at"])
    scene.move_clock(seconds=(deadline - scene.now()).total_seconds() - 5)

    raw = scene.person("bidder-1").call("POST", f"/api/lots/{scene.lot}/bids", json=mine.body()).content

    assert read_receipt(scene, raw).manifest_sha256 == mine.sealed.manifest_sha256


def test_a_bid_sealed_for_another_lot_of_the_tender_is_refused(scene: Scene) -> None:
    other = ready(scene, "bidder-1", lot=scene.city.lots[1])

    assert judged(other, other.body()) == (422, "E_KEY_MANIFEST")


def test_a_manifest_for_another_tender_lot_round_or_key_manifest_is_refused(mine: Ready) -> None:
    foreign = (
        {"tender_id": "another"},
        {"lot_id": "another"},
        {"round": 2},
        {"key_manifest_sha256": "0" * 64},
    )

    verdicts = [judged(mine, mine.body(mine.resigned(**changes))) for changes in foreign]

    assert verdicts == [(422, "E_KEY_MANIFEST")] * 4


def test_an_upload_for_another_lot_does_not_serve_this_bid(scene: Scene, mine: Ready) -> None:
    elsewhere = scene.upload("bidder-1", mine.sealed, lot=scene.city.lots[1])

    problem = refused(
        scene, "bidder-1", "POST", f"/api/lots/{scene.lot}/bids", json=mine.body(upload_id=elsewhere)
    )

    assert verdict(problem) == (404, "E_NOT_FOUND")


def test_a_signature_over_other_bytes_is_refused(mine: Ready) -> None:
    envelope = dsse.Envelope.decode(mine.sealed.envelope)
    payload = envelope.payload.replace(b'"round":1', b'"round":2')
    altered = msgspec.structs.replace(envelope, payload=payload).encode()
    stolen = msgspec.structs.replace(
        envelope, signatures=dsse.Envelope.decode(mine.resigned(round=2)).signatures
    ).encode()

    assert judged(mine, mine.body(altered)) == (422, "E_MANIFEST_SIG")
    assert judged(mine, mine.body(stolen)) == (422, "E_MANIFEST_SIG")


def test_an_unknown_certificate_and_another_bidder_s_are_refused(scene: Scene, mine: Ready) -> None:
    rival = scene.city.signers["bidder-2"]

    assert judged(mine, mine.body(mine.resigned(self_made()))) == (422, "E_CERT_CHAIN")
    assert judged(mine, mine.body(mine.resigned(rival))) == (422, "E_CERT_NAME")
    assert judged(mine, mine.body(mine.resigned(bidder_id=scene.uscc("bidder-2")))) == (422, "E_CERT_NAME")


def self_made() -> CertificateSigner:
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    start = datetime.now(UTC) - timedelta(days=1)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(start).not_valid_after(start + timedelta(days=9))
    return CertificateSigner(builder.sign(key, hashes.SHA256()), key)


def test_unknown_members_are_refused_in_the_message_and_in_the_signed_manifest(
    scene: Scene, mine: Ready
) -> None:
    signer = scene.city.signers["bidder-1"]
    extended = raw_envelope(mine.sealed.manifest, signer, price_fen=1)

    assert verdict(submit(mine, mine.body(price_fen=1))) == (422, "E_SCHEMA")
    assert judged(mine, mine.body(extended)) == (422, "E_SCHEMA")
    assert judged(mine, mine.body(b"{}")) == (422, "E_SCHEMA")
    assert judged(mine, mine.body(b"no envelope")) == (422, "E_SCHEMA")


def test_a_body_that_is_no_submission_is_refused(mine: Ready) -> None:
    path, headers = f"/api/lots/{mine.scene.lot}/bids", {"content-type": "application/json"}

    for body in (b"", b"[]", b"{", b'{"envelope":1}', b"\xff\xfe", b"null"):
        problem = refused(mine.scene, "bidder-1", "POST", path, content=body, headers=headers)
        assert verdict(problem) == (422, "E_SCHEMA")


def test_a_first_bid_has_number_one(mine: Ready) -> None:
    second = mine.resigned(seq=2, supersedes="0" * 64)

    assert judged(mine, mine.body(second)) == (409, "E_SEQ")


def test_the_same_request_gives_the_same_receipt_also_after_the_deadline(scene: Scene, mine: Ready) -> None:
    path, person = f"/api/lots/{scene.lot}/bids", scene.person("bidder-1")
    first = person.call("POST", path, json=mine.body()).content
    before = facts(scene)

    again = person.call("POST", path, json=mine.body()).content
    scene.move_clock(hours=1)
    late = person.call("POST", path, json=mine.body()).content

    assert [again, late] == [first, first]
    assert facts(scene) == before
    scene.close()
    assert person.call("POST", path, json=mine.body()).content == first
    assert person.call("GET", f"/api/lots/{scene.lot}/my-bid/receipt").content == first


def test_a_request_key_of_another_body_is_a_conflict(scene: Scene, mine: Ready) -> None:
    scene.person("bidder-1").call("POST", f"/api/lots/{scene.lot}/bids", json=mine.body())
    replacing = ready(scene, "bidder-1", after=mine.sealed)

    assert judged(replacing, replacing.body()) == (409, "E_CONFLICT")
    assert judged(mine, mine.body(idempotency_key=KEY + "2")) == (409, "E_SEQ")


def test_another_bidder_s_request_key_is_its_own(scene: Scene, mine: Ready) -> None:
    theirs = ready(scene, "bidder-2")
    path = f"/api/lots/{scene.lot}/bids"
    scene.person("bidder-1").call("POST", path, json=mine.body())

    raw = scene.person("bidder-2").call("POST", path, json=theirs.body()).content

    assert read_receipt(scene, raw).bidder_id == scene.uscc("bidder-2")


def test_nobody_but_a_bidder_submits(mine: Ready) -> None:
    for user in ("agency", "tenderer", "centre", "regulator", "auditor", "expert-1"):
        problem = refused(mine.scene, user, "POST", f"/api/lots/{mine.scene.lot}/bids", json=mine.body())
        assert verdict(problem) == (403, "E_FORBIDDEN")


def test_a_lot_that_is_not_there_is_not_found(mine: Ready) -> None:
    assert verdict(submit(mine, mine.body(), lot="no-such-lot")) == (404, "E_NOT_FOUND")


def test_a_receipt_says_what_was_received(scene: Scene, mine: Ready) -> None:
    raw = scene.person("bidder-1").call("POST", f"/api/lots/{scene.lot}/bids", json=mine.body()).content

    receipt = read_receipt(scene, raw)

    assert (receipt.bidder_id, receipt.seq, receipt.manifest_sha256) == (
        scene.uscc("bidder-1"),
        1,
        mine.sealed.manifest_sha256,
    )
    assert [(part.id, part.sha256) for part in receipt.parts] == [
        (part.id, part.sha256) for part in mine.sealed.manifest.parts
    ]
    assert m.digest(dsse.Envelope.decode(mine.sealed.envelope).payload) == receipt.manifest_sha256


def test_a_natural_person_bids_only_where_the_project_is_research(scene: Scene) -> None:
    path = f"/api/lots/{scene.lot}/uploads"
    body = {"parts": [{"id": "summary", "size": 9, "sha256": "0" * 64}]}
    with scene.platform.db.transaction() as tx:
        tx.get_one(Organisation, "bidder-1").id_kind = IdKind.RESIDENT_ID

    problem = refused(scene, "bidder-1", "POST", path, json=body)

    assert verdict(problem) == (403, "E_PERSON_BIDS")
    scene.person("bidder-2").call("POST", path, json=body)
    with scene.platform.db.transaction() as tx:
        project = tx.query(Project).one()
        project.terms = {**project.terms, "research": True}
    scene.person("bidder-1").call("POST", path, json=body)
