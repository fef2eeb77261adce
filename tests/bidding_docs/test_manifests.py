"""Signed documents: one spelling, their own sense, signatures, receipts; and every code in both languages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from string import Formatter

import msgspec
import pytest
from bid_factories import NOW, World, certificate
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from bidding_docs import codes, dsse, encoding, manifests, receipts
from bidding_docs.merkle import merkle_root
from bidding_docs.pieces import Digester
from bidding_docs.signing import (
    SoftwareSigner,
    check_certificate,
    der_signature,
    keys_by_id,
    signer_from_pem,
)
from govcore.i18n.catalogue import Catalogue

PREFIX = ["type", "tender_id", "lot_id", "round", "key_manifest_sha256"]
PRINTED = {
    manifests.Schedule: [*PREFIX, "n", "deadline_at", "opening_at", "prev_sha256"],
    manifests.BidManifest: [*PREFIX, "suite", "bidder_id", "cert_sha256", "seq", "supersedes", "parts"],
    manifests.BidWithdraw: [*PREFIX, "bidder_id", "cert_sha256", "seq", "withdraws"],
    manifests.ShareRelease: [*PREFIX, "custodian", "opens", "tender_closed_sha256", "releases"],
    manifests.Receipt: [
        *PREFIX, "receipt_id", "bidder_id", "seq", "manifest_sha256", "parts", "received_at", "leaf", "promise_by",
    ],
    manifests.Refusal: [*PREFIX, "code", "manifest_sha256", "at"],
    manifests.KeyManifest: [
        *PREFIX[:4], "suite", "policy", "custodians", "gate", "parts", "windows", "trust_anchors", "log", "witnesses",
    ],
    manifests.Part: ["id", "recipient", "size", "sha256", "piece_size", "pieces_root", "capsules"],
}  # fmt: skip


@pytest.mark.parametrize(("kind", "members"), PRINTED.items())
def test_members_are_printed_in_the_order_of_the_protocol(
    kind: type[msgspec.Struct], members: list[str]
) -> None:
    assert list(kind.__struct_fields__) == members


@pytest.fixture(scope="module")
def world() -> World:
    return World()


@pytest.fixture
def bid(world: World, tmp_path: Path) -> manifests.BidManifest:
    return world.seal(tmp_path / "bid").manifest


def test_one_spelling_is_accepted_and_no_other(bid: manifests.BidManifest) -> None:
    exact = encoding.encode(bid)
    others = [
        exact + b"\n",
        b"\xef\xbb\xbf" + exact,
        exact.replace(b'"round":1', b'"round":1.0', 1),
        exact.replace(b'"round":1', b'"round": 1', 1),
        exact.replace(b'"round":1', b'"round":1,"round":1', 1),
        exact.replace(b'"round":1', b'"round":1,"note":"x"', 1),
        exact.replace(b'"seq":1', b'"seq":"1"', 1),
        exact.replace(b'"tender-1"', b'"tender\\u002d1"', 1),
        exact.replace(b'"tender-1"', b'"Tender-1"', 1),
        exact.replace(b'"tender-1"', b'"tender-1\\n"', 1),
        exact.replace(b'"suite":"bs1"', b'"suite":"bs0"', 1),
        exact.replace(b'"type":"bid-manifest",', b"", 1),
        exact[:-1],
        b"",
        b"\xff",
    ]

    assert manifests.parse(exact, manifests.BidManifest) == bid
    for other in others:
        assert other != exact
        with pytest.raises(codes.BadSchema):
            manifests.parse(other, manifests.BidManifest)


def changed(manifest: manifests.KeyManifest, **changes: object) -> bytes:
    return encoding.encode(msgspec.structs.replace(manifest, **changes))


def test_a_key_manifest_that_does_not_hold_together_is_refused(world: World) -> None:
    good = world.manifest()
    first, *rest = good.custodians
    gate = manifests.Gate(operator="it", recipients=dict(first.recipients))
    wrong = [
        changed(good, custodians=(first, *rest[:1])),
        changed(good, custodians=(*rest, first)),
        changed(good, policy=msgspec.structs.replace(good.policy, k=4)),
        changed(good, policy=msgspec.structs.replace(good.policy, gate="none")),
        changed(good, gate=None),
        changed(good, parts=()),
        changed(good, parts=(good.parts[0], good.parts[0])),
        changed(good, parts=(*good.parts, msgspec.structs.replace(good.parts[0], id="x", opens="later"))),
        changed(good, gate=manifests.Gate(operator="it", recipients={"opening": "age1" + "q" * 58})),
    ]

    for payload in wrong:
        with pytest.raises(codes.BadSchema):
            manifests.parse(payload, manifests.KeyManifest)
    with pytest.raises(codes.DuplicateRecipient):
        manifests.parse(changed(good, gate=gate), manifests.KeyManifest)


def test_the_gate_may_have_one_more_key_for_bank_advices(world: World) -> None:
    good = world.manifest()
    spare = World().gate_recipient
    gate = manifests.Gate(
        operator="it", recipients={"opening": world.gate_recipient, manifests.ADVICE: spare}
    )

    assert manifests.parse(changed(good, gate=gate), manifests.KeyManifest).gate == gate
    assert manifests.recipient_of_holder(good, "custodian:2", "opening") == world.custodians[2][1]


def test_only_the_demo_may_do_without_witness_separate_gate_and_separate_clients(world: World) -> None:
    good = world.manifest()
    platform = tuple(msgspec.structs.replace(one, client="platform") for one in good.custodians)
    lax = [
        msgspec.structs.replace(good, witnesses=()),
        msgspec.structs.replace(
            good, witnesses=tuple(msgspec.structs.replace(one, required=False) for one in good.witnesses)
        ),
        msgspec.structs.replace(good, gate=None),
        msgspec.structs.replace(good, gate=msgspec.structs.replace(good.gate, operator="role-1")),
        msgspec.structs.replace(good, custodians=(*platform[:2], good.custodians[2])),
    ]

    manifests.check_policy(good, rule_set="national", custodian_organisations=["centre"])
    for manifest in lax:
        manifests.check_policy(manifest, rule_set="demo")
        with pytest.raises(codes.PolicyRefused):
            manifests.check_policy(manifest, rule_set="national")
    with pytest.raises(codes.PolicyRefused):
        manifests.check_policy(good, rule_set="national", custodian_organisations=["regulator-it"])


def test_a_bid_for_another_tender_lot_round_or_manifest_is_refused(
    world: World, bid: manifests.BidManifest
) -> None:
    key_manifest = world.key_manifest
    manifests.check_bid(bid, key_manifest.document, key_manifest.sha256)

    for changes in ({"tender_id": "x"}, {"lot_id": "x"}, {"round": 2}, {"key_manifest_sha256": "0" * 64}):
        with pytest.raises(codes.WrongKeyManifest) as caught:
            manifests.check_bid(
                msgspec.structs.replace(bid, **changes), key_manifest.document, key_manifest.sha256
            )
        assert caught.value.data == {"field": next(iter(changes))}


def test_a_bid_without_a_part_or_capsule_or_with_a_known_key_is_refused(
    world: World, bid: manifests.BidManifest
) -> None:
    key_manifest, (first, second) = world.key_manifest, bid.parts
    fewer = msgspec.structs.replace(first, capsules=first.capsules[1:])
    empty = msgspec.structs.replace(first.capsules[0], size=0)
    hollow = msgspec.structs.replace(first, capsules=(empty, *first.capsules[1:]))

    for parts in ((first,), (second, first), (fewer, second), (hollow, second)):
        with pytest.raises(codes.BadSchema):
            manifests.check_bid(
                msgspec.structs.replace(bid, parts=parts), key_manifest.document, key_manifest.sha256
            )
    escrow = msgspec.structs.replace(first, recipient=world.gate_recipient)
    with pytest.raises(codes.DuplicateRecipient):
        manifests.check_bid(
            msgspec.structs.replace(bid, parts=(escrow, second)), key_manifest.document, key_manifest.sha256
        )
    twice = msgspec.structs.replace(second, recipient=first.recipient)
    with pytest.raises(codes.DuplicateRecipient):
        manifests.parse(
            encoding.encode(msgspec.structs.replace(bid, parts=(first, twice))), manifests.BidManifest
        )


def test_only_all_named_signers_over_the_exact_bytes_count(world: World, bid: manifests.BidManifest) -> None:
    first, second = certificate("first", world.authority), certificate("second", world.authority)
    both = keys_by_id([first.certificate, second.certificate])
    raw = dsse.sign_document(bid, [first, second])
    envelope = dsse.Envelope.decode(raw)
    altered = msgspec.structs.replace(envelope, payload=envelope.payload.replace(b"tender-1", b"tender-2"))

    opened = dsse.open_document(raw, manifests.BidManifest, both)

    assert (opened.document, opened.sha256) == (bid, manifests.digest(envelope.payload))
    for wrong in (altered.encode(), dsse.sign_document(bid, [first])):
        with pytest.raises(codes.ManifestSignature):
            dsse.open_document(wrong, manifests.BidManifest, both)
    with pytest.raises(codes.BadSchema):
        dsse.open_document(raw, manifests.Receipt, both)
    with pytest.raises(codes.BadSchema):
        dsse.read_unverified(b"{}", manifests.BidManifest)


def test_ed25519_and_webcrypto_signatures_are_understood(world: World, bid: manifests.BidManifest) -> None:
    key = Ed25519PrivateKey.generate()
    holder = certificate("holder", world.authority)
    signer = SoftwareSigner(holder.certificate, key)
    raw = dsse.sign_document(bid, [signer])
    message = b"message"
    r, s = decode_dss_signature(holder.sign(message))

    opened = dsse.open_document(raw, manifests.BidManifest, {signer.keyid: key.public_key()})
    converted = der_signature(r.to_bytes(32, "big") + s.to_bytes(32, "big"))

    assert opened.document == bid
    public = holder.certificate.public_key()
    assert isinstance(public, ec.EllipticCurvePublicKey)
    assert decode_dss_signature(converted) == (r, s)
    assert "PrivateKey" not in repr(signer)
    with pytest.raises(ValueError, match="64 bytes"):
        der_signature(bytes(63))


def test_a_signer_is_loaded_only_with_its_own_certificate(world: World) -> None:
    mine, other = certificate("mine", world.authority), certificate("other", world.authority)
    key = mine._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    loaded = signer_from_pem(key, mine.certificate.public_bytes(Encoding.PEM))

    assert loaded.keyid == mine.keyid
    with pytest.raises(codes.BadCertificate):
        signer_from_pem(key, other.certificate.public_bytes(Encoding.PEM))


def test_certificates_must_lead_to_an_anchor_and_be_valid_then(world: World) -> None:
    holder = certificate("holder", world.authority).certificate
    register = world.authority.certificate
    anchors = world.manifest().trust_anchors

    def check(leaf: x509.Certificate, *, trusted: tuple[str, ...] = anchors, at: datetime = NOW) -> None:
        check_certificate(leaf, authorities=[register], trust_anchors=trusted, at=at)

    check(holder)
    for refused in (
        lambda: check(holder, at=NOW + timedelta(days=400)),
        lambda: check(holder, trusted=("0" * 64,)),
        lambda: check(certificate("stranger", certificate("Register")).certificate),
    ):
        with pytest.raises(codes.BadCertificate):
            refused()


def test_receipts_and_refusals_are_checked_without_the_platform(
    world: World, bid: manifests.BidManifest
) -> None:
    platform = certificate("platform", world.authority)
    keys, digest = keys_by_id([platform.certificate]), manifests.digest(encoding.encode(bid))
    receipt = receipts.make_receipt(
        bid,
        manifest_sha256=digest,
        receipt_id="r-1",
        received_at=NOW,
        leaf="e" * 64,
        promise_by=NOW + timedelta(minutes=1),
        signer=platform,
    )
    refusal = receipts.make_refusal(
        world.key_manifest.document,
        key_manifest_sha256=bid.key_manifest_sha256,
        manifest_sha256=digest,
        code="E_LATE",
        at=NOW,
        signer=platform,
    )

    checked = receipts.verify_receipt(receipt, keys, manifest=bid, manifest_sha256=digest)
    refused = receipts.verify_refusal(refusal, keys, manifest_sha256=digest)

    assert (checked.received_at, checked.seq) == ("2026-12-01T01:00:00Z", 1)
    assert (refused.code, refused.at) == ("E_LATE", "2026-12-01T01:00:00Z")
    with pytest.raises(codes.BadSchema):
        receipts.verify_receipt(
            receipt, keys, manifest=msgspec.structs.replace(bid, lot_id="x"), manifest_sha256=digest
        )
    with pytest.raises(codes.BadSchema):
        receipts.verify_refusal(refusal, keys, manifest_sha256="0" * 64)
    with pytest.raises(codes.ManifestSignature):
        receipts.verify_receipt(
            receipt, keys_by_id([world.tenderer.certificate]), manifest=bid, manifest_sha256=digest
        )


def test_a_schedule_opens_after_its_deadline_and_follows_the_last() -> None:
    good = manifests.Schedule(
        tender_id="t",
        lot_id="l",
        round=1,
        key_manifest_sha256="0" * 64,
        n=1,
        deadline_at="2026-12-01T01:00:00Z",
        opening_at="2026-12-01T01:00:00Z",
        prev_sha256=None,
    )

    assert manifests.parse(encoding.encode(good), manifests.Schedule) == good
    for changes in (
        {"opening_at": "2026-12-01T00:59:59Z"},
        {"n": 2},
        {"deadline_at": "2026-13-01T01:00:00Z"},
    ):
        with pytest.raises(codes.BadSchema):
            manifests.parse(encoding.encode(msgspec.structs.replace(good, **changes)), manifests.Schedule)


def test_times_are_whole_utc_seconds() -> None:
    shanghai = datetime.fromisoformat("2026-12-01T09:00:00.999+08:00")

    assert encoding.format_time(shanghai) == "2026-12-01T01:00:00Z"
    assert encoding.parse_time("2026-12-01T01:00:00Z") == datetime(2026, 12, 1, 1, tzinfo=UTC)
    with pytest.raises(ValueError, match="naive"):
        encoding.format_time(datetime(2026, 12, 1))  # noqa: DTZ001


@settings(max_examples=30)
@given(st.lists(st.binary(min_size=32, max_size=32), max_size=40))
def test_merkle_roots_are_those_of_the_standards_own_recursion(leaves: list[bytes]) -> None:
    def head(part: list[bytes]) -> bytes:
        if len(part) < 2:
            return sha256(b"\x00" + part[0]).digest() if part else sha256(b"").digest()
        split = 1 << (len(part) - 1).bit_length() - 1
        return sha256(b"\x01" + head(part[:split]) + head(part[split:])).digest()

    assert merkle_root(leaves) == head(leaves)


def test_pieces_are_cut_where_the_upload_cuts_them() -> None:
    digester, data = Digester(piece_size=4), b"abcdefghij"
    for place in range(0, 10, 3):
        digester.update(data[place : place + 3])

    found = digester.finish()

    pieces = [encoding.sha256_hex(piece) for piece in (b"abcd", b"efgh", b"ij")]
    assert (found.size, found.sha256, list(found.pieces)) == (10, encoding.sha256_hex(data), pieces)
    assert found.pieces_root == merkle_root([bytes.fromhex(piece) for piece in pieces]).hex()


def placeholders(text: str) -> set[str | None]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_every_code_has_its_sentence_in_chinese_with_the_same_data() -> None:
    chinese = Catalogue.load([Path(codes.__file__).parent / "locale"]).chinese
    texts = {problem.text for problem in codes.CODES.values()}

    assert texts <= set(chinese)
    assert [text for text in texts if placeholders(text) != placeholders(chinese[text])] == []
    assert {one.code for one in codes.SealProblem.__subclasses__()} < set(codes.CODES)
    assert {one.code for one in codes.BadCertificate.__subclasses__()} < set(codes.CODES)


def test_late_sequence_and_conflict_are_409_limit_413_and_the_rest_of_submission_422() -> None:
    refused = [
        "E_SCHEMA", "E_AGE_HEADER", "E_SIZE", "E_HASH", "E_MANIFEST_SIG", "E_CERT", "E_KEY_MANIFEST",
        "E_DUP_RECIPIENT", "E_CERT_CHAIN", "E_CERT_EARLY", "E_CERT_ENDED", "E_CERT_REVOKED", "E_CERT_NAME",
    ]  # fmt: skip

    assert {codes.CODES[code].status for code in refused} == {422}
    assert codes.CODES["E_LIMIT"].status == 413
    assert {codes.CODES[code].status for code in ("E_LATE", "E_SEQ", "E_CONFLICT", "E_TOO_EARLY")} == {409}
    assert {codes.CODES[code].fault for code in (*refused, "E_LATE", "E_SEAL_OBJECTION")} == {None}
    assert {codes.CODES[code].fault for code in ("E_PAYLOAD", "E_CONTENT", "E_CTX_MISMATCH")} == {"bidder"}
