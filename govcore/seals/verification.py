"""What anybody who holds a sealed paper, or its code, is told; nothing is kept of what they show."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from io import SEEK_END
from tempfile import SpooledTemporaryFile

from govcore.db import Tx
from govcore.errors import NotFound, Problem
from govcore.seals import queries
from govcore.seals.policy import code_sha256, read_code
from govcore.seals.queries import Verdict

FILE_LIMIT = 32 << 20
_END = b"%%EOF"
_REVISIONS = 24
_SHA256 = re.compile(r"[0-9a-f]{64}")


class CodeMalformed(Problem):
    code = "E_CHECK_CODE"
    status = 422
    text = "A check code has sixteen letters and digits, as in 7K2M-9QPX-41AB-CDEF."


class NothingToCheck(Problem):
    code = "E_NOTHING_TO_CHECK"
    status = 422
    text = "Choose the file, or give its SHA-256 or the check code of the paper."


class NotSealedHere(NotFound):
    """The same answer for what never was and for what is no longer told."""

    code = "E_NOT_SEALED_HERE"
    text = "No file with this content or code was published or sealed here."


class Match(StrEnum):
    WHOLE = "whole"
    EXTENDED = "extended"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Finding:
    """The register's word on a paper, and how the shown file compares; `match` is None without a file."""

    verdict: Verdict
    match: Match | None


class HashMalformed(Problem):
    code = "E_CHECK_HASH"
    status = 422
    text = "A SHA-256 has 64 characters 0-9 and a-f."


def check(tx: Tx, *, code: str, digests: Sequence[str]) -> Finding:
    """Look a paper up by its code, its content (the hashes of its states, the whole first), or both.

    Raises `NothingToCheck`, `CodeMalformed`, `NotSealedHere`.
    """
    if not code.strip() and not digests:
        raise NothingToCheck
    if code.strip():
        if read_code(code) is None:
            raise CodeMalformed
        verdict = queries.by_code(tx, code_sha256(code))
    else:
        verdict = queries.by_digests(tx, digests)
    if verdict is None:
        raise NotSealedHere
    return Finding(verdict, _match(verdict, digests) if digests else None)


def digests_of(file: SpooledTemporaryFile[bytes]) -> list[str]:
    """The hash of a file, and of the earlier states of one that is not larger than what is sealed here."""
    whole = hashlib.file_digest(file, "sha256").hexdigest()
    file.seek(0, SEEK_END)
    if file.tell() > FILE_LIMIT:
        return [whole]
    file.seek(0)
    return revisions(file.read())


def read_hash(text: str) -> list[str]:
    """A typed SHA-256, or nothing for an empty field; `HashMalformed`."""
    digest = text.strip().lower()
    if digest and not _SHA256.fullmatch(digest):
        raise HashMalformed
    return [digest] if digest else []


def revisions(file: bytes) -> list[str]:
    """SHA-256 of the whole file and of each earlier state that a PDF with additions still begins with."""
    found: list[str] = []
    hasher, done, at = hashlib.sha256(), 0, file.find(_END)
    while at >= 0 and len(found) < _REVISIONS:
        for end in _line_ends(file, at + len(_END)):
            hasher.update(file[done:end])
            done = end
            found.append(hasher.hexdigest())
        at = file.find(_END, at + 1)
    hasher.update(file[done:])
    return [hasher.hexdigest(), *found]


def _line_ends(file: bytes, end: int) -> list[int]:
    """Where a state may end: after the mark, and after the line end that may follow it."""
    ends = [end]
    for mark in (b"\r\n", b"\n", b"\r"):
        if file.startswith(mark, end):
            return [*ends, end + len(mark)]
    return ends


def _match(verdict: Verdict, digests: Sequence[str]) -> Match:
    if verdict.sealed_sha256 == digests[0]:
        return Match.WHOLE
    return Match.EXTENDED if verdict.sealed_sha256 in digests else Match.OTHER
