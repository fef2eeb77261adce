"""The options that every command which signs shares."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, TypeVar

import click

_F = TypeVar("_F", bound=Callable[..., Any])


def account(command: _F) -> _F:
    """--url, --user, --password-file: whose session the command opens."""
    for option in (
        click.option("--password-file", required=True, type=click.Path(exists=True, path_type=Path)),
        click.option("--user", required=True, help="Sign-in name."),
        click.option(
            "--url", default="http://127.0.0.1:8000", show_default=True, help="Address of the site."
        ),
    ):
        command = option(command)
    return command


def keys(command: _F) -> _F:
    """--keys: the folder of the signing key; its passphrase comes from TRADING_PASSPHRASE or a prompt."""
    folder = click.Path(file_okay=False, path_type=Path)
    return click.option("--keys", "folder", required=True, type=folder, help="Folder of the signing key.")(
        command
    )


def lots(command: _F) -> _F:
    """LOT … or --all: for which lots."""

    def check(context: click.Context, _: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
        if bool(given) == bool(context.params.get("everything")):
            raise click.UsageError("name lots, or say --all")
        context.params.pop("everything")
        return given

    command = click.argument("lots", nargs=-1, callback=check)(command)
    return click.option("--all", "everything", is_flag=True, is_eager=True, help="All that wait for you.")(
        command
    )


def passphrase() -> str:
    """From the environment or the keyboard, never from the command line that others can list."""
    return os.environ.get("TRADING_PASSPHRASE") or click.prompt("Passphrase", hide_input=True)


def file_password(path: Path) -> str:
    """The password of somebody else's file, apart from the passphrase of our own."""
    return os.environ.get("TRADING_PKCS12_PASSWORD") or click.prompt(f"Password of {path}", hide_input=True)


@click.command()
@account
@keys
@click.option(
    "--suite",
    type=click.Choice(["bs1", "bs1-sm"]),
    default="bs1",
    show_default=True,
    help="The tender's suite: bs1 signs with P-256, bs1-sm with SM2.",
)
@click.option(
    "--pkcs12",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Certify the P-256 key of this .p12 or .pfx file instead of a new one.",
)
def enrol(
    url: str,
    user: str,
    password_file: Path,
    folder: Path,
    suite: Literal["bs1", "bs1-sm"],
    pkcs12: Path | None,
) -> None:
    """Make a signing key and have it certified for your organisation."""
    from trading import client

    if pkcs12 is not None and suite != "bs1":
        raise click.UsageError("a PKCS#12 key signs for the suite bs1 only")
    key = client.key_of_pkcs12(pkcs12.read_bytes(), file_password(pkcs12)) if pkcs12 else None
    client.enrol(client.connect(url, user, password_file), folder, passphrase(), suite=suite, key=key)
    click.echo(f"certificate in {folder / client.CERTIFICATE}")
