"""The store goes with the backup: each object once, and everything back that was lost, on a disk and on S3."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from secrets import token_hex

import pytest
from restoring import AT, asked, signed
from servers import BUCKET

from govcore.platform import Platform
from govcore.settings import Settings
from govcore.storage import Store
from govcore.upkeep import backups, store_copies
from govcore.upkeep.approvals import OperatorKey
from govcore.upkeep.store_copies import CopyBroken


@pytest.fixture(params=["disk", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where copies lie."""
    if request.param == "disk":
        return f"file://{tmp_path / 'copies'}"
    return f"s3://{BUCKET}/{token_hex(4)}?endpoint={request.getfixturevalue('s3_endpoint')}"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    found = Store(f"file://{tmp_path / 'store'}")
    for key, data in {"bids/1": b"sealed", "bids/2": b"sealed", "papers/3": b"paper"}.items():
        found.put_new(key, data)
    found.put_new("staging/4", b"not taken in")
    return found


def test_a_copy_holds_each_content_once_and_reads_only_what_is_new(
    store: Store, place: str, tmp_path: Path
) -> None:
    copies, empty = Store(place), Store(f"file://{tmp_path / 'empty'}")
    store_copies.copy(store, copies, at=AT)
    first = sorted(copies.keys("objects"))
    (tmp_path / "store" / "bids" / "1").write_bytes(b"SEALED")  # as long as before: it is not read again
    store.put_new("bids/5", b"late")
    store.delete("bids/2")
    listed = store_copies.copy(store, copies, at=AT + timedelta(hours=1))

    back = store_copies.bring_back(copies, empty, listed)

    assert (len(first), len(copies.keys("objects"))) == (2, 3)
    assert (back, store_copies.bring_back(copies, empty, listed)) == (3, 0)
    assert {key: empty.get(key) for key, _ in empty.sizes()} == {
        "bids/1": b"sealed",
        "bids/5": b"late",
        "papers/3": b"paper",
    }


def test_a_copy_that_was_changed_or_lacks_something_brings_nothing_wrong_back(
    store: Store, tmp_path: Path
) -> None:
    copies, empty = Store(f"file://{tmp_path / 'copies'}"), Store(f"file://{tmp_path / 'empty'}")
    listed = store_copies.copy(store, copies, at=AT)
    paper = next(one for one in store_copies.decode(listed) if one.key == "papers/3")
    found = tmp_path / "copies" / "objects" / paper.sha256

    found.write_bytes(b"PAPER")
    with pytest.raises(CopyBroken):
        store_copies.bring_back(copies, empty, listed)
    found.unlink()
    with pytest.raises(CopyBroken):
        store_copies.bring_back(copies, empty, listed)

    assert not empty.exists("papers/3")


def test_a_return_brings_database_and_store_back_as_they_were_copied(
    platform: Platform, backed_up: Path, empty: Settings, keys: dict[str, OperatorKey], tmp_path: Path
) -> None:
    platform.store.put_new("bids/1", b"sealed")
    whole = tmp_path / "whole"
    manifest = backups.make(
        platform.settings, platform.registry, whole, store=f"file://{tmp_path / 'copies'}"
    )
    there = replace(empty, kek_file=platform.settings.kek_file)

    request = signed(asked(there, platform.registry, whole), keys["wang"], keys["li"])
    backups.restore(there, platform.registry, whole, request, at=AT)
    with (whole / backups.LIST).open("ab") as listed:
        listed.write(b"\n")

    assert manifest.store == f"file://{tmp_path / 'copies'}"
    assert Store(there.store_url).get("bids/1") == b"sealed"
    with pytest.raises(backups.BackupBroken):
        backups._checked(there, platform.registry, whole)
