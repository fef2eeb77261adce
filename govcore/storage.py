"""The object store: write-once on disk and on S3, the same calls for both."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError
from obstore.store import LocalStore, S3Store

from govcore.errors import NotFound, Problem
from govcore.settings import SettingsError

if TYPE_CHECKING:  # a name for the type checker only
    from obstore.store import S3Config

CHUNK = 1 << 20


class AlreadyStored(Problem):
    """The key holds an object already; it is never overwritten."""

    code = "E_STORED"
    text = "This piece is stored already."


class Store:
    """Objects under keys; `put_new` creates and never replaces.

    `url` is `file:///folder` or `s3://bucket/prefix?endpoint=http://host:port&region=name&public=https://host`;
    `public` is the endpoint as clients reach it, when it differs. The credentials of S3 come from the `AWS_…`
    variables. An S3 service must honour `If-None-Match: *` on PUT.
    """

    def __init__(self, url: str) -> None:
        self._store: LocalStore | S3Store
        self._root: Path | None = None
        self._public: S3Store | None = None
        if url.startswith("file://"):
            self._root = Path(url.removeprefix("file://"))
            self._root.mkdir(parents=True, exist_ok=True)
            self._store = LocalStore(self._root, mkdir=True)
        else:
            self._store, self._public = _s3(url)

    def check(self) -> None:
        """Raise unless the store answers; nothing needs to lie there, and nothing is written."""
        with suppress(FileNotFoundError):
            obstore.head(self._store, "readiness")
        if self._root is not None and not os.access(self._root, os.W_OK):
            raise PermissionError(f"{self._root} cannot be written to")

    def put_new(self, key: str, data: bytes) -> None:
        """Store durably, raise `AlreadyStored` when the key is taken (by a durable object, too)."""
        try:
            obstore.put(self._store, key, data, mode="create", use_multipart=False)
        except AlreadyExistsError as error:
            self._make_durable(key)
            raise AlreadyStored from error
        self._make_durable(key)

    def get(self, key: str) -> bytes:
        """The whole object; `NotFound` when there is none."""
        try:
            return bytes(obstore.get(self._store, key).bytes())
        except FileNotFoundError as error:
            raise NotFound from error

    def get_range(self, key: str, start: int, length: int) -> bytes:
        """So many bytes of the object from `start` on, fewer only at its end; `NotFound` when there is none."""
        try:
            return bytes(obstore.get_range(self._store, key, start=start, length=length))
        except FileNotFoundError as error:
            raise NotFound from error

    def size(self, key: str) -> int:
        """How long the object is; `NotFound` when there is none."""
        try:
            return obstore.head(self._store, key)["size"]
        except FileNotFoundError as error:
            raise NotFound from error

    def stream(self, key: str) -> Iterator[bytes]:
        """The object in chunks of about 1 MiB; `NotFound`, before the first chunk, when there is none."""
        try:
            result = obstore.get(self._store, key)
        except FileNotFoundError as error:
            raise NotFound from error
        return (bytes(chunk) for chunk in result.stream(min_chunk_size=CHUNK))

    def read_limited(self, key: str, size: int) -> bytes | None:
        """The object when it is exactly `size` bytes long, else nothing and no byte read; `NotFound`."""
        try:
            result = obstore.get(self._store, key)
        except FileNotFoundError as error:
            raise NotFound from error
        return bytes(result.bytes()) if result.meta["size"] == size else None

    def place_for(self, key: str, *, lifetime: timedelta) -> str | None:
        """A presigned address to PUT one object to without credentials; nothing on a folder.

        S3 signs neither length nor hash of what will come, and a later PUT replaces an earlier one: only keys
        that are read once and copied may be given away so.
        """
        return None if self._public is None else obstore.sign(self._public, "PUT", key, lifetime)

    @cached_property
    def client_origin(self) -> str | None:
        """The origin that presigned addresses have; nothing on a folder."""
        place = self.place_for("origin", lifetime=timedelta(minutes=1))
        return None if place is None else "{0.scheme}://{0.netloc}".format(urlsplit(place))

    def sizes(self) -> Iterator[tuple[str, int]]:
        """Every object's key and length."""
        return ((item["path"], item["size"]) for page in obstore.list(self._store) for item in page)

    def keys(self, prefix: str) -> list[str]:
        """The keys of all objects below the prefix."""
        return [item["path"] for page in obstore.list(self._store, prefix=prefix) for item in page]

    def delete_below(self, prefix: str, *, older_than: timedelta = timedelta(0)) -> None:
        """Remove every object below the prefix that was written longer ago than this."""
        before = datetime.now(UTC) - older_than
        found = [item for page in obstore.list(self._store, prefix=prefix) for item in page]
        for item in found:
            if not older_than or item["last_modified"] < before:
                self.delete(item["path"])

    def exists(self, key: str) -> bool:
        try:
            obstore.head(self._store, key)
        except FileNotFoundError:
            return False
        return True

    def delete(self, key: str) -> None:
        """Remove the object; nothing happens when there is none."""
        with suppress(FileNotFoundError):
            obstore.delete(self._store, key)

    def _make_durable(self, key: str) -> None:
        if self._root is not None:
            _fsync(self._root / key.lstrip("/"), self._root)


def _s3(url: str) -> tuple[S3Store, S3Store]:
    """The store as this process reaches it, and as the clients do."""
    parsed = urlsplit(url)
    options = dict(parse_qsl(parsed.query, strict_parsing=True)) if parsed.query else {}
    unknown = options.keys() - {"endpoint", "region", "public"}
    if parsed.scheme != "s3" or not parsed.netloc or unknown:
        raise SettingsError(
            "TRADING_STORE_URL must be file:///folder or s3://bucket/prefix?endpoint=…&region=…&public=…"
        )
    region = options.get("region") or os.environ.get("AWS_REGION", "us-east-1")
    inside = options.get("endpoint", "")

    def store(endpoint: str) -> S3Store:
        config: S3Config = {"region": region}
        if endpoint:
            config["endpoint"] = endpoint
        return S3Store(
            parsed.netloc,
            prefix=parsed.path.strip("/") or None,
            client_options={"allow_http": endpoint.startswith("http://"), "timeout": "30s"},
            retry_config={"max_retries": 5, "retry_timeout": timedelta(seconds=20)},
            config=config,
        )

    return store(inside), store(options.get("public", inside))


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
