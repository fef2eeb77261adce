"""serve, worker, beat, migrate: the processes of the platform."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

import click

from govcore.processes import follow_supervisor, supervise
from govcore.settings import PROBER, Settings, SettingsError

if TYPE_CHECKING:
    from celery import Celery

    from govcore.module import Undisturbed
    from govcore.setup import Insisted

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
NEW = click.Path(exists=False, path_type=Path)
COMMANDS = {"web": ["serve", "--only", "web"], "worker": ["worker"], "beat": ["beat"]}


@click.command()
@click.option("--only", type=click.Choice(["web"]), help="Web alone; worker and beat run elsewhere.")
def serve(only: str | None) -> None:
    """Serve the site; without --only also run worker and beat."""
    settings = _ready()
    _refuse_taken_port(settings)
    if only == "web":
        _web(settings)
    else:
        supervise({**COMMANDS, **_probe(settings)})


def _probe(settings: Settings) -> dict[str, list[str]]:
    """The prober that runs beside the others, where the settings ask for one; its key is made here once."""
    if not settings.probe_here:
        return {}
    from govcore.prober import cli

    folder = settings.data / PROBER
    if not folder.exists():
        cli.make(folder, name="this-machine/prober", site=f"http://{settings.host}:{settings.port}")
    return {"probe": ["probe", "run", str(folder)]}


@click.command()
def worker() -> None:
    """Run the worker that carries out sweeps and jobs."""
    settings = _ready()
    instance = _celery(settings).Worker(
        pool="prefork",
        concurrency=2,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
        loglevel="WARNING",
        quiet=True,
        purge=settings.embedded_broker,  # what rang while nobody was there is rung again by beat
    )
    instance.start()
    raise SystemExit(instance.exitcode)


@click.command()
def beat() -> None:
    """Run the clockwork that rings the sweeps twice a second."""
    app = _celery(_ready())
    app.Beat(scheduler_cls="celery.beat:Scheduler", loglevel="WARNING", quiet=True).run()


@click.command()
@click.option("--really", "reason", default="", help="Why this cannot wait for a deadline or an opening.")
@click.option("--ask", type=NEW, help="With --really: the file that two operators sign one after the other.")
@click.option("--approved", type=FILE, help="That file with the signatures of two operators.")
def migrate(reason: str, ask: Path | None, approved: Path | None) -> None:
    """Create or upgrade the database, and make the platform's keys if they are missing.

    Refuses within a day before a deadline and during an opening, unless nothing is to be done or two operators sign
    for it: --really WHY --ask FILE writes what they sign with `trading backup approve`, --approved FILE goes on.
    """
    from govcore import setup

    with in_one_sentence():
        settings = Settings.from_environ(os.environ)
        found = setup.at_risk(settings)
        for one in found:
            click.echo(one.why, err=True)
        if found and approved is None:
            if ask is None or not reason.strip():
                raise click.ClickException(
                    "An upgrade now could cost a bid or an opening. Wait; or let two operators sign for it: "
                    "say with --really why it cannot wait and with --ask where to write what they sign."
                )
            _ask_operators(settings, found, reason.strip(), ask)
            return
        setup.migrate(settings, insisted=_insisted(settings, found, approved) if found and approved else None)
    click.echo("The database is up to date.")


def _ask_operators(settings: Settings, found: Sequence[Undisturbed], reason: str, out: Path) -> None:
    from govcore.module import discover
    from govcore.upkeep import upgrading
    from govcore.upkeep.cli import show

    registry, at, nonce = discover(settings.modules), datetime.now(UTC), secrets.token_hex(16)
    made, unsigned = upgrading.request(settings, registry, found, reason, at=at, nonce=nonce)
    out.write_bytes(unsigned.encode())
    show(made)


def _insisted(settings: Settings, found: Sequence[Undisturbed], approved: Path) -> Insisted:
    from govcore.dsse import Envelope
    from govcore.module import discover
    from govcore.setup import Insisted
    from govcore.upkeep import upgrading

    signed, registry = Envelope.decode(approved.read_bytes()), discover(settings.modules)
    reason, names = upgrading.use_up(settings, registry, found, signed, at=datetime.now(UTC))
    return Insisted(found, reason, names)


@click.group()
def modules() -> None:
    """List the enabled modules, or drop an external one's tables."""


@modules.command(name="list")
def list_modules() -> None:
    """Name the enabled modules in order of their requirements."""
    from govcore.module import discover

    with in_one_sentence():
        registry = discover(Settings.from_environ(os.environ).modules)
    for module in registry.modules:
        click.echo(f"{module.name} (tables of its own)" if module.migrations else module.name)


@modules.command(name="drop")
@click.argument("name")
@click.confirmation_option(prompt="Its tables and everything in them will be gone. Go on?")
def drop_module(name: str) -> None:
    """Remove an external module's tables for good; afterwards uninstall its package."""
    from govcore.db import Database
    from govcore.module import discover
    from govcore.setup import drop

    settings = Settings.from_environ(os.environ)
    with in_one_sentence():
        database = Database(settings.database_url, info={"registry": discover(settings.modules)})
        dropped = drop(database, name)
        database.dispose()
    click.echo(f"Dropped {', '.join(dropped)}. The log keeps its entries. Now uninstall the package.")


def _ready() -> Settings:
    """The settings of a process that can do its work; refuse in one sentence when it cannot."""
    from govcore.setup import is_current

    supervised = follow_supervisor()
    with in_one_sentence():
        settings = Settings.from_environ(os.environ)
        if not supervised:
            if not is_current(settings):
                raise click.ClickException("The database is not up to date: run `trading migrate` first.")
            # Apart, for web and worker fork, which neither a token's session nor the store's threads survive.
            with ProcessPoolExecutor(1, mp_context=get_context("fork")) as apart:
                apart.submit(_refuse_another_history, settings).result()
    return settings


def _refuse_another_history(settings: Settings) -> None:
    """Open what the process will work with, once; refuse a database that is an older copy, in both languages."""
    from govcore.platform import Platform
    from govcore.upkeep.history import HistoryMissing

    with in_one_sentence():
        platform = Platform.open(settings)
        try:
            platform.history.require()
        except HistoryMissing as problem:
            said = platform.catalogue.translator("zh_CN")(problem.text, **problem.data)
            raise click.ClickException(f"{problem}\n{said}") from problem
        finally:
            platform.db.dispose()
            platform.wrapper.close()


@contextmanager
def in_one_sentence() -> Iterator[None]:
    from obstore.exceptions import BaseError
    from sqlalchemy.exc import OperationalError

    from govcore.module import ModuleError

    try:
        yield
    except (SettingsError, ModuleError) as error:
        raise click.ClickException(str(error)) from error
    except OperationalError as error:
        reason = str(error.orig).strip().partition("\n")[0]
        raise click.ClickException(f"The database does not answer: {reason}") from error
    except BaseError as error:
        reason = str(error).strip().partition("\n")[0]
        raise click.ClickException(f"The object store does not answer: {reason}") from error


def _refuse_taken_port(settings: Settings) -> None:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            address = f"{settings.host} port {settings.port}"
            raise click.ClickException(f"Cannot listen on {address}: {error.strerror}.") from error


def _celery(settings: Settings) -> Celery:
    from govcore import logs
    from govcore.module import discover
    from govcore.tasks import create_celery

    logs.configure()
    with in_one_sentence():
        return create_celery(settings, discover(settings.modules))


def _web(settings: Settings) -> None:
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    from govcore.processes import MOST_REQUESTS, MOST_STREAMS

    Granian(
        "govcore.processes:web_application",
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        workers=settings.web_workers,
        runtime_threads=1,
        backpressure=MOST_REQUESTS + MOST_STREAMS,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=5,
        log_level=LogLevels.warning,
    ).serve()
