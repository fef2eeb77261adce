"""`trading archive …`: check a package without any server."""

from __future__ import annotations

from pathlib import Path

import click


@click.group()
def archive() -> None:
    """Check the archive of a tender's round."""


@archive.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--vkey", required=True, help="The log's public key, from another place than the package.")
def verify(file: Path, vkey: str) -> None:
    """Check every byte of FILE against the log's pinned key: files, signatures, entries of the log."""
    from govcore.audit.note import NoteError, parse_vkey
    from trading.archive.verifying import PackageRefused
    from trading.archive.verifying import verify as check

    try:
        found = check(file, parse_vkey(vkey.strip()))
    except (PackageRefused, NoteError) as refused:
        raise click.ClickException(str(refused)) from refused
    said = found.manifest
    click.echo(f"{said.title} ({said.code}), made {said.made_at}, kept {said.retention_years} years")
    click.echo(
        f"{found.files} files, {found.signatures} signatures, {found.bids} opened parts of bids, "
        f"{found.entries} entries of the log: all right"
    )
