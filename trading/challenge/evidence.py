"""Evidence: what files may be, and how they lie in the store, each under a key of its own."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from govcore.db import Tx, new_id
from govcore.errors import Problem
from govcore.keys import KeyWrapper
from govcore.storage import Store
from trading.challenge.models import Evidence
from trading.challenge.policy import FILE_KINDS, FILE_LIMIT, FILES_MAX, file_fits

PURPOSE = "objection_evidence"


class BadEvidence(Problem):
    code = "E_EVIDENCE"
    status = 422
    text = "At most {files} files of at most {megabytes} MB each: {kinds}. {name} is not such a file."


@dataclass(frozen=True, slots=True)
class Given:
    """A file as it came."""

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that lies encrypted in the store already; nothing refers to it yet."""

    name: str
    sha256: str
    size: int
    store_key: str
    secret: bytes = field(repr=False)


class _Kept(msgspec.Struct, frozen=True):
    name: str
    secret: bytes

    def __repr__(self) -> str:
        return "_Kept()"


def store_all(store: Store, files: Sequence[Given]) -> list[Stored]:
    """Check and store files before the transaction that refers to them; raise `BadEvidence` and store none."""
    for file in files:
        too_many_or_large = len(files) > FILES_MAX or len(file.content) > FILE_LIMIT
        if (
            too_many_or_large
            or not file.name
            or len(file.name) > 200
            or not file_fits(file.name, file.content)
        ):
            kinds = ", ".join(FILE_KINDS)
            raise BadEvidence(files=FILES_MAX, megabytes=FILE_LIMIT >> 20, kinds=kinds, name=file.name[:200])
    return [_store(store, file) for file in files]


def _store(store: Store, file: Given) -> Stored:
    secret, key = secrets.token_bytes(32), f"challenge/{new_id()}"
    # One message for each key: a fixed nonce cannot repeat.
    store.put_new(key, AESGCM(secret).encrypt(bytes(12), file.content, None))
    digest = hashlib.sha256(file.content).hexdigest()
    return Stored(file.name, digest, len(file.content), key, secret)


def keep(tx: Tx, wrapper: KeyWrapper, entry_id: str, stored: Sequence[Stored]) -> None:
    """Attach stored files to an entry."""
    for file in stored:
        evidence_id = new_id()
        kept = msgspec.json.encode(_Kept(file.name, file.secret))
        tx.add(
            Evidence(
                id=evidence_id,
                entry_id=entry_id,
                sha256=file.sha256,
                size=file.size,
                store_key=file.store_key,
                wrapped=wrapper.wrap(PURPOSE, evidence_id, kept),
            )
        )


def name_of(wrapper: KeyWrapper, row: Evidence) -> str:
    return _kept(wrapper, row).name


def content_of(store: Store, wrapper: KeyWrapper, row: Evidence) -> Given:
    """The file as it came."""
    kept = _kept(wrapper, row)
    return Given(kept.name, AESGCM(kept.secret).decrypt(bytes(12), store.get(row.store_key), None))


def _kept(wrapper: KeyWrapper, row: Evidence) -> _Kept:
    return msgspec.json.decode(wrapper.unwrap(PURPOSE, row.id, row.wrapped), type=_Kept)
