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
def demo(once: bool, attach: str | None, port: int) -> None:
    """Run one whole tender in a fictional city and serve it."""
    from trading.demo.run import run

    if not run(once=once, attach=attach, port=port, data=Path("data").absolute()):
        raise click.exceptions.Exit(1)
