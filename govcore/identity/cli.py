"""trading admin: what the first administrator needs from whoever runs the server."""

from __future__ import annotations

import os

import click

from govcore import clock
from govcore.commands import in_one_sentence
from govcore.identity import first
from govcore.platform import Platform
from govcore.settings import Settings


@click.group()
def admin() -> None:
    """Appoint the first administrator of a new site."""


@admin.command(name="first")
def first_command() -> None:
    """Print the one-time code with which the first administrator registers on /first-administrator."""
    with in_one_sentence():
        platform = Platform.open(Settings.from_environ(os.environ))
    try:
        with platform.db.transaction() as tx:
            code = first.make_code(tx, at=clock.now(tx))
    finally:
        platform.db.dispose()
    click.echo(f"{platform.settings.site_url}/first-administrator\n{code}\nGood once, for one hour.")
