"""`trading draw …`: replay a draw without any server, and contribute to one from one's own machine."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from trading import options
from trading.draws import replay
from trading.draws.replay_words import MARKS, UNREADABLE, told, verdict


@click.group()
def draw() -> None:
    """Replay a draw, or contribute to one."""


@draw.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--language",
    type=click.Choice(["zh", "en"]),
    default="en",
    show_default=True,
    envvar="TRADING_LANGUAGE",
    help="Language of the answer.",
)
def verify(file: Path, language: str) -> None:
    """Compute the draw in FILE again, step by step. Exit code 0: right; 1: a step does not hold; 2: no draw."""
    try:
        checks = replay.verify(replay.read(file.read_bytes()))
    except replay.NotADraw as error:
        raise click.UsageError(UNREADABLE[language].format(place=error)) from error
    right, wrong = MARKS[language]
    for one in checks:
        click.echo(f"{right if one.holds else wrong}: {told(one, language)}")
    failed = sum(not one.holds for one in checks)
    click.echo(verdict(failed, language))
    sys.exit(1 if failed else 0)


@draw.command("list")
@options.account
def list_draws(url: str, user: str, password_file: Path) -> None:
    """List the draws that your organisation takes part in, and what each waits for."""
    from trading import client
    from trading.draws import contributing

    for one in contributing.waiting(client.connect(url, user, password_file)):
        click.echo(
            f"{one.id}  {one.turn:<8} {one.state:<10} until {one.commit_until.isoformat()}  {one.purpose}"
        )


@draw.command()
@options.account
@options.keys
@click.argument("draw_id")
def commit(url: str, user: str, password_file: Path, folder: Path, draw_id: str) -> None:
    """Draw a value on this machine and commit to it; the site gets its hash and shares that only custodians open."""
    from trading import client
    from trading.draws import contributing

    session = client.connect(url, user, password_file)
    names = contributing.commit(session, folder, client.pinned_authority(folder), draw_id)
    click.echo(f"committed; the value is in {folder}; escrowed to {', '.join(names)}")


@draw.command()
@options.account
@options.keys
@click.argument("draw_id")
def reveal(url: str, user: str, password_file: Path, folder: Path, draw_id: str) -> None:
    """Reveal the value that you committed to."""
    from trading import client
    from trading.draws import contributing

    contributing.reveal(client.connect(url, user, password_file), folder, draw_id)
    click.echo("revealed")


@draw.command()
@options.account
@options.keys
def key(url: str, user: str, password_file: Path, folder: Path) -> None:
    """As a custodian: make your standing key for draws and give its public half."""
    from trading import client
    from trading.draws import contributing

    session, secret = client.connect(url, user, password_file), options.passphrase()
    signer = client.signer(folder, secret)
    recipient = contributing.make_key(session, signer, folder, secret)
    click.echo(f"given: {recipient}; the secret half is in {folder / contributing.KEY_FILE}")


@draw.command("open")
@options.account
@options.keys
@click.argument("draw_id")
def open_withheld(url: str, user: str, password_file: Path, folder: Path, draw_id: str) -> None:
    """As a custodian: show your shares of the values that were not revealed in their time."""
    from trading import client
    from trading.draws import contributing

    session, secret = client.connect(url, user, password_file), options.passphrase()
    names = contributing.open_withheld(session, folder, secret, draw_id, now=datetime.now(UTC))
    click.echo(f"shown: {', '.join(names)}" if names else "no value of this draw waits for you")
