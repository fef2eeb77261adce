"""Rotation of key-encryption keys: may be killed anywhere, run twice, and never undoes a destroyed secret."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import delete, select

from govcore import rotation
from govcore.audit.entries import parse_event
from govcore.audit.models import LogOutbox
from govcore.keys_cli import keys
from govcore.platform import Platform
from govcore.vault import PURPOSES, Vault, VaultKey

DIES = """
import os, signal
from sqlalchemy import event
from govcore import rotation
from govcore.platform import Platform
from govcore.settings import Settings

platform = Platform.open(Settings.from_environ(os.environ))
rotation.BATCH = 1
commits = []
def died(connection):
    commits.append(1)
    if len(commits) == 3:
        os.kill(os.getpid(), signal.SIGKILL)
event.listen(platform.db.engine, "commit", died)
rotation.rotate(platform.db, platform.registry, platform.wrapper)
"""


def _environ(platform: Platform) -> dict[str, str]:
    settings = platform.settings
    return {
        "TRADING_DATA": str(settings.data),
        "TRADING_DATABASE_URL": settings.database_url,
        "TRADING_KEK_FILE": str(settings.kek_file),
        "TRADING_DEMO": "1",
    }


def _rotations(platform: Platform) -> list[object]:
    with platform.db.read() as tx:
        events = [parse_event(row.event) for row in tx.scalars(select(LogOutbox).order_by(LogOutbox.id))]
    return [event["data"] for event in events if event["type"] == "key.rotated"]


def _named(platform: Platform) -> Counter[str]:
    return sum(rotation.status(platform.db, platform.registry.wrapped).values(), Counter())


def test_every_secret_moves_to_a_new_key_and_reads_as_before(platform: Platform) -> None:
    before = platform.keys.log_signer.public_bytes

    moved = rotation.rotate(platform.db, platform.registry, platform.wrapper)

    assert (moved, _named(platform)) == (len(PURPOSES) + 1, Counter({"kek-2": moved}))
    with platform.db.read() as tx:
        assert Vault.load(tx, platform.wrapper).log_signer.public_bytes == before
    assert _rotations(platform) == [{"kek": "kek-2", "blobs": moved}]


def test_a_rotation_that_was_killed_is_finished_by_the_next_run(platform: Platform) -> None:
    died = subprocess.run([sys.executable, "-c", DIES], env={**os.environ, **_environ(platform)}, check=False)
    assert died.returncode == -signal.SIGKILL
    left = _named(platform)
    assert set(left) == {"kek", "kek-2"}

    moved = rotation.rotate(platform.db, platform.registry, platform.wrapper)

    assert (moved, platform.wrapper.newest()) == (left["kek"], "kek-2")
    assert _named(platform) == Counter({"kek-2": len(PURPOSES) + 1})
    assert _rotations(platform) == [{"kek": "kek-2", "blobs": moved}]


def test_a_secret_destroyed_while_its_page_is_moved_stays_destroyed(platform: Platform) -> None:
    column = next(one for one in platform.registry.wrapped if one.table == "vault_key")
    platform.wrapper.add()
    with platform.db.read() as tx:
        rows = list(tx.scalars(select(VaultKey).order_by(VaultKey.purpose)))
    with platform.db.transaction() as tx:
        tx.execute(delete(VaultKey).where(VaultKey.purpose == rows[0].purpose))

    with platform.db.transaction() as tx:
        done = [rotation._rewrap(tx, column, row, platform.wrapper) for row in rows]

    assert done == [False, True, True, True]
    with platform.db.read() as tx:
        assert set(tx.scalars(select(VaultKey.purpose))) == {row.purpose for row in rows[1:]}


def test_the_command_says_what_each_key_still_holds(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in _environ(platform).items():
        monkeypatch.setenv(name, value)
    run = CliRunner().invoke

    rotated = run(keys, ["rotate"], catch_exceptions=False)
    shown = run(keys, ["status"], catch_exceptions=False)
    Path(platform.settings.kek_file).with_name("kek-2").unlink()
    lost = run(keys, ["status"], catch_exceptions=False)

    assert rotated.output == "5 secrets are now wrapped with kek-2; back it up now.\n"
    assert shown.output.splitlines() == [
        "kek: no secret names it",
        "kek-2 (wraps): certificates_authority 1, vault_key 4",
    ]
    assert lost.output.splitlines() == [
        "kek (wraps): no secret names it",
        "kek-2 (NOT AT HAND): certificates_authority 1, vault_key 4",
    ]
