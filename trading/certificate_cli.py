"""`trading certificate …`: sign in with a certificate; add one of an outside authority, or claim by it."""

from __future__ import annotations

from pathlib import Path

import click

from trading import options

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FOLDER = click.Path(file_okay=False, path_type=Path)


@click.group()
def certificate() -> None:
    """Sign in with a certificate; add one of an outside authority to an account, or claim its organisation."""


@certificate.command("sign-in")
@click.option("--url", default="http://127.0.0.1:8000", show_default=True, help="Address of the site.")
@click.option("--keys", "folder", type=FOLDER, help="Folder of a signing key that this site certified.")
@click.option("--pkcs12", type=FILE, help="A .p12 or .pfx file instead.")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="New file.")
def sign_in(url: str, folder: Path | None, pkcs12: Path | None, out: Path) -> None:
    """Open a session with a key and write it to a file, which other commands take as --password-file."""
    from trading import client

    if (folder is None) == (pkcs12 is None):
        raise click.UsageError("name either --keys or --pkcs12")
    if pkcs12 is not None:
        holder = client.holder_of_pkcs12(pkcs12.read_bytes(), options.file_password(pkcs12))
    else:
        assert folder is not None
        holder = client.holder_of_folder(folder, options.passphrase())
    session = client.Client(url)
    name = session.sign_in_by_key(holder)
    client.keep_session(session, out)
    click.echo(f"signed in as {name}, session in {out}")


HELD = click.option(
    "--pkcs12", required=True, type=FILE, help="The .p12 or .pfx file with key and certificate."
)


@certificate.command()
@options.account
@HELD
@click.option("--seal", "folder", type=FOLDER, help="Have its key certified for sealing, into this folder.")
def add(url: str, user: str, password_file: Path, pkcs12: Path, folder: Path | None) -> None:
    """Add the certificate of an outside authority to your account."""
    from trading import client

    session = client.connect(url, user, password_file)
    password = options.file_password(pkcs12)
    sha256 = session.add_certificate(client.holder_of_pkcs12(pkcs12.read_bytes(), password))
    click.echo(f"certificate {sha256} may sign you in")
    if folder is not None:
        key = client.key_of_pkcs12(pkcs12.read_bytes(), password)
        path = f"/api/outside-certificates/{sha256}/registration"
        client.enrol(session, folder, options.passphrase(), key=key, path=path)
        click.echo(f"certified for sealing in {folder / client.CERTIFICATE}")


@certificate.command()
@options.account
@HELD
def claim(url: str, user: str, password_file: Path, pkcs12: Path) -> None:
    """Prove your pending claim on an organisation by the certificate that an outside authority issued to it."""
    from trading import client

    session = client.connect(url, user, password_file)
    pending = [one for one in session.get("/api/claims") if one["state"] == "pending"]
    if not pending:
        raise click.ClickException(f"you have no pending claim: make one at {url}/my-claims")
    [claimed] = pending
    holder = client.holder_of_pkcs12(pkcs12.read_bytes(), options.file_password(pkcs12))
    session.claim_by_certificate(claimed["id"], holder)
    click.echo(f"proven: you act for {claimed['name']} ({claimed['uscc']})")
