"""Which cosignatures a checkpoint needs: the platform's witnesses, and C2SP tlog-policy files."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from govcore.audit.note import COSIGNATURE, ED25519, Note, NoteError, VerifierKey, parse_vkey

NONE = "none"
_GROUP = "required-witnesses"
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class PolicyError(ValueError):
    """Text that names no witness, or is no tlog-policy."""


@dataclass(frozen=True, slots=True)
class Witness:
    """Where a witness takes checkpoints, its key, and whether an opening waits for it."""

    url: str
    vkey: VerifierKey
    required: bool = False


def parse_witnesses(text: str) -> tuple[Witness, ...]:
    """Read `URL VKEY [required]`, separated by commas; raise `PolicyError`."""
    found = [_witness(entry.split()) for entry in text.split(",") if entry.strip()]
    if len({witness.vkey.name for witness in found}) < len(found):
        raise PolicyError("two witnesses have the same name")
    return tuple(found)


def _witness(words: list[str]) -> Witness:
    if len(words) not in (2, 3) or words[2:] not in ([], ["required"]):
        raise PolicyError(f"not `URL VKEY [required]`: {' '.join(words)}")
    url = urlsplit(words[0])
    if url.scheme not in ("http", "https") or not url.hostname:
        raise PolicyError(f"not the address of a witness: {words[0]}")
    return Witness(words[0].rstrip("/"), _key(words[1], COSIGNATURE), len(words) == 3)


def _key(text: str, kind: int) -> VerifierKey:
    try:
        key = parse_vkey(text)
    except NoteError as error:
        raise PolicyError(str(error)) from error
    if key.kind != kind:
        raise PolicyError(f"the key is not a {'witness' if kind == COSIGNATURE else 'log'}'s: {text}")
    return key


def policy_text(log: VerifierKey, witnesses: Sequence[Witness]) -> str:
    """The tlog-policy of a log and its witnesses: every required one must cosign."""
    required = [witness.vkey.name for witness in witnesses if witness.required]
    lines = [f"log {log}", *(f"witness {one.vkey.name} {one.vkey} {one.url}" for one in witnesses)]
    if len(required) > 1:
        lines.append(f"group {_GROUP} all {' '.join(required)}")
    quorum = _GROUP if len(required) > 1 else (required or [NONE])[0]
    return "\n".join([*lines, f"quorum {quorum}"]) + "\n"


@dataclass(frozen=True, slots=True)
class _Group:
    least: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """A parsed tlog-policy: a checkpoint needs the signature of a log, and the quorum's cosignatures."""

    logs: tuple[VerifierKey, ...]
    names: dict[str, VerifierKey | _Group]
    quorum: str

    @classmethod
    def parse(cls, text: str) -> Policy:
        """Raise `PolicyError` naming the line that the specification does not allow."""
        if _FORBIDDEN.search(text):
            raise PolicyError("a tlog-policy holds no control characters")
        reader = _Reader()
        for line in text.split("\n"):
            words = re.split(r"[ \t]+", line.strip(" \t"))
            if words != [""] and not words[0].startswith("#"):
                reader.read(words)
        if reader.quorum is None:
            raise PolicyError("the policy has no quorum line")
        return cls(tuple(reader.logs), reader.names, reader.quorum)

    @property
    def needs_witnesses(self) -> bool:
        return self.quorum != NONE

    def witnessed(self, note: Note) -> bool:
        """Whether the quorum has cosigned."""
        return self.quorum == NONE or self._witnessed(self.quorum, note)

    def _witnessed(self, name: str, note: Note) -> bool:
        found = self.names[name]
        if isinstance(found, _Group):
            return sum(self._witnessed(member, note) for member in found.members) >= found.least
        return note.cosigned_at(found) is not None


class _Reader:
    """Reads a policy line by line; a name can be used only after its line."""

    def __init__(self) -> None:
        self.logs: list[VerifierKey] = []
        self.names: dict[str, VerifierKey | _Group] = {}
        self.quorum: str | None = None
        self._keys: set[bytes] = set()
        self._members: set[str] = set()

    def read(self, words: list[str]) -> None:
        match words:
            case ["log", vkey] | ["log", vkey, _]:
                self.logs.append(self._new_key(vkey, ED25519))
            case ["witness", name, vkey] | ["witness", name, vkey, _]:
                self._define(name, self._new_key(vkey, COSIGNATURE))
            case ["group", name, least, *members] if members:
                self._group(name, least, members)
            case ["quorum", name] if self.quorum is None and (name == NONE or name in self.names):
                self.quorum = name
            case _:
                raise PolicyError(f"the policy has a line that cannot be read: {' '.join(words)}")

    def _group(self, name: str, least: str, members: list[str]) -> None:
        for member in members:
            if member not in self.names or member in self._members:
                raise PolicyError(f"the group {name} names {member}, which is unknown or in a group already")
            self._members.add(member)
        count = {"any": "1", "all": str(len(members))}.get(least, least)
        if not re.fullmatch(r"[1-9]\d{0,3}", count) or int(count) > len(members):
            raise PolicyError(f"the group {name} cannot have the threshold {least}")
        self._define(name, _Group(int(count), tuple(members)))

    def _new_key(self, vkey: str, kind: int) -> VerifierKey:
        key = _key(vkey, kind)
        if key.public in self._keys:
            raise PolicyError(f"the policy names one key twice: {vkey}")
        self._keys.add(key.public)
        return key

    def _define(self, name: str, value: VerifierKey | _Group) -> None:
        if name == NONE or name in self.names:
            raise PolicyError(f"the policy uses the name {name} twice")
        self.names[name] = value
