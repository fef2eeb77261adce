"""Suite `bs1-sm`: SM2, SM3 and SM4-GCM instead of X25519, SHA-256 and ChaCha20-Poly1305 (extra `sm`).

A sealed file is two lines and a payload: `bidseal-sm/v1`, the base64 of a random 16-byte file key encrypted with SM2,
and C2SP chunked-encryption under that key, instantiated with AEAD_SM4_GCM (RFC 8998) and HKDF-Expand-SM3. The file
key is committed to, so it proves what one capsule holds just as an age file key does.
"""

from __future__ import annotations

import base64
import binascii
import io
import os
from collections.abc import Callable
from functools import partial
from typing import Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import constant_time
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import GCM
from cryptography.hazmat.primitives.hashes import SM3, Hash
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from bidding_docs import bech32, shamir
from bidding_docs.age_header import PayloadError
from bidding_docs.age_stream import Readable, Source, Writable, pump
from bidding_docs.codes import AgeProfile, Unreadable, WrongSize
from bidding_docs.placed import Chunks
from govcore.dsse import PublicKey
from govcore.sm2 import Sm2PrivateKey, Sm2PublicKey, require

VERSION_LINE = b"bidseal-sm/v1\n"
MAX_HEADER = 512
FILE_KEY_SIZE = 16
CHUNK = 16 * 1024
TAG = 16
SALT = 24
COMMITMENT = 32
_INFO = b"c2sp.org/chunked-encryption@v1+AEAD_SM4_GCM\x00"
_RECIPIENT, _IDENTITY = "sm2", "sm2-secret-key-"

Random = Callable[[int], bytes]


class SmError(Unreadable):
    """The sealed file cannot be opened."""


class Bs1Sm:
    """National algorithms throughout; the log and the names of files stay SHA-256, as the store's and log's are."""

    id: Literal["bs1-sm"] = "bs1-sm"
    extension = "sm"
    share_field = shamir

    def generate(self, token_bytes: Random = os.urandom) -> tuple[bytes, str]:
        require()
        key = Sm2PrivateKey.generate(token_bytes)
        return key.secret, _recipient(key)

    def recipient_of(self, identity: bytes) -> str:
        return _recipient(Sm2PrivateKey.from_bytes(identity))

    def check_recipient(self, recipient: str) -> None:
        _public_key(recipient)

    def encode_identity(self, identity: bytes) -> str:
        return bech32.encode(_IDENTITY, identity).upper()

    def parse_identity(self, text: str) -> bytes:
        prefix, data = bech32.decode(text.strip())
        if prefix != _IDENTITY.upper() or len(data) != 32:
            raise ValueError("not an SM2 identity")
        return data

    def seal_payload(
        self, src: Readable, dst: Writable, recipient: str, *, context: bytes, token_bytes: Random
    ) -> None:
        file_key, salt = token_bytes(FILE_KEY_SIZE), token_bytes(SALT)
        key, nonce, commitment = _derive(file_key, salt, context)
        wrapped = base64.b64encode(_public_key(recipient).encrypt(file_key))
        dst.write(VERSION_LINE + wrapped + b"\n" + salt + commitment)
        encrypt_chunks(Source(src), dst, key, nonce)

    def open_payload(self, src: Readable, dst: Writable, identity: bytes, *, context: bytes) -> None:
        key = Sm2PrivateKey.from_bytes(identity)
        _open(src, dst, lambda wrapped: _file_key(wrapped, key), context)

    def chunks(self, head: bytes, size: int, identity: bytes, *, context: bytes) -> Chunks:
        source, key = Source(io.BytesIO(head)), Sm2PrivateKey.from_bytes(identity)
        derived, nonce, start = _opened_header(source, lambda wrapped: _file_key(wrapped, key), context)
        opened = partial(_open_chunk, derived, int.from_bytes(nonce, "big"))
        return Chunks(start, CHUNK, CHUNK + TAG, self.check_payload(head, size), opened)

    def check_payload(self, head: bytes, size: int) -> int:
        source = Source(io.BytesIO(head[:MAX_HEADER]))
        try:
            wrapped = _header(source)
        except SmError as error:
            raise AgeProfile(detail=str(error)) from None
        start = len(VERSION_LINE) + len(base64.b64encode(wrapped)) + 1 + SALT + COMMITMENT
        whole, rest = divmod(size - start, CHUNK + TAG)
        if whole < 0 or rest < TAG:
            raise WrongSize(size=size)
        return whole * CHUNK + rest - TAG

    def wrap_share(self, body: bytes, recipient: str, *, token_bytes: Random = os.urandom) -> bytes:
        """The context is part of the body, which is compared before anything of it is used."""
        out = io.BytesIO()
        self.seal_payload(io.BytesIO(body), out, recipient, context=b"", token_bytes=token_bytes)
        return out.getvalue()

    def unwrap_share(self, sealed: bytes, identity: bytes) -> bytes:
        out = io.BytesIO()
        self.open_payload(io.BytesIO(sealed), out, identity, context=b"")
        return out.getvalue()

    def prove_share(self, sealed: bytes, identity: bytes) -> bytes:
        return _file_key(_header(Source(io.BytesIO(sealed))), Sm2PrivateKey.from_bytes(identity))

    def unwrap_proven(self, sealed: bytes, proof: bytes) -> bytes:
        out = io.BytesIO()
        _open(io.BytesIO(sealed), out, lambda _: proof, b"")
        return out.getvalue()

    def signs_with(self, key: PublicKey) -> bool:
        return isinstance(key, Sm2PublicKey)

    def hash(self, data: bytes) -> bytes:
        digest = Hash(SM3())
        digest.update(data)
        return digest.finalize()


def _recipient(key: Sm2PrivateKey) -> str:
    return bech32.encode(_RECIPIENT, key.public_key.compressed())


def _public_key(recipient: str) -> Sm2PublicKey:
    prefix, data = bech32.decode(recipient)
    if prefix != _RECIPIENT:
        raise ValueError("not an SM2 recipient")
    return Sm2PublicKey.from_compressed(data)


def _header(source: Source) -> bytes:
    """Return the encrypted file key of the one form that a header has."""
    version, line = source.readline(), source.readline()
    try:
        wrapped = base64.b64decode(line.removesuffix(b"\n"), validate=True)
    except binascii.Error:
        wrapped = b""
    canonical = base64.b64encode(wrapped) + b"\n"
    if version != VERSION_LINE or not wrapped or line != canonical or len(version + line) > MAX_HEADER:
        raise SmError("the header is not that of bs1-sm")
    return wrapped


def _file_key(wrapped: bytes, key: Sm2PrivateKey) -> bytes:
    try:
        return key.decrypt(wrapped)
    except ValueError:
        raise SmError("no identity opens this file") from None


def _derive(file_key: bytes, salt: bytes, context: bytes) -> tuple[bytes, bytes, bytes]:
    """Return key, base nonce and commitment."""
    if len(file_key) != FILE_KEY_SIZE:
        raise SmError("a file key is 16 bytes long")
    derived = HKDFExpand(SM3(), 16 + 12 + COMMITMENT, _INFO + salt + context).derive(file_key)
    return derived[:16], derived[16:28], derived[28:]


def _open(src: Readable, dst: Writable, file_key_of: Callable[[bytes], bytes], context: bytes) -> None:
    source = Source(src)
    key, nonce, _ = _opened_header(source, file_key_of, context)
    decrypt_chunks(source, dst, key, nonce)


def _opened_header(
    source: Source, file_key_of: Callable[[bytes], bytes], context: bytes
) -> tuple[bytes, bytes, int]:
    """Return key and base nonce of the payload, and where it begins."""
    prefix, wrapped = bytearray(SALT + COMMITMENT), _header(source)
    file_key = file_key_of(wrapped)
    if source.fill(memoryview(prefix)) != len(prefix):
        raise SmError("salt and commitment are cut off")
    key, nonce, commitment = _derive(file_key, bytes(prefix[:SALT]), context)
    if not constant_time.bytes_eq(commitment, bytes(prefix[SALT:])):
        raise SmError("the file was sealed with another key or for another context")
    return key, nonce, len(VERSION_LINE) + len(base64.b64encode(wrapped)) + 1 + len(prefix)


def encrypt_chunks(source: Source, dst: Writable, key: bytes, nonce: bytes) -> None:
    """Write the chunks of `source`: 16 KiB each, the last one always shorter, if need be empty."""
    base, counter = int.from_bytes(nonce, "big"), 0

    def step(plain: memoryview, sealed: memoryview, *, last: bool) -> tuple[int, PayloadError | None]:
        nonlocal counter
        position = written = 0
        while position < len(plain) or last:
            chunk = plain[position : position + CHUNK]
            encryptor = Cipher(SM4(key), GCM((base ^ counter).to_bytes(12, "big"))).encryptor()
            made = encryptor.update(chunk) + encryptor.finalize() + encryptor.tag
            sealed[written : written + len(made)] = made
            position, written, counter = position + len(chunk), written + len(made), counter + 1
            if len(chunk) < CHUNK:
                break
        return written, None

    # A last chunk that is full is followed by an empty one: room for one tag more.
    pump(source, dst, step, size=CHUNK, room=CHUNK + 2 * TAG)


def decrypt_chunks(source: Source, dst: Writable, key: bytes, nonce: bytes) -> None:
    """Write the chunks that authenticate; PayloadError at the first that does not, or when the last is missing."""
    base, counter = int.from_bytes(nonce, "big"), 0

    def step(sealed: memoryview, plain: memoryview, *, last: bool) -> tuple[int, PayloadError | None]:
        nonlocal counter
        position = written = 0
        while position < len(sealed) or last:
            chunk = sealed[position : position + CHUNK + TAG]
            try:
                made = _open_chunk(key, base, counter, chunk)
            except PayloadError as problem:
                return written, problem
            plain[written : written + len(made)] = made
            position, written, counter = position + len(chunk), written + len(made), counter + 1
            if len(made) < CHUNK:
                break
        return written, None

    pump(source, dst, step, size=CHUNK + TAG, room=CHUNK)


def _open_chunk(key: bytes, base: int, number: int, sealed: bytes | memoryview) -> bytes:
    if len(sealed) < TAG:
        raise PayloadError("the last chunk is cut off or missing")
    body, tag = sealed[:-TAG], bytes(sealed[-TAG:])
    decryptor = Cipher(SM4(key), GCM((base ^ number).to_bytes(12, "big"), tag)).decryptor()
    try:
        return decryptor.update(body) + decryptor.finalize()
    except InvalidTag:
        raise PayloadError("a chunk does not authenticate") from None
