"""`trading probe`: measures from outside whether a site answers, and signs what it saw."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import click
import httpx

from govcore import keyfiles
from govcore.audit.note import ED25519
from govcore.outages.policy import LONGEST_EVERY
from govcore.prober.memory import Memory
from govcore.prober.probing import REPORT_EVERY, Prober
from govcore.processes import follow_supervisor

FOLDER = click.Path(file_okay=False, path_type=Path)
SITE, VKEY = "site", "vkey"


@click.group()
def probe() -> None:
    """Measure from outside whether a site answers, and sign what was seen."""


@probe.command()
@click.argument("folder", type=FOLDER)
@click.option("--name", required=True, help="The prober's name, like an address: regulator.example/prober.")
@click.option("--site", required=True, help="The site's public address: https://trading.example.")
def init(folder: Path, name: str, site: str) -> None:
    """Make the prober's key and memory in FOLDER, and print its verifier key."""
    try:
        click.echo(make(folder, name=name, site=site))
    except keyfiles.KeyFileError as error:
        raise click.ClickException(str(error)) from error


def make(folder: Path, *, name: str, site: str) -> str:
    """A new prober's folder; the verifier key that the site's operator must name."""
    key = keyfiles.create(folder, name=name, kind=ED25519, whose="prober")
    Memory.create(folder)
    (folder / SITE).write_text(f"{site.rstrip('/')}\n", encoding="utf-8")
    (folder / VKEY).write_text(f"{key.vkey}\n", encoding="utf-8")
    return str(key.vkey)


@probe.command()
@click.argument("folder", type=FOLDER)
@click.option("--every", default=5, show_default=True, type=click.IntRange(1, LONGEST_EVERY), help="Seconds.")
@click.option("--rounds", default=0, help="Stop after so many rounds; 0 goes on.")
def run(folder: Path, every: int, rounds: int) -> None:
    """Ask the site every few seconds, keep the answers, hand in signed reports whenever it can be reached."""
    follow_supervisor()
    try:
        key = keyfiles.load(folder, kind=ED25519, whose="prober", command="trading probe init")
        memory = Memory(folder)
    except keyfiles.KeyFileError as error:
        raise click.ClickException(str(error)) from error
    site = (folder / SITE).read_text(encoding="utf-8").strip()
    with httpx.Client(headers={"user-agent": "trading-probe"}) as client:
        prober = Prober(key.name, site, every, key, memory, client, lambda: datetime.now(UTC))
        click.echo(f"{key.vkey}\nasks {site} every {every} s", err=True)
        _go_on(prober, rounds=rounds)


def _go_on(prober: Prober, *, rounds: int) -> None:
    done, reported, before = 0, float("-inf"), None
    while True:
        began = time.monotonic()
        answers = {one.surface: one.up for one in prober.measure()}
        if answers != before or began - reported >= REPORT_EVERY:
            prober.report()
            prober.hand_in()
            reported, before = began, answers
        done += 1
        if done == rounds:
            return
        time.sleep(max(0.0, prober.every - (time.monotonic() - began)))


@probe.command()
@click.argument("folder", type=FOLDER)
def show(folder: Path) -> None:
    """Print what this prober measured itself, failures with their reason, and what is still to be handed in."""
    try:
        memory = Memory(folder)
    except keyfiles.KeyFileError as error:
        raise click.ClickException(str(error)) from error
    for at, surface, why in memory.failures():
        click.echo(f"{at}  {surface:6}  {why}")
    click.echo(f"{len(memory.to_hand_in())} reports are still to be handed in")
