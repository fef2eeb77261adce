"""Keys at rest: every secret is stored wrapped by a key-encryption key that is outside the database."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from govcore.settings import SettingsError


class UnwrapError(RuntimeError):
    """A wrapped secret was altered, or belongs to another purpose or context."""


class _Blob(msgspec.Struct, forbid_unknown_fields=True):
    v: int
    kek: str
    alg: str
    iv: bytes
    ct: bytes


class KeyWrapper:
    """Wraps secrets with AES-256-GCM; purpose and context are authenticated, so a blob cannot be moved."""

    def __init__(self, kek: bytes, kek_id: str) -> None:
        self._aead = AESGCM(kek)
        self._kek_id = kek_id

    def __repr__(self) -> str:
        return f"KeyWrapper(kek={self._kek_id})"

    def wrap(self, purpose: str, context: str, secret: bytes) -> bytes:
        iv = secrets.token_bytes(12)
        ct = self._aead.encrypt(iv, secret, _aad(purpose, context))
        return msgspec.json.encode(_Blob(1, self._kek_id, "A256GCM", iv, ct))

    def unwrap(self, purpose: str, context: str, blob: bytes) -> bytes:
        """The secret; `UnwrapError` when blob, purpose or context differ from what was wrapped."""
        try:
            parsed = msgspec.json.decode(blob, type=_Blob)
            return self._aead.decrypt(parsed.iv, parsed.ct, _aad(purpose, context))
        except (msgspec.MsgspecError, InvalidTag, ValueError) as error:
            raise UnwrapError(f"cannot unwrap a secret for {purpose}") from error


def _aad(purpose: str, context: str) -> bytes:
    return f"bidseal/v1/wrap\n{purpose}\n{context}".encode()


def load_kek(path: Path) -> KeyWrapper:
    """Read the 32-byte key-encryption key; refuse a missing, short or group/world-readable file."""
    try:
        mode = path.stat().st_mode & 0o777
        kek = path.read_bytes()
    except FileNotFoundError as error:
        raise SettingsError(f"no key-encryption key at {path}: run `trading migrate` first") from error
    if mode & 0o077:
        raise SettingsError(f"the key-encryption key {path} can be read by others (mode {mode:o})")
    if len(kek) != 32:
        raise SettingsError(f"the key-encryption key {path} must be 32 bytes")
    return KeyWrapper(kek, path.name)


def create_kek(path: Path) -> None:
    """Make the key-encryption key with mode 0400, unless there is one."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    except FileExistsError:
        return
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(32))
        file.flush()
        os.fsync(file.fileno())
