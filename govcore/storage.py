"""The object store: write-once on disk and on S3, the same calls for both."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlparse

import obstore
from obstore.exceptions import AlreadyExistsError
from obstore.exceptions import NotFoundError as MissingError
from obstore.store import LocalStore, S3Store

from govcore.errors import NotFound, Problem

CHUNK = 1 << 20


class AlreadyStored(Problem):
    """The key holds an object already; it is never overwritten."""

    code = "E_STORED"
    text = "This piece is stored already."


class Store:
    """Objects under keys; `put_new` creates and never replaces."""

    def __init__(self, url: str) -> None:
        parsed = urlparse(url)
        self._root = Path(parsed.path) if parsed.scheme == "file" else None
        if self._root is not None:
            self._root.mkdir(parents=True, exist_ok=True)
            self._store: LocalStore | S3Store = LocalStore(self._root, mkdir=True)
        else:
            self._store = S3Store.from_url(url, client_options={"allow_http": True})

    def put_new(self, key: str, data: bytes) -> None:
        """Store durably, raise `AlreadyStored` when the key is taken."""
        try:
            obstore.put(self._store, key, data, mode="create")
        except AlreadyExistsError as error:
            raise AlreadyStored from error
        if self._root is not None:
            _fsync(self._root / key, self._root)

    def get(self, key: str) -> bytes:
        try:
            return bytes(obstore.get(self._store, key).bytes())
        except MissingError as error:
            raise NotFound from error

    def stream(self, key: str) -> Iterator[bytes]:
        """The object in chunks of about 1 MiB."""
        try:
            result = obstore.get(self._store, key)
        except MissingError as error:
            raise NotFound from error
        for chunk in result.stream(min_chunk_size=CHUNK):
            yield bytes(chunk)

    def exists(self, key: str) -> bool:
        try:
            obstore.head(self._store, key)
        except MissingError:
            return False
        return True

    def delete(self, key: str) -> None:
        obstore.delete(self._store, key)


def _fsync(path: Path, root: Path) -> None:
    """Flush the file and every directory that names it: a rename alone is lost in a power cut."""
    while True:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if path == root:
            return
        path = path.parent
