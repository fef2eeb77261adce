"""Suite bs1-sm against the published vectors, and against OpenSSL, which opens a sealed file step by step."""

from __future__ import annotations

import base64
import io
import os
import subprocess
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import GCM

from bidding_docs import suites
from bidding_docs.sm import CHUNK, SALT, TAG, VERSION_LINE
from govcore.sm2 import Sm2PrivateKey, Sm2PublicKey

SM = suites.get("bs1-sm")
CONTEXT = b'{"v":1,"part_id":"summary"}'

# GB/T 32918.5-2017, A.2 and C.2: one key for signing and encryption.
SECRET = bytes.fromhex("3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8")
POINT = bytes.fromhex(
    "09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
    "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
)
SIGNATURE = (
    0xF5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3,
    0xB1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA,
)
C1 = bytes.fromhex(
    "04ebfc718e8d1798620432268e77feb6415e2ede0e073c0f4f640ecd2e149a73"
    "e858f9d81e5430a57b36daab8f950a3c64e6ee6a63094d99283aff767e124df0"
)
C3 = bytes.fromhex("59983c18f809e262923c53aec295d30383b54e39d609d160afcb1908d0bd8766")
C2 = bytes.fromhex("21886ca989ca9c7d58087307ca93092d651efa")


def test_the_public_key_of_the_standards_secret_is_the_standards_point() -> None:
    assert Sm2PrivateKey.from_bytes(SECRET).public_key.point == POINT


def test_the_standards_signature_is_accepted_and_no_neighbour_of_it() -> None:
    key = Sm2PublicKey(POINT)
    r, s = SIGNATURE

    key.verify(encode_dss_signature(r, s), b"message digest")

    for signature, message in (((r, s ^ 1), b"message digest"), ((r, s), b"message digesu"), ((s, r), b"")):
        with pytest.raises(InvalidSignature):
            key.verify(encode_dss_signature(*signature), message)


def test_the_standards_ciphertext_is_decrypted() -> None:
    x, y = int.from_bytes(C1[:32], "big"), int.from_bytes(C1[32:], "big")
    numbers = encode_dss_signature(x, y)[2:]  # two INTEGERs in DER
    sealed = numbers + b"\x04\x20" + C3 + b"\x04" + bytes([len(C2)]) + C2

    assert Sm2PrivateKey.from_bytes(SECRET).decrypt(b"\x30" + bytes([len(sealed)]) + sealed) == (
        b"encryption standard"
    )


@pytest.mark.parametrize(
    ("message", "digest"),
    [
        (b"abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
        (b"abcd" * 16, "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"),
    ],
)
def test_sm3_gives_the_digests_of_gb_t_32905(message: bytes, digest: str) -> None:
    assert SM.hash(message).hex() == digest


def test_sm4_gcm_gives_the_ciphertext_of_rfc_8998() -> None:
    key = bytes.fromhex("0123456789abcdeffedcba9876543210")
    plain = bytes.fromhex("".join(2 * digit * 8 for digit in "abcdefea"))
    encryptor = Cipher(SM4(key), GCM(bytes.fromhex("00001234567800000000abcd"))).encryptor()
    encryptor.authenticate_additional_data(bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2"))

    sealed = encryptor.update(plain) + encryptor.finalize()

    assert sealed.hex() == (
        "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735"
        "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d"
    )
    assert encryptor.tag.hex() == "83de3541e4c2b58177e065a9bf7b62ec"


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    """The standard's key as OpenSSL reads it (SEC 1, curve SM2)."""
    body = b"\x02\x01\x01\x04\x20" + SECRET + bytes.fromhex("a00a06082a811ccf5501822d")
    path = tmp_path / "key.pem"
    text = base64.encodebytes(b"\x30" + bytes([len(body)]) + body).decode()
    path.write_text(f"-----BEGIN EC PRIVATE KEY-----\n{text}-----END EC PRIVATE KEY-----\n")
    return path


def test_openssl_accepts_our_signatures_and_we_accept_its(key_file: Path, tmp_path: Path) -> None:
    (tmp_path / "message").write_bytes(b"bid manifest")
    key = Sm2PrivateKey.from_bytes(SECRET)
    (tmp_path / "ours").write_bytes(key.sign(b"bid manifest"))
    options = ["-inkey", key_file, "-rawin", "-digest", "sm3", "-in", tmp_path / "message"]
    identity = ["-pkeyopt", "distid:1234567812345678"]

    verified = _openssl("pkeyutl", "-verify", *options, *identity, "-sigfile", tmp_path / "ours")
    theirs = _openssl("pkeyutl", "-sign", *options, *identity)

    assert verified == b"Signature Verified Successfully\n"
    key.public_key.verify(theirs, b"bid manifest")
    assert decode_dss_signature(theirs) != decode_dss_signature((tmp_path / "ours").read_bytes())


@pytest.mark.parametrize("size", [0, 5, CHUNK - 1, CHUNK, CHUNK + 1])
def test_openssl_opens_a_sealed_file_step_by_step(key_file: Path, size: int) -> None:
    plain = os.urandom(size)
    out = io.BytesIO()
    recipient = SM.recipient_of(SECRET)
    SM.seal_payload(io.BytesIO(plain), out, recipient, context=CONTEXT, token_bytes=os.urandom)

    version, wrapped, payload = out.getvalue().split(b"\n", 2)
    file_key = _openssl("pkeyutl", "-decrypt", "-inkey", key_file, data=base64.b64decode(wrapped))
    salt, commitment, chunks = payload[:SALT], payload[SALT : SALT + 32], payload[SALT + 32 :]
    derived = _expand(file_key, b"c2sp.org/chunked-encryption@v1+AEAD_SM4_GCM\x00" + salt + CONTEXT)
    opened = b""
    for counter, start in enumerate(range(0, len(chunks), CHUNK + TAG)):
        nonce = (int.from_bytes(derived[16:28], "big") ^ counter).to_bytes(12, "big")
        opened += _open_gcm(derived[:16], nonce, chunks[start : start + CHUNK + TAG])

    assert (version + b"\n", derived[28:60]) == (VERSION_LINE, commitment)
    assert opened == plain
    assert len(chunks) == size + TAG * (size // CHUNK + 1)


def _expand(key: bytes, info: bytes) -> bytes:
    """HKDF-Expand to 64 bytes: two HMACs."""
    first = _hmac(key, info + b"\x01")
    return first + _hmac(key, first + info + b"\x02")


def _hmac(key: bytes, data: bytes) -> bytes:
    return _openssl("dgst", "-sm3", "-mac", "HMAC", "-macopt", f"hexkey:{key.hex()}", "-binary", data=data)


def _open_gcm(key: bytes, nonce: bytes, sealed: bytes) -> bytes:
    """GCM from OpenSSL's bare SM4: the counter mode begins at 2, the tag is masked with block 1."""
    body, tag = sealed[:-TAG], sealed[-TAG:]
    h, mask = _block(key, bytes(16)), _block(key, nonce + b"\x00\x00\x00\x01")
    digest = 0
    padded = body + bytes(-len(body) % 16) + (8 * len(body)).to_bytes(16, "big")
    for start in range(0, len(padded), 16):
        block = int.from_bytes(padded[start : start + 16], "big")
        digest = _times(digest ^ block, int.from_bytes(h, "big"))
    assert digest ^ int.from_bytes(mask, "big") == int.from_bytes(tag, "big")
    counter = (nonce + b"\x00\x00\x00\x02").hex()
    return _openssl("enc", "-sm4-ctr", "-K", key.hex(), "-iv", counter, data=body)


def _block(key: bytes, data: bytes) -> bytes:
    return _openssl("enc", "-sm4-ecb", "-nopad", "-K", key.hex(), data=data)


def _times(left: int, right: int) -> int:
    """Multiply in GCM's field: bits are reflected, the polynomial is x^128 + x^7 + x^2 + x + 1."""
    product = 0
    for place in range(127, -1, -1):
        if left >> place & 1:
            product ^= right
        right = right >> 1 ^ (0xE1 << 120 if right & 1 else 0)
    return product


def _openssl(*arguments: str | Path, data: bytes | None = None) -> bytes:
    done = subprocess.run(["openssl", *arguments], input=data, check=True, capture_output=True)
    return done.stdout
