"""The files that come with an answer: checked and stored before the transaction that refers to them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from govcore.errors import Problem
from govcore.storage import AlreadyStored, Store
from trading.review.policy import FILE_KINDS, FILE_LIMIT, FILES_MAX, file_fits


class BadFile(Problem):
    code = "E_ANSWER_FILE"
    status = 422
    text = "At most {files} files of at most {megabytes} MB each: {kinds}. {name} is not such a file."


@dataclass(frozen=True, slots=True)
class Given:
    """A file as it came."""

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that lies in the store; nothing refers to it yet."""

    name: str
    sha256: str
    size: int
    key: str


def store_all(store: Store, request_id: str, files: Sequence[Given]) -> list[Stored]:
    """Check and store the files; raise `BadFile` and store none."""
    for file in files:
        named = 0 < len(file.name) <= 200
        small = len(files) <= FILES_MAX and len(file.content) <= FILE_LIMIT
        if not (named and small and file_fits(file.name, file.content)):
            kinds = ", ".join(FILE_KINDS)
            raise BadFile(files=FILES_MAX, megabytes=FILE_LIMIT >> 20, kinds=kinds, name=file.name[:200])
    return [_store(store, request_id, file) for file in files]


def _store(store: Store, request_id: str, file: Given) -> Stored:
    digest = hashlib.sha256(file.content).hexdigest()
    key = f"review/{request_id}/{digest}"
    with suppress(AlreadyStored):
        store.put_new(key, file.content)
    return Stored(file.name, digest, len(file.content), key)
