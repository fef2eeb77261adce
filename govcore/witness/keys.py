"""The witness's own key and the keys of the logs it follows: two small files in its folder."""

from __future__ import annotations

import base64
import binascii
import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from govcore.audit.note import COSIGNATURE, ED25519, NoteError, VerifierKey, is_name, parse_vkey

KEY, LOGS = "key", "logs"
_PREFIX = "PRIVATE+KEY+"


class WitnessError(RuntimeError):
    """The witness's folder does not hold what it must; the process must not start."""


@dataclass(frozen=True, slots=True)
class WitnessKey:
    """The name and the Ed25519 key with which a witness cosigns."""

    name: str
    _seed: bytes = field(repr=False)

    @property
    def public_bytes(self) -> bytes:
        return self._private().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    @property
    def vkey(self) -> VerifierKey:
        return VerifierKey(self.name, self.public_bytes, COSIGNATURE)

    def sign(self, message: bytes) -> bytes:
        return self._private().sign(message)

    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self._seed)


def create(folder: Path, *, name: str, logs: Mapping[str, VerifierKey]) -> WitnessKey:
    """Make a witness's folder with a new key (mode 0400); refuse one that has a key already."""
    if not is_name(name):
        raise WitnessError(f"a witness's name has no spaces and no plus: {name!r}")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = WitnessKey(name, secrets.token_bytes(32))
    secret = base64.b64encode(bytes([COSIGNATURE]) + key._seed).decode()
    try:
        descriptor = os.open(folder / KEY, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    except FileExistsError as error:
        raise WitnessError(f"there is a key in {folder} already: a witness is never given another") from error
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(f"{_PREFIX}{name}+{key.vkey.id.hex()}+{secret}\n")
        file.flush()
        os.fsync(file.fileno())
    lines = ["# One verifier key a line: the logs that this witness follows.", *map(str, logs.values())]
    (folder / LOGS).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return key


def load_key(folder: Path) -> WitnessKey:
    """Raise `WitnessError` when the key is missing, readable by others, or no witness's key."""
    path = folder / KEY
    if not path.is_file():
        raise WitnessError(f"there is no key in {folder}: run `trading witness init` first")
    if path.stat().st_mode & 0o077:
        raise WitnessError(f"the key {path} can be read by others (mode {path.stat().st_mode & 0o777:o})")
    name, _, rest = path.read_text(encoding="utf-8").strip().removeprefix(_PREFIX).partition("+")
    digest, _, secret = rest.partition("+")
    try:
        raw = base64.b64decode(secret, validate=True)
    except binascii.Error as error:
        raise WitnessError(f"{path} is no witness's key") from error
    key = WitnessKey(name, raw[1:])
    if len(raw) != 33 or raw[0] != COSIGNATURE or key.vkey.id.hex() != digest:
        raise WitnessError(f"{path} is no witness's key")
    return key


def load_logs(folder: Path) -> dict[str, VerifierKey]:
    """The pinned logs by origin; raise `WitnessError` for a line that is no log's verifier key."""
    path = folder / LOGS
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    lines = [line.strip() for line in text.splitlines()]
    return logs_by_origin(line for line in lines if line and not line.startswith("#"))


def logs_by_origin(vkeys: Iterable[str]) -> dict[str, VerifierKey]:
    logs: dict[str, VerifierKey] = {}
    for text in vkeys:
        try:
            key = parse_vkey(text)
        except NoteError as error:
            raise WitnessError(str(error)) from error
        if key.kind != ED25519 or key.name in logs:
            raise WitnessError(f"not a log's verifier key, or a second one for its origin: {text}")
        logs[key.name] = key
    return logs
