"""The CCTV vectors of age that are unarmored and have an X25519 identity; they lie beside the repository."""

from __future__ import annotations

import hashlib
import io
import zlib
from dataclasses import dataclass
from pathlib import Path

import pytest

from bidding_docs import age
from bidding_docs.codes import AgeProfile

FOLDER = Path(__file__).resolve().parents[2].parent / "shared" / "vectors" / "age"
FAILURES = {
    "no match": age.NoMatch,
    "HMAC failure": age.HmacError,
    "header failure": age.HeaderError,
    "payload failure": age.PayloadError,
}

needs_vectors = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="the age test vectors are not beside the repository"
)


@dataclass(frozen=True)
class Vector:
    name: str
    expect: str
    payload: str | None
    identities: list[str]
    armored: bool
    body: bytes


def read(path: Path) -> Vector:
    head, _, body = path.read_bytes().partition(b"\n\n")
    fields = [line.split(": ", 1) for line in head.decode().splitlines()]
    single = dict(fields)
    return Vector(
        name=path.name,
        expect=single["expect"],
        payload=single.get("payload"),
        identities=[value for key, value in fields if key == "identity"],
        armored=single.get("armored") == "yes",
        body=zlib.decompress(body) if single.get("compressed") == "zlib" else body,
    )


def chosen() -> list[Vector]:
    vectors = [read(path) for path in sorted(FOLDER.iterdir())] if FOLDER.is_dir() else []
    return [
        vector
        for vector in vectors
        if not vector.armored and any(item.startswith("AGE-SECRET-KEY-1") for item in vector.identities)
    ]


@needs_vectors
def test_all_thirty_six_vectors_are_taken() -> None:
    assert len(chosen()) == 36


@needs_vectors
@pytest.mark.parametrize("vector", chosen(), ids=lambda vector: vector.name)
def test_a_vector_ends_as_it_says(vector: Vector) -> None:
    identities = [item for item in vector.identities if item.startswith("AGE-SECRET-KEY-1")]
    released = io.BytesIO()

    if vector.expect == "success":
        age.decrypt(io.BytesIO(vector.body), released, identities)
    else:
        with pytest.raises(FAILURES[vector.expect]) as caught:
            age.decrypt(io.BytesIO(vector.body), released, identities)
        assert caught.type is FAILURES[vector.expect]

    digest = hashlib.sha256(released.getvalue()).hexdigest()
    assert digest == (vector.payload or hashlib.sha256(b"").hexdigest())


@needs_vectors
@pytest.mark.parametrize("name", ["x25519_grease", "x25519_multiple_recipients"])
def test_the_profile_refuses_more_than_one_stanza(name: str) -> None:
    with pytest.raises(AgeProfile) as caught:
        age.check_profile(read(FOLDER / name).body)

    assert caught.value.code == "E_AGE_HEADER"


@needs_vectors
def test_the_profile_takes_a_plain_file_and_tells_its_header_and_plaintext_length() -> None:
    body = read(FOLDER / "stream_three_chunks").body

    header = age.check_profile(body)

    assert body[:header].endswith(b"\n")
    assert 2 * 65536 < age.check_size(header, len(body)) <= 3 * 65536
