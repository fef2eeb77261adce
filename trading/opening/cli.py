"""`trading custodian …`: what a custodian does on its own machine."""

from __future__ import annotations

from pathlib import Path

import click

from trading import options


@click.group()
def custodian() -> None:
    """Give keys, rehearse and sign for them, release shares at the opening."""


custodian.add_command(options.enrol)


@custodian.command()
@options.account
def openings(url: str, user: str, password_file: Path) -> None:
    """List your lots and what each waits for."""
    from trading import client
    from trading.opening import custody

    for seat in custody.seats(client.connect(url, user, password_file)):
        when = seat.opening_at.isoformat() if seat.opening_at else "no time yet"
        click.echo(f"{seat.lot_id}  {seat.step:<12} {when}  {seat.title} · {seat.lot_name}")


@custodian.command()
@options.account
@options.keys
@options.lots
@click.option("--offline", is_flag=True, help="Send no encrypted copy of the keys to the site.")
def prepare(
    url: str, user: str, password_file: Path, folder: Path, lots: tuple[str, ...], offline: bool
) -> None:
    """Make the one-time keys of each LOT, or of all that wait for yours, and give their public halves."""
    from trading import client
    from trading.opening import custody

    session = client.connect(url, user, password_file)
    secret = options.passphrase()
    signer = client.signer(folder, secret)
    for seat in custody.chosen(custody.seats(session), lots, "prepare"):
        custody.prepare(session, signer, folder, seat, secret, offline=offline)
        click.echo(f"{seat.lot_id}: {len(seat.stages)} keys given; the secret halves are in {folder}")


@custodian.command()
@options.account
@options.keys
@options.lots
def sign(url: str, user: str, password_file: Path, folder: Path, lots: tuple[str, ...]) -> None:
    """Open the rehearsal of each LOT, or of all that wait, and sign your place in its key manifest."""
    from trading import client
    from trading.opening import custody

    session = client.connect(url, user, password_file)
    secret = options.passphrase()
    signer, authority = client.signer(folder, secret), client.pinned_authority(folder)
    for seat in custody.chosen(custody.seats(session), lots, "sign"):
        digest = custody.sign(session, signer, authority, folder, seat.lot_id, secret)
        click.echo(f"{seat.lot_id}: keys rehearsed, signed key manifest {digest[:16]}…")


@custodian.command()
@options.account
@options.keys
@options.lots
@click.option("--wait", default=30.0, show_default=True, help="Seconds to wait for the check of the seals.")
def release(
    url: str, user: str, password_file: Path, folder: Path, wait: float, lots: tuple[str, ...]
) -> None:
    """Check the closing of each LOT, or of all that are due, and release your shares."""
    from trading import client
    from trading.opening import custody

    session = client.connect(url, user, password_file)
    secret = options.passphrase()
    signer, authority = client.signer(folder, secret), client.pinned_authority(folder)
    due = custody.due(custody.seats(session), lots, folder)
    refused = 0
    for seat in due:
        try:
            for fact in custody.release(session, signer, authority, folder, seat, secret, seconds=wait):
                click.echo(f"{seat.lot_id}: {fact}")
        except click.ClickException as problem:  # the other lots can still be opened
            click.echo(f"{seat.lot_id}: NOT RELEASED: {problem.format_message()}", err=True)
            refused += 1
    if not due:
        click.echo("no lot waits for your shares now")
    if refused:
        raise click.ClickException(f"{refused} of {len(due)} lots were not released")
