"""`trading expert …`: what a committee's member signs on its own machine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from trading import options

if TYPE_CHECKING:
    from bidding_docs import manifests as m


@click.group()
def expert() -> None:
    """Sign as a member of an evaluation committee."""


expert.add_command(options.enrol)


@expert.command("fix-technical")
@options.account
@options.keys
@click.argument("lot")
def fix_technical(url: str, user: str, password_file: Path, folder: Path, lot: str) -> None:
    """As the committee's leader: sign which bids of LOT passed, so that their prices may be opened."""
    from trading import client
    from trading.evaluation.signing import sign_technical_result

    session = client.connect(url, user, password_file)
    signer = client.signer(folder, options.passphrase())
    sign_technical_result(session, signer, lot, agreed=_agreed)


def _agreed(result: m.TechnicalResult) -> bool:
    for word, digests in (("passed", result.passed), ("failed, never opened", result.failed)):
        click.echo(f"{word}: {len(digests)}")
        for digest in digests:
            click.echo(f"  {digest}")
    return click.confirm("Sign this result?", abort=True)
