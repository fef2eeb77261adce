"""The witness's own key and the keys of the logs it follows: two small files in its folder."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from govcore import keyfiles
from govcore.audit.note import COSIGNATURE, ED25519, NoteError, VerifierKey, parse_vkey
from govcore.keyfiles import KEY, KeyFileError, NamedKey

LOGS = "logs"
WitnessError = KeyFileError
WitnessKey = NamedKey

__all__ = ["KEY", "LOGS", "WitnessError", "WitnessKey", "create", "load_key", "load_logs", "logs_by_origin"]


def create(folder: Path, *, name: str, logs: Mapping[str, VerifierKey]) -> WitnessKey:
    """Make a witness's folder with a new key (mode 0400); refuse one that has a key already."""
    key = keyfiles.create(folder, name=name, kind=COSIGNATURE, whose="witness")
    lines = ["# One verifier key a line: the logs that this witness follows.", *map(str, logs.values())]
    (folder / LOGS).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return key


def load_key(folder: Path) -> WitnessKey:
    """Raise `WitnessError` when the key is missing, readable by others, or no witness's key."""
    return keyfiles.load(folder, kind=COSIGNATURE, whose="witness", command="trading witness init")


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
