"""serve, worker, beat, migrate: the processes of the platform."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from types import FrameType

import click

PROCESSES = ("web", "worker", "beat")


@click.command()
@click.option("--only", type=click.Choice(["web"]), help="Web alone; worker and beat run elsewhere.")
def serve(only: str | None) -> None:
    """Serve the site; without --only also run worker and beat."""
    if only == "web":
        _web()
    else:
        _supervise()


@click.command()
def worker() -> None:
    """Run the worker that carries out sweeps and jobs."""
    app = _celery()
    app.worker_main(
        [
            "worker",
            "--pool=prefork",
            "--concurrency=2",
            "--without-gossip",
            "--without-mingle",
            "--without-heartbeat",
            "--loglevel=WARNING",
        ]
    )


@click.command()
def beat() -> None:
    """Run the clockwork that rings the sweeps twice a second."""
    app = _celery()
    app.Beat(scheduler_cls="celery.beat:Scheduler", loglevel="WARNING", quiet=True).run()


@click.command()
def migrate() -> None:
    """Create or upgrade the database, and make the platform's keys if they are missing."""
    from govcore.settings import Settings
    from govcore.setup import migrate as run

    run(Settings.from_environ(os.environ))
    click.echo("The database is up to date.")


def _celery():  # type: ignore[no-untyped-def]
    from govcore import logs
    from govcore.module import discover
    from govcore.settings import Settings
    from govcore.tasks import create_celery

    logs.configure()
    settings = Settings.from_environ(os.environ)
    return create_celery(settings, discover(settings.modules))


def _web() -> None:
    from granian import Granian
    from granian.constants import Interfaces

    from govcore.settings import Settings

    settings = Settings.from_environ(os.environ)
    Granian(
        "govcore.web.app:create",
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        websockets=False,
        log_enabled=False,
    ).serve()


def _supervise() -> None:
    """Keep web, worker and beat running until a signal; a process that dies is started again."""
    commands = {
        "web": ["serve", "--only", "web"],
        "worker": ["worker"],
        "beat": ["beat"],
    }
    children = {name: _spawn(arguments) for name, arguments in commands.items()}
    stopping = False

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    while not stopping:
        time.sleep(0.2)
        for name, child in children.items():
            if child.poll() is not None and not stopping:
                click.echo(f"{name} ended with {child.returncode}; starting it again", err=True)
                time.sleep(1)
                children[name] = _spawn(commands[name])
    for child in children.values():
        child.terminate()
    for child in children.values():
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            child.kill()


def _spawn(arguments: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "govcore", *arguments])
