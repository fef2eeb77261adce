"""`trading draw …`: replay a draw without any server, and contribute to one from one's own machine."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from trading.draws import replay
from trading.draws.replay_words import MARKS, STEPS, UNREADABLE, VERDICTS


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
        told = STEPS[language][one.code].format(about=one.about)
        click.echo(f"{right if one.holds else wrong}: {told}")
    failed = sum(not one.holds for one in checks)
    well, badly = VERDICTS[language]
    click.echo(badly.format(failed=failed) if failed else well)
    sys.exit(1 if failed else 0)
