"""`trading documents …`: what the tenderer's officer signs of a tender's documents."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from trading import options

if TYPE_CHECKING:
    from trading.documents.schemas import ReleaseManifest


@click.group()
def documents() -> None:
    """Release tender documents as the tenderer's officer."""


documents.add_command(options.enrol)


@documents.command()
@options.account
@options.keys
@click.argument("tender")
@click.argument("version", type=click.IntRange(min=1))
def release(url: str, user: str, password_file: Path, folder: Path, tender: str, version: int) -> None:
    """Sign VERSION of the documents of TENDER (its id, as its address has it) and release it."""
    from trading import client
    from trading.documents import signing

    session = client.connect(url, user, password_file)
    signer = client.signer(folder, options.passphrase())
    try:
        signing.release(session, signer, tender, version, agreed=_agreed)
    except signing.OtherVersion as error:
        raise click.ClickException("the site asks you to sign another version than this one") from error
    click.echo(f"released with the certificate {signer.keyid}")


def _agreed(said: ReleaseManifest) -> bool:
    click.echo(f"{said.tender_code}, round {said.round}, version {said.version}")
    click.echo(f"data: {said.terms_sha256}")
    for file in said.files:
        click.echo(f"{file.sha256}  {file.name}")
    return click.confirm("Sign and release these documents?", abort=True)
