"""Versions of published documents: two people, one in force, fixed at the deadline, signed and logged."""

from __future__ import annotations

import hashlib
from typing import Any

import jsonschema
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from scene import Scene
from scene_city import ordinary_content
from version_steps import changed, prepare, publish, release, terms

from govcore import clock
from govcore.errors import MoveNotAllowed, NotFound, Problem
from govcore.identity.queries import actor_of_user
from trading.client import Refused
from trading.documents import queries, releasing, service
from trading.documents.manifests import canonical, read_manifest
from trading.documents.schemas import Bill, BillLine, BillSection
from trading.tender import queries as tenders
from trading.tender.schemas import TenderContent

BILL = Bill(
    sections=[
        BillSection(
            name="一、土方工程",
            lines=[BillLine(code="500101001", name="土方开挖", unit="m³", quantity="42000")],
        )
    ]
)
PDF = b"%PDF-1.7 a drawing"


def content(scene: Scene) -> TenderContent:
    with scene.platform.db.read() as tx:
        return tenders.lot_context(tx, scene.lot).content


def key(scene: Scene) -> tuple[Ed25519PublicKey, str]:
    signer = scene.platform.keys.receipt_signer
    return Ed25519PublicKey.from_public_bytes(signer.public_bytes), signer.keyid


def test_a_published_tender_has_version_1_signed_with_all_its_files(scene: Scene) -> None:
    tender = scene.city.tender_id
    shown = scene.person("stranger").get(f"/api/tenders/{tender}/versions")
    raw = scene.person("stranger").call("GET", f"/api/tenders/{tender}/versions/1/manifest").content

    manifest = read_manifest(raw, *key(scene))

    assert [(one["number"], one["state"]) for one in shown] == [(1, "published")]
    assert manifest.terms_sha256 == hashlib.sha256(canonical(terms(scene))).hexdigest()
    assert (manifest.version, manifest.supersedes, manifest.rule_set) == (1, None, "demo")
    assert [file.name for file in manifest.files] == ["tender.json"]
    for file in manifest.files:
        address = f"/tenders/{tender}/documents/1/files/{file.sha256}"
        assert hashlib.sha256(scene.http.get(address).content).hexdigest() == file.sha256


def test_a_later_version_takes_the_place_of_the_one_before(scene: Scene) -> None:
    new = changed(scene, validity_days=120)
    lots = [msgspec.structs.replace(lot, deposit_fen=100_000_00, bill=BILL) for lot in new.lots]
    number = prepare(scene, msgspec.structs.replace(new, lots=lots))
    before = content(scene).validity_days
    release(scene, number)
    publish(scene, number)

    with scene.platform.db.read() as tx:
        first, second = (queries.version(tx, scene.city.tender_id, n) for n in (1, 2))
        lot = tenders.lot_context(tx, scene.lot)
    changes = scene.person("stranger").get(f"/api/tenders/{scene.city.tender_id}/versions/2/changes/1")

    assert (before, lot.content.validity_days, lot.deposit_fen) == (90, 120, 100_000_00)
    assert second.envelope is not None
    manifest = read_manifest(second.envelope, *key(scene))
    assert (manifest.version, manifest.supersedes) == (2, first.manifest_sha256)
    assert [file.kind for file in manifest.files] == ["documents", "bill", "bill", "data"]
    assert [tuple(one["path"]) for one in changes] == [
        ("content", "validity_days"),
        ("lots", "1", "deposit_fen"),
        ("lots", "1", "bill"),
        ("lots", "2", "deposit_fen"),
        ("lots", "2", "bill"),
    ]


def test_nobody_outside_sees_a_version_before_it_is_published(scene: Scene) -> None:
    prepare(scene, changed(scene, validity_days=120))
    address = f"/api/tenders/{scene.city.tender_id}/versions"

    seen = {
        who: len(scene.person(who).get(address)) for who in ("agency", "tenderer", "stranger", "bidder-1")
    }
    with scene.platform.db.read() as tx:
        book = queries.files_of(queries.newest(tx, scene.city.tender_id))[0]
    file = scene.http.get(f"/tenders/{scene.city.tender_id}/documents/2/files/{book.sha256}")

    assert seen == {"agency": 2, "tenderer": 2, "stranger": 1, "bidder-1": 1}
    assert file.status_code == 404
    with pytest.raises(Refused) as refused:
        scene.person("stranger").get(f"{address}/2/changes/1")
    assert refused.value.problem["status"] == 404


def test_only_the_agency_prepares_and_only_the_tenderer_releases(scene: Scene) -> None:
    new = changed(scene, validity_days=120)
    for who in ("tenderer", "stranger"):
        with pytest.raises(Problem):
            prepare(scene, new, who=who)
    number = prepare(scene, new)
    for who in ("agency", "stranger"):
        with pytest.raises(Problem):
            release(scene, number, who=who)
    with pytest.raises(MoveNotAllowed):
        publish(scene, number)
    release(scene, number)
    with pytest.raises(MoveNotAllowed):
        release(scene, number)

    assert content(scene).validity_days == 90


def test_who_prepared_does_not_release(scene: Scene) -> None:
    number = prepare(scene, changed(scene, validity_days=120))
    with scene.platform.db.transaction() as tx:
        queries.version(tx, scene.city.tender_id, number).prepared_by = "tenderer"

    with pytest.raises(releasing.SamePerson):
        release(scene, number)
    release(scene, number, who="principal")


def test_what_was_prepared_is_prepared_again_and_what_was_released_is_not(scene: Scene) -> None:
    assert prepare(scene, changed(scene, validity_days=120)) == 2
    assert prepare(scene, changed(scene, validity_days=150)) == 2
    release(scene, 2)

    with pytest.raises(MoveNotAllowed):
        prepare(scene, changed(scene, validity_days=180))
    publish(scene, 2)

    assert content(scene).validity_days == 150


def test_errors_refuse_the_release_and_a_reason_answers_a_warning(scene: Scene) -> None:
    prepare(scene, changed(scene, qualification="注册资本不少于500万元"))
    with pytest.raises(Problem) as missing:
        release(scene, 2)
    with scene.platform.db.transaction() as tx:
        agency = actor_of_user(tx, "agency")
        [finding] = queries.visible_findings(tx, scene.city.tender_id, 2, actor=agency)
        reasons = {finding.key: "与项目规模相适应", "another": "x"}
        service.give_reasons(tx, scene.city.tender_id, reasons, actor=agency, at=clock.now(tx))
    release(scene, 2)
    address = f"/api/tenders/{scene.city.tender_id}/versions/2/findings"
    [shown] = scene.person("tenderer").get(address)
    with pytest.raises(Refused) as refused:
        scene.person("bidder-1").get(address)

    assert missing.value.code == "E_REASON"
    assert (shown["key"], shown["rule"], shown["reason"]) == (finding.key, "capital", "与项目规模相适应")
    assert refused.value.problem["status"] == 403
    with scene.platform.db.read() as tx:
        assert queries.version(tx, scene.city.tender_id, 2).reasons == {finding.key: "与项目规模相适应"}


@pytest.mark.parametrize("what", ["suite", "forms", "parts"])
def test_what_bids_are_sealed_for_does_not_change(scene: Scene, what: str) -> None:
    before = ordinary_content()
    fields = before.form.fields[1:]
    new: dict[str, Any] = {
        "suite": {"suite": "bs1-sm"},
        "forms": {"form": msgspec.structs.replace(before.form, fields=(*fields, before.form.fields[0]))},
        "parts": {"parts": [msgspec.structs.replace(part, max_files=1) for part in before.parts]},
    }[what]

    with pytest.raises(service.SealedTermsFixed) as refused:
        prepare(scene, changed(scene, **new))
    assert refused.value.data == {"detail": queries.SEALED_WORDS[what]}


def test_the_same_again_is_no_version(scene: Scene) -> None:
    with pytest.raises(service.NothingChanged):
        prepare(scene, terms(scene))


def test_documents_are_fixed_once_a_deadline_has_come(scene: Scene) -> None:
    prepare(scene, changed(scene, validity_days=120))
    release(scene, 2)
    scene.move_clock(hours=1)

    with pytest.raises(service.DocumentsFrozen):
        publish(scene, 2)
    with pytest.raises(service.DocumentsFrozen):
        prepare(scene, changed(scene, validity_days=150))
    assert content(scene).validity_days == 90


def test_attachments_are_what_their_ending_says(scene: Scene) -> None:
    prepare(scene, changed(scene, validity_days=120))

    def add(name: str, data: bytes) -> str:
        with scene.platform.db.transaction() as tx:
            actor, at = actor_of_user(tx, "agency"), clock.now(tx)
            return service.add_file(
                tx, scene.platform.store, scene.city.tender_id, name=name, content=data, actor=actor, at=at
            ).sha256

    for name, data in (
        ("图纸.pdf", b"MZ"),
        ("图纸.exe", b"MZ"),
        ("a/b.pdf", PDF),
        ("图.pdf", b""),
        ("招标文件.pdf", PDF),
    ):
        with pytest.raises(Problem):
            add(name, data)
    first, second = add("图纸.pdf", PDF), add("图纸.pdf", PDF + b"2")

    with scene.platform.db.read() as tx:
        files = queries.files_of(queries.newest(tx, scene.city.tender_id))
    assert first != second
    assert [(f.kind, f.name, f.sha256) for f in files if f.kind == "attachment"] == [
        ("attachment", "图纸.pdf", second)
    ]


def test_the_tender_file_fits_its_published_schema(scene: Scene) -> None:
    with scene.platform.db.read() as tx:
        [entry] = queries.files_of(queries.in_force(tx, scene.city.tender_id))
        manifests = [tenders.key_manifest(tx, lot).sha256 for lot in scene.city.lots]
    schema = scene.http.get("/schemas/tender-1.json").json()
    raw = scene.http.get(f"/tenders/{scene.city.tender_id}/documents/1/files/{entry.sha256}").content
    file = msgspec.json.decode(raw)

    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(file, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**file, "more": 1}, schema)
    assert canonical(file) == raw
    assert [lot["keyManifestSha256"] for lot in file["tender"]["lots"]] == manifests
    assert [lot["maximumPrice"] for lot in file["tender"]["lots"]] == [
        {"amountFen": 12_000_000_00, "currency": "CNY"}
    ] * 2


def test_a_receipt_names_nobody_and_proves_which_version_was_had(scene: Scene) -> None:
    address = f"/tenders/{scene.city.tender_id}/documents/1/receipt"
    one, two = (scene.http.post(address).content for _ in range(2))

    with scene.platform.db.read() as tx:
        held = queries.receipt_is_valid(tx, scene.platform.keys, one)
        manifest = queries.version(tx, scene.city.tender_id, 1).manifest_sha256
    shown = scene.http.post(
        "/verify/receipt", files={"file": ("r.json", one)}, headers={"accept": "text/html"}
    )

    assert one != two
    assert (held.version, held.manifest_sha256) == (1, manifest)
    assert sorted(msgspec.to_builtins(held)) == [
        *("issued_at", "manifest_sha256", "nonce", "round", "tender_code", "tender_id", "type", "version")
    ]
    assert manifest is not None
    assert manifest in shown.text
    for forged in (one.replace(b"a", b"b", 1), b"{}", scene.http.get("/").content):
        with scene.platform.db.read() as tx, pytest.raises(Problem):
            queries.receipt_is_valid(tx, scene.platform.keys, forged)


def test_asking_for_files_and_receipts_leaves_no_trace(scene: Scene) -> None:
    before = rows(scene)
    with scene.platform.db.read() as tx:
        [entry] = queries.files_of(queries.in_force(tx, scene.city.tender_id))

    scene.http.get(f"/tenders/{scene.city.tender_id}/documents/1/files/{entry.sha256}")
    scene.http.post(f"/tenders/{scene.city.tender_id}/documents/1/receipt")
    scene.http.get(f"/tenders/{scene.city.tender_id}/documents/1")

    assert rows(scene) == before


def rows(scene: Scene) -> dict[str, int]:
    """How many rows each table has."""
    from sqlalchemy import func, inspect, select, table

    with scene.platform.db.read() as tx:
        names = inspect(tx.get_bind()).get_table_names()
        return {name: tx.scalar(select(func.count()).select_from(table(name))) or 0 for name in names}


def test_a_draft_has_no_manifest_and_no_receipt(scene: Scene) -> None:
    prepare(scene, changed(scene, validity_days=120))

    with scene.platform.db.read() as tx, pytest.raises(NotFound):
        queries.manifest(tx, scene.city.tender_id, 2)
    assert scene.http.post(f"/tenders/{scene.city.tender_id}/documents/2/receipt").status_code == 404
