"""The officer who releases a version signs it: kept, published, checked offline; a wrong signature changes nothing."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import msgspec
import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat
from scene import PASSPHRASE, Scene
from scene_city import certified
from scene_facts import events
from version_steps import changed, prepare, publish, release

from govcore import clock, dsse
from govcore.certificates import service as certificates
from govcore.certificates.models import Certificate
from govcore.certificates.policy import Reason
from govcore.dsse import CertificateSigner
from govcore.identity.queries import actor_of_user
from trading import client
from trading.client import Refused
from trading.documents import queries, releasing
from trading.documents.cli import documents
from trading.documents.manifests import MANIFEST_TYPE, RELEASE_TYPE
from trading.documents.policy import VersionState
from trading.procedure import rules
from trading.tender.models import Tender

PAGE = {"accept": "text/html"}
GUIDE = Path(__file__).parents[3] / "docs" / "guide" / "tender-documents.md"
STEPS = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)


def path(scene: Scene, number: int = 2) -> str:
    return f"/api/tenders/{scene.city.tender_id}/versions/{number}"


def asked(scene: Scene, who: str = "tenderer") -> bytes:
    return scene.person(who).call("GET", f"{path(scene)}/signed-release").content


def hand_in(scene: Scene, envelope: dsse.Envelope, *, who: str = "tenderer", language: str = "zh_CN") -> None:
    body = {"envelope": envelope.encode().decode()}
    scene.person(who, language=language).post(f"{path(scene)}/signed-release", body)


def signed(scene: Scene, signer: CertificateSigner | None = None) -> dsse.Envelope:
    return dsse.sign(RELEASE_TYPE, asked(scene), [signer or scene.city.signers["tenderer"]])


def test_the_officers_signature_is_published_with_the_version_and_checked_with_openssl(
    scene: Scene, tmp_path: Path
) -> None:
    prepare(scene, changed(scene, validity_days=120))
    envelope = signed(scene)
    hand_in(scene, envelope)
    publish(scene, 2)

    shown = scene.person("stranger").get(f"/api/tenders/{scene.city.tender_id}/versions")[0]
    [file] = [one for one in shown["files"] if one["kind"] == "release"]
    address = f"/tenders/{scene.city.tender_id}/documents/2"
    kept = scene.http.get(f"{address}/files/{file['sha256']}").content
    page = scene.http.get(address, headers=PAGE).text
    manifest = json.loads(dsse.Envelope.decode(scene.http.get(f"{path(scene)}/manifest").content).payload)
    keyid = envelope.signatures[0].keyid
    event = events(scene, "documents.released")[-1]
    assert (kept, file["name"]) == (envelope.encode(), "release.json")
    assert file in manifest["files"]
    assert (keyid in page, "release.json" in page, event["data"]["cert_sha256"]) == (True, True, keyid)
    said = json.loads(envelope.payload)
    made = ("release", "data")
    assert said["files"] == [one for one in manifest["files"] if one["kind"] not in made]
    assert [said[one] for one in ("version", "supersedes", "terms_sha256")] == [
        manifest[one] for one in ("version", "supersedes", "terms_sha256")
    ]
    assert check_as_the_guide_says(scene, kept, manifest["files"], tmp_path) == {
        keyid,
        "certificate.pem: OK",
        "Verified OK",
        *(f"{one['name']}: OK" for one in said["files"]),
    }


def check_as_the_guide_says(
    scene: Scene, envelope: bytes, files: list[dict[str, str]], folder: Path
) -> set[str]:
    """What its commands print, run as they stand there over the files that everybody gets."""
    keyid = json.loads(envelope)["signatures"][0]["keyid"]
    here = f"/tenders/{scene.city.tender_id}/documents/2/files"
    got = {one["name"]: f"{here}/{one['sha256']}" for one in files}
    got |= {"certificate.pem": f"/api/certificates/{keyid}", "authority.pem": "/api/authority"}
    for name, address in got.items():
        (folder / name).write_bytes(scene.http.get(address).content)
    [steps] = STEPS.findall(GUIDE.read_text(encoding="utf-8"))
    offline = "".join(line for line in steps.splitlines(keepends=True) if not line.startswith("curl "))
    words = ["bash", "-euo", "pipefail", "-c", offline]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines())


def test_the_next_version_does_not_carry_the_signature_on(scene: Scene) -> None:
    prepare(scene, changed(scene, validity_days=120))
    hand_in(scene, signed(scene))
    publish(scene, 2)
    prepare(scene, changed(scene, validity_days=150))
    changes = scene.person("agency").get(f"/api/tenders/{scene.city.tender_id}/versions/3/changes/2")
    release(scene, 3)

    with scene.platform.db.read() as tx:
        second, third = (queries.version(tx, scene.city.tender_id, number) for number in (2, 3))
    assert [one["path"] for one in changes] == [["content", "validity_days"]]
    assert second.released_with == scene.city.signers["tenderer"].keyid
    assert (third.released_with, [one for one in third.files if one["kind"] == "release"]) == (None, [])


def revoked(scene: Scene) -> CertificateSigner:
    with scene.platform.db.transaction() as tx:
        made = certified(tx, scene.platform, "tenderer")
        actor, at = actor_of_user(tx, "tenderer"), clock.now(tx)
        certificates.revoke(
            tx, scene.platform.wrapper, made.keyid, reason=Reason.KEY_COMPROMISE, actor=actor, at=at
        )
    return made


def ended(scene: Scene) -> CertificateSigner:
    with scene.platform.db.transaction() as tx:
        at = clock.now(tx)
        begun = at - timedelta(days=2)
        return certified(tx, scene.platform, "tenderer", at=begun, until=at - timedelta(days=1))


def other_version(scene: Scene) -> dsse.Envelope:
    said = {**json.loads(asked(scene)), "version": 1}
    return dsse.sign(RELEASE_TYPE, msgspec.json.encode(said), [scene.city.signers["tenderer"]])


def other_key(scene: Scene) -> dsse.Envelope:
    """The officer's certificate under somebody else's signature."""
    envelope, own = signed(scene, scene.city.signers["principal"]), scene.city.signers["tenderer"]
    made = dsse.Signature(own.keyid, envelope.signatures[0].sig)
    return dsse.Envelope(envelope.payload, envelope.payload_type, (made,))


WRONG: dict[str, Callable[[Scene], dsse.Envelope]] = {
    "E_SIGNER": lambda scene: signed(scene, scene.city.signers["principal"]),
    "E_CERT_REVOKED": lambda scene: signed(scene, revoked(scene)),
    "E_CERT_ENDED": lambda scene: signed(scene, ended(scene)),
    "E_SIGNED_CONTENT": other_version,
    "E_SIGNATURE": other_key,
    "E_ENVELOPE": lambda scene: dsse.sign(MANIFEST_TYPE, asked(scene), [scene.city.signers["tenderer"]]),
}


def test_what_is_not_the_officers_own_signature_under_this_version_changes_nothing(scene: Scene) -> None:
    prepare(scene, changed(scene, validity_days=120))
    before = len(events(scene, "documents.released"))
    said: dict[str, list[str]] = {}

    for code, make in WRONG.items():
        for language in ("zh_CN", "en"):
            with pytest.raises(Refused) as refused:
                hand_in(scene, make(scene), language=language)
            assert refused.value.problem["code"] == code
            said.setdefault(code, []).append(refused.value.problem["title"])

    with scene.platform.db.read() as tx:
        version = queries.version(tx, scene.city.tender_id, 2)
    assert (version.state, version.released_with) == (VersionState.PREPARED, None)
    assert [one for one in version.files if one["kind"] == "release"] == []
    assert len(events(scene, "documents.released")) == before
    assert [chinese == english for chinese, english in said.values()] == [False] * len(WRONG)
    for who, status in {"agency": 403, "bidder-1": 403}.items():
        with pytest.raises(Refused) as refused:
            asked(scene, who)
        assert refused.value.problem["status"] == status


@pytest.fixture
def strict(tmp_path: Path) -> Iterator[str]:
    """A deployer's rule set that asks for the officer's signature."""
    demo = {"id": "demo-signed", "based_on": "demo", "rules": {releasing.RULE: {"value": "CERTIFICATE"}}}
    (tmp_path / "sets").mkdir()
    (tmp_path / "sets" / "demo-signed.json").write_text(json.dumps(demo))
    rules.add_folder(tmp_path / "sets")
    yield "demo-signed"
    rules.add_folder(None)


def test_where_the_rules_ask_for_it_nothing_is_released_without_a_signature(
    scene: Scene, strict: str
) -> None:
    prepare(scene, changed(scene, validity_days=120))
    with scene.platform.db.transaction() as tx:
        tx.get_one(Tender, scene.city.tender_id).rule_set = strict
        code = tx.get_one(Tender, scene.city.tender_id).code
    cookie = {**PAGE, "cookie": scene.person("tenderer")._cookie}
    here = f"/tenders/{scene.city.tender_id}/documents/2/release"

    with pytest.raises(Refused) as refused:
        scene.person("tenderer").call("POST", f"{path(scene)}/release")
    plain = scene.http.post(here, data={"code": code}, headers=cookie)
    pages = [scene.http.get(f"{here}{query}", headers=cookie).text for query in ("", "?unsigned=1")]
    hand_in(scene, signed(scene))

    assert refused.value.problem["code"] == "E_RELEASE_SIGNATURE"
    assert (plain.status_code, "请用您的数字证书在浏览器或命令行中审定文件" in plain.text) == (422, True)
    assert ["release.js" in page and "不签名审定" not in page for page in pages] == [True, True]
    with scene.platform.db.read() as tx:
        assert queries.version(tx, scene.city.tender_id, 2).state == VersionState.RELEASED


def test_who_holds_a_certificate_may_release_without_it_and_who_holds_none_is_told(scene: Scene) -> None:
    prepare(scene, changed(scene, validity_days=120))
    here = f"/tenders/{scene.city.tender_id}/documents/2/release"
    cookie = {**PAGE, "cookie": scene.person("tenderer")._cookie}

    offered, without = (scene.http.get(here + query, headers=cookie).text for query in ("", "?unsigned=1"))
    with scene.platform.db.transaction() as tx:
        own, wrapper = Certificate.user_id == "tenderer", scene.platform.wrapper
        at = clock.now(tx)
        certificates.revoke_all(tx, wrapper, own, reason=Reason.KEY_COMPROMISE, by="tenderer", at=at)
    holding_none = scene.http.get(here, headers=cookie).text

    assert ["release.js" in page for page in (offered, without, holding_none)] == [True, False, False]
    assert ["您没有数字证书" in page for page in (offered, without, holding_none)] == [False, False, True]


def test_the_command_shows_what_it_fixes_and_signs_it(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRADING_PASSPHRASE", PASSPHRASE)
    monkeypatch.setattr(httpx, "Client", lambda **_: scene.http)  # the site is in this process
    monkeypatch.setattr(scene.http, "close", lambda: None)  # and outlives the command
    prepare(scene, changed(scene, validity_days=120))
    (tmp_path / "session").write_text(scene.person("tenderer")._cookie.split(";")[0])
    keep(scene, tmp_path / "keys", scene.city.signers["tenderer"])
    account = ["--url", "http://site", "--user", "tenderer", "--password-file", str(tmp_path / "session")]
    words = ["release", *account, "--keys", str(tmp_path / "keys"), scene.city.tender_id, "2"]
    files = [one["sha256"] for one in json.loads(asked(scene))["files"]]

    declined, done = (CliRunner().invoke(documents, words, input=said) for said in ("n\n", "y\n"))

    assert (declined.exit_code, done.exit_code) == (1, 0)
    assert [sha256 in done.output for sha256 in files] == [True] * len(files)
    with scene.platform.db.read() as tx:
        version = queries.version(tx, scene.city.tender_id, 2)
    assert (version.state, version.released_with) == (
        VersionState.RELEASED,
        scene.city.signers["tenderer"].keyid,
    )


def keep(scene: Scene, folder: Path, signer: CertificateSigner) -> None:
    """A key as `enrol` keeps it."""
    folder.mkdir()
    lock = BestAvailableEncryption(PASSPHRASE.encode())
    key = signer._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock)  # type: ignore[union-attr]
    (folder / client.KEY).write_bytes(key)
    (folder / client.CERTIFICATE).write_bytes(signer.certificate.public_bytes(Encoding.PEM))
    (folder / client.AUTHORITY).write_bytes(scene.authority().public_bytes(Encoding.PEM))
