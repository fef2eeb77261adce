"""`trading gate …`: what the operator of a separate time gate runs, and what the platform shows it."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import Any

import click

from govcore.upkeep.cli import approve, operator

FOLDER = click.Path(file_okay=False, path_type=Path)
FILE = click.Path(dir_okay=False, path_type=Path)
NEW = click.Path(exists=False, path_type=Path)
_kek = click.option("--kek", type=FILE, help="Key-encryption key; FOLDER/kek unless given.")
_operators = click.option(
    "--operator", "operators", multiple=True, help="Public key of one of the gate's operators; at least two."
)
_database = click.option(
    "--database", help="Address of the gate's own database; FOLDER/gate.sqlite3 unless given."
)


def _plainly(command: Callable[..., Any]) -> Callable[..., Any]:
    """What stops the command is one sentence."""

    @wraps(command)
    def run(*args: Any, **options: Any) -> Any:
        from govcore.settings import SettingsError

        try:
            return command(*args, **options)
        except SettingsError as error:
            raise click.ClickException(str(error)) from error

    return run


@click.group()
def gate() -> None:
    """Run the time gate apart from the platform."""


# Its operators have keys and sign requests as the platform's do.
gate.add_command(approve)
gate.add_command(operator)


@gate.command()
@click.option("--url", required=True, help="Where the gate reaches this platform.")
@_plainly
def pins(url: str) -> None:
    """Print, on the platform, what its gate must pin: carry it over by hand and compare it there."""
    import msgspec
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    from govcore.certificates import queries as certificates
    from govcore.platform import Platform
    from govcore.settings import Settings
    from trading.gate.folder import Pins
    from trading.gate.port import own_log

    platform = Platform.open(Settings.from_environ(os.environ))
    with platform.db.read() as tx:
        found = Pins(
            url=url,
            platform_key=platform.keys.gate_signer.public_bytes.hex(),
            log=str(own_log(tx)),
            authority=x509.load_der_x509_certificate(certificates.authority_der(tx))
            .public_bytes(Encoding.PEM)
            .decode(),
            witnesses=",".join(
                f"{one.url} {one.vkey} required" for one in platform.settings.witnesses if one.required
            ),
        )
    platform.db.dispose()
    click.echo(msgspec.json.format(msgspec.json.encode(found)).decode())


@gate.command()
@click.argument("folder", type=FOLDER)
@click.option("--pins", "file", type=FILE, required=True, help="What `trading gate pins` printed.")
@_operators
@_kek
@_plainly
def init(folder: Path, file: Path, operators: tuple[str, ...], kek: Path | None) -> None:
    """Make a gate in FOLDER and print the public key that the platform pins as TRADING_GATE_KEY."""
    from trading.gate.folder import KEK, create, load_pins

    pins = load_pins(file, operators)
    click.echo(create(folder, pins, kek=kek or folder / KEK).public_bytes.hex())


@gate.command()
@click.argument("folder", type=FOLDER)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=7390, show_default=True, help="Port to listen on.")
@_kek
@_database
@_plainly
def serve(folder: Path, host: str, port: int, kek: Path | None, database: str | None) -> None:
    """Serve the gate of FOLDER."""
    from govcore.ahead import of_process
    from govcore.settings import Settings
    from trading.gate.folder import KEK, open_service
    from trading.gate.server import Server

    settings = Settings.from_environ(os.environ)
    clock = of_process(settings.clock_offset, settings.clock_file)
    service = open_service(folder, kek=kek or folder / KEK, database_url=database, clock=clock)
    try:
        server = Server((host, port), service)
    except OSError as error:
        raise click.ClickException(f"Cannot listen on {host} port {port}: {error.strerror}.") from error
    click.echo(f"{service.signer.public_bytes.hex()}\nserves on http://{host}:{port}", err=True)
    server.serve_forever()


@gate.command()
@click.argument("folder", type=FOLDER)
@click.option("--recipient", required=True, help="age recipient of who keeps the backup offline.")
@click.option("--out", type=FILE, required=True, help="File to write.")
@_kek
@_database
@_plainly
def backup(folder: Path, recipient: str, out: Path, kek: Path | None, database: str | None) -> None:
    """Seal every key that still lasts to an offline recipient: the gate's loss must not cost a bid."""
    from govcore.keys import load_kek
    from trading.gate import folder as gates

    count, sealed = gates.backup(
        gates.open_database(folder, database),
        folder,
        load_kek(kek or folder / gates.KEK),
        recipient=recipient,
    )
    with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(sealed)
    click.echo(f"{count} keys sealed to {recipient}")


@gate.command()
@click.argument("folder", type=FOLDER)
@click.option("--from", "source", type=FILE, required=True, help="The sealed backup.")
@click.option("--pins", "file", type=FILE, required=True, help="What `trading gate pins` printed.")
@_operators
@_kek
@_database
@_plainly
def restore(
    folder: Path,
    source: Path,
    file: Path,
    operators: tuple[str, ...],
    kek: Path | None,
    database: str | None,
) -> None:
    """Make a gate in FOLDER out of a backup; the age identity that opens it is read from the standard input."""
    from bidding_docs import age
    from trading.gate import folder as gates

    try:
        identity = age.parse_identity(sys.stdin.readline().strip())
        count = gates.restore(
            folder,
            gates.load_pins(file, operators),
            source.read_bytes(),
            identity,
            kek=kek or folder / gates.KEK,
            url=database,
        )
    except (age.AgeError, ValueError) as error:
        raise click.ClickException("the identity does not open the backup") from error
    click.echo(f"{count} keys restored")


@gate.command()
@click.argument("folder", type=FOLDER)
@click.option("--out", type=NEW, required=True, help="The file that two operators sign one after the other.")
@_kek
@_plainly
def request_rotation(folder: Path, out: Path, kek: Path | None) -> None:
    """Ask for a new key-encryption key of the gate; good for ten minutes."""
    from govcore.keys import load_kek
    from govcore.upkeep.cli import show
    from trading.gate import rotating
    from trading.gate.folder import KEK

    wrapper = load_kek(kek or folder / KEK)
    made, unsigned = rotating.request(folder, wrapper, at=datetime.now(UTC), nonce=secrets.token_hex(16))
    out.write_bytes(unsigned.encode())
    show(made)


@gate.command()
@click.argument("folder", type=FOLDER)
@click.option("--approved", type=FILE, help="The request with the signatures of two operators.")
@_kek
@_database
@_plainly
def rotate(folder: Path, approved: Path | None, kek: Path | None, database: str | None) -> None:
    """Make the new key that two operators signed for and re-wrap every secret with it; start the gate anew afterwards.

    A run that was broken off is finished without another request.
    """
    from govcore.dsse import Envelope
    from govcore.keys import load_kek
    from trading.gate import folder as gates
    from trading.gate import rotating

    wrapper = load_kek(kek or folder / gates.KEK)
    signed = Envelope.decode(approved.read_bytes()) if approved else None
    moved = rotating.rotate(
        gates.open_database(folder, database), folder, wrapper, signed, at=datetime.now(UTC)
    )
    click.echo(f"{moved} secrets are now wrapped with {wrapper.newest()}; back it up now.")
