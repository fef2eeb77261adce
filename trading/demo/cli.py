"""`trading demo`: a fictional city, one whole tender, then the site to look at."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.option("--once", is_flag=True, help="Stop after the tender instead of serving the site.")
@click.option(
    "--attach", metavar="URL", help="Use the running platform at URL (its TRADING_* must be set here too)."
)
@click.option("--port", default=8000, show_default=True, help="Port of the site when it is served here.")
@click.option("--lawful", is_flag=True, help="Periods of the law, in ./data/lawful; the clock is put ahead.")
def demo(once: bool, attach: str | None, port: int, lawful: bool) -> None:
    """Run one whole tender in a fictional city and serve it."""
    from trading.demo.run import run
    from trading.procedure.rules import rule_set

    if attach and lawful:
        raise click.UsageError("--lawful puts a clock ahead, which only a site of its own lets it do")
    rules, folder = rule_set("tb-2026" if lawful else "demo"), "data/lawful" if lawful else "data"
    if not run(once=once, attach=attach, port=port, data=Path(folder).absolute(), rules=rules):
        raise click.exceptions.Exit(1)
