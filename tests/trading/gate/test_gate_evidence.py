"""A platform that shows its gate something else than what happened gets nothing out of it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx
import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from guarding import Guarded
from msgspec.structs import replace
from scene_city import PRINCIPAL, SEATS

from bidding_docs import dsse
from bidding_docs import manifests as m
from bidding_docs.encoding import encode
from govcore import clock
from govcore.audit.service import record
from govcore.certificates.authority import Issue, issue, new_authority, requested_key
from govcore.dsse import CertificateSigner, sign
from govcore.errors import Problem
from trading.gate.port import RemoteGate
from trading.gate.schemas import REQUEST_TYPE, AskTime, Evidence

Change = Callable[[Evidence], Evidence]


@dataclass
class Shown:
    """The true evidence of a lot that may be opened now, and the hands that could forge some of it."""

    guarded: Guarded
    true: Evidence

    def code(self, change: Change) -> str:
        with pytest.raises(Problem) as caught:
            self.guarded.gate.release(self.guarded.scope, "opening", change(self.true))
        return caught.value.code

    def signer(self, name: str) -> CertificateSigner:
        return self.guarded.scene.city.signers[name]

    def signed(self, document: m.Document, *names: str) -> str:
        signers = [self.signer(name) for name in names]
        return sign(m.media_type(type(document)), encode(document), signers).encode().decode()

    def log_release(self, raw: str) -> None:
        """What only the platform can do: log a release that is none."""
        digest = m.digest(dsse.Envelope.decode(raw.encode()).payload)
        platform, lot = self.guarded.scene.platform, self.guarded.scene.lot
        with platform.db.transaction() as tx:
            data = {"lot": "-", "custodian": 3, "opens": "opening", "release_sha256": digest}
            record(tx, "share.released", subject=lot, actor="system", at=clock.now(tx), data=data)
        self.guarded.scene.write_log()


@pytest.fixture
def shown(guarded: Guarded, bids: None) -> Shown:
    scene = guarded.scene
    scene.close()
    assert scene.check_seals() == []
    scene.release(1, 3)
    scene.write_log()
    return Shown(guarded, guarded.evidence())


def payload(raw: str) -> bytes:
    return dsse.Envelope.decode(raw.encode()).payload


def without(items: Sequence[str], n: int) -> list[str]:
    return [one for i, one in enumerate(items) if i != n]


def stripped(raw: str, keyid: str) -> str:
    """An envelope without one of its signatures."""
    envelope = dsse.Envelope.decode(raw.encode())
    kept = tuple(one for one in envelope.signatures if one.keyid != keyid)
    return replace(envelope, signatures=kept).encode().decode()


def foreign_certificate(at: datetime) -> bytes:
    authority, key = new_authority(name="Another CA", at=at)
    own = ec.generate_private_key(ec.SECP256R1())
    csr = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(own, hashes.SHA256())
    pem = csr.public_bytes(Encoding.PEM)
    asked = Issue(uscc="91371500MA00000011", name="甲", at=at, until=at + timedelta(days=1))
    made = issue(requested_key(pem), asked, authority=authority, key_der=key)
    return made.public_bytes(Encoding.DER)


def test_no_altered_evidence_moves_the_gate(shown: Shown) -> None:
    true = shown.true
    manifest = m.parse(payload(true.key_manifest), m.KeyManifest)
    schedule = m.parse(payload(true.schedules[0]), m.Schedule)
    releases = {m.parse(payload(raw), m.ShareRelease).custodian: raw for raw in true.releases}
    third = m.parse(payload(releases[3]), m.ShareRelease)
    exchanged = replace(
        manifest,
        custodians=(
            replace(manifest.custodians[0], recipients=manifest.custodians[1].recipients),
            replace(manifest.custodians[1], recipients=manifest.custodians[0].recipients),
            manifest.custodians[2],
        ),
    )
    extended = replace(schedule, n=2, prev_sha256=m.digest(payload(true.schedules[0])))
    everybody = (*SEATS, PRINCIPAL)
    changes: dict[str, tuple[Change, str]] = {
        "a bid is left out": (lambda e: replace(e, bids=e.bids[1:]), "E_BIDS_ROOT"),
        "a bid is shown twice": (lambda e: replace(e, bids=[*e.bids, e.bids[0]]), "E_BIDS_ROOT"),
        "all sign another manifest": (
            lambda e: replace(e, key_manifest=shown.signed(exchanged, *everybody)),
            "E_KEY_MANIFEST",
        ),
        "a custodian did not sign": (
            lambda e: replace(e, key_manifest=stripped(e.key_manifest, manifest.custodians[2].cert_sha256)),
            "E_MANIFEST_SIG",
        ),
        "the tenderer did not sign": (
            lambda e: replace(e, key_manifest=stripped(e.key_manifest, shown.signer(PRINCIPAL).keyid)),
            "E_MANIFEST_SIG",
        ),
        "a signature is of other bytes": (
            lambda e: replace(e, key_manifest=e.key_manifest.replace('"sig":"M', '"sig":"N', 1)),
            "E_MANIFEST_SIG",
        ),
        "a certificate is missing": (lambda e: replace(e, certificates=e.certificates[1:]), "E_CERT"),
        "a certificate is of another CA": (
            lambda e: replace(
                e, certificates=[*e.certificates, foreign_certificate(shown.guarded.scene.now())]
            ),
            "E_CERT",
        ),
        "a certificate is none": (lambda e: replace(e, certificates=[b"none"]), "E_CERT"),
        "there is no schedule": (lambda e: replace(e, schedules=[]), "E_SCHEMA"),
        "a schedule that was never published": (
            lambda e: replace(e, schedules=[*e.schedules, shown.signed(extended, "tenderer", PRINCIPAL)]),
            "E_SCHEMA",
        ),
        "a schedule that one person changed": (
            lambda e: replace(e, schedules=[*e.schedules, shown.signed(extended, "tenderer")]),
            "E_MANIFEST_SIG",
        ),
        "a schedule of the regulator's": (
            lambda e: replace(e, schedules=[shown.signed(schedule, "regulator")]),
            "E_CERT",
        ),
        "one custodian's release": (lambda e: replace(e, releases=[releases[1]]), "E_QUORUM"),
        "one custodian's release twice": (
            lambda e: replace(e, releases=[releases[1], releases[1]]),
            "E_QUORUM",
        ),
        "a release of another's hand": (
            lambda e: replace(e, releases=[releases[1], shown.signed(third, "tenderer")]),
            "E_MANIFEST_SIG",
        ),
        "a release that was never logged": (
            lambda e: replace(
                e, releases=[releases[1], shown.signed(replace(third, releases=()), "regulator")]
            ),
            "E_QUORUM",
        ),
        "a release for another closing": (
            lambda e: replace(
                e,
                releases=[
                    releases[1],
                    shown.signed(replace(third, tender_closed_sha256="0" * 64), "regulator"),
                ],
            ),
            "E_SCHEMA",
        ),
        "a release for another stage": (
            lambda e: replace(
                e, releases=[releases[1], shown.signed(replace(third, opens="later"), "regulator")]
            ),
            "E_SCHEMA",
        ),
    }

    found = {name: shown.code(change) for name, (change, _) in changes.items()}

    assert found == {name: code for name, (_, code) in changes.items()}


def test_a_logged_release_with_a_bad_share_names_its_custodian(shown: Shown) -> None:
    raw = next(one for one in shown.true.releases if m.parse(payload(one), m.ShareRelease).custodian == 3)
    release = m.parse(payload(raw), m.ShareRelease)
    share = bytearray(base64.b64decode(str(release.releases[0].share)))
    share[0] ^= 1
    bad = replace(release.releases[0], share=base64.b64encode(bytes(share)).decode())
    forged = shown.signed(replace(release, releases=(bad, *release.releases[1:])), "regulator")
    shown.log_release(forged)
    left_out = shown.signed(replace(release, releases=release.releases[1:]), "regulator")
    shown.log_release(left_out)

    def instead(other: str) -> Change:
        return lambda e: replace(e, releases=[one if one != raw else other for one in e.releases])

    assert shown.code(instead(forged)) == "E_SHARE_COMMIT"
    assert shown.code(instead(left_out)) == "E_SCHEMA"


def test_a_bid_s_damage_is_told_in_the_release_and_costs_no_other_bid(shown: Shown) -> None:
    first, second, third = shown.true.bids
    swapped = replace(first, capsules=second.capsules)
    resigned = replace(second, envelope=second.envelope.replace('"sig":"M', '"sig":"N', 1))
    evidence = replace(shown.true, bids=[swapped, resigned, third])

    raw = shown.guarded.gate.release(shown.guarded.scope, "opening", evidence)

    reasons: dict[str, set[object]] = {}
    for item in m.parse(dsse.Envelope.decode(raw).payload, m.GateRelease).releases:
        given = "share" if isinstance(item.share, str) else item.refused
        reasons.setdefault(item.manifest_sha256, set()).add(given)
    digests = [m.digest(payload(one.envelope)) for one in (first, second, third)]
    assert [reasons[digest] for digest in digests] == [{"E_STORE_HASH"}, {"E_MANIFEST_SIG"}, {"share"}]


def test_nobody_but_the_platform_is_answered_and_nobody_but_the_gate_is_believed(guarded: Guarded) -> None:
    settings = guarded.scene.platform.settings
    stranger = guarded.scene.city.signers["stranger"]
    request = AskTime(request_id="0" * 64, at=datetime.now(UTC))
    raw = sign(REQUEST_TYPE, msgspec.json.encode(request), [stranger]).encode()
    other = Ed25519PrivateKey.generate().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    impostor = RemoteGate(
        str(settings.gate_url),
        key=other,
        signer=guarded.scene.platform.keys.gate_signer,
        at=guarded.scene.now,
    )
    nobody = RemoteGate("http://127.0.0.1:9", key=other, signer=stranger, at=guarded.scene.now)

    answers = [
        httpx.post(f"{settings.gate_url}/gate", content=body) for body in (raw, b"{}", b"", b"nonsense")
    ]
    refused = []
    for gate in (impostor, nobody):
        with pytest.raises(Problem) as caught:
            gate.now()
        refused.append(caught.value.code)

    assert [(one.status_code, one.text) for one in answers] == [
        (422, "E_SIGNATURE\n"),
        *[(422, "E_ENVELOPE\n")] * 3,
    ]
    assert refused == ["E_GATE_SILENT", "E_GATE_SILENT"]
    assert abs(guarded.gate.now() - guarded.scene.now()) < timedelta(seconds=30)
    assert httpx.get(f"{settings.gate_url}/").text.strip() == (settings.gate_key or b"").hex()
    assert hashlib.sha256(settings.gate_key or b"").hexdigest() == guarded.service.signer.keyid
