"""age v1, binary: files that the stock `age` command opens, on `cryptography` alone.

`encrypt` and `decrypt` follow the age specification. What a sealed part or capsule may look like is narrower and
is a separate check, `check_profile`. Streams move through a pipeline: memory does not grow with the file.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Sequence

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from bidding_docs import age_header, age_stream, bech32
from bidding_docs.age_header import AgeError, Header, HeaderError, HmacError, NoMatch, PayloadError
from bidding_docs.age_stream import Readable, Writable
from bidding_docs.codes import AgeProfile, WrongSize
from bidding_docs.placed import Chunks

__all__ = [
    "AgeError",
    "HeaderError",
    "HmacError",
    "NoMatch",
    "PayloadError",
    "check_profile",
    "check_size",
    "chunks_of",
    "decrypt",
    "decrypt_bytes",
    "decrypt_bytes_with_file_key",
    "decrypt_bytes_with_passphrase",
    "decrypt_with_passphrase",
    "encode_identity",
    "encrypt",
    "encrypt_bytes",
    "encrypt_bytes_with_passphrase",
    "encrypt_with_passphrase",
    "file_key_of",
    "generate",
    "header_of",
    "parse_identity",
    "recipient_of",
]

PROFILE_HEADER = 512
WORK_FACTOR = 15
_NONCE = 16
_IDENTITY_PREFIX = "age-secret-key-"

Random = Callable[[int], bytes]


def generate(token_bytes: Random = os.urandom) -> tuple[bytes, str]:
    """Return a new 32-byte identity and its recipient `age1…`."""
    identity = token_bytes(32)
    return identity, recipient_of(identity)


def recipient_of(identity: bytes) -> str:
    """Return the recipient `age1…` of a 32-byte identity."""
    public = X25519PrivateKey.from_private_bytes(identity).public_key()
    return bech32.encode("age", public.public_bytes_raw())


def encode_identity(identity: bytes) -> str:
    """Return `AGE-SECRET-KEY-1…`, which the stock command reads."""
    return bech32.encode(_IDENTITY_PREFIX, identity).upper()


def parse_identity(text: str) -> bytes:
    """Return the 32 bytes of `AGE-SECRET-KEY-1…`; ValueError for anything else."""
    prefix, data = bech32.decode(text.strip())
    if prefix != _IDENTITY_PREFIX.upper() or len(data) != 32:
        raise ValueError("not an age identity")
    return data


def parse_recipient(text: str) -> bytes:
    """Return the 32-byte public key of `age1…`; ValueError for anything else."""
    prefix, data = bech32.decode(text)
    if prefix != "age" or len(data) != 32:
        raise ValueError("not an age recipient")
    return data


def encrypt(
    src: Readable, dst: Writable, recipients: Sequence[str], *, token_bytes: Random = os.urandom
) -> None:
    """Encrypt `src` into `dst` so that each recipient alone can open it; ValueError for a bad recipient."""
    if not recipients:
        raise ValueError("no recipient")
    file_key = token_bytes(age_header.FILE_KEY_SIZE)
    keys = [parse_recipient(recipient) for recipient in recipients]
    stanzas = [age_header.wrap_x25519(file_key, key, token_bytes(32)) for key in keys]
    _encrypt(src, dst, file_key, stanzas, token_bytes)


def encrypt_with_passphrase(
    src: Readable,
    dst: Writable,
    passphrase: str,
    *,
    work_factor: int = WORK_FACTOR,
    token_bytes: Random = os.urandom,
) -> None:
    """Encrypt `src` into `dst` under a passphrase; scrypt takes 2**work_factor rounds (1 to 20)."""
    if not passphrase or not 1 <= work_factor <= age_header.MAX_WORK_FACTOR:
        raise ValueError("empty passphrase or work factor outside 1 to 20")
    file_key = token_bytes(age_header.FILE_KEY_SIZE)
    stanza = age_header.wrap_scrypt(file_key, passphrase, token_bytes(16), work_factor)
    _encrypt(src, dst, file_key, [stanza], token_bytes)


def _encrypt(
    src: Readable, dst: Writable, file_key: bytes, stanzas: list[age_header.Stanza], token_bytes: Random
) -> None:
    nonce = token_bytes(_NONCE)
    dst.write(age_header.build(stanzas, file_key) + nonce)
    age_stream.encrypt(age_stream.Source(src), dst, age_header.derive(file_key, nonce, b"payload"))


def decrypt(src: Readable, dst: Writable, identities: Sequence[bytes | str]) -> None:
    """Decrypt `src` into `dst`, releasing authenticated chunks only.

    Raises HeaderError, NoMatch, HmacError or PayloadError. After a PayloadError `dst` holds a genuine beginning
    of the plaintext, which the caller must throw away.
    """
    keys = _identities(identities)
    _decrypt(src, dst, lambda header: _unwrap(header, keys))


def decrypt_with_passphrase(src: Readable, dst: Writable, passphrase: str) -> None:
    """Decrypt `src` into `dst` with a passphrase; errors as in `decrypt`, work factors above 20 refused."""
    _decrypt(src, dst, lambda header: _unwrap_passphrase(header, passphrase))


def _decrypt(src: Readable, dst: Writable, unwrap: Callable[[Header], bytes]) -> None:
    source = age_stream.Source(src)
    header = age_header.parse(source.readline)
    file_key = unwrap(header)
    age_header.check_mac(header, file_key)
    nonce = bytearray(_NONCE)
    if source.fill(memoryview(nonce)) != _NONCE:
        raise HeaderError("the payload's nonce is cut off")
    age_stream.decrypt(source, dst, age_header.derive(file_key, bytes(nonce), b"payload"))


def chunks_of(head: bytes, size: int, identity: bytes) -> Chunks:
    """How the chunks of a file of `size` bytes lie and open; errors of the header as in `decrypt`."""
    header = header_of(io.BytesIO(head))
    file_key = _unwrap(header, _identities([identity]))
    age_header.check_mac(header, file_key)
    start, length = header.length + _NONCE, check_size(header.length, size)
    key = age_header.derive(file_key, head[header.length : start], b"payload")
    last = max(0, length - 1) // age_stream.CHUNK
    return Chunks(start, age_stream.CHUNK, age_stream.SEALED_CHUNK, length, age_stream.opener(key, last=last))


def _identities(identities: Sequence[bytes | str]) -> list[X25519PrivateKey]:
    raw = [parse_identity(item) if isinstance(item, str) else item for item in identities]
    return [X25519PrivateKey.from_private_bytes(item) for item in raw]


def _unwrap(header: Header, keys: Sequence[X25519PrivateKey]) -> bytes:
    if len(header.stanzas) > 1 and any(stanza.kind == "scrypt" for stanza in header.stanzas):
        raise HeaderError("a scrypt stanza is not alone")
    ours = [stanza for stanza in header.stanzas if stanza.kind == "X25519"]
    for stanza in ours:
        age_header.x25519_share(stanza)
    for stanza in ours:
        for key in keys:
            file_key = age_header.unwrap_x25519(stanza, key)
            if file_key is not None:
                return file_key
    raise NoMatch("no identity opens this file")


def _unwrap_passphrase(header: Header, passphrase: str) -> bytes:
    locked = [stanza for stanza in header.stanzas if stanza.kind == "scrypt"]
    if locked and len(header.stanzas) > 1:
        raise HeaderError("a scrypt stanza is not alone")
    file_key = age_header.unwrap_scrypt(locked[0], passphrase) if locked else None
    if file_key is None:
        raise NoMatch("the passphrase does not open this file")
    return file_key


def encrypt_bytes(plain: bytes, recipients: Sequence[str], *, token_bytes: Random = os.urandom) -> bytes:
    """`encrypt` in memory, for capsules and other small secrets."""
    out = io.BytesIO()
    encrypt(io.BytesIO(plain), out, recipients, token_bytes=token_bytes)
    return out.getvalue()


def decrypt_bytes(sealed: bytes, identities: Sequence[bytes | str]) -> bytes:
    """`decrypt` in memory; nothing is returned when the payload is not whole."""
    out = io.BytesIO()
    decrypt(io.BytesIO(sealed), out, identities)
    return out.getvalue()


def encrypt_bytes_with_passphrase(
    plain: bytes, passphrase: str, *, work_factor: int = WORK_FACTOR, token_bytes: Random = os.urandom
) -> bytes:
    """`encrypt_with_passphrase` in memory."""
    out = io.BytesIO()
    encrypt_with_passphrase(
        io.BytesIO(plain), out, passphrase, work_factor=work_factor, token_bytes=token_bytes
    )
    return out.getvalue()


def decrypt_bytes_with_passphrase(sealed: bytes, passphrase: str) -> bytes:
    """`decrypt_with_passphrase` in memory."""
    out = io.BytesIO()
    decrypt_with_passphrase(io.BytesIO(sealed), out, passphrase)
    return out.getvalue()


def file_key_of(sealed: bytes, identity: bytes) -> bytes:
    """Return the 16-byte file key, the proof of what one file holds that gives nothing else away."""
    header = header_of(io.BytesIO(sealed))
    file_key = _unwrap(header, _identities([identity]))
    age_header.check_mac(header, file_key)
    return file_key


def decrypt_bytes_with_file_key(sealed: bytes, file_key: bytes) -> bytes:
    """Open a file with its file key; HmacError when that key did not write the header."""
    out = io.BytesIO()
    _decrypt(io.BytesIO(sealed), out, lambda _: file_key)
    return out.getvalue()


def header_of(stream: Readable) -> Header:
    """Parse the header at the stream's position; the stream may be read beyond it."""
    return age_header.parse(age_stream.Source(stream).readline)


def check_profile(header_prefix: bytes) -> int:
    """Return the header's length when it has one X25519 stanza and at most 512 B; else E_AGE_HEADER."""
    try:
        header = header_of(io.BytesIO(header_prefix[:PROFILE_HEADER]))
        if [stanza.kind for stanza in header.stanzas] != ["X25519"]:
            raise AgeProfile(detail="exactly one X25519 stanza is expected")
        age_header.x25519_share(header.stanzas[0])
    except HeaderError as error:
        raise AgeProfile(detail=str(error)) from None
    return header.length


def check_size(header_len: int, size: int) -> int:
    """Return the plaintext's length for a file of `size` bytes; E_SIZE when no payload has that length."""
    whole, rest = divmod(size - header_len - _NONCE, age_stream.SEALED_CHUNK)
    if whole < 0 or 0 < rest < age_stream.TAG or (rest == age_stream.TAG and whole) or whole + rest == 0:
        raise WrongSize(size=size)
    return whole * age_stream.CHUNK + max(0, rest - age_stream.TAG)
