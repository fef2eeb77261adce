"""age: stock interoperability, strictness, the profile, and a pipeline that stops cleanly."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import subprocess
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bidding_docs import age
from bidding_docs.age_stream import CHUNK, SEALED_CHUNK
from bidding_docs.codes import AgeProfile, WrongSize

BATCH = 16 * CHUNK
SIZES = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, BATCH - 1, BATCH, BATCH + 1, 5 * BATCH, 5 * BATCH + 17]

needs_age = pytest.mark.skipif(
    shutil.which("age") is None and "CI" not in os.environ, reason="the age command is not installed"
)


@pytest.mark.parametrize("size", SIZES)
def test_what_is_sealed_opens_again_at_every_chunk_border(size: int) -> None:
    identity, recipient = age.generate()
    plain = os.urandom(size)

    sealed = age.encrypt_bytes(plain, [recipient])

    assert age.decrypt_bytes(sealed, [identity]) == plain
    assert age.check_size(age.check_profile(sealed[:600]), len(sealed)) == size


@needs_age
@pytest.mark.parametrize("size", [0, CHUNK, BATCH + 5])
def test_the_stock_command_opens_our_files_and_we_open_its(size: int, tmp_path: Path) -> None:
    identity, recipient = age.generate()
    plain = os.urandom(size)
    (tmp_path / "key").write_text(age.encode_identity(identity) + "\n")
    (tmp_path / "ours.age").write_bytes(age.encrypt_bytes(plain, [recipient]))

    opened = subprocess.run(
        ["age", "-d", "-i", tmp_path / "key", tmp_path / "ours.age"], capture_output=True, check=True
    )
    theirs = subprocess.run(["age", "-r", recipient], input=plain, capture_output=True, check=True)

    assert opened.stdout == plain
    assert age.decrypt_bytes(theirs.stdout, [age.encode_identity(identity)]) == plain


def test_every_recipient_opens_alone_and_a_stranger_does_not() -> None:
    first, second, stranger = age.generate(), age.generate(), age.generate()
    sealed = age.encrypt_bytes(b"price", [first[1], second[1]])

    assert age.decrypt_bytes(sealed, [stranger[0], first[0]]) == b"price"
    assert age.decrypt_bytes(sealed, [second[0]]) == b"price"
    with pytest.raises(age.NoMatch):
        age.decrypt_bytes(sealed, [stranger[0]])
    with pytest.raises(AgeProfile):
        age.check_profile(sealed)


def test_a_passphrase_opens_and_a_wrong_one_does_not() -> None:
    sealed = age.encrypt_bytes_with_passphrase(b"keys", "口令 one", work_factor=2)

    assert age.decrypt_bytes_with_passphrase(sealed, "口令 one") == b"keys"
    with pytest.raises(age.NoMatch):
        age.decrypt_bytes_with_passphrase(sealed, "口令 two")
    with pytest.raises(age.NoMatch):
        age.decrypt_bytes_with_passphrase(age.encrypt_bytes(b"", [age.generate()[1]]), "口令 one")


def test_a_work_factor_above_twenty_is_refused_before_it_costs_anything() -> None:
    sealed = age.encrypt_bytes_with_passphrase(b"keys", "one", work_factor=2)
    dear = sealed.replace(b" 2\n", b" 21\n", 1)

    with pytest.raises(age.HeaderError):
        age.decrypt_bytes_with_passphrase(dear, "one")


def test_identities_and_recipients_survive_their_text_and_mistyped_ones_do_not() -> None:
    identity, recipient = age.generate()
    text = age.encode_identity(identity)

    assert age.parse_identity(text) == identity
    assert age.parse_recipient(recipient) == age.parse_recipient(age.recipient_of(identity))
    mistyped = text[:30] + ("Q" if text[30] != "Q" else "P") + text[31:]
    for wrong in (text.lower(), text[:-1], recipient, mistyped, "a" + text[1:]):
        with pytest.raises(ValueError, match=r".+"):
            age.parse_identity(wrong)


@settings(max_examples=60)
@given(st.data())
def test_no_altered_byte_goes_unnoticed(data: st.DataObject) -> None:
    identity, recipient = age.generate()
    plain = data.draw(st.binary(max_size=300))
    sealed = bytearray(age.encrypt_bytes(plain, [recipient]))
    place = data.draw(st.integers(0, len(sealed) - 1))
    sealed[place] ^= data.draw(st.integers(1, 255))

    with pytest.raises(age.AgeError):
        age.decrypt_bytes(bytes(sealed), [identity])


def test_cut_reordered_repeated_and_spliced_chunks_are_refused_and_release_a_true_beginning() -> None:
    identity, recipient = age.generate()
    plain = os.urandom(40 * CHUNK + 5)
    sealed, other = age.encrypt_bytes(plain, [recipient]), age.encrypt_bytes(plain, [recipient])
    start = age.check_profile(sealed[:512]) + 16
    chunks = [sealed[place : place + SEALED_CHUNK] for place in range(start, len(sealed), SEALED_CHUNK)]
    strange = other[start + SEALED_CHUNK : start + 2 * SEALED_CHUNK]
    broken = {
        "cut": chunks[:-1],
        "cut inside": [*chunks[:-1], chunks[-1][:-1]],
        "reordered": [*chunks[:20], chunks[21], chunks[20], *chunks[22:]],
        "repeated": [*chunks[:20], *chunks[19:]],
        "spliced": [chunks[0], strange, *chunks[2:]],
        "prolonged": [*chunks, chunks[-1]],
    }

    for name, parts in broken.items():
        released = io.BytesIO()
        with pytest.raises(age.PayloadError):
            age.decrypt(io.BytesIO(sealed[:start] + b"".join(parts)), released, [identity])
        assert plain.startswith(released.getvalue()), name


def test_an_oversized_header_is_outside_the_profile_and_an_endless_one_is_refused() -> None:
    _, recipient = age.generate()
    sealed = age.encrypt_bytes(b"", [recipient])
    long = sealed.replace(b"-> X25519", b"-> " + b"a" * 600 + b" b\n\n-> X25519", 1)

    with pytest.raises(AgeProfile):
        age.check_profile(long)
    with pytest.raises(AgeProfile):
        age.check_profile(b"%PDF-1.7 not sealed at all\n")
    with pytest.raises(age.HeaderError):
        age.decrypt_bytes(b"age-encryption.org/v1\n-> a\n" + b"A" * 64 + (b"\n" + b"A" * 64) * 20_000, [])


@pytest.mark.parametrize("payload", [-1, 0, 15, 65552 + 1, 65552 + 15, 65552 + 16])
def test_sizes_that_no_payload_has_are_refused(payload: int) -> None:
    with pytest.raises(WrongSize):
        age.check_size(200, 200 + 16 + payload)


@pytest.mark.parametrize(
    ("payload", "plain"), [(16, 0), (17, 1), (65551, 65535), (65552, 65536), (65552 + 17, 65537)]
)
def test_sizes_of_payloads_tell_the_length_of_the_plaintext(payload: int, plain: int) -> None:
    assert age.check_size(200, 200 + 16 + payload) == plain


class Broken(io.RawIOBase):
    """A stream that fails after some bytes, like a full disk or a lost share."""

    def __init__(self, good: int) -> None:
        self._left = good

    def readinto(self, target: memoryview) -> int:  # type: ignore[override]
        return self._take(len(target))

    def write(self, data: memoryview) -> int:  # type: ignore[override]
        return self._take(len(data))

    def _take(self, size: int) -> int:
        self._left -= size
        if self._left < 0:
            raise OSError("no space left")
        return size


def test_a_failing_disk_ends_all_threads_and_shows_its_own_error() -> None:
    _, recipient = age.generate()
    before = threading.active_count()

    with pytest.raises(OSError, match="no space left"):
        age.encrypt(io.BytesIO(bytes(20 * BATCH)), Broken(3 * BATCH), [recipient])
    with pytest.raises(OSError, match="no space left"):
        age.encrypt(Broken(3 * BATCH), io.BytesIO(), [recipient])

    assert threading.active_count() == before


class Dribble(io.RawIOBase):
    """A pipe that gives and takes a few bytes at a time."""

    def __init__(self, data: bytes = b"") -> None:
        self._data = io.BytesIO(data)
        self.taken = bytearray()

    def read(self, size: int = -1) -> bytes:
        return self._data.read(min(size, 70_001))

    readinto = None  # type: ignore[assignment]

    def write(self, data: memoryview) -> int:  # type: ignore[override]
        self.taken += data[:65_521]
        return min(len(data), 65_521)


def test_short_reads_and_short_writes_change_nothing() -> None:
    identity, recipient = age.generate()
    plain = os.urandom(3 * BATCH + 7)
    sealed = Dribble()

    age.encrypt(Dribble(plain), sealed, [recipient])
    opened = Dribble()
    age.decrypt(Dribble(bytes(sealed.taken)), opened, [identity])

    assert hashlib.sha256(opened.taken).digest() == hashlib.sha256(plain).digest()


def test_the_file_key_opens_its_own_file_and_no_other() -> None:
    identity, recipient = age.generate()
    first, second = age.encrypt_bytes(b"one", [recipient]), age.encrypt_bytes(b"two", [recipient])

    proof = age.file_key_of(first, identity)

    assert age.decrypt_bytes_with_file_key(first, proof) == b"one"
    with pytest.raises(age.HmacError):
        age.decrypt_bytes_with_file_key(second, proof)
