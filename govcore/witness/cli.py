"""`trading witness`: what the regulator, or any third party, runs to keep the log honest."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import click

from govcore.ahead import of_process
from govcore.witness import keys
from govcore.witness.protocol import Witness
from govcore.witness.server import Server
from govcore.witness.state import State

FOLDER = click.Path(file_okay=False, path_type=Path)


@click.group()
def witness() -> None:
    """Cosign the checkpoints of a log, and never two histories of it."""


@witness.command()
@click.argument("folder", type=FOLDER)
@click.option("--name", required=True, help="The witness's name, like an address: regulator.example/witness.")
@click.option("--log", "logs", multiple=True, required=True, help="Verifier key of a log to follow.")
def init(folder: Path, name: str, logs: tuple[str, ...]) -> None:
    """Make the witness's key in FOLDER, pin the keys of the logs, and print the witness's verifier key."""
    try:
        made = keys.create(folder, name=name, logs=keys.logs_by_origin(logs))
        State.create(folder)
    except keys.WitnessError as error:
        raise click.ClickException(str(error)) from error
    click.echo(made.vkey)


@witness.command()
@click.argument("folder", type=FOLDER)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=7380, show_default=True, help="Port to listen on.")
def serve(folder: Path, host: str, port: int) -> None:
    """Serve `add-checkpoint` for the logs that are pinned in FOLDER."""
    try:
        demo = os.environ.get("TRADING_DEMO", "") == "1"
        file = os.environ.get("TRADING_CLOCK_FILE", "") if demo else ""
        clock = of_process(timedelta(0), Path(file) if file else None)
        found = Witness(
            keys.load_key(folder), keys.load_logs(folder), State(folder), lambda: clock().timestamp()
        )
        if not found.logs:
            raise keys.WitnessError(f"no log is pinned in {folder / keys.LOGS}")
        server = Server((host, port), found)
    except keys.WitnessError as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"Cannot listen on {host} port {port}: {error.strerror}.") from error
    click.echo(f"{found.key.vkey}\nfollows {', '.join(found.logs)} on http://{host}:{port}", err=True)
    server.serve_forever()


@witness.command()
@click.argument("folder", type=FOLDER)
def forks(folder: Path) -> None:
    """Print what this witness refused because its log had signed two histories; fail if there is any."""
    try:
        with State(folder).transaction() as memory:
            pairs = memory.forks()
    except keys.WitnessError as error:
        raise click.ClickException(str(error)) from error
    for cosigned, refused in pairs:
        click.echo(
            f"--- cosigned\n{cosigned}\n--- refused, signed by the same key for the same size\n{refused}"
        )
    click.echo(f"{len(pairs)} forks")
    raise SystemExit(1 if pairs else 0)
