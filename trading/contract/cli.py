"""`trading contract …`: sign a contract on one's own machine."""

from __future__ import annotations

from pathlib import Path

import click

from trading import options


@click.group()
def contract() -> None:
    """Sign contracts, as the tenderer or as the winner."""


contract.add_command(options.enrol)


@contract.command()
@options.account
@options.keys
@click.argument("lot")
def sign(url: str, user: str, password_file: Path, folder: Path, lot: str) -> None:
    """Look at the contract of LOT and sign its exact bytes; the PDF is checked against its hash."""
    from trading import client
    from trading.contract.signing import sign_contract

    session = client.connect(url, user, password_file)
    signer = client.signer(folder, options.passphrase())
    said = sign_contract(session, signer, lot, agreed=_agreed)
    click.echo(f"{lot}: signed {said.number}")


def _agreed(lines: list[tuple[str, str]]) -> bool:
    for name, value in lines:
        click.echo(f"{name}: {value}")
    return click.confirm("Sign this contract?", abort=True)
