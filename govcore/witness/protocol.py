"""The judgement of `add-checkpoint` (C2SP tlog-witness): nothing here knows HTTP."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from govcore.audit.note import Note, NoteError, TreeHead, VerifierKey, cosign, parse_head, parse_note
from govcore.audit.tree import verify_consistency
from govcore.witness.keys import WitnessKey
from govcore.witness.state import State

PATH_MAX = 63
BODY_MAX = 1 << 17
"""A checkpoint with 63 hashes and dozens of signatures is far smaller."""

_OLD = re.compile(r"old (0|[1-9]\d{0,18})")


class Refused(Exception):
    """The witness does not cosign; `status` is the answer's, `size` what a 409 tells."""

    def __init__(self, status: int, reason: str, *, size: int | None = None) -> None:
        super().__init__(reason)
        self.status, self.reason, self.size = status, reason, size


@dataclass(frozen=True, slots=True)
class Request:
    """A parsed body: from which size the log proves its growth, and to which checkpoint."""

    old: int
    path: tuple[bytes, ...]
    head: TreeHead
    signed: Note
    note: str


@dataclass(frozen=True, slots=True)
class Witness:
    """The one rule of a witness: cosign what extends the last cosigned checkpoint, and remember it first."""

    key: WitnessKey
    logs: Mapping[str, VerifierKey]
    state: State
    clock: Callable[[], float]

    def add_checkpoint(self, body: bytes) -> str:
        """The cosignature line; raises `Refused` with the status that the specification gives each case."""
        request = parse(body)
        log = self.logs.get(request.head.origin)
        if log is None:
            raise Refused(404, f"this witness does not follow {request.head.origin}")
        if not request.signed.signed_by(log):
            raise Refused(403, f"the checkpoint is not signed by {log}")
        if request.old > request.head.size:
            raise Refused(400, "the old size is larger than the checkpoint's")
        self._extend(request)
        return cosign(request.signed.text, name=self.key.name, signer=self.key, seconds=int(self.clock()))

    def _extend(self, request: Request) -> None:
        """Compare and remember in one transaction, which is on the disk before anything is cosigned."""
        head = request.head
        with self.state.transaction() as memory:
            latest = memory.latest(head.origin)
            if forked := head.size == latest.size and head.root != latest.root and head.size > 0:
                memory.keep_fork(head, request.note)
            elif request.old == latest.size:
                _check_growth(latest, request)
                memory.remember(head, request.note)
        if forked or request.old != latest.size:
            why = "another root was cosigned for this size" if forked else f"the old size is {latest.size}"
            raise Refused(409, why, size=latest.size)


def _check_growth(latest: TreeHead, request: Request) -> None:
    if not verify_consistency(
        old=latest.size,
        new=request.head.size,
        old_root=latest.root,
        new_root=request.head.root,
        path=request.path,
    ):
        raise Refused(422, f"the proof does not show that the checkpoint extends the one of {latest.size}")


def parse(body: bytes) -> Request:
    """Raises `Refused` (400) for anything but the lines of the specification."""
    try:
        top, separator, note = body.decode().partition("\n\n")
        first, *lines = top.split("\n")
        old = _OLD.fullmatch(first)
        if not separator or old is None or len(lines) > PATH_MAX:
            raise Refused(400, "not an old size, a proof of at most 63 hashes, and a checkpoint")
        path = tuple(_hash(line) for line in lines)
        signed = parse_note(note)
        # A log may sign lines of its own after these three; they are cosigned with the rest.
        head = parse_head("".join(f"{line}\n" for line in signed.text.split("\n")[:3]))
    except (UnicodeDecodeError, NoteError, binascii.Error) as error:
        raise Refused(400, str(error)) from error
    return Request(int(old[1]), path, head, signed, note)


def _hash(line: str) -> bytes:
    raw = base64.b64decode(line, validate=True)
    if len(raw) != 32:
        raise Refused(400, "a line of the proof is not a hash")
    return raw
