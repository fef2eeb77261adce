"""Signed notes and checkpoints (C2SP signed-note, tlog-checkpoint, tlog-cosignature), Ed25519 only."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

ED25519 = 1
COSIGNATURE = 4
_DASH = "— "


class NoteError(ValueError):
    """Text that is not a signed note, a checkpoint or a verifier key."""


class Signer(Protocol):
    """An Ed25519 key that does not leave its holder."""

    @property
    def public_bytes(self) -> bytes: ...

    def sign(self, message: bytes) -> bytes: ...


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A name and an Ed25519 public key, written `name+hash+base64`; `kind` 4 is a witness's."""

    name: str
    public: bytes
    kind: int = ED25519

    @property
    def id(self) -> bytes:
        return hashlib.sha256(f"{self.name}\n".encode() + bytes([self.kind]) + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{_b64(bytes([self.kind]) + self.public)}"

    def accepts(self, text: str, signature: bytes) -> bool:
        """Whether the bytes after the key's hash are this key's signature of the note's text."""
        message = text.encode()
        if self.kind == COSIGNATURE:
            if len(signature) != 72:
                return False
            seconds = int.from_bytes(signature[:8], "big")
            message, signature = cosigned_message(text, seconds=seconds), signature[8:]
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class Note:
    """A note's text (it ends with a newline) and its signature lines, not yet verified."""

    text: str
    signatures: tuple[tuple[str, bytes], ...]

    def signed_by(self, key: VerifierKey) -> bool:
        """Whether the key has signed; a line that claims the key and does not verify refuses the note."""
        claims = [raw[4:] for name, raw in self.signatures if name == key.name and raw[:4] == key.id]
        return bool(claims) and all(key.accepts(self.text, signature) for signature in claims)

    def cosigned_at(self, witness: VerifierKey) -> int | None:
        """The POSIX time of a witness's newest cosignature; nothing unless it is there and verifies."""
        if witness.kind != COSIGNATURE or not self.signed_by(witness):
            return None
        raw = [raw for name, raw in self.signatures if name == witness.name and raw[:4] == witness.id]
        return max(int.from_bytes(one[4:12], "big") for one in raw)


@dataclass(frozen=True, slots=True)
class TreeHead:
    """What a checkpoint says: the log, how many entries it has, and their root."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{_b64(self.root)}\n"


def parse_vkey(text: str) -> VerifierKey:
    """Raises `NoteError` unless name, hash and key belong together."""
    name, plus, rest = text.partition("+")
    digest, second, encoded = rest.partition("+")
    raw = unbase64(encoded)
    if not (name and plus and second) or len(raw) != 33 or raw[0] not in (ED25519, COSIGNATURE):
        raise NoteError(f"not an Ed25519 verifier key: {text}")
    key = VerifierKey(name, raw[1:], raw[0])
    if key.id.hex() != digest:
        raise NoteError(f"the verifier key of {name} does not match its hash")
    return key


def sign(head: TreeHead, signer: Signer) -> str:
    """The signed checkpoint; the log's key has the origin as its name."""
    if not is_name(head.origin):
        raise NoteError(f"an origin has no spaces and no plus: {head.origin}")
    key = VerifierKey(head.origin, signer.public_bytes)
    return f"{head.text}\n{signature_line(key, signer.sign(head.text.encode()))}"


def is_name(name: str) -> bool:
    """Whether a key may have this name."""
    return bool(name) and not any(c.isspace() or c == "+" for c in name)


def signature_line(key: VerifierKey, signature: bytes) -> str:
    return f"{_DASH}{key.name} {_b64(key.id + signature)}\n"


def cosigned_message(text: str, *, seconds: int) -> bytes:
    """What a witness signs at a POSIX time."""
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


def cosign(text: str, *, name: str, signer: Signer, seconds: int) -> str:
    """A witness's signature line for the text of a checkpoint."""
    key = VerifierKey(name, signer.public_bytes, COSIGNATURE)
    signature = signer.sign(cosigned_message(text, seconds=seconds))
    return signature_line(key, seconds.to_bytes(8, "big") + signature)


def parse_note(note: str) -> Note:
    """Split a note into text and signatures; raises `NoteError`."""
    text, separator, lines = note.rpartition("\n\n")
    if not separator or not lines.endswith("\n"):
        raise NoteError("not a signed note")
    return Note(f"{text}\n", tuple(_signature(line) for line in lines[:-1].split("\n")))


def parse_head(text: str) -> TreeHead:
    """The tree head of a checkpoint's text: exactly three lines; raises `NoteError`."""
    lines = text.split("\n")
    if len(lines) != 4 or lines[3]:
        raise NoteError("a checkpoint of this log has exactly three lines")
    root = unbase64(lines[2])
    if not lines[1].isascii() or not lines[1].isdigit() or len(root) != 32:
        raise NoteError("the size or the root of the checkpoint cannot be read")
    head = TreeHead(lines[0], int(lines[1]), root)
    if head.text != text:
        raise NoteError("the checkpoint is not in its one spelling")
    return head


def proof_text(*, index: int, path: Sequence[bytes], note: str, extra: bytes | None = None) -> str:
    """A `c2sp.org/tlog-proof@v1`."""
    lines = ["c2sp.org/tlog-proof@v1"]
    if extra is not None:
        lines.append(f"extra {_b64(extra)}")
    lines += [f"index {index}", *map(_b64, path)]
    return "\n".join(lines) + f"\n\n{note}"


def _signature(line: str) -> tuple[str, bytes]:
    name, space, encoded = line.removeprefix(_DASH).partition(" ")
    raw = unbase64(encoded)
    if not line.startswith(_DASH) or not name or not space or len(raw) < 5:
        raise NoteError("a signature line cannot be read")
    return name, raw


def _b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def unbase64(text: str) -> bytes:
    """The bytes of padded base64 in its one spelling; raises `NoteError`."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteError("not base64") from error
    if _b64(raw) != text:  # unused bits of the last sign
        raise NoteError("base64 is not canonical")
    return raw
