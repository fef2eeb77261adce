"""The header of an age v1 file: strict parsing, stanzas, and the keys derived from the file key."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from bidding_docs.codes import Unreadable

VERSION_LINE = b"age-encryption.org/v1\n"
FILE_KEY_SIZE = 16
MAX_HEADER = 1 << 20
MAX_WORK_FACTOR = 20
_COLUMNS = 64
_X25519_INFO = b"age-encryption.org/v1/X25519"
_SCRYPT_LABEL = b"age-encryption.org/v1/scrypt"
_ZERO_NONCE = bytes(12)


class AgeError(Unreadable):
    """The age file cannot be opened."""


class HeaderError(AgeError):
    """The header breaks the age specification."""


class NoMatch(AgeError):
    """None of the identities opens the file."""


class HmacError(AgeError):
    """The header was altered after it was written."""


class PayloadError(AgeError):
    """The payload was altered, cut, spliced or prolonged."""


@dataclass(frozen=True, slots=True)
class Stanza:
    kind: str
    args: tuple[str, ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class Header:
    """A parsed header; `signed` are the bytes under the MAC, `length` counts the whole header."""

    stanzas: tuple[Stanza, ...]
    signed: bytes
    mac: bytes
    length: int


def b64(data: bytes) -> bytes:
    return base64.b64encode(data).rstrip(b"=")


def unb64(text: bytes) -> bytes:
    """Return the bytes of canonical unpadded base64; HeaderError otherwise."""
    try:
        data = base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except binascii.Error:
        raise HeaderError("base64 is malformed") from None
    if b64(data) != text:
        raise HeaderError("base64 is not canonical")
    return data


def parse(readline: Callable[[], bytes]) -> Header:
    """Parse one header from `readline`, which returns lines with their line feed; HeaderError otherwise."""
    seen = bytearray(readline())
    if seen != VERSION_LINE:
        raise HeaderError("not an age v1 file")
    stanzas: list[Stanza] = []
    while True:
        line = _line(readline, seen)
        if line.startswith(b"--- ") or line == b"---":
            break
        stanzas.append(_stanza(line, readline, seen))
    mac = unb64(line[4:])
    if not stanzas or len(mac) != 32:
        raise HeaderError("the header has no stanza or no MAC")
    signed = bytes(seen[: len(seen) - len(line) - 1 + 3])
    return Header(stanzas=tuple(stanzas), signed=signed, mac=mac, length=len(seen))


def _line(readline: Callable[[], bytes], seen: bytearray) -> bytes:
    line = readline()
    seen += line
    if not line.endswith(b"\n"):
        raise HeaderError("the header is cut off")
    if len(seen) > MAX_HEADER:
        raise HeaderError("the header is too long")
    return line[:-1]


def _stanza(line: bytes, readline: Callable[[], bytes], seen: bytearray) -> Stanza:
    if not line.startswith(b"-> "):
        raise HeaderError("a stanza does not start with an arrow")
    args = line[3:].split(b" ")
    if not all(arg and all(33 <= sign <= 126 for sign in arg) for arg in args):
        raise HeaderError("a stanza's argument is empty or not printable")
    body = bytearray()
    while True:
        row = _line(readline, seen)
        if len(row) > _COLUMNS:
            raise HeaderError("a stanza's line is too long")
        body += unb64(row)
        if len(row) < _COLUMNS:
            return Stanza(args[0].decode(), tuple(arg.decode() for arg in args[1:]), bytes(body))


def build(stanzas: list[Stanza], file_key: bytes) -> bytes:
    """Return the finished header with its MAC."""
    out = bytearray(VERSION_LINE)
    for stanza in stanzas:
        out += " ".join(("->", stanza.kind, *stanza.args)).encode() + b"\n"
        text = b64(stanza.body)
        for start in range(0, len(text) + 1, _COLUMNS):
            out += text[start : start + _COLUMNS] + b"\n"
    out += b"---"
    return bytes(out) + b" " + b64(_mac(file_key, bytes(out))) + b"\n"


def check_mac(header: Header, file_key: bytes) -> None:
    """HmacError unless the header was written by a holder of `file_key`."""
    if not hmac.compare_digest(_mac(file_key, header.signed), header.mac):
        raise HmacError("the header's MAC does not fit")


def _mac(file_key: bytes, signed: bytes) -> bytes:
    return hmac.digest(derive(file_key, b"", b"header"), signed, hashlib.sha256)


def derive(secret: bytes, salt: bytes, info: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=salt, info=info).derive(secret)


def wrap_x25519(file_key: bytes, recipient: bytes, ephemeral: bytes) -> Stanza:
    """Wrap the file key to a 32-byte X25519 public key with a fresh 32-byte ephemeral secret."""
    secret = X25519PrivateKey.from_private_bytes(ephemeral)
    share = secret.public_key().public_bytes_raw()
    try:
        shared = secret.exchange(X25519PublicKey.from_public_bytes(recipient))
    except ValueError:
        raise HeaderError("the recipient is a low-order point") from None
    key = derive(shared, share + recipient, _X25519_INFO)
    body = ChaCha20Poly1305(key).encrypt(_ZERO_NONCE, file_key, None)
    return Stanza("X25519", (b64(share).decode(),), body)


def x25519_share(stanza: Stanza) -> bytes:
    """Return the ephemeral share of a well-formed X25519 stanza; HeaderError otherwise."""
    if len(stanza.args) != 1 or len(stanza.body) != FILE_KEY_SIZE + 16:
        raise HeaderError("an X25519 stanza has the wrong shape")
    share = unb64(stanza.args[0].encode())
    if len(share) != 32:
        raise HeaderError("an X25519 share is not 32 bytes long")
    return share


def unwrap_x25519(stanza: Stanza, secret: X25519PrivateKey) -> bytes | None:
    """Return the file key, None when the stanza is for someone else; HeaderError for a low-order share."""
    share = x25519_share(stanza)
    try:
        shared = secret.exchange(X25519PublicKey.from_public_bytes(share))
    except ValueError:
        raise HeaderError("an X25519 share is a low-order point") from None
    key = derive(shared, share + secret.public_key().public_bytes_raw(), _X25519_INFO)
    try:
        return ChaCha20Poly1305(key).decrypt(_ZERO_NONCE, stanza.body, None)
    except InvalidTag:
        return None


def wrap_scrypt(file_key: bytes, passphrase: str, salt: bytes, work_factor: int) -> Stanza:
    """Wrap the file key with a passphrase; scrypt takes 2**work_factor rounds."""
    key = _scrypt(passphrase, salt, work_factor)
    body = ChaCha20Poly1305(key).encrypt(_ZERO_NONCE, file_key, None)
    return Stanza("scrypt", (b64(salt).decode(), str(work_factor)), body)


def unwrap_scrypt(stanza: Stanza, passphrase: str) -> bytes | None:
    """Return the file key, None for a wrong passphrase; HeaderError for a bad shape or a factor above 20."""
    if len(stanza.args) != 2 or len(stanza.body) != FILE_KEY_SIZE + 16:
        raise HeaderError("a scrypt stanza has the wrong shape")
    salt, factor = unb64(stanza.args[0].encode()), stanza.args[1]
    if len(salt) != 16 or not factor.isascii() or not factor.isdigit() or factor[0] == "0" or len(factor) > 2:
        raise HeaderError("a scrypt stanza has the wrong arguments")
    if int(factor) > MAX_WORK_FACTOR:
        raise HeaderError("the scrypt work factor is too high")
    try:
        key = _scrypt(passphrase, salt, int(factor))
        return ChaCha20Poly1305(key).decrypt(_ZERO_NONCE, stanza.body, None)
    except InvalidTag:
        return None


def _scrypt(passphrase: str, salt: bytes, work_factor: int) -> bytes:
    return Scrypt(salt=_SCRYPT_LABEL + salt, length=32, n=1 << work_factor, r=8, p=1).derive(
        passphrase.encode()
    )
