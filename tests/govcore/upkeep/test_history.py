"""A database that was put back by hand is not gone on with; one that two operators brought back is."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from obstore.exceptions import BaseError
from restoring import AT, asked, signed

from govcore import clock
from govcore.audit.queries import Checkpoint
from govcore.audit.service import integrate
from govcore.cli import main
from govcore.keys import create_kek
from govcore.platform import Platform
from govcore.settings import Settings
from govcore.upkeep import backups
from govcore.upkeep.approvals import OperatorKey
from govcore.upkeep.history import Head, HistoryMissing, heads


def grow(platform: Platform) -> Checkpoint:
    """One more bucket, signed and committed; nothing is kept outside yet."""
    with platform.db.transaction() as tx:
        head = integrate(
            tx,
            at=clock.now(tx),
            signer=platform.keys.log_signer,
            origin=platform.settings.log_origin,
            bucket=4,
            forced=True,
        )
    assert head is not None
    return head


@contextmanager
def started(settings: Settings) -> Iterator[Platform]:
    """The site as a process opens it."""
    create_kek(settings.kek_file)
    here = Platform.open(settings)
    yield here
    here.db.dispose()


@pytest.fixture
def beyond(platform: Platform, backed_up: Path) -> Checkpoint:
    """The head of the site, which went on after the backup and kept its head in the store."""
    head = grow(platform)
    platform.history.keep(head)
    return head


@pytest.fixture
def there(platform: Platform, empty: Settings) -> Settings:
    """The new machine reaches the same store."""
    return replace(empty, store_url=platform.settings.store_url, kek_file=platform.settings.kek_file)


def test_a_database_put_back_by_hand_is_read_and_takes_no_write(
    platform: Platform,
    beyond: Checkpoint,
    backed_up: Path,
    there: Settings,
) -> None:
    backups._load(there, backed_up / backups.DATA)
    with started(there) as here:
        with here.db.read() as tx:
            clock.now(tx)
        with pytest.raises(HistoryMissing) as refused, here.db.transaction():
            pass
        with pytest.raises(HistoryMissing):
            here.history.keep(beyond)
    assert refused.value.data == {"size": beyond.size, "root": beyond.root.hex()}
    assert heads(platform.store) == [Head.of(beyond)]


def test_what_two_operators_gave_up_is_missed_by_nobody_and_what_comes_after_is(
    platform: Platform,
    beyond: Checkpoint,
    backed_up: Path,
    there: Settings,
    keys: dict[str, OperatorKey],
) -> None:
    request = signed(asked(there, platform.registry, backed_up), keys["wang"], keys["li"])
    backups.restore(there, platform.registry, backed_up, request, at=AT)

    with started(there) as here:
        after = grow(here)
        here.history.keep(after)
    with started(replace(there, operators=())) as again, again.db.transaction():
        pass  # the head that was given up is not there any more: nobody has to know who gave it up

    assert heads(platform.store) == [Head.of(after)]
    with pytest.raises(HistoryMissing):
        platform.history.keep(grow(platform))  # the site that was given up


@pytest.mark.parametrize("backend", ["sqlite"])
def test_a_head_that_came_while_the_operators_signed_needs_another_request(
    platform: Platform, beyond: Checkpoint, backed_up: Path, there: Settings, keys: dict[str, OperatorKey]
) -> None:
    request = signed(asked(there, platform.registry, backed_up), keys["wang"], keys["li"])

    platform.history.keep(grow(platform))

    with pytest.raises(backups.RequestOver):
        backups.restore(there, platform.registry, backed_up, request, at=AT + timedelta(minutes=1))


@pytest.mark.parametrize("backend", ["sqlite"])
def test_a_crash_before_the_head_was_kept_is_no_alarm(platform: Platform) -> None:
    first = grow(platform)
    platform.history.keep(first)
    second = grow(platform)

    with started(platform.settings) as again:
        again.history.require()
        before = heads(platform.store)
        again.history.keep(first)

    assert before == [Head.of(first)]
    assert heads(platform.store) == [Head.of(second)]


@pytest.mark.parametrize("backend", ["sqlite"])
def test_a_store_that_falls_silent_stops_nobody_who_has_looked_and_lets_nobody_begin(
    platform: Platform,
) -> None:
    folder = Path(platform.settings.store_url.removeprefix("file://"))
    with started(platform.settings) as looked, started(platform.settings) as late:
        looked.history.every = 0.0
        looked.history.require()
        shutil.rmtree(folder)
        folder.write_text("no folder")

        with looked.db.transaction():
            pass
        with pytest.raises(BaseError), late.db.transaction():
            pass


@pytest.mark.parametrize("backend", ["sqlite"])
@pytest.mark.parametrize("command", ["serve", "worker", "beat"])
def test_no_process_starts_on_it_and_each_says_the_lawful_way_in_both_languages(
    beyond: Checkpoint, backed_up: Path, there: Settings, command: str
) -> None:
    backups._load(there, backed_up / backups.DATA)
    site = {
        "TRADING_DATA": str(there.data),
        "TRADING_DATABASE_URL": there.database_url,
        "TRADING_STORE_URL": there.store_url,
        "TRADING_KEK_FILE": str(there.kek_file),
        "TRADING_DEMO": "1",
    }

    said = CliRunner(env=site).invoke(main, [command])

    assert said.exit_code == 1
    for part in ("E_HISTORY", f"{beyond.size} entries", "two operators return", "本数据库不是"):
        assert part in said.output
