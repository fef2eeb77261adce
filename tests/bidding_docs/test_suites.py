"""What every suite promises, held against each of them, and that no suite takes what is another's."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from bid_factories import World
from msgspec.structs import replace

from bidding_docs import manifests, suites
from bidding_docs.capsules import Context
from bidding_docs.codes import BadSchema, SealProblem, Unreadable, WrongKeyManifest, WrongSize
from bidding_docs.encoding import encode
from bidding_docs.opening import place_in
from bidding_docs.placed import HEAD
from bidding_docs.suites import Suite

CHUNKS = (16 * 1024, 64 * 1024)
SIZES = (0, 1, *(chunk + step for chunk in CHUNKS for step in (-1, 0, 1)), 16 * 16 * 1024, 3_000_001)
BOTH = pytest.mark.parametrize("suite", [suites.get("bs1"), suites.get("bs1-sm")], ids=["bs1", "bs1-sm"])
CONTEXT = b'{"part_id":"summary"}'
CTX = Context(
    tender_id="t",
    lot_id="l",
    round=1,
    key_manifest_sha256="0" * 64,
    bidder_id="91330000MA00000001",
    part_id="technical",
    recipient="",
)


def _sealed(suite: Suite, plain: bytes, recipient: str, context: bytes = CONTEXT) -> bytes:
    out = io.BytesIO()
    suite.seal_payload(io.BytesIO(plain), out, recipient, context=context, token_bytes=os.urandom)
    return out.getvalue()


def _opened(suite: Suite, sealed: bytes, identity: bytes, context: bytes = CONTEXT) -> bytes:
    out = io.BytesIO()
    suite.open_payload(io.BytesIO(sealed), out, identity, context=context)
    return out.getvalue()


@BOTH
@pytest.mark.parametrize("size", SIZES)
def test_what_is_sealed_is_opened_and_its_length_told_without_keys(suite: Suite, size: int) -> None:
    identity, recipient = suite.generate()
    plain = os.urandom(size)

    sealed = _sealed(suite, plain, recipient)

    assert suite.check_payload(sealed[:512], len(sealed)) == size
    assert _opened(suite, sealed, identity) == plain


@BOTH
@pytest.mark.parametrize("size", SIZES)
def test_a_part_is_read_from_any_place_like_a_file(suite: Suite, size: int) -> None:
    identity, recipient = suite.generate()
    plain, ctx = os.urandom(size), replace(CTX, recipient=recipient)
    sealed = _sealed(suite, plain, recipient, encode(ctx))
    asked: list[int] = []

    def fetch(start: int, length: int) -> bytes:
        asked.append(length)
        return sealed[start : start + length]

    placed = place_in(fetch, len(sealed), identity, ctx=ctx)
    for start in (0, 1, size // 2, max(0, size - 3), size, size + 5):
        for length in (0, 1, 100, CHUNKS[0], size + 1):
            placed.seek(start)
            assert placed.read(length) == plain[start : start + length]
    assert placed.seek(-size, os.SEEK_END) == 0
    asked.clear()
    placed.seek(size // 2)
    placed.read(1)
    assert sum(asked) <= CHUNKS[1] + 16


@BOTH
def test_a_chunk_that_was_altered_moved_or_cut_is_not_read(suite: Suite) -> None:
    identity, recipient = suite.generate()
    ctx = replace(CTX, recipient=recipient)
    sealed = bytearray(_sealed(suite, os.urandom(200_000), recipient, encode(ctx)))
    end = len(sealed)
    moved, cut = bytearray(sealed), sealed[: end - 40_000]
    chunks = suite.chunks(bytes(sealed[:HEAD]), end, identity, context=encode(ctx))
    one, two = (chunks.start + n * chunks.sealed for n in (0, 1))
    moved[one:two], moved[two : 2 * two - one] = sealed[two : 2 * two - one], sealed[one:two]
    sealed[one + 5] ^= 1

    for data in (sealed, moved, cut):
        bad = bytes(data)
        with pytest.raises(SealProblem, match="E_PAYLOAD"):
            place_in(
                lambda start, length, bad=bad: bad[start : start + length],  # type: ignore[misc]
                end,
                identity,
                ctx=ctx,
            ).read(200_000)


@BOTH
def test_no_altered_cut_or_prolonged_file_gives_its_plaintext(suite: Suite) -> None:
    identity, recipient = suite.generate()
    sealed = _sealed(suite, bytes(40_000), recipient)
    ends = (len(sealed) - 1, len(sealed) - 17, 16_384 + 300, 300, 100, 3)
    flipped = [bytearray(sealed) for _ in range(0, len(sealed), 997)]
    for place, copy in enumerate(flipped):
        copy[place * 997] ^= 1

    for altered in [*flipped, *(sealed[:end] for end in ends), sealed + b"\x00", sealed + sealed[-17:]]:
        with pytest.raises(Unreadable):
            _opened(suite, bytes(altered), identity)


@BOTH
def test_another_identity_opens_neither_payload_nor_capsule(suite: Suite) -> None:
    (_, recipient), (other, _) = suite.generate(), suite.generate()

    with pytest.raises(Unreadable):
        _opened(suite, _sealed(suite, b"price", recipient), other)
    with pytest.raises(Unreadable):
        suite.unwrap_share(suite.wrap_share(b"share", recipient), other)


@BOTH
def test_a_proof_opens_the_one_capsule_it_is_of(suite: Suite) -> None:
    identity, recipient = suite.generate()
    first, second = (suite.wrap_share(body, recipient) for body in (b"first", b"second"))

    proof = suite.prove_share(first, identity)

    assert (len(proof), suite.unwrap_proven(first, proof)) == (16, b"first")
    with pytest.raises(Unreadable):
        suite.unwrap_proven(second, proof)
    with pytest.raises((Unreadable, ValueError)):
        suite.unwrap_proven(first, proof[:-1])


@BOTH
def test_identities_are_written_and_read_and_belong_to_their_recipient(suite: Suite) -> None:
    identity, recipient = suite.generate()

    assert suite.parse_identity(suite.encode_identity(identity)) == identity
    assert suite.recipient_of(identity) == recipient
    assert suites.of_recipient(recipient).id == suite.id
    suite.check_recipient(recipient)


@BOTH
def test_what_belongs_to_the_other_suite_is_refused(suite: Suite) -> None:
    other = suites.get("bs1-sm" if suite.id == "bs1" else "bs1")
    identity, recipient = other.generate()

    with pytest.raises(ValueError):
        suite.check_recipient(recipient)
    with pytest.raises(ValueError):
        suite.parse_identity(other.encode_identity(identity))
    sealed = _sealed(other, b"price", recipient)
    with pytest.raises(SealProblem, match="E_AGE_HEADER"):
        suite.check_payload(sealed[:512], len(sealed))
    with pytest.raises(Unreadable):
        _opened(suite, sealed, identity)


@BOTH
@pytest.mark.parametrize("cut", [1, 16, 17, 200])
def test_a_size_that_no_file_has_is_refused_without_keys(suite: Suite, cut: int) -> None:
    sealed = _sealed(suite, b"", suite.generate()[1])

    with pytest.raises(WrongSize):
        suite.check_payload(sealed[:512], len(sealed) - cut)


def test_a_national_payload_opens_in_its_own_context_only() -> None:
    suite = suites.get("bs1-sm")
    identity, recipient = suite.generate()
    sealed = _sealed(suite, b"price", recipient)

    with pytest.raises(Unreadable, match="another context"):
        _opened(suite, sealed, identity, context=CONTEXT.replace(b"summary", b"deposit"))


@pytest.mark.parametrize("secret", [bytes(32), b"\xff" * 32, bytes(31), bytes(31) + b"\x00"])
def test_a_number_that_is_no_sm2_secret_has_no_recipient(secret: bytes) -> None:
    with pytest.raises(ValueError):
        suites.get("bs1-sm").recipient_of(secret)


def test_a_manifest_names_a_known_suite_and_recipients_of_that_suite() -> None:
    payload = World().key_manifest.payload

    for suite in (b'"bs1-sm"', b'"bs2"', b'""'):
        with pytest.raises(BadSchema):
            manifests.parse(payload.replace(b'"bs1"', suite), manifests.KeyManifest)


def test_a_bid_of_another_suite_than_its_key_manifests_is_refused(tmp_path: Path) -> None:
    world = World()
    bid = world.seal(tmp_path / "bid").manifest

    with pytest.raises(WrongKeyManifest, match="suite differs"):
        manifests.check_bid(
            replace(bid, suite="bs1-sm"), world.key_manifest.document, world.key_manifest.sha256
        )


def test_without_the_extra_the_suite_is_refused_and_names_it() -> None:
    """In a process that cannot import GmSSL; everything of bs1 works there."""
    program = (
        "import sys; sys.modules['gmssl_pyx'] = None\n"
        "from bidding_docs import suites\n"
        "from govcore import sm2\n"
        "print(suites.get('bs1').generate()[1][:4])\n"
        "try:\n    suites.get('bs1-sm')\nexcept sm2.SmMissing as problem:\n    print(problem)\n"
    )

    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)

    assert done.stdout.splitlines()[0] == "age1"
    assert done.stdout.splitlines()[1].startswith("E_SUITE: ")
    assert "public-resource-trading[sm]" in done.stdout
