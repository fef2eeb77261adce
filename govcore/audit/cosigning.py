"""The log's side of C2SP tlog-witness: show new checkpoints to the witnesses, keep their cosignatures."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import httpx
import structlog
from sqlalchemy.exc import IntegrityError

from govcore import clock
from govcore.audit import queries, service
from govcore.audit.note import Note, NoteError, VerifierKey, parse_note
from govcore.audit.queries import Checkpoint
from govcore.audit.tlog_policy import Witness
from govcore.platform import Platform

TIMEOUT = 3.0
"""A witness signs in milliseconds; who takes seconds is treated as down, and asked again later."""

NEWEST = 4
"""After a silence only the last few checkpoints are shown: each cosignature covers everything before it."""

_log = structlog.get_logger()


class WitnessProblem(RuntimeError):
    """The witness did not cosign; the text says why."""


class _OtherSize(Exception):
    """The witness has last cosigned another size than we thought (409)."""

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.size = size


@dataclass(frozen=True, slots=True)
class Cosignature:
    """A witness's verified signature line, and the POSIX time in it."""

    line: str
    seconds: int


def ask(witness: Witness, note: str, *, old: int, path: Sequence[bytes]) -> Cosignature:
    """Submit a checkpoint with its proof of growth; raise `WitnessProblem` when it is not cosigned.

    A checkpoint that the witness has cosigned already is cosigned again, with the present time (`old` = its size,
    no path): so the gate gets a fresh look at the witness's clock.
    """
    try:
        return _ask(witness, note, old=old, path=path)
    except _OtherSize as other:
        raise WitnessProblem(f"it has cosigned the size {other.size}, not {old}") from other


def _ask(witness: Witness, note: str, *, old: int, path: Sequence[bytes]) -> Cosignature:
    lines = [f"old {old}", *(base64.b64encode(digest).decode() for digest in path)]
    body = "\n".join(lines) + f"\n\n{note}"
    try:
        answer = httpx.post(f"{witness.url}/add-checkpoint", content=body.encode(), timeout=TIMEOUT)
    except httpx.HTTPError as error:
        raise WitnessProblem(f"it does not answer: {error}") from error
    if answer.status_code == 409 and answer.headers.get("content-type", "").startswith("text/x.tlog.size"):
        size = answer.text.strip()
        if size.isascii() and size.isdecimal() and int(size) != old:
            raise _OtherSize(int(size))
    if answer.status_code != 200:
        raise WitnessProblem(f"it refuses with {answer.status_code}: {answer.text.strip()[:200]}")
    return _own_line(witness.vkey, note, answer.text)


def _own_line(key: VerifierKey, note: str, answer: str) -> Cosignature:
    """The witness's own line of the answer; lines of unknown keys are ignored, as the specification says."""
    text = parse_note(note).text
    try:
        for line in answer.splitlines(keepends=True):
            signed: Note = parse_note(f"{text}\n{line}")
            if (seconds := signed.cosigned_at(key)) is not None:
                return Cosignature(line, seconds)
    except NoteError as error:
        raise WitnessProblem(f"its answer cannot be read: {error}") from error
    raise WitnessProblem("its answer holds no cosignature of its key")


def cosign(platform: Platform) -> None:
    """Ask every witness that is behind; one that is silent is told about, and stops only what waits for it."""
    if not platform.settings.witnesses:
        return
    with platform.db.read() as tx:
        latest = queries.latest_checkpoint(tx)
        behind = [
            witness
            for witness, state in queries.witness_states(tx)
            if latest is not None and state.size < latest.size
        ]
    for witness in behind:
        _ask_for_all(platform, witness)


def _ask_for_all(platform: Platform, witness: Witness) -> None:
    size = None
    with suppress(IntegrityError), platform.db.transaction() as tx:  # the first time, two may make its row
        size = service.lease_witness(tx, str(witness.vkey), at=clock.now(tx))
    if size is None:
        return
    try:
        with platform.db.read() as tx:
            due = queries.checkpoints_after(tx, size, newest=NEWEST)
        for checkpoint in due:
            size = _extend(platform, witness, checkpoint, size)
        _check_not_ahead(platform, size)
        with platform.db.transaction() as tx:
            service.release_witness(tx, witness.vkey)
    except (WitnessProblem, NoteError) as problem:
        _log.error("log.witness_silent", witness=witness.vkey.name, reason=str(problem))
        with platform.db.transaction() as tx:
            service.note_witness_problem(tx, witness.vkey, str(problem), at=clock.now(tx))


def _extend(
    platform: Platform, witness: Witness, checkpoint: Checkpoint, old: int, *, corrected: bool = False
) -> int:
    """Get one checkpoint cosigned and kept; the size that the witness has cosigned afterwards."""
    if old > checkpoint.size:
        return old  # somebody showed it a later one already: that covers this one
    try:
        cosignature = _submit(platform, witness, checkpoint, old)
    except _OtherSize as other:
        if corrected:
            raise WitnessProblem("it names another size each time it is asked") from other
        return _extend(platform, witness, checkpoint, other.size, corrected=True)
    with platform.db.transaction() as tx:
        service.keep_cosignature(
            tx, checkpoint.size, witness=witness.vkey, line=cosignature.line, at=clock.now(tx)
        )
    return checkpoint.size


def _submit(platform: Platform, witness: Witness, checkpoint: Checkpoint, old: int) -> Cosignature:
    with platform.db.read() as tx:
        path = queries.consistency_proof(tx, old=old, new=checkpoint.size)
    return _ask(witness, checkpoint.note, old=old, path=path)


def _check_not_ahead(platform: Platform, size: int) -> None:
    """A witness that knows a larger tree than ours has seen what we lost."""
    with platform.db.read() as tx:
        latest = queries.latest_checkpoint(tx)
    if latest is not None and size > latest.size:
        raise WitnessProblem(
            f"it has cosigned {size} entries, the log holds {latest.size}: was an old backup restored?"
        )
