"""`trading custodian …`: what a custodian does on its own machine."""

from __future__ import annotations

from pathlib import Path

import click

from trading import options


@click.group()
def custodian() -> None:
    """Give keys, sign key manifests, release shares at the opening."""


custodian.add_command(options.enrol)


@custodian.command()
@options.account
@options.keys
@click.argument("lots", nargs=-1, required=True)
def keys(url: str, user: str, password_file: Path, folder: Path, lots: tuple[str, ...]) -> None:
    """Make a one-time key for each LOT and give its public half."""
    from trading import client
    from trading.opening import custody

    session = client.connect(url, user, password_file)
    secret = options.passphrase()
    signer = client.signer(folder, secret)
    for lot in lots:
        custody.give_keys(session, signer, folder, lot, secret)
        click.echo(f"{lot}: key given; the secret half is in {folder}")


@custodian.command()
@options.account
@options.keys
@click.argument("lots", nargs=-1, required=True)
def sign(url: str, user: str, password_file: Path, folder: Path, lots: tuple[str, ...]) -> None:
    """Check that your key is in the key manifest of each LOT, and sign it."""
    from trading import client
    from trading.opening import custody

    session = client.connect(url, user, password_file)
    signer = client.signer(folder, options.passphrase())
    for lot in lots:
        digest = custody.sign(session, signer, client.pinned_authority(folder), folder, lot)
        click.echo(f"{lot}: signed key manifest {digest[:16]}…")


@custodian.command()
@options.account
@options.keys
@click.option("--wait", default=30.0, show_default=True, help="Seconds to wait for the check of the seals.")
@click.argument("lots", nargs=-1, required=True)
def release(
    url: str, user: str, password_file: Path, folder: Path, wait: float, lots: tuple[str, ...]
) -> None:
    """Check the closing of each LOT and release your shares; a failed lot's key is destroyed instead."""
    from trading import client
    from trading.opening import custody

    session = client.connect(url, user, password_file)
    secret = options.passphrase()
    signer, authority = client.signer(folder, secret), client.pinned_authority(folder)
    for lot in lots:
        done = custody.release(session, signer, authority, folder, lot, secret, seconds=wait)
        click.echo(f"{lot}: {done}")
