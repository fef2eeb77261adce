"""Stored bytes that were altered, cut, spliced, reordered or mixed: each gives its code, never a piece of plaintext."""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

import msgspec
import pytest
from bid_factories import FORM, STAGE, World
from opening_factories import context, key_of, part_of

from bidding_docs import age, dsse, opening
from bidding_docs.codes import (
    CODES,
    AgeProfile,
    BadContent,
    BadPayload,
    ContextMismatch,
    SealProblem,
    StoreHash,
    WrongSize,
)
from bidding_docs.encoding import encode, sha256_hex
from bidding_docs.manifests import BidManifest
from bidding_docs.pieces import check_stored
from bidding_docs.sealing import SealedBid
from bidding_docs.signing import keys_by_id
from govcore.errors import Problem

FLIPS = 1000
CHUNK = 65536 + 16
CANARY = "临湖标底一百二十三万".encode()


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def large(world: World, tmp_path: Path) -> SealedBid:
    """A bid whose technical part has several chunks, with a canary in each."""
    plan = tmp_path / "plan"
    plan.write_bytes((CANARY + os.urandom(4000)) * 60)
    return world.seal(tmp_path / "bid", files=[("plan", plan)])


@dataclass(frozen=True)
class Stored:
    """One stored object of a bid: a part, a holder's capsule of a part, or the signed manifest."""

    data: bytes
    part: str = ""
    holder: str = ""


def stored_objects(bid: SealedBid) -> list[Stored]:
    parts = [Stored(path.read_bytes(), part) for part, path in bid.parts.items()]
    held = [
        Stored(path.read_bytes(), part, holder)
        for (part, holder), path in bid.capsules.items()
        if holder == "custodian:1"
    ]
    return [*parts, *held, Stored(bid.envelope)]


def flipped(data: bytes, random: Random) -> bytes:
    place = random.randrange(len(data) * 8)
    changed = bytearray(data)
    changed[place // 8] ^= 1 << (place % 8)
    return bytes(changed)


def opened_despite(
    world: World, bid: SealedBid, one: Stored, data: bytes, keys: dict[str, bytes]
) -> set[str]:
    """The codes that stop whoever reads the object: by its hash, and, were that signed too, by its content."""
    if one.holder:
        return _capsule_codes(world, bid, one, data)
    if one.part:
        return _part_codes(bid, one, data, keys[one.part])
    return _manifest_codes(world, bid, data)


def _capsule_codes(world: World, bid: SealedBid, one: Stored, data: bytes) -> set[str]:
    closed = world.closed(bid, one.holder)
    changed = replace(closed, capsules={**closed.capsules, one.part: data})
    release = opening.open_custodian_capsules(
        world.closing([bid.envelope]), [changed], index=1, opens=STAGE, identity=world.custodians[1][0]
    )
    (kept_back,) = [item for item in release.releases if item.part == one.part]
    assert kept_back.share is msgspec.UNSET
    with pytest.raises(age.AgeError):
        age.decrypt_bytes(data, [world.custodians[1][0]])
    return {str(kept_back.refused)}


def _part_codes(bid: SealedBid, one: Stored, data: bytes, key: bytes) -> set[str]:
    with pytest.raises(StoreHash) as by_hash:
        check_stored(io.BytesIO(data), part_of(bid, one.part))
    plain = io.BytesIO()
    with pytest.raises(BadPayload) as by_content:
        opening.decrypt(io.BytesIO(data), plain, key, ctx=context(bid, one.part))
    folder = bid.folder.parent / "flipped"
    with pytest.raises(BadPayload):
        opening.open_part(io.BytesIO(data), key, ctx=context(bid, one.part), extract_to=folder)
    assert list(folder.iterdir()) == []
    return {by_hash.value.code, by_content.value.code}


def _manifest_codes(world: World, bid: SealedBid, data: bytes) -> set[str]:
    keys = keys_by_id([world.signers[bid.folder].certificate])
    try:
        found = dsse.open_document(data, BidManifest, keys)
    except Problem as problem:
        return {problem.code}
    # Base64's last sign has bits that say nothing: whoever flips one of these changed no byte of the document.
    assert found.sha256 == bid.manifest_sha256
    return {"unchanged"}


def test_a_thousand_flipped_bits_each_give_their_code_and_no_plaintext(
    world: World, large: SealedBid
) -> None:
    random, objects = Random(20261201), stored_objects(large)
    keys = {part: key_of(world, large, part) for part in large.parts}
    seen: Counter[tuple[str, str]] = Counter()

    for n in range(FLIPS):
        one = objects[n % len(objects)]
        kind = "capsule" if one.holder else "part" if one.part else "manifest"
        for code in opened_despite(world, large, one, flipped(one.data, random), keys):
            seen[kind, code] += 1

    assert {code for kind, code in seen if kind == "part"} == {"E_STORE_HASH", "E_PAYLOAD"}
    assert {code for kind, code in seen if kind == "capsule"} == {"E_STORE_HASH"}
    manifest = {code for kind, code in seen if kind == "manifest"} - {"unchanged"}
    assert manifest <= {"E_SCHEMA", "E_MANIFEST_SIG", "E_CERT"} & set(CODES)
    assert seen["part", "E_PAYLOAD"] == seen["part", "E_STORE_HASH"]


def test_chunks_that_were_cut_spliced_or_reordered_open_nothing(world: World, large: SealedBid) -> None:
    data, key = large.parts["technical"].read_bytes(), key_of(world, large, "technical")
    start = age.check_profile(data[:512]) + 16
    first, second, rest = data[:start], data[start : start + CHUNK], data[start + CHUNK :]
    attacks = {
        "truncated": data[:-1],
        "whole chunk cut": data[: start + CHUNK],
        "reordered": first + rest[:CHUNK] + second + rest[CHUNK:],
        "doubled": first + second + second + rest,
        "appended": data + data[-40:],
    }

    for name, attack in attacks.items():
        with pytest.raises(BadPayload):
            opening.decrypt(io.BytesIO(attack), io.BytesIO(), key, ctx=context(large, "technical"))
        assert name


def test_a_second_stanza_and_an_oversized_header_are_refused_without_keys(
    world: World, large: SealedBid
) -> None:
    recipient = part_of(large, "summary").recipient
    two = age.encrypt_bytes(b"x" * 100, [recipient, age.generate()[1]])
    many = age.encrypt_bytes(b"x" * 100, [recipient] * 40)
    good = age.encrypt_bytes(b"x" * 100, [recipient])

    for attack in (two, many, b"not sealed at all" * 10):
        with pytest.raises(AgeProfile):
            age.check_profile(attack[:512])
    head = age.check_profile(good[:512])
    with pytest.raises(WrongSize):
        age.check_size(head, head + 16 + 5)


def test_an_archive_with_two_truths_shows_none(world: World, large: SealedBid) -> None:
    ctx, key = context(large, "summary"), key_of(world, large, "summary")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as written:
        written.writestr("bid-context.json", encode(ctx))
        written.writestr("summary.json", b'{"price":100,"days":180}')
        with pytest.warns(UserWarning, match="Duplicate"):
            written.writestr("summary.json", b'{"price":200,"days":180}')
    hidden = bytearray(archive.getvalue())
    hidden[hidden.index(b'"price":100') : hidden.index(b'"price":100') + 11] = b'"price":999'

    for attack in (archive.getvalue(), bytes(hidden), b"PK\x05\x06" + archive.getvalue()):
        sealed = age.encrypt_bytes(attack, [ctx.recipient])
        with pytest.raises(BadContent):
            opening.read_summary(io.BytesIO(sealed), key, ctx=ctx, form=FORM)


def test_no_hash_of_plaintext_is_stored_or_signed_anywhere(world: World, tmp_path: Path) -> None:
    plan = tmp_path / "plan"
    plan.write_bytes(CANARY * 10)
    bid = world.seal(tmp_path / "bid", files=[("plan", plan)], price=123_456_700)
    with bid.parts["summary"].open("rb") as sealed:
        plain = io.BytesIO()
        opening.decrypt(sealed, plain, key_of(world, bid, "summary"), ctx=context(bid, "summary"))
    guessed = [plan.read_bytes(), plain.getvalue(), b'{"price":123456700,"days":180}', b"123456700"]
    digests = [hashlib.new(name, one) for one in guessed for name in ("sha256", "sha512", "sha1", "md5")]

    written = b"".join(path.read_bytes() for path in sorted(bid.folder.iterdir()))
    written += dsse.Envelope.decode(bid.envelope).payload

    assert not any(one.hexdigest().encode() in written or one.digest() in written for one in digests)
    assert sha256_hex(bid.parts["summary"].read_bytes()).encode() in written


def test_two_bids_mixed_by_the_store_are_seen_by_their_hashes(world: World, tmp_path: Path) -> None:
    one, other = world.seal(tmp_path / "one"), world.seal(tmp_path / "other", bidder="B2")

    for part in one.manifest.parts:
        with other.parts[part.id].open("rb") as swapped, pytest.raises(SealProblem) as caught:
            check_stored(swapped, part)
        assert (caught.value.code, caught.value.fault) == ("E_STORE_HASH", "platform")


def test_altered_stored_bytes_are_the_platforms_fault(world: World, tmp_path: Path) -> None:
    bid = world.seal(tmp_path / "bid")
    data = bytearray(bid.parts["summary"].read_bytes())
    data[-1] ^= 1

    with pytest.raises(StoreHash) as caught:
        check_stored(io.BytesIO(data), part_of(bid, "summary"))

    assert caught.value.fault == "platform"


def test_cut_and_mixed_payloads_leave_no_file_behind(world: World, tmp_path: Path) -> None:
    big = tmp_path / "big"
    big.write_bytes(os.urandom(300_000))
    bid = world.seal(tmp_path / "bid", files=[("big", big)])
    other = world.seal(tmp_path / "other", bidder="B2", files=[("big", big)])
    identity, ctx = key_of(world, bid, "technical"), context(bid, "technical")
    data, strange = bid.parts["technical"].read_bytes(), other.parts["technical"].read_bytes()
    attacks = [data[:-1], data[:-65552], data[:200_000] + strange[200_000:], strange]

    for place, attack in enumerate(attacks):
        with pytest.raises(BadPayload) as caught:
            opening.open_part(io.BytesIO(attack), identity, ctx=ctx, extract_to=tmp_path / f"out{place}")
        assert caught.value.data["part"] == "technical"
        assert list((tmp_path / f"out{place}").iterdir()) == []


def test_a_payload_of_another_lot_under_the_right_key_is_refused(world: World, tmp_path: Path) -> None:
    bid = world.seal(tmp_path / "bid")
    identity = key_of(world, bid, "summary")
    elsewhere = msgspec.structs.replace(context(bid, "summary"), lot_id="lot-2")

    with bid.parts["summary"].open("rb") as sealed, pytest.raises(ContextMismatch):
        opening.read_summary(sealed, identity, ctx=elsewhere, form=FORM)
    not_an_archive = age.encrypt_bytes(b"price 1", [context(bid, "summary").recipient])
    with pytest.raises(BadContent):
        opening.read_summary(io.BytesIO(not_an_archive), identity, ctx=context(bid, "summary"), form=FORM)
