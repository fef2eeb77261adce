"""The key file of a program that others run: an Ed25519 key with a name, in the form of signed notes."""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from govcore.audit.note import VerifierKey, is_name

KEY = "key"
_PREFIX = "PRIVATE+KEY+"


class KeyFileError(RuntimeError):
    """A program's folder does not hold what it must; the process must not start."""


@dataclass(frozen=True, slots=True)
class NamedKey:
    """A name and an Ed25519 key; `kind` is the note's kind of signature."""

    name: str
    kind: int
    _seed: bytes = field(repr=False)

    @property
    def public_bytes(self) -> bytes:
        return self._private().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    @property
    def keyid(self) -> str:
        return hashlib.sha256(self.public_bytes).hexdigest()

    @property
    def vkey(self) -> VerifierKey:
        return VerifierKey(self.name, self.public_bytes, self.kind)

    def sign(self, message: bytes) -> bytes:
        return self._private().sign(message)

    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self._seed)


def create(folder: Path, *, name: str, kind: int, whose: str) -> NamedKey:
    """Make a folder with a new key (mode 0400); refuse one that has a key already."""
    if not is_name(name):
        raise KeyFileError(f"a {whose}'s name has no spaces and no plus: {name!r}")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = NamedKey(name, kind, secrets.token_bytes(32))
    secret = base64.b64encode(bytes([kind]) + key._seed).decode()
    try:
        descriptor = os.open(folder / KEY, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    except FileExistsError as error:
        raise KeyFileError(f"there is a key in {folder} already: a {whose} is never given another") from error
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(f"{_PREFIX}{name}+{key.vkey.id.hex()}+{secret}\n")
        file.flush()
        os.fsync(file.fileno())
    return key


def load(folder: Path, *, kind: int, whose: str, command: str) -> NamedKey:
    """Raise `KeyFileError` when the key is missing, readable by others, or of another kind."""
    path = folder / KEY
    if not path.is_file():
        raise KeyFileError(f"there is no key in {folder}: run `{command}` first")
    if path.stat().st_mode & 0o077:
        raise KeyFileError(f"the key {path} can be read by others (mode {path.stat().st_mode & 0o777:o})")
    name, _, rest = path.read_text(encoding="utf-8").strip().removeprefix(_PREFIX).partition("+")
    digest, _, secret = rest.partition("+")
    try:
        raw = base64.b64decode(secret, validate=True)
    except binascii.Error as error:
        raise KeyFileError(f"{path} is no {whose}'s key") from error
    key = NamedKey(name, kind, raw[1:])
    if len(raw) != 33 or raw[0] != kind or key.vkey.id.hex() != digest:
        raise KeyFileError(f"{path} is no {whose}'s key")
    return key
