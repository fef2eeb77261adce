"""A new key-encryption key: ordered by two administrators, killed anywhere, run twice, no destroyed secret undone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner
from clocks import move_clock
from sqlalchemy import delete, select

from govcore import clock, rotation
from govcore.audit.entries import parse_event
from govcore.audit.models import LogOutbox
from govcore.authority import proposals
from govcore.authority.schemas import Confirmation
from govcore.cli import main
from govcore.errors import Forbidden, NotFound
from govcore.identity.policy import Actor, Role
from govcore.identity.queries import actor_of_user
from govcore.identity.service import register_user
from govcore.platform import Platform
from govcore.upkeep import queries, service
from govcore.vault import PURPOSES, Vault, VaultKey

DIES = """
import os, signal
from sqlalchemy import event
from govcore import rotation
from govcore.platform import Platform
from govcore.settings import Settings
from govcore.upkeep import service

platform = Platform.open(Settings.from_environ(os.environ))
rotation.BATCH = 1
commits = []
def died(connection):
    commits.append(1)
    if len(commits) == 4:
        os.kill(os.getpid(), signal.SIGKILL)
event.listen(platform.db.engine, "commit", died)
service.rotate(platform.db, platform.registry, platform.wrapper)
"""


@pytest.fixture
def people(platform: Platform) -> dict[str, str]:
    roles = {"system": Role.SYSTEM_ADMIN, "security": Role.SECURITY_ADMIN, "auditor": Role.AUDITOR}
    with platform.db.transaction() as tx:
        at = clock.now(tx)
        return {
            name: register_user(
                tx,
                username=name,
                name=name,
                password="a long enough password",
                org_id=None,
                roles=[role],
                actor="system",
                at=at,
            ).id
            for name, role in roles.items()
        }


def _actor(platform: Platform, user_id: str) -> Actor:
    with platform.db.read() as tx:
        return actor_of_user(tx, user_id)


def _order(platform: Platform, people: dict[str, str], key: str = "kek") -> None:
    """Two administrators order a key after this one."""
    with platform.db.transaction() as tx:
        made = proposals.propose(
            tx,
            "key.rotate",
            key,
            content={},
            reason="年度更换",
            actor=actor_of_user(tx, people["system"]),
            at=clock.now(tx),
        )
        said = Confirmation(act="key.rotate", object_id=key, sha256=made.sha256)
    with platform.db.transaction() as tx:
        second = actor_of_user(tx, people["security"])
        proposals.confirm(tx, platform, made.id, said, actor=second)


def _rotate(platform: Platform) -> int:
    return service.rotate(platform.db, platform.registry, platform.wrapper)


def _environ(platform: Platform) -> dict[str, str]:
    settings = platform.settings
    return {
        "TRADING_DATA": str(settings.data),
        "TRADING_DATABASE_URL": settings.database_url,
        "TRADING_KEK_FILE": str(settings.kek_file),
        "TRADING_DEMO": "1",
    }


def _rotations(platform: Platform) -> list[tuple[str, int]]:
    """The new key and how many secrets moved, of every rotation in the log, each on somebody's order."""
    with platform.db.read() as tx:
        events = [parse_event(row.event) for row in tx.scalars(select(LogOutbox).order_by(LogOutbox.id))]
    orders = {event["subject"] for event in events if event["type"] == "key.rotation_ordered"}
    done = [event["data"] for event in events if event["type"] == "key.rotated"]
    return [(one["kek"], one["blobs"]) for one in done if one["order"] in orders]


def _named(platform: Platform) -> Counter[str]:
    return sum(rotation.status(platform.db, platform.registry.wrapped).values(), Counter())


def test_every_secret_moves_to_a_new_key_and_reads_as_before(
    platform: Platform, people: dict[str, str]
) -> None:
    before = platform.keys.log_signer.public_bytes
    _order(platform, people)

    moved = _rotate(platform)

    assert (moved, _named(platform)) == (len(PURPOSES) + 1, Counter({"kek-2": moved}))
    with platform.db.read() as tx:
        assert Vault.load(tx, platform.wrapper).log_signer.public_bytes == before
    assert _rotations(platform) == [("kek-2", moved)]


def test_without_an_order_that_is_new_enough_no_key_is_made(
    platform: Platform, people: dict[str, str]
) -> None:
    """One person alone, an order that lapsed, and one that was used: none of them begins a rotation."""
    with pytest.raises(service.NotOrdered):
        _rotate(platform)
    _order(platform, people)
    move_clock(platform.db, minutes=10)
    with pytest.raises(service.NotOrdered):
        _rotate(platform)
    _order(platform, people)
    _rotate(platform)
    with pytest.raises(service.NotOrdered):
        _rotate(platform)

    assert _named(platform) == Counter({"kek-2": len(PURPOSES) + 1})
    with platform.db.read() as tx:
        shown = queries.rotations(tx, actor=_actor(platform, people["auditor"]), at=clock.now(tx))
    assert [(one.state, one.leaves, one.newest) for one in shown] == [
        ("done", "kek", "kek-2"),
        ("lapsed", "kek", None),
    ]


def test_the_order_names_the_present_key_and_takes_two_kinds_of_administrators(
    platform: Platform, people: dict[str, str]
) -> None:
    with pytest.raises(NotFound):
        _order(platform, people, "kek-7")
    for name in ("security", "auditor"):
        with pytest.raises(Forbidden):
            _order(platform, {**people, "system": people[name]})
    with pytest.raises(Forbidden):
        _order(platform, {**people, "security": people["auditor"]})
    with pytest.raises(service.NotOrdered):
        _rotate(platform)


def test_what_was_wrapped_in_the_moment_of_the_change_needs_no_new_order(
    platform: Platform, people: dict[str, str]
) -> None:
    with platform.db.read() as tx:
        late = tx.get_one(VaultKey, "tag").wrapped
    _order(platform, people)
    _rotate(platform)
    with platform.db.transaction() as tx:
        tx.get_one(VaultKey, "tag").wrapped = late

    moved = _rotate(platform)

    assert (moved, platform.wrapper.names(), _named(platform)) == (
        1,
        ["kek", "kek-2"],
        Counter({"kek-2": len(PURPOSES) + 1}),
    )


def test_a_rotation_that_was_killed_is_finished_by_the_next_run(
    platform: Platform, people: dict[str, str]
) -> None:
    _order(platform, people)
    died = subprocess.run([sys.executable, "-c", DIES], env={**os.environ, **_environ(platform)}, check=False)
    assert died.returncode == -signal.SIGKILL
    left = _named(platform)
    assert set(left) == {"kek", "kek-2"}

    moved = _rotate(platform)

    assert (moved, platform.wrapper.newest()) == (left["kek"], "kek-2")
    assert _named(platform) == Counter({"kek-2": len(PURPOSES) + 1})
    assert _rotations(platform) == [("kek-2", moved)]


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
    platform: Platform, people: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in _environ(platform).items():
        monkeypatch.setenv(name, value)
    run = CliRunner().invoke

    alone = run(main, ["keys", "rotate"])
    _order(platform, people)
    rotated = run(main, ["keys", "rotate"], catch_exceptions=False)
    shown = run(main, ["keys", "status"], catch_exceptions=False)
    Path(platform.settings.kek_file).with_name("kek-2").unlink()
    lost = run(main, ["keys", "status"], catch_exceptions=False)

    assert (alone.exit_code, alone.output.endswith("[E_NOT_ORDERED]\n")) == (1, True)
    assert rotated.output == "5 secrets are now wrapped with kek-2; back it up now.\n"
    assert shown.output.splitlines() == [
        "kek: no secret names it",
        "kek-2 (wraps): certificates_authority 1, vault_key 4",
    ]
    assert lost.output.splitlines() == [
        "kek (wraps): no secret names it",
        "kek-2 (NOT AT HAND): certificates_authority 1, vault_key 4",
    ]
