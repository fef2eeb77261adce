"""Keys at rest: every secret is stored wrapped by a key-encryption key (KEK) that is outside the database.

A blob names its KEK, so several may be in use while a rotation moves from one to the next: the newest wraps, all of
them unwrap. `KEK`, `KEK-2`, `KEK-3` … follow each other, as files side by side or as keys of a token.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import make_url

from govcore.settings import Settings, SettingsError


class UnwrapError(RuntimeError):
    """A wrapped secret was altered, belongs to another purpose or context, or its KEK is not at hand."""


class KekBackend(Protocol):
    """Where key-encryption keys are kept and used; `decrypt` raises `UnwrapError`."""

    def names(self) -> Sequence[str]:
        """The keys at hand, the newest last."""

    def holds(self, name: str) -> bool: ...

    def add(self) -> str:
        """Make the next key and return its name; `SettingsError` where none can be made from here."""

    def encrypt(self, name: str, iv: bytes, secret: bytes, aad: bytes) -> bytes: ...

    def decrypt(self, name: str, iv: bytes, sealed: bytes, aad: bytes) -> bytes: ...

    def close(self) -> None: ...


class _Blob(msgspec.Struct, forbid_unknown_fields=True):
    v: int
    kek: str
    alg: str
    iv: bytes
    ct: bytes


class KeyWrapper:
    """Wraps secrets with AES-256-GCM; purpose and context are authenticated, so a blob cannot be moved.

    The first backend's newest key wraps; the others' keys still unwrap what they wrapped.
    """

    def __init__(self, *backends: KekBackend) -> None:
        self._backends = backends

    def __repr__(self) -> str:
        return f"KeyWrapper(kek={self.newest()})"

    def wrap(self, purpose: str, context: str, secret: bytes) -> bytes:
        iv, name = secrets.token_bytes(12), self.newest()
        ct = self._backends[0].encrypt(name, iv, secret, _aad(purpose, context))
        return msgspec.json.encode(_Blob(1, name, "A256GCM", iv, ct))

    def unwrap(self, purpose: str, context: str, blob: bytes) -> bytes:
        """The secret; `UnwrapError` when blob, purpose or context differ from what was wrapped."""
        parsed = _parsed(blob, purpose)
        for backend in self._backends:
            if backend.holds(parsed.kek):
                return backend.decrypt(parsed.kek, parsed.iv, parsed.ct, _aad(purpose, context))
        raise UnwrapError(f"the key-encryption key {parsed.kek} of a secret for {purpose} is not at hand")

    def names(self) -> list[str]:
        """All keys at hand, each backend's newest last, the wrapping backend first."""
        return [name for backend in self._backends for name in backend.names()]

    def newest(self) -> str:
        """The key that wraps now."""
        return self._backends[0].names()[-1]

    def add(self) -> str:
        """Make the key that wraps from now on."""
        return self._backends[0].add()

    def close(self) -> None:
        for backend in self._backends:
            backend.close()


def kek_of(blob: bytes) -> str:
    """The name of the key that a blob was wrapped with; `UnwrapError` when it is no blob."""
    return _parsed(blob, "any purpose").kek


def _parsed(blob: bytes, purpose: str) -> _Blob:
    try:
        parsed = msgspec.json.decode(blob, type=_Blob)
    except msgspec.MsgspecError as error:
        raise UnwrapError(f"cannot unwrap a secret for {purpose}") from error
    if (parsed.v, parsed.alg) != (1, "A256GCM"):
        raise UnwrapError(f"a secret for {purpose} is wrapped in a form that is not known here")
    return parsed


def _aad(purpose: str, context: str) -> bytes:
    return f"bidseal/v1/wrap\n{purpose}\n{context}".encode()


def number_of(name: str, first: str) -> int:
    """1 for the first key, N for `first-N`, 0 for a name that is not in the series."""
    found = re.fullmatch(re.escape(first) + r"(?:-([1-9]\d{0,5}))?", name)
    return int(found[1] or 1) if found else 0


class FileKeks:
    """Keys in files of 32 bytes that only their owner can read, the first of them at `path`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._ciphers: dict[str, AESGCM] = {}
        for name in self.names():
            self._cipher(name)

    def names(self) -> list[str]:
        first = self._path.name
        try:
            listed = os.listdir(self._path.parent)
        except OSError:
            listed = []  # what was read at the start goes on working
        found = {name: number_of(name, first) for name in {*listed, *self._ciphers}}
        names = sorted((name for name, number in found.items() if number), key=lambda name: found[name])
        if not names:
            raise SettingsError(f"no key-encryption key at {self._path}: run `trading migrate` first")
        return names

    def holds(self, name: str) -> bool:
        return name in self._ciphers or name in self.names()

    def add(self) -> str:
        first, newest = self._path.name, self.names()[-1]
        path = self._path.with_name(f"{first}-{number_of(newest, first) + 1}")
        try:
            create_kek(path, like=self._path.with_name(newest))
        except OSError as error:
            raise SettingsError(f"put a new key at {path}, then run this again: {error.strerror}") from error
        return path.name

    def encrypt(self, name: str, iv: bytes, secret: bytes, aad: bytes) -> bytes:
        return self._cipher(name).encrypt(iv, secret, aad)

    def decrypt(self, name: str, iv: bytes, sealed: bytes, aad: bytes) -> bytes:
        try:
            return self._cipher(name).decrypt(iv, sealed, aad)
        except (InvalidTag, ValueError) as error:
            raise UnwrapError(f"{name} does not open this blob for the purpose and context asked") from error

    def close(self) -> None:
        """Nothing is held open."""

    def _cipher(self, name: str) -> AESGCM:
        if name not in self._ciphers:
            self._ciphers[name] = AESGCM(_read_kek(self._path.with_name(name)))
        return self._ciphers[name]


def _read_kek(path: Path) -> bytes:
    try:
        mode = path.stat().st_mode & 0o777
        if mode & 0o077:
            raise SettingsError(f"the key-encryption key {path} can be read by others (mode {mode:o})")
        kek = path.read_bytes()
    except OSError as error:
        raise SettingsError(f"the key-encryption key {path} cannot be read: {error.strerror}") from error
    if len(kek) != 32:
        raise SettingsError(f"the key-encryption key {path} must be 32 bytes")
    return kek


def load_kek(path: Path) -> KeyWrapper:
    """A wrapper with the key at `path` and those that followed it; refuse a missing, short or readable file."""
    return KeyWrapper(FileKeks(path))


def open_wrapper(settings: Settings) -> KeyWrapper:
    """The wrapper that the settings ask for: keys of a token, with files that still unwrap, or files alone."""
    _refuse_beside_data(settings)
    if not settings.kek_pkcs11:
        return load_kek(settings.kek_file)
    from govcore.hsm import TokenKeks

    token = TokenKeks.open(settings.kek_pkcs11)
    return KeyWrapper(token, FileKeks(settings.kek_file)) if settings.kek_file.exists() else KeyWrapper(token)


def create_first_kek(settings: Settings) -> None:
    """Make the very first key, unless there is one."""
    _refuse_beside_data(settings)
    if not settings.kek_pkcs11:
        create_kek(settings.kek_file)
        return
    from govcore.hsm import create_first

    create_first(settings.kek_pkcs11)


def _refuse_beside_data(settings: Settings) -> None:
    """In production whoever copies the data folder, the database's or the store's must not get the key with it."""
    if not settings.production:
        return
    kept = [settings.data]
    database = make_url(settings.database_url)
    if database.get_backend_name() == "sqlite" and database.database:
        kept.append(Path(database.database).parent)
    if settings.store_url.startswith("file://"):
        kept.append(Path(settings.store_url.removeprefix("file://")))
    path = settings.kek_file.resolve()
    for folder in kept:
        if path.is_relative_to(folder.resolve()) and (path.exists() or not settings.kek_pkcs11):
            raise SettingsError(f"in production the key-encryption key may not lie with the data: {path}")


def create_kek(path: Path, *, like: Path | None = None) -> None:
    """Make a key-encryption key with mode 0400, unless there is one; root gives it to the owner of `like`."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(32))
            file.flush()
            os.fsync(file.fileno())
        if like is not None and os.geteuid() == 0:
            os.chown(draft, like.stat().st_uid, like.stat().st_gid)
        # A link appears whole or not at all, and never over a key that is there.
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink()
    # Before anything is wrapped with it the key must be there after a loss of power.
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
