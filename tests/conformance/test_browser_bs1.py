"""Protocol bs1 in the browser and in Python: each reads, checks and refuses what the other made."""

from __future__ import annotations

import io
import os
from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from bid_factories import FORM, NOW, PASSPHRASE, STAGE, World, certificate
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from bidding_docs import age, capsules, content, dsse, manifests, recovery, shamir, summary
from bidding_docs.archive_reader import read_archive, read_member
from bidding_docs.codes import BadContent
from bidding_docs.encoding import b64encode as spelt
from bidding_docs.encoding import encode
from bidding_docs.merkle import bids_root, merkle_root
from bidding_docs.pieces import PIECE_SIZE, digests_of
from govcore.certificates import authority as ca

Js = Callable[..., Any]
"""Runs the body of an async JavaScript function in the browser; bytes travel as base64."""

CTX = capsules.Context(
    tender_id="tender-1",
    lot_id="lot-1",
    round=2,
    key_manifest_sha256="a" * 64,
    bidder_id="91371500MA00000011",
    part_id="technical",
    recipient=age.recipient_of(bytes(range(32))),
)
FIELDS = msgspec.json.decode(msgspec.json.encode(FORM.fields))


def plain(value: msgspec.Struct) -> Any:
    return msgspec.json.decode(msgspec.json.encode(value))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "招标 — 投标",
        'quote " back \\ slash /',
        "\x00\x1f\n\r\t\b\f\x7f",
        "\u2028 \ufeff 🏗️",
        "\u00e9 e\u0301",
    ],
)
def test_both_spell_text_with_the_same_bytes(js: Js, text: str):
    spelt_there = js("return bs1.base64(bs1.encode({ text: given, n: 9007199254740991 }))", text)

    assert b64decode(spelt_there) == msgspec.json.encode({"text": text, "n": 2**53 - 1})


@pytest.mark.parametrize(
    "altered",
    [
        b'{"v":1, "n":2}',
        b'{"n":2,"v":1}',
        b'{"v":1,"n":2,"v":1}',
        b'{"v":1,"n":2.0}',
        b'{"v":1}',
        b'{"v":1,"n":2}\n',
    ],
)
def test_only_the_one_spelling_is_read(js: Js, altered: bytes):
    body = "try { return bs1.decode(bs1.unbase64(given), bs1.struct({ v: bs1.count, n: bs1.count })) }"

    assert js(body + "catch (error) { return error.code }", spelt(b'{"v":1,"n":2}')) == {"v": 1, "n": 2}
    assert js(body + "catch (error) { return error.code }", spelt(altered)) == "E_SCHEMA"


def test_a_request_and_a_signature_from_webcrypto_are_good_in_python(js: Js):
    authority, key = ca.new_authority(name="Register", at=NOW)
    request, extractable = js(
        "globalThis.pair = await bs1.newSigningKey();"
        "return [await bs1.certificateRequest(pair), pair.privateKey.extractable]"
    )
    asked = ca.Issue(uscc="91371500MA00000011", name="长堤", at=NOW, until=NOW + timedelta(days=365))
    issued = ca.issue(ca.requested_key(request.encode()), asked, authority=authority, key_der=key)
    body = encode(World().manifest())
    # r and s are as short as chance makes them: forty signatures meet every length of their DER.
    envelopes = js(
        "const signer = bs1.p256Signer(pair.privateKey, given.keyid), made = [];"
        "for (let n = 0; n < 40; n++) made.push(bs1.text(bs1.encodeEnvelope("
        "await bs1.sign(bs1.mediaType('key-manifest'), bs1.unbase64(given.body), [signer]))));"
        "return made",
        {"keyid": ca.sha256_of(issued), "body": spelt(body)},
    )

    keys = {ca.sha256_of(issued): issued.public_key()}
    opened = [dsse.open_document(raw.encode(), manifests.KeyManifest, keys) for raw in envelopes]
    assert {one.payload for one in opened} == {body}
    assert not extractable


def pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode()


def test_a_key_manifest_is_verified_as_in_python(js: Js):
    world = World()
    raw = dsse.sign_document(world.key_manifest.document, [world.tenderer])
    given = {
        "raw": raw.decode(),
        "tenderer": pem(world.tenderer.certificate),
        "authority": pem(world.authority.certificate),
        "other": pem(certificate("Register").certificate),
    }

    found = js(
        "const read = (pem) => bs1.readCertificate(bs1.fromPem(pem));"
        "const pems = [given.tenderer, given.authority, given.other];"
        "const [tenderer, authority, other] = await Promise.all(pems.map(read));"
        "const envelope = bs1.decodeEnvelope(bs1.utf8(given.raw)), keys = new Map([[tenderer.sha256, tenderer.key]]);"
        "const payload = await bs1.verify(envelope, bs1.mediaType('key-manifest'), keys);"
        "const altered = { ...envelope, payload: bs1.concat(payload, bs1.utf8(' ')) };"
        "const refused = await bs1.verify(altered, envelope.payloadType, keys).catch((error) => error.code);"
        "return { manifest: bs1.parseKeyManifest(payload), refused, issued: await bs1.isIssuedBy(tenderer, authority),"
        "  foreign: await bs1.isIssuedBy(tenderer, other), until: tenderer.notAfter.toISOString() }",
        given,
    )

    until = world.tenderer.certificate.not_valid_after_utc.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    assert found == {
        "manifest": plain(world.key_manifest.document),
        "refused": "E_MANIFEST_SIG",
        "issued": True,
        "foreign": False,
        "until": until,
    }


@pytest.mark.parametrize(
    ("field", "value"),
    [("suite", "bs2"), ("parts", ()), ("gate", None), ("round", 0), ("trust_anchors", ("A" * 64,))],
)
def test_a_key_manifest_that_does_not_hold_together_is_refused(js: Js, field: str, value: Any):
    broken = plain(World().manifest()) | {field: value}

    code = js("try { bs1.parseKeyManifest(bs1.encode(given)) } catch (error) { return error.code }", broken)

    assert code == "E_SCHEMA"


def test_commitments_are_the_same(js: Js):
    share = bytes(range(33))

    found = js(
        "return bs1.commit(given.ctx, 'custodian:2', bs1.unbase64(given.share))",
        {"ctx": plain(CTX), "share": spelt(share)},
    )

    assert found == capsules.commit(CTX, "custodian:2", share)


@pytest.mark.parametrize(
    ("holder", "changed", "code"),
    [
        ("custodian:1", {}, None),
        ("custodian:1", {"bidder_id": "91371500MA00000012"}, "E_CTX_MISMATCH"),
        ("custodian:1", {"round": 1}, "E_CTX_MISMATCH"),
        ("custodian:2", {}, "E_CTX_MISMATCH"),
    ],
)
def test_a_capsule_made_by_one_is_opened_or_refused_alike_by_the_other(
    js: Js, holder: str, changed: dict[str, Any], code: str | None
):
    identity, recipient = age.generate()
    share = os.urandom(33)
    expected = msgspec.structs.replace(CTX, **changed)
    committed = capsules.commit(CTX, "custodian:1", share)
    here = capsules.build(CTX, "custodian:1", share, recipient, token_bytes=os.urandom)
    given = {
        "ctx": plain(CTX),
        "share": spelt(share),
        "to": recipient,
        "sealed": spelt(here),
        "identity": spelt(identity),
        "expected": {"ctx": plain(expected), "holder": holder, "committed": committed},
    }

    opened, there = js(
        "const opened = await bs1.openCapsule(bs1.unbase64(given.sealed), bs1.unbase64(given.identity), given.expected)"
        ".then(bs1.base64, (error) => error.code);"
        "const made = await bs1.buildCapsule(given.ctx, 'custodian:1', bs1.unbase64(given.share), given.to);"
        "return [opened, bs1.base64(made)]",
        given,
    )

    try:
        opened_here = spelt(
            capsules.open_capsule(
                b64decode(there), identity, ctx=expected, holder=holder, committed=committed
            )
        )
    except capsules.ContextMismatch as error:
        opened_here = error.code
    assert opened == opened_here == (code or spelt(share))


@pytest.mark.parametrize(("k", "n"), [(1, 1), (1, 3), (2, 3), (3, 5), (5, 5)])
def test_shares_of_one_are_combined_by_the_other(js: Js, k: int, n: int):
    secret = os.urandom(32)
    here = shamir.split(secret, k=k, n=n, token_bytes=os.urandom)
    given = {"secret": spelt(secret), "k": k, "n": n, "shares": [spelt(one) for one in here[:k]]}

    there, combined = js(
        "const shares = await bs1.split(bs1.unbase64(given.secret), given.k, given.n);"
        "return [shares.map(bs1.base64), bs1.base64(await bs1.combine(given.shares.map(bs1.unbase64)))]",
        given,
    )

    shares = [b64decode(one) for one in there]
    assert b64decode(combined) == shamir.combine(shares[-k:]) == secret
    assert {len(one) for one in shares} == {33}


def test_padding_and_tree_heads_are_the_same(js: Js):
    lengths = [
        1,
        2,
        3,
        7,
        8,
        9,
        1000,
        65_535,
        65_536,
        65_537,
        1 << 20,
        (1 << 20) + 1,
        123_456_789,
        3 << 30,
        5 << 30,
    ]
    leaves = [f"{n:064x}" for n in range(9)]

    padded, roots, bids = js(
        "return [given.lengths.map(bs1.padme),"
        "  await Promise.all(given.leaves.map((_, n) => bs1.piecesRoot(given.leaves.slice(0, n)))),"
        "  await bs1.bidsRoot(given.leaves.toReversed())]",
        {"lengths": lengths, "leaves": leaves},
    )

    assert padded == [content.padme(length) for length in lengths]
    assert roots == [merkle_root([bytes.fromhex(leaf) for leaf in leaves[:n]]).hex() for n in range(9)]
    assert bids == bids_root(leaves)


FILES = {
    "技术标/施工组织设计.pdf": os.urandom(200_000),
    "技术标/附件/🏗️ 图纸.dwg": b"",
    "b" * 251 + ".pdf": b"long",
    "清" * 85: b"255 bytes of UTF-8",
    "same/name.txt": b"1",
    "other/name.txt": b"2",
}


def test_an_archive_made_in_the_browser_is_read_by_the_strict_reader(js: Js):
    given = {"ctx": plain(CTX), "files": [[name, spelt(data)] for name, data in FILES.items()]}

    length, made = js(
        "const files = given.files.map(([name, data]) => ({ name, body: new Blob([bs1.unbase64(data)]) }));"
        "const laid = bs1.archive(given.ctx, files);"
        "return [laid.length, bs1.base64(new Uint8Array(await new Response(laid.stream()).arrayBuffer()))]",
        given,
    )

    stream = io.BytesIO(b64decode(made))
    members = read_archive(stream, ctx=CTX)
    assert {member.name: read_member(stream, member) for member in members} == FILES
    assert length == len(b64decode(made)) == content.padme(length)


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (["../a"], "name-path"),
        (["/a"], "name-path"),
        (["a//b"], "name-path"),
        (["C:/a"], "name-path"),
        (["a\\b"], "name-sign"),
        (["a\nb"], "name-sign"),
        (["e\u0301"], "name-form"),
        (["a" * 256], "name-long"),
        (["清" * 86], "name-long"),
        (["a/" * 512 + "a"], "name-long"),
        (["a", "a"], "name-double"),
        (["bid-context.json"], "name-double"),
        ([".pad"], "name-double"),
        (["a", "a/b"], "name-folder"),
        (["a/b", "a"], "name-folder"),
    ],
)
def test_names_that_python_refuses_are_refused_before_sealing(js: Js, names: list[str], code: str):
    found = js(
        "const files = given.map((name) => ({ name, body: new Blob([]) }));"
        "try { bs1.checkFiles(files) } catch (error) { return error.code }",
        names,
    )

    assert found == code
    with pytest.raises(BadContent):
        content.check_names([content.CONTEXT_MEMBER, *names, content.PAD_MEMBER])


@pytest.mark.parametrize("size", [0, 1, 65_536, 65_537, 200_000])
def test_a_payload_sealed_by_one_is_opened_by_the_other_and_has_the_profile(js: Js, size: int):
    identity, recipient = age.generate()
    data = os.urandom(size)
    here = age.encrypt_bytes(data, [recipient])
    given = {"data": spelt(data), "to": recipient, "sealed": spelt(here), "identity": spelt(identity)}

    there, opened = js(
        "const body = new Blob([bs1.unbase64(given.data)]).stream();"
        "const sealed = await new Response(await bs1.encryptStream(body, given.to)).arrayBuffer();"
        "return [bs1.base64(new Uint8Array(sealed)),"
        "  bs1.base64(await bs1.decryptBytes(bs1.unbase64(given.sealed), bs1.unbase64(given.identity)))]",
        given,
    )

    sealed = b64decode(there)
    assert age.check_size(age.check_profile(sealed), len(sealed)) == size
    assert age.decrypt_bytes(sealed, [identity]) == b64decode(opened) == data


def test_identities_are_spelt_the_same(js: Js):
    identity, recipient = age.generate()

    found = js(
        "const identity = bs1.unbase64(given);"
        "return [bs1.encodeIdentity(identity), await bs1.recipientOf(identity),"
        "  bs1.base64(bs1.parseIdentity(bs1.encodeIdentity(identity)))]",
        spelt(identity),
    )

    assert found == [age.encode_identity(identity), recipient, spelt(identity)]


def test_digests_of_pieces_are_the_same(js: Js):
    data = os.urandom(1 << 16) * 160  # 10 MiB: one whole piece and a rest
    found = js(
        "const digester = await bs1.Digester.start(), block = bs1.unbase64(given);"
        "for (let n = 0; n < 160; n++) digester.update(block);"
        "return digester.finish()",
        b64encode(data[: 1 << 16]).decode(),
    )

    expected = digests_of(io.BytesIO(data))
    assert len(data) > PIECE_SIZE
    assert (found["size"], found["sha256"], tuple(found["pieces"])) == (
        expected.size,
        expected.sha256,
        expected.pieces,
    )
    assert found["piecesRoot"] == expected.pieces_root


@pytest.mark.parametrize("share", [False, True])
def test_a_bid_sealed_in_python_is_checked_and_recovered_in_the_browser(js: Js, tmp_path: Path, share: bool):
    world = World(bidder_share=share)
    bid = world.seal(tmp_path / "sealed")
    given = {
        "envelope": bid.envelope.decode(),
        "rules": spelt(world.key_manifest.payload),
        "digest": world.key_manifest.sha256,
        "recovery": spelt(bid.recovery.read_bytes()),
        "passphrase": PASSPHRASE,
    }

    manifest, digest, kept = js(
        "const { payload } = bs1.decodeEnvelope(bs1.utf8(given.envelope)), bid = bs1.parseBidManifest(payload);"
        "bs1.checkBid(bid, bs1.parseKeyManifest(bs1.unbase64(given.rules)), given.digest);"
        "return [bid, await bs1.sha256Hex(payload),"
        "  await bs1.readRecovery(bs1.unbase64(given.recovery), given.passphrase)]",
        given,
    )

    assert manifest == plain(bid.manifest)
    assert digest == bid.manifest_sha256
    assert kept == plain(recovery.read(bid.recovery.read_bytes(), PASSPHRASE))


@pytest.mark.parametrize("share", [False, True])
def test_keys_dealt_in_the_browser_combine_in_python(js: Js, share: bool):
    world = World(bidder_share=share)

    identity, recipient, shares = js(
        "const dealt = await bs1.deal(bs1.parseKeyManifest(bs1.unbase64(given)));"
        "return [bs1.base64(dealt.identity), dealt.recipient,"
        "  Object.fromEntries([...dealt.shares].map(([holder, one]) => [holder, bs1.base64(one)]))]",
        spelt(world.key_manifest.payload),
    )

    held = {holder: b64decode(one) for holder, one in shares.items()}
    q = shamir.combine([held["custodian:3"], held["custodian:1"]])
    assert list(held) == manifests.holders(world.key_manifest.document)
    assert capsules.xor(q, held["gate"], held.get("bidder", bytes(32))) == b64decode(identity)
    assert age.recipient_of(b64decode(identity)) == recipient
    assert manifests.recipient_of_holder(world.key_manifest.document, "gate", STAGE) == world.gate_recipient


def test_a_recovery_file_of_the_browser_is_read_in_python(js: Js, tmp_path: Path):
    bid = World(bidder_share=True).seal(tmp_path / "sealed")
    kept = recovery.read(bid.recovery.read_bytes(), PASSPHRASE)

    made = js(
        "return bs1.base64(await bs1.writeRecovery(given.kept, given.passphrase, 4))",
        {"kept": plain(kept), "passphrase": PASSPHRASE},
    )

    assert recovery.read(b64decode(made), PASSPHRASE) == kept


@pytest.mark.parametrize(
    "typed",
    [
        {"price": "1,234,567.89", "days": "180", "manager": " 张工 ", "start": "2026-12-01"},
        {"price": "9800000", "days": "0"},
    ],
)
def test_answers_typed_in_the_browser_are_the_summary_that_python_writes(js: Js, typed: dict[str, str]):
    made = js(
        "const answers = new Map();"
        "for (const field of given.fields) {"
        "  const { value } = bs1.readAnswer(field, given.typed[field.id] ?? '');"
        "  if (value !== null) answers.set(field.id, value);"
        "}"
        "return bs1.base64(bs1.writeSummary(given.fields, answers))",
        {"fields": FIELDS, "typed": typed},
    )

    read = summary.read(FORM, b64decode(made))
    assert read["price"] == round(float(typed["price"].replace(",", "")) * 100)
    assert list(read) == [field.id for field in FORM.fields if field.id in typed]


@pytest.mark.parametrize(
    ("field", "typed", "fault"),
    [
        ("price", "", "missing"),
        ("price", "12.345", "money"),
        ("price", "1,23", "money"),
        ("price", "-1", "money"),
        ("price", "99999999999999", "large"),
        ("days", "3651", "large"),
        ("days", "1.5", "number"),
        ("manager", "长" * 41, "long"),
        ("manager", "a\tb", "signs"),
        ("start", "2026-02-30", "date"),
    ],
)
def test_a_wrong_answer_is_named(js: Js, field: str, typed: str, fault: str):
    found = js(
        "return bs1.readAnswer(given.field, given.typed)",
        {"field": next(one for one in FIELDS if one["id"] == field), "typed": typed},
    )

    assert found == {"fault": fault}


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (0, "零元整"),
        (1, "壹分"),
        (50, "伍角整"),
        (1_00, "壹元整"),
        (10_05, "壹拾元零伍分"),
        (10_50, "壹拾元零伍角整"),
        (1_001_00, "壹仟零壹元整"),
        (10_001_00, "壹万零壹元整"),
        (1_234_567_89, "壹佰贰拾叁万肆仟伍佰陆拾柒元捌角玖分"),
        (9_800_000_00, "玖佰捌拾万元整"),
        (100_000_005_00, "壹亿零伍元整"),
        (100_020_000_00, "壹亿零贰万元整"),
        (1_000_000_000_000_00, "壹兆元整"),
    ],
)
def test_amounts_are_spelt_in_capitals(js: Js, amount: int, words: str):
    ways = [words, f"人民币{words.replace('元', '圆')}", words.replace("整", "正"), words.replace("零", "")]

    assert js("return bs1.capitals(given)", amount) == words
    if amount:
        fits = "return given.ways.map((way) => bs1.capitalsFit(given.amount, way))"
        assert js(fits, {"amount": amount, "ways": [*ways, words + "壹"]}) == [True] * 4 + [False]
