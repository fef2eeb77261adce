"""`trading backup …`: copy the database, and come back from a copy on the word of two operators."""

from __future__ import annotations

import os
import secrets
from datetime import UTC, datetime
from pathlib import Path

import click

from govcore.dsse import Envelope
from govcore.module import Registry, discover
from govcore.settings import Settings
from govcore.upkeep import approvals, backups

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
NEW = click.Path(exists=False, path_type=Path)


@click.group()
def backup() -> None:
    """Copy the database, and come back from a copy on the word of two operators."""


@backup.command()
@click.argument("folder", type=NEW)
@click.option(
    "--store", default="", help="Where the copy of the store lies: file:///folder or s3://…; kept for later."
)
def make(folder: Path, store: str) -> None:
    """Copy the database into a new FOLDER with a manifest, while the site runs, then what STORE lacks of the store."""
    settings, registry = _site()
    manifest = backups.make(settings, registry, folder, store=store)
    then = f"The store is in {store}." if store else "Now copy the store."
    click.echo(f"{manifest.bytes} bytes, log of {manifest.log_size} entries. {then}")


@backup.command()
@click.argument("folder", type=FOLDER)
@click.option("--out", type=NEW, required=True, help="The file that two operators sign one after the other.")
def request(folder: Path, out: Path) -> None:
    """Ask for the return from the backup in FOLDER into this machine's empty database; good for ten minutes."""
    settings, registry = _site()
    made, unsigned = backups.request(
        settings, registry, folder, at=datetime.now(UTC), nonce=secrets.token_hex(16)
    )
    out.write_bytes(unsigned.encode())
    show(made)


@backup.command()
@click.argument("file", type=FILE)
@click.option("--key", type=FILE, required=True, help="The operator's own key.")
def approve(file: Path, key: Path) -> None:
    """Sign the request in FILE as an operator, on whatever machine; needs no site."""
    envelope = Envelope.decode(file.read_bytes())
    asked = approvals.read(envelope)
    show(asked)
    typed = click.prompt("Type the first eight characters of the request's hash to sign")
    if typed != asked.sha256[:8]:
        raise click.ClickException("That is not what this request is for. Nothing was signed.")
    try:
        operator = approvals.load_key(key, passphrase=_passphrase())
    except ValueError as error:
        raise click.ClickException(f"{key} does not open: {error}") from error
    file.write_bytes(approvals.approve(envelope, operator).encode())
    click.echo(f"Signed by {operator.name}; {len(envelope.signatures) + 1} of 2 signatures.")


@backup.command()
@click.argument("folder", type=FOLDER)
@click.option(
    "--approved", type=FILE, required=True, help="The request with the signatures of two operators."
)
def restore(folder: Path, approved: Path) -> None:
    """Bring the backup in FOLDER back into this machine's empty database, once."""
    settings, registry = _site()
    signed = Envelope.decode(approved.read_bytes())
    manifest, names = backups.restore(settings, registry, folder, signed, at=datetime.now(UTC))
    click.echo(f"Came back as of {manifest.made_at.isoformat()}, approved by {' and '.join(names)}.")
    click.echo(
        f"Its log has {manifest.log_size} entries or more: compare with a checkpoint that others hold."
    )


@backup.command()
@click.argument("file", type=NEW)
@click.option("--name", required=True, help="The operator's name, like an address: city.example/wang.")
def operator(file: Path, name: str) -> None:
    """Make an operator's key in a new FILE, under a passphrase, and print its public half for TRADING_OPERATORS."""
    passphrase = _passphrase(confirm=True)
    if len(passphrase) < 12:
        raise click.ClickException("A passphrase has at least 12 characters.")
    try:
        made = approvals.new_key(file, name=name, passphrase=passphrase)
    except (FileExistsError, ValueError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(made.vkey)


def show(asked: approvals.Request) -> None:
    """What operators read before they sign."""
    click.echo(f"{asked.act} {asked.object}")
    for name, value in asked.shown.items():
        click.echo(f"{name}: {value or 'nothing'}")
    click.echo(f"good until {asked.until.isoformat()}, hash of this request {asked.sha256}")


def _passphrase(*, confirm: bool = False) -> bytes:
    given = os.environ.get("TRADING_PASSPHRASE")
    typed = given or click.prompt("Passphrase", hide_input=True, confirmation_prompt=confirm)
    return str(typed).encode()


def _site() -> tuple[Settings, Registry]:
    from govcore.commands import in_one_sentence

    with in_one_sentence():
        settings = Settings.from_environ(os.environ)
        return settings, discover(settings.modules)
