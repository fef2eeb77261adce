"""The store is write-once, durable and the same on disk and on an S3 API."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from secrets import token_hex

import pytest
from servers import BUCKET

from govcore.errors import NotFound
from govcore.settings import SettingsError
from govcore.storage import CHUNK, AlreadyStored, Store

PIECE = bytes(range(256)) * 12_000  # three chunks


@pytest.fixture(params=["disk", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """An empty store of each kind."""
    if request.param == "disk":
        return Store(f"file://{tmp_path}/store of 文件 100%20")
    endpoint = request.getfixturevalue("s3_endpoint")
    return Store(f"s3://{BUCKET}/{token_hex(4)}?endpoint={endpoint}")


def test_what_is_put_is_got_streamed_and_found(store: Store) -> None:
    store.put_new("bids/a/0", PIECE)

    assert store.get("bids/a/0") == PIECE
    assert b"".join(store.stream("bids/a/0")) == PIECE
    assert (store.exists("bids/a/0"), store.exists("bids/a/1")) == (True, False)


def test_a_piece_is_got_of_a_stored_object(store: Store) -> None:
    store.put_new("a", PIECE)

    assert store.get_range("a", 5, 1000) == PIECE[5:1005]
    assert store.get_range("a", len(PIECE) - 3, 1000) == PIECE[-3:]
    assert store.size("a") == len(PIECE)
    for ask in (lambda: store.get_range("b", 0, 1), lambda: store.size("b")):
        with pytest.raises(NotFound):
            ask()


def test_a_stream_comes_in_chunks(store: Store) -> None:
    store.put_new("bids/a/0", PIECE)

    sizes = [len(chunk) for chunk in store.stream("bids/a/0")]

    assert len(sizes) > 1
    assert max(sizes) < 2 * CHUNK


def test_nothing_is_ever_put_twice(store: Store) -> None:
    store.put_new("a", b"first")

    with pytest.raises(AlreadyStored):
        store.put_new("a", b"second")
    assert store.get("a") == b"first"


def test_a_large_object_is_not_replaced_in_parts(store: Store) -> None:
    store.put_new("a", PIECE * 5)

    with pytest.raises(AlreadyStored):
        store.put_new("a", PIECE * 4)
    assert store.get("a") == PIECE * 5


def test_of_many_at_once_one_wins(store: Store) -> None:
    def put(n: int) -> bool:
        try:
            store.put_new("a", str(n).encode())
        except AlreadyStored:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(put, range(16)))

    assert won.count(True) == 1
    assert store.get("a") == str(won.index(True)).encode()


@pytest.mark.parametrize(
    "read", [lambda store: store.get("none"), lambda store: store.stream("none")], ids=["get", "stream"]
)
def test_what_is_not_there_is_not_found(store: Store, read: Callable[[Store], object]) -> None:
    with pytest.raises(NotFound):
        read(store)


def test_deleting_is_safe_to_repeat(store: Store) -> None:
    store.put_new("a", b"1")

    store.delete("a")
    store.delete("a")

    assert not store.exists("a")


@pytest.mark.parametrize("key", ["../outside", "a/../../outside", "a//b"])
def test_a_key_never_leaves_the_store(store: Store, key: str) -> None:
    with pytest.raises(ValueError, match="path"):
        store.put_new(key, b"1")


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """The inodes that are flushed to the disk, in order."""
    inodes: list[int] = []
    real = os.fsync

    def observe(descriptor: int) -> None:
        inodes.append(os.fstat(descriptor).st_ino)
        real(descriptor)

    monkeypatch.setattr(os, "fsync", observe)
    return inodes


def test_the_file_and_every_folder_above_it_are_flushed(tmp_path: Path, synced: list[int]) -> None:
    store = Store(f"file://{tmp_path}/s")

    store.put_new("bids/a/0", b"1")

    paths = [tmp_path / "s" / name for name in ("bids/a/0", "bids/a", "bids", "")]
    assert synced == [path.stat().st_ino for path in paths]


def test_an_object_found_in_place_is_flushed_too(tmp_path: Path, synced: list[int]) -> None:
    """The process that wrote it may have died before it flushed."""
    (tmp_path / "a").write_bytes(b"1")
    store = Store(f"file://{tmp_path}")

    with pytest.raises(AlreadyStored):
        store.put_new("a", b"1")

    assert synced == [(tmp_path / "a").stat().st_ino, tmp_path.stat().st_ino]


@pytest.mark.parametrize(
    "url",
    [
        "ftp://host/x",
        "s3://",
        "s3://bucket?endpont=http://127.0.0.1:9",
        "/folder",
        "s3://bucket?endpoint=http://127.0.0.1:9&secret=1",
    ],
)
def test_an_address_that_cannot_be_meant_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="TRADING_STORE_URL"):
        Store(url)


def test_two_prefixes_of_a_bucket_are_two_stores(s3_endpoint: str) -> None:
    one = Store(f"s3://{BUCKET}/{token_hex(4)}?endpoint={s3_endpoint}&region=eu-west-1")
    other = Store(f"s3://{BUCKET}/{token_hex(4)}?endpoint={s3_endpoint}")

    one.put_new("a", b"1")

    assert not other.exists("a")


def test_a_bucket_that_is_missing_is_an_error_and_no_taken_key(s3_endpoint: str) -> None:
    away = Store(f"s3://no-such-bucket-here?endpoint={s3_endpoint}")

    with pytest.raises(Exception, match="NoSuchBucket") as refusal:
        away.put_new("a", b"1")

    assert not isinstance(refusal.value, (AlreadyStored, NotFound))
